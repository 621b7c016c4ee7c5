"""What extraction needs is tried before anything is done: the word lists, and the trained pipeline a setting names."""

from __future__ import annotations

import os

from nlp.lexicon import insist_on_lexicons


def insist_on_extraction() -> None:
    """Raises LexiconError for a word list that can't be read, ModelError where ONRECORD_SPACY_MODEL names what can't
    be used.

    Only for the latter is spaCy imported: texts are read in processes of their own, and it would cost this one half a
    second and 60 MB for nothing.
    """
    insist_on_lexicons()
    if os.environ.get("ONRECORD_SPACY_MODEL"):
        from nlp.model import insist_on_model

        insist_on_model()
