"""What is written when something happens: called where it happens, in the same transaction."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.doors.contacts import main_contact
from portal.doors.links import make_link
from portal.messages import texts
from portal.messages.outbox import write_message
from portal.messages.settling import take_back
from portal.messages.tongues import tongue_of
from portal.models import (
    EmployerContact,
    Enrollment,
    Establishment,
    FollowUpSide,
    Hire,
    HireState,
    Immersion,
    ImmersionState,
    Introduction,
    JobFollowUp,
    JobOffer,
    LinkPurpose,
    MessageKind,
    OutboxMessage,
    Pathway,
    Person,
)

# What was due long before is no longer asked by a message: somebody calls.
_ASKED_WITHIN = timedelta(days=14)
_AGREEMENT_ASKED_FOR = timedelta(days=14)


def cards_sent(session: Session, actor: Actor | None, offer: JobOffer) -> OutboxMessage | None:
    """People were presented for an offer: its employer is told, once a day."""
    key = f"candidates:{offer.public_id}:{clock.today().isoformat()}"
    contact = _contact(session, offer.establishment)
    if contact is None or _is_written(session, key):
        return None
    link = make_link(
        session,
        purpose=LinkPurpose.EMPLOYER_SPACE,
        to=contact,
        subject=offer,
        made_by_id=actor.account.id if actor else None,
    )
    return write_message(
        session,
        key=key,
        kind=MessageKind.CANDIDATES,
        to=contact,
        text=texts.candidates(_trade(offer)),
        organisation_id=offer.organisation_id,
        by_id=actor.account.id if actor else None,
        subject=offer,
        link=link,
        expires_at=link.expires_at,
    )


def agreement_asked(session: Session, actor: Actor, introduction: Introduction) -> OutboxMessage:
    """May this firm see who the person is? Asked once."""
    return write_message(
        session,
        key=_agreement_key(introduction),
        kind=MessageKind.AGREEMENT,
        to=introduction.person,
        text=texts.agreement(_trade(introduction.offer), tongue_of(introduction.person)),
        organisation_id=actor.organisation.id,
        by_id=actor.account.id,
        subject=introduction,
        expires_at=clock.now() + _AGREEMENT_ASKED_FOR,
    )


def stop_asking_agreement(session: Session, introduction: Introduction) -> None:
    """The person answered, however they did, or it ended: the question is not asked any more."""
    take_back(session, _agreement_key(introduction), why="ce n’est plus à demander")


def _agreement_key(introduction: Introduction) -> str:
    return f"agreement:{introduction.public_id}"


def seat_held(session: Session, enrolment: Enrollment) -> OutboxMessage | None:
    """A seat is kept 48 hours for the first who waits (T-ENR-04)."""
    until = enrolment.hold_until
    if until is None:
        return None
    title = enrolment.session.action.program.title
    return write_message(
        session,
        key=f"seat:{enrolment.public_id}:{int(until.timestamp())}",
        kind=MessageKind.SEAT_HELD,
        to=enrolment.person,
        text=texts.seat_held(title, until, tongue_of(enrolment.person)),
        organisation_id=enrolment.prescriber_id,
        by_id=enrolment.by_id,
        subject=enrolment,
        expires_at=until,
    )


def pathway_accepted(session: Session, actor: Actor, pathway: Pathway) -> OutboxMessage:
    """What the person accepted aloud is written to them (T-PAT-03)."""
    person = pathway.person
    on = (pathway.agreed_at or clock.now()).astimezone(clock.PARIS).date()
    link = make_link(
        session, purpose=LinkPurpose.PERSON_SPACE, to=person, made_by_id=actor.account.id
    )
    return write_message(
        session,
        key=f"pathway:{pathway.public_id}",
        kind=MessageKind.PATHWAY,
        to=person,
        text=texts.pathway_accepted(on, tongue_of(person)),
        organisation_id=actor.organisation.id,
        by_id=actor.account.id,
        subject=pathway,
        link=link,
        expires_at=link.expires_at,
    )


def write_due(session: Session, today: date) -> int:
    """Upkeep: ask employers how an immersion or a hire goes, once each. How many were written."""
    written = [_ask_assessment(session, row) for row in _immersions_over(session, today)]
    written += [_ask_news(session, row) for row in _news_due(session, today)]
    return sum(row is not None for row in written)


def _immersions_over(session: Session, today: date) -> list[Immersion]:
    query = (
        select(Immersion)
        .where(
            Immersion.state == ImmersionState.ASSESSMENT_DUE,
            Immersion.end.between(today - _ASKED_WITHIN, today),
            ~_told(Immersion.__tablename__, MessageKind.ASSESSMENT, Immersion.id),
        )
        .options(joinedload(Immersion.person), joinedload(Immersion.establishment))
        .order_by(Immersion.id)
    )
    return list(session.scalars(query))


def _news_due(session: Session, today: date) -> list[JobFollowUp]:
    query = (
        select(JobFollowUp)
        .join(Hire, Hire.id == JobFollowUp.hire_id)
        .where(
            JobFollowUp.side == FollowUpSide.EMPLOYER,
            JobFollowUp.done_on.is_(None),
            JobFollowUp.due.between(today - _ASKED_WITHIN, today),
            Hire.state == HireState.CURRENT,
            ~_told(JobFollowUp.__tablename__, MessageKind.FOLLOW_UP, JobFollowUp.id),
        )
        .options(
            joinedload(JobFollowUp.hire).joinedload(Hire.person),
            joinedload(JobFollowUp.hire).joinedload(Hire.establishment),
        )
        .order_by(JobFollowUp.id)
    )
    return list(session.scalars(query))


def _ask_assessment(session: Session, immersion: Immersion) -> OutboxMessage | None:
    return _ask_employer(
        session,
        subject=immersion,
        establishment=immersion.establishment,
        person=immersion.person,
        organisation_id=immersion.support_id,
        purpose=LinkPurpose.EMPLOYER_ASSESSMENT,
    )


def _ask_news(session: Session, follow_up: JobFollowUp) -> OutboxMessage | None:
    hire = follow_up.hire
    return _ask_employer(
        session,
        subject=follow_up,
        establishment=hire.establishment,
        person=hire.person,
        organisation_id=hire.organisation_id,
        purpose=LinkPurpose.EMPLOYER_FOLLOW_UP,
    )


def _ask_employer(
    session: Session,
    *,
    subject: Immersion | JobFollowUp,
    establishment: Establishment,
    person: Person,
    organisation_id: int | None,
    purpose: LinkPurpose,
) -> OutboxMessage | None:
    """A link for this question alone, to the firm's contact; None when it has none."""
    contact = _contact(session, establishment)
    if contact is None or person.is_gone:
        return None
    of_immersion = isinstance(subject, Immersion)
    text = texts.assessment_due if of_immersion else texts.follow_up_due
    link = make_link(session, purpose=purpose, to=contact, subject=subject)
    return write_message(
        session,
        key=f"{purpose.value}:{subject.__tablename__}:{subject.id}",
        kind=MessageKind.ASSESSMENT if of_immersion else MessageKind.FOLLOW_UP,
        to=contact,
        text=text(person.first_name),
        organisation_id=organisation_id,
        subject=subject,
        link=link,
        expires_at=link.expires_at,
    )


def _trade(offer: JobOffer) -> str:
    """What the job is, in the words of its offer."""
    return offer.title or (offer.occupation.label if offer.occupation else "un travail")


def _contact(session: Session, establishment: Establishment | None) -> EmployerContact | None:
    return main_contact(session, establishment) if establishment is not None else None


def _is_written(session: Session, key: str) -> bool:
    return session.scalar(select(OutboxMessage.id).where(OutboxMessage.key == key)) is not None


def _told(table: str, kind: MessageKind, row_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether a message of this kind was written about the row of an outer query."""
    return exists(
        select(OutboxMessage.id).where(
            OutboxMessage.subject_kind == table,
            OutboxMessage.kind == kind,
            OutboxMessage.subject_id == row_id,
        )
    )
