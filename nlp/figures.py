"""Finds the quantities that inform: what they count, how they are bounded, whether something rose or fell by them.

`nlp.numbers` reads numerals, `nlp.amounts` gives them units; here an amount becomes a `Figure`. Every rule looks at a
bounded number of words, so that the time is linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from spacy.tokens import Doc

from nlp.amounts import FACTORS, TIME_UNITS, Amount, amounts, earlier_follows
from nlp.claims import claimed
from nlp.confidence import confidences
from nlp.counted import ADVERBS, CHANGES, COMPARATIVES, NOUNS, VERBS, Counted, Reader
from nlp.lexicon import lexicon
from nlp.numbers import Piece, Wordings, pieces_of
from nlp.parsed import is_subject, measured
from nlp.predicates import compared, told
from nlp.records import Change, Figure, Qualifier
from nlp.scoring import component, score_figures
from nlp.spans import text_of

_LEFT = Wordings([row for row in lexicon("figure_bounds") if row["side"] == "left"])
_RIGHT = Wordings([row for row in lexicon("figure_bounds") if row["side"] == "right"])
# "concerns about 12 homes" bounds nothing.
_SUBJECTS = {"concern", "concerns", "worries", "complaints", "questions", "information", "data", "letter", "debate"}

_MAKING = {"made", "make", "makes", "making", "take", "takes", "taking", "taken", "took"}  # "made up a fifth"

_COUNT = r"(?:(?:almost|nearly|about|around|over|just|more than|a) ){0,2}(?!the\b|its\b)[\w']{1,15}(?:-\w{1,12})?"
_SINCE = "(?:past|last|previous|next|first|coming)"
_SPAN = r"(?:years?|months?|weeks?|days?|decades?)"
_MONTH = r"[A-Z][a-z]{2,8}"
_DATE = rf"(?:(?:early|late|mid)[ -])?(?:{_MONTH} )?(?:19|20)\d\d(?:[/–−-]\d{{2,4}})?"
# Months keep their capital, so the text is searched as it stands; `span` is time gone by if a figure is told of it.
_PERIOD = re.compile(
    rf"\b(?:(?i:than )?(?i:since|in|during|by|before|after|until|throughout) {_DATE}"
    rf"|(?i:between|from) {_DATE} (?:and|to) {_DATE}"
    rf"|(?i:in) the (?:{_COUNT} )?(?:year|months) (?:to|ending) (?:{_DATE}|{_MONTH})"
    rf"|(?i:over|in|during|for|across) (?:(?:the|its|their) )?{_SINCE} (?:{_COUNT} )?{_SPAN}"
    rf"|(?<!within )(?i:the) (?:past|last|previous|next) {_COUNT} {_SPAN}"
    rf"|(?i:than )?(?i:{_COUNT}) {_SPAN} (?:ago|earlier|later|before)"
    rf"|(?i:than )?(?i:last|this|next|the previous) (?:year|month|week|summer|autumn|winter|spring)"
    rf"|(?i:in|after) {_COUNT} {_SPAN}"
    rf"|(?P<span>(?i:over) {_COUNT} {_SPAN}))\b"
)

# How far a figure can be trusted by how its noun was found; a vague or supposed one less.
_CONFIDENCE = confidences("figures")


@component("figures", score_figures)
def figures(doc: Doc) -> Doc:
    """Sets `doc._.figures` from the sentences, each figure with who says it."""
    text = text_of(doc)
    named = bytearray(len(text))
    for mention in doc._.organisation_mentions:
        named[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
    found: list[Figure] = []
    earlier: str | None = None
    end = 0
    for sentence in doc.sents:
        if "\n" in text[max(0, end - 2) : sentence.start_char]:
            earlier = None  # another paragraph; a sentence ends with the line breaks after it
        end = sentence.end_char
        read, earlier = _figures_of(doc, text, sentence.start_char, end, named, earlier)
        found += read
    doc._.figures = claimed(doc, sorted(found, key=lambda figure: (figure.start, figure.end)))
    return doc


def _figures_of(
    doc: Doc, text: str, start: int, end: int, named: bytearray, earlier: str | None
) -> tuple[list[Figure], str | None]:
    """The figures of the sentence text[start:end], and the noun last counted in the paragraph."""
    words = pieces_of(text, start, end)
    read = amounts(words, named)
    if not read:
        return [], earlier
    periods, read = _periods(text, start, end, words, read)
    ranked = {word.start for amount in read if amount.unit == "rank" for word in words[amount.first : amount.last]}
    others = [period for period in periods if period[0] not in ranked]  # "highest since 1987" keeps its own
    reader = Reader(text, words, read, earlier)
    bases = _bases(words, read)
    times = dict(periods)
    said: dict[str, str] = {}  # what was said of each noun
    figures: list[Figure] = []
    for n, amount in enumerate(read):
        first, last, qualifier = _bounds(words, amount)
        counted = reader.counted(n, first, last)
        first, last, change = _change(words, amount, first, max(last, counted.last if counted else 0))
        change = change or (counted.change if counted else None)
        if figures and n and words[amount.first - 1].text == "or" and read[n - 1].last == amount.first - 2:
            change = change or figures[-1].change  # "rose by £700,000, or 6.5 per cent"
        if (
            counted is None
            and amount.bare
            and not (change or first < amount.first or _moved(words, first) or "," in words[amount.first].text)
        ):
            continue  # a number alone: a name, a code, a score; but thousands are marked where something is counted
        if counted is None or not counted.of:
            counted = _parsed(doc, words, amount, last, reader.earlier) or counted
        shown = (words[first].start, words[last - 1].end)
        noun = words[(counted.last if counted else last) - 1].end
        of = counted.of if counted else ""
        if more := told(doc, shown, noun, times, amount, counted):
            said[of] = of = more
        elif words[first - 1].text in {"from", "to", "with", "than", "against"}:  # "down from 40": of the same
            of = said.get(of, of) if of else compared(figures[-1], amount) if figures else ""
        unit_first = amount.unit_first
        figures.append(
            Figure(
                start=shown[0],
                end=shown[1],
                text=text[shown[0] : shown[1]],
                value=amount.value,
                high=amount.high,
                unit=amount.unit,
                unit_text=None if unit_first is None else _unit_text(text, words, amount, unit_first),
                of=of or None,
                qualifier=qualifier,
                change=change or amount.change,
                base_value=bases.get(n),
                population=counted.population if counted else None,
                period=_period(text, periods if amount.unit == "rank" else others, words[amount.first].start),
                confidence=_confidence(words, amount, counted),
                rule=counted.rule if counted else amount.rule,
            )
        )
    return figures, reader.earlier


def _parsed(doc: Doc, words: Sequence[Piece], amount: Amount, last: int, earlier: str | None) -> Counted | None:
    """What the parse says an amount measures."""
    start, end = words[amount.first].start, words[amount.last - 1].end
    if earlier and amount.unit in {"percent", "fraction"} and is_subject(doc, start, end):
        return Counted(earlier, earlier, "ellipsis", last)
    noun = measured(doc, start, end)
    return Counted(noun, noun, "parse", last) if noun else None


def _unit_text(text: str, words: Sequence[Piece], amount: Amount, first: int) -> str:
    last = first + 1 if amount.rule == "money" else amount.last
    return text[words[first].start : words[last - 1].end]


def _bounds(words: Sequence[Piece], amount: Amount) -> tuple[int, int, Qualifier | None]:
    """First and last word of the amount with the bounds beside it, and what they make of it."""
    first, last, qualifier = amount.first, amount.last, amount.qualifier
    for _ in range(2):  # "only about 40"
        found = _LEFT.before(words, first)
        if found is None:
            break
        row, at = found
        if row["phrase"] in {"about", "around", "over"} and at and words[at - 1].text in _SUBJECTS:
            break
        if row["phrase"].startswith("within") and amount.unit not in TIME_UNITS:
            break
        if row["phrase"] == "between" and amount.high is None:
            break
        first = at
        qualifier = row["qualifier"] or qualifier  # type: ignore[assignment]
    if right := _RIGHT.at(words, last):
        qualifier, last = right[0]["qualifier"], right[1]  # type: ignore[assignment]
    if amount.rule == "place" and first and words[first - 1].text == "the":
        first -= 1
        if first and words[first - 1].text in {"only", "just"}:
            first -= 1
    return first, last, qualifier


def _change(words: Sequence[Piece], amount: Amount, first: int, last: int) -> tuple[int, int, Change | None]:
    """First and last word of the figure with its word of change, and whether it is itself a rise or a fall."""
    if amount.unit == "rank" or amount.unit in TIME_UNITS:
        return first, last, None
    before = words[first - 1].text if first else ""
    at = first - 1
    if before == "by":
        verb = next(
            (
                k
                for k in range(at - 1 - (words[at - 1].text == ","), max(-1, at - 14), -1)
                if words[k].text in VERBS | ADVERBS or words[k].kind != "word"
            ),
            -1,
        )
        if verb >= 0 and words[verb].text in CHANGES:
            return (verb if at - verb < 3 else first), last, CHANGES[words[verb].text]
    elif words[first].text in {"below", "under", "above"} and first < amount.first:
        return first, last, None  # "fell below 40 per cent": a level
    elif (before in ADVERBS and not (at and words[at - 1].text in _MAKING)) or (
        before in VERBS and (amount.unit in {"percent", "fraction"} or amount.rule == "money" or amount.unit == "gbp")
    ):
        return at, last, CHANGES[before]
    elif before == "of":
        noun = next(
            (k for k in range(at - 1, max(-1, at - 6), -1) if words[k].text in NOUNS or words[k].kind != "word"), -1
        )
        if noun >= 0 and words[noun].text in NOUNS and (noun == at - 1 or words[noun + 1].text == "in"):
            return (noun if noun == at - 1 else first), last, CHANGES[words[noun].text]
    after = words[amount.last].text if amount.last < len(words) else ""
    if after in COMPARATIVES:
        than = next((k for k in range(amount.last, min(amount.last + 12, len(words))) if words[k].text == "than"), None)
        more = last > amount.last + 1 or amount.unit != "count"  # "200 more visits", not "200 more were found"
        change = CHANGES[after] if (more if than is None else earlier_follows(words, than)) else None
        return first, max(last, amount.last + 1), change
    return first, last, None


def _moved(words: Sequence[Piece], first: int) -> bool:
    """As in "rising to 44", "an increase from 28"."""
    return first > 1 and words[first - 1].text in {"to", "from"} and words[first - 2].text in {*CHANGES, *FACTORS}


def _bases(words: Sequence[Piece], read: Sequence[Amount]) -> dict[int, float]:
    """The value each amount started from: "from 41 to 37", "26 councils, up from 19"."""
    bases: dict[int, float] = {}
    for n in range(1, len(read)):
        before, after = read[n - 1], read[n]
        gap = after.first - before.last
        if before.unit != after.unit or gap > 8:
            continue
        link = words[after.first - 1].text
        if link == "to" and any(word.text == "from" for word in words[max(0, before.first - 4) : before.first]):
            bases[n] = before.value
        elif link == "from" and (gap == 1 or words[after.first - 2].text in ADVERBS):
            bases[n - 1] = after.value
    return bases


def _periods(
    text: str, start: int, end: int, words: Sequence[Piece], read: list[Amount]
) -> tuple[list[tuple[int, int]], list[Amount]]:
    """The periods told in a sentence, and the amounts left when spans that only place something in time are out."""
    matches = list(_PERIOD.finditer(text, start, end))
    placed = [match.span() for match in matches if not match["span"]]
    told = [amount for amount in read if amount.unit not in TIME_UNITS]
    if told:
        placed = [match.span() for match in matches]
    starts = [span[0] for span in placed]

    def within(amount: Amount) -> bool:
        n = bisect_right(starts, words[amount.first].start) - 1
        return n >= 0 and amount.unit in TIME_UNITS and placed[n][1] >= words[amount.last - 1].end

    return placed, [amount for amount in read if not within(amount)]


def _period(text: str, periods: Sequence[tuple[int, int]], start: int) -> str | None:
    """The period the figure at `start` is told of: the nearest after that, else the nearest before."""
    n = bisect_right(periods, (start, start))
    if n < len(periods):
        return text[slice(*periods[n])]
    return text[slice(*periods[n - 1])] if periods else None


def _confidence(words: Sequence[Piece], amount: Amount, counted: Counted | None) -> float:
    confidence = _CONFIDENCE.get(counted.rule if counted else "", _CONFIDENCE["uncounted"])
    if (
        amount.rule == "vague"
        or amount.unit == "rank"
        or any(word.text == "if" for word in words[: min(3, amount.first)])
    ):
        return min(confidence, _CONFIDENCE["doubtful"])
    return confidence
