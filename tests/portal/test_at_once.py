"""Several processes at the same moment, on SQLite and on PostgreSQL: limits and uniqueness hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.introductions import actions, steps
from portal.jobs import queue
from portal.models import (
    Account,
    AgreementChannel,
    AssertionSource,
    Contact,
    ContactChannel,
    ContactPreference,
    DomainEvent,
    Introduction,
    IntroductionState,
    Invitation,
    Job,
    JobKind,
    JobOffer,
    MajorProject,
    Occupation,
    OfferView,
    Pathway,
    PathwayState,
    Person,
    Role,
    ScenarioKind,
    SpokenLanguage,
    UnmetNeed,
)
from portal.needs.queries import record_project_need
from portal.offers.queries import record_view
from portal.pathways.recording import record_agreement
from portal.people.queries.files import Identity, record_person
from portal.people.queries.follow import record_contact
from portal.people.queries.languages import record_languages
from tests.support.factories import Factory
from tests.support.processes import FORKS
from tests.support.projects import make_project

PROCESSES = 3
DONE, REFUSED = "done", "refused"
Work = Callable[[Database, Actor, int], None]


def transmit(database: Database, actor: Actor, row_id: int) -> None:
    """Transmit one introduction."""
    with database.transaction() as session:
        row = session.get_one(Introduction, row_id)
        assert row.offer is not None
        meet()
        actions.transmit(session, actor, introduction=row)


def look(database: Database, actor: Actor, row_id: int) -> None:
    """Say that an offer was seen."""
    with database.transaction() as session:
        offer = session.get_one(JobOffer, row_id)
        meet()
        record_view(session, actor, offer=offer)


def propose(database: Database, actor: Actor, row_id: int) -> None:
    """Propose everybody for an offer."""
    with database.transaction() as session:
        offer = session.get_one(JobOffer, row_id)
        people = [row.public_id for row in session.scalars(select(Person))]
        meet()
        actions.propose(session, actor, offer=offer, people=people)


def agree(database: Database, actor: Actor, row_id: int) -> None:
    """Record the person's agreement on one pathway."""
    with database.transaction() as session:
        row = session.get_one(Pathway, row_id)
        meet()
        record_agreement(session, actor=actor, pathway=row, channel=AgreementChannel.PHONE)


def move_meeting(database: Database, actor: Actor, row_id: int) -> None:
    """Put a meeting to another day."""
    day = SimpleNamespace(data=clock.today() + timedelta(days=9))
    with database.transaction() as session:
        row = session.get_one(Introduction, row_id)
        assert row.person is not None
        meet()
        form = SimpleNamespace(on=day)
        steps.record_step(session, actor, introduction=row, action="autre-jour", form=form)


def say_language(database: Database, actor: Actor, row_id: int) -> None:
    """Record a language that a person speaks."""
    with database.transaction() as session:
        person = session.get_one(Person, row_id)
        meet()
        record_languages(
            session,
            actor,
            person=person,
            levels=[("uk", None)],
            source=AssertionSource.DECLARED,
            on=clock.today(),
        )


def note_contact(database: Database, actor: Actor, row_id: int) -> None:
    """Note the same contact with a person."""
    with database.transaction() as session:
        person = session.get_one(Person, row_id)
        meet()
        record_contact(
            session,
            actor,
            person=person,
            on=clock.today(),
            channel=ContactChannel.PHONE,
            note="A rappelé.",
        )


def open_file(database: Database, actor: Actor, _row_id: int) -> None:
    """Open the file of a new person, of whom little is known."""
    identity = Identity("Inès", "Delorme", None, None, None, ContactPreference.PHONE, None)
    with database.transaction() as session:
        here = Actor(session.get_one(Account, actor.account.id), session.merge(actor.membership))
        assert here.organisation is not None
        meet()
        record_person(session, here, identity=identity, shared_by=None)


def record_gap(database: Database, actor: Actor, row_id: int) -> None:
    """Put the gap of a great project in the register of needs."""
    with database.transaction() as session:
        project = session.get_one(MajorProject, row_id)
        trade = session.scalars(select(Occupation).limit(1)).one()
        meet()
        record_project_need(
            session,
            actor,
            project=project,
            trade=trade,
            quarter="2027-T1",
            jobs=3,
            commune=None,
            note=None,
        )


def take_job(database: Database, actor: Actor, row_id: int) -> None:
    """Claim the only job."""
    meet()
    if queue.claim(database) is None:
        raise IllegalTransitionError("another took it")


_barrier: Any = None


def meet() -> None:
    """Wait until every process is here, so that they all write at the same moment."""
    _barrier.wait(60)


def run(work: Work, url: str, account_id: int, row_id: int, barrier: Any, answers: Any) -> None:
    """What a process does: one piece of work, and what came of it."""
    global _barrier
    _barrier = barrier
    database = Database(url)
    app = create_app(Settings(Path("unused"), url, "for tests only", testing=True), database)
    try:
        with app.test_request_context(), database.session() as session:
            account = session.get_one(Account, account_id)
            actor = Actor(account, account.memberships[0])
            assert actor.organisation is not None
            work(database, actor, row_id)
        answers.put(DONE)
    except IllegalTransitionError:
        answers.put(REFUSED)
    except Exception as error:
        answers.put(f"{type(error).__name__}: {error}")
    database.dispose()


def at_once(work: Work, database: Database, account: Account, row_ids: list[int]) -> list[str]:
    """What each of the processes answers, sorted."""
    barrier, answers = FORKS.Barrier(len(row_ids)), FORKS.Queue()
    url = database.engine.url.render_as_string(hide_password=False)
    processes = [
        FORKS.Process(target=run, args=(work, url, account.id, row_id, barrier, answers))
        for row_id in row_ids
    ]
    for process in processes:
        process.start()
    found = sorted(answers.get(timeout=120) for _ in processes)
    for process in processes:
        process.join(30)
    return found


def introduce(make: Factory, offer: JobOffer, adviser: Account) -> Introduction:
    """An introduction agreed and not yet sent."""
    row: Introduction = make.add(
        Introduction(
            person=make.person(referent=adviser, modes="car"),
            offer=offer,
            by_id=adviser.id,
            organisation_id=offer.organisation_id,
            state=IntroductionState.AGREED,
            agreed_at=clock.now(),
            agreed_channel=AgreementChannel.PHONE,
            agreed_with_id=adviser.id,
        )
    )
    return row


def test_no_more_people_are_presented_than_the_employer_accepts(any_database: Database) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        adviser = make.account(Role.ADVISER)
        offer = make.offer(adviser, max_introductions=2)
        rows = [introduce(make, offer, adviser).id for _ in range(PROCESSES)]
    found = at_once(transmit, any_database, adviser, rows)
    assert found == [DONE] * 2 + [REFUSED] * (PROCESSES - 2)
    with any_database.session() as session:
        sent = select(func.count()).where(Introduction.state == IntroductionState.SENT)
        assert session.scalar(sent) == 2


def test_pressing_twice_transmits_once(any_database: Database) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        adviser = make.account(Role.ADVISER)
        row = introduce(make, make.offer(adviser, max_introductions=9), adviser)
    found = at_once(transmit, any_database, adviser, [row.id] * PROCESSES)
    assert found == [DONE] + [REFUSED] * (PROCESSES - 1)
    with any_database.session() as session:
        sent = select(func.count()).where(DomainEvent.name == "sent")
        assert session.scalar(sent) == 1


def test_an_offer_seen_twice_at_once_is_seen(any_database: Database) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        adviser = make.account(Role.ADVISER)
        offer = make.offer(adviser)
    found = at_once(look, any_database, adviser, [offer.id] * PROCESSES)
    assert found == [DONE] * PROCESSES
    with any_database.session() as session:
        assert session.scalar(select(func.count(OfferView.id))) == 1


def test_pressing_twice_proposes_once(any_database: Database) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        adviser = make.account(Role.ADVISER)
        offer = make.offer(adviser)
        make.person(referent=adviser, modes="car")
    found = at_once(propose, any_database, adviser, [offer.id] * PROCESSES)
    assert found == [DONE] * PROCESSES
    with any_database.session() as session:
        assert session.scalar(select(func.count(Introduction.id))) == 1


def test_pressing_twice_moves_a_meeting_once(any_database: Database) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        adviser = make.account(Role.ADVISER)
        row = introduce(make, make.offer(adviser), adviser)
        row.state, row.meeting_on = IntroductionState.MEETING, clock.today()
    found = at_once(move_meeting, any_database, adviser, [row.id] * PROCESSES)
    assert found == [DONE] * PROCESSES
    with any_database.session() as session:
        assert session.scalar(select(func.count(Invitation.id))) == 1
        moved = select(func.count()).where(DomainEvent.name == "meeting_moved")
        assert session.scalar(moved) == 1


def test_a_language_said_twice_at_once_is_spoken(any_database: Database) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        adviser = make.account(Role.ADVISER)
        person = make.person(referent=adviser)
    found = at_once(say_language, any_database, adviser, [person.id] * PROCESSES)
    assert found == [DONE] * PROCESSES
    with any_database.session() as session:
        assert session.scalar(select(func.count(SpokenLanguage.id))) == 1


@pytest.mark.parametrize(
    ("work", "table"), [(note_contact, Contact), (open_file, Person)], ids=["contact", "person"]
)
def test_a_form_sent_several_times_at_once_writes_one_row(
    any_database: Database, work: Work, table: type[Any]
) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        referent = make.account(Role.REFERENT)
        row = make.person(referent=referent)
    before = 1 if table is Person else 0
    found = at_once(work, any_database, referent, [row.id] * PROCESSES)
    assert found == [DONE] * PROCESSES
    with any_database.session() as session:
        assert session.scalar(select(func.count(table.id))) == before + 1


def test_the_gap_of_a_project_is_recorded_once(any_database: Database) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        adviser = make.account(Role.ADVISER)
        make.occupation()
        project = make_project(make)
    found = at_once(record_gap, any_database, adviser, [project.id] * PROCESSES)
    assert found == [DONE] + [REFUSED] * (PROCESSES - 1)
    with any_database.session() as session:
        assert session.scalar(select(func.count(UnmetNeed.id))) == 1


def test_a_person_follows_one_pathway(any_database: Database) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        adviser = make.account(Role.ADVISER)
        person = make.person(referent=adviser)
        day = clock.today() + timedelta(days=30)
        rows = [
            make.add(
                Pathway(
                    person=person,
                    by_id=adviser.id,
                    goal_occupation=make.occupation(),
                    scenario=ScenarioKind.FREE,
                    state=PathwayState.PROPOSED,
                    hire_on=day,
                )
            ).id
            for _ in range(PROCESSES)
        ]
    found = at_once(agree, any_database, adviser, rows)
    assert set(found) <= {DONE, REFUSED}
    with any_database.session() as session:
        accepted = select(func.count()).where(Pathway.state == PathwayState.ACCEPTED)
        assert session.scalar(accepted) == 1


def test_a_job_is_claimed_once(any_database: Database) -> None:
    with any_database.transaction() as session:
        adviser = Factory(session).account(Role.ADVISER)
        job = queue.enqueue(session, JobKind.SUGGEST, account_id=adviser.id, arguments={})
    found = at_once(take_job, any_database, adviser, [job.id] * PROCESSES)
    assert found == [DONE] + [REFUSED] * (PROCESSES - 1)
    with any_database.session() as session:
        assert session.get_one(Job, job.id).attempts == 1


@pytest.fixture(autouse=True)
def words(app: Flask):
    """Labels are said in French."""
    with app.test_request_context():
        yield
