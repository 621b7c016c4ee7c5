"""Tells an article's lines from what pages print around them, by data/lexicon/furniture.csv and a few shapes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal, get_args

from data import FOLDER
from nlp.lexicon import lexicon, read_rows
from nlp.text import fold

Where = Literal["anywhere", "whole-line", "starts", "with-next", "links", "ends-article", "no-article", "blocked"]
# A phrase says nothing about a line much longer than phrases of furniture are: that line is somebody's prose.
_LONGEST = 40  # words
_LONGEST_START = 15  # words
_LEAST_MENU, _MENU_SHARE = 4, 0.5  # entries of a menu; how much of its line they are
_LEAST_BARE = 3  # entries of a menu that holds nothing else
_LEAST_CELLS, _LONGEST_CELL = 3, 5  # links of a row that bars or gaps part; words of such a link

# Parts what sentences list ("health, education and research"), or joins a name to what is its own.
_PHRASED = re.compile(r",|(?<!\w)(?:and|or)(?!\w)|\w's?(?!\w)")
_SEPARATORS = re.compile(r"\s[|>»›/•·]\s|\s?[»›]\s?")
_GAP = re.compile(r"\t+|\s{2,}")
_GLUED = re.compile(r"\b\w*[a-z]{2}[A-Z][a-z]{2}\w*")
_COUNT = re.compile(r"^\d+ (?=comments?\b|responses?\b|thoughts?\b|min|shares?\b)")
_COOKIES = re.compile(
    r"(?=.*\b(?:we|you|your|us|website|site)\b)(?=.*\b(?:set|uses?|store|place|accept|reject|allow|essential|additional|optional)\b)"
    r"""[^"“”]*\bcookies\b[^"“”]*|cookies on(?: [\w.]+){1,3}""",
    re.IGNORECASE,
)
_PAST = re.compile(r"^skip past (?=\w)")
_CREDITED = re.compile(r"\b(?:Picture|Photo|Photograph|Image|Credit)s?: ?[^.:]{2,40}$")
_ENDS_SENTENCE = re.compile(r"""[.!?…:;]["'”’)\]]*$""")


@cache
def phrases(where: Where) -> tuple[str, ...]:
    """The lexicon's phrases of one kind, folded as `plain` folds."""
    rows = read_rows(FOLDER / "lexicon" / "furniture.csv", required=("phrase", "where"), check=complaint)
    return tuple(plain(row["phrase"]) for row in rows if row["where"] == where)


def plain(line: str) -> str:
    """A line without what does not count in it: capitals, curly marks, outer punctuation other than a closing colon."""
    return fold(line).casefold().strip(" .!?-–*…'\"")


def is_sentence(line: str) -> bool:
    """Whether the line ends as sentences end."""
    return bool(_ENDS_SENTENCE.search(line))


def is_furniture(line: str) -> bool:
    """Whether the line alone shows that it is no part of an article."""
    words = line.split()
    if not any(character.isalpha() for character in line):
        return not any(character.isdigit() for character in line) or len(words) < 3
    if len(words) > _LONGEST:
        return False
    key = plain(line)
    if any(phrase in key for phrase in phrases("anywhere")) or _COOKIES.fullmatch(line):
        return True
    if _CREDITED.search(line) or _is_menu(line) or _is_row(_SEPARATORS.split(line)):
        return True
    if len(words) > _LONGEST_START:
        return False
    key = _COUNT.sub("", key)
    return (
        key.rstrip(": ") in _set("whole-line")
        or key.startswith(phrases("starts"))
        or (not is_sentence(line) and len(_SEPARATORS.findall(line)) >= 2)
        or (len(words) > 1 and all(len(word) == 1 for word in words))
    )


def _is_menu(line: str) -> bool:
    """Whether a line is a row of links, mostly such as all sites have: "Home About us News Events Contact us"."""
    folded = fold(line)
    entries = [entry for entry in _menu().findall(folded) if not entry[0].islower()]
    if len(entries) < _LEAST_BARE or is_sentence(line) or _PHRASED.search(_menu().sub("", folded)):
        return False
    share = sum(len(entry.split()) for entry in entries) / len(line.split())
    return share >= (_MENU_SHARE if len(entries) >= _LEAST_MENU else 1.0)


def _is_row(cells: Sequence[str]) -> bool:
    """Whether the parts of a line are links: a few words each that begin large, no sentence, no number."""
    return len(cells) >= _LEAST_CELLS and all(
        cell[:1].isupper()
        and len(cell.split()) <= _LONGEST_CELL
        and not is_sentence(cell.rstrip(":"))
        and not any(character.isdigit() for character in cell)
        for cell in cells
    )


def barred(lines: Sequence[str]) -> list[str]:
    """The lines as they are printed, with bars where wide gaps part a row of links: "Home    News    Jobs".

    Rows of as many cells one below the other are a table.
    """
    cells = [_GAP.split(line.strip()) for line in lines]
    printed = [i for i, line in enumerate(lines) if line.strip()]
    beside = {i: {*printed[max(n - 1, 0) : n], *printed[n + 1 : n + 2]} for n, i in enumerate(printed)}
    return [
        " | ".join(cells[i])
        if _is_row(cells[i]) and all(len(cells[other]) != len(cells[i]) for other in beside[i])
        else line
        for i, line in enumerate(lines)
    ]


@cache
def _menu() -> re.Pattern[str]:
    entries = sorted((fold(row["entry"]) for row in lexicon("menu_entries")), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, entries))})(?!\w|'s)", re.IGNORECASE)


def ends_article(line: str) -> bool:
    """Whether nothing of the article can follow the line."""
    return _heads(line, "ends-article")


def heads_links(line: str) -> bool:
    """Whether the line stands over a list of links to other pages."""
    return _heads(line, "links")


def announced_lines(lines: Sequence[str]) -> set[int]:
    """Which lines announce a piece of furniture that follows ("Image caption,"), and which follow them.

    All that "Skip past the advert" skips is furniture, to the line that says "After the advert".
    """
    keys = [plain(line[:100]) for line in lines]
    announcing = {i for i, key in enumerate(keys) if key.rstrip(",: ") in _set("with-next")}
    found = announcing | {i + 1 for i in announcing}
    begin, after = 0, ""
    for i, key in enumerate(keys):
        if _PAST.match(key):
            begin, after = i, _PAST.sub("after ", key)
        elif after and key == after:
            found.update(range(begin, i + 1))
            after = ""
    return found


def glued_lines(lines: Sequence[str]) -> set[int]:
    """Which lines are menus whose words lost their gaps ("HomeAbout usNews"): a name like SafeLives comes again."""
    glued = [set(_GLUED.findall(line)) if len(line) < 400 and not is_sentence(line) else set() for line in lines]
    count = Counter(word for line in lines for word in set(_GLUED.findall(line[:5_000])))
    return {i for i, words in enumerate(glued) if sum(count[word] == 1 for word in words) >= 2}


def is_no_article(title: str) -> bool:
    """Whether a title is that of an error page or of a gate, whatever the status said."""
    heads = re.split(r"\s+[|–—:-]\s+", plain(title))
    return any(plain(head).rstrip(": ") in _set("no-article") for head in (plain(title), heads[0], heads[-1]))


def is_blocked(text: str) -> bool:
    """Whether a short page says that it lets nobody in, or that it holds nothing."""
    key = plain(text[:2_000])
    return len(text.split()) < 80 and any(phrase in key for phrase in phrases("blocked"))


@cache
def _set(where: Where) -> frozenset[str]:
    return frozenset(phrase.rstrip(": ") for phrase in phrases(where))


def _heads(line: str, where: Where) -> bool:
    if len(line.split()) > _LONGEST_START:
        return False
    key = _COUNT.sub("", plain(line)).rstrip(": ")
    if key in _set(where):
        return True
    # "More from Sector Weekly", "5 Responses to Inspectors find …"; but "Comments by the chair were …" is a sentence.
    return not line.rstrip().endswith(".") and any(" " in phrase and key.startswith(phrase) for phrase in _set(where))


def complaint(row: Mapping[str, str]) -> str | None:
    """What is wrong with a row of the lexicon, None where nothing is."""
    known = get_args(Where)
    return None if row["where"] in known else f"where {row['where']!r} is none of {', '.join(known)}"
