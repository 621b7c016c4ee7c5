"""Records in the form of the annotation guide: what `onrecord extract` prints and `onrecord evaluate` compares."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from nlp.build import extract, organisations_in
from nlp.gazetteer import organisations
from nlp.records import Context, Organisation, Records
from nlp.views import views
from pipelines.page import Article


def context_of(article: Article) -> Context:
    """What extraction is told about an article beside its text."""
    names = {entry.id: entry.name for entry in organisations()}
    publisher = Organisation(names[article.publisher], article.publisher) if article.publisher in names else None
    return Context(article.published, publisher, article.block_quotes, title=article.title)


def extracted(id: str, article: Article) -> dict[str, Any]:
    """The article and its records as one JSON object, `id` being the file's stem."""
    context = context_of(article)
    records = extract(article.text, context)
    named = [
        *organisations_in(article.title or "", context),
        *(m.organisation for m in records.mentions if m.organisation),
    ]
    return {
        "id": id,
        "url": article.url,
        "publisher": context.publisher.name if context.publisher else None,
        "title": article.title,
        "standfirst": article.standfirst,
        "byline": article.byline,
        "published": article.published,
        "date_method": article.date_method,
        "body_method": article.body_method,
        "kind": article.kind,
        "text": article.text,
        "organisations": list(dict.fromkeys(body.name for body in named)),
        **rows(records),
    }


def rows(records: Records) -> dict[str, list[dict[str, Any]]]:
    """People, quotes, figures and stances, organisations by name; stances one for each holder and topic."""
    return {
        "people": [_row(person) for person in records.people],
        "quotes": [_row(quote) for quote in records.quotes],
        "figures": [_row(figure) for figure in records.figures],
        "stances": [{**_row(s), "holder": s.holder, "evidence": s.text} for s in views(records.stances)],
    }


def _row(record: Any) -> dict[str, Any]:
    row = asdict(record)
    row["organisation"] = record.organisation.name if record.organisation else None
    for post in row.get("other_posts", ()):
        post["organisation"] = post["organisation"]["name"]
    if (others := row.pop("others", None)) is not None:  # of a quote: all whose words they are
        row["organisations"] = [*filter(None, [row["organisation"]]), *(body["name"] for body in others)]
    return row
