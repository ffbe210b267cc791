"""One file or folder per kind of source; `kinds` lists them for the agent's file."""
