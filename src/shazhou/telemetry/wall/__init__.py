"""What people look at: the wall of all enterprises, a month of one, a day of a machine; for pages and commands."""
