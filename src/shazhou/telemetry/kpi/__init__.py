"""Key performance indicators of machines: time elements from minutes and working hours, indicators by ISO 22400-2."""
