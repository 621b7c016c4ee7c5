"""Training data for spaCy made of decisions: whose names the people and bodies in a text are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from spacy.tokens import Doc, DocBin, Span
from spacy.util import filter_spans
from sqlite_utils import Database

from nlp.build import make_doc
from onrecord.review.export import replace_file
from onrecord.review.standing import Standing, standing_by_article


def write_spacy(db: Database, target: Path, *, held_out: bool) -> int:
    """Writes a DocBin of the articles in which people settled who speaks, and gives their number.

    The names that they confirmed or put right are entities (PER, ORG) wherever the article prints them; of all other
    words nothing is said (they are missing, not outside), for nobody has looked at them.
    """
    docs = DocBin(attrs=["ENT_IOB", "ENT_TYPE"])
    for article, decided in standing_by_article(db, held_out=held_out):
        doc = make_doc(article["text"])
        people = _short_forms(db, article["id"], _settled(decided, "speaker"))
        bodies = _other_names(db, _settled(decided, "organisation"))
        spans = [*_named(doc, article["text"], people, "PER"), *_named(doc, article["text"], bodies, "ORG")]
        if spans:
            doc.set_ents(filter_spans(spans), default="missing")
            docs.add(doc)
    replace_file(target, docs.to_bytes())
    return len(docs)


def _settled(decided: Iterable[Standing], field: str) -> set[str]:
    """The names that people found right, or put there."""
    return {name for decision in decided if decision.verdict != "rejected" and (name := decision.fields.get(field))}


def _short_forms(db: Database, article_id: int, people: Iterable[str]) -> set[str]:
    """The names, and the parts of them by which the article goes on to name the same people."""
    forms = set(people)
    printed = db.execute(
        'SELECT people.name, substr(text, start + 1, "end" - start) FROM mentions'
        " JOIN people ON people.id = person_id JOIN articles ON articles.id = article_id WHERE article_id = ?",
        [article_id],
    )
    return forms | {form for name, form in printed if name in forms and set(form.split()) <= set(name.split())}


def _other_names(db: Database, bodies: Iterable[str]) -> set[str]:
    """The names, and the others that the list has for the same bodies."""
    names = set(bodies)
    for name in bodies:
        aliases = db.execute(
            "SELECT alias FROM organisation_aliases JOIN organisations ON id = organisation_id"
            " WHERE organisations.name = ? AND organisation_aliases.kind <> 'place'",
            [name],
        )
        names |= {alias for (alias,) in aliases}
    return names


def _named(doc: Doc, text: str, names: Iterable[str], label: str) -> Iterator[Span]:
    for name in sorted(names):
        for match in re.finditer(re.escape(name), text):
            if span := doc.char_span(*match.span(), label=label):  # None inside of a word
                yield span
