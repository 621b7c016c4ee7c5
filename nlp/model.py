"""The trained pipeline that our rules stand on: the one in data/model, or an installed one by its name.

Weights are kept as 16-bit floats, a third of the size with the same guesses, and made 32-bit ones again when they are
loaded (`pack`, `unpack`).
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import spacy
import srsly  # type: ignore[import-untyped]
from spacy.language import Language
from thinc.api import NumpyOps, set_current_ops

import nlp.name_lists  # noqa: F401 (registers listed_names)
from data import FOLDER

MODEL = FOLDER / "model"
SETTING = "ONRECORD_SPACY_MODEL"
NAME = os.environ.get(SETTING, "")  # of an installed pipeline; "": our own
_NEEDED = ("parser", "ner")
_USED = ("listed_names", "transformer", "tok2vec", "tagger", *_NEEDED)


class ModelError(ValueError):
    """The pipeline that the setting names can't be used: one plain sentence."""


def load_model() -> Language:
    """The trained pipeline: what ONRECORD_SPACY_MODEL names, else our own. Nothing is ever downloaded.

    Raises ModelError where the name is of no installed pipeline, or of one without a parser or named entities.
    """
    if os.environ.get("OPENBLAS_NUM_THREADS") == "1":
        # On one thread numpy's BLAS multiplies our small matrices faster than spaCy's, by a sixth of all extraction.
        set_current_ops(NumpyOps(use_blis=False))
    return _installed(NAME) if NAME else read(MODEL)


def insist_on_model() -> None:
    """Raises ModelError where the setting names what can't be used; costs nothing where it names nothing."""
    if NAME:
        load_model()


def _installed(name: str) -> Language:
    try:
        pipeline = spacy.load(name)
    except OSError as error:
        raise ModelError(
            f"{SETTING} names {name!r}, which is not installed: install it, or unset it to use onrecord's own."
        ) from error
    for unused in [pipe for pipe in pipeline.pipe_names if pipe not in _USED]:
        pipeline.remove_pipe(unused)
    if missing := [pipe for pipe in _NEEDED if pipe not in pipeline.pipe_names]:
        raise ModelError(f"{SETTING} names {name!r}, which has no {' and no '.join(missing)}.")
    return pipeline


def write(pipeline: Language, folder: Path) -> None:
    """Writes a trained pipeline as `read` reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    config = pipeline.config.copy()
    config["paths"] = dict.fromkeys(config.get("paths", {}))  # of the machine that trained it
    config.to_disk(folder / "config.cfg")
    for name, pipe in _trained(pipeline):
        packed = gzip.compress(pack(pipe.to_bytes(exclude=["vocab"])), mtime=0)
        (folder / f"{name}.msgpack.gz").write_bytes(packed)


def read(folder: Path) -> Language:
    """The trained pipeline in a folder that `write` wrote."""
    pipeline = spacy.util.load_model_from_config(spacy.util.load_config(folder / "config.cfg"))
    for name, pipe in _trained(pipeline):
        packed = gzip.decompress((folder / f"{name}.msgpack.gz").read_bytes())
        pipe.from_bytes(unpack(packed), exclude=["vocab"])
        for label in getattr(pipe, "labels", ()):
            pipeline.vocab.strings.add(label)
    return pipeline


def _trained(pipeline: Language) -> list[tuple[str, Any]]:
    """The components that have weights."""
    return [(name, pipe) for name, pipe in pipeline.pipeline if hasattr(pipe, "to_bytes")]


def pack(weights: bytes) -> bytes:
    """A component as spaCy writes it, with 16-bit floats in the place of 32-bit ones."""
    return _cast(weights, lambda array: array.astype(numpy.float16) if array.dtype == numpy.float32 else array)


def unpack(weights: bytes) -> bytes:
    """The same with 32-bit floats again."""
    return _cast(weights, lambda array: array.astype(numpy.float32) if array.dtype == numpy.float16 else array)


def _cast(weights: bytes, cast: Callable[[Any], Any]) -> bytes:
    component = srsly.msgpack_loads(weights)
    model = srsly.msgpack_loads(component["model"])
    model["params"] = [
        {name: None if array is None else cast(array) for name, array in node.items()} for node in model["params"]
    ]
    component["model"] = srsly.msgpack_dumps(model)
    return bytes(srsly.msgpack_dumps(component))
