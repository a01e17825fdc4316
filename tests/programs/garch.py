"""Likelihoods of returns whose variance moves: GARCH(1, 1), GJR and EGARCH, one recursion each."""

import numpy as np


def garch_variance(params, e):
    omega, alpha, beta = params
    n = len(e)
    h = np.empty(n)
    h[0] = np.mean(e**2)
    for t in range(1, n):
        h[t] = omega + alpha * e[t - 1] ** 2 + beta * h[t - 1]
    return h


def gjr_variance(params, e):
    omega, alpha, gamma, beta = params
    sigma2 = np.zeros_like(e)
    backcast = np.dot(0.94 ** np.arange(10), e[:10] ** 2) / np.sum(0.94 ** np.arange(10))
    for t in range(len(e)):
        if t == 0:
            sigma2[t] = omega + (alpha + 0.5 * gamma + beta) * backcast
            continue
        sigma2[t] = omega
        sigma2[t] += alpha * e[t - 1] ** 2
        if e[t - 1] < 0:
            sigma2[t] += gamma * e[t - 1] ** 2
        sigma2[t] += beta * sigma2[t - 1]
    return sigma2


def egarch_variance(params, e):
    omega, alpha, gamma, beta = params
    lnsigma2 = np.zeros(len(e))
    z = np.zeros(len(e))
    lnsigma2[0] = omega / (1 - beta)
    z[0] = e[0] / np.exp(lnsigma2[0] / 2)
    for t in range(1, len(e)):
        lnsigma2[t] = omega + alpha * (abs(z[t - 1]) - np.sqrt(2 / np.pi))
        lnsigma2[t] += gamma * z[t - 1] + beta * lnsigma2[t - 1]
        z[t] = e[t] / np.sqrt(np.exp(lnsigma2[t]))
    return np.exp(lnsigma2)


def negative_log_likelihood(x, returns):
    """Of the three models together; the mean of the returns is AR(1), the same for all."""
    mu, phi = x[0], x[1]
    e = np.empty_like(returns)
    e[0] = returns[0] - mu
    e[1:] = returns[1:] - mu - phi * (returns[:-1] - mu)
    variances = np.ones((3, len(e)))
    variances[0, :] = garch_variance(x[2:5], e)
    variances[1, :] = gjr_variance(x[5:9], e)
    variances[2, :] = egarch_variance(x[9:13], e)
    return 0.5 * np.sum(np.log(2 * np.pi) + np.log(variances) + e**2 / variances)


def simulated_returns(n=25):
    rng = np.random.default_rng(5)
    return 0.05 + 0.9 * rng.standard_normal(n) * (1 + 0.5 * np.sin(np.arange(n) / 5))


def example():
    x = np.array([0.03, 0.1, 0.1, 0.12, 0.7, 0.1, 0.08, 0.1, 0.7, -0.05, 0.15, -0.1, 0.8])
    return lambda x: negative_log_likelihood(x, simulated_returns()), x
