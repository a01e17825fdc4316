"""Cases of rules/indexing.py."""

CASES = []
