"""Text copied off pages: headline, standfirst, date, byline and body found, furniture left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nlp.text import fold
from pipelines.article import read_article
from pipelines.furniture import complaint, is_furniture
from pipelines.page import Article, Page
from pipelines.text_article import unwrapped
from tests.clock import costs_at_most

TESTS = Path(__file__).parent
SAMPLES = sorted((TESTS / "pages" / "text").glob("*.txt"))
GOLD = TESTS.parent.parent / "shared" / "gold"
GOLD_TEXTS = sorted((GOLD / "documents").glob("*.txt"))


def read(text: str | bytes) -> Article:
    body = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return read_article(Page(url="a.txt", body=body, headers={"content-type": "text/plain"}))


def folded(text: str) -> str:
    return " ".join(fold(text).split()).rstrip("\"'")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples(path: Path) -> None:
    expected: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    article = read(path.read_bytes())
    for name in ("title", "published", "byline", "standfirst"):
        assert getattr(article, name) == expected[name], name
    assert article.date_method == ("text" if expected["published"] else None)
    assert article.text.startswith(expected["body_starts"])
    assert article.text.endswith(expected["body_ends"])
    assert [words for words in expected["not_body"] if words in article.text] == []
    assert len(article.text.split("\n\n")) == expected["paragraphs"]


def test_there_are_samples() -> None:
    assert len(SAMPLES) >= 12


@pytest.mark.skipif(not GOLD_TEXTS, reason="the annotated documents are not beside this checkout")
@pytest.mark.parametrize("path", GOLD_TEXTS, ids=lambda path: path.stem)
def test_annotated_documents(path: Path) -> None:
    expected: dict[str, Any] = json.loads((GOLD / "expected" / f"{path.stem}.json").read_text(encoding="utf-8"))
    article = read(path.read_bytes())
    body = folded(article.text)
    assert (article.title, article.published) == (expected["title"], expected["published"])
    assert body.startswith(folded(expected["body_starts"]))
    assert body.endswith(folded(expected["body_ends"]))
    assert [words for words in expected["not_body"] if folded(words) in body] == []


BODY = (
    "The council said that inspectors had found better social work across the borough.\n\n"
    "Its director, Jo Blythe, said that there was a long way to go.\n\n"
    "Inspectors will come back to the council in the autumn to see it.\n"
)


@pytest.mark.parametrize(
    ("above", "title"),
    [
        ("Inspectors find better social work\n\n", "Inspectors find better social work"),
        (
            "HomeNewsroomEvents AboutContact\n\nInspectors find better social work\n\n",
            "Inspectors find better social work",
        ),
        ("Home | News | Jobs | Events\nInspectors find better social work\n\n", "Inspectors find better social work"),
        ("Inspectors find better social work | Sector Weekly\n\n", "Inspectors find better social work"),
        ("Inspectors find better social work - Borough Council\n\n", "Inspectors find better social work"),
        ("Better at last\n\n", "Better at last"),
        ("SafeLives and YoungMinds: council is better\n\n", "SafeLives and YoungMinds: council is better"),
        ("", None),
    ],
)
def test_headlines(above: str, title: str | None) -> None:
    text = (
        above
        + BODY
        + ("\nSafeLives and YoungMinds welcomed what the inspectors found.\n" if "SafeLives" in above else "")
    )
    article = read(text)
    assert article.title == title
    assert article.text.startswith("The council said")


PRAISED = "Council praised for its social work"


@pytest.mark.parametrize(
    ("above", "title", "published", "standfirst"),
    [
        (f"Next Upcoming Event\n\nTue, 09 Jul 24 10:00\n\n{PRAISED}", PRAISED, None, None),
        (f"Home News {PRAISED}\n\n{PRAISED}", PRAISED, None, None),
        (f"{PRAISED}\n\nBy on 10/06/2016 in Blog, News", PRAISED, "2016-06-10", None),
        ("Wednesday, 9 November 2011\n\nCouncil's work is BETTER!", "Council's work is BETTER!", "2011-11-09", None),
        ("What inspectors say of our social...", "What inspectors say of our social...", None, None),
        (f"{PRAISED}\n\nAssociation of Northern Directors\nDate: Thursday 1st May 2014", PRAISED, "2014-05-01", None),
        (f"{PRAISED}\n\nDate: 1 May 2014\nEmbargo: Immediate", PRAISED, "2014-05-01", None),
        (f"{PRAISED}\n\nBy Jo Blythe\n\n| 23 January 2015", PRAISED, "2015-01-23", None),
        (f"News\n\n{PRAISED}\n\n1 min read Social Care", PRAISED, None, None),
        (
            f"Issue - meetings\n\n{PRAISED}\n\nMeeting: 23/01/2020 - Children's Panel (Item 25)",
            PRAISED,
            "2020-01-23",
            None,
        ),
        (f"Your browser appears to have cookies disabled. Please enable cookies.\n\n{PRAISED}", PRAISED, None, None),
        (f"{PRAISED}\n\nInspectors speak of a turning point", PRAISED, None, "Inspectors speak of a turning point"),
        (
            f"{PRAISED}\n\nIt has turned round.\n\nBy Jo Blythe, 3 May 2011",
            PRAISED,
            "2011-05-03",
            "It has turned round.",
        ),
        (f"{PRAISED}\n\nPosted on 3 May 2011 in Council news", PRAISED, "2011-05-03", None),
        (f"Work & Care\n\n{PRAISED}\n\nPublished on 3 May 2011 by Work & Care", PRAISED, "2011-05-03", None),
        (f"We are better together. Always.\n\nHome / News\n\n{PRAISED}", PRAISED, None, None),
        (f"Work & Care\n\nThe newsletter of Work & Care\n\n{PRAISED}", PRAISED, None, None),
    ],
)
def test_heads(above: str, title: str, published: str | None, standfirst: str | None) -> None:
    article = read(f"{above}\n\n{BODY}")
    assert (article.title, article.published, article.standfirst) == (title, published, standfirst)
    assert article.text == BODY.strip()


SPOKEN = "Inspectors speak of better social work"
SLOGAN = "Inspectors, council and social work borough by borough"  # every word of it is in the body, too
TURNED = "Leaders say that the borough’s services are better now"


@pytest.mark.parametrize(
    ("above", "title"),
    [
        (f"{SLOGAN}\n\nMenu\n\n{SPOKEN}\n\n3 May 2011", SPOKEN),
        (
            "The home of council work since 1990\n\nMenu\n\nInspectors speak of better work",
            "Inspectors speak of better work",
        ),
        (f"Home\n{SLOGAN}\n\nPress release\n\n{SPOKEN}\n\nThis is how it was done.\n\n3 May 2011", SPOKEN),
        (f"{SPOKEN}\n\n{TURNED}\n\nSocial affairs correspondent Jo Blythe\n3 May 2011", SPOKEN),
        (f"{SLOGAN}\n{SPOKEN}\n{TURNED}\nSocial affairs correspondent Jo Blythe\n3 May 2011", SPOKEN),
        (f"{PRAISED}\n\nPublished\n\n3 May 2011\n\nInspectors back at the council\n\nBy Jo Blythe", PRAISED),
        (f"Has Council Work Got Better?\n\n3 May 2011\n\n{TURNED}", "Has Council Work Got Better?"),
    ],
    ids=["day", "body", "standfirst", "writer", "slogan", "first-day", "question"],
)
def test_a_headline_stands_above_the_day_or_the_body(above: str, title: str) -> None:
    assert read(f"{above}\n\n{BODY}").title == title


@pytest.mark.parametrize(
    ("title", "first"),
    [(PRAISED, "It has turned round."), (None, "The council has turned round, inspectors said, and is better.")],
)
def test_a_first_sentence_above_a_heading_is_no_slogan(title: str | None, first: str) -> None:
    article = read(f"{title or ''}\n\n{first}\n\n{TURNED}\n\n{BODY}")
    assert (article.title, article.text) == (title, f"{first}\n\n{TURNED}\n\n{BODY.strip()}")


def test_who_speaks_opens_a_body_however_short() -> None:
    article = read(
        "Comment on what inspectors found\n\nJo Blythe, President, said:\n\n“They found good work in the borough.”\n"
    )
    assert article.title == "Comment on what inspectors found"
    assert article.text == "Jo Blythe, President, said:\n\n“They found good work in the borough.”"


@pytest.mark.parametrize(
    "below",
    [
        "Did you enjoy this article?",
        "Related articles\n\nCouncil gets a new director\n\nWhy caseloads fell",
        "More from Sector Weekly\n\nCouncil gets a new director",
        "You may also like\n\nA teaser says that there is more to read about this on another page.",
        "Comments are closed.",
        "3 comments\n\nI have seen all this before and I do not believe a word of it.",
        "Council gets a new director\n\nWhy caseloads fell",
        "Tags: Ofsted, councils\n\n3 March 2026",
        "- ENDS -",
        "© Borough Council 2026",
        "Facebook\nTwitter\nEmail",
        "Register now to continue reading\n\nThank you for coming. Why not register today and enjoy it all?",
        "If you enjoyed this article, subscribe now to receive more just like it.",
        "Leave a Reply\n\nFill in your details below or click an icon to log in:",
        "Photo by Jo Blythe via Flickr",
        "Inspectors at the town hall. Picture: Jo Blythe",
        "Tags assigned to this article:\n\nRelated Articles",
        "Your stories\n\nDo you work for the council? Email our reporters in confidence.",
        "Thank somebody today\n\nTell us about whoever has helped you most at work.",
        "Media contacts:\n\nJo Blythe M: 01632 960 123",
        "Press desk:\n\nJo Blythe news@northmoor.example",
        "Analysis: what comes next for the borough?\n\nLegal update: staying put",
    ],
)
def test_what_stands_below_is_left_out(below: str) -> None:
    assert read(f"Inspectors find better social work\n\n{BODY}\n{below}\n").text == BODY.strip()


MENU = "Home About us News Events Northmoor Contact us"


@pytest.mark.parametrize(
    "row",
    [
        "Fostering    Adoption    Our Families",
        "Fostering\tAdoption\tOur Families",
        "Fostering   Adoption   Family Time   Our Mentors   The Big Walk   Run With Us   Wills and Legacies   Contact",
        "Share:  Fostering  Adoption",
    ],
)
def test_wide_gaps_part_links(row: str) -> None:
    first, *rest = BODY.strip().split("\n\n")
    article = read("\n\n".join((row, PRAISED, first, row, *rest)))
    assert (article.title, article.text) == (PRAISED, BODY.strip())


@pytest.mark.parametrize(
    "row",
    [
        "Northmoor   Good",  # two
        "Northmoor   Good   May 2019",  # a number
        "Northmoor   rated   Good",  # begins small
        "It was Good.  It is Good.  It will be.",  # sentences
        "Northmoor   Good   Good\n\nSouthmoor   Poor   Good",  # a table
        "Northmoor   What inspectors had to say of it   Good",  # long
    ],
)
def test_what_only_has_wide_gaps_stays(row: str) -> None:
    first, *rest = BODY.strip().split("\n\n")
    kept = [" ".join(line.split()) for line in row.split("\n\n")]
    assert read("\n\n".join((PRAISED, first, row, *rest))).text == "\n\n".join((first, *kept, *rest))


def test_a_heading_of_cookies_is_furniture() -> None:
    assert is_furniture("Cookies on Northmoor.example")


def test_notices_of_cookies_go() -> None:
    notice = (
        "Cookies on Northmoor.example\n\nWe would like to set more cookies, so that our website remembers you.\n\n"
        "You may accept or reject all cookies."
    )
    article = read(f"{notice}\n\n{PRAISED}\n\n{BODY}")
    assert (article.title, article.text) == (PRAISED, BODY.strip())


@pytest.mark.parametrize(
    "line",
    [
        "“You can use the kitchen and we bake cookies,” a foster carer said of her home.",
        "Staff had set out cookies when inspectors came.",
        "Cookies on a plate greeted all inspectors who came to the home that day.",
    ],
)
def test_cookies_that_are_eaten_stay(line: str) -> None:
    assert not is_furniture(line)


def test_what_a_page_offers_to_skip_goes() -> None:
    first, second, third = BODY.strip().split("\n\n")
    advert = "Skip past the advert\n\nIt is said that nobody ever reads the lines of this box.\n\nAfter the advert"
    unpaired = ("After the advert", "They came back in May.", "Skip past the map")
    article = read("\n\n".join((PRAISED, first, "—", advert, second, advert, third, *unpaired, third)))
    assert article.text == "\n\n".join((first, second, third, *unpaired, third))


def test_a_row_of_links_is_no_headline_and_no_paragraph() -> None:
    first, *rest = BODY.strip().split("\n\n")
    article = read("\n\n".join((MENU, PRAISED, first, "Publications Research Press & Media", *rest)))
    assert (article.title, article.text) == (PRAISED, BODY.strip())


@pytest.mark.parametrize(
    "row", ["Families Housing Crime Letters Northmoor Live", "Get help and advice Courses Insight"]
)
def test_sections_of_a_site_are_a_row_of_links(row: str) -> None:
    assert is_furniture(row)


@pytest.mark.parametrize(
    "line",
    [
        "News Events Northmoor",  # two entries
        "News about events",  # no entry of a menu begins small
        "News from the Home for children in Northmoor with Events at every weekend",  # a small part of the line
        "Health, Education and Research",  # a list, as sentences have it
        "Home. News. Events. Contact us.",  # a sentence
        "FoodJobs KidNews MainEvents",  # parts of words
        "Homes Newsroomy Eventsful",
        "Social Care Workforce Training Delayed",  # three entries, and a verb
        "Northmoor's Social Care Workforce Training Jobs",  # whose they are
        "Wales's Jobs Training",  # two entries: the country's are no third
    ],
)
def test_what_only_looks_like_a_row_of_links_stays(line: str) -> None:
    assert not is_furniture(line)


LETTER = "{greeting}\n\n{body}\n\n{closing}\n\nJo Blythe\n\nChair, Northmoor Foster Carers"


@pytest.mark.parametrize("greeting", ["Dear colleagues,", "Dear Secretary of State", "Dear Mr. Pike,"])
@pytest.mark.parametrize("closing", ["Yours sincerely,", "Kind regards", "Signed:"])
def test_a_letter_keeps_its_greeting_and_those_who_sign_it(greeting: str, closing: str) -> None:
    letter = LETTER.format(greeting=greeting, body=BODY.strip(), closing=closing)
    article = read(f"{PRAISED}\n\n{letter}")
    assert (article.title, article.text) == (PRAISED, letter)


def test_what_stands_below_an_update_of_a_letter_goes() -> None:
    letter = LETTER.format(greeting="Dear colleagues,", body=BODY.strip(), closing="Yours sincerely,")
    update = "The inspectorate has since told the borough that it will answer the letter in the autumn."
    article = read(f"{PRAISED}\n\n{letter}\n\n{update}\n\nAdd your name\n\nSubmit")
    assert article.text == f"{letter}\n\n{update}"


@pytest.mark.parametrize(
    "line",
    [
        "“They found good work. Tell us more about it,” he said.",
        "The council will consult families in May. Tell us what you think.",
        "Analysis: what comes next for the borough?",
    ],
)
def test_a_last_sentence_stays(line: str) -> None:
    assert read(f"{PRAISED}\n\n{BODY}\n{line}").text == f"{BODY.strip()}\n\n{line}"


def test_a_list_that_holds_figures_is_no_contact() -> None:
    body = f"{BODY.strip()}\n\nThe council will:\n\nspend £3.5m on homes"
    assert read(f"{PRAISED}\n\n{body}").text == body


def test_a_headline_may_begin_as_a_letter_does() -> None:
    article = read(f"Dear inspectors: come to our borough\n\n{BODY}")
    assert (article.title, article.text) == ("Dear inspectors: come to our borough", BODY.strip())


def test_notes_to_editors_stay_and_the_contacts_below_them_go() -> None:
    notes = "ENDS\n\nNotes to editors\n\n1. The report covers two years."
    contact = "Press office\n\n8.30am to 6pm\n\nMedia contact: Jo Blythe, 01632 960 123"
    assert (
        read(f"Inspectors find better social work\n\n{BODY}\n{notes}\n\n{contact}\n").text
        == f"{BODY.strip()}\n\n{notes}"
    )


def test_what_stands_round_a_body_goes() -> None:
    head = "Inspectors find better social work\n\nTheo Blythe 3 March 2026"
    foot = "Latest news\n\nAnother headline of the day\n\nShare this page: X LinkedIn Email\n\nComments are closed."
    article = read(f"{head}\n\n{BODY}\n{foot}\n")
    assert (article.text, article.published, article.byline) == (BODY.strip(), "2026-03-03", "Theo Blythe")


@pytest.mark.parametrize(
    "line",
    ["Embargo: 00:01, 3 March 2026", "Posted by: Jo Blythe, Posted on: 3 March 2026 - Categories: Inspection, Care"],
)
def test_lines_that_say_more_than_the_day(line: str) -> None:
    assert read(f"Inspectors find better social work\n\n{line}\n\n{BODY}").published == "2026-03-03"


def test_a_box_of_links_inside_an_article_does_not_end_it() -> None:
    first, *rest = BODY.strip().split("\n\n")
    text = (
        f"Inspectors find better social work\n\n{first}\n\nRelated articles\n\nCouncil gets a new director\n\n"
        + "\n\n".join(rest)
    )
    assert read(text).text == BODY.strip()


def test_a_closing_list_without_full_stops_stays() -> None:
    body = f"{BODY}\nThe council will:\n• hire more staff\n• visit every child"
    assert read(f"Inspectors find better social work\n\n{body}").text.endswith(
        "will:\n\nhire more staff\n\nvisit every child"
    )


def test_a_body_that_speaks_of_cookies_and_comments_keeps_them() -> None:
    body = (
        "The council said that inspectors had found better social work across the borough.\n\n"
        "Comments by the chair were met with anger by social workers in the room.\n\n"
        "Related to this, inspectors said that the council was a better place to work.\n"
    )
    assert read(f"Inspectors find better social work\n\n{body}").text == body.strip()


def test_only_a_line_of_its_own_dates_an_article() -> None:
    assert read(f"Inspectors find better social work\n\n{BODY}\nThe council met on 3 March 2026.").published is None
    assert read(f"Inspectors find better social work\n\nLast updated: 3 March 2026\n\n{BODY}").published is None


def test_a_lexicon_line_says_what_its_phrase_does() -> None:
    assert complaint({"phrase": "menu", "where": "whole-line"}) is None
    assert "'nowhere'" in str(complaint({"phrase": "menu", "where": "nowhere"}))


def test_windows_line_ends_and_charset() -> None:
    article = read("Don’t stop\r\n\r\nThe council said “yes” to what the inspectors asked of it.\r\n".encode("cp1252"))
    assert (article.title, article.text) == ("Don’t stop", "The council said “yes” to what the inspectors asked of it.")


def test_wrapped_lines_are_joined_and_paragraphs_of_one_line_are_not() -> None:
    wrapped = (
        "The inspectors said that what they had found in the borough was no\n"
        "longer poor, and that leaders knew their services and the children who\n"
        "use them.\n"
    )
    assert unwrapped(wrapped) == [" ".join(wrapped.split())]
    lines = [
        "The inspectors said that it was no longer poor at all.",
        "Leaders knew their services well.",
        "So did the staff.",
    ]
    assert unwrapped("\n".join(lines)) == lines


@pytest.mark.parametrize(
    "text",
    [
        "a" * 500_000,
        "word " * 200_000,
        "A line\n" * 50_000,
        '"' * 200_000 + " said the council about what the inspectors found.",
        "aB" * 100_000,
        "Published " * 50_000,
        "Lone \ud800 and nul \x00 in a line that says what the council did.",
        " - a" * 50_000,
        "> " * 100_000 + "a",
        "\n".join(f"Heading number {i} of many" for i in range(5_000)) + "\n" + BODY,
    ],
    ids=range(10),
)
def test_hostile_texts_cost_little(text: str) -> None:
    def work() -> None:
        article = read(text)
        article.text.encode("utf-8")
        assert "\x00" not in article.text

    assert costs_at_most(10, work)
