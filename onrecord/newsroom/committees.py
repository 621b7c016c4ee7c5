"""A council's committee system, as ModernGov has it: meetings, their agendas, and the minutes of each item."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from onrecord.newsroom.sites import Reply, Site, latest


class Committees(Site):
    """One committee's meetings; an article is what the minutes say of one item."""

    def listing(self) -> Iterator[tuple[str, Reply]]:
        """The list of meetings, then the meetings that were held."""
        held = [(when, tuple(items)) for when, items in groupby(self.articles, key=lambda item: item.published)]
        days = [(self.meeting(when), when) for when, _ in held]
        page = self.render("council-democracy.meetings.html", days=days)
        yield self.shape.listing, Reply(page, modified=latest(self.articles))
        for when, items in held:
            meeting = self.render("council-democracy.meeting.html", when=when, items=items)
            yield self.meeting(when), Reply(meeting, modified=latest(items))

    def meeting(self, when: datetime) -> str:
        """The path of a meeting."""
        return f"/ieListDocuments.aspx?CId=135&MId={when:%m%d}&Ver=4"
