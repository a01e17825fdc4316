"""Gray and Scott's reaction on a small grid, with a Laplacian allocated once and used again."""

import numpy as np


def laplacian(u, out):
    """Five points inside, zero flux through the border."""
    out[...] = 0
    out[1:, :] += u[:-1, :] - u[1:, :]
    out[:-1, :] += u[1:, :] - u[:-1, :]
    out[:, 1:] += u[:, :-1] - u[:, 1:]
    out[:, :-1] += u[:, 1:] - u[:, :-1]
    return out


def seed(n, height):
    u = np.ones((n, n))
    v = np.zeros((n, n))
    r = n // 4
    u[n // 2 - r : n // 2 + r, n // 2 - r : n // 2 + r] = 0.5
    v[n // 2 - r : n // 2 + r, n // 2 - r : n // 2 + r] = height
    return u, v


def react(u, v, diffusion, feed, kill, steps, dt=1.0):
    lap = np.zeros_like(u)
    uvv = np.empty_like(u)
    for _ in range(steps):
        np.multiply(u, v * v, out=uvv)
        du = diffusion * laplacian(u, lap) - uvv + feed * (1 - u)
        dv = 0.5 * diffusion * laplacian(v, lap)
        dv += uvv
        dv -= (feed + kill) * v
        u += dt * du
        v += dt * dv
        np.clip(v, 0, 1, out=v)
    return u, v


def advect(profile, speed, steps, h=0.1):
    """Upwind transport of a row, borders held, written into two buffers that change places."""
    now, after = profile.copy(), np.empty_like(profile)
    for _ in range(steps):
        after[0], after[-1] = now[0], now[-1]
        after[1:-1] = now[1:-1] - h * speed * (now[1:-1] - now[:-2])
        now, after = after, now
    return now


def pattern(x):
    u, v = seed(6, x[3])
    u, v = react(u, v, x[0], x[1], x[2], steps=4)
    return np.vstack([v[2:4], advect(u[3], x[4], 5), np.diag(u)])


def example():
    return pattern, np.array([0.16, 0.05, 0.06, 0.25, 0.8])
