"""The 22 functions of More and Wild's benchmark of derivative-free optimizers (SIAM J. Optim. 2009).

Each returns its residuals, as the Fortran that they come from did: one array, filled in a loop.
"""

import numpy as np

BARD = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39]
KOWALIK_U = [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625]
KOWALIK_Y = [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
MEYER = [
    34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307,
    2872,
]  # fmt: skip
OSBORNE_1 = [
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658,
    0.628, 0.603, 0.58, 0.558, 0.538, 0.522, 0.506, 0.49, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431,
    0.424, 0.42, 0.414, 0.411, 0.406,
]  # fmt: skip
OSBORNE_2 = [
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655,
    0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558,
    0.533, 0.495, 0.5, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562,
    0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559, 0.597, 0.625, 0.739, 0.71,
    0.729, 0.72, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054,
]  # fmt: skip


def linear_full_rank(x, m):
    n = len(x)
    total = 0.0
    for j in range(n):
        total += x[j]
    temp = 2 * total / m + 1
    y = np.zeros(m)
    for i in range(m):
        y[i] = -temp
        if i < n:
            y[i] = y[i] + x[i]
    return y


def linear_rank_one(x, m):
    total = 0.0
    for j in range(len(x)):
        total += (j + 1) * x[j]
    y = np.zeros(m)
    for i in range(m):
        y[i] = (i + 1) * total - 1
    return y


def linear_rank_one_with_zeros(x, m):
    total = 0.0
    for j in range(1, len(x) - 1):
        total += (j + 1) * x[j]
    y = np.zeros(m)
    for i in range(m - 1):
        y[i] = i * total - 1
    y[m - 1] = -1
    return y


def rosenbrock(x, m):
    y = np.zeros(m)
    y[0] = 10 * (x[1] - x[0] * x[0])
    y[1] = 1 - x[0]
    return y


def helical_valley(x, m):
    y = np.zeros(m)
    if x[0] > 0:
        th = np.arctan(x[1] / x[0]) / (2 * np.pi)
    elif x[0] < 0:
        th = np.arctan(x[1] / x[0]) / (2 * np.pi) + 0.5
    else:
        th = 0.25
    r = np.sqrt(x[0] ** 2 + x[1] ** 2)
    y[0] = 10 * (x[2] - 10 * th)
    y[1] = 10 * (r - 1)
    y[2] = x[2]
    return y


def powell_singular(x, m):
    y = np.zeros(m)
    y[0] = x[0] + 10 * x[1]
    y[1] = np.sqrt(5) * (x[2] - x[3])
    y[2] = (x[1] - 2 * x[2]) ** 2
    y[3] = np.sqrt(10) * (x[0] - x[3]) ** 2
    return y


def freudenstein_roth(x, m):
    y = np.zeros(m)
    y[0] = -13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1]
    y[1] = -29 + x[0] + ((1 + x[1]) * x[1] - 14) * x[1]
    return y


def bard(x, m):
    y = np.zeros(m)
    for i in range(m):
        u, v = i + 1, 15 - i
        w = min(u, v)
        y[i] = BARD[i] - (x[0] + u / (x[1] * v + x[2] * w))
    return y


def kowalik_osborne(x, m):
    y = np.zeros(m)
    for i in range(m):
        top = KOWALIK_U[i] * (KOWALIK_U[i] + x[1])
        bottom = KOWALIK_U[i] * (KOWALIK_U[i] + x[2]) + x[3]
        y[i] = KOWALIK_Y[i] - x[0] * top / bottom
    return y


def meyer(x, m):
    y = np.zeros(m)
    for i in range(m):
        temperature = 5 * (i + 1) + 45 + x[2]
        y[i] = x[0] * np.exp(x[1] / temperature) - MEYER[i]
    return y


def watson(x, m):
    n = len(x)
    y = np.zeros(m)
    for i in range(29):
        div = (i + 1) / 29
        s1, dx = 0, 1
        for j in range(1, n):
            s1 = s1 + j * dx * x[j]
            dx = div * dx
        s2, dx = 0, 1
        for j in range(n):
            s2 = s2 + dx * x[j]
            dx = div * dx
        y[i] = s1 - s2**2 - 1
    y[29] = x[0]
    y[30] = x[1] - x[0] ** 2 - 1
    return y


def box_three_dimensional(x, m):
    y = np.zeros(m)
    for i in range(m):
        t = (i + 1) / 10
        y[i] = np.exp(-t * x[0]) - np.exp(-t * x[1]) + (np.exp(-i - 1) - np.exp(-t)) * x[2]
    return y


def jennrich_sampson(x, m):
    y = np.zeros(m)
    for i in range(1, m + 1):
        y[i - 1] = 2 + 2 * i - np.exp(i * x[0]) - np.exp(i * x[1])
    return y


def brown_dennis(x, m):
    y = np.zeros(m)
    for i in range(m):
        t = (i + 1) / 5
        first = x[0] + t * x[1] - np.exp(t)
        second = x[2] + np.sin(t) * x[3] - np.cos(t)
        y[i] = first * first + second * second
    return y


def chebyquad(x, m):
    n = len(x)
    y = np.zeros(m)
    for j in range(n):
        before, now = 1, 2 * x[j] - 1
        twice = 2 * now
        for i in range(m):
            y[i] += now
            before, now = now, twice * now - before
    alternate = -1
    for i in range(m):
        y[i] /= n
        if alternate > 0:
            y[i] += 1 / ((i + 1) ** 2 - 1)
        alternate = -alternate
    return y


def brown_almost_linear(x, m):
    n = len(x)
    y = np.zeros(m)
    total, product = -(n + 1.0), 1.0
    for j in range(n):
        total += x[j]
        product *= x[j]
    for i in range(n - 1):
        y[i] = x[i] + total
    y[n - 1] = product - 1
    return y


def osborne_1(x, m):
    y = np.zeros(m)
    for i in range(m):
        t = 10 * i
        y[i] = OSBORNE_1[i] - (x[0] + x[1] * np.exp(-t * x[3]) + x[2] * np.exp(-t * x[4]))
    return y


def osborne_2(x, m):
    y = np.zeros(m)
    for i in range(m):
        t = i / 10
        decay = np.exp(-x[4] * t)
        peaks = [np.exp(-x[k + 4] * (t - x[k + 7]) ** 2) for k in (1, 2, 3)]
        y[i] = OSBORNE_2[i] - x[0] * decay
        for k in range(3):
            y[i] -= x[k + 1] * peaks[k]
    return y


def bdqrtic(x, m):
    n = len(x)
    y = np.zeros(m)
    for i in range(n - 4):
        y[i] = -4 * x[i] + 3.0
        y[n - 4 + i] = (
            x[i] ** 2
            + 2 * x[i + 1] ** 2
            + 3 * x[i + 2] ** 2
            + 4 * x[i + 3] ** 2
            + 5 * x[n - 1] ** 2
        )
    return y


def cube(x, m):
    y = np.zeros(m)
    y[0] = x[0] - 1
    for i in range(1, len(x)):
        y[i] = 10 * (x[i] - x[i - 1] ** 3)
    return y


def mancino(x, m):
    n = len(x)
    y = np.zeros(m)
    for i in range(n):
        ss = 0
        for j in range(n):
            v = np.sqrt(x[i] ** 2 + (i + 1) / (j + 1))
            ss += v * (np.sin(np.log(v)) ** 5 + np.cos(np.log(v)) ** 5)
        y[i] = 1400 * x[i] + (i - 49) ** 3 + ss
    return y


def heart_dipole(x, m):
    a, b, c, d, t, u, v, w = x
    y = np.zeros(m)
    y[0] = a + b + 0.69
    y[1] = c + d + 0.044
    y[2] = t * a + u * b - v * c - w * d + 1.57
    y[3] = v * a + w * b + t * c + u * d + 1.31
    y[4] = a * (t**2 - v**2) - 2 * c * t * v + b * (u**2 - w**2) - 2 * d * u * w + 2.65
    y[5] = c * (t**2 - v**2) + 2 * a * t * v + d * (u**2 - w**2) + 2 * b * u * w - 2.0
    y[6] = a * t * (t**2 - 3 * v**2) + c * v * (v**2 - 3 * t**2)
    y[6] += b * u * (u**2 - 3 * w**2) + d * w * (w**2 - 3 * u**2) + 12.6
    y[7] = c * t * (t**2 - 3 * v**2) - a * v * (v**2 - 3 * t**2)
    y[7] += d * u * (u**2 - 3 * w**2) - b * w * (w**2 - 3 * u**2) - 9.48
    return y


# function, number of residuals, start
PROBLEMS = [
    (linear_full_rank, 9, [1.0, 1, 1, 1, 1]),
    (linear_rank_one, 7, [1.0, 1, 1, 1]),
    (linear_rank_one_with_zeros, 7, [1.0, 1, 1, 1]),
    (rosenbrock, 2, [-1.2, 1]),
    (helical_valley, 3, [-1, 0.2, 0.1]),
    (powell_singular, 4, [3.0, -1, 0, 1]),
    (freudenstein_roth, 2, [0.5, -2]),
    (bard, 15, [1.0, 1, 1]),
    (kowalik_osborne, 11, [0.25, 0.39, 0.415, 0.39]),
    (meyer, 16, [0.02, 4000, 250]),
    (watson, 31, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]),
    (box_three_dimensional, 10, [0.3, 10, 20]),
    (jennrich_sampson, 10, [0.3, 0.4]),
    (brown_dennis, 20, [25.0, 5, -5, -1]),
    (chebyquad, 6, [1 / 7, 2 / 7, 3 / 7, 4 / 7, 5 / 7, 6 / 7]),
    (brown_almost_linear, 5, [0.5, 0.5, 0.5, 0.5, 0.5]),
    (osborne_1, 15, [0.5, 1.5, -1, 0.01, 0.02]),
    (osborne_2, 25, [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5]),
    (bdqrtic, 8, [1.0, 1, 1, 1, 1, 1, 1, 1]),
    (cube, 5, [0.5, 0.5, 0.5, 0.5, 0.5]),
    (mancino, 4, [102.0, 95.5, 90.1, 84.9]),
    (heart_dipole, 8, [-0.3, -0.39, 0.3, -0.344, -1.2, 2.69, 1.59, -1.5]),
]


def examples():
    for function, m, start in PROBLEMS:
        yield function.__name__, lambda x, f=function, m=m: f(x, m), np.array(start)
