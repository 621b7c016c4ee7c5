"""What a reader of one kind of page hands to `pipelines.article`: the parts found, before they are an Article."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from pipelines.page import BodyMethod


class NotAnArticle(ValueError):
    """A page without an article on it; the message says why, in words a summary table can print."""


class Paragraph(NamedTuple):
    """One clean paragraph; `quoted` where the page sets it as a block quotation without marks of its own."""

    text: str
    quoted: bool = False


@dataclass(slots=True)
class Reading:
    """The parts of an article as one reader found them; `canonical` is the address the page gives for itself.

    `dates` are (day, method) in the order in which they are to be believed.
    """

    body_method: BodyMethod
    paragraphs: list[Paragraph] = field(default_factory=list)
    title: str | None = None
    standfirst: str | None = None
    byline: str | None = None
    dates: list[tuple[str, str]] = field(default_factory=list)
    canonical: str | None = None
    publisher: str | None = None  # id of the body whose site it says it is
