"""A traced array in each place of every function of NumPy and SciPy: some of them, the same each time.

tests/thorough calls all.
"""

import zlib

import pytest

from tests.every_function.listed import NAMESPACES, functions_in
from tests.every_function.outcomes import findings_of

SHARE = 150


@pytest.mark.filterwarnings("ignore")
def test_a_call_works_or_raises_our_error_or_that_of_the_plain_call():
    found = []
    for namespace in NAMESPACES:
        for path, function in functions_in(namespace):
            if zlib.crc32(path.encode()) % SHARE == 0:
                found += findings_of(path, function, seconds=0.1, most=2)[0]
    assert not found, "\n".join(found)
