"""Answers that say 200 and mean something else: walls that ask for a human, and "page not found".

They are given the status that they mean, so that they are no pages: what they were sent for is blocked, or gone.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

LARGEST = 200_000  # bytes of a page that may be one: they are short, with scripts
MOST_WORDS_OF_A_WALL = 150
MOST_WORDS = 400  # of a page that says that there is none, with the site's menus around it

MEANS = "means: "  # how a response's flag begins that says why

_WALLS = re.compile(
    r"(?:verify|confirm|prove|check|checking)(?: that| if| whether)? you(?: are|[’']re) (?:not )?(?:a )?(?:human|robot)"
    r"|checking your browser|incapsula incident|enable javascript and cookies|unusual (?:traffic|activity) from your"
    r"|(?:complete|solve|enter) (?:the|this|a) captcha",
    re.IGNORECASE,
)
# What follows must open the head or the headline: articles have such words, too.
_WALL = re.compile(
    r"\W*(?:just a moment\.\.\.|attention required|pardon our interruption|are you (?:a )?(?:human|robot)|forbidden\b"
    r"|captcha|security check|human verification|request blocked|access (?:to this page )?(?:has been |is )?denied)",
    re.IGNORECASE,
)
_MISSING = re.compile(
    r"\W*(?:(?:sorry|oops|error)\W+)*(?:"
    r"(?:404|not found|file not found)\W*(?:$|[|:–—-]|error|not found|page)"
    r"|(?:the |this |that |your )?(?:requested )?page (?:you(?:[’']re| were| are)? (?:requested|looking for) )?"
    r"(?:[a-z]+[’']t|(?:[a-z]+ ?)?not|(?:is )?no longer) (?:be |been )?(?:found|exists?|available)"
    r"|we (?:can ?not|can[’']t|couldn[’']t|could not) find (?:the|that|this|your) page)",
    re.IGNORECASE,
)
_HEADS = re.compile(r"<(?:title|h1)\b[^<>]*>([^<]{0,200})", re.IGNORECASE)
_PARTS = re.compile(r"(?=</?(?:script|style)\b)", re.IGNORECASE)
_UNSEEN = ("<script", "<style")
_TAG = re.compile(r"<[^<>]*>?")


class TrueStatus:
    """Downloader middleware: the answer with the status that it means, and a flag that says why."""

    def process_response(self, request: Request, response: Response) -> Response:
        status, why = 200, ""
        if response.status == 200 and "carried" not in response.flags and "role" in request.meta:
            status, why = true_status(response)
        return response.replace(status=status, flags=[*response.flags, MEANS + why]) if why else response


def true_status(response: Response) -> tuple[int, str]:
    """The status that an answer with 200 means, and why where it is another."""
    kind = (response.headers.get("Content-Type") or b"").lower()
    if len(response.body) > LARGEST or (kind and b"html" not in kind):
        return 200, ""
    markup = response.body.decode("utf-8", "replace")
    shown = "".join(part for part in _PARTS.split(markup) if not part.lower().startswith(_UNSEEN))
    said = unescape(_TAG.sub(" ", shown))
    words = len(said.split())
    heads = [unescape(head).strip() for head in _HEADS.findall(shown)]
    if words <= MOST_WORDS_OF_A_WALL:
        walls = [wall.group() for wall in (_WALLS.search(said), *map(_WALL.match, heads)) if wall]
        if walls:
            return 403, f"a wall in the place of the page: {walls[0]!r}"
    if words <= MOST_WORDS and (missing := next(filter(_MISSING.match, heads), "")):
        return 404, f"no page, though sent as one: {missing!r}"
    return 200, ""
