"""Simulated factories and their faults: for demonstrations, rehearsals and tests of what the machine side concludes.

Everything a fleet sends passes through the same agent as a real factory's readings and is marked simulated where it
enters. Which factory has which fault is written down, so that verdicts can be held against it.
"""
