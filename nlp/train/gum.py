"""GUM's mentions, turned into names: of a mention whose head is a proper noun, the name about that head."""

from __future__ import annotations

import re

from nlp.train.sentence import Sentence

KINDS = {"person": "PER", "organization": "ORG", "place": "LOC"}
PROPER = frozenset({"NNP", "NNPS"})
_TITLES = """
    Agent Ambassador Attorney Baroness Captain Capt Chairman Chancellor Chief Cllr Col Colonel Commander Councillor Dame
    Detective Director Dr Emperor Gen General Gov Governor Inspector Judge Justice King Lady Lord Lt Major Manager Mayor
    Minister Miss Mr Mrs Ms Officer Pope President Prime Prince Princess Prof Professor Queen Rep Rev Reverend Saint Sen
    Secretary Senator Sgt Sir St Vice
"""
TITLES = frozenset(_TITLES.split())
_ENTITY = re.compile(
    r"\((?P<open>\d+)(?:\[\d+/\d+\])?-(?P<kind>[a-z]+)-[^()]*(?P<shut>\))?|(?P<close>\d+)(?:\[\d+/\d+\])?\)"
)


def names_in(sentence: Sentence, miscs: list[str]) -> tuple[str, ...]:
    """GUM's mentions, turned into names: of a mention whose head is a proper noun, the name about that head."""
    spans: list[tuple[int, int, str]] = []
    stack: list[tuple[str, str, int]] = []
    for i, misc in enumerate(miscs):
        value = next((part[7:] for part in misc.split("|") if part.startswith("Entity=")), "")
        for found in _ENTITY.finditer(value):
            if found["open"]:
                if found["shut"]:
                    spans.append((i, i + 1, found["kind"]))
                else:
                    stack.append((found["open"], found["kind"], i))
            else:
                for j in range(len(stack) - 1, -1, -1):
                    if stack[j][0] == found["close"]:
                        _, kind, start = stack.pop(j)
                        spans.append((start, i + 1, kind))
                        break
    labels = ["O"] * len(miscs)
    assert sentence.tags
    assert sentence.heads
    for start, end, kind in sorted(spans, key=lambda s: (s[1] - s[0], s[0])):  # the widest last: it stands
        inside = range(start, end)
        head = next((i for i in inside if sentence.heads[i] == i or sentence.heads[i] not in inside), start)
        if sentence.tags[head] not in PROPER or (kind == "person" and sentence.tags[head] == "NNPS"):
            continue  # no name; "Americans" names nobody
        first, last = _name_about(sentence, start, end, head, person=kind == "person")
        for i in range(first, last):  # "the London Marathon": no place is meant
            labels[i] = "O" if kind not in KINDS else ("B-" if i == first else "I-") + KINDS[kind]
    return tuple(labels)


def _name_about(sentence: Sentence, start: int, end: int, head: int, *, person: bool) -> tuple[int, int]:
    """Where the name of a mention stands: proper nouns side by side about its head.

    Bodies and places may have an "of" or an "and" within. People lose their titles, and a title alone is no name.
    """
    tags, words = sentence.tags, sentence.words
    assert tags

    def proper(i: int) -> bool:
        return start <= i < end and tags[i] in PROPER

    def joint(i: int) -> bool:
        return words[i] == "-" or (not person and words[i] in {"'s", "’s", "&", "of", "for", "and"})

    first, last = head, head
    while proper(first - 1) or (proper(first - 2) and joint(first - 1)):
        first -= 1 if proper(first - 1) else 2
    while True:
        if proper(last + 1):
            last += 1
        elif last + 1 < end and joint(last + 1) and proper(last + 2):
            last += 2
        elif last + 2 < end and joint(last + 1) and words[last + 2] == "the" and proper(last + 3):
            last += 3
        else:
            break
    if person:
        while first <= last and words[first].rstrip(".") in TITLES:
            first += 1
    return first, last + 1
