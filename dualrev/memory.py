"""keep_memory: ask the C library not to give freed memory back to the kernel.

Allocation, not arithmetic, is the cost of large arrays: what is freed after one call is faulted in
again, page by page, in the next.
"""

import ctypes
import numbers
import warnings

from dualrev import errors

__all__ = ["keep_memory"]

# malloc.h of the GNU C library
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_DEFAULT_THRESHOLD = 128 * 1024
# HEAP_MAX_SIZE / 2 on 64-bit systems: mallopt refuses a larger M_MMAP_THRESHOLD.
_LARGEST_MMAP_THRESHOLD = 32 * 1024 * 1024
_LARGEST_INT = 2**31 - 1


def keep_memory(limit: int | None) -> bool:
    """Let this process keep up to ``limit`` bytes of freed memory for its next arrays.

    Gradients of arrays of 10^4 to 10^6 elements run up to six times as fast, since their memory is
    not faulted in anew in every call: :doc:`/howto/save-memory`.  The setting is for the whole
    process, not only for dualrev; nothing is changed until this is called.

    Parameters
    ----------
    limit : int or None
        Bytes of free memory that the process may hold; None is the C library's default, 128 KiB.

    Returns
    -------
    bool
        Whether it took effect: only the GNU C library has the call (Linux, not musl).  Elsewhere
        a warning says that nothing was done.

    Raises
    ------
    ArgumentError
        Where the limit is negative, or no number.

    Notes
    -----
    Sets M_TRIM_THRESHOLD to ``limit``, and M_MMAP_THRESHOLD to the same, at most 32 MiB: larger
    arrays are still mapped and unmapped each time.  Until they are set the library raises both by
    itself where large arrays come and go; from then on it does not, with None neither.  See mallopt(3).

    Examples
    --------
    >>> import dualrev as dr
    >>> kept = dr.keep_memory(2**28)
    >>> restored = dr.keep_memory(None)
    """
    if limit is not None and not (isinstance(limit, numbers.Real) and limit >= 0):
        raise errors.ArgumentError(
            f"limit is a number of bytes, not {limit!r}.",
            fix="write 2**28, or None for the default",
        )
    trim = _DEFAULT_THRESHOLD if limit is None else min(int(limit), _LARGEST_INT)
    mapped = _DEFAULT_THRESHOLD if limit is None else min(trim, _LARGEST_MMAP_THRESHOLD)
    try:
        libc = ctypes.CDLL(None)
        libc.gnu_get_libc_version  # noqa: B018 - musl has a mallopt that does nothing
        mallopt = libc.mallopt
    except (AttributeError, OSError, TypeError):
        warnings.warn(
            "keep_memory did nothing: the C library of this system is not the GNU one.",
            RuntimeWarning,
            stacklevel=2,
        )
        return False
    return bool(mallopt(_M_TRIM_THRESHOLD, trim)) and bool(mallopt(_M_MMAP_THRESHOLD, mapped))
