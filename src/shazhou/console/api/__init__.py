"""The API: everything the pages read, as JSON under /api/v1, for whoever has a token and for the public."""
