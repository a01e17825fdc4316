"""One file of what derivatives cost, for ``python -m tests.speed.compare``.

``python -m tests.speed -o results.json`` measures the lines of dualrev.bench, whole matrices, higher
orders, compiled derivatives and the programs of tests/programs; ``--all`` the cases of every module
here.  A figure is the time of a derivative in multiples of the plain function's, taken in turn with it.
"""

import argparse
import json
import os
import subprocess
import sys
import warnings
from statistics import median

import numpy as np

import dualrev as dr
from dualrev.bench.__main__ import THREADS, machine
from dualrev.bench.measure import interleaved, median_ratio
from tests.speed.suites import QUICK, SUITES

PASSES, ROUNDS = 5, 5


def main(argv=None):
    """Measure several times, each suite in a process of its own, and write what all of them say.

    A new process each time: what is laid out in memory by chance moves a ratio by more than rounds of
    one process show.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tests.speed",
        description="Write what derivatives cost, in multiples of the plain function's time, to a file "
        "for `python -m tests.speed.compare`.",
    )
    parser.add_argument("words", nargs="*", help="only cases whose name contains one of these")
    parser.add_argument("-o", "--output", help="the file to write; needed")
    parser.add_argument(
        "--suites", nargs="+", choices=SUITES, default=QUICK, help=f"default: {' '.join(QUICK)}"
    )
    parser.add_argument("--all", action="store_true", help="all suites: half an hour or more")
    parser.add_argument("--passes", type=int, default=PASSES, help=f"default: {PASSES}")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.measure:
        print(json.dumps(measured(arguments.measure, arguments.words)))
        return
    if not arguments.output:
        parser.error("-o is missing: the file to write")
    suites = SUITES if arguments.all else arguments.suites
    figures: dict = {}
    for turn in range(arguments.passes):
        for suite in suites:
            print(f"pass {turn + 1} of {arguments.passes}: {suite}", file=sys.stderr, flush=True)
            for name, (ratio, seconds) in _in_child(suite, arguments.words).items():
                figures.setdefault(name, []).append((ratio, seconds))
        if not figures:
            parser.error("no case contains any of these words")
        # After each pass: a run that is broken off has said what it found.
        cases = {name: summary(found) for name, found in figures.items()}
        with open(arguments.output, "w") as file:
            json.dump({"machine": machine(), "cases": cases}, file, indent=1)
            file.write("\n")


def summary(found):
    """Median and quartiles of the ratios of all passes, and the seconds of what they are ratios to."""
    ratios, seconds = zip(*found)
    low, ratio, high = np.quantile(ratios, (0.25, 0.5, 0.75))
    numbers = {"ratio": ratio, "low": low, "high": high, "seconds": median(seconds)}
    return {name: float(f"{number:.4g}") for name, number in numbers.items()}


def _in_child(suite, words):
    command = [sys.executable, "-m", "tests.speed", "--measure", suite, *words]
    environment = os.environ | dict.fromkeys(THREADS, "1")
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {}


def measured(suite, words):
    """``{name: (ratio, seconds of the base)}``; what fails says so, and is left out."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    dr.keep_memory(2**30)
    figures = {}
    for case in SUITES[suite]():
        if words and not any(word in case.name for word in words):
            continue
        try:
            calls = case.contenders()
            labels = (case.base, *case.labels)
            times = interleaved({label: calls[label] for label in labels}, ROUNDS)
        except Exception as error:
            print(f"{suite}: {case.name}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        base = times[case.base]
        for label in case.labels:
            parts = (suite, case.name) if case.labels == ("dualrev",) else (suite, case.name, label)
            figures[": ".join(parts)] = median_ratio(times[label], base), median(base)
    return figures


if __name__ == "__main__":
    main()
