"""When reminders leave, once, and what takes them back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.doors.links import make_link
from portal.invitations import answering, inviting, moving, reminding
from portal.models import (
    AnswerChannel,
    DayFeeling,
    DoorLink,
    Invitation,
    InvitationKind,
    LinkPurpose,
    MessageKind,
    MessageState,
    OutboxMessage,
    Role,
)
from tests.support.factories import Factory
from tests.support.inviting import actor_of, invite, messages_of
from tests.support.queries import count_queries

PARIS = clock.PARIS


@contextmanager
def on(year: int, month: int, day: int, hour: int = 9) -> Iterator[None]:
    """The clock, held at an hour of Paris."""
    with clock.frozen_at(datetime(year, month, day, hour, tzinfo=PARIS)):
        yield


def accept(session: Session, row: Invitation) -> None:
    """« Oui »."""
    answering.answer(session, invitation=row, choice="yes", channel=AnswerChannel.LINK)


def reminders(make: Factory, row: Invitation) -> list[OutboxMessage]:
    """Those that are still to leave."""
    return [
        m
        for m in messages_of(make, row)
        if m.kind is MessageKind.REMINDER and m.state is MessageState.TO_SEND
    ]


def test_a_yes_is_reminded_two_days_before_the_evening_before_and_two_hours_before(
    make: Factory, session: Session
) -> None:
    with on(2026, 3, 9):
        row = invite(
            make, make.account(Role.REFERENT), starts_at=datetime(2026, 3, 12, 14, tzinfo=PARIS)
        )
        assert reminders(make, row) == []
        accept(session, row)
        found = [m.next_try_at.astimezone(PARIS) for m in reminders(make, row)]
    assert found == [
        datetime(2026, 3, 10, 10, tzinfo=PARIS),
        datetime(2026, 3, 11, 18, tzinfo=PARIS),
        datetime(2026, 3, 12, 12, tzinfo=PARIS),
    ]
    assert all(m.expires_at == row.starts_at for m in reminders(make, row))


@pytest.mark.parametrize(("hour", "count"), [(9, 2), (10, 3), (14, 3), (22, 3), (23, 2)])
def test_nothing_leaves_two_hours_before_out_of_eight_to_twenty(
    make: Factory, session: Session, hour: int, count: int
) -> None:
    with on(2026, 3, 9):
        row = invite(
            make, make.account(Role.REFERENT), starts_at=datetime(2026, 3, 12, hour, tzinfo=PARIS)
        )
        accept(session, row)
        assert len(reminders(make, row)) == count


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)])
def test_two_hours_before_is_two_hours_even_when_the_clocks_change(
    make: Factory, session: Session, day: tuple[int, int, int]
) -> None:
    start = datetime(*day, 10, 0, tzinfo=PARIS)
    with clock.frozen_at(start - timedelta(days=3)):
        row = invite(make, make.account(Role.REFERENT), starts_at=start)
        accept(session, row)
        found = reminders(make, row)
    assert found[-1].next_try_at == start.astimezone(UTC) - timedelta(hours=2)
    evening = found[-2].next_try_at.astimezone(PARIS)
    assert (evening.hour, evening.date()) == (18, start.date() - timedelta(days=1))


def test_what_is_far_is_written_by_the_hourly_task_ahead_of_its_minute(
    make: Factory, session: Session
) -> None:
    with on(2026, 3, 1):
        row = invite(
            make, make.account(Role.REFERENT), starts_at=datetime(2026, 3, 12, 14, tzinfo=PARIS)
        )
        accept(session, row)
        assert reminders(make, row) == []
    with on(2026, 3, 9):
        assert reminding.plan_reminders(session, clock.today()) == 3
        assert reminding.plan_reminders(session, clock.today()) == 0
    assert len(reminders(make, row)) == 3


def test_a_reminder_that_was_due_before_the_yes_is_not_sent_late(
    make: Factory, session: Session
) -> None:
    with on(2026, 3, 11, 19):
        row = invite(
            make, make.account(Role.REFERENT), starts_at=datetime(2026, 3, 12, 14, tzinfo=PARIS)
        )
        accept(session, row)
        reminding.plan_reminders(session, clock.today())
        assert [m.key.rpartition(":")[2] for m in reminders(make, row)] == ["h2"]


def test_a_no_takes_them_back_and_a_change_of_mind_brings_them_again(
    make: Factory, session: Session
) -> None:
    with on(2026, 3, 9):
        row = invite(
            make, make.account(Role.REFERENT), starts_at=datetime(2026, 3, 12, 14, tzinfo=PARIS)
        )
        accept(session, row)
        answering.answer(session, invitation=row, choice="no", channel=AnswerChannel.SMS)
        assert reminders(make, row) == []
        accept(session, row)
        assert len(reminders(make, row)) == 3


def test_a_cancellation_takes_them_back_and_the_hourly_task_does_not_bring_them(
    make: Factory, session: Session
) -> None:
    referent = make.account(Role.REFERENT)
    with on(2026, 3, 9):
        row = invite(make, referent, starts_at=datetime(2026, 3, 12, 14, tzinfo=PARIS))
        accept(session, row)
        inviting.cancel(session, actor_of(referent), invitation=row, reason="place")
        reminding.plan_reminders(session, clock.today())
        assert reminders(make, row) == []
        told = [m for m in messages_of(make, row) if m.key.endswith(":cancelled")]
    assert "Ne venez pas" in told[0].body


@pytest.mark.parametrize("handed", [True, False])
def test_what_a_worker_holds_at_a_cancellation_is_not_tried_again(
    make: Factory, session: Session, handed: bool
) -> None:
    """What the provider may have is left as it is; what it has not does not leave."""
    with on(2026, 3, 9):
        referent = make.account(Role.REFERENT)
        row = invite(make, referent, starts_at=datetime(2026, 3, 12, 14, tzinfo=PARIS))
        (held,) = messages_of(make, row)
        held.state, held.handed_at = MessageState.SENDING, clock.now() if handed else None
        session.flush()
        inviting.cancel(session, actor_of(referent), invitation=row, reason="place")
        session.refresh(held)
        if handed:
            assert (held.state, held.expires_at) == (MessageState.SENDING, clock.now())
        else:
            assert held.state is MessageState.CANCELLED


def test_a_cancellation_takes_back_what_has_not_left_and_closes_the_links(
    make: Factory, session: Session
) -> None:
    referent = make.account(Role.REFERENT)
    with on(2026, 3, 9):
        row = invite(make, referent, starts_at=datetime(2026, 3, 12, 14, tzinfo=PARIS))
        other = invite(make, referent, starts_at=datetime(2026, 3, 12, 14, tzinfo=PARIS))
        used = make_link(session, purpose=LinkPurpose.PERSON_ANSWER, to=row.person, subject=row)
        used.used_at = clock.now()
        session.flush()
        inviting.cancel(session, actor_of(referent), invitation=row, reason="place")
        session.expire_all()
        first = next(m for m in messages_of(make, row) if m.key.endswith(":first"))
    assert first.state is MessageState.CANCELLED
    assert first.link is not None
    assert first.link.revoked_at is not None
    assert used.revoked_at is None
    links = session.scalars(select(DoorLink).where(DoorLink.subject_id == other.id)).all()
    assert [link.revoked_at for link in links] == [None]


def test_another_moment_chosen_on_the_phone_takes_back_the_announcement_of_the_former(
    make: Factory, session: Session
) -> None:
    referent = make.account(Role.REFERENT)
    actor, day = actor_of(referent), datetime(2026, 3, 19, 14, tzinfo=PARIS)
    with on(2026, 3, 9):
        row = invite(make, referent, starts_at=day, slots=(day + timedelta(days=1),))
        for _there_and_back in range(3):
            key = moving.list_others(session, row)[0].key
            moving.move(session, invitation=row, key=key, channel=AnswerChannel.PHONE, actor=actor)
        states = {m.key.rpartition(":")[2][:8]: m.state for m in messages_of(make, row)}
    assert states == {
        "first": MessageState.CANCELLED,
        "20260319": MessageState.CANCELLED,
        "20260320": MessageState.TO_SEND,
    }


def test_the_evening_of_a_first_day_asks_how_it_went_unless_it_is_said(
    make: Factory, session: Session
) -> None:
    referent = make.account(Role.REFERENT)
    with on(2026, 3, 10):
        row = invite(
            make,
            referent,
            kind=InvitationKind.JOB,
            title="votre premier jour de travail",
            starts_at=datetime(2026, 3, 12, 8, tzinfo=PARIS),
        )
        asked = [m for m in messages_of(make, row) if m.kind is MessageKind.FIRST_DAY]
        assert asked[0].next_try_at.astimezone(PARIS) == datetime(2026, 3, 12, 18, tzinfo=PARIS)
    other = make.account(Role.REFERENT)
    with on(2026, 3, 12, 12):
        early = invite(
            make,
            other,
            kind=InvitationKind.JOB,
            title="votre premier jour de travail",
            starts_at=datetime(2026, 3, 12, 13, tzinfo=PARIS),
        )
    with on(2026, 3, 12, 14):
        answering.record_feeling(
            session, invitation=early, feeling=DayFeeling.GOOD, channel=AnswerChannel.LINK
        )
        waiting = [
            m
            for m in messages_of(make, early)
            if m.kind is MessageKind.FIRST_DAY and m.state is MessageState.TO_SEND
        ]
    assert waiting == []


def test_two_workers_at_once_write_each_reminder_once(any_database: Database) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        row = invite(
            make,
            make.account(Role.REFERENT),
            kind=InvitationKind.JOB,
            title="votre premier jour de travail",
            starts_at=datetime.combine(
                clock.today() + timedelta(days=9), datetime.min.time(), tzinfo=PARIS
            )
            + timedelta(hours=14),
        )
        start = row.starts_at

    def work(_number: int) -> int:
        with (
            clock.frozen_at(start - timedelta(days=3)),
            any_database.transaction() as session,
        ):
            return reminding.plan_reminders(session, clock.today())

    with ThreadPoolExecutor(2) as pool:
        written = list(pool.map(work, range(2)))
    with any_database.session() as session:
        stored = session.scalar(
            select(func.count(OutboxMessage.id)).where(
                OutboxMessage.kind.in_((MessageKind.REMINDER, MessageKind.FIRST_DAY))
            )
        )
    assert sum(written) == stored == 4


def test_the_hourly_task_reads_no_more_for_more_people_already_reminded(
    make: Factory, session: Session, database: Database
) -> None:
    referent = make.account(Role.REFERENT)

    def count(people: int) -> int:
        for _ in range(people):
            accept(
                session,
                invite(make, referent, starts_at=datetime(2026, 3, 12, 14, tzinfo=PARIS)),
            )
        session.commit()
        with count_queries(database.engine) as seen:
            assert reminding.plan_reminders(session, clock.today()) == 0
        return seen.count

    with on(2026, 3, 9):
        assert count(1) == count(6)
