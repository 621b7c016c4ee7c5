"""What pages say, on terminals and in logs: no word of theirs moves a cursor, begins a line or turns the direction."""

from __future__ import annotations

import logging
import re

import click

# Control characters, those that only some programs break lines at, marks that turn the direction, and surrogates,
# which can't be written at all.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""The text on one line, with an escape (\x1b, \n, \u202e) for every character that would do something."""
    return _UNPRINTABLE.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def say(sentence: str, *, err: bool = False) -> None:
    """Prints one line, on standard error with `err`."""
    click.echo(visible(sentence), err=err)


def escape(text: str) -> str:
    """The same text for rich, which takes nothing in it for markup."""
    from rich import markup  # only now: `onrecord --help` is there at once

    return markup.escape(visible(text))


class OneEntry(logging.Formatter):
    """Writes a record so that nothing in it looks like another one: what follows its first line is set in."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return visible(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        return "\n    ".join(map(visible, super().format(record).split("\n")))
