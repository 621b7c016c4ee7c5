"""HTML to clean paragraphs: the one place that knows which elements part text and which hold none of it.

Walks with a stack of its own, since pages nest deeper than Python may call.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PageElement, PreformattedString

from nlp.text import clean_paragraph
from pipelines.furniture import plain
from pipelines.reading import Paragraph

_BLOCKS = frozenset({
    "address", "article", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main", "ol",
    "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_LEFT_OUT = frozenset({
    "aside", "audio", "button", "canvas", "dialog", "embed", "form", "head", "iframe", "input", "map", "math", "nav",
    "noscript", "object", "option", "script", "select", "style", "svg", "template", "textarea", "title", "video",
})  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_PULL_QUOTE = re.compile(r"pull-?_?quote", re.IGNORECASE)
_BREAK = "\x0b"  # stands for <br> until a paragraph is whole: two of them part paragraphs, one is a space
_BREAKS = re.compile(rf"{_BREAK}\s*{_BREAK}[\s{_BREAK}]*")
_OPENING, _CLOSING = "“\"‘'«„", "”\"’'»"
_LEAST_PULLED = 4  # words; fewer may well come twice by chance
_Q_TAG = re.compile(r"<(/?)q(?:\s[^<>]*)?>", re.IGNORECASE)


def parse(html: str) -> BeautifulSoup:
    """The tree of a page; `<q>` becomes the marks that a browser would print."""
    html = _Q_TAG.sub(lambda tag: "”" if tag[1] else "“", html.replace("\x00", ""))
    # html.parser takes seconds for a few kilobytes of unclosed tags; lxml does not. With a doctype of ours in front,
    # bs4 takes nothing for XML or for the name of a file.
    return BeautifulSoup(f"<!DOCTYPE html>{html}".encode("utf-8", "replace"), "lxml", from_encoding="utf-8")


def paragraphs(roots: Iterable[Tag], without: Collection[Tag] = ()) -> list[Paragraph]:
    """The paragraphs under some elements, in order, without those under `without` and without pull quotes.

    A pull quote is a block quotation, or an element classed as one, whose words the body says as well.
    """
    dropped = {id(tag) for tag in without}
    seen: set[int] = set()
    found: list[Paragraph] = []
    for root in roots:
        if not any(id(parent) in seen for parent in root.parents):
            seen.add(id(root))
            found.extend(_walk(root, dropped))
    return _without_pull_quotes(found)


def text_of(tag: Tag) -> str:
    """What an element says, as one clean paragraph."""
    return clean_paragraph(" ".join(text for text, _ in _walk(tag, set())))


class _End:
    """On the stack: here an element ends."""

    def __init__(self, tag: Tag) -> None:
        self.tag = tag


def _walk(root: Tag, dropped: Collection[int]) -> list[Paragraph]:
    found: list[Paragraph] = []
    pieces: list[str] = []
    quotations = naming = 0  # how many elements around here are block quotations, or say whose words they hold

    def flush() -> None:
        quoted = quotations > 0 and not naming
        for part in _BREAKS.split("".join(pieces)):
            if text := clean_paragraph(part.replace(_BREAK, " ")):
                found.append(Paragraph(text, quoted and not _has_marks(text)))
        pieces.clear()

    stack: list[PageElement | _End] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, _End):
            if _is_block(node.tag):
                flush()
            quotations -= _is_quotation(node.tag)
            naming -= _names_speaker(node.tag)
        elif isinstance(node, Tag):
            if id(node) in dropped or _is_hidden(node) or (node is not root and _holds_no_text(node)):
                continue
            if node.name == "br":
                pieces.append(_BREAK)
                continue
            if _is_block(node):
                flush()
            quotations += _is_quotation(node)
            naming += _names_speaker(node)
            stack.append(_End(node))
            stack.extend(reversed(node.contents))
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            pieces.append(node.replace(_BREAK, " "))
    flush()
    return found


def _is_hidden(tag: Tag) -> bool:
    return (
        tag.has_attr("hidden") or tag.get("aria-hidden") == "true" or bool(_HIDDEN.search(str(tag.get("style") or "")))
    )


def _holds_no_text(tag: Tag) -> bool:
    if tag.name in ("figure", "figcaption"):
        # The standard sets a quotation with its speaker as a figure; every other figure is a picture.
        figure = tag if tag.name == "figure" else tag.find_parent("figure")
        return figure is None or figure.find("blockquote") is None
    return tag.name in _LEFT_OUT


def _is_block(tag: Tag) -> bool:
    return tag.name in _BLOCKS or (tag.name == "cite" and _names_speaker(tag))


def _is_quotation(tag: Tag) -> bool:
    classes = " ".join(tag.get("class") or ())
    return tag.name == "blockquote" or (tag.name in _BLOCKS and bool(_PULL_QUOTE.search(classes)))


def _names_speaker(tag: Tag) -> bool:
    """Whether an element in a block quotation says whose words it holds, instead of holding some."""
    return tag.name in ("footer", "figcaption") or (
        tag.name == "cite" and tag.parent is not None and tag.parent.name in ("blockquote", "footer", "figcaption")
    )


def _has_marks(text: str) -> bool:
    return text[0] in _OPENING or text.rstrip(".,")[-1:] in _CLOSING


def _without_pull_quotes(found: list[Paragraph]) -> list[Paragraph]:
    told = " ".join(_words(paragraph.text) for paragraph in found if not paragraph.quoted)
    kept: list[Paragraph] = []
    for paragraph in found:
        words = _words(paragraph.text)
        if paragraph.quoted and len(words.split()) >= _LEAST_PULLED:
            if f" {words} " in f" {told} ":
                continue
            told += f" {words}"
        kept.append(paragraph)
    return kept


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", plain(text)))
