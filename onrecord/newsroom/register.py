"""An inspectorate's register of reports: a search for providers, a page for each, and the reports as PDF."""

from __future__ import annotations

from collections.abc import Iterator

from onrecord.newsroom.content import Article
from onrecord.newsroom.pdf import print_report
from onrecord.newsroom.sites import Reply, Site, latest

# Their numbers and names; the last has reports of other kinds alone.
_PROVIDERS = (("80467", "Kelbrook County Council"), ("80512", "Thornley Council"), ("80533", "Westmere Council"))


class Register(Site):
    """Reports on councils; an article is what a report says."""

    def page(self, article: Article) -> Reply:
        """The report."""
        blocks = [(paragraph.kind, paragraph.text) for paragraph in article.body]
        report = print_report(article.title, blocks, head=article.title, foot=f"{self.shape.name} | Page")
        return Reply(report, "application/pdf", article.modified)

    def listing(self) -> Iterator[tuple[str, Reply]]:
        """The search, then the providers that it lists."""
        found = {number: [a for a in self.articles if name.split()[0] in a.title] for number, name in _PROVIDERS}
        page = self.render("inspection-register.search.html", providers=_PROVIDERS, found=found)
        yield self.shape.listing, Reply(page, modified=latest(self.articles))
        for number, name in _PROVIDERS:
            provider = self.render("inspection-register.provider.html", name=name, reports=found[number])
            yield f"/provider/44/{number}", Reply(provider, modified=latest(self.articles))
