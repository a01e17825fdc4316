"""draw: the computational graph, in graphviz's language or in mermaid's.

Must not know how a function is recorded.
"""

import html
import os
import shutil
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dualrev.core import errors
from dualrev.show.recording import Recording, Step, brief

__all__ = ["Drawing", "draw"]

# More operations than this are grouped.
_LIMIT = 40
_PROGRAMS = ("dot", "graphviz-pure")
# Mid-gray on no background, boxes light with dark text: legible on a light page and on a dark one.
_INK, _LINE = "#1a202c", "#7a8290"
_FILL = {"argument": "#fde8c8", "result": "#d3ecd8", "idle": "#e9ebee", "": "#e8eef8"}
_SWEEP = {"forward": "#d9660a", "reverse": "#2f81c7"}
_FONT = {"fontname": "Helvetica,Arial,sans-serif", "fontsize": "11"}
_BOX = {**_FONT, "fontsize": "12", "shape": "box", "style": "rounded,filled", "margin": "0.12,0.06"}


class Node(NamedTuple):
    """A box: an operation, or several of one line or function."""

    title: str
    #: The primal, or its shape.
    value: str
    #: The tangent or cotangent, where a pass is shown.
    derivative: str
    #: Whether the pass that is shown goes through it.
    active: bool
    #: argument, result, idle (without influence on the result), or empty.
    kind: str
    tooltip: str
    #: The user's function around it, where boxes are groups.
    within: str


class Drawing:
    """A computational graph.

    A notebook shows it as SVG, or as mermaid text where no program lays it out; ``print(drawing)``
    gives the mermaid text, which Markdown renderers draw.

    Attributes
    ----------
    nodes : dict of int to Node
        The boxes.
    edges : dict of (int, int) to str
        Source and target, in the order of evaluation; the label is the local derivative.
    """

    def __init__(self, name: str, nodes: dict[int, Node], edges: dict, mode: str | None):
        self.name = name
        self.nodes = nodes
        self.edges = edges
        self.mode = mode

    def __repr__(self) -> str:
        counts = f"{len(self.nodes)} nodes, {len(self.edges)} edges"
        return f"<Drawing of {self.name}: {counts}; .save('graph.svg') writes it>"

    def __str__(self) -> str:
        return self.mermaid

    @property
    def mermaid(self) -> str:
        """The graph as mermaid text: what Markdown renderers draw."""
        # The arguments stay at the top.
        lines = ["flowchart BT" if self.mode == "reverse" else "flowchart TD"]
        for within, numbers in self._clusters():
            if within:
                lines.append(f'  subgraph "{_entities(within)}"')
            lines += [f'  n{i}["{_mermaid_label(self.nodes[i])}"]' for i in numbers]
            if within:
                lines.append("  end")
        for (source, target), label in self.edges.items():
            ends = (target, source) if self.mode == "reverse" else (source, target)
            arrow = f'-- "{_entities(label)}" -->' if label else "-->"
            lines.append(f"  n{ends[0]} {arrow} n{ends[1]}")
        for kind, color in _FILL.items():
            lines.append(f"  classDef {kind or 'plain'} fill:{color},stroke:{_LINE},color:{_INK}")
        lines += [f"  class n{i} {node.kind or 'plain'}" for i, node in self.nodes.items()]
        return "\n".join(lines)

    @property
    def dot(self) -> str:
        """The graph in graphviz's language; takes the package graphviz."""
        try:
            import graphviz
        except ImportError as error:
            raise errors.MissingPackageError(
                "Graphviz's language is written by the package graphviz, which is not installed.",
                fix="pip install 'dualrev[show]', or take the attribute mermaid",
            ) from error
        color = _LINE if self.mode is None else _SWEEP[self.mode]
        graph = graphviz.Digraph(
            self.name,
            graph_attr={"bgcolor": "transparent", "nodesep": "0.3", "ranksep": "0.35"},
            node_attr={**_BOX, "color": _LINE, "fontcolor": _INK},
            edge_attr={**_FONT, "color": color, "fontcolor": color, "arrowsize": "0.7"},
        )
        if self.mode == "reverse":
            graph.attr("edge", dir="back")
        for k, (within, numbers) in enumerate(self._clusters()):
            part = graphviz.Digraph(f"cluster_{k}") if within else graph
            for i in numbers:
                node = self.nodes[i]
                part.node(
                    f"n{i}",
                    _dot_label(node, color),
                    fillcolor=_FILL[node.kind],
                    tooltip=graphviz.escape(node.tooltip or node.title),
                )
            if within:
                part.attr(
                    label=graphviz.escape(within), color=_LINE, fontcolor=_LINE, style="rounded"
                )
                part.attr(**_FONT)
                graph.subgraph(part)
        for (source, target), label in self.edges.items():
            active = self.nodes[target if self.mode == "reverse" else source].active
            graph.edge(
                f"n{source}",
                f"n{target}",
                label=graphviz.escape(f" {label} " if label else ""),  # a space off its edge
                **({} if active else {"color": _LINE, "fontcolor": _LINE}),
            )
        return graph.source

    @property
    def svg(self) -> str | None:
        """The picture, or None where neither of the programs dot and graphviz-pure is found."""
        picture = self._laid_out("svg")
        if picture is None:
            return None
        text = picture.decode()
        return text[text.index("<svg") :]

    def _laid_out(self, form):
        import subprocess  # 4 ms, which importing dualrev need not take

        # What pip installs is beside Python, also where its environment is not activated.
        places = os.pathsep.join([os.environ.get("PATH", ""), sysconfig.get_path("scripts")])
        found = (shutil.which(name, path=places) for name in _PROGRAMS)
        program = next(filter(None, found), None)
        if program is None:
            return None
        done = subprocess.run(
            [program, f"-T{form}"], input=self.dot.encode(), capture_output=True, check=False
        )
        if done.returncode:
            raise errors.ArgumentError(
                f"{program} could not write the graph as {form}: {done.stderr.decode().strip()}",
                fix="save it as .svg, .dot or .mmd",
            )
        return done.stdout

    def save(self, path: Any) -> None:
        """Write the drawing to a file, in the format that the name ends with.

        Parameters
        ----------
        path : str or path
            ``.dot`` or ``.gv`` (text for graphviz), ``.mmd`` (mermaid), ``.svg``, or what the
            program dot writes besides: ``.png``, ``.pdf``.

        Raises
        ------
        ArgumentError
            Where a picture is asked for and no program is found that lays it out.
        """
        path = Path(path)
        form = path.suffix.removeprefix(".")
        if form in ("dot", "gv"):
            content = self.dot.encode()
        elif form in ("mmd", "mermaid"):
            content = self.mermaid.encode()
        else:
            content = self._laid_out(form or "svg")
            if content is None:
                raise errors.ArgumentError(
                    "No program is found that lays out graphs.",
                    fix="install Graphviz, or pip install graphviz-pure; .dot and .mmd need none",
                )
        path.write_bytes(content)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        try:
            svg = self.svg
        except errors.MissingPackageError:
            svg = None
        if svg is None:
            return {
                "text/vnd.mermaid": self.mermaid,
                "text/markdown": f"```mermaid\n{self.mermaid}\n```",
                "text/plain": self.mermaid,
            }
        # No wider than the page, nor than itself.
        inline = svg.replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)
        return {"text/html": inline, "image/svg+xml": svg, "text/plain": repr(self)}

    def _clusters(self):
        """Numbers of the nodes by the function around them; the empty name comes first."""
        clusters: dict[str, list[int]] = {"": []}
        for i, node in self.nodes.items():
            clusters.setdefault(node.within, []).append(i)
        return clusters.items()


def _dot_label(node, color):
    lines = [f"<b>{html.escape(node.title)}</b>"]
    if node.value:
        lines.append(html.escape(node.value))
    if node.derivative:
        lines.append(f'<font color="{color}"><b>{html.escape(node.derivative)}</b></font>')
    return f"<{'<br/>'.join(lines)}>"


def _mermaid_label(node):
    lines = [
        f"<b>{_entities(node.title)}</b>",
        node.value,
        node.derivative and f"<i>{node.derivative}</i>",
    ]
    return "<br/>".join(filter(None, lines))


def _entities(text):
    """Text inside mermaid's quotes."""
    return (
        text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    )


def draw(
    f: Callable,
    *args: Any,
    mode: str | None = None,
    tangents: Any = None,
    ct: Any = None,
    group: str | None = None,
) -> Drawing:
    """Computational graph of a function: operations, their values, local derivatives on the edges.

    By the chain rule a tangent is multiplied by the labels along its way down, a cotangent by the
    labels along its way up; where several edges meet, the products are added (Bauer 1974; Griewank
    and Walther 2008, section 2.2).

    Parameters
    ----------
    f : callable
        Function of arrays, or of structures of arrays.
    *args
        Its arguments.
    mode : {None, "forward", "reverse"}
        Which pass is shown: tangents in the boxes and arrows downward, or cotangents in the boxes
        and arrows upward.
    tangents : tuple, optional
        The direction that is pushed; as in :func:`trace_table`.
    ct : array or structure of arrays, optional
        The cotangent of the result that is pulled; as in :func:`trace_table`.
    group : {None, "operation", "line", "function"}
        What a box is.  By default the finest that gives no more than 40 boxes, lines of code or else
        functions where that is not possible; with the functions of the user as frames.

    Returns
    -------
    Drawing
        SVG in a notebook; ``.save(path)``, and the texts ``.svg``, ``.dot`` and ``.mermaid``.

    Notes
    -----
    The layout is made by Graphviz's program ``dot``, or by ``graphviz-pure``, which pip installs.
    Where neither is found a notebook gets mermaid text, which JupyterLab and GitHub draw.  Local
    derivatives of arrays with more than four elements are shown by the shapes of their ends.

    Examples
    --------
    >>> import numpy as np
    >>> from dualrev.show import draw
    >>> drawing = draw(lambda x, y: np.sin(x) * y, 0.5, 2.0, mode="reverse")
    >>> drawing.edges
    {(0, 2): '0.8776', (2, 3): '2', (1, 3): '0.4794'}
    """
    if mode not in (None, "forward", "reverse"):
        raise errors.ArgumentError(f"mode is {mode!r}.", fix='mode is None, "forward" or "reverse"')
    if group not in (None, "operation", "line", "function"):
        raise errors.ArgumentError(
            f"group is {group!r}.", fix='group is None, "operation", "line" or "function"'
        )
    recording = Recording(f, args, tangents, ct)
    steps = recording.steps
    if group is None:
        counts = {how: len(set(_grouped(steps, how))) for how in _GROUPS}
        group = next((how for how, count in counts.items() if count <= _LIMIT), "function")
    numbers = _grouped(steps, group)
    boxes: dict[int, list[int]] = {}
    for i, number in enumerate(numbers):
        boxes.setdefault(number, []).append(i)
    nodes = {
        number: _node(steps, members, recording.results, mode, group)
        for number, members in boxes.items()
    }
    edges: dict[tuple[int, int], list[str]] = {}
    for i, step in enumerate(steps):
        for parent, partial in zip(step.parents, step.partials):
            if numbers[parent] != numbers[i]:
                edges.setdefault((numbers[parent], numbers[i]), []).append(_label(partial))
    labels = {
        ends: ", ".join(filter(None, many)) if group == "operation" else ""
        for ends, many in edges.items()
    }
    return Drawing(recording.name, nodes, labels, mode)


def _argument(record):
    return record.name.partition("[")[0]


#: What the steps of one box have in common.
_GROUPS: dict[str, Callable] = {
    "operation": lambda record: record.name,
    "line": lambda record: (record.within, record.where) if record.operation else _argument(record),
    "function": lambda record: (record.within,) if record.operation else _argument(record),
}


def _grouped(steps: list[Step], group: str) -> list[int]:
    """For each step the number of its box: that of the first step in it."""
    first: dict[Any, int] = {}
    return [first.setdefault(_GROUPS[group](step.record), i) for i, step in enumerate(steps)]


def _node(steps, members, results, mode, group):
    """The box of some steps."""
    last = steps[members[-1]]
    record = last.record
    if any(i in results for i in members):
        kind = "result"
    elif not record.operation:
        kind = "argument"
    else:
        kind = "idle" if all(steps[i].record.cotangent is None for i in members) else ""
    place = f"{record.where}: {last.line}" if record.where else ""
    if group != "operation" and (record.operation or len(members) > 1):
        unit = "operation" if record.operation else "array"
        value = f"{len(members)} {unit}{'s' if len(members) > 1 else ''}"
        title = last.line if group == "line" else record.within
        within = record.within if group == "line" else ""
        active = any(_is_active(steps[i].record, mode) for i in members)
        title = _cut(title) if record.operation else _argument(record)
        return Node(title or "operations of dualrev", value, "", active, kind, place, within)
    title = f"{record.name} = {record.operation}" if record.operation else record.name
    derivative = ""
    if mode is not None:
        d = _derivative(record, mode)
        derivative = f"{'t' if mode == 'forward' else 'ct'} {'0' if d is None else brief(d, 4)}"
    active = _is_active(record, mode)
    return Node(_cut(title), brief(record.primal, 4), derivative, active, kind, place, "")


def _derivative(record, mode):
    return record.tangent if mode == "forward" else record.cotangent


def _is_active(record, mode):
    if mode is None:
        return True
    d = _derivative(record, mode)
    return d is not None and any(np.any(part) for part in (d if isinstance(d, tuple) else (d,)))


def _cut(text, width=44):
    return text if len(text) <= width else f"{text[: width - 3]}..."


def _label(partial):
    return "" if partial is None else partial if isinstance(partial, str) else brief(partial, 4)
