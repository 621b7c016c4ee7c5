"""Texts to measure with: the newsroom's own articles, and as many invented ones as are wanted, in its manner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from random import Random

from nlp.text import clean_text
from onrecord.invented.stories import Teller
from onrecord.invented.world import World
from onrecord.newsroom.content import Article, Paragraph, Run, articles
from onrecord.newsroom.sites import SHAPES
from pipelines import page

# Sites that list as many as they carry, and whose pages are fetched one by one, without a delay of their own.
SITES = ("dcs-association", "charity-press", "local-paper", "inspectorate-govuk", "national-daily", "council-newsroom")
_FIRST = datetime(2026, 9, 1, 9, tzinfo=UTC)


def invented(seed: str) -> Iterator[Article]:
    """Invented articles without end, an hour apart; the same for the same seed."""
    random = Random(seed)  # noqa: S311 (the same again, nothing to guess)
    world = World(random)
    teller = Teller(random, world)
    number = 0
    while True:
        number += 1
        body = world.body()
        told = [teller.lead(body.place), *teller.story(body), teller.note(body.place)]
        yield Article(
            id=f"story-{number}",
            title=teller.title(body.place),
            published=_FIRST + timedelta(hours=number),
            kind="press-release",
            paragraphs=tuple(Paragraph("paragraph", (Run(one.text),)) for one in told),
        )


def more(each: int) -> dict[str, list[Article]]:
    """So many articles for each of some sites, beside those of their own."""
    return {site: list(islice(invented(site), each)) for site in SITES}


def read(article: Article) -> page.Article:
    """An article as it is read off its page, without a fault."""
    text = clean_text([paragraph.text for paragraph in article.body])
    return page.Article(url=f"https://news.example/{article.id}", title=article.title, text=text)


def texts(number: int) -> list[str]:
    """So many texts: of what the newsroom carries of itself, then of stories."""
    own = (article for site in SHAPES for article in articles(site, 1))
    return [read(article).text for article in islice(chain(own, invented("texts")), number)]


def words(texts: list[str]) -> int:
    """How many words there are in all."""
    return sum(len(text.split()) for text in texts)
