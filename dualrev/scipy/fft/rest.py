"""What :mod:`scipy.fft` has beside what has a rule here, each name with its word."""

import scipy.fft as _scipy

from dualrev.scipy.rest import Rest

__all__ = ["REST"]

REST = Rest(
    _scipy,
    bodies="fftfreq fhtoffset rfftfreq",
    constant="""
        get_workers next_fast_len prev_fast_len register_backend set_backend set_global_backend
        set_workers skip_backend
    """,
)
