"""Bodies that speak jointly: "the LGA, ADCS and Solace said"."""

from __future__ import annotations

import re

from spacy.tokens import Doc

from nlp.records import Mention, Organisation
from nlp.spans import text_of
from nlp.syntax import Parse

_COMMA = re.compile(r"\)?,\s+(?:the\s+)?", re.IGNORECASE)
_AND = re.compile(r"\)?,?\s+(?:and|&|together with|along with|alongside)\s+(?:the\s+)?", re.IGNORECASE)
_SHORT_FORM = re.compile(r"\s+\((?:the\s+)?")  # "the Local Government Association (LGA), ADCS and …"

Joint = dict[int, tuple[Organisation, ...]]


def joint_bodies(doc: Doc) -> Joint:
    """For every mention (by its start) in a list of bodies that "and" closes: all of them, in order."""
    found: Joint | None = doc.user_data.setdefault("joint_bodies", None)
    if found is None:
        found = doc.user_data["joint_bodies"] = _joint(doc)
    return found


def _joint(doc: Doc) -> Joint:
    text: str = text_of(doc)
    parse = Parse.of(doc)
    found: Joint = {}
    run: list[Mention] = []
    closed = 0  # mentions of the run up to the last one that "and" adds
    for mention in (*doc._.organisation_mentions, None):
        gap = text[run[-1].end : mention.start] if run and mention is not None else ""
        joins = _AND.fullmatch(gap)
        if mention is not None and (joins or (not closed and (_COMMA.fullmatch(gap) or _SHORT_FORM.fullmatch(gap)))):
            run.append(mention)
            closed = len(run) if joins else closed
            continue
        together = run[:closed]
        if together and not _parted(parse, together):
            bodies = tuple(dict.fromkeys(member.organisation for member in together if member.organisation))
            found |= {member.start: bodies for member in together}
        run, closed = [mention] if mention is not None else [], 0
    return found


def _parted(parse: Parse, together: list[Mention]) -> bool:
    """A new clause begins with the last of them: "critics attacked Ofsted and the LGA said"."""
    first, last = together[0], together[-1]
    return parse.is_subject(last.start, last.end) and not parse.is_subject(first.start, first.end)
