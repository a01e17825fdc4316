"""Cases of rules/special.py."""

CASES = []
