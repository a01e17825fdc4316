"""The engine "llvm": programs as machine code, which calls NumPy's own inner loops."""
