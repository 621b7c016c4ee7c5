"""Our pages over HTTP: what they say, what they link to, and that the words of a page stay words."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from sqlite_utils import Database

from nlp.records import Quote, Records
from onrecord.review import by_rule, plots, queue
from onrecord.review.article import paragraphs
from onrecord.review.plots import Mark
from onrecord.review.shown import shown
from onrecord.serve import datasette
from pipelines.archive import Archive
from pipelines.page import Page
from tests.sample_file import AT, COUNCIL, LATER, SAID, TEXT, UNION, article, build, decide, spot, store

Get = Callable[..., Any]
REVIEW = Path(queue.__file__).parent


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Datasette prints every refusal in colour, with all that was in memory."""
    monkeypatch.setattr("datasette.handle_exception.rich", None)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "night.db"
    fill(build(path), path.parent)
    return path


def fill(db: Database, folder: Path) -> None:
    """Decisions, a night that was well in parts, a page in the archive and one outside, a body without a word."""
    key = "SELECT quote_key FROM quotes WHERE text = ? AND article_id = 1"
    decide(db, db.execute(key, [SAID]).fetchone()[0], "rejected")
    decide(db, db.execute(key, ["We closed 17 cases."]).fetchone()[0], "corrected", "We closed 17 cases.")
    db.execute("INSERT INTO runs VALUES (1, ?, ?, '1', 'partial', 1)", [AT, LATER])
    night = "INSERT INTO run_sources (run_id, source_id, new, quotes, verdict, note) VALUES (1, ?, ?, ?, ?, ?)"
    db.execute(night, ["herald", 1, 3, "ok", None])
    db.execute(night, ["courier", 2, 4, "failed", "its listing did not answer"])
    db.execute("INSERT INTO figure_checks VALUES (1, 'contradicted', 18, 'recount')")
    answer = Page(
        url="https://news.example/marlbury",
        body=b"<p>caf\xc3\xa9</p><script>alert(1)</script>",
        headers={"content-type": "text/html"},
        fetched_at="2026-05-01T01:30:00Z",
    )
    archive = Archive(folder / "archive")
    archive.write(answer)
    name, offset = archive.write(answer)
    page = (
        "INSERT INTO pages (id, url, role, article_id, first_seen, last_seen, archive_file, archive_offset)"
        " VALUES (?, ?, 'article', ?, ?, ?, ?, ?)"
    )
    db.execute(page, [7, answer.url, 1, AT, AT, name, offset])
    shutil.copy(archive.path, folder / "secret.warc.gz")
    db.execute(page, [8, "https://news.example/gone", None, AT, AT, "../secret.warc.gz", 0])
    review = (
        "INSERT INTO reviews (item_kind, item_key, decision, reviewer, at, text) VALUES ('stance', ?, ?, 'bo', ?, ?)"
    )
    (stance,) = db.execute("SELECT stance_key FROM stances WHERE text = 'a blunt tool' AND article_id = 1").fetchone()
    db.execute(review, [stance, "rejected", LATER, "a blunt tool"])
    db.execute("INSERT INTO organisations (name) VALUES ('Silent Guild')")
    names = "INSERT INTO organisation_aliases (organisation_id, alias, kind) VALUES (2, ?, ?)"
    db.conn.executemany(names, [("GFSW", "acronym"), ("Guildtown", "place")])
    db.conn.commit()
    db.close()


@pytest.fixture(scope="module")
def get(path: Path) -> Iterator[Get]:
    yield from getting(path)


def getting(path: Path) -> Iterator[Get]:
    application = datasette(path)
    loop = asyncio.new_event_loop()

    def get(page: str, **query: object) -> Any:
        url = page + ("?" + urlencode(query) if query else "")
        return loop.run_until_complete(application.client.get(url))

    yield get
    application.executor.shutdown()
    loop.close()


def words(page: Any) -> str:
    """What a page says, without its tags."""
    text = re.sub(r"<(script|style|template|datalist|select).*?</\1>", " ", page.text, flags=re.DOTALL)
    text = re.sub(r"</(?:td|th|p|li|div|h\d|label|option)>", " ", text)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", text)).split())


def links(page: Any) -> list[str]:
    return [unescape(link) for link in re.findall(r'(?:href|src|action)="([^"]*)"', page.text)]


def quoted(page: Any) -> list[str]:
    """The words of the statements, in order."""
    return [unescape(it) for it in re.findall(r'class="words"[^>]*>(.*?)</(?:span|mark)>', page.text, re.DOTALL)]


# The front page -------------------------------------------------------------------------------------------------------


def test_the_front_page_says_what_the_night_brought_and_how_the_sources_are(get: Get) -> None:
    page = get("/")
    assert page.status_code == 200
    said = words(page)
    assert "The night of 1 May 2026, 01:30 UTC went well in parts: 3 new articles, 0 changed, 7 new quotes" in said
    assert "New since last night" in said
    assert "1 of 2 are well." in said
    assert "The Courier failed its listing did not answer last well: never" in said
    assert "7 quotes, 2 figures, 5 stances. Review 5" in said
    for link in ("/organisation/1", "/review/quote?organisation=1", "/feed/statements.atom", "/night", "/search"):
        assert link in links(page), link


def test_of_each_story_the_front_page_shows_the_most_telling_statement(get: Get) -> None:
    assert quoted(get("/")) == ["The visit was fair and right,", SAID]


def test_the_front_page_does_not_repeat_what_was_rejected(tmp_path: Path) -> None:
    db = build(tmp_path / "night.db")
    decide(db, db.execute("SELECT quote_key FROM quotes WHERE article_id = 3").fetchone()[0], "rejected")
    db.close()
    for get in getting(tmp_path / "night.db"):
        assert quoted(get("/")) == [SAID]


def test_bodies_are_found_by_a_part_of_their_name(get: Get) -> None:
    assert COUNCIL.name in words(get("/"))
    page = words(get("/", body="guild"))
    assert f"{UNION.name} unlisted 3 3 0 3" in page
    assert COUNCIL.name not in page.split("Stances")[-1]
    assert "Silent Guild" not in page
    assert "None." in words(get("/", body="100%"))


def test_an_empty_file_says_what_to_do(tmp_path: Path) -> None:
    from pipelines.schema import open_database

    open_database(tmp_path / "empty.db").close()
    for get in getting(tmp_path / "empty.db"):
        assert "run onrecord nightly" in words(get("/"))
        assert "Nothing to review here." in words(get("/review/quote"))
        assert get("/search", q="children").status_code == 200


# A body ---------------------------------------------------------------------------------------------------------------


def test_a_body_has_its_statements_in_context_with_speaker_source_and_links(get: Get) -> None:
    page = get("/organisation/2")
    said = words(page)
    assert "Body, named in articles, not on our list. Also called GFSW." in said
    assert quoted(page) == ["The visit was fair and right,", "a blunt tool"]
    assert "The Guild of Family Social Workers called the visit “a blunt tool”." in said
    assert "The Herald, 30 April 2026: Inspectors praise Marlbury" in said
    assert "The same words at 1 other outlet The Courier, 1 May 2026" in said
    for link in (
        "/article/1#quote-3",
        "https://news.example/marlbury",
        "/archived/7",
        "/organisation/2/statements.atom",
    ):
        assert link in links(page), link
    assert 'aria-label="Quotes by decision: 0 accepted, 0 corrected, 0 rejected, 3 to review"' in page.text
    assert 'aria-label="Quotes by month. April 2026: 1 quote; May 2026: 2 quotes"' in page.text
    assert 'aria-label="inspection framework: 1 supportive, 1 critical, 0 mixed, 0 neutral"' in page.text


def test_a_body_has_its_people_with_their_posts_and_its_figures(get: Get) -> None:
    said = words(get("/organisation/1"))
    assert "Ada Quillfeather 4 quotes director of children's services 30 April 2026 to 1 May 2026" in said
    assert "17 cases cases 30 April 2026, contradicted" in said


@pytest.mark.parametrize(
    ("narrowed", "expected"),
    [
        ({"status": "open"}, [SAID, "We closed 17 cases."]),
        ({"status": "rejected"}, [SAID]),
        ({"status": "corrected"}, ["We closed 17 cases."]),
        ({"source": "herald"}, [SAID, "We closed 17 cases."]),
        ({"to": "2026-04-30"}, [SAID, "We closed 17 cases."]),
        ({"topic": "workforce", "source": "courier"}, [SAID]),
        ({"min": "0.95"}, []),
        ({"rule": "other"}, []),
        ({"person": "1", "status": "rejected"}, [SAID]),
    ],
    ids=str,
)
def test_the_statements_of_a_body_can_be_narrowed_down(get: Get, narrowed: Any, expected: list[str]) -> None:
    page = get("/organisation/1", **narrowed)
    assert quoted(page) == expected
    assert '<details class="narrow" open>' in page.text


def test_a_copy_is_shown_where_its_first_is_not_asked_for(get: Get) -> None:
    assert quoted(get("/organisation/2", source="courier")) == ["a blunt tool"]
    since = {"from": "2026-05-01"}
    assert quoted(get("/organisation/2", **since)) == ["The visit was fair and right,", "a blunt tool"]
    assert quoted(get("/organisation/2", to="2026-05-01")) == ["a blunt tool"] * 2


def test_the_same_words_in_another_story_are_no_copy(tmp_path: Path) -> None:
    db = build(tmp_path / "night.db")
    text = "Elsewhere the levy was called “a blunt tool”."
    found = Records(quotes=(Quote(**spot(text, "a blunt tool"), rule="t"),))
    store(db, article("https://news.example/levy", text), found)
    [it] = shown(db.conn, "quote", [3])
    db.close()
    assert [copy.article_id for copy in it.copies] == [2]


def test_of_many_copies_some_are_named(path: Path, get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onrecord.review.shown._COPIES", 0)
    assert "other outlet" not in words(get("/organisation/2"))


def test_earlier_statements_are_a_link_away(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onrecord.review.organisation._PAGE", 1)
    (further,) = [link for link in links(get("/organisation/2")) if "after=" in link]
    assert quoted(get(further)) == ["a blunt tool"]


@pytest.mark.parametrize("page", ["/organisation/99", "/article/99", "/archived/99", "/organisation/x"])
def test_what_is_not_there_is_not_found(get: Get, page: str) -> None:
    assert get(page).status_code == 404


@pytest.mark.parametrize("page", ["/organisation/1", "/review/quote", "/review/quote.json"])
@pytest.mark.parametrize("query", [{"status": "undecided"}, {"from": "soon"}, {"after": "x"}], ids=str)
def test_a_bad_address_is_a_sentence_and_no_error(get: Get, page: str, query: dict[str, str]) -> None:
    answer = get(page, **query)
    assert answer.status_code == 400
    assert next(iter(query)) in answer.text


# The queue ------------------------------------------------------------------------------------------------------------


def test_the_queue_has_what_is_to_review_with_all_that_deciding_needs(get: Get) -> None:
    page = get("/review/quote", organisation=1)
    assert quoted(page) == [SAID, "We closed 17 cases."]
    said = words(page)
    assert "2 of 4 reviewed" in said
    assert "Quotes 5 Figures 2 Stances 4" in said
    (token,) = re.findall(r'name="csrf-token" content="([^"]+)"', page.text)
    assert page.cookies["ds_csrftoken"] == token
    (first, _) = re.findall(r'<article class="item open".*?>', page.text)
    assert 'data-seen=""' in first
    assert "&#34;speaker&#34;: &#34;Ada Quillfeather&#34;" in first
    assert "&#34;bodies&#34;: [&#34;Guild of Family Social Workers&#34;, &#34;Marlbury Council&#34;]" in first


def test_the_words_and_what_is_around_them_are_the_article_to_the_letter(path: Path, get: Get) -> None:
    """The script counts characters in them."""
    items = get("/review/quote.json", status="all").json()
    contexts = re.findall(r'<p class="context">(.*?)</p>', items["html"], re.DOTALL)
    starts = re.findall(r'data-start="(\d+)"', items["html"])
    assert len(contexts) == len(items["items"]) == 7
    for context, start, item in zip(contexts, starts, items["items"], strict=True):
        before, inside, after = (unescape(it) for it in re.findall(r">(.*?)</(?:span|mark)>", context, re.DOTALL))
        assert inside == item["text"]
        around = before + inside + after
        if "fair and right" not in inside:
            assert around in TEXT
            assert TEXT.index(inside) == int(start)


def test_context_begins_and_ends_with_whole_words(tmp_path: Path) -> None:
    text = " ".join(f"word{number}{'s' * (number % 7)}" for number in range(300))
    db = build(tmp_path / "night.db")
    said = ("word0", "word150sss", "word299sssss")
    id = store(
        db,
        article("https://news.example/words", text),
        Records(quotes=tuple(Quote(**spot(text, it), rule="t") for it in said)),
    )
    ids = [id for (id,) in db.execute("SELECT id FROM quotes WHERE article_id = ? ORDER BY start", [id])]
    first, middle, last = shown(db.conn, "quote", ids)
    db.close()
    for it in (first, middle, last):
        around = it.before + it.text + it.after
        assert around in text
        assert set(around.split()) <= set(text.split())
        assert it.starts_inside == (it is not first)
        assert it.ends_inside == (it is not last)
        assert len(it.lead) < len(it.before) or not it.before
    assert (first.before, last.after) == ("", "")
    assert 150 < len(middle.before) <= 240 >= len(middle.after) > 150
    assert middle.lead.startswith("… word") is middle.tail.endswith(" …") is True


def test_the_next_records_come_as_json(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE", 3)
    keys: list[str] = []
    after = ""
    while after is not None:
        page = get("/review/quote.json", status="all", after=after).json()
        assert set(page) == {"items", "html", "after", "gave_up"}
        assert page["html"].count("<article ") == len(page["items"]) <= 3
        keys += [item["key"] for item in page["items"]]
        after = page["after"]
    assert len(keys) == len(set(keys)) == 7
    assert get("/review/quote", status="all").text.count('<article class="item') == 3


def test_a_decided_record_says_by_whom_and_what_the_rule_had_said(get: Get) -> None:
    said = words(get("/review/quote", status="corrected"))
    assert "Ada Quillfeather, chair, Marlbury Council" in said
    assert "The rule had said: role none The Herald" in said, "that, and nothing that is as it was"
    assert "corrected by bo, 2 May 2026, 01:30" in said


def test_figures_and_stances_are_reviewed_likewise(get: Get) -> None:
    figures = get("/review/figure")
    assert quoted(figures) == ["17 cases", "17 cases"]
    assert "read as 17 · cases" in words(figures).lower()
    assert "contradicted by the published judgments: recount" in words(figures)
    stances = get("/review/stance", topic="workforce")
    assert quoted(stances) == [SAID, SAID]
    assert "supportive of workforce" in words(stances)
    assert get("/review/appointment").status_code == 404


def test_one_record_can_be_asked_for(path: Path, get: Get) -> None:
    key = get("/review/quote.json", status="rejected").json()["items"][0]["key"]
    assert quoted(get("/review/quote", item=key)) == [SAID]
    assert "is not in the file any more" in words(get("/review/quote", item="0" * 32))


def test_the_rest_of_a_rule_is_offered_once_its_sample_is_read(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    page = get("/review/quote", rule="test")
    assert "Read 5 more of the sample; then the rest can be accepted at once." in words(page)
    assert "accept-rule" not in page.text
    assert len(quoted(get("/review/quote", rule="test", sample="1"))) == 5
    monkeypatch.setattr(by_rule, "SAMPLE", 3)
    to_read = quoted(get("/review/quote", rule="test", sample="1"))
    assert 1 <= len(to_read) <= 3
    assert f"Read {len(to_read)} more of the sample" in words(get("/review/quote", rule="test"))
    monkeypatch.setattr(by_rule, "SAMPLE", 0)
    page = get("/review/quote", rule="test")
    assert "Accept the other 5 unread" in words(page)


def test_whoever_reviews_is_named(get: Get, path: Path) -> None:
    assert 'name="reviewer" content=""' in get("/review/quote").text
    application = datasette(path)
    cookies = {"onrecord_reviewer": "Bo%20Peep"}
    page = asyncio.run(application.client.get("/review/quote", cookies=cookies))
    application.executor.shutdown()
    assert "You review as Bo Peep" in words(page)


# An article -----------------------------------------------------------------------------------------------------------


class Text(HTMLParser):
    """The paragraphs of an article's page, as (text, classes of its marks)."""

    def __init__(self) -> None:
        super().__init__()
        self.paragraphs: list[list[tuple[str, str]]] = []
        self.anchors: list[str] = []
        self._inside = self._over = False
        self._mark = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "div" and given.get("class") == "row":
            self.paragraphs.append([])
        self._inside = self._inside or (tag == "p" and bool(self.paragraphs) and not self._over)
        self._mark = given.get("class") or "" if tag == "mark" else self._mark
        if given.get("class") == "anchor":
            self.anchors.append(given.get("id") or "")

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "p"
        self._over = self._over or tag == "article"
        self._mark = "" if tag == "mark" else self._mark

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.paragraphs[-1].append((data, self._mark))


def test_an_article_is_shown_whole_with_every_record_marked_in_place(get: Get) -> None:
    page = get("/article/1")
    text = Text()
    text.feed(page.text)
    assert "\n\n".join("".join(data for data, _ in it) for it in text.paragraphs) == TEXT
    marked = {data: kinds for it in text.paragraphs for data, kinds in it if kinds}
    assert marked == {
        SAID: "quote stance",
        "We closed ": "quote",
        "17 cases": "quote figure",
        ".": "quote",
        "a blunt tool": "quote stance",
    }
    assert sorted(text.anchors) == ["figure-1", "quote-1", "quote-2", "quote-3", "stance-1", "stance-2"]
    said = words(page)
    assert "3 quotes 1 figure 2 stances" in said
    assert "1 other outlet told the same story" in said
    assert "supportive of workforce, Marlbury Council" in said
    assert "/archived/7" in links(page)


def test_records_that_run_over_paragraphs_and_into_each_other_are_marked(tmp_path: Path) -> None:
    text = "One two three.\n\nFour five six.\n\nSeven."
    db = build(tmp_path / "night.db")
    id = store(
        db,
        article("https://news.example/long", text),
        Records(quotes=tuple(Quote(**spot(text, it), rule="t") for it in ("two three.\n\nFour five", "five six."))),
    )
    ids = [id for (id,) in db.execute("SELECT id FROM quotes WHERE article_id = ?", [id])]
    first, second, third = paragraphs(text, shown(db.conn, "quote", ids))
    db.close()
    assert [(it.text, len(it.kinds), len(it.begins)) for it in first.pieces] == [("One ", 0, 0), ("two three.", 1, 1)]
    assert [(it.text, len(it.kinds), len(it.begins)) for it in second.pieces] == [
        ("Four ", 1, 0), ("five", 1, 1), (" six.", 1, 0),
    ]  # fmt: skip
    assert [it.text for it in third.pieces] == ["Seven."]
    assert [len(it.notes) for it in (first, second, third)] == [1, 1, 0]


def test_an_edited_article_and_one_that_is_gone_say_so(tmp_path: Path) -> None:
    db = build(tmp_path / "night.db")
    store(db, article(text=TEXT + "\n\nCorrected."), Records(), at=LATER)
    db.execute("UPDATE articles SET gone_at = ? WHERE id = 1", [LATER])
    db.conn.commit()
    db.close()
    for get in getting(tmp_path / "night.db"):
        page = get("/article/1")
        assert "Its site had taken it down by 2 May 2026." in words(page)
        assert "The page was edited: as it was until 2 May 2026." in words(page)
        assert "/night/article_versions/1" in links(page)
        assert get("/night/article_versions/1").status_code == 200


# An answer as archived ------------------------------------------------------------------------------------------------


def test_an_archived_answer_is_text_whatever_it_was(get: Get) -> None:
    page = get("/archived/7")
    assert page.headers["content-type"].startswith("text/plain")
    assert page.headers["x-content-type-options"] == "nosniff"
    head, body = page.text.split("\n\n", 1)
    assert head.startswith("https://news.example/marlbury, 2026-05-01T01:30:00Z\nHTTP 200\n")
    assert body == "<p>café</p><script>alert(1)</script>"


def test_no_name_in_the_file_leads_out_of_the_archive(get: Get) -> None:
    assert get("/archived/8").status_code == 404


def test_an_archive_that_is_gone_or_cut_short_is_said(path: Path, tmp_path: Path) -> None:
    db = build(tmp_path / "night.db")
    fill(db, tmp_path)
    (archive,) = (tmp_path / "archive").iterdir()
    for get in getting(tmp_path / "night.db"):
        archive.write_bytes(archive.read_bytes()[:-40])
        assert get("/archived/7").status_code == 404
        archive.unlink()
        assert get("/archived/7").status_code == 404


# Search ---------------------------------------------------------------------------------------------------------------


def test_search_finds_statements_bodies_and_people(get: Get) -> None:
    assert quoted(get("/search", q="INSPECTOR works")) == [SAID, SAID]
    assert "Nobody said that" in words(get("/search", q="zebra"))
    page = get("/search", q="quill")
    assert "Ada Quillfeather (Marlbury Council)" in words(page)
    assert "/review/quote?person=1&status=all" in links(page)
    guilds = get("/search", q="guild")
    assert "/organisation/2" in links(guilds)
    assert "Silent" not in words(guilds)
    assert "/organisation/2" in links(get("/search", q="GFSW"))
    for odd in ('"', "*", "a AND", "NEAR(", "%", "'; DROP TABLE quotes --", "quote_key:x", "  "):
        assert get("/search", q=odd).status_code == 200, odd


def test_search_goes_on_where_it_ended(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onrecord.review.search._PAGE", 1)
    first = get("/search", q="inspectors")
    (further,) = [link for link in links(first) if "before=" in link]
    assert quoted(get(further)) == [SAID]
    assert "Ada" not in words(get("/search", q="quill", before="9")), "names are on the first page"
    assert not [link for link in links(get(further)) if "before=" in link]
    assert get("/search", q="x", before="y").status_code == 400


# All of them ----------------------------------------------------------------------------------------------------------

PAGES = (
    "/", "/organisation/1", "/organisation/2", "/review/quote?status=all", "/review/figure?status=all",
    "/review/stance?status=all", "/review/quote.json?status=all", "/article/1", "/article/3", "/search?q=visit",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_the_words_of_a_page_stay_words(tmp_path: Path, page: str) -> None:
    """Whatever a site prints: no tag of it is drawn, no address of it but the web's is a link."""
    db = build(tmp_path / "night.db")
    fill(db, tmp_path)
    db = Database(tmp_path / "night.db")
    hostile = "</p><img src=x onerror=alert(1)>\"'<b>"
    db.execute("UPDATE people SET name = name || ?", [hostile])
    db.execute("UPDATE organisations SET name = name || ?, kind = ?", [hostile, hostile])
    db.execute("UPDATE sources SET name = name || ?", [hostile])
    db.execute("UPDATE articles SET title = ?, standfirst = ?, byline = ?", [hostile] * 3)
    db.execute("UPDATE articles SET url = 'javascript:alert(' || id || ')'")
    db.execute("UPDATE quotes SET role = ?, rule = ?", [hostile] * 2)
    db.execute("UPDATE figures SET of = ?, rule = ?", [hostile] * 2)
    db.execute("UPDATE stances SET topic = ?, rule = ?", [hostile] * 2)
    db.execute("UPDATE run_sources SET note = ?", [hostile])
    db.execute("UPDATE figure_checks SET why = ?", [hostile])
    db.execute("UPDATE appointments SET role = ?", [hostile])
    db.conn.commit()
    db.close()
    for get in getting(tmp_path / "night.db"):
        answer = get(page)
        assert answer.status_code == 200
        text = answer.json()["html"] if ".json" in page else answer.text
        assert "onerror=alert(1)&gt;" in text or "onerror=alert(1)\\u003e" in text, "it is there, and escaped"
        assert "<img" not in text
        assert "<b>&" not in text
        assert not re.search(r'href="\s*javascript', text)
        assert "javascript:" not in " ".join(links(answer))


def test_whoever_may_not_see_the_database_sees_none_of_it(path: Path) -> None:
    application = datasette(path)
    application._metadata_local["allow"] = {"id": "ada"}
    loop = asyncio.new_event_loop()
    for page in (*PAGES, "/archived/7"):
        assert loop.run_until_complete(application.client.get(page)).status_code == 403, page
    cookies = {"ds_actor": application.sign({"a": {"id": "ada"}}, "actor")}
    assert loop.run_until_complete(application.client.get("/article/1", cookies=cookies)).status_code == 200
    application.executor.shutdown()
    loop.close()


def test_what_takes_too_long_is_ended_and_said(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    monkeypatch.setattr("onrecord.review.search.look", lambda connection, *_: connection.execute(endless).fetchall())
    answer = get("/search", q="x")
    assert answer.status_code == 503
    assert "Looking that up took too long" in answer.text


@pytest.mark.parametrize("page", PAGES)
def test_pages_bring_no_script_or_style_of_their_own_and_nothing_from_elsewhere(get: Get, page: str) -> None:
    text = get(page).text
    assert not re.search(r"<script(?![^>]* src=)|<style|\son[a-z]+=|\sstyle=", text)
    loaded = re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="([^"]*)"', text)
    assert all(it.startswith("/") for it in loaded)


def test_every_link_within_leads_somewhere(get: Get) -> None:
    within = {link.split("#")[0] for page in PAGES if ".json" not in page for link in links(get(page))}
    within = {link for link in within if link.startswith("/")}
    assert len(within) > 20
    assert {link: code for link in sorted(within) if (code := get(link).status_code) != 200} == {}


def test_no_template_takes_text_as_it_is() -> None:
    templates = list((REVIEW / "templates").glob("*.html"))
    assert len(templates) > 5
    for template in templates:
        assert not re.search(r"\|\s*safe|autoescape|Markup", template.read_text(encoding="utf-8")), template.name


def test_pictures_are_as_large_as_what_they_count() -> None:
    picture = ElementTree.fromstring(plots.columns([Mark(2, "a & b"), Mark(0, "none"), Mark(4, "<c>")], 'says "x"'))
    assert picture.get("aria-label") == 'says "x"'
    assert [(it.get("height"), it.findtext("title")) for it in picture] == [("50", "a & b"), ("100", "<c>")]
    parts = ElementTree.fromstring(plots.share([Mark(1, "a", "accepted"), Mark(3, "b", "rejected")], ""))
    assert [(it.get("x"), it.get("width"), it.get("class")) for it in parts] == [
        ("0", "25", "accepted"), ("25", "75", "rejected"),
    ]  # fmt: skip
    pair = (Mark(1, "for"), Mark(2, "against"), Mark(0, "neither"))
    _, above, below = ElementTree.fromstring(plots.balance([pair], ""))
    assert float(above.get("y") or 0) + float(above.get("height") or 0) < 50 < float(below.get("y") or 0)
    assert float(below.get("height") or 0) == 2 * float(above.get("height") or 0)
    for nothing in (plots.columns([], ""), plots.share([Mark(0, "x")], ""), plots.balance([], "")):
        assert not ElementTree.fromstring(nothing).findall("rect")
