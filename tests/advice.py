"""Advice: for each error of ours a program that raises it, what it says to write, and that program.

Programs are texts.  Those of FUNCTIONS and OTHERWISE are bodies of ``f(x)``, an expression or statements; those of
VALUES are expressions, beside the value that comes out in the end, after SETUP.
"""

FUNCTIONS = [
    (
        "from dualrev.scipy import stats; return x[0] * stats.dirichlet.rvs(x, random_state=1)[0]",
        "hold the parameters constant: dualrev.stop_gradient(x)",
        "from dualrev.scipy import stats; "
        "return x[0] * stats.dirichlet.rvs(dualrev.stop_gradient(x), random_state=1)[0]",
    ),
    ("np.sin(x, subok=False)", "leave out subok", "np.sin(x)"),
    (
        "q = np.zeros_like(x); r = np.zeros_like(x); return np.modf(1.1 * x, out=(q, r))[0]",
        "leave out out=",
        "np.modf(1.1 * x)[0]",
    ),
    (
        "np.asmatrix(np.eye(3)) * x[:, None]",
        "write np.asarray(m) for it, and @ for its product",
        "np.asarray(np.asmatrix(np.eye(3))) @ x[:, None]",
    ),
    (
        "q = np.ones(3).view(type('Quantity', (np.ndarray,), {'unit': 'm'})); return x * q",
        "write np.asarray(q) for it, its numbers",
        "q = np.ones(3).view(type('Quantity', (np.ndarray,), {'unit': 'm'})); return x * np.asarray(q)",
    ),
    ("np.asmatrix(x)", "return np.asarray(m)", "np.asarray(np.asmatrix(x))"),
    (
        "np.asarray(np.tile(x, 40_000))[:3]",
        "leave out np.asarray(x): x is an array already",
        "np.tile(x, 40_000)[:3]",
    ),
    (
        "a = np.empty(100_001, object); a.fill(x[0]); return (x[0] * a)[:3]",
        "write np.stack([...])",
        "(x[0] * np.stack([x[0]] * 4))[:3]",
    ),
    (
        "np.arange(0.0, x[2], 0.5)",
        "write start + step * np.arange(n) for the whole number n of elements",
        "0.0 + 0.5 * np.arange(4) + 0 * x[2]",
    ),
    (
        "np.fromiter((v * v for v in x), float)",
        "write np.stack([...]) of the elements",
        "np.stack([v * v for v in x])",
    ),
    ("np.format_float_positional(x[0]); return x", 'write f"{x:.3g}"', 'f"{x[0]:.3g}"; return x'),
    (
        "np.lib.stride_tricks.as_strided(x, (2, 2), (8, 8))",
        "use np.lib.stride_tricks.sliding_window_view",
        "np.lib.stride_tricks.sliding_window_view(x, 2)",
    ),
    (
        "x.tobytes(); return x",
        "give it dualrev.stop_gradient(x), a plain array that carries no derivative",
        "dualrev.stop_gradient(x).tobytes(); return x",
    ),
    (
        "np.polynomial.polynomial.polyfit([0.0, 1.0, 2.0], x, 1)",
        "use np.polyfit(x, y, deg)[::-1]",
        "np.polyfit([0.0, 1.0, 2.0], x, 1)[::-1]",
    ),
    (
        "np.polynomial.polynomial.polyvalfromroots(x, [0.5])",
        "write np.prod(x - np.reshape(r, (-1,) + (1,) * np.ndim(x)), axis=0)",
        "np.prod(x - np.reshape([0.5], (-1,) + (1,) * np.ndim(x)), axis=0)",
    ),
    (
        "np.polynomial.polynomial.polyroots(x * [1.0, 1.0, -1.0])",
        "use np.roots(c[::-1])",
        "np.sort(np.roots((x * [1.0, 1.0, -1.0])[::-1]))",
    ),
    (
        "np.polynomial.hermite.hermfit([0.0, 1.0, 2.0], x, 1)",
        "use np.linalg.lstsq(np.stack([hermval(x, e) for e in np.eye(deg + 1)], 1), y)[0]",
        "from numpy.polynomial.hermite import hermval; t = np.arange(3.0); "
        "return np.linalg.lstsq(np.stack([hermval(t, e) for e in np.eye(2)], 1), x)[0]",
    ),
    (
        "np.polynomial.chebyshev.chebroots(x)",
        "convert the series to powers, c = np.stack([*cheb2poly(c)]), and use np.roots(c[::-1])",
        "c = np.stack([*np.polynomial.chebyshev.cheb2poly(x)]); return np.roots(c[::-1])",
    ),
    (
        "np.polynomial.Polynomial.fit([0.0, 1.0, 2.0], x, 1)(0.5)",
        "use np.linalg.lstsq of the series of degree 0, 1, ... at x",
        "c = np.linalg.lstsq(np.stack([np.ones(3), np.arange(3.0)], 1), x)[0]; return c[0] + 0.5 * c[1]",
    ),
    (
        "np.polynomial.Polynomial(x * [1.0, 1.0, -1.0]).roots()",
        "use np.roots of its coefficients in powers",
        "np.sort(np.roots((x * [1.0, 1.0, -1.0])[::-1]))",
    ),
    ("np.outer(x, x).ravel(order='K')", "use order='C'", "np.outer(x, x).ravel(order='C')"),
    (
        "import dualrev.numpy as np; y = np.zeros(3); z = y.view(np.int64); y[0] = x[0]; return y",
        "view it as another type after it is written",
        "import dualrev.numpy as np; y = np.zeros(3); y[0] = x[0]; return y",
    ),
    (
        "import dualrev.numpy as np; y = np.zeros(3); y[0] = x[0]; return np.random.default_rng(0).permutation(y)",
        "give a copy in its place, y.copy(), which is a traced array",
        "import dualrev.numpy as np; y = np.zeros(3); y[0] = x[0]; return np.random.default_rng(0).permutation(y.copy())",
    ),
    (
        "y = x * 1.0; a = np.asarray(y); y[0] = 3.0; return a[0] + y[1]",
        "leave out np.asarray(y), which is an array already",
        "y = x * 1.0; a = y; y[0] = 3.0; return a[0] + y[1]",
    ),
    (
        "y = x * 1.0; y.flat[:2] = y[1:]; return y",
        "give a copy of the values: v.copy()",
        "y = x * 1.0; y.flat[:2] = y[1:].copy(); return y",
    ),
    (
        "w = np.ones(40_000); y = np.sum(x[0] * w * w); w[:] = 0.0; return y",
        "compute with a copy of it: array.copy()",
        "w = np.ones(40_000); y = np.sum(x[0] * w.copy() * w.copy()); w[:] = 0.0; return y",
    ),
    (
        "y = np.outer(x, x); rng = np.random.default_rng(0); rng.shuffle(y); return y",
        "write x = rng.permutation(x) for rng.shuffle(x)",
        "y = np.outer(x, x); rng = np.random.default_rng(0); y = rng.permutation(y); return y",
    ),
    (
        "scipy.linalg.expm(np.outer(x, x))",
        "call dualrev.scipy.linalg.expm, which equals it",
        "dualrev.scipy.linalg.expm(np.outer(x, x))",
    ),
    (
        "scipy.special.ive(1.0, x + 1j).real",
        "use iv(v, z) * np.exp(-abs(z.real))",
        "z = x + 1j; return (scipy.special.iv(1.0, z) * np.exp(-abs(z.real))).real",
    ),
    (
        "p = dr.scipy.interpolate.PPoly(x[:, None], [0.0, 1.0]); "
        "p.extend(np.ones((3, 1)), [2.0]); return p(1.5)",
        "join c along its axis 1 and x, and make a PPoly of both",
        "c = np.concatenate([x[:, None], np.ones((3, 1))], axis=1); "
        "return dr.scipy.interpolate.PPoly(c, [0.0, 1.0, 2.0])(1.5)",
    ),
    (
        "g = np.arange(5.0); return dr.scipy.interpolate.interpn((g, g), x[0] * np.outer(g, g), [[1.5, 2.5]], method='splinef2d')",
        "use method='cubic'",
        "g = np.arange(5.0); return dr.scipy.interpolate.interpn((g, g), x[0] * np.outer(g, g), [[1.5, 2.5]], method='cubic')",
    ),
    (
        "dr.scipy.interpolate.make_interp_spline(np.append(x[0] * np.arange(4.0), 9.0), np.arange(5.0) % 4, bc_type='periodic')(1.0)",
        "write CubicSpline(x, y, bc_type='periodic')",
        "dr.scipy.interpolate.CubicSpline(np.append(x[0] * np.arange(4.0), 9.0), np.arange(5.0) % 4, bc_type='periodic')(1.0)",
    ),
    (
        "dr.scipy.interpolate.splev(1.5, dr.scipy.interpolate.splrep(np.arange(5.0), x[[0, 1, 2, 1, 0]], full_output=1)[0])",
        "leave it out",
        "dr.scipy.interpolate.splev(1.5, dr.scipy.interpolate.splrep(np.arange(5.0), x[[0, 1, 2, 1, 0]]))",
    ),
    (
        "dr.scipy.interpolate.splev(1.5, dr.scipy.interpolate.splrep(np.arange(5.0), x[[0, 1, 2, 1, 0]], per=1))",
        "write CubicSpline(x, y, bc_type='periodic')",
        "dr.scipy.interpolate.CubicSpline(np.arange(5.0), x[[0, 1, 2, 1, 0]], bc_type='periodic')(1.5)",
    ),
    (
        "t = np.arange(8.0); return dr.scipy.interpolate.BSpline(t, np.append(x, 1.0), 3).insert_knot(3.5)(3.2)",
        "leave it out: the spline is the same",
        "t = np.arange(8.0); return dr.scipy.interpolate.BSpline(t, np.append(x, 1.0), 3)(3.2)",
    ),
    (
        "t = np.arange(8.0); "
        "return dr.scipy.interpolate.PPoly.from_spline((t, np.append(x, 1.0), 3))(3.2)",
        "leave it out: the BSpline is the same",
        "t = np.arange(8.0); return dr.scipy.interpolate.BSpline(t, np.append(x, 1.0), 3)(3.2)",
    ),
    (
        "p = dr.scipy.interpolate.CubicSpline(np.arange(5.0), np.append(x, [0.0, 1.0])); "
        "return dr.scipy.interpolate.BSpline.from_power_basis(p)(1.5)",
        "write make_interp_spline(x, y)",
        "dr.scipy.interpolate.make_interp_spline(np.arange(5.0), np.append(x, [0.0, 1.0]))(1.5)",
    ),
    (
        "cov = scipy.stats.Covariance.from_diagonal([1.0, 2.0, 3.0]); "
        "return dr.scipy.stats.multivariate_normal.logpdf(x, cov=cov)",
        "give the matrix: cov=cov.covariance",
        "cov = scipy.stats.Covariance.from_diagonal([1.0, 2.0, 3.0]); "
        "return dr.scipy.stats.multivariate_normal.logpdf(x, cov=cov.covariance)",
    ),
    (
        "A = scipy.sparse.linalg.aslinearoperator(np.diag([1.0, 2.0, 3.0])); "
        "return dr.scipy.sparse.linalg.expm_multiply(A, np.ones(3), x[0], 2.0, 2, True)",
        "give it as a matrix",
        "A = np.diag([1.0, 2.0, 3.0]); "
        "return dr.scipy.sparse.linalg.expm_multiply(A, np.ones(3), x[0], 2.0, 2, True)",
    ),
    (
        "A = dr.scipy.sparse.diags_array(x).tocsc(); return dr.scipy.sparse.linalg.spilu(A).solve(x)",
        "use splu",
        "A = dr.scipy.sparse.diags_array(x).tocsc(); return dr.scipy.sparse.linalg.splu(A).solve(x)",
    ),
    (
        "A = dr.scipy.sparse.diags_array(x); return dr.scipy.sparse.linalg.norm(A, 2)",
        "use svds(A, 1)[1][0] for ord=2",
        "A = dr.scipy.sparse.diags_array(x); return dr.scipy.sparse.linalg.svds(A, 1)[1][0]",
    ),
    (
        "A = dr.scipy.sparse.diags_array(x); return dr.scipy.sparse.linalg.norm(A, 3, 0)",
        "use np.linalg.norm(A.toarray(), ord, axis)",
        "A = dr.scipy.sparse.diags_array(x); return np.linalg.norm(A.toarray(), 3, 0)",
    ),
    (
        "dr.scipy.sparse.linalg.tfqmr(np.diag(x), x, M=np.eye(3))[0]",
        "use dualrev.scipy.sparse.linalg.gmres",
        "dualrev.scipy.sparse.linalg.gmres(np.diag(x), x, M=np.eye(3), rtol=1e-12)[0]",
    ),
    (
        "dr.scipy.sparse.diags_array(x).tocsr().max(axis=0).toarray().ravel()",
        "compute with A.toarray(): A.toarray().max(axis=0)",
        "dr.scipy.sparse.diags_array(x).toarray().max(axis=0)",
    ),
    (
        "A = dr.scipy.sparse.csc_array(np.diag(x)); "
        "return dr.scipy.sparse.linalg.spsolve_triangular(A, x)",
        "give one: dualrev.scipy.sparse.tril(A, format='csc')",
        "A = dr.scipy.sparse.csc_array(np.diag(x)); "
        "return dr.scipy.sparse.linalg.spsolve_triangular(dualrev.scipy.sparse.tril(A, format='csc'), x)",
    ),
    (
        "dr.scipy.sparse.csgraph.laplacian(np.outer(x, x), form='function')(np.eye(3))",
        "use form='array'",
        "dr.scipy.sparse.csgraph.laplacian(np.outer(x, x), form='array')",
    ),
    (
        "A = dr.scipy.sparse.csr_array((x, np.array([1, 1, 0], 'i'), np.array([0, 2, 3], 'i')), shape=(2, 2)); "
        "return dr.scipy.sparse.csgraph.laplacian(dr.scipy.sparse.csgraph.minimum_spanning_tree(A)).sum()",
        "use A.tocoo().tocsr()",
        "A = dr.scipy.sparse.csr_array((x, np.array([1, 1, 0], 'i'), np.array([0, 2, 3], 'i')), shape=(2, 2)).tocoo().tocsr(); "
        "return dr.scipy.sparse.csgraph.laplacian(dr.scipy.sparse.csgraph.minimum_spanning_tree(A)).sum()",
    ),
    (
        "A = np.diag(x); return dr.scipy.sparse.linalg.eigsh(A, 1, sigma=1.1, mode='buckling')[0]",
        "use mode='cayley'",
        "A = np.diag(x); return dr.scipy.sparse.linalg.eigsh(A, 1, sigma=1.1, mode='cayley')[0]",
    ),
    (
        "A = dr.scipy.sparse.diags_array(x).tocsc(); "
        "return dr.scipy.sparse.linalg.spsolve(A, scipy.sparse.csc_array(np.ones((3, 1))))",
        "use b.toarray()",
        "A = dr.scipy.sparse.diags_array(x).tocsc(); "
        "return dr.scipy.sparse.linalg.spsolve(A, scipy.sparse.csc_array(np.ones((3, 1))).toarray())",
    ),
    (
        "A = dr.scipy.sparse.diags_array(x).tocsr(); A.sort_indices(); return A.mean()",
        "compute with A.toarray()",
        "A = dr.scipy.sparse.diags_array(x).tocsr(); return A.toarray().mean()",
    ),
    (
        "dr.scipy.sparse.diags_array(x).tocsr()[0].sum()",
        "keep both axes: A[[i], :] for A[i], A[:, [j]] for A[:, j]",
        "dr.scipy.sparse.diags_array(x).tocsr()[[0], :].sum()",
    ),
    (
        "dr.scipy.sparse.coo_array((x, ([0, 1, 2],)), shape=(3,)).toarray()",
        "use a dense array",
        "x",
    ),
    (
        "dr.scipy.integrate.quad(lambda t: t * x[0], 0.0, 1.0, weight='cos', wvar=2.0)[0]",
        "put the weight into the integrand",
        "dr.scipy.integrate.quad(lambda t: t * x[0] * np.cos(2.0 * t), 0.0, 1.0)[0]",
    ),
    (
        "dr.scipy.special.sph_harm_y(2, 1, x[0], x[1], diff_n=1)[0].real",
        "leave out diff_n, and take all derivatives by dualrev",
        "dr.scipy.special.sph_harm_y(2, 1, x[0], x[1]).real",
    ),
    (
        "dr.scipy.special.comb(x[2], 1, exact=True)",
        "leave out exact=True: comb is then continued between them by the gamma function",
        "dr.scipy.special.comb(x[2], 1)",
    ),
    (
        "dr.scipy.linalg.lstsq(np.diag([1.0, 2.0, 0.1]), x, cond=0.2, lapack_driver='gelsy')[0]",
        "use lapack_driver='gelsd', which drops singular values",
        "dr.scipy.linalg.lstsq(np.diag([1.0, 2.0, 0.1]), x, cond=0.2, lapack_driver='gelsd')[0]",
    ),
    (
        "a = np.stack([np.diag(x), np.diag(x**2)]); return dr.scipy.linalg.qz(a, a + np.eye(3))[0][0]",
        "give one pair at a time",
        "return dr.scipy.linalg.qz(np.diag(x), np.diag(x) + np.eye(3))[0]",
    ),
    (
        "v = x[:, None]; return dr.scipy.linalg.rq(v.T)[0][0, -1]",
        "use mode='economic': the other rows of q are any basis of what is left",
        "v = x[:, None]; return dr.scipy.linalg.rq(v.T, mode='economic')[0][0, -1]",
    ),
    (
        "v = np.stack([x, x], axis=1); return dr.scipy.linalg.subspace_angles(v, np.eye(3)[:, :2])",
        "leave out columns that are combinations of the others",
        "v = np.stack([x], axis=1); return dr.scipy.linalg.subspace_angles(v, np.eye(3)[:, :2])",
    ),
    (
        "return dr.scipy.linalg.funm(np.diag(x), np.cos, disp=False)[0][0]",
        "leave out `disp`",
        "return dr.scipy.linalg.funm(np.diag(x), np.cos)[0]",
    ),
    (
        "a = np.diag(x) + 0.1; return dr.scipy.linalg.eig(a, left=True)[1].real",
        "take the columns of inv(vr).conj().T, which have other lengths",
        "a = np.diag(x) + 0.1; vr = dr.scipy.linalg.eig(a)[1]; return np.linalg.inv(vr).conj().T.real",
    ),
    (
        "dr.scipy.linalg.solve_circulant([2.0, 1.0, 0.0], x, singular='lstsq')",
        "use pinv(circulant(c)) @ b",
        "np.linalg.pinv(scipy.linalg.circulant([2.0, 1.0, 0.0])) @ x",
    ),
    (
        "dr.scipy.linalg.hankel(x[:, None] * np.ones(2))",
        "give each x as x.ravel()",
        "dr.scipy.linalg.hankel((x[:, None] * np.ones(2)).ravel())",
    ),
    (
        "y = np.zeros(3); dr.scipy.ndimage.gaussian_filter(x, 1.0, output=y); return y",
        "leave out output=",
        "y = dr.scipy.ndimage.gaussian_filter(x, 1.0); return y",
    ),
    (
        "dr.scipy.ndimage.fourier_gaussian(np.ones(3), x[0] + 1j)",
        "give it real ones: size.real",
        "dr.scipy.ndimage.fourier_gaussian(np.ones(3), (x[0] + 1j).real)",
    ),
    (
        "x.setflags(write=True); return x",
        "write into a copy, x.copy()",
        "y = x.copy(); y[0] = 2.0 * y[0]; return y / [2.0, 1.0, 1.0]",
    ),
    (
        "y = np.zeros(3); dr.scipy.spatial.distance.pdist(x[:, None], out=y); return y",
        "leave out out=",
        "y = dr.scipy.spatial.distance.pdist(x[:, None]); return y",
    ),
    (
        "b = x[1] + 1.0; return dr.scipy.integrate.quad(lambda t: (b - t) ** -0.5 + (x[0] - 1.5) * np.abs(t - 0.3), 0, b)[0]",
        "name the places of kinks in points=",
        "b = x[1] + 1.0; return dr.scipy.integrate.quad(lambda t: (b - t) ** -0.5 + (x[0] - 1.5) * np.abs(t - 0.3), 0, b, points=[0.3])[0]",
    ),
    (
        "dr.scipy.integrate.quad(lambda t: np.cos(t) + (x[0] - 1.5) * np.sin(2000 * t), 0, 1)[0]",
        "where it oscillates, allow more subintervals: limit=500",
        "dr.scipy.integrate.quad(lambda t: np.cos(t) + (x[0] - 1.5) * np.sin(2000 * t), 0, 1, limit=500)[0]",
    ),
]

#: The same, where plain arrays raise too, or the advice leads to another value: by another method, in part,
#: or with what is held constant.
OTHERWISE = [
    (
        "import scipy.sparse as sp, dualrev.scipy.sparse.linalg as sl; "
        "return sl.expm_multiply(sp.eye_array(3), x, traceA=np.ones(3))",
        "leave out traceA",
        "import scipy.sparse as sp, dualrev.scipy.sparse.linalg as sl; "
        "return sl.expm_multiply(sp.eye_array(3), x)",
    ),
    (
        "dr.scipy.integrate.dblquad(lambda u, v: u * v, x[0], x[0], np.zeros(2), np.ones(2))[0]",
        "give a number, or a function that answers one",
        "dr.scipy.integrate.dblquad(lambda u, v: u * v, 0.0, x[0], 0.0, 1.0)[0]",
    ),
    (
        "r = dr.scipy.integrate.solve_bvp(lambda t, y: -y, lambda a, b: a - 1, 1j + np.cumsum(x), np.ones((1, 3))); "
        "return r.x",
        "give it real ones: x.real",
        "r = dr.scipy.integrate.solve_bvp(lambda t, y: -y, lambda a, b: a - 1, "
        "(1j + np.cumsum(x)).real, np.ones((1, 3))); return r.y[0, :1]",
    ),
    (
        "xi = np.random.default_rng(0).normal(size=(4, 4)); "
        "return dr.scipy.interpolate.BarycentricInterpolator(xi, np.arange(4.0))(x[[0, 1, 2, 0]])",
        "give sites of shape (n,)",
        "dr.scipy.interpolate.BarycentricInterpolator(np.arange(4.0), np.arange(4.0) ** 2)(x)",
    ),
    (
        "spline = dr.scipy.interpolate.UnivariateSpline(np.arange(5.0), np.arange(5.0) ** 2 * x[0]); "
        "return spline.integral(0.5, [1.0, 2.0])",
        "give it number by number: np.stack([spline.integral(a, b) for b in limits])",
        "spline = dr.scipy.interpolate.UnivariateSpline(np.arange(5.0), np.arange(5.0) ** 2 * x[0]); "
        "return np.stack([spline.integral(0.5, b) for b in [1.0, 2.0]])",
    ),
    (
        "dr.scipy.stats.gaussian_kde([0.1, 0.5, 0.7, 2.0]).integrate_box(x, x + 1)",
        "give limits along a last axis of length 1",
        "dr.scipy.stats.gaussian_kde([0.1, 0.5, 0.7, 2.0]).integrate_box(x[:1], x[:1] + 1)",
    ),
    (
        "dr.scipy.signal.lsim(([1.0], [1.0, 0.5]), 1j * x, np.arange(3.0))[1].imag",
        "ask for those of the real and of the imaginary part: U.real, U.imag",
        "dr.scipy.signal.lsim(([1.0], [1.0, 0.5]), (1j * x).imag, np.arange(3.0))[1]",
    ),
    (
        "np.abs(dr.scipy.signal.freqresp((-1.0, 1.0, x[0] * (1 + 1j), 0.0), w=[1.0])[1])",
        "give real B, C and D, and multiply the response",
        "np.abs((1 + 1j) * dr.scipy.signal.freqresp((-1.0, 1.0, x[0], 0.0), w=[1.0])[1])",
    ),
    (
        "dr.scipy.linalg.qr_update(x[0] * np.eye(3), np.eye(3), x, x)[1]",
        "give it Q, R = dualrev.scipy.linalg.qr(a)",
        "Q, R = dr.scipy.linalg.qr(x[0] * np.eye(3)); return dr.scipy.linalg.qr_update(Q, R, x, x)[1]",
    ),
    (
        "dr.scipy.linalg.qr_delete(np.eye(3), np.diag(x), 0.5, which='col')[1][:2]",
        "give an integer: k=1",
        "dr.scipy.linalg.qr_delete(np.eye(3)[:, :2], np.diag(x)[:2, :2], k=1, which='col')[1]",
    ),
    (
        "dr.scipy.spatial.geometric_slerp(x, x, np.sin)",
        "give real numbers: t=np.linspace(0.0, 1.0, 5)",
        "dr.scipy.spatial.geometric_slerp(x / np.linalg.norm(x), np.eye(3)[0], t=np.linspace(0.0, 1.0, 5))",
    ),
    (
        "dr.scipy.spatial.distance.sqeuclidean([1j * x[0], x[1] + 0j], [1.0, 2.0]).real",
        "write np.sum(w * np.abs(u - v)**2)",
        "u = np.stack([1j * x[0], x[1] + 0j]); return np.sum(np.abs(u - [1.0, 2.0])**2)",
    ),
    (
        "dr.scipy.interpolate.BarycentricInterpolator(np.arange(3.0), x, wi=[1.0, -1.0, 1.0])(1.5)",
        "leave wi out",
        "dr.scipy.interpolate.BarycentricInterpolator(np.arange(3.0), x, rng=0)(1.5)",
    ),
    (
        "dr.scipy.interpolate.AAA(np.arange(5.0), np.exp(x[0] * np.arange(5.0)))(1.5)",
        "use FloaterHormannInterpolator(x, y)",
        "dr.scipy.interpolate.FloaterHormannInterpolator(np.arange(5.0), np.exp(x[0] * np.arange(5.0)))(1.5)",
    ),
    (
        "dr.scipy.signal.windows.tukey(9, x[0] - 0.5)",
        "move alpha into the interval: 1e-9, or 1 - 1e-9",
        "dr.scipy.signal.windows.tukey(9, x[0] - 0.6)",
    ),
    (
        "import types; middle = lambda f, a, b, args=(): f((a + b)[None] / 2)[0]; "
        "rule = types.SimpleNamespace(estimate=middle, estimate_error=lambda *given: 0.0); "
        "return dr.scipy.integrate.cubature(lambda t: np.exp(-x[0] * t[:, 0]), [0.0], [1.0], rule=rule).estimate",
        "name one: rule='gk21'",
        "dr.scipy.integrate.cubature(lambda t: np.exp(-x[0] * t[:, 0]), [0.0], [1.0], rule='gk21').estimate",
    ),
    *(
        (
            f"dr.scipy.{failing}",
            advice,
            f"dr.scipy.{repaired}",
        )
        for failing, advice, repaired in (
            (
                "integrate.tanhsinh(lambda t: abs(t - x[0]), 0.0, 2.0).integral",
                "split the integral at its kinks, and use quad where it oscillates",
                "integrate.tanhsinh(lambda t: x[0] - t, 0.0, x[0]).integral + dr.scipy.integrate.tanhsinh(lambda t: t - x[0], x[0], 2.0).integral",
            ),
            (
                "integrate.tanhsinh(lambda t: t**-0.5, x[0] - 1.5, 2.0).integral",
                "integrate over t from 0 to 1: f(a + (b - a) * t) * (b - a)",
                "integrate.tanhsinh(lambda t: (2.0 - x[0] * 0) * (2.0 * t) ** -0.5, 0.0, 1.0).integral",
            ),
            (
                "integrate.tanhsinh(lambda t: -x[0] * t, 0.0, 1.0, log=True).integral",
                "integrate np.exp of the function",
                "integrate.tanhsinh(lambda t: np.exp(-x[0] * t), 0.0, 1.0).integral",
            ),
            (
                "integrate.nsum(lambda k: k**-2.0, x[0], np.inf).sum",
                "give plain numbers for a, b and step",
                "integrate.nsum(lambda k: x[0] * k**-2.0, 1.5, np.inf).sum",
            ),
            (
                "integrate.nsum(lambda k: np.exp(-x[0] * k * k), -np.inf, 0).sum",
                "sum both sides: f(-x) from 1, and f(x) from 0",
                "integrate.nsum(lambda k: np.exp(-x[0] * k * k), 0, np.inf).sum",
            ),
            (
                "integrate.nsum(lambda k: -x[0] * k, 1, 9, log=True).sum",
                "sum np.exp of the function",
                "integrate.nsum(lambda k: np.exp(-x[0] * k), 1, 9).sum",
            ),
            (
                "integrate.nsum(lambda k: np.sin(k) / k**1.01 + np.sin(x[0] * np.sqrt(k)) / k**2, 1, np.inf).sum",
                "add up terms, np.sum(f(np.arange(a, b))), as many as it takes",
                "integrate.nsum(lambda k: np.sin(x[0] * np.sqrt(k)) / k**2, 1, 99).sum",
            ),
            (
                "integrate.cubature(lambda t: t[:, 0] ** 2, [0.0], x[:1]).estimate",
                "integrate over the unit cube: f(a + (b - a) * t) * np.prod(b - a) from 0 to 1",
                "integrate.cubature(lambda t: (x[0] * t[:, 0]) ** 2 * x[0], [0.0], [1.0]).estimate",
            ),
            (
                "integrate.cubature(lambda t: np.exp(-x[0] * t[:, 0]), [0.0], [np.inf]).estimate",
                "substitute x = t / (1 - t**2), and integrate over t from -1 to 1",
                "integrate.cubature(lambda t: np.exp(-x[0] * t[:, 0] / (1 - t[:, 0] ** 2)) * (1 + t[:, 0] ** 2) / (1 - t[:, 0] ** 2) ** 2, [0.0], [1.0]).estimate",
            ),
            (
                "integrate.cubature(lambda t: t[:, 0] + (x[0] - 1.5) * np.sign(t[:, 0] - 0.3), [0.0], [1.0], rtol=0.1).estimate",
                "ask for more digits: rtol=1e-12",
                "integrate.cubature(lambda t: t[:, 0] + x[0] * np.sign(t[:, 0] - 0.3), [0.0], [1.0], rtol=1e-12).estimate",
            ),
            (
                "integrate.qmc_quad(lambda t: -x[0] * t[0], [0.0], [1.0], log=True).integral",
                "integrate np.exp of the function",
                "integrate.tanhsinh(lambda t: np.exp(-x[0] * t), 0.0, 1.0).integral",
            ),
            (
                "integrate.qmc_quad(lambda t: t[0], [0.5], x[1:2]).integral",
                "move them apart: b + 1e-9",
                "integrate.qmc_quad(lambda t: t[0], [0.5], x[1:2] + 1e-9).integral",
            ),
            (
                "differentiate.derivative(np.sin, x).df",
                "call dualrev.derivative(f)(x)",
                "special.factorial(1) * dualrev.derivative(np.sin)(x)",
            ),
            (
                "differentiate.jacobian(np.sin, x).df",
                "call dualrev.jacobian(f)(x)",
                "special.factorial(1) * dualrev.jacobian(np.sin)(x)",
            ),
            (
                "differentiate.hessian(lambda x: np.sum(x**3, 0), x).ddf",
                "call dualrev.hessian(f)(x)",
                "special.factorial(1) * dualrev.hessian(lambda x: np.sum(x**3))(x)",
            ),
        )
    ),
    (
        "dr.scipy.optimize.differential_evolution(lambda p: (p[0] - x[0]) ** 2 + (p[1] - x[1]) ** 2, [(-3, 3), (-3, 3)], integrality=[1, 0], rng=0).fun",
        "hold the integers, and use minimize for the others",
        "dr.scipy.optimize.minimize(lambda p: (2.0 - x[0]) ** 2 + (p[0] - x[1]) ** 2, [0.1]).fun",
    ),
    (
        "dr.scipy.optimize.brute(lambda p: (p - x[0]) ** 2, [(-3, 3)], finish=None, full_output=1)[1]",
        "leave finish out",
        "dr.scipy.optimize.brute(lambda p: (p[0] - x[0]) ** 2 + x[1], [(-3, 3)], full_output=1)[1]",
    ),
    (
        "dr.scipy.optimize.approx_fprime(x, lambda x: np.sum(x**2))",
        "call dualrev.grad(f)(x)",
        "dualrev.grad(lambda x: np.sum(x**2))(x)",
    ),
    (
        "x[0] * dr.scipy.optimize.check_grad(lambda x: np.sum(x**2), lambda x: 2 * x, x)",
        "call dualrev.testing.check_derivatives(f, x)",
        "assert dualrev.testing.check_derivatives(lambda x: np.sum(x**2), dualrev.stop_gradient(x)) < 1e-5; return x[0]",
    ),
    (
        "dr.scipy.optimize.bracket(lambda t, b: (t - b) ** 2, args=(x[0],))[0]",
        "give it plain numbers: dualrev.stop_gradient(args)",
        "x[0] * dr.scipy.optimize.bracket(lambda t, b: (t - b) ** 2, args=dualrev.stop_gradient((x[0],)))[0]",
    ),
    (
        "dr.scipy.optimize.line_search(lambda x: np.sum(x**2), lambda x: 2 * x, x, -x)[0]",
        "give it plain numbers: dualrev.stop_gradient(xk)",
        "x[0] * dr.scipy.optimize.line_search(lambda x: np.sum(x**2), lambda x: 2 * x, dualrev.stop_gradient(x), -dualrev.stop_gradient(x))[0]",
    ),
    (
        "dr.scipy.optimize.milp(x, integrality=[1, 0, 0], bounds=(0.5, 3.0)).fun",
        "hold them, and call linprog for the other numbers",
        "x[0] * 1.0 + dr.scipy.optimize.linprog(x[1:], bounds=(0.5, 3.0)).fun",
    ),
    (
        "dr.scipy.optimize.quadratic_assignment(np.outer(x, x + 1), np.outer(x, 2 - x)).fun",
        "search with dualrev.stop_gradient(A), and compute np.sum(A * B[np.ix_(p, p)]) of col_ind p",
        "A, B = np.outer(x, x + 1), np.outer(x, 2 - x); "
        "p = dr.scipy.optimize.quadratic_assignment(dualrev.stop_gradient(A), dualrev.stop_gradient(B)).col_ind; "
        "return np.sum(A * B[np.ix_(p, p)])",
    ),
    (
        "dr.scipy.cluster.vq.kmeans(x, np.array([0.7, 2.1]))[0]",
        "compute the centers from its labels: obs[labels == k].mean(axis=0)",
        "labels, _ = dr.scipy.cluster.vq.vq(x, np.array([0.7, 2.1])); return np.stack([x[labels == k].mean(axis=0) for k in range(2)])",
    ),
    (
        "dr.scipy.cluster.hierarchy.dendrogram(dr.scipy.cluster.hierarchy.linkage(x[:, None]), no_plot=True)['dcoord'][0]",
        "give it dualrev.stop_gradient(Z)",
        "Z = dr.scipy.cluster.hierarchy.linkage(x[:, None]); "
        "dr.scipy.cluster.hierarchy.dendrogram(dualrev.stop_gradient(Z), no_plot=True); return Z[:, 2]",
    ),
    (
        "dr.scipy.spatial.distance.dice(x, np.array([1.0, 0.0, 1.0]))",
        "give it plain booleans, as x > 0.5 is",
        "x * dr.scipy.spatial.distance.dice(x > 1.0, np.array([True, False, True]))",
    ),
    (
        "t = list(dr.scipy.interpolate.generate_knots(np.arange(8.0), x[0] * np.arange(8.0) ** 3, s=1.0))[0]; "
        "return dr.scipy.interpolate.make_lsq_spline(np.arange(8.0), x[0] * np.arange(8.0) ** 3, t)(1.5)",
        "take them of plain numbers: dualrev.stop_gradient(x)",
        "t = list(dr.scipy.interpolate.generate_knots(np.arange(8.0), dualrev.stop_gradient(x[0]) * np.arange(8.0) ** 3, s=1.0))[0]; "
        "return dr.scipy.interpolate.make_lsq_spline(np.arange(8.0), x[0] * np.arange(8.0) ** 3, t)(1.5)",
    ),
    (
        "dr.scipy.signal.buttord(x[:2] * [0.1, 1.2], [0.2, 0.5], 1.0, 30.0)[1]",
        "give the order, and the critical frequencies: iirfilter(N, Wn, btype='bandstop')",
        "dr.scipy.signal.iirfilter(4, x[:2] * [0.1, 1.2], btype='bandstop')[0]",
    ),
    (
        "p, q = np.array([(i % 10, i // 10) for i in range(100)]).T * 0.5; "
        "return dr.scipy.interpolate.SmoothBivariateSpline(p, q, x[0] * np.sin(p) * np.cos(q), s=0.1).ev(1.5, 2.5)",
        "choose the knots: LSQBivariateSpline(x, y, z, tx, ty)",
        "p, q = np.array([(i % 10, i // 10) for i in range(100)]).T * 0.5; "
        "return dr.scipy.interpolate.LSQBivariateSpline(p, q, x[0] * np.sin(p) * np.cos(q), [2.2], [2.2]).ev(1.5, 2.5)",
    ),
    (
        "p, q = np.array([(i % 10, i // 10) for i in range(100)]).T * 0.5; "
        "tck = dr.scipy.interpolate.bisplrep(p, q, x[0] * np.sin(p) * np.cos(q), s=0.1); return dr.scipy.interpolate.bisplev(1.5, 2.5, tck)",
        "choose the knots: LSQBivariateSpline(x, y, z, tx, ty)",
        "p, q = np.array([(i % 10, i // 10) for i in range(100)]).T * 0.5; "
        "return dr.scipy.interpolate.LSQBivariateSpline(p, q, x[0] * np.sin(p) * np.cos(q), [2.2], [2.2]).ev(1.5, 2.5)",
    ),
    (
        "p, q = np.array([(i % 6, i // 6) for i in range(36)]).T * 0.1; "
        "return dr.scipy.interpolate.LSQBivariateSpline(p, q, x[0] * np.sin(p * q), [1.0], [0.25], bbox=[0.0, 2.0, 0.0, 0.5]).ev(0.15, 0.25)",
        "give fewer knots, or more data",
        "p, q = np.array([(i % 6, i // 6) for i in range(36)]).T * 0.1; "
        "return dr.scipy.interpolate.LSQBivariateSpline(p, q, x[0] * np.sin(p * q), [], [0.25], bbox=[0.0, 2.0, 0.0, 0.5]).ev(0.15, 0.25)",
    ),
    (
        "t, p = np.array([(0.3 + i % 6 * 0.5, i // 6) for i in range(36)]).T; "
        "return dr.scipy.interpolate.SmoothSphereBivariateSpline(t, p, x[0] * np.sin(t), s=1e-3).ev(1.5, 2.5)",
        "choose the knots: LSQSphereBivariateSpline(theta, phi, r, tt, tp)",
        "t, p = np.array([(0.3 + i % 6 * 0.5, i // 6) for i in range(36)]).T; "
        "return dr.scipy.interpolate.LSQSphereBivariateSpline(t, p, x[0] * np.sin(t), [1.5], [2.0, 4.0]).ev(1.5, 2.5)",
    ),
    (
        "t, p = np.array([(0.3 + i % 6 * 0.5, i // 6) for i in range(36)]).T; "
        "return dr.scipy.interpolate.LSQSphereBivariateSpline(t * x[1], p, np.sin(t), [1.5], [2.0, 4.0]).ev(1.5, 2.5)",
        "hold them constant: dualrev.stop_gradient(theta)",
        "t, p = np.array([(0.3 + i % 6 * 0.5, i // 6) for i in range(36)]).T; "
        "return x[0] * dr.scipy.interpolate.LSQSphereBivariateSpline(dualrev.stop_gradient(t * x[1]), p, np.sin(t), [1.5], [2.0, 4.0]).ev(1.5, 2.5)",
    ),
    (
        "u = np.arange(1.0, 6.0) / 2; return dr.scipy.interpolate.RectSphereBivariateSpline(u * x[1], np.arange(6.0), np.outer(u, np.arange(6.0))).ev(1.0, 2.0)",
        "hold them constant: dualrev.stop_gradient(u)",
        "u = np.arange(1.0, 6.0) / 2; return x[0] * dr.scipy.interpolate.RectSphereBivariateSpline(dualrev.stop_gradient(u * x[1]), np.arange(6.0), np.outer(u, np.arange(6.0))).ev(1.0, 2.0)",
    ),
    (
        "dr.scipy.spatial.ConvexHull(np.outer(x, [1.0, 0.0]) + np.eye(3)[:, :2]).add_points(np.ones((1, 2)))",
        "give all points at once",
        "dr.scipy.spatial.ConvexHull(np.concatenate([np.outer(x, [1.0, 0.0]) + np.eye(3)[:, :2], 5 * np.ones((1, 2))])).volume",
    ),
    (
        "dr.scipy.spatial.Delaunay(np.outer(x, [1.0, 0.0]) + np.eye(3)[:, :2]).transform",
        "compute it from points[simplices]",
        "t = dr.scipy.spatial.Delaunay(np.outer(x, [1.0, 0.0]) + np.eye(3)[:, :2]); p = t.points[t.simplices]; "
        "return np.linalg.inv(p[:, 1:] - p[:, :1])",
    ),
    (
        "dr.scipy.spatial.HalfspaceIntersection(np.array([[-1, 0, 0], [0, -1, 0], [1, 1, -1.0]]) - 0.1 * x, np.array([0.3, 0.3])).dual_points",
        "compute it from intersections",
        "dr.scipy.spatial.HalfspaceIntersection(np.array([[-1, 0, 0], [0, -1, 0], [1, 1, -1.0]]) - 0.1 * x, np.array([0.3, 0.3])).intersections",
    ),
    (
        "t = dr.scipy.spatial.KDTree(x[:, None]); return t.sparse_distance_matrix(t, 1.0).toarray()",
        "use dualrev.scipy.spatial.distance.cdist",
        "dr.scipy.spatial.distance.cdist(x[:, None], x[:, None])",
    ),
    (
        "dr.scipy.ndimage.median_filter(x + 1j, 3)",
        "filter x.real or x.imag",
        "dr.scipy.ndimage.median_filter((x + 1j).real, 3)",
    ),
    (
        "dr.scipy.interpolate.CubicSpline(np.arange(5.0), np.stack([x[[0, 1, 2, 1, 0]] - 1.1] * 2, 1)).roots()",
        "solve for one at a time: PPoly(c[:, :, 0], x).solve(y)",
        "p = dr.scipy.interpolate.CubicSpline(np.arange(5.0), np.stack([x[[0, 1, 2, 1, 0]] - 1.1] * 2, 1)); "
        "return dr.scipy.interpolate.PPoly(p.c[:, :, 0], p.x).solve(0.0)",
    ),
    (
        "t = np.arange(20.0); return dr.scipy.interpolate.UnivariateSpline(t, x[0] * (t > 5), k=4, s=1e-13)(3.3)",
        "give a larger s",
        "t = np.arange(20.0); return dr.scipy.interpolate.UnivariateSpline(t, x[0] * (t > 5), k=4, s=100.0)(3.3)",
    ),
    (
        "dr.scipy.integrate.odeint(lambda y, t: -x[0] * y, [1.0], [0.0, 1.0], tcrit=[0.5])[-1, 0]",
        "split the times there, and call it for each",
        "y = dr.scipy.integrate.odeint(lambda y, t: -x[0] * y, [1.0], [0.0, 0.5], rtol=1e-12, atol=1e-12)[-1]; "
        "return dr.scipy.integrate.odeint(lambda y, t: -x[0] * y, y, [0.5, 1.0], rtol=1e-12, atol=1e-12)[-1, 0]",
    ),
    (
        "dr.scipy.integrate.solve_ivp(lambda t, y: -x[0] * y, (0, 3), [1.0], events=lambda t, y: np.sign(y[0] - 0.5)).t_events[0]",
        "take an event function that crosses 0 with a slope",
        "dr.scipy.integrate.solve_ivp(lambda t, y: -x[0] * y, (0, 3), [1.0], events=lambda t, y: y[0] - 0.5, rtol=1e-10, "
        "atol=1e-11).t_events[0]",
    ),
    (
        "dr.scipy.integrate.solve_ivp(lambda t, y: -y + (x[0] - 1.5) * np.sign(np.sin(1e6 * t)), (0, 1), [1.0], rtol=1e-6).y[0, -1]",
        "make the right-hand side smooth: np.tanh(t) for np.sign(t)",
        "dr.scipy.integrate.solve_ivp(lambda t, y: -y + (x[0] - 1.5) * np.tanh(np.sin(3 * t)), (0, 1), [1.0], "
        "rtol=1e-9, atol=1e-11).y[0, -1]",
    ),
    (
        "dr.scipy.integrate.solve_ivp(lambda t, y: x[0] * np.sin(50 * y), (0, 20), [2.0], 'Radau', rtol=0.5, atol=0.5).y[0, -1]",
        "give the solver a smaller rtol and atol",
        "dr.scipy.integrate.solve_ivp(lambda t, y: x[0] * np.sin(50 * y), (0, 0.02), [2.0], 'Radau', rtol=1e-9, atol=1e-10).y[0, -1]",
    ),
    (
        "dr.scipy.optimize.brent(lambda t: (t - x[0]) ** 4)",
        "minimise what curves there, as (t - a)**2 does in the place of (t - a)**4",
        "dr.scipy.optimize.brent(lambda t: (t - x[0]) ** 2)",
    ),
    (
        "dr.scipy.optimize.fminbound(lambda t: (t - x[0]) ** 2, 1.5, 3.0)",
        "move the bound away from the minimum, or past it",
        "dr.scipy.optimize.fminbound(lambda t: (t - x[0]) ** 2, 1.0, 3.0)",
    ),
    (
        "how = lambda fun, args, **given: scipy.optimize.OptimizeResult(x=1.5, fun=1.0); "
        "return dr.scipy.optimize.minimize_scalar(lambda t: np.cos(t - x[0]), method=how).x",
        "search in a bracket that holds a minimum",
        "dr.scipy.optimize.minimize_scalar(lambda t: np.cos(t - x[0]), bracket=(3.0, 5.0, 7.0)).x",
    ),
    (
        "dr.scipy.optimize.newton(lambda t: (t - x[0]) ** 2, 1.0)",
        "search for a simple root: at a double one for that of the derivative, dualrev.derivative(f)",
        "dr.scipy.optimize.newton(dr.derivative(lambda t: (t - x[0]) ** 2), 1.0)",
    ),
    (
        "dr.scipy.optimize.brentq(lambda t: np.where(t > 1.0, t - x[0], 1.0 + t), 0, 1.2)",
        "search where the function does not jump",
        "dr.scipy.optimize.brentq(lambda t: np.where(t > 1.0, t - x[0], 1.0 + t), 1.1, 3)",
    ),
    (
        "dr.scipy.optimize.brentq(lambda t: t**3 - x[0], 0, 3, maxiter=2, disp=False)",
        "give another x0, method or tolerance, or allow more iterations",
        "dr.scipy.optimize.brentq(lambda t: t**3 - x[0], 0, 3, maxiter=100)",
    ),
    (
        "np.vectorize(lambda v: v**2, otypes=[float])(x)",
        "leave out otypes= of np.vectorize",
        "np.vectorize(lambda v: v**2)(x)",
    ),
    (
        "square = np.vectorize(lambda v: v**2, otypes=[float]); return square(x)",
        "or keep it, with `import dualrev.numpy as np` for `import numpy as np`",
        "square = dr.numpy.vectorize(lambda v: v**2, otypes=[float]); return square(x)",
    ),
    (
        "w = np.eye(3) + 1.0; return dr.vmap(lambda k: x @ w[k])(np.array([0, 2, 1]))",
        "write np.take(a, i, axis=0) for a[i], with `import dualrev.numpy as np` for `import numpy as np`",
        "w = np.eye(3) + 1.0; return dr.vmap(lambda k: x @ dr.numpy.take(w, k, axis=0))(np.array([0, 2, 1]))",
    ),
    (
        "w = np.eye(3) + 1.0; return dr.vmap(lambda k: x @ w[:, k])(np.array([0, 2, 1]))",
        "write np.take(a, i, axis=1) for a[:, i], with `import dualrev.numpy as np` for `import numpy as np`",
        "w = np.eye(3) + 1.0; return dr.vmap(lambda k: x @ dr.numpy.take(w, k, axis=1))(np.array([0, 2, 1]))",
    ),
    (
        "w = np.eye(3) + 1.0; return dr.vmap(lambda k: x * w[k, 1])(np.array([0, 2, 1]))",
        "write np.take(a, np.ravel_multi_index((i, j), a.shape)) for a[i, j], with `import dualrev.numpy as np`",
        "w = np.eye(3) + 1.0; "
        "return dr.vmap(lambda k: x * dr.numpy.take(w, np.ravel_multi_index((k, 1), w.shape)))(np.array([0, 2, 1]))",
    ),
    (
        "w = np.eye(3) + 1.0; return dr.vmap(lambda k: x * w[..., k])(np.array([0, 2, 1]))",
        "write np.stack([f(x) for x in xs]) for dr.vmap(f)(xs)",
        "w = np.eye(3) + 1.0; return np.stack([x * w[..., k] for k in np.array([0, 2, 1])])",
    ),
    (
        "w = np.arange(3.0); return dr.vmap(lambda k: x * np.sum(w[w > k]))(np.array([0, 2, 1]))",
        "choose by np.where, which keeps the shape",
        "w = np.arange(3.0); return dr.vmap(lambda k: x * np.sum(np.where(w > k, w, 0)))(np.array([0, 2, 1]))",
    ),
    (
        "c = np.ones(3); y = dr.checkpoint(lambda x: np.sin(c * x))(x); c[:] = 2.0; return y",
        "pass what changes, and random numbers, to `<lambda>` as arguments",
        "c = np.ones(3); y = dr.checkpoint(lambda x, c: np.sin(c * x))(x, c); c[:] = 2.0; return y",
    ),
    (
        "global w; w = 2 * x; return dr.checkpoint(lambda x: x * w)(x)",
        "pass it to `<lambda>` as an argument",
        "w = 2 * x; return dr.checkpoint(lambda x, w: x * w)(x, w)",
    ),
    (
        "def g(x):\n    x += 1.0\n    return x**2\nreturn dr.checkpoint(g)(1.0 * x)",
        "let it write a copy: x = x.copy()",
        "def g(x):\n    x = x.copy()\n    x += 1.0\n    return x**2\nreturn dr.checkpoint(g)(1.0 * x)",
    ),
    (
        "seen = [x]; y = dr.checkpoint(lambda x: seen.append(2 * x) or x**2)(x); return y * seen[-1]",
        "return it from `<lambda>`, and put it there outside",
        "seen = [x]; y, z = dr.checkpoint(lambda x: (x**2, 2 * x))(x); seen.append(z); return y * seen[-1]",
    ),
    (
        "y = dr.checkpoint(lambda x: x[1:])(1.0 * x); y[0] = 2.0; return y",
        "return a copy from that function: x[1:].copy()",
        "y = dr.checkpoint(lambda x: x[1:].copy())(1.0 * x); y[0] = 2.0; return y",
    ),
    (  # which NumPy 2.5 has given up
        "np.cross(x[:2], x[1:])",
        "write a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]",
        "a = x[:2]; b = x[1:]; return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]",
    ),
    (
        "from dualrev.scipy import stats; return np.sum(stats.triang.logpdf(0.3, x - x))",
        "move it off that number: x + 1e-5",
        "from dualrev.scipy import stats; return np.sum(stats.triang.logpdf(0.3, x - x + 1e-5))",
    ),
    (
        "np.sum(np.add(x, x, dtype=int, casting='unsafe'))",
        "leave out dtype=",
        "np.sum(np.add(x, x))",
    ),
    ("np.sum(x, dtype=object)", "leave out dtype=object", "np.sum(x)"),
    (
        "np.sqrt(x, where=x > 1)",
        "write np.where(condition, result, 0.0), with what is to stand elsewhere",
        "np.where(x > 1, np.sqrt(x), 0.0)",
    ),
    (
        "np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0]) * x",
        "return m.filled(0.0)",
        "(np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0]) * x).filled(0.0)",
    ),
    (
        "x * np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0])",
        "write m.filled(0.0) for it",
        "x * np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0]).filled(0.0)",
    ),
    (
        "x * np.array([x[0], 'a', 1.0], dtype=object)",
        "put numbers only into this array",
        "x * np.array([x[0], 2.0, 1.0])",
    ),
    ("np.ldexp.reduce(x)", "use np.multiply of powers of two", "x[0] * 2.0**2 / 2.0**2"),
    (
        "np.linalg.qr(np.outer(x, x) + np.eye(3), mode='raw')[0]",
        "use mode='reduced'",
        "np.linalg.qr(np.outer(x, x) + np.eye(3), mode='reduced')[0]",
    ),
    ("x.view(np.float32)", "use x.astype('float32')", "np.round(x.astype('float32') * 0) + x"),
    (
        "y = x * 1.0; y[0] = 1j * x[1]; return y.real + y.imag",
        "make the array complex first: y = y.astype(complex)",
        "y = x * 1.0; y = y.astype(complex); y[0] = 1j * x[1]; return y.real + y.imag",
    ),
    (
        "y = x * 1.0; y += 1j * x; return y.imag",
        "make the array complex128 first: y = y.astype('complex128')",
        "y = x * 1.0; y = y.astype('complex128'); y += 1j * x; return y.imag",
    ),
    (
        "y = np.zeros_like(x)\n"
        "def g(w):\n    y[0] = w**2\n    return y[0]\n"
        "return dr.grad(g)(x[0])",
        "make the array from the inner variable: y = np.zeros_like(w, shape=...)",
        "def g(w):\n    y = np.zeros_like(w, shape=3)\n    y[0] = w**2\n    return y[0]\n"
        "return dr.grad(g)(x[0])",
    ),
    (
        "scipy.sparse.eye_array(3).tocsr() * x",
        "write S.toarray() for the sparse matrix",
        "scipy.sparse.eye_array(3).tocsr().toarray() * x",
    ),
    (
        "scipy.sparse.eye_array(3).tocoo().dot(x)",
        "write S @ x",
        "scipy.sparse.eye_array(3).tocoo() @ x",
    ),
    (
        "x * scipy.sparse.eye_array(3).tocsr()",
        "write S.toarray() for the sparse matrix",
        "x * scipy.sparse.eye_array(3).tocsr().toarray()",
    ),
    (
        "scipy.sparse.eye_array(3).tocsr().multiply(x)",
        "write S.toarray() for the sparse matrix",
        "np.multiply(scipy.sparse.eye_array(3).tocsr().toarray(), x)",
    ),
    (
        "scipy.integrate.solve_ivp(lambda t, y: -x[0] * y, (0, 1), [1.0]).y[0, -1]",
        "call dualrev.scipy.integrate.solve_ivp, which equals it",
        "dr.scipy.integrate.solve_ivp(lambda t, y: -x[0] * y, (0, 1), [1.0], rtol=1e-10, atol=1e-11).y[0, -1]",
    ),
    (
        "import scipy.odr; line = scipy.odr.ODR(scipy.odr.Data(np.arange(3.0), x), scipy.odr.unilinear, [1.0, 0.0]); "
        "line.set_job(fit_type=2); return line.run().beta",
        "give it a derivative: a function of yours around it, under @dualrev.rule(vjp=...)",
        """import scipy.odr
def fit(y):
    line = scipy.odr.ODR(
        scipy.odr.Data(np.arange(3.0), y), scipy.odr.unilinear, [1.0, 0.0], sstol=1e-15, partol=1e-15
    )
    line.set_job(fit_type=2, deriv=3)
    return line.run().beta
slopes = np.linalg.pinv(np.vander(np.arange(3.0), 2))
return dualrev.rule(fit, vjp=lambda ct, wanted, ans, y: ct @ slopes)(x)""",
    ),
    (
        "global a; a = x[0]; return dr.scipy.optimize.brentq(lambda t: t**3 - a, 0, 3)",
        "hand to the solver what its function computes with: args=(a,)",
        "a = x[0]; return dr.scipy.optimize.brentq(lambda t, a: t**3 - a, 0, 3, args=(a,))",
    ),
    (
        "scipy.optimize.brentq(lambda t: t**3 - x[0], 0, 3)",
        "call dualrev.scipy.optimize.brentq, which equals it",
        "dr.scipy.optimize.brentq(lambda t: t**3 - x[0], 0, 3)",
    ),
    (
        "scipy.optimize.newton(lambda t: t**3 - x[0], 1.0)",
        "call dualrev.scipy.optimize.newton, which equals it",
        "dr.scipy.optimize.newton(lambda t: t**3 - x[0], 1.0)",
    ),
    (
        "scipy.optimize.root(lambda t: t**3 - x[0], [1.0]).x",
        "call dualrev.scipy.optimize.root, which equals it",
        "dr.scipy.optimize.root(lambda t: t**3 - x[0], [1.0]).x",
    ),
    (
        "dr.vmap(lambda a: scipy.optimize.fsolve(lambda t: t**3 - a, [1.0]))(x)",
        "call dualrev.scipy.optimize.fsolve, which equals it",
        "dr.vmap(lambda a: dr.scipy.optimize.fsolve(lambda t: t**3 - a, [1.0]))(x)",
    ),
    (
        "scipy.optimize.golden(lambda t: (t - x[0]) ** 2 + t**4)",
        "call dualrev.scipy.optimize.golden, which equals it",
        "dr.scipy.optimize.golden(lambda t: (t - x[0]) ** 2 + t**4)",
    ),
    (
        "scipy.special.airye(x + 1j)[0].real",
        "use scipy.special.airy",
        "scipy.special.airy(x + 1j)[0].real",
    ),
    ("scipy.special.zeta(x + 2j).real", "use real arguments", "scipy.special.zeta(x)"),
    (
        "dr.scipy.signal.sepfir2d(np.outer(x, x), np.ones(7) + x[0], np.ones(1))",
        "give convolve2d(input, np.outer(hcol, hrow), 'same')",
        "dr.scipy.signal.convolve2d(np.outer(x, x), np.outer(np.ones(1), np.ones(7) + x[0]), 'same')",
    ),
    (
        "dr.scipy.signal.lfilter_zi(x, [0.0, 1.0, 0.5])",
        "give a without its leading zeros",
        "dr.scipy.signal.lfilter_zi(x, [1.0, 0.5])",
    ),
    (
        "dr.scipy.signal.resample(x, 3, domain='freq').real",
        "give the signal itself, with domain='time'",
        "dr.scipy.signal.resample(x, 3, domain='time').real",
    ),
    (
        "dr.scipy.signal.resample_poly(x, 2, 1, padtype='line')",
        "use a padtype among",
        "dr.scipy.signal.resample_poly(x, 2, 1, padtype='mean')",
    ),
    (
        "dr.scipy.signal.decimate(x, 2, ftype=scipy.signal.dlti([1.0], [1.0, 0.5]))",
        "filter by filtfilt(b, a, x), and take y[::q]",
        "dr.scipy.signal.filtfilt([1.0], [1.0, 0.5], x, padlen=0)[::2]",
    ),
    (
        "dr.scipy.signal.freqz(np.stack([x, x]), worN=4)[1].real",
        "call freqz for one filter after the other",
        "dr.scipy.signal.freqz(x, worN=4)[1].real",
    ),
    (
        "dr.scipy.signal.filtfilt([1.0], [1.0, 0.5], x, method='gust')",
        "use method='pad'",
        "dr.scipy.signal.filtfilt([1.0], [1.0, 0.5], x, method='pad', padlen=0)",
    ),
    (
        "dr.scipy.signal.upfirdn([1.0, 2.0], x, mode='symmetric')",
        "continue x beyond its ends by np.pad, and leave mode and cval out",
        "dr.scipy.signal.upfirdn([1.0, 2.0], np.pad(x, 1, mode='symmetric'))",
    ),
    (
        "t = np.arange(5.0); return dr.scipy.interpolate.splint(0.0, x[0], scipy.interpolate.splrep(t, t**2), 1)",
        "leave it out",
        "t = np.arange(5.0); return dr.scipy.interpolate.splint(0.0, x[0], scipy.interpolate.splrep(t, t**2))",
    ),
    (
        "dr.scipy.interpolate.NdBSpline.design_matrix(x[:2, None] + 1.0, (np.arange(6.0),), 1).toarray()",
        "evaluate a spline of unit coefficients: NdBSpline(t, c, k)(x)",
        "dr.scipy.interpolate.NdBSpline((np.arange(6.0),), np.eye(4), 1)(x[:2, None] + 1.0)",
    ),
    (
        "dr.scipy.interpolate.KroghInterpolator(x[[0, 0, 2]], [1.0, 2.0, 3.0])(1.0)",
        "hold them constant: dualrev.stop_gradient(xi)",
        "x[0] * dr.scipy.interpolate.KroghInterpolator(dualrev.stop_gradient(x[[0, 0, 2]]), [1.0, 2.0, 3.0])(1.0)",
    ),
    (
        "dr.scipy.stats.multivariate_normal.logpdf([1.0, 1.0], cov=x[0] * np.ones((2, 2)), allow_singular=True)",
        "hold it constant: dualrev.stop_gradient(cov)",
        "x[0] * dr.scipy.stats.multivariate_normal.logpdf([1.0, 1.0], cov=dualrev.stop_gradient(x[0] * np.ones((2, 2))), allow_singular=True)",
    ),
    # ------------------------------------------------------------------- solutions of equations
    (
        "dr.implicit.root(lambda u: u**2 - x, np.ones(3))",
        "solve them to a smaller tolerance first",
        "dr.implicit.root(lambda u: u**2 - x, np.sqrt(x))",
    ),
    (
        "dr.implicit.linear_solve(lambda u: np.array([1.0, 2.0, 3.0]) * u, x, solver='cg', options={'maxiter': 1})",
        "give a preconditioner, or more iterations",
        "dr.implicit.linear_solve(lambda u: np.array([1.0, 2.0, 3.0]) * u, x, solver='cg', options={'maxiter': 9})",
    ),
    (
        "dr.implicit.linear_solve(lambda u: u + u**2, x)",
        "give what is not linear to dualrev.implicit.root, with its solution",
        "dr.implicit.root(lambda u: u + u**2 - x, np.sqrt(0.25 + x) - 0.5)",
    ),
    (
        "dr.implicit.root(lambda u: np.sqrt(np.abs(u)) * x[0], 0.0)",
        "leave out equations that have a pole or a kink there",
        "dr.implicit.root(lambda u: u * x[0], 0.0)",
    ),
    (
        "dr.implicit.root(lambda u: (np.sum(u) - x[0]) * np.ones(2), np.full(2, 0.5 * x[0]))[0]",
        "leave out equations that say the same",
        "dr.implicit.root(lambda u: np.sum(u) - 0.5 * x[0], 0.5 * x[0])",
    ),
    (
        "dr.implicit.root(lambda u: (np.sum(u) - x[0]) * np.ones(2), np.full(2, 0.5 * x[0]), solver='gmres')[0]",
        "leave out unknowns that no equation fixes",
        "dr.implicit.root(lambda u: np.sum(u) - 0.5 * x[0], 0.5 * x[0], solver='gmres')",
    ),
    (
        "a = x * [1.0, -1.0, 1.0]; return dr.implicit.minimum(lambda u: np.sum(a * u**2 - u), 0.5 / a)",
        "for a saddle that is meant: dualrev.implicit.root(dualrev.grad(f), x)",
        "a = x * [1.0, -1.0, 1.0]; return dr.implicit.root(dr.grad(lambda u: np.sum(a * u**2 - u)), 0.5 / a)",
    ),
    (
        "dr.implicit.root(lambda u: u * x, 0 * x, solver='newton')",
        'solver is one of "dense", "sparse", "gmres"',
        "dr.implicit.root(lambda u: u * x, 0 * x, solver='dense')",
    ),
    (
        "dr.implicit.root(lambda u: u**2 - x, np.sqrt(x), preconditioner=np.eye(3))",
        'name one of them: solver="gmres"',
        "dr.implicit.root(lambda u: u**2 - x, np.sqrt(x), solver='gmres', preconditioner=np.eye(3))",
    ),
    (
        "dr.implicit.root(lambda z: z * np.conj(z) - x[0] ** 2, x[0] + 0j).real",
        "make the real and the imaginary part of the solution two unknowns",
        "dr.implicit.root(lambda z: [z[0] ** 2 + z[1] ** 2 - x[0] ** 2, z[1]], np.append(x[0], 0.0))[0]",
    ),
    (
        "dr.implicit.root(lambda u: u - x * (1 + 0j), x).real",
        "give a complex solution, as x + 0j is",
        "dr.implicit.root(lambda u: u - x * (1 + 0j), x + 0j).real",
    ),
    (
        "dr.implicit.root(lambda u: [u - x, u[0] - x[0]], x)",
        "give one equation an unknown",
        "dr.implicit.root(lambda u: u - x, x)",
    ),
    (
        "a = type('Slotted', (), {'__slots__': ('of',)})(); a.of = x\n"
        "return dr.implicit.root(lambda u: u**2 - a.of, np.sqrt(x), solver='gmres')",
        "give it to them in args",
        "return dr.implicit.root(lambda u, a: u**2 - a, np.sqrt(x), (x,), solver='gmres')",
    ),
    (
        "dr.implicit.fixed_point(lambda u: np.cos(np.sum(u)) * x[0], np.zeros(2)); return x",
        "return arrays of the shapes of x",
        "dr.implicit.fixed_point(lambda u: 0 * u * x[0], np.zeros(2)); return x",
    ),
    (
        "dr.scipy.sparse.linalg.splu(dr.scipy.sparse.diags_array(x).tocsc()).L",
        "use solve",
        "dr.scipy.sparse.linalg.splu(dr.scipy.sparse.diags_array(x).tocsc()).solve(np.ones(3))",
    ),
    (
        "A = scipy.sparse.diags_array([2.0, 3.0, 4.0]).tocsc() + 0.1 * scipy.sparse.csc_array(np.ones((3, 3))); "
        "return dr.scipy.sparse.linalg.cg(A, x, maxiter=1)[0]",
        "allow more iterations: maxiter=",
        "A = scipy.sparse.diags_array([2.0, 3.0, 4.0]).tocsc() + 0.1 * scipy.sparse.csc_array(np.ones((3, 3))); "
        "return dr.scipy.sparse.linalg.cg(A, x, maxiter=100, rtol=1e-12)[0]",
    ),
    (
        "dr.scipy.sparse.linalg.lsqr(np.eye(3) + 0.1, x, iter_lim=1)[0]",
        "allow more iterations: iter_lim=",
        "dr.scipy.sparse.linalg.lsqr(np.eye(3) + 0.1, x, iter_lim=100)[0]",
    ),
    (
        "dr.scipy.sparse.diags_array(x).tocsr()",
        "pass or return its numbers, A.data",
        "dr.scipy.sparse.diags_array(x).tocsr().data",
    ),
    (
        "dr.scipy.sparse.csr_array(x).toarray()",
        "give a matrix, as x[None, :]",
        "dr.scipy.sparse.csr_array(x[None, :]).toarray()",
    ),
    (
        "dr.scipy.linalg.qr(np.outer(x, [1.0, 2.0]) + np.eye(3)[:, :2])[1]",
        "use mode='economic'",
        "dr.scipy.linalg.qr(np.outer(x, [1.0, 2.0]) + np.eye(3)[:, :2], mode='economic')[1]",
    ),
    (
        "dr.scipy.linalg.polar(np.outer([1.0, 2.0], x) + np.eye(3)[:2], side='right')[1]",
        "use side='left', whose p is regular",
        "dr.scipy.linalg.polar(np.outer([1.0, 2.0], x) + np.eye(3)[:2], side='left')[1]",
    ),
    (
        "dr.scipy.linalg.sqrtm(x[0])",
        "give np.atleast_2d(x)",
        "dr.scipy.linalg.sqrtm(np.atleast_2d(x[0]))",
    ),
    (
        "dr.scipy.spatial.distance.canberra(x + 1j, np.ones(3))",
        "give it real vectors: u.real",
        "dr.scipy.spatial.distance.canberra((x + 1j).real, np.ones(3))",
    ),
    (
        "w = (x + 1j).astype(complex); return dr.scipy.spatial.distance.cdist(np.eye(3), np.ones((1, 3)), w=w)",
        "give it real numbers: w.real",
        "w = (x + 1j).real; return dr.scipy.spatial.distance.cdist(np.eye(3), np.ones((1, 3)), w=w)",
    ),
    (
        "return dr.scipy.interpolate.CubicSpline(np.arange(3.0), np.ones(3))(x + 1j)",
        "give it real ones: x.real",
        "return dr.scipy.interpolate.CubicSpline(np.arange(3.0), np.ones(3))((x + 1j).real)",
    ),
    (
        "return dr.scipy.cluster.hierarchy.linkage(x + 1j)[:, 2]",
        "give it real ones: y.real",
        "return dr.scipy.cluster.hierarchy.linkage((x + 1j).real)[:, 2]",
    ),
    (
        "a = np.diag(x) + 0.1; return dr.scipy.linalg.eig(a, homogeneous_eigvals=True)[0].real",
        "leave it out: w is alpha / beta",
        "a = np.diag(x) + 0.1; return dr.scipy.linalg.eig(a)[0].real",
    ),
    (
        "a = np.diag(x) + 0.1; return dr.scipy.linalg.eig(a, 2.0 * np.eye(3))[0].real",
        "use eig(solve(b, a))",
        "a = np.diag(x) + 0.1; return dr.scipy.linalg.eig(np.linalg.solve(2.0 * np.eye(3), a))[0].real",
    ),
    (
        "dr.scipy.linalg.matmul_toeplitz((x, x), np.ones((3, 2, 2)))",
        "give one matrix at a time",
        "dr.scipy.linalg.matmul_toeplitz((x, x), np.ones((3, 2)))",
    ),
    (
        "dr.scipy.ndimage.correlate(np.arange(5), x)",
        "give output=float",
        "dr.scipy.ndimage.correlate(np.arange(5), x, output=float)",
    ),
    (
        "dr.scipy.spatial.distance.cdist(np.eye(3), 2.0 * np.eye(3), 'mahalanobis', VI=np.diag(x), w=x)",
        "hold `w` constant: dualrev.stop_gradient(w)",
        "x",
    ),
    (
        "dr.grad(lambda y: scipy.special.elliprj(-y[0], y[1], y[2], 1.0))(x)",
        "use positive arguments",
        "dr.grad(lambda y: scipy.special.elliprj(y[0], y[1], y[2], 1.0))(x)",
    ),
    (
        "dr.scipy.special.factorial2(x[0])",
        "write factorial2(..., extend='complex'), which is continued between whole numbers",
        "dr.scipy.special.factorial2(x[0], extend='complex')",
    ),
    (
        "dr.scipy.special.pbdv_seq(0.5, x[0])[0][0]",
        "use scipy.special.pbdv(v, x)",
        "scipy.special.pbdv(0.5, x[0])[0]",
    ),
    (
        "dr.scipy.special.jn_zeros(0.0 * x[0] + 1.0, 2)",
        "hold `n` constant: dualrev.stop_gradient(n)",
        "x[1] * dr.scipy.special.jn_zeros(dualrev.stop_gradient(0.0 * x[0] + 1.0), 2)",
    ),
    (
        "dr.scipy.special.stirling2(x[0], 1)",
        "give it plain numbers: int(dualrev.stop_gradient(x))",
        "x[1] * dr.scipy.special.stirling2(int(dualrev.stop_gradient(x[0])), 1)",
    ),
    (
        "dr.scipy.special.jacobi(2, x[0], x[1])(0.3)",
        "use scipy.special.eval_jacobi(n, alpha, beta, x)",
        "scipy.special.eval_jacobi(2, x[0], x[1], 0.3)",
    ),
    (
        "dr.scipy.special.genlaguerre(2, x[0])(0.3)",
        "use scipy.special.eval_genlaguerre(n, alpha, x)",
        "scipy.special.eval_genlaguerre(2, x[0], 0.3)",
    ),
    (
        "dr.scipy.special.gegenbauer(2, x[0])(0.3)",
        "use scipy.special.eval_gegenbauer(n, alpha, x)",
        "scipy.special.eval_gegenbauer(2, x[0], 0.3)",
    ),
    (
        "dr.scipy.special.sh_jacobi(2, x[0] + 2.0, x[1])(0.3)",
        "use scipy.special.eval_sh_jacobi(n, p, q, x)",
        "scipy.special.eval_sh_jacobi(2, x[0] + 2.0, x[1], 0.3)",
    ),
    (
        "dr.scipy.special.lmbda(1.0, x[0])[0][0]",
        "use scipy.special.gamma(v + 1) * (2 / x) ** v * scipy.special.jv(v, x)",
        "scipy.special.gamma(2.0) * (2 / x[0]) ** 1.0 * scipy.special.jv(1.0, x[0])",
    ),
    (
        "dr.scipy.special.mathieu_even_coef(2, x[0])",
        "hold `q` constant: dualrev.stop_gradient(q)",
        "x[1] * dr.scipy.special.mathieu_even_coef(2, dualrev.stop_gradient(x[0]))",
    ),
    (
        "dr.scipy.special.ellip_harm(5, 8, 1, 1, x[0])",
        "hold `s` constant: dualrev.stop_gradient(s)",
        "x[1] * dr.scipy.special.ellip_harm(5, 8, 1, 1, dualrev.stop_gradient(x[0]))",
    ),
    (
        "dr.scipy.special.ellip_normal(x[0] + 4.0, 8, 1, 1)",
        "hold `h2` and `k2` constant: dualrev.stop_gradient(h2)",
        "x[1] * dr.scipy.special.ellip_normal(dualrev.stop_gradient(x[0]) + 4.0, 8, 1, 1)",
    ),
    (
        "dr.scipy.special.kn(x[0], x[1])",
        "hold `v` constant: dualrev.stop_gradient(v)",
        "x[1] * dr.scipy.special.kn(dualrev.stop_gradient(x[0]), x[1])",
    ),
]

SETUP = """
import array, dataclasses, fractions, pathlib, pickle, sys, tempfile, types
from unittest import mock
from matplotlib import pyplot

def norm(x): return np.sum(x**2)
def each(x): return x**2
def scaled(how, x): return np.sum(x**2) if how == "square" else np.sum(x)
def forgets(x): x * 2
def yields(x): yield x
def two(x, y=2.0, *, scale=1.0): return np.sum(x * y) * scale
def of_dict(p): return np.sum(p["w"]**2)

class Spring:
    def __init__(self, stiffness): self.stiffness = stiffness

class Table:
    # As pandas has it.
    def __init__(self, numbers): self.numbers = numbers
    def to_numpy(self): return self.numbers

@dataclasses.dataclass
class Doubled:
    w: object
    def __post_init__(self): self.twice = 2 * self.w

@dataclasses.dataclass
class Doubling:
    w: object
    @property
    def twice(self): return 2 * self.w

@dataclasses.dataclass
class Named:
    w: object
    name: str

@dataclasses.dataclass
class Static:
    w: object
    name: str = dataclasses.field(metadata={"static": True})

x = np.array([1.0, 2.0])
records = np.array([(1.0,), (2.0,)], dtype=[("w", float)])
kept = []

def keeps(x):
    kept.append(x)
    return np.sum(x**2)

def hidden(*names): return mock.patch.dict(sys.modules, dict.fromkeys(names))

def folded(x):
    return x[::-1] ** 2 if x[0] > 0 else x**2

def one_of_two(x):
    return x[0] ** 2 if x[0] > 0 else x[1] ** 2

def above(x):
    return x[x > 1.5] ** 2

def shuffled(x, places=None):
    return x[np.random.default_rng().permutation(len(x)) if places is None else places] ** 2

def integral(x):
    return x * dualrev.scipy.integrate.quad(lambda t: t * x[0], 0, 1)[0]

def within(context, do):
    with context:
        return do()

def shortened():
    # A twin that knows not all of SciPy's options.
    from dualrev.scipy.twin import twin

    @twin(scipy.linalg.norm)
    def norm(a, *, ord):
        return np.linalg.norm(a, ord)

    return norm

def one_way(): return scipy.sparse.linalg.LinearOperator((2, 2), matvec=lambda v: 2.0 * v)
def both_ways():
    return scipy.sparse.linalg.LinearOperator((2, 2), matvec=lambda v: 2.0 * v, rmatvec=lambda v: 2.0 * v)

def hiding(x):
    from tests.test_other_arrays import Blind
    return Blind(x)

def without_rule(do):
    from dualrev.core.primitive import RULES
    with mock.patch.dict(RULES):
        del RULES[np.unwrap]
        return do()

def writes(x):
    y = x * 1.0
    y[0] = 5.0
    return np.sum(y)

class Springs(dict): pass
def registers(cls):
    dr.register_container(cls, lambda s: (list(s.values()), tuple(s)), lambda k, c: cls(zip(k, c)))
    return dr.grad(lambda s: s["a"] ** 2)(Springs(a=3.0))["a"]

def registered():
    dr.register_container(Spring, lambda s: ((s.stiffness,), None), lambda _, c: Spring(*c))
    return dr.grad(lambda s: s.stiffness**2)(Spring(3.0)).stiffness

def through_a_file(f, x):
    file = tempfile.TemporaryFile()
    dr.compile(f).program(x).save(file)
    return dr.load_program(file)(x)

def numpy_without(name, called="numpies"):
    import types
    module = types.ModuleType(called)
    vars(module).update({k: x for k, x in vars(np).items() if k not in ("__name__", name)})
    return module

def of_32_bits():
    module = numpy_without("zeros", "jax.numpy")
    module.zeros = lambda shape, dtype: np.zeros(shape, np.float32)
    return module

def doubles(x):
    x *= 2.0
    return x

def cube_root(a): return dr.scipy.optimize.newton(lambda y: y**3 - a, 1.0)
def draws(x): return np.sum(x) * np.random.rand()
def positive(x): return norm(x) if x[0] > 0 else norm(3.0 * x)
def roots(x): return np.sum(np.where(x > 0, np.sqrt(np.abs(x)), x))
squared = dr.elementwise(lambda x: x**2, lambda ans, x: 2.0 * x)
xs = np.array([[1.0, 2.0], [3.0, 4.0]])
k = np.array([1, 0])
head = dr.linear(lambda x: x[:1], lambda ct, x: np.concatenate([ct, np.zeros(1)]))

def writes_head(x):
    y = x * 1.0
    v = head(y)
    v[...] = 3.0
    return norm(y)

def writes_element(x):
    y = x * 1.0
    y[:1] = 3.0
    return norm(y)

def steps(x, n):
    for i in range(n):
        x = 2.0 * x
    return x

def marks(np, k):
    y = np.zeros(2)
    y[k] = 1.0
    return y
"""

VALUES = [
    # --------------------------------------------------------------------------------- batches
    (
        "dr.vmap(norm(x))",
        "write dr.vmap(f)(xs), with f itself, not f(x)",
        "dr.vmap(norm)(xs)",
        [5.0, 25.0],
    ),
    (
        "dr.vmap(np.dot, in_axes=(0,))(xs, x)",
        "give one entry an argument, or one number for all",
        "dr.vmap(np.dot, in_axes=(0, None))(xs, x)",
        [5.0, 11.0],
    ),
    (
        "dr.vmap(of_dict, in_axes=({'v': 0},))({'w': xs})",
        "give a number or None for an array, or for all arrays of a container",
        "dr.vmap(of_dict, in_axes=({'w': 0},))({'w': xs})",
        [5.0, 25.0],
    ),
    (
        "dr.vmap(norm, in_axes='0')(xs)",
        "give whole numbers, or None",
        "dr.vmap(norm, in_axes=0)(xs)",
        [5.0, 25.0],
    ),
    (
        "dr.vmap(two)(xs, 2.0)",
        "give in_axes=None for it, if it is the same for all",
        "dr.vmap(two, in_axes=(0, None))(xs, 2.0)",
        [6.0, 14.0],
    ),
    (
        "dr.vmap(np.square)([1.0, 2.0])",
        "write np.array(xs) for a list of numbers, xs",
        "dr.vmap(np.square)(np.array([1.0, 2.0]))",
        [1.0, 4.0],
    ),
    (
        "dr.vmap(np.dot)(xs, x[None])",
        "give each the same number, or in_axes=None for one that is the same for all",
        "dr.vmap(np.dot, in_axes=(0, None))(xs, x)",
        [5.0, 11.0],
    ),
    (
        "dr.vmap(norm, in_axes=None)(xs)",
        "give one argument an axis: in_axes=0 is the first",
        "dr.vmap(norm, in_axes=0)(xs)",
        [5.0, 25.0],
    ),
    (
        "dr.vmap(norm)(xs[:0])",
        "leave out the call where there are none",
        "dr.vmap(norm)(xs) if len(xs) else np.zeros(0)",
        [5.0, 25.0],
    ),
    (
        "dr.vmap(norm, out_axes=None)(xs)",
        "give the axis along which they shall lie: 0 is the first",
        "dr.vmap(norm, out_axes=0)(xs)",
        [5.0, 25.0],
    ),
    (
        "dr.vmap(norm, out_axes=1)(xs)",
        "out_axes=0 puts them along the first",
        "dr.vmap(norm, out_axes=0)(xs)",
        [5.0, 25.0],
    ),
    (
        "dr.vmap(lambda x: x[x > 1.5])(xs)",
        "choose by np.where, which keeps the shape, or write np.stack([f(x) for x in xs])",
        "dr.vmap(lambda x: np.where(x > 1.5, x, 0.0))(xs)",
        [[0.0, 2.0], [3.0, 4.0]],
    ),
    (
        "dr.vmap(lambda x: x[0] if x[0] > 2 else x[1])(xs)",
        "choose element by element: np.where(condition, a, b)",
        "dr.vmap(lambda x: np.where(x[0] > 2, x[0], x[1]))(xs)",
        [2.0, 3.0],
    ),
    (
        "dr.vmap(lambda x: min(x[0], 2.0))(xs)",
        "choose element by element: np.where(condition, a, b)",
        "dr.vmap(lambda x: np.where(x[0] < 2.0, x[0], 2.0))(xs)",
        [1.0, 2.0],
    ),
    ("dr.vmap(lambda x: float(x[0]))(xs)", "write x", "dr.vmap(lambda x: x[0])(xs)", [1.0, 3.0]),
    (
        "dr.vmap(lambda x: int(x[0]) * x[1])(xs)",
        "write np.stack([f(x) for x in xs]) for dr.vmap(f)(xs)",
        "np.stack([int(x[0]) * x[1] for x in xs])",
        [2.0, 12.0],
    ),
    (
        "dr.vmap(steps)(xs, k)",
        "write np.stack([f(x) for x in xs]) for dr.vmap(f)(xs)",
        "np.stack([steps(x, n) for x, n in zip(xs, k)])",
        [[2.0, 4.0], [3.0, 4.0]],
    ),
    (
        "dr.vmap(lambda k: marks(np, k))(k)",
        "write `import dualrev.numpy as np` for `import numpy as np` in this file",
        "dr.vmap(lambda k: marks(dr.numpy, k))(k)",
        [[0.0, 1.0], [1.0, 0.0]],
    ),
    (
        "dr.grad(lambda x: np.sum(dr.vmap(writes_head)(x[None])))(x)",
        "write into the array itself, at an index",
        "dr.grad(lambda x: np.sum(dr.vmap(writes_element)(x[None])))(x)",
        [0.0, 4.0],
    ),
    (
        "dr.jacobian(each, chunk_size=0)(x)",
        "give a whole number from 1 on, or leave it out",
        "dr.jacobian(each, chunk_size=1)(x)",
        [[2.0, 0.0], [0.0, 4.0]],
    ),
    # ------------------------------------------------------------------------------- operators
    ("dr.grad()", "write dr.grad(f)(x)", "dr.grad(norm)(x)", [2.0, 4.0]),
    (
        "dr.grad(norm(x))",
        "write dr.grad(f)(x), with f itself, not f(x)",
        "dr.grad(norm)(x)",
        [2.0, 4.0],
    ),
    (
        "dr.checkpoint_chain(2 * x, x, 3, snapshots=2)",
        "write dr.checkpoint_chain(step, state, n, snapshots=10), with f itself, not f(x)",
        "dr.checkpoint_chain(lambda x: 2 * x, x, 3, snapshots=10)",
        [8.0, 16.0],
    ),
    (
        "dr.checkpoint_chain(lambda x: 2 * x, x, 3, snapshots=0)",
        "give a whole number of at least 1",
        "dr.checkpoint_chain(lambda x: 2 * x, x, 3, snapshots=1)",
        [8.0, 16.0],
    ),
    (
        "dr.checkpoint_chain(lambda x: (2 * x, 1), x, 3, snapshots=2)",
        "return the state in the same containers that it came in",
        "dr.checkpoint_chain(lambda s: (2 * s[0], 1), (x, 1), 3, snapshots=2)[0]",
        [8.0, 16.0],
    ),
    (
        "dr.checkpoint_chain(lambda s: s + x, 0.0, 3, snapshots=2)",
        "start from a state in the shapes and dtypes that the steps answer",
        "dr.checkpoint_chain(lambda s: s + x, np.zeros(2), 3, snapshots=2)",
        [3.0, 6.0],
    ),
    (
        "dr.checkpoint(norm(x))",
        "write dr.checkpoint(f)(x), with f itself, not f(x)",
        "dr.checkpoint(norm)(x)",
        5.0,
    ),
    ("dr.grad(norm, x)", "write dr.grad(f)(x)", "dr.grad(norm)(x)", [2.0, 4.0]),
    (
        "dr.grad(two, 'y')(x, 3.0)",
        "give names by argnames=",
        "dr.grad(two, argnames='y')(x, 3.0)",
        3.0,
    ),
    ("dr.jacobian(each)()", "write dr.jacobian(f)(x)", "dr.jacobian(each)(x)", [[2, 0], [0, 4]]),
    (
        "dr.grad(two, 2)(x, 3.0)",
        "count from 0: the last is argnums=1",
        "dr.grad(two, 1)(x, 3.0)",
        3.0,
    ),
    (
        "dr.grad(two)(x=x)",
        "name an argument that is given by keyword: argnames='x'",
        "dr.grad(two, argnames='x')(x=x)",
        [2.0, 2.0],
    ),
    ("dr.grad(two, (0, 0))(x)", "give each number once", "dr.grad(two, (0,))(x)", [[2.0, 2.0]]),
    (
        "dr.grad(two, argnum=1)(x, 3.0)",
        "perhaps you meant argnums=",
        "dr.grad(two, argnums=1)(x, 3.0)",
        3.0,
    ),
    (
        "dr.laplacian(two, compiled=True)(x, 3.0)",
        "it has argnames, argnums, chunk_size, has_aux",
        "dr.laplacian(two, chunk_size=1)(x, 3.0)",
        0.0,
    ),
    (
        "dr.grad(two, argnames=1)(x, 3.0)",
        "give positions by argnums=",
        "dr.grad(two, argnums=1)(x, 3.0)",
        3.0,
    ),
    (
        "dr.grad(two, argnames=('x', 'x'))(x)['x']",
        "give each name once",
        "dr.grad(two, argnames=('x',))(x)['x']",
        [2.0, 2.0],
    ),
    (
        "dr.grad(two, 0, argnames='x')(x)",
        "leave out argnums",
        "dr.grad(two, argnames='x')(x)",
        [2.0, 2.0],
    ),
    (
        "dr.grad(two, argnames='scale')(x)",
        "give it: scale=...",
        "dr.grad(two, argnames='scale')(x, scale=1.0)",
        6.0,
    ),
    (
        "dr.grad(two, argnames='factor')(x, scale=1.0)",
        "choose among those of `two`: x, y, scale",
        "dr.grad(two, argnames='scale')(x, scale=1.0)",
        6.0,
    ),
    (
        "dr.hvp(norm)(x)",
        "write dr.hvp(f)(x, v)",
        "dr.hvp(norm)(x, np.array([1.0, 0.0]))",
        [2.0, 0.0],
    ),
    (
        "dr.grad(each)(x)",
        "dr.jacobian(f) is the derivative of each element",
        "dr.jacobian(each)(x)",
        [[2.0, 0.0], [0.0, 4.0]],
    ),
    (
        "dr.hessian(each)(x)",
        "dr.jacobian(dr.jacobian(f)) holds the second derivatives of each element",
        "dr.jacobian(dr.jacobian(each))(x)",
        [[[2.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 2.0]]],
    ),
    (
        "dr.hvp(each)(x, np.ones(2))",
        "dr.jvp(dr.jacobian(f), (x,), (v,))[1] is the product for each element",
        "dr.jvp(dr.jacobian(each), (x,), (np.ones(2),))[1]",
        [[2.0, 0.0], [0.0, 2.0]],
    ),
    (
        "dr.laplacian(norm, chunk_size=0)(x)",
        "give a whole number from 1 on, or leave it out",
        "dr.laplacian(norm, chunk_size=1)(x)",
        4.0,
    ),
    (
        "dr.laplacian(each)(x)",
        "dr.laplacian(lambda x: f(x)[i])(x) is that of element i",
        "dr.laplacian(lambda x: each(x)[1])(x)",
        2.0,
    ),
    (
        "dr.divergence(norm)(x)",
        "dr.jacobian(f) is the derivative of each element by each",
        "dr.jacobian(norm)(x)",
        [2.0, 4.0],
    ),
    (
        "dr.divergence(lambda x: [x[0] ** 2, x[1] ** 2])(x)",
        "return np.stack([...]) of the components",
        "dr.divergence(lambda x: np.stack([x[0] ** 2, x[1] ** 2]))(x)",
        6.0,
    ),
    (
        "dr.divergence(lambda p: p['w'] ** 2)({'w': x})",
        "return the components as {'w': *}",
        "dr.divergence(lambda p: {'w': p['w'] ** 2})({'w': x})",
        6.0,
    ),
    (
        "dr.curl(each)(np.ones(4))",
        "dr.jacobian(f), of which it is J - J.T in any dimension",
        "(J := dr.jacobian(each)(np.ones(4))) - J.T",
        [[0.0] * 4] * 4,
    ),
    (
        "dr.gauss_newton_product(each)(x)",
        "write dr.gauss_newton_product(f)(x, v)",
        "dr.gauss_newton_product(each)(x, np.array([1.0, 0.0]))",
        [4.0, 0.0],
    ),
    (
        "dr.gauss_newton_product(each, 0.5)",
        "write dr.gauss_newton_product(f, loss)(x, v)",
        "dr.gauss_newton_product(each, norm)(x, np.array([1.0, 0.0]))",
        [8.0, 0.0],
    ),
    (
        "dr.gauss_newton_product(each, each)(x, x)",
        "return one real number, as 0.5 * np.sum(r**2) of residuals r is",
        "dr.gauss_newton_product(each, lambda r: 0.5 * np.sum(r**2))(x, x)",
        [4.0, 32.0],
    ),
    (
        "dr.propagate(norm, x, np.eye(2), order=3)",
        "order is 1 or 2",
        "dr.propagate(norm, x, np.eye(2), order=2).mean",
        7.0,
    ),
    (
        "dr.propagate(norm, x)",
        "give cov, a matrix, or std=, the standard deviations of independent numbers",
        "dr.propagate(norm, x, std=np.ones(2)).covariance",
        20.0,
    ),
    (
        "dr.propagate(lambda z: abs(z) ** 2, 1j, 1.0)",
        "make real and imaginary parts two entries of x",
        "dr.propagate(lambda z: z[0] ** 2 + z[1] ** 2, np.array([0.0, 1.0]), np.eye(2)).covariance",
        4.0,
    ),
    (
        "dr.propagate(lambda x: np.exp(1j * x), 0.0, 1.0)",
        "make real and imaginary parts two entries: return np.stack([y.real, y.imag])",
        "dr.propagate(lambda x: np.stack([(y := np.exp(1j * x)).real, y.imag]), 0.0, 1.0).covariance",
        [[0.0, 0.0], [0.0, 1.0]],
    ),
    (
        "dr.propagate(norm, x, np.ones(2))",
        "give variances as np.diag(variances), or standard deviations by std=",
        "dr.propagate(norm, x, np.diag(np.ones(2))).covariance",
        20.0,
    ),
    (
        "dr.propagate(norm, x, np.eye(3))",
        "give a matrix of shape (2, 2), in the order of dr.ravel(x)",
        "dr.propagate(norm, x, np.eye(2)).covariance",
        20.0,
    ),
    (
        "dr.propagate(norm, x, 1j * np.eye(2))",
        "give a matrix of real numbers",
        "dr.propagate(norm, x, np.eye(2)).covariance",
        20.0,
    ),
    (
        "dr.propagate(norm, x, np.diag([1.0, np.inf]))",
        "give finite numbers: leave out of x what is not known",
        "dr.propagate(lambda first: first[0] ** 2 + 4.0, x[:1], np.eye(1)).covariance",
        4.0,
    ),
    (
        "dr.propagate(norm, x, np.diag([1.0, -1.0]))",
        "give the squares of standard deviations, or these by std=",
        "dr.propagate(norm, x, std=np.ones(2)).covariance",
        20.0,
    ),
    (
        "dr.propagate(norm, x, np.array([[1.0, 0.5], [0.0, 1.0]]))",
        "give the covariance of i and j in both places: (cov + cov.T) / 2 is symmetric",
        "dr.propagate(norm, x, ((cov := np.array([[1.0, 0.5], [0.0, 1.0]])) + cov.T) / 2).covariance",
        24.0,
    ),
    (
        "dr.propagate(norm, x, np.array([[1.0, 2.0], [2.0, 1.0]]))",
        "give a matrix without negative eigenvalues; correlations are between -1 and 1",
        "dr.propagate(norm, x, np.array([[1.0, 1.0], [1.0, 1.0]])).covariance",
        36.0,
    ),
    (
        "dr.propagate(norm, x, std=-np.ones(2))",
        "a standard deviation is finite, and 0 or more",
        "dr.propagate(norm, x, std=np.ones(2)).covariance",
        20.0,
    ),
    (
        "dr.scipy.optimize.minimize(lambda x: x - 1.0, x)",
        "return one real number, as np.sum(r**2) of residuals r is",
        "dr.scipy.optimize.minimize(lambda x: np.sum((x - 1.0) ** 2), x).x",
        [1.0, 1.0],
    ),
    (
        "dr.grad(lambda a: dr.scipy.optimize.minimize(lambda z: (z - a) ** 2, 1.0, bounds=[(0, None)]).x[0])(0.0)",
        "leave that limit out, or move it",
        "dr.grad(lambda a: dr.scipy.optimize.minimize(lambda z: (z - a) ** 2, 1.0, bounds=[(-1, None)]).x[0])(0.0)",
        1.0,
    ),
    (
        "dr.grad(lambda a: dr.scipy.optimize.minimize(lambda z: norm(z - a), x, constraints="
        "2 * [{'type': 'ineq', 'fun': lambda z: 1 - z[0] - z[1]}]).x[0])(1.0)",
        "leave out constraints that follow from others",
        "dr.grad(lambda a: dr.scipy.optimize.minimize(lambda z: norm(z - a), x, constraints="
        "1 * [{'type': 'ineq', 'fun': lambda z: 1 - z[0] - z[1]}]).x[0])(1.0)",
        0.0,
    ),
    (
        "dr.grad(lambda a: dr.scipy.optimize.minimize(lambda z: (z[0] ** 2 - a) ** 2, [0.0]).x[0])(4.0)",
        "start elsewhere: give another x0",
        "dr.grad(lambda a: dr.scipy.optimize.minimize(lambda z: (z[0] ** 2 - a) ** 2, [1.0]).x[0])(4.0)",
        0.25,
    ),
    (
        "dr.grad(lambda a: dr.scipy.optimize.minimize(lambda z: 1e-9 * (z[0] - a) ** 2, [0.0]).x[0])(2.0)",
        "solve to a smaller tolerance: tol=1e-10",
        "dr.grad(lambda a: dr.scipy.optimize.minimize(lambda z: 1e-9 * (z[0] - a) ** 2, [0.0], tol=1e-10).x[0])(2.0)",
        1.0,
    ),
    (
        "dr.grad(lambda a: dr.scipy.optimize.minimize(lambda z: (z[0] - a) ** 4, [0.0]).x[0])(2.0)",
        "make the function smooth and curved: np.sqrt(x**2 + 1e-6) for abs(x), x**4 + 1e-3 * x**2 for x**4",
        "dr.grad(lambda a: dr.scipy.optimize.minimize(lambda z: (z[0] - a) ** 4 + 1e-3 * (z[0] - a) ** 2, [0.0]).x[0])(2.0)",
        1.0,
    ),
    (
        "dr.grad(lambda a: np.sum(dr.scipy.optimize.minimize(lambda z: norm(z - a), x, method='L-BFGS-B').hess_inv))(2.0)",
        "compute it from the x of the result",
        "dr.grad(lambda a: np.sum(np.linalg.inv(dr.hessian(norm)(dr.scipy.optimize.minimize("
        "lambda z: norm(z - a), x, method='L-BFGS-B').x))))(2.0)",
        0.0,
    ),
    (
        "dr.grad(lambda b: dr.scipy.optimize.nnls(np.eye(2), b)[0][0])(np.array([1.0, 0.0]))",
        "leave out column 1 of A, or change the data",
        "dr.grad(lambda b: dr.scipy.optimize.nnls(np.eye(2)[:, :1], b)[0][0])(np.array([1.0, 0.0]))",
        [1.0, 0.0],
    ),
    (
        "dr.grad(lambda b: dr.scipy.optimize.lsq_linear(np.ones((2, 2)), b).x[0])(x)",
        "leave out columns that follow from others",
        "dr.grad(lambda b: dr.scipy.optimize.lsq_linear(np.ones((2, 1)), b).x[0])(x)",
        [0.5, 0.5],
    ),
    (
        "dr.grad(lambda b: dr.scipy.optimize.lsq_linear([[2, 1], [1, 1]], b, (0, 9), tol=0.5).x[1])(x)",
        'solve more exactly: method="bvls", or a smaller tol',
        "dr.grad(lambda b: dr.scipy.optimize.lsq_linear([[2, 1], [1, 1]], b, (0, 9)).x[1])(x)",
        [0.5, 0.5],
    ),
    (
        "dr.grad(lambda b: dr.scipy.optimize.linprog([-1, -2], [[0, 1], [1, 1]], [1.0, b]).fun)(1.0)",
        "leave out constraints that follow from others, or move one of those that meet",
        "dr.grad(lambda b: dr.scipy.optimize.linprog([-1, -2], [[1, 1]], [b]).fun)(1.0)",
        -2.0,
    ),
    (
        "dr.grad(lambda b: dr.scipy.optimize.linprog([1, 1], [[-1, -1]], [b]).fun)(-1.0)",
        "move c a little, so that one vertex is the best",
        "dr.grad(lambda b: dr.scipy.optimize.linprog([1, 1.001], [[-1, -1]], [b]).fun)(-1.0)",
        -1.0,
    ),
    (
        "dr.grad(lambda b: dr.scipy.optimize.linprog([-1, -2], [[1, 1]], [b], integrality=[1, 0]).fun)(1.5)",
        "hold the whole numbers constant: give them as bounds, and leave out integrality",
        "dr.grad(lambda b: dr.scipy.optimize.linprog([-1, -2], [[1, 1]], [b], bounds=[(0, 0), (0, None)]).fun)(1.5)",
        -2.0,
    ),
    (
        "dr.jacobian(lambda y: dr.scipy.optimize.isotonic_regression([y, y, 2.0]).x)(1.0)",
        "join the elements that tie to one, with the sum of their weights",
        "dr.jacobian(lambda y: dr.scipy.optimize.isotonic_regression([y, 2.0], weights=[2.0, 1.0]).x)(1.0)",
        [1.0, 0.0],
    ),
    (
        "dr.elementwise_grad(lambda x: x[:1])(x)",
        "dr.jacobian(f) is the slope of each element by each",
        "dr.jacobian(lambda x: x[:1])(x)",
        [[1.0, 0.0]],
    ),
    (
        "dr.grad(lambda x: (norm(x), x))(x)",
        "return one number alone, or, where has_aux=True is given, (number, rest)",
        "dr.grad(lambda x: (norm(x), x), has_aux=True)(x)[0]",
        [2.0, 4.0],
    ),
    (
        "dr.grad(lambda x: [norm(x), x], has_aux=True)(x)",
        "return result, aux",
        "dr.grad(lambda x: (norm(x), x), has_aux=True)(x)[0]",
        [2.0, 4.0],
    ),
    (
        "dr.derivative(np.cumsum)(x * 0)",
        "dr.jacobian(f) is the slope of each element of the result by each of the argument",
        "dr.jacobian(np.cumsum)(x * 0)",
        [[1.0, 0.0], [1.0, 1.0]],
    ),
    (
        "dr.derivative(two, argnums=(0, 1))(3.0, 4.0)",
        "dr.jacobian(f) takes several arguments",
        "dr.jacobian(two, argnums=(0, 1))(3.0, 4.0)",
        (4.0, 3.0),
    ),
    (
        "dr.jacobian(each, mode='backward')(x)",
        'mode is one of "auto", "forward", "reverse"',
        "dr.jacobian(each, mode='reverse')(x)",
        [[2.0, 0.0], [0.0, 4.0]],
    ),
    # ---------------------------------------------------------------------------------- complex
    (
        "dr.grad(lambda x: 1j * x)(2.0)",
        "dr.jacobian(f) is the derivative of each element",
        "dr.jacobian(lambda x: 1j * x)(2.0)",
        1j,
    ),
    (
        "dr.grad(each)(1j)",
        "pass holomorphic=True, if f is: the result is then f'(z)",
        "dr.grad(each, holomorphic=True)(1j)",
        2j,
    ),
    (
        "dr.hvp(each)(1j, 1.0)",
        "dr.jvp(dr.grad(f, holomorphic=True), (z,), (v,))[1], if f is: the product for df/dz",
        "dr.jvp(dr.grad(each, holomorphic=True), (1j,), (1.0,))[1]",
        2.0,
    ),
    (
        "dr.gauss_newton_product(each, lambda r: r**2)(1j, 1.0)",
        "return one real number, as 0.5 * np.sum(abs(r) ** 2) of residuals r is",
        "dr.gauss_newton_product(each, lambda r: 0.5 * np.sum(abs(r) ** 2))(1j, 1.0)",
        4.0,
    ),
    (
        "dr.derivative(each)(1j)",
        "pass holomorphic=True, if f is: the result is then f'(z)",
        "dr.derivative(each, holomorphic=True)(1j)",
        2j,
    ),
    (
        "dr.jacobian(each)(np.array([1j]))",
        "pass holomorphic=True, if f is: the result is then the matrix of df/dz",
        "dr.jacobian(each, holomorphic=True)(np.array([1j]))",
        [[2j]],
    ),
    (
        "dr.hessian(lambda z: abs(z) ** 2)(3 + 4j)",
        "dr.hvp(f)(x, v) is its product with a direction v",
        "dr.hvp(lambda z: abs(z) ** 2)(3 + 4j, 1j)",
        2j,
    ),
    (
        "dr.laplacian(lambda z: abs(z) ** 2)(3 + 4j)",
        "take it by the real and the imaginary part: dr.laplacian(lambda x, y: f(x + 1j * y), "
        "argnums=(0, 1))(z.real, z.imag)",
        "dr.laplacian(lambda x, y: abs(x + 1j * y) ** 2, argnums=(0, 1))(3.0, 4.0)",
        4.0,
    ),
    (
        "dr.divergence(each)(np.array([1j]))",
        "dr.jacobian(f, holomorphic=True)(z), if f is: the matrix of all df/dz",
        "dr.jacobian(each, holomorphic=True)(np.array([1j]))",
        [[2j]],
    ),
    (
        "dr.taylor(norm, x, x, 2.0)",
        "write a whole number, as 3 is",
        "dr.taylor(norm, x, x, 3)",
        [5.0, 10.0, 5.0, 0.0],
    ),
    (
        "dr.derivatives(each, -1)(3.0)",
        "write 0, for the function itself, or more",
        "dr.derivatives(each, 0)(3.0)",
        [9.0],
    ),
    (
        "dr.taylor(norm, x, np.ones(3), 1)",
        "give a direction of shape (2,), or coefficients 1 to k of a curve, along a first axis",
        "dr.taylor(norm, x, np.ones((1, 2)), 1)",
        [5.0, 6.0],
    ),
    (
        "dr.derivatives(each, 2)(x)",
        "dr.taylor(f, x, v, order) holds those along a direction v, divided by factorials",
        "dr.taylor(each, x, np.ones(2), 2)",
        [[1.0, 4.0], [2.0, 4.0], [1.0, 1.0]],
    ),
    (
        "dr.partial(norm, 2.0)(x)",
        "write dr.partial(f, (2, 1, 0))(x)",
        "dr.partial(norm, (2, 0))(x)",
        2.0,
    ),
    (
        "dr.partial(norm, (2, -1))(x)",
        "write 0 where it is not differentiated",
        "dr.partial(norm, (2, 0))(x)",
        2.0,
    ),
    (
        "dr.partial(norm, (2, 0, 0))(x)",
        "give one order for each element",
        "dr.partial(norm, (2, 0))(x)",
        2.0,
    ),
    (
        "dr.partial(two, (2, 0, 1))(2.0, 3.0)",
        "give one order for each argument",
        "dr.partial(two, (1, 1))(2.0, 3.0)",
        1.0,
    ),
    (
        "dr.partial(two, (2, 0), (0, 1))(x, x)",
        "name one of them by argnums=",
        "dr.partial(two, (1, 0), argnums=0)(x, x)",
        1.0,
    ),
    (
        "dr.derivative_tensor(two, 1, (0, 1))(x, x)",
        "name one of them by argnums=",
        "dr.derivative_tensor(two, 1, argnums=0)(x, x)",
        [1.0, 2.0],
    ),
    (
        "dr.taylor_ode(lambda y: (y, y), 1.0, 2)",
        "return the slope of each array of y, in the structure of y",
        "dr.taylor_ode(lambda y: y, 1.0, 2)",
        [1.0, 1.0, 0.5],
    ),
    (
        "dr.taylor_ode(lambda y: y[0], x, 2)",
        "return a slope for each element of y",
        "dr.taylor_ode(lambda y: y, x, 1)",
        [[1.0, 2.0], [1.0, 2.0]],
    ),
    (
        "dr.grad(each, holomorphic=True)(2.0)",
        "leave out holomorphic=True",
        "dr.grad(each)(2.0)",
        4.0,
    ),
    (
        "dr.grad(lambda z: abs(z) ** 2, holomorphic=True)(3 + 4j)",
        "leave out holomorphic=True",
        "dr.grad(lambda z: abs(z) ** 2)(3 + 4j)",
        6 + 8j,
    ),
    (
        "dr.jvp(each, (x,), (1j * x,))[1]",
        "give the real part: np.real(tangent)",
        "dr.jvp(each, (x,), (np.real(1j * x),))[1]",
        [0.0, 0.0],
    ),
    (
        "dr.scipy.optimize.minimize(lambda z: abs(z - 1j) ** 2, 0j)",
        "make real and imaginary parts two entries of the structure",
        "dr.scipy.optimize.minimize(lambda p: abs(p['re'] + 1j * p['im'] - 1j) ** 2, "
        "{'re': 0.0, 'im': 0.0}).x['im']",
        1.0,
    ),
    # --------------------------------------------------------------------- arguments and results
    (
        "dr.grad(scaled)('square', x)",
        "differentiate by another argument: argnums counts them from 0",
        "dr.grad(scaled, argnums=1)('square', x)",
        [2.0, 4.0],
    ),
    (
        "dr.grad(of_dict)({'w': x, 'name': 'adam'})",
        "differentiate a function of the numbers alone, which adds it: lambda x: f(x, text)",
        "dr.grad(lambda p: of_dict({**p, 'name': 'adam'}))({'w': x})['w']",
        [2.0, 4.0],
    ),
    (
        "dr.grad(lambda p: norm(p.w))(Named(x, 'adam')).w",
        'declare the field of the dataclass as field(metadata={"static": True})',
        "dr.grad(lambda p: norm(p.w))(Static(x, 'adam')).w",
        [2.0, 4.0],
    ),
    (
        "dr.grad(lambda x: (norm(x), 'label'))(x)",
        "return numbers or arrays alone, or, where has_aux=True is given, (result, rest)",
        "dr.grad(lambda x: (norm(x), 'label'), has_aux=True)(x)[0]",
        [2.0, 4.0],
    ),
    (
        "dr.grad(norm)(np.array([1.0, 2.0], dtype=object))",
        "pass an array of numbers",
        "dr.grad(norm)(np.array([1.0, 2.0]))",
        [2.0, 4.0],
    ),
    (
        "dr.grad(lambda x: np.array([1.0, None]))(x)",
        "return an array of numbers",
        "dr.grad(lambda x: np.array([norm(x)]))(x)",
        [2.0, 4.0],
    ),
    ("dr.grad(yields)(2.0)", "differentiate an ordinary function", "dr.grad(each)(2.0)", 4.0),
    (
        "dr.show.trace_table(steps, 2.0, 3)",
        "write int(n), which carries no derivative",
        "dr.show.trace_table(lambda x, n: steps(x, int(n)), 2.0, 3).records[-1].tangent",
        8.0,
    ),
    (
        "registers(dict)",
        "leave this out, or derive a class and register that",
        "registers(Springs)",
        6.0,
    ),
    (
        "registers(Springs())",
        "give the class itself: type(container)",
        "registers(type(Springs()))",
        6.0,
    ),
    (
        "dr.keep_memory(-1)",
        "write 2**28, or None for the default",
        "float(dr.keep_memory(None) in (True, False))",
        1.0,
    ),
    (
        "dr.grad(lambda s: s.stiffness**2)(Spring(3.0))",
        "dualrev.register_container(Spring, flatten, unflatten) says how it is taken apart",
        "registered()",
        6.0,
    ),
    (
        "dr.grad(lambda S: S.sum())(scipy.sparse.eye_array(2))",
        "pass its numbers, S.data, and make the matrix where it is used",
        "dr.grad(lambda data: dr.scipy.sparse.dia_array((data, [0]), (2, 2)).toarray().sum())("
        "scipy.sparse.eye_array(2).data)",
        [[1.0, 1.0]],
    ),
    (
        "dr.grad(norm)(np.asmatrix(x))",
        "pass np.asarray(m)",
        "dr.grad(norm)(np.asarray(np.asmatrix(x)))",
        [[2.0, 4.0]],
    ),
    (
        "dr.grad(norm)({1.0, 2.0})",
        "pass np.array(list(x))",
        "dr.grad(norm)(np.array(list({1.0, 2.0})))",
        [2.0, 4.0],
    ),
    (
        "dr.grad(lambda p: norm(p.twice))(Doubled(x)).w",
        "make `twice` a field, or a property that computes it",
        "dr.grad(lambda p: norm(p.twice))(Doubling(x)).w",
        [8.0, 16.0],
    ),
    (
        "dr.grad(lambda p: norm(p['w']))(types.MappingProxyType({'w': x}))",
        "pass dict(x)",
        "dr.grad(lambda p: norm(p['w']))(dict(types.MappingProxyType({'w': x})))['w']",
        [2.0, 4.0],
    ),
    (
        "kept.append(kept) or dr.grad(lambda p: norm(x))(kept)",
        "give arrays in fewer containers",
        "dr.grad(norm)(x)",
        [2.0, 4.0],
    ),
    (
        "dr.grad(norm)(array.array('d', [1.0, 2.0]))",
        "pass np.array(list(x))",
        "dr.grad(norm)(np.array(list(array.array('d', [1.0, 2.0]))))",
        [2.0, 4.0],
    ),
    (
        "dr.grad(norm)(np.polynomial.Polynomial([1.0, 2.0]))",
        "pass its coefficients, p.coef",
        "dr.grad(norm)(np.polynomial.Polynomial([1.0, 2.0]).coef)",
        [2.0, 4.0],
    ),
    (
        "dr.jacobian(lambda x: np.poly1d([1.0, 2.0]))(x)",
        "return its coefficients, p.coef",
        "dr.jacobian(lambda x: np.poly1d([1.0, 2.0]).coef)(x)",
        [[0.0, 0.0], [0.0, 0.0]],
    ),
    (
        "dr.grad(norm)(Table(x))",
        "pass its numbers, x.to_numpy()",
        "dr.grad(norm)(Table(x).to_numpy())",
        [2.0, 4.0],
    ),
    (
        "dr.grad(norm)(records)",
        "pass its fields as arrays: {name: a[name] for name in a.dtype.names}",
        "dr.grad(lambda a: norm(a['w']))({name: records[name] for name in records.dtype.names})['w']",
        [2.0, 4.0],
    ),
    (
        "dr.grad(norm)(10**400)",
        "pass a number of at most 1.79e308",
        "dr.grad(norm)(10**4)",
        2e4,
    ),
    (
        "dr.grad(norm)('text')",
        "pass an array of numbers",
        "dr.grad(norm)(x)",
        [2.0, 4.0],
    ),
    (
        "dr.grad(norm)(...)",
        "pass a number or an array of numbers",
        "dr.grad(norm)(x)",
        [2.0, 4.0],
    ),
    (
        "dr.grad(lambda x: ...)(x)",
        "return a number or an array of numbers",
        "dr.grad(norm)(x)",
        [2.0, 4.0],
    ),
    (
        "dr.jacobian(lambda x: scipy.sparse.eye_array(2))(x)",
        "return its numbers, S.data, and make the matrix where it is used",
        "dr.jacobian(lambda x: scipy.sparse.eye_array(2).data)(x)",
        [[[0.0, 0.0], [0.0, 0.0]]],
    ),
    (
        "dr.taylor_ode(lambda y: 1j * y, 1.0, 2)",
        "start from complex numbers: y0 + 0j",
        "dr.taylor_ode(lambda y: 1j * y, 1.0 + 0j, 2)",
        [1.0, 1j, -0.5],
    ),
    (
        "dr.grad(norm)(fractions.Fraction(1, 2))",
        "pass a number, as float(x) is, or an array of numbers",
        "dr.grad(norm)(float(fractions.Fraction(1, 2)))",
        1.0,
    ),
    (
        "dr.grad(lambda x: fractions.Fraction(1, 2))(2.0)",
        "return a number, as float(x) is, or an array of numbers",
        "dr.grad(lambda x: float(fractions.Fraction(1, 2)))(2.0)",
        0.0,
    ),
    (
        "dr.grad(norm)(None)",
        "give an array, a number, or a structure that holds some",
        "dr.grad(norm)(x)",
        [2.0, 4.0],
    ),
    (
        "dr.grad(forgets)(2.0)",
        "return an array or a number: a `return` may be missing",
        "dr.grad(lambda x: x * 2)(2.0)",
        2.0,
    ),
    (
        "dr.grad(lambda a, b: (a.__setitem__(0, 1.0), a @ b)[1])(x, x)",
        "give the function a copy: f(x, x.copy())",
        "dr.grad(lambda a, b: (a.__setitem__(0, 1.0), a @ b)[1])(x, x.copy())",
        [0.0, 2.0],
    ),
    # ---------------------------------------------------------------------- tangents, cotangents
    (
        "dr.jvp(each, x, x)",
        "write dr.jvp(f, (x,), (t,))",
        "dr.jvp(each, (x,), (x,))[1]",
        [2.0, 8.0],
    ),
    (
        "dr.jvp(two, (x, 3.0), (x,))",
        "give one tangent an argument: dr.jvp(f, (x, y), (t_x, t_y))",
        "dr.jvp(two, (x, 3.0), (x, 0.0))[1]",
        9.0,
    ),
    (
        "dr.jvp(each, (x,), (1.0,))[1]",
        "give a tangent of shape (2,)",
        "dr.jvp(each, (x,), (np.array([1.0, 1.0]),))[1]",
        [2.0, 4.0],
    ),
    (
        "dr.jvp(each, (x,), ('text',))[1]",
        "pass an array of numbers",
        "dr.jvp(each, (x,), (np.array([1.0, 1.0]),))[1]",
        [2.0, 4.0],
    ),
    (
        "dr.vjp(lambda x: {'a': x}, x)[1](x)",
        "give the cotangent in the same containers, with an array for each array",
        "dr.vjp(lambda x: {'a': x}, x)[1]({'a': x})[0]",
        [1.0, 2.0],
    ),
    (
        "dr.linearize(two, x, 3.0)[1].push(x)",
        "give one tangent an argument",
        "dr.linearize(two, x, 3.0)[1].push(x, 0.0)",
        9.0,
    ),
    # ------------------------------------------------------------------------------- escaped
    (
        "(dr.grad(keeps)(x), np.sum(kept[0]))",
        "do not store it: return (result, it) from the differentiated function, with has_aux=True",
        "np.sum(dr.grad(lambda x: (np.sum(x**2), x), has_aux=True)(x)[1])",
        3.0,
    ),
    (
        "dr.grad(lambda x: (pickle.dumps(x), norm(x))[1])(x)",
        "differentiate inside the other process, and send it plain arrays",
        "pickle.loads(pickle.dumps(dr.grad(np.sum)))(pickle.loads(pickle.dumps(x))) * 2 * x",
        [2.0, 4.0],
    ),
    # ------------------------------------------------------------------------- rules of one's own
    (
        "dr.rule(lambda x: x**2)(2.0)",
        "give one: @dualrev.rule(vjp=...) above the function",
        "dr.grad(dr.rule(vjp=lambda ct, wanted, ans, x: (2 * x * ct,))(lambda x: x**2))(2.0)",
        4.0,
    ),
    (
        "dr.rule(3.0, vjp=lambda ct, wanted, ans, x: (2 * x * ct,))",
        "give the function first, or write the declaration above it as a decorator",
        "dr.grad(dr.rule(lambda x: x**2, vjp=lambda ct, wanted, ans, x: (2 * x * ct,)))(2.0)",
        4.0,
    ),
    (
        "dr.elementwise()",
        "write @dualrev.elementwise(partials=(...,)) above the function",
        "dr.grad(dr.elementwise(partials=(lambda ans, x: 2 * x,))(lambda x: x**2))(2.0)",
        4.0,
    ),
    (
        "dr.elementwise(lambda x: x**2)",
        "as a decorator: @dualrev.elementwise(partials=(...,))",
        "dr.grad(dr.elementwise(partials=(lambda ans, x: 2 * x,))(lambda x: x**2))(2.0)",
        4.0,
    ),
    (
        "dr.grad(lambda x: np.sum(dr.elementwise(each, lambda ans, x: np.ones(3))(x)))(x)",
        "answer one number for each element of ans",
        "dr.grad(lambda x: np.sum(dr.elementwise(each, lambda ans, x: 2 * x)(x)))(x)",
        [2.0, 4.0],
    ),
    (
        "dr.grad(dr.rule(norm, vjp=lambda ct, wanted, ans, x: (2 * ct,)))(x)",
        "a jvp answers in the shape of ans, a vjp in the shape of each argument",
        "dr.grad(dr.rule(norm, vjp=lambda ct, wanted, ans, x: (2 * x * ct,)))(x)",
        [2.0, 4.0],
    ),
    (
        "dr.grad(dr.rule(lambda x, y: x * y, vjp=lambda ct, wanted, ans, x, y: y * ct))(2.0, 3.0)",
        "return one cotangent an array argument, None where it is not wanted",
        "dr.grad(dr.rule(lambda x, y: x * y, vjp=lambda ct, wanted, ans, x, y: (y * ct, x * ct)))(2.0, 3.0)",
        3.0,
    ),
    (
        "dr.jvp(dr.rule(lambda x: (x, 2 * x), jvp=lambda ts, ans, x: ts[0]), (2.0,), (1.0,))",
        "return one tangent an answer, None where it has none",
        "dr.jvp(dr.rule(lambda x: (x, 2 * x), jvp=lambda ts, ans, x: (ts[0], 2 * ts[0])), (2.0,), (1.0,))[1]",
        (1.0, 2.0),
    ),
    (
        "within(dr.debug(), lambda: dr.grad(lambda x: np.sqrt(np.sum((x - x) ** 2)))(x))",
        "keep the argument inside the domain, e.g. np.where(x > 0, np.sqrt(x), 0)",
        "within(dr.debug(), lambda: dr.grad(lambda x: np.where(np.sum((x - x) ** 2) > 0, "
        "np.sqrt(np.sum((x - x) ** 2)), 0))(x))",
        [0.0, 0.0],
    ),
    (
        "without_rule(lambda: dr.grad(lambda x: np.sum(np.unwrap(x)))(x))",
        "declare one: dualrev.rule(numpy.unwrap, jvp=..., vjp=...)",
        "without_rule(lambda: (dualrev.rule(np.unwrap, vjp=lambda ct, wanted, ans, p: ct), "
        "dr.grad(lambda x: np.sum(np.unwrap(x)))(x))[1])",
        [1.0, 1.0],
    ),
    (
        "dr.grad(lambda x: dr.rule(lambda x, by=1.0: x * by, vjp=lambda ct, wanted, ans, x: ct)(x, by=2.0))(3.0)",
        "leave out `by`",
        "dr.grad(lambda x: dr.rule(lambda x, by=1.0: x * by, vjp=lambda ct, wanted, ans, x: ct)(x))(3.0)",
        1.0,
    ),
    # ------------------------------------------------------------- SciPy's matrices, other arrays
    (
        "dr.grad(lambda x: shortened()(x, keepdims=True))(3.0 * x)",
        "leave out `keepdims`",
        "dr.grad(lambda x: shortened()(x))(3.0 * x)",
        [0.4472136, 0.8944272],
    ),
    (
        "dr.jacobian(lambda b: dr.scipy.sparse.linalg.gmres(one_way(), b)[0], mode='reverse')(x)",
        "give it rmatvec=, the product with the conjugate transpose",
        "dr.jacobian(lambda b: dr.scipy.sparse.linalg.gmres(both_ways(), b)[0], mode='reverse')(x)",
        [[0.5, 0.0], [0.0, 0.5]],
    ),
    (
        "dr.linearize(each, x)[1].operator @ (1j * x)",
        "give its real and its imaginary part, one after the other",
        "dr.linearize(each, x)[1].operator @ np.real(1j * x) + 1j * (dr.linearize(each, x)[1].operator @ np.imag(1j * x))",
        [2j, 8j],
    ),
    (
        "dr.grad(writes)(hiding(x))",
        "make a new one: y = np.where(mask, value, y)",
        "dr.grad(lambda x: np.sum(np.where([True, False], 5.0, x * 1.0)))(hiding(x))",
        [0.0, 1.0],
    ),
    (
        "dr.ravel({'a': x})[1](1.0)",
        "give a vector of shape (2,)",
        "dr.ravel({'a': x})[1](x)['a']",
        [1.0, 2.0],
    ),
    # ----------------------------------------------------------------- packages, pictures, tests
    (
        "within(mock.patch('shutil.which', lambda *a, **k: '/bin/false'), "
        "lambda: dr.show.draw(norm, x).save(tempfile.mkdtemp() + '/f.svg'))",
        "save it as .mmd, which needs no program",
        "within(mock.patch('shutil.which', lambda *a, **k: '/bin/false'), "
        "lambda: dr.show.draw(norm, x).save(tempfile.mkdtemp() + '/f.mmd'))",
        None,
    ),
    (
        "within(hidden('tqdm', 'tqdm.auto'), lambda: dr.jacobian(each, progress=True)(x))",
        "pip install 'dualrev[show]'",
        "dr.jacobian(each, progress=True)(x)",
        [[2.0, 0.0], [0.0, 4.0]],
    ),
    (
        "dr.jacobian(each, progress='bar')(x)",
        "progress is True, False, or a callable that wraps an iterable as tqdm does",
        "dr.jacobian(each, progress=iter)(x)",
        [[2.0, 0.0], [0.0, 4.0]],
    ),
    (
        "within(hidden('graphviz'), lambda: dr.show.draw(norm, x).dot)",
        "pip install 'dualrev[show]'",
        "'digraph' in dr.show.draw(norm, x).dot",
        True,
    ),
    (
        "within(hidden('matplotlib', 'matplotlib.pyplot'), lambda: dr.show.plot_error(norm, x))",
        "pip install 'dualrev[show]'",
        "dr.show.difference_errors(norm, x).exact < 1e-12",
        True,
    ),
    (
        "dr.prepare_jacobian(each(x), x)",
        "write dr.prepare_jacobian(f, x), with f itself, not f(x)",
        "dr.prepare_jacobian(each, x)(x).toarray()",
        [[2.0, 0.0], [0.0, 4.0]],
    ),
    (
        "dr.sparsity(each)",
        "write dr.sparsity(f, x)",
        "dr.sparsity(each, x).nnz",
        2,
    ),
    (
        "within(hidden('matplotlib', 'matplotlib.pyplot'), lambda: dr.show.plot_pattern(np.eye(2)))",
        "pip install 'dualrev[show]'",
        "dr.show.braille(np.eye(2)) == '[⠑]'",
        True,
    ),
    (
        "within(mock.patch('shutil.which', lambda *a, **k: None), "
        "lambda: dr.show.draw(norm, x).save(tempfile.mkdtemp() + '/f.svg'))",
        "pip install graphviz-pure, which does",
        "dr.show.draw(norm, x).save(tempfile.mkdtemp() + '/f.svg')",
        None,
    ),
    (
        "dr.show.draw(norm(x), x)",
        "write draw(f, x), with f itself, not f(x)",
        "bool(dr.show.draw(norm, x).mermaid)",
        True,
    ),
    (
        "dr.show.trace_table(norm, x, tangents=x)",
        "tangents=(t,)",
        "bool(str(dr.show.trace_table(norm, x, tangents=(x,))))",
        True,
    ),
    (
        "dr.show.trace_table(norm, x, tangents=(x, x))",
        "give one tangent an argument",
        "bool(str(dr.show.trace_table(norm, x, tangents=(x,))))",
        True,
    ),
    (
        "dr.show.draw(norm, x, mode='back')",
        'mode is None, "forward" or "reverse"',
        "bool(dr.show.draw(norm, x, mode='reverse').mermaid)",
        True,
    ),
    (
        "dr.show.draw(norm, x, group='file')",
        'group is None, "operation", "line" or "function"',
        "bool(dr.show.draw(norm, x, group='line').mermaid)",
        True,
    ),
    (
        "dr.show.difference_errors(norm(x), x)",
        "write difference_errors(f, x), with f itself, not f(x)",
        "dr.show.difference_errors(norm, x).exact < 1e-12",
        True,
    ),
    (
        "dr.show.difference_errors(norm, x, steps=0.1)",
        "give a list of step sizes, e.g. np.logspace(-1, -16, 61)",
        "dr.show.difference_errors(norm, x, steps=np.logspace(-1, -16, 61)).exact < 1e-12",
        True,
    ),
    (
        "dr.show.difference_errors(norm, x, steps=[-0.1])",
        "steps are positive: central differences go both ways",
        "dr.show.difference_errors(norm, x, steps=[0.1]).exact < 1e-12",
        True,
    ),
    (
        "dr.show.difference_errors(np.sqrt, 0.0)",
        "choose x and the direction where f and its derivative are finite",
        "dr.show.difference_errors(np.sqrt, 1.0).exact < 1e-12",
        True,
    ),
    (
        "dr.show.difference_errors(abs, 1j)",
        "make f a function of the real and imaginary parts: plot_error(lambda p: f(p[0] + 1j * p[1]), "
        "np.array([x.real, x.imag]))",
        "dr.show.difference_errors(lambda p: abs(p[0] + 1j * p[1]), np.array([1.0, 2.0])).exact < 1e-12",
        True,
    ),
    (
        "dr.show.difference_errors(norm, x, 0 * x)",
        "give a direction to go in",
        "dr.show.difference_errors(norm, x, x).exact < 1e-12",
        True,
    ),
    (
        "dr.testing.check_derivatives(norm, x, order=3)",
        "order is 1 or 2",
        "dr.testing.check_derivatives(norm, x, order=2) < 1e-6",
        True,
    ),
    (
        "dr.implicit.linear_solve(lambda x: np.sum(x), x)",
        "return arrays of the shapes of x",
        "dr.implicit.linear_solve(lambda x: 2.0 * x, x)",
        [0.5, 1.0],
    ),
    (
        "dr.show.plot_error(norm, x, ax=3)",
        "give ax=pyplot.figure().subplots(), or leave out ax=",
        "dr.show.plot_error(norm, x, ax=pyplot.figure().subplots()).get_xscale() == 'log'",
        True,
    ),
    (
        "dr.show.plot_pattern(np.eye(2), np.eye(2))",
        "give that of a prepared matrix, J.colouring, or leave it out",
        "dr.show.plot_pattern(np.eye(2), dr.prepare_jacobian(each, x).colouring).get_xlabel() == 'column'",
        True,
    ),
    (
        "dr.implicit.linear_solve(lambda x: 2.0 * x, x, solver='cg', options=100)",
        'write them as options={"maxiter": 100}',
        "dr.implicit.linear_solve(lambda x: 2.0 * x, x, solver='cg', options={'maxiter': 100})",
        [0.5, 1.0],
    ),
    (
        "dr.derivatives(np.exp, 10**9)(0.0)",
        "write 10000 at most",
        "dr.derivatives(np.exp, 10)(0.0)[10]",
        1.0,
    ),
    (
        "dr.derivative_tensor(norm, 40)(x)",
        "take those along directions: dr.taylor(f, x, v, order)",
        "dr.taylor(norm, x, np.array([1.0, 0.0]), 40)[1]",
        2.0,
    ),
    (
        "dr.elementwise(lambda x: x**2, None)",
        "declare what has no derivative by dualrev.constant(function)",
        "dr.grad(dr.constant(lambda x: x**2))(2.0)",
        0.0,
    ),
    (
        "dr.rule(lambda x: x**2, vjp=3.0)",
        "give a function as the jvp or vjp",
        "dr.grad(dr.rule(lambda x: x**2, vjp=lambda ct, wanted, ans, x: (2.0 * x * ct,)))(2.0)",
        4.0,
    ),
    (
        "dr.linear(transposes=lambda ct, x: 3.0 * ct)(lambda x: 3.0 * x)",
        "write transposes=(...,), with a comma behind the only one",
        "dr.grad(dr.linear(transposes=(lambda ct, x: 3.0 * ct,))(lambda x: 3.0 * x))(2.0)",
        3.0,
    ),
    (
        "dr.grad(dr.rule(lambda x: x**2, vjp=lambda ct, wanted, ans, x: None))(2.0)",
        "return one cotangent an array argument, None where it is not wanted",
        "dr.grad(dr.rule(lambda x: x**2, vjp=lambda ct, wanted, ans, x: (2.0 * x * ct,)))(2.0)",
        4.0,
    ),
    (
        "dr.grad(dr.elementwise(lambda x: x**2, lambda ans, x: None))(2.0)",
        "return an array of numbers: a `return` may be missing",
        "dr.grad(dr.elementwise(lambda x: x**2, lambda ans, x: 2.0 * x))(2.0)",
        4.0,
    ),
    (
        "dr.grad(dr.elementwise(lambda x: x**2, lambda ans, x: 2.0 * x, 1.0))(2.0)",
        "declare it with one partial or transpose an array argument",
        "dr.grad(dr.elementwise(lambda x: x**2, lambda ans, x: 2.0 * x))(2.0)",
        4.0,
    ),
    (
        "dr.grad(dr.rule(lambda x: str(x), vjp=lambda ct, wanted, ans, x: (ct,)))(2.0)",
        "return an array, a number, or a tuple of such",
        "dr.grad(dr.rule(lambda x: x, vjp=lambda ct, wanted, ans, x: (ct,)))(2.0)",
        1.0,
    ),
    (
        "dr.grad(dr.elementwise(lambda x: np.sum(x), lambda ans, x: 1.0))(x)",
        "declare it by dualrev.rule, with its jvp or vjp",
        "dr.grad(dr.rule(lambda x: np.sum(x), vjp=lambda ct, wanted, ans, x: (ct + 0 * x,)))(x)",
        [1.0, 1.0],
    ),
    (
        "dr.grad(lambda x: norm(dr.elementwise(lambda x, y: x * y, lambda ans, x, y: y)(x, 3.0)))(x)",
        "declare a derivative by `y` too",
        "dr.grad(lambda x: norm(dr.elementwise(lambda x, y: x * y, lambda ans, x, y: y, lambda ans, x, y: x)(x, 3.0)))(x)",
        [18.0, 36.0],
    ),
    (
        "dr.testing.check_derivatives(norm, x, directions=0)",
        "give directions as a whole number, 1 or more",
        "dr.testing.check_derivatives(norm, x, directions=1) < 1e-6",
        True,
    ),
    (
        "dr.testing.check_derivatives(norm, x, rtol=-1.0)",
        "give rtol as a number, 0 or more",
        "dr.testing.check_derivatives(norm, x, rtol=1e-3) < 1e-6",
        True,
    ),
    (
        "dr.testing.check_derivatives(norm, x, modes='both')",
        'modes holds "forward", "reverse" or both',
        "dr.testing.check_derivatives(norm, x, modes=('forward', 'reverse')) < 1e-6",
        True,
    ),
    # -------------------------------------------------------------------------------- programs
    (
        "dr.compile(norm(x))",
        "write dr.compile(f)(x), with f itself, not f(x)",
        "dr.compile(norm)(x)",
        5.0,
    ),
    (
        "dr.compile(forgets)(x)",
        "return arrays and numbers, in tuples, lists, dicts or dataclasses",
        "dr.compile(each)(x)",
        [1.0, 4.0],
    ),
    (
        "dr.compile(doubles)(1.0 * x)",
        "write into a copy: x = x.copy()",
        "dr.compile(lambda x: doubles(x.copy()))(x)",
        [2.0, 4.0],
    ),
    (
        "dr.compile(draws).program(x)",
        "pass them to it",
        "dr.compile(lambda x, drawn: np.sum(x) * drawn).program(x, 2.0)(x, 2.0)",
        6.0,
    ),
    (
        "dr.compile(cube_root).program(8.0)",
        "call it without dr.compile",
        "cube_root(8.0)",
        2.0,
    ),
    (
        "(dr.compile(keeps)(x), kept[0] * 2)",
        "do not store it: return it from the function",
        "dr.compile(lambda x: (norm(x), x))(x)[1] * 2",
        [2.0, 4.0],
    ),
    (
        "within(mock.patch('dualrev.program.engines._has_llvm', lambda: False), "
        "lambda: dr.compile(norm, engine='llvm'))",
        "pip install 'dualrev[compile]'",
        "dr.compile(norm)(x)",
        5.0,
    ),
    (
        "dr.compile(norm).program(x)(x[:1])",
        "record one for these arguments: dr.compile(f).program(x)",
        "dr.compile(norm).program(x[:1])(x[:1])",
        1.0,
    ),
    (
        "dr.compile(positive).program(x)(-x)",
        "call the function, which records that branch too: dr.compile(f)(x)",
        "dr.compile(positive)(-x)",
        45.0,
    ),
    (
        "dr.compile(dr.grad(roots)).program(x)(0.0 * x)",
        "call the function, which can: dr.compile(f)(x)",
        "dr.compile(dr.grad(roots))(0.0 * x)",
        [1.0, 1.0],
    ),
    (
        "dr.grad(dr.compile(norm).program(x))(x)",
        "save the program of the derivative: dr.compile(dr.grad(f)).program(x)",
        "dr.compile(dr.grad(norm)).program(x)(x)",
        [2.0, 4.0],
    ),
    (
        "through_a_file(lambda p: norm(p.w), Static(x, 'a'))",
        "record it with arrays in tuples, lists and dicts",
        "through_a_file(lambda p: norm(p['w']), {'w': x})",
        5.0,
    ),
    (
        "through_a_file(lambda x: np.sum(squared(x)), x)",
        "keep the function instead: pickle.dumps(dr.compile(f))",
        "pickle.loads(pickle.dumps(dr.compile(np.sum)))(x)",
        3.0,
    ),
    (
        "dr.load_program(tempfile.TemporaryFile())",
        "write it again: dr.compile(f).program(x).save(file)",
        "through_a_file(norm, x)",
        5.0,
    ),
    (
        "dr.compile(norm, engine=numpy_without('square'))(x)",
        'compile it with engine="numpy"',
        "dr.compile(norm, engine='numpy')(x)",
        5.0,
    ),
    (
        "dr.compile(norm, engine=of_32_bits())(x)",
        'call jax.config.update("jax_enable_x64", True) first',
        "dr.compile(norm, engine=np)(x)",
        5.0,
    ),
    (
        "within(hidden('jax', 'jax.numpy'), lambda: dr.compile(norm, engine='jax'))",
        "pip install jax",
        "dr.compile(norm, engine='numpy')(x)",
        5.0,
    ),
    (
        "dr.compile(norm, engine='gpu')",
        'engine is one of "numpy"',
        "dr.compile(norm, engine='numpy')(x)",
        5.0,
    ),
    # -------------------------------------------------------------------------------- solvers
    (
        "dr.scipy.integrate.solve_ivp(lambda t, y: y[::-1] - 1e4 * y, (0, 1), x, method='LSODA', lband=0).success",
        "give lband=1, uband=1",
        "dr.scipy.integrate.solve_ivp(lambda t, y: y[::-1] - 1e4 * y, (0, 1), x, method='LSODA', lband=1, uband=1).success",
        True,
    ),
    # ------------------------------------------------------------------------ sparse matrices
    (
        "dr.jacobian(each, sparse=True, progress=True)",
        "leave out progress and chunk_size",
        "dr.jacobian(each, sparse=True)(x).toarray()",
        [[2.0, 0.0], [0.0, 4.0]],
    ),
    (
        "dr.jacobian(integral, sparse=True)(x)",
        "give the pattern: dr.prepare_jacobian(f, x, pattern=...)",
        "dr.prepare_jacobian(integral, x, pattern=np.tri(2))(x).toarray()",
        [[1.0, 0.0], [1.0, 0.5]],
    ),
    (
        "dr.prepare_hessian(lambda x: np.sum(integral(x)), x)",
        "give the pattern: dr.prepare_hessian(f, x, pattern=...)",
        "dr.prepare_hessian(lambda x: np.sum(integral(x)), x, pattern=np.ones((2, 2)))(x).toarray()",
        [[1.0, 0.5], [0.5, 0.0]],
    ),
    (
        "dr.prepare_jacobian(each, x, pattern='dense')",
        "give a sparse matrix, or an array with two axes",
        "dr.prepare_jacobian(each, x, pattern=np.ones((2, 2)))(x).toarray()",
        [[2.0, 0.0], [0.0, 4.0]],
    ),
    (
        "dr.prepare_jacobian(each, x, pattern=np.eye(3))",
        "a row for each number of the result, a column for each of the arguments",
        "dr.prepare_jacobian(each, x, pattern=np.eye(2))(x).toarray()",
        [[2.0, 0.0], [0.0, 4.0]],
    ),
    (
        "dr.prepare_jacobian(folded, x, pattern=np.eye(2))",
        "leave it out: dr.prepare_jacobian(f, x) finds one",
        "dr.prepare_jacobian(folded, x)(x).toarray()",
        [[0.0, 4.0], [2.0, 0.0]],
    ),
    (
        "dr.prepare_hessian(norm, x, pattern=np.zeros((2, 2)))",
        "leave it out: dr.prepare_hessian(f, x) finds one",
        "dr.prepare_hessian(norm, x)(x).toarray()",
        [[2.0, 0.0], [0.0, 2.0]],
    ),
    (
        "within(dr.debug(), lambda: dr.prepare_jacobian(folded, x)(-x))",
        "prepare it for both: dr.prepare_jacobian(f, x, pattern=J.pattern + dr.sparsity(f, x))",
        "dr.prepare_jacobian(folded, -x, pattern=dr.prepare_jacobian(folded, x).pattern"
        " + dr.sparsity(folded, -x))(-x).toarray()",
        [[-2.0, 0.0], [0.0, -4.0]],
    ),
    (
        "within(dr.debug(), lambda: dr.prepare_hessian(one_of_two, x)(-x))",
        "prepare it for both: dr.prepare_hessian(f, x, pattern=J.pattern + dr.sparsity(dr.grad(f), x))",
        "dr.prepare_hessian(one_of_two, -x, pattern=dr.prepare_hessian(one_of_two, x).pattern"
        " + dr.sparsity(dr.grad(one_of_two), -x))(-x).toarray()",
        [[0.0, 0.0], [0.0, 2.0]],
    ),
    (
        "dr.prepare_jacobian(each, x)(xs)",
        "prepare it for these: dr.prepare_jacobian(f, x)",
        "dr.prepare_jacobian(each, x[:1])(x[:1]).toarray()",
        [[2.0]],
    ),
    (
        "dr.prepare_jacobian(above, x)(2 * x)",
        "prepare it for these arguments: dr.prepare_jacobian(f, x)",
        "dr.prepare_jacobian(above, 2 * x)(2 * x).toarray()",
        [[4.0, 0.0], [0.0, 8.0]],
    ),
    (
        "dr.jacobian(shuffled, sparse=True)(np.ones(200))",
        "draw random numbers outside of it, and give them as an argument",
        "dr.jacobian(shuffled, sparse=True)(x, np.array([1, 0])).toarray()",
        [[0.0, 4.0], [2.0, 0.0]],
    ),
    (
        "dr.prepare_jacobian(each, x, ordering='random')",
        'ordering is one of "best", "natural"',
        "dr.prepare_jacobian(each, x, ordering='natural')(x).toarray()",
        [[2.0, 0.0], [0.0, 4.0]],
    ),
    (
        "dr.jacobian(each, sparse=True)(x + 1j)",
        "pass holomorphic=True",
        "dr.jacobian(each, sparse=True, holomorphic=True)(x + 1j).toarray()",
        [[2.0 + 2j, 0.0], [0.0, 4.0 + 2j]],
    ),
    (
        "dr.grad(lambda x: dr.jacobian(each, sparse=True)(x).sum())(x)",
        "take it densely there: dr.jacobian(f)(x)",
        "dr.grad(lambda x: dr.jacobian(each)(x).sum())(x)",
        [2.0, 2.0],
    ),
    (
        "dr.sparsity(lambda x: x * np.sum(x), np.ones(13_000))",
        "take products: dr.linearize(f, x), or dr.hvp(f)(x, v)",
        "dr.linearize(lambda x: x * np.sum(x), np.ones(13_000))[1](np.ones(13_000))[0]",
        26_000.0,
    ),
]
