"""HTML to clean paragraphs: the one place that knows which elements part text and which hold none of it.

Walks with a stack of its own, since pages nest deeper than Python may call.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import islice

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PageElement, PreformattedString

from nlp.text import clean_paragraph
from pipelines.printed import is_credit
from pipelines.pull_quotes import Line, without_pull_quotes
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
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_PULL_QUOTE = re.compile(r"pull-?_?quote", re.IGNORECASE)
_SET_OFF = re.compile(r"quote|pull-?_?out|call-?_?out", re.IGNORECASE)  # in a class: it may repeat the body's words
_CAPTION = frozenset({"caption", "figcaption", "credit", "credits"})  # a word of a class
_MOST_IN_CAPTION = 40  # elements and strings, and words: what holds more is no caption, whatever its class
_BREAK = "\x0b"  # stands for <br> until a paragraph is whole: two of them part paragraphs, one is a space
_BREAKS = re.compile(rf"{_BREAK}\s*{_BREAK}[\s{_BREAK}]*")
_OPENING, _CLOSING = "“\"‘'«„", "”\"’'»"
_Q_TAG = re.compile(r"<(/?)q(?:\s[^<>]*)?>", re.IGNORECASE)


def parse(html: str) -> BeautifulSoup:
    """The tree of a page; `<q>` becomes the marks that a browser would print."""
    html = _Q_TAG.sub(lambda tag: "”" if tag[1] else "“", html.replace("\x00", ""))
    # html.parser takes seconds for a few kilobytes of unclosed tags; lxml does not. With a doctype of ours in front,
    # bs4 takes nothing for XML or for the name of a file.
    return BeautifulSoup(f"<!DOCTYPE html>{html}".encode("utf-8", "replace"), "lxml", from_encoding="utf-8")


def paragraphs(roots: Iterable[Tag], without: Collection[Tag] = (), speakers: Collection[str] = ()) -> list[Paragraph]:
    """The paragraphs under some elements, in order, without those under `without`, captions, credits and pull quotes.

    `speakers` are lines of block quotations that say whose words they hold, where the markup does not.
    """
    dropped = {id(tag) for tag in without}
    seen: set[int] = set()
    found: list[Line] = []
    for root in roots:
        if not any(id(parent) in seen for parent in root.parents):
            seen.add(id(root))
            found.extend(_walk(root, dropped, speakers))
    return without_pull_quotes([line for line in found if not is_credit(line.paragraph.text)])


def text_of(tag: Tag) -> str:
    """What an element says, as one clean paragraph."""
    return clean_paragraph(" ".join(line.paragraph.text for line in _walk(tag, set())))


def classes_of(tag: Tag) -> set[str]:
    """The words of which an element's classes are made, in lower case."""
    return set(re.findall(r"[a-z]+", " ".join(tag.get("class") or ()).lower()))


def speakers_of(page: Tag) -> set[str]:
    """What a page's block quotations print of whose words they hold."""
    names = page.select("blockquote cite, blockquote footer, figure figcaption, figure cite")
    return {text_of(tag) for tag in names if _names_speaker(tag) and _is_short(tag)}


class _End:
    """On the stack: here an element ends."""

    def __init__(self, tag: Tag) -> None:
        self.tag = tag


def _walk(root: Tag, dropped: Collection[int], speakers: Collection[str] = ()) -> list[Line]:
    found: list[Line] = []
    pieces: list[str] = []
    # How many elements around here are block quotations, say whose words they hold, are set off else, are headings.
    quotations = naming = setting_off = headings = 0

    def flush() -> None:
        for part in _BREAKS.split("".join(pieces)):
            if text := clean_paragraph(part.replace(_BREAK, " ")):
                names_speaker = naming > 0 or (quotations > 0 and text in speakers)
                quoted = quotations > 0 and not names_speaker
                set_off = (
                    2 if quoted or (setting_off and not names_speaker) else int(_is_in_marks(text) and not headings)
                )
                found.append(Line(Paragraph(text, quoted and not _has_marks(text)), set_off, names_speaker))
        pieces.clear()

    stack: list[PageElement | _End] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, _End):
            if _is_block(node.tag):
                flush()
            quotations -= _is_quotation(node.tag)
            naming -= _names_speaker(node.tag)
            setting_off -= _is_set_off(node.tag)
            headings -= node.tag.name in _HEADINGS
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
            setting_off += _is_set_off(node)
            headings += node.name in _HEADINGS
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
    return tag.name in _LEFT_OUT or _is_caption(tag)


def _is_caption(tag: Tag) -> bool:
    if tag.name == "caption" or _CAPTION.isdisjoint(classes_of(tag)):
        return False
    return _is_short(tag) and tag.find("blockquote") is None


def _is_short(tag: Tag) -> bool:
    within = list(islice(tag.descendants, _MOST_IN_CAPTION + 1))
    return len(within) <= _MOST_IN_CAPTION and len(tag.get_text(" ").split()) <= _MOST_IN_CAPTION


def _is_block(tag: Tag) -> bool:
    return tag.name in _BLOCKS or (tag.name == "cite" and _names_speaker(tag))


def _is_quotation(tag: Tag) -> bool:
    classes = " ".join(tag.get("class") or ())
    return tag.name == "blockquote" or (tag.name in _BLOCKS and bool(_PULL_QUOTE.search(classes)))


def _is_set_off(tag: Tag) -> bool:
    return tag.name in _BLOCKS and bool(_SET_OFF.search(" ".join(tag.get("class") or ())))


def _names_speaker(tag: Tag) -> bool:
    """Whether an element in a block quotation says whose words it holds, instead of holding some."""
    return tag.name in ("footer", "figcaption") or (
        tag.name == "cite" and tag.parent is not None and tag.parent.name in ("blockquote", "footer", "figcaption")
    )


def _has_marks(text: str) -> bool:
    return text[0] in _OPENING or text.rstrip(".,")[-1:] in _CLOSING


def _is_in_marks(text: str) -> bool:
    return text[0] in _OPENING and text.rstrip(".,")[-1:] in _CLOSING
