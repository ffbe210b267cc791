"""What the city folder defines, and where each definition is used."""
