"""A traced array in each place of every public function of NumPy and SciPy, and of our twins.

It works, with the values of the plain call and the slopes of differences (or nan), or it raises one of
our errors, or what the plain call raises; nothing else.  About half an hour.
"""

import pytest

from tests.every_function.arguments import calls_of
from tests.every_function.listed import NAMESPACES, functions_in
from tests.every_function.outcomes import findings_of

SEEN: set = set()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_a_call_works_or_raises_our_error_or_that_of_the_plain_call(namespace):
    found = []
    for path, function in functions_in(namespace):
        key = getattr(function, "__qualname__", path), id(function)
        if key not in SEEN:
            SEEN.add(key)
            found += findings_of(path, function)[0]
    assert not found, "\n".join(found)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("namespace", ["numpy", "scipy.linalg", "scipy.signal", "scipy.special"])
def test_arguments_are_found_for_nearly_all(namespace):
    functions = dict(functions_in(namespace))
    called = [path for path, f in functions.items() if calls_of(f, 0.5, 1)]
    assert len(called) > 0.9 * len(functions)
