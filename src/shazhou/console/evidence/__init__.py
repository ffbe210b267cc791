"""The only door of the site to the ledger: figures, tables and trails at a head, cached, one query at a time."""
