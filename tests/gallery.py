"""The programs of docs/gallery, as their pages have them.  Must not know what they compute."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "docs" / "gallery"
PAGES = sorted(path.stem for path in FOLDER.glob("*.md") if path.stem not in ("index", "times"))


class Cell(NamedTuple):
    """The tags of a cell, and its text without what IPython alone understands."""

    tags: str
    text: str


def cells(page):
    """The cells of a page that compute or draw."""
    found = re.findall(
        r"^```\{code-cell\}\n(?::tags: \[([^\]]*)\]\n)?(.*?)^```",
        (FOLDER / f"{page}.md").read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    return [Cell(tags, text) for tags, text in found if not text.lstrip().startswith("%")]


def run(page, first=None):
    """The names that a page's program makes, or its first cells alone."""
    names = {"__name__": page}
    for number, cell in enumerate(cells(page)[:first]):
        exec(compile(cell.text, f"<{page}, cell {number}>", "exec"), names)
    return names


def in_other_words(page, names, *functions, **meanings):
    """Some of the page's functions, the same text, in which names have other meanings."""
    names = names | meanings
    for cell in cells(page):
        for statement in ast.parse(cell.text).body:
            if isinstance(statement, ast.FunctionDef) and statement.name in functions:
                exec(compile(ast.Module([statement], []), f"<{page}>", "exec"), names)
    return [names[function] for function in functions]
