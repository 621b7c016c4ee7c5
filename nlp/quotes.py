"""Quotes: whose words stand between marks, or without marks where a lead or the page's markup introduces them.

Quotations run over paragraphs: re-opened in each (the print convention), or unmarked until a closing mark comes. A
broken mark costs its paragraph, never the document. Speakers are found by the next component.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from nlp.lexicon import lexicon
from nlp.marks import Marked, marked_spans
from nlp.records import Quote
from nlp.text import fold, paragraphs

# How many unmarked paragraphs a quotation may run on before its closing mark must come.
_LONGEST_RUN = 12

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_TERMINAL = re.compile(r"[.!?…][\"”’')\]]*$")
_FIRST_PERSON = re.compile(r"\b(?:we|our|us|ours|I|my|me|mine)\b|\b(?:we|I)['’]")
_TITLED = re.compile(r"\b(?:called|titled|entitled|named|dubbed|book|film|report|paper|strategy|programme|song|album|poem|play|campaign|conference)[,:]?\s*$", re.IGNORECASE)  # fmt: skip
_LIST = re.compile(r"^(?:[-•*·]|\(?[0-9a-z]{1,2}[.)])\s")

# Rules by which a quote was found; `nlp.speakers` replaces them by the rule that found the speaker.
MARKED, CONTINUED, INTRODUCED, BLOCK = "marked", "continued", "introduced", "block-quote"


@dataclass(frozen=True, slots=True)
class _Paragraph:
    start: int
    end: int
    marked: tuple[Marked, ...]
    text: str

    @property
    def reopens(self) -> bool:
        """The paragraph begins with an opening mark."""
        return bool(self.marked) and self.marked[0].opened and self.marked[0].start <= self.start + 2

    @property
    def stray_close(self) -> bool:
        """The paragraph's first mark closes what it did not open."""
        return bool(self.marked) and not self.marked[0].opened

    @property
    def left_open(self) -> bool:
        return bool(self.marked) and not self.marked[-1].closed


@Language.component("quotes", assigns=["doc._.quotes"])
def quotes(doc: Doc) -> Doc:
    """Sets `doc._.quotes`: every quote without its speaker, `rule` saying how it was found."""
    text = doc.text
    parts = [
        _Paragraph(start, end, tuple(marked_spans(text, start, end)), text[start:end]) for start, end in paragraphs(text)
    ]
    block_starts = {start for start, _ in doc._.context.block_quotes}
    found: list[Quote] = []
    carrying = False  # the paragraph before left its quotation open
    running = 0  # unmarked paragraphs still to be read as continuing
    for i, part in enumerate(parts):
        if part.start in block_starts and not part.marked:
            found.append(_quote(text, part.start, part.end, BLOCK))
            carrying, running = False, 0
            continue
        if carrying and not part.reopens and not part.stray_close and running == 0:
            running = _run(parts, i)
            carrying = running > 0
        if running:
            running -= 1
            if not part.marked:
                found.append(_quote(text, part.start, part.end, CONTINUED))
                continue
        for n, span in enumerate(part.marked):
            rule = CONTINUED if n == 0 and carrying and (part.reopens or not span.opened) else MARKED
            if not span.opened and not (carrying or _introduced(parts, i) or _clause_follows(text, span, part)):
                continue
            if not span.closed and not _may_be_left_open(parts, i, n):
                span = _cut(text, span)
            if rule == CONTINUED or not _is_label(text, span, part):
                found.append(_quote(text, span.start, span.end, rule))
        carrying = part.left_open or (carrying and running > 0)
        if not part.marked and not carrying and _introduced(parts, i) and _speech(part):
            found.append(_quote(text, part.start, part.end, INTRODUCED))
        elif found and found[-1].rule == INTRODUCED and not part.marked and _follows_on(parts, i, found[-1]):
            found.append(_quote(text, part.start, part.end, INTRODUCED))
    doc._.quotes = found
    return doc


def _quote(text: str, start: int, end: int, rule: str) -> Quote:
    while start < end and (text[start].isspace() or text[start] in "“\"‘'„«"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    words = text[start:end]
    whole = bool(_TERMINAL.search(words) or words.endswith(",")) and words[:1].isupper() and len(_WORD.findall(words)) > 2
    direct = whole or rule != MARKED or (words[:1] in ".…[" and len(_WORD.findall(words)) > 6)
    return Quote(start, end, words, form="direct" if direct else "partial", rule=rule)


def _run(parts: list[_Paragraph], i: int) -> int:
    """How many paragraphs from parts[i] on continue a quotation left open: up to the one that closes it, else 0."""
    for n, part in enumerate(parts[i : i + _LONGEST_RUN]):
        if part.stray_close:
            return n + 1
        if part.reopens:
            # Re-opened after unmarked paragraphs: they belong to it if they read as speech.
            return n if n and all(_FIRST_PERSON.search(p.text) for p in parts[i : i + n]) else 0
        if part.marked or part.text.endswith(":"):
            return 0
    return 0


def _introduced(parts: list[_Paragraph], i: int) -> bool:
    """The paragraph before ends in a colon that hands over to this one."""
    if not i:
        return False
    before = parts[i - 1]
    return before.text.endswith(":") and not before.left_open and bool(_lead_words() & set(_WORD.findall(before.text.lower())))


@cache
def _lead_words() -> frozenset[str]:
    """Words of which a lead such as "A spokesperson said:" or "Jane Roe, chair of X:" has at least one."""
    words = {"statement"}
    for row in lexicon("reporting_verbs"):
        words.update(row["forms"].split("|"))
    words.update(row["role"].lower() for row in lexicon("roles"))
    words.update(row["noun"] for row in lexicon("speaker_nouns") if row["type"] == "role")
    return frozenset(words - {"found", "called"})


def _speech(part: _Paragraph) -> bool:
    return len(_WORD.findall(part.text)) >= 4 and bool(_TERMINAL.search(part.text)) and not _LIST.match(part.text)


def _follows_on(parts: list[_Paragraph], i: int, last: Quote) -> bool:
    """Unmarked speech goes on while it speaks of "we" and "I" and nobody else is introduced."""
    adjacent = parts[i - 1].end == last.end
    return adjacent and _speech(parts[i]) and bool(_FIRST_PERSON.search(parts[i].text)) and not parts[i].text.endswith(":")


def _clause_follows(text: str, span: Marked, part: _Paragraph) -> bool:
    """A quotation that lost its opening mark still has its reporting clause: `…in their area,” said Jane Roe.`"""
    after = _WORD.findall(text[span.end + 1 : min(part.end, span.end + 60)].lower())[:4]
    return text[span.end - 1 : span.end] in {",", "."} and bool(set(after) & _verbs())


@cache
def _verbs() -> frozenset[str]:
    return frozenset(form for row in lexicon("reporting_verbs") for form in row["forms"].split("|") if form)


def _may_be_left_open(parts: list[_Paragraph], i: int, n: int) -> bool:
    """A quotation left open runs to the paragraph's end if it is the last one there."""
    return n == len(parts[i].marked) - 1


def _cut(text: str, span: Marked) -> Marked:
    """A quotation whose closing mark was lost inside a paragraph: to the end of its first sentence."""
    stop = re.search(r"[.!?,](?=\s)", text[span.start : span.end])
    return Marked(span.start, span.start + stop.end() if stop else span.end, closed=False)


@cache
def _labels() -> frozenset[str]:
    return frozenset(row["label"].lower() for row in lexicon("labels"))


def _is_label(text: str, span: Marked, part: _Paragraph) -> bool:
    """A grade, a term of art or the title of a work: between marks, but nobody's words."""
    words = fold(text[span.start : span.end]).strip(" .,;:!?").lower()
    if words in _labels() or not any(char.isalpha() for char in words):
        return True
    tokens = _WORD.findall(text[span.start : span.end])
    before = text[part.start : span.start - 1]
    small = {"of", "the", "and", "a", "an", "in", "to", "for", "on", "with", "from", "at", "by"}
    title_case = len(tokens) > 1 and all(t[0].isupper() or t[0].isdigit() or t in small for t in tokens)
    return title_case and (bool(_TITLED.search(before)) or (len(tokens) > 2 and text[span.end - 1] not in ".,!?"))
