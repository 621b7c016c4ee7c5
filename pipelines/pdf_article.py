"""A PDF to the parts of its article: its printed lines, without running heads and feet, joined into paragraphs.

A PDF knows where letters stand and nothing of paragraphs. They are told by what a reader sees: more space, another
size or weight of type, a bullet, a first line set in, a line that ends before its room does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from nlp.lexicon import lexicon
from nlp.text import clean_paragraph
from pipelines.page import Page
from pipelines.printed import date_line
from pipelines.reading import NotAnArticle, Paragraph, Reading

if TYPE_CHECKING:
    from pipelines.pdf_lines import Line

_OUTERMOST = 3  # lines at the head or foot of a page that may be running ones
_SAME_SIZE = 1.08
_LARGE = 1.15  # times the size of the text: a headline
_SMALL = 0.9  # of it: a running head
_MORE_SPACE = 1.25  # times the usual distance between lines
_LEAST_TITLE = 3  # words
_MOST_LEADING = 2.0  # sizes of the type, between two lines of a paragraph
_LONGEST_WORD = 60  # letters
_LONGEST_RUNNING = 200  # letters of a running line
_UNREADABLE = 0.2  # of the letters

_PAGE_NUMBER = re.compile(
    r"(?:.{1,80} [|•·–-] ?)?(?:page )?(?:\d{1,3}|[ivxl]{1,5})(?: ?(?:of|/|\|) ?\d{1,3})?|[-–] ?\d{1,3} ?[-–]",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^[•·▪◦‣●■◼\ue000-\uf8ff]\s*(?=\S)")  # the last: signs of a font of its own
_LABEL = re.compile(r"^(?:\(?(?:\d{1,2}(?:\.\d{1,2})*|[a-z]|[ivx]{1,4})[.)]?)\s")
_ENDS = re.compile(r"[.?!:;]['\"’”)\]]*$")
_HYPHEN = re.compile(r"(?P<stem>\w+(?:[-‐]\w+)*)[-‐]$")
_NUMBER = re.compile(r"\d{1,4}")
_WORD = re.compile(r"\w+(?:[-‐]\w+)*")


_Place = tuple[str, int]


class _Placed(NamedTuple):
    """A line, and the page it stands on."""

    page: int
    line: Line


def read_pdf(page: Page) -> Reading:
    """The parts of a PDF; title and day stand on its first page, if anywhere. Raises NotAnArticle."""
    from pipelines.pdf_lines import read_lines  # and pypdf with it, where there is a PDF

    pages = read_lines(page.body)
    printed = "".join(line.text for lines in pages for line in lines)
    if not printed:
        raise NotAnArticle(f"a PDF without text: {len(pages)} pages, which may be pictures")
    if printed.count("\ufffd") > _UNREADABLE * len(printed):
        raise NotAnArticle("a PDF whose letters cannot be told")
    text_size = _text_size(pages)
    kept = _without_running_lines(pages, text_size)
    lines = [_Placed(number, line) for number, lines in enumerate(kept) for line in lines]
    words = _words(placed.line.text for placed in lines)
    title = _title(lines, text_size)
    dated = next((placed for placed in lines if placed.page == 0 and _day(placed.line.text)), None)
    reading = Reading("pdf", title=_joined([placed.line.text for placed in title], words) if title else None)
    if dated and not page.listed.get("published"):  # who lists a report knows when it came out
        reading.dates = [(_day(dated.line.text) or "", "text")]
    head = {*title, dated}
    body = [placed for placed in lines if placed not in head]
    reading.paragraphs = [
        Paragraph(_BULLET.sub("", _joined([placed.line.text for placed in group], words))) for group in _grouped(body)
    ]
    return reading


def _text_size(pages: Sequence[Sequence[Line]]) -> float:
    """The size of type in which most is said, in points."""
    said: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            said[round(line.size, 1)] += len(line.text)
    return said.most_common(1)[0][0]


def _without_running_lines(pages: Sequence[Sequence[Line]], text_size: float) -> list[list[Line]]:
    """The pages without what stands at the head or foot of many of them in the same place, and without their numbers.

    Above the second page of two no other shows that a line is a running head; its smaller type does.
    """
    outer = [sorted(lines, key=lambda line: -line.y) for lines in pages]
    count: Counter[_Place] = Counter()
    for number, down in enumerate(outer):
        count.update({place for line in (*down[:_OUTERMOST], *down[-_OUTERMOST:]) for place in _places(line, number)})
    often = {place for place, pages_with in count.items() if pages_with > 1 and pages_with * 3 >= len(pages)}
    kept = []
    for number, (lines, down) in enumerate(zip(pages, outer, strict=True)):
        dropped: list[Line] = []
        for at_head, inwards in ((True, down), (False, down[::-1])):
            for line in inwards[:_OUTERMOST]:
                small = at_head and number > 0 and line.size < text_size * _SMALL
                runs = not often.isdisjoint(_places(line, number))
                if not (small or runs or _PAGE_NUMBER.fullmatch(line.text)):
                    break
                dropped.append(line)
        kept.append([line for line in lines if line not in dropped])
    return kept


def _places(line: Line, page: int) -> Iterator[_Place]:
    """What a line says and how high it stands; and the same for each number in it, which may be that of the page."""
    if len(line.text) > _LONGEST_RUNNING:
        return
    height = round(line.y)
    yield line.text, height
    for found in _NUMBER.finditer(line.text):
        yield f"{line.text[: found.start()]}#{int(found.group()) - page}{line.text[found.end() :]}", height


def _title(lines: Sequence[_Placed], text_size: float) -> list[_Placed]:
    """The lines of the first page in its largest type, if that is larger than the text's; [] where none are."""
    first = [placed for placed in lines if placed.page == 0]
    runs = [
        list(run)
        for size, run in groupby(first, key=lambda placed: round(placed.line.size))
        if size > text_size * _LARGE
    ]
    worded = [run for run in runs if sum(len(placed.line.text.split()) for placed in run) >= _LEAST_TITLE]
    return max(worded, key=lambda run: run[0].line.size, default=[])


def _day(text: str) -> str | None:
    """The day that a line says, if it says nothing else."""
    found = date_line(text)
    return found.day if found and found.published else None


def _grouped(lines: Sequence[_Placed]) -> list[list[_Placed]]:
    """The lines of each paragraph."""
    leading = _leading(lines)
    room: Counter[tuple[int, int]] = Counter()
    for placed in lines:
        key = _column(placed)
        room[key] = max(room[key], len(placed.line.text))
    groups: list[list[_Placed]] = []
    for placed in lines:
        if groups and not _parts(groups[-1], placed, leading, room[_column(groups[-1][-1])]):
            groups[-1].append(placed)
        else:
            groups.append([placed])
    return groups


def _column(placed: _Placed) -> tuple[int, int]:
    """A page and the third of it in which a line begins."""
    return placed.page, int(placed.line.x // 200)


def _leading(lines: Sequence[_Placed]) -> float:
    """The usual distance between two lines of a paragraph, in sizes of their type: the smallest that is common."""
    distances = Counter(
        round((above.line.y - below.line.y) / above.line.size, 1)
        for above, below in pairwise(lines)
        if above.page == below.page and _same_type(above.line, below.line)
    )
    common = [at for at, count in distances.items() if count * 10 >= distances.total() and 0 < at <= _MOST_LEADING]
    return min(common, default=1.2)


def _parts(group: Sequence[_Placed], following: _Placed, leading: float, room: int) -> bool:
    """Whether a line begins a paragraph after the lines of `group`; `room` is how many letters a line there holds."""
    above, line = group[-1].line, following.line
    ended = bool(_ENDS.search(above.text[-10:]))
    goes_on = line.text[0].islower()
    if _BULLET.match(line.text) or not (_same_type(above, line) or (goes_on and _same_size(above, line))):
        return True
    if following.page != group[-1].page or line.y > above.y:  # the next page, or the next column
        return ended
    if above.y - line.y > above.size * (leading + 0.05) * _MORE_SPACE:
        return True
    hangs = len(group) == 1 and (_BULLET.match(above.text) or _LABEL.match(above.text))
    if line.x > above.x + above.size * 0.8 and ended and not hangs:
        return True
    # The first word would have stood in the line above, had it been of that paragraph.
    with_word = len(above.text) + 1 + len(line.text.split()[0])
    return with_word < room * (0.85 if ended else 0.7)


def _same_size(one: Line, other: Line) -> bool:
    return max(one.size, other.size) <= min(one.size, other.size) * _SAME_SIZE


def _same_type(one: Line, other: Line) -> bool:
    return one.bold == other.bold and _same_size(one, other)


def _words(lines: Iterable[str]) -> frozenset[str]:
    """The words that stand whole in some line, in lower case."""
    found: set[str] = set()
    broken = False
    for line in lines:
        words = _WORD.findall(line.casefold())
        if broken:
            words = words[1:]
        broken = bool(_hyphen(line))
        found.update(words[:-1] if broken else words)
    return frozenset(found)


def _joined(lines: Sequence[str], words: frozenset[str]) -> str:
    """The lines as one paragraph, words that were broken at a line's end whole again."""
    parts = [lines[0]]
    for above, line in pairwise(lines):
        broken = _hyphen(above)
        if above.endswith("\u00ad") or (
            broken and line[0].islower() and not _keeps_hyphen(broken["stem"], line, words)
        ):
            parts[-1] = parts[-1][:-1]
        elif not broken:
            parts.append(" ")
        parts.append(line)
    return clean_paragraph("".join(parts))


def _hyphen(line: str) -> re.Match[str] | None:
    return _HYPHEN.search(line[-_LONGEST_WORD:])


def _keeps_hyphen(stem: str, line: str, words: frozenset[str]) -> bool:
    """Whether the hyphen between a line's last letters and the next line is one of the language, as far as it shows."""
    stem = stem.casefold()
    rest = _WORD.match(line.casefold())
    end = rest.group() if rest else ""
    if f"{stem}-{end}" in words or stem + end in words:
        return f"{stem}-{end}" in words
    if "-" in stem or stem[-1].isdigit() or stem in _compounding("start") or end.split("-")[0] in _compounding("end"):
        return True
    return min(len(stem), len(end)) > 3 and {stem, end} <= words


@cache
def _compounding(side: str) -> frozenset[str]:
    return frozenset(row["word"] for row in lexicon("hyphens") if side in row["sides"].split("|"))
