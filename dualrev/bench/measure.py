"""How time and memory are taken.  Must not know what is measured."""

import gc
import time
import tracemalloc
from statistics import median

__all__ = ["interleaved", "median_ratio", "peak", "seconds", "short", "tracked"]


def interleaved(calls, rounds=15, slice_seconds=0.01):
    """Seconds a call of each contender, in turn round after round: all see the same machine.

    Of the processor, so that what other programs take does not count.

    Parameters
    ----------
    calls : dict of str to callable
        The contenders.
    rounds : int
        Number of times that each is measured; fewer for calls that take longer than a second.
    slice_seconds : float
        Least time for which a call is repeated in a round.

    Returns
    -------
    dict of str to list of float
    """
    numbers, slowest = {}, 0.0
    for label, call in calls.items():
        call()
        # The least of three: a call that another program interrupts, or that compiles, is no measure.
        once = min(seconds(call) for _ in range(3))
        numbers[label] = max(1, round(slice_seconds / once))
        slowest = max(slowest, once)
    rounds = max(5, min(rounds, round(10 / slowest)))
    times = {label: [] for label in calls}
    for _ in range(rounds):
        for label, call in calls.items():
            number = numbers[label]
            start = time.process_time()
            for _ in range(number):
                call()
            times[label].append((time.process_time() - start) / number)
    return times


def median_ratio(times, base_times):
    """Median of the ratios of matching rounds: a disturbance of the machine hits both."""
    return median(a / b for a, b in zip(times, base_times))


def seconds(call):
    """Seconds that one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def peak(call):
    """Bytes allocated at the worst moment of a call, beyond those before it."""
    call()
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    call()
    _, top = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return top - before


def tracked(call, times=200):
    """Number of objects that calls leave behind for the garbage collector, off meanwhile."""
    call()
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(times):
            call()
        return len(gc.get_objects()) - before
    finally:
        gc.enable()


def short(number, digits=2):
    """A measured number in print: so many digits, or all before the point."""
    return f"{number:.0f}" if number >= 100 else f"{float(f'{number:.{digits}g}'):.12g}"
