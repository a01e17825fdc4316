"""Cases of rules/reductions.py."""

CASES = []
