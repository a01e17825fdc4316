"""An unscented Kalman filter that follows a turning target by range and bearing."""

import autograd.numpy as np


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
        root = np.linalg.cholesky(self.scale * cov)
        above = [mean + root[:, k] for k in range(self.n)]
        below = [mean - root[:, k] for k in range(self.n)]
        return np.array([mean, *above, *below]).T


def move(state, dt, turn):
    x, y, speed, heading = state
    along, across = speed * np.cos(heading) * dt, speed * np.sin(heading) * dt
    return np.array([x + along, y + across, speed, heading + turn * dt])


def observe(state):
    return np.array([np.sqrt(state[0] ** 2 + state[1] ** 2), np.arctan2(state[1], state[0])])


def unscented_moments(sigmas, points, noise):
    mean = sigmas @ points.wm
    cov = noise
    for k in range(sigmas.shape[1]):
        d = sigmas[:, k] - mean
        cov = cov + points.wc[k] * np.outer(d, d)
    return mean, cov


def log_likelihood(x, measurements, dt=0.5):
    """Of the measurements: x holds the turn rate and the logarithms of the noise levels."""
    turn, q, r = x[0], np.exp(x[1]), np.exp(x[2])
    points = SigmaPoints(4)
    process_noise = np.diag([0.01, 0.01, 1.0, 0.2]) * q
    sensor_noise = np.array([[1.0, 0.0], [0.0, 0.02]]) * r
    mean, cov = np.array([3.0, 1.0, x[3], x[4]]), np.eye(4) * 0.3
    total = 0.0
    for z in measurements:
        sigmas = points.points(mean, cov)
        moved = np.array([move(sigma, dt, turn) for sigma in sigmas.T]).T
        mean, cov = unscented_moments(moved, points, process_noise)
        seen = np.array([observe(moved[:, k]) for k in range(moved.shape[1])]).T
        z_mean, s = unscented_moments(seen, points, sensor_noise)
        cross = np.zeros((4, 2))
        for k in range(moved.shape[1]):
            cross = cross + points.wc[k] * np.outer(moved[:, k] - mean, seen[:, k] - z_mean)
        gain = cross @ np.linalg.inv(s)
        innovation = z - z_mean
        mean = mean + gain @ innovation
        cov = cov - gain @ s @ gain.T
        total -= 0.5 * (innovation @ np.linalg.solve(s, innovation) + np.log(np.linalg.det(s)))
    return total


def example():
    track = np.array([[3.6, 0.35], [3.95, 0.44]])
    return lambda x: log_likelihood(x, track), np.array([0.3, -2.0, -2.5, 1.0, 0.8])
