"""An unscented Kalman filter that follows a turning target by range and bearing."""

import numpy as np


class SigmaPoints:
    def __init__(self, n, alpha=0.5, beta=2.0, kappa=0.0):
        self.n = n
        self.scale = alpha**2 * (n + kappa)
        lam = self.scale - n
        self.wm = np.full(2 * n + 1, 0.5 / self.scale)
        self.wc = np.full(2 * n + 1, 0.5 / self.scale)
        self.wm[0] = lam / self.scale
        self.wc[0] = lam / self.scale + (1 - alpha**2 + beta)

    def points(self, mean, cov):
        sigmas = np.zeros((self.n, 2 * self.n + 1))
        root = np.linalg.cholesky(self.scale * cov)
        sigmas[:, 0] = mean
        for k in range(self.n):
            sigmas[:, k + 1] = mean + root[:, k]
            sigmas[:, self.n + k + 1] = mean - root[:, k]
        return sigmas


def move(state, dt, turn):
    x, y, speed, heading = state
    moved = np.zeros(4)
    moved[0] = x + speed * np.cos(heading) * dt
    moved[1] = y + speed * np.sin(heading) * dt
    moved[2] = speed
    moved[3] = heading + turn * dt
    return moved


def observe(state):
    return np.array([np.sqrt(state[0] ** 2 + state[1] ** 2), np.arctan2(state[1], state[0])])


def unscented_moments(sigmas, points, noise):
    mean = sigmas @ points.wm
    cov = noise.copy()
    for k in range(sigmas.shape[1]):
        d = sigmas[:, k] - mean
        cov += points.wc[k] * np.outer(d, d)
    return mean, cov


def log_likelihood(x, measurements, dt=0.5):
    """Of the measurements: x holds the turn rate and the logarithms of the noise levels."""
    turn, q, r = x[0], np.exp(x[1]), np.exp(x[2])
    points = SigmaPoints(4)
    process_noise = np.diag([0.01, 0.01, 1.0, 0.2]) * q
    sensor_noise = np.zeros((2, 2))
    sensor_noise[0, 0] = r
    sensor_noise[1, 1] = 0.02 * r
    mean, cov = np.array([3.0, 1.0, x[3], x[4]]), np.eye(4) * 0.3
    total = 0.0
    for z in measurements:
        sigmas = points.points(mean, cov)
        moved = np.zeros_like(sigmas)
        for k in range(sigmas.shape[1]):
            moved[:, k] = move(sigmas[:, k], dt, turn)
        mean, cov = unscented_moments(moved, points, process_noise)
        seen = np.zeros((2, moved.shape[1]))
        for k in range(moved.shape[1]):
            seen[:, k] = observe(moved[:, k])
        z_mean, s = unscented_moments(seen, points, sensor_noise)
        cross = np.zeros((4, 2))
        for k in range(moved.shape[1]):
            cross += points.wc[k] * np.outer(moved[:, k] - mean, seen[:, k] - z_mean)
        gain = cross @ np.linalg.inv(s)
        innovation = z - z_mean
        mean = mean + gain @ innovation
        cov = cov - gain @ s @ gain.T
        total -= 0.5 * (innovation @ np.linalg.solve(s, innovation) + np.log(np.linalg.det(s)))
    return total


def example():
    track = np.array([[3.6, 0.35], [3.95, 0.44]])
    return lambda x: log_likelihood(x, track), np.array([0.3, -2.0, -2.5, 1.0, 0.8])
