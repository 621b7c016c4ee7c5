"""People who speak together: "Jane Roe, chair of the board, and Jo Lamb, its treasurer, said"."""

from __future__ import annotations

from collections.abc import Sequence

from nlp.syntax import Parse
from nlp.units import PREPOSITIONS, Unit
from nlp.words import small_words

_BOUNDARIES = small_words("boundary")
_JOINING = small_words("joining")
_TO_BODIES = {"of", "at", "for"}
_FURTHEST = 14  # units between two people: the post of the first one
_MOST = 8  # people
_POST_WITHIN = 6  # units between "and" and a name


def joined(units: Sequence[Unit], k: int, parse: Parse) -> list[int]:
    """The people whom "and" joins to the one at units[k], that one among them, in order."""
    people = [k]
    while len(people) < _MOST and (before := _joined_before(units, people[0], parse)) is not None:
        people.insert(0, before)
    while len(people) < _MOST and (after := _joined_after(units, people[-1], parse)) is not None:
        people.append(after)
    return people


def opens_clause(units: Sequence[Unit], k: int, parse: Parse) -> bool:
    """Nothing but a post stands before the name: no verb whose object it is, no preposition on which it hangs."""
    while k > 0 and not units[k].after_comma:
        k -= 1
        unit = units[k]
        if unit.lower in _BOUNDARIES | _JOINING:
            return True
        if unit.kind == "verb" or parse.is_predicate(unit.start):
            return False
        if unit.lower in PREPOSITIONS and not (k and unit.lower in _TO_BODIES and units[k - 1].kind == "role"):
            return False
    return True


def _joined_before(units: Sequence[Unit], k: int, parse: Parse) -> int | None:
    """Who stands before "and": right before it, or with a post between commas."""
    i = k - 1
    while i > 0 and i > k - _POST_WITHIN and not units[i + 1].after_comma and _is_of_post(units[i]):
        i -= 1
    if i < 1 or units[i].lower != "and":
        return None
    if _is_somebody(units[i - 1]):
        return i - 1
    for j in range(i - 1, max(-1, i - _FURTHEST), -1):
        unit = units[j]
        if _is_somebody(unit):
            return j if unit.before_comma and units[i].after_comma else None
        if unit.kind == "verb" or unit.lower in _BOUNDARIES or parse.is_predicate(unit.start):
            return None  # a clause of its own: "Jane Roe, the chair, left, and Jo Lamb said"
    return None


def _joined_after(units: Sequence[Unit], k: int, parse: Parse) -> int | None:
    people = (j for j in range(k + 1, min(len(units), k + _FURTHEST)) if _is_somebody(units[j]))
    after = next(people, None)
    return after if after is not None and _joined_before(units, after, parse) == k else None


def _is_of_post(unit: Unit) -> bool:
    return unit.kind == "role" or (unit.kind == "word" and unit.lower not in PREPOSITIONS | _BOUNDARIES | _JOINING)


def _is_somebody(unit: Unit) -> bool:
    return unit.kind == "person" and not unit.possessive
