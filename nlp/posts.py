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
from nlp.spans import within
from nlp.words import Word, reporting_verbs, words_of

_FURTHEST = 160  # characters between a name and the end of its post
_MODIFIERS = 6  # words before a role: "national director for social care" has one
_TAIL = 5  # words between a role and the name: "head of policy Jane Roe"
_LONGEST_ROLE = 16  # words

_STOP = re.compile(r"[.:;!?“”\"(){}\[\]\n]|\s[-–—]\s")
_OPENING = re.compile(r",\s+|\s*\(|\s+[-–—]\s+")
_OF_BODY = re.compile(r"\s+(?:of|from|at|for)\s+(?:the\s+)?")
_ARTICLE = re.compile(r"(?:the|a|an|its|his|her|their|currently|now|also)\s+", re.IGNORECASE)
_LAST_PREPOSITION = re.compile(r"\s+(?:of|at|for|from|in|on|and|with|to)(?:\s+the)?$|\s+the$")
_SMALL = {"the", "a", "an", "its", "his", "her", "their", "our", "this", "that"}
_PREPOSITIONS = {"of", "at", "for", "from", "in", "with", "to", "on", "by", "as"}
_VERBS = {"is", "was", "are", "were", "has", "had", "have", "who", "which", "whose", "will", "would", "can", "could"}
_BREAKS = _SMALL | _PREPOSITIONS | _VERBS | {"and", "but", "or", "when", "while", "said", "both"}
# "Children's minister": whom the post is about, not whose it is.
_CONCERNED = {"children", "women", "men", "people", "families", "victims", "veterans", "parents", "carers"}


@dataclass(frozen=True, slots=True)
class Post:
    """A role ("President"), None where only the body is told, and the body, None where none is."""

    role: str | None
    organisation: Organisation | None


@cache
def role_words() -> frozenset[str]:
    """Head nouns of posts, lower case."""
    return frozenset(row["role"].lower() for row in lexicon("roles"))


@cache
def _honours() -> re.Pattern[str]:
    """The honours between a name and its post: "Jane Roe CBE, chair of …"."""
    words = "|".join(re.escape(row["word"]) for row in lexicon("name_words") if row["use"] == "honour")
    return re.compile(rf"(?:,?\s(?:{words})\b)*")


def _is_role(word: str) -> bool:
    word = word.lower().rpartition("-")[2]
    return word in role_words() or (word.endswith("s") and word[:-1] in role_words())


# After the name


def post_after(doc: Doc, end: int) -> Post | None:
    """The post in apposition after a name that ends at `end`, or the body in "Jane Roe of the LGA"."""
    text = doc.text
    bodies: list[Mention] = doc._.organisation_mentions
    if honours := _honours().match(text, end):
        end = honours.end()
    if of_body := _OF_BODY.match(text, end):
        at_once = [m for m in within(bodies, of_body.start(), of_body.end() + _FURTHEST) if m.start == of_body.end()]
        return Post(None, at_once[0].organisation) if at_once else None
    opening = _OPENING.match(text, end)
    if opening is None:
        return None
    start = opening.end()
    limit = _end_of_apposition(text, start)
    inside = within(bodies, start, limit)
    first, *rest = _parts(text, start, limit, inside)
    role, body = _role_and_body(doc, *first, within(inside, *first))
    if role is None and body is None:
        return None
    if body is None and rest:  # "chief executive, Barnardo's"
        next_body = within(inside, *rest[0])
        if next_body and not text[rest[0][0] : next_body[0].start].removeprefix("the ").strip():
            body = next_body[0].organisation
    return Post(role, body)


def _end_of_apposition(text: str, start: int) -> int:
    """Where a post after a name ends: at a stop, or at the verb of the sentence."""
    stop = _STOP.search(text, start, start + _FURTHEST)
    limit = stop.start() if stop else min(len(text), start + _FURTHEST)
    for i, word in enumerate(words_of(text, start, limit)):
        verb = reporting_verbs().get(word.text)
        # "claims manager" and "the report of the board" hold no verb: a weak form counts after a comma alone.
        after_comma = text[word.start - 2 : word.start] == ", "
        if word.text in _VERBS or (verb is not None and i and (after_comma or not verb.weak)):
            return word.start
    return limit


def _parts(text: str, start: int, limit: int, bodies: list[Mention]) -> list[tuple[int, int]]:
    """(start, end) of what commas part; a comma inside the name of a body parts nothing."""
    parts = []
    for comma in re.finditer(r",\s", text[start:limit]):
        at = limit - len(text[start:limit]) + comma.start()
        if not any(m.start < at < m.end for m in bodies):
            parts.append((parts[-1][1] + 2 if parts else start, at))
    return [*parts, (parts[-1][1] + 2 if parts else start, limit)]


# Before the name


def post_before(doc: Doc, before: int) -> Post | None:
    """The post before a name (and its titles) that begin at `before`."""
    text = doc.text
    begin = max(text.rfind("\n", 0, before) + 1, before - _FURTHEST)
    left = text[begin:before].rstrip()
    if left.endswith(","):
        return _before_comma(doc, begin, begin + len(left) - 1)
    return _directly_before(doc, begin, before)


def _directly_before(doc: Doc, begin: int, before: int) -> Post | None:
    """`LGA board chair Jane Roe`, `head of policy Jane Roe`, `the council's leader Jane Roe`."""
    text = doc.text
    words = words_of(text, begin, before)
    head = _head(text, words, before)
    if head is None:
        return None
    bodies = within(doc._.organisation_mentions, begin, before)
    first = head
    while first and head - first < _MODIFIERS:
        word = words[first - 1]
        if _gap(text, word, words[first].start):
            break
        owner = next((m for m in bodies if m.start <= word.start < m.end), None)
        if owner is not None:
            return _post(doc, owner.start, before)
        lower = word.text.lower()
        verb = reporting_verbs().get(lower)
        if lower in _BREAKS or (verb is not None and not verb.weak):
            break
        if word.possessive and lower not in _CONCERNED:
            first -= lower in body_nouns()
            break
        first -= 1
    return _post(doc, words[first].start, before)


def _head(text: str, words: list[Word], before: int) -> int | None:
    """Which word is the role: the last one, or one that "of" or "for" joins to the last ones."""
    if not words or text[words[-1].end : before].strip():
        return None
    if _is_role(words[-1].text):
        return len(words) - 1
    for i in range(len(words) - 1, max(0, len(words) - 1 - _TAIL), -1):
        if (i + 1 < len(words) and _gap(text, words[i], words[i + 1].start)) or words[i].text in _VERBS:
            return None
        if words[i].text in {"of", "for"} and _is_role(words[i - 1].text) and i < len(words) - 1:
            return i - 1
    return None


def _gap(text: str, word: Word, next_start: int) -> str:
    """What parts two words, but for a space and a possessive ending."""
    return text[word.end : next_start].replace("'s", "").replace("’s", "").strip(" '’")


def _before_comma(doc: Doc, begin: int, comma: int) -> Post | None:
    """`The president of the ADCS, Jane Roe, said` and `Ofsted's national director, Jane Roe`."""
    text = doc.text
    bodies = within(doc._.organisation_mentions, begin, comma)
    start = begin
    for match in re.finditer(r"[.:;!?“”\"()]\s*|,\s+", text[begin:comma]):
        if not any(m.start < begin + match.start() < m.end for m in bodies):
            start = begin + match.end()
    words = words_of(text, start, comma)
    for i, word in enumerate(words):  # "…, said the council's leader, Jane Roe"
        verb = reporting_verbs().get(word.text)
        if (verb is not None and not verb.weak and not _is_role(word.text)) or word.text in _VERBS:
            words = words[i + 1 :]
            return _before_comma(doc, words[0].start, comma) if words else None
    if not words or len(words) > 14 or not any(_is_role(word.text) for word in words):
        return None
    first = words[0]
    opens = first.text.lower() in _SMALL or _is_role(first.text) or first.possessive
    if not opens and not any(m.start == first.start for m in bodies):
        return None
    post = _post(doc, start, comma)
    return post if post.role else None


# Role and body


def _post(doc: Doc, start: int, end: int) -> Post:
    role, body = _role_and_body(doc, start, end, within(doc._.organisation_mentions, start, end))
    return Post(role, body)


def _role_and_body(doc: Doc, start: int, end: int, bodies: list[Mention]) -> tuple[str | None, Organisation | None]:
    """Splits "chair of the LGA's children board" into ("chair of the children board", LGA)."""
    text = doc.text
    words = words_of(text, start, end)
    if not bodies:
        roles = [i for i, word in enumerate(words) if _is_role(word.text)]
        return _with_body_noun(doc, start, end, words) if roles and roles[0] <= _MODIFIERS + 1 else (None, None)
    mention = bodies[0]
    before = _ARTICLE.sub("", text[start : mention.start], count=1) if _ARTICLE.match(text, start) else text[start : mention.start]  # fmt: skip
    owned = re.match(r"['’]s?\s+", text[mention.end : end])
    rest = text[mention.end + (owned.end() if owned else 0) : end]
    if not before.strip():
        phrase = _without_other_body(rest, bodies[1:])  # "Ofsted's director"
    elif owned:
        phrase = _join(before, rest)  # "chair of the LGA's board"
    else:
        phrase = before.rstrip(" ,")  # "director at Barnardo's"
    role = _trimmed(phrase)
    if role is not None and any(_is_role(word.text) for word in words_of(role)):
        return role, mention.organisation
    # Told with other words than a post that we can read, or with none at all.
    return None, None if before.strip() else mention.organisation


def _with_body_noun(doc: Doc, start: int, end: int, words: list[Word]) -> tuple[str | None, Organisation | None]:
    """ "leader of the council" and "the council's leader" are a leader; a "council leader" is one by that name."""
    text = doc.text
    for i, word in enumerate(words):
        noun = word.text.lower()
        if not body_nouns().get(noun):
            continue
        body = body_meant(doc, noun, start)
        after = text[words[i + 1].start : end] if i + 1 < len(words) else ""
        if i == 0 or (i == 1 and words[0].text.lower() in _SMALL):
            return _trimmed(after if word.possessive else text[start:end]), body
        if i >= 2 and words[i - 1].text in _SMALL and words[i - 2].text in _PREPOSITIONS:
            before = text[start : words[i - 1].start]
            return _trimmed(_join(before, after) if word.possessive else before), body
    return _trimmed(text[start:end]), None


def _join(before: str, after: str) -> str:
    """ "chair of" and "children board" to "chair of the children board"."""
    before = before.rstrip()
    return f"{before} the {after}" if before.endswith(" of") else f"{before} {after}"


def _without_other_body(phrase: str, bodies: list[Mention]) -> str:
    """Leaves off " at OTHER BODY" from the end of a role."""
    for mention in bodies:
        found = re.search(rf"\s(?:of|at|for|with|in)\s(?:the\s)?{re.escape(mention.text)}", phrase)
        if found:
            return phrase[: found.start()]
    return phrase


def _trimmed(role: str) -> str | None:
    role = " ".join(role.split()).strip(" ,")
    role = _LAST_PREPOSITION.sub("", _ARTICLE.sub("", role, count=1) if _ARTICLE.match(role) else role)
    return role if role and len(role.split()) <= _LONGEST_ROLE else None
