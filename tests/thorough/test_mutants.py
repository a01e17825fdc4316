"""Each mutant of the table is seen by the tests that it names; where its text is gone, it says so.

Then give the mutant another line with the same meaning.  About six minutes.
"""

import pytest

from tests.thorough.mutants import MUTANTS, copied, outcome, outcome_with, place_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy")
    copied(folder)
    return folder


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_text_stands_in_one_place(mutant):
    place_of(mutant)


def test_the_tests_of_all_mutants_pass_on_unbroken_code(folder):
    for tests in sorted({mutant.tests for mutant in MUTANTS}):
        code, output = outcome(folder, tests)
        assert code == 0, (tests, output[-2000:])


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_suite_catches(mutant, folder):
    code, output = outcome_with(folder, mutant)
    assert code == 1, output[-2000:]
