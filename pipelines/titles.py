"""Headlines: without the site's name, and told from the other short lines at the head of a page."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from nlp.lexicon import lexicon
from pipelines.furniture import plain

_PARTS = re.compile(r"\s+[|»·]\s+|\s+[–—-]\s+|\s+::\s+")
_BREADCRUMB = re.compile(r"\w\s+[>/›»]\s+\w")
_WORD = re.compile(r"[^\W\d_]{4,}")
_LEAST_TWICE = 3  # words of a headline that a line printed twice shows; entries of menus are shorter
_FEW = 2  # words a line is short of, so that one word shared of one is no certainty
_NAME = 0.6  # what a line in capitals is worth beside one in plain case
_LONG = 7  # words of a line that is no name
_NEAR = 0.6  # of the best score: the first so near it is the headline, the best may be its standfirst


def without_site(title: str, names: Collection[str] = (), others: Collection[str] = ()) -> str:
    """The title without the site's name at its end (or its start).

    A part goes if it is one of `names`, ends as names of sites do, stands behind an upright bar, or if what stands
    before it is one of `others`, lines printed elsewhere on the page, as `plain` gives them.
    """
    known = {plain(name) for name in names if name}
    while parts := list(_PARTS.finditer(title)):
        last = parts[-1]
        head, tail = title[: last.start()].strip(), title[last.end() :].strip()
        barred = last.group().strip() in "|»·::" and len(head.split()) >= 3
        if not (head and (plain(tail) in known or plain(head) in others or barred or _is_site(tail))):
            break
        title = head
    first = _PARTS.search(title)
    if first and plain(title[: first.start()]) in known:
        title = title[first.end() :].strip()
    return title


def headline(candidates: Sequence[str], body: str, weights: Mapping[int, float]) -> int | None:
    """Which of the short lines above a body is its headline; None where there are none.

    The headline speaks of what the body speaks of; section names, taglines and menus don't, and a standfirst comes
    after it. A line that another one prints too (the page's title, a breadcrumb) is the headline. `weights` say how
    much more than another a candidate's place speaks for it.
    """
    if not candidates:
        return None
    texts = [plain(line) for line in candidates]
    for i, text in enumerate(texts):
        if _words(text) >= _LEAST_TWICE and any(_holds(other, text) for other in (*texts[:i], *texts[i + 1 :])):
            return i
    longer = [i for i, line in enumerate(candidates) if len(line.split()) >= 4 and not _is_site(line)]
    longer = [i for i in longer if not _is_no_headline(candidates[i])] or longer
    if not longer:
        return len(candidates) - 1
    spoken = set(_stems(body))
    scores = {i: _shared(candidates[i], spoken) * weights.get(i, 1.0) for i in longer}
    enough = _NEAR * max(scores.values())
    near = [i for i in longer if scores[i] >= enough]
    # Names of sites and menus are in capitals throughout, and may say what the body speaks of, too.
    return next((i for i in near if not _in_capitals(candidates[i])), near[0])


def _words(text: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in text.split())


def _is_no_headline(line: str) -> bool:
    """A tagline, which begins small, or a breadcrumb."""
    return line[:1].islower() or bool(_BREADCRUMB.search(line))


def _holds(line: str, headline: str) -> bool:
    """Whether a line prints the headline too, behind a breadcrumb or before a site's name."""
    return line.startswith(headline) or line.endswith(headline)


def _shared(line: str, spoken: Collection[str]) -> float:
    """How much of a line the body says too: 0 to 1, less for few words, which are shared by chance.

    A short line in capitals throughout is a name more often than a headline.
    """
    stems = _stems(line)
    share = sum(stem in spoken for stem in stems) / (len(stems) + _FEW)
    return share * (_NAME if is_name_like(line) else 1.0)


def is_name_like(line: str) -> bool:
    """Whether a line is as short as a name, and every word of it begins with a capital; what asks is no name."""
    return len(line.split()) < _LONG and _in_capitals(line)


def _stems(text: str) -> list[str]:
    return [word.casefold()[:5] for word in _WORD.findall(text)]


def _is_site(text: str) -> bool:
    """Whether a part of a title is a site's name: a few words in capitals that end as such names end."""
    key = plain(text)
    return (
        len(key.split()) <= 5
        and text[:1].isalnum()
        and _in_capitals(text)
        and any(key == name or key.endswith(name if name.startswith(".") else f" {name}") for name in _site_names())
    )


def _in_capitals(text: str) -> bool:
    return not text.endswith("?") and (all(word[0].isupper() for word in _WORD.findall(text)) or "." in text)


@cache
def _site_names() -> tuple[str, ...]:
    return tuple(row["name"] for row in lexicon("site_names"))
