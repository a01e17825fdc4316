"""Readers: what stands for an array in a call, and what becomes of it by the rule of its function."""
