"""Benchmarks: ``python -m dualrev.bench`` prints how fast derivatives are, beside a peer.

Owns the programs that are measured and how; nothing imports it.
"""
