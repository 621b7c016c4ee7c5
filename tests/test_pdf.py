"""PDF: paragraphs as their reader sees them, and files that give no text refused in plain words."""

from __future__ import annotations

import zlib
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from nlp.lexicon import lexicon
from onrecord.newsroom.pdf import Line, print_report, write_pdf
from pipelines import pdf_lines
from pipelines.article import NotAnArticle, read_article
from pipelines.page import Article, Page
from pipelines.pdf_article import _BULLET
from pipelines.pdf_lines import MOST_PAGES, read_lines
from tests.clock import costs_at_most

LOREM = "Inspectors saw that families in Marlbury wait less for help than they did a year ago"  # 84 letters


def read(body: bytes, **more: object) -> Article:
    given = {"headers": {"content-type": "application/pdf"}, **more}
    return read_article(Page(url="https://marlbury.example/v1/file/1", body=body, **given))  # type: ignore[arg-type]


def paragraphs(*pages: list[Line]) -> list[str]:
    return read(write_pdf(pages)).text.split("\n\n")


def column(*texts: str, x: float = 72, top: float = 700, leading: float = 14, **more: object) -> list[Line]:
    return [Line(text, x, top - leading * i, **more) for i, text in enumerate(texts)]  # type: ignore[arg-type]


def refusal(body: bytes, content_type: str = "application/pdf") -> str:
    with pytest.raises(NotAnArticle) as error:
        read(body, headers={"content-type": content_type})
    return str(error.value)


# Paragraphs -------------------------------------------------------------------------------------------------------


def test_a_report_is_read_as_it_was_written() -> None:
    blocks = [
        ("paragraph", "Inspection dates: 5 to 16 October 2026"),
        ("heading", "The impact of leaders"),
        ("paragraph", f"{LOREM}, and that the multi-agency safeguarding arrangements are understandable. " * 14),
        ("note", "the timeliness of decisions about children who come to the attention of the police at night"),
        ("note", "supervision"),
        ("paragraph", "Most children’s plans (nine in 10) are “clear”, say inspectors. They cost £2.5 million."),
    ]
    body = print_report("Inspection of Marlbury children’s services", blocks, "Marlbury", "Ofsted | Page")
    assert len(PdfReader(BytesIO(body)).pages) == 2
    article = read(body)
    assert article.title == "Inspection of Marlbury children’s services"
    assert article.text.split("\n\n") == [words.strip() for _, words in blocks]
    assert article.body_method == "pdf"
    assert article.published is None


def test_more_space_begins_a_paragraph_whatever_stands_before_it() -> None:
    lines = [*column(LOREM, "and so on"), *column(LOREM, "and so on", top=660)]
    assert paragraphs(lines) == [f"{LOREM} and so on", f"{LOREM} and so on"]


def test_a_first_line_set_in_begins_a_paragraph() -> None:
    lines = [
        Line(LOREM, 90, 700),
        *column(LOREM, f"{LOREM}.", top=686),
        Line(LOREM, 90, 658),
        *column(LOREM, top=644),
    ]
    assert paragraphs(lines) == [f"{LOREM} {LOREM} {LOREM}.", f"{LOREM} {LOREM}"]


def test_a_line_that_ends_before_its_room_does_ends_a_paragraph() -> None:
    lines = column(LOREM, "and they said so.", LOREM, "Recommendations", LOREM, f"{LOREM[:70]} incomprehensibility")
    assert paragraphs(lines) == [f"{LOREM} and they said so.", f"{LOREM} Recommendations", *paragraphs(lines[4:])]


def test_headings_stand_alone_by_size_or_weight() -> None:
    lines = [*column("What went well", top=714, size=12), *column(LOREM, LOREM)]
    assert paragraphs(lines) == ["What went well", f"{LOREM} {LOREM}"]
    lines = [*column("What went well", top=714, bold=True), *column(LOREM, LOREM)]
    assert paragraphs(lines) == ["What went well", f"{LOREM} {LOREM}"]


def test_a_line_in_bold_that_goes_on_in_lower_case_parts_nothing() -> None:
    bold = "in bold to the end of this line, which is as long as the line that stands above it"
    lines = [*column(LOREM), *column(bold, top=686, bold=True), *column("and it ends here.", top=672)]
    assert paragraphs(lines) == [f"{LOREM} {bold} and it ends here."]


def test_each_bullet_is_a_paragraph_without_its_sign() -> None:
    lines = [*column(f"• {LOREM}"), *column(LOREM, x=90, top=686), *column(f"• {LOREM}", f"•{LOREM}", top=672)]
    assert paragraphs(lines) == [f"{LOREM} {LOREM}", LOREM, LOREM]


@pytest.mark.parametrize("sign", ["•", "\uf0b7", "\uf06e", "▪", "■"])
def test_signs_of_an_item(sign: str) -> None:
    assert _BULLET.sub("", f"{sign} one") == "one"


def test_an_item_may_hang_from_its_number() -> None:
    said = f"1.2 {LOREM}."
    assert paragraphs([*column(said), *column(f"They said so. {LOREM}", x=90, top=686)]) == [
        f"{said} They said so. {LOREM}"
    ]


def test_a_paragraph_goes_on_over_a_page_and_a_column() -> None:
    first = column(LOREM, LOREM, top=128)
    assert paragraphs(first, column("and on the next page it ends.", LOREM)) == [
        f"{LOREM} {LOREM} and on the next page it ends.",
        LOREM,
    ]
    short = "a line of a column that is narrow"
    left, right = column(*[short] * 4), column("it goes on in the other one.", *[short] * 3, x=330)
    assert paragraphs([*left, *right])[0].startswith(" ".join([short] * 4) + " it goes on in the other one.")


def test_what_is_drawn_out_of_order_is_read_from_top_to_bottom() -> None:
    lines = column(LOREM, "the second of them ends here.")
    assert paragraphs(lines[::-1]) == [f"{LOREM} the second of them ends here."]


@pytest.mark.parametrize(
    ("above", "below", "joined"),
    [
        ("inspec-", "tion of it", "inspection of it"),
        ("multi-", "agency work", "multi-agency work"),
        ("asylum-", "seeking children", "asylum-seeking children"),
        ("a 12-", "strong team", "a 12-strong team"),
        ("non-", "Ofsted", "non-Ofsted"),
        ("out-of-", "hours team", "out-of-hours team"),
        ("what they said -", "and did", "what they said - and did"),
        ("2023–", "and so on", "2023– and so on"),
        ("inspec\u00ad", "tion", "inspection"),
    ],
)
def test_hyphens_at_line_ends(above: str, below: str, joined: str) -> None:
    lines = column(f"{LOREM} {above}", f"{below}, {LOREM}")
    assert paragraphs(lines) == [f"{LOREM} {joined}, {LOREM}"]


def test_the_document_itself_says_how_a_word_is_spelt() -> None:
    lines = column(f"{LOREM} re-", f"entry was early, {LOREM}", f"and multi-agency and re-entry, {LOREM}")
    assert "re-entry was early" in paragraphs(lines)[0]
    lines = column(f"{LOREM} multi-", f"tude was early, {LOREM}", f"and a multitude of them, {LOREM}")
    assert "multitude was early" in paragraphs(lines)[0]
    lines = column(f"{LOREM} home-", f"school, {LOREM}", f"the school and the home, {LOREM}")
    assert "home-school" in paragraphs(lines)[0]


def test_the_lexicon_of_hyphens_names_sides() -> None:
    assert {side for row in lexicon("hyphens") for side in row["sides"].split("|")} == {"start", "end"}


def test_ligatures_are_letters() -> None:
    stream = b"BT /F1 11 Tf 1 0 0 1 72 700 Tm (\x01nding) Tj ET"
    body = write_pdf([[Line("x", 72, 700)]])
    encoding = b"<< /Type /Encoding /Differences [1 /fi] >>"
    body = body.replace(b"/Encoding /WinAnsiEncoding", b"/Encoding " + encoding)
    body = body.replace(b"BT /F1 11 Tf 1 0 0 1 72 700 Tm (x) Tj ET", stream).replace(b"/Length 40", b"/Length 46")
    assert read(body).text == "finding"


# Running heads and feet ---------------------------------------------------------------------------------------------


def test_running_heads_and_feet_and_page_numbers_are_dropped() -> None:
    texts = [f"{LOREM}.", "What leaders do is another thing altogether, and takes longer to tell.", "This ends it."]
    pages = [
        [
            Line("Ofsted inspection report", 72, 800),
            Line("Marlbury, October 2026", 72, 786),
            *column(text),
            Line(f"Page {number} of 3", 72, 50),
            Line("www.marlbury.example", 300, 36),
        ]
        for number, text in enumerate(texts, 1)
    ]
    assert paragraphs(*pages) == texts


def test_rows_that_differ_in_their_numbers_are_no_running_lines() -> None:
    pages = [column(f"{year} 12 {year % 7} 40", f"{LOREM}, {year}.") for year in (2024, 2021, 2019)]
    assert [line[:4] for line in paragraphs(*pages)] == ["2024", "Insp", "2021", "Insp", "2019", "Insp"]


@pytest.mark.parametrize("number", ["7", "iv", "Page 7", "7 of 12", "- 7 -", "Ofsted | Page 7", "page 7/12"])
def test_a_page_number_is_known_on_a_single_page(number: str) -> None:
    assert paragraphs([*column(LOREM), Line(number, 300, 40)]) == [LOREM]


@pytest.mark.parametrize("last", ["in 2026", "Nobody knew of the 7", "7 children"])
def test_a_last_line_with_a_number_is_kept(last: str) -> None:
    assert paragraphs([*column(LOREM), Line(last, 72, 40)]) == [LOREM, last]


def test_what_is_repeated_inside_a_page_is_no_running_line() -> None:
    """Every page has the same table below the same three lines."""
    page = column(LOREM, LOREM, "Yes", "Good", LOREM, LOREM, LOREM, leading=40)
    other = column("Others", "begin", "otherwise", "Good", "and", "end", "so", leading=40)
    assert paragraphs(page, other).count("Good") == 2


# Title and day ------------------------------------------------------------------------------------------------------


def test_the_title_is_what_the_first_page_sets_largest() -> None:
    front = [
        Line("19 November 2026", 72, 770),
        *column("Focused visit to Marlbury", "children’s services", top=740, leading=24, size=20, bold=True),
        *column(LOREM, f"{LOREM}.", top=660),
    ]
    article = read(write_pdf([front, column("A larger heading, on page two", size=26)]))
    assert article.title == "Focused visit to Marlbury children’s services"
    assert (article.published, article.date_method) == ("2026-11-19", "text")
    assert article.text == f"{LOREM} {LOREM}.\n\nA larger heading, on page two"


def test_what_was_listed_stands_in_where_the_first_page_says_nothing() -> None:
    listed = {"title": "Focused visit: Marlbury", "published": "19 november 2021"}
    article = read(write_pdf([column(LOREM)]), listed=listed)
    assert (article.title, article.published, article.date_method) == (listed["title"], "2021-11-19", "listing")
    dated = write_pdf([[Line("2 November 2021", 72, 780), *column(LOREM)]])
    assert read(dated, listed=listed).published == "2021-11-19"
    assert read(dated, listed={"title": "x"}).published == "2021-11-02"


# What is no article -------------------------------------------------------------------------------------------------

REPORT = print_report("Inspection of Marlbury", [("paragraph", LOREM)] * 30, "Marlbury", "Page")


def test_a_pdf_is_known_by_its_first_bytes_and_by_its_media_type() -> None:
    for content_type in ("", "text/html", "application/octet-stream"):
        assert read(REPORT, headers={"content-type": content_type}).body_method == "pdf"
    assert "cannot be read" in refusal(b"<html><p>Not found</p></html>")


def locked(password: str) -> bytes:
    writer = PdfWriter(clone_from=BytesIO(REPORT))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_a_pdf_that_asks_for_a_password_is_refused_and_one_that_only_forbids_printing_is_read() -> None:
    assert refusal(locked("secret")) == "a PDF that asks for a password"
    assert read(locked("")).text == read(REPORT).text


def test_a_scanned_pdf_is_refused() -> None:
    assert refusal(write_pdf([[], [], []])) == "a PDF without text: 3 pages, which may be pictures"


def test_a_pdf_whose_letters_cannot_be_told_is_refused() -> None:
    body = write_pdf([column("?" * 50)]).replace(b"/F1 3 0 R", b"/F9 3 0 R")  # the font is not there
    assert refusal(body) == "a PDF whose letters cannot be told"


@pytest.mark.parametrize("length", [9, 200, len(REPORT) // 2])
def test_a_pdf_that_is_cut_short_is_refused(length: int) -> None:
    assert refusal(REPORT[:length]).startswith("a PDF")


@pytest.mark.parametrize("step", [3, 7, 11, 13])
def test_a_broken_pdf_raises_nothing_else_and_logs_nothing(step: int, caplog: pytest.LogCaptureFixture) -> None:
    for byte in (0, 32, 60, 255):
        broken = bytearray(REPORT)
        broken[step * 97 :: step * 89] = bytes([byte]) * len(broken[step * 97 :: step * 89])
        with suppress(NotAnArticle):
            read(bytes(broken))
    assert not caplog.records


def test_a_pdf_of_more_pages_than_any_report_is_refused() -> None:
    assert len(read_lines(write_pdf([column("One")] * MOST_PAGES))) == MOST_PAGES
    assert refusal(write_pdf([column("One")] * (MOST_PAGES + 1))) == "a PDF of more than 400 pages"


def bomb(stream: bytes) -> bytes:
    packed = zlib.compress(stream, 9)
    body = write_pdf([[Line("x", 72, 700)]])
    shown = b"<< /Length 40 >>\nstream\nBT /F1 11 Tf 1 0 0 1 72 700 Tm (x) Tj ET"
    assert shown in body
    return body.replace(shown, b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s" % (len(packed), packed))


@pytest.mark.parametrize(
    "stream",
    [
        b"BT /F1 11 Tf (a) Tj ET " * 400_000,
        b"BT /F1 11 Tf (a) Tj ET " * 200_000,
        b"0 0 m 1 1 l S " * 2_000_000,
        b"(" * 5_000_000,
        b"[" * 1_000_000,
        b" " * 60_000_000,
    ],
    ids=["text", "less text", "lines", "brackets", "arrays", "space"],
)
def test_a_bomb_is_refused_in_time(stream: bytes) -> None:
    body = bomb(stream)
    assert costs_at_most(8, lambda: "PDF" in refusal(body) or pytest.fail("it is read"))


def test_what_all_pages_draw_together_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_lines, "MOST_OPERATORS", 100)
    assert refusal(REPORT) == "a PDF that draws more than text"


def test_the_clock_bounds_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_lines, "LONGEST", -1.0)
    assert refusal(REPORT).startswith("a PDF that takes more than")


def test_a_long_report_is_read_in_time() -> None:
    body = write_pdf([column(*[LOREM] * 40) for _ in range(200)])
    assert len(read(body).text) > 500_000
    assert costs_at_most(10, lambda: read(body))


def test_the_same_bytes_for_the_same_report(tmp_path: Path) -> None:
    assert print_report("Inspection of Marlbury", [("paragraph", LOREM)] * 30, "Marlbury", "Page") == REPORT
    with pytest.raises(UnicodeEncodeError):
        write_pdf([column("Łódź")])
