"""How well pages are read for which nobody wrote selectors: the saved pages of sources that have some, without them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from justext.core import classify_paragraphs  # type: ignore[import-untyped]
from trafilatura import external

from pipelines.article import read_article
from pipelines.page import Article, Page
from spiders.registry import read_registry
from tests.test_article import html

PAGES = Path(__file__).parent / "pages"
# A little under what was measured: paragraphs 0.97, 0.99, 0.98 (precision, recall, F1), each title, each day.
PRECISION, RECALL, F1 = 0.94, 0.97, 0.96


class Read(NamedTuple):
    """A saved page: as a careful reader reads it, and as the generic reader does."""

    name: str
    expected: Mapping[str, Any]
    article: Article


def saved() -> dict[str, tuple[Page, Mapping[str, Any]]]:
    """Every saved HTML page whose source selects its body, as a night would hand it over, but for the selectors."""
    sources = read_registry()
    found = {}
    for folder in sorted(path.parent for path in PAGES.glob("*/expected.json")):
        expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        source = sources.get(folder.name)
        about = expected.get("page", {})
        selectors = source.article if source else about.get("selectors", {})
        listed = expected["listing"]["items"][0] if source else {}
        files = list(folder.glob("article.html" if source else "page.html"))
        if not files or "body" not in selectors:
            continue
        page = Page(
            url=listed.get("url") or about["url"],
            body=files[0].read_bytes(),
            headers={"content-type": "text/html; charset=utf-8"},
            listed=listed,
        )
        found[folder.name] = (page, expected.get("article", expected))
    return found


@cache
def readings() -> list[Read]:
    return [Read(name, expected, read_article(page)) for name, (page, expected) in saved().items()]


def scores() -> tuple[float, float, float]:
    """Precision, recall and F1 of paragraphs, word for word."""
    right = found = wanted = 0
    for _, expected, article in readings():
        paragraphs = article.text.split("\n\n")
        right += (Counter(paragraphs) & Counter(expected["paragraphs"])).total()
        found += len(paragraphs)
        wanted += len(expected["paragraphs"])
    return right / found, right / wanted, 2 * right / (found + wanted)


def test_there_are_pages_to_measure_with() -> None:
    assert len(readings()) >= 15
    assert all(read.article.body_method == "trafilatura" for read in readings())


def test_body_paragraphs_without_selectors() -> None:
    precision, recall, f1 = scores()
    assert precision >= PRECISION
    assert recall >= RECALL
    assert f1 >= F1


@pytest.mark.parametrize("field", ["title", "published"])
def test_title_and_day_without_selectors(field: str) -> None:
    wrong = [
        (read.name, getattr(read.article, field))
        for read in readings()
        if getattr(read.article, field) != read.expected[field]
    ]
    assert not wrong


# What the measuring showed -------------------------------------------------------------------------------------------

PROSE = "Ofsted found that the council’s services for children had improved since the last inspection of {}."
BODY = "".join(f"<p>{PROSE.format(year)}</p>" for year in ("2019", "2022", "2025"))
PARAGRAPHS = [PROSE.format(year) for year in ("2019", "2022", "2025")]


def body(markup: str) -> list[str]:
    return html(markup).text.split("\n\n")


def test_a_single_line_break_parts_no_paragraphs() -> None:
    said = "The council has appointed 31 social workers<br>since then."
    markup = f"<h1>Head</h1><article>{BODY}<table><tr><td>{said}</td></tr></table></article>"
    assert body(markup) == [*PARAGRAPHS, "The council has appointed 31 social workers since then."]


def test_a_description_that_is_the_first_paragraph_stays_in_the_body() -> None:
    markup = f'<meta name=description content="{PARAGRAPHS[0]}"><h1>Head</h1><article>{BODY}</article>'
    assert body(markup) == PARAGRAPHS
    assert html(markup).standfirst is None


@pytest.mark.parametrize(
    "standfirst",
    [
        "<p class='article__standfirst'>Inspectors liked the front door of the council.</p>",
        "<div class=intro><p>Inspectors liked the front door of the council.</p></div>",
        "<h2>Inspectors liked the front door of the council.</h2>",
    ],
)
def test_a_printed_standfirst_is_kept_apart(standfirst: str) -> None:
    article = html(f"<article><h1>Head</h1>{standfirst}{BODY}</article>")
    assert article.standfirst == "Inspectors liked the front door of the council."
    assert article.text.split("\n\n") == PARAGRAPHS


def test_what_stands_above_a_second_headline_is_no_body() -> None:
    head = "Inspectors return to the council"
    markup = (
        f"<main><div><h1>{head}</h1><p>What we and the inspectors can learn from each other this year.</p></div>"
        f"<div><h2>{head}</h2>{BODY}</div></main>"
    )
    article = html(markup)
    assert article.text.split("\n\n") == PARAGRAPHS
    assert article.standfirst == "What we and the inspectors can learn from each other this year."


def test_a_heading_that_says_what_kind_of_page_it_is_is_no_title() -> None:
    markup = (
        "<title>Agenda item - Focused visit: findings and plan</title><h1>Agenda item</h1><h2>Minutes of all</h2>"
        f"<h2>Focused visit: findings and plan</h2><article>{BODY}</article>"
    )
    assert html(markup).title == "Focused visit: findings and plan"


def test_a_short_page_is_weighed_by_english_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a hundred languages would be 154,485 words, in each process that reads pages."""
    weighed: list[tuple[str, ...]] = []

    def classify(paragraphs: Any, words: tuple[str, ...], *args: Any) -> None:
        weighed.append(words)
        classify_paragraphs(paragraphs, words, *args)

    monkeypatch.setattr(external, "JT_STOPLIST", None)
    monkeypatch.setattr(external, "classify_paragraphs", classify)
    said = "“We will look at every home again before the winter comes,” said the chair of the council."
    page = f"<html><title>Homes</title><body><article><h1>Homes</h1><p>{said}</p></article></body></html>"
    assert read_article(Page(url="https://a.example/", body=page.encode())).text == said
    assert len(weighed) == 1
    assert {"the", "of"} < set(weighed[0])
    assert len(weighed[0]) < 2_000
