"""People, their roles, and the one function that decides what a person may see or do (`rules.may`)."""
