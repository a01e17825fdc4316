"""Cases of rules/statistics.py."""

CASES = []
