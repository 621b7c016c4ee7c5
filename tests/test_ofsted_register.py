"""Ofsted's register: the search leads to providers, whose pages lead to the reports on children's services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse

from onrecord.newsroom.pdf import print_report
from spiders.listed import Listed, ListingError, NextPage
from spiders.ofsted_register import read_register
from spiders.registry import Listing
from tests.crawling import crawl, source_at
from tests.faults.server import Answer, FaultySite

SITE = "https://reports.marlbury.example"
SEARCH = f"{SITE}/search?q=&level_1_types=3&level_2_types%5B%5D=12&start=0&rows=3"
LISTING = Listing("ofsted-register", SEARCH)


def found(markup: str, url: str = SEARCH) -> list[Listed | NextPage]:
    return list(read_register(HtmlResponse(url, body=markup.encode(), encoding="utf-8"), LISTING))


def results(*numbers: int) -> str:
    items = "".join(
        f"<li class=search-result><h3 class=search-result__title><a href='/provider/44/{number}'>Council</a></h3>"
        for number in numbers
    )
    return f"<ul class=results-list>{items}</ul>"


def provider(number: int) -> NextPage:
    return NextPage(f"{SITE}/provider/44/{number}", part=True)


def test_the_search_is_followed_to_its_end() -> None:
    *providers, following = found(results(1, 2, 3))
    assert providers == [provider(1), provider(2), provider(3)]
    assert following == NextPage(f"{SITE}/search?q=&level_1_types=3&level_2_types%5B%5D=12&rows=3&start=3", part=True)
    assert found(results(4, 5), following.url) == [provider(4), provider(5)]
    *_, last = found(results(4, 5, 6), following.url)
    assert last.url.endswith("&rows=3&start=6")
    assert found(results(), last.url) == []  # it had just as many as pages hold


def test_a_provider_that_is_linked_twice_is_one() -> None:
    assert found(results(1, 1)) == [provider(1)]


def test_a_search_without_rows_and_start_has_ten_a_page() -> None:
    *_, following = found(results(*range(10)), f"{SITE}/search?q=")
    assert following == NextPage(f"{SITE}/search?q=&start=10", part=True)
    assert len(found(results(*range(9)), f"{SITE}/search?q=")) == 9


def test_a_search_that_finds_nobody_is_an_error() -> None:
    with pytest.raises(ListingError, match="no link to a provider"):
        found("<h1>Service unavailable</h1>")


def publication(said: str, number: int = 1, nonvisual: bool = True) -> str:
    text = f"<span class='nonvisual'> {said}\n</span>" if nonvisual else said
    return f"<a class='publication-link' href='https://files.marlbury.example/v1/file/{number}'>Report {text}</a>"


def reports(*links: str, name: str = "<h1> Marlbury <br>Council </h1>") -> list[Listed | NextPage]:
    return found(f"{name}{''.join(links)}<a href='/provider/44/9'>Another</a>", f"{SITE}/provider/44/80426")


FILE = "https://files.marlbury.example/v1/file/1"


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("children's services inspection", "Children's services inspection"),
        ("Focused visit", "Focused visit"),
        ("monitoring visit", "Monitoring visit"),
        ("children’s services focused visit", "Children’s services focused visit"),
        ("joint targeted area inspection", "Joint targeted area inspection"),
        ("joint area child protection inspection", "Joint area child protection inspection"),
        ("jtai", "Jtai"),
    ],
)
def test_reports_on_childrens_services_are_listed(kind: str, title: str) -> None:
    report = Listed(FILE, f"{title}: Marlbury Council", "09 may 2022")
    for said in (f"{kind} - 09 may 2022, pdf", f"{kind},  PDF - 09 may 2022"):
        assert reports(publication(said)) == [report]


@pytest.mark.parametrize(
    "said",
    [
        "adoption support agency inspection - 04 june 2019, pdf",
        "area send inspection - 4 may 2022, pdf",
        "joint area send inspection - 4 may 2022, pdf",
        "joint area special educational needs inspection - 4 may 2022, pdf",
        "fostering service inspection - 4 may 2012, pdf",
        "school improvement inspection - 4 may 2014, pdf",
        "",
    ],
)
def test_other_reports_are_not(said: str) -> None:
    assert reports(publication(said)) == []


def test_what_a_link_says_visibly_counts_where_nothing_else_does() -> None:
    assert reports(publication("monitoring visit - 4 may 2022", nonvisual=False), name="") == [
        Listed(FILE, "Report monitoring visit", "4 may 2022")
    ]


def test_a_provider_without_reports_is_no_error() -> None:
    assert reports() == []


def test_a_link_that_leads_nowhere_costs_itself_alone() -> None:
    broken = (
        "<a class=publication-link href='javascript:x'>monitoring visit - 1 may 2022</a><a class=publication-link>x</a>"
    )
    assert len(reports(broken, publication("monitoring visit - 4 may 2022, pdf"))) == 1


# Nights ---------------------------------------------------------------------------------------------------------------


def report(council: str) -> Answer:
    text = (
        f"Ofsted’s inspectors found that children’s services in {council} had improved since the last inspection. " * 4
    )
    return Answer(
        print_report(f"Inspection of {council}", [("paragraph", text)], council, "Page"), type="application/pdf"
    )


def page_of(council: str, *days: str) -> Answer:
    links = "".join(
        f"<a class=publication-link href='/v1/file/{council}-{i}'><span class=nonvisual>children's services inspection"
        f" - {day}, pdf</span></a>"
        for i, day in enumerate(days)
    )
    return Answer(f"<h1>{council}</h1>{links}", etag=f'"{council}{len(days)}"')


def search(*days: str) -> Answer:
    return Answer(results(1, 2) + " ".join(days), etag=f'"{days}"')


PATH = "/search?start=0&rows=2"


@pytest.fixture
def site() -> Iterator[FaultySite]:
    answers = {
        PATH: search("3 may 2024", "4 june 2023"),
        "/search?rows=2&start=2": Answer(results()),
        "/provider/44/1": page_of("Marlbury", "3 may 2024"),
        "/provider/44/2": page_of("Thornley", "4 june 2023"),
        **{f"/v1/file/{name}": report(name) for name in ("Marlbury-0", "Marlbury-1", "Thornley-0")},
    }
    with FaultySite(answers) as site:
        yield site


def night(site: FaultySite, file: Path, path: str = PATH) -> tuple[dict[str, object], list[str]]:
    site.asked.clear()
    stats = crawl(source_at(site.address, "ofsted-register", path), file, ONRECORD_SINCE="2024-01-01")
    return dict(stats), sorted(site.paths)


def test_a_new_report_is_one_article_and_an_unchanged_night_one_request(site: FaultySite, tmp_path: Path) -> None:
    stats, asked = night(site, tmp_path / "x.db")
    assert stats["new"] == 2
    assert len(asked) == 6
    assert night(site, tmp_path / "x.db")[1] == [PATH]
    site.answers[PATH] = search("9 july 2024", "4 june 2023")
    site.answers["/provider/44/1"] = page_of("Marlbury", "3 may 2024", "9 july 2024")
    stats, asked = night(site, tmp_path / "x.db")
    assert stats["new"] == 1
    assert [path for path in asked if "file" in path] == ["/v1/file/Marlbury-1"]


def test_reports_from_before_the_day_in_the_listings_address_are_left_out(site: FaultySite, tmp_path: Path) -> None:
    stats, asked = night(site, tmp_path / "x.db", PATH + "#{since}")
    assert (stats["listed"], stats["new"]) == (2, 1)
    assert [path for path in asked if "file" in path] == ["/v1/file/Marlbury-0"]
