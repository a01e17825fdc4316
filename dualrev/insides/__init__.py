"""Insides: all that is read of CPython, NumPy and SciPy beyond what they promise; nothing of dualrev."""
