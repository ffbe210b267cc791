"""The console: the web site of bureaus, towns, enterprises and the public.

Each room is one part of the site with its own views, templates and texts: `access` (people, roles and the one function
that decides what a person may see or do), `evidence` (the only door to the ledger's figures), `look` (the frame of
every page), and a room for each group of pages.
"""
