"""Cases of rules/calculus.py."""

CASES = []
