"""Cases of rules/linalg.py."""

CASES = []
