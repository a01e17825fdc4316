"""docs/reference/errors.md has a section for every class, and each shows an error and its repair."""

import re
from pathlib import Path

import pytest

from dualrev import errors

PAGE = (Path(__file__).parent.parent / "docs" / "reference" / "errors.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_every_class_has_a_section_in_the_order_of_the_alphabet():
    assert sorted(errors.__all__) == list(SECTIONS)


@pytest.mark.parametrize("name", errors.__all__)
def test_section_shows_docstring_and_repair(name):
    """The class's docstring, an example, and after the last error one that runs."""
    section = SECTIONS[name]
    assert f".. autoexception:: dualrev.errors.{name}\n" in section
    shown = section.rindex(f"{name}: ") if f"errors.{name}: " in section else 0
    assert ">>> " in section[shown:]


@pytest.mark.parametrize("name", [n for n in errors.__all__ if n.endswith("Error")])
def test_section_of_an_error_shows_its_message(name):
    assert name == "DualrevError" or f"dualrev.errors.{name}: " in SECTIONS[name]
