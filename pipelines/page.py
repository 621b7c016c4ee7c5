"""A page as it came, and the article read from it: what flows between the item pipelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

BodyMethod = Literal["selectors", "content-api", "feed", "trafilatura", "text", "pdf"]


@dataclass(slots=True)
class Page:
    """One fetched (or saved) page: bytes as they came, and what its source and its listing said about it.

    `headers` has lower-case names. `selectors` is the source's `[source.article]` block of the registry (CSS selectors
    by field), empty for an unknown site; `former` has those for pages fetched before the site was made over, oldest
    first, each with the last day on which it held (`until`). `listed` holds what the listing printed: any of title,
    published, summary. `asked` is the address that was asked for, before redirects: the page is remembered under it.
    `failure` says why there is no body.
    """

    url: str
    body: bytes
    source: str = ""
    publisher: str | None = None  # organisation id, where the source is a body's own site
    kind: str = "article"  # article | press-release | report-summary | blog | other
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fetched_at: str = ""  # UTC, ISO 8601
    selectors: Mapping[str, Any] = field(default_factory=dict)
    former: Sequence[Mapping[str, Any]] = ()
    listed: Mapping[str, str] = field(default_factory=dict)
    archive_file: str | None = None
    archive_offset: int | None = None
    asked: str = ""
    role: Literal["listing", "article"] = "article"
    failure: str | None = None

    @property
    def content_type(self) -> str:
        """The media type in lower case, "" where none was sent."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


@dataclass(slots=True)
class Article:
    """What a reader would call the article: no furniture, clean paragraphs parted by a blank line (`nlp.text`).

    `published` is the calendar day as printed (YYYY-MM-DD), None where none is printed, with `date_method` saying how
    it was found; `block_quotes` are (start, end) of paragraphs in `text` that the page set as block quotations.
    """

    url: str  # clean, of the host that answered
    title: str | None
    text: str
    source: str = ""
    publisher: str | None = None
    kind: str = "article"
    standfirst: str | None = None
    byline: str | None = None
    published: str | None = None
    date_method: str | None = None  # json-ld | meta | selector | listing | text | url
    body_method: BodyMethod = "text"
    block_quotes: tuple[tuple[int, int], ...] = ()
    relevance: float | None = None
    disagreement: float | None = None  # of a second reading of the page: 0 same words, 1 none of them
