"""`onrecord stances train`: learns from what reviewers decided on stances, and says where that beats the rules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy.language import Language
from sqlite_utils import Database

from nlp.build import EXTRACTOR, extract
from nlp.learned import (
    NONE,
    QUESTIONS,
    Answers,
    Card,
    Question,
    answers,
    discard,
    features,
    fit,
    listen,
    write_learned,
)
from nlp.model import insist_on_model
from nlp.records import Stance
from onrecord.compared import Case, Verdict, compare, overall
from onrecord.errors import CannotRun
from onrecord.review.standing import Standing, standing_by_article
from onrecord.terminal import say
from pipelines.learned import folder_beside
from pipelines.schema import open_database
from pipelines.store import load_text

TO_LEARN, KEPT_ASIDE = 100, 20  # decisions that it takes

Taken = dict[Question, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Judged:
    """What people decided on a stance, and the row that today's rules make of the same words; None: they make none."""

    right: Answers  # the second question has no answer where there is no stance
    text: str
    row: Stance | None


def train(database: Path) -> int:
    """Learns, compares on the articles kept aside, and writes what is of use. Raises CannotRun, DatabaseError."""
    insist_on_model()
    db = open_database(database, create=False)
    try:
        to_learn, aside = _decided(db, held_out=False), _decided(db, held_out=True)
        _insist_on_enough(database, to_learn, aside)
        known = [it for article, decided in to_learn for it in judged(db, article, decided)]
        unseen = [it for article, decided in aside for it in judged(db, article, decided)]
    finally:
        db.close()
    say(
        f"{len(known)} decisions on {len(to_learn)} articles to learn from,"
        f" {len(unseen)} on {len(aside)} articles kept aside to compare on."
    )
    pipeline = fit([(features(it.text, it.row), it.right) for it in known if it.row])
    heard = _heard(pipeline, unseen)
    verdicts = {question: compare(_cases(question, unseen, heard)) for question in QUESTIONS}
    taken = how_sure(
        unseen, heard, {question: [it.answer for it in verdicts[question] if it.taken] for question in QUESTIONS}
    )
    for question in QUESTIONS:
        _print(question, verdicts[question], taken.get(question, {}))
    before, after = strict(unseen, heard, {}), strict(unseen, heard, taken)
    say(f"Topic and polarity right, all together (F1): rules {before:.2f}, with what was learnt {after:.2f}.")
    folder = folder_beside(database)
    if after > before:
        write_learned(pipeline, Card(EXTRACTOR, len(known), taken), folder)
        say(f"{folder} holds it: it is used from now on, and `onrecord reextract` reads stored articles with it.")
    else:
        discard(folder)
        say("The rules stay alone: nothing that was learnt is used.")
    return 0


def judged(db: Database, article_id: int, decided: Sequence[Standing]) -> Iterator[Judged]:
    """The decisions on an article's stances, each with the row of today's rules whose words are the most alike."""
    text, context = load_text(db, article_id)
    left = list(extract(text, context).stances)
    for decision in decided:
        place = _place(text, decision)
        row = max((it for it in left if _shared(it, place)), key=lambda it: _alike(it, place, decision), default=None)
        if row:
            left.remove(row)
        stands: Answers = {question: decision.fields[question] for question in QUESTIONS}
        yield Judged({"polarity": NONE} if decision.verdict == "rejected" else stands, text, row)


def how_sure(cases: Sequence[Judged], heard: Sequence[Answers], taken: Mapping[Question, Sequence[str]]) -> Taken:
    """Of the rows that each answer changes, how many are right then, in topic and polarity.

    One right and one wrong row are added, for what was seen is little: so it is never 0 or 1.
    """
    sure: Taken = {}
    for question, names in taken.items():
        for name in names:
            right = [
                _both(it.right) == _both({**_ours(it), **changes})
                for it, said in zip(cases, heard, strict=True)
                if it.row and (changes := listen(it.row, said, taken)).get(question) == name
            ]
            sure.setdefault(question, {})[name] = round((sum(right) + 1) / (len(right) + 2), 2)
    return sure


def strict(cases: Sequence[Judged], heard: Sequence[Answers], taken: Taken) -> float:
    """F1 of topic and polarity both right, with the answers that are listened to in the place of the rules'."""
    right, said = [], []
    for it, answer in zip(cases, heard, strict=True):
        right.append(_both(it.right))
        said.append(_both({**_ours(it), **listen(it.row, answer, taken)} if it.row else _ours(it)))
    return overall(right, said)


def _both(found: Answers) -> str:
    return NONE if found["polarity"] == NONE else f"{found['topic']}/{found['polarity']}"


def _ours(it: Judged) -> Answers:
    """What the rules say."""
    return {question: _ruled(it, question) for question in QUESTIONS}


def _ruled(it: Judged, question: Question) -> str:
    return str(getattr(it.row, question)) if it.row else NONE


def _decided(db: Database, *, held_out: bool) -> list[tuple[int, list[Standing]]]:
    """Articles with decisions on stances, those kept aside or all others; the oldest decisions say too little."""
    found = (
        (article["id"], [it for it in decided if it.kind == "stance" and "topic" in it.fields])
        for article, decided in standing_by_article(db, held_out=held_out)
    )
    return [(article, decided) for article, decided in found if decided]


def _heard(pipeline: Language, cases: Sequence[Judged]) -> list[Answers]:
    """What was learnt says of each row; where rules make none, it is not asked."""
    said = iter(answers(pipeline, [features(it.text, it.row) for it in cases if it.row]))
    return [next(said) if it.row else {} for it in cases]


def _cases(question: Question, cases: Sequence[Judged], heard: Sequence[Answers]) -> list[Case]:
    """One question about all decisions to which it has an answer."""
    return [
        Case(it.right[question], _ruled(it, question), said.get(question, _ruled(it, question)))
        for it, said in zip(cases, heard, strict=True)
        if question in it.right
    ]


def _place(text: str, decision: Standing) -> tuple[int, int]:
    """Where the words that were decided on stand now, nearest to where they stood; nowhere: (0, 0)."""
    words, start = decision.fields["text"], decision.fields["start"]
    places = (text.find(words, start), text.rfind(words, 0, start + len(words)))
    near = min((it for it in places if it >= 0), key=lambda it: abs(it - start), default=None)
    return (near, near + len(words)) if near is not None else (0, 0)


def _shared(row: Stance, place: tuple[int, int]) -> int:
    """How many characters of the place a row stands on."""
    return max(0, min(row.end, place[1]) - max(row.start, place[0]))


def _alike(row: Stance, place: tuple[int, int], decision: Standing) -> tuple[Any, ...]:
    """The same words before others; of rows in the same words, that of the same holder, then of the same topic."""
    joined = max(row.end, place[1]) - min(row.start, place[0])
    body = row.organisation.name if row.organisation else None
    was = json.loads(decision.row["record"])
    return (
        _shared(row, place) / joined,
        body == was.get("organisation"),
        row.topic == was.get("topic"),
    )


def _insist_on_enough(database: Path, to_learn: Sequence[Any], aside: Sequence[Any]) -> None:
    learnt, compared = (sum(len(decided) for _, decided in them) for them in (to_learn, aside))
    if learnt < TO_LEARN or compared < KEPT_ASIDE:
        raise CannotRun(
            f"{database} has {learnt} decisions on stances to learn from, {TO_LEARN} are needed; and {compared} on"
            f" articles kept aside to compare on, {KEPT_ASIDE} are needed."
        )


def _print(question: Question, verdicts: Sequence[Verdict], sure: Mapping[str, float]) -> None:
    say(f"{question:20} decisions  rules' F1  learnt F1")
    for it in verdicts:
        answer = "no stance" if it.answer == NONE else it.answer
        use = f"used, {sure[it.answer]:.0%} sure" if it.taken else f"rules: {it.why}"
        say(f"  {answer:18} {it.decisions:9} {it.rules:10.2f} {it.learned:10.2f}  {use}")
