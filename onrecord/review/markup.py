"""What is done to every template, ours, Datasette's and other plugins', before it is drawn.

Two things: what templates themselves bring as inline script or style is marked with the page's nonce, so that the
content security policy lets it through and nothing else; and marks that turn the direction of text are made visible.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from jinja2 import BaseLoader, Environment

from onrecord.review.hook import hook

Text = TypeVar("Text", bound=str)

_INLINE = re.compile(r"<(script|style)(?=[\s>])(?![^>]*\ssrc=)", re.IGNORECASE)
_STYLE_ATTRIBUTE = re.compile(r'\sstyle="(?:\{\{.*?\}\}|[^"])*"')
# Embeddings, overrides, isolates and marks: what is read would not be what is stored.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(slots=True)
class _Page:
    """The page that is being drawn."""

    nonce: str | None = None


_page: ContextVar[_Page] = ContextVar("page")


def neutral(text: Text) -> Text:
    """The text with a visible sign for every mark that would turn its direction; as many characters as before."""
    return type(text)(_TURNING.sub("\ufffd", text)) if _TURNING.search(text) else text


def begin_page() -> Callable[[], str | None]:
    """Begins a page; gives what tells, when it is drawn, the nonce that its templates have asked for, if any has."""
    page = _Page()
    _page.set(page)
    return lambda: page.nonce


@hook
def prepare_jinja2_environment(env: Environment) -> None:
    assert env.loader is not None
    env.loader = _Marking(env.loader)
    env.globals["csp_nonce"] = _nonce
    env.finalize = _neutral_value
    env.filters["neutral"] = neutral


def _nonce() -> str:
    page = _page.get()
    page.nonce = page.nonce or secrets.token_urlsafe(16)
    return page.nonce


def _neutral_value(value: Any) -> Any:
    return neutral(value) if isinstance(value, str) else value


class _Marking(BaseLoader):
    """Reads templates as they are, but for a nonce at inline script and style, and without style attributes."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, path, current = self._loader.get_source(environment, template)
        source = _INLINE.sub(r'<\1 nonce="{{ csp_nonce() }}"', source)
        return _STYLE_ATTRIBUTE.sub("", source), path, current

    def list_templates(self) -> list[str]:
        return self._loader.list_templates()
