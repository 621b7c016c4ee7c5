"""Assembles the pipeline, once per process, and runs it over a text."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from nlp.learned import Learned
from nlp.model import NAME, load_model
from nlp.records import Context, Mention, Organisation, Records
from nlp.tokenizer import TamedTokenizer

# Stored beside what it made. Raise it when a rule, a lexicon or the trained model changes what is found.
EXTRACTOR = "onrecord-rules-7" + (f" on {NAME}" if NAME else "")

# Ours. The trained components stand behind the first one: their sentences are ours.
COMPONENTS = ("sentences", "organisations", "people", "quotes", "affiliations", "speakers", "figures", "stances")

# What is known of a Doc, and what components leave there: lists of records, in order of `start`.
EXTENSIONS = {
    "context": Context(),
    "headline_bodies": [],
    "organisation_mentions": [],
    "person_mentions": [],
    "people": [],
    "quotes": [],
    "reporting_clauses": [],
    "figures": [],
    "stances": [],
}


@cache
def pipeline() -> Language:
    """The whole pipeline; every component reads what those before it left on the Doc (see EXTENSIONS)."""
    # Importing a component's file registers it with spaCy.
    from nlp import (  # noqa: F401
        affiliations,
        figures,
        organisations,
        people,
        quotes,
        sentences,
        side_by_side,
        speakers,
        stances,
    )

    nlp = load_model()
    nlp.tokenizer = TamedTokenizer(nlp.tokenizer)
    nlp.max_length = sys.maxsize  # the tokenizer knows where to stop
    if not NAME:
        nlp.add_pipe("side_by_side")
        for run_by_it in ("parser", "ner"):
            nlp.disable_pipe(run_by_it)
    for name in COMPONENTS:
        nlp.add_pipe(name, first=True if name == COMPONENTS[0] else None)
    return nlp


def make_doc(text: str, context: Context | None = None) -> Doc:
    """A tokenized Doc with its context and empty lists of records."""
    doc = pipeline().make_doc(text)
    if context is not None:
        doc._.context = context
        doc._.headline_bodies = organisations_in(context.title, replace(context, title=None)) if context.title else []
    return doc


def extract(text: str, context: Context | None = None, learned: Learned | None = None) -> Records:
    """All records of a clean text (see `nlp.text`): offsets resolve into it; the same text gives the same records.

    With `learned`, stances are read again by what was learnt from reviewers.
    """
    doc = pipeline()(make_doc(text, context))
    mentions: list[Mention] = sorted(
        doc._.organisation_mentions + doc._.person_mentions, key=lambda m: (m.start, m.end)
    )
    return Records(
        mentions=tuple(mentions),
        people=tuple(doc._.people),
        quotes=tuple(doc._.quotes),
        figures=tuple(doc._.figures),
        stances=tuple(learned.reread(text, doc._.stances) if learned else doc._.stances),
    )


def organisations_in(title: str, context: Context | None = None) -> list[Organisation]:
    """The organisations that a headline names, in order, each once."""
    doc = make_doc(title, context)
    for name in ("sentences", "organisations"):
        doc = pipeline().get_pipe(name)(doc)
    return list(dict.fromkeys(m.organisation for m in doc._.organisation_mentions if m.organisation))


for _name, _default in EXTENSIONS.items():
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=_default)
