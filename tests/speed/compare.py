"""What became slower between two files of ``python -m tests.speed``.

``python -m tests.speed.compare old.json new.json`` ends with status 1 where something did.  Must not
know what is measured, nor dualrev: the files are all that it reads.
"""

import argparse
import json
import sys
from typing import NamedTuple

__all__ = ["Comparison", "compare"]

LIMIT = 0.1


class Comparison(NamedTuple):
    """Names of the cases, those that changed most first."""

    slower: list[str]
    faster: list[str]
    only_old: list[str]
    only_new: list[str]


def compare(old, new, limit=LIMIT):
    """Sort the cases of two runs.

    Slower is what takes more than ``1 + limit`` times as much, and whose lower quartile is above the
    upper one of the old run: passes of one run differ by less than that.

    Parameters
    ----------
    old, new : dict of str to dict
        By name of the case its ``ratio``, the median of passes, and their quartiles ``low``, ``high``.
    limit : float

    Returns
    -------
    Comparison
    """

    def risen(before, after):
        grown = {
            name: after[name]["ratio"] / before[name]["ratio"]
            for name in before.keys() & after.keys()
            if after[name]["ratio"] > (1 + limit) * before[name]["ratio"]
            and after[name]["low"] > before[name]["high"]
        }
        return sorted(grown, key=grown.__getitem__, reverse=True)

    return Comparison(
        slower=risen(old, new),
        faster=risen(new, old),
        only_old=sorted(old.keys() - new.keys()),
        only_new=sorted(new.keys() - old.keys()),
    )


def main(argv=None):
    """Print what changed; answer 1 where something became slower, else 0."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.speed.compare",
        description="Print what became slower, and what faster, between two files of "
        "`python -m tests.speed -o`; the status is 1 where something became slower.",
    )
    parser.add_argument("old", help="the file of the run before")
    parser.add_argument("new", help="the file of the run after")
    parser.add_argument(
        "--limit",
        type=float,
        default=LIMIT,
        help=f"how much longer is slower, as a part of the old time (default: {LIMIT:g})",
    )
    arguments = parser.parse_args(argv)
    runs = []
    for path in (arguments.old, arguments.new):
        with open(path) as file:
            runs.append(json.load(file))
        print(f"{path}: {runs[-1]['machine']}")
    old, new = (run["cases"] for run in runs)
    found = compare(old, new, arguments.limit)
    for title, names in (("slower", found.slower), ("faster", found.faster)):
        print(f"\n{len(names)} of {len(old.keys() & new.keys())} {title} by {arguments.limit:.0%}")
        for name in names:
            before, after = old[name], new[name]
            change = after["ratio"] / before["ratio"]
            print(f"  {change:5.2f} times  {name}: {_shown(before)} before, {_shown(after)} now")
    for path, names in ((arguments.old, found.only_old), (arguments.new, found.only_new)):
        if names:
            print(f"\nonly in {path}", *names, sep="\n  ")
    return int(bool(found.slower))


def _shown(case):
    return f"{case['ratio']:.3g} ({case['low']:.3g} to {case['high']:.3g})"


if __name__ == "__main__":
    sys.exit(main())
