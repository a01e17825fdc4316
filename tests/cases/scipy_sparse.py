"""Cases of dualrev.scipy.sparse: products, matrices of traced numbers, solvers."""

import numpy as np
import scipy.sparse

from dualrev.scipy import sparse
from dualrev.scipy.sparse import linalg
from tests.cases import case, complex_, positive, real, row

# Places of eight numbers in a matrix of 4 rows; two stand at (0, 0) and are added.
ROWS = np.array([0, 3, 1, 2, 2, 1, 0, 0])
COLS = np.array([1, 3, 1, 0, 2, 2, 3, 0])
DOUBLE = np.array([0, 3, 1, 2, 2, 1, 0, 0]), np.array([0, 3, 1, 0, 2, 2, 3, 0])
COMPRESSED = np.array([1, 0, 2, 2, 1, 3, 3, 0]), np.array([0, 3, 5, 6, 8])
CONSTANT = scipy.sparse.random_array((4, 4), density=0.5, rng=np.random.default_rng(0))
FORMATS = "csr", "csc", "coo", "bsr", "dia", "dok", "lil"
KINDS = "csr_array", "csc_array", "coo_array"


def named(label, *args, call, dtypes="f", **options):
    """A case of a method or operator, which no function of its own names."""
    return case(sparse.csr_array, *args, call=call, label=label, dtypes=dtypes, **options)


def matrix(data, kind="csr_array"):
    return getattr(sparse, kind)((data, DOUBLE), shape=(4, 4))


def constant(kind):
    """The products of a matrix of SciPy's."""
    S = getattr(scipy.sparse, kind)(CONSTANT)
    return named(
        f"{kind} constant", real(4), real(4, 2), call=lambda x, y: y.T @ S @ x + S.T @ x @ y
    )


def of_kind(kind):
    """The operations that every format has."""

    def made(data):
        return matrix(data, kind)

    d, x = real(8), real(4)
    return [
        named(f"{kind} @ x", d, x, call=lambda d, x: made(d) @ x, dtypes="fFD"),
        named(f"{kind} @ X", d, real(4, 2), call=lambda d, x: made(d) @ x, dtypes="fFD"),
        named(f"x @ {kind}", d, x, call=lambda d, x: x @ made(d), dtypes="fD"),
        named(f"X @ {kind}", d, real(2, 4), call=lambda d, x: x @ made(d)),
        named(f"{kind}.T", d, x, call=lambda d, x: made(d).T @ x),
        named(f"{kind}.toarray", d, call=lambda d: made(d).toarray(), dtypes="fFD"),
        named(f"{kind} sum", d, call=lambda d: (made(d) + 2 * CONSTANT - made(d * d)).toarray()),
        named(f"{kind} product", d, call=lambda d: (made(d) @ made(d) @ CONSTANT).toarray()),
        named(f"{kind}.multiply", d, call=lambda d: made(d).multiply(CONSTANT).toarray()),
        named(f"{kind} scaled", d, x, call=lambda d, x: (x[0] * made(d) / x[1]).toarray()),
        named(f"{kind}.diagonal", d, call=lambda d: made(d).diagonal(-2), dtypes="fD"),
        *(
            named(f"{kind}.{name}", d, call=lambda d, name=name: getattr(made(d), name)().data)
            for name in ("tocsr", "tocsc", "tocoo")
        ),
    ]


def symmetric(diagonal, above):
    """A positive definite tridiagonal matrix."""
    return sparse.diags_array(
        [10 + diagonal, above, above], offsets=[0, 1, -1], shape=(4, 4), format="csr"
    )


def regular(data):
    return matrix(data) + 6 * scipy.sparse.eye_array(4, format="csr")


# An iteration that stops earlier has errors that finite differences would see.
TIGHT = 1e-13
DENSE = real(4, 4) + 6 * np.eye(4)
OPERATOR = scipy.sparse.linalg.aslinearoperator(DENSE)
PRECONDITIONER = scipy.sparse.diags_array(1 / (DENSE.diagonal() + real(4)))


def preconditioner(solver):
    """What is given for M."""
    if solver is linalg.tfqmr:
        return {}
    if solver is linalg.qmr:
        root = scipy.sparse.linalg.aslinearoperator(PRECONDITIONER)
        return {"M1": root, "M2": scipy.sparse.linalg.aslinearoperator(DENSE)}
    return {"M": PRECONDITIONER}


def iterative(solver):
    """A solver of any regular equations, by matrix and right-hand side."""
    return [
        case(solver, real(8), real(4), call=lambda d, b: solver(regular(d), b, rtol=TIGHT)[0]),
        case(
            solver,
            real(4, 4),
            real(4),
            call=lambda a, b: solver(a + 6 * np.eye(4), b, rtol=TIGHT, **preconditioner(solver))[0],
            dtypes="",
            label=f"{solver.__name__}(dense, preconditioned)",
        ),
        case(
            solver,
            real(4),
            call=lambda b: solver(OPERATOR, b, rtol=0.0, atol=TIGHT, x0=b)[0],
            dtypes="",
            label=f"{solver.__name__}(LinearOperator)",
        ),
    ]


def symmetric_iterative(solver):
    """A solver of symmetric equations."""
    return [
        case(
            solver,
            real(4),
            real(3),
            real(4),
            call=lambda d, e, b: solver(symmetric(d, e), b, rtol=TIGHT)[0],
            dtypes="",
        ),
        case(
            solver,
            real(4),
            call=lambda b: solver(symmetric(np.zeros(4), np.ones(3)), b, rtol=TIGHT)[0],
            dtypes="",
            label=f"{solver.__name__}(constant)",
        ),
    ]


def tridiagonal(d, e):
    return sparse.diags_array([d, e, e], offsets=[0, 1, -1], format="csc")


def without_phase(pairs):
    w, v = pairs
    return w, np.abs(v) ** 2, (v * w) @ v.conj().T


def algebra(A, d):
    """An operator made of others."""
    shift = linalg.LinearOperator(
        (4, 4), lambda x: d[0] * np.roll(x, 1), lambda x: np.conj(d[0]) * np.roll(x, -1)
    )
    constant = linalg.aslinearoperator(scipy.sparse.linalg.aslinearoperator(CONSTANT))
    return A**2 / d[1] - shift.H @ A.T * d[2] + constant.H - shift.T


START = np.linspace(1.0, 2.0, 6)
INCOMPLETE = linalg.spilu(scipy.sparse.csc_array(DENSE))
#: Tolerances of rounding, and iterations for them.
MANY = {
    f: {"atol": 1e-15, "btol": 1e-15, "conlim": 0, limit: 100}
    for f, limit in ((linalg.lsqr, "iter_lim"), (linalg.lsmr, "maxiter"))
}

CASES = [
    # constant matrices
    *(constant(f"{format}_{kind}") for format in FORMATS for kind in ("array", "matrix")),
    named("1-d @ x", real(4), call=lambda x: scipy.sparse.coo_array(np.arange(4.0)) @ x),
    # matrices of traced numbers
    *(row for kind in KINDS for row in of_kind(kind)),
    *(
        named(
            f"{kind} * x",
            real(8),
            real(4, 2),
            call=lambda d, x, kind=kind: (x.T * matrix(d, kind)) @ (matrix(d * d, kind) * x),
        )
        for kind in ("csr_matrix", "csc_matrix", "coo_matrix")
    ),
    named(
        "csr of three arrays",
        real(8),
        real(4),
        call=lambda d, x: sparse.csr_array((d, *COMPRESSED)) @ x,
    ),
    named(
        "csc of three arrays",
        real(8),
        call=lambda d: sparse.csc_matrix((d, *COMPRESSED))[1:, 1:].toarray(),
    ),
    named("csr of a dense matrix", real(2, 4), real(4), call=lambda a, x: sparse.csr_array(a) @ x),
    named("csc of csr", real(8), call=lambda d: sparse.csc_array(matrix(d)).data),
    named(
        "dia_array",
        real(2, 4),
        real(4),
        call=lambda d, x: sparse.dia_array((d, [1, -1]), shape=(4, 4)) @ x,
    ),
    named("[i, j]", real(8), call=lambda d: matrix(d)[0, 0] * matrix(d)[3, 3]),
    named("[rows, cols]", real(8), call=lambda d: matrix(d)[[0, 1, 1], [0, 1, 0]]),
    named("[slice, list]", real(8), call=lambda d: matrix(d)[1:, [2, 0]].toarray()),
    named("sum over rows", real(8), call=lambda d: matrix(d).sum(axis=0)),
    named("mean", real(8), call=lambda d: matrix(d).mean(axis=1)),
    named("power", positive(8), call=lambda d: matrix(d).power(3).toarray()),
    named("elementwise", real(8), real(4, 4), call=lambda d, x: (matrix(d) * x).toarray()),
    named("quotient", real(8), positive(4), call=lambda d, x: (matrix(d) / x).toarray()),
    named("plus dense", real(8), real(4, 4), call=lambda d, x: x - matrix(d)),
    case(
        sparse.diags_array,
        real(4),
        real(3),
        call=lambda d, e: (
            sparse.diags_array([d, e, 2 * e], offsets=[0, 1, -1]).toarray() @ np.arange(4.0)
        ),
    ),
    case(sparse.diags, real(3), call=lambda d: sparse.diags(d, 1, format="csr").toarray()),
    case(
        sparse.block_array,
        real(8),
        call=lambda d: sparse.block_array(
            [[matrix(d), None], [CONSTANT, matrix(d).T]], format="csr"
        ).toarray(),
    ),
    *(
        case(f, real(8), call=lambda d, f=f: f([matrix(d), CONSTANT, 2 * matrix(d)]).toarray())
        for f in (sparse.hstack, sparse.vstack, sparse.block_diag)
    ),
    case(sparse.kron, real(8), call=lambda d: sparse.kron(matrix(d), CONSTANT).toarray()),
    row(
        lambda d: sparse.bsr_array((d, [0, 2, 1], [0, 2, 3]), shape=(4, 6)).toarray(), real(3, 2, 2)
    ),
    row(
        lambda a, b: sparse.kronsum(sparse.csr_array(a), sparse.csc_array(b)).toarray(),
        real(2, 2),
        complex_(3, 3),
    ),
    row(lambda d: sparse.kronsum(matrix(d), CONSTANT).toarray(), real(8)),
    row(lambda d: sparse.spdiags(d, [0, -1], 3, 4).toarray(), real(2, 4)),
    row(lambda d: sparse.find(matrix(d))[2], real(8)),
    row(
        lambda d: np.stack([matrix(d).max(), abs(matrix(d, "coo_array")).sum()]),
        real(8),
    ),
    row(lambda d: matrix(d / 3).arcsinh().reshape(2, 8).toarray(), complex_(8)),
    case(sparse.tril, real(8), call=lambda d: sparse.tril(matrix(d), -1).toarray()),
    case(sparse.triu, real(8), call=lambda d: sparse.triu(matrix(d)).toarray()),
    # direct solvers
    case(
        linalg.spsolve,
        real(8),
        real(4),
        call=lambda d, b: linalg.spsolve(regular(d), b),
        dtypes="fFD",
    ),
    case(linalg.spsolve, real(8), real(4, 2), call=lambda d, b: linalg.spsolve(regular(d), b)),
    case(
        linalg.spsolve,
        real(4),
        call=lambda b: linalg.spsolve(scipy.sparse.csc_array(DENSE), b),
        label="spsolve(constant)",
        dtypes="fFD",
    ),
    *(
        case(
            linalg.splu,
            real(8),
            real(4, 2),
            call=lambda d, b, t=t: linalg.splu(regular(d).tocsc()).solve(b, t),
            label=f"splu(...).solve(b, {t!r})",
            dtypes="fFD",
        )
        for t in "NTH"
    ),
    case(
        linalg.factorized,
        real(4),
        call=lambda b: linalg.factorized(scipy.sparse.csc_array(DENSE))(b),
    ),
    # iterative solvers
    *symmetric_iterative(linalg.cg),
    *symmetric_iterative(linalg.minres),
    *(
        row
        for solver in (
            *(linalg.bicg, linalg.bicgstab, linalg.cgs, linalg.gmres),
            *(linalg.qmr, linalg.lgmres, linalg.gcrotmk, linalg.tfqmr),
        )
        for row in iterative(solver)
    ),
    *(
        case(
            solver,
            real(*shape),
            real(shape[0]),
            call=lambda a, b, f=solver, d=damp: f(sparse.csr_array(a), b, d, **MANY[f])[0],
            label=f"{solver.__name__}{shape}",
            dtypes="",
        )
        for solver in (linalg.lsqr, linalg.lsmr)
        for shape, damp in (((4, 2), 0.0), ((2, 3), 0.5))
    ),
    row(lambda b, x0: linalg.lsqr(DENSE, b, 0.3, x0=x0, **MANY[linalg.lsqr])[0], real(4), real(4)),
    # triangles
    case(
        linalg.spsolve_triangular,
        real(4) + 4,
        real(3),
        real(4, 2),
        call=lambda d, e, b: linalg.spsolve_triangular(
            sparse.diags_array([d, e], offsets=[0, -1], format="csr"), b
        ),
    ),
    row(
        lambda d, e, b: linalg.spsolve_triangular(
            sparse.diags_array([d, e], offsets=[0, 1], format="csc"), b, False, unit_diagonal=True
        ),
        complex_(4),
        complex_(3),
        complex_(4),
    ),
    case(linalg.spilu, real(4), call=lambda b: INCOMPLETE.solve(b, "T"), label="spilu"),
    case(linalg.inv, real(8), call=lambda d: linalg.inv(regular(d).tocsc()).toarray()),
    # functions
    *(
        row(lambda d, o=options: np.atleast_1d(linalg.norm(matrix(d), **o)), numbers)
        for numbers, options in (
            (real(8), {}),
            (complex_(8), {"ord": 1}),
            (real(8), {"ord": -np.inf}),
            (complex_(8), {"axis": 0}),
        )
    ),
    case(linalg.expm, real(8), call=lambda d: linalg.expm(matrix(d / 5).tocsc()).toarray()),
    case(linalg.matrix_power, real(8), call=lambda d: linalg.matrix_power(matrix(d), 3).toarray()),
    # eigenvalues
    *(
        case(
            linalg.eigsh,
            real(6),
            real(5),
            positive(6),
            call=lambda d, e, m, o=options: linalg.eigsh(
                tridiagonal(d, e), 2, sparse.diags_array(m, format="csc"), v0=START, **o
            ),
            label=f"eigsh({options})",
            dtypes="",
        )
        for options in ({}, {"sigma": 0.1, "mode": "cayley"})
    ),
    case(
        linalg.eigs,
        real(6, 6),
        call=lambda a: without_phase(linalg.eigs(a, 2, which="LI", v0=START)),
        dtypes="",
    ),
    row(lambda z: without_phase(linalg.eigsh(z + z.conj().T, 2, v0=START)), complex_(6, 6)),
    *(
        case(
            linalg.svds,
            real(*shape),
            call=lambda a: linalg.svds(sparse.csr_array(a), 2, v0=START[: min(a.shape)]),
            label=f"svds{shape}",
            dtypes="",
        )
        for shape in ((6, 4), (4, 5))
    ),
    # operators
    case(
        linalg.LinearOperator,
        real(8),
        real(4),
        call=lambda d, x: algebra(linalg.aslinearoperator(matrix(d)), d) @ x,
        dtypes="",
    ),
    row(lambda d, x: x @ algebra(linalg.aslinearoperator(matrix(d)), d), complex_(8), complex_(4)),
    # exponentials
    case(
        linalg.expm_multiply,
        real(8),
        real(4),
        call=lambda d, b: linalg.expm_multiply(matrix(d), b),
        label="expm_multiply(by A)",
        dtypes="",
    ),
    row(
        lambda z, b, t: linalg.expm_multiply(z, b, start=t, stop=1.5, num=3, endpoint=True),
        complex_(3, 3),
        complex_(3),
        np.float64(0.3),
    ),
    case(linalg.expm_multiply, real(4), call=lambda b: linalg.expm_multiply(DENSE / 6, b)),
    case(
        linalg.expm_multiply,
        real(4, 2),
        call=lambda b: linalg.expm_multiply(CONSTANT, b, start=0, stop=1, num=3, endpoint=True),
        label="expm_multiply(grid)",
    ),
]
