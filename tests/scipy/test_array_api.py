"""SCIPY_ARRAY_API=1: SciPy reads it at import, so that each test is a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import scipy.special

import dualrev as dr
from dualrev.scipy import special

ROOT = Path(__file__).parent.parent.parent


def gradients():
    """Of special functions, in each way in which SciPy then calls its ufuncs otherwise."""
    x = np.array([0.3, 0.7])
    ways = (
        lambda x: scipy.special.erf(x),
        lambda x: scipy.special.xlogy(np.ones(2), x) + scipy.special.xlogy(x, 2.0),
        lambda x: scipy.special.gammaln(x, out=np.zeros_like(x)),
        lambda x: special.gamma(x),
        lambda x: special.logsumexp(x),
    )
    return [dr.grad(lambda x, way=way: np.sum(way(x)))(x).tolist() for way in ways]


def test_special_functions_have_the_same_gradients():
    program = f"from {__name__} import gradients; print(gradients())"
    run = [sys.executable, "-c", program]
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    found = subprocess.run(run, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert str(gradients()) + "\n" == found.stdout, found.stderr
