"""Suggestions for everyone: made by blocks, followed on a screen, cancelled between two blocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings
from portal.db import Database
from portal.jobs import queue, worker
from portal.matchmaking import batch
from portal.matchmaking.batch import refresh_in_blocks, refresh_suggestions
from portal.models import Job, JobKind, JobOffer, JobState, OfferState, Person, Role, Suggestion
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import LENS, MARQUION, Factory

PAGE = "/propositions/"


def fill(session: Session, people: int = 5) -> None:
    """People of two towns and two offers."""
    make = Factory(session)
    adviser = make.account(Role.ADVISER)
    skill = make.core_skill(make.occupation(), "tp.niveler")
    for _ in range(2):
        make.requires(make.offer(adviser, shared_at=clock.now()), skill)
    for number in range(people):
        place = (MARQUION, LENS)[number % 2]
        make.knows(make.person(referent=adviser, modes="car", max_minutes=90, place=place), skill)
    session.commit()


def written(session: Session) -> list[tuple[Any, ...]]:
    """Every suggestion, without its date."""
    columns = [column for column in Suggestion.__table__.columns if column.name != "computed_at"]
    return [tuple(row) for row in session.execute(select(*columns).order_by(*columns[:2]))]


def blocks_of(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(batch, "BLOCK", size)


def nothing(*_: object) -> None:
    """Follow nothing, finish nothing."""


@pytest.mark.parametrize("size", [1, 2, 50])
def test_blocks_write_what_one_transaction_writes(
    any_database: Database, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    with any_database.session() as session:
        fill(session)
        refresh_suggestions(session, nothing)
        expected = written(session)
        assert len(expected) == 10
        session.execute(update(Suggestion).values(unknown=9, computed_at=clock.now()))
        session.commit()
        blocks_of(monkeypatch, size)
        told: list[tuple[str, int, int]] = []
        refresh_in_blocks(any_database, lambda *one: told.append(one), nothing)
        assert written(session) == expected
    assert [done for _, done, _ in told] == [*range(0, 5, size), 5]


def test_who_is_no_longer_listed_keeps_no_suggestion(any_database: Database) -> None:
    with any_database.session() as session:
        fill(session)
        refresh_in_blocks(any_database, nothing, nothing)
        gone = session.scalars(select(Person).order_by(Person.id)).first()
        assert gone is not None
        gone.archived_at = clock.now()
        session.commit()
        refresh_in_blocks(any_database, nothing, nothing)
        owners = set(session.scalars(select(Suggestion.person_id)))
        assert gone.id not in owners
        assert len(owners) == 4


def test_who_leaves_the_lists_while_it_runs_is_given_none(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Archived or objecting, before their block is written or after; and an offer closed."""
    with any_database.session() as session:
        fill(session)
        refresh_in_blocks(any_database, nothing, nothing)
        blocks_of(monkeypatch, 1)
        people = session.scalars(select(Person).order_by(Person.id)).all()
        offer, other = session.scalars(select(JobOffer).order_by(JobOffer.id)).all()

        def leave(_phase: str, done: int, _total: int) -> None:
            if done == 2:
                # Neighbours are together: those of one town come before those of the other.
                for one in people[:2]:
                    one.archived_at = clock.now()
                people[2].objected_at = clock.now()
                people[3].commune_code = None
                offer.state = OfferState.SUSPENDED
            session.commit()

        refresh_in_blocks(any_database, leave, nothing)
        rows = session.execute(select(Suggestion.person_id, Suggestion.offer_id)).all()
        assert [tuple(row) for row in rows] == [(people[4].id, other.id)]


def test_nobody_unlisted_stays_in_what_one_transaction_writes(any_database: Database) -> None:
    with any_database.session() as session:
        fill(session)
        first = session.scalars(select(Person).order_by(Person.id)).first()
        assert first is not None

        def leave(phase: str, done: int, _total: int) -> None:
            if (phase, done) == ("calcul", 0):
                first.archived_at = clock.now()
                session.flush()

        refresh_suggestions(session, leave)
        owners = set(session.scalars(select(Suggestion.person_id)))
        assert len(owners) == 4
        assert first.id not in owners


def test_a_person_and_an_offer_removed_meanwhile_are_passed_over(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with any_database.session() as session:
        fill(session)
        session.rollback()
        blocks_of(monkeypatch, 2)
        removals = [
            "DELETE FROM referral WHERE person_id = (SELECT max(id) FROM person)",
            "DELETE FROM person WHERE id = (SELECT max(id) FROM person)",
            "DELETE FROM suggestion",
            "DELETE FROM offer_requirement WHERE offer_id = (SELECT max(id) FROM job_offer)",
            "DELETE FROM job_offer WHERE id = (SELECT max(id) FROM job_offer)",
        ]

        def remove(_phase: str, done: int, _total: int) -> None:
            for statement in removals if done == 2 else ():
                session.execute(text(statement))
            session.commit()

        refresh_in_blocks(any_database, remove, nothing)
        offers = set(session.scalars(select(Suggestion.offer_id)))
        assert offers == set(session.scalars(select(JobOffer.id)))
        assert len(written(session)) == 2


@pytest.fixture
def screen(client: CheckingClient, make: Factory, session: Session) -> CheckingClient:
    """The browser of an administrator."""
    admin = make.account(Role.ADMIN)
    session.commit()
    return sign_in(client, session, admin)


def last_job(session: Session) -> Job:
    session.rollback()
    return session.scalars(select(Job).order_by(Job.id.desc())).first() or Job()


def test_it_is_asked_for_once_made_and_said(
    screen: CheckingClient, session: Session, database: Database, settings: Settings
) -> None:
    fill(session)
    assert "pas encore été calculées" in screen.get(PAGE).text
    for _ in range(2):
        assert screen.post("/propositions/calculer").location == PAGE
    assert session.scalars(select(Job.kind)).all() == [JobKind.SUGGEST]
    waiting = screen.get(PAGE).text
    assert "En attente de son tour" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert worker.run_next(database, settings)
    done = screen.get(PAGE).text
    assert "Le calcul est allé à son terme." in done
    assert "Dernier calcul complet" in done
    assert "hx-trigger" not in done
    assert len(written(session)) == 10


def test_progress_is_told_in_people(
    screen: CheckingClient, session: Session, database: Database
) -> None:
    job = queue.enqueue(session, JobKind.SUGGEST, account_id=None, arguments={})
    session.commit()
    held = queue.claim(database)
    assert held is not None
    assert "Lecture des personnes" in screen.get(PAGE).text
    queue.record_progress(database, held, phase="calcul", done=12_400, total=50_000)
    fragment = screen.get(PAGE, headers={"HX-Request": "true"}).text
    assert "12\u202f400 personnes sur 50\u202f000" in fragment
    assert '<progress id="avancement" max="50000" value="12400">' in fragment
    assert "<html" not in fragment
    screen.post("/propositions/annuler")
    assert "Annulation demandée" in screen.get(PAGE).text
    session.refresh(job)
    assert job.cancel_asked


def test_cancelled_between_two_blocks_the_others_keep_what_they_had(
    screen: CheckingClient,
    session: Session,
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(session)
    refresh_suggestions(session, nothing)
    old = clock.now() - timedelta(days=3)
    session.execute(update(Suggestion).values(computed_at=old))
    session.commit()
    blocks_of(monkeypatch, 2)
    monkeypatch.setattr("portal.jobs.progress._SECONDS_BETWEEN_WRITES", 0)
    screen.post("/propositions/calculer")
    write = batch._write_block

    def cancel_after(*arguments: Any) -> None:
        write(*arguments)
        screen.post("/propositions/annuler")

    monkeypatch.setattr(batch, "_write_block", cancel_after)
    assert worker.run_next(database, settings)
    job = last_job(session)
    assert job.state is JobState.CANCELLED
    said = "2 personnes sur 5 ont leurs nouvelles propositions"
    assert said in screen.get(PAGE).text.replace("\u00a0", " ")
    dates = session.execute(select(Suggestion.person_id, Suggestion.computed_at)).all()
    assert len({person for person, at in dates if at > old}) == 2
    assert len({person for person, at in dates if at == old}) == 3


def test_a_defect_is_told_in_french_and_the_former_stay(
    screen: CheckingClient,
    session: Session,
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(session)

    def broken(*_: object) -> None:
        raise LookupError("a defect")

    monkeypatch.setattr(batch, "_write_block", broken)
    screen.post("/propositions/calculer")
    assert worker.run_next(database, settings)
    assert last_job(session).state is JobState.FAILED
    page = screen.get(PAGE).text
    assert "une erreur de notre part" in page
    assert "gardent leurs propositions précédentes" in page
    assert "Recalculer les propositions de tous" in page


def test_lost_three_times_it_is_closed_in_words_of_its_own(
    session: Session, database: Database
) -> None:
    job = queue.enqueue(session, JobKind.SUGGEST, account_id=None, arguments={})
    session.commit()
    for _ in range(queue.MOST_ATTEMPTS):
        assert queue.claim(database) is not None
        old = clock.now() - 2 * queue.LEASE
        session.execute(update(Job).values(heartbeat_at=old))
        session.commit()
    queue.abandon_lost(database)
    session.refresh(job)
    assert job.state is JobState.FAILED
    assert "gardent leurs propositions" in (job.message or "")
