"""Bridges: functions of NumPy inside other libraries, and theirs inside dualrev, with derivatives.

One file a library, which imports it; nobody imports these files but users.  What all of them share is
``outward`` and ``inward``.
"""
