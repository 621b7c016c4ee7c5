"""Where each holder stands on a topic, clause by clause, with the words that show it.

No cue of data/lexicon/stances.csv, no row; no holder, no row; no topic, no row.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple, cast

from spacy.tokens import Doc

from data import FOLDER
from nlp import clauses, phrases, topics
from nlp.clauses import Clause
from nlp.holders import Statement, statements
from nlp.lexicon import read_rows
from nlp.phrases import Hit, Phrases, Row
from nlp.records import Polarity, Stance
from nlp.scoring import component, score_stances

# How often a family is right. Boilerplate gives no row: it is read so that nothing else is read in it.
CONFIDENCE = {
    "criticise": 0.9, "oppose": 0.9, "praise": 0.85, "endorse": 0.85, "harm": 0.85, "deficit": 0.8, "concern": 0.8,
    "end": 0.8, "defend": 0.8, "call_for": 0.75, "idiom": 0.75, "caution": 0.65, "boilerplate": 0.0,
}  # fmt: skip
# Families of the opinion itself: what they say outweighs the words inside their object, and their object may be
# a pronoun, so that its topic is looked for in the whole sentence.
_OPINION = {"praise", "endorse", "oppose", "criticise", "defend", "end"}
_VALUES = {"praise", "endorse"}
_LOOKS_FURTHER = (_OPINION | {"call_for", "concern", "caution", "harm"}) - {"praise"}
_REACH = 300  # characters: beyond, nothing is about a cue
_ELSEWHERE, _NEGATED, _HEDGED = 0.15, 0.15, 0.1

_NEGATION = re.compile(
    r"(?:\b(?:not|no|never|none|nothing|nobody|hardly|cannot|without|neither|nor|far from|stopped short of"
    r"|(?:fail|refus)\w* to)|n't)\b(?:\s(?!(?:how|that|why|whether|what)\b)[\w'-]+){0,2}\W*$"
)
# "No longer weak" turns a fault round; "did not challenge weak work" does not.
_RIGHT_BEFORE = re.compile(
    r"(?:\b(?:not|no|never|hardly|without|far from)|n't)(?:\s(?:a|an|the|any|longer|been|very|more))*\W*$"
)
_NO_NEGATION = re.compile(r"\b(?:not (?:only|just|simply|merely|least)|no doubt|not\W+\w+\W+but)\b[^.]*$")
# What ought to be is not praised for being so.
_WISH = re.compile(r"\b(?:ensur\w+|to be|should|must|would|need(?:s|ed)?|so that|in order to|want\w*|aim\w*|how)\b")
_HEDGE = re.compile(r"\b(?:may|might|could|perhaps|appears?|seems?|in principle|to some extent)\b")
_REVERSED: dict[Polarity, Polarity] = {"supportive": "critical", "critical": "supportive"}
_CLEAN_NEGATION = {"praise", "endorse", "concern", "deficit", "defend", "call_for", "harm"}


class _Judged(NamedTuple):
    cue: Hit
    topic: str
    polarity: Polarity
    confidence: float


def check(row: Row) -> str | None:
    """A complaint about one line of stances.csv, or None."""
    if row["family"] not in CONFIDENCE:
        return f"{row['family']!r} is no family"
    if row["polarity"] not in {"supportive", "critical", "neutral"}:
        return f"{row['polarity']!r} is no polarity of a cue"
    if row["arrow"] not in {"left", "right", "both"}:
        return f"{row['arrow']!r} is no arrow"
    for topic in filter(None, (row["topic"], *row["needs"].split("|"))):
        if topic not in topics.TOPICS:
            return f"{topic!r} is no topic"
    return phrases.complaint(row["cue"])


@cache
def _cues() -> Phrases:
    path = FOLDER / "lexicon" / "stances.csv"
    return Phrases(read_rows(path, required=("cue", "family", "polarity", "arrow"), check=check), "cue")


@component("stances", score_stances)
def stances(doc: Doc) -> Doc:
    """Sets `doc._.stances`, in order of start."""
    printed = doc.text
    text = phrases.plain(printed)
    cues, terms = _cues().find(text), _outside_names(doc, topics.find_terms(text))
    rows = [row for statement in statements(doc) for row in _read(printed, text, statement, cues, terms)]
    doc._.stances = sorted(rows, key=lambda row: (row.start, row.end, row.topic, row.holder or ""))
    return doc


def _outside_names(doc: Doc, terms: list[Hit]) -> list[Hit]:
    """Topic words that aren't part of a body's name: an association of directors isn't about leadership."""
    inside = {
        term.start
        for mention in doc._.organisation_mentions
        for term in phrases.within(terms, mention.start, mention.end)
        if term.end - term.start < mention.end - mention.start
    }
    return [term for term in terms if term.start not in inside]


def _read(printed: str, text: str, statement: Statement, cues: list[Hit], terms: list[Hit]) -> Iterator[Stance]:
    """The stances of one statement: for each clause and topic one, for each holder."""
    if not phrases.within(cues, statement.start, statement.end):
        return
    for clause in clauses.split(text, statement.start, statement.end):
        if clause.aside:
            continue
        judged = _judge(text, clause, statement, phrases.within(cues, clause.start, clause.end), terms)
        by_topic: dict[str, list[_Judged]] = defaultdict(list)
        for one in judged:
            by_topic[one.topic].append(one)
        start, end = _trim(printed, clause)
        for topic, those in by_topic.items():
            best = max(those, key=lambda one: one.confidence)
            polarity = best.polarity if len({one.polarity for one in those}) == 1 else "mixed"
            for holder in statement.holders:
                yield Stance(
                    start=start, end=end, text=printed[start:end], topic=topic, polarity=polarity,
                    speaker=holder.speaker, organisation=holder.organisation, quote=statement.quote,
                    confidence=best.confidence, rule=f"{best.cue.row['family']}/{statement.source}",
                )  # fmt: skip


def _judge(text: str, clause: Clause, statement: Statement, cues: list[Hit], terms: list[Hit]) -> list[_Judged]:
    """What each cue of a clause says about which topic, the weaker of two that contradict left out."""
    judged: list[_Judged] = []
    for cue in cues:
        polarity = _polarity(text, clause, cue)
        if polarity is None:
            continue
        family = cue.row["family"]
        sure = CONFIDENCE[family] - (_NEGATED if polarity != cue.row["polarity"] else 0)
        sure -= _HEDGED if _HEDGE.search(text, clause.start, clause.end) else 0
        # "criticised by X": what is criticised stands before it
        arrow = "left" if cue.row["arrow"] == "right" and text.startswith(" by ", cue.end) else cue.row["arrow"]
        topic = cue.row["topic"] or _topic(cue, arrow, terms, statement, clause.start, clause.end)
        if not topic and family in _LOOKS_FURTHER:
            topic, sure = _topic(cue, arrow, terms, statement, *statement.sentence), sure - _ELSEWHERE
        if topic:
            judged.append(_Judged(cue, topic, polarity, round(max(sure, 0.1), 2)))
    return [one for one in judged if not any(_outweighs(other, one) for other in judged)]


def _topic(cue: Hit, arrow: str, terms: list[Hit], statement: Statement, start: int, end: int) -> str | None:
    """What a cue is about, by the topic words between start and end that don't name the holder."""
    needs = cue.row["needs"]
    near = phrases.within(terms, max(start, cue.start - _REACH), min(end, cue.end + _REACH))
    about = (term for term in near if not statement.start <= term.start < statement.said)
    return topics.choose(about, cue, arrow, needs.split("|") if needs else topics.TOPICS)


def _polarity(text: str, clause: Clause, cue: Hit) -> Polarity | None:
    """The cue's polarity, turned round by a negation before it; None where it takes no stand."""
    polarity = cast("Literal['supportive', 'critical', 'neutral']", cue.row["polarity"])
    if polarity == "neutral":
        return None
    before = text[clause.start : cue.start]
    value = cue.row["family"] in _VALUES and cue.row["arrow"] != "right"
    if value and polarity == "supportive" and _WISH.search(before):
        return None
    if not _NEGATION.search(before) or _NO_NEGATION.search(before):
        return polarity
    if polarity == "critical" and not _RIGHT_BEFORE.search(before):
        return None
    return _REVERSED[polarity] if cue.row["family"] in _CLEAN_NEGATION else None


def _outweighs(one: _Judged, other: _Judged) -> bool:
    """An opinion outweighs contrary words in its object, and an end that is called for outweighs the call."""
    if one.polarity == other.polarity:
        return False
    if one.cue.row["family"] == "end":
        return other.cue.row["family"] == "call_for" and one.topic == other.topic
    if one.cue.row["family"] not in _OPINION or other.cue.row["family"] in _OPINION or one.cue.row["arrow"] != "right":
        return False
    return one.cue.end <= other.cue.start and (one.topic == other.topic or not other.cue.row["topic"])


def _trim(printed: str, clause: Clause) -> tuple[int, int]:
    """The clause without the marks and spaces around it."""
    words = printed[clause.start : clause.end]
    start = clause.start + len(words) - len(words.lstrip(" \n,;:-–—.“”\"'‘"))
    end = clause.start + len(words.rstrip(" \n,;:-–—.“”\"'’"))
    return (start, end) if start < end else (clause.start, clause.end)
