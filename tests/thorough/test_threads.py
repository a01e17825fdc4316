"""Eight threads at once for a minute, each at other work: its answers are those of one thread alone."""

import sys
import threading
import time

import numpy as np
import pytest

import dualrev as dr
from dualrev import trees
from tests.scipy.test_bodies_memory import MADE_ANEW
from tests.test_memory import WORK, X, compiled_anew, decayed

SECONDS = 60
JOBS = {
    **{name: (work, X) for name, work in WORK.items()},
    **{f"body: {name}": (dr.grad(f), 1.3) for name, f in MADE_ANEW.items()},
    "initial value problem": (dr.grad(decayed), X),
    "compile, by the default engine": (lambda x: compiled_anew(x, None), X),
    "compiled, by the default engine": (dr.compile(dr.hessian(lambda x: np.sum(x**3 * x[0]))), X),
}


def numbers(answer):
    """The arrays of an answer, of a sparse matrix its entries."""
    return [np.asarray(getattr(x, "data", x)) for x in trees.flatten(answer)[0]]


@pytest.mark.filterwarnings("ignore")
def test_eight_threads_for_a_minute_have_the_answers_of_one():
    expected = {name: numbers(work(x)) for name, (work, x) in JOBS.items()}
    end, failures, counts = time.monotonic() + SECONDS, [], []

    def run(seed):
        rng, count = np.random.default_rng(seed), 0
        while time.monotonic() < end and not failures:
            name = list(JOBS)[rng.integers(len(JOBS))]
            work, x = JOBS[name]
            try:
                for e, found in zip(expected[name], numbers(work(x)), strict=True):
                    np.testing.assert_array_equal(e, found, err_msg=name)
            except Exception as error:
                failures.append((name, error))
            count += 1
        counts.append(count)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=run, args=(k,)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS + 120)
    finally:
        sys.setswitchinterval(before)
    assert not failures
    assert len(counts) == 8, "a thread hangs"
    assert sum(counts) > 1000
