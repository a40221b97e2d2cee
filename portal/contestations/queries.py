"""Contestations a structure answers for, and their answers (T-XPL-02)."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.doors.links import make_link
from portal.locks import hold_row
from portal.messages import texts
from portal.messages.outbox import write_message
from portal.messages.tongues import tongue_of
from portal.models import Contestation, LinkPurpose, MessageKind, Referral
from portal.web.paging import Page, paginate

PAGE_SIZE = 20
_IN_FILE = 5
WAITING, ANSWERED = "a-repondre", "repondues"
VIEWS = (WAITING, ANSWERED)


def may_answer(actor: Actor) -> ColumnElement[bool]:
    """Sent to the actor's structure, or made by somebody it follows now.

    A person who objects to everything keeps the right to an answer: being active is not asked.
    They are not named any more (INV-18); what they said stands.
    """
    follows = select(Referral.id).where(
        Referral.person_id == Contestation.person_id,
        Referral.organisation_id == actor.organisation.id,
        Referral.end.is_(None),
    )
    return or_(Contestation.organisation_id == actor.organisation.id, exists(follows))


def is_waiting() -> ColumnElement[bool]:
    """Nobody has answered yet."""
    return Contestation.answered_at.is_(None)


def list_contestations(
    session: Session, actor: Actor, view: str, *, number: int = 1
) -> Page[Contestation]:
    """Those to answer, the first due first; or those answered, the last one first."""
    waiting = view == WAITING
    order = Contestation.due_on if waiting else Contestation.answered_at.desc()
    query = (
        select(Contestation)
        .where(may_answer(actor), is_waiting() if waiting else ~is_waiting())
        .options(joinedload(Contestation.person))
        .order_by(order, Contestation.id)
    )
    return paginate(session, query, number=number, size=PAGE_SIZE)


def list_of_person(session: Session, actor: Actor, person_id: int) -> Sequence[Contestation]:
    """The last ones a person made, those that wait first: for their file."""
    return session.scalars(
        select(Contestation)
        .where(Contestation.person_id == person_id, may_answer(actor))
        .order_by(Contestation.answered_at.is_not(None), Contestation.asked_at.desc())
        .limit(_IN_FILE)
    ).all()


def get_contestation(session: Session, actor: Actor, public_id: str) -> Contestation | None:
    """One that the actor's structure answers for."""
    return session.scalar(
        select(Contestation)
        .where(Contestation.public_id == public_id, may_answer(actor))
        .options(
            joinedload(Contestation.person),
            joinedload(Contestation.offer),
            joinedload(Contestation.organisation),
            joinedload(Contestation.answered_by),
        )
    )


def record_answer(session: Session, actor: Actor, *, contestation: Contestation, text: str) -> None:
    """The answer of a human, kept and shown; the person is told that it is there, unless gone."""
    hold_row(session, contestation)
    session.refresh(contestation, ["answered_at"])
    if contestation.answered_at is not None:
        raise IllegalTransitionError(_("Quelqu’un a déjà répondu à ce désaccord."))
    contestation.answer = text.strip()
    contestation.answered_by_id = actor.account.id
    contestation.answered_at = clock.now()
    session.flush()
    record_event(session, actor=actor, subject=contestation, name="contestation_answered")
    if not contestation.person.is_gone:
        _tell(session, actor, contestation)


def _tell(session: Session, actor: Actor, contestation: Contestation) -> None:
    """Says that an answer is there."""
    person = contestation.person
    link = make_link(
        session,
        purpose=LinkPurpose.PERSON_SPACE,
        to=person,
        subject=contestation,
        made_by_id=actor.account.id,
    )
    write_message(
        session,
        key=f"contestation-answered:{contestation.id}",
        kind=MessageKind.ANSWER,
        to=person,
        text=texts.answered(tongue_of(person)),
        organisation_id=actor.organisation.id,
        by_id=actor.account.id,
        subject=contestation,
        link=link,
    )
