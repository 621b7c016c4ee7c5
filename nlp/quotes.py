"""Quotes: whose words stand between marks, or without marks where a lead or the page's markup introduces them.

Quotations run over paragraphs: re-opened in each (the print convention), or unmarked until a closing mark comes. A
broken mark costs its paragraph, never the document. Speakers are found by the next component.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc

from nlp.lexicon import lexicon
from nlp.marks import Marked, marked_spans
from nlp.records import Quote
from nlp.scoring import component, score_quotes
from nlp.spans import text_of
from nlp.text import fold, paragraphs

_LONGEST_RUN = 12  # unmarked paragraphs before the closing mark of a quotation must come
_INTERRUPTION = 2  # unmarked paragraphs that may be set into a quotation without being part of it

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_TERMINAL = re.compile(r"[.!?…][\"”’')\]]*$")
_FIRST_PERSON = re.compile(r"\b(?:[Ww]e|[Oo]urs?|us|I|[Mm]y|me|mine)\b")
_WORKS = (
    "called|titled|entitled|headed|headlined|captioned|named|dubbed|book|film|report|paper|strategy|programme|song|album|poem|play|"
    "campaign|conference|website|site|blog|page|section|podcast|series|magazine|scheme|project|event"
)
_TITLED = re.compile(rf"\b(?:{_WORKS})[,:]?\s*$", re.IGNORECASE)
_TITLED_WITHIN = 40  # characters before a title
_TERM = re.compile(r"\b(?:words?|terms?|phrase|acronym)\s*$", re.IGNORECASE)
_WORDS_OF_A_TERM = 3
_WORD_OR_TWO = 2
_SHORTEST_ELIDED = 6  # words of a whole sentence that begins with "…" or "["
_SET_IN = re.compile(r"(?:\b(?:on|in|of|from|under|with)|['’]s)\s*$")
_SENTENCE_BEFORE = re.compile(r"(?:^|\n|[.!?:,][\"”’')\]]*\s)$")
_SENTENCE_AFTER = re.compile(r"[\"”’'»]*(?:\s+(?:[A-Z\"“‘']|$)|$)")
_SMALL = {"of", "the", "and", "a", "an", "in", "to", "for", "on", "with", "from", "at", "by"}
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


@component("quotes", score_quotes)
def quotes(doc: Doc) -> Doc:
    """Sets `doc._.quotes`: every quote without its speaker, `rule` saying how it was found."""
    text = text_of(doc)
    parts = [
        _Paragraph(start, end, tuple(marked_spans(text, start, end)), text[start:end])
        for start, end in paragraphs(text)
    ]
    block_starts = {start for start, _ in doc._.context.block_quotes}
    found: list[Quote] = []
    is_open = False  # a quotation that was left open still may go on
    run = 0  # unmarked paragraphs still to be read as its continuation
    for i, part in enumerate(parts):
        if part.start in block_starts and not part.marked:
            found.append(_quote(text, part.start, part.end, BLOCK))
            is_open, run = False, 0
            continue
        if is_open and not run and not part.reopens and not part.stray_close:
            run = _run(parts, i)
            is_open = run > 0 or _reopened_soon(parts, i)
        continues = run > 0
        run = max(0, run - 1)
        if part.marked:
            found += _marked_quotes(text, parts, i, is_open)
            is_open = part.left_open or (is_open and run > 0)
        elif continues:
            found.append(_quote(text, part.start, part.end, CONTINUED))
        elif not is_open and _speech(part) and (_introduced(parts, i) or _follows_on(parts, i, found)):
            found.append(_quote(text, part.start, part.end, INTRODUCED))
    doc._.quotes = [quote for quote in found if quote.text]  # a paragraph may be a mark alone
    return doc


def _marked_quotes(text: str, parts: list[_Paragraph], i: int, is_open: bool) -> Iterator[Quote]:
    """The quotes between marks in one paragraph; `is_open` says that one from an earlier paragraph may go on in it."""
    part = parts[i]
    for n, span in enumerate(part.marked):
        continues = n == 0 and is_open and (part.reopens or not span.opened)
        if not span.opened and not (is_open or _introduced(parts, i) or _clause_follows(text, span, part)):
            continue
        if not span.closed and span is not part.marked[-1]:
            span = _cut(text, span)
        if continues or not _is_label(text, span, part):
            yield _quote(text, span.start, span.end, CONTINUED if continues else MARKED)


def _quote(text: str, start: int, end: int, rule: str) -> Quote:
    while start < end and (text[start].isspace() or text[start] in "“\"‘'„«"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    words = text[start:end]
    count = len(_WORD.findall(words))
    opens, ends = words[:1].isupper() or words[:1].isdigit(), bool(_TERMINAL.search(words)) or words.endswith(",")
    whole = opens and ends and not is_title_case(words)
    elided = words[:1] in ".…[" and count > _SHORTEST_ELIDED
    direct = rule != MARKED or (whole and (count > _WORD_OR_TWO or _stands_alone(text, start, end))) or elided
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


def _reopened_soon(parts: list[_Paragraph], i: int) -> bool:
    """A caption or an advertisement was set into a quotation, which opens again right after it."""
    for part in parts[i : i + _INTERRUPTION + 1]:
        if part.marked or part.text.endswith(":"):
            return part.reopens
    return False


def _introduced(parts: list[_Paragraph], i: int) -> bool:
    """The paragraph before ends in a colon that hands over to this one."""
    if not i:
        return False
    before = parts[i - 1]
    return (
        before.text.endswith(":")
        and not before.left_open
        and bool(_lead_words() & set(_WORD.findall(before.text.lower())))
    )


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


def _follows_on(parts: list[_Paragraph], i: int, found: list[Quote]) -> bool:
    """Unmarked speech goes on while it speaks of "we" and "I" and nobody else is introduced."""
    if not found or found[-1].rule != INTRODUCED or parts[i - 1].end != found[-1].end:
        return False
    return bool(_FIRST_PERSON.search(parts[i].text)) and not parts[i].text.endswith(":")


def _clause_follows(text: str, span: Marked, part: _Paragraph) -> bool:
    """A quotation that lost its opening mark still has its reporting clause: `…in their area,” said Jane Roe.`"""
    after = _WORD.findall(text[span.end + 1 : min(part.end, span.end + 60)].lower())[:4]
    return text[span.end - 1 : span.end] in {",", "."} and bool(set(after) & _verbs())


@cache
def _verbs() -> frozenset[str]:
    return frozenset(form for row in lexicon("reporting_verbs") for form in row["forms"].split("|") if form)


def _cut(text: str, span: Marked) -> Marked:
    """A quotation whose closing mark was lost inside a paragraph: to the end of its first sentence."""
    stop = re.search(r"[.!?,](?=\s)", text[span.start : span.end])
    return Marked(span.start, span.start + stop.end() if stop else span.end, closed=False)


@cache
def _labels() -> frozenset[str]:
    return frozenset(row["label"].lower() for row in lexicon("labels"))


def _is_label(text: str, span: Marked, part: _Paragraph) -> bool:
    """A grade, a term, a name or the title of a work: between marks, but nobody's words."""
    quoted = text[span.start : span.end]
    words = fold(quoted).strip(" .,;:!?").lower()
    if words in _labels() or not any(char.isalpha() for char in words):
        return True
    tokens = _WORD.findall(quoted)
    before = text[max(part.start, span.start - _TITLED_WITHIN) : span.start - 1]
    stopped = quoted[-1] in ".,!?"
    if len(tokens) <= _WORDS_OF_A_TERM and _TERM.search(before):
        return True
    if len(tokens) == 1:  # "the “History” section", "Margaret “Peggy” Lane"
        return tokens[0][0].isupper() and not (stopped and _stands_alone(text, span.start, span.end))
    if not is_title_case(quoted):
        return False
    return bool(_TITLED.search(before) or _SET_IN.search(before)) or (len(tokens) > _WORD_OR_TWO and not stopped)


def is_title_case(words: str) -> bool:
    """Several words with capitals throughout, as titles, slogans and names of things have: a sentence has none."""
    tokens = _WORD.findall(words)
    return len(tokens) > 1 and all(t[0].isupper() or t[0].isdigit() or t in _SMALL for t in tokens)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """The quoted words are a sentence of their own: `She laughed. “Never again!”`."""
    before = text[max(0, start - 8) : start].rstrip("“\"‘'„«`")
    ended = text[end - 1] == "," or _SENTENCE_AFTER.match(text, end)
    return bool(_SENTENCE_BEFORE.search(before) and ended)
