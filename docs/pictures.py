"""Pictures: a directive for that of another page, and what is read out where there is none.

Must not know what the pages are about.
"""

from typing import ClassVar

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective


class Place(nodes.General, nodes.Element):
    """Where a picture will be: its page may not be read yet."""


class Picture(SphinxDirective):
    """``{picture} page``: the last picture of a page, or that of ``:number:``, from 0 on."""

    required_arguments = 1
    option_spec: ClassVar = {"number": int}

    def run(self):
        """Keep the place."""
        page = self.arguments[0]
        self.env.note_dependency(self.env.doc2path(page))
        return [Place(page=page, number=self.options.get("number", -1))]


class FillPlaces(SphinxPostTransform):
    """The pictures, as the builds of their pages made them."""

    default_priority = 1  # before images are converted

    def run(self, **kwargs):
        """Put a copy of each picture in its place."""
        for place in list(self.document.findall(Place)):
            page = self.env.get_doctree(place["page"])
            picture = list(page.findall(nodes.image))[place["number"]].deepcopy()
            picture["alt"] = next(page.findall(nodes.title)).astext()
            place.replace_self(picture)


class NamePictures(SphinxPostTransform):
    """A picture that a cell of a notebook has made is called by the section that it stands in."""

    default_priority = 2

    def run(self, **kwargs):
        """Write the title of the section; HTML would show the name of a file."""
        for picture in self.document.findall(nodes.image):
            section = picture.parent
            while section and not isinstance(section, nodes.section):
                section = section.parent
            if section and "alt" not in picture:
                picture["alt"] = next(section.findall(nodes.title)).astext()


def setup(app):
    """What Sphinx calls."""
    app.add_directive("picture", Picture)
    app.add_post_transform(FillPlaces)
    app.add_post_transform(NamePictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
