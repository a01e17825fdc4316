"""A view of a buffer that is a value shows and writes what NumPy's view of memory does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_array_equal

from dualrev.program.steps import Ref
from dualrev.program.views import read, written
from tests.rows import examples

INDICES = [
    np.s_[:],
    np.s_[1:-1, 1:-1],
    np.s_[::2, ::3],
    np.s_[::-1, 1::-1],
    np.s_[2],
    np.s_[:, -1],
    np.s_[3:, ::-2],
    np.s_[1:1],
    np.s_[None, 2:3, :, None],
    np.s_[4, 5],
]
CHANGES = {
    "none": lambda x: x,
    "transposed": lambda x: x.T,
    "in other rows": lambda x: x.reshape(-1)[2:38].reshape(9, 4),
    "three axes": lambda x: x.reshape(5, 2, 4)[:, :, 1:],
    "every second row": lambda x: x.reshape(5, 2, 4)[:, ::2],
    "the last first": lambda x: x.reshape(5, 2, 4).transpose(2, 0, 1),
}


def ref_of(view, memory):
    offset = view.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
    return Ref(0, offset, view.shape, view.strides, view.dtype)


def check(view, memory):
    """Reading, and writing where NumPy can."""
    ref = ref_of(view, memory)
    before = memory.copy()
    assert_array_equal(view, read(np, memory, ref))
    value = -1.0 - np.arange(view.size).reshape(view.shape)
    found = written(np, memory, ref, value)
    assert_array_equal(before, memory)
    view[...] = value
    assert_array_equal(memory, found)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("index", INDICES, ids=str)
def test_a_view_is_read_and_written_as_in_memory(change, index):
    memory = np.arange(40.0)
    changed = change(memory.reshape(5, 8))
    try:
        view = changed[index]
    except IndexError:
        return
    check(np.asarray(view) if np.ndim(view) else changed[(*index, ...)], memory)


@settings(max_examples=examples(100), deadline=None)
@given(st.data())
def test_any_view_of_views_is_read_and_written_as_in_memory(data):
    memory = np.arange(72.0)
    view = memory.reshape(data.draw(st.sampled_from([(72,), (8, 9), (3, 4, 6), (2, 3, 3, 4)])))
    for _ in range(data.draw(st.integers(0, 3))):
        view = view.transpose(data.draw(st.permutations(range(view.ndim))))
        steps = [data.draw(st.sampled_from([1, 1, 2, 3, -1, -2])) for _ in range(view.ndim)]
        starts = [data.draw(st.integers(0, 2)) for _ in range(view.ndim)]
        view = view[
            tuple(
                slice(start, None, step) if step > 0 else slice(None, start or None, step)
                for start, step in zip(starts, steps)
            )
        ]
    check(view, memory)


def test_diagonals_and_broadcast_arrays_are_read():
    memory = np.arange(12.0)
    whole = memory.reshape(3, 4)
    for view in (np.diagonal(whole), np.diagonal(whole, 1), np.broadcast_to(whole[:, :1], (3, 5))):
        assert_array_equal(view, read(np, memory, ref_of(view, memory)))
    check(np.einsum("ii->i", whole[:, :3]), memory)


def test_windows_that_overlap_are_read_and_not_written():
    memory = np.arange(12.0)
    windows = sliding_window_view(memory.reshape(3, 4), (2, 2))
    ref = ref_of(windows, memory)
    assert_array_equal(windows, read(np, memory, ref))
    with pytest.raises(NotImplementedError, match="overlaps"):
        written(np, memory, ref, windows)


def test_parts_of_complex_numbers_are_read_and_written():
    for part in ("real", "imag"):
        memory = np.arange(6.0) + 1j
        view = getattr(memory, part)[1::2]
        check(view, memory)
