"""Pictures of patterns: braille dots in a terminal, a spy plot in a notebook."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import coo_array, csr_array, diags_array, eye_array, random_array

import dualrev as dr
from dualrev.show import braille, plot_pattern


@pytest.fixture
def pyplot():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def differences(x):
    return x[1:] * x[:-1]


def arrowhead(x):
    return np.concatenate([[np.sum(x)], x[1:] * x[0] + x[1:] ** 2])


# a character by hand: dots 1 2 3 7 downwards on the left, 4 5 6 8 on the right
@pytest.mark.parametrize(
    ("pattern", "picture"),
    [
        (np.eye(1), "[⠁]"),
        (np.eye(4), "[⠑⢄]"),
        (np.eye(4)[::-1], "[⡠⠊]"),
        (np.ones((1, 2)), "[⠉]"),
        (np.ones((4, 1)), "[⡇]"),
        (np.ones((4, 4)), "[⣿⣿]"),
        (np.ones((3, 3)), "[⠿⠇]"),
        (np.ones((6, 2)), "⎡⣿⎤\n⎣⠛⎦"),
        (np.tril(np.ones((9, 4))), "⎡⣷⣄⎤\n⎢⣿⣿⎥\n⎣⠉⠉⎦"),
        (np.zeros((2, 3)), "[⠀⠀]"),
        (np.zeros((0, 3)), "[]"),
        (np.zeros((3, 0)), "[]"),
        (np.zeros((5, 0)), "⎡⎤\n⎣⎦"),
        (np.zeros((0, 0)), "[]"),
    ],
)
def test_a_small_pattern_is_shown_dot_by_dot(pattern, picture):
    assert picture == braille(csr_array(pattern))
    assert picture == braille(pattern)


def test_stored_zeros_are_shown_and_the_matrix_is_as_it_was():
    stored = coo_array((np.zeros(2), ([0, 0], [0, 0])), shape=(1, 1)).tocsr()
    assert braille(stored) == "[⠁]"
    assert stored.nnz == 1


@pytest.mark.parametrize(
    ("shape", "high", "wide"),
    [
        ((100, 100), 20, 40),
        ((10**5, 10**5), 20, 40),
        ((80, 120), 20, 60),
        ((1, 10**6), 1, 60),
        ((10**6, 1), 20, 1),
        ((10**6, 1000), 20, 4),
        ((1000, 10**6), 2, 60),
    ],
)
def test_a_large_pattern_keeps_its_form_within_60_times_20_characters(shape, high, wide):
    lines = braille(eye_array(*shape)).splitlines()
    assert {wide + 2} == set(map(len, lines))
    assert high == len(lines)


def test_no_entry_of_a_large_pattern_is_lost():
    rng = np.random.default_rng(0)
    for _ in range(20):
        m, n = rng.integers(1, 3000, 2)
        alone = coo_array(([1.0], ([rng.integers(m)], [rng.integers(n)])), shape=(m, n))
        dots = [ord(c) - 0x2800 for c in braille(alone) if c >= "\u2800"]
        assert sum(bits.bit_count() for bits in dots) == 1


def test_repr_is_a_line_and_str_has_the_picture():
    J = dr.prepare_jacobian(differences, np.ones(9))
    assert repr(J) == "<sparse jacobian of differences: 8 x 9, 16 entries, 2 products>"
    assert (
        str(J).splitlines()
        == """\
sparse jacobian of differences: 8 x 9, 16 entries, 2 products
2 colours (columns), lower bound 2
⎡⠙⢦⡀⠀⠀⎤
⎣⠀⠀⠙⢦⡀⎦""".splitlines()
    )


def test_a_colouring_is_shown_in_a_line():
    colouring = dr.prepare_jacobian(differences, np.ones(9)).colouring
    assert repr(colouring) == "<2 colours (columns), lower bound 2>"


def test_str_tells_the_kind_of_colours():
    assert "\n3 colours (both: 2 of columns, 1 of rows), lower bound 3\n" in str(
        dr.prepare_jacobian(arrowhead, np.ones(40))
    )
    assert "\n3 colours (rows), lower bound 3\n" in str(
        dr.prepare_jacobian(lambda x: x[2:] * x[1:-1] * x[:-2], np.ones(9), mode="reverse")
    )
    assert "\n2 colours (star), lower bound 2\n" in str(
        dr.prepare_hessian(lambda x: np.sum(x * x[0]), np.ones(9))
    )


def colours_of(ax):
    """The picture as one integer an entry, -1 where there is none."""
    (image,) = ax.get_images()
    rgba = image.get_array()
    colours = np.unique(rgba[rgba[..., 3] > 0], axis=0)
    same = (rgba[..., None, :] == colours).all(-1)
    return np.where(same.any(-1), same.argmax(-1), -1)


def test_entries_have_the_colours_of_their_columns_or_rows(pyplot):
    J = dr.prepare_jacobian(arrowhead, np.ones(40))
    shown = colours_of(plot_pattern(J.pattern, J.colouring))
    assert_array_equal(J.pattern.toarray(), shown >= 0)
    (row,) = set(shown[0, 1:])
    (column,) = set(shown[1:, 0])
    (diagonal,) = set(np.diag(shown)[1:])
    assert {0, 1, 2} == {row, column, diagonal}


def test_many_colours_are_all_different(pyplot):
    with pytest.warns(dr.PerformanceWarning, match="hardly fewer than a full one"):
        J = dr.prepare_jacobian(lambda x: x * np.sum(x), np.ones(40), mode="forward")
    shown = colours_of(plot_pattern(J.pattern, J.colouring))
    assert_array_equal(40, len(np.unique(shown[0])))
    assert_array_equal(shown[0], shown[-1])


def test_a_pattern_alone_has_one_colour(pyplot):
    shown = colours_of(plot_pattern(dr.sparsity(differences, np.ones(9))))
    assert_array_equal(np.eye(8, 9) + np.eye(8, 9, 1) - 1, shown)


def test_a_large_pattern_is_an_image_of_the_shares_of_its_blocks(pyplot):
    ax = plot_pattern(diags_array([np.ones(3000), np.ones(2999)], offsets=[0, 1]))
    share = ax.get_images()[0].get_array()
    assert share.shape == (300, 300)
    # a block has 10 x 10 places, 10 on the diagonal and 9 beside it; one in the corner next to it
    assert_array_equal(0.19, np.diag(share))
    assert_array_equal(0.01, np.diag(share, 1))
    assert share.mask.sum() == 300 * 300 - 300 - 299


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    "shape", [(0, 0), (0, 3), (3, 0), (1, 1), (1, 10**4), (10**4, 2), (400, 500)]
)
@pytest.mark.parametrize("density", [0, 1e-4, 1])
def test_patterns_of_any_shape_are_drawn(pyplot, shape, density):
    drawn = plot_pattern(random_array(shape, density=density, rng=0))
    drawn.figure.canvas.draw()


def test_a_notebook_shows_a_picture_and_leaves_the_figures_of_the_user_alone(pyplot):
    figure = pyplot.figure()
    bundle = dr.prepare_hessian(lambda x: np.sum(x**3), np.ones(9))._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"].startswith(
        "sparse hessian of <lambda>: 9 x 9, 9 entries, 1 products"
    )
    assert pyplot.get_fignums() == [figure.number]


def test_without_matplotlib_a_notebook_shows_dots(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    J = dr.prepare_jacobian(differences, np.ones(9))
    assert {"text/plain": str(J)} == J._repr_mimebundle_()
    with pytest.raises(dr.MissingPackageError, match=r"pip install 'dualrev\[show\]'"):
        plot_pattern(J.pattern)
