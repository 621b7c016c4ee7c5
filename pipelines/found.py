"""The records of one article as rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlite_utils import Database

from nlp.records import Figure, Mention, Person, Quote, Records, Stance
from pipelines.keys import fold_words, item_keys, text_key
from pipelines.rows import Row
from pipelines.urls import canonical_url
from pipelines.who import Who

# A table, the columns by which two rows of an article are the same record, and its rows.
Found = tuple[str, tuple[str, ...], list[Row]]


def record_rows(db: Database, who: Who, article: Row, records: Records) -> Iterator[Found]:
    """Table by table; the next is asked for when the last is stored, for figures and stances name rows of quotes.

    `article` is its row. People come first, because everything after knows them by their names in this text.
    """
    url = canonical_url(article["url"])
    appointments = [row for person in records.people for row in _appointments(who, person)]
    yield "appointments", ("person_id", "organisation_id", "role"), appointments
    yield "mentions", ("start", "end", "person_id", "organisation_id"), [_mention(who, it) for it in records.mentions]
    quote_keys = item_keys(url, (fold_words(quote.text) for quote in records.quotes))
    quotes = zip(quote_keys, records.quotes, strict=True)
    yield "quotes", ("quote_key",), [_quote(who, key, article["published"], quote) for key, quote in quotes]
    stored = dict(db.execute("SELECT quote_key, id FROM quotes WHERE article_id = ?", [article["id"]]).fetchall())
    quote_ids = [stored[key] for key in quote_keys]
    together = [row for id, quote in zip(quote_ids, records.quotes, strict=True) for row in _others(who, id, quote)]
    yield "quote_organisations", ("quote_id", "organisation_id"), together
    figures = zip(item_keys(url, (fold_words(it.text) for it in records.figures)), records.figures, strict=True)
    yield "figures", ("figure_key",), [_figure(who, key, quote_ids, figure) for key, figure in figures]
    # The rules' topic: what reviewers decided is not lost when what is learnt from it gives another one.
    words = (f"{stance.rules_topic or stance.topic}: {fold_words(stance.text)}" for stance in records.stances)
    stances = zip(item_keys(url, words), records.stances, strict=True)
    yield "stances", ("stance_key",), [_stance(who, key, quote_ids, stance) for key, stance in stances]


def _appointments(who: Who, person: Person) -> Iterator[Row]:
    """The post by which the person is known, and those at other bodies."""
    ids = who.meet(person)
    told = {"confidence": person.confidence, "rule": person.rule}
    yield {**ids, "role": person.role, **told}
    for post in person.other_posts:
        yield {**ids, "organisation_id": who.organisation(post.organisation), "role": post.role, **told}


def _mention(who: Who, mention: Mention) -> Row:
    return {
        "start": mention.start,
        "end": mention.end,
        **who.holder(mention.person, mention.organisation),
        "confidence": mention.confidence,
        "rule": mention.rule,
    }


def _quote(who: Who, key: str, published: str | None, quote: Quote) -> Row:
    return {
        "quote_key": key,
        "text_key": text_key(quote.text),
        **_words(quote),
        "form": quote.form,
        "cue": quote.cue,
        "speaker_text": quote.speaker_text,
        **who.holder(quote.speaker, quote.organisation),
        "role": quote.role,
        "published": published,
    }


def _others(who: Who, id: int, quote: Quote) -> Iterator[Row]:
    """The bodies that say it jointly with the one that is named first."""
    first = who.organisation(quote.organisation)
    for body in quote.others:
        if (other := who.organisation(body)) != first:
            yield {"quote_id": id, "organisation_id": other}


def _figure(who: Who, key: str, quote_ids: Sequence[int], figure: Figure) -> Row:
    return {
        "figure_key": key,
        **_words(figure),
        "value": figure.value,
        "high": figure.high,
        "unit": figure.unit,
        "unit_text": figure.unit_text,
        "of": figure.of,
        "qualifier": figure.qualifier,
        "change": figure.change,
        "base_value": figure.base_value,
        "population": figure.population,
        "period": figure.period,
        "quote_id": None if figure.quote is None else quote_ids[figure.quote],
        **who.holder(figure.speaker, figure.organisation),
    }


def _stance(who: Who, key: str, quote_ids: Sequence[int], stance: Stance) -> Row:
    return {
        "stance_key": key,
        **_words(stance),
        "topic": stance.topic,
        "polarity": stance.polarity,
        "quote_id": None if stance.quote is None else quote_ids[stance.quote],
        **who.holder(stance.speaker, stance.organisation),
    }


def _words(record: Quote | Figure | Stance) -> dict[str, Any]:
    return {
        "start": record.start,
        "end": record.end,
        "text": record.text,
        "confidence": record.confidence,
        "rule": record.rule,
    }
