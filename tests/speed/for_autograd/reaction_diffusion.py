"""Gray and Scott's reaction on a small grid, with a Laplacian allocated once and used again."""

import autograd.numpy as np


def laplacian(u, out):
    """Five points inside, zero flux through the border."""
    row, column = np.zeros((1, u.shape[1])), np.zeros((u.shape[0], 1))
    down, across = u[1:] - u[:-1], u[:, 1:] - u[:, :-1]
    vertical = np.concatenate([down, row]) - np.concatenate([row, down])
    right = np.concatenate([across, column], axis=1)
    return vertical + right - np.concatenate([column, across], axis=1)


def seed(n, height):
    u = np.ones((n, n))
    v = np.zeros((n, n))
    r = n // 4
    u[n // 2 - r : n // 2 + r, n // 2 - r : n // 2 + r] = 0.5
    v[n // 2 - r : n // 2 + r, n // 2 - r : n // 2 + r] = 1
    return u, v * height


def react(u, v, diffusion, feed, kill, steps, dt=1.0):
    lap = None
    for _ in range(steps):
        uvv = u * v * v
        du = diffusion * laplacian(u, lap) - uvv + feed * (1 - u)
        dv = 0.5 * diffusion * laplacian(v, lap)
        dv = dv + uvv - (feed + kill) * v
        u = u + dt * du
        v = np.clip(v + dt * dv, 0, 1)
    return u, v


def advect(profile, speed, steps, h=0.1):
    """Upwind transport of a row, borders held, written into two buffers that change places."""
    now = profile
    for _ in range(steps):
        inside = now[1:-1] - h * speed * (now[1:-1] - now[:-2])
        now = np.concatenate([now[:1], inside, now[-1:]])
    return now


def pattern(x):
    u, v = seed(6, x[3])
    u, v = react(u, v, x[0], x[1], x[2], steps=4)
    return np.vstack([v[2:4], advect(u[3], x[4], 5), np.diag(u)])


def example():
    return pattern, np.array([0.16, 0.05, 0.06, 0.25, 0.8])
