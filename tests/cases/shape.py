"""Cases of rules/shape.py."""

CASES = []
