"""`onrecord evaluate`: how well extraction does on documents that a careful reader has annotated."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from spacy.scorer import Scorer
from spacy.training import Example

from nlp.build import make_doc, organisations_in, pipeline
from nlp.gazetteer import organisations
from nlp.records import Figure, Mention, Organisation, Person, Quote, Stance
from nlp.scoring import squash
from onrecord.errors import CannotRun
from onrecord.gold import context_of
from onrecord.inputs import TYPES, pages
from onrecord.terminal import say
from pipelines.article import NotAnArticle, read_article
from pipelines.page import Article

KINDS = ("organisations", "people", "quotes", "speakers", "figures", "stances")
# Where a Doc keeps what an expected file annotates.
_ANNOTATED = {"organisations": "organisation_mentions"} | {k: k for k in ("people", "quotes", "figures", "stances")}


@dataclass(frozen=True, slots=True)
class _Gold:
    stem: str
    expected: dict[str, Any]
    document: Path


def evaluate(folder: Path, *, each: bool = False) -> int:
    """Prints the scores of each kind. Raises CannotRun where the folder holds no gold documents."""
    examples, wrong = read_gold(folder)
    scores = Scorer(nlp=pipeline()).score(examples)  # asks every component's scorer
    _print(scores, len(examples), wrong, each=each)
    return 0


def read_gold(folder: Path) -> tuple[list[Example], list[str]]:
    """Each document as extracted and as annotated; what of headlines, dates and bodies is misread. Raises CannotRun."""
    examples: list[Example] = []
    wrong: list[str] = []
    for gold in _read(folder):
        try:
            article = _article(gold.document)
        except NotAnArticle as error:
            wrong.append(f"{gold.stem}: no article: {error}")
            article = Article(url=gold.document.as_uri(), title=None, text="")
        wrong += [f"{gold.stem}: {complaint}" for complaint in _article_misses(gold.expected, article)]
        examples.append(_example(gold.expected, article))
    return examples, wrong


def _read(folder: Path) -> list[_Gold]:
    """Pairs expected/X.json with documents/X.txt (or .html …, or .json), or X.json with X.txt beside it."""
    if not folder.is_dir():
        raise CannotRun(f"There is no folder {folder}.")
    found = []
    for file in sorted([*folder.glob("expected/*.json"), *folder.glob("*.json")]):
        near = [folder / "documents" / f"{file.stem}{suffix}" for suffix in (*TYPES, ".json")]
        near += [file.with_suffix(suffix) for suffix in TYPES]
        document = next((document for document in near if document.exists()), None)
        try:
            expected = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CannotRun(f"{file} can't be read: {error}.") from error
        if document and isinstance(expected, dict):
            found.append(_Gold(file.stem, expected, document))
    if not found:
        raise CannotRun(f"{folder} holds no gold document: expected/NAME.json with documents/NAME.txt.")
    return found


def _article(document: Path) -> Article:
    """The article on a page, or as `onrecord reviews export` writes a stored one. Raises NotAnArticle, CannotRun."""
    if document.suffix != ".json":
        [given] = pages([document])
        return read_article(given.page)
    try:
        stored = json.loads(document.read_text(encoding="utf-8"))
        return Article(**{**stored, "block_quotes": tuple((start, end) for start, end in stored["block_quotes"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CannotRun(f"{document} can't be read: {error}.") from error


def _article_misses(expected: dict[str, Any], article: Article) -> Iterable[str]:
    """What of headline, date and body is not as expected."""
    if expected.get("title") and expected["title"] != article.title:
        yield f"title {article.title!r} for {expected['title']!r}"
    if expected.get("published") and expected["published"] != article.published:
        yield f"published {article.published} for {expected['published']}"
    words = squash(article.text)
    if not words.startswith(squash(expected.get("body_starts") or "")):
        yield f"the body does not start with {expected['body_starts']!r}"
    if not words.endswith(squash(expected.get("body_ends") or "")):
        yield f"the body does not end with {expected['body_ends']!r}"
    yield from (f"furniture in the body: {junk!r}" for junk in expected.get("not_body", ()) if squash(junk) in words)


def _example(expected: dict[str, Any], article: Article) -> Example:
    """The predicted Doc and the reference Doc with the reader's records."""
    context = context_of(article)
    predicted = pipeline()(make_doc(article.text, context))
    # Headlines name bodies too.
    predicted._.organisation_mentions = [
        *predicted._.organisation_mentions,
        *(Mention(0, 0, body.name, organisation=body) for body in organisations_in(article.title or "", context)),
    ]
    reference = make_doc(article.text, context)
    reference._.organisation_mentions = [
        Mention(0, 0, name, organisation=_body(name)) for name in expected.get("organisations", ())
    ]
    reference._.people = [_record(Person, row) for row in expected.get("people", ())]
    optional: dict[str, Any] = {"organisations": expected.get("optional_organisations", ())}
    for kind, record in (("quotes", Quote), ("figures", Figure), ("stances", Stance)):
        rows = [{**row, "text": row.get("text") or row.get("evidence") or ""} for row in expected.get(kind, ())]
        rows = [{**row, "speaker": row.get("holder") if kind == "stances" else row.get("speaker")} for row in rows]
        reference._.set(kind, [_record(record, row) for row in rows if not row.get("optional")])
        optional[kind] = [_record(record, row) for row in rows if row.get("optional")]
    reference._.optional = optional
    for kind, extension in _ANNOTATED.items():
        if kind not in expected:  # nobody has looked for them, so there is nothing to score
            predicted._.set(extension, [])
    return Example(predicted, reference)


def _record(kind: type[Any], row: dict[str, Any]) -> Any:
    known = {f.name for f in fields(kind)} - {"organisation"}
    values = {key: value for key, value in row.items() if key in known}
    if "start" in known:
        values |= {"start": 0, "end": 0}
    return kind(**values, organisation=_body(row["organisation"]) if row.get("organisation") else None)


def _body(name: str) -> Organisation:
    """The listed body of this name or variant, so that two names of one body are one."""
    for entry in organisations():
        if name in (entry.name, *entry.names, *entry.acronyms):
            return Organisation(entry.name, entry.id)
    return Organisation(name)


def _print(scores: dict[str, Any], documents: int, wrong: list[str], *, each: bool) -> None:
    say(f"{documents} documents; headline, date and body: {len(wrong)} misses")
    for kind in KINDS:
        p, r, f = (scores.get(f"{kind}_{x}") for x in "prf")
        line = f"{kind:14}"
        if f is not None:
            line += f" P {p or 0:.3f}  R {r or 0:.3f}  F1 {f:.3f}"
        rates = {
            key.removeprefix(f"{kind}_"): v
            for key, v in scores.items()
            if key.startswith(f"{kind}_") and isinstance(v, float)
        }
        line += "".join(f"  {key} {value:.3f}" for key, value in rates.items() if key not in {"p", "r", "f"})
        say(line)
    if each:
        for miss in [*wrong, *(miss for kind in KINDS for miss in scores.get(f"{kind}_misses", ()))]:
            say(f"  {miss}")
