"""Commands that store or read articles hold their figures against the record at once."""

from __future__ import annotations

from pathlib import Path

from pipelines.schema import open_database
from tests.command import onrecord
from tests.outcome_files import first_sif, wide, write_ods

TEXT = (
    "Inspections of children's services\n\nThe single inspection framework is a year old. So far three councils have"
    " been inspected: two councils were judged good and one council was judged inadequate.\n\nLeeds was rated good by"
    " Ofsted. Social workers said the inspections of local authorities had been hard."
)


def test_added_and_read_again(tmp_path: Path) -> None:
    db = tmp_path / "file.db"
    told = [("Leeds", "2014-05-06", "Good"), ("Kent", "2014-07-06", "Inadequate"), ("Bury", "2015-01-06", "Good")]
    record = write_ods(tmp_path / "x.ods", {"LA": wide(*(first_sif(*row) for row in told))})
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")

    def verdicts() -> list[tuple[str, float]]:
        file = open_database(db)
        found = file.execute(
            "SELECT verdict, value FROM figure_checks JOIN figures ON figures.id = figure_id ORDER BY start"
        ).fetchall()
        due = file.execute("SELECT count(*) FROM checks_due").fetchone()[0]
        file.close()
        assert due == 0
        return found

    assert onrecord("outcomes", "load", record, "--db", db).returncode == 0
    assert onrecord("add", tmp_path / "a.txt", "--db", db).returncode == 0
    assert verdicts() == [("confirmed", 3), ("confirmed", 2), ("confirmed", 1)]
    file = open_database(db)
    with file.atomic():
        file.execute("DELETE FROM figure_checks")
    file.close()
    assert onrecord("reextract", "--all", "--db", db).returncode == 0
    assert len(verdicts()) == 3
