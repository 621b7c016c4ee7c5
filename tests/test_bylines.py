"""Who wrote a page: stated or printed, and never the site itself, an account or an address."""

from __future__ import annotations

import json

import pytest

from pipelines.bylines import printed_byline, writers
from tests.test_article import html

SITES = {"the harrowmere courier"}


@pytest.mark.parametrize(
    ("names", "byline"),
    [
        (["Petra Lindqvist"], "Petra Lindqvist"),
        (["By Petra Lindqvist"], "Petra Lindqvist"),
        (["Petra Lindqvist", "Kit de la Mare", "Petra Lindqvist"], "Petra Lindqvist, Kit de la Mare"),
        (["Petra Lindqvist, Education Editor"], "Petra Lindqvist, Education Editor"),
        (["petra@courier.example (Petra Lindqvist)"], "Petra Lindqvist"),
        (["The Harrowmere Courier", "Petra Lindqvist"], "Petra Lindqvist"),
        (["The Harrowmere Courier"], None),
        (["Admin"], None),
        (["by admin"], None),
        (["webadmin"], None),
        (["Administrator"], None),
        (["admin2"], None),
        (["Staff writer"], None),
        (["Guest author"], None),
        (["The news desk"], None),
        (["Press office"], None),
        (["Newsroom"], None),
        (["petra@courier.example"], None),
        (["https://courier.example/petra"], None),
        (["www.courier.example"], None),
        ([""], None),
        ([], None),
        (["Adminah Staffer"], "Adminah Staffer"),
        (["Byron Deskin"], "Byron Deskin"),
    ],
)
def test_writers(names: list[str], byline: str | None) -> None:
    assert writers(names, SITES) == byline


@pytest.mark.parametrize(
    ("below", "byline"),
    [
        (["By Petra Lindqvist"], "Petra Lindqvist"),
        (["Inspectors liked the front door.", "News", "By Petra Lindqvist, education reporter"], "Petra Lindqvist"),
        (["By Petra Lindqvist on 21 April 2026"], "Petra Lindqvist"),
        (["21 April 2026", "By The Harrowmere Courier"], None),
        (["By admin"], None),
        (["By 2028 no child will wait."], None),
        (["one", "two", "three", "four", "five", "six", "By Petra Lindqvist"], None),
        ([], None),
    ],
)
def test_a_printed_byline_stands_just_below_the_headline(below: list[str], byline: str | None) -> None:
    assert printed_byline(["By Menu Entry", "Head", *below], "Head", SITES) == byline


def test_without_its_headline_a_page_prints_no_byline() -> None:
    assert printed_byline(["By Petra Lindqvist"], "Head", SITES) is None


def linked(author: object) -> str:
    data = {"@type": "NewsArticle", "author": author, "publisher": {"@type": "Organization", "name": "Courier Group"}}
    return f"<script type=application/ld+json>{json.dumps(data)}</script>"


PRINTED = "<h1>Head</h1><p>By <a>Petra Lindqvist</a></p>"


@pytest.mark.parametrize(
    ("head", "byline"),
    [
        ("", "Petra Lindqvist"),
        (linked({"name": "Kit Marlowe"}), "Kit Marlowe"),
        (linked([{"name": "Kit Marlowe"}, "Jo Blythe"]), "Kit Marlowe, Jo Blythe"),
        (linked("Courier Group"), "Petra Lindqvist"),
        ("<meta name=author content='Kit Marlowe'>", "Kit Marlowe"),
        ("<meta name=author content='Admin'>", "Petra Lindqvist"),
        (
            "<meta name=author content='The Courier'><meta property=og:site_name content='The Courier'>",
            "Petra Lindqvist",
        ),
        ("<meta name=author content='The Courier'><title>Head - The Courier</title>", "Petra Lindqvist"),
        (linked({"name": "Kit Marlowe"}) + "<meta name=author content='Jo Blythe'>", "Kit Marlowe"),
    ],
)
@pytest.mark.parametrize("selectors", [{}, {"body": "article"}, {"body": "article", "byline": ".gone"}])
def test_what_is_stated_goes_before_what_is_printed(head: str, byline: str, selectors: dict[str, str]) -> None:
    text = "<p>Ofsted found that the council’s services for children had improved since the last inspection.</p>" * 3
    assert html(f"<html><head>{head}</head>{PRINTED}<article>{text}</article>", **selectors).byline == byline


def test_the_sources_selector_goes_before_all() -> None:
    markup = f"{linked('Kit Marlowe')}{PRINTED}<b>By Jo Blythe</b><i>Admin</i><p id=b>Text</p>"
    assert html(markup, body="#b", byline="b").byline == "Jo Blythe"
    assert html(markup, body="#b", byline="i").byline == "Kit Marlowe"
