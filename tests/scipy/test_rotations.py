"""Rotations: values and shapes of SciPy's own, the identity, turns by pi, gimbal locks, bad input."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.spatial import transform as scipys

import dualrev as dr
from dualrev.scipy.spatial import transform
from dualrev.scipy.spatial.transform import Rotation, RotationSpline, Slerp
from tests.numeric import numeric_jacobian

RNG = np.random.default_rng(3)
Q, V = RNG.standard_normal((4, 4)), RNG.standard_normal((4, 3))
MATRICES = scipys.Rotation.from_quat(Q).as_matrix() + 0.1 * RNG.standard_normal((4, 3, 3))
AXES = scipys.Rotation.from_quat(Q[0]).as_matrix()
# Rounding of two ways to compute the same.
CLOSE = {"rtol": 1e-12, "atol": 1e-12}

GIVEN = {
    "from_quat": lambda R, n: R.from_quat(Q[n]),
    "from_matrix": lambda R, n: R.from_matrix(MATRICES[n]),
    "from_rotvec": lambda R, n: R.from_rotvec(V[n]),
    "from_rotvec, small": lambda R, n: R.from_rotvec(1e-4 * V[n]),
    "from_rotvec, large": lambda R, n: R.from_rotvec(300.0 * V[n], degrees=True),
    "from_mrp": lambda R, n: R.from_mrp(V[n]),
    "from_euler": lambda R, n: R.from_euler("zYx".lower(), V[n]),
    "from_euler, two axes": lambda R, n: R.from_euler("XY", V[n, :2], degrees=True),
    "from_euler, one axis": lambda R, n: R.from_euler("z", V[n, :1]),
    "from_davenport": lambda R, n: R.from_davenport(AXES, "i", V[n]),
    "from_davenport, one axis": lambda R, n: R.from_davenport(AXES[0], "e", V[n, :1]),
    "inv": lambda R, n: R.from_quat(Q[n]).inv(),
    "product": lambda R, n: R.from_quat(Q[n]) * R.from_rotvec(V[0]),
    "power": lambda R, n: R.from_quat(Q[n]) ** 1.5,
}
SHOWN = {
    "as_quat": lambda r: r.as_quat(),
    "as_quat, canonical": lambda r: r.as_quat(canonical=True),
    "as_matrix": lambda r: r.as_matrix(),
    "as_rotvec": lambda r: r.as_rotvec(degrees=True),
    "as_mrp": lambda r: r.as_mrp(),
    "as_euler": lambda r: r.as_euler("xzy"),
    "as_euler, symmetric": lambda r: r.as_euler("YZY", degrees=True),
    "as_davenport": lambda r: r.as_davenport(AXES, "extrinsic"),
    "magnitude": lambda r: r.magnitude(),
    "apply": lambda r: r.apply([1.0, 2.0, 3.0]),
    "apply, inverse": lambda r: r.apply([[1.0, 2.0, 3.0]], inverse=True),
}


@pytest.mark.parametrize("n", [slice(None), slice(1), 0], ids=["four", "a list of one", "one"])
@pytest.mark.parametrize("given", GIVEN)
def test_rotations_are_scipys_in_every_form_and_shape(given, n):
    ours, theirs = GIVEN[given](Rotation, n), GIVEN[given](scipys.Rotation, n)
    assert ours.single == theirs.single
    for name, shown in SHOWN.items():
        assert_allclose(shown(ours), shown(theirs), err_msg=name, strict=True, **CLOSE)


def test_operands_may_be_rotations_of_scipy():
    ours, theirs = Rotation.from_quat(Q), scipys.Rotation.from_rotvec(V)
    expected = scipys.Rotation.from_quat(Q) * theirs
    assert_allclose(expected.as_quat(), (ours * theirs).as_quat(), **CLOSE)
    expected = theirs * scipys.Rotation.from_quat(Q)
    assert_allclose(expected.as_quat(), ours.__rmul__(theirs).as_quat(), **CLOSE)
    assert_allclose(
        Slerp([0, 1, 2, 3], theirs)(0.5).as_quat(),
        scipys.Slerp([0, 1, 2, 3], theirs)(0.5).as_quat(),
    )
    assert ours.approx_equal(scipys.Rotation.from_quat(Q)).all()


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_rotation_vectors_are_smooth_at_the_identity(mode):
    """exp(v) = I + [v] + [v]^2 / 2 + ..."""
    zero = np.zeros(3)
    jacobian = dr.jacobian(lambda v: Rotation.from_rotvec(v).as_rotvec(), mode=mode)(zero)
    assert_array_equal(np.eye(3), jacobian)
    hessian = dr.hessian(lambda v: Rotation.from_rotvec(v).as_matrix()[0, 0])(zero)
    assert_array_equal(np.diag([0.0, -1.0, -1.0]), hessian)


@pytest.mark.parametrize("size", [1e-9, 1e-5, 0.09, 0.11, 0.99, 1.01])
def test_second_derivatives_join_where_a_series_begins(size):
    v = size * np.array([0.6, 0.0, 0.8])
    shown = dr.jacobian(lambda v: Rotation.from_rotvec(v).as_rotvec())(v)
    assert_allclose(np.eye(3), shown, atol=1e-13)
    second = dr.hessian(lambda v: Rotation.from_rotvec(v).as_rotvec() @ [1.0, 2.0, 3.0])(v)
    # The direct form loses two digits at 0.1, and its second derivative two more.
    assert_allclose(np.zeros((3, 3)), second, atol=1e-11)


def test_a_magnitude_is_a_norm_at_the_identity():
    def angle(v):
        return Rotation.from_rotvec(v).magnitude()

    assert_array_equal(np.zeros(3), dr.grad(angle)(np.zeros(3)))
    assert np.isnan(dr.hessian(angle)(np.zeros(3))).all()


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_matrix_that_is_a_rotation_has_the_derivative_of_the_closest_one(mode):
    """At a rotation all singular values are equal; across it SciPy goes back to the closest."""
    rotation = scipys.Rotation.from_quat(Q[0]).as_matrix()
    expected = numeric_jacobian(lambda m: scipys.Rotation.from_matrix(m).as_matrix(), rotation)
    for at in (rotation, MATRICES[1]):
        expected = numeric_jacobian(lambda m: scipys.Rotation.from_matrix(m).as_matrix(), at)
        got = dr.jacobian(lambda m: Rotation.from_matrix(m).as_matrix(), mode=mode)(at)
        assert_allclose(expected, got, atol=1e-7)


def test_turns_by_nearly_pi_keep_their_digits():
    v = (np.pi - 1e-6) * np.array([0.6, 0.0, 0.8])
    assert_allclose(
        np.eye(3), dr.jacobian(lambda v: Rotation.from_rotvec(v).as_rotvec())(v), atol=1e-8
    )


def test_in_a_gimbal_lock_angles_are_those_that_scipy_chooses():
    angles = np.array([0.4, np.pi / 2, 0.3])
    theirs = scipys.Rotation.from_euler("xyz", angles)
    with pytest.warns(UserWarning, match="Gimbal lock"):
        expected = theirs.as_euler("xyz")
    with pytest.warns(UserWarning, match="Gimbal lock"):
        got = Rotation.from_euler("xyz", angles).as_euler("xyz")
    assert_allclose(expected, got, atol=1e-7)


def test_groups_reduce_as_scipys():
    left, right = scipys.Rotation.create_group("O"), scipys.Rotation.create_group("D3", axis="X")
    expected = scipys.Rotation.from_quat(Q).reduce(left, right, return_indices=True)
    got = Rotation.from_quat(Q).reduce(left, Rotation.create_group("D3", axis="X"), True)
    assert_allclose(expected[0].as_quat(), got[0].as_quat(), **CLOSE)
    assert_array_equal(expected[1:], got[1:])
    assert Rotation.identity().reduce(return_indices=True)[1:] == (None, None)


def test_alignment_is_scipys_by_any_weights():
    a, b = RNG.standard_normal((2, 5, 3))
    for weights in (None, np.arange(1.0, 6.0), [1.0, np.inf, 2.0, 1.0, 0.0]):
        (expected, left), (got, ours) = (
            R.align_vectors(a, b, weights) for R in (scipys.Rotation, Rotation)
        )
        assert_allclose(expected.as_quat(), got.as_quat(), atol=1e-10)
        assert_allclose(left, ours)
    for one in (b[0], -a[0]):
        expected, got = (R.align_vectors(a[0], one)[0] for R in (scipys.Rotation, Rotation))
        assert_allclose(expected.as_matrix(), got.as_matrix(), atol=1e-10)
    with pytest.raises(ValueError, match="Opposite vectors"):
        dr.grad(lambda v: Rotation.align_vectors(v, [-1.0, 0, 0])[0].magnitude())([1.0, 0.0, 0.0])


@pytest.mark.parametrize("size", [1e-6, 1e6])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_alignment_has_its_derivative_at_every_scale(size, mode):
    def aligned(a, b):
        return Rotation.align_vectors(a, b, np.ones(4) * size)[0].as_rotvec()

    a, b = V, V @ np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]) + 0.1 * V**2
    expected = numeric_jacobian(lambda a: dr.stop_gradient(aligned(a, b)), a)
    scaled = dr.jacobian(aligned, mode=mode)(size * a, size * b)
    assert_allclose(expected, size * scaled, rtol=1e-6, atol=1e-8)


@pytest.mark.filterwarnings("ignore:Optimal rotation is not uniquely")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_an_alignment_that_is_not_unique_has_no_derivative(mode):
    a = np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]])
    jacobian = dr.jacobian(lambda a: Rotation.align_vectors(a, a)[0].as_quat(), mode=mode)(a)
    assert np.isnan(jacobian).any()


def test_the_angular_rates_of_a_spline_are_scipys():
    t = np.array([0.0, 1.0, 1.5, 2.5])
    for n in (2, 3, 4):
        theirs = scipys.RotationSpline(t[:n], scipys.Rotation.from_rotvec(0.5 * V[:n]))
        spline = RotationSpline(t[:n], Rotation.from_rotvec(0.5 * V[:n]))
        for at in (np.array([-0.3, 0.0, 0.9]), 0.5):
            assert_allclose(theirs(at).as_quat(), spline(at).as_quat(), **CLOSE)
            for order in (1, 2):
                assert_allclose(theirs(at, order), spline(at, order), rtol=1e-10, atol=1e-12)


def test_a_sequence_of_rotations_is_written_and_read_by_index():
    r = Rotation.from_quat(Q)
    expected = scipys.Rotation.from_quat(Q)
    r[1:3] = r[0]
    expected[1:3] = expected[0]
    assert_allclose(expected.as_quat(), r.as_quat(), **CLOSE)
    assert len(r) == 4
    assert_array_equal([q.as_quat() for q in r], r.as_quat())
    together = Rotation.concatenate([r, r[0]])
    assert together.shape == (5,)
    assert_array_equal(r.as_quat(), pickle.loads(pickle.dumps(r)).as_quat())
    assert bool(Rotation.identity(0))


@pytest.mark.skipif(not hasattr(scipys.Rotation, "shape"), reason="rotations of two axes are new")
@pytest.mark.parametrize("indexer", [(1, 0), [1, 0], 1, np.eye(2, dtype=bool)], ids=str)
def test_a_tuple_is_a_list_of_places_as_in_scipy(indexer):
    """Not one index for each axis."""
    q = Q.reshape(2, 2, 4)
    r, expected = Rotation.from_quat(q), scipys.Rotation.from_quat(q)
    assert_allclose(expected[indexer].as_quat(), r[indexer].as_quat(), **CLOSE)
    r[indexer], expected[indexer] = Rotation.identity(), scipys.Rotation.identity()
    assert_allclose(expected.as_quat(), r.as_quat(), **CLOSE)


BAD = [
    lambda R: R.from_quat(np.zeros(4)),
    lambda R: R.from_quat(np.zeros(3)),
    lambda R: R.from_matrix(-np.eye(3)),
    lambda R: R.from_matrix(np.ones((2, 3))),
    lambda R: R.from_rotvec(np.zeros(4)),
    lambda R: R.from_euler("xx", [1.0, 2.0]),
    lambda R: R.from_euler("xw", [1.0, 2.0]),
    lambda R: R.identity().as_euler("xy"),
    lambda R: R.from_davenport([[1.0, 0, 0], [1.0, 1, 0]], "e", [1.0, 2.0]),
    lambda R: R.from_quat(Q).apply(np.ones((3, 3))),
    lambda R: R.from_quat(Q[:2]) * R.from_quat(Q[:3]),
    lambda R: R.from_quat(Q).mean([1.0, -1.0, 1.0, 1.0]),
    lambda R: R.align_vectors(V, V[:2]),
    lambda R: R.align_vectors(V, V, [1.0, -1.0, 1.0, 1.0]),
    lambda R: R.align_vectors(V, V, [np.inf, np.inf, 1.0, 1.0]),
    lambda R: R.align_vectors(V[0], V[1], return_sensitivity=True),
    lambda R: R.align_vectors(V[:1], np.zeros((1, 3))),
]


@pytest.mark.parametrize("call", BAD)
def test_bad_input_raises_as_in_scipy(call):
    for R in (scipys.Rotation, Rotation):
        with pytest.raises(ValueError):  # noqa: PT011
            call(R)


@pytest.mark.parametrize("call", [lambda R: len(R.identity()), lambda R: R.identity()[0]])
def test_one_rotation_is_no_sequence(call):
    for R in (scipys.Rotation, Rotation):
        with pytest.raises(TypeError, match="Single rotation"):
            call(R)


@pytest.mark.skipif(not hasattr(scipys, "RigidTransform"), reason="SciPy has it from 1.16 on")
@pytest.mark.parametrize("n", [slice(None), slice(1), 0], ids=["four", "a list of one", "one"])
def test_rigid_transforms_are_scipys(n):
    coordinates, dual = RNG.standard_normal((4, 6))[n], RNG.standard_normal((4, 8))[n]

    def made(module):
        T, R = module.RigidTransform, module.Rotation
        a = T.from_exp_coords(coordinates)
        yield a
        yield T.from_exp_coords(1e-6 * coordinates)
        yield T.from_dual_quat(dual, scalar_first=True)
        yield a * T.from_components(V[n], R.from_quat(Q[n])) * T.from_rotation(R.from_quat(Q[n]))
        yield T.from_matrix(a.as_matrix()).inv() ** 0.5
        yield a**-1 * T.from_translation(V[n]) * T.identity()
        yield T.concatenate([a, a]).mean()

    for ours, theirs in zip(made(transform), made(scipys), strict=True):
        assert ours.single == theirs.single
        for shown in (
            lambda t: t.as_matrix(),
            lambda t: t.as_exp_coords(),
            lambda t: t.as_dual_quat(),
            lambda t: t.as_dual_quat(scalar_first=True),
            lambda t: t.rotation.as_quat(),
            lambda t: t.translation,
            lambda t: t.apply([1.0, 2.0, 3.0]),
            lambda t: t.apply([1.0, 2.0, 3.0], inverse=True),
        ):
            assert_allclose(shown(theirs), shown(ours), **CLOSE)


@pytest.mark.parametrize("name", scipys.__all__)
def test_every_public_method_of_scipys_is_ours(name):
    theirs = getattr(scipys, name, None)
    ours = getattr(transform, name)
    private = {"MAX_ITER", "TOL"}  # of the iteration of a spline
    assert {n for n in dir(theirs) if not n.startswith("_")} - private <= set(dir(ours))


@pytest.mark.skipif(not hasattr(scipys.Rotation, "shape"), reason="compiled before SciPy 1.17")
def test_a_method_of_scipys_own_names_ours():
    ours = "dualrev.scipy.spatial.transform.Rotation.from_rotvec"
    with pytest.raises(dr.CoercionError, match=f"call {ours}, which equals it"):
        dr.jacobian(lambda v: scipys.Rotation.from_rotvec(v).as_matrix())(V[0])
