"""Trails: how a figure came about, down to the row of the document, as a panel beside any page and as a page."""
