"""Cases of dualrev/scipy/linalg."""

import numpy as np
import scipy

import dualrev.scipy.linalg as la
from tests import cases
from tests.cases import complex_, real
from tests.cases.decompositions import adjoint, hermitian, positive_definite

#: SciPy since 1.17 takes stacks of matrices everywhere, and inv's assume_a.
STACKS = np.lib.NumpyVersion(scipy.__version__) >= "1.17.0"
#: Samples of a stack, where SciPy takes them.
STACK = (2,) if STACKS else ()


def case(function, *args, **options):
    """A row; complex samples have no place in the laws of real dtypes."""
    if any(np.iscomplexobj(a) for a in args):
        options["dtypes"] = ""
    return cases.case(function, *args, **options)


def regular(*shape, seed=0):
    """Matrices far from singular, whose eigenvalues are far from the negative numbers."""
    return real(*shape, seed=seed) / 2 + 3 * np.eye(*shape[-2:])


def regular_complex(*shape, seed=0):
    return regular(*shape, seed=seed) + 0.5j * real(*shape, seed=seed + 1)


def symmetric(a):
    return a + a.mT


def diagonal(a):
    return a * np.eye(a.shape[-1])


def small(a):
    """Of spectral radius less than 1."""
    return a / 8


def on(f, *prepare, **options):
    """f of prepared arguments: what it takes is made of any matrix."""

    def call(*args):
        made = [p(a) for p, a in zip(prepare, args)]
        return f(*made, *args[len(made) :], **options)

    call.__name__ = f.__name__ + str(options or "")
    return call


def by_lu(a, b, trans=0):
    return la.lu_solve(la.lu_factor(a), b, trans)


def by_cholesky(a, b, lower=False):
    return la.cho_solve(la.cho_factor(a, lower), b)


def written_factor(a, lower=False):
    return (np.tril if lower else np.triu)(la.cho_factor(a, lower)[0])


def banded(bands):
    return on(lambda ab, b: la.solve_banded(bands, ab, b))


def band(bands, n, seed=0):
    """Diagonals of a matrix whose main one is large."""
    ab = real(sum(bands) + 1, n, seed=seed) / 2
    ab[bands[1]] += 4
    return ab


def by_toeplitz(f):
    return lambda c, r, x: f((c, r), x)


def first(values):
    """A row whose first element, and matrix's diagonal, is large."""
    values = values.copy()
    values[0] += 6
    return values


def least_squares(a, b, **options):
    return [x for i, x in enumerate(la.lstsq(a, b, **options)) if i != 2 and x is not None]


def function_by_eigh(a, b=None, **options):
    """What depends on the eigenvectors, and not on their phases."""
    w, v = la.eigh(a, b, **options)
    return (v * np.sin(w)[..., None, :]) @ adjoint(v)


def function_by_eig(a):
    w, v = la.eig(a)
    return (v * np.exp(w)) @ la.inv(v)


def riccati(f):
    a, b, q, r = real(3, 3), real(3, 2), real(3, 3, seed=1), real(2, 2)
    e, s = regular(3, 3), real(3, 2, seed=1) / 5
    whole = on(f, np.array, np.array, positive_definite, positive_definite)
    return [
        case(whole, a, b, q, r),
        case(whole, a, b, q, r, e, s, dtypes=""),
        case(whole, a + 1j * q, b, q * (1 + 1j), r, e + 0.2j * a, s, dtypes=""),
    ]


ASSUMED = ("gen", "diagonal", "tridiagonal", "banded", "upper triangular", "lower triangular")
SUBSETS = ({}, {"subset_by_index": [1, 2]}, {"subset_by_value": [-2.0, 2.5]})


def by_banded_cholesky(ab, b, lower=False):
    return la.cho_solve_banded((la.cholesky_banded(ab, lower=lower), lower), b)


def without_phases(f, **options):
    """f of a matrix, with products of its unitary factor in place of it."""

    def call(a):
        x, q = f(a, **options)[:2]
        weights = np.arange(1.0, q.shape[-1] + 1)
        return np.diagonal(x), np.abs(x) ** 2, (q * weights) @ adjoint(q)

    call.__name__ = f.__name__ + str(options)
    return call


def pair_without_phases(f, **options):
    """f of two matrices in complex form, with what its phases leave alone."""

    def call(a, b):
        s, t, *eigenvalues, q, z = f(a, b, output="complex", **options)
        weights = np.arange(1.0, q.shape[-1] + 1)
        return np.abs(s) ** 2, np.diagonal(t), (q * weights) @ adjoint(z), *eigenvalues

    call.__name__ = f.__name__ + str(options)
    return call


def changed(f, *args, **options):
    """The factors of qr after a change."""
    return lambda a, *others: f(*la.qr(a, mode="economic"), *others, *args, **options)


def projector(f):
    def call(a):
        basis = f(a)
        return basis @ adjoint(basis)

    call.__name__ = f.__name__
    return call


def factors_by_ldl(a, **options):
    return la.ldl(a, **options)[:2]


def by_complex_schur(a):
    return la.rsf2csf(*la.schur(a))


def by_real_blocks(a):
    return la.cdf2rdf(*la.eig(a))


#: With two pairs of complex eigenvalues, and a real one.
ROTATING = np.kron(np.diag([1.0, 2.0]), [[0, 2], [-1, 0]]) + real(4, 4) / 5
ROTATING = np.block([[ROTATING, np.ones((4, 1))], [np.ones((1, 4)) / 3, 5.0]])
SELECTED = (
    {},
    {"select": "i", "select_range": (1, 2)},
    {"select": "v", "select_range": (-2.0, 1.5)},
)


CASES = [
    # systems
    *(case(la.solve, regular(3, 3), real(*shape), dtypes="fFD") for shape in ((3,), (3, 2))),
    *(
        case(la.solve, regular(3, 3), real(3, 2), assume_a=kind, transposed=t)
        for kind in ASSUMED
        for t in (False, True)
    ),
    *(
        case(on(la.solve, positive_definite, assume_a=kind, lower=lower), x, real(3))
        for x in (real(3, 3), complex_(3, 3))
        for kind, lower in (("pos", False), ("her", True))
    ),
    case(on(la.solve, symmetric, assume_a="sym"), regular_complex(3, 3), real(3), dtypes=""),
    case(on(la.solve, symmetric, assume_a="sym", transposed=True), regular(3, 3), real(3)),
    case(la.solve, regular(*STACK, 3, 3), real(3)),
    *(
        case(la.solve_triangular, x, real(3, 2), trans=t, lower=lower, unit_diagonal=u, dtypes="")
        for x in (regular(3, 3), regular_complex(3, 3))
        for t, lower, u in ((0, False, False), (1, True, False), ("C", False, True))
    ),
    case(la.solve_triangular, regular(*STACK, 3, 3), real(3), dtypes="fFD"),
    *(case(by_lu, x, real(3), t) for x in (real(3, 3), regular_complex(3, 3)) for t in (0, 1, 2)),
    case(by_lu, real(3, 3), real(3, 2), dtypes="fFD"),
    case(by_lu, real(*STACK, 3, 3), real(3, 2), dtypes="f"),
    *(
        case(on(by_cholesky, positive_definite, lower=lower), x, real(3))
        for x in (real(3, 3), complex_(3, 3))
        for lower in (False, True)
    ),
    case(on(by_cholesky, positive_definite), real(*STACK, 3, 3), real(3, 2), dtypes="fFD"),
    case(la.inv, regular(3, 3), dtypes="fFD"),
    *(
        case(on(la.inv, make, assume_a=kind), regular_complex(3, 3), dtypes="")
        for kind, make in (("pos", positive_definite), ("sym", symmetric), ("diagonal", diagonal))
        if STACKS
    ),
    *(case(f, regular(3, 3), complex_(3)) for f in (la.solve, la.solve_triangular, by_lu)),
    *(case(f, regular_complex(3, 3), real(3)) for f in (la.solve, la.solve_triangular, by_lu)),
    # numbers and vectors of a matrix
    case(la.det, regular(2, 3, 3), dtypes="fFD"),
    *(case(la.norm, real(*shape), dtypes="fFD") for shape in ((4,), (2, 3))),
    *(case(la.norm, real(3, 4), ord=ord, dtypes="f") for ord in (1, -1, 2, np.inf, "nuc")),
    case(la.norm, real(3, 4), ord=3, axis=0, keepdims=True),
    *(case(la.pinv, real(*shape), dtypes="fD") for shape in ((4, 2), (2, 4))),
    *(case(on(la.pinvh, hermitian), x, dtypes="") for x in (real(3, 3), complex_(3, 3))),
    *(
        case(least_squares, real(*m), real(*n), dtypes="fD")
        for m, n in (((4, 2), (4,)), ((4, 2), (4, 3)), ((2, 4), (2,)))
    ),
    *(
        case(least_squares, complex_(4, 2), complex_(4), lapack_driver=driver, dtypes="")
        for driver in ("gelsd", "gelsy", "gelss")
    ),
    # bands
    *(
        case(banded(bands), band(bands, 4), real(*shape), dtypes="fFD", label=f"banded{bands}")
        for bands in ((1, 1), (2, 1), (0, 1), (0, 0))
        for shape in ((4,), (4, 2))
    ),
    *(
        case(la.solveh_banded, band((0, m), 4)[:: -1 if lower else 1] + c, real(4, 2), lower=lower)
        for m in (0, 1, 2)
        for lower in (False, True)
        for c in (0, 0.3j * real(m + 1, 4, seed=2))
    ),
    case(la.solveh_banded, band((0, 1), 4), real(4), dtypes="fFD"),
    *(case(banded((1, 1)), band((1, 1), 4) * u, b) for u, b in ((1, complex_(4)), (1j, real(4)))),
    case(la.solveh_banded, band((0, 1), 4), complex_(4)),
    # matrices of a structure, and their systems
    *(case(la.toeplitz, real(*shape), dtypes="fFD") for shape in ((4,), (*STACK, 3))),
    case(la.toeplitz, complex_(3), complex_(4), dtypes=""),
    case(la.circulant, real(2, 3), dtypes="fD"),
    case(la.hankel, real(3), dtypes="fD"),
    case(la.hankel, real(3), real(4)),
    case(la.block_diag, real(2, 3), real(2), real(1)[0], dtypes="fFD"),
    case(la.block_diag, real(*STACK, 2, 1), complex_(1, 2), dtypes=""),
    case(la.companion, real(4), dtypes="fD"),
    cases.row(lambda a: la.clarkson_woodruff_transform(a, 3, rng=0), complex_(4, 2)),
    cases.row(
        lambda b, p: la.interpolative.reconstruct_matrix_from_id(b, np.array([1, 2, 0, 3]), p),
        complex_(3, 2),
        complex_(2, 2),
    ),
    case(la.diagsvd, real(3), 3, 4, dtypes="fD"),
    case(la.fiedler, real(4), dtypes="f"),
    case(la.fiedler_companion, real(5), dtypes="fD"),
    case(la.khatri_rao, real(2, 3), real(4, 3), dtypes="fD"),
    case(la.leslie, real(3), real(2)),
    *(case(la.convolution_matrix, real(3), 4, mode=m) for m in ("full", "same", "valid")),
    *(
        case(by_toeplitz(f), first(c), r, x, label=f.__name__, dtypes=dtypes)
        for f in (la.solve_toeplitz, la.matmul_toeplitz)
        for c, r, x, dtypes in (
            (real(4), real(4, seed=1), real(4), "D"),
            (complex_(4), complex_(4, seed=1), complex_(4, 2), ""),
        )
    ),
    case(by_toeplitz(la.matmul_toeplitz), real(3), real(4), real(4, 2), label="matmul_toeplitz"),
    case(la.solve_toeplitz, first(complex_(4)), real(4), dtypes=""),
    case(la.solve_circulant, first(real(4)), real(4, 2), dtypes="D"),
    case(la.solve_circulant, first(complex_(4)), real(4), dtypes=""),
    # triangular factorizations
    *(
        case(on(f, positive_definite, lower=lower), x, dtypes="")
        for f in (la.cholesky, written_factor)
        for x in (real(3, 3), complex_(3, 3))
        for lower in (False, True)
    ),
    case(on(la.cholesky, positive_definite), real(*STACK, 3, 3), dtypes="fFD"),
    *(
        case(on(lambda a: la.lu_factor(a)[0]), x, label=f"lu_factor{x.shape}", dtypes="f")
        for x in (real(3, 3), real(4, 2), real(2, 4), complex_(3, 3), complex_(2, 3))
    ),
    *(
        case(on(lambda a: la.lu(a)[1:]), real(*shape), label=f"lu{shape}", dtypes="fD")
        for shape in ((3, 3), (2, 4, 2), (2, 4))
    ),
    case(on(la.lu, permute_l=True), real(2, 3, 3), dtypes="fD"),
    *(
        case(la.qr, real(*shape), mode=mode, dtypes="fD")
        for shape in ((3, 3), (4, 2), (2, 4))
        for mode in ("economic", "r")
    ),
    case(la.qr, complex_(3, 3), dtypes=""),
    case(
        on(lambda a: la.qr(a, mode="economic", pivoting=True)[:2]), real(4, 3), label="qr(pivots)"
    ),
    *(
        case(la.rq, real(*shape), mode=mode, dtypes="f")
        for shape, mode in (((3, 3), "full"), ((4, 2), "economic"), ((2, 4), "r"))
    ),
    case(la.rq, complex_(2, 3), mode="economic", dtypes=""),
    case(la.qr_multiply, real(4, 2), real(3, 4), dtypes="f"),
    *(
        cases.row(la.qr_multiply, complex_(3, 3), complex_(3), mode=mode, conjugate=True)
        for mode in ("left", "right")
    ),
    cases.row(lambda a, c: la.qr_multiply(a, c, "left", True)[:2], real(4, 2), real(2)),
    case(changed(la.qr_insert, 1, "col"), real(4, 2), real(4), label="qr_insert"),
    case(changed(la.qr_insert, k=0), real(4, 2), real(2, 2), label="qr_insert(rows)"),
    case(changed(la.qr_insert, -1, "col"), real(4, 2), real(4), label="qr_insert(column before)"),
    case(changed(la.qr_insert, k=-2), real(4, 2), real(2, 2), label="qr_insert(rows before)"),
    case(changed(la.qr_delete, k=-2, p=2), real(4, 2), label="qr_delete(last rows)"),
    case(changed(la.qr_delete, 1), real(4, 2), label="qr_delete"),
    case(changed(la.qr_delete, k=0, which="col"), real(4, 2), label="qr_delete(columns)"),
    case(changed(la.qr_update), real(4, 2), real(4), real(2), label="qr_update"),
    *(
        case(factors_by_ldl, x + x.mT, lower=lower, hermitian=False, dtypes="f")
        for x in (real(4, 4) * (1 - 0.9 * np.eye(4)), complex_(4, 4))
        for lower in (False, True)
    ),
    case(on(factors_by_ldl, hermitian), complex_(4, 4), dtypes=""),
    case(on(la.cholesky_banded), band((0, 2), 4), dtypes="f"),
    *(
        case(
            by_banded_cholesky, band((0, 1), 4)[:: -1 if lower else 1] + c, real(4, 2), lower=lower
        )
        for lower in (False, True)
        for c in (0, 0.3j * real(2, 4, seed=2))
    ),
    # similar matrices
    case(la.schur, real(3, 3), dtypes="f"),
    case(la.schur, ROTATING),
    cases.row(la.schur, ROTATING, sort="rhp"),
    *(
        case(without_phases(la.schur, output="complex", sort=sort), x, dtypes="")
        for x in (ROTATING, complex_(3, 3))
        for sort in (None, "lhp")
    ),
    case(la.qz, real(3, 3), regular(3, 3)),
    cases.row(la.qz, ROTATING, regular(5, 5)),
    case(pair_without_phases(la.qz), complex_(3, 3), regular_complex(3, 3), dtypes=""),
    cases.row(pair_without_phases(la.ordqz, sort="rhp"), real(3, 3), regular(3, 3)),
    case(by_complex_schur, ROTATING),
    case(by_real_blocks, ROTATING),
    *(case(la.hessenberg, x, calc_q=True, dtypes="f") for x in (real(4, 4), complex_(3, 3))),
    cases.row(la.hessenberg, real(3, 3)),
    case(
        la.matrix_balance,
        real(3, 3) * [[1, 30, 1], [1, 1, 30], [1, 1, 1]],
        separate=True,
        dtypes="f",
    ),
    # singular values
    *(case(la.svd, real(*shape), full_matrices=False, dtypes="fD") for shape in ((3, 3), (4, 2))),
    case(la.svd, real(3, 3), lapack_driver="gesvd"),
    case(la.svd, complex_(2, 4), compute_uv=False, dtypes=""),
    case(la.svdvals, real(4, 2), dtypes="fD"),
    *(case(la.polar, x) for x in (real(3, 3), real(4, 2), complex_(3, 3), complex_(3, 2))),
    *(case(la.polar, x, "left") for x in (real(3, 3), real(2, 4), complex_(2, 3))),
    *(
        case(la.orthogonal_procrustes, x, y)
        for x, y in ((real(4, 3), real(4, 3, seed=1)), (complex_(3, 2), complex_(3, 2, seed=2)))
    ),
    case(la.subspace_angles, real(4, 2), real(4, 2, seed=1), dtypes="f"),
    case(la.subspace_angles, complex_(4, 1), complex_(4, 2), dtypes=""),
    case(projector(la.null_space), real(2, 4), dtypes="f"),
    case(projector(la.orth), complex_(4, 2), dtypes=""),
    # eigenvalues
    *(
        case(on(function_by_eigh, hermitian, **options), x, dtypes="")
        for x in (real(4, 4), complex_(4, 4))
        for options in ({}, {"subset_by_index": [1, 2], "lower": False})
    ),
    case(on(la.eigh, hermitian, driver="evd"), real(3, 3), dtypes="f"),
    case(on(function_by_eigh, hermitian), real(*STACK, 3, 3), dtypes="f"),
    *(
        case(
            on(function_by_eigh, hermitian, positive_definite, type=kind, **options),
            make(4, 4),
            make(4, 4, seed=3) / 2,
            dtypes="",
        )
        for make in (real, complex_)
        for kind in (1, 2, 3)
        for options in SUBSETS
    ),
    *(
        case(
            on(la.eigvalsh, hermitian, positive_definite, type=kind, **options),
            make(4, 4),
            make(4, 4, seed=3) / 2,
            dtypes="",
        )
        for make in (real, complex_)
        for kind in (1, 2)
        for options in SUBSETS
    ),
    case(on(la.eigvalsh, hermitian, driver="evd"), real(*STACK, 3, 3), dtypes="fFD"),
    # stevd, the default, divides by zero inside in older LAPACKs, which NumPy's functions notice.
    case(la.eigh_tridiagonal, real(4), real(3), lapack_driver="stev"),
    *(case(la.eigh_tridiagonal, real(4), real(3), **options) for options in SELECTED[1:]),
    cases.row(la.eigvalsh_tridiagonal, real(4), real(3), select="v", select_range=(-2.0, 1.5)),
    *(
        case(la.eig_banded, real(2, 4), lower=lower, **options)
        for lower in (False, True)
        for options in SELECTED
    ),
    cases.row(la.eigvals_banded, real(3, 4) + 1j * real(3, 4), lower=True),
    case(la.eig, real(3, 3), dtypes="fD"),
    case(function_by_eig, complex_(3, 3), dtypes=""),
    case(la.eigvals, complex_(3, 3), dtypes=""),
    *(case(la.eigvals, x, y, dtypes="") for x, y in ((real(3, 3), regular(3, 3)),)),
    case(la.eigvals, complex_(3, 3), regular(3, 3), dtypes=""),
    # functions
    *(
        case(f, x / 2, dtypes="f")
        for f in (la.expm, la.cosm, la.sinm, la.tanm, la.coshm, la.sinhm, la.tanhm)
        for x in (real(3, 3), complex_(3, 3))
    ),
    case(la.expm, real(2, 2, 2), dtypes="fD"),
    case(la.expm_frechet, real(3, 3), real(3, 3, seed=1)),
    case(la.expm_frechet, complex_(2, 2), complex_(2, 2, seed=1), compute_expm=False, dtypes=""),
    *(
        case(f, x, dtypes="f" if f is la.sqrtm else "")
        for f in (la.logm, la.sqrtm)
        for x in (regular(3, 3), regular_complex(3, 3), regular(*STACK, 2, 2))
    ),
    *(
        case(
            on(lambda a, f=f: a @ f(a)),
            np.array([[1.0, 2.0], [-0.5, -2.0]]),
            label=f.__name__,
            dtypes="f" if f is la.sqrtm else "",
        )
        for f in (la.logm, la.sqrtm)
    ),
    *(case(la.fractional_matrix_power, regular(3, 3), t, dtypes="") for t in (0.5, -1.3, 2)),
    case(la.fractional_matrix_power, regular(2, 2), np.float64(1.7), dtypes=""),
    case(la.fractional_matrix_power, np.array([[1.0, 2.0], [-0.5, -2.0]]), 0.3, dtypes=""),
    *(case(la.signm, x, dtypes="") for x in (ROTATING - 2 * np.eye(5), complex_(3, 3))),
    *(case(la.funm, x, np.cos, dtypes="") for x in (real(3, 3), complex_(3, 3))),
    # equations
    case(la.solve_sylvester, regular(3, 3), regular(2, 2), real(3, 2), dtypes="D"),
    case(la.solve_sylvester, regular_complex(3, 3), regular(2, 2), real(3, 2), dtypes=""),
    *(
        case(on(f, make), x, y)
        for f, make in (
            (la.solve_continuous_lyapunov, np.array),
            (la.solve_discrete_lyapunov, small),
        )
        for x, y in ((regular(3, 3), real(3, 3)), (regular(3, 3), complex_(3, 3)))
    ),
    case(on(la.solve_discrete_lyapunov, small, method="bilinear"), regular(3, 3), real(3, 3)),
    *riccati(la.solve_continuous_are),
    *riccati(la.solve_discrete_are),
]
