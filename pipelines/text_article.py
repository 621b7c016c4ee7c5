"""Text copied off a page to the parts of its article: headline, standfirst, date and body, furniture left out.

Nothing but the lines themselves says what is what: the first lines that are prose are where the article begins, what
stands above them is its head, and the head's headline is the line that speaks of what the body speaks of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from itertools import pairwise

from nlp.lexicon import lexicon
from nlp.text import clean_paragraph
from pipelines import furniture
from pipelines.charset import decode
from pipelines.masthead import is_masthead, masthead
from pipelines.page import Page
from pipelines.printed import DateLine, byline, date_line, is_byline, is_name
from pipelines.reading import Paragraph, Reading
from pipelines.titles import headline, is_name_like, without_site

_LEAST_PROSE = 4  # words of a line that ends as sentences do
_LONGEST_LABEL = 6  # words of a line that ends in a colon and announces nothing
_LONGEST_HEADLINE = 15  # words of one that asks, calls out or breaks off
_SURELY_PROSE = 30  # words of a line that does not
_WRAPPED = (50, 100)  # how wide hard-wrapped text is, in characters
_MOST_BETWEEN = 6  # lines between a standfirst and the first paragraph
_LEAST_HEADLINE = 4  # words
_LONGEST_SLOGAN = 7  # words of a sentence that stands above a headline
_ABOVE_DAY, _ABOVE_BODY = 2.5, 1.5  # how much likelier than elsewhere a headline is right above a day, or the body
_MOST_TOGETHER = 3  # lines: a headline, a standfirst, a writer
_FARTHEST = 12  # lines above a day or a body where its headline may stand
_LONGEST_HEAD = 200  # lines that could be a headline; what stands above more of them is a list
_LONGEST_POSTED = 120  # characters of a line that says when and where an article was posted
_LONGEST_CALL = 25  # words that ask readers to write in, or whet their curiosity
_LONGEST_LEFTOVER = 14  # words of a link, a tag or a name left behind below an article

_BULLET = re.compile(r"^[•·▪◦‣●*]\s+")
_SALUTATION = re.compile(r"^Dear\s+(?:(?:Mr|Mrs|Ms|Dr)\.\s+)?\w[^.!?:]{1,80}$")
_SIGNED = re.compile(
    r"^(?:yours\s+(?:sincerely|faithfully|truly|ever)|(?:kind|best|warm)\s+(?:regards|wishes)|signed),?:?$",
    re.IGNORECASE,
)
_NOTES = re.compile(r"^notes? (?:to|for) (?:the )?editors?\b", re.IGNORECASE)
_END_MARK = re.compile(r"^[-–—*#~\s]*(?:ends?|end of release)[-–—*#~\s.]*$", re.IGNORECASE)
_POSTED = re.compile(r"^(?P<day>(?:first\s+)?(?:posted|published)\b.*?\b\d{4})\s+(?:by|in)\s+\w", re.IGNORECASE)
_TEASER = re.compile(r"^[A-Z][\w ]{2,24}: [^.:]+\?$")
_PHONE = re.compile(r"(?:\(?\+44\)?|\(?\b0\d)[\d ()-]{8,}\d")
_CALL = re.compile(
    r"(?:[^.?!‘“\"]+\?\s+)?(?:please\s+)?(?:(?:e-?mail|contact|write\s+to|share|send)\s+(?:us|our|your)|tell\s+us)\b[^‘“\"]*$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"^(?:https?://|www\.)?\S+\.\S+/?\S*$|^\S+@\S+$")


def read_text(page: Page) -> Reading:
    """The parts of a plain-text page; paragraphs without a head above them have no title."""
    printed = _breaks(decode(page.body, page.headers.get("content-type", "")).replace("\x00", "")).split("\n")
    lines = unwrapped("\n".join(furniture.barred(printed)))
    dropped = furniture.glued_lines(lines) | furniture.announced_lines(lines)
    lines = [line for i, line in enumerate(lines) if i not in dropped]
    start = _first(lines, _is_prose)
    if start is not None and _is_slogan(lines, start):
        lines = lines[:start] + lines[start + 1 :]
        start = _first(lines, _is_prose)
    if start is None:
        return Reading("text", [Paragraph(line) for line in lines if not furniture.is_furniture(line)])
    reading = Reading("text")
    start = _salutation(lines, start)
    after = _after_standfirst(lines, start)
    if after > start + 1 and _candidates(lines[:start]):
        reading.standfirst = lines[start]
        body = after
    else:
        body = start
    _read_head(lines[:start], lines[body:], reading)
    for line in lines[:body]:
        _read_date_or_byline(line, reading)
    if not reading.byline:
        reading.byline = _bare_name(lines[:body], reading.title)
    reading.publisher = masthead(lines[:body], next((day for day, _ in reading.dates), None))
    head = [text for text in (reading.title, reading.standfirst) if text]
    reading.paragraphs = without_furniture([Paragraph(line) for line in lines[body:]], head)
    if not reading.dates:
        for line in lines[body:]:
            if furniture.ends_article(line):
                break
            _read_date_or_byline(line, reading)
    return reading


def _is_slogan(lines: Sequence[str], start: int) -> bool:
    """Whether the first sentence is what a site says of itself: few words, and the headline stands below them."""
    if len(lines[start].split()) > _LONGEST_SLOGAN or _long_candidates(lines[:start]):
        return False
    following = _first(lines[start + 1 :], _is_prose)
    return following is not None and bool(_long_candidates(lines[start + 1 : start + 1 + following]))


def _salutation(lines: Sequence[str], start: int) -> int:
    """Where a letter begins whose first sentence stands at `start`."""
    return start - 1 if start and _SALUTATION.match(lines[start - 1]) else start


def unwrapped(text: str) -> list[str]:
    """The paragraphs of a plain text: its lines, unless they are wrapped; then what stands between blank lines.

    A break is a wrap where the next line's first word would not have fitted the text's width any more.
    """
    blocks = [[clean_paragraph(line) for line in block.split("\n")] for block in re.split(r"\n\s*\n", _breaks(text))]
    blocks = [[line for line in block if line] for block in blocks]
    width = max((len(line) for block in blocks for line in block), default=0)
    pairs = [pair for block in blocks for pair in pairwise(block)]
    wraps = sum(_wraps(pair, width) for pair in pairs)
    wrapped = _WRAPPED[0] <= width <= _WRAPPED[1] and wraps >= 2 and wraps * 2 > len(pairs)
    found: list[str] = []
    for block in blocks:
        for i, line in enumerate(block):
            if wrapped and i and _wraps((block[i - 1], line), width) and not _BULLET.match(line):
                found[-1] += f" {line}"
            else:
                found.append(line)
    return [_BULLET.sub("", line) for line in found]


def without_furniture(lines: Iterable[Paragraph], head: Collection[str] = ()) -> list[Paragraph]:
    """The paragraphs of a body without the furniture among and below them, nor its head printed once more above."""
    kept: list[Paragraph] = []
    given = list(lines)
    dropped = furniture.announced_lines([paragraph.text for paragraph in given])
    left = [paragraph for i, paragraph in enumerate(given) if i not in dropped]
    said = {furniture.plain(text) for text in head}
    i = 0
    while i < len(left):
        paragraph = left[i]
        text = paragraph.text
        i += 1
        if not kept and (furniture.plain(text) in said or _says_when_or_who(text)):
            continue
        if kept and furniture.ends_article(text):
            break
        if furniture.heads_links(text):
            if kept and _is_last(left[i:], kept):
                break
            while i < len(left) and not _is_prose(left[i].text):
                i += 1
        elif not furniture.is_furniture(text):
            kept.append(paragraph)
    return _without_leftovers(kept)


def _without_leftovers(kept: list[Paragraph]) -> list[Paragraph]:
    """The body without links, tags and names behind its last sentence.

    Notes to editors, lists and the names below a letter are no leftovers.
    """
    end = len(kept)
    signed = _last([paragraph.text for paragraph in kept], lambda text: bool(_SIGNED.match(text)))
    is_letter = signed is not None and not any(_is_prose(paragraph.text) for paragraph in kept[signed:])
    while end and not is_letter and _is_leftover(kept[end - 1].text, kept[end].text if end < len(kept) else ""):
        end -= 1
    if end and end < len(kept) and kept[end - 1].text.endswith(":"):
        end = len(kept)  # a list without full stops, which the line above it announces
    while end and (_END_MARK.match(kept[end - 1].text) or _day(kept[end - 1].text)):
        end -= 1
    return kept[:end] if end else kept


def _is_leftover(text: str, below: str) -> bool:
    """Whether a line is short and no sentence, or none that ends an article; `below` is the leftover under it.

    Such sentences ask readers to write in, or stand over links as one of them ("Analysis: what next?"), or over
    somebody's number.
    """
    words = len(text.split())
    if words <= _LONGEST_LEFTOVER and not furniture.is_sentence(text):
        return True
    if below and words <= _LONGEST_LABEL and text.endswith(":"):
        return "@" in below or bool(_PHONE.search(below))
    return words <= _LONGEST_CALL and bool(_CALL.match(text) or (below and _TEASER.match(text)))


def _day(line: str) -> DateLine | None:
    """What a date line says, also one that goes on to say by whom or under what it was posted."""
    posted = None if furniture.is_sentence(line) or len(line) > _LONGEST_POSTED else _POSTED.match(line)
    return date_line(line) or (date_line(posted["day"]) if posted else None)


def _says_when_or_who(line: str) -> bool:
    return _day(line) is not None or is_byline(line)


def _is_last(after: Sequence[Paragraph], before: Sequence[Paragraph]) -> bool:
    """Whether a list of links closes the article: what follows it says less than what was said before."""
    return _prose_words(after) <= _prose_words(before)


def _prose_words(paragraphs: Sequence[Paragraph]) -> int:
    words = 0
    for paragraph in paragraphs:
        if furniture.ends_article(paragraph.text):
            break
        words += len(paragraph.text.split()) if _is_prose(paragraph.text) else 0
    return words


def _is_prose(line: str) -> bool:
    """Whether a line is a paragraph of an article: a sentence, or one that says who speaks next, and no furniture."""
    words = len(line.split())
    if words < _LEAST_PROSE or _is_no_text(line):
        return False
    if line.endswith(":"):
        return words > _LONGEST_LABEL or _announces_speech(line)
    if line.rstrip("\"'”’").endswith(("?", "!", "…", "...")):  # as headlines end too
        return words > _LONGEST_HEADLINE
    return furniture.is_sentence(line) or words >= _SURELY_PROSE


def _announces_speech(line: str) -> bool:
    return not _reporting_verbs().isdisjoint(line.rstrip(":").casefold().split()[-3:])


@cache
def _reporting_verbs() -> frozenset[str]:
    return frozenset(form for row in lexicon("reporting_verbs") for form in row["forms"].split("|"))


def _is_no_text(line: str) -> bool:
    return (
        furniture.is_furniture(line)
        or furniture.ends_article(line)
        or furniture.heads_links(line)
        or _says_when_or_who(line)
    )


def _after_standfirst(lines: Sequence[str], start: int) -> int:
    """Where the body begins if the prose at `start` is a standfirst: a date or a byline stands below it."""
    for i in range(start + 1, min(start + 1 + _MOST_BETWEEN, len(lines))):
        if _is_prose(lines[i]):
            break
        if _says_when_or_who(lines[i]):
            following = _first(lines[i:], _is_prose)
            return start + 1 if following is None else i + following
    return start + 1


def _candidates(head: Sequence[str]) -> list[int]:
    """Which lines above the body could be its headline."""
    return [
        i
        for i, line in enumerate(head)
        if not _is_no_text(line)
        and not is_masthead(line)
        and not _ADDRESS.match(line)
        and not (_PHONE.search(line) and len(line.split()) < _SURELY_PROSE)
    ]


def _long_candidates(head: Sequence[str]) -> list[int]:
    return [i for i in _candidates(head) if len(head[i].split()) >= _LEAST_HEADLINE]


def _standing(head: Sequence[str], *, is_dated_below: bool) -> dict[int, float]:
    """The lines above the body where a headline is likelier than elsewhere: above a day or a writer, or at the end."""
    long = set(_long_candidates(head))
    found = dict.fromkeys(_lowest(head, len(head), long), _ABOVE_DAY if is_dated_below else _ABOVE_BODY)
    for day, line in enumerate(head):
        if _says_when_or_who(line):
            found |= dict.fromkeys(_lowest(head, day, long), _ABOVE_DAY)
    return found


def _lowest(head: Sequence[str], end: int, long: Collection[int]) -> list[int]:
    """Which of the `long` lines stand nearest above a line, no furniture among them."""
    found: list[int] = []
    for i in range(end - 1, max(end - 1 - _FARTHEST, -1), -1):
        if i in long:
            found.append(i)
        elif found and furniture.is_furniture(head[i]):
            break
    return found[:_MOST_TOGETHER]


def _read_head(head: Sequence[str], body: Sequence[str], reading: Reading) -> None:
    places = _candidates(head)[-_LONGEST_HEAD:]
    standing = _standing(head, is_dated_below=reading.standfirst is not None)
    weights = {n: standing[i] for n, i in enumerate(places) if i in standing}
    chosen = headline([head[i] for i in places], " ".join(body), weights)
    if chosen is None:
        return
    place = places[chosen]
    reading.title = without_site(head[place], others=set(map(furniture.plain, (*head[:place], *head[place + 1 :]))))
    title = furniture.plain(reading.title)
    if reading.standfirst is None:
        reading.standfirst = next(
            (
                head[i]
                for i in places[chosen + 1 :]
                if len(head[i].split()) >= _LEAST_HEADLINE
                and not is_name_like(head[i])
                and not furniture.plain(head[i]).startswith(title)
            ),
            None,
        )


def _read_date_or_byline(line: str, reading: Reading) -> None:
    if printed := _day(line):
        if printed.published:
            reading.dates.append((printed.day, "text"))
        reading.byline = reading.byline or printed.byline
    elif not reading.byline:
        reading.byline = byline(line)


def _bare_name(head: Sequence[str], title: str | None) -> str | None:
    """A writer's name on a line of its own beside the date, below the headline."""
    below = _first(head, lambda line: furniture.plain(line) == furniture.plain(title or ""))
    for i in range((below or 0) + 1, len(head)):
        beside = (*head[i - 1 : i], *head[i + 1 : i + 2])
        if title and is_name(head[i]) and any(map(_day, beside)):
            return head[i]
    return None


def _first(lines: Sequence[str], test: Callable[[str], bool]) -> int | None:
    return next((i for i, line in enumerate(lines) if test(line)), None)


def _last(lines: Sequence[str], test: Callable[[str], bool]) -> int | None:
    return next((i for i in reversed(range(len(lines))) if test(lines[i])), None)


def _wraps(pair: tuple[str, str], width: int) -> bool:
    line, following = pair
    return len(line) + 1 + len(following.split()[0]) > width


def _breaks(text: str) -> str:
    """Every kind of line break as one."""
    return re.sub(r"\r\n?|[\x0b\x0c\x85\u2028]", "\n", text).replace("\u2029", "\n\n")
