"""Nouns that stand for a body named elsewhere: "the inspectorate", "the council", "the charity"."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from spacy.tokens import Doc

from nlp.gazetteer import organisations
from nlp.joint import joint_bodies
from nlp.lexicon import lexicon
from nlp.records import Mention, Organisation
from nlp.spans import first_from, first_in, text_of, within
from nlp.syntax import Parse

_VIEW = 2000  # characters
_OFFICES = {"ombudsman", "commissioner"}  # posts that bodies are called by
ASIDE = {"place-list", "place-helper"}  # councils named for comparison, or as helpers: "with help from Essex"
_JOINTS = {",", "and", "&", "or", "the", "with"}
_VISITS = {"visit", "inspection", "letter", "report", "rating", "judgment", "judgement", "review", "grade"}
_VISIT_WITHIN = 3  # words: "an Ofsted monitoring visit"
_LONGEST_SENTENCE = 120  # tokens
_AGAIN = 3  # times that a text names the one body that it is about, where its first paragraphs name several
_LEAD = 600  # characters: the first paragraphs, which say what a text is about
_HEAD_WORDS = {
    "local_authority": ("council", "borough", "authority"),
    "childrens_trust": ("trust", "first", "together"),
    "hsc_trust": ("trust",),
    "charity": ("trust", "charity", "society", "foundation", "association", "alliance"),
    "government": ("department", "ministry", "office", "government"),
    "trade_union": ("union",),
    "parliament": ("committee",),
    "inspectorate": ("inspectorate", "inspection"),
    "regulator": ("regulator", "commission", "authority"),
    "professional_body": ("association", "society", "college", "institute"),
    "safeguarding": ("safeguarding",),
    "representative_body": ("association", "network", "federation", "councils"),
    "think_tank": ("institute", "foundation", "network"),
}


@cache
def body_nouns() -> dict[str, tuple[str, ...]]:
    """Noun (lower case) to the kinds of body it can stand for: prefixes of kinds, () where any."""
    groups = {row["noun"].lower() for row in lexicon("speaker_nouns") if row["type"] == "group"}
    return {noun: kinds for noun, kinds in _noun_kinds().items() if noun in groups}


@cache
def _noun_kinds() -> dict[str, tuple[str, ...]]:
    """The same, with documents that bodies of one kind alone publish ("the inspection")."""
    return {
        row["noun"].lower(): tuple(kind for kind in row["kinds"].split("|") if kind)
        for row in lexicon("speaker_nouns")
        if row["type"] == "group" or row["kinds"]
    }


@cache
def _kinds() -> dict[str, str]:
    return {entry.id: entry.kind for entry in organisations()}


@cache
def is_kind(organisation: Organisation, kinds: tuple[str, ...]) -> bool:
    """Whether the body is of one of these kinds: by the gazetteer, or by the words of an unlisted name."""
    if organisation.id is not None:
        return _kinds().get(organisation.id, "").startswith(kinds)
    words = organisation.name.lower().split()
    return any(word in words for kind in kinds for word in _HEAD_WORDS.get(kind, ()))


def body_meant(doc: Doc, noun: str, position: int) -> Organisation | None:
    """The body that `noun` at `position` stands for: the last one of its kinds named before, else the publisher.

    Else the one that the headline names, else the first one named after. A noun that any body may be called by ("the
    group") means nobody in particular unless its own word is in the name.
    """
    noun = noun.lower()
    kinds = _noun_kinds().get(noun)
    if kinds is None:
        return None
    starts, meant = _named(doc, noun, kinds)
    before = bisect_left(starts, position)
    if before:
        return meant[before - 1]
    if not kinds:
        return None
    publisher: Organisation | None = doc._.context.publisher
    if publisher is not None and is_kind(publisher, kinds):
        return publisher
    return _in_headline(doc, kinds) or (meant[0] if meant else None)


def _in_headline(doc: Doc, kinds: tuple[str, ...]) -> Organisation | None:
    """The only body of these kinds that the headline names."""
    bodies = [body for body in doc._.headline_bodies if is_kind(body, kinds)]
    return bodies[0] if len(bodies) == 1 else None


def own_body(doc: Doc, kind: str) -> Organisation | None:
    """The body of a kind that the text is about.

    The publisher where it is of that kind; else the one of the headline, else of the text; of several there the one
    that its first paragraphs name, or that the text names again and again; None where there is no such one.
    """
    publisher: Organisation | None = doc._.context.publisher
    if publisher is not None and is_kind(publisher, (kind,)):
        return publisher
    if (body := _in_headline(doc, (kind,))) is not None:
        return body
    bodies = [(start, body) for body, start in _bodies(doc).items() if is_kind(body, (kind,))]
    if len(bodies) > 1:
        bodies = [(start, body) for start, body in bodies if start < _LEAD]
    if len(bodies) > 1:
        named = {body for _, body in bodies}
        times = Counter(m.organisation for m in doc._.organisation_mentions if m.organisation in named)
        (most, count), (_, next_count) = times.most_common(2)
        return most if count >= _AGAIN and count >= 2 * next_count else None
    return bodies[0][1] if len(bodies) == 1 else None


def office(doc: Doc, role: str) -> Organisation | None:
    """The body that the text names and that is called by this post: "the ombudsman", "Children's Commissioner"."""
    noun = role.split()[-1].lower()
    if noun not in _OFFICES:
        return None
    bodies = [body for body in _bodies(doc) if noun in body.name.lower().replace(",", "").split()]
    return bodies[0] if len(bodies) == 1 else None


def _bodies(doc: Doc) -> dict[Organisation, int]:
    """The bodies that the text names, with where each is named first; kept on the Doc."""
    known: dict[Organisation, int] | None = doc.user_data.get("bodies_named")
    if known is None:
        known = doc.user_data["bodies_named"] = {}
        for mention in doc._.organisation_mentions:
            if mention.organisation and mention.rule not in ASIDE:
                known.setdefault(mention.organisation, mention.start)
    return known


def in_focus(doc: Doc, position: int) -> Organisation | None:
    """The body that "its" at `position` means: of its own sentence or else of the one before, outside quotations.

    Who does something there, else the last one named; None where neither sentence names any. Where a paragraph begins
    with "its", the body that the one before begins with.
    """
    parse = Parse.of(doc)
    own: int | None = None  # where the sentence of "its" begins
    for start, end in _two_sentences(doc, position):
        here = [m for m in within(doc._.organisation_mentions, start, end) if m.organisation and m.rule not in ASIDE]
        here = [m for m in here if not _is_quoted(doc, m.start)]
        visited = [m for m in here if not _is_of_a_visit(doc, m)]
        if own is not None and (opening := _opening(doc, start, own)) is not None:
            return opening.organisation
        own = start
        if here and not visited and (meant_by_noun := _by_noun(doc, start, end, owning=True)) is not None:
            return meant_by_noun  # "the council's reply to an Ofsted letter"
        if here:
            subjects = (
                m
                for m in here
                if _opens(doc, start, m) or parse.is_subject(m.start, m.end) or parse.is_agent(m.start, m.end)
            )
            meant = next(subjects, here[-1])
            return None if _is_joined(doc, here, meant) else meant.organisation
        if (meant_by_noun := _by_noun(doc, start, end)) is not None:
            return meant_by_noun
    return None


def _opening(doc: Doc, start: int, after: int) -> Mention | None:
    """The body that a paragraph opens with in which the sentence at `start` is the last one, `after` in the next."""
    text = text_of(doc)
    if "\n" not in text[start:after]:
        return None
    begins = text.rfind("\n", max(0, start - _VIEW), start) + 1
    first = first_in(doc._.organisation_mentions, begins, begins + len("The ") + 1)
    parse = Parse.of(doc)
    acts = first is not None and (text.startswith(",", first.end) or parse.is_subject(first.start, first.end))
    if first is None or not first.organisation or not acts:
        return None  # "The NSPCC report was long."
    here = within(doc._.organisation_mentions, begins, after)
    # Of others it may tell what went before: "Ofsted had rated its services inadequate."
    others = (m for m in here if m.start >= start and parse.is_subject(m.start, m.end))
    other = any(m.organisation != first.organisation and not text.startswith(" had ", m.end) for m in others)
    return None if other or _is_joined(doc, here, first) else first


def _opens(doc: Doc, start: int, mention: Mention) -> bool:
    """The sentence at `start` begins with the name, which owns nothing there: "Harbour, a charity, called on …"."""
    if mention.start - start > len("The "):
        return False
    span = doc.char_span(mention.start, mention.end, alignment_mode="expand")
    return span is not None and not _owns(doc, span.end - 1)


def _is_of_a_visit(doc: Doc, mention: Mention) -> bool:
    """An inspectorate that is named in what it does to others: "an Ofsted focused visit"."""
    if mention.organisation is None or not is_kind(mention.organisation, ("inspectorate", "regulator")):
        return False
    span = doc.char_span(mention.start, mention.end, alignment_mode="expand")
    if span is None or not span.start or doc[span.start - 1].lower_ not in {"a", "an"}:
        return False
    return any(token.lower_ in _VISITS for token in doc[span.end : span.end + _VISIT_WITHIN])


def _by_noun(doc: Doc, start: int, end: int, *, owning: bool = False) -> Organisation | None:
    """The body that start:end speaks of by a noun: "A word of caution from inside the trust. Its chair …"."""
    span = doc.char_span(start, end, alignment_mode="contract") or doc[:0]
    for article, noun in pairwise(span):
        if article.lower_ == "the" and body_nouns().get(noun.lower_) and (owning or not _owns(doc, noun.i)):
            return body_meant(doc, noun.text, noun.idx)
    return None


def _owns(doc: Doc, i: int) -> bool:
    return i + 1 < len(doc) and doc[i + 1].text.startswith(("'", "’"))


def _is_joined(doc: Doc, here: list[Mention], meant: Mention) -> bool:
    """Another body stands beside it: "Leeds and York share a service. Its director …" tells nothing."""
    joined = False  # a comma joins where the list ends in "and": "Leeds, York and Hull"
    for one, other in reversed(list(pairwise(here))):
        between = doc.char_span(one.end, other.start, alignment_mode="contract")
        words = [word.lower_ for word in between] if between is not None else []
        joined = set(words) <= _JOINTS and (joined or words != [","])
        if joined and meant in (one, other) and one.organisation != other.organisation:
            return True
    return False


def _two_sentences(doc: Doc, position: int) -> Iterator[tuple[int, int]]:
    """What stands of the sentence before `position`, and the sentence before that, quotations being no sentences."""
    span = doc.char_span(position, position + 1, alignment_mode="expand")
    if span is None:
        return
    end, i = position, span.start
    for _ in range(2):
        first = max(0, i - _LONGEST_SENTENCE)
        while i > first and not doc[i].is_sent_start:
            i -= 1
        yield doc[i].idx, end
        first = max(0, i - _LONGEST_SENTENCE)
        while i > first and (_is_quoted(doc, doc[i - 1].idx) or doc[i - 1].is_space or doc[i - 1].is_quote):
            i -= 1
        if not i:
            return
        i -= 1
        end = doc[i].idx + len(doc[i])


def _is_quoted(doc: Doc, position: int) -> bool:
    i = first_from(doc._.quotes, position + 1)
    return bool(i) and position < doc._.quotes[i - 1].end


def _named(doc: Doc, noun: str, kinds: tuple[str, ...]) -> tuple[list[int], list[Organisation]]:
    """Where bodies that `noun` can stand for are named, and which it means from there on; kept on the Doc, since texts
    use few nouns often.
    """
    known: dict[str, tuple[list[int], list[Organisation]]] = doc.user_data.setdefault("bodies_by_noun", {})
    if noun not in known:
        mentions: list[Mention] = doc._.organisation_mentions
        named = [m for m in mentions if m.organisation and m.rule not in ASIDE]
        named = [m for m in named if m.organisation and _can_mean(noun, kinds, m.organisation)]
        known[noun] = [m.start for m in named], list(_spoken_of(doc, named))
    return known[noun]


def _spoken_of(doc: Doc, named: list[Mention]) -> Iterator[Organisation]:
    """Whom a noun means behind each of these mentions: the body named there, unless it is named in passing.

    That is: for the first time, and not as a subject, behind a body that was named more than once.
    """
    parse, joint = Parse.of(doc), joint_bodies(doc)
    times: Counter[Organisation] = Counter()
    bodies = {m.organisation for m in named}
    last: Organisation | None = None
    earlier: Organisation | None = None  # the last one that is not `last`
    for mention in named:
        if (body := mention.organisation) is None:
            continue
        if body != last:
            last, earlier = body, last
        times[body] += 1
        together = [one for one in joint.get(mention.start, ()) if one in bodies]
        if len(together) > 1:
            yield together[0]  # "Ofsted and the CQC visited the area. Inspectors said …"
        elif earlier and times[body] == 1 < times[earlier] and not parse.is_subject(mention.start, mention.end):
            yield earlier
        else:
            yield body


def _can_mean(noun: str, kinds: tuple[str, ...], body: Organisation) -> bool:
    return is_kind(body, kinds) if kinds else noun.rstrip("s") in body.name.lower().split()


def in_view(text: str, position: int) -> int:
    """Since where a text speaks of the same: where the paragraph before that of `position` begins, at most."""
    since = max(0, position - _VIEW)
    paragraph = text.rfind("\n\n", since, position)
    return max(since, text.rfind("\n\n", since, paragraph)) if paragraph > since else since
