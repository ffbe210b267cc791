"""Registers of every kind of entity: found as one types, narrowed, sorted, taken away."""
