"""What happens is written to those it concerns, once, in the same transaction."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.enrolments.seats import Seating
from portal.introductions import actions
from portal.messages import events, queries
from portal.messages.facts import gather_facts
from portal.models import (
    AgreementChannel,
    ContractKind,
    Enrollment,
    EnrollmentState,
    FollowUpKind,
    FollowUpSide,
    Hire,
    Immersion,
    ImmersionObject,
    ImmersionState,
    Introduction,
    IntroductionState,
    JobFollowUp,
    LinkPurpose,
    MessageKind,
    OutboxMessage,
    Pathway,
    PathwayState,
    Role,
    ScenarioKind,
)
from portal.pathways.recording import record_agreement
from tests.support.factories import Factory


def messages(session: Session) -> list[OutboxMessage]:
    return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def actor_of(make: Factory, role: Role) -> Actor:
    account = make.account(role)
    return Actor(account, account.memberships[0])


def test_asking_then_presenting(session: Session, make: Factory) -> None:
    actor = actor_of(make, Role.ADVISER)
    firm = make.establishment(contact_name="Paul", contact_phone="0639981111")
    offer = make.offer(actor.account, establishment=firm)
    rows = [
        make.add(
            Introduction(
                person=make.person(phone="0639981234"),
                offer=offer,
                organisation_id=actor.organisation.id,
                state=IntroductionState.PREPARED,
            )
        )
        for _ in range(2)
    ]
    for row in rows:
        actions.ask_agreement(session, actor, introduction=row)
        actions.record_agreement(
            session,
            actor,
            introduction=row,
            channel=AgreementChannel.PHONE,
            on=clock.today(),
        )
        actions.transmit(session, actor, introduction=row)
    first, told, second = messages(session)
    assert [first.kind, told.kind, second.kind] == [
        MessageKind.AGREEMENT,
        MessageKind.CANDIDATES,
        MessageKind.AGREEMENT,
    ]
    assert (first.subject_kind, first.subject_id) == ("introduction", rows[0].id)
    assert told.link is not None
    assert told.link.purpose is LinkPurpose.EMPLOYER_SPACE
    assert told.contact is not None
    assert told.contact.establishment_id == firm.id
    assert told.organisation_id == offer.organisation_id


def test_a_seat_that_is_held_is_told_to_the_first_who_waits(
    session: Session, make: Factory
) -> None:
    """T-ENR-04."""
    referent = make.account(Role.REFERENT)
    row = make.session_of_training(seats_left=1)
    row.seats = 1
    waiting = make.add(
        Enrollment(
            person=make.person(referent=referent, phone="0639981234"),
            session_id=row.id,
            prescriber_id=referent.memberships[0].organisation_id,
            state=EnrollmentState.WAITING,
            rank=1,
        )
    )
    with Seating(session, row):
        pass
    (told,) = messages(session)
    assert waiting.hold_until is not None
    assert (told.kind, told.expires_at) == (MessageKind.SEAT_HELD, waiting.hold_until)
    assert told.person_id == waiting.person_id
    assert waiting.hold_until - clock.now() > timedelta(hours=47)


def test_what_was_accepted_aloud_is_written(session: Session, make: Factory) -> None:
    """T-PAT-03."""
    actor = actor_of(make, Role.REFERENT)
    for channel in (AgreementChannel.PHONE, AgreementChannel.PORTAL):
        pathway = make.add(
            Pathway(
                person=make.person(referent=actor.account, phone="0639981234"),
                by_id=actor.account.id,
                goal_occupation=make.occupation(),
                scenario=ScenarioKind.FAST,
                state=PathwayState.PROPOSED,
            )
        )
        record_agreement(session, actor=actor, pathway=pathway, channel=channel, words="Oui")
    (told,) = messages(session)
    assert (told.kind, told.subject_kind) == (MessageKind.PATHWAY, "pathway")
    assert told.link is not None
    assert told.link.purpose is LinkPurpose.PERSON_SPACE


def test_employers_are_asked_once_how_it_goes(session: Session, make: Factory) -> None:
    adviser = make.account(Role.ADVISER)
    own, today = adviser.memberships[0].organisation_id, clock.today()
    firm = make.establishment(contact_name="Paul", contact_phone="0639981111")
    for days in (1, 40):
        make.add(
            Immersion(
                person=make.person(),
                establishment=firm,
                support_id=own,
                state=ImmersionState.ASSESSMENT_DUE,
                object=ImmersionObject.DISCOVER,
                objectives="Voir",
                tasks="Porter",
                start=today - timedelta(days=days + 10),
                end=today - timedelta(days=days),
                presence_days=10,
                weekly_hours=35,
                schedule="8 h",
                tutor_name="Paul",
            )
        )
    hire = make.add(
        Hire(
            person=make.person(),
            establishment=firm,
            organisation_id=own,
            contract=ContractKind.CDD,
            start=today - timedelta(days=40),
        )
    )
    for side in FollowUpSide:
        make.add(JobFollowUp(hire=hire, kind=FollowUpKind.M1, side=side, due=today))
    assert events.write_due(session, today) == 2
    assert events.write_due(session, today) == 0
    asked = messages(session)
    assert [row.kind for row in asked] == [MessageKind.ASSESSMENT, MessageKind.FOLLOW_UP]
    purposes = [row.link.purpose for row in asked if row.link]
    assert purposes == [LinkPurpose.EMPLOYER_ASSESSMENT, LinkPurpose.EMPLOYER_FOLLOW_UP]


@pytest.mark.parametrize("column", ["archived_at", "objected_at"])
def test_a_message_that_names_somebody_gone_is_neither_sent_nor_read(
    session: Session, make: Factory, column: str
) -> None:
    adviser = actor_of(make, Role.ADVISER)
    place = adviser.organisation.id
    firm = make.establishment(
        contact_name="Paul", contact_phone="0639981111", owner_id=place, commune=make.commune()
    )
    hire = make.add(
        Hire(
            person=make.person(),
            establishment=firm,
            organisation_id=place,
            contract=ContractKind.CDD,
            start=clock.today() - timedelta(days=40),
        )
    )
    make.add(
        JobFollowUp(hire=hire, kind=FollowUpKind.M1, side=FollowUpSide.EMPLOYER, due=clock.today())
    )
    assert events.write_due(session, clock.today()) == 1
    (row,) = messages(session)

    def listed() -> list[OutboxMessage]:
        return queries.list_messages(session, adviser, "waiting", 1).page.rows

    assert gather_facts(session, row, clock.now(), provided=True).closed is None
    assert listed() == [row]
    setattr(hire.person, column, clock.now())
    session.flush()
    closed = gather_facts(session, row, clock.now(), provided=True).closed
    assert closed == "la personne n’est plus disponible"
    assert listed() == []


def test_a_name_that_no_sms_says_is_told_another_way(session: Session, make: Factory) -> None:
    actor = actor_of(make, Role.ADVISER)
    offer = make.offer(actor.account, title="Aide en maison de santé")
    row = make.add(
        Introduction(
            person=make.person(phone="0639981234"),
            offer=offer,
            organisation_id=actor.organisation.id,
            state=IntroductionState.PREPARED,
        )
    )
    actions.ask_agreement(session, actor, introduction=row)
    (told,) = messages(session)
    assert (told.channel.value, told.state.value) == ("call", "to_call")
