"""keep_memory: an explicit call with a bound, which takes effect or says that it does not."""

import ctypes
import resource

import numpy as np
import pytest

import dualrev as dr

GNU = hasattr(ctypes.CDLL(None), "gnu_get_libc_version")


@pytest.fixture(autouse=True)
def default_memory():
    yield
    if GNU:
        dr.keep_memory(None)


def faults_of(f):
    f()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        f()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(not GNU, reason="only the GNU C library has mallopt")
def test_kept_memory_is_not_faulted_in_again():
    gradient = dr.grad(lambda x: np.sum(np.sin(x) * x))
    x = np.ones(200_000)
    assert dr.keep_memory(2**28)
    kept = faults_of(lambda: gradient(x))
    assert kept < 100


def test_elsewhere_it_says_that_it_did_nothing(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    with pytest.warns(RuntimeWarning, match="keep_memory did nothing"):
        assert not dr.keep_memory(2**28)


def test_negative_limit_is_refused():
    with pytest.raises(ValueError, match="number of bytes"):
        dr.keep_memory(-1)
