"""Factories for the measure of verdicts: they know nothing of the detectors, the detectors nothing of them."""
