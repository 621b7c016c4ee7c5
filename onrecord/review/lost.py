"""/review/lost: decisions whose record is gone, the latest first, each with the record that it could be moved to."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from datasette.utils.asgi import BadRequest, Response

from onrecord.review.anchors import Orphan, some_orphans
from onrecord.review.decide import reviewer_of
from onrecord.review.page import drawn, read
from onrecord.review.shown import Shown, shown

PAGE = 20
_LATEST = 2**62


@dataclass(frozen=True, slots=True)
class Lost:
    """A decision, and the record that is offered for it as our pages show it."""

    orphan: Orphan
    offer: Shown | None


async def page(datasette: Any, request: Any) -> Response:
    """The page; ?before= goes on where another one ended."""
    before = request.args.get("before") or str(_LATEST)
    if not before.isascii() or not before.isdigit() or int(before) > _LATEST:
        raise BadRequest("before is a number.")

    found, further = await read(datasette, request, lambda connection: look(connection, int(before)))
    reviewer = reviewer_of(request)
    return await drawn(datasette, request, "lost.html", found=found, further=further, kind="quote", reviewer=reviewer)


def look(connection: sqlite3.Connection, before: int) -> tuple[list[Lost], int | None]:
    """Reads what the page says."""
    found, further = some_orphans(connection, before, PAGE)
    return [
        Lost(orphan, shown(connection, orphan.offer.kind, [orphan.offer.row["id"]])[0] if orphan.offer else None)
        for orphan in found
    ], further
