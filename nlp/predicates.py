"""What a text says of what it counts: the words behind a noun, a subject's predicate, the clause of a sum or a span.

`nlp.counted` finds the noun; here the parse tells it from others of its kind: "homes in the north-west", "members who
worked unpaid", "posts filled by agency staff", "spent on agency staff", "children waited for an assessment". The words
are the text's, a few at most, without auxiliaries and times.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from spacy.tokens import Doc, Span, Token

from nlp.amounts import MONTHS, TIME_UNITS, YEAR, Amount
from nlp.counted import VERBS, Counted
from nlp.graded import judged
from nlp.lexicon import lexicon
from nlp.records import Figure
from nlp.syntax import grammatical_subject

_SUBJECT = {"nsubj", "nsubj:pass", "nsubjpass", "csubj", "csubj:pass"}
_OBLIQUE = {"obl", "obl:tmod", "obl:npmod", "nmod:tmod", "npadvmod"}
_ARGUMENT = {"obj", "dobj", *_OBLIQUE, "xcomp", "advmod"}
_CLAUSE = {"acl", "acl:relcl", "relcl", "ccomp", "xcomp", "advcl"}  # within the words about a noun
_BEFORE_NOUN = {"compound", "amod", "nmod:poss"}
_WITHIN_NUMBER = {"nummod", "compound", "advmod", "amod", "quantmod", "fixed", "flat", "det", *_OBLIQUE}
_AUXILIARY = {"aux", "aux:pass", "auxpass", "cop"}
_FINITE = {"VBD", "VBP", "VBZ", "MD"}
_VERB = {*_FINITE, "VB", "VBN", "VBG"}
_NOUN = {"NN", "NNS", "NNP", "NNPS"}
_PRONOUN = {"PRP", "PRP$", "WP", "WP$", "WDT", "DT", "EX", "CD"}
_OPEN = {"IN", "TO", "CC", "DT", "PDT", "PRP$", "WDT", "WP", "WP$", "WRB", "MD", "POS"}  # at which nothing ends
_MARKS = set(".;:?!()[]—–…-")
_QUOTES = set("\"“”‘'’")
_THEN = {row["word"] for row in lexicon("counted_words") if "then" in row["kinds"].split()}
_SAYING = {row["word"] for row in lexicon("counted_words") if "saying" in row["kinds"].split()}
_HOLDING = {row["word"] for row in lexicon("counted_words") if "holding" in row["kinds"].split()}
_LEADING = {"in", "of", "to", "for", "by", "with", "from", "on", "among", "at"}
_KNOWN = {"the", "its", "their", "our", "his", "her", "these", "those", "all"}
_SPENDING = {
    "spend",
    "spends",
    "spent",
    "spending",
    "invest",
    "invests",
    "invested",
    "investing",
    "put",
    "puts",
    "putting",
}
_PURPOSES = {"on", "in", "into", "for", "towards"}
_PARTS = {"half", "third", "quarter", "fifth"}
_NEGATIONS = {"not", "n't", "n’t", "never"}
_AVERAGE = {"an", "a", "average", "of", "total", "as", "long", "on"}
_TIMES = {
    "year",
    "years",
    "month",
    "months",
    "week",
    "weeks",
    "day",
    "days",
    "hour",
    "hours",
    "minutes",
    "time",
    "times",
    "moment",
}
_SKIPPED = {"now", "currently", "already", "also", "since", "then", "still", "just", "only", "today", "all"}
# By which words a figure is taken for a count of judgments.
_GRADED = re.compile(r"\binspect|good|adequate|outstanding|improvement|remaining", re.IGNORECASE)
_MOST = 8  # words of what is said
_MOST_OF_SUBJECT = 7
_MOST_OF_CLAUSE = 10


def told(
    doc: Doc, figure: tuple[int, int], noun: int, times: Mapping[int, int], amount: Amount, counted: Counted | None
) -> str | None:
    """What the characters `figure` count, with what is said of it; None where the parse adds nothing to `counted`.

    `noun` is where the noun beside the figure ends; `times` has the ends of words about a time by their starts.
    """
    if not doc.has_annotation("DEP") or (counted is not None and counted.of and _GRADED.search(counted.of)):
        return None
    said = _Reading(doc, figure, times, amount).told(noun, amount, counted)
    if said is None or (_GRADED.search(said) and judged(said) != judged(counted.of if counted else "")):
        return None  # what is held against the record of judgments is what stands beside the number
    return said


def compared(before: Figure, amount: Amount) -> str:
    """What an amount counts that the figure before it is compared with: "up from 64 per cent in 2020"."""
    of = before.of or ""
    return of if before.unit == amount.unit and not _GRADED.search(of) else ""


class _Reading:
    """The parse around one figure."""

    def __init__(self, doc: Doc, figure: tuple[int, int], times: Mapping[int, int], amount: Amount) -> None:
        self.doc, self.times = doc, times
        self.measure = amount.rule == "money" or amount.unit in TIME_UNITS or amount.unit == "gbp"
        span = _span(doc, *figure)
        self.first, self.last = span.start, span.end
        unit = span.root
        while unit.dep_ in _WITHIN_NUMBER and span.start <= unit.head.i < span.end:
            unit = unit.head
        self.unit = unit
        led = [token.lower_ for token in doc[max(0, self.first - 2) : self.first]]
        # "a jury of five men deliberated", "six of the 22 councils have": told of what stands before
        self.governed = (
            unit.dep_ == "conj" and led[-1:] == ["and"] and any(child.dep_ == "nummod" for child in unit.head.children)
        ) or (
            bool(led)
            and (led[-1] in _LEADING or (led[0] == "of" and led[-1] in _KNOWN) or led[-1] in {"'s", "’s", "'", "’"})
        )

    def told(self, noun: int, amount: Amount, counted: Counted | None) -> str | None:
        rule = counted.rule if counted is not None and counted.of else ""
        measured = self.measure
        if counted is not None and rule in {"adjacent", "partitive"} and counted.noun and not measured:
            return self._of_noun(counted.noun, noun, rule == "partitive")
        if counted is not None and rule == "ellipsis" and counted.noun and not measured:
            return self._of_number(counted.noun)
        if counted is not None and rule == "adjacent" and amount.rule == "money":
            return self._spent(counted.of)
        if counted is not None and rule == "subject" and (price := self._price(counted.of)) is not None:
            return price
        if rule not in {"", "parse"} and not (amount.unit in TIME_UNITS and self._is_average()):
            return None
        if amount.unit in {"percent", "fraction"} or (amount.rule == "money" and self.unit.dep_ in _SUBJECT):
            return self._of_number(counted.of if counted is not None and rule else "") if rule != "parse" else None
        return self._of_measure(amount) if measured else None

    # ---- what is told

    def _of_noun(self, said: str, end: int, shared: bool) -> str | None:
        """As in "homes in the north-west", "posts covered by agency workers", "homes that Fernleigh Care runs"."""
        noun = _span(self.doc, end - 1, end)[-1]
        after = noun.i + 1
        while noun.dep_ in _BEFORE_NOUN and noun.i < noun.head.i <= noun.i + 3:
            noun = noun.head  # "early" of "early help"
        phrase = [*self.doc[after : noun.i + 1]]
        behind = self._behind(noun.i + 1, {noun.i, self.unit.i})
        if not behind:
            behind = self._elsewhere(noun, shared)
        return _joined([said, _text(phrase), _text(behind)]) if phrase or behind else None

    def _of_number(self, said: str) -> str | None:
        """As in "four have since been handed back": of the noun counted before, if any."""
        before = self.doc[self.first - 1].lower_ if self.first else ""
        if before in {"from", "with", "than", "to", "against"}:
            return None
        at = self.last
        if (
            at + 1 < len(self.doc)
            and self.doc[at].lower_ == "of"
            and self.doc[at + 1].lower_ in {"them", "these", "whom", "which"}
        ):
            at += 2
        elif not said and self.doc[at : at + 2].text.lower() == "of those":
            return _text(self._behind(at + 1, {self.unit.i, at + 1})) or None
        heads = {self.unit.i, *range(self.first, at)}
        if self.measure and at < len(self.doc) and self.doc[at].tag_ in {"PRP", "WDT"}:
            at += 1  # "£92m it has spent on helping schools"
            while at < len(self.doc) and self.doc[at].dep_ in _AUXILIARY:
                at += 1
            self.governed = True
        behind = self._behind(at, heads)
        return _joined([said, _text(behind)]) if behind else None

    def _of_measure(self, amount: Amount) -> str | None:
        """As in "spent on agency staff", "children waited for an assessment", "to send Ofsted its plan"."""
        unit = self.unit
        if unit.dep_ == "nmod" and unit.head.lower_ == "average":
            unit = unit.head
        behind = self._behind(self._past_rate(self.last), {unit.i})
        verb = unit.head
        if (
            unit.dep_ in {"nmod:unmarked", "obl:unmarked", "nmod", "amod", "nummod"}
            and self.first
            and self.doc[self.first - 1].tag_ in _VERB
        ):
            verb = self.doc[self.first - 1]
        elif unit.dep_ not in _ARGUMENT or unit.head.i > self.first:
            return _text(behind) if behind and amount.rule == "money" and behind[-1].tag_ in _NOUN else None
        if verb.tag_ not in _VERB:
            verb = next((child for child in verb.children if child.dep_ == "cop"), verb)
            if verb.tag_ not in _VERB or verb.dep_ != "cop":
                verb = unit.head.head
        if verb.tag_ not in _VERB or not self.first - _MOST_OF_CLAUSE <= verb.i < self.first:
            return None
        if verb.lower_ in VERBS:
            return None
        if verb.lower_ in _HOLDING:
            return _text(behind) if behind and behind[0].lower_ == "to" else None
        subject = grammatical_subject(verb)
        who = self._subject(subject, verb.i) if subject is not None else []
        begin = min([verb.i, *(child.i for child in verb.children if child.tag_ == "MD")])
        clause = _trimmed(
            [
                t
                for t in self.doc[begin : self.first]
                if (t.dep_ not in _AUXILIARY or t.tag_ == "MD") and t.text not in _QUOTES
            ]
        )
        while len(clause) > 1 and clause[-1].lower_ in _AVERAGE:
            clause = clause[:-1]
        if [t.lower_ for t in behind[:1]] == ["in"] and len(behind) == 2 and behind[1].tag_ == "NNP":
            return None  # a place says nothing of a sum
        if any(t.text in _MARKS or t.is_space for t in clause) or (len(clause) == 1 and not (who or behind)):
            return None
        if amount.rule == "money" and unit.dep_ in {"obj", "dobj"} and (behind or len(clause) > 2):
            who = []  # "spent on agency staff", whoever did
        return _joined([_text(who), _text(clause), _text(behind)])

    def _spent(self, said: str) -> str | None:
        """As in "spent on agency staff"."""
        verb = self.unit.head
        before = next((t for t in self.doc[self.unit.i : self.last] if t.lower_ in _PURPOSES), None)
        if before is None or self.unit.dep_ not in {"obj", "dobj"} or verb.lower_ not in _SPENDING:
            return None
        return f"{verb.lower_} {before.lower_} {said}"

    def _price(self, said: str) -> str | None:
        """As in "cost of placements a week" of "placements costing £10,000 a week"; "profits" of "making profits"."""
        if not self.first:
            return None
        before = self.doc[self.first - 1]
        if before.lower_ in {"cost", "costs", "costing"} and not said.lower().endswith(("cost", "costs")):
            thing = re.sub(r"^(?:.* )?(?:whose|number of) | (?:would|will|could|can|may|might|now)$", "", said)
            rate = self.doc[self.last : self.last + 2]
            every = (
                f" {rate.text}"
                if len(rate) == 2 and rate[0].lower_ in {"a", "per"} and rate[1].lower_ in _TIMES
                else ""
            )
            opening = before.sent[0]
            if thing.startswith(opening.text):
                thing = _word(opening) + thing[len(opening.text) :]
            return f"cost of {thing}{every}"
        noun = self.doc[self.first - 2] if self.first > 1 and before.lower_ == "of" else before
        if noun.dep_ in {"obj", "dobj"} and noun.head.tag_ == "VBG" and said == f"{noun.head.text} {noun.text}":
            return noun.text
        return None

    # ---- words of it

    def _behind(self, at: int, heads: Collection[int]) -> list[Token]:
        """The words from `at` on about what stands before: its modifiers, and its predicate, with one of `heads` as
        the subject.
        """
        found: list[Token] = []
        predicate = False
        while at < len(self.doc) and len(found) < _MOST:
            token = self.doc[at]
            text = token.lower_
            at += 1
            if token.text in _QUOTES and token.tag_ != "POS":
                continue
            if self.measure and not found and token.idx in self.times:
                at = next((t.i for t in self.doc[at:] if t.idx >= self.times[token.idx]), len(self.doc))
                continue
            if predicate and not found and text in _SKIPPED:
                continue  # "have since been filled"
            if self._ends(token, bool(found)) or (
                not found and not predicate and not self.measure and self._is_outside(token)
            ):
                break
            if token.tag_ in _FINITE or token.dep_ in _AUXILIARY:
                verb = token.head if token.dep_ in _AUXILIARY else token
                subject = next((child for child in verb.children if child.dep_ in _SUBJECT), None)
                # "around 13 have left" has no subject to the parse.
                own = subject.i in heads if subject is not None else not found
                if own and self.governed:
                    break
                if own and not predicate:
                    predicate = True
                    at = self._after_saying(verb, at)
                    if token.dep_ in _AUXILIARY or at > token.i + 1:
                        continue
                elif not self._is_inside(verb, subject):
                    break
                elif predicate and token.dep_ in _AUXILIARY and not any(t.tag_ in _VERB for t in found):
                    continue
            elif not found and (text in _SKIPPED or (token.tag_ == "RB" and predicate and text not in _NEGATIONS)):
                continue
            elif (
                not predicate
                and token.tag_ in {"VBN", "VB"}
                and token.dep_ in {"conj", "parataxis", "ROOT"}
                and not (any(child.dep_ in _SUBJECT and child.i in heads for child in token.children))
            ):
                break
            found.append(token)
        return _trimmed(found)

    def _is_outside(self, token: Token) -> bool:
        """Whether no words about a noun start here: "had 12 in under two years", "fell from 24 to 16"."""
        if token.lower_ in {"each", "per"} or (token.lower_ in {"a", "every"} and self._after(token).lower_ in _TIMES):
            return True
        if (
            token.tag_ in {"TO", "IN", "CC"}
            and token.lower_ in {"to", "or"}
            and self._after(token).tag_ in {"CD", "JJR"}
        ):
            return True
        if token.tag_ == "CD" or token.lower_ == "as":
            return True
        if token.lower_ == "to" and any(word.tag_ == "CD" for word in self.doc[token.i + 1 : token.i + 5]):
            return True
        if token.tag_ != "IN":
            return False
        for word in self.doc[token.i + 1 : token.i + 5]:
            if word.tag_ == "IN" and word.i > token.i + 1:
                break
            if word.lower_ in _TIMES or (
                word.lower_ in {"i", "he", "she", "they", "we"} and token.lower_ in {"before", "after"}
            ):
                return True
        return False

    def _after(self, token: Token) -> Token:
        return token.nbor() if token.i + 1 < len(self.doc) else token

    def _ends(self, token: Token, started: bool) -> bool:
        """Whether what is said ends before this word."""
        text = token.lower_
        if token.is_space or token.is_sent_start or token.idx in self.times:
            return True
        after = self._after(token)
        if text == "to" and after.lower_ in {"fewer", "less", "more", "just", "around", "about"}:
            return True
        if text == "to" and after.tag_ == "CD" and token.i and token.nbor(-1).tag_ != "CD":
            return True  # "from 24 children to 16"; not "aged 16 to 21"
        if token.tag_ in {"IN", "TO", "RB", "RP"} and (
            (text == "on" and after.tag_ == "CD")
            or (text == "at" and self._after(after).lower_ in {"end", "start", "beginning"})
            or (after.is_title and MONTHS.fullmatch(after.lower_))
            or YEAR.fullmatch(after.text)
        ):
            return True
        if token.text in _MARKS:
            return token.text != "-" or bool(token.whitespace_)
        if text == "," or token.tag_ == "CC":
            if any(word.tag_ == "CD" or word.lower_ in _PARTS for word in self.doc[token.i + 1 : token.i + 5]):
                return True
            joined = token.head
            if joined.dep_ != "conj" or joined.i < token.i or not (started or joined.tag_ in _NOUN):
                return True
            return joined.tag_ in _FINITE | {"VB"} or any(
                child.dep_ in _SUBJECT | _AUXILIARY or (child.dep_ in {"case", "nummod", "det"} and not started)
                for child in joined.children
            )
        return text in _THEN

    def _is_inside(self, verb: Token, subject: Token | None) -> bool:
        """Whether the clause of a verb belongs to the words behind the figure."""
        if subject is not None:
            return subject.i >= self.first
        return verb.dep_ in _CLAUSE and verb.head.i >= self.first

    def _after_saying(self, verb: Token, at: int) -> int:
        """The index behind "said that they" where the verb at `at` leads to what its subjects say of themselves."""
        if verb.lower_ not in _SAYING or verb.i >= at:
            return at
        for k in range(verb.i + 1, min(verb.i + 4, len(self.doc))):
            if self.doc[k].lower_ in {"they", "he", "she", "it", "we"}:
                return k + 1
            if self.doc[k].lower_ not in {"that", "us", "me", "them"}:
                break
        return at

    def _elsewhere(self, noun: Token, shared: bool) -> list[Token]:
        """The clause that a bare noun stands in: "homes Fernleigh Care runs"; "in nine cases, no reason was given"."""
        outer = self.unit if shared and noun.dep_ == "nmod" else noun
        if (
            self.first
            and self.doc[self.first - 1].lower_ == "in"
            and outer.dep_ == "obl"
            and noun.i + 1 < len(self.doc)
            and self.doc[noun.i + 1].text == ","
        ):
            self.governed = False
            return self._behind(noun.i + 2, {t.i for t in outer.head.children if t.dep_ in _SUBJECT})
        verb = outer.head
        if outer.dep_ not in {"obj", "dobj"} or not 0 < self.first - verb.i < 4 or verb.lower_ in _HOLDING:
            return []
        if verb.tag_ not in _VERB:
            return []
        subject = grammatical_subject(verb)
        who = self._subject(subject, verb.i) if subject is not None else []
        if not who and verb.tag_ != "VBN" and not (verb.tag_ == "VBD" and verb.lower_.endswith("ed")):
            return []
        if who and who[0].i and self.doc[who[0].i - 1].lower_ == "the":
            who = [self.doc[who[0].i - 1], *who]
        helping = [t for t in verb.children if t.dep_ == "aux" and t.i < verb.i and t.lower_ != "to"]
        return [*who, *(helping if who and verb.tag_ in {"VBN", "VB", "VBG"} else []), verb]

    def _subject(self, noun: Token, before: int) -> list[Token]:
        """The noun phrase of a subject in a few words; none of a pronoun."""
        if noun.tag_ in _PRONOUN or noun.tag_ not in _NOUN or noun.i > before:
            return []
        first, last = noun.i, noun.i + 1
        for child in noun.children:
            if child.i < noun.i and child.dep_ in {*_BEFORE_NOUN, "flat", "nummod"}:
                first = min(first, child.left_edge.i)
            elif child.i > noun.i and child.dep_ in {"flat", "nmod"} and child.right_edge.i < min(before, noun.i + 5):
                last = max(last, child.right_edge.i + 1)
        words = [t for t in self.doc[first:last] if t.tag_ not in {"DT", "PRP$"} and t.text not in _QUOTES]
        return words if len(words) <= _MOST_OF_SUBJECT and not any(t.is_space for t in words) else [noun]

    def _past_rate(self, at: int) -> int:
        """The index behind "on average" or "in which" there."""
        return at + 2 if [t.lower_ for t in self.doc[at : at + 2]] in (["on", "average"], ["in", "which"]) else at

    def _is_average(self) -> bool:
        return (
            self.first > 1 and self.doc[self.first - 1].lower_ == "of" and self.doc[self.first - 2].lower_ == "average"
        )


def _span(doc: Doc, start: int, end: int) -> Span:
    span = doc.char_span(start, end, alignment_mode="expand")
    if span is None:
        raise ValueError(f"{start}:{end} is not in the text.")
    return span


def _trimmed(tokens: Sequence[Token]) -> list[Token]:
    """Without the words at the end that lead to something that is left out."""
    words = list(tokens)
    while words:
        last = words[-1]
        dangling = last.i < last.head.i and last.dep_ != "conj" and last.tag_ not in _NOUN
        if not (
            (
                last.tag_ in _OPEN
                and (last.tag_ not in {"IN", "TO"} or last.head.i > last.i or last.dep_ in {"case", "mark"})
            )
            or last.dep_ in _AUXILIARY
            or dangling
            or last.text in {",", "-"}
            or (len(words) > 1 and last.lower_ in {"said", "says", "per"})
        ):
            break
        words.pop()
    return words


def _text(tokens: Sequence[Token]) -> str:
    """The words as they stand, white space folded."""
    said = "".join(
        _word(token) + (" " if token.whitespace_ or _is_gap(tokens, n) else "") for n, token in enumerate(tokens)
    )
    return " ".join(said.split())


def _word(token: Token) -> str:
    """A word, without the capital that it has as the first of its sentence."""
    return token.lower_ if token.is_sent_start and token.tag_ not in {"NNP", "NNPS"} else token.text


def _is_gap(tokens: Sequence[Token], n: int) -> bool:
    """Whether words between this one and the next are left out."""
    return n + 1 < len(tokens) and tokens[n + 1].i != tokens[n].i + 1


def _joined(parts: Sequence[str]) -> str | None:
    return " ".join(part for part in parts if part) or None
