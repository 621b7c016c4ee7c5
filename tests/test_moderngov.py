"""ModernGov: from a committee's meetings to the minutes of what they discussed, at any council."""

from __future__ import annotations

from pathlib import Path

import pytest
from scrapy.http import HtmlResponse, Response

from pipelines.article import read_article
from pipelines.page import Page
from spiders.listed import Listed, ListingError, NextPage
from spiders.moderngov import read_committee
from spiders.registry import Listing, Source
from tests.crawling import crawl
from tests.faults.server import Answer, FaultySite

LISTING = Listing("moderngov", "https://democracy.marlbury.gov.example/ieListMeetings.aspx?CommitteeId=135")
ROOT = LISTING.url.partition("ieList")[0]
MEETING = f"{ROOT}ieListDocuments.aspx?CId=135&MId=7001&Ver=4"


def read(body: str, url: str = LISTING.url) -> list[Listed | NextPage]:
    response: Response = HtmlResponse(url, body=body.encode(), encoding="utf-8")
    return list(read_committee(response, LISTING))


# The list of meetings -------------------------------------------------------------------------------------------------


def meeting(text: str, number: int = 7001) -> str:
    return f'<li><a href="ieListDocuments.aspx?CId=135&amp;MId={number}&amp;Ver=4">{text}</a></li>'


def test_meetings_are_parts_of_the_list() -> None:
    page = f"<h1>Browse meetings</h1><a href='mgListCommittees.aspx'>All</a><ul>{meeting('5 Mar 2026 6.30 pm')}"
    assert read(page + meeting("4 Dec 2025 6.30 pm", 7002)) == [
        NextPage(MEETING, part=True, modified=""),
        NextPage(MEETING.replace("7001", "7002"), part=True, modified=""),
    ]


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("5 Mar 2026 6.30 pm", True),
        ("Thursday, 5th March, 2026", True),
        ("View minutes", True),  # the page does not tell
        ("31 Feb 2099 6.30 pm", True),  # no day
        ("14 Sep 2099 6.30 pm", False),
        ("Monday 14 September 2099", False),
        ("5 Mar 2026 6.30 pm CANCELLED", False),
        ("5 Mar 2026 - Postponed", False),
    ],
)
def test_meetings_to_come_and_called_off_are_left_out(printed: str, kept: bool) -> None:
    assert len(read(meeting(printed) + meeting("1 Jan 2026", 7002))) == 1 + kept


def test_councils_spell_addresses_and_folders_as_they_like() -> None:
    url = "https://www.marlbury.gov.example/modernGov/mgCommitteeMeetings.aspx?ID=9"
    (part,) = read('<a href="ielistdocuments.aspx?MId=7001&amp;x=x">1 Jan 2026</a>', url)
    assert isinstance(part, NextPage)
    assert part.url == "https://www.marlbury.gov.example/modernGov/ielistdocuments.aspx?MId=7001&x=x"


@pytest.mark.parametrize("page", ["", "<p>Sorry, an error has occurred</p>", "<a href='mgAi.aspx?ID=1'>An item</a>"])
def test_a_list_without_meetings_is_an_error(page: str) -> None:
    with pytest.raises(ListingError, match="no meetings"):
        read(page)


# A meeting ------------------------------------------------------------------------------------------------------------

MINUTES = '<p class="mgSubItemTitleTxt">Minutes:</p><div class="mgWordPara"><p>The Director reported.</p></div>'


def agenda(*rows: str, heading: str = "Children’s Scrutiny Committee - Thursday, 5th March, 2026 6.30 pm") -> str:
    number = '<td class="mgItemNumberCell"><p class="mgAiTitleTxt"><a name="AI880{0}"></a>{0}.</p></td>'
    cells = "".join(f"<tr>{number.format(n)}<td>{row}</td></tr>" for n, row in enumerate(rows, 1))
    return (
        f'<h1>Agenda and minutes</h1><h2 class="mgSubTitleTxt">{heading}</h2><table class="mgItemTable">{cells}</table>'
    )


def title(words: str) -> str:
    return f'<p class="mgAiTitleTxt">{words} <span class="mgFileSize">PDF 1.2 MB</span></p>'


def test_the_minuted_items_of_a_meeting_are_its_items() -> None:
    more = '<a href="mgAi.aspx?ID=99">view the full minutes text for item 1.</a>'
    issue = '<a href="ieIssueDetails.aspx?IId=5&amp;Opt=3">View the background to item 2.</a>'
    page = agenda(
        title("Ofsted focused visit") + MINUTES + issue + more,
        title("Homes for <b>children</b> in care") + MINUTES + issue,
        title("Apologies") + '<p class="mgSubItemTitleTxt">Decision:</p>',
        title("Preparation for inspection") + MINUTES,
        title("Work programme"),
    )
    assert read(page, MEETING) == [
        Listed(f"{ROOT}mgAi.aspx?ID=99", "Ofsted focused visit", "5th March, 2026"),
        Listed(f"{ROOT}ieIssueDetails.aspx?IId=5&Opt=3", "Homes for children in care", "5th March, 2026"),
        Listed(f"{ROOT}mgAi.aspx?ID=8804", "Preparation for inspection", "5th March, 2026"),
    ]


def test_a_meeting_is_known_however_a_council_spells_it() -> None:
    page = agenda(title("Ofsted") + MINUTES).replace('class="mgItemTable"', 'id="mgItemTable"')
    assert len(read(page, MEETING.lower())) == 1


def test_a_meeting_that_has_yet_to_be_minuted_lists_nothing() -> None:
    assert read(agenda(title("Ofsted focused visit")), MEETING) == []
    assert read("<h1>Agenda</h1><p>Not published yet.</p>", MEETING) == []


def test_the_day_may_stand_in_the_title_or_nowhere() -> None:
    page = agenda(title("Ofsted") + MINUTES, heading="Children’s Scrutiny Committee")
    assert [item.published for item in read(page, MEETING) if isinstance(item, Listed)] == [""]
    (item,) = read(f"<title>Agenda for Scrutiny on Thursday 5 March 2026, 6.30 pm</title>{page}", MEETING)
    assert isinstance(item, Listed)
    assert item.published == "5 March 2026"


# An item's page -------------------------------------------------------------------------------------------------------

ARTICLE = {"title": ".mgSubTitleTxt", "body": ".mgSubItemTitleTxt:-soup-contains('Minutes:') + .mgWordPara"}
ITEM = (
    "<h1>Agenda item</h1><h2 class='mgSubTitleTxt'>Ofsted focused visit</h2>"
    "<div class='mgContent'><ul class='mgBulletList'><li>Meeting of Scrutiny, 5th March, 2026 (Item 1.)</li></ul>"
    "<div class='mgWordPara'><p>To receive the report of the Director.</p></div>"
    "<p class='mgSubItemTitleTxt'>Minutes:</p><div class='mgWordPara'><p>The Director of Children’s Services said that"
    " Ofsted’s inspectors had found much improved.</p><p>RESOLVED that the report be noted.</p></div>"
    "<p class='mgSubItemTitleTxt'>Supporting documents:</p><div class='mgWordPara'><p>Report</p></div></div>"
)


def test_of_an_items_page_the_minutes_are_the_text() -> None:
    page = Page(
        f"{ROOT}mgAi.aspx?ID=99",
        ITEM.encode(),
        headers={"content-type": "text/html; charset=utf-8"},
        selectors=ARTICLE,
        listed={"published": "5th March, 2026"},
    )
    article = read_article(page)
    assert article.title == "Ofsted focused visit"
    assert article.text == (
        "The Director of Children’s Services said that Ofsted’s inspectors had found much improved.\n\n"
        "RESOLVED that the report be noted."
    )
    assert (article.published, article.date_method) == ("2026-03-05", "listing")


def test_one_reader_for_two_councils_in_two_nights(tmp_path: Path) -> None:
    with FaultySite() as site:
        listings = []
        for folder in ("", "/moderngov"):
            base = f"{folder}/ieList"
            site.answers[f"{base}Meetings.aspx?CId=1"] = Answer(
                meeting("5 Mar 2026") + meeting("1 May 2099", 1), etag='"a"'
            )
            site.answers[f"{base}Documents.aspx?CId=135&MId=7001&Ver=4"] = Answer(agenda(title("Ofsted") + MINUTES))
            site.answers[f"{folder}/mgAi.aspx?ID=8801"] = Answer(ITEM)
            listings.append(Listing("moderngov", f"{site.address}{base}Meetings.aspx?CId=1"))
        source = Source("marlbury", "Marlbury", ("127.0.0.1",), tuple(listings), article=ARTICLE)
        stats = crawl(source, tmp_path / "onrecord.db")
        assert (stats["listed"], stats["new"]) == (2, 2)
        assert len(site.paths) == 6
        site.asked.clear()
        crawl(source, tmp_path / "onrecord.db")
        assert site.paths == ["/ieListMeetings.aspx?CId=1", "/moderngov/ieListMeetings.aspx?CId=1"]
