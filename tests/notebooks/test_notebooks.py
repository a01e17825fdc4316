"""Every notebook runs to its end, each cell within its budget.  Needs ``.[notebooks]``."""

import time
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted(path for path in (ROOT / "notebooks").glob("*.md") if path.name != "README.md")
# Twice what a reader is promised, since a machine may be busy: alone each takes half a minute at most,
# and the one that compares libraries a minute where all of them are installed.
CELL_SECONDS = 30
NOTEBOOK_SECONDS = 120


@pytest.fixture(autouse=True)
def kernels_import_this_checkout(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def execute(notebook, seconds=CELL_SECONDS):
    NotebookClient(
        notebook,
        timeout=seconds,
        kernel_name="python3",
        resources={"metadata": {"path": str(ROOT / "notebooks")}},
    ).execute()


def notebook_of(*sources):
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in sources])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_within_its_budget(path):
    begun = time.perf_counter()
    execute(jupytext.read(path))
    assert time.perf_counter() - begun < NOTEBOOK_SECONDS


def test_notebooks_are_stored_as_text_which_holds_no_outputs():
    assert NOTEBOOKS
    assert not list((ROOT / "notebooks").rglob("*.ipynb"))


def test_a_cell_that_raises_is_seen():
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute(notebook_of("1 / 0"))


def test_a_cell_over_its_budget_is_seen():
    with pytest.raises(CellTimeoutError):
        execute(notebook_of("import time; time.sleep(30)"), seconds=1)
