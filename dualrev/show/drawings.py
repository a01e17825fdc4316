"""Drawing: boxes and the arrows between them, in graphviz's language or in mermaid's.

Must not know what the boxes stand for.
"""

import html
import os
import re
import shutil
import sysconfig
from pathlib import Path
from typing import Any, NamedTuple

from dualrev import errors

__all__ = ["Drawing", "Node"]

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
        for k, (within, numbers) in enumerate(self._clusters()):
            if within:  # with an id, which else would be the text: that of a node, or of a keyword
                lines.append(f'  subgraph s{k}["{_entities(within)}"]')
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
        graphviz = errors.package("graphviz", "Graphviz's language is written by", "show")
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
                    width=f"{_width(node):.2f}",
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
                label=graphviz.escape(_off_its_edge(label)),
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
                fix="save it as .mmd, which needs no program",
            )
        return _centred(done.stdout) if form == "svg" else done.stdout

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
        form = path.suffix.removeprefix(".").lower()
        if form in ("dot", "gv"):
            content = self.dot.encode()
        elif form in ("mmd", "mermaid"):
            content = self.mermaid.encode()
        else:
            content = self._laid_out(form or "svg")
            if content is None:
                raise errors.ArgumentError(
                    "No program is found that lays out graphs.",
                    fix="pip install graphviz-pure, which does",
                )
        path.write_bytes(content)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        try:
            svg = self.svg
        except errors.DualrevError:  # no package graphviz, or a program that does not work
            svg = None
        if svg is None:
            return {
                "text/vnd.mermaid": self.mermaid,
                "text/markdown": f"```mermaid\n{self.mermaid}\n```",
                "text/plain": self.mermaid,
            }
        # No wider than the page, but for a narrow one, which scrolls: its text is to be read.
        width = float(re.findall(r'width="([\d.]+)pt"', svg)[0])
        style = f"max-width:max(100%,{0.7 * width:.0f}pt);height:auto"
        inline = svg.replace("<svg ", f'<svg style="{style}" ', 1)
        return {"text/html": inline, "image/svg+xml": svg, "text/plain": repr(self)}

    def _clusters(self):
        """Numbers of the nodes by the function around them; the empty name comes first."""
        clusters: dict[str, list[int]] = {"": []}
        for i, node in self.nodes.items():
            clusters.setdefault(node.within, []).append(i)
        return clusters.items()


def _width(node):
    """Inches that the longest line of a box takes in bold Helvetica, and its margins.

    graphviz-pure measures bold text as if it were not, and a page may have other fonts than the program.
    """
    ems = (
        sum(0.33 if c in " .,:;!|/()[]ijlft'" else 0.9 if c in "mwMW@%" else 0.6 for c in line)
        for line in (node.title, node.value, node.derivative)
    )
    return max(ems) * float(_BOX["fontsize"]) / 72 + 0.24


def _off_its_edge(label):
    """With spaces around it, more where graphviz-pure takes a long one for shorter than it is."""
    space = " " * (2 + len(label) // 12)
    return f"{space}{label}{space}" if label else ""


def _centred(svg):
    """A picture whose text stands in the middle of its boxes, however wide a page's font makes it."""

    def of_box(match):
        box = match[0]
        (outline,) = re.findall(rb' d="(.*?)"', box)
        xs = [float(x) for x in re.findall(rb"(-?[\d.]+),", outline)]
        middle = b'text-anchor="middle" x="%.2f"' % ((min(xs) + max(xs)) / 2)
        return re.sub(rb'text-anchor="\w+" x="[-\d.]+"', middle, box)

    return re.sub(rb'class="node">.*?</a>', of_box, svg, flags=re.DOTALL)


def _dot_label(node, color):
    lines = [f"<b>{html.escape(node.title)}</b>"]
    if node.value:
        lines.append(html.escape(node.value))
    if node.derivative:
        lines.append(f'<font color="{color}"><b>{html.escape(node.derivative)}</b></font>')
    return f"<{'<br/>'.join(lines)}>"


def _mermaid_label(node):
    lines = [f"<b>{_entities(node.title)}</b>", _entities(node.value)]
    if node.derivative:
        lines.append(f"<i>{_entities(node.derivative)}</i>")
    return "<br/>".join(filter(None, lines))


_ENTITIES = str.maketrans(
    {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;"}
)


def _entities(text):
    """Text inside mermaid's quotes."""
    return text.translate(_ENTITIES)
