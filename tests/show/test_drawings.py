"""The graph in both languages, its groups, and what happens where programs are absent."""

import dataclasses
import html
import re
import shutil
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest

import dualrev as dr
from dualrev.show import draw, drawings
from tests.show.programs import PROGRAMS, griewank, network


@pytest.fixture
def without_dot(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))


@pytest.fixture
def without_graphviz(monkeypatch):
    monkeypatch.setitem(sys.modules, "graphviz", None)


def deep(n):
    return draw(network, [np.eye(2)] * n, np.ones(2))


@pytest.mark.parametrize("mode", [None, "forward", "reverse"])
@pytest.mark.parametrize(("f", "args"), PROGRAMS, ids=lambda x: getattr(x, "__name__", ""))
def test_every_program_is_laid_out(f, args, mode):
    drawing = draw(f, *args, mode=mode)
    assert drawing.svg.startswith("<svg")
    assert drawing.svg.count('class="node"') == len(drawing.nodes)
    assert drawing.svg.count('class="edge"') == len(drawing.edges)


def test_edges_are_labelled_with_local_derivatives():
    drawing = draw(lambda x: x * x, 3.0)
    assert drawing.edges == {(0, 1): "3, 3"}


def test_the_reverse_pass_has_cotangents_and_arrows_upward():
    drawing = draw(np.exp, 0.0, mode="reverse")
    assert [node.derivative for node in drawing.nodes.values()] == ["ct 1", "ct 1"]
    assert 'n1 -- "1" --> n0' in drawing.mermaid
    assert "dir=back" in drawing.dot


def test_the_forward_pass_goes_where_the_direction_leads():
    drawing = draw(lambda x, y: np.sin(x) + np.cos(y), 0.5, 0.5, mode="forward")
    active = [node.title for node in drawing.nodes.values() if node.active]
    assert active == ["x", "v1 = sin(x)", "v3 = v1 + v2"]


def test_what_has_no_influence_on_the_result_is_idle():
    def f(x):
        np.cos(x)
        return np.sin(x)

    kinds = {node.title: node.kind for node in draw(f, 0.5).nodes.values()}
    assert kinds == {"x": "argument", "v1 = cos(x)": "idle", "v2 = sin(x)": "result"}


def test_large_graphs_are_grouped_by_line_then_by_function():
    drawing = deep(30)
    titles = [node.title for node in drawing.nodes.values()]
    assert titles == ["weights", "x", "return np.tanh(w @ x)", "return np.sum(x**2)"]
    assert [n.value for n in drawing.nodes.values()][:3] == ["30 arrays", "[1 1]", "60 operations"]
    assert [n.within for n in drawing.nodes.values()] == ["", "", "layer", "network"]
    assert "subgraph" in drawing.mermaid
    assert "subgraph cluster_" in drawing.dot

    by_function = draw(network, [np.eye(2)] * 30, np.ones(2), group="function")
    assert [n.title for n in by_function.nodes.values()] == ["weights", "x", "layer", "network"]


def test_a_group_may_be_chosen():
    assert len(draw(network, [np.eye(2)] * 2, np.ones(2), group="line").nodes) == 4
    assert len(draw(network, [np.eye(2)] * 30, np.ones(2), group="operation").nodes) == 93


def test_a_program_of_many_lines_is_grouped_by_function():
    lines = "\n".join(f"    x = np.sin(x)  # {k}" for k in range(60))
    space = {"np": np}
    exec(f"def f(x):\n{lines}\n    return x", space)
    assert [node.title for node in draw(space["f"], 0.5).nodes.values()] == ["x", "f"]


class Square:
    def __call__(self, x):
        return x**2


class Sine:
    def __call__(self, x):
        return np.sin(x)


def test_methods_of_one_name_are_two_groups():
    drawing = draw(lambda x: Sine()(Square()(x)), 0.5, group="function")
    assert [node.title for node in drawing.nodes.values()] == [
        "x",
        "Square.__call__",
        "Sine.__call__",
    ]


def test_the_same_line_of_two_files_is_two_groups():
    """As in the cells of a notebook."""
    spaces = [{"np": np} for _ in range(2)]
    for space, name in zip(spaces, "ab"):
        exec(compile("def f(x):\n    return np.sin(x)", f"<{name}>", "exec"), space)
    first, second = (space["f"] for space in spaces)
    for group in ("line", "function"):
        assert len(draw(lambda x: first(second(x)), 0.5, group=group).nodes) == 3


def n1(x):
    return np.sin(x)


def end(x):
    return n1(x)


def test_frames_in_mermaid_have_ids_of_their_own():
    """A function may be named like a box, or like a word of the language."""
    text = draw(lambda x: end(n1(x) + 1), 0.5, group="line").mermaid
    frames = [line.split()[1] for line in text.splitlines() if "subgraph" in line]
    assert frames == ['s1["n1"]', 's2["#lt;lambda#gt;"]']


def test_every_one_of_many_results_is_marked():
    n = 2000
    drawing = draw(lambda x: [x[k] * 2 for k in range(n)], np.ones(n), group="operation")
    assert [node.kind for node in drawing.nodes.values()].count("result") == n


@pytest.mark.parametrize("text", ['"', "<b>", "a|b", "#", "\\N", "{", "&amp;", "é", "\n"])
def test_any_text_in_a_structure_is_quoted(text):
    drawing = draw(lambda p: p[text] * 2, {text: 1.0})
    assert drawing.svg.count('class="node"') == 2
    inner = [line.partition('["')[2].rpartition('"]')[0] for line in drawing.mermaid.splitlines()]
    assert not any('"' in label for label in inner)


def test_entities_in_the_text_of_a_structure_stay_text():
    assert "p['#amp;lt;']" in draw(lambda p: p["&lt;"] * 2, {"&lt;": 1.0}).mermaid


def test_a_notebook_gets_svg():
    bundle = draw(np.exp, 0.0)._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg")
    assert "max-width:max(100%," in bundle["text/html"]


def test_a_notebook_gets_mermaid_where_no_program_is_found(without_dot):
    bundle = draw(np.exp, 0.0)._repr_mimebundle_()
    assert set(bundle) == {"text/vnd.mermaid", "text/markdown", "text/plain"}
    assert bundle["text/markdown"].startswith("```mermaid\nflowchart TD")


def test_a_notebook_gets_mermaid_where_the_program_does_not_work(monkeypatch, tmp_path):
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert "text/vnd.mermaid" in draw(np.exp, 0.0)._repr_mimebundle_()


def test_a_notebook_gets_mermaid_where_the_package_is_absent(without_graphviz):
    assert "text/vnd.mermaid" in draw(np.exp, 0.0)._repr_mimebundle_()


def test_print_gives_mermaid_in_any_environment(without_dot, without_graphviz):
    assert str(draw(np.exp, 0.0)).splitlines()[:2] == ["flowchart TD", '  n0["<b>x</b><br/>0"]']


def test_without_the_package_the_dot_text_says_what_to_install(without_graphviz):
    with pytest.raises(dr.MissingPackageError, match=r"pip install 'dualrev\[show\]'"):
        _ = draw(np.exp, 0.0).dot


def test_without_a_program_a_picture_is_refused_and_text_is_written(without_dot, tmp_path):
    drawing = draw(np.exp, 0.0)
    with pytest.raises(dr.ArgumentError, match="graphviz-pure"):
        drawing.save(tmp_path / "graph.svg")
    for name in ("graph.dot", "graph.gv", "graph.mmd"):
        drawing.save(tmp_path / name)
        assert (tmp_path / name).read_text()


@pytest.mark.parametrize(("name", "begin"), [("g.svg", b"<?xml"), ("g.png", b"\x89PNG")])
def test_a_drawing_is_saved_in_the_format_of_the_name(tmp_path, name, begin):
    draw(griewank, 1.5, 0.5).save(tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(begin)


def test_an_unknown_format_says_which_there_are(tmp_path):
    with pytest.raises(dr.ArgumentError, match="could not write the graph as nonsense"):
        draw(np.exp, 0.0).save(tmp_path / "graph.nonsense")


@pytest.mark.parametrize("program", [p for p in drawings._PROGRAMS if shutil.which(p)])
def test_each_program_lays_out_the_same_graph(monkeypatch, program):
    monkeypatch.setattr(drawings, "_PROGRAMS", (program,))
    assert draw(griewank, 1.5, 0.5, mode="reverse").svg.count('class="edge"') == 13


@pytest.mark.parametrize("program", [p for p in drawings._PROGRAMS if shutil.which(p)])
def test_text_stands_in_the_middle_of_its_box_and_fits(monkeypatch, program):
    """Bold text, too: half an em a character, which Helvetica needs for words and numbers."""
    monkeypatch.setattr(drawings, "_PROGRAMS", (program,))
    svg = draw(griewank, 1.5, 0.5, mode="reverse").svg
    boxes = re.findall(r'class="node">.*?</a>', svg, re.DOTALL)
    for box in boxes:
        outline = [float(x) for x in re.findall(r"(-?[\d.]+),-", re.search(r' d="(.*?)"', box)[1])]
        middle = (min(outline) + max(outline)) / 2
        lines = re.findall(r'text-anchor="middle" x="(.*?)".*?>(.*?)</text>', box)
        assert box.count("<text") == len(lines) > 0
        for x, text in lines:
            assert abs(middle - float(x)) < 0.01
            assert len(html.unescape(text)) * 6 < max(outline) - min(outline)
    assert len(boxes) == 10


@pytest.mark.parametrize("options", [{"mode": "backward"}, {"group": "file"}])
def test_an_unknown_option_is_refused(options):
    with pytest.raises(dr.ArgumentError, match="is None,"):
        draw(np.exp, 0.0, **options)


def test_the_graph_in_the_readme_is_what_draw_writes():
    text = (Path(__file__).parents[2] / "README.md").read_text()
    graph = text.partition("```mermaid\n")[2].partition("\n```")[0]
    program = "def textbook" + text.partition("def textbook")[2].partition("```")[0]
    space = {"np": np}
    exec(program, space)
    assert graph == draw(space["textbook"], 1.5, 0.5, mode="reverse").mermaid


def test_fields_of_a_dataclass_are_named_as_they_are_written():
    @dataclasses.dataclass
    class Spring:
        stiffness: float
        ends: np.ndarray

    spring = Spring(2.0, np.ones(2))
    drawing = draw(lambda s: s.stiffness * np.sum(s.ends**2), spring)
    titles = [node.title for node in drawing.nodes.values()]
    assert titles[:2] == ["s.stiffness", "s.ends"]
    grouped = draw(lambda s: s.stiffness * np.sum(s.ends**2), spring, group="function")
    assert [node.title for node in grouped.nodes.values()] == ["s", "<lambda>"]
