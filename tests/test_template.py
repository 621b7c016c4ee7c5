"""Processes are forked from one that has loaded what they need, which none of them loads again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

import pipelines.template
import pipelines.worker
from pipelines.worker import Stopped, Worker, begins_with
from tests.test_worker import is_there

AMPLE = 60.0  # seconds
loaded: list[int] = []  # the processes in which something was loaded


def load() -> None:
    loaded.append(os.getpid())


@begins_with(load)
def where_loaded() -> list[int]:
    return loaded


def fail() -> None:
    raise ValueError("it can't be loaded")


@begins_with(fail)
def without() -> str:
    return "done"


def sleep() -> None:
    Path(os.environ["BEGUN"]).touch()
    time.sleep(60)


@begins_with(sleep)
def impatient() -> str:
    return "done"


def meet(place: Path, name: str, other: str) -> int:
    """The process that does it, when another one does the other."""
    (place / name).touch()
    while not (place / other).exists():
        time.sleep(0.01)
    return os.getpid()


@begins_with(load)
def beside(place: Path, name: str, other: str, task: Callable[[], object]) -> object:
    meet(place, name, other)
    return task()


def leave() -> NoReturn:
    os._exit(3)


@pytest.fixture
def two() -> Iterator[Worker]:
    with Worker(2) as two:
        yield two


def test_what_a_task_begins_with_is_loaded_once_for_all(two: Worker, tmp_path: Path) -> None:
    (template,) = two.submit(AMPLE, where_loaded).result()
    meeting = [two.submit(AMPLE, meet, tmp_path, "a", "b"), two.submit(AMPLE, meet, tmp_path, "b", "a")]
    assert len({one.result() for one in meeting} | {template}) == 3
    assert two.submit(AMPLE, where_loaded).result() == [template]


def test_it_ends_when_all_have_what_it_loaded(two: Worker, tmp_path: Path) -> None:
    (first,) = two.submit(AMPLE, where_loaded).result()
    assert is_there(first)
    meeting = [two.submit(AMPLE, meet, tmp_path, "a", "b"), two.submit(AMPLE, meet, tmp_path, "b", "a")]
    pids = [one.result() for one in meeting]
    assert not is_there(first)
    assert all(map(is_there, pids))


def test_another_one_stays(two: Worker, tmp_path: Path) -> None:
    """Where one task ends its process others may: it is not loaded anew for each."""
    templates = []
    for turn in ("1", "2", "3"):
        (tmp_path / turn).mkdir()
        for task in (where_loaded, leave):
            both = [two.submit(AMPLE, beside, tmp_path / turn, *names, task) for names in ("ab", "ba")]
            if task is where_loaded:
                templates.append({template for one in both for template in one.result()})
            else:
                assert [str(one.exception()) for one in both] == ["ended its process: exit code 3"] * 2
            for file in (tmp_path / turn).iterdir():
                file.unlink()
    first, second, third = (template for (template,) in templates)
    assert first != second == third
    assert is_there(second)


def test_one_that_was_begun_without_it_is_replaced(two: Worker) -> None:
    before = two.submit(AMPLE, os.getpid).result()
    assert two.submit(AMPLE, os.getpid).result() == before
    two.submit(AMPLE, where_loaded).result()
    assert not is_there(before)
    after = two.submit(AMPLE, os.getpid).result()
    two.submit(AMPLE, where_loaded).result()
    assert two.submit(AMPLE, os.getpid).result() == after


def test_it_is_loaded_while_other_tasks_are_done(two: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEGUN", str(tmp_path / "begun"))
    before = two.submit(AMPLE, os.getpid).result()
    two.expect(AMPLE, impatient)
    until_begun(tmp_path)
    assert two.submit(AMPLE, os.getpid).result() == before


def test_what_cannot_be_loaded_is_the_task_s_own_matter(two: Worker) -> None:
    assert two.submit(AMPLE, without).result() == "done"
    assert two.submit(AMPLE, without).result() == "done"


def test_what_takes_too_long_to_load_is_given_up(two: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEGUN", str(tmp_path / "begun"))
    assert two.submit(1.0, impatient).result() == "done"
    assert (tmp_path / "begun").exists()


def test_it_ends_while_something_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEGUN", str(tmp_path / "begun"))
    with Worker() as loading:
        loading.submit(AMPLE, abs, -1).result()
        template = template_of(loading)
        loading.expect(AMPLE, impatient)
        until_begun(tmp_path)
        begun = time.monotonic()
    assert time.monotonic() - begun < 30
    assert not is_there(template)


def template_of(worker: Worker) -> int:
    assert worker._template is not None
    assert worker._template._process is not None
    return worker._template._process.pid


def until_begun(folder: Path) -> None:
    while not (folder / "begun").exists():
        time.sleep(0.01)


def test_a_rest_comes_after_the_task(two: Worker, tmp_path: Path) -> None:
    two.submit(AMPLE, abs, -1).result()
    template = template_of(two)
    going_on = two.submit(AMPLE, meet, tmp_path, "a", "b")
    while not (tmp_path / "a").exists():
        time.sleep(0.01)
    two.rest()
    time.sleep(0.1)  # an end that did not wait would come now
    (tmp_path / "b").touch()
    pid = going_on.result()
    while is_there(pid) or is_there(template):
        time.sleep(0.01)
    assert two.submit(AMPLE, abs, -1).result() == 1


def test_one_that_dies_leaves_those_that_it_began(two: Worker) -> None:
    pid = two.submit(AMPLE, os.getpid).result()
    template = template_of(two)
    os.kill(template, signal.SIGKILL)
    while is_there(template):
        time.sleep(0.01)
    assert two.submit(AMPLE, os.getpid).result() == pid
    with pytest.raises(Stopped, match=r"^ended its process: exit code 3$"):
        two.submit(AMPLE, os._exit, 3).result()
    assert two.submit(AMPLE, os.getpid).result() != pid
    assert is_there(template_of(two))


def test_whose_end_somebody_else_has_seen_is_taken_for_killed(two: Worker) -> None:
    pid = two.submit(AMPLE, os.getpid).result()
    os.kill(pid, signal.SIGTERM)  # which it does not heed
    os.kill(pid, signal.SIGKILL)
    assert os.waitpid(pid, 0) == (pid, signal.SIGKILL)
    assert two.submit(AMPLE, abs, -1).result() == 1


def test_where_none_can_be_begun_the_task_is_lost_and_no_other(two: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as full:
        full.setattr(pipelines.template, "begin", lambda *_: (_ for _ in ()).throw(OSError("no memory")))
        with pytest.raises(Stopped, match=r"^found no process to do it: no memory$"):
            two.submit(AMPLE, abs, -1).result()
    assert two.submit(AMPLE, abs, -1).result() == 1


def test_elsewhere_than_on_linux_each_process_is_begun_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines.worker, "FORKS", False)
    with Worker() as alone:
        alone.expect(AMPLE, where_loaded)
        assert alone.submit(AMPLE, os.getppid).result() == os.getpid()
        assert alone.submit(AMPLE, where_loaded).result() == []
        with pytest.raises(Stopped, match=r"^took longer than 0.3 s$"):
            alone.submit(0.3, time.sleep, 60).result()
        with pytest.raises(Stopped, match=r"^ended its process: exit code 3$"):
            alone.submit(AMPLE, os._exit, 3).result()
        pid = alone.submit(AMPLE, os.getpid).result()
    assert not is_there(pid)
