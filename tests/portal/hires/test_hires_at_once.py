"""Two contracts written at once for one person, on both databases."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.db import Database
from portal.hires import queries, recording
from portal.hires.follow_ups import record_follow_up
from portal.hires.rules import Terms
from portal.models import (
    Account,
    ContractKind,
    Establishment,
    FollowUpResult,
    Hire,
    JobFollowUp,
    Person,
    Role,
)
from portal.needs.queries import Filters, get_register
from tests.portal.hires.conftest import acting
from tests.support.factories import Factory


@pytest.mark.parametrize("hours", [35.0, 12.0])
def test_a_contract_written_several_times_at_once_is_one(
    any_database: Database, hours: float
) -> None:
    """Full time, the week would be too long; part time, it is the same contract all the same."""
    with any_database.transaction() as session:
        make = Factory(session)
        referent = make.account(Role.REFERENT)
        person = make.person(referent=referent)
        keys = referent.id, person.id, make.establishment().id
    start = threading.Barrier(4)
    outcomes: list[str] = []

    def record() -> None:
        start.wait()
        try:
            with any_database.transaction() as session:
                account = session.get_one(Account, keys[0])
                recording.record_hire(
                    session,
                    acting(account),
                    person=session.get_one(Person, keys[1]),
                    establishment=session.get_one(Establishment, keys[2]),
                    terms=Terms(ContractKind.CDI, clock.today(), None, hours),
                )
            outcomes.append("recorded")
        except IllegalTransitionError:
            outcomes.append("refused")

    threads = [threading.Thread(target=record) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["recorded", "refused", "refused", "refused"]
    with any_database.session() as session:
        hire = session.scalars(select(Hire)).one()
        assert len(session.scalars(select(JobFollowUp)).all()) == 8
        actor = acting(session.get_one(Account, keys[0]))
        for view in queries.VIEWS:
            found = queries.list_hires(session, actor, view, 1)
            assert found.counts["current"] == 1
        assert queries.get_left(session, actor, hire).elsewhere == 0
        assert get_register(session, actor, Filters()).facts == []


def test_news_given_twice_at_once_are_kept_once(any_database: Database) -> None:
    """A silence may be followed by an answer; an answer is not written over."""
    with any_database.transaction() as session:
        make = Factory(session)
        referent = make.account(Role.REFERENT)
        hire = recording.record_hire(
            session,
            acting(referent),
            person=make.person(referent=referent),
            establishment=make.establishment(),
            terms=Terms(ContractKind.CDI, clock.today(), None, 35.0),
        )
        asked = select(JobFollowUp.id).where(JobFollowUp.hire_id == hire.id).limit(1)
        key = session.scalars(asked).one()
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def say(result: FollowUpResult) -> None:
        start.wait()
        try:
            with any_database.transaction() as session:
                follow_up = session.get_one(JobFollowUp, key)
                record_follow_up(
                    session,
                    None,
                    follow_up=follow_up,
                    on=clock.today(),
                    channel=None,
                    result=result,
                )
            outcomes.append("recorded")
        except IllegalTransitionError:
            outcomes.append("refused")

    results = (FollowUpResult.GOOD, FollowUpResult.BAD)
    threads = [threading.Thread(target=say, args=(result,)) for result in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["recorded", "refused"]
    with any_database.session() as session:
        assert session.get_one(JobFollowUp, key).result in results
