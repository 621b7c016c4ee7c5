"""Extraction on documents that a careful reader annotated, where they are: no less than what was promised."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nlp.records import Organisation, Person, Post, Quote, Records
from onrecord.gold import rows
from tests.command import ROOT, onrecord

GOLD = ROOT.parent / "shared" / "gold"
# What the first whole night had to reach; the figures of each change stand in its note.
FLOORS = {
    ("quotes", "F1"): 0.85,
    ("speakers", "speaker"): 0.80,
    ("speakers", "organisation"): 0.80,
    ("people", "F1"): 0.90,
    ("organisations", "F1"): 0.90,
    ("figures", "F1"): 0.80,
    ("stances", "F1"): 0.50,
}


@pytest.mark.skipif(not Path(GOLD, "expected").is_dir(), reason="the annotated documents are not here")
def test_the_annotated_documents_are_read_well_enough() -> None:
    done = onrecord("evaluate", GOLD)
    assert done.returncode == 0, done.stderr
    assert "headline, date and body: 0 misses" in done.stdout
    found = {}
    for line in done.stdout.splitlines()[1:]:
        kind, *scores = line.split()
        found |= {(kind, name): float(value) for name, value in re.findall(r"(\S+) (\d\.\d+)", " ".join(scores))}
    assert {score: found[score] for score in FLOORS if found[score] < FLOORS[score]} == {}


def test_rows_name_every_body_of_a_joint_statement_and_every_post() -> None:
    lga, nspcc = Organisation("Local Government Association", "lga"), Organisation("NSPCC", "nspcc")
    quotes = (Quote(0, 2, "So", organisation=lga, others=(nspcc,)), Quote(3, 5, "So"))
    told = rows(Records(people=(Person("Ada Roe", other_posts=(Post("chair", nspcc),)),), quotes=quotes))
    assert [row["organisations"] for row in told["quotes"]] == [[lga.name, nspcc.name], []]
    assert list(told["people"][0]["other_posts"]) == [{"role": "chair", "organisation": nspcc.name}]
