"""What lowers a level: one file for each kind of doubt, each with its evidence."""
