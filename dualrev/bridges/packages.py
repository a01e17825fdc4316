"""The packages that bridges lead to, and what is said where one is not installed.

Must not know what a bridge does with it.
"""

import importlib

from dualrev import errors

__all__ = ["package"]


def package(name: str, extra: str):
    """The package, imported; ``extra`` is what brings it, of those in pyproject.toml."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        if error.name != name:  # it is there, and something that it needs is not
            raise
        raise errors.MissingPackageError(
            f"dualrev.bridges.{extra} needs the package {name}, which is not installed.",
            fix=f"pip install 'dualrev[{extra}]'",
        ) from None
