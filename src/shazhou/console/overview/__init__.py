"""The first page: the promises, the map, what changed, what is missing."""
