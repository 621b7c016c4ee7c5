"""What an amount counts: the noun beside it, what it is part of, what rose or fell by it, what was counted before."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.amounts import TIME_UNITS, Amount
from nlp.lexicon import lexicon
from nlp.numbers import Piece, cardinal
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
    "why",
    "how",
    "whether",
}
_PRONOUNS = {"it", "they", "he", "she", "we", "i", "you", "this", "these", "those", "there", "them"}
_PREPOSITIONS = {"on", "in", "at", "with", "under", "without"}
_AFTER_BOTH = {"over", "by", "this", "next", "last", "since", "across", "from", "to", "for", "during"}
_PARTICIPLES = {"given", "found", "left", "carried", "going", "living", "waiting", "dying"}
_MOVING = {"to", "more", "come", "came", "gone", "went", "going", "set", "expected", "due", "likely"}
_QUOTES = {'"', "'"}
_CLOSING = re.compile(r"(?<=[a-rt-z])['’](?= |$)")  # of "‘good’ ratings", not of "councils’ plans"
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
_RATINGS = {"rating", "ratings", "grade", "grades", "judgement", "judgements", "judgment", "judgments", "an", "a"}
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
# What leads from a thing to its price: "a home worth £260,000".
_PRICED = {"worth", "costing", "totalling", "at"}
# What leads from a sum to its purpose: "£90m is for", "£4m has been set aside for".
_PURPOSE = {"for", "on", "in", "into", "to", "towards"}
_SPENDING = {
    "spent",
    "set",
    "aside",
    "earmarked",
    "allocated",
    "invested",
    "go",
    "goes",
    "went",
    "going",
    "put",
    "used",
}
_SPENDING |= {"paid", "needed", "available", "given", "provided", "committed", "promised", "directed", "towards"}
_TIMES = {"year", "years", "month", "months", "week", "weeks", "quarter", "previous", "last", "next", "time", "day"}
_LIKE_WITHIN = 6  # amounts
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
        self._all: list[Counted | None] = []

    @property
    def _previous(self) -> Counted | None:
        return self._all[-1] if self._all else None

    def counted(self, n: int, first: int, last: int) -> Counted | None:
        """What amounts[n] counts; the figure's words are words[first:last] with its bounds. To be asked in order."""
        found = self._counted(n, first, last)
        if found is not None and found.noun and self.amounts[n].unit in {"count", "fraction", "percent"}:
            self.earlier = found.noun
        self._all.append(found)
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
        if amount.unit == "fraction" and self._is_noun(amount.first + 1) and self._text(amount.first) == "one":
            noun = self._said(amount.first + 1, self._index("in", amount.first + 1))
            if noun:
                return Counted(noun, noun, "partitive", last)  # "one council in eight"
        if amount.rule == "rate":
            if self._text(first - 1) == "to" and self._previous is not None:
                return Counted(self._previous.of, "", "ellipsis", self._noun_phrase(last) or last)
            base = self._noun_phrase(last)
            of = self._subject(first) or (self._said(last, base) if base else None)
            return Counted(of, "", "subject", base or last) if of else None
        return (
            self._part_of(n, last)
            or self._change_of(amount, last)
            or self._standard(amount, first, last)
            or self._beside(amount, first, last)
            or self._spent(amount, last)
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
        elif self.amounts[n].unit != "fraction" or self._text(at) not in _DETERMINERS or self._text(at + 1) in _TIMES:
            return None  # "three-quarters the year before"
        those = at if self._text(at) == "those" else None
        while self._text(at) in _DETERMINERS:
            at += 1
        if n + 1 < len(self.amounts) and at < self.amounts[n + 1].first <= at + 5:
            owner = self._text(self.amounts[n + 1].first - 1)
            if owner.endswith(("'s", "'")) and self.amounts[n + 1].bare:
                at = self.amounts[n + 1].first  # "of the council's 1,150 children"
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

    def _standard(self, amount: Amount, first: int, last: int) -> Counted | None:
        """As in "turnover is twice the national average": what is compared, not what it is compared with."""
        if amount.rule != "compared":
            return None
        known = next(iter(self._amounts_in(last + 1, last + 4)), None)
        if known is not None and known.bare and self._is_known_number(known.first) and self.earlier:
            return Counted(self.earlier, "", "ellipsis", last)  # "double the recommended 16"
        told_of_before = self._text(first - 1) == "," and self._previous is not None
        if self._text(first - 1) not in _LINKS and not told_of_before:
            return None
        end = self._noun_phrase(self._after_determiners(last))
        if end is None or self._text(end - 1) not in _MEASURES or self._text(end) == "of":
            return None
        subject = self._previous.of if told_of_before and self._previous else self._before_verb(first - 1)
        return Counted(subject, "", "subject", end) if subject else None

    def _spent(self, amount: Amount, last: int) -> Counted | None:
        """As in "£90m is for early help", "£4m will be spent on foster homes"."""
        at = last
        while at < last + 6 and self._text(at) in _AUXILIARIES | _SPENDING:
            at += 1
        if amount.rule != "money" or at == last or self._text(at) not in _PURPOSE:
            return None
        start = self._purpose(at)
        end = self._noun_phrase(start) if start is not None else None
        if start is None or end is None:
            return None
        return Counted(self._said(start, self._conjoined(end)), "", "purpose", last)

    def _beside(self, amount: Amount, first: int, last: int) -> Counted | None:
        """As in "38 councils", "£3m for training", "a two-year plan", "twice as many children", "40 fewer visits"."""
        at = last
        if amount.rule == "money":
            if (purpose := self._purpose(last)) is None:
                return None
            at = purpose
        elif amount.unit in TIME_UNITS and self._text(last) == "'" and self.words[last].glued:
            at = last + 1  # "60 days' work"
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
        single = not amount.bare or (amount.value == 1 and amount.high is None)
        end = self._noun_phrase(at) if single else self._plural_phrase(at)
        if end is None:
            return None
        if amount.rule == "money" and (both := self._conjoined(end)) > end:
            return Counted(self._said(at, both), self._said(at, end), "adjacent", both)
        if amount.rule in {"ratio", "compared"}:
            end = self._complement(end, {"of"}) or end
        noun, of = self._described(at, end)
        of = self._graded(first, at, end) or of
        if first and self.words[first - 1].text == "remaining":
            of = f"remaining {of}"
        return Counted(of, noun, "adjacent", end)

    def _judged(self, amount: Amount, last: int) -> Counted | None:
        """As in "seven were rated inadequate", "26 'required improvement'": the noun is the one before."""
        if amount.unit not in {"count", "percent", "fraction"} or (found := self._judgement(last)) is None:
            return None
        noun = self.earlier or ""
        return Counted(f"{noun} {self._said(*found)}".strip(), noun, "rated", self._closed(found[1]))

    def _graded(self, first: int, at: int, last: int) -> str | None:
        """As in "'Good' ratings were given to 21 authorities": the judgement before what has it."""
        i = first - 1
        if self._text(i) != "to" or self._text(i - 1) not in _JUDGES:
            return None
        i -= 1
        while i > 0 and self._text(i - 1) in _AUXILIARIES:
            i -= 1
        start = i - 1
        while start >= max(0, i - 5) and (self._text(start) in _GRADES | _QUOTES or self._text(start) in _RATINGS):
            start -= 1
        graded = self._said(start + 1, i)
        named = any(self._text(k) in _GRADES for k in range(start + 1, i))
        return f"{self._said(at, last)} {self._said(first - 2, first - 1)} {graded}" if named else None

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
        of = self._subject(first) or self._measure_of(first) or self._priced(first)
        if of is None and self._text(first - 1) in _MEASURES - {"average", "total"}:
            of = self._phrase_before(first)  # "and the vacancy rate 19 per cent"
        return Counted(of, "", "subject", last) if of else None

    def _same_as_before(self, n: int, first: int, last: int) -> Counted | None:
        """As in "from 41 to 37", "up from 19", "a further 43"."""
        amount = self.amounts[n]
        before, after = self._text(first - 1), self._text(last)
        near = n > 0 and first - self.amounts[n - 1].last < 12
        # "fell by a third to 7,300": the change and the level are of the same
        alike = near and (self.amounts[n - 1].unit == amount.unit or (before == "to" and self._moved_before(first)))
        if alike and before in {"to", "from", "than", "with", "at"} and self._previous is not None:
            return Counted(self._previous.of, self._previous.noun, "ellipsis", last)
        if (
            near
            and self._previous is not None
            and (before == "or" or (before in {"to", "at"} and self._changed(n - 1)))
        ):
            return Counted(
                self._previous.of, self._previous.noun, "ellipsis", last
            )  # "doubled to 64", "£700,000, or 6 %"
        listed = near and before in {"and", ","} and first - self.amounts[n - 1].last <= 2 and not amount.bare
        if listed and self.amounts[n - 1].unit == amount.unit and self._previous is not None:
            return Counted(self._previous.of, self._previous.noun, "ellipsis", last)  # "12, 15 and 18 per cent"
        if before in {"than", "with"} and (like := self._last_like(n)) is not None:
            return Counted(like.of, like.noun, "ellipsis", last)
        if before in ADVERBS and self._previous is not None:
            return Counted(self._previous.of, self._previous.noun, "ellipsis", last)
        if amount.rule == "ratio" and after == "as" and self._previous is not None:
            return Counted(self._previous.of, self._previous.noun, "ellipsis", last)
        if after == "of" and self._text(last + 1) in {"that", "this", "it"} and self._previous is not None:
            return Counted(self._previous.of, self._previous.noun, "ellipsis", last)
        if self.earlier is None or amount.unit not in {"count", "fraction", "percent"}:
            return None
        if amount.bare and not self._is_noun(last) and self._is_known_number(first):
            return Counted(self.earlier, self.earlier, "ellipsis", last)
        goes_on = (
            after in _GO_ON
            or (after in _PREPOSITIONS and self._text(last + 1) in {"which", "whom"})
            or self._is_participle(last)
            or amount.rule == "compared"
            or before in ADVERBS
        )
        enumerated = after == "(" or (before in {"and", ",", ";"} and (not after.isalpha() or after in _PREPOSITIONS))
        if goes_on or enumerated or (first < amount.first and amount.unit == "count"):
            return Counted(self.earlier, self.earlier, "ellipsis", last)
        return None

    def _last_like(self, n: int) -> Counted | None:
        """What the last amount before amounts[n] counted that is a share too, or no share too."""
        shares = {"percent", "fraction"}
        near = slice(max(0, n - _LIKE_WITHIN), n)
        for earlier, found in zip(reversed(self.amounts[near]), reversed(self._all[near]), strict=True):
            if (earlier.unit in shares) == (self.amounts[n].unit in shares) and earlier.unit not in TIME_UNITS:
                return found
        return None

    def _amounts_in(self, first: int, last: int) -> Sequence[Amount]:
        """The amounts that start in words[first:last]."""
        start, end = (bisect_left(self.amounts, i, key=lambda amount: amount.first) for i in (first, last))
        return self.amounts[start:end]

    def _moved_before(self, first: int) -> bool:
        """Whether a verb of change stands at most twelve words before words[first]."""
        return any(word.text in VERBS for word in self.words[max(0, first - 12) : first])

    def _changed(self, n: int) -> bool:
        """Whether amounts[n] is a change or stands beside one: "doubled", "up 8 %"."""
        amount = self.amounts[n]
        return amount.rule == "factor" or self._text(amount.first - 1) in ADVERBS | VERBS

    def _is_known_number(self, first: int) -> bool:
        """As in "the recommended 16", "the other three": a number of what has been counted."""
        before, further = self._text(first - 1), self._text(first - 2)
        return before in _DETERMINERS - {"a", "an"} or (further in {"the", "its", "their"} and self._is_noun(first - 1))

    def _purpose(self, i: int) -> int | None:
        """Where the noun starts that "for", "in" or "on" at words[i] leads to: no place, and no span of time."""
        if self._text(i) not in _PURPOSE | {"of"}:
            return i
        start = self._after_determiners(i + 1)
        if start >= len(self.words) or (self._text(i) in {"in", "to"} and self.words[start].capital):
            return None
        if (number := cardinal(self.words, start)) is None:
            return start
        return None if self._text(number.last) in _TIMES else number.last

    # ---- pieces

    def _text(self, i: int) -> str:
        return self.words[i].text if 0 <= i < len(self.words) else ""

    def _index(self, text: str, i: int) -> int:
        """Where `text` stands at words[i] or in the two words after it; i where it doesn't."""
        return next((k for k in range(i, i + 3) if self._text(k) == text), i)

    def _said(self, first: int, last: int) -> str:
        """The words of the text, without quotation marks."""
        if first >= last:
            return ""
        said = self.text[self.words[first].start : self.words[last - 1].end]
        said = said.translate(str.maketrans("", "", '"“”‘')).strip("' ’")
        return _CLOSING.sub("", said)

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
            most = at == i and word.text in {"most", "least"}  # "the 20 most deprived areas"
            if word.kind != "word" or (word.text in _STOPS and not joined and not most):
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

    def _conjoined(self, end: int) -> int:
        """The end of "accommodation and placements" where words[:end] end in "accommodation" and the phrase ends so."""
        if self._text(end) != "and" or (both := self._phrase(end + 1, plural=False)) is None:
            return end
        after = self.words[both] if both < len(self.words) else None
        return both if after is None or after.kind == "mark" or after.text in _PREPOSITIONS | _AFTER_BOTH else end

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
        verb = last
        while verb < last + 3 and self._text(verb) in _AUXILIARIES:
            verb += 1
        if last < verb and self._text(verb) == "inspected":
            return noun, f"{noun} {self._said(verb, verb + 1)}"  # "43 councils have been inspected"
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

    def _before_insertion(self, i: int) -> int:
        """The index of the first comma where ", at 24 per cent," stands before words[i]."""
        if self._text(i - 1) != ",":
            return i
        return next((k for k in range(i - 2, max(0, i - 14), -1) if self._text(k) == ","), i)

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
        if self._text(at) == "," and self._text(first - 1) == "by":  # "fell for the fifth year, by 18 %"
            at = next((k for k in range(at - 1, max(-1, at - 10), -1) if self._text(k) in VERBS | {","}), at)
        if self._text(first - 1) == "of" and self._text(first - 2) in NOUNS:
            return None  # "cuts of 30 per cent"
        if self._text(at) in VERBS | _LINKS | ADVERBS:
            return self._before_verb(at)
        if self._text(first - 1) not in {"by", "from", "to"}:
            return None
        for k in range(at, max(-1, at - 14), -1):  # "cut average caseloads from 24", "an increase in referrals, from 9"
            if self._text(k) in VERBS - NOUNS and self._text(k + 1) == "in":
                return self._before_verb(k)  # "has fallen in real terms by a fifth"
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
        last = self._before_insertion(verb)
        while last > 0 and (
            self._text(last - 1) in _AUXILIARIES | _MOVING | {"since"} or self._text(last - 1).endswith("ly")
        ):
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
        first = max([first, *(amount.last for amount in self._amounts_in(first, last))])
        first = self._after_determiners(first)
        if first >= last or last - first > 14 or self._text(first) in _PRONOUNS | _PREPOSITIONS | {"of"}:
            return None
        said = any(self._is_noun(k) or self._text(k) in _MEASURES for k in range(first, last))
        return self._said(first, last) if said else None

    def _measure_of(self, first: int) -> str | None:
        """The noun before "of": "a budget of £3m"; of "a reduction of seven", what was counted before."""
        if self._text(first - 1) != "of":
            return None
        if self._text(first - 2) in NOUNS | {"average", "total", "high", "low", "peak", "record"}:
            return self.earlier or (self._previous.of if self._previous else None)
        return self._phrase_before(first - 1)

    def _priced(self, first: int) -> str | None:
        """As in "a typical home worth £260,000", "turnover, at 24 per cent, is"."""
        if self._text(first - 1) not in _PRICED:
            return None
        if self._text(first - 2) == "," or self._text(first - 2) in _LINKS:
            return self._before_verb(first - 2) or self._phrase_before(first - 2)
        return self._phrase_before(first - 1) if self._text(first - 1) != "at" else None

    def _phrase_before(self, last: int) -> str | None:
        """The nouns that end before words[last]; five words at most."""
        at = last
        while at > max(0, last - 5) and (
            self._is_noun(at - 1) or self._text(at - 1) in _MEASURES - {"average", "total"}
        ):
            if self._text(at - 1) in {"average", "total"}:
                break
            at -= 1
        return self._said(at, last) or None
