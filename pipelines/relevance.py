"""On topic or not, for an article."""

from __future__ import annotations

from nlp.relevance import Relevance, relevance
from pipelines.page import Article


def score(article: Article) -> Relevance:
    """The relevance of an article, by its title, standfirst and text."""
    return relevance(article.title, f"{article.standfirst or ''}\n\n{article.text}")
