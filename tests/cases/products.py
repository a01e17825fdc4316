"""Cases of rules/products.py."""

CASES = []
