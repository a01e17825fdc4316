"""What ``python -m tests.speed`` compares: the cases of each module here, as ratios of two calls.

Must not know how time is taken.  A suite is imported where it runs: one that an older dualrev cannot
import leaves out its own cases alone.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import dualrev as dr

__all__ = ["QUICK", "SUITES", "Case"]


class Case(NamedTuple):
    """Calls that are timed in turn.

    Attributes
    ----------
    name : str
    contenders : callable
        ``contenders()``: calls by label.
    base : str
        Label of the call in whose time the others are counted.
    labels : sequence of str
        Labels of the others.
    """

    name: str
    contenders: Callable
    base: str
    labels: tuple[str, ...] = ("dualrev",)


def bench():
    """The lines of ``python -m dualrev.bench``."""
    from dualrev.bench.tasks import TASKS

    for task in TASKS.values():
        yield Case(task.name, task.contenders, task.base)


def orders():
    from tests.speed.orders import CASES

    for case in CASES:
        yield Case(case.name, functools.partial(case.contenders, ()), "f")


def compiled():
    from tests.speed.compiled import CASES, contenders, engines

    for case in CASES:
        yield Case(case.name, lambda case=case: contenders(case)[0], "f", tuple(engines()))


def functions():
    from tests.speed.functions import ROWS, contenders, elementwise_rows, shapes

    for path, args, *use in ROWS:
        name = f"{path} {shapes(args)}"
        yield Case(name, functools.partial(contenders, path, args, *use), "NumPy")
    for path, args in elementwise_rows():  # whose shapes go by how long a first call takes
        yield Case(path, functools.partial(contenders, path, args), "NumPy")


def programs():
    from tests.numpy.test_programs import PROGRAMS
    from tests.speed.programs import contenders

    with dr.patch_numpy():
        for program in PROGRAMS:
            yield Case(str(program), functools.partial(contenders, program), "program")


def sparse():
    from tests.speed.sparse import CASES, contenders

    for case in CASES:

        def calls(case=case):
            building, evaluating, *_ = contenders(case)
            return evaluating | {f"{label}, built": call for label, call in building.items()}

        labels = ("eager", "compiled", "pattern, built", "dualrev, built", "compiled, built")
        yield Case(case.name, calls, "f", labels)


def solvers():
    from tests.speed.solvers import CASES, contenders

    for name, case in CASES.items():
        yield Case(
            name, lambda name=name, case=case: contenders(name, case()), "solve, ms", ("gradient",)
        )


def sparse_solvers():
    from tests.speed.sparse_solvers import CASES

    for name, contenders in CASES.items():
        yield Case(name, contenders, "pattern given", ("exact",))


SUITES = {
    suite.__name__: suite
    for suite in (bench, orders, compiled, functions, programs, sparse, solvers, sparse_solvers)
}
#: Those that take two minutes of the processor together.
QUICK = ("bench", "orders", "compiled", "programs")
