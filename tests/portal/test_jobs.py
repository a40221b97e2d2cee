"""Jobs: one worker at a time, progress, cancel, and a worker that dies is replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal import clock
from portal.config import Settings
from portal.db import Database
from portal.errors import InputError
from portal.jobs import queue, worker
from portal.jobs.progress import JobProgress
from portal.jobs.queue import Claim
from portal.models import Job, JobKind, JobState

NOON = datetime(2025, 3, 12, 12, tzinfo=UTC)
LATER = NOON + queue.LEASE + timedelta(seconds=1)
HERE = Settings(home=Path("/nowhere"), database_url="", secret_key="")

Work = Callable[[Database, Claim, JobProgress], None]


def put(database: Database) -> int:
    with database.transaction() as session:
        return queue.enqueue(session, JobKind.SUGGEST, account_id=None, arguments={"a": 1}).id


def read(database: Database, job_id: int) -> Job:
    with database.session() as session:
        return session.get_one(Job, job_id)


@pytest.fixture
def does(monkeypatch: pytest.MonkeyPatch) -> Callable[[Work], None]:
    """Have the worker do this for every job."""

    def replace(work: Work) -> None:
        def handler(
            database: Database, settings: Settings, held: Claim, progress: JobProgress
        ) -> None:
            work(database, held, progress)

        monkeypatch.setattr(worker, "_handler", lambda kind: handler)

    return replace


def finish(database: Database, held: Claim, progress: JobProgress) -> None:
    with database.transaction() as session:
        queue.close(session, held, JobState.DONE, None)


def test_the_oldest_job_is_claimed_first_and_once(any_database: Database) -> None:
    with clock.frozen_at(NOON):
        first = put(any_database)
    second = put(any_database)
    claims = [queue.claim(any_database) for _ in range(3)]
    assert [held.job_id if held else None for held in claims] == [first, second, None]
    assert claims[0] is not None
    assert (claims[0].attempt, claims[0].arguments) == (1, {"a": 1})


def test_two_workers_never_take_the_same_job(any_database: Database) -> None:
    jobs = {put(any_database) for _ in range(12)}
    taken: list[int] = []

    def work() -> None:
        while held := queue.claim(any_database):
            taken.append(held.job_id)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A worker that saw the queue while another took the last row may leave early; nobody doubles.
    assert len(taken) == len(set(taken))
    work()
    assert set(taken) == jobs


def test_a_job_whose_worker_died_is_claimed_again_three_times_at_most(
    any_database: Database,
) -> None:
    instant = NOON
    with clock.frozen_at(instant):
        job_id = put(any_database)
    for attempt in (1, 2, 3):
        with clock.frozen_at(instant):
            held = queue.claim(any_database)
            assert held is not None
            assert held.attempt == attempt
            assert queue.claim(any_database) is None  # its heartbeat is fresh
        instant += queue.LEASE + timedelta(seconds=1)
    with clock.frozen_at(instant):
        assert queue.claim(any_database) is None
    job = read(any_database, job_id)
    assert job.state is JobState.FAILED
    assert "trois fois" in (job.message or "")


def test_a_worker_that_lost_its_job_can_write_nothing(any_database: Database) -> None:
    with clock.frozen_at(NOON):
        put(any_database)
        old = queue.claim(any_database)
    with clock.frozen_at(LATER):
        new = queue.claim(any_database)
    assert old is not None
    assert new is not None
    with pytest.raises(queue.LostClaimError):
        queue.record_progress(any_database, old, phase="x", done=1, total=2)
    with pytest.raises(queue.LostClaimError), any_database.transaction() as session:
        queue.close(session, old, JobState.DONE, None)
    finish(any_database, new, JobProgress(any_database, new))
    assert read(any_database, new.job_id).state is JobState.DONE


def test_progress_is_seen_from_outside(any_database: Database) -> None:
    job_id = put(any_database)
    held = queue.claim(any_database)
    assert held is not None
    JobProgress(any_database, held).report("Lecture", 3, 10)
    job = read(any_database, job_id)
    assert (job.phase, job.done, job.total) == ("Lecture", 3, 10)


def test_a_job_cancelled_before_it_starts_is_never_done(any_database: Database) -> None:
    job_id = put(any_database)
    with any_database.transaction() as session:
        queue.ask_cancel(session, session.get_one(Job, job_id))
    assert queue.claim(any_database) is None
    assert read(any_database, job_id).state is JobState.CANCELLED


def test_a_running_job_stops_when_asked(
    any_database: Database, does: Callable[[Work], None]
) -> None:
    job_id = put(any_database)

    def work(database: Database, held: Claim, progress: JobProgress) -> None:
        progress.report("Lecture", 0, 10)
        with database.transaction() as session:
            queue.ask_cancel(session, session.get_one(Job, held.job_id))
        progress.report("Écriture", 1, 10, silent=True)
        pytest.fail("it should have stopped")

    does(work)
    assert worker.run_next(any_database, HERE)
    job = read(any_database, job_id)
    assert (job.state, job.message) == (JobState.CANCELLED, "Annulé : rien n’a été écrit.")


def test_a_refusal_is_told_and_a_defect_is_not_detailed(
    database: Database, does: Callable[[Work], None]
) -> None:
    def refuse(database: Database, held: Claim, progress: JobProgress) -> None:
        raise InputError("Ce fichier est vide.")

    def break_down(database: Database, held: Claim, progress: JobProgress) -> None:
        raise ZeroDivisionError("secret")

    messages = []
    for work in (refuse, break_down):
        job_id = put(database)
        does(work)
        worker.run_next(database, HERE)
        job = read(database, job_id)
        assert job.state is JobState.FAILED
        messages.append(job.message or "")
    assert messages[0] == "Ce fichier est vide."
    assert "secret" not in messages[1]


def test_a_worker_that_is_stopped_puts_its_job_back(
    database: Database, does: Callable[[Work], None]
) -> None:
    job_id = put(database)
    stop = threading.Event()

    def work(database: Database, held: Claim, progress: JobProgress) -> None:
        stop.set()
        progress.report("Lecture", 0, 1)

    does(work)
    worker.run_next(database, HERE, stop)
    job = read(database, job_id)
    assert (job.state, job.attempts) == (JobState.WAITING, 0)


def test_the_loop_works_until_it_is_stopped(
    database: Database, does: Callable[[Work], None]
) -> None:
    jobs = [put(database), put(database)]
    stop = threading.Event()

    def work(database: Database, held: Claim, progress: JobProgress) -> None:
        finish(database, held, progress)
        if held.job_id == jobs[-1]:
            stop.set()

    does(work)
    worker.run_worker(database, HERE, stop)
    assert {read(database, job_id).state for job_id in jobs} == {JobState.DONE}


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def test_the_worker_process_does_jobs_and_stops_when_told(
    settings: Settings, database: Database
) -> None:
    job_id = put(database)
    process = worker.start_worker_process(settings)
    try:
        wait_for(lambda: read(database, job_id).state is JobState.DONE)
    finally:
        process.terminate()
    assert process.wait(timeout=20) == 0


STARTS_A_WORKER_AND_DIES = """
import os, sys
from portal.config import load_settings
from portal.jobs.worker import start_worker_process
print(start_worker_process(load_settings(sys.argv[1])).pid, flush=True)
os._exit(0)
"""


def test_the_worker_process_does_not_outlive_its_server(settings: Settings) -> None:
    started = subprocess.run(
        [sys.executable, "-c", STARTS_A_WORKER_AND_DIES, str(settings.home)],
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        check=True,
    )
    worker_id = int(started.stdout)

    def gone() -> bool:
        try:
            os.kill(worker_id, 0)
        except ProcessLookupError:
            return True
        return Path(f"/proc/{worker_id}/stat").read_text().split()[2] == "Z"

    try:
        wait_for(gone)
    finally:
        if not gone():
            os.kill(worker_id, signal.SIGKILL)
