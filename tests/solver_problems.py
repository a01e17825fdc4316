"""Published initial value problems, and what is known of their sensitivities.

Owns right-hand sides, parameters and numbers.  Must not know what is tested with them.

The numbers of a Problem were made by :func:`reference`, from the variational equations by collocation
at Radau's points; differences of solutions by other ways (Gauss's points for what is stiff, mpmath's
Taylor series for the rest) agree to the 16 digits that are given.
``python -m tests.solver_problems NAME`` prints them.
"""

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.trajectories import by_collocation, by_differences, by_series


@dataclass(eq=False)
class Problem:
    """``y' = f(t, y, p)``, y = y0 at the first of the times.

    ``by_p`` and ``by_y0`` are the derivatives of the state at the last time, (n, k) and (n, n).
    """

    name: str
    f: Any
    y0: Any
    p: Any
    times: tuple
    stiff: bool
    y: Any
    by_p: Any
    by_y0: Any

    def __post_init__(self):
        for name in ("y0", "p", "y", "by_p", "by_y0"):
            setattr(self, name, np.array(getattr(self, name)))

    def __str__(self):
        return self.name


def directions(problem):
    """Those of the initial state and of the parameters, beside each other: dy (n, m), dp (k, m)."""
    n, k = len(problem.y0), len(problem.p)
    return np.eye(n, n + k), np.eye(k, n + k, n)


def reference(problem):
    """State, its derivatives by p and by y0, from the variational equations, in mpmath's numbers."""
    dy, dp = directions(problem)
    kept = 18 if problem.stiff else 12
    given = problem.f, problem.times, problem.y0, problem.p
    y, by_both = by_collocation(*given, dy, dp, kept=kept)
    n = len(problem.y0)
    return y[-1], by_both[-1, :, n:], by_both[-1, :, :n]


def second_reference(problem, dy, dp):
    """State and its derivatives along directions, by differences of solutions of another way."""

    def states(y, p):
        if problem.stiff:
            none = np.zeros((len(y), 0)), np.zeros((len(p), 0))
            return by_collocation(problem.f, problem.times, y, p, *none, damped=False)[0][-1]
        return by_series(problem.f, problem.times, y, p)[-1]

    return states(problem.y0, problem.p), by_differences(states, problem.y0, problem.p, dy, dp)


# ---------------------------------------------------------------------------------------- kinetics


def robertson(t, y, k):
    """Robertson (1966), an autocatalytic reaction; in Hairer and Wanner (1996), section IV.1."""
    a, b, c = k[0] * y[0], k[1] * y[1] ** 2, k[2] * y[1] * y[2]
    return [c - a, a - b - c, b]


def hires(t, y, p):
    """High irradiance responses of a plant (Schaefer 1975); in Hairer and Wanner (1996), section IV.10.

    p are the rates of the reaction of y6 with y8, of its reverse, and the source.
    """
    both = p[0] * y[5] * y[7]
    return [
        -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + p[2],
        1.71 * y[0] - 8.75 * y[1],
        -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4],
        8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3],
        -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6],
        -both + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6],
        both - p[1] * y[6],
        p[1] * y[6] - both,
    ]


def brusselator(t, y, p):
    """Lefever and Nicolis (1971): an oscillating reaction; in Hairer, Norsett, Wanner (1993), I.16."""
    product = y[0] * y[0] * y[1]
    return [p[0] + product - (p[1] + 1) * y[0], p[1] * y[0] - product]


# ------------------------------------------------------------------------------------ oscillations


def van_der_pol(t, y, p):
    """Van der Pol (1926), an oscillator of relaxation."""
    return [y[1], p[0] * (1 - y[0] ** 2) * y[1] - y[0]]


def lorenz(t, y, p):
    """Lorenz (1963), convection; p are sigma, rho, beta."""
    return [p[0] * (y[1] - y[0]), y[0] * (p[1] - y[2]) - y[1], y[0] * y[1] - p[2] * y[2]]


def lotka_volterra(t, y, p):
    """Lotka (1925), Volterra (1926): hares that grow and are eaten, lynxes that starve and eat."""
    eaten = y[0] * y[1]
    return [p[0] * y[0] - p[1] * eaten, p[3] * eaten - p[2] * y[1]]


def kepler(t, y, p):
    """Two bodies; p is the mass of the one that does not move, y place and velocity of the other."""
    pull = p[0] * (y[0] ** 2 + y[1] ** 2) ** -1.5
    return [y[2], y[3], -pull * y[0], -pull * y[1]]


# fmt: off
PROBLEMS = [
    Problem("Robertson", robertson, [1.0, 0.0, 0.0], [0.04, 30000000.0, 10000.0],
            (0.0, 40.0), stiff=True,
            y=[0.715827068719405, 9.185534764557764e-06, 0.28416374574583037],
            by_p=[[-4.247558771705733, -2.2883550889056694e-09, 1.3730807973446248e-05],
                  [4.591196249253894e-05, -1.1380595093501273e-13, -2.3571921138463333e-10],
                  [4.24751285974324, 2.2884688948566043e-09, -1.3730572254234863e-05]],
            by_y0=[[0.7844844957866974, 0.7212064184111119, 0.7212128908795497],
                   [3.414164122661049e-06, 9.548565337890755e-07, 9.55108086797759e-07],
                   [0.21551209004917984, 0.2787926267323543, 0.2787861540123636]]),
    Problem("HIRES", hires, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0057], [280.0, 1.81, 0.0007],
            (0.0, 321.8122), stiff=True,
            y=[0.0007371312573325542, 0.00014424857263161596, 5.888729740967339e-05,
               0.0011756513432831254, 0.002386356198830949, 0.0062389682527415995,
               0.002849998395185501, 0.0028500016048144993],
            by_p=[[-4.6426945386523684e-07, -0.004772682229893864, 1.8175493769213678],
                  [-9.116505066640443e-08, -0.0009404862545226174, 0.35658057228110174],
                  [-8.833965547271895e-08, -0.0008902961881631376, 0.22747272042007186],
                  [-8.392167787999305e-07, -0.008866477404639025, 3.0884809417211954],
                  [-1.4886031059053808e-05, -0.14419674830251378, 26.88613195366706],
                  [-5.1965573406968556e-05, -0.45280160662761487, 84.7675395670012],
                  [-6.498067668418559e-06, -0.10208421068954804, 18.938484287881227],
                  [6.498067668418559e-06, 0.10208421068954804, -18.938484287881227]],
            by_y0=[[0.0026619606374135222, 0.0026558854199838266, 0.0026613059723012617,
                    0.0026499010073161586, 0.0026326056705907523, 0.002533006904574537,
                    -0.5815259499625258, -0.5837034019312617],
                   [0.0005247454566553939, 0.0005235478646626272, 0.0005246164042049326,
                    0.0005223681727791436, 0.0005189587875161066, 0.0004993251388359088,
                    -0.11459348358052032, -0.11502271908897234],
                   [0.0004955468539476255, 0.0004944159000026195, 0.0004954249824097033,
                    0.0004933018501445914, 0.0004900821745484234, 0.0004715410081379549,
                    -0.10847632655805599, -0.1088816779586603],
                   [0.00495972041074944, 0.0049484011675336274, 0.004958500649692928,
                    0.004937251110227364, 0.004905026728934059, 0.004719455978655778,
                    -1.080326591300966, -1.0843835832868651],
                   [0.07991453212397917, 0.07973214845097441, 0.07989487846892174,
                    0.07955249082131158, 0.0790332687400713, 0.07604322122605353,
                    -17.569114550693477, -17.634483682324603],
                   [0.25075978598318027, 0.25018749344021013, 0.2506981157687024,
                    0.24962375481136342, 0.24799451398983727, 0.23861219446963502,
                    -55.65601412203674, -55.861132628296616],
                   [0.05614078642466349, 0.05601266000558341, 0.05612697952844928,
                    0.05588644866018236, 0.055521689770964854, 0.05342115042696113,
                    -11.948320662117803, -11.994243154061762],
                   [-0.05614078642466349, -0.05601266000558341, -0.05612697952844928,
                    -0.05588644866018236, -0.055521689770964854, -0.05342115042696113,
                    12.948320662117803, 12.994243154061762]]),
    Problem("van der Pol, mu = 5", van_der_pol, [2.0, 0.0], [5.0], (0.0, 10.0), stiff=False,
            y=[-1.1587012660309908, 0.4304698089791424],
            by_p=[[-0.6315017033460876], [-0.672657281873012]],
            by_y0=[[-3.214020043061201, -0.2152349044895712],
                   [-3.1457866487827033, -0.21066548429188514]]),
    Problem("van der Pol, mu = 1000", van_der_pol, [2.0, 0.0], [1000.0], (0.0, 500.0), stiff=True,
            y=[1.5967689510526617, -0.0010303911878393566],
            by_p=[[0.0005151944807317336], [1.791903966465583e-06]],
            by_y0=[[1.5455866100271258, 0.0005151955939196783],
                   [0.0022845489151167397, 7.615163896518673e-07]]),
    Problem("Lorenz", lorenz, [1.0, 1.0, 1.0], [10.0, 28.0, 8 / 3], (0.0, 1.0), stiff=False,
            y=[-9.378570010925062, -8.357033788426646, 29.362325337363426],
            by_p=[[-0.16815451850919783, 0.30999641796498545, -1.7176431888662356],
                  [-0.5792739394810303, 0.31313713027371987, 3.5371783863248],
                  [-0.2646244040675141, 0.44613489257768035, 6.110604403269306]],
            by_y0=[[0.45901388019322603, 0.37534800626079584, -0.27378843732208596],
                   [1.014302860117242, 0.808778690118911, -0.06327083967297911],
                   [0.07709169353267191, 0.039545738551335405, 0.570418180126956]]),
    Problem("Lotka and Volterra", lotka_volterra, [33.956, 5.933], [0.545, 0.028, 0.803, 0.024],
            (0.0, 20.0), stiff=False,
            y=[30.00324627998575, 6.004285128727027],
            by_p=[[150.1950621270981, 827.9548895955234, 151.93315967008186,
                   -37.03724935615926],
                  [-6.803540905759286, -35.32013617830017, -4.718105053123874,
                   -61.342724412040155]],
            by_y0=[[0.8574140739615362, 3.9074223678871824],
                   [-0.04335685551563681, 0.8453263636835703]]),
    Problem("Kepler", kepler, [0.4, 0.0, 0.0, 2.0], [1.0], (0.0, 10.0), stiff=False,
            y=[-1.5350235919098152, -0.2836684064997789, 0.22715073207749661,
               -0.47918775820321974],
            by_p=[[22.63376292508391], [-30.709894122527263], [27.245099445592846],
                  [2.513659582286339]],
            by_y0=[[-66.10073459442172, -0.879084050979083, -0.31765101344570607,
                    -21.498009264696424],
                   [88.0452582451492, 5.757014622019936, 1.9189147203588948,
                    28.313955331511163],
                   [-78.2014330875889, -1.4585524872543865, -0.5313043765524872,
                    -25.113787184832738],
                   [-8.148511864136369, -0.8470286952071412, -0.28298110508017654,
                    -2.3803808797038446]]),
    Problem("Brusselator", brusselator, [1.5, 3.0], [1.0, 3.0], (0.0, 10.0), stiff=False,
            y=[0.4135587830019559, 2.989025379473973],
            by_p=[[-0.5424834825943042, -0.05041725285193837],
                  [6.667993186322556, 0.1030862973082386]],
            by_y0=[[-0.026680504914645516, 0.042812731678470446],
                   [0.13595926254111307, -0.21845868330145973]]),
]
# fmt: on

#: Pelts of the Hudson's Bay Company, thousands a year from 1900 to 1920: of hares, of lynxes (Elton and
#: Nicholson 1942, "The ten-year cycle in numbers of the lynx in Canada").
PELTS = np.array([
    [30.0, 47.2, 70.2, 77.4, 36.3, 20.6, 18.1, 21.4, 22.0, 25.4, 27.1,
     40.3, 57.0, 76.6, 52.3, 19.5, 11.2, 7.6, 14.6, 16.2, 24.7],
    [4.0, 6.1, 9.8, 35.2, 59.4, 41.7, 19.0, 13.0, 8.3, 9.1, 7.4,
     8.0, 12.3, 19.5, 45.7, 51.1, 29.7, 15.8, 9.7, 10.1, 8.6],
])  # fmt: skip
YEARS = np.arange(21.0)


def pelts_missed(y):
    """The sum of squares that states (2, 20) of the years after the first miss of PELTS."""
    return ((y - PELTS[:, 1:]) ** 2).sum()


def pelts_reference(theta):
    """The sum of squares and its gradient by rates and first year, from the variational equations."""
    p, y0 = theta[:4], theta[4:]
    directions = np.eye(2, 6, 4), np.eye(4, 6)
    y, by = by_collocation(lotka_volterra, YEARS.tolist(), y0, p, *directions, kept=12)
    missed = y - PELTS[:, 1:].T
    return (missed**2).sum(), 2 * np.tensordot(missed, by, 2)


#: The rates and the first year of a fit (Carpenter 2018, "Predator-prey population dynamics: the
#: Lotka-Volterra model in Stan"), and the sum of squares there with its derivatives.
PELTS_FIT = np.array([0.545, 0.028, 0.803, 0.024, 33.956, 5.933])
PELTS_SUM = 1171.3795978469016
PELTS_GRADIENT = np.array(
    [
        7639.795177919382,
        229231.22368776475,
        7927.162411636211,
        260600.74878276023,
        115.72799965427681,
        706.1153414863295,
    ]
)
PELTS_HESSIAN = np.array([
    [1147781.2763134907, -264800.65445717925, 456047.3812000893,
     9524310.069355894, 7906.030328464535, 5521.533718773447],
    [-264800.65445717925, 48207012.90818482, 1087226.8554658468,
     35930529.17586387, 17208.19576297228, 115889.21519539692],
    [456047.3812000893, 1087226.8554658468, 306718.39969400497,
     906646.6451588494, 2640.600427197296, 4440.454238852596],
    [9524310.069355894, 35930529.17586387, 906646.6451588494,
     229821144.5901765, 104516.74113815796, 169518.26866196832],
    [7906.030328464535, 17208.19576297228, 2640.600427197296,
     104516.74113815796, 73.51072132913637, 81.17569055767623],
    [5521.533718773447, 115889.21519539692, 4440.454238852596,
     169518.26866196832, 81.17569055767623, 301.1409606889242],
])  # fmt: skip


# -------------------------------------------------------------------------------- in closed form


def kepler_start(e):
    """Of an orbit with half axis 1 around a mass of 1, where it is nearest; e is the eccentricity."""
    return np.stack([1 - e, 0 * e, 0 * e, ((1 + e) / (1 - e)) ** 0.5])


def kepler_by_eccentricity(e, t):
    """The state at t, and its derivative by e: by Kepler's equation ``u - e sin u = t``."""
    u = t
    for _ in range(100):
        u = u - (u - e * np.sin(u) - t) / (1 - e * np.cos(u))
    sin, cos = np.sin(u), np.cos(u)
    du, width = sin / (1 - e * cos), np.sqrt(1 - e * e)
    rate = 1 / (1 - e * cos)
    drate = rate**2 * (cos - e * sin * du)
    state = [cos - e, width * sin, -sin * rate, width * cos * rate]
    by_e = [
        -sin * du - 1,
        -e / width * sin + width * cos * du,
        -cos * du * rate - sin * drate,
        -e / width * cos * rate - width * sin * du * rate + width * cos * drate,
    ]
    return np.array(state), np.array(by_e)


def kepler_period(y):
    """The period of the orbit through a state, around a mass of 1 (Kepler's third law)."""
    half_axis = 1 / (2 / (y[0] ** 2 + y[1] ** 2) ** 0.5 - y[2] ** 2 - y[3] ** 2)
    return 2 * np.pi * half_axis**1.5


def bounces(height, gravity, restitution, count):
    """The time of a bounce of a ball that was dropped, and its velocity after it."""
    fall = (2 * height / gravity) ** 0.5
    time = fall * (1 + 2 * sum(restitution**k for k in range(1, count)))
    return time, restitution**count * gravity * fall


def heat(t, u, diffusivity=1.0):
    """Heat in a rod whose ends are held at 0, at points inside."""
    around = np.pad(u, 1)
    return diffusivity * (len(u) + 1) ** 2 * (around[2:] - 2 * u + around[:-2])


def heat_solution(t, u, diffusivity=1.0):
    """The same at t, by modes; it is its own transpose."""
    n = len(u)
    k = np.arange(1, n + 1)
    modes = np.sqrt(2 / (n + 1)) * np.sin(np.pi * np.outer(k, k) / (n + 1))
    rates = -4 * (n + 1) ** 2 * np.sin(np.pi * k / 2 / (n + 1)) ** 2
    return modes @ (np.exp(diffusivity * rates * t) * (modes @ u))


def main(names):
    for problem in PROBLEMS:
        if str(problem) in names:
            for part in reference(problem):
                print(np.array(part).astype(float).tolist())


if __name__ == "__main__":
    main(sys.argv[1:])
