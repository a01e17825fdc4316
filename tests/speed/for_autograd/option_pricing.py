"""An American put by a tree, and a European one by Crank and Nicolson with Thomas's elimination."""

import autograd.numpy as np


def binomial(spot, strike, rate, sigma, maturity, steps):
    dt = maturity / steps
    up = np.exp(sigma * np.sqrt(dt))
    down = 1 / up
    p = (np.exp(rate * dt) - down) / (up - down)
    discount = np.exp(-rate * dt)
    prices = [np.array([spot])]
    for _ in range(steps):
        prices.append(np.concatenate([prices[-1] * up, prices[-1][-1:] * down]))
    value = np.maximum(strike - prices[-1], 0)
    for t in range(steps - 1, -1, -1):
        row = [0.0] * (t + 1)
        for i in range(t + 1):
            hold = discount * (p * value[i] + (1 - p) * value[i + 1])
            row[i] = max(hold, strike - prices[t][i])
        value = row
    return value[0]


def thomas(a, b, c, d):
    """Solution of a tridiagonal system; b and d are overwritten, as the textbook does."""
    n = len(d)
    b, d = list(b), list(d)
    for i in range(1, n):
        w = a[i] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    x = [0.0] * n
    x[-1] = d[-1] / b[-1]
    for i in range(n - 2, -1, -1):
        x[i] = (d[i] - c[i] * x[i + 1]) / b[i]
    return np.array(x)


def crank_nicolson(strike, rate, sigma, maturity, top, cells, steps):
    """Values of the put on the grid of prices at time 0."""
    S = np.linspace(0, top, cells + 1)
    dt = maturity / steps
    j = np.arange(cells + 1)
    alpha = 0.25 * dt * (sigma**2 * j**2 - rate * j)
    beta = -0.5 * dt * (sigma**2 * j**2 + rate)
    gamma = 0.25 * dt * (sigma**2 * j**2 + rate * j)
    V = np.maximum(strike - S, 0.0)
    for step in range(steps):
        low = strike * np.exp(-rate * dt * (step + 1))
        rhs = alpha[1:-1] * V[:-2] + (1 + beta[1:-1]) * V[1:-1] + gamma[1:-1] * V[2:]
        rhs = rhs + alpha[1] * low * np.eye(cells - 1)[0]
        inside = thomas(-alpha[1:-1], 1 - beta[1:-1], -gamma[1:-1], rhs)
        V = np.concatenate([np.array([low]), inside, np.zeros(1)])
    return S, V


def prices(x):
    """x holds spot, strike, rate and volatility."""
    american = binomial(x[0], x[1], x[2], x[3], 0.5, 4)
    S, V = crank_nicolson(x[1], x[2], x[3], 0.5, 20.0, 8, 3)
    return np.array([american, V[3] + (9.1 - S[3]) / (S[4] - S[3]) * (V[4] - V[3]), V[3], V[5]])


def example():
    return prices, np.array([9.3, 10.2, 0.05, 0.35])
