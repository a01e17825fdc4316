"""The knowledge: one file for each chapter of the NumPy manual.  Importing them fills RULES."""
from dualrev.rules import elementwise, indexing, reductions, shape
