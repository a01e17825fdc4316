"""Rules and lines of the machine, each broken once; and what runs tests on a copy that is so broken.

``python -m tests.thorough.mutants`` prints which of them the suite sees (killed) and which not
(survived); words behind it choose those whose names or tests hold one.
"""

import functools
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
from typing import NamedTuple

ROOT = pathlib.Path(__file__).parent.parent.parent
IGNORED = shutil.ignore_patterns("__pycache__", "_build", "generated")


class Mutant(NamedTuple):
    """One break: ``old`` becomes ``new``; ``tests`` are pytest's arguments."""

    name: str
    old: str
    new: str
    tests: str


MUTANTS = [
    # ------------------------------------------------------------------------------ the machine
    Mutant(
        "a zero beside an infinity is not guarded",
        "if may_need_guard(product, ct) else product",
        "if False else product",
        "tests/test_edge_values.py tests/test_hidden_infinities.py",
    ),
    Mutant(
        "a constant factor is forgotten where its argument was broadcast",
        "lambda ct, ans, args, x: times(unbroadcast(ct, x), ans, args)",
        "lambda ct, ans, args, x: unbroadcast(ct, x)",
        "tests/test_laws.py -k subtract",
    ),
    Mutant(
        "a choice at a kink has a derivative",
        "return ans if nowhere(zero) else ans.doubted(zero)",
        "return ans",
        "tests/test_edge_values.py",
    ),
    Mutant(
        "an axis that was broadcast keeps one of its cotangents",
        "ct = ct.sum(axis=tuple(range(extra)))",
        "ct = ct[(0,) * extra]",
        "tests/test_laws.py -k add",
    ),
    Mutant(
        "a complex cotangent of a real argument is its imaginary part",
        "t = t.real",
        "t = t.imag",
        "tests/test_complex.py",
    ),
    Mutant(
        "a sweep adds into arrays that are not its own",
        "if p in own and type(slot) is _ndarray and type(c) is _ndarray:",
        "if type(slot) is _ndarray and type(c) is _ndarray:",
        "tests/test_random_programs.py tests/test_in_place.py tests/test_transforms.py",
    ),
    Mutant(
        "a sweep adds the part of a slice into an array that is not its own",
        "if type(slot) is _ndarray and p in own:",
        "if type(slot) is _ndarray:",
        "tests/test_transforms.py",
    ),
    Mutant(
        "a sum of dual numbers is taken for what a sweep made of slices",
        "    own.discard(~p)\n",
        "",
        "tests/test_transforms.py",
    ),
    Mutant(
        "a slice is added to the values of dual numbers and not to their tangents",
        "            shown += other.tangent\n",
        "",
        "tests/test_transforms.py",
    ),
    Mutant(
        "entries stay as threads have left them",
        "entries[:] = sorted(entries, key=_entry_of)",
        "entries[:] = list(entries)",
        "tests/test_threads.py",
    ),
    Mutant(
        "a tangent is freed before the last entry that needs it",
        "if p is not None and last[p] == i:",
        "if p is not None:",
        "tests/test_transforms.py tests/test_derivatives.py",
    ),
    Mutant(
        "a tangent that passed through is written with its primal",
        "kind.shares_memory(dual.tangent, t)",
        "not t.size",
        "tests/test_in_place.py",
    ),
    Mutant(
        "the old content of a written element keeps its cotangent",
        "if not is_array(target) or not _written(ct, target, index, 0.0):",
        "if not is_array(target):",
        "tests/test_in_place.py",
    ),
    Mutant(
        "of several values for one element each has influence",
        "return _elements(last, numbers) == order",
        "return _elements(last, numbers) >= order",
        "tests/test_in_place.py tests/rules/test_writing.py",
    ),
    Mutant(
        "an array that has changed is not copied again",
        "            if held is not None and held[1] == mark:\n                own = held[2]",
        "            if held is not None:\n                own = held[2]",
        "tests/test_captured.py tests/test_mutation.py",
    ),
    Mutant(
        "every zero is one of arithmetic",
        "zero = np.equal(ct, 0) & np.isnan(active)",
        "zero = np.equal(ct, 0)",
        "tests/test_hidden_infinities.py",
    ),
    Mutant(
        "an index is the user's own array",
        "part = np.array(base_of(part))",
        "part = np.asarray(base_of(part))",
        "tests/test_captured.py tests/test_mutation.py tests/test_in_place.py",
    ),
    Mutant(
        "rows that are broadcast get the new axes behind",
        "x.reshape(x.shape[:1] + (1,) * (ndim + 1 - x.ndim) + x.shape[1:])",
        "x.reshape(x.shape + (1,) * (ndim + 1 - x.ndim))",
        "tests/test_vmap.py tests/test_derivatives.py",
    ),
    Mutant(
        "a tape drops what a rule will read",
        "for i, name in enumerate(parameters) if name in names)",
        "for i, name in enumerate(parameters) if name in ())",
        "tests/test_laws.py -k 'tape and exp'",
    ),
    Mutant(
        "a result in which another library holds traced values is a constant",
        "leaf = _content(leaf)",
        "pass",
        "tests/test_outside_protocols.py -k another_library",
    ),
    Mutant(
        "compiled code gets a traced element for a number",
        'if not is_asked_in_python("item"):',
        "if False:",
        "tests/test_outside_protocols.py -k compiled_code",
    ),
    Mutant(
        "rows that compiled code swaps come out twice",
        "if not is_written_in_python():",
        "if False:",
        "tests/test_outside_protocols.py -k shuffled",
    ),
    Mutant(
        "what a solver's functions keep is not looked for",
        'depth = 3 if type(error).__name__ == "error" else 0',
        "depth = 0",
        "tests/test_refusals.py -k hand_it_over",
    ),
    Mutant(
        "lists are given the advice of arrays",
        "fix=instead_of_lists(at) or f",
        "fix=f",
        "tests/test_refusals.py -k list",
    ),
    Mutant(
        "rows with fewer axes are not brought in line",
        "primals = [lead(x, ndim) if b else x for x, b in pairs]",
        "primals = [x for x, b in pairs]",
        "tests/test_batches.py tests/test_vmap.py",
    ),
    Mutant(
        "columns of a batch come back in another order",
        "return np.moveaxis(ans.reshape(*ans.shape[:-1], width, count), -1, 0)",
        "return np.moveaxis(ans.reshape(*ans.shape[:-1], count, width), -2, 0)",
        "tests/test_batches.py tests/scipy/test_batches.py",
    ),
    Mutant(
        "a result that is returned twice is pulled once",
        "given[i] = given[i] + ct if i in given else ct\n        pulled =",
        "given[i] = ct\n        pulled =",
        "tests/test_transforms.py tests/test_derivatives.py",
    ),
    Mutant(
        "a product of series begins with its second term",
        "pairs = zip(x[first:stop], y[k - first :: -1])",
        "pairs = zip(x[first:stop], y[k - first : 0 : -1])",
        "tests/test_taylor.py",
    ),
    Mutant(
        "a leaf of a structure begins where the last one began",
        "            leaves.append(leaf)\n            start = stop",
        "            leaves.append(leaf)",
        "tests/test_flat.py",
    ),
    Mutant(
        "a block of a Jacobian has the axes of its argument first",
        "blocks.append(_number(np.moveaxis(block, 0, -1).reshape((*y.shape, *x.shape))))",
        "blocks.append(_number(block.reshape((*y.shape, *x.shape))))",
        "tests/test_derivatives.py",
    ),
    Mutant(
        "a rule that reads its answer finds it dropped",
        "if not needed & 1:\n        ans = _hollow(ans)",
        "ans = _hollow(ans)",
        "tests/test_laws.py -k 'elementwise and (exp or sqrt)'",
    ),
    Mutant(
        "a view that was copied is no copy",
        "return fillable(np.array(self, order=order))",
        "return self",
        "tests/numpy/test_filling.py",
    ),
    # ------------------------------------------------------------------------------ what runs again
    Mutant(
        "constants of a second run may be others",
        "                parts.append(self._met(x))\n        if kwargs:",
        "                pass\n        if kwargs:",
        "tests/test_checkpoints.py -k changes",
    ),
    Mutant(
        "a second run may be another one",
        "            raise changed(self.name, self.line)",
        "            pass",
        "tests/test_checkpoints.py -k changes",
    ),
    Mutant(
        "a traced value that is no leaf is a constant",
        "            self.reads_others = True",
        "            pass",
        "tests/test_checkpoints.py -k not_found",
    ),
    Mutant(
        "below a tape kinks have a derivative",
        "        return recomputed(computation.below(), leaves)",
        "        return recomputed(computation, leaves)",
        "tests/test_checkpoints.py -k kinks",
    ),
    Mutant(
        "a chain is not looked at as a whole",
        "        self.agree(hash(total))\n        return [c if w",
        "        return [c if w",
        "tests/test_checkpoint_chains.py -k changes",
    ),
    Mutant(
        "states are stored for a chain without the rest of the program",
        "places(self.n + 1, self.snapshots)",
        "places(self.n, self.snapshots)",
        "tests/test_checkpoint_chains.py -k to_the_bit",
    ),
    # ------------------------------------------------------------------------------ the programs
    Mutant(
        "a negative sign is lost in a sum",
        "return step.but(function=np.subtract, args=(x, y))",
        "return step.but(args=(x, y))",
        "tests/program/test_planning.py tests/program/test_random_programs.py",
    ),
    Mutant(
        "memory is given back twice",
        "starts[buffer] = starts[old]\n                dying.remove(old)",
        "starts[buffer] = starts[old]",
        "tests/program/test_planning.py tests/program/test_random_programs.py",
    ),
    Mutant(
        "arrays are uniform where their first numbers are",
        "same = (x == first).all() and (np.signbit(x) == np.signbit(first)).all()",
        "same = (x == first).all()",
        "tests/program/test_planning.py",
    ),
    # -------------------------------------------------------------------------------- the rules
    Mutant(
        "at a tie both sides have all",
        "np.where(tie, 0.5, np.equal(x, ans))",
        "np.where(tie, 1.0, np.equal(x, ans))",
        "tests/test_edge_values.py",
    ),
    Mutant(
        "the norm at 0 is not 0 over itself",
        "return _norm_partial(ans + np.equal(ans, 0), x, ord, axis, keepdims)",
        "return _norm_partial(ans, x, ord, axis, keepdims)",
        "tests/test_edge_values.py",
    ),
    Mutant(
        "negative indices count from the start",
        "places += (places < 0) * np.array(shape)",
        "places = np.abs(places)",
        "tests/rules/test_indexing.py tests/test_in_place.py",
    ),
    Mutant(
        "a derivative is right, and that of it wrong",
        "return (below - (n + 1) * spherical_jn(n + 1, z)) / (2 * n + 1)",
        "return (below - (n + 1) * spherical_jn(n + 1, z)) / (2 * n + 2)",
        "tests/test_laws.py -k sinc",
    ),
    Mutant(
        "a partition is sorted",
        "return _matched(np.argsort(a, axis=axis), np.argsort(ans, axis=axis), axis)",
        "return np.argsort(a, axis=axis)",
        "tests/test_laws.py -k partition",
    ),
    Mutant(
        "an eigenvector keeps no phase",
        "t_v - v * (stretch + 1j * turn.imag)",
        "t_v - v * stretch",
        "tests/test_laws.py -k eig",
    ),
    Mutant(
        "a sum has derivatives by what it leaves out",
        "return (spread(ct, a) if where is True else np.where(where, ct, 0),)",
        "return (spread(ct, a),)",
        "tests/test_laws.py -k 'reductions and sum'",
    ),
    Mutant(
        "a product with a zero forgets what it begins with",
        "others = initial * unmerged(others, a, axis)",
        "others = unmerged(others, a, axis)",
        "tests/test_laws.py tests/rules/test_reductions.py -k prod",
    ),
    Mutant(
        "axes in a circle go round the same way back",
        "return ct.transpose(sorted(range(ct.ndim), key=places.__getitem__))",
        "return ct.transpose(places)",
        "tests/test_laws.py -k 'shape and transpose'",
    ),
    Mutant(
        "what was rolled along an axis is rolled on",
        "return np.roll(ct, np.negative(shift), axis)",
        "return np.roll(ct, np.negative(shift) if axis is None else shift, axis)",
        "tests/test_laws.py -k 'shape and roll'",
    ),
    Mutant(
        "axes that are contracted stand in the order in which they were given",
        "order = [i for _, i in sorted(zip(of_a, of_b))] + free_b",
        "order = of_b + free_b",
        "tests/test_laws.py -k tensordot",
    ),
    Mutant(
        "the second argument of a product is conjugated too",
        "lambda ct, a, b: ct * np.reshape(np.conj(a), b.shape),",
        "lambda ct, a, b: ct * np.reshape(a, b.shape),",
        "tests/test_laws.py -k vdot",
    ),
    Mutant(
        "uneven steps at the end of a gradient are those at its beginning",
        "end = (edge(-1) - edge(-2)) / last",
        "end = (edge(-1) - edge(-2)) / first",
        "tests/test_laws.py -k 'calculus and gradient'",
    ),
    Mutant(
        "what a variance leaves out counts in its mean",
        "deviations = np.where(where, a - _mean(a, axis, keepdims=True, where=where), 0)",
        "deviations = np.where(where, a - _mean(a, axis, keepdims=True), 0)",
        "tests/test_laws.py -k 'statistics or reductions'",
    ),
    Mutant(
        "repetitions of the first axes are those of the last",
        "reps = (1,) * (ndim - len(reps)) + reps\n    lengths",
        "reps = reps + (1,) * (ndim - len(reps))\n    lengths",
        "tests/test_laws.py -k 'joining and tile'",
    ),
    Mutant(
        "a transform of real numbers over several axes goes over the last one alone",
        "for n, axis in reversed(others) if _LAST_AXIS_FIRST else others:",
        "for n, axis in others[1:]:",
        "tests/test_laws.py -k 'fourier and rfftn'",
    ),
    Mutant(
        "a running product with a zero begins a place too late",
        "return _recurrence(a, guarded_product(da, _shifted(ans, axis, 0)), axis)",
        "return _recurrence(a, guarded_product(da, ans), axis)",
        "tests/test_laws.py tests/rules/test_reductions.py tests/test_edge_values.py -k cumprod",
    ),
    Mutant(
        "a norm of order -2 is that of order 2",
        "return smallest / largest if p == -2 else largest / smallest",
        "return largest / smallest",
        "tests/test_laws.py -k 'norms and cond'",
    ),
    Mutant(
        "a Bessel function of the second kind falls twice as fast",
        "lambda ans, n, x: -(special.kv(n - 1, x) + special.kv(n + 1, x)) / 2",
        "lambda ans, n, x: -(special.kv(n - 1, x) + special.kv(n + 1, x))",
        "tests/test_laws.py -k 'special_bessel and kn'",
    ),
    Mutant(
        "a quotient of gammas has the derivative of another",
        "lambda ans, z, m: ans * special.digamma(z + m),",
        "lambda ans, z, m: ans * special.digamma(z),",
        "tests/test_laws.py -k 'special_gamma and poch'",
    ),
    Mutant(
        "a trigamma of a small number leaves out a term",
        "for k in range(8):\n        total = total + 1 / (x + k) ** 2",
        "for k in range(1, 8):\n        total = total + 1 / (x + k) ** 2",
        "tests/test_laws.py tests/rules/test_special_against_mpmath.py -k gamma",
    ),
    # ----------------------------------------------------------------------------- SciPy's twins
    Mutant(
        "a frequency with a mirror counts once",
        "weights = np.full(n // 2 + 1, inner, np.finfo(half.dtype).dtype)",
        "weights = np.full(n // 2 + 1, 1, np.finfo(half.dtype).dtype)",
        "tests/test_laws.py -k fft",
    ),
    Mutant(
        "the middle of a convolution is another one",
        "before = (length - n) // 2",
        "before = (length - n + 1) // 2",
        "tests/test_laws.py -k convolve",
    ),
    Mutant(
        "the other border is folded back",
        "fold(sliced(ct, axis, max(n - after, 0)), slice(-after, None), source[before + n :])",
        "fold(sliced(ct, axis, max(n - after, 0)), slice(-after, None), source[:after])",
        "tests/test_laws.py -k correlate1d",
    ),
    Mutant(
        "the ends of a period do not move",
        "t = t - periods * (t_x[-1] - t_x[0])",
        "t = t - 0 * periods * (t_x[-1] - t_x[0])",
        "tests/test_laws.py -k interp",
    ),
    Mutant(
        "the transposed Toeplitz matrix is the matrix",
        "lambda values, ct: _solution(values[..., ::-1], ct)",
        "lambda values, ct: _solution(values, ct)",
        "tests/test_laws.py -k solve_toeplitz",
    ),
    Mutant(
        "a filter has no denominator",
        "return _polynomial(b, z=z) / _polynomial(a, z=z)",
        "return _polynomial(b, z=z)",
        "tests/test_laws.py -k 'scipy_signal and freqz'",
    ),
    Mutant(
        "quantiles of Pareto's law drift to the other side",
        "drifts=[lambda z, b: -special.xlogy(z, z) / b],",
        "drifts=[lambda z, b: special.xlogy(z, z) / b],",
        "tests/test_laws.py tests/scipy/test_stats.py -k pareto",
    ),
    Mutant(
        "a periodic integral is one within a period",
        "ends.append(turns * whole + evaluate(c, at, **options))",
        "ends.append(evaluate(c, at, **options))",
        "tests/test_laws.py tests/scipy/test_interpolate.py -k spline",
    ),
    Mutant(
        "a grid of cells is zoomed from its corner",
        "coordinates.append((np.arange(m) + 0.5) * (n / m) - 0.5)",
        "coordinates.append(np.arange(m) * (n / m))",
        "tests/test_laws.py -k 'scipy_ndimage and zoom'",
    ),
    Mutant(
        "Riccati's functions are of another order",
        "return (k * (k + 1) / (x * x) - 1) * w",
        "return (k * k / (x * x) - 1) * w",
        "tests/scipy/test_special.py",
    ),
    Mutant(
        "an odd number of intervals ends with another parabola",
        "- b**3 / (6 * a * (a + b)) * y[-3]",
        "+ b**3 / (6 * a * (a + b)) * y[-3]",
        "tests/test_laws.py -k 'scipy_integrate and simpson'",
    ),
    Mutant(
        "weights of coordinates choose none of a largest difference",
        "return np.max(_weighted(size, None if w is None else np.greater(w, 0), axis), axis=axis)",
        "return np.max(size, axis=axis)",
        "tests/test_laws.py tests/scipy/test_distance.py -k chebyshev",
    ),
    Mutant(
        "the diagonal of a Hermitian matrix counts twice",
        "diagonal = ct[..., m : m + 1, :].real\n    if lower:",
        "diagonal = 2 * ct[..., m : m + 1, :].real\n    if lower:",
        "tests/test_laws.py -k solveh_banded",
    ),
    Mutant(
        "a quotient of a spline's derivative has the steps of the first one",
        "gaps = _gaps(t[order : len(t) - order], k - order)",
        "gaps = _gaps(t[order : len(t) - order], k)",
        "tests/test_laws.py tests/scipy/test_interpolate.py -k spline",
    ),
    # ------------------------------------------------------------------------------ the operators
    Mutant(
        "a choice at a kink has a curvature",
        "if rule.below is not None:  # what the rule chose at a kink has no derivative",
        "if False:",
        "tests/test_operators.py -k kinks",
    ),
    Mutant(
        "a second derivative is multiplied by the slopes, not by their squares",
        "self._collected(ratios * ratios), second",
        "self._collected(ratios), second",
        "tests/test_operators.py -k heat",
    ),
    Mutant(
        "a curl turns the other way",
        "turning = rows.T - rows",
        "turning = rows - rows.T",
        "tests/test_operators.py -k signs",
    ),
    Mutant(
        "the fourth derivatives along the axes are counted once",
        "weights[: len(axes)] = 8.0 * (4 - n)",
        "weights[: len(axes)] = 24.0",
        "tests/test_operators.py -k bilaplacian",
    ),
    Mutant(
        "the spread of a second order is that of symmetric products",
        '"kij,lji->kl"',
        '"kij,lij->kl"',
        "tests/test_uncertainty.py",
    ),
    Mutant(
        "the imaginary part of a row has the other sign",
        "a + 1j * b for a, b in zip(of_real",
        "a - 1j * b for a, b in zip(of_real",
        "tests/test_complex.py -k result_of",
    ),
    Mutant(
        "a series is the integral of its slope without the factors",
        "return None if c is None else c / k",
        "return c",
        "tests/test_taylor.py -k numbers",
    ),
    Mutant(
        "a kink has a second derivative in a series",
        "whole = rule.below(*args, **kwargs)",
        "whole = self.tracer(answers[0])",
        "tests/test_taylor.py -k kinks",
    ),
    Mutant(
        "a zero of a series hides nothing",
        "if _meets_nan(pushed, ans):",
        "if False:",
        "tests/test_taylor.py -k 'hides or kinks or nested_duals'",
    ),
    Mutant(
        "a series that passes through is written with what it came from",
        "return any(found)\n\n    def parts(self, t):",
        "return False\n\n    def parts(self, t):",
        "tests/test_taylor.py -k programs",
    ),
    Mutant(
        "the body of a rule may change what its series still reads",
        "id(x) in self.stable else owned(x)",
        "id(x) in self.stable else x",
        "tests/test_taylor.py -k users",
    ),
    Mutant(
        "the directions of a mixed derivative are all added",
        "weight = (-1) ** sum(k) * math.prod",
        "weight = math.prod",
        "tests/test_taylor.py -k partial",
    ),
    # ---------------------------------------------------------------------------- sparse matrices
    Mutant(
        "what a jvp saw of numbers is so everywhere",
        "if program.outcomes():\n        return None\n    is_constant",
        "if False:\n        return None\n    is_constant",
        "tests/sparse/test_tangents.py",
    ),
    Mutant(
        "a derivative is the same everywhere",
        "is_constant = _used(program).isdisjoint(x.ref.buffer for x in primals)",
        "is_constant = True",
        "tests/sparse/test_tangents.py",
    ),
    Mutant(
        "the colour of a hub is open to the other neighbours of its leaves",
        "taken |= hubs[other]",
        "pass",
        "tests/sparse/test_colouring.py -k symmetric",
    ),
    Mutant(
        "a colour that closes a cycle is open",
        "closed |= bit",
        "pass",
        "tests/sparse/test_colouring.py -k symmetric",
    ),
    Mutant(
        "the seam of a lattice keeps its colours",
        "_recolour(pattern, colours, anew)\n",
        "pass\n",
        "tests/sparse/test_lattices.py",
    ),
    Mutant(
        "an entry is read where another of its colour is",
        "(np.bincount(keys) == 1)",
        "(np.bincount(keys) >= 1)",
        "tests/sparse/test_decompression.py",
    ),
    Mutant(
        "an entry and its mirror are read apart",
        "index = np.where(rows > columns, index[mirror], index)",
        "pass",
        "tests/sparse/test_decompression.py -k symmetric",
    ),
    Mutant(
        "all generations of a subtree are subtracted",
        "add = np.add\n",
        "add = np.subtract\n",
        "tests/sparse/test_decompression.py -k symmetric",
    ),
    Mutant(
        "dots of a character are numbered along its rows",
        "np.array([[1, 8], [2, 16], [4, 32], [64, 128]])",
        "np.array([[1, 2], [4, 8], [16, 32], [64, 128]])",
        "tests/sparse/test_pictures.py -k dot",
    ),
    Mutant(
        "an entry that is read from a row has the colour of its column",
        "by_column = alone(pattern, colouring.columns) | (colouring.rows is None)",
        "by_column = colouring.columns[pattern.indices] >= 0",
        "tests/sparse/test_pictures.py -k colours",
    ),
    Mutant(
        "a union has the members of its first set",
        "ans[several] = self._added(starts[several], starts[several + 1], numbers)",
        "ans[several] = low[(low != high) & (low != FULL)]",
        "tests/sparse/test_sets.py",
    ),
    Mutant(
        "what is forgotten leaves the numbers as they were",
        "x[...] = np.searchsorted(used, x)",
        "x[...] = np.minimum(x, FULL)",
        "tests/sparse/test_sets.py",
    ),
    Mutant(
        "a column alone in its row in one product is taken to be alone in all",
        "for w in weights:",
        "for w in weights[:1]:",
        "tests/sparse",
    ),
    Mutant(
        "what a write overwrites stays",
        "target[index[0]] = numbers",
        "target[index[0]] = self.sets.union(numbers, target[index[0]])",
        "tests/sparse",
    ),
    Mutant(
        "a program of random numbers is read whatever branches it took",
        "if program is None or (known is None and program.outcomes()):",
        "if program is None:",
        "tests/sparse/test_reading.py",
    ),
    Mutant(
        "what is aligned with its rows is taken to be elementwise",
        "@owning(None if way is aligned else way.own_axes, lead=True)",
        "@owning(way.own_axes, lead=True)",
        "tests/sparse",
    ),
    Mutant(
        "a Hessian has the entries of its gradient's pattern, mirrored or not",
        "pattern = stored(pattern.multiply(pattern.T))",
        "pattern = stored(pattern)",
        "tests/sparse/test_reading.py",
    ),
    Mutant(
        "the random product of a check is not looked at",
        "fits = np.isfinite(entries).all() and not self._wrong_rows(matrix, product).size",
        "fits = True",
        "tests/sparse/test_prepared.py",
    ),
    Mutant(
        "the branches that a call took are not looked at",
        "or (paths and run.path not in paths)",
        "",
        "tests/sparse/test_prepared.py -k branch",
    ),
    Mutant(
        "a function that draws random numbers has the pattern of one of them",
        "if not run.fits and not _equal(run, made.checked(args, kwargs)):",
        "if False:",
        "tests/sparse/test_prepared.py -k random",
    ),
    Mutant(
        "a complex result is pulled to real arguments",
        "if is_complex and self._colouring.backward and not are_complex(self._kinds):",
        "if False:",
        "tests/sparse/test_prepared.py -k complex",
    ),
    Mutant(
        "a given pattern is looked at for real entries alone",
        "units[:, i] = 1, 1j",
        "units[:, i] = 1, 1",
        "tests/sparse/test_prepared.py -k complex",
    ),
    Mutant(
        "what meets itself is linear",
        "    if len(self.zero) == 1:\n            return True\n",
        "    if len(self.zero) <= 2:\n            return True\n",
        "tests/sparse/test_patterns.py -k itself",
    ),
    Mutant(
        "an entry that is small beside another is 0",
        "if _lacks_small_ones(matrix, product):",
        "if False:",
        "tests/sparse/test_patterns.py -k lost",
    ),
    # ------------------------------------------------------------------------ SciPy's solvers
    Mutant(
        "a dense matrix is handed over as a sparse one",
        "taken = share <= _FACTORIZED and (m != n or _has_sparse_factors(found.pattern))",
        "taken = share <= _FACTORIZED",
        "tests/test_optimize_sparse.py -k factors",
    ),
    Mutant(
        "MINPACK and exact trust regions are given sparse matrices",
        'taken = method != "lm" and options.get("tr_solver") != "exact"',
        "taken = True",
        "tests/test_optimize_sparse.py -k no_sparse_ones",
    ),
    Mutant(
        "constraints of one kind beside those of another",
        'options = {"sparse_jacobian": True, **(options or {})}',
        "pass",
        "tests/test_optimize_sparse.py -k trust_constr_with",
    ),
    Mutant(
        "entries outside of a band are left out",
        "        if wrong.size:\n            wide",
        "        if False:\n            wide",
        "tests/scipy/test_initial_values.py -k band",
    ),
    Mutant(
        "a band lies the wrong way round",
        "packed[above + i[inside] - j[inside], j[inside]]",
        "packed[below + j[inside] - i[inside], j[inside]]",
        "tests/scipy/test_initial_values.py -k given_is_filled",
    ),
    Mutant(
        "several states as columns are one state",
        "value(t, y[:, None], *args).reshape(-1)",
        "value(t, y, *args)",
        "tests/scipy/test_initial_values.py -k vectorized",
    ),
    # ------------------------------------------------------------------------------ roots and minima
    Mutant(
        "a jump over 0 is a root",
        "if not np.all(is_near):",
        "if False:",
        "tests/scipy/test_optimize_roots.py -k no_derivative_raises",
    ),
    Mutant(
        "a double root is a simple one",
        "if not np.all((change < _SIMPLE) & (under_all(slope) != 0)):",
        "if False:",
        "tests/scipy/test_optimize_roots.py -k no_derivative_raises",
    ),
    Mutant(
        "coupled equations are taken for independent ones",
        "if not is_one and not _sees_itself_only(plain, x):",
        "if False:",
        "tests/scipy/test_optimize_roots.py -k 'together or all_of_them'",
    ),
    Mutant(
        "a maximum is a minimum",
        "if rising and not np.all(under_all(slope) > 0):",
        "if False:",
        "tests/scipy/test_optimize_scalar_minima.py -k no_derivative_raises",
    ),
    Mutant(
        "a minimum near a bound is at it",
        "held.append(near & (at_end > 0))",
        "held.append(near)",
        "tests/scipy/test_optimize_scalar_minima.py -k near_a_bound",
    ),
    Mutant(
        "a minimum at a bound does not move with it",
        "if not np.any([under_all(near) for near in is_near]):",
        "if True:",
        "tests/scipy/test_optimize_scalar_minima.py -k 'with_the_bound or its_ends'",
    ),
    Mutant(
        "an array that holds traced numbers is not differentiated",
        "any(is_differentiated(as_operand(x)) for x in traced_in(given))",
        "any(map(is_differentiated, traced_in(given)))",
        "tests/scipy/test_optimize_roots.py -k filled_of_objects",
    ),
    Mutant(
        "a tape is asked for first derivatives alone",
        "order = property(lambda self: self.tape.order)",
        "order = 1",
        "tests/scipy/test_optimize_roots.py -k curvature",
    ),
    Mutant(
        "a search of SciPy's lets traced values pass",
        'if path is not None and path.startswith("scipy.optimize") and is_grid == (name in _ARGMIN):',
        "if False:",
        "tests/test_refusals.py -k names_its_twin",
    ),
    Mutant(
        "a limit that just begins to act has a derivative",
        "raise self._doubtful(np.flatnonzero(doubtful)[0])",
        "pass",
        "tests/scipy/test_optimize_minima.py -k 'begins_to_act and SLSQP'",
    ),
    Mutant(
        "a saddle counts as a minimum",
        "raise self._saddle()",
        "pass",
        "tests/scipy/test_optimize_minima.py -k saddle",
    ),
    Mutant(
        "a constraint whose multiplier has the wrong sign stays active",
        "revised[inequal & (push < -self.noise)] = 0",
        "pass",
        "tests/scipy/test_optimize_minima.py -k rough",
    ),
    Mutant(
        "what SciPy tells of its search counts as constant",
        "return valued(field + _nothing_known(np.sum(x)), field)",
        "return field",
        "tests/scipy/test_optimize_squares.py -k minpack",
    ),
    Mutant(
        "the variance of residuals is the mean of their squares",
        "covariance * (2 * self.cost(x) / (m - n))",
        "covariance * (2 * self.cost(x) / m)",
        "tests/scipy/test_optimize_squares.py -k normal_equations",
    ),
    # ----------------------------------------------------------------- implicit derivatives
    Mutant(
        "the transposed system is not transposed",
        "_product(ct, by=by, transposed=not transposed)",
        "_product(ct, by=by, transposed=transposed)",
        "tests/implicit/test_unrolled.py -k three_nested",
    ),
    Mutant(
        "a Jacobian next by serves as if it were the one at the root",
        "more, step = 1, following",
        "more, step = 0, following",
        "tests/implicit/test_unrolled.py tests/implicit/test_structures.py -k 'unrolled or order'",
    ),
    Mutant(
        "a root that is far is one",
        "    if not distance <= near[0] * size + near[1]:",
        "    if False:",
        "tests/implicit/test_bad_input.py -k no_solution",
    ),
    Mutant(
        "the Jacobian at the end of the last step is not looked at",
        "| (_change(residual, x, -step, inverse) > 1 / 4)",
        "| False",
        "tests/implicit/test_bad_input.py -k 'multiple_root or kink'",
    ),
    Mutant(
        "a saddle passes where factors are sparse",
        "if pivoted or not (self._lu.U.diagonal() > 0).all():",
        "if False:",
        "tests/implicit/test_bad_input.py -k saddle",
    ),
    Mutant(
        "a saddle passes where there are products alone",
        "if np.vdot(p, product).real < 0:",
        "if False:",
        "tests/implicit/test_bad_input.py -k saddle",
    ),
    Mutant(
        "an iterative solver is believed that it found a solution",
        "if not error <= max(_MISSED, 1e4 * self._rtol):",
        "if False:",
        "tests/implicit/test_bad_input.py -k singular",
    ),
    Mutant(
        "a preconditioner is not transposed",
        "M if M is None or is_symmetric else M.T",
        "M",
        "tests/implicit/test_bad_input.py -k preconditioner",
    ),
    Mutant(
        "a solution at 0 may be infinitely far",
        "return np.maximum(np.linalg.norm(x), np.finfo(float).tiny)",
        "return np.linalg.norm(x)",
        "tests/implicit/test_bad_input.py -k at_zero",
    ),
]


@functools.cache
def texts():
    return {path: path.read_text(encoding="utf-8") for path in (ROOT / "dualrev").rglob("*.py")}


def place_of(mutant):
    """The one file that holds the text."""
    found = [path for path, text in texts().items() for _ in range(text.count(mutant.old))]
    if len(found) != 1:
        raise LookupError(f"{mutant.name}: stands in {len(found)} places, not in one: {mutant.old}")
    return found[0]


def copied(folder):
    """A copy of all that the suite reads."""
    for name in ("dualrev", "tests", "docs"):
        shutil.copytree(ROOT / name, folder / name, ignore=IGNORED)
    for name in ("pyproject.toml", "conftest.py", "README.md"):
        shutil.copy(ROOT / name, folder / name)


def outcome(folder, tests):
    """Exit code and output of pytest on a copy: 0 passed, 1 failed, and others never began."""
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *shlex.split(tests)],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    return found.returncode, found.stdout + found.stderr


def outcome_with(folder, mutant):
    """The same with the break, which is mended afterwards."""
    path = place_of(mutant)
    broken = folder / path.relative_to(ROOT)
    broken.write_text(texts()[path].replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        return outcome(folder, mutant.tests)
    finally:
        broken.write_text(texts()[path], encoding="utf-8")


def main(words):
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        copied(folder)
        for mutant in MUTANTS:
            if words and not any(word in mutant.name + mutant.tests for word in words):
                continue
            code, output = outcome_with(folder, mutant)
            said = {0: "survived", 1: "killed"}.get(code, "no test ran")
            survived += code != 1
            print(f"{said:11} {place_of(mutant).relative_to(ROOT)}: {mutant.name}", flush=True)
    return survived


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
