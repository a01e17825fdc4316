"""What an import loads, and what a first use: asked of one interpreter that has loaded nothing else."""

import json
import subprocess
import sys

import pytest

from dualrev.bridges import LIBRARIES

#: One after the other, each with what it loads.
STATEMENTS = {
    "what dualrev needs": "import numpy, scipy.special",
    "dualrev": "import dualrev",
    "collection of garbage, which an import stops": "import gc; assert gc.isenabled()",
    "its twins": "import dualrev.scipy",
    "an adapter": "assert dualrev.scipy.optimize.minimize(lambda x: x @ x, [1.0, 2.0]).success",
    "a module": "assert dualrev.testing.__name__ == 'dualrev.testing'",
    "its pictures": "import dualrev.show; str(dualrev.prepare_jacobian(numpy.sin, numpy.ones(3)))",
}


@pytest.fixture(scope="module")
def loaded():
    """The names of the modules that are new after each statement."""
    program = f"""if True:
        import json, sys
        found, before = {{}}, set()
        for name, statement in {STATEMENTS}.items():
            exec(statement)
            found[name] = [*(set(sys.modules) - before)]
            before.update(sys.modules)
        print(json.dumps(found))
    """
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return {name: {*modules} for name, modules in json.loads(ran.stdout).items()}


def test_import_loads_no_other_part_of_scipy(loaded):
    """Its sparse and linalg take longer than dualrev: who asks for a sparse matrix loads them."""
    heavy = {"scipy.sparse", "scipy.linalg", "scipy.optimize", "dualrev.sparse", "dualrev.program"}
    assert loaded["dualrev"].isdisjoint(heavy)


def test_import_loads_nothing_that_arrays_do_without(loaded):
    """Structures need optree, and exact weights fractions: 10 ms."""
    assert loaded["dualrev"].isdisjoint({"optree", "fractions"})


def test_import_leaves_garbage_to_who_has_stopped_its_collection():
    program = "import gc; gc.disable(); import dualrev; assert not gc.isenabled()"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_import_loads_no_library_of_the_bridges(loaded):
    assert set().union(*loaded.values()).isdisjoint(LIBRARIES)


def test_the_first_use_of_an_adapter_loads_scipy_optimize(loaded):
    """``dr.scipy.optimize`` works after ``import dualrev as dr`` alone; naming it loads none."""
    assert {"scipy.optimize", "dualrev.scipy.optimize"} <= loaded["an adapter"]


def test_pictures_are_loaded_without_matplotlib(loaded):
    """By importing dualrev.show, and printing."""
    assert "dualrev.show.plots" in loaded["its pictures"]
    assert "matplotlib" not in set().union(*loaded.values())
