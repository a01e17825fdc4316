"""What takes minutes: wide sweeps and fuzzers.  ``python -m pytest tests/thorough`` runs them."""
