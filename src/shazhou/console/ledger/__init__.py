"""The ledger's pages: the submissions in their order, what each stated and changed, and verification on demand."""
