"""The frame of every page: layout, style, script, and how numbers are shown."""
