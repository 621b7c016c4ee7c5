"""Pages of our own in Datasette: what was said, organisation by organisation, to read and to settle.

A Datasette plugin. onrecord.serve registers it for files of ours; other databases are none of its business.
"""

from __future__ import annotations

from typing import Any

from onrecord.review import archived, article, decide, front, lost, organisation, queue, search, stances, stances_body
from onrecord.review.hook import hook
from onrecord.review.wording import FILTERS


@hook
def register_routes() -> list[tuple[str, Any]]:
    return [
        (r"^/$", front.page),
        (r"^/search$", search.page),
        (r"^/organisation/(?P<id>\d{1,15})$", organisation.page),
        (r"^/organisation/(?P<id>\d{1,15})/stances/(?P<topic>[^/]{1,100})$", stances_body.page),
        (r"^/stances$", stances.page),
        (r"^/article/(?P<id>\d{1,15})$", article.page),
        (r"^/archived/(?P<id>\d{1,15})$", archived.page),
        (r"^/review/(?P<kind>quote|figure|stance)$", queue.page),
        (r"^/review/(?P<kind>quote|figure|stance)\.json$", queue.more),
        (r"^/review/lost$", lost.page),
        *decide.ROUTES,
    ]


@hook
def prepare_jinja2_environment(env: Any) -> None:
    env.filters |= FILTERS
