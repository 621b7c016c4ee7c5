"""What an amount counts: the noun beside it, what it is part of, what rose or fell by it, what was counted before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlp.amounts import TIME_UNITS, Amount
from nlp.lexicon import lexicon
from nlp.numbers import Piece
from nlp.records import Change


def _words(name: str, kind: str) -> set[str]:
    return {row["word"] for row in lexicon(name) if kind in row["kinds"].split()}


CHANGES: dict[str, Change] = {row["word"]: row["change"] for row in lexicon("figure_changes")}  # type: ignore[misc]
VERBS, NOUNS, ADVERBS, COMPARATIVES = (
    _words("figure_changes", kind) for kind in ("verb", "noun", "adverb", "comparative")
)
_HEADS, _PLURALS, _SINGULARS, _MEASURES, _JUDGES, _GRADES, _LINKS = (
    _words("counted_words", kind) for kind in ("head", "plural", "singular", "measure", "judge", "grade", "link")
)
_STOPS = {row["word"] for row in lexicon("counted_stops")}
_DETERMINERS = {"the", "a", "an", "its", "their", "our", "his", "her", "all", "these", "those", "this", "that"}
_AUXILIARIES = {"was", "were", "is", "are", "be", "been", "being", "has", "have", "had", "will", "also", "now", "then"}
_CLAUSES = {
    "that",
    "which",
    "who",
    "while",
    "when",
    "where",
    "and",
    "but",
    "as",
    "because",
    "whereas",
    "if",
    "until",
    "said",
}
_PRONOUNS = {"it", "they", "he", "she", "we", "i", "you", "this", "these", "those", "there", "them"}
_PREPOSITIONS = {"on", "in", "at", "with", "under", "without"}
_PARTICIPLES = {"given", "found", "left", "carried", "going", "living", "waiting", "dying"}
_MOVING = {"to", "more", "come", "came", "gone", "went", "going", "set", "expected", "due", "likely"}
_QUOTES = {'"', "'"}
# What may stand between a judging verb and its grade: "rated as", "found to be", "given a rating of".
_BETWEEN = {
    "as",
    "to",
    "be",
    "a",
    "an",
    "the",
    "rating",
    "ratings",
    "grade",
    "judgement",
    "judgment",
    "of",
    "only",
    "overall",
}
# What may stand between a verb and its figure: "rose to its", "takes an average of".
_APPROACH = {
    "to",
    "at",
    "by",
    "from",
    "an",
    "a",
    "average",
    "of",
    "still",
    "already",
    "currently",
    "the",
    "its",
    "their",
    "now",
    "just",
}
# After a number without a noun, these show that the noun is the one before: "43 were", "12 of which".
_GO_ON = _AUXILIARIES | {"of", "did", "more", "fewer", "said"}


@dataclass(slots=True)
class Counted:
    """What is counted: `of` in the text's words, `noun` without what is said of it; the figure goes on to `last`."""

    of: str
    noun: str
    rule: str
    last: int
    change: Change | None = None
    population: float | None = None


class Reader:
    """Reads what each amount of a sentence counts; `earlier` is the noun last counted in the paragraph, if any."""

    def __init__(self, text: str, words: Sequence[Piece], amounts: Sequence[Amount], earlier: str | None) -> None:
        self.text, self.words, self.amounts = text, words, amounts
        self.earlier = earlier
        self._previous: Counted | None = None

    def counted(self, n: int, first: int, last: int) -> Counted | None:
        """What amounts[n] counts; the figure's words are words[first:last] with its bounds. To be asked in order."""
        found = self._counted(n, first, last)
        if found is not None and found.noun and self.amounts[n].unit in {"count", "fraction", "percent"}:
            self.earlier = found.noun
        self._previous = found
        return found

    def _counted(self, n: int, first: int, last: int) -> Counted | None:
        amount = self.amounts[n]
        if amount.rule == "place":
            if end := self._noun_phrase(last):  # "the second-lowest grade"
                return Counted(self._said(last, end), "", "place", end)
            return Counted(self._said(amount.first + 1, last), "", "place", last)
        if amount.rule in {"factor", "superlative"}:
            subject = self._before_verb(first) if amount.rule == "factor" else self._subject(first)
            return Counted(subject, "", "subject", last) if subject else None
        if amount.rule == "rate":
            base = self._noun_phrase(last)
            of = self._subject(first) or (self._said(last, base) if base else None)
            return Counted(of, "", "subject", base or last) if of else None
        return (
            self._part_of(n, last)
            or self._change_of(amount, last)
            or self._beside(amount, first, last)
            or self._judged(amount, last)
            or self._bracketed(n, first, last)
            or self._measured(first, last)
            or self._same_as_before(n, first, last)
        )

    # ---- the ways of counting, surest first

    def _part_of(self, n: int, last: int) -> Counted | None:
        """As in "a quarter of departments", "six of the 22 councils", "a third of those surveyed"."""
        closed = self._text(last) == ")"  # "a quarter (24 per cent) of departments" is told twice
        at = last + 1 if closed else self._past_insertion(last)
        if self._text(at) == "of":
            at += 1
        elif self.amounts[n].unit != "fraction" or self._text(at) not in _DETERMINERS:
            return None
        those = at if self._text(at) == "those" else None
        while self._text(at) in _DETERMINERS:
            at += 1
        population = None
        if n + 1 < len(self.amounts) and self.amounts[n + 1].first == at and self.amounts[n + 1].unit == "count":
            population, at = self.amounts[n + 1].value, self.amounts[n + 1].last
        if those is not None and self._is_participle(at):
            return Counted(self._said(those, at + 1), "", "partitive", at + 1)
        end = self._noun_phrase(at)
        if end is None:
            return None
        if self._text(end - 1) in _MEASURES:  # "half of the number of children"
            end = self._complement(end, {"of"}) or end
        noun, of = self._described(at, end)
        return Counted(of, noun, "partitive", last if closed else end, population=population)

    def _change_of(self, amount: Amount, last: int) -> Counted | None:
        """As in "12 per cent increase in the number of plans", "a 27 per cent funding cut"."""
        if amount.unit in TIME_UNITS:
            return None
        for k in range(last, min(last + 4, len(self.words))):
            text = self.words[k].text
            if text in NOUNS and not (k == last and text in CHANGES and self._text(k + 1) in _DETERMINERS):
                end = self._complement(k + 1, {"in", "of", "to", "for"})
                if end is not None:
                    at = self._after_determiners(k + 2)
                    return Counted(self._said(at, end), "", "change", end, CHANGES[text])
                of = self._said(last, k) or self.earlier or ""  # "a funding cut"; "an 11 per cent rise on last year"
                return Counted(of, "", "change", k + 1, CHANGES[text])
            if self.words[k].kind != "word" or text in _STOPS:
                return None
        return None

    def _beside(self, amount: Amount, first: int, last: int) -> Counted | None:
        """As in "38 councils", "£3m for training", "a two-year plan", "twice as many children", "40 fewer visits"."""
        at = last
        if amount.unit == "gbp":
            at += self._text(at) in {"in", "for", "on", "of", "to", "towards"}
            at = self._after_determiners(at) if at > last else at
        elif amount.unit in TIME_UNITS:
            if amount.unit_first is None or self.words[amount.unit_first - 1].text != "-":
                return None
        elif amount.unit == "percent":
            return None
        elif amount.rule in {"ratio", "compared"}:
            if self._text(at) == "as" and self._text(at + 1) in {"many", "much"}:
                at += 2
            at = self._after_determiners(at + (self._text(at) in COMPARATIVES))
        elif self._text(at) in COMPARATIVES | {"extra", "additional", "further", "other"}:
            at += 1
        single = amount.unit != "count" or (amount.value == 1 and amount.high is None)
        end = self._noun_phrase(at) if single else self._plural_phrase(at)
        if end is None:
            return None
        if amount.rule in {"ratio", "compared"}:
            end = self._complement(end, {"of"}) or end
        noun, of = self._described(at, end)
        if first and self.words[first - 1].text == "remaining":
            of = f"remaining {of}"
        return Counted(of, noun, "adjacent", end)

    def _judged(self, amount: Amount, last: int) -> Counted | None:
        """As in "seven were rated inadequate", "26 'required improvement'": the noun is the one before."""
        if amount.unit not in {"count", "percent", "fraction"} or (found := self._judgement(last)) is None:
            return None
        noun = self.earlier or ""
        return Counted(f"{noun} {self._said(*found)}".strip(), noun, "rated", self._closed(found[1]))

    def _bracketed(self, n: int, first: int, last: int) -> Counted | None:
        """As in "most children (70%)", "14 (7%)"."""
        if self._text(first - 1) != "(" or self._text(last) != ")":
            return None
        if n and self.amounts[n - 1].last == first - 1 and self._previous is not None:
            return Counted(self._previous.of, self._previous.noun, "ellipsis", last)
        at = first - 1
        while at > max(0, first - 7) and self._is_noun(at - 1):
            at -= 1
        return Counted(self._said(at, first - 1), "", "bracket", last) if at < first - 1 else None

    def _measured(self, first: int, last: int) -> Counted | None:
        """As in "the number of plans has fallen by 9%", "vacancies stood at 30", "a budget of £3m"."""
        of = self._subject(first) or self._measure_of(first)
        return Counted(of, "", "subject", last) if of else None

    def _same_as_before(self, n: int, first: int, last: int) -> Counted | None:
        """As in "from 41 to 37", "up from 19", "a further 43"."""
        amount = self.amounts[n]
        before, after = self._text(first - 1), self._text(last)
        near = n > 0 and first - self.amounts[n - 1].last < 12 and self.amounts[n - 1].unit == amount.unit
        if near and before in {"to", "from", "than", "with"} and self._previous is not None:
            return Counted(self._previous.of, self._previous.noun, "ellipsis", last)
        if self.earlier is None or amount.unit not in {"count", "fraction", "percent"}:
            return None
        goes_on = after in _GO_ON or self._is_participle(last) or amount.rule == "compared" or before in ADVERBS
        listed = after == "(" or (before in {"and", ",", ";"} and (not after.isalpha() or after in _PREPOSITIONS))
        if goes_on or listed or (first < amount.first and amount.unit == "count"):
            return Counted(self.earlier, self.earlier, "ellipsis", last)
        return None

    # ---- pieces

    def _text(self, i: int) -> str:
        return self.words[i].text if 0 <= i < len(self.words) else ""

    def _said(self, first: int, last: int) -> str:
        """The words of the text, without quotation marks."""
        if first >= last:
            return ""
        said = self.text[self.words[first].start : self.words[last - 1].end]
        return said.translate(str.maketrans("", "", '"“”‘')).strip("' ’")

    def _closed(self, last: int) -> int:
        """The index after a quotation mark that closes at words[last]."""
        return last + 1 if self._text(last) in _QUOTES and self.words[last].glued else last

    def _after_determiners(self, i: int) -> int:
        while self._text(i) in _DETERMINERS:
            i += 1
        return i

    def _is_plural(self, i: int) -> bool:
        text = self._text(i)
        if text in _PLURALS or text.endswith(("children", "people", "women")):
            return True
        return (
            len(text) > 3
            and text.endswith("s")
            and not text.endswith(("ss", "us", "is", "'s"))
            and text not in _SINGULARS
        )

    def _is_participle(self, i: int) -> bool:
        text = self._text(i)
        return text in _PARTICIPLES or (text.endswith("ed") and len(text) > 4)

    def _noun_phrase(self, i: int) -> int | None:
        """The end of the noun phrase at words[i]: at a plural, else where it can't go on."""
        return self._plural_phrase(i) or self._phrase(i, plural=False)

    def _plural_phrase(self, i: int) -> int | None:
        return self._phrase(i, plural=True)

    def _phrase(self, i: int, plural: bool) -> int | None:
        """The end of a noun phrase of eight words at most, that ends in a plural or has none."""
        at = i
        while at < min(i + 8, len(self.words)):
            word, after = self.words[at], self._text(at + 1)
            hyphen = after == "-" and self.words[at + 1].glued
            joined = hyphen or self._text(at - 1) == "-"
            if word.kind != "word" or (word.text in _STOPS and not joined):
                break
            if at > i and not plural and not joined and self._is_participle(at):
                break
            at += 1
            if hyphen:
                at += 1
            elif after == "'" and self.words[at].glued and word.text.endswith("s") and self._is_noun(at + 1):
                at += 1  # "directors' posts"
            elif plural and self._is_plural(at - 1) and after not in _HEADS:
                return at
        return at if at > i and not plural else None

    def _is_noun(self, i: int) -> bool:
        return i < len(self.words) and self.words[i].kind == "word" and self._text(i) not in _STOPS

    def _complement(self, i: int, prepositions: set[str]) -> int | None:
        """The end of "in the number of plans" at words[i]."""
        if self._text(i) not in prepositions:
            return None
        end = self._noun_phrase(self._after_determiners(i + 1))
        if end is not None and self._text(end) == "of":
            end = self._noun_phrase(self._after_determiners(end + 1)) or end
        return end

    def _described(self, first: int, last: int) -> tuple[str, str]:
        """The noun phrase words[first:last] alone, and with what is said of it: "inspected", "in care"."""
        noun = self._said(first, last)
        at = self._past_insertion(last)
        if found := self._judgement(at):
            return noun, f"{noun} {self._said(*found)}"
        if self._is_participle(last):
            return noun, self._said(first, last + (2 if self._text(last + 1) in {"out", "up"} else 1))
        if self._is_plural(last - 1) and self._text(last) in _PREPOSITIONS | {"of"}:
            at = self._after_determiners(last + 1)
            end = self._noun_phrase(at)
            if end is not None and end - at < 4 and not self._text(at).startswith(("past", "last", "previous", "next")):
                return noun, self._said(first, end)
        return noun, noun

    def _past_insertion(self, i: int) -> int:
        """The index after "– one quarter of those inspected –" if that stands at words[i]."""
        mark = self._text(i)
        if mark in {"-", "—", ",", "("}:
            closing = ")" if mark == "(" else mark
            return next((k + 1 for k in range(i + 1, min(i + 12, len(self.words))) if self._text(k) == closing), i)
        return i

    def _judgement(self, i: int) -> tuple[int, int] | None:
        """First and last word of "rated as inadequate" in "were rated as 'inadequate'" at words[i]."""
        first = i
        while first < i + 4 and self._text(first) in _AUXILIARIES:
            first += 1
        for k in range(first, min(first + 8, len(self.words))):
            text = self.words[k].text
            if text in _GRADES:
                last = k + 1
                if self._text(last) == "or" and self._text(last + 1) in _GRADES | {"better"}:
                    last += 2
                return first, last
            if not (text in _JUDGES or text in _QUOTES or (k > first and text in _BETWEEN)):
                return None
        return None

    def _subject(self, first: int) -> str | None:
        """What stands before the verb that leads to the figure at words[first]; or between the two."""
        at = first - 1
        while at > max(0, first - 5) and self._text(at) in _APPROACH:
            at -= 1
        if self._text(at) in VERBS | _LINKS | ADVERBS:
            return self._before_verb(at)
        if self._text(first - 1) not in {"by", "from", "to"}:
            return None
        for k in range(at, max(-1, at - 14), -1):  # "cut average caseloads from 24", "an increase in referrals, from 9"
            if self._text(k) in VERBS | NOUNS:
                start = self._after_determiners(k + 1 + (self._text(k + 1) in {"in", "of"}))
                end = self._noun_phrase(start)
                return self._said(start, self._complement(end, {"of"}) or end) if end is not None else None
            if self.words[k].kind != "word" and self.words[k].text != ",":
                return None
        return None

    def _before_verb(self, verb: int) -> str | None:
        """The subject of the verb at words[verb]: back to the start of its clause, sixteen words at most."""
        if self._text(verb - 1) in {"a", "an"}:
            return None  # "this is an increase"
        last = verb
        while last > 0 and (self._text(last - 1) in _AUXILIARIES | _MOVING or self._text(last - 1).endswith("ly")):
            last -= 1
        first = last
        while first > max(0, last - 16):
            word = self.words[first - 1]
            if (
                word.text in _CLAUSES
                or (word.kind == "mark" and not word.glued)
                or word.text in {",", ";", ":", "(", ")", "—", *_QUOTES}
            ):
                break
            first -= 1
        for k in range(first, last):
            if self.words[k].text in _MEASURES and self._text(k + 1) == "of":
                first = k
                break
        first = self._after_determiners(first)
        if first >= last or last - first > 14 or self._text(first) in _PRONOUNS | _PREPOSITIONS | {"of"}:
            return None
        return self._said(first, last)

    def _measure_of(self, first: int) -> str | None:
        """The noun before "of": "a budget of £3m"; five words at most."""
        if self._text(first - 1) != "of":
            return None
        at = first - 1
        while at > max(0, first - 6) and self._is_noun(at - 1) and self._text(at - 1) not in {"average", "total"}:
            at -= 1
        return self._said(at, first - 1) or None
