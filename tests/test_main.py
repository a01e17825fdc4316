"""``python -m dualrev``."""

import subprocess
import sys

import pytest

import dualrev
from dualrev import nist
from dualrev.__main__ import main


def test_prints_fitted_beside_certified_values(capsys):
    """A gradient, every shipped problem and parameter, both ways of differentiation, one conclusion."""
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert "gradient" in printed.splitlines()[0]
    assert (
        printed.index("  certified  ") < printed.index("  digits  ") < printed.index("Misra1a: y")
    )
    for name in nist.MODELS:
        assert f"{name}: y = " in printed
        for certified in nist.load(name).certified:
            assert f"{certified:.10e}" in printed
    for way in ("exact derivatives", "finite differences"):
        assert printed.count(f"\n  {way} ") == len(nist.MODELS)
    assert printed.splitlines()[-2].startswith("Exact derivatives: at least ")
    assert max(map(len, printed.splitlines())) <= 100


def test_fits_only_what_is_named(capsys):
    """A problem, a starting point and a solver can be chosen."""
    assert main(["MGH09", "--start", "2", "--method", "lm"]) == 0
    printed = capsys.readouterr().out
    assert "MGH09" in printed
    assert "Hahn1" not in printed
    assert "from starting point 2, by" in printed
    assert 'least_squares(method="lm")' in printed


def test_unknown_problem_is_refused_with_the_known_ones(capsys):
    """The message names what there is."""
    with pytest.raises(SystemExit) as stopped:
        main(["Misra2"])
    assert stopped.value.code == 2
    assert "unknown problem 'Misra2'; there are Misra1a, " in capsys.readouterr().err


def test_runs_as_a_module():
    """``python -m dualrev --version``, as users type it."""
    command = [sys.executable, "-m", "dualrev", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"dualrev {dualrev.__version__}\n"
