"""The commands. What a command needs is imported when it runs, so that `onrecord --help` is there at once."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from onrecord.terminal import say

DB = click.option(
    "--db",
    type=click.Path(path_type=Path),
    envvar="ONRECORD_DB",
    default=Path("data/onrecord.db"),
    show_default=True,
    help="The database file.",
)
PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
REGISTRY = click.option(
    "--registry",
    type=click.Path(path_type=Path),
    envvar="ONRECORD_SOURCES",
    help="Another source registry than data/sources.toml.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="onrecord")
def cli() -> None:
    """Who said what, on the record, about the inspection of children's services in the UK."""


@cli.command()
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only this source (repeatable).")
@click.option("--shard", metavar="I/N", help="Only the I-th of N shares of the sources, into a file of its own (--db).")
@click.option("--verbose", "-v", is_flag=True, help="Print the summary even where there is no terminal.")
@REGISTRY
@DB
def nightly(sources: tuple[str, ...], shard: str | None, verbose: bool, registry: Path | None, db: Path) -> int:
    """Crawl the sources, extract what is new, write the ledger.

    Exit code 0: all well. 1: some source failed or came back empty. 2: cannot run. 75: already running.
    """
    from onrecord.nightly import nightly as run
    from onrecord.shards import Shard

    return run(db, registry, sources, Shard.parse(shard) if shard is not None else None, verbose=verbose)


@cli.command()
@click.argument("source")
@click.option(
    "--since", required=True, metavar="DATE", help="How far back: YYYY-MM-DD, as far as the site prints days."
)
@click.option("--verbose", "-v", is_flag=True, help="Print the summary even where there is no terminal.")
@REGISTRY
@DB
def backfill(source: str, since: str, verbose: bool, registry: Path | None, db: Path) -> int:
    """Walk the back catalogue of a source; exit codes as of nightly."""
    from onrecord.backfill import backfill as run

    return run(db, registry, source, since, verbose=verbose)


@cli.command()
@click.argument("inputs", nargs=-1, required=True, metavar="PATH|ADDRESS…")
@REGISTRY
@DB
def add(inputs: tuple[str, ...], registry: Path | None, db: Path) -> int:
    """Store and extract single pages: .txt, .html, .pdf and WARC files, folders of them, or http(s) addresses."""
    from onrecord.add import add as run

    return run(inputs, db, registry)


@cli.command()
@PATHS
def extract(paths: tuple[Path, ...]) -> int:
    """Print what extraction finds in pages, one JSON object a line; no database is touched."""
    from onrecord.gold import extracted
    from onrecord.inputs import pages
    from pipelines.article import NotAnArticle, read_article

    code = 0
    for given in pages(paths):
        try:
            row = extracted(given.id, read_article(given.page))
        except NotAnArticle as error:
            say(f"onrecord: {given.where} holds no article: {error}.", err=True)
            code = 2
            continue
        click.echo(json.dumps(row, ensure_ascii=False))
    return code


@cli.command()
@click.option("--all", "everything", is_flag=True, help="Every article, not only those an older extractor read.")
@DB
def reextract(everything: bool, db: Path) -> int:
    """Extract again from the stored text, and say what was gained and lost."""
    from onrecord.reextract import reextract as run

    return run(db, everything=everything)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8001, show_default=True)
@click.option("--open", "-o", "open_browser", is_flag=True, help="Open it in a browser.")
@DB
def serve(host: str, port: int, open_browser: bool, db: Path) -> int:
    """Read and query the file in Datasette, on this machine."""
    from onrecord.serve import serve as run

    run(db, host, port, open_browser)
    return 0


@cli.group()
def sources() -> None:
    """The registry of sources."""


@sources.command(name="list")
@REGISTRY
def list_sources(registry: Path | None) -> int:
    """Every source, and whether it is crawled."""
    from onrecord.sources import list_all

    return list_all(registry)


@sources.command()
@click.argument("name")
@REGISTRY
def show(name: str, registry: Path | None) -> int:
    """What the registry knows of a source."""
    from onrecord.sources import show_one

    return show_one(name, registry)


@sources.command(name="try")
@click.argument("name")
@REGISTRY
def try_source(name: str, registry: Path | None) -> int:
    """What a source would give tonight, storing nothing."""
    from onrecord.sources import try_one

    return try_one(name, registry)


@cli.group()
def reviews() -> None:
    """What reviewers decided."""


@reviews.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="OUT")
@click.option("--format", "form", type=click.Choice(["jsonl", "gold", "spacy"]), default="jsonl", show_default=True)
@click.option("--held-out", is_flag=True, help="Only the tenth of the articles that is kept aside for honest scores.")
@DB
def export(target: Path, form: Any, held_out: bool, db: Path) -> int:
    """Write decisions to a file: JSON lines, gold documents (a folder for `evaluate`), or training data for spaCy."""
    from onrecord.reviews import export as run

    return run(db, target, form, held_out=held_out)


@reviews.command()
@click.option("--by", type=click.Choice(["rule", "source", "confidence"]), default="rule", show_default=True)
@DB
def precision(by: Any, db: Path) -> int:
    """How often rules are right, as far as people have read, with 95 % intervals."""
    from onrecord.reviews import print_precision

    return print_precision(db, by)


@reviews.command()
@DB
def orphans(db: Path) -> int:
    """Decisions whose record is gone, and the record that each could be moved to."""
    from onrecord.reviews import print_orphans

    return print_orphans(db)


@reviews.command()
@click.argument("review", type=int, metavar="ID")
@click.option("--reviewer", required=True, metavar="NAME", help="Who says that the two are the same.")
@DB
def move(review: int, reviewer: str, db: Path) -> int:
    """Move a decision to the record that is offered for it."""
    from onrecord.reviews import move_one

    return move_one(db, review, reviewer)


@cli.group()
def outcomes() -> None:
    """Ofsted's published judgments, which figures are held against."""


@outcomes.command(name="load")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@DB
def load_outcomes(path: Path, db: Path) -> int:
    """Read a published file (ODS or CSV) into the record, and check the figures that it concerns."""
    from onrecord.outcomes import load

    return load(db, path)


@outcomes.command(name="list")
@DB
def list_outcomes(db: Path) -> int:
    """Overall grades in the record, by framework and year."""
    from onrecord.outcomes import list_all

    return list_all(db)


@cli.group(name="organisations")
def bodies() -> None:
    """The bodies of the file: what texts name, what you add, and which are one."""


@bodies.command(name="list")
@click.option("--unconfirmed", is_flag=True, help="Only those that nobody has confirmed.")
@click.option("--kind", metavar="KIND", help="Only those of a kind, such as charity.")
@DB
def list_bodies(unconfirmed: bool, kind: str | None, db: Path) -> int:
    """Every body, with how much it has on record."""
    from onrecord.organisations import list_all

    return list_all(db, unconfirmed=unconfirmed, kind=kind)


@bodies.command(name="add")
@click.argument("name")
@click.option("--kind", metavar="KIND", help="What sort of body it is, such as charity.")
@click.option("--alias", "aliases", multiple=True, metavar="NAME", help="Another name of it (repeatable).")
@click.option("--acronym", "acronyms", multiple=True, metavar="A", help="A short form, as it is printed (repeatable).")
@DB
def add_body(name: str, kind: str | None, aliases: tuple[str, ...], acronyms: tuple[str, ...], db: Path) -> int:
    """Add a body that the list lacks: it is found in texts from now on."""
    from onrecord.organisations import add as run

    return run(db, name, kind, aliases, acronyms)


@bodies.command()
@click.argument("name")
@DB
def confirm(name: str, db: Path) -> int:
    """Say that a body which only texts named is real."""
    from onrecord.organisations import confirm as run

    return run(db, name)


@bodies.command()
@click.argument("name")
@click.argument("word", metavar="into", type=click.Choice(["into"], case_sensitive=False))
@click.argument("other", metavar="NAME")
@DB
def merge(name: str, word: str, other: str, db: Path) -> int:  # noqa: ARG001 (the word between the names)
    """Make one body of two: what refers to the first refers to the second."""
    from onrecord.organisations import merge as run

    return run(db, name, other)


@cli.group()
def stances() -> None:
    """Where bodies stand."""


@stances.command()
@DB
def train(db: Path) -> int:
    """Learn from what reviewers decided on stances; used where it beats the rules on articles kept aside."""
    from onrecord.stances import train as run

    return run(db)


@cli.group()
def bulk() -> None:
    """A back catalogue of archived pages, on many processes or machines (docs/scaling.md)."""
    from onrecord.bulk import insist_on_extra

    insist_on_extra()


@bulk.command(name="extract")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT…")
@click.option(
    "--out", required=True, metavar="DIR", help="A folder for Parquet files: a new one, or one to go on with."
)
@click.option("--dask", metavar="ADDRESS", help="A Dask scheduler; without one, all cores of this machine work.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="How many processes, where it is this machine.")
@click.option("--pages", type=click.IntRange(1), metavar="N", help="Pages that are one task, and one file: 500.")
def extract_bulk(inputs: tuple[str, ...], out: str, dask: str | None, workers: int | None, pages: int | None) -> int:
    """Extract from archives (WARC), folders of pages and Parquet tables of them, here or at s3://… addresses.

    Exit code 0: all well. 1: some pages failed; the table of failures says which. 2: cannot run, or not go on.
    """
    from onrecord.bulk.extract import extract as run

    if dask and workers:
        raise click.UsageError("--workers is for this machine: the cluster at --dask has the workers that it has.")
    return run(inputs, out, dask, workers, pages)


@bulk.command(name="load")
@click.argument("folder", metavar="DIR")
@DB
def load_bulk(folder: str, db: Path) -> int:
    """Bring what `bulk extract` made into the file; what is there already stays as it is."""
    from onrecord.bulk.load import load as run

    return run(folder, db)


@cli.command(name="merge")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@DB
def merge_files(files: tuple[Path, ...], db: Path) -> int:
    """Bring what other onrecord files hold (shards, an old copy) into this one."""
    from onrecord.merge.command import merge as run

    return run(files, db)


@cli.command()
@DB
def check(db: Path) -> int:
    """Whether the file is whole: offsets, triggers, search index, counts."""
    from onrecord.check import check as run

    problems = run(db)
    for problem in problems:
        say(problem)
    if not problems:
        say(f"{db} is whole.")
    return 1 if problems else 0


@cli.command()
@click.argument("gold", type=click.Path(path_type=Path), metavar="GOLD_DIR")
@click.option("--each", is_flag=True, help="List every miss, document by document.")
def evaluate(gold: Path, each: bool) -> int:
    """Precision, recall and F1 of each kind of record against gold documents."""
    from onrecord.evaluate import evaluate as run

    return run(gold, each=each)


@cli.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="PATH")
@DB
def backup(target: Path, db: Path) -> int:
    """A consistent copy of the file, and the reviews as JSON lines beside it."""
    from onrecord.backup import backup as run

    reviews = run(db, target)
    say(f"{target} is a copy of {db}; {target.with_suffix('.reviews.jsonl')} holds {reviews} reviews.")
    return 0


def main() -> None:
    """Runs a command; what the user can mend is one sentence on standard error and exit code 2."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the worker: the same arithmetic gives the same records
    try:
        code: Any = cli.main(standalone_mode=False)
    except click.ClickException as error:
        _refuse(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        if not _is_plain(error):
            raise
        _refuse(str(error))
    sys.exit(code or 0)


def _refuse(sentence: str) -> None:
    say(f"onrecord: {sentence}", err=True)
    sys.exit(2)


def _is_plain(error: Exception) -> bool:
    """Whether the message is a sentence for the user (only now are their classes worth importing)."""
    from nlp.lexicon import LexiconError
    from onrecord.errors import CannotRun
    from pipelines.schema import DatabaseError
    from spiders.registry import RegistryError

    model = sys.modules.get("nlp.model")  # with spaCy, which takes half a second: who raised its error has loaded it
    plain = (CannotRun, DatabaseError, LexiconError, RegistryError)
    return isinstance(error, (*plain, model.ModelError) if model else plain)
