"""Reads a page the way tests ask about it: tags, attributes and text, and whether it is whole."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "link", "img", "input", "br", "hr"}
SKIPPED = {"style", "script", "title"}


class Page(HTMLParser):
    """A parsed page.

    tags: (name, attributes) in order. text: what a reader sees, spaces folded. headings: levels in
    order. styles, scripts, data: their contents, data of
    elements that hold JSON. broken: tags that close what is not open.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.styles: list[str] = []
        self.scripts: list[str] = []
        self.data: list[str] = []
        self.broken: list[str] = []
        self._open: list[str] = []
        self._words: list[str] = []
        self.feed(source)
        self.close()
        self.broken += self._open
        self.text = " ".join(" ".join(self._words).split())

    @property
    def headings(self) -> list[int]:
        return [int(n[1]) for n, _ in self.tags if len(n) == 2 and n[0] == "h" and n[1].isdigit()]

    @property
    def ids(self) -> list[str]:
        return [a["id"] for _, a in self.tags if "id" in a]

    def all(self, name: str) -> list[dict[str, str]]:
        """Attributes of every tag of this name."""
        return [attributes for tag, attributes in self.tags if tag == name]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.broken.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside == "style":
            self.styles.append(data)
        elif inside == "script":
            kind = next(attrs for tag, attrs in reversed(self.tags) if tag == "script")
            (self.data if kind.get("type") == "application/json" else self.scripts).append(data)
        elif inside not in SKIPPED:
            self._words.append(data)
