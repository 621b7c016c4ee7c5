"""Speakers: whose words each quote is, by which rule, and how sure that is. No speaker is better than a wrong one."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from nlp.confidence import confidences, where_no_body_is_told
from nlp.joint import joint_bodies
from nlp.names import titles
from nlp.posts import is_past
from nlp.private import age_behind
from nlp.quotes import BLOCK, CONTINUED, INTRODUCED, is_title_case
from nlp.records import Mention, Organisation, Person, Post, Quote
from nlp.references import ASIDE, body_meant, is_kind
from nlp.reporting import ReportingClause, reporting_clauses
from nlp.scoring import component, score_speakers
from nlp.spans import first_in, last_in, text_of, within
from nlp.subjects import Subject
from nlp.syntax import Parse
from nlp.text import fold, paragraphs
from nlp.units import PRONOUNS

# How sure each rule is before the subject's own doubt is counted in.
CONFIDENCE = confidences("speakers")
# Rules too weak to make somebody's words of a fragment: without a clause of its own it is a label.
_WEAK_RULES = {"same-paragraph", "carried", "paragraph-before", "next-sentence", "none"}
_LONELY_RULES = _WEAK_RULES - {"same-paragraph"}  # nothing in its own paragraph tells whose words they are
_FRAGMENT = 4  # words
_ARTICLE = len("The ") + 1  # characters within which a name opens its sentence
_LONGEST_SIGNATURE = 160  # characters
_SIGNED_PARAGRAPHS = 4  # at most, above one signature
_SIGNS = re.compile(r"[-–—\s]*(?:[A-Z][\w.’'-]*\s+){0,3}")  # what stands before the name: a dash, titles
_MARK_WITHIN = 2  # characters: a quotation's mark
_WORD_OR_TWO = 2
_NEAR = 40  # characters between a reporting verb and a word or two that it reports
_BESIDE = 4  # characters between a quotation and the name beside it
_PRINTED_VERBS = {"VBD", "VBZ"}
_MARKS = "\"“”„«»'‘’`"
_SOURCE = re.compile(rf"[{_MARKS}]\s+[-–—]\s+[A-Z]")
_STATEMENT_FROM = re.compile(
    r"(?:\w+\s+){0,2}(?:statement|comments?|response|reaction|message|quotes?|remarks)\s+(?:from|by)\b[^.!?]*$",
    re.IGNORECASE,
)
_VERDICT = re.compile(
    rf"[{_MARKS}]\s+(?:that|this|those|these|such|so)\s+(?:is|was|are|were)\s+(?:the\s+)?(?:\w+\s+)?"
    r"(?:verdict|view|message|words|warning|conclusion|opinion|reaction|response|assessment|advice|plea)\s+(?:of|from|by)\s+"
    r"(?:the\s+)?",
    re.IGNORECASE,
)
_FURTHEST_LEAD = 120  # characters between a reporting clause and the quote it leads to
_TITLE_WORDS = 6  # words between a quote and the subject of its clause: "…," the council's deputy leader Jane Roe said
_OTHER_CLAUSE = re.compile(r"\b(?:and|but|or|to|is|are|was|were|has|have|had|which|that|who|because|if|while|as)\b")
_SENTENCE_STOP = re.compile(r"[.!?]\s+")
_SENTENCE_END = re.compile(r"$|[.!?]|\s*\n|,\s", re.MULTILINE)
_DOCUMENT_CUES = {"found", "finds", "reported", "concluded", "concludes", "reads", "read", "states"}
_INTERVIEWED = 3  # quotations, and more than half of all so far, make a text an interview with somebody
_INTERVIEW_WITHIN = 900  # characters that the reporter tells between two answers
_OF_THEM = re.compile(r"\b(?:she|he)\b", re.IGNORECASE)
_FINDING = {"find", "report", "conclude", "note", "judge", "observe", "criticise", "highlight", "identify"}
_ASIDE = re.compile(rf"[{_MARKS}]?\s+[-–—]\s")
_FEELS = re.compile(r"\b(?:felt|feel|feels|feeling|left\s+with|so-called|called|known\s+as|told|say|says)\b")
_FOR = re.compile(r"(?:But\s+for|For|To)\s+[^.!?\n]{0,80}")
_WEIGHED = re.compile(
    r"(?:But\s+|Yet\s+|However,\s+)?"
    r"(?:(?:The\s+)?(?P<inspectors>[Ii]nspectors)\s+were|They\s+were|There\s+(?:was|were))\s+"
    r"(?:[a-z]+\s+){0,3}?(?:impressed|critical|concerned|worried|scathing|complimentary|pleased|encouraged|struck|warm(?:er)?"
    r"|kinder|harsher|praise|criticisms?|concerns?|commendation|credit)\b"
)
_RECORDS = re.compile(r"(?:Case\s+)?(?P<records>[Rr]ecords|[Ff]iles)\s+(?:showed|show|revealed)\b")
_REPORT = re.compile(r"\b(?:report|letter|inspection)\b")
_BULLET = re.compile(r"[•·▪●*–-]\s|[a-z]")  # a page's lists have lost their marks
_BULLETS = 12  # at most, below one lead
_FINDERS = {"inspectors", "investigators", "inspection"}
_FURTHEST_WRITING = 300  # characters between a document that is named and a quotation from it
_IN_WRITING = re.compile(
    r"\bin\s+(?:(?:an?|the|his|her|its|their|written)\s+|[\w’'-]+['’]s\s+)(?:[\w’'-]+\s+){0,3}?"
    r"(?:letter|email|e-mail|report|reply|submission|evidence|memo|judgment|ruling|review|response\s+in\s+which)\b",
    re.IGNORECASE,
)
_REPORTING_KINDS = ("inspectorate", "regulator")
_ANYBODY = re.compile(r"\b(?:one|another|an?)\s+(?:[a-z]+\s+)?$", re.IGNORECASE)
_ARTICLE_WITHIN = 30  # characters
_SPEAKS_FOR_THE_SITE = {"person", "pronoun", "role"}


@dataclass(frozen=True, slots=True)
class _Attribution:
    subject: Subject | None = None
    cue: str | None = None
    rule: str = "none"


@component("speakers", score_speakers)
def speakers(doc: Doc) -> Doc:
    """Sets speaker, role, organisation, cue, form, rule and confidence of `doc._.quotes`; drops labels nobody says.

    Sets `doc._.reporting_clauses`, too.
    """
    quotes: list[Quote] = doc._.quotes
    clauses = reporting_clauses(doc, [(quote.start, quote.end) for quote in quotes])
    doc._.reporting_clauses = clauses
    linker = _Linker(doc, clauses, quotes)
    linked = list(zip(quotes, linker.attributions(), strict=True))
    text: str = text_of(doc)
    doc._.quotes = [linker.filled(quote, found) for quote, found in linked if not _is_label(text, quote, found)]
    return doc


def _is_label(text: str, quote: Quote, found: _Attribution) -> bool:
    """A fragment that nobody is plainly heard to say, or a title with its source: `“…” — The Herald`."""
    if quote.form != "partial" or found.rule not in _WEAK_RULES:
        return False
    named = is_title_case(quote.text) or (found.subject is None and bool(_SOURCE.match(text, quote.end)))
    return named or len(quote.text.split()) <= _FRAGMENT


class _Linker:
    """Links quotes, in order, to who says them."""

    def __init__(self, doc: Doc, clauses: list[ReportingClause], quotes: list[Quote]) -> None:
        self._doc, self._clauses, self._quotes = doc, clauses, quotes
        self._text = text_of(doc)
        self._parse = Parse.of(doc)
        self._paragraphs = paragraphs(self._text)
        self._paragraph_starts = [start for start, _ in self._paragraphs]
        self._sentence_starts = [sentence.start_char for sentence in doc.sents]
        self._people: dict[str, Person] = {person.name: person for person in doc._.people}
        self._bodies = [mention for mention in doc._.organisation_mentions if mention.rule not in ASIDE]
        self._bodiless = where_no_body_is_told(doc._.organisation_mentions)
        self._done: list[_Attribution] = []
        self._last: Subject | None = None  # who spoke last, of people
        self._spoken: Counter[str | None] = Counter()  # how many of those are whose

    def attributions(self) -> list[_Attribution]:
        """Who says each quote, in order."""
        for i in range(len(self._quotes)):
            found = self._attribution(i)
            self._done.append(_Attribution() if found.rule == "clause-before" and self._far_word(i) else found)
            if (subject := self._done[-1].subject) is not None:
                self._spoken[subject.person] += 1
                self._last = subject if subject.person is not None else self._last
        return self._repeated()

    def _repeated(self) -> list[_Attribution]:
        """The same with pull quotes: words that the body prints again, with their speaker, are that speaker's."""
        said: dict[str, _Attribution] = {}
        for quote, found in zip(self._quotes, self._done, strict=True):
            if found.subject is not None and found.rule not in _LONELY_RULES:
                for sentence in (quote.text, *_SENTENCE_STOP.split(quote.text)):
                    said.setdefault(_words(sentence), found)
        return [
            replace(said[words], rule="repeated")
            if found.rule in _LONELY_RULES
            and (words := _words(quote.text)) in said
            and words.count(" ") >= _FRAGMENT - 1
            else found
            for quote, found in zip(self._quotes, self._done, strict=True)
        ]

    def _attribution(self, i: int) -> _Attribution:
        quote = self._quotes[i]
        before = self._clause_before(quote)
        if before is not None and self._leads(before, quote):
            return _by(before, "lead")
        if (after := self._clause_after(i)) is not None:
            return _by(after, "clause-after")
        if (other := self._other_verb(quote)) is not None:
            return other
        if quote.rule == CONTINUED and i and self._done[-1].subject is not None:
            return replace(self._done[-1], rule="continued")
        if before is not None:
            return self._without_verb(i, before) or _by(before, "clause-before")
        if (signed := self._signature(quote) or self._signed_below(i)) is not None:
            return _Attribution(signed, None, "signature")
        if (judge := self._verdict(quote)) is not None:
            return _Attribution(judge, None, "verdict")
        return self._colon(quote) or self._lead_paragraph(i) or self._context(i)

    # Where things stand

    def _paragraph(self, at: int) -> int:
        return bisect_right(self._paragraph_starts, at) - 1

    def _sentence(self, at: int) -> int:
        """Where the sentence begins that holds `at`, inside its paragraph."""
        start = self._sentence_starts[max(0, bisect_right(self._sentence_starts, at) - 1)]
        return max(start, self._paragraph_starts[self._paragraph(at)])

    # A clause in the quote's own sentence

    def _clause_before(self, quote: Quote) -> ReportingClause | None:
        """The last reporting clause of the sentence, before the quote."""
        return last_in(self._clauses, self._sentence(quote.start), quote.start)

    def _without_verb(self, i: int, clause: ReportingClause) -> _Attribution | None:
        """`Roe called it “…”, and Jane Marsh “…”`; but not `Roe called Jo Lamb “…” and Jane Marsh “…”`."""
        if not i or self._quotes[i - 1].end <= clause.last:
            return None
        named = self._named_right_before(i, self._quotes[i - 1].end)
        if named is None or self._named_right_before(i - 1, clause.last) is not None:
            return None
        return _Attribution(self._named(named), clause.cue, "without-verb")

    def _named_right_before(self, i: int, since: int) -> Mention | None:
        named = last_in(self._doc._.person_mentions, since, self._quotes[i].start)
        beside = named is not None and not self._text[named.end : self._quotes[i].start].strip(_MARKS + " ")
        return named if beside else None

    def _leads(self, clause: ReportingClause, quote: Quote) -> bool:
        """Nothing but a colon, a comma, "that" or whom it was told stands between the clause and the quote."""
        if quote.start - clause.last > _FURTHEST_LEAD:
            return False
        gap = self._text[clause.last : quote.start].strip(_MARKS + " ")
        return gap in {"", "that", ", that", "-", "–", "—"} or (gap.endswith((":", ",")) and not _stops(gap))

    def _far_word(self, i: int) -> bool:
        """A word or two that stand far behind the verb, with other words before them: a label."""
        quote = self._quotes[i]
        clause = self._clause_before(quote)
        if clause is None or quote.form != "partial" or len(quote.text.split()) > _WORD_OR_TWO:
            return False
        if self._parse.is_predicate(quote.start):
            return False  # … said that it “did little”
        since = max(clause.last, self._quotes[i - 1].end if i else 0)
        return quote.start - since > _NEAR

    def _clause_after(self, i: int) -> ReportingClause | None:
        """The reporting clause that follows the quote: `…,” she said`, `…” about it, the report found.`"""
        quote = self._quotes[i]
        limit = self._quotes[i + 1].start if i + 1 < len(self._quotes) else len(self._text)
        limit = min(limit, self._paragraphs[self._paragraph(quote.start)][1])
        clause = first_in(self._clauses, quote.end, limit)
        if clause is None or clause.first < quote.end or self._is_aside(quote):
            return None  # with a subject before the quote it goes on from there: `… called it “…” and added that …`
        gap = self._text[quote.end : clause.first].strip(_MARKS)
        ends = bool(_SENTENCE_END.match(self._text, clause.last)) and not self._leads_on(clause, limit)
        if self._sentence(clause.first) >= quote.end:
            # A sentence of its own: `“…” Jane Roe said.`, and not `“…” Jane Roe said the plan would …`
            return clause if ends and self._adjacent(gap) else None
        if clause.inverted or (self._adjacent(gap) and not _OTHER_CLAUSE.search(gap)):
            return clause if self._adjacent(gap) else None
        trailing = (
            "," in gap and self._adjacent(gap.rpartition(",")[2]) and not _OTHER_CLAUSE.search(gap.rpartition(",")[2])
        )
        return clause if ends and trailing else None

    def _is_aside(self, quote: Quote) -> bool:
        """`She called it “…” – the charity had warned of it – and …`: what a dash parts from them is told of them."""
        return bool(_ASIDE.match(self._text, quote.end)) and self._clause_before(quote) is not None

    def _other_verb(self, quote: Quote) -> _Attribution | None:
        """`“…,” Jane Roe shrugged.`: whoever does something right behind a quotation that a comma closes, says it."""
        if not quote.text.endswith((",", "?", "!")):
            return None
        named = first_in(self._doc._.person_mentions, quote.end, quote.end + _BESIDE)
        verb = self._parse.token(named.end + 1) if named is not None else None
        if named is None or verb is None or verb.idx != named.end + 1 or verb.tag_ not in _PRINTED_VERBS:
            return None
        if self._sentence(named.start) > quote.end:
            return None
        return _Attribution(self._named(named), verb.text, "other-verb")

    @staticmethod
    def _adjacent(gap: str) -> bool:
        """A title or a post at most."""
        return len(gap.split()) <= _TITLE_WORDS and not _stops(gap)

    def _leads_on(self, clause: ReportingClause, limit: int) -> bool:
        """The clause introduces the next quote: `Jane Roe said: “`, `she said, “`."""
        return (
            self._text[clause.last : min(limit, clause.last + _FURTHEST_LEAD)].rstrip(_MARKS + " ").endswith((":", ","))
        )

    # No verb

    def _signature(self, quote: Quote) -> Subject | None:
        """`“…” – Jane Roe`."""
        match = re.match(rf"[{_MARKS}]?\s*[-–—]\s*", self._text[quote.end : quote.end + 6])
        at = quote.end + match.end() if match else 0
        mention = first_in(self._doc._.person_mentions, at, at + 8) if match else None
        return self._named(mention) if mention else None

    def _signed_below(self, i: int) -> Subject | None:
        """Quotations that fill their paragraphs, and below them a line with nothing but a name and a post."""
        own = n = self._paragraph(self._quotes[i].start)
        last = min(own + _SIGNED_PARAGRAPHS, len(self._paragraphs)) - 1
        while i < len(self._quotes) and n <= last and self._fills(self._quotes[i], n):
            i, n = i + 1, n + 1
        if n in {own, len(self._paragraphs)}:
            return None
        start, end = self._paragraphs[n]
        line = self._text[start:end]
        if end - start > _LONGEST_SIGNATURE or line.endswith((".", ":", "?", "!")):
            return None
        named = first_in(self._doc._.person_mentions, start, end)
        if named is None or not _SIGNS.fullmatch(line[: named.start - start]) or within(self._clauses, start, end):
            return None
        return self._named(named)

    def _fills(self, quote: Quote, n: int) -> bool:
        start, end = self._paragraphs[n]
        if not quote.text.endswith((".", "?", "!")):
            return False  # a title, with its author below
        return quote.start - start <= _MARK_WITHIN and 0 <= end - quote.end <= _MARK_WITHIN

    def _verdict(self, quote: Quote) -> Subject | None:
        """`“…” That was the verdict of Jane Roe.`"""
        match = _VERDICT.match(self._text, quote.end)
        return self._last_named(match.end(), match.end() + 1) if match else None

    def _colon(self, quote: Quote) -> _Attribution | None:
        """`Jane Roe, chair of the board: “…”`."""
        lead = self._text[max(0, quote.start - 4) : quote.start].rstrip(_MARKS + " ")
        named = self._last_named(self._sentence(quote.start), quote.start) if lead.endswith(":") else None
        return _Attribution(named, None, "colon") if named else None

    def _last_named(self, start: int, end: int) -> Subject | None:
        """The last person, else the body that it opens with, else the last one, named in start:end."""
        person = last_in(self._doc._.person_mentions, start, end)
        if person is not None:
            return self._named(person)
        first = first_in(self._doc._.organisation_mentions, start, start + _ARTICLE)
        body = first or last_in(self._doc._.organisation_mentions, start, end)
        if body is None:
            return None
        subject = Subject(body.start, body.end, body.text, "organisation", organisation=body.organisation)
        bodies = joint_bodies(self._doc).get(body.start)
        return subject.said_by(bodies) if bodies else subject

    def _named(self, mention: Mention) -> Subject:
        person = self._people.get(mention.person or "")
        body = person.organisation if person else None
        return Subject(mention.start, mention.end, mention.text, "person", person=mention.person, organisation=body)

    # Other sentences and paragraphs

    def _lead_paragraph(self, i: int) -> _Attribution | None:
        """The paragraph before ends in a colon: its last reporting clause, else whom it names."""
        quote = self._quotes[i]
        n = self._paragraph(quote.start)
        if not n or not self._opens_paragraph(quote):
            return None
        end = self._paragraphs[n - 1][1]
        if self._text[end - 1] != ":":
            if _STATEMENT_FROM.match(self._text[self._paragraphs[n - 1][0] : end]):
                named = self._last_named(self._paragraphs[n - 1][0], end)
                return _Attribution(named, None, "lead-paragraph") if named else None
            goes_on = quote.rule in {BLOCK, INTRODUCED} and i and self._quotes[i - 1].end == end
            return replace(self._done[-1], rule="continued") if goes_on and self._done[-1].subject else None
        start = self._sentence(end - 1)
        clause = last_in(self._clauses, start, end)
        if clause is not None:
            return _by(clause, "lead-paragraph")
        named = self._last_named(start, end)
        return _Attribution(named, None, "lead-paragraph") if named else None

    def _opens_paragraph(self, quote: Quote) -> bool:
        return quote.start - self._paragraph_starts[self._paragraph(quote.start)] <= 2

    def _context(self, i: int) -> _Attribution:
        """No clause of its own: whoever speaks around it, in the paragraph or in the one before."""
        quote = self._quotes[i]
        n = self._paragraph(quote.start)
        start, end = self._paragraphs[n]
        if i and self._quotes[i - 1].start >= start and self._done[-1].subject is not None:
            between = last_in(self._clauses, self._quotes[i - 1].end, quote.start)
            return _by(between, "same-paragraph") if between else replace(self._done[-1], rule="same-paragraph")
        if quote.form == "direct" and (earlier := last_in(self._clauses, start, quote.start)):
            return _by(earlier, "same-paragraph")
        if not self._opens_paragraph(quote):
            findings = self._found(quote, start) or self._weighed(quote, n) or self._in_records(quote, n)
            return self._topic(quote, start) or findings or self._in_list(quote, n) or _Attribution()
        if following := first_in(self._clauses, quote.end, end):
            return _by(following, "next-sentence")
        if n and quote.form == "direct":
            before = self._paragraph_before(i, *self._paragraphs[n - 1])
            return before if before.subject is not None else self._told_before(i, n) or self._interviewed(i) or before
        return _Attribution()

    def _found(self, quote: Quote, start: int) -> _Attribution | None:
        """`Ofsted found that posts were vacant. Managers “did not have a grip”.`: goes on with what was found.

        Nobody else is named since, and nobody else speaks.
        """
        clause = last_in(self._clauses, start, quote.start)
        if clause is None or quote.form != "partial" or not self._reports(clause.subject):
            return None
        in_report = clause.subject.kind == "document" or self._is_finding(clause.subject)
        if not (in_report or clause.verb.verb in _FINDING) or _FEELS.search(self._text, clause.last, quote.start):
            return None
        named = (self._doc._.person_mentions, self._bodies)
        since = (first_in(mentions, clause.last, quote.start) for mentions in named)
        return _by(clause, "finding") if not any(since) else None

    def _weighed(self, quote: Quote, n: int) -> _Attribution | None:
        """`Inspectors were less impressed with the plans, which were “…”`; `There was praise for staff who “…”`.

        The latter where the text told last what a report or its inspectors say.
        """
        sentence = self._sentence(quote.start)
        weighed = _WEIGHED.match(self._text, sentence, quote.start)
        if weighed is None or not self._goes_on(quote, weighed.end()):
            return None
        if (who := weighed["inspectors"]) is not None:
            body = body_meant(self._doc, who, weighed.start("inspectors"))
            subject = Subject(*weighed.span("inspectors"), who, "group", organisation=body)
            return _Attribution(subject, None, "finding") if body else None
        clause = last_in(self._clauses, self._paragraphs[max(0, n - 1)][0], sentence)
        return _Attribution(clause.subject, None, "finding") if clause and self._reports(clause.subject) else None

    def _in_records(self, quote: Quote, n: int) -> _Attribution | None:
        """`Its report calls this adequate. Records showed …; help came “…”`: what the report tells of them."""
        start = self._paragraphs[n][0]
        records = _RECORDS.match(self._text, start, quote.start)
        if records is None or not n or not self._goes_on(quote, records.end()):
            return None
        report = _REPORT.search(self._text, self._paragraphs[n - 1][0], start)
        body = body_meant(self._doc, "report", start) if report else None
        if body is None or within(self._doc._.person_mentions, self._paragraphs[n - 1][0], start):
            return None
        subject = Subject(*records.span("records"), records["records"], "document", organisation=body, sure=0.85)
        return _Attribution(subject, None, "finding")

    def _goes_on(self, quote: Quote, since: int) -> bool:
        """More than a label, and since then nobody is named and nothing told of what somebody felt or said."""
        named = (self._doc._.person_mentions, self._bodies)
        others = any(first_in(mentions, since, quote.start) for mentions in named)
        told = quote.form == "partial" and len(quote.text.split()) > _FRAGMENT
        return told and not others and not _FEELS.search(self._text, since, quote.start)

    def _in_list(self, quote: Quote, n: int) -> _Attribution | None:
        """`They found that:`, and the quotation in one of the bullets below."""
        first = n
        while first and n - first < _BULLETS and _BULLET.match(self._text, self._paragraphs[first][0]):
            first -= 1
        end = self._paragraphs[first][1]
        if first == n or self._text[end - 1] != ":" or not self._goes_on(quote, self._paragraphs[n][0]):
            return None
        clause = last_in(self._clauses, self._sentence(end - 1), end)
        if clause is None or len(self._text[clause.last : end].split()) > _TITLE_WORDS:
            return None
        return _by(clause, "lead-paragraph")

    def _reports(self, subject: Subject) -> bool:
        """An inspectorate or its inspectors, or a document."""
        if subject.kind == "document" or self._is_finding(subject):
            return True
        body = subject.organisation
        return subject.kind == "organisation" and body is not None and is_kind(body, _REPORTING_KINDS)

    def _topic(self, quote: Quote, start: int) -> _Attribution | None:
        """`Ms Roe is unimpressed. “…”`: whole sentences behind one whose subject is the only person it names."""
        sentence = max(self._sentence(max(start, quote.start - _BESIDE)), quote.start - _FURTHEST_WRITING)
        named = within(self._doc._.person_mentions, sentence, quote.start)
        if quote.form == "direct" and not named and (spoke := self._spoken_of(sentence, quote.start)) is not None:
            return spoke
        if quote.form != "direct" or len({m.person for m in named}) != 1:
            return None
        if not _SENTENCE_STOP.search(self._text, named[-1].end, quote.start):
            return None  # in the quotation's own sentence
        speaks = self._parse.is_subject(named[0].start, named[0].end) or self._is_for(sentence, named[0])
        return _Attribution(self._named(named[0]), None, "topic") if speaks else None

    def _is_for(self, sentence: int, named: Mention) -> bool:
        """`For Unison’s policy lead, Jane Roe, it is no surprise.`: how they see it."""
        return bool(_FOR.fullmatch(self._text, sentence, named.start)) and self._text.startswith(",", named.end)

    def _spoken_of(self, start: int, end: int) -> _Attribution | None:
        """`She is not sentimental about it. “…”`: whoever spoke last, where start:end speaks of "her" by a pronoun."""
        last = self._last
        person = self._people.get(last.person or "") if last is not None else None
        told = _OF_THEM.search(self._text, start, end)
        if person is None or told is None or not _SENTENCE_STOP.search(self._text, told.end(), end):
            return None
        if person.gender not in {None, PRONOUNS[told.group().lower()]} or within(self._clauses, start, end):
            return None
        return _Attribution(last, None, "topic")

    def _interviewed(self, i: int) -> _Attribution | None:
        """A paragraph of quotation in an interview: whoever spoke last, where nobody else is named or speaks since.

        That is a text in which one person has spoken several times, and nobody as often.
        """
        last = self._done[-1] if self._done else _Attribution()
        name = last.subject.person if last.subject is not None else None
        if name is None or not self._fills(self._quotes[i], self._paragraph(self._quotes[i].start)):
            return None
        since = self._quotes[i - 1].end
        if self._quotes[i].start - since > _INTERVIEW_WITHIN:
            return None
        if self._spoken[name] < _INTERVIEWED or self._spoken[name] <= self._spoken.total() / 2:
            return None
        named = within(self._doc._.person_mentions, since, self._quotes[i].start)
        clauses = within(self._clauses, since, self._quotes[i].start)
        others = any(m.person != name for m in named) or any(clause.subject.person != name for clause in clauses)
        return None if others else replace(last, rule="interview")

    def _told_before(self, i: int, n: int) -> _Attribution | None:
        """`Chloe, 17, spent a year in Hull.` and a paragraph of quotation: hers, where nobody else is named."""
        start, end = self._paragraphs[n - 1]
        named = within(self._doc._.person_mentions, start, end)
        if len({mention.person for mention in named}) != 1 or not self._fills(self._quotes[i], n):
            return None
        first = named[0]
        opens = first.start == self._sentence(first.start) and age_behind(self._text, first.end) is not None
        return _Attribution(self._named(first), None, "paragraph-before") if opens else None

    def _paragraph_before(self, i: int, start: int, end: int) -> _Attribution:
        """The speaker whose words, or of whom a report, the paragraph before ends with."""
        if i and start <= self._quotes[i - 1].start and self._quotes[i - 1].end >= end - 2 and self._done[-1].subject:
            return replace(self._done[-1], rule="carried")
        clause = last_in(self._clauses, start, end)
        return _by(clause, "paragraph-before") if clause else _Attribution()

    # What is told of it

    def filled(self, quote: Quote, found: _Attribution) -> Quote:
        subject, confidence = found.subject, CONFIDENCE[found.rule]
        if subject is None:
            return replace(quote, confidence=confidence, rule=found.rule)
        person = self._people.get(subject.person or "")
        of_document = subject.kind == "document" or (found.cue or "").lower() in _DOCUMENT_CUES
        of_document = (of_document and subject.person is None) or self._is_finding(subject)
        organisation = subject.organisation
        if organisation is None:
            organisation = self._site(subject)
        return replace(
            quote,
            form="document" if of_document or self._in_writing(quote, found) else quote.form,
            cue=found.cue,
            speaker=subject.person,
            speaker_text=subject.text,
            role=(person.role if person else None) or subject.role,
            organisation=organisation,
            confidence=round(confidence * subject.sure * self._told(subject, organisation), 3),
            rule=found.rule,
            others=subject.others,
        )

    def _told(self, subject: Subject, organisation: Organisation | None) -> float:
        """How sure it is for whom somebody speaks."""
        if subject.person is not None:
            return 1.0 if organisation is not None else self._bodiless
        return confidences("whose")["document"] if subject.kind == "document" else 1.0

    @staticmethod
    def _is_finding(subject: Subject) -> bool:
        """ "Inspectors found …" tells what their report says."""
        return subject.kind == "group" and subject.text.lower() in _FINDERS

    def _in_writing(self, quote: Quote, found: _Attribution) -> bool:
        """ "In a letter to parents she wrote …" gives the words of the letter."""
        if found.rule not in {"lead", "clause-before", "clause-after", "without-verb"}:
            return False
        start = max(self._sentence(quote.start), quote.start - _FURTHEST_WRITING)
        return bool(_IN_WRITING.search(self._text, start, quote.start))

    def _site(self, subject: Subject) -> Organisation | None:
        """The body on whose own site somebody speaks whom no other is told of; reports there are an inspectorate's."""
        publisher: Organisation | None = self._doc._.context.publisher
        if publisher is not None and subject.kind == "document" and is_kind(publisher, _REPORTING_KINDS):
            return publisher
        if subject.kind == "role" and subject.person is None and self._is_anybody(subject):
            return None
        person = self._people.get(subject.person or "")
        past = person is not None and is_past(Post(person.role, None))
        first_name = (
            person is not None and person.role is None and " " not in person.name
        )  # a child, or whoever was helped
        return publisher if subject.kind in _SPEAKS_FOR_THE_SITE and not past and not first_name else None

    def _is_anybody(self, subject: Subject) -> bool:
        """ "One director said": who was asked, and speaks for nobody; "a spokesperson said" for the site."""
        before = self._text[max(0, subject.start - _ARTICLE_WITHIN) : subject.start]
        return bool(_ANYBODY.search(before)) and not subject.text.lower().startswith("spokes")


def _words(text: str) -> str:
    return fold(text).strip(_MARKS + " .,;:!?…").lower()


def _stops(gap: str) -> bool:
    """A sentence or a part of one ends here: not after "Sen." or "U.S."."""
    stops = re.finditer(r"(\w*)([.!?;:])\s", gap)
    return any(stop[2] != "." or (len(stop[1]) != 1 and stop[1] not in titles()) for stop in stops)


def _by(clause: ReportingClause, rule: str) -> _Attribution:
    return _Attribution(clause.subject, clause.cue, rule)
