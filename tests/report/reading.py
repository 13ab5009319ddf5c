"""A page as a reader meets it: its visible text and its tags."""

from html.parser import HTMLParser
from typing import Any

from acoustic_sib.report.render import render
from tests.report.example import example_page

BLOCKS = {"p", "h1", "h2", "h3", "h4", "th", "td", "tr", "dt", "dd", "li", "caption", "article"}
EMPTY = {"meta", "link", "br", "path", "use", "img", "col"}


class Reader(HTMLParser):
    """The visible text, the tags with their attributes, and whether every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags, self.open = "", list[tuple[str, dict[str, Any]]](), list[str]()
        self.feed(html)
        self.close()
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in BLOCKS:
            self.text += " "
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def all(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.tags if name == tag]


def read(result: dict[str, Any] | None = None, **options: Any) -> Reader:
    return Reader(render(example_page(result, **options)))
