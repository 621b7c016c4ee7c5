"""Which articles tell one story, which of them it comes from, and what a night costs on which little is new."""

from __future__ import annotations

import itertools
import random
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from nlp.records import Quote, Records
from onrecord.check import check
from pipelines import schema, stories
from pipelines.extract import extract_stored
from pipelines.keys import digest
from pipelines.likeness import is_copy, resembling, signature
from pipelines.page import Article
from pipelines.schema import open_database
from pipelines.store import store_article, store_records
from pipelines.stories import group_stories
from tests.clock import costs_at_most

AT, LATER = "2027-01-01T01:30:00+00:00", "2027-01-02T01:30:00+00:00"
CASES = tomllib.loads((Path(__file__).parent / "cases/stories.toml").read_text(encoding="utf-8"))["story"]
COPIED = CASES[1]["article"]
SAID = "Nobody who saw that house could have slept well afterwards."


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    db = open_database(tmp_path / "file.db")
    yield db
    db.close()


def told() -> list[tuple[str, dict[str, Any]]]:
    """Every article of the cases, with the story it tells."""
    return [(case["what"], article) for case in CASES for article in case["article"]]


def url(article: dict[str, Any]) -> str:
    return f"https://{article['outlet']}.example/{digest(article['text'])[:8]}"


def store(db: Database, article: dict[str, Any], text: str | None = None, at: str = AT, **other: Any) -> int:
    """Stores an article of the cases, or one like it; gives its id."""
    publisher = "ofsted" if article.get("issuer") else None
    fields = {"url": url(article), "title": article["outlet"], "published": article["day"], "publisher": publisher}
    one = Article(text=text or article["text"].strip(), body_method="text", **{**fields, **other})
    return store_article(db, one, seen_at=at).id


def issuers(db: Database) -> None:
    db.table("organisations").insert({"slug": "ofsted", "name": "Ofsted"}, ignore=True)


def groups(db: Database) -> set[frozenset[str]]:
    """The addresses of each story's articles."""
    rows = db.execute("SELECT story_id, url FROM articles WHERE story_id IS NOT NULL ORDER BY story_id").fetchall()
    return {frozenset(row[1] for row in rows) for _, rows in itertools.groupby(rows, key=lambda row: row[0])}


def origins(db: Database) -> set[str]:
    return {url for (url,) in db.execute("SELECT url FROM stories JOIN articles ON articles.id = origin_article_id")}


def written(db: Database) -> list[str]:
    """The file's content, but for full-text indexes."""
    return [line for line in db.conn.iterdump() if "_fts" not in line]


EXPECTED = {frozenset(map(url, case["article"])) for case in CASES if len(case["article"]) > 1}
ORIGINS = {url(next(filter(lambda a: a.get("issuer"), case["article"]), case["article"][0]))
           for case in CASES if len(case["article"]) > 1}  # fmt: skip


def test_the_cases_are_grouped_as_they_say_and_come_from_where_they_say(db: Database) -> None:
    issuers(db)
    for _, article in told():
        extract_stored(db, store(db, article), at=AT)
    assert group_stories(db) == len(EXPECTED)
    assert groups(db) == EXPECTED
    assert origins(db) == ORIGINS
    assert {article["outlet"] for _, article in told() if url(article) in ORIGINS} == {
        "northmoor-council", "inspectorate", "valley-echo", "guild",
    }  # fmt: skip


def test_no_two_articles_of_two_stories_are_ever_joined(db: Database) -> None:
    """Each alone with each, whatever joins them with a third."""
    for (what, one), (other_what, other) in itertools.combinations(told(), 2):
        if one["outlet"] != other["outlet"] and is_copy(one["text"], other["text"]):
            short = min(len(one["text"].split()), len(other["text"].split())) < 50
            assert what == other_what or short, (what, other_what)


def test_the_order_in_which_articles_come_says_nothing(tmp_path: Path) -> None:
    """One by one or all at once, first or last: the same stories, the same origins, and whole files."""
    for seed in range(3):
        articles = [article for _, article in told()]
        random.Random(seed).shuffle(articles)
        db = open_database(tmp_path / f"{seed}.db")
        issuers(db)
        for article in articles:
            id = store(db, article)
            if "sector-weekly" in article["outlet"] or "northmoor" in article["outlet"]:
                extract_stored(db, id, at=AT)
            if seed:
                group_stories(db)
        group_stories(db)
        assert groups(db) == EXPECTED
        assert origins(db) == ORIGINS
        db.close()
        assert check(tmp_path / f"{seed}.db") == []


def test_the_origin_is_the_issuer_even_where_a_paper_was_first(db: Database) -> None:
    issuers(db)
    release, paper, cut = COPIED
    store(db, release, published="2026-04-17")
    store(db, paper)
    assert group_stories(db) == 1
    assert origins(db) == {url(release)}
    # What a source is known for may come later; without an issuer the earliest counts, and of a day the first address.
    db.execute("UPDATE articles SET publisher_id = NULL")
    group_stories(db)
    assert origins(db) == {url(paper)}
    store(db, cut, published=paper["day"], url="https://a.example/first")
    group_stories(db)
    assert origins(db) == {"https://a.example/first"}


@pytest.mark.parametrize(("day", "together"), [("2026-05-14", True), ("2026-05-15", False), ("2026-03-15", True)])
def test_copies_are_of_one_month(db: Database, day: str, together: bool) -> None:
    store(db, COPIED[0])
    store(db, COPIED[1], published=day)
    assert group_stories(db) == together


def test_an_undated_copy_counts_from_the_day_it_was_first_seen(db: Database) -> None:
    store(db, COPIED[0])
    store(db, COPIED[1], published=None, at="2026-04-20T01:30:00+00:00")
    store(db, COPIED[2], published=None, at="2026-09-20T01:30:00+00:00")
    assert group_stories(db) == 1
    assert groups(db) == {frozenset(map(url, COPIED[:2]))}


def test_a_story_that_falls_apart_gives_its_number_to_the_earlier_half(db: Database) -> None:
    halves = [" ".join(f"{name}{n}" for n in range(90)) for name in ("ash", "elm")]
    bridge = store(db, COPIED[0], "\n\n".join(halves), url="https://bridge.example/", published="2026-04-20")
    for n, text in enumerate((halves[1], halves[1], halves[0], halves[0])):
        store(db, COPIED[0], text, url=f"https://{n}.example/", published=f"2026-04-1{n}")
    assert group_stories(db) == 1
    (number,) = db.execute("SELECT id FROM stories").fetchone()
    store(db, COPIED[0], "Withdrawn.", url="https://bridge.example/", published="2026-04-20", at=LATER)
    assert group_stories(db) == 2
    parts = dict(db.execute("SELECT url, story_id FROM articles WHERE story_id IS NOT NULL").fetchall())
    assert parts["https://0.example/"] == parts["https://1.example/"] == number
    assert parts["https://2.example/"] == parts["https://3.example/"] != number
    assert db.execute("SELECT story_id FROM articles WHERE id = ?", [bridge]).fetchone() == (None,)


def test_within_one_outlet_only_the_same_text_is_a_story(db: Database) -> None:
    first, second = (store(db, article, url=f"https://one.example/{n}") for n, article in enumerate(COPIED[:2]))
    assert group_stories(db) == 0
    third = store(db, COPIED[0], url="https://one.example/again")
    assert group_stories(db) == 1
    assert {id for (id,) in db.execute("SELECT id FROM articles WHERE story_id")} == {first, third}
    assert second


def test_a_long_quote_joins_whichever_article_is_looked_at(db: Database) -> None:
    """Eight words with a space between: what one outlet hyphenates is too short there, for both."""
    for first, second in (("one-hyphen", "one hyphen"), ("one hyphen", "one-hyphen")):
        for n, words in enumerate((first, second)):
            text = f"“She saw it all in {words} said,” said nobody of {first}."
            start = text.index("She")
            quote = Quote(start, start + len(text.split("”")[0]) - 1, text[start : text.index("”")], rule="t")
            id = store(db, COPIED[0], text, url=f"https://{n}.example/{first[3]}")
            store_records(db, id, Records(quotes=(quote,)), extracted_at=AT, extractor="t")
            group_stories(db)
    assert [len(group) for group in groups(db)] in ([], [2])


def test_a_file_from_before_is_grouped_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = tmp_path / "schema"
    shutil.copytree(schema._FOLDER, older, ignore=lambda _, names: [name for name in names if name >= "0006"])
    with monkeypatch.context() as before:
        before.setattr(schema, "_FOLDER", older)
        db = open_database(tmp_path / "old.db")
        for article in COPIED:
            store(db, article)
        db.close()
    db = open_database(tmp_path / "old.db")
    assert group_stories(db) == 1
    db.close()


# What a night costs ---------------------------------------------------------------------------------------------------


@pytest.fixture
def full(db: Database) -> Database:
    issuers(db)
    for _, article in told():
        store(db, article)
    group_stories(db)
    return db


def test_an_unchanged_night_reads_no_text_and_writes_nothing(full: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    stories_told = len(groups(full))
    before, changes = written(full), full.conn.total_changes
    for name in ("signature", "is_copy", "resembling"):
        monkeypatch.setattr(stories, name, None)
    for _, article in told():
        store(full, article)  # as every night: unchanged
    asked: list[str] = []
    full.conn.set_trace_callback(asked.append)
    assert group_stories(full) == stories_told
    full.conn.set_trace_callback(None)
    assert full.conn.total_changes == changes
    assert written(full) == before
    assert len(asked) == 4, "begin, what is due, how many stories, commit"


def test_one_new_article_is_signed_and_compared_alone(full: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    signed, compared = [], []
    monkeypatch.setattr(stories, "signature", lambda text: signed.append(text) or signature(text))
    monkeypatch.setattr(stories, "is_copy", lambda *both: compared.append(both) or is_copy(*both))
    former = groups(full)
    store(full, COPIED[1], url="https://late.example/", text="Seen here.\n\n" + COPIED[1]["text"].strip())
    group_stories(full)
    joined = frozenset(map(url, COPIED))
    assert groups(full) == former - {joined} | {joined | {"https://late.example/"}}
    assert len(signed) == 1
    # It with those of its days that resemble it, and those with each other: none of a hundred other pairs.
    assert all("Larch House" in text for both in compared for text in both)
    assert len(compared) <= 12


def test_altered_articles_are_looked_at_again(full: Database) -> None:
    release, paper, _ = COPIED
    assert frozenset(map(url, COPIED)) in groups(full)
    id = full.execute("SELECT story_id FROM articles WHERE url = ?", [url(release)]).fetchone()[0]
    store(full, paper, "Withdrawn.", at=LATER)
    group_stories(full)
    assert url(paper) not in set().union(*groups(full))
    assert full.execute("SELECT articles FROM stories WHERE id = ?", [id]).fetchone()[0] == 2
    store(full, paper, at=LATER)
    store(full, release, published="2025-01-01", at=LATER)
    group_stories(full)
    assert url(release) not in set().union(*groups(full))
    store(full, release, at=LATER)
    group_stories(full)
    assert frozenset(map(url, COPIED)) in groups(full)
    full.execute("UPDATE articles SET title = 'Shut' WHERE url = ?", [url(release)])
    group_stories(full)
    assert full.execute("SELECT count(*) FROM stories WHERE title = 'Shut'").fetchone()[0] == 1


def test_quotes_that_extraction_finds_or_loses_are_looked_at(db: Database) -> None:
    texts = [f"“{SAID}” said a neighbour of number {n}." for n in (3, 5)]
    found = Records(quotes=(Quote(1, 1 + len(SAID), SAID, rule="t"),))
    ids = [store(db, COPIED[0], text, url=f"https://{n}.example/") for n, text in enumerate(texts)]
    assert group_stories(db) == 0
    for id in ids:
        store_records(db, id, found, extracted_at=AT, extractor="t 1")
    assert group_stories(db) == 1
    store_records(db, ids[0], Records(), extracted_at=LATER, extractor="t 2")
    assert group_stories(db) == 0


def test_one_signature_for_each_text_that_stands(full: Database) -> None:
    hashes = "SELECT DISTINCT text_hash FROM articles WHERE words >= 50 ORDER BY 1"
    signed = "SELECT text_hash FROM story_signatures ORDER BY 1"
    assert full.execute(hashes).fetchall() == full.execute(signed).fetchall()
    store(full, COPIED[0], url="https://second.example/")
    store(full, COPIED[1], COPIED[1]["text"].strip() + "\n\nMore.", at=LATER)
    group_stories(full)
    assert full.execute(hashes).fetchall() == full.execute(signed).fetchall()


def test_an_article_more_costs_little_beside_thousands(db: Database) -> None:
    """4,000 articles of two years, a fifth of them copies."""
    rng = random.Random(7)
    words = [f"word{n}" for n in range(5000)]
    rows = []
    for n in range(3200):
        text = " ".join(rng.choices(words, k=150))
        day = f"202{n // 1600}-{n // 134 % 12 + 1:02}-{n % 27 + 1:02}"
        copies = [text, f"They say {text[: len(text) * 4 // 5]}"] if n % 4 == 0 else [text]
        rows += [(f"https://{m}.example/{n}", day, copy, digest(copy)) for m, copy in enumerate(copies)]
    with db.conn:
        db.conn.executemany(
            "INSERT INTO articles (url, kind, body_method, published, text, text_hash, words, first_seen, seen_from)"
            " VALUES (?, 'article', 'text', ?, ?, ?, 150, '2027-01-01', '2027-01-01')",
            rows,
        )
    assert group_stories(db) == 800
    more = itertools.count()

    def one_more() -> None:
        store(db, COPIED[0], " ".join(rng.choices(words, k=150)), url=f"https://more.example/{next(more)}")
        assert group_stories(db) == 800

    assert costs_at_most(0.5, one_more)


# Signatures -----------------------------------------------------------------------------------------------------------


def test_stored_signatures_outlive_the_library() -> None:
    """If this fails after an update of rensa, stored signatures are worth nothing: a migration must drop them."""
    text = COPIED[0]["text"]
    assert len(signature(text)) == 512
    assert digest(signature(text)) == "c648fd0fb379b0f86bcd87b82dcc28c2"
    assert signature(text) == signature(text.upper().replace(",", ""))


def test_texts_whose_signatures_a_migration_dropped_are_signed_again_when_they_are_needed(db: Database) -> None:
    store(db, COPIED[0])
    group_stories(db)
    db.execute("DELETE FROM story_signatures")
    db.conn.commit()
    store(db, COPIED[1])
    assert group_stories(db) == 1


def test_signatures_find_what_is_worth_comparing() -> None:
    signatures = {n: signature(article["text"]) for n, (_, article) in enumerate(told())}
    found = resembling(signatures.keys(), signatures)
    assert all(one < other for one, other in found)
    for (n, (_, one)), (m, (_, other)) in itertools.combinations(enumerate(told()), 2):
        if is_copy(one["text"], other["text"]):
            assert (n, m) in found
    text = " ".join(f"word{n}" for n in range(600))
    cut = {1: signature(text), 2: signature(text[: len(text) // 3]), 3: signature(text[: len(text) // 9])}
    assert resembling([1], cut) == {(1, 2)}, "a ninth of a text is no copy of it, nor a brief inside a round-up"
    assert resembling([99], signatures) == resembling([99], {}) == set()
