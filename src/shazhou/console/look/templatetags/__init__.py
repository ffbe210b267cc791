"""Template tags: how the city's texts and numbers are shown."""
