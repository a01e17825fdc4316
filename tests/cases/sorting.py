"""Cases of rules/sorting.py."""

CASES = []
