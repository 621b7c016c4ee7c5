"""A headless Chromium and the served file. Where there is no browser, these tests are skipped and say so."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from onrecord.serve import datasette
from tests import serving
from tests.sample_file import build

# None of these asks the network for anything.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--no-default-browser-check",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")

PATIENCE = 20_000  # milliseconds: machines are noisy, and only what fails takes them

Open = Callable[..., Any]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: in a headless Chromium; skipped where none is installed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium. Not for the whole session: while it is there, no other test may run an event loop."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium is installed (apt-get install chromium, or name one in CHROMIUM)")
    api.expect.set_options(timeout=PATIENCE)
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Open]:
    """Opens an address in a browser profile of its own; what goes wrong in a page fails the test."""
    contexts, wrong = [], []

    def open_page(
        address: str,
        *,
        reviewer: str | None = "Bo",
        width: int = 1280,
        routes: dict[str, Callable[[Any], object]] | None = None,
        **how: Any,
    ) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **how)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if reviewer:
            context.add_cookies([{"name": "onrecord_reviewer", "value": reviewer, "url": address}])
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.on("dialog", lambda dialog: wrong.append(dialog.message) or dialog.dismiss())  # type: ignore[func-returns-value]
        page.on("request", lambda asked: wrong.append(asked.url) if not _is_ours(asked.url, address) else None)
        # Before the page is there: Chromium lets a request slip by that is made just after a page is routed.
        for pattern, answer in (routes or {}).items():
            page.route(pattern, answer)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def _is_ours(url: str, address: str) -> bool:
    return url.startswith((address.split("/", 3)[0] + "//" + address.split("/")[2], "data:", "blob:"))


def go(page: Any, link: Any) -> None:
    """Follows a link, and waits until the page is there and its scripts listen."""
    with page.expect_navigation():
        link.click()


@contextmanager
def served(database: Path) -> Iterator[str]:
    """The file as `onrecord serve` serves it, but in a thread; gives its address."""
    with serving.served(datasette(database)) as client:
        yield str(client.base_url).rstrip("/")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The sample file."""
    build(tmp_path / "onrecord.db").close()
    return tmp_path / "onrecord.db"


@pytest.fixture
def site(database: Path) -> Iterator[str]:
    with served(database) as address:
        yield address


def ask(database: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as file:
        return file.execute(sql, values).fetchall()
