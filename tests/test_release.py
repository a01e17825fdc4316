"""What stands about a release, and of files, in several places is the same in all of them."""

import re
import tomllib
from pathlib import Path

import dualrev

ROOT = Path(__file__).parent.parent


def read(name):
    return (ROOT / name).read_text("utf-8")


PROJECT = tomllib.loads(read("pyproject.toml"))["project"]
CITATION = dict(re.findall(r"^([\w-]+): *(.+)$", read("CITATION.cff"), re.MULTILINE))
#: The date of each version; "unreleased" where it has none.
DATES = dict(re.findall(r"^## (\S+) \((.+)\)$", read("CHANGELOG.md"), re.MULTILINE))


def test_the_version_is_that_of_the_project():
    assert dualrev.__version__ == CITATION["version"] == PROJECT["version"]
    assert PROJECT["version"] in DATES


def test_a_citation_has_the_date_of_the_release():
    date = CITATION.get("date-released", "unreleased")
    assert date.strip("'\"") == DATES[PROJECT["version"]]


def test_the_page_of_the_installation_names_all_extras_and_no_other():
    rows = re.findall(r"^\| (`.+?`) \|", read("docs/install.md"), re.MULTILINE)
    named = {extra for row in rows for extra in re.findall(r"`(\w+)`", row)}
    assert named == set(PROJECT["optional-dependencies"])


def test_the_workflow_tries_every_python_that_is_promised():
    promised = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["classifiers"]))
    tried = re.search(r"python: \[(.+)\]", read(".github/workflows/checks.yml"))[1]
    assert re.findall(r"3\.\d+", tried) == promised


def test_the_map_of_the_house_names_every_file_of_the_machine_and_its_readers():
    page = read("docs/explanation/architecture.md")
    files = [
        p.name for floor in ("core", "readers") for p in (ROOT / "dualrev" / floor).glob("*.py")
    ]
    assert len(files) > 20
    assert [name for name in files if f"`{name}`" not in page] == ["__init__.py"] * 2
