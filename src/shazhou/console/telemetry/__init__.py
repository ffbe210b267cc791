"""The machine side as pages: the wall of all enterprises, one enterprise, one machine."""
