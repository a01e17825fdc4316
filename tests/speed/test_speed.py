"""Every line of the benchmark table under pytest-benchmark, one group a line.

Not part of the suite: ``python -m pytest tests/speed`` measures, and asks nothing.
"""

import pytest

from dualrev.bench.tasks import TASKS

pytest.importorskip("pytest_benchmark")

LABELS = ("NumPy", "gradient", "by hand", "dualrev", "autograd", "advect", "MyGrad")


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_speed(task, label, benchmark):
    """The time of one contender stands beside those of the others."""
    contenders = task.contenders()
    if label not in contenders:
        pytest.skip(f"{label} does not take part")
    benchmark.group = task.name
    benchmark(contenders[label])
