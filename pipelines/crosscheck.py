"""A second reading of a page that was read by its source's selectors: do both find the same words?

When a site is made over, selectors go on matching something for a while. trafilatura knows nothing of them.
"""

from __future__ import annotations

from collections import Counter

from pipelines.generic_article import trafilatura_of
from pipelines.html_article import parsed
from pipelines.keys import fold_words
from pipelines.page import Article, Page

BAD = 0.5  # a body that disagrees by more is flagged
FEWEST_WORDS = 50  # shorter texts are not compared: a caption more or less is half of them


def disagreement(page: Page, article: Article) -> float | None:
    """How far apart both readings are: 0 for the same words, 1 for none in common (one minus F1 over words).

    None where nothing can be compared: a page that was not read by selectors, a reading of 50 words or fewer.
    """
    if article.body_method != "selectors":
        return None
    second = trafilatura_of(parsed(page), page)
    one, other = fold_words(article.text).split(), fold_words(second or "").split()
    if min(len(one), len(other)) <= FEWEST_WORDS:
        return None
    shared = (Counter(one) & Counter(other)).total()
    return round(1 - 2 * shared / (len(one) + len(other)), 3)
