"""Documents as they were delivered: shown as a table that opens at a row, and to be taken away."""
