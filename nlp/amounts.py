"""Amounts in a sentence: value, end of range and unit; and the numbers that are no amounts (dates, ages, names)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from nlp.lexicon import lexicon
from nlp.numbers import GREATEST, ORDINALS, SCALES, SMALL, TENS, Numeral, Piece, Wordings, cardinal, follow, numeral
from nlp.records import Change, Qualifier, Unit

TIME_UNITS = {"years", "months", "weeks", "days"}
# Other money than pounds is counted, for it has no unit of ours.
_SIGNS: dict[str, Unit] = {"£": "gbp", "$": "count", "€": "count"}

_UNITS = Wordings(lexicon("figure_units"))
_FACTORS = Wordings(lexicon("figure_factors"))
FACTORS = {row["phrase"] for row in lexicon("figure_factors")}
_LABELS = {row["word"] for row in lexicon("figure_labels")}

MONTHS = re.compile(
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
YEAR = re.compile("(?:19|20)[0-9]{2}")
_STREETS = {
    "street",
    "road",
    "lane",
    "avenue",
    "square",
    "close",
    "drive",
    "way",
    "place",
    "court",
    "house",
    "terrace",
    "gardens",
}
_PEOPLE = {
    "children",
    "people",
    "those",
    "anyone",
    "adults",
    "persons",
    "child",
    "person",
    "girls",
    "boys",
    "women",
    "men",
}
_WHICH = {"this", "last", "next", "each", "every", "per", "a", "the", "previous", "that", "same"}
_JOINERS = {"in", "of", "every", "to"}
_BOUNDING = {"within", "than", "least", "under", "over", "nearly", "almost", "about", "around"}
_NEAR = 8  # words
_BOUNDS = {"than", "nearly", "almost", "over", "least", "some", "around", "about", "under", "most", "to"}
_SUPERLATIVES = {"highest", "lowest", "largest", "biggest", "greatest", "smallest", "best", "worst", "fewest", "most"}
_PLACES = {
    "country",
    "england",
    "uk",
    "britain",
    "wales",
    "scotland",
    "ireland",
    "region",
    "london",
    "nation",
    "world",
    "europe",
}
_COMPARED = {
    "as",
    "more",
    "higher",
    "greater",
    "larger",
    "fewer",
    "lower",
    "less",
    "the",
    "likelier",
    "what",
    "that",
    "its",
    "their",
}
_RANGING = {
    "ranged",
    "ranging",
    "ranges",
    "range",
    "varied",
    "varies",
    "vary",
    "varying",
    "anything",
    "anywhere",
    "between",
}
_MOVES = {row["word"] for row in lexicon("figure_changes") if row["word"] not in {"more", "less"}}
_CHAIN = {"and", "to", "-", "or", "&"}


@dataclass(slots=True)
class Amount:
    """words[first:last] give `value` (to `high`) in `unit`; `rule` is the kind of amount."""

    first: int
    last: int
    value: float
    unit: Unit
    rule: str
    high: float | None = None
    unit_first: int | None = None  # where the words of the unit start
    qualifier: Qualifier | None = None
    change: Change | None = None
    scale: float = 1.0

    @property
    def bare(self) -> bool:
        """A number without a word or sign of what it is measured in."""
        return self.unit == "count" and self.unit_first is None


def amounts(words: Sequence[Piece], named: Sequence[int] | None = None) -> list[Amount]:
    """The amounts of one sentence, in order, none overlapping; `named[offset]` is 1 inside a name of the text."""
    masked = _no_amounts(words)
    if named is not None:
        for i, word in enumerate(words):
            masked[i] |= named[word.start]
    found: list[Amount] = []
    i = 0
    while i < len(words):
        amount = None if masked[i] or _second_half(words, i) else _amount(words, i)
        if amount is not None and (amount.unit == "rank" or not any(masked[amount.first : amount.last])):
            found.append(amount)
            i = amount.last
        else:
            i += 1
    _share_units(words, found)
    return found


def _share_units(words: Sequence[Piece], found: Sequence[Amount]) -> None:
    """Gives a bare number the unit that it leaves to its neighbour: "38 days, up from 27", "12, 15 and 18 per cent"."""
    for before, after in pairwise(found):
        up_from = after.first > 1 and words[after.first - 2].text in _MOVES and words[after.first - 1].text == "from"
        near = after.first - before.last < _NEAR and not before.bare and before.unit != "gbp"
        by_to = words[before.last - 1].text in {"point", "points"} and words[before.last].text == "to"
        if (up_from or by_to) and near and after.bare and _ends_alone(words, after):
            after.unit, after.rule = before.unit, before.rule
    for before, after in reversed(list(pairwise(found))):
        between = [word.text for word in words[before.last : after.first]]
        if before.bare and not after.bare and after.unit != "gbp" and _is_list(between) and before.rule != "rate":
            before.unit, before.rule = after.unit, after.rule


def _ends_alone(words: Sequence[Piece], amount: Amount) -> bool:
    """Nothing that it could count follows the number."""
    after = words[amount.last] if amount.last < len(words) else None
    return after is None or after.kind != "word" or after.text in _JOINERS | {"on", "at", "a", "by", "last", "this"}


def _is_list(between: Sequence[str]) -> bool:
    """What stands between two numbers that share what follows the second: "21 to 17 per cent", "12, 15 and 18 %"."""
    return between in ([","], ["and"], [",", "and"], ["or"], ["to"], ["to", "just"], ["and", "then"])


def _second_half(words: Sequence[Piece], i: int) -> bool:
    """The 5 of "9-5"."""
    return (
        i > 1 and words[i].glued and words[i - 1].text == "-" and words[i - 1].glued and words[i - 2].kind == "number"
    )


def _amount(words: Sequence[Piece], i: int) -> Amount | None:
    return _rank(words, i) or _factor(words, i) or _none(words, i) or _range(words, i)


# ---- kinds of amounts


def _quantity(words: Sequence[Piece], i: int) -> Amount | None:
    """A number and its unit."""
    if i >= len(words):
        return None
    if (unit_of_sign := _SIGNS.get(words[i].text)) is not None:
        money = cardinal(words, i + 1) if i + 1 < len(words) else None
        if money is None:
            return None
        return Amount(i, money.last, money.value, unit_of_sign, "money", unit_first=i, scale=money.scale)
    if span := _a_span(words, i):
        return span
    if couple := follow(words, i, "a", "couple"):
        return Amount(i, couple, 2.0, "count", "vague", qualifier="approx") if follow(words, couple, "of") else None
    number = numeral(words, i)
    if number is None or number.value >= GREATEST or (words[i].text == "one" and not _one_counts(words, i, number)):
        return None
    last = number.last
    amount = Amount(i, last, number.value, "count", number.kind, scale=number.scale)
    if number.kind == "vague":
        amount.qualifier = "over"
    hyphen = last + 1 < len(words) and words[last].text == "-" and words[last].glued and words[last + 1].glued
    unit = _UNITS.at(words, last + 1 if hyphen else last)
    if unit is not None and (unit[0]["phrase"] not in {"p", "pp", "pc"} or words[last].glued):
        row, after = unit
        amount.value *= float(row["factor"])
        amount.unit, amount.unit_first, amount.last = row["unit"], after - len(row["phrase"].split()), after  # type: ignore[assignment]
    elif times := follow(words, last, "times") or follow(words, last, "fold"):
        if words[times - 1].text == "fold" or (times < len(words) and words[times].text in _COMPARED):
            amount.unit, amount.rule, amount.last, amount.unit_first = "ratio", "ratio", times, times - 1
    elif hyphen and words[last + 1].kind == "word" and words[last + 1].text not in {"odd", "plus", "strong"}:
        return None  # "two-tier", "one-off"
    elif number.kind == "fraction":
        amount.unit = "fraction"
        if point := follow(words, last, "of", "a", "point") or follow(words, last, "of", "a", "percentage", "point"):
            amount.unit, amount.unit_first, amount.last, amount.rule = "percent", last, point, "points"
    elif last + 1 < len(words) and words[last].text == "per" and (base := cardinal(words, last + 1)):
        amount.last, amount.rule = base.last, "rate"  # "156 per 10,000"
    return amount


def _a_span(words: Sequence[Piece], i: int) -> Amount | None:
    """As in "within a year", "more than a decade": elsewhere the article counts nothing."""
    if words[i].text not in {"a", "an"} or not i or (unit := _UNITS.at(words, i + 1)) is None:
        return None
    row, last = unit
    bounded = words[i - 1].text in _BOUNDING or (words[i - 1].text == "to" and i > 1 and words[i - 2].text == "up")
    if row["unit"] not in TIME_UNITS or not bounded or follow(words, last, "-") or follow(words, last, "old"):
        return None
    return Amount(i, last, float(row["factor"]), row["unit"], "spelt", unit_first=i + 1)  # type: ignore[arg-type]


def _range(words: Sequence[Piece], i: int) -> Amount | None:
    """One quantity, or two that close a range and share unit and scale: "85 to 90 per cent", "£3-4m"."""
    low = _quantity(words, i)
    if low is None or low.qualifier:
        return low
    high = _quantity(words, low.last + 1)
    if high is None or not _joined(words, low, high):
        return low
    value = low.value
    if low.scale == 1.0 and value * high.scale <= high.value:
        value *= high.scale
    measured = low if high.unit_first is None else high
    if value < high.value:
        return Amount(
            i, high.last, value, measured.unit, measured.rule, high=high.value, unit_first=measured.unit_first
        )
    return None if words[low.last].text == "-" and measured.unit == "count" else low  # "9-5", "3-1"


def _joined(words: Sequence[Piece], low: Amount, high: Amount) -> bool:
    link, before = words[low.last].text, words[low.first - 1].text if low.first else ""
    if link not in {"to", "-", "or"} and not (link == "and" and before == "between"):
        return False
    if link == "to" and before in _MOVES and low.rule == high.rule == "money":
        return False  # "fell £2 to £71"
    if link == "to" and before in {"by", "from"}:
        # "rose by 3 to 20", "from 78 to 73" give two levels, unless something ranges or sums are compared.
        left = {word.text for word in words[max(0, low.first - 8) : low.first]}
        if not left & _RANGING and (low.unit != "gbp" or left & _MOVES):
            return False
    if low.unit_first is None:
        return high.unit not in {"gbp", "fraction"} or high.unit == low.unit
    return high.unit == low.unit or (low.unit == "gbp" and high.unit_first is None)


def _one_counts(words: Sequence[Piece], i: int, number: Numeral) -> bool:
    """The spelt "one" is mostly no figure: it is where it is bounded, judged, a unit's number or a fraction's."""
    if number.last > i + 1 or number.kind != "spelt":
        return True
    after = [word.text for word in words[i + 1 : i + 7]]
    before = words[i - 1].text if i else ""
    if before in {"only", "just", "least"} and after[:1] != ["of"]:
        return True
    if after[:1] in (["per"], ["%"], ["percentage"]) or (
        len(after) > 1 and after[0] == "-" and _UNITS.at(words, i + 2)
    ):
        return True
    if _UNITS.at(words, i + 1):
        return before in {"within", "than", "least", "to"}
    for k, text in enumerate(after):
        if text in {"was", "were", "is", "had", "has"}:
            return bool({"rated", "judged", "graded", "given", "found", "deemed"} & set(after[k : k + 3]))
        if not text.isalpha():
            break
    return False


def _none(words: Sequence[Piece], i: int) -> Amount | None:
    """As in "None were rated", "none of the 12 councils": nought."""
    if words[i].text != "none":
        return None
    after = [word.text for word in words[i + 1 : i + 4]]
    counted = after[:1] in (["were"], ["was"], ["had"], ["have"], ["received"], ["achieved"])
    if counted or (after[:2] == ["of", "the"] and i + 3 < len(words) and cardinal(words, i + 3)):
        return Amount(i, i + 1, 0.0, "count", "zero")
    return None


def _factor(words: Sequence[Piece], i: int) -> Amount | None:
    """As in "doubled", "twice as many"."""
    found = _FACTORS.at(words, i)
    if found is None:
        return None
    row, last = found
    if last < len(words) and words[last].text == "down":
        return None
    change: Change | None = row["change"] or None  # type: ignore[assignment]
    if row["compares"] and not earlier_follows(words, last):
        change = None
    last -= row["phrase"].endswith(" the")
    return Amount(i, last, float(row["value"]), "ratio", "compared" if row["compares"] else "factor", change=change)


def _rank(words: Sequence[Piece], i: int) -> Amount | None:
    """As in "highest level since 1987", "second council in the country", "third-worst"."""
    text = words[i].text
    if text in _SUPERLATIVES and (last := _record(words, i + 1)):
        return Amount(i, last, 1.0, "rank", "superlative")
    if text not in ORDINALS or not i:
        return None
    if at := next((k for k in (i + 1, i + 2) if k < len(words) and words[k].text in _SUPERLATIVES), None):
        return Amount(i, at + 1, ORDINALS[text], "rank", "place") if at == i + 1 or words[i + 1].text == "-" else None
    if words[i - 1].text != "the":
        return None
    for k in range(i + 1, min(i + 6, len(words) - 1)):
        if words[k].text == "in":
            at = k + 2 if words[k + 1].text == "the" else k + 1
            return (
                Amount(i, at + 1, ORDINALS[text], "rank", "place")
                if at < len(words) and words[at].text in _PLACES
                else None
            )
        if words[k].kind != "word" or words[k].text in {"time", "year", "of"}:
            break
    return None


def _record(words: Sequence[Piece], i: int) -> int | None:
    """The end of "(level) since 1987" or "(level) on record" at words[i]; at most three words between."""
    for k in range(i, min(i + 4, len(words) - 1)):
        if words[k].text == "since":
            return next((n + 1 for n in (k + 1, k + 2) if n < len(words) and YEAR.fullmatch(words[n].text)), None)
        if words[k].text == "on" and words[k + 1].text in {"record", "records"}:
            return k + 2
        if words[k].kind != "word":
            return None
    return None


_EARLIER = {"last", "previous", "ago", "before", "earlier", "prior", "then"}


def earlier_follows(words: Sequence[Piece], i: int) -> bool:
    """Whether what is compared with is an earlier time: "than last year", "as in 2010"; within eight words."""
    near = words[i : i + 8]
    return any(word.text in _EARLIER or YEAR.fullmatch(word.text) for word in near)


# ---- numbers that are no amounts


def _no_amounts(words: Sequence[Piece]) -> bytearray:
    """1 for each word that is (part of) a date, a time, an age, a telephone number, an address, a label or a name."""
    masked = bytearray(len(words))
    for i, word in enumerate(words):
        if word.text in _LABELS and not _counts_time(words, i):
            _mask_onwards(words, i + 1, masked, {"."})  # "p. 45"
        elif word.text in {"aged", "ages", "age"}:
            _mask_onwards(words, i + 1, masked, {"of", "between", "from", "under", "over"})
        elif word.kind == "number":
            if _is_date(words, i) or _is_age(words, i):
                _mask_back(words, i, masked)
            elif any(is_none(words, i) for is_none in _NO_AMOUNTS):
                masked[i] = 1
        elif word.text in SMALL or word.text in TENS:
            if _is_age(words, i):
                _mask_back(words, i, masked)
            elif _is_spelt_name(words, i) or _is_all_week(words, i):
                masked[i] = 1
    return masked


def _is_number(word: Piece) -> bool:
    return word.kind == "number" or word.text in SMALL or word.text in TENS


def _mask_onwards(words: Sequence[Piece], i: int, masked: bytearray, first: set[str]) -> None:
    """The numbers after a label and those joined to them: "sections 17 and 47"; one of `first` may come before."""
    for k in range(i, min(i + 8, len(words))):
        if _is_number(words[k]):
            masked[k] = 1
        elif not (words[k].text in first if k == i else words[k].text in _CHAIN):
            return


def _mask_back(words: Sequence[Piece], i: int, masked: bytearray) -> None:
    """The number at i and those joined to it on the left: "16 and 17 March", "16- and 17-year-olds"."""
    for k in range(i, max(-1, i - 7), -1):
        if _is_number(words[k]):
            masked[k] = 1
        elif words[k].text not in _CHAIN:
            return


def _counts_time(words: Sequence[Piece], i: int) -> bool:
    """As in "this year 12 councils": the year is not called 12."""
    return (
        words[i].text in {"year", "years", "week", "day"}
        and not words[i].capital
        and i > 0
        and words[i - 1].text in _WHICH
    )


def _is_code(words: Sequence[Piece], i: int) -> bool:
    """Grown together with letters or marks ("M25", "24/7", "10.30am", "3rd"), in a list ("1.", "(2)")."""
    before, after = words[i - 1] if i else None, words[i + 1] if i + 1 < len(words) else None
    if before is not None:
        if before.text == "(" and after is not None and after.text == ")":
            return True
        if words[i].glued and (before.kind in {"word", "digits"} or before.text in {"/", ".", ":", "#", "@", "+"}):
            return True
        if before.text == "-" and before.glued and words[i].glued and i > 1:
            joined = words[i - 2]  # "Covid-19", "2016-17"; not "30-40" nor "four-in-10"
            if (joined.kind == "word" and joined.text not in _JOINERS) or YEAR.fullmatch(joined.text):
                return True
    if after is None:
        return False
    if after.glued:
        if after.kind == "word":
            return after.text not in SCALES and _UNITS.at(words, i + 1) is None
        if after.text in {"/", ":"} and i + 2 < len(words) and words[i + 2].glued:
            return True
        if i == 0 and after.text in {".", ")"}:
            return True
    if i == 0 and len(words[i].text) == 1 and after.capital:
        return True  # the mark of a note: "1 Ofsted inspects …"
    return after.text in {"am", "pm", "o'clock"} or ("." in words[i].text and after.capital)


def _is_all_week(words: Sequence[Piece], i: int) -> bool:
    """As in "24 hours a day, seven days a week": always."""
    return any(
        words[i].text in numbers and follow(words, i + 1, *span) is not None
        for numbers, span in (({"24"}, ("hours", "a", "day")), ({"7", "seven"}, ("days", "a", "week")))
    )


def _is_spelt_name(words: Sequence[Piece], i: int) -> bool:
    """As in "World War Two", "twenty-first"."""
    if words[i].capital and i and words[i - 1].capital and words[i - 1].kind == "word":
        return True
    ordinal = words[i + 2].text if i + 2 < len(words) and words[i + 1].text == "-" else ""
    return words[i].text in TENS and ordinal in ORDINALS


def _is_date(words: Sequence[Piece], i: int) -> bool:
    """A day before or after its month, or the two last digits of a year: "16 March", "March 16", "Jun 16"."""
    if not words[i].text.isdigit() or int(words[i].text) > 31:
        return False
    at = follow(words, i + 1, "of") or i + 1
    if at < len(words) and words[at].capital and MONTHS.fullmatch(words[at].text):
        return True
    return i > 0 and words[i - 1].capital and bool(MONTHS.fullmatch(words[i - 1].text)) and not _counts(words, i + 1)


def _is_year(words: Sequence[Piece], i: int) -> bool:
    if not YEAR.fullmatch(words[i].text) or (i and words[i - 1].text == "£"):
        return False
    if i + 1 < len(words) and (words[i + 1].text in SCALES or words[i + 1].text in {"%", "per", "percent"}):
        return False
    return not (i and words[i - 1].text in _BOUNDS and _counts(words, i + 1))


def _counts(words: Sequence[Piece], i: int) -> bool:
    """Whether a plural stands at words[i], so that the number before it counts something."""
    if i >= len(words) or words[i].capital or words[i].kind != "word":
        return False
    return words[i].text in _PEOPLE or (words[i].text.endswith("s") and len(words[i].text) > 3)


def _is_phone(words: Sequence[Piece], i: int) -> bool:
    """A number in a row of numbers that starts with a nought or a plus; four groups at most."""
    for k in range(i - 1, max(-1, i - 6), -1):
        if words[k].text == "+" or (words[k].kind == "digits" and words[k].text.startswith("0")):
            return True
        if words[k].kind not in {"number", "digits"} and words[k].text not in {"-", "(", ")"}:
            return False
    return False


def _is_address(words: Sequence[Piece], i: int) -> bool:
    """As in "14 Mill Lane"."""
    for word in words[i + 1 : i + 5]:
        if not word.capital:
            return False
        if word.text in _STREETS:
            return True
    return False


def _is_age(words: Sequence[Piece], i: int) -> bool:
    """As in "12-year-old", "two years of age", "Jane Roe, 42,", "children under 18", "she was 21"."""
    for old in (("year", "old"), ("year", "olds"), ("years", "old"), ("years", "of", "age"), ("month", "old")):
        if follow(words, i + 1, *old):
            return True
    if i < 2:
        return False
    before, further = words[i - 1].text, words[i - 2]
    after = words[i + 1].text if i + 1 < len(words) else ""
    if before == "," and after == "," and further.capital:
        return words[i].text.isdigit() and 0 < int(words[i].text) < 111
    if before in {"under", "over"} and further.text in _PEOPLE:
        return _UNITS.at(words, i + 1) is None
    if before in {"was", "and"} and after == "when":
        return True  # "was 17 when she left, and 24 when she came back"
    if before in {"was", "is"} and further.text in {"he", "she"}:
        return not _counts(words, i + 1)
    if before in {"was", "is"} and any(word.text == "age" for word in words[max(0, i - 9) : i - 1]):
        return not _counts(words, i + 1)  # "the average age of staff is 44"
    return before in {"turn", "turns", "turned", "turning"}


_NO_AMOUNTS = (_is_code, _is_year, _is_phone, _is_address, _is_all_week)
