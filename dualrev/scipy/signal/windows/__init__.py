"""Windows: :mod:`scipy.signal.windows` with derivatives by their parameters."""

from dualrev.scipy.signal.windows import tapered  # noqa: F401
from dualrev.scipy.signal.windows.rest import REST

__all__ = [*REST.names]

__getattr__ = REST
