"""What README.md and the front page claim, each sentence with the tests that fail where it is false."""

import importlib
import operator
import re
from pathlib import Path

import numpy as np
import pytest
import scipy.spatial.distance
import scipy.special
from numpy.testing import assert_allclose

import dualrev as dr
from dualrev.bench.costs import COSTS
from dualrev.core.primitive import RULES
from dualrev.errors import twin_of
from tests.test_classification import CONF

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "docs" / "index.md"]

#: A part of each claim: what backs it, as file::test, or a page whose examples are run.
CLAIMS = {
    "Exact derivatives, of any order,": [
        "tests/test_readme_claims.py::test_accuracy_is_that_of_rounding_where_differences_lose_half",
        "tests/test_nesting.py::test_every_triple_of_jacobians_is_the_third_derivative_tensor",
        "tests/test_readme_claims.py::test_tenth_derivative_is_exact",
    ],
    "loops, branches, indexing, assignment, `np.linalg`, `scipy.special` work": [
        "README.md",
        "tests/test_readme_claims.py::test_every_ufunc_of_scipy_special_has_a_rule",
        "tests/test_in_place_programs.py::test_program_holds_what_numpys_does_after_every_statement",
        "tests/test_laws.py::test_pushforward_is_the_finite_difference",
    ],
    "There is no hook in `math`, nor where NumPy makes an array that you fill later": [
        "README.md",
        "tests/test_limits.py::test_row_of_the_page_is_true",
        "tests/numpy/test_programs.py::test_program_runs_unedited_with_right_derivatives",
    ],
    "What has no derivative raises an error that says what to type": [
        "tests/test_classification.py::test_every_refusal_says_why_and_what_to_type",
        "tests/test_limits.py::test_row_of_the_page_is_true",
        "docs/reference/errors.md",
    ],
    "lists all that does not work as it stands, and what to type there": [
        "tests/test_limits.py::test_row_of_the_page_is_true",
    ],
    "SciPy's optimizers take the results as written": [
        "README.md",
        "tests/test_optimize.py::test_scipys_own_functions_take_the_derivatives_as_written",
    ],
    "to PyTorch, JAX, TensorFlow and CasADi carry derivatives of every order across": [
        "tests/bridges/test_torch.py::test_our_modes_nest",
        "tests/bridges/test_jax.py::test_their_modes_nest",
        "tests/bridges/test_tensorflow.py::test_gradient_and_hessian_are_equal",
        "tests/bridges/test_casadi.py::test_hessian_and_third_derivatives",
    ],
    "Every step of a function, with its tangent on the way down": [
        "README.md",
        "tests/show/test_recording.py::test_the_book_s_example_has_the_book_s_numbers",
    ],
    'And as a graph, `draw(textbook, 1.5, 0.5, mode="reverse")`': [
        "tests/show/test_drawings.py::test_the_graph_in_the_readme_is_what_draw_writes",
    ],
    "which result depends on which argument, read from the program": [
        "README.md",
        "tests/test_readme_claims.py::test_sparse_matrices_take_as_many_products_on_a_grid_of_any_size",
    ],
    "The band is two standard deviations from one call, through SciPy's solver": [
        "tests/test_uncertainty.py::test_first_order_of_any_function_is_that_of_samples_where_the_covariance_is_small",
    ],
    "| your code | NumPy as it is; `dualrev.numpy` to fill new arrays |": [
        "tests/numpy/test_programs.py::test_program_runs_unedited_with_right_derivatives",
    ],
    "| `y[i] = ...`, views, `out=` | as in NumPy | no |": [
        "tests/test_in_place_programs.py::test_program_holds_what_numpys_does_after_every_statement",
        "tests/test_readme_claims.py::test_autograd_refuses_an_assignment",
    ],
    "| loops and branches on values | yes | yes |": [
        "tests/test_coercion.py::test_control_flow_sees_the_primal",
    ],
    "| accuracy | rounding | rounding |": [
        "tests/test_readme_claims.py::test_accuracy_is_that_of_rounding_where_differences_lose_half",
    ],
    "| cost of a gradient of n inputs | [2 to 50 evaluations](docs/explanation/cost.md), for any n": [
        "tests/test_readme_claims.py::test_a_gradient_costs_two_to_fifty_evaluations",
        "tests/test_readme_claims.py::test_cost_of_a_gradient_does_not_grow_with_n",
    ],
    "| orders | any, as {doc}`series <notebooks/10-higher-orders>` too | any |": [
        "tests/test_readme_claims.py::test_tenth_derivative_is_exact"
    ],
    "| forward and reverse mode | both, nested |": [
        "tests/test_nesting.py::test_every_product_of_the_modes_is_the_closed_form",
    ],
    "| SciPy in the middle of a function |": ["docs/howto/scipy.md"],
    "| an overwritten array | raises | wrong number |": [
        "tests/test_mutation.py::test_large_captured_array_that_is_overwritten_is_an_error",
        "tests/test_readme_claims.py::test_autograd_answers_a_wrong_number_for_an_overwritten_array",
    ],
    "| evaluations of f for a gradient by a loop over 50 numbers | [39; compiled 0.22]": [
        "tests/test_readme_claims.py::test_evaluations_beside_others_are_those_of_the_page_of_benchmarks",
    ],
    "Higher derivatives come [all at once]": [
        "README.md",
        "tests/test_taylor.py::test_derivatives_are_all_orders_of_a_function_of_one_number",
    ],
    "[uncertainties](docs/howto/fields-and-uncertainty.md) pass through a function in one call": [
        "README.md",
        "docs/howto/fields-and-uncertainty.md",
    ],
    "| compiled | [yes](docs/howto/compile.md), the NumPy code itself, for a CPU": [
        "tests/program/test_laws.py::test_a_replay_is_the_derivative",
        "docs/howto/compile.md",
    ],
    "A derivative that is called often is [compiled]": [
        "README.md",
        "tests/program/test_compiling.py::test_function_runs_once_a_kind_of_arguments",
        "tests/program/test_compiling.py::test_both_ways_of_a_branch_are_kept",
        "tests/program/test_compiling.py::test_number_of_repetitions_may_depend_on_the_data",
    ],
    "| a batch at once, and its derivatives": [
        "tests/test_vmap.py::test_a_batch_is_the_stack_of_the_calls",
        "tests/test_vmap.py::test_derivatives_of_a_batch_are_the_stack_of_the_derivatives",
    ],
    "| on a GPU": [
        "tests/test_names.py::test_word_of_another_library_says_what_to_type",
    ],
    "For large networks on GPUs take JAX or PyTorch": [],  # advice, which the rows before it back
    "Gradients, Jacobians, Hessians, Hessian-vector products;": [
        "tests/test_nesting.py::test_hessian_and_hvp_are_the_closed_form",
        "tests/test_transforms.py::test_linearize_pushes_and_pulls_again_and_again",
    ],
    "Assignments as NumPy has them, views included: `y[i] = ...`, `v = y[1:]; v *= 2`, `np.add.at`": [
        "tests/test_in_place.py::test_program_that_writes_matches_numpy",
        "tests/test_in_place_programs.py::test_program_holds_what_numpys_does_after_every_statement",
    ],
    "sparse matrices multiply": ["tests/test_coercion.py::test_sparse_matrix_times_traced_array"],
    "Arguments in dicts, lists and dataclasses": [
        "tests/test_structures.py::test_gradient_has_the_structure_of_the_argument",
    ],
    "float32 and complex": [
        "tests/test_laws.py::test_pullback_is_the_adjoint_in_every_dtype",
    ],
    "your own functions with your own rules": [
        "tests/test_custom.py::test_declared_function_has_both_modes_and_second_derivatives",
    ],
    "Every public name is accounted for": [
        "tests/test_classification.py::test_every_function_is_classified",
        "tests/test_classification.py::test_the_list_is_numpy_s_own",
        "tests/test_classification.py::test_every_refusal_says_why_and_what_to_type",
        "tests/scipy/test_classification.py::test_every_public_name_has_a_word",
        "tests/scipy/test_classification.py::test_what_is_claimed_to_work_is_called_by_a_test",
    ],
    "others run SciPy's own code, as the distributions of `stats` do, and filter design": [
        "tests/scipy/test_bodies.py::test_a_body_has_scipys_values_and_the_derivatives_of_what_it_computes",
    ],
    "More than 500 of SciPy's have rules of their own": [
        "tests/test_readme_claims.py::test_more_than_five_hundred_functions_have_a_twin",
    ],
    "SciPy's own function, given what is differentiated, raises and names its namesake": [
        "tests/test_readme_claims.py::test_scipys_own_functions_raise_and_name_the_twin",
    ],
    "[fill them in](docs/howto/scipy-optimize.md)": [
        "tests/test_optimize.py::test_minimize_equals_scipy_given_analytic_derivatives",
        "tests/scipy/test_initial_values.py::test_stiff_equations_are_solved_as_by_hand",
    ],
    "What they find has exact derivatives, of any order, in both modes": [
        "tests/scipy/test_optimize_roots.py::test_a_root_has_a_taylor_series_of_any_order",
        "tests/scipy/test_optimize_roots.py::test_a_root_of_several_unknowns_has_the_derivatives_of_the_exact_one",
        "tests/scipy/test_initial_values.py::test_a_decay_is_differentiated_by_all_that_it_depends_on",
    ],
    "| derivatives of what a solver found | [SciPy's and yours](docs/howto/solvers.md)": [
        "docs/howto/solvers.md",
        "tests/scipy/test_initial_values_derivatives.py::test_sensitivities_are_the_published_ones_as_exactly_as_the_states",
    ],
    "roots, minima under constraints, what your own solver found": [
        "tests/scipy/test_optimize_minima.py::test_an_active_bound_moves_with_its_parameter_and_the_rest_follows",
        "tests/scipy/test_optimize_minima.py::test_a_projection_on_the_ball_is_the_derivative_of_a_direction",
        "tests/implicit/test_unrolled.py::test_implicit_equals_unrolled",
        "docs/howto/solvers.md",
    ],
    "solutions of differential equations](docs/howto/differential-equations.md), events among them": [
        "docs/howto/differential-equations.md",
    ],
    "**What does not.** GPUs": [
        "tests/test_names.py::test_word_of_another_library_says_what_to_type",
    ],
    "Where each result depends on a few arguments only, the matrix comes as one of scipy.sparse": [
        "README.md",
        "docs/howto/sparse.md",
    ],
    "| sparse Jacobians and Hessians | [yes](docs/howto/sparse.md), the pattern is found by itself": [
        "docs/howto/sparse.md",
        "tests/test_readme_claims.py::test_sparse_matrices_take_as_many_products_on_a_grid_of_any_size",
    ],
    "`vmap` of all of them for many values at once": [
        "tests/test_vmap.py::test_derivatives_of_a_batch_are_the_stack_of_the_derivatives",
        "tests/test_nesting.py::test_every_product_with_a_batch_is_the_closed_form_of_each_number",
    ],
    '`float(f"{x}")`, loses its derivative in silence': [
        "tests/test_limits.py::test_row_of_the_page_is_true",
    ],
}


def prose(page):
    """A page as one line, without its code."""
    text = page.read_text("utf-8")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return " ".join(text.split())


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_stands_on_a_page_and_its_tests_exist(claim):
    assert any(claim in prose(page) for page in PAGES)
    for test in CLAIMS[claim]:
        file, _, name = test.partition("::")
        assert not name or f"def {name}(" in (ROOT / file).read_text("utf-8")
        assert name or ">>> " in (ROOT / file).read_text("utf-8")


def test_every_paragraph_and_row_of_the_readme_is_a_claim():
    """Up to where it says how to try it."""
    text, _, _ = PAGES[0].read_text("utf-8").partition("## Try it")
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\|.*\|$", text, re.MULTILINE)
    paragraphs = re.findall(r"^[^|#\n].*(?:\n[^|#\n].*)*", text, re.MULTILINE)
    parts = [" ".join(part.split()) for part in [*rows[2:], *paragraphs]]
    assert len(parts) > 10
    assert [part for part in parts if not any(claim in part for claim in CLAIMS)] == []


def test_accuracy_is_that_of_rounding_where_differences_lose_half():
    x = 0.7
    expected = np.cos(x) * np.exp(np.sin(x))

    def f(x):
        return np.exp(np.sin(x))

    steps = 10.0 ** -np.arange(1, 16)
    differences = np.abs((f(x + steps) - f(x)) / steps / expected - 1)
    assert abs(dr.grad(f)(x) / expected - 1) < 4e-16
    assert 1e-10 < np.min(differences) < 1e-7


def test_tenth_derivative_is_exact():
    def f(x):
        return np.exp(2 * x) + x**10

    for _ in range(10):
        f = dr.derivative(f)
    assert_allclose(2.0**10 * np.exp(0.6) + 3628800, f(0.3), rtol=1e-14)


@pytest.mark.parametrize("n", [3, 30_000])
def test_cost_of_a_gradient_does_not_grow_with_n(n):
    """The function runs once, and as many operations are recorded and pulled."""
    calls = []

    def f(x):
        calls.append(x)
        return np.sum(np.sin(x[1:]) * x[:-1])

    dr.grad(f)(np.ones(n))
    assert len(calls) == 1
    assert len(dr.show.trace_table(f, np.ones(n)).records) == 6


def test_autograd_refuses_an_assignment():
    autograd = pytest.importorskip("autograd")

    def f(x):
        y = 2 * x
        y[0] = x[1]
        return np.sum(y)

    with pytest.raises(TypeError):
        autograd.grad(f)(np.ones(3))
    assert_allclose([0.0, 3.0, 2.0], dr.grad(f)(np.ones(3)))


def test_autograd_answers_a_wrong_number_for_an_overwritten_array():
    autograd = pytest.importorskip("autograd")
    import autograd.numpy as anp

    def program(np):
        weights = np.ones(100_000)

        def f(a):
            y = np.sum(a * weights)
            weights[:] = 0
            return y

        return f

    assert autograd.grad(program(anp))(2.0) == 0.0  # 100 000 is right
    with pytest.raises(dr.MutationError):
        dr.grad(program(np))(2.0)


def test_every_ufunc_of_scipy_special_has_a_rule():
    public = CONF["public_functions"](scipy.special).values()
    ufuncs = [f for f in public if isinstance(f, np.ufunc)]
    assert len(ufuncs) > 200
    assert [f for f in ufuncs if f not in RULES] == []


TWINS = [f"{module}.{name}" for module, names in CONF["twins"]().items() for name in names]


def test_more_than_five_hundred_functions_have_a_twin():
    """SciPy's function of that path is refused with the name of the twin."""
    named = [twin for twin in TWINS if twin_of(twin.removeprefix("dualrev.")) == twin]
    assert len(named) > 500


M = np.array([[2.0, 0.5], [0.5, 1.0]])
V = np.array([0.3, 0.5, 0.2, 0.4])
OF_EACH_MODULE = {
    "linalg.expm": lambda f, x: f(x * M),
    "sparse.csr_array": lambda f, x: f(x * M),
    "fft.dct": lambda f, x: f(x * V),
    "signal.lfilter": lambda f, x: f([1.0], [1.0, 0.5], x * V),
    "ndimage.gaussian_filter": lambda f, x: f(x * V, 1.0),
    "interpolate.CubicSpline": lambda f, x: f(np.arange(4.0), x * V),
    "integrate.quad": lambda f, x: f(lambda t: t * x, 0.0, 1.0)[0],
    "spatial.distance.cdist": lambda f, x: f(x * M, M),
    "special.logsumexp": lambda f, x: f(x * V),
    "stats.norm.logpdf": lambda f, x: f(x * V),
}


@pytest.mark.parametrize("path", OF_EACH_MODULE)
def test_scipys_own_functions_raise_and_name_the_twin(path):
    """Of each module that the README names."""
    module, _, _ = path.partition(".")
    importlib.import_module(f"scipy.{module}")
    f = operator.attrgetter(path)(scipy)
    with pytest.raises(dr.DualrevError, match=rf"dualrev\.scipy\.{re.escape(path)}\b"):
        dr.grad(lambda x: OF_EACH_MODULE[path](f, x))(1.5)
    with np.errstate(all="raise"):
        OF_EACH_MODULE[path](operator.attrgetter(path)(dr.scipy), 1.5)


@pytest.mark.parametrize("n", [5, 20, 100])
def test_sparse_matrices_take_as_many_products_on_a_grid_of_any_size(n):
    def neighbours(u):
        u = np.pad(u, 1)
        return u[2:, 1:-1] * u[:-2, 1:-1] + u[1:-1, 2:] * u[1:-1, :-2] + u[1:-1, 1:-1]

    u = np.sin(np.arange(n * n)).reshape(n, n)
    J = dr.prepare_jacobian(neighbours, u)
    assert J.products == 5
    if n < 100:
        assert_allclose(dr.jacobian(neighbours, matrix=True)(u), J(u).toarray(), rtol=1e-13)


def test_there_are_thirteen_notebooks():
    numbered = list((ROOT / "notebooks").glob("[0-9]*.md"))
    assert len(numbered) == 13
    assert "thirteen notebooks" in prose(PAGES[0])


def table_of_costs():
    """The table of docs/explanation/cost.md: evaluations of f by operator and what f works on."""
    text = (ROOT / "docs" / "explanation" / "cost.md").read_text("utf-8")
    head, _, *rows = re.search(r"^\| f works on .*\n(\|.*\n)+", text, re.MULTILINE)[0].splitlines()
    operators = [re.findall(r"`(\w+)`", cell) for cell in head.split("|")[2:-1]]
    for row in rows:
        works_on, *numbers = (cell.strip() for cell in row.split("|")[1:-1])
        for names, number in zip(operators, numbers):
            yield from (((name, works_on), float(number or "nan")) for name in names)


@pytest.mark.parametrize("name", ["jvp", "derivative", "grad", "vjp", "hvp"])
def test_docstring_says_what_the_table_of_costs_says(name):
    text = " ".join(getattr(dr, name).__doc__.split())
    pattern = (
        r"about (\d+) evaluations of f .* large, (\d+) .* small, (\d+) where it works number by"
    )
    said = [float(number) for number in re.search(pattern, text).groups()]
    costs = dict(table_of_costs())
    places = "arrays of 10⁶", "arrays of 10", "numbers: `x[i]` in a loop"
    assert_allclose([costs[name, place] for place in places], said, rtol=0.15)


@pytest.mark.parametrize("name", ["value_and_grad", "jacobian", "hessian"])
def test_docstring_leads_to_the_table_of_costs(name):
    assert ":doc:`/explanation/cost`" in getattr(dr, name).__doc__
    assert name in {operator for (operator, _), _ in table_of_costs()}


def measured(name):
    """The figures of a line of the page of benchmarks, by column; of several tables the last."""
    found, heads = {}, None
    for line in (ROOT / "docs" / "reference" / "benchmarks.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            heads = None
        elif heads is None:
            heads = cells
        elif cells[0] == name:
            found |= dict(zip(heads, cells))
    return found


@pytest.mark.parametrize(
    ("row", "name", "cells"),
    [
        (
            "a gradient by a loop over 50 numbers",
            "loop over x[i], n = 50",
            '{eager}; compiled {"llvm"} | {autograd} | compiled {JAX} | - | 51',
        ),
        (
            "a Hessian of 100 variables",
            "Hessian of log-sum-exp, n = 100",
            "{dualrev} | {autograd} | compiled {JAX} | - | 5151",
        ),
        (
            "a sparse Jacobian of 10⁵ unknowns",
            "Burgers' equation, a step, n = 10^5",
            "{eager}; compiled {compiled} | - | with asdex, compiled {asdex} | - | 5,",
        ),
    ],
)
def test_evaluations_beside_others_are_those_of_the_page_of_benchmarks(row, name, cells):
    """And by differences n + 1, (n + 1)(n + 2) / 2, and one more than there are products."""
    rows = [line for page in PAGES for line in page.read_text("utf-8").splitlines() if row in line]
    expected = cells.format_map(measured(name))
    assert rows
    for line in rows:
        plain = re.sub(r"\{doc\}`(.*?) <.*?>`|\[(.*?)\]\(.*?\)", r"\1\2", line)
        assert f"| evaluations of f for {row} | {expected}" in plain


def test_a_gradient_costs_two_to_fifty_evaluations():
    of_grad = [cost for (name, _), cost in table_of_costs() if name == "grad"]
    assert 2 <= min(of_grad) <= max(of_grad) <= 50


def test_the_table_of_costs_has_the_lines_that_are_measured():
    """What ``python -m dualrev.bench --costs`` prints."""
    assert list(COSTS) == list(dict.fromkeys(works_on for (_, works_on), _ in table_of_costs()))
