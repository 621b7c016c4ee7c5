"""A national daily's sitemaps: an index, what is new for news search, and everything else, by month and gzipped."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from itertools import groupby

from onrecord.newsroom.content import Article
from onrecord.newsroom.sites import Reply, Site, latest

_NEW = 2  # articles of the sitemap for news search


class Sitemaps(Site):
    """The sitemaps, beside the pages for people."""

    def listing(self) -> Iterator[tuple[str, Reply]]:
        """The index, then each sitemap that it names."""
        new, old = self.articles[:_NEW], self.articles[_NEW:]
        months = {month: tuple(shown) for month, shown in groupby(old, _month)}
        sitemaps = {"/sitemaps/news.xml": new, **{f"/sitemaps/{month}.xml.gz": old for month, old in months.items()}}
        index = self.render("national-daily.index.xml", sitemaps=sitemaps)
        yield self.shape.listing, Reply(index, "application/xml", latest(self.articles))
        for path, shown in sitemaps.items():
            sitemap = self.render("national-daily.sitemap.xml", shown=shown, is_news=shown is new)
            if path.endswith(".gz"):
                yield path, Reply(gzip.compress(sitemap, mtime=0), "application/gzip", latest(shown))
            else:
                yield path, Reply(sitemap, "application/xml", latest(shown))


def _month(article: Article) -> str:
    return f"{article.published:%Y-%m}"
