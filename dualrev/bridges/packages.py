"""The packages that bridges lead to, and what is said where one is not installed.

Must not know what a bridge does with it.
"""

from dualrev import errors

__all__ = ["package"]


def package(name: str, extra: str):
    """The package, imported; ``extra`` is what brings it, of those in pyproject.toml."""
    return errors.package(name, f"dualrev.bridges.{extra} needs", extra)
