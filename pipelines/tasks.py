"""What worker processes do, and how long each task may take: a page to its article, a text to its records.

Neither Scrapy nor the database is imported here, and spaCy once there is a text to be read: so a process that reads
listings begins at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar

from nlp.records import Context, Records
from pipelines.article import read_article
from pipelines.crosscheck import disagreement
from pipelines.page import Article, Page
from pipelines.worker import Stopped, begins_with, shared_worker

P = ParamSpec("P")
T = TypeVar("T")

PAGE_SECONDS = float(os.environ.get("ONRECORD_PAGE_SECONDS", "10"))
_LOADING = 60.0  # seconds that the trained pipeline may take to load, the first time
# What is long by right has PAGE_SECONDS more for each so many of its bytes or characters.
_PDF_BYTES = 500_000
_TEXT_CHARACTERS = 20_000
_SAMPLE = "“Inspectors found 3 homes inadequate,” said Jo Roe, chair of the council. Ofsted welcomed it."  # has it all


def seconds_to_read(page: Page) -> float:
    """How long reading a page may take: PDFs have hundreds of pages, each of them as long as an article."""
    return PAGE_SECONDS * (1 + (len(page.body) / _PDF_BYTES if page.body.startswith(b"%PDF-") else 0))


def seconds_to_extract(text: str) -> float:
    """How long extraction may take, which is in proportion to the text."""
    return _LOADING + PAGE_SECONDS * (1 + len(text) / _TEXT_CHARACTERS)


def read(page: Page, *, crosscheck: bool) -> Article:
    """The article on a page, with a second reading beside where selectors read it. Raises NotAnArticle."""
    article = read_article(page)
    if crosscheck:
        article.disagreement = disagreement(page, article)
    return article


async def beside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T | None, str | None]:
    """What a function gives in the time of a page, in another process; or None, and what became of it."""
    try:
        return await shared_worker().run(PAGE_SECONDS, function, *args, **kwargs), None
    except Stopped as error:
        return None, str(error)


def load() -> None:
    """Loads what pages and texts are read with: otherwise each part is loaded when it is first needed."""
    from nlp.build import extract

    page = f"<html><title>Homes</title><article><h1>Homes</h1><p>{_SAMPLE}</p></article></html>"
    read(Page(url="https://a.example/", body=page.encode()), crosscheck=True)
    extract(_SAMPLE)


@begins_with(load)
def find_records(text: str, context: Context, learned: Path | None) -> tuple[Records, str]:
    """The records of a text, and the name of the extractor, with what was learnt from reviewers in a folder."""
    from nlp.build import extract
    from pipelines.learned import extractor, learned_in

    known = learned_in(learned)
    return extract(text, context, known), extractor(known)


@cache
def expect_records() -> None:
    """Has the pipeline loaded while the first page is still being read."""
    shared_worker().expect(seconds_to_extract(""), find_records)


def extractor_with(learned: Path | None) -> str:
    """The name of the extractor that `find_records` is."""
    from pipelines.learned import extractor, learned_in

    return extractor(learned_in(learned))
