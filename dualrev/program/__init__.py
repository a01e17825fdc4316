"""Programs: a function is recorded once, as a flat list of NumPy calls, and replayed."""
