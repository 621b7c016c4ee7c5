"""Words of a sentence and the numerals among them: "1,250", "3.5 million", "twenty-one", "two-thirds", "four in 10"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from nlp.lexicon import lexicon
from nlp.text import fold

# Figures beyond this are no counts of anything we read about; it also keeps every value exact.
GREATEST = 1e15

_VULGAR = {"¼": 0.25, "½": 0.5, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅕": 0.2, "⅖": 0.4, "⅗": 0.6, "⅘": 0.8, "⅛": 0.125}
_WORD = re.compile(
    r"(?P<link>https?://\S+|www\.\S+)"
    r"|(?P<digits>[0-9]+(?:[.,^][0-9]+)*)"
    rf"|(?P<vulgar>[{''.join(_VULGAR)}])"
    rf"|(?P<word>[^\W\d_{''.join(_VULGAR)}]+(?:'[^\W\d_]+)*)"
    r"|(?P<mark>\S)"
)
# Thousands parted by commas or not at all; no leading zeros (telephone numbers, codes); "1,7", "10^6" are none of ours.
_WELL_FORMED = re.compile(r"(?:0|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,5}|[1-9][0-9]{0,15})(?:\.[0-9]{1,6})?")


class Piece(NamedTuple):
    """A word, number or mark. `text` is lower-case with plain quotation marks; `glued`: no space before it."""

    start: int
    end: int
    text: str
    kind: Literal["link", "digits", "number", "vulgar", "word", "mark"]
    glued: bool
    capital: bool


class Numeral(NamedTuple):
    """A number as words[i:last] give it; `scale` is the multiplier it ends with ("3 million": 1000000.0), else 1."""

    value: float
    last: int
    kind: Literal["digits", "spelt", "fraction", "vague"]
    scale: float = 1.0


class Wordings:
    """Wordings of a lexicon, found at or before a place in a sentence, longest first."""

    def __init__(self, rows: Sequence[Mapping[str, str]]) -> None:
        self._starts: dict[str, list[tuple[tuple[str, ...], Mapping[str, str]]]] = {}
        self._ends: dict[str, list[tuple[tuple[str, ...], Mapping[str, str]]]] = {}
        for row in sorted(rows, key=lambda row: -len(row["phrase"].split())):
            phrase = tuple(row["phrase"].split())
            self._starts.setdefault(phrase[0], []).append((phrase, row))
            self._ends.setdefault(phrase[-1], []).append((phrase, row))

    def at(self, words: Sequence[Piece], i: int) -> tuple[Mapping[str, str], int] | None:
        """The longest phrase that starts at words[i], and the index after it."""
        for phrase, row in self._starts.get(words[i].text, ()) if i < len(words) else ():
            last = i + len(phrase)
            if tuple(word.text for word in words[i:last]) == phrase:
                return row, last
        return None

    def before(self, words: Sequence[Piece], i: int) -> tuple[Mapping[str, str], int] | None:
        """The longest phrase that ends before words[i], and the index it starts at."""
        for phrase, row in self._ends.get(words[i - 1].text, ()) if i > 0 else ():
            first = i - len(phrase)
            if first >= 0 and tuple(word.text for word in words[first:i]) == phrase:
                return row, first
        return None


def _kind(kind: str) -> dict[str, float]:
    return {row["word"]: float(row["value"]) for row in lexicon("figure_numbers") if row["kind"] == kind}


SMALL, TENS, SCALES, PART, PARTS, VAGUE = map(_kind, ("small", "ten", "scale", "part", "parts", "vague"))
ORDINALS = _kind("ordinal") | {word: value for word, value in PART.items() if word not in {"half", "quarter"}}
# Scales that are one letter or two stand right after digits ("£3m"); "dozen" and "hundred" follow words too.
_LETTERS = {word for word in SCALES if len(word) < 3}
_TIMES = {"year", "years", "month", "months", "week", "weeks", "day", "days", "hour", "hours", "minutes"}
# What follows a fraction that stands for a whole phrase: "a quarter of", "a third were", "half said"; or closes it.
_AFTER_PART = {
    "of", "(", "were", "was", "are", "is", "had", "have", "has", "said", "say", "did", "do", "felt", "told", "met",
    "made", "got", "knew", "thought", "think", "believe", "believed", "agreed", "live", "rely", "want", "wanted",
}  # fmt: skip
_AFTER_HALF = _AFTER_PART | {"the", "its", "their", "his", "her", "our", "all", "those", "these"}
_ALONE = {
    "in",
    "since",
    "over",
    "on",
    "between",
    "from",
    "to",
    "this",
    "last",
    "during",
    "and",
    "compared",
    "after",
    "as",
}
_BEFORE_PART = {
    "as",
    "than",
    "nearly",
    "almost",
    "over",
    "under",
    "by",
    "about",
    "around",
    "roughly",
    "only",
    "just",
    "least",
}


def pieces_of(text: str, start: int = 0, end: int | None = None) -> list[Piece]:
    """The words of text[start:end], offsets counted in `text`."""
    end = len(text) if end is None else end
    words: list[Piece] = []
    for match in _WORD.finditer(fold(text[start:end])):
        kind, shown = match.lastgroup, match.group()
        if kind == "digits" and _WELL_FORMED.fullmatch(shown):
            kind = "number"
        at = start + match.start()
        if text[at] == "—":  # a dash between clauses, where a folded one could be a hyphen
            shown = "—"
        glued = bool(words) and words[-1].end == at
        words.append(Piece(at, start + match.end(), shown.lower(), kind, glued, shown[0].isupper()))  # type: ignore[arg-type]
    return words


def follow(words: Sequence[Piece], i: int, *texts: str) -> int | None:
    """The index after `texts` if they stand at words[i], parted by spaces or hyphens; else None."""
    for text in texts:
        if i < len(words) and words[i].text == "-":
            i += 1
        if i >= len(words) or words[i].text != text:
            return None
        i += 1
    return i


def cardinal(words: Sequence[Piece], i: int) -> Numeral | None:
    """The whole or mixed number at words[i], in digits or spelt out."""
    numeral = _digits(words, i) or _spelt(words, i)
    return numeral if numeral and numeral.value < GREATEST else None


def numeral(words: Sequence[Piece], i: int) -> Numeral | None:
    """The number, fraction or vague amount that starts at words[i], the longest there is."""
    return _fraction(words, i) or cardinal(words, i) or _vague(words, i)


def _digits(words: Sequence[Piece], i: int) -> Numeral | None:
    if words[i].kind == "vulgar":
        return Numeral(_VULGAR[words[i].text], i + 1, "fraction") if follow(words, i + 1, "of") else None
    if words[i].kind != "number":
        return None
    value, last = float(words[i].text.replace(",", "")), i + 1
    if last < len(words) and words[last].kind == "vulgar":
        value, last = value + _VULGAR[words[last].text], last + 1
    return _scaled(words, value, last, "digits")


def _scaled(words: Sequence[Piece], value: float, last: int, kind: Literal["digits", "spelt"]) -> Numeral:
    """The numeral with the scale word that follows it, if one does."""
    after = last + 1 if last < len(words) and words[last].text == "-" else last
    scale = SCALES.get(words[after].text) if after < len(words) else None
    if scale and (words[after].text not in _LETTERS or (kind == "digits" and words[after].glued)):
        return Numeral(value * scale, after + 1, kind, scale)
    return Numeral(value, last, kind)


def _spelt(words: Sequence[Piece], i: int) -> Numeral | None:
    """English number words, "half a million", "two and a half"; at most 16 words."""
    if words[i].text == "half" and (after := follow(words, i + 1, "a")) and after < len(words):
        scale = SCALES.get(words[after].text)
        return Numeral(scale / 2, after + 1, "spelt", scale) if scale and scale != 100 else None
    if words[i].text not in SMALL and words[i].text not in TENS:
        return _one_of_scale(words, i)
    total, group, scale, smallest = 0.0, 0.0, 1.0, 1e15
    last = j = i
    while j < len(words) and j - i < 16:
        text = words[j].text
        if words[j].kind not in {"word", "mark"}:
            break
        if j > i and ((text == "-" and words[j].glued) or (text == "and" and j == last and scale > 1)):
            j += 1  # belongs to the number only if it goes on after it
            continue
        if text in TENS and group % 100 == 0:
            group, scale = group + TENS[text], 1.0
        elif text in SMALL and (group % 100 == 0 or (group % 10 == 0 and group % 100 > 10 and 0 < SMALL[text] < 10)):
            if text == "zero" and j > i:
                break
            group, scale = group + SMALL[text], 1.0
        elif text in {"hundred", "dozen"} and 0 < group < 100:
            group, scale = group * SCALES[text], SCALES[text]
        elif text in SCALES and text not in _LETTERS and group > 0 and 100 < SCALES[text] < smallest:
            smallest = scale = SCALES[text]
            total, group = total + group * scale, 0.0
        else:
            break
        j += 1
        last = j
    if half := follow(words, last, "and", "a", "half"):
        return _scaled(words, total + group + 0.5, half, "spelt")
    return Numeral(total + group, last, "spelt", 1.0 if total and group else scale)


def _one_of_scale(words: Sequence[Piece], i: int) -> Numeral | None:
    """As in "a hundred", "a dozen", and the vague "several hundred", "a few thousand"."""
    kind: Literal["spelt", "vague"] = "vague"
    if words[i].text == "several":
        at = i + 1
    elif words[i].text == "a":
        at = follow(words, i + 1, "few") or i + 1
        kind = "vague" if at > i + 1 else "spelt"
    else:
        return None
    scale = SCALES.get(words[at].text) if at < len(words) and words[at].text not in _LETTERS else None
    return Numeral(scale, at + 1, kind, scale) if scale else None


def _fraction(words: Sequence[Piece], i: int) -> Numeral | None:
    return _share(words, i) or _parts(words, i)


def _share(words: Sequence[Piece], i: int) -> Numeral | None:
    """As in "four in 10", "one in every five", "nine out of ten"."""
    share = cardinal(words, i)
    if share is None or share.value == 0:
        return None
    at = follow(words, share.last, "in") or follow(words, share.last, "out", "of")
    named = _past_noun(words, share.last) if at is None and share.value == 1 else None
    at = at or named
    if at is None:
        return None
    at = follow(words, at, "every") or at
    if at < len(words) and words[at].text == "-":
        at += 1
    whole = cardinal(words, at) if at < len(words) else None
    if whole is None or not share.value < whole.value <= 1000:
        return None
    after = follow(words, whole.last) or whole.last
    if after < len(words) and words[after].text in _TIMES | {"%", "per"}:
        return None
    if named is not None and (
        whole.value > 100 or (after < len(words) and words[after].text.endswith("s") and len(words[after].text) > 4)
    ):
        return None  # "one death in two hospitals"
    return Numeral(share.value / whole.value, whole.last, "fraction")


def _past_noun(words: Sequence[Piece], i: int) -> int | None:
    """The index after a word or two and "in" at words[i]: of "one council in eight"."""
    for k in range(i, min(i + 3, len(words))):
        if words[k].text == "in":
            return k + 1 if k > i else None
        if words[k].kind != "word":
            return None
    return None


def _parts(words: Sequence[Piece], i: int) -> Numeral | None:
    """As in "half", "a quarter", "two-thirds"; not the quarter of a year, a third report or half-term."""
    text = words[i].text
    after = words[i + 1].text if i + 1 < len(words) else ""
    before = words[i - 1].text if i else ""
    if text == "half":
        counts = after in _AFTER_HALF or (before in _BEFORE_PART | {"in"} and after not in {"-", "a", "an", *PART})
        return Numeral(0.5, i + 1, "fraction") if counts and before not in {"a", "first", "second"} else None
    if text == "a" or text in SMALL:
        count = 1.0 if text == "a" else SMALL[text]
        at = i + 2 if after == "-" else i + 1
        part = words[at].text if at < len(words) else ""
        following = words[at + 1] if at + 1 < len(words) else None
        if part in PARTS and 1 < count < PARTS[part]:
            return Numeral(count / PARTS[part], at + 1, "fraction")
        if part in PART and count == 1:
            alone = (
                following is None or following.text in _ALONE or (following.kind == "mark" and following.text != "-")
            )
            if part == "third" and before == "and" and any(word.text == "two" for word in words[max(0, i - 12) : i]):
                return None  # "two have closed and a third is for sale"
            led = before in _BEFORE_PART or (before == "and" and part != "third")
            if (following is not None and following.text in _AFTER_PART) or (led and alone):
                return Numeral(1 / PART[part], at + 1, "fraction")
    return None


def _vague(words: Sequence[Piece], i: int) -> Numeral | None:
    """As in "dozens", "tens of thousands", "scores of": the order of magnitude."""
    text = words[i].text
    if text not in VAGUE:
        return None
    after = words[i + 2].text if i + 2 < len(words) and words[i + 1].text == "of" else ""
    if after in VAGUE and VAGUE[after] > 100:
        return Numeral(VAGUE[text] * VAGUE[after], i + 3, "vague")
    if text == "tens" or (text == "scores" and not after):
        return None
    return Numeral(VAGUE[text], i + 1, "vague")
