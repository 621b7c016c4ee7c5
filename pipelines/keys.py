"""Names for what was said that outlive re-extraction: no offset, speaker or extractor is in them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

from nlp.text import fold

_WORD = re.compile(r"[^\W_]+")


def fold_words(text: str) -> str:
    """The words alone: lower case, no marks, apostrophes left out, single spaces."""
    return " ".join(_WORD.findall(fold(text).lower().replace("'", "")))


def body_key(name: str) -> str:
    """The name of a body however it is set: its words, with "&" as "and", without "The"."""
    return fold_words(name.replace("&", " and ")).removeprefix("the ")


def digest(content: str | bytes) -> str:
    """32 hexadecimal characters of SHA-256."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()[:32]


def text_key(text: str) -> str:
    """The same for the same words wherever they stand: links a quote across outlets."""
    return digest(fold_words(text))


def item_keys(url: str, texts: Iterable[str]) -> list[str]:
    """A key for each folded text of an article, in order: of its canonical url, the text, its ordinal among equals."""
    seen: Counter[str] = Counter()
    keys = []
    for text in texts:
        keys.append(digest(f"{url}\n{text}\n{seen[text]}"))
        seen[text] += 1
    return keys
