"""The trained pipeline that a setting names is tried before anything is done."""

from __future__ import annotations

import os


def insist_on_model() -> None:
    """Raises ModelError where ONRECORD_SPACY_MODEL names what can't be used.

    Only then is spaCy imported: texts are read in processes of their own, and it would cost this one half a second and
    60 MB for nothing.
    """
    if os.environ.get("ONRECORD_SPACY_MODEL"):
        from nlp.model import insist_on_model

        insist_on_model()
