"""Who wrote a page's article: the names it states, or else the line that it prints below its headline."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from pipelines.furniture import plain
from pipelines.printed import byline, date_line

_NEAR = 6  # lines below a headline: a standfirst, a date and a few labels may stand before the byline
_ADDRESS = re.compile(r"\S+@\S+|https?://\S*|www\.\S+")
_BY = re.compile(r"^(?:(?:posted|published|written|reported)\s+)?by\b:?\s*", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:web|site)?\s?(?:admin(?:istrator)?|master|editor)\w*|(?:guest|staff|the)?\s*(?:author|contributor|user|writer)s?\d*|anonymous|staff"
    r"|(?:(?:the|our|web|news|press|media|digital|editorial|communications|comms)\s+)+(?:desk|editors?|office|team|unit|staff|reporters?)"
    r"|(?:the\s+)?newsroom",
    re.IGNORECASE,
)


def writers(names: Collection[str], sites: Collection[str]) -> str | None:
    """The stated names that name somebody, joined; None where all are the site's own, an account's or addresses.

    `sites` are names of the site, as `plain` gives them.
    """
    cleaned = (_BY.sub("", _ADDRESS.sub(" ", name).strip(" ()<>[]|,-")) for name in names)
    people = [name for name in cleaned if name and plain(name) not in sites and not _NOBODY.fullmatch(name)]
    return ", ".join(dict.fromkeys(people)) or None


def printed_byline(lines: Sequence[str], heading: str, sites: Collection[str]) -> str | None:
    """The names in the byline among a page's lines just below its heading."""
    if heading not in lines:
        return None
    below = lines.index(heading) + 1
    for line in lines[below : below + _NEAR]:
        printed = date_line(line)
        if names := byline(line) or (printed.byline if printed else None):
            return writers([names], sites)
    return None
