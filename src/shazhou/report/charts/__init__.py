"""Charts of a report: each shape in a file of its own, all drawn alike, as SVG with its texts as outlines."""
