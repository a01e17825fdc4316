"""What the laws cannot hold of dualrev.scipy.ndimage: equality with SciPy, borders, kinks, refusals."""

import functools
import tracemalloc

import numpy as np
import pytest
import scipy.ndimage

import dualrev as dr
from dualrev.scipy import ndimage
from dualrev.scipy.ndimage import evaluation, splines
from tests.numeric import numeric_jacobian, slope

RNG = np.random.default_rng(5)
X = RNG.standard_normal((6, 5))
W = RNG.standard_normal((3, 2))
LABELS = RNG.integers(0, 4, X.shape)
FILTER_MODES = ("reflect", "constant", "nearest", "mirror", "wrap")
MODES = (*FILTER_MODES, "grid-mirror", "grid-constant", "grid-wrap")
CALLS = {
    "correlate1d": ((W[:, 0],), {"axis": 0, "origin": 1}),
    "convolve1d": ((W[0],), {}),
    "correlate": ((W,), {"origin": (1, -1)}),
    "convolve": ((W,), {}),
    "uniform_filter1d": ((4,), {}),
    "uniform_filter": ((3,), {}),
    "gaussian_filter1d": ((1.3,), {"order": 1}),
    "gaussian_filter": ((0.8,), {}),
    "sobel": ((), {}),
    "prewitt": ((), {"axis": 0}),
    "laplace": ((), {}),
    "gaussian_laplace": ((0.8,), {}),
    "gaussian_gradient_magnitude": ((0.8,), {}),
    "maximum_filter1d": ((4,), {}),
    "minimum_filter": ((2,), {}),
    "rank_filter": ((1, 3), {}),
    "median_filter": ((3,), {}),
    "percentile_filter": ((40, 3), {}),
    "generic_filter": ((np.ptp, 3), {}),
    "generic_filter1d": ((lambda line, out: np.copyto(out, line[2:] - line[:-2]), 3), {}),
    "geometric_transform": ((lambda place: (place[0] + 0.4, place[1] * 0.9),), {}),
    "map_coordinates": ((RNG.uniform(-4, 9, (2, 7)),), {"order": 2}),
    "shift": ((0.4,), {}),
    "zoom": ((1.5,), {}),
    "affine_transform": ((np.array([[0.9, 0.2], [-0.1, 1.1]]),), {"offset": 0.3}),
    "rotate": ((25.0,), {}),
    "spline_filter1d": ((), {"axis": 0}),
    "spline_filter": ((), {}),
}
CHOOSING = "max", "min", "rank", "median", "percentile", "generic_filter", "gaussian_gradient"
LINEAR = [name for name in CALLS if name == "generic_filter1d" or not name.startswith(CHOOSING)]


FILTERS = [*list(CALLS)[: list(CALLS).index("geometric_transform")], "spline_filter"]


@pytest.mark.parametrize("name", CALLS)
def test_plain_arrays_have_scipys_answer_to_the_bit(name):
    args, options = CALLS[name]
    for mode in FILTER_MODES:
        for x in (X, X.astype(np.float32)):
            expected = getattr(scipy.ndimage, name)(x, *args, mode=mode, **options)
            got = getattr(ndimage, name)(x, *args, mode=mode, **options)
            np.testing.assert_array_equal(expected, got)
            assert expected.dtype == got.dtype


@pytest.mark.parametrize("mode", FILTER_MODES)
@pytest.mark.parametrize("name", LINEAR)
def test_jacobian_is_what_scipy_makes_of_unit_images(name, mode):
    args, options = CALLS[name]
    units = np.eye(X.size).reshape(X.size, *X.shape)
    columns = [getattr(scipy.ndimage, name)(unit, *args, mode=mode, **options) for unit in units]
    expected = np.stack(columns, axis=-1)
    for order in ("forward", "reverse"):
        jacobian = dr.jacobian(
            lambda x: getattr(ndimage, name)(x, *args, mode=mode, **options), mode=order
        )(X)
        np.testing.assert_allclose(expected, jacobian.reshape(expected.shape), atol=1e-12)


@pytest.mark.parametrize("name", CALLS)
def test_an_output_array_is_filled_where_nothing_is_traced_and_refused_elsewhere(name):
    args, options = CALLS[name]
    expected = getattr(scipy.ndimage, name)(X, *args, **options)
    out = np.zeros_like(expected)
    getattr(ndimage, name)(X, *args, output=out, **options)
    np.testing.assert_array_equal(expected, out)
    with pytest.raises(dr.InPlaceError, match="output="):
        dr.grad(lambda x: getattr(ndimage, name)(x, *args, output=out, **options)[0])(X)


@pytest.mark.parametrize("name", CALLS)
def test_an_output_dtype_is_that_of_the_traced_answer(name):
    args, options = CALLS[name]
    expected = getattr(scipy.ndimage, name)(X, *args, output=np.float32, **options)
    ans, t = dr.jvp(
        lambda x: getattr(ndimage, name)(x, *args, output=np.float32, **options), (X,), (X,)
    )
    np.testing.assert_array_equal(expected, ans)
    assert ans.dtype == t.dtype == np.float32


def test_an_answer_rounded_to_integers_is_refused():
    image = np.arange(20, dtype=np.uint8).reshape(4, 5)
    places = np.array([[1.3], [2.6]])
    with pytest.raises(dr.ArgumentError, match="rounds its result to uint8"):
        dr.grad(lambda x: ndimage.map_coordinates(image, x, order=1)[0])(places)
    gradient = dr.grad(lambda x: ndimage.map_coordinates(image, x, float, order=1)[0])(places)
    np.testing.assert_allclose([[5.0], [1.0]], gradient, rtol=1e-14)


CONSTANTS = {
    "label": (),
    "binary_erosion": (),
    "distance_transform_edt": (),
    "distance_transform_bf": (),
    "distance_transform_cdt": (),
    "histogram": (-1, 1, 4),
    "maximum_position": (),
    "minimum_position": (LABELS, [1, 2]),
}


@pytest.mark.parametrize("name", CONSTANTS)
def test_labels_and_places_are_scipys_and_constants(name):
    args = CONSTANTS[name]

    def f(x):
        np.testing.assert_equal(getattr(ndimage, name)(x, *args), expected)
        return np.sum(x)

    expected = getattr(scipy.ndimage, name)(X, *args)
    np.testing.assert_array_equal(np.ones(X.shape), dr.grad(f)(X))


def test_distances_by_a_traced_sampling_are_refused():
    with pytest.raises(dr.MissingRuleError, match="sampling"):
        dr.grad(lambda s: np.sum(ndimage.distance_transform_edt(X > 0, sampling=s)))(1.0)


STRUCTURE = RNG.standard_normal((2, 3))
MORPHOLOGY = [
    "grey_erosion",
    "grey_dilation",
    "grey_opening",
    "grey_closing",
    "morphological_gradient",
    "morphological_laplace",
    "white_tophat",
    "black_tophat",
]


@pytest.mark.parametrize("name", MORPHOLOGY)
def test_grey_morphology_is_scipys_by_every_option(name):
    """Values to the bit, derivatives by all that is given, an array to write into refused."""
    footprint = np.array([[True, False, True], [True, True, False]])
    for options in (
        {"size": 3},
        {"size": (2, 3), "origin": (-1, 1), "mode": "constant", "cval": 0.3},
        {"size": 3, "axes": (1,), "output": np.float32},
        {"footprint": footprint, "mode": "wrap"},
        {"footprint": footprint, "structure": STRUCTURE, "origin": (0, 1)},
    ):
        expected = getattr(scipy.ndimage, name)(X, **options)
        ans, _ = dr.jvp(lambda x: getattr(ndimage, name)(x, **options), (X,), (X,))
        np.testing.assert_array_equal(expected, ans)
        assert expected.dtype == ans.dtype
    with pytest.raises(dr.InPlaceError, match="output="):
        dr.grad(lambda x: np.sum(getattr(ndimage, name)(x, 3, output=np.zeros(X.shape))))(X)


def test_equal_sums_with_a_structure_have_the_derivative_of_the_first():
    gradient = dr.grad(lambda x: ndimage.grey_dilation(x, structure=np.zeros(3))[1])(np.ones(3))
    np.testing.assert_array_equal([1, 0, 0], gradient)


def test_equal_maxima_share_the_derivative():
    gradient = dr.grad(lambda x: ndimage.maximum_filter1d(x, 3)[1])(np.array([2.0, 1.0, 2.0, 0.0]))
    np.testing.assert_allclose(1.0, gradient.sum())
    assert gradient[0] > 0
    assert gradient[2] > 0


def test_origins_of_axes_in_another_order_are_scipys():
    """Of all axes SciPy reads origins in the order of the array, else in that of the axes."""
    image, weights = RNG.standard_normal((5, 4, 3)), RNG.standard_normal((2, 3))
    for x, axes in ((image[0], (1, 0)), (image, (2, 0))):
        for filtered in ("correlate", "convolve"):
            options = {"axes": axes, "origin": (-1, 0)}
            expected = getattr(scipy.ndimage, filtered)(x, weights, **options)
            f = functools.partial(getattr(ndimage, filtered), weights=weights, **options)
            _, pullback = dr.vjp(f, x)
            pulled = np.vdot(pullback(expected)[0], x)
            np.testing.assert_allclose(np.vdot(expected, expected), pulled, rtol=1e-12)


def test_sigmas_of_axes_in_another_order_are_scipys():
    options = {"sigma": (0.5, 1.5), "axes": (1, 0)}
    expected = scipy.ndimage.gaussian_laplace(X, **options)
    ans, _ = dr.jvp(lambda x: ndimage.gaussian_laplace(x, **options), (X,), (X,))
    np.testing.assert_allclose(expected, ans, rtol=1e-13)


def test_equal_medians_have_the_derivative_of_one_of_them():
    gradient = dr.grad(lambda x: ndimage.median_filter(x, 3)[1])(np.array([2.0, 2.0, 2.0]))
    np.testing.assert_array_equal([0, 0, 1], np.sort(gradient))


def test_a_median_of_nan_is_scipys_or_nan():
    """SciPy's order of nan is undefined: another number never stands in its place."""
    image = RNG.standard_normal((8, 7))
    image[RNG.random((8, 7)) < 0.2] = np.nan
    expected = scipy.ndimage.median_filter(image, 3)
    ans, t = dr.jvp(lambda x: ndimage.median_filter(x, 3), (image,), (np.ones((8, 7)),))
    assert np.all(np.isnan(ans) | (ans == expected))
    assert np.all(np.isnan(ans) | (t == 1))


def test_a_rank_filter_needs_memory_of_the_array_alone():
    """And not of all windows: of 225 elements here."""
    image = RNG.standard_normal((128, 128))
    tracemalloc.start()
    dr.grad(lambda x: np.sum(ndimage.median_filter(x, 15)))(image)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30 * image.nbytes


def test_what_a_function_of_windows_captures_has_a_derivative():
    expected = np.sum(scipy.ndimage.generic_filter(X, np.sum, 3))
    got = dr.grad(lambda a: np.sum(ndimage.generic_filter(X, lambda w: a * np.sum(w), 3)))(2.0)
    np.testing.assert_allclose(expected, got)


def test_a_gradient_of_no_length_has_derivative_zero():
    flat = np.ones((4, 4))
    gradient = dr.grad(lambda x: np.sum(ndimage.gaussian_gradient_magnitude(x, 1.0)))(flat)
    np.testing.assert_array_equal(np.zeros((4, 4)), gradient)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_derivative_by_sigma_holds_the_radius(order):
    expected = slope(lambda s: scipy.ndimage.gaussian_filter1d(X, s, order=order, radius=4), 1.2, 1)
    _, t = dr.jvp(lambda s: ndimage.gaussian_filter1d(X, s, order=order, radius=4), (1.2,), (1.0,))
    np.testing.assert_allclose(expected, t, rtol=1e-8, atol=1e-9)


# ------------------------------------------------------------------------------------ splines


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", range(6))
def test_our_splines_are_scipys_everywhere(order, mode):
    """Also far outside, at knots, and in arrays of one element."""
    for shape in ((1, 5), (2, 5), (6, 5)):
        image = RNG.standard_normal(shape)
        places = RNG.uniform(-20, 26, (2, 500))
        places[:, :200] = np.round(places[:, :200] * 2) / 2
        options = {"order": order, "mode": mode}
        expected = scipy.ndimage.map_coordinates(image, places, prefilter=False, **options)
        (got,) = evaluation.slopes_at(image, places, derivatives=((0, 0),), **options)
        np.testing.assert_allclose(expected, got, atol=1e-12)


def test_a_mirrored_coordinate_has_the_opposite_derivative():
    line = np.array([0.0, 1.0, 3.0, 6.0])
    derivative = dr.grad(lambda x: ndimage.map_coordinates(line, x, order=1, mode="mirror")[0])
    np.testing.assert_allclose([[1.0]], derivative(np.array([[0.5]])))
    np.testing.assert_allclose([[-1.0]], derivative(np.array([[-0.5]])))


@pytest.mark.parametrize("mode", ["nearest", "constant"])
def test_a_coordinate_far_outside_has_derivative_zero(mode):
    def read(x):
        return np.sum(ndimage.map_coordinates(X, x, mode=mode, cval=3.0))

    gradient = dr.grad(read)(np.array([[-40.0, 2.2], [1.3, 60.0]]))
    np.testing.assert_allclose([0.0, 0.0], gradient.diagonal(), atol=1e-12)


def test_points_in_several_blocks_are_points_in_one(monkeypatch):
    places = RNG.uniform(0, 4, (2, 50))
    read = dr.value_and_grad(lambda *a: np.sum(ndimage.map_coordinates(*a) ** 2), argnums=(0, 1))
    expected = read(X, places)
    monkeypatch.setattr(evaluation, "_BLOCK", 7)
    value, gradients = read(X, places)
    np.testing.assert_array_equal(expected[0], value)
    for want, got in zip(expected[1], gradients):
        np.testing.assert_allclose(want, got, atol=1e-13)


@pytest.mark.parametrize("mode", MODES)
def test_the_spline_filter_of_long_lines_is_its_own_transpose(mode):
    n = splines._EXACT_FROM + 1
    matrix = scipy.ndimage.spline_filter1d(np.eye(n), 5, axis=0, mode=mode)
    ct = RNG.standard_normal(n)
    _, pullback = dr.vjp(lambda x: ndimage.spline_filter1d(x, 5, mode=mode), np.ones(n))
    np.testing.assert_allclose(matrix.T @ ct, pullback(ct)[0], atol=1e-12)


def test_homogeneous_coordinates_have_a_constant_last_row():
    image = RNG.standard_normal((5, 4))
    matrix = np.array([[0.9, -0.2, 0.3], [0.31, 1.05, -0.4], [0.0, 0.0, 1.0]])
    expected = numeric_jacobian(
        lambda m: scipy.ndimage.affine_transform(image, m, mode="mirror"), matrix[:2]
    )
    jacobian = dr.jacobian(lambda m: ndimage.affine_transform(image, m, mode="mirror"))(matrix)
    np.testing.assert_allclose(expected, jacobian[..., :2, :], rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(np.zeros((5, 4, 3)), jacobian[..., 2, :])


# SciPy 1.15 warns that a vector means another thing than it did before 0.18.
@pytest.mark.filterwarnings("ignore:The behavior of affine_transform")
def test_a_vector_of_factors_is_a_diagonal_matrix():
    factors, offset = np.array([1.1, 0.7]), np.array([0.3, -0.6])
    read = dr.value_and_grad(
        lambda m, o: np.sum(ndimage.affine_transform(X, m, o, mode="reflect") ** 2), argnums=(0, 1)
    )
    expected, (of_matrix, of_offset) = read(np.diag(factors), offset)
    value, gradients = read(factors, offset)
    np.testing.assert_allclose(expected, value, rtol=1e-14)
    np.testing.assert_allclose(of_matrix.diagonal(), gradients[0], rtol=1e-10)
    np.testing.assert_allclose(of_offset, gradients[1], rtol=1e-10)


@pytest.mark.parametrize(
    ("name", "args", "options", "error"),
    [
        ("affine_transform", (np.ones((3, 2)),), {}, RuntimeError),
        ("affine_transform", (np.ones((2, 1)),), {}, RuntimeError),
        ("affine_transform", (np.eye(2), [0.5]), {}, RuntimeError),
        ("affine_transform", (np.diag([1.0, 1.0, 2.0]),), {}, ValueError),
        ("rotate", (20.0,), {"axes": (0, 2)}, ValueError),
        ("rotate", (20.0,), {"axes": (0,)}, ValueError),
        ("sobel", (), {"axis": 2}, ValueError),
        ("maximum_filter1d", (3,), {"axis": 2}, ValueError),
        ("convolve", (np.ones(3),), {}, RuntimeError),
        ("generic_filter", (np.sum,), {"footprint": np.ones((2, 3)), "axes": 1}, RuntimeError),
    ],
)
def test_what_does_not_fit_the_image_raises_as_in_scipy(name, args, options, error):
    with pytest.raises(error):
        getattr(scipy.ndimage, name)(X, *args, **options)
    with pytest.raises(error):
        dr.jvp(lambda x: getattr(ndimage, name)(x, *args, **options), (X,), (X,))


@pytest.mark.parametrize("name", [name for name in FILTERS if "generic" not in name])
@pytest.mark.parametrize("shape", [(0, 4), (4, 0)])
def test_an_image_without_elements_has_an_empty_gradient(name, shape):
    args, options = CALLS[name]
    x = np.zeros(shape)
    assert getattr(scipy.ndimage, name)(x, *args, **options).shape == shape
    gradient = dr.grad(lambda x: np.sum(getattr(ndimage, name)(x, *args, **options)))(x)
    assert gradient.shape == shape


@pytest.mark.filterwarnings("ignore:Casting complex values")
def test_complex_sigma_is_that_of_scipys_weights():
    def smoothed(sigma):
        return scipy.ndimage.gaussian_filter1d(X + 0j, sigma, radius=3)

    s = np.complex128(0.9 + 0.2j)
    value, pushed = dr.jvp(
        lambda s: ndimage.gaussian_filter1d(X, s, radius=3), (s,), (np.complex128(1),)
    )
    np.testing.assert_allclose(smoothed(s), value, rtol=1e-13)
    np.testing.assert_allclose(slope(smoothed, s, 1.0), pushed, rtol=1e-8)


@pytest.mark.parametrize("mode", ["reflect", "mirror", "constant"])
def test_zoom_by_one_is_a_copy(mode):
    """SciPy copies; its spline of so short lines does not go through the elements."""
    jacobian = dr.jacobian(lambda x: ndimage.zoom(x, 1.0, mode=mode))(np.ones((4, 3)))
    np.testing.assert_array_equal(np.eye(12), jacobian.reshape(12, 12))


def test_zoom_by_a_traced_factor_raises():
    with pytest.raises(dr.MissingRuleError, match="zoom"):
        dr.grad(lambda x: np.sum(ndimage.zoom(x, x[0, 0])))(X)


def test_the_shift_between_two_images_is_found_by_its_gradient():
    y, x = np.mgrid[:20.0, :20.0]
    target = np.exp(-((y - 9.3) ** 2 + (x - 10.4) ** 2) / 20)
    image = np.exp(-((y - 8.0) ** 2 + (x - 11.0) ** 2) / 20)

    def mismatch(s):
        return np.sum((ndimage.shift(image, s) - target)[3:-3, 3:-3] ** 2)

    found = dr.scipy.optimize.minimize(mismatch, np.zeros(2), method="BFGS").x
    np.testing.assert_allclose([1.3, -0.6], found, atol=1e-3)
