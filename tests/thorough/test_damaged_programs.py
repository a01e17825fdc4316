"""Ten thousand damaged files of saved programs: none ends the interpreter, hangs, or is silently wrong.

In a process of its own for each engine.  About five minutes.
"""

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.program.damage import BYTES, KINDS
from tests.program.test_saving import (
    X,
    branches,
    derivative_program,
    filtered,
    network,
    process,
    rosenbrock,
    saved,
    writes,
)

COUNT = 10_000


@pytest.mark.parametrize("engine", ["numpy", "llvm"])
def test_a_damaged_file_is_refused_or_means_the_same(engine, tmp_path):
    if engine == "llvm":
        pytest.importorskip("llvmlite")
    path = tmp_path / "programs.npz"
    programs = (rosenbrock, writes, process, network, filtered, branches)
    contents = [saved(derivative_program(f)).getvalue() for f in programs]
    np.savez(path, *(np.frombuffer(content, np.uint8) for content in contents), x=X)
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.program.damage"]
    done = subprocess.run(
        [*command, str(path), engine, str(COUNT), "20080612"],
        capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    outcomes = json.loads(done.stdout.splitlines()[-1])
    assert sum(outcomes.values()) == COUNT
    for kind in BYTES:
        assert f"{kind.__name__}: another" not in outcomes
        assert f"{kind.__name__}: error" not in outcomes
    for kind in KINDS:  # each has damaged something
        assert outcomes[f"{kind}: refused"] > COUNT / len(KINDS) / 4, outcomes
