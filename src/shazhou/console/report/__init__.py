"""The work report: read on screen with live trails, taken away as files, and compared between two heads."""
