"""Where each holder stands on a topic, clause by clause, with the words that show it.

No cue of data/lexicon/stances.csv, no row; no holder, no row; no topic, no row.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from spacy.tokens import Doc

from nlp import clauses, phrases, topics
from nlp.clauses import Clause
from nlp.cues import CONFIDENCE, LOOKS_FURTHER, OPINION, Value, arrow, find_cues, value
from nlp.phrases import Hit
from nlp.records import Polarity, Stance
from nlp.references import is_kind
from nlp.scope import Scope
from nlp.scoring import component, score_stances
from nlp.spans import text_of
from nlp.statements import Statement, statements
from nlp.syntax import Parse
from nlp.words import is_reporting_verb

_REACH = 300  # characters: beyond, nothing is about a cue
_BESIDE = 25  # the same for a word of degree
_STATISTIC = re.compile(r"\d|\bper ?cent\b")
# Words for what was named before.
# What a reading is less sure for: its topic isn't in the clause, the cue is turned round, the clause hedges.
_PRONOUN = re.compile(r"\b(?:it|this|that|they|these|them)\b")
_ELSEWHERE, _TURNED, _HEDGED = 0.15, 0.15, 0.1
_AGREED = 0.08  # what it is surer for where several cues of a clause agree


class _Judged(NamedTuple):
    cue: Hit
    topic: str
    polarity: Polarity
    sure: float


@component("stances", score_stances)
def stances(doc: Doc) -> Doc:
    """Sets `doc._.stances`, in order of start."""
    reader = _Reader(doc)
    rows = [row for statement in statements(doc) for row in reader.read(statement)]
    doc._.stances = sorted(rows, key=lambda row: (row.start, row.end, row.topic, row.holder or ""))
    return doc


class _Reader:
    """Reads the statements of a Doc."""

    def __init__(self, doc: Doc) -> None:
        self._printed = text_of(doc)
        self._text = phrases.plain(self._printed)
        self._cues = find_cues(self._text)
        self._scope = Scope(self._text)
        self._terms = _outside_names(doc, topics.find_terms(self._text))
        self._parse = Parse.of(doc)

    def read(self, statement: Statement) -> Iterator[Stance]:
        """The stances of one statement: for each clause and topic one, for each holder."""
        if not phrases.within(self._cues, statement.start, statement.end) or self._asks(statement):
            return
        for clause in clauses.split(self._text, statement.start, statement.end):
            if clause.aside:
                continue
            by_topic: dict[str, list[_Judged]] = defaultdict(list)
            for one in self._judge(clause, statement):
                by_topic[one.topic].append(one)
            start, end = self._trim(clause)
            for topic, those in by_topic.items():
                best = max(those, key=lambda one: one.sure)
                agreeing = sum(one.polarity == best.polarity for one in those)
                doubt = _TURNED if agreeing < len(those) else -_AGREED * (agreeing > 1)
                for holder in statement.holders:
                    yield Stance(
                        start=start, end=end, text=self._printed[start:end], topic=topic, polarity=best.polarity,
                        speaker=holder.speaker, organisation=holder.organisation, quote=statement.quote,
                        confidence=round(max((best.sure - doubt) * statement.sure, 0.1), 2),
                        rule=f"{best.cue.row['family']}/{statement.source}",
                    )  # fmt: skip

    def _asks(self, statement: Statement) -> bool:
        start, end = statement.sentence
        return self._printed[start:end].rstrip(" \n”\"'’").endswith("?")

    def _judge(self, clause: Clause, statement: Statement) -> list[_Judged]:
        """What each cue of a clause says about which topic, the weaker of two that contradict left out."""
        found = (self._read_cue(cue, clause, statement) for cue in phrases.within(self._cues, clause.start, clause.end))
        judged = [one for one in found if one]
        return [one for one in judged if not any(self._outweighs(other, one) for other in judged)]

    def _outweighs(self, one: _Judged, other: _Judged) -> bool:
        """An opinion outweighs contrary words in its object, and an end that is called for outweighs the call."""
        if one.polarity == other.polarity:
            return False
        if one.cue.row["family"] == "end":
            return other.cue.row["family"] == "call_for" and one.topic == other.topic
        if one.cue.row["family"] == "deficit":
            return other.cue.row["family"] == "praise" and self._is_said_of(one.cue, other.cue, before=False)
        if one.cue.row["family"] not in OPINION or _opines(other.cue):
            return False
        if other.cue.start >= one.cue.end and one.cue.row["arrow"] == "right":
            return one.topic == other.topic
        return self._is_said_of(one.cue, other.cue)

    def _read_cue(self, cue: Hit, clause: Clause, statement: Statement) -> _Judged | None:
        said = value(cue, self._scope.over(clause.start, cue.start))
        if said is None or not _is_by(cue.row["by"], statement) or self._has_other_agent(cue, statement):
            return None
        meant, turned = said
        family = cue.row["family"]
        if family == "call_for" and cue.row["arrow"] == "right" and not self._has_object(cue, statement):
            return None
        sure = CONFIDENCE[family] - (_TURNED if turned else 0)
        sure -= _HEDGED if self._scope.hedged(clause.start, clause.end) else 0
        if cue.row["topic"]:
            topic, degree = cue.row["topic"], ""
        else:
            term = self._term(cue, statement, clause.start, clause.end)
            if term is None and family in LOOKS_FURTHER:
                term, sure = self._term(cue, statement, *statement.sentence), sure - _ELSEWHERE
            if term is None and family in LOOKS_FURTHER and self._points_back(clause):
                term, sure = self._term(cue, statement, self._before(statement), statement.start), sure - _ELSEWHERE
            if term is None:
                return None
            if family == "degree" and not self._measures(cue, term, clause):
                return None
            topic, degree = term.row["topic"], term.row["more"]
        if topic == "inspectorate" and not cue.row["topic"] and _is_by(topic, statement):
            return None  # its own name: what "Ofsted has found" is not about Ofsted
        polarity = _polarity(meant, degree)
        return _Judged(cue, topic, polarity, sure) if polarity else None

    def _term(self, cue: Hit, statement: Statement, start: int, end: int) -> Hit | None:
        """The word for what a cue is about, between start and end, of those that don't name the holder."""
        points = arrow(self._text, cue)
        near = phrases.within(self._terms, max(start, cue.start - _REACH), min(end, cue.end + _REACH))
        about = [term for term in near if not statement.start <= term.start < statement.said]
        if not about:
            return None
        arguments = self._parse.arguments(cue.start, cue.end, before=points != "right", after=points != "left")
        needs = cue.row["needs"]
        return topics.choose(about, cue, points, arguments, needs.split("|") if needs else topics.TOPICS)

    def _is_said_of(self, cue: Hit, other: Hit, *, before: bool = True) -> bool:
        """Whether the other cue stands in what this one is said of; before a passive, that is all there is."""
        if before and other.end <= cue.start and self._text.startswith(" by ", cue.end):
            return True
        said_of = self._parse.arguments(cue.start, cue.end, before=before, after=True)
        return any(phrase.start <= other.start < phrase.end for phrase in said_of)

    def _has_object(self, cue: Hit, statement: Statement) -> bool:
        """Whether anything follows; "The report calls for:" says only below what for."""
        return bool(cue.row["topic"] or re.search(r"\w", self._text[cue.end : statement.end]))

    def _has_other_agent(self, cue: Hit, statement: Statement) -> bool:
        """As in "Ofsted said the plan was backed by parents": the view of others."""
        if not self._text.startswith(" by ", cue.end) or cue.start == statement.verb:
            return False
        return is_reporting_verb(self._text[cue.start : cue.end])

    def _measures(self, cue: Hit, term: Hit, clause: Clause) -> bool:
        """Whether a word of degree is said of the term beside it, and not as a bare statistic."""
        beside = max(term.start - cue.end, cue.start - term.end) <= _BESIDE
        return beside and not _STATISTIC.search(self._text, clause.start, clause.end)

    def _points_back(self, clause: Clause) -> bool:
        """Whether the clause speaks of what was said before: "It makes for hard reading."."""
        return bool(_PRONOUN.search(self._text, clause.start, clause.end))

    def _before(self, statement: Statement) -> int:
        """Where the words before the sentence begin that its pronouns may mean, in the same paragraph."""
        start = statement.sentence[0]
        return max(start - _REACH, self._text.rfind("\n", 0, start) + 1, 0)

    def _trim(self, clause: Clause) -> tuple[int, int]:
        """The clause without the marks and spaces around it."""
        words = self._printed[clause.start : clause.end]
        start = clause.start + len(words) - len(words.lstrip(" \n,;:-–—.“”\"'‘"))
        end = clause.start + len(words.rstrip(" \n,;:-–—.“”\"'’"))
        return (start, end) if start < end else (clause.start, clause.end)


def _opines(cue: Hit) -> bool:
    """Whether the cue is the verb of an opinion, and not an adjective of it, nor an end that is in question."""
    return cue.row["family"] in OPINION - {"end"} and cue.row["arrow"] == "right"


def _is_by(kind: str, statement: Statement) -> bool:
    """Whether the holder is of the kind that the cue is kept for."""
    if not kind:
        return True
    body = statement.holders[0].organisation
    return body is not None and is_kind(body, (kind,))


def _polarity(meant: Value, degree: str) -> Polarity | None:
    """More of a good thing is praise, less of it a fault; what is neither good nor bad gives none."""
    if meant == "supportive" or meant == "critical":
        return meant
    if not degree:
        return None
    return "supportive" if (meant == "more") == (degree == "good") else "critical"


def _outside_names(doc: Doc, terms: list[Hit]) -> list[Hit]:
    """Topic words that aren't part of a body's name: an association of directors isn't about leadership."""
    inside = {
        term.start
        for mention in doc._.organisation_mentions
        for term in phrases.within(terms, mention.start, mention.end)
        if term.end - term.start < mention.end - mention.start
    }
    return [term for term in terms if term.start not in inside]
