"""``python -m dualrev.bench``: prints the table of derivatives beside NumPy and autograd."""

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from statistics import median

import dualrev as dr
from dualrev.bench.chains import SNAPSHOTS, chain
from dualrev.bench.costs import COSTS, OPERATORS, evaluations
from dualrev.bench.measure import interleaved, median_ratio, short
from dualrev.bench.tasks import TASKS, peers

THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
PEERS = ("autograd", "advect", "mygrad", "jax", "asdex", "casadi")
OTHERS = ("by hand", "advect", "MyGrad")
COLUMNS = "work|base, µs|dualrev, µs|ratio|autograd, µs|autograd / dualrev|remarks"


def main(argv=None):
    """Print the tables; the part of each line is measured in a process of its own."""
    parser = argparse.ArgumentParser(
        prog="python -m dualrev.bench",
        description="Print what derivatives cost beside NumPy's own function and autograd.",
    )
    parser.add_argument("words", nargs="*", help="only lines whose name contains one of these")
    parser.add_argument(
        "--memory",
        choices=("returned", "kept", "both"),
        default="both",
        help="whether freed memory goes back to the kernel (the C library's default) or is kept, "
        "as after dualrev.keep_memory; default: both, one table each",
    )
    parser.add_argument("--no-facts", action="store_true", help="leave out loops, import, memory")
    parser.add_argument(
        "--costs",
        action="store_true",
        help="instead of all this: what each operator costs, in evaluations of f",
    )
    parser.add_argument(
        "--chains",
        action="store_true",
        help="instead of all this: time and memory of a gradient through 10 000 steps",
    )
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.measure:
        print(json.dumps(_measured(arguments.measure, arguments.memory == "kept")))
        return
    names = [n for n in TASKS if not arguments.words or any(w in n for w in arguments.words)]
    if not names:
        parser.error(f"no line contains any of these words; there are: {'; '.join(TASKS)}")
    print(machine())
    if arguments.costs:
        _print_costs()
    elif arguments.chains:
        _print_chains()
    else:
        ways = ("returned", "kept") if arguments.memory == "both" else (arguments.memory,)
        _print_tasks(names, ways)
        if not arguments.no_facts and not arguments.words:
            _print_facts()


def _print_head(cells, aligned):
    print(f"\n| {' | '.join(cells)} |\n|---|{aligned}")


def _print_line(cells):
    print(f"| {' | '.join(cells)} |", flush=True)


def _print_costs():
    _print_head(["f works on", *OPERATORS], "---:|" * len(OPERATORS))
    for works_on in COSTS:
        ratios = _in_child(works_on, "returned")
        cells = (short(ratios[name], 3) if name in ratios else "" for name in OPERATORS)
        _print_line([works_on, *cells])


def _print_chains():
    for name in SNAPSHOTS:
        figures = _in_child(name, "returned")
        if name == next(iter(SNAPSHOTS)):
            _print_head(["gradient", *figures], "---:|" * len(figures))
        _print_line([name, *(short(x, 3) for x in figures.values())])


def _print_tasks(names, ways):
    if "autograd" not in peers():
        print("autograd is not installed: its columns are empty (pip install autograd).")
    for way in ways:
        print(f"\nFreed memory {'kept' if way == 'kept' else 'returned to the kernel'}")
        _print_head(COLUMNS.split("|"), "---:|" * 5 + "---|")
        for name in names:
            _print_line(_cells(TASKS[name], _in_child(name, way)))


def _print_facts():
    _print_head(["fact", "measured"], "---|")
    for name in _facts():
        for line in _in_child(name, "returned").items():
            _print_line(line)


def machine():
    """The machine and the versions, in one line."""
    versions = [f"Python {platform.python_version()}"]
    for name in ("numpy", "scipy", *PEERS):
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return f"{_processor()}; {platform.system()}; {', '.join(versions)}"


def _processor():
    try:
        with open("/proc/cpuinfo") as lines:
            models = [s.split(":")[1].strip() for s in lines if s.startswith("model name")]
        return f"{models[0]}, {len(models)} cores"
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def _cells(task, times):
    """One line of the table."""
    micro = {label: 1e6 * median(ts) for label, ts in times.items()}
    mine, base = times["dualrev"], times[task.base]
    ratio = median_ratio(mine, base)
    faster = median_ratio(times["autograd"], mine) if "autograd" in times else None
    remarks = [f"{micro['dualrev'] / task.operations:.2f} µs each"] if task.operations else []
    remarks += [f"{label} {short(micro[label], 3)} µs" for label in OTHERS if label in micro]
    if task.base != "NumPy":
        remarks.append(f"base: {task.base}")
    return (
        task.name,
        short(micro[task.base], 3),
        short(micro["dualrev"], 3),
        f"{ratio:.3g}",
        short(micro["autograd"], 3) if faster else "",
        f"{faster:.3g}" if faster else "",
        ", ".join(remarks),
    )


def _facts():
    from dualrev.bench.facts import FACTS

    return FACTS


def _in_child(name, way):
    """Measure in a fresh process: the C library's thresholds move with what was freed before.

    With one BLAS thread: several wait for each other where the machine has other work.
    """
    command = [sys.executable, "-m", "dualrev.bench", "--measure", name, "--memory", way]
    environment = os.environ | dict.fromkeys(THREADS, "1")
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        reason = done.stderr.strip().splitlines()
        sys.exit(f"{name} failed: {reason[-1] if reason else done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def _measured(name, kept):
    if kept:
        dr.keep_memory(2**30)
    if name in COSTS:
        return evaluations(name)
    if name in SNAPSHOTS:
        return chain(name)
    if name in TASKS:
        return interleaved(TASKS[name].contenders())
    return _facts()[name]()


if __name__ == "__main__":
    main()
