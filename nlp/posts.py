"""Posts beside names: "Jane Roe, chair of the LGA's children board, said", "Ofsted's national director, Jane Roe".

A post is told as its role without the body's name, and the body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc

from nlp.lexicon import lexicon
from nlp.records import Mention, Organisation
from nlp.references import body_meant, body_nouns
from nlp.words import Word, reporting_verbs, words_of

_LONGEST = 160  # characters of an apposition
_STOP = re.compile(r"[.:;!?“”\"(){}\[\]\n]|\s[-–—]\s")
_SMALL = {"the", "a", "an", "its", "his", "her", "their", "our", "this", "that"}
_PREPOSITIONS = {"of", "at", "for", "from", "in", "with", "to", "on", "by", "as"}
_VERBS = {"is", "was", "are", "were", "has", "had", "have", "who", "which", "whose", "will", "would", "can", "could", "says", "and then"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Post:
    """A role ("President"), None where only the body is told, and the body, None where none is."""

    role: str | None
    organisation: Organisation | None


@cache
def role_words() -> frozenset[str]:
    """Head nouns of posts, lower case."""
    return frozenset(row["role"].lower() for row in lexicon("roles"))


def _is_role(word: str) -> bool:
    word = word.lower()
    return word in role_words() or (word.endswith("s") and word[:-1] in role_words()) or word.split("-")[-1] in role_words()


def post_after(doc: Doc, end: int) -> Post | None:
    """The post in apposition after a name that ends at `end`."""
    text = doc.text
    opening = re.match(r"\s*,\s+|\s+\(|\s+[-–—]\s+", text[end : end + 4])
    if not opening:
        return None
    start = end + opening.end()
    stop = _STOP.search(text, start, start + _LONGEST)
    limit = stop.start() if stop else min(len(text), start + _LONGEST)
    words = words_of(text, start, limit)
    for i, word in enumerate(words):
        verb = reporting_verbs().get(word.text)
        # "claims manager" and "the report of the board" hold no verb: a weak form counts after a comma alone.
        after_comma = text[word.start - 2 : word.start] == ", "
        if word.text in _VERBS or (verb is not None and i and (not verb.weak or after_comma)):
            limit = word.start
            break
    return _parse(doc, start, limit)


def _parse(doc: Doc, start: int, limit: int) -> Post | None:
    """Reads text[start:limit], which begins with a post or a body."""
    text = doc.text
    inside = [m for m in doc._.organisation_mentions if start <= m.start and m.end <= limit]
    commas = [m.start() for m in re.finditer(r",\s", text[start:limit])]
    parts: list[tuple[int, int]] = []
    at = start
    for comma in [*(start + c for c in commas), limit]:
        # A comma inside the name of a body parts nothing.
        if any(m.start < comma < m.end for m in inside):
            continue
        parts.append((at, comma))
        at = comma + 2
    first_start, first_end = parts[0]
    role, body = _role_and_body(doc, first_start, first_end, inside)
    if role is None and body is None:
        return None
    if body is None and len(parts) > 1:
        following = [m for m in inside if m.start <= parts[1][0] + 4 and m.end <= parts[1][1]]
        if following and not text[parts[1][0] : following[0].start].strip(" the"):
            body = following[0].organisation
    return Post(role, body)


def _role_and_body(doc: Doc, start: int, end: int, bodies: list[Mention]) -> tuple[str | None, Organisation | None]:
    """Splits "chair of the LGA's children board" into ("chair of the children board", LGA)."""
    text = doc.text
    phrase = text[start:end].strip(" ,")
    words = words_of(text, start, end)
    if not words:
        return None, None
    heads = [word for word in words if _is_role(word.text)]
    mention = next((m for m in bodies if m.start >= start and m.end <= end), None)
    if mention is None:
        if not heads or words.index(heads[0]) > 7:
            return None, None
        role, body = _without_body_noun(doc, start, end, words)
        return _trimmed(role), body
    body = mention.organisation
    before = text[start : mention.start]
    owner = re.match(r"['’]s?\s+", text[mention.end : end])
    if owner or not before.strip(" the"):
        rest = text[mention.end + (owner.end() if owner else 0) : end]
        lead = re.sub(r"\b(?:the)\s*$", "the ", before) if before.strip() else ""
        if lead and not re.search(r"\bthe $", lead):
            lead = f"{lead.rstrip()} the " if lead.split()[-1:] == ["of"] else lead
        rest_role = _cut_at_preposition(doc, rest, bodies) if not lead else rest
        phrase = f"{lead}{rest_role}" if before.strip(" the") else rest_role
    else:
        phrase = re.sub(r"\s*\b(?:of|at|for|from|with|in|to|on)?\s*(?:the\s*)?$", "", before.rstrip(" ,"))
    role = _trimmed(phrase)
    if role is not None and not any(_is_role(w.text) for w in words_of(role)):
        role = None
    if role is None and (heads or before.strip(" the")):
        # The body is told with some other words: not a post that we can read.
        return (None, None) if before.strip(" the") else (None, body)
    return role, body


def _cut_at_preposition(doc: Doc, phrase: str, bodies: list[Mention]) -> str:
    """Leaves off " at OTHER BODY" from the end of a role."""
    for mention in bodies:
        found = re.search(rf"\s(?:of|at|for|with|in)\s(?:the\s)?{re.escape(mention.text)}", phrase)
        if found:
            return phrase[: found.start()]
    return phrase


def _without_body_noun(doc: Doc, start: int, end: int, words: list[Word]) -> tuple[str, Organisation | None]:
    """ "leader of the council" is a leader, of the council that is meant here."""
    text = doc.text
    for noun in words[1:]:
        key = noun.text.lower()
        before = text[start : noun.start].split()
        if key in body_nouns() and body_nouns()[key] and len(before) >= 2 and before[-1] in _SMALL and before[-2] in _PREPOSITIONS:
            return " ".join(before[:-2]), body_meant(doc, key, start)
    return text[start:end], None


def _trimmed(role: str) -> str | None:
    role = re.sub(r"^(?:the|a|an|its|his|her|their|currently|now|also)\s+", "", " ".join(role.split()).strip(" ,"), flags=re.IGNORECASE)
    role = re.sub(r"\s+(?:of|at|for|from|in|and|the|with|to)$", "", role)
    return role if role and len(role.split()) <= 16 else None


def post_before(doc: Doc, before: int) -> Post | None:
    """The post before a name (and its titles) that begin at `before`."""
    text = doc.text
    begin = max(text.rfind("\n", 0, before) + 1, before - _LONGEST)
    left = text[begin:before].rstrip()
    if left.endswith(","):
        return _post_before_comma(doc, begin, begin + len(left) - 1)
    words = words_of(text, begin, before)
    if not words or not _is_role(words[-1].text) or text[words[-1].end : before].strip():
        return None
    ends = {m.end: m for m in doc._.organisation_mentions if begin <= m.start and m.end <= before}
    taken: list[Word] = []
    for word in reversed(words):
        gap_end = taken[0].start if taken else before
        gap = text[word.end : gap_end].replace("'s", "").replace("’s", "").replace("'", "").replace("’", "")
        if gap.strip():
            break
        owner = next((m for end, m in ends.items() if m.start <= word.start < end), None)
        if owner is not None:
            return Post(_trimmed(text[taken[0].start : before]) if taken else None, owner.organisation)
        lower = word.text.lower()
        if lower in _SMALL | _PREPOSITIONS | {"and", "but", "or", "when", "while", "that", "said"} or (
            taken and lower in reporting_verbs()
        ):
            break
        if word.possessive and (word.text[0].isupper() or lower in body_nouns()):
            body = body_meant(doc, lower, word.start) if lower in body_nouns() else None
            return Post(_trimmed(text[taken[0].start : before]) if taken else None, body)
        if len(taken) >= 6:
            break
        taken.insert(0, word)
    if not taken:
        return None
    body_noun = next((w.text.lower() for w in taken if w.text.lower() in body_nouns()), None)
    body = body_meant(doc, body_noun, taken[0].start) if body_noun and body_nouns()[body_noun] else None
    return Post(_trimmed(text[taken[0].start : before]), body)


def _post_before_comma(doc: Doc, begin: int, comma: int) -> Post | None:
    """`The president of the ADCS, Jane Roe, said` and `Ofsted's national director, Jane Roe`."""
    text = doc.text
    bodies: list[Mention] = doc._.organisation_mentions
    start = begin
    for match in re.finditer(r"[.:;!?“”\"()]\s*|,\s+", text[begin:comma]):
        if not any(m.start < begin + match.start() < m.end for m in bodies):
            start = begin + match.end()
    words = words_of(text, start, comma)
    if not words or len(words) > 14 or not any(_is_role(word.text) for word in words):
        return None
    if any(word.text in _VERBS or (word.text in reporting_verbs() and not _is_role(word.text)) for word in words):
        return None
    first = words[0].text
    if not (first.lower() in _SMALL or _is_role(first) or words[0].possessive or any(m.start == words[0].start for m in bodies)):
        return None
    if words[0].text.lower() in _SMALL and len(words) > 1 and words[1].possessive and words[1].text.lower() in body_nouns():
        return Post(_trimmed(text[words[2].start : comma]) if len(words) > 2 else None, body_meant(doc, words[1].text, start))
    inside = [m for m in bodies if start <= m.start and m.end <= comma]
    role, body = _role_and_body(doc, start, comma, inside)
    return Post(role, body) if role else None
