"""Core: the machine on which every reader of rules stands."""
