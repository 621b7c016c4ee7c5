"""Whose site a text was copied off, and that its name is not taken for the headline."""

from __future__ import annotations

import pytest

from pipelines.article import read_article
from pipelines.masthead import masthead
from pipelines.page import Article, Page

BODY = """Children in Barnet waited too long for help, inspectors said on Tuesday.

They found that the council had lost sight of some of them. A plan is due by the spring, and members will see it.
"""
HEADLINE = "Council says sorry for the long wait of children in Barnet"


def read(*head: str, publisher: str | None = None) -> Article:
    text = "\n\n".join((*head, BODY))
    return read_article(
        Page(url="a.txt", body=text.encode(), headers={"content-type": "text/plain"}, publisher=publisher)
    )


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("Barnardo’s", "barnardos"),
        ("The Local Government Association", "lga"),
        ("Calderdale Council", "gb-eng-CLD"),
        ("Calderdale Council News Centre", "gb-eng-CLD"),
        ("ADCS | The Association of Directors of Children’s Services", "adcs"),
        ("NFER  National Foundation for Educational Research", "nfer"),
        ("ADCS", "adcs"),
        ("Community Care", None),  # who prints what others say is nobody's own site
        ("Harbour and Sons", None),
        ("News", None),
        ("", None),
    ],
)
def test_the_first_line_may_say_whose_site_it_is(line: str, body: str | None) -> None:
    assert masthead([line, HEADLINE], None) == body


def test_what_is_no_name_is_passed_over() -> None:
    assert masthead(["This website uses cookies", "Skip to content", "Solace"], None) == "solace"


@pytest.mark.parametrize(
    "lines",
    [
        ["From: Department for Education"],
        ["From:", "Department for Education and Jane Roe MP", "Published"],  # as it is copied off the page
        ["Organisations: Department for Education"],  # a blog
    ],
)
def test_govuk_says_whom_a_page_is_from(lines: list[str]) -> None:
    assert masthead(["GOV.UK", HEADLINE, *lines], None) == "dfe"


def test_a_newsroom_says_whose_news_it_has() -> None:
    assert masthead(["Kirklees Together", "News from Kirklees Council", HEADLINE], None) == "gb-eng-KIR"
    assert masthead(["The Harbour Gazette", "News from all over", HEADLINE], None) is None


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("From: Department for Education and Ofsted", "dfe"),  # who is named first leads
        ("From: Ofsted, Department for Education and Care Quality Commission", "ofsted"),
        ("From: Department for Children, Schools and Families", "dcsf"),  # one name, which holds a comma
        ("From: Department for Children, Schools and Families and Ofsted", "dcsf"),
        ("From: Harbour and Sons and Ofsted", None),
    ],
)
def test_of_several_who_publish_the_first_leads(line: str, body: str | None) -> None:
    assert masthead([HEADLINE, line], None) == body


def test_the_article_has_its_publisher_and_its_headline() -> None:
    article = read("Barnet Council", "News / Media releases", "united for a better borough", HEADLINE, "4 March 2024")
    assert (article.publisher, article.title) == ("gb-eng-BNE", HEADLINE)


def test_the_registry_knows_better() -> None:
    assert read("Barnet Council", HEADLINE, publisher="ofsted").publisher == "ofsted"


def test_a_site_that_is_spoken_of_is_not_the_headline() -> None:
    names = ("Barnet Council News Centre", "Home About Council Children Barnet Members Plan Contact")
    assert read(*names, HEADLINE, "4 March 2024").title == HEADLINE


@pytest.mark.parametrize("name", ["Barnardo’s", "The Local Government Association", "ADCS Ltd"])
def test_a_name_alone_is_no_headline(name: str) -> None:
    assert read(name, "5 March 2024").title is None
    assert read(HEADLINE, name, "5 March 2024").title == HEADLINE


def test_what_a_site_says_of_itself_is_not_the_headline() -> None:
    assert (
        read("Barnardo's – the charity for children who wait for help in Barnet", HEADLINE, "4 March 2024").title
        == HEADLINE
    )
