"""Cases of rules/fourier.py."""

CASES = []
