"""How far a long sweep is: a bar of tqdm's, or what the user gives instead.

Must not know what is swept.
"""

from collections.abc import Callable, Iterable
from typing import Any

from dualrev import errors

__all__ = ["checked_progress", "shown"]

_MEANING = "progress is True, False, or a callable that wraps an iterable as tqdm does"


def _tqdm() -> Any:
    return errors.package("tqdm.auto", "progress=True needs", "show").tqdm


def checked_progress(progress: bool | Callable) -> bool | Callable:
    """The option as it was given, or an error that says what it may be."""
    if progress is True:
        _tqdm()  # that it is missing is said before f runs
    elif progress is not False and not callable(progress):
        raise errors.ArgumentError(f"progress is {progress!r}.", fix=_MEANING)
    return progress


def shown(progress: bool | Callable, unit: str, name: str) -> Callable:
    """A ``map`` over a range that shows how far it is; however it ends, the bar is closed."""

    def with_bar(do, steps):
        with _tqdm()(total=steps.stop, unit=f" {unit}", desc=name) as bar:
            for step in steps:
                yield do(step)
                bar.update(min(steps.step, steps.stop - step))

    def with_callable(do, steps):
        wrapped = progress(steps)
        if not isinstance(wrapped, Iterable):
            raise errors.ArgumentError(
                f"progress returned a {type(wrapped).__name__}, which is no iterable.",
                where="",
                fix=_MEANING,
            )
        shown = iter(wrapped)
        try:
            # What is shown comes first: it counts a step when it is asked for the next one.
            done = [do(step) for _, step in zip(shown, steps)]
        finally:
            if hasattr(shown, "close"):
                shown.close()
        if len(done) != len(steps):
            raise errors.ArgumentError(
                f"progress was given {len(steps)} steps and passed on {len(done)}.",
                where="",
                fix=_MEANING,
            )
        return done

    return with_bar if progress is True else with_callable
