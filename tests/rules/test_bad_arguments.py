"""Where a rule computes by itself what NumPy computes, it raises what NumPy raises."""

import numpy as np
import pytest

import dualrev as dr

la = np.linalg
V, A, B = np.arange(1.0, 6.0), np.arange(1.0, 13.0).reshape(3, 4), np.ones((2, 3, 4))

REFUSED = {
    "casting of joined arrays": (lambda x: np.concatenate([x, x], casting="bad"), A),
    "casting of one of them": (
        lambda x: np.concatenate([x, x.astype("f")], None, casting="equiv"),
        A,
    ),
    "casting of stacked arrays": (lambda x: np.stack([x, x.astype("f")], casting="no"), A),
    "matrix_power, whole number": (lambda a: la.matrix_power(a, 0.5), np.eye(2)),
    "norm of a vector, fro": (lambda x: la.norm(x, "fro"), V),
    "norm along an axis, fro": (lambda x: la.norm(x, "fro", axis=0), A),
    "norm of more axes": (lambda x: la.norm(x, 1), B),
    "norm of three axes": (lambda x: la.norm(x, axis=(0, 1, 2)), B),
    "vector_norm, axis": (lambda x: la.vector_norm(x, axis=2), A),
    "vector_norm, axes": (lambda x: la.vector_norm(x, axis=(0, 3)), A),
    "diag": (np.diag, B),
    "gradient, an axis twice": (lambda x: np.gradient(x, axis=(0, 0))[0], A),
    "interp, lengths": (lambda x: np.interp(1.5, x, np.ones(3)), V),
    "ravel, order": (lambda x: np.ravel(x, order="Z"), V),
    "copy, order": (lambda x: np.copy(x, order="Z"), A),
    "var, ddof and correction": (lambda x: np.var(x, ddof=1, correction=1), V),
    "mean of a number": (lambda x: np.mean(x, axis=0), np.float64(1.0)),
    "meshgrid": (lambda x: np.meshgrid(x, x, indexing="ji")[0], V),
    "rollaxis": (lambda x: np.rollaxis(x, 4), A),
    "rollaxis, from the end": (lambda x: np.rollaxis(x, -3), A),
    "insert": (lambda x: np.insert(x, 1, 1.0, axis=1), V),
    "resize": (lambda x: np.resize(x, (-1,)), V),
    "compress": (lambda x: np.compress([[True, False]], x), V),
    "multi_dot": (lambda a: la.multi_dot([a, np.ones(2), a]), np.eye(2)),
    "multi_dot of one": (lambda a: la.multi_dot([a]), np.eye(2)),
    "reduceat": (lambda x: np.divide.reduceat(x, [-1]), V),
    "polyfit": (lambda x: np.polyfit(x, V, -1), V),
    "pad, nothing": (lambda x: np.pad(x, 1, "mean"), np.zeros(0)),
    "pad, stat_length": (lambda x: np.pad(x, 1, "mean", stat_length=-1), V),
    "cross": (lambda x: np.cross(x, np.ones(3), axisa=1), np.ones(3)),
    "quantile": (lambda q: np.quantile(V, q), np.float64(1.1)),
    "quantiles": (lambda q: np.quantile(V, q), np.array([0.5, -0.1])),
    "percentile": (lambda x: np.percentile(x, 101), V),
    "nanquantile": (lambda x: np.nanquantile(x, -0.1), V),
    "cov, fweights": (lambda x: np.cov(x, fweights=[-1, 1, 1, 1]), A),
    "cov, aweights": (lambda w: np.cov(A, aweights=w), np.array([-1.0, 1.0, 1.0, 1.0])),
    "cov, axes": (np.cov, B),
    "cov, ddof": (lambda x: np.cov(x, ddof=1.5), A),
    "cov, whole fweights": (lambda x: np.cov(x, fweights=np.full(4, 1.5)), A),
    "corrcoef, axes": (np.corrcoef, B),
    "median of a number": (lambda x: np.median(x, axis=0), np.float64(1.0)),
    "matrix_power of a vector": (lambda a: la.matrix_power(a, 2), V),
    "outer of matrices": (lambda a: la.outer(a, a), A),
    "clip by both": (lambda x: np.clip(x, 1.0, None, max=2.0), V),
    "select, numbers": (lambda x: np.select([np.arange(5) % 2], [x]), V),
    "histogram, weights": (lambda x: np.histogram(x, weights=np.ones(3))[1], V),
    "interp, order of x": (lambda fp: np.interp(0.5, [[0.0, 1.0]], fp), np.ones(2)),
    "histogram": (lambda bins: np.histogram(V, bins, density=True)[0], np.array([3.0, 2.0, 4.0])),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_numpy_refuses_is_refused(name):
    f, x = REFUSED[name]
    with pytest.raises((ValueError, TypeError, IndexError)) as numpys:
        f(x)
    with pytest.raises((ValueError, TypeError, IndexError)) as ours:
        dr.jvp(f, (x,), (np.ones_like(x),))
    assert isinstance(ours.value, numpys.type)
    with pytest.raises(numpys.type):
        dr.vjp(f, x)


WRITTEN = {
    "one axis more": (lambda x, out: np.sum(x, axis=0, out=out), np.zeros((1, 4))),
    "another length": (lambda x, out: np.cumsum(x, axis=0, out=out), np.zeros((2, 4))),
    "a row for all": (lambda x, out: np.mean(x, out=out), np.zeros(3)),
    "a method": (lambda x, out: np.add.accumulate(x, out=out), np.zeros((4, 3))),
    "a condition of numbers": (
        lambda x, out: np.exp(x, out=out, where=np.ones(4)),
        np.zeros((3, 4)),
    ),
    "casting": (lambda x, out: np.add(x, 1.0, out=out, casting="bad"), np.zeros((3, 4))),
    "casting, float32": (lambda x, out: np.exp(x, out=out, casting="no", dtype="f"), A + 0),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_an_out_that_numpy_refuses_is_refused(name):
    f, out = WRITTEN[name]
    with pytest.raises((ValueError, TypeError)) as numpys:
        f(A, out.copy())

    def written(x):
        return f(x, np.zeros_like(x, shape=out.shape, dtype=out.dtype))

    for transform in (lambda: dr.jvp(written, (A,), (A,)), lambda: dr.vjp(written, A)):
        with pytest.raises(numpys.type) as ours:
            transform()
        assert str(numpys.value) == str(ours.value)


def test_what_numpy_refuses_raises_in_its_words():
    for f in (lambda x: np.hypot.accumulate(x, (0, 1)), lambda x: np.add.accumulate(x, axis=5)):
        with pytest.raises((ValueError, TypeError)) as numpys:
            f(A)
        with pytest.raises(numpys.type) as ours:
            dr.vjp(f, A)
        assert str(numpys.value) == str(ours.value)


def test_a_function_of_the_users_is_not_called_again():
    calls = []

    def refused(x):
        calls.append(x)
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        dr.vjp(lambda x: np.apply_along_axis(refused, 0, x), A)
    assert len(calls) == 1


def test_sections_may_be_half_of_a_length():
    x = np.arange(6.0)
    expected = np.split(x, len(x) / 2)
    np.testing.assert_array_equal(
        expected, dr.jvp(lambda x: np.split(x, len(x) / 2), (x,), (x,))[0]
    )
