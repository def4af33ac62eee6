"""What a browser's parser would make of a page: its elements, its texts, and what in it could act."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "hr", "img", "link"}
ACTIVE = {"iframe", "object", "embed", "img", "link", "base", "audio", "video", "source", "math", "template"}


@dataclass
class Element:
    """One element; ``text`` is what stands in it and below it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    parents: tuple[str, ...] = ()


@dataclass
class Page(HTMLParser):
    """A page, read; raises AssertionError where its tags do not fit into each other."""

    source: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self.feed(self.source)
        self.close()
        assert not self._open, [one.tag for one in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        made = Element(tag, {name: value or "" for name, value in attrs}, parents=tuple(one.tag for one in self._open))
        self.elements.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open, tag
        assert self._open[-1].tag == tag, (tag, [one.tag for one in self._open])
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for one in self._open:
            one.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def all(self, tag: str, kind: str | None = None) -> list[Element]:
        """Return the elements of a tag (and of a class) in their order."""
        found = (one for one in self.elements if one.tag == tag)
        return [one for one in found if kind is None or kind in one.attributes.get("class", "").split()]

    def one(self, tag: str, kind: str | None = None) -> Element:
        """Return the only one."""
        (found,) = self.all(tag, kind)
        return found

    @property
    def text(self) -> str:
        """All that is to be read, its white space as one space."""
        return re.sub(r"\s+", " ", self.one("body").text.replace(self.one("script").text, ""))

    def policy(self) -> dict[str, list[str]]:
        """Return the page's own Content-Security-Policy."""
        (policy,) = (
            one.attributes["content"]
            for one in self.all("meta")
            if one.attributes.get("http-equiv") == "Content-Security-Policy"
        )
        return {name: rest for name, *rest in (rule.split() for rule in policy.split(";"))}


def check(source: str) -> Page:
    """Return the page, in which nothing can run, load or lead elsewhere but what is ours."""
    assert source.isascii()
    page = Page(source)
    assert not {one.tag for one in page.elements} & ACTIVE
    for one in page.elements:
        assert not [name for name in one.attributes if name.startswith("on") or name == "style"], one
        assert all(one.attributes.get(name, "#").startswith("#") for name in ("href", "src", "action")), one
    policy = page.policy()
    assert policy.pop("script-src") == [_hash(page.one("script").text)]
    assert policy.pop("style-src") == [_hash(page.one("style").text)]
    assert policy == {name: ["'none'"] for name in ("default-src", "base-uri", "form-action")}
    ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    led = {one.attributes["href"][1:] for one in page.all("a")}
    assert led <= set(ids), led - set(ids)
    return page


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
