"""A small database, written by the store functions alone: invented people, invented words."""

from __future__ import annotations

from pathlib import Path

from sqlite_utils import Database

from nlp.records import Figure, Mention, Organisation, Person, Quote, Records, Stance
from pipelines.page import Article
from pipelines.schema import open_database
from pipelines.store import store_article, store_records
from pipelines.stories import group_stories

AT = "2026-05-01T01:30:00+00:00"
LATER = "2026-05-02T01:30:00+00:00"
COUNCIL = Organisation("Marlbury Council")
UNION = Organisation("Guild of Family Social Workers")
SAID = "Inspectors came for a week and saw how hard our social workers work."
TEXT = (
    "Inspectors have praised Marlbury Council.\n\n"
    f"“{SAID}” said Ada Quillfeather, director of children's services.\n\n"
    "She added: “We closed 17 cases.”\n\n"
    "The Guild of Family Social Workers called the visit “a blunt tool”."
)


def article(url: str = "https://news.example/marlbury", text: str = TEXT, **other: object) -> Article:
    fields: dict[str, object] = {
        "title": "Inspectors praise Marlbury",
        "published": "2026-04-30",
        "date_method": "meta",
    }
    return Article(url=url, text=text, **{**fields, **other})  # type: ignore[arg-type]


def spot(text: str, words: str) -> dict[str, object]:
    """Where the words stand, as a record has it."""
    start = text.index(words)
    return {"start": start, "end": start + len(words), "text": words}


def records(text: str = TEXT, organisation: Organisation | None = COUNCIL) -> Records:
    """What a reader finds in TEXT."""
    ada = {"speaker": "Ada Quillfeather", "organisation": organisation, "confidence": 0.9, "rule": "test"}
    union = {"organisation": UNION, "confidence": 0.6, "rule": "test"}
    return Records(
        mentions=(
            Mention(**spot(text, "Marlbury Council"), organisation=COUNCIL, rule="test"),
            Mention(**spot(text, "Ada Quillfeather"), person="Ada Quillfeather", rule="test"),
            Mention(**spot(text, "Guild of Family Social Workers"), organisation=UNION, rule="test"),
        ),
        people=(Person("Ada Quillfeather", "director of children's services", organisation, gender="f", rule="test"),),
        quotes=(
            Quote(**spot(text, SAID), cue="said", speaker_text="Ada Quillfeather", **ada),
            Quote(**spot(text, "We closed 17 cases."), cue="added", speaker_text="She", **ada),
            Quote(**spot(text, "a blunt tool"), form="partial", cue="called", speaker_text="The Guild", **union),
        ),
        figures=(Figure(**spot(text, "17 cases"), value=17, unit="count", of="cases", quote=1, **ada),),
        stances=(
            Stance(**spot(text, "a blunt tool"), topic="inspection-framework", polarity="critical", quote=2, **union),
            Stance(**spot(text, SAID), topic="workforce", polarity="supportive", quote=0, **ada),
        ),
    )


def store(db: Database, one: Article, found: Records, at: str = AT) -> int:
    """Stores an article with its records; gives its id."""
    id = store_article(db, one, seen_at=at).id
    store_records(db, id, found, extracted_at=at, extractor="test 1")
    return id


def add_source(db: Database, id: str) -> None:
    db.table("sources").insert({"id": id, "name": f"The {id.title()}", "kind": "newspaper"})


def decide(db: Database, quote_key: str, decision: str, text: str = SAID) -> None:
    review = {"item_kind": "quote", "item_key": quote_key, "decision": decision, "reviewer": "bo", "at": LATER}
    db.table("reviews").insert(
        {**review, "text": text, "corrected": '{"role": "chair"}' if decision == "corrected" else None}
    )


def build(path: Path) -> Database:
    """One story at two outlets, with a second article that takes the other side."""
    db = open_database(path)
    add_source(db, "herald")
    add_source(db, "courier")
    store(db, article(source="herald"), records())
    store(db, article("https://courier.example/1", source="courier", published="2026-05-01"), records())
    turned = "“The visit was fair and right,” said the Guild of Family Social Workers."
    words = spot(turned, "The visit was fair and right,")
    holder = {"organisation": UNION, "confidence": 0.7, "rule": "test"}
    later = Records(
        quotes=(Quote(**words, cue="said", **holder),),
        stances=(Stance(**words, topic="inspection-framework", polarity="supportive", quote=0, **holder),),
    )
    store(db, article("https://courier.example/2", turned, title="Guild relents", published="2026-05-02"), later)
    group_stories(db)
    return db
