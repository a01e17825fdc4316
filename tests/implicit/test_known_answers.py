"""Solutions whose derivatives are known: by closed forms, by mpmath, by a complex step."""

import mpmath
import numpy as np
import pytest
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev import implicit

#: What is lost in a few operations on numbers of one size, of each order of derivatives.
RTOL = {0: 1e-9, 1: 1e-13, 2: 1e-12, 3: 1e-11}


def by_mpmath(F, x, p, orders):
    """Derivatives of the root of F(x, p) by p, with 40 digits."""
    with mpmath.workdps(40):
        p = mpmath.mpf(p)
        found = lambda p: mpmath.findroot(lambda x: F(x, p), mpmath.mpf(x))  # noqa: E731
        return [float(mpmath.diff(found, p, k)) if k else float(found(p)) for k in range(orders)]


def check_orders(f, p, expected):
    for k, (reached, value) in enumerate(zip(dr.derivatives(f, len(expected) - 1)(p), expected)):
        assert_allclose(value, reached, rtol=RTOL[k])
    assert_allclose(expected[1], dr.grad(f)(p), rtol=RTOL[1])
    assert_allclose(expected[2], dr.grad(dr.grad(f))(p), rtol=RTOL[2])
    assert_allclose(expected[2], dr.derivative(dr.grad(f))(p), rtol=RTOL[2])
    assert_allclose(expected[3], dr.derivative(dr.grad(dr.grad(f)))(p), rtol=RTOL[3])


@pytest.mark.parametrize("e", [0.1, 0.6, 0.95])
def test_kepler_s_equation(e):
    """E - e sin E = M, by the eccentricity and by the mean anomaly."""

    def anomaly(e, M):
        E = dr.stop_gradient(M) + 0.5
        for _ in range(60):
            slope = 1 - dr.stop_gradient(e) * np.cos(E)
            E = E - (E - dr.stop_gradient(e) * np.sin(E) - dr.stop_gradient(M)) / slope
        return implicit.root(lambda E: E - e * np.sin(E) - M, E)

    E = anomaly(e, 1.0)
    s = 1 - e * np.cos(E)
    assert_allclose(np.sin(E) / s, dr.grad(anomaly)(e, 1.0), rtol=1e-14)
    by_mean = [E, 1 / s, -e * np.sin(E) / s**3]
    by_mean.append((3 * e**2 * np.sin(E) ** 2 / s - e * np.cos(E)) / s**4)
    check_orders(lambda M: anomaly(e, M), 1.0, by_mean)
    equation = lambda E, e: E - e * mpmath.sin(E) - 1  # noqa: E731
    check_orders(lambda e: anomaly(e, 1.0), e, by_mpmath(equation, E, e, 4))


def test_van_der_waals_s_equation_of_state():
    """The volume of CO2 by temperature and by pressure, near its critical point."""
    a, b, R = 0.3658, 4.286e-5, 8.314

    def volume(T, P):
        V = R * dr.stop_gradient(T) / dr.stop_gradient(P)
        for _ in range(400):
            V = R * dr.stop_gradient(T) / (dr.stop_gradient(P) + a / V**2) + b
        return implicit.root(lambda V: (P + a / V**2) * (V - b) - R * T, V)

    T, P = 320.0, 6e6
    V = volume(T, P)
    slope = P - a / V**2 + 2 * a * b / V**3
    assert_allclose(
        [R / slope, -(V - b) / slope], dr.grad(volume, argnums=(0, 1))(T, P), rtol=1e-13
    )
    mp = [mpmath.mpf(x) for x in (a, b, R)]
    by_T = lambda V, T: (P + mp[0] / V**2) * (V - mp[1]) - mp[2] * T  # noqa: E731
    by_P = lambda V, P: (P + mp[0] / V**2) * (V - mp[1]) - mp[2] * T  # noqa: E731
    check_orders(lambda T: volume(T, P), T, by_mpmath(by_T, V, T, 4))
    check_orders(lambda P: volume(T, P), P, by_mpmath(by_P, V, P, 4))


def test_a_nash_equilibrium_of_two_players():
    """Cournot's duopoly: quantities (a - 2 c + c of the other) / 3 b, at costs c."""

    def equilibrium(costs, a, b):
        def profit(own, other, cost):
            return own * (a - b * (own + other) - cost)

        def slopes(q):
            mine = dr.grad(profit)
            return [mine(q[0], q[1], costs[0]), mine(q[1], q[0], costs[1])]

        A, B, c = map(dr.stop_gradient, (a, b, costs))
        q = np.zeros(2)
        for _ in range(80):  # each the best answer to the other
            q = (A - c - B * q[::-1]) / (2 * B)
        return implicit.root(lambda q: np.stack(slopes(q)), q)

    costs = np.array([1.0, 2.0])
    a, b = 10.0, 0.7
    q = (a - 2 * costs + costs[::-1]) / (3 * b)
    by_costs, by_a, by_b = dr.jacobian(equilibrium, argnums=(0, 1, 2))(costs, a, b)
    assert_allclose(np.array([[-2, 1], [1, -2]]) / (3 * b), by_costs, rtol=1e-13)
    assert_allclose(np.full(2, 1 / (3 * b)), by_a, rtol=1e-13)
    assert_allclose(-q / b, by_b, rtol=1e-13)
    second = dr.jacobian(dr.jacobian(equilibrium, argnums=2), argnums=2)(costs, a, b)
    assert_allclose(2 * q / b**2, second, rtol=1e-12)


#: Two bars from (-1, 0) and (1, 0) to a joint at (x, y), which hangs low by a load.
SUPPORTS = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 3.0]])
REST = np.array([1.2, 1.3, 2.5])


def energy(joint, stiffness, load):
    d = SUPPORTS - joint
    lengths = np.sqrt(d[:, 0] ** 2 + d[:, 1] ** 2)  # holomorphic
    return np.sum(stiffness * (lengths - REST) ** 2) / 2 - joint @ load


def forces(joint, stiffness, load):
    d = SUPPORTS - joint
    lengths = np.sqrt(d[:, 0] ** 2 + d[:, 1] ** 2)
    return -(stiffness * (lengths - REST) / lengths) @ d - load


def settled(stiffness, load):
    joint = np.array([0.0, 0.8]) + 0 * stiffness[0]
    for _ in range(30):
        slope = (
            np.stack([forces(joint + h, stiffness, load) for h in 1e-30j * np.eye(2)]).imag.T
            / 1e-30
        )
        joint = joint - np.linalg.solve(slope, forces(joint, stiffness, load))
    return joint


def test_a_truss_in_equilibrium():
    """The displacement of its joint, by a complex step in stiffness through Newton's steps."""
    stiffness, load = np.array([3.0, 2.0, 1.0]), np.array([0.1, -0.5])
    fixed = lambda j, k: j - 0.2 * forces(j, k, load)  # noqa: E731
    joint = settled(stiffness, load)
    assert np.linalg.norm(forces(joint, stiffness, load)) < 1e-14

    def displaced(k):
        z = joint.astype(complex)
        for _ in range(2000):
            z = fixed(z, k)
        return z

    columns = [displaced(stiffness + h).imag / 1e-30 for h in 1e-30j * np.eye(3)]
    expected = np.stack(columns, axis=1)
    by_root = dr.jacobian(lambda k: implicit.root(forces, joint, (k, load)))
    by_energy = dr.jacobian(lambda k: implicit.minimum(energy, joint, (k, load)))
    by_iteration = dr.jacobian(lambda k: implicit.fixed_point(fixed, joint, (k,)))
    for jacobian in (by_root, by_energy, by_iteration):
        assert_allclose(expected, jacobian(stiffness), rtol=1e-12, atol=1e-14)


def test_a_heat_equation_by_products_and_by_matrices():
    """u'' = -s, u = 0 at both ends, whose inverse is Green's function."""
    n = 30
    places = np.arange(1, n + 1) / (n + 1)

    def residual(u, s):
        v = np.pad(u, 1)
        return (2 * u - v[2:] - v[:-2]) * (n + 1) ** 2 - s

    s = np.sin(np.pi * places)
    green = np.minimum.outer(places, places) * (1 - np.maximum.outer(places, places)) / (n + 1)
    for solver in (None, "dense", "sparse", "gmres", "bicgstab", "cg", "minres"):
        J = dr.jacobian(lambda s: implicit.root(residual, green @ s, (s,), solver=solver))(s)
        # The condition number is 400: as many times what an iteration leaves, 1e-12, may be missing.
        assert_allclose(green, J, rtol=1e-9 if solver not in (None, "dense", "sparse") else 1e-12)
