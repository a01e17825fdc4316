"""Reflectance of a stack of thin films at normal and oblique incidence, by transfer matrices."""

import autograd.numpy as np


def snell(n_list, theta_0):
    """Angles in all layers, complex where light does not pass."""
    return np.arcsin(n_list[0] * np.sin(theta_0) / n_list + 0j)


def interface_r(polarization, n_i, n_f, th_i, th_f):
    if polarization == "s":
        return (n_i * np.cos(th_i) - n_f * np.cos(th_f)) / (n_i * np.cos(th_i) + n_f * np.cos(th_f))
    return (n_f * np.cos(th_i) - n_i * np.cos(th_f)) / (n_f * np.cos(th_i) + n_i * np.cos(th_f))


def interface_t(polarization, n_i, n_f, th_i, th_f):
    if polarization == "s":
        return 2 * n_i * np.cos(th_i) / (n_i * np.cos(th_i) + n_f * np.cos(th_f))
    return 2 * n_i * np.cos(th_i) / (n_f * np.cos(th_i) + n_i * np.cos(th_f))


def coherent_stack(polarization, n_list, d_list, theta_0, wavelength):
    """Amplitude of reflection of the whole stack."""
    layers = len(n_list)
    angles = snell(n_list, theta_0)
    kz = 2 * np.pi * n_list * np.cos(angles) / wavelength
    t_list = {}
    r_list = {}
    for i in range(layers - 1):
        t_list[i, i + 1] = interface_t(
            polarization, n_list[i], n_list[i + 1], angles[i], angles[i + 1]
        )
        r_list[i, i + 1] = interface_r(
            polarization, n_list[i], n_list[i + 1], angles[i], angles[i + 1]
        )
    matrices = [None] * layers
    for i in range(1, layers - 1):
        delta = kz[i] * d_list[i - 1]
        phase = np.array([[np.exp(-1j * delta), 0], [0, np.exp(1j * delta)]], dtype=complex)
        step = np.array([[1, r_list[i, i + 1]], [r_list[i, i + 1], 1]], dtype=complex)
        matrices[i] = (1 / t_list[i, i + 1]) * np.dot(phase, step)
    total = np.array([[1, 0], [0, 1]], dtype=complex)
    for i in range(1, layers - 1):
        total = np.dot(total, matrices[i])
    first = np.array([[1, r_list[0, 1]], [r_list[0, 1], 1]], dtype=complex) / t_list[0, 1]
    total = np.dot(first, total)
    return total[1, 0] / total[0, 0]


def characteristic_matrix(n, d, wavelength):
    delta = 2 * np.pi * n * d / wavelength
    return np.array(
        [[np.cos(delta), 1j * np.sin(delta) / n], [1j * n * np.sin(delta), np.cos(delta)]]
    )


def normal_reflectance(indices, thicknesses, wavelength, n_substrate=1.52):
    m = np.eye(2, dtype=complex)
    for n, d in zip(indices, thicknesses):
        m = m @ characteristic_matrix(n, d, wavelength)
    b, c = m @ np.array([1.0, n_substrate])
    return np.abs((b - c) / (b + c)) ** 2


def spectrum(x):
    """Reflectances of a coating of three layers: thicknesses in um, then refractive indices."""
    thicknesses, indices = x[:3], x[3:]
    wavelengths = np.linspace(0.45, 0.6, 2)
    reflectances = [[0.0] * len(wavelengths) for _ in range(3)]
    n_list = np.concatenate(([1.0], indices, [1.52]))
    for k, wavelength in enumerate(wavelengths):
        reflectances[0][k] = normal_reflectance(indices, thicknesses, wavelength)
        for row, polarization in enumerate("sp", start=1):
            r = coherent_stack(polarization, n_list, thicknesses, 0.6, wavelength)
            reflectances[row][k] = abs(r) ** 2
    return np.array(reflectances)


def example():
    return spectrum, np.array([0.08, 0.13, 0.1, 1.38, 2.1, 1.65])
