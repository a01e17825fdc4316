"""What two of Sphinx's extensions get wrong here: lines that cells print, parameters of operators."""

import functools
import inspect

import jupyter_cache.executors.utils
import nbclient
from sphinx.util.inspect import stringify_signature

from dualrev.selection import Derivative


def parameters(app, what, name, member, options, signature, result):
    """The signature of an operator: autodoc takes that of ``__new__``, which takes anything."""
    if what == "class" and issubclass(member, Derivative):
        return stringify_signature(inspect.signature(member), show_annotation=False), result


def setup(app):
    """What Sphinx calls."""
    app.connect("autodoc-process-signature", parameters)
    # What a cell prints comes in parts.  MyST-NB would begin a line at each, nbclient joins them.
    jupyter_cache.executors.utils.executenb = functools.partial(
        nbclient.execute, coalesce_streams=True
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
