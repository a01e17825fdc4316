"""Products of a Jacobian with the seeds of a colouring, from one run of the function on a tape.

Owns how many are computed together.  Must not know what becomes of them.
"""

import numpy as np

from dualrev.columns import at_once
from dualrev.core.batch import Rows
from dualrev.transforms import Trace

__all__ = ["pulled", "pushed"]


def pushed(trace: Trace, seeds):
    """J s of each row s of seeds (count, n): of shape (count, m)."""
    return _swept(trace, trace.push, trace.primals, seeds)


def pulled(trace: Trace, seeds):
    """J^T s of each row s of seeds (count, m): of shape (count, n)."""
    return _swept(trace, trace.pull, trace.ans, seeds)


def _swept(trace, sweep, given, seeds):
    count = at_once(trace.largest())
    ends = np.cumsum([x.size for x in given])
    chunks = []
    for start in range(0, len(seeds), count):
        chunk = seeds[start : start + count]
        rows = Rows(len(chunk), quiet=True)
        try:
            parts = np.split(chunk, ends[:-1], axis=1)
            batches = [
                rows.batch(part.reshape(len(chunk), *x.shape).astype(_seed_dtype(x), copy=False))
                for part, x in zip(parts, given)
            ]
            answers = [rows.spread(x) for x in sweep(batches, check=not start)]
        finally:
            rows.close()
        chunks.append(np.concatenate([x.reshape(len(chunk), -1) for x in answers], axis=1))
    return chunks[0] if len(chunks) == 1 else np.concatenate(chunks)


def _seed_dtype(x):
    return x.dtype if x.dtype.kind in "fc" else np.float64
