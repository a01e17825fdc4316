"""The measured programs, each written once as plain NumPy.

Every builder takes the numpy module, so that autograd's wrapper of it can run the same text; it
answers the function and the point at which it is differentiated.  Must not know how time is taken.
"""

from collections.abc import Callable
from math import lgamma, log, pi
from typing import NamedTuple

import numpy

__all__ = ["PROGRAMS", "Program", "rosenbrock_gradient"]


class Program(NamedTuple):
    """A function to differentiate.

    Attributes
    ----------
    name : str
        Its name in the table.
    build : callable
        ``build(np) -> (f, x)``: the function in terms of the given numpy, and its argument.
    operations : int
        Number of operations, where the time of one is of interest.
    """

    name: str
    build: Callable
    operations: int = 0


def rosenbrock(n):
    def build(np):
        def f(x):
            return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

        return f, numpy.linspace(0.5, 1.5, n)

    return build


def rosenbrock_gradient(x):
    """The gradient as one writes it by hand, from the same operations: what a tape cannot beat."""
    slope = 2 * (x[:-1] - 1)
    excess = 200 * (x[1:] - x[:-1] ** 2)
    gradient = numpy.zeros(x.shape)
    gradient[:-1] += slope
    gradient[:-1] += -2 * x[:-1] * excess
    gradient[1:] += excess
    return gradient


def chain(operations):
    def build(np):
        def f(x):
            y = x
            for _ in range(operations // 3):
                y = (y * x + 0.5) / 1.5
            return y

        return f, numpy.float64(0.9)

    return build


def loop(n):
    def build(np):
        def f(x):
            total = 0.0
            for i in range(n):
                total = total + x[i] * x[i]
            return total

        return f, numpy.linspace(0.0, 1.0, n)

    return build


def mixture(n=1000, d=10, k=25, vectorised=False):
    """Log-likelihood of a Gaussian mixture with a Wishart prior.

    ADBench (Srajer, Kukelova and Fitzgibbon 2018, section 4.1): each precision matrix is ``L L^T``,
    the logarithms of the diagonal of L come first, then its strictly lower elements, by columns.
    ADBench's Python programs put L together from columns, component by component; vectorised, one
    product with a constant matrix does it.
    """
    gamma, m = 1.0, 0

    def build(np):
        rng = numpy.random.default_rng(1)
        points = rng.random((n, d))
        alphas, means = rng.normal(size=k), rng.random((k, d))
        factors = rng.normal(size=(k, d * (d + 1) // 2))
        columns, rows = numpy.triu_indices(d, 1)
        place = numpy.zeros((len(rows), d * d))
        place[numpy.arange(len(rows)), rows * d + columns] = 1
        starts = d + numpy.concatenate(([0], numpy.cumsum(numpy.arange(d - 1, -1, -1))))
        eye = numpy.eye(d)
        dof = d + m + 1
        log_gamma_d = 0.25 * d * (d - 1) * log(pi) + sum(
            lgamma(0.5 * dof - 0.5 * j) for j in range(d)
        )
        constant = -0.5 * n * d * log(2 * pi)
        constant -= k * (dof * d * (log(gamma) - 0.5 * log(2)) - log_gamma_d)

        def logsumexp(a):
            top = np.max(a, axis=-1, keepdims=True)
            return np.log(np.sum(np.exp(a - top), axis=-1)) + top[..., 0]

        def strictly_lower(factor):
            columns = [
                np.concatenate((numpy.zeros(i + 1), factor[starts[i] : starts[i + 1]]))
                for i in range(d)
            ]
            return np.stack(columns, axis=1)

        def f(params):
            alphas, means, factors = params
            log_diagonals = factors[:, :d]
            diagonals = np.exp(log_diagonals)
            if vectorised:
                lower = np.reshape(np.matmul(factors[:, d:], place), (k, d, d))
            else:
                lower = np.stack([strictly_lower(factors[i]) for i in range(k)])
            lower = lower + diagonals[:, :, None] * eye
            deviations = points[None, :, :] - means[:, None, :]
            scaled = np.matmul(deviations, np.swapaxes(lower, 1, 2))
            log_determinants = np.sum(log_diagonals, axis=1)
            exponents = alphas + log_determinants - 0.5 * np.sum(scaled**2, axis=2).T
            prior = 0.5 * gamma**2 * (np.sum(diagonals**2) + np.sum(factors[:, d:] ** 2))
            prior = prior - m * np.sum(log_determinants)
            return constant + np.sum(logsumexp(exponents)) - n * logsumexp(alphas) + prior

        return f, (alphas, means, factors)

    return build


def lstm(length=50, layers=2, width=14):
    """Loss of a character model with elementwise LSTM cells, after ADBench (section 4.4)."""

    def build(np):
        rng = numpy.random.default_rng(2)
        weights = rng.normal(scale=0.5, size=(layers, 2, 4 * width))
        output = rng.normal(scale=0.5, size=(3, width))
        states = rng.normal(scale=0.5, size=(layers, 2, width))
        letters = numpy.eye(width)[rng.integers(width, size=length)]

        def sigmoid(a):
            return 1 / (1 + np.exp(-a))

        def cell(weight, bias, hidden, memory, x):
            gates = np.concatenate((x, hidden, x, hidden)) * weight + bias
            forget = sigmoid(gates[:width])
            write = sigmoid(gates[width : 2 * width])
            read = sigmoid(gates[2 * width : 3 * width])
            memory = memory * forget + write * np.tanh(gates[3 * width :])
            return read * np.tanh(memory), memory

        def f(params):
            weights, output = params
            state = [(states[i, 0], states[i, 1]) for i in range(layers)]
            loss = 0.0
            for t in range(length - 1):
                x = letters[t] * output[0]
                for i in range(layers):
                    state[i] = cell(weights[i, 0], weights[i, 1], *state[i], x)
                    x = state[i][0]
                logits = x * output[1] + output[2]
                loss = loss - np.sum((logits - np.log(np.sum(np.exp(logits)))) * letters[t + 1])
            return loss / (length - 1)

        return f, (weights, output)

    return build


def network(batch=128, widths=(64, 64, 64, 10)):
    """Cross-entropy of a network with three dense layers."""

    def build(np):
        rng = numpy.random.default_rng(3)
        data = rng.normal(size=(batch, widths[0]))
        labels = numpy.eye(widths[-1])[rng.integers(widths[-1], size=batch)]
        params = [
            (rng.normal(size=(a, b)) / a**0.5, numpy.zeros(b)) for a, b in zip(widths, widths[1:])
        ]

        def f(params):
            (w1, b1), (w2, b2), (w3, b3) = params
            hidden = np.tanh(data @ w1 + b1)
            hidden = np.tanh(hidden @ w2 + b2)
            logits = hidden @ w3 + b3
            log_total = np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
            return -np.sum((logits - log_total) * labels) / batch

        return f, params

    return build


def process(n=200):
    """Negative log-likelihood of a Gaussian process with a squared-exponential kernel."""

    def build(np):
        rng = numpy.random.default_rng(4)
        points = numpy.sort(rng.random(n)) * 10
        observed = numpy.sin(points) + 0.1 * rng.normal(size=n)
        squares = (points[:, None] - points) ** 2
        eye = numpy.eye(n)

        def f(params):
            scale, length, noise = np.exp(params[0]), np.exp(params[1]), np.exp(params[2])
            kernel = scale**2 * np.exp(-0.5 * squares / length**2) + noise**2 * eye
            factor = np.linalg.cholesky(kernel)
            whitened = np.linalg.solve(factor, observed)
            return 0.5 * np.sum(whitened**2) + np.sum(np.log(np.diag(factor)))

        return f, numpy.array([0.1, 0.2, -1.5])

    return build


def heat(n=128, steps=100):
    """Distance of diffused heat from a target, by the initial temperatures; explicit Euler."""

    def build(np):
        rng = numpy.random.default_rng(5)
        start, target = rng.random((n, n)), rng.random((n, n))

        def f(u):
            for _ in range(steps):
                inner = u[1:-1, 1:-1]
                change = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * inner
                u = np.pad(inner + 0.2 * change, 1, mode="constant")
            return np.sum((u - target) ** 2)

        return f, start

    return build


PROGRAMS = {
    program.name: program
    for program in (
        Program("Rosenbrock, n = 10", rosenbrock(10)),
        Program("Rosenbrock, n = 100", rosenbrock(100)),
        Program("Rosenbrock, n = 1000", rosenbrock(1000)),
        Program("Rosenbrock, n = 10^4", rosenbrock(10**4)),
        Program("Rosenbrock, n = 10^6", rosenbrock(10**6)),
        Program("chain of 300 scalar operations", chain(300), 300),
        Program("Gaussian mixture", mixture()),
        Program("Gaussian mixture, vectorised", mixture(vectorised=True)),
        Program("LSTM", lstm()),
        Program("network, batch 128", network()),
        Program("network, batch 128, wide", network(widths=(784, 256, 128, 10))),
        Program("Gaussian process, n = 200", process()),
        Program("heat, 128 x 128, 100 steps", heat()),
        Program("loop over x[i], n = 50", loop(50), 50),
        Program("loop over x[i], n = 5000", loop(5000), 5000),
    )
}
