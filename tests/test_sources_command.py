"""`onrecord sources`: what people see of the registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from onrecord.newsroom import Newsroom
from spiders.registry import read_registry
from tests.command import LOCAL, onrecord


def test_list_shows_every_source_and_its_state() -> None:
    shown = onrecord("sources", "list", COLUMNS="200").stdout
    for name, source in read_registry().items():
        (line,) = [line for line in shown.splitlines() if line.split()[:1] == [name]]
        state = "disabled" if source.disabled else "verified" if source.verified else "not verified"
        assert state in line


def test_show_prints_addresses_whole() -> None:
    shown = onrecord("sources", "show", "community-care").stdout
    source = read_registry()["community-care"]
    assert source.name in shown
    assert "not on the live" in shown
    assert source.listing[0].url in shown


def test_try_tells_what_tonight_would_give_and_stores_nothing(tmp_path: Path) -> None:
    with Newsroom() as room:
        registry = tmp_path / "sources.toml"
        registry.write_text(room.registry, encoding="utf-8")
        environment = {**LOCAL, "ONRECORD_DB": str(tmp_path / "onrecord.db")}
        done = onrecord("sources", "try", "council-newsroom", "--registry", registry, **environment)
    assert done.returncode == 0, done.stderr
    assert "Westmere Council newsroom: ok." in done.stdout
    assert "Listed: 6 items" in done.stdout
    for said in ("title ", "published 2026-", "(selector)", "(selectors)", "relevance ", "quote "):
        assert said in done.stdout, said
    assert [file.name for file in tmp_path.iterdir()] == ["sources.toml"]


@pytest.mark.parametrize("gone", ["/news", "/press-releases"])
def test_try_says_what_is_wrong(tmp_path: Path, gone: str) -> None:
    name = "council-newsroom" if gone == "/news" else "charity-press"
    with Newsroom() as room:
        registry = tmp_path / "sources.toml"
        address = room.addresses[name]
        registry.write_text(room.registry.replace(f'"{address}{gone}"', f'"{address}/gone"'), encoding="utf-8")
        done = onrecord("sources", "try", name, "--registry", registry, **LOCAL)
    assert done.returncode == 1
    assert "failed" in done.stdout
    assert "HTTP 404" in done.stdout
