"""Cases of rules/polynomials.py."""

CASES = []
