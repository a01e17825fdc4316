"""Public functions are alike: one name and default for one thing, one message for one mistake."""

import collections
import re

import numpy as np
import pytest
from matplotlib import pyplot

from tests import interface

ALL = interface.forms(tuple(interface.FORMS))
#: What these words mean hangs on the function: a number of derivatives, a choice of sweeps, an accuracy.
OWN_DEFAULTS = {"order", "mode", "rtol", "atol"}


def test_every_public_function_of_a_function_is_compared():
    assert set(interface.public_functions()) == set(map(interface.name_of, ALL))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", ALL)
def test_the_calls_that_are_right_answer(form):
    assert interface.called(form) is not None
    pyplot.close("all")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", interface.forms(interface.DIFFERENTIATING))
def test_whole_numbers_are_taken_as_floats(form):
    whole = 2 if form in interface.FORMS["number"] else np.array([1, 2, 3])
    answers = repr(interface.called(form)), repr(interface.called(form, x=whole))
    pyplot.close("all")
    of_floats, of_whole = (re.sub(" at 0x[0-9a-f]+", "", answer) for answer in answers)
    assert of_floats == of_whole


def test_a_parameter_has_one_default_everywhere():
    defaults = collections.defaultdict(set)
    for form in ALL:
        for parameter in interface.parameters_of(form).values():
            if parameter.default is not parameter.empty:
                defaults[parameter.name].add(parameter.default)
    assert {name for name, found in defaults.items() if len(found) > 1} <= OWN_DEFAULTS


def test_options_are_given_by_name():
    """Behind argnums and argnames, so that one more may come; where a call has them at all."""
    for form in interface.forms("argnums"):
        *_, last = (
            p.name for p in interface.parameters_of(form).values() if p.kind is not p.KEYWORD_ONLY
        )
        assert last in ("argnames", "kwargs")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", interface.REFUSED)
def test_a_mistake_is_refused_alike_by_all(what):
    errors = interface.errors_of(what)
    assert len(errors) > 1
    assert [form for form, error in errors.items() if error is None] == []
    assert len({interface.message(*item) for item in errors.items()}) == 1
