"""Articles and records as rows: what is unchanged is not written, what is edited is kept, who is who."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from nlp import gazetteer
from nlp.gazetteer import GazetteerEntry
from nlp.records import Context, Figure, Mention, Organisation, Person, Quote, Records
from pipelines.keys import fold_words, item_keys, text_key
from pipelines.page import Page
from pipelines.rows import Change
from pipelines.schema import open_database
from pipelines.store import (
    StoredArticle,
    articles_awaiting_extraction,
    load_text,
    store_article,
    store_failure,
    store_records,
)
from pipelines.stories import group_stories
from pipelines.who import load_organisations
from tests.sample_file import AT, COUNCIL, LATER, SAID, TEXT, UNION, add_source, article, build, records, spot, store

MARLBURY = GazetteerEntry(
    "gb-eng-MLB", "Marlbury Council", "local_authority_unitary", names=("City of Marlbury",), acronyms=("MCC",),
    places=("Marlbury",), valid_from="1998",
)  # fmt: skip


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    db = open_database(tmp_path / "file.db")
    yield db
    db.close()


def dump(db: Database) -> str:
    return "\n".join(db.conn.iterdump())


def rows(db: Database, table: str) -> list[dict[str, object]]:
    return list(db.table(table).rows_where(order_by="id"))


# Keys ----------------------------------------------------------------------------------------------------------------


def test_marks_case_and_spaces_do_not_make_other_words() -> None:
    assert fold_words("“Don’t  STOP — we’re, well: 3½ %”") == fold_words("dont stop-were well 3½")
    assert text_key("We can't.") == text_key("we can’t") != text_key("We can.")


def test_equal_words_of_one_article_have_keys_of_their_own() -> None:
    keys = item_keys("https://a.example/", ["yes", "no", "yes"])
    assert len(set(keys)) == 3
    assert all(len(key) == 32 for key in keys)
    assert keys == item_keys("https://a.example/", ["yes", "no", "yes"])
    assert not set(keys) & set(item_keys("https://b.example/", ["yes", "no", "yes"]))


# Articles ------------------------------------------------------------------------------------------------------------


def test_an_article_is_new_once(db: Database) -> None:
    first = store_article(db, article(block_quotes=((0, 5), (7, 9))), seen_at=AT)
    before = dump(db)
    again = store_article(db, article(block_quotes=((0, 5), (7, 9))), seen_at=LATER)
    assert (first.outcome, again.outcome, again.id) == ("new", "unchanged", first.id)
    assert dump(db) == before
    (row,) = rows(db, "articles")
    assert (row["words"], row["first_seen"], row["seen_from"]) == (len(TEXT.split()), AT, AT)
    assert load_text(db, first.id) == (
        TEXT, Context(published="2026-04-30", block_quotes=((0, 5), (7, 9)), title="Inspectors praise Marlbury"),
    )  # fmt: skip


@pytest.mark.parametrize("edit", [{"text": TEXT + "\n\nCorrected."}, {"title": "Inspectors praise city"}])
def test_an_edited_article_keeps_what_it_was(db: Database, edit: dict[str, str]) -> None:
    id = store(db, article(), records())
    assert store_article(db, article(**edit), seen_at=LATER) == StoredArticle(id, "changed")
    (version,) = rows(db, "article_versions")
    assert (version["title"], version["text"]) == ("Inspectors praise Marlbury", TEXT)
    assert (version["article_id"], version["seen_from"], version["replaced_at"]) == (id, AT, LATER)
    (row,) = rows(db, "articles")
    assert row == row | edit | {"first_seen": AT, "seen_from": LATER}
    assert articles_awaiting_extraction(db) == [id]


def test_a_better_date_is_a_change_but_no_version(db: Database) -> None:
    id = store(db, article(published=None), records())
    assert store_article(db, article(), seen_at=LATER).outcome == "changed"
    assert articles_awaiting_extraction(db) == [id]
    assert rows(db, "article_versions") == []
    assert rows(db, "articles")[0]["seen_from"] == AT


def test_a_second_reading_and_a_return_are_no_change_of_an_article(db: Database) -> None:
    id = store(db, article(disagreement=0.1), records())
    db.execute("UPDATE articles SET gone_at = ?", [AT])
    assert store_article(db, article(disagreement=0.7), seen_at=LATER) == StoredArticle(id, "unchanged")
    (row,) = rows(db, "articles")
    assert (row["disagreement"], row["gone_at"], row["extracted_at"]) == (0.7, None, AT)
    db.execute("UPDATE articles SET gone_at = ?", [AT])
    assert store_article(db, article(title="Back"), seen_at=LATER).outcome == "changed"
    (row,) = rows(db, "articles")
    assert (row["disagreement"], row["gone_at"]) == (None, None)


def test_the_source_that_came_first_keeps_its_article(db: Database) -> None:
    add_source(db, "herald")
    add_source(db, "courier")
    load_organisations(db, [MARLBURY])
    store_article(db, article(), seen_at=AT)  # added by hand
    assert store_article(db, article(source="herald", publisher=MARLBURY.id), seen_at=AT).outcome == "changed"
    assert store_article(db, article(source="courier", kind="blog"), seen_at=LATER).outcome == "unchanged"
    assert store_article(db, article(), seen_at=LATER).outcome == "unchanged"
    (row,) = rows(db, "articles")
    assert (row["source_id"], row["kind"]) == ("herald", "article")
    assert load_text(db, 1)[1].publisher == Organisation("Marlbury Council", MARLBURY.id)


def test_the_page_is_remembered_with_its_article(db: Database) -> None:
    add_source(db, "herald")
    listed = {"url": "https://news.example/m?id=1", "source_id": "herald", "role": "article", "first_seen": AT}
    db.table("pages").insert({**listed, "last_seen": AT, "attempts": 2, "note": "timed out"})
    page = Page(
        url="https://news.example/m?id=1", body=b"<p>", source="herald", headers={"etag": '"1"'}, fetched_at=LATER,
        archive_file="2026.warc.gz", archive_offset=512,
    )  # fmt: skip
    id = store_article(db, article(source="herald"), seen_at=LATER, page=page).id
    (row,) = rows(db, "pages")
    expected = {
        "article_id": id, "status": 200, "pending": 0, "attempts": 0, "note": None, "etag": '"1"', "first_seen": AT,
        "checked_at": LATER, "archive_file": "2026.warc.gz", "archive_offset": 512,
    }  # fmt: skip
    assert row == row | expected
    store_article(db, article(source="herald"), seen_at=LATER, page=replace(page, url="https://news.example/copy"))
    assert [row["article_id"] for row in rows(db, "pages")] == [id, id]


def test_a_failure_is_noted_and_tried_again_when_the_text_changes(db: Database) -> None:
    id = store_article(db, article(), seen_at=AT).id
    assert articles_awaiting_extraction(db) == [id]
    store_failure(db, id, "a rule raised", LATER)
    assert articles_awaiting_extraction(db) == []
    assert rows(db, "articles")[0]["extraction_error"] == "a rule raised"
    store_article(db, article(text=TEXT + "\n\nMore."), seen_at=LATER)
    assert articles_awaiting_extraction(db) == [id]
    store_records(db, id, records(), extracted_at=LATER, extractor="test 1")
    assert rows(db, "articles")[0]["extraction_error"] is None


def test_records_clear_an_earlier_failure(db: Database) -> None:
    id = store_article(db, article(), seen_at=AT).id
    store_failure(db, id, "a rule raised", LATER)
    store_records(db, id, records(), extracted_at=LATER, extractor="test 2")
    (row,) = rows(db, "articles")
    assert (row["extraction_error"], row["extracted_at"], row["extractor"]) == (None, LATER, "test 2")


# Records -------------------------------------------------------------------------------------------------------------


def test_records_become_rows_that_refer_to_each_other(db: Database) -> None:
    id = store_article(db, article(), seen_at=AT).id
    changes = store_records(db, id, records(), extracted_at=AT, extractor="test 1")
    assert changes == {
        "appointments": Change(1), "mentions": Change(3), "quotes": Change(3), "figures": Change(1),
        "stances": Change(2), "people": Change(1), "organisations": Change(2), "quote_organisations": Change(),
    }  # fmt: skip
    names = {row["id"]: row["name"] for row in rows(db, "organisations")}
    quotes = {row["text"]: row for row in rows(db, "quotes")}
    assert names[quotes[SAID]["organisation_id"]] == "Marlbury Council"
    assert names[quotes["a blunt tool"]["organisation_id"]] == UNION.name
    assert quotes["a blunt tool"]["person_id"] is None
    assert quotes[SAID]["text_key"] == text_key(SAID)
    (person,) = rows(db, "people")
    assert (person["name"], person["gender"]) == ("Ada Quillfeather", "f")
    assert {quotes[SAID]["person_id"], rows(db, "appointments")[0]["person_id"]} == {person["id"]}
    assert rows(db, "figures")[0]["quote_id"] == quotes["We closed 17 cases."]["id"]
    assert [row["quote_id"] for row in rows(db, "stances")] == [quotes["a blunt tool"]["id"], quotes[SAID]["id"]]


def test_the_same_records_again_write_nothing(db: Database) -> None:
    id = store(db, article(), records())
    before = dump(db)
    changes = store_records(db, id, records(), extracted_at=AT, extractor="test 1")
    assert set(changes.values()) == {Change()}
    assert dump(db) == before


def test_only_what_changed_is_written_and_ids_stay(db: Database) -> None:
    id = store(db, article(), records())
    before = {row["text"]: row["id"] for row in rows(db, "quotes")}
    found = records()
    quotes = (replace(found.quotes[0], cue="told"), found.quotes[2])
    less = Records(
        found.mentions, found.people, quotes, (replace(found.figures[0], of="closed cases", quote=None),), ()
    )
    changes = store_records(db, id, less, extracted_at=LATER, extractor="test 2")
    assert (changes["quotes"], changes["figures"], changes["stances"]) == (
        Change(0, 1, 1),
        Change(0, 1, 0),
        Change(0, 0, 2),
    )
    assert {row["text"]: row["id"] for row in rows(db, "quotes")} == {
        words: before[words] for words in (SAID, "a blunt tool")
    }
    store_records(db, id, found, extracted_at=LATER, extractor="test 3")
    assert next(row["cue"] for row in rows(db, "quotes") if row["text"] == SAID) == "said"


def test_ids_of_quotes_outlive_an_edit_of_the_text(db: Database) -> None:
    id = store(db, article(), records())
    before = {row["text"]: row["id"] for row in rows(db, "quotes")}
    text = "Updated.\n\n" + TEXT
    store_article(db, article(text=text), seen_at=LATER)
    store_records(db, id, records(text), extracted_at=LATER, extractor="test 1")
    assert {row["text"]: row["id"] for row in rows(db, "quotes")} == before


def test_what_an_edit_left_alone_is_not_new(db: Database) -> None:
    id = store(db, article(), records())
    before = {
        table: [row["id"] for row in rows(db, table)] for table in ("figures", "stances", "organisations", "people")
    }
    text = "Updated.\n\n" + TEXT
    store_article(db, article(text=text), seen_at=LATER)
    changes = store_records(db, id, records(text), extracted_at=LATER, extractor="test 1")
    assert {table: (change.new, change.gone) for table, change in changes.items()} == dict.fromkeys(changes, (0, 0))
    assert {table: [row["id"] for row in rows(db, table)] for table in before} == before


def test_what_an_edit_brought_is_new(db: Database) -> None:
    id = store(db, article(), records())
    text = TEXT.replace("17 cases", "18 cases")
    found = records(text.replace("18", "17"))  # at the same places
    quote = replace(found.quotes[1], text="We closed 18 cases.")
    figure = replace(found.figures[0], text="18 cases", value=18)
    edited = replace(found, quotes=(found.quotes[0], quote, found.quotes[2]), figures=(figure,))
    store_article(db, article(text=text), seen_at=LATER)
    changes = store_records(db, id, edited, extracted_at=LATER, extractor="test 1")
    assert {table: change.new for table, change in changes.items() if change.new} == {"quotes": 1, "figures": 1}


def test_equal_quotes_of_one_article_are_two(db: Database) -> None:
    text = "“Never again,” said one. “Never again!” said another."
    first, second = spot(text, "Never again,"), spot(text, "Never again!")
    id = store(db, article(text=text), Records(quotes=(Quote(**first, rule="test"), Quote(**second, rule="test"))))
    stored = rows(db, "quotes")
    assert len({row["quote_key"] for row in stored}) == 2
    assert len({row["text_key"] for row in stored}) == 1
    assert {row["article_id"] for row in stored} == {id}


def test_a_record_that_does_not_resolve_stores_none(db: Database) -> None:
    id = store(db, article(), records())
    before = dump(db)
    found = records()
    wrong = replace(found, figures=(replace(found.figures[0], start=0, end=8),), people=())
    with pytest.raises(sqlite3.IntegrityError, match="figures"):
        store_records(db, id, wrong, extracted_at=LATER, extractor="test 2")
    assert dump(db) == before


def test_an_article_that_is_not_there_is_said_to_be(db: Database) -> None:
    with pytest.raises(KeyError, match="no article 7"):
        store_records(db, 7, Records(), extracted_at=AT, extractor="test 1")
    with pytest.raises(KeyError, match="no article 7"):
        load_text(db, 7)


def test_huge_figures_are_kept(db: Database) -> None:
    found = Records(
        figures=(Figure(**spot(TEXT, "17 cases"), value=float(2**63), high=1e400, unit="count", rule="test"),)
    )
    store(db, article(), found)
    assert (rows(db, "figures")[0]["value"], rows(db, "figures")[0]["high"]) == (2.0**63, float("inf"))


def test_any_words_are_only_words(db: Database) -> None:
    text = "Robert'); DROP TABLE quotes;-- said “'; DELETE FROM articles; --”."
    quote = Quote(**spot(text, "'; DELETE FROM articles; --"), speaker="Robert'); DROP TABLE quotes;--", rule="test")
    store(db, article(text=text, title="'; DROP TABLE articles; --"), Records(quotes=(quote,)))
    assert rows(db, "people")[0]["name"] == "Robert'); DROP TABLE quotes;--"
    assert rows(db, "quotes")[0]["text"] == "'; DELETE FROM articles; --"


# Who is who ----------------------------------------------------------------------------------------------------------


def named(name: str, organisation: Organisation | None, role: str | None = None) -> Records:
    mention = Mention(**spot(TEXT, "Ada Quillfeather"), person=name, rule="test")
    return Records(mentions=(mention,), people=(Person(name, role, organisation, rule="test"),))


def test_the_same_name_at_another_body_is_somebody_else(db: Database) -> None:
    store(db, article("https://a.example/"), named("Ada Quillfeather", COUNCIL))
    store(db, article("https://b.example/"), named("Ada QUILLFEATHER", COUNCIL))
    store(db, article("https://c.example/"), named("Ada Quillfeather", UNION))
    store(db, article("https://d.example/"), named("Ada Quillfeather", None))
    store(db, article("https://e.example/"), named("Ada Quillfeather", None))
    assert [row["person_id"] for row in rows(db, "mentions")] == [1, 1, 2, 3, 3]


def test_a_speaker_whom_nobody_introduced_belongs_to_the_body_he_speaks_for(db: Database) -> None:
    quote = Quote(**spot(TEXT, SAID), speaker="Bo Stranger", organisation=UNION, rule="test")
    store(db, article(), Records(quotes=(quote,)))
    (person,) = rows(db, "people")
    assert (person["name"], person["organisation_id"]) == ("Bo Stranger", rows(db, "quotes")[0]["organisation_id"])


def test_whom_no_article_names_any_more_is_forgotten(db: Database) -> None:
    first = store(db, article("https://a.example/"), records())
    second = store(db, article("https://b.example/"), named("Ada Quillfeather", COUNCIL))
    changes = store_records(db, first, Records(), extracted_at=LATER, extractor="test 2")
    assert (changes["people"].gone, changes["organisations"].gone) == (0, 1)
    assert [row["name"] for row in rows(db, "organisations")] == ["Marlbury Council"]
    changes = store_records(db, second, Records(), extracted_at=LATER, extractor="test 2")
    assert (changes["people"].gone, changes["organisations"].gone) == (1, 1)
    assert rows(db, "people") == rows(db, "organisations") == []


def test_whom_an_edited_text_no_longer_names_is_forgotten(db: Database) -> None:
    id = store(db, article(), records())
    store_article(db, article(text="Withdrawn."), seen_at=LATER)
    assert [row["name"] for row in rows(db, "organisations")] == ["Marlbury Council"]  # Ada's appointment still has it
    store_records(db, id, Records(), extracted_at=LATER, extractor="test 1")
    assert rows(db, "people") == rows(db, "organisations") == []


def test_the_gazetteer_goes_in_once(db: Database) -> None:
    load_organisations(db)
    before = dump(db)
    load_organisations(db)
    assert dump(db) == before
    listed = {entry.id: entry.name for entry in gazetteer.organisations()}
    assert {row["slug"]: row["name"] for row in rows(db, "organisations")} == listed
    aliases = {alias for entry in gazetteer.organisations() for alias in (*entry.names, *entry.acronyms, *entry.places)}
    assert {row["alias"] for row in db.table("organisation_aliases").rows} == aliases


def test_the_list_confirms_a_body_that_an_article_named(db: Database) -> None:
    store(db, article(), records())
    id = rows(db, "quotes")[0]["organisation_id"]
    load_organisations(db, [MARLBURY])
    (row,) = db.table("organisations").rows_where("confirmed")
    assert (row["id"], row["slug"], row["valid_from"]) == (id, MARLBURY.id, "1998")
    aliases = {(row["alias"], row["kind"]) for row in db.table("organisation_aliases").rows}
    assert aliases == {("City of Marlbury", "name"), ("MCC", "acronym"), ("Marlbury", "place")}


def test_a_listed_body_is_found_by_its_id_and_stays_when_unused(db: Database) -> None:
    load_organisations(db, [MARLBURY])
    id = store(
        db, article(), Records(mentions=(Mention(0, 10, TEXT[:10], Organisation("MCC", MARLBURY.id), rule="t"),))
    )
    assert len(rows(db, "organisations")) == 1
    store_records(db, id, Records(), extracted_at=LATER, extractor="test 2")
    assert len(rows(db, "organisations")) == 1


def test_the_list_may_rename_and_drop(db: Database) -> None:
    load_organisations(db, [MARLBURY, GazetteerEntry("guild", "Social Workers' Guild", "trade_union")])
    store(db, article(), records())
    load_organisations(
        db, [replace(MARLBURY, name="Marlbury City Council"), GazetteerEntry("guild", UNION.name, "trade_union")]
    )
    stored = {row["name"]: row["slug"] for row in rows(db, "organisations")}
    assert stored == {"Marlbury City Council": MARLBURY.id, UNION.name: "guild"}
    load_organisations(db, [])
    assert {row["name"]: row["confirmed"] for row in rows(db, "organisations")} == dict.fromkeys(stored, 0)


# Stories -------------------------------------------------------------------------------------------------------------


def test_articles_that_share_a_long_quote_are_one_story(tmp_path: Path) -> None:
    db = build(tmp_path / "file.db")
    (story,) = rows(db, "stories")
    assert story == {
        "id": 1, "title": "Inspectors praise Marlbury", "first_published": "2026-04-30", "last_published": "2026-05-01",
        "articles": 2, "outlets": 2, "origin_article_id": 1,
    }  # fmt: skip
    assert [row["story_id"] for row in rows(db, "articles")] == [1, 1, None]
    before = dump(db)
    assert group_stories(db) == 1
    assert dump(db) == before
    db.close()


def test_shared_short_quotes_and_long_gaps_make_no_story(db: Database) -> None:
    short = Records(quotes=(Quote(**spot(TEXT, "a blunt tool"), rule="test"),))
    store(db, article("https://a.example/"), short)
    store(db, article("https://b.example/", TEXT + " "), short)
    quote = Records(quotes=(Quote(**spot(TEXT, SAID), rule="test"),))
    store(db, article("https://c.example/", TEXT + "."), quote)
    store(db, article("https://d.example/", TEXT + "!", published="2026-05-31"), quote)
    assert group_stories(db) == 0
    store(db, article("https://e.example/", TEXT + "?", published="2026-05-15"), quote)
    assert group_stories(db) == 1
    assert rows(db, "stories")[0]["articles"] == 3


def test_the_same_text_is_one_story_even_undated(db: Database) -> None:
    for host in "abc":
        store_article(db, article(f"https://{host}.example/", published=None, title=host), seen_at=AT)
    assert group_stories(db) == 1
    (story,) = rows(db, "stories")
    assert (story["title"], story["first_published"], story["outlets"]) == ("a", None, 3)


def test_a_story_ends_when_its_articles_part(tmp_path: Path) -> None:
    db = build(tmp_path / "file.db")
    store_article(db, article(text="Withdrawn.", source="herald"), seen_at=LATER)
    assert group_stories(db) == 0
    assert rows(db, "stories") == []
    assert {row["story_id"] for row in rows(db, "articles")} == {None}
    db.close()
