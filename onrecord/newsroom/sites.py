"""The shapes of the sites: which addresses each has, and what it answers there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Self

from jinja2 import Environment, PackageLoader, StrictUndefined

from nlp.text import clean_text
from onrecord.newsroom.content import Article, articles

KEY = "demo"  # what the programming interfaces that need a key take for one
_MEDIA = {"rss": "application/rss+xml", "atom": "application/atom+xml", "html": "text/html", "xml": "application/xml"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a site answers: a body of `media` type; `modified` is None where the site prints no Last-Modified."""

    body: bytes
    media: str = "text/html"
    modified: datetime | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, answer: Any, modified: datetime | None = None, status: int = 200) -> Self:
        """What a programming interface answers."""
        body = json.dumps(answer, ensure_ascii=False, indent=1).encode()
        return cls(body, "application/json", modified, status)

    @property
    def etag(self) -> str:
        """A strong validator of the body, in quotation marks."""
        return f'"{sha256(self.body).hexdigest()[:20]}"'


@dataclass(frozen=True, slots=True)
class Expected:
    """One article as a perfect reader finds it on a site.

    `text` holds headings, block quotations and notes to editors as paragraphs parted by a blank line; furniture,
    captions, pull quotes, standfirst and byline are not in it. `block_quotes` are the paragraphs, word for word, that
    the page sets as quotations without marks. `published` is the calendar day as printed (YYYY-MM-DD).
    """

    url: str
    title: str
    standfirst: str | None
    byline: str | None
    published: str
    text: str
    block_quotes: tuple[str, ...]
    off_topic: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """A site's name and addresses: `page` is where an article stands; `robots` None means there is no such file."""

    name: str
    listing: str
    form: str  # rss | atom | html | json (an API, not a page)
    page: str = "/news/{article.id}"
    robots: str | None = "User-agent: *\nDisallow: /search\n"
    per_page: int = 100  # articles on one page of the listing


SHAPES: Mapping[str, Shape] = {
    "dcs-association": Shape(
        "Alliance of Children’s Services Directors",
        "/feed/",
        "rss",
        "/news/{article.id}/",
        "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n",
    ),
    "inspectorate-govuk": Shape("GOV.UK", "/api/search.json", "json", "/government/news/{article.id}"),
    "council-newsroom": Shape("Westmere Council", "/news", "html", per_page=4),
    "trade-weekly": Shape(
        "Care & Council Weekly",
        "/feed/atom/",
        "atom",
        "/{article.published:%Y/%m/%d}/{article.id}/",
        "User-agent: *\nCrawl-delay: 0.1\nDisallow: /?s=\n",
    ),
    "charity-press": Shape("Harbourside for Children", "/press-releases", "html", "/press-releases/{article.id}"),
    "local-paper": Shape("Westmere Echo", "/rss.xml", "rss", "/news/{article.id}.html", robots=None),
    "national-paper": Shape(
        "The Northern Ledger",
        "/search",
        "json",
        "/society/{article.published:%Y}/{article.id}",
        "User-agent: *\nDisallow: /sendarticle/\n",
    ),
    "parliament-record": Shape("What They Said", "/api/getDebates", "json", "/debates/?id={article.id}"),
    "council-democracy": Shape(
        "Ashdown Vale Council", "/ieListMeetings.aspx?CommitteeId=135", "html", "/mgAi.aspx?ID={article.id}"
    ),
    "inspection-register": Shape(
        "Inspection Reports",
        "/search?q=&location=&lat=&lon=&radius=&level_1_types=3&level_2_types%5B%5D=12&start=0&rows=100",
        "html",
        "/v1/file/{article.id}",
        "User-agent: *\nDisallow: /admin/\n",
    ),
    "chief-executives-guild": Shape(
        "Guild of Council Chief Executives",
        "/wp-json/wp/v2/news_and_press",
        "json",
        "/news_and_press/{article.id}/",
        "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n",
    ),
    "national-daily": Shape(
        "The Daily Lantern", "/sitemaps/index.xml", "xml", "/society/{article.published:%Y/%m/%d}/{article.id}"
    ),
}

_TEMPLATES = Environment(
    loader=PackageLoader("onrecord.newsroom"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["day"] = lambda time: f"{time.day} {time:%B %Y}"  # 31 March 2026
_TEMPLATES.filters["rfc822"] = format_datetime


class Site:
    """A site on one night: everything it can answer is rendered once, so that its bytes don't change within a night."""

    def __init__(self, id: str, night: int, base: str, more: Iterable[Article] = ()) -> None:
        """`base` is the site's address without a path, http://127.0.0.1:PORT; `more` it carries beside its own."""
        self.id = id
        self.base = base
        self.shape = SHAPES[id]
        carried = (*articles(id, night), *more)
        self.articles = tuple(sorted(carried, key=lambda article: article.published, reverse=True))

    def url(self, article: Article) -> str:
        """Where an article stands."""
        return self.base + self.shape.page.format(article=article)

    def reply(self, target: str) -> Reply:
        """The answer to a request's target (path and query); a tracking tag changes no page."""
        path, _, query = target.partition("?")
        known = self._replies.get(path if query.startswith("utm_") else target)
        return known or Reply(self.render("missing.html"), status=404)

    def expected(self) -> list[Expected]:
        """What a perfect reader finds here, in the order of the listing."""
        return [
            Expected(
                url=self.url(article),
                title=article.title,
                standfirst=article.standfirst,
                byline=article.byline,
                published=f"{article.published:%Y-%m-%d}",
                text=clean_text([paragraph.text for paragraph in article.body]),
                block_quotes=tuple(paragraph.text for paragraph in article.body if paragraph.kind == "block"),
                off_topic=article.off_topic,
            )
            for article in self.articles
        ]

    @cached_property
    def _replies(self) -> Mapping[str, Reply]:
        return dict(self._everything())

    def _everything(self) -> Iterator[tuple[str, Reply]]:
        """Each address of the site with what stands there."""
        yield "/", Reply(self.render("front.html"), modified=latest(self.articles))
        if self.shape.robots is not None:
            yield "/robots.txt", Reply(self.shape.robots.encode(), "text/plain", self.articles[-1].published)
        for article in self.articles:
            yield self.url(article).removeprefix(self.base), self.page(article)
        yield from self.listing()

    def page(self, article: Article) -> Reply:
        """What stands where an article stands."""
        return Reply(self.render(f"{self.id}.page.html", article=article), modified=article.modified)

    def listing(self) -> Iterator[tuple[str, Reply]]:
        """The pages that list the articles, each with its address."""
        size, path = self.shape.per_page, self.shape.listing
        last = -(-len(self.articles) // size)
        for number in range(1, last + 1):
            shown = self.articles[(number - 1) * size : number * size]
            body = self.render(f"{self.id}.{self.shape.form}", shown=shown, number=number, last=last)
            yield path if number == 1 else f"{path}?page={number}", Reply(body, _MEDIA[self.shape.form], latest(shown))

    def render(self, template: str, **values: Any) -> bytes:
        """A template of this site, filled in."""
        return _TEMPLATES.get_template(template).render(site=self, **values).encode()


def latest(shown: Sequence[Article]) -> datetime:
    """When any of the articles was last touched."""
    return max(article.modified for article in shown)
