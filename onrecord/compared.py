"""Which answers of what was learnt are listened to: those in which it beats the rules where it has not looked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nlp.learned import NONE

ENOUGH = 5  # decisions that a class needs on documents that were kept aside


@dataclass(frozen=True, slots=True)
class Case:
    """One question about one decision: what is right, what the rules say, what was learnt says (NONE: no stance)."""

    right: str
    rules: str
    learned: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How good both are at one answer (F1), and why it is not taken; empty where it is."""

    answer: str
    decisions: int
    rules: float
    learned: float
    why: str

    @property
    def taken(self) -> bool:
        return not self.why


def compare(cases: Sequence[Case], enough: int = ENOUGH) -> list[Verdict]:
    """One verdict for each answer that is right or is given, the most frequent first.

    An answer is taken where it is better alone (F1), and where listening to it beside those that were taken before
    makes it better than the rules, and all stances together better. The one with the most to win is tried first.
    """
    rules, learned = [it.rules for it in cases], [it.learned for it in cases]
    right = [it.right for it in cases]
    frequent = Counter(right)
    names = sorted({*right, *rules, *learned}, key=lambda name: (-frequent[name], name))
    gain = {name: f1(right, learned, name) - f1(right, rules, name) for name in names}
    taken: set[str] = set()
    why = {}
    for name in sorted(names, key=lambda name: (-gain[name], name)):
        together = heard(cases, taken | {name})
        if frequent[name] < enough:
            why[name] = f"{frequent[name]} of {enough} decisions needed on articles kept aside"
        elif gain[name] <= 0:
            why[name] = "no better than the rules"
        elif f1(right, together, name) <= f1(right, rules, name) or overall(right, together) <= overall(
            right, heard(cases, taken)
        ):
            why[name] = "no better beside the rules"
        else:
            taken.add(name)
    return [
        Verdict(
            answer=name,
            decisions=frequent[name],
            rules=f1(right, rules, name),
            learned=f1(right, learned, name),
            why=why.get(name, ""),
        )
        for name in names
    ]


def heard(cases: Sequence[Case], taken: Collection[str]) -> list[str]:
    """What is said in the end: the rules' answers, but for those of what was learnt that are listened to."""
    return [it.learned if it.learned in taken else it.rules for it in cases]


def f1(right: Sequence[str], said: Sequence[str], answer: str) -> float:
    """F1 of one answer; 0 where it neither is right nor was given."""
    hits = sum(a == b == answer for a, b in zip(right, said, strict=True))
    whole = sum(it == answer for it in (*right, *said))
    return 2 * hits / whole if whole else 0.0


def overall(right: Sequence[str], said: Sequence[str]) -> float:
    """F1 of all answers together, NONE being none."""
    hits = sum(a == b != NONE for a, b in zip(right, said, strict=True))
    whole = sum(it != NONE for it in (*right, *said))
    return 2 * hits / whole if whole else 0.0
