"""Programs of tests/programs have sparse derivatives as they stand: loops, branches, filled arrays."""

import numpy as np
import pytest

import dualrev as dr
from tests.numpy.test_programs import PROGRAMS

#: One of each fourth file; all of them in tests/thorough.
SAMPLE = list({program.module: program for program in PROGRAMS}.values())[::4]

pytestmark = pytest.mark.filterwarnings("ignore::dualrev.PerformanceWarning")


def check(program):
    """No entry is lacking, and the matrices are the dense ones, there and where branches may change."""
    rng = np.random.default_rng(0)
    first = dr.jacobian(program.f, matrix=True), dr.jacobian(program.f, sparse=True)
    second = dr.hessian(program.loss), dr.hessian(program.loss, sparse=True)
    with dr.patch_numpy():
        for of_dense, of_sparse in (first, second):
            for k in range(3):
                x = program.x * (1 + 1e-3 * (k > 0) * rng.normal(size=program.x.shape))
                dense, sparse = of_dense(x), of_sparse(x)
                # rounded as the program rounds, which solves and differences
                bound = 1e-10 * np.max(np.abs(dense))
                np.testing.assert_allclose(sparse.toarray(), dense, rtol=1e-9, atol=bound)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("program", SAMPLE, ids=str)
def test_sparse_derivatives_of_a_program_are_the_dense_ones(program):
    check(program)
