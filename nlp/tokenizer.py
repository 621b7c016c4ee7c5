"""spaCy's English tokenizer, for texts that anybody may have written.

The time it takes for a stretch without blanks grows with the square of its length when the stretch is punctuation, so
long stretches are cut into pieces first. Nothing is lost: the words and blanks of the Doc are the text.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

LONGEST_TEXT = 1_000_000  # characters: what stands behind them is not read
_PIECE = 64  # characters: few words, and no address that anybody quotes, are longer
_STRETCH = re.compile(rf"\S{{{_PIECE + 1},}}")


class TamedTokenizer:
    """Tokenizes in time linear in the length of the text."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def __call__(self, text: str) -> Doc:
        text = text[:LONGEST_TEXT]
        pieces = list(self._pieces(text))
        if len(pieces) < 2:
            doc: Doc = self._tokenizer(text)
            return doc
        return Doc.from_docs([self._tokenizer(piece) for piece in pieces], ensure_whitespace=False)

    def __getattr__(self, name: str) -> Any:
        """What spaCy asks of its own tokenizer (to_bytes, rules, explain …)."""
        return getattr(self._tokenizer, name)

    @staticmethod
    def _pieces(text: str) -> list[str]:
        cuts = [0]
        for stretch in _STRETCH.finditer(text):
            cuts += range(stretch.start() + _PIECE, stretch.end(), _PIECE)
        cuts.append(len(text))
        return [text[a:b] for a, b in pairwise(cuts)]
