"""« Je ne suis pas d’accord »: a human answers within five working days (T-XPL-02)."""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.calls.queries import record_call, who_follows
from portal.locks import hold_row
from portal.models import AnswerChannel, CallReason, Contestation, JobOffer, Person
from portal.recipients.accounting import account_of
from portal.today.tasks import working_days_after
from portal.web.language import DEFAULT

#: Working days a professional has to answer.
ANSWER_WITHIN = 5


def record_contestation(
    session: Session,
    *,
    person: Person,
    offer: JobOffer | None,
    text: str | None,
    by_phone: bool,
    channel: AnswerChannel,
    helper: Actor | None = None,
) -> Contestation:
    """Keep what the person does not agree with, and what they had been told, frozen.

    One that still waits for its answer takes the new words: the same is not asked twice.
    """
    hold_row(session, person)
    known = _waiting(session, person, offer)
    row = known or _new(session, person, offer)
    if known is None:
        row.asked_by = channel
        row.helper_id = helper.account.id if helper else None
        session.add(row)
    row.text = "\n".join(part for part in (row.text, (text or "").strip()) if part) or None
    session.flush()
    record_event(
        session,
        actor=helper,
        subject=row,
        name="contested_again" if known else "contested",
        details={"person": person.public_id, "channel": channel.value, "by_phone": by_phone},
    )
    if by_phone:
        _ask_call(session, row)
    return row


def _ask_call(session: Session, row: Contestation) -> None:
    record_call(
        session,
        reason=CallReason.CALL_ME,
        due_on=row.due_on,
        person=row.person,
        subject=row,
        note=row.about,
    )


def _new(session: Session, person: Person, offer: JobOffer | None) -> Contestation:
    referral = who_follows(session, person)
    # In French, whatever the language of the page: a professional reads it.
    with force_locale(DEFAULT):
        explanation = mm.explain(session, person, offer) if offer is not None else None
        account, about = account_of(explanation) if explanation else {}, _about(offer)
    return Contestation(
        person=person,
        offer=offer,
        organisation_id=referral.organisation_id if referral else person.owner_id,
        account_id=referral.account_id if referral else None,
        about=about,
        explanation=account,
        due_on=working_days_after(clock.today(), ANSWER_WITHIN),
    )


def _about(offer: JobOffer | None) -> str:
    if offer is None:
        return str(_("Ce que vous savez de moi"))
    return offer.title or (offer.occupation.label if offer.occupation else str(_("Une piste")))


def _waiting(session: Session, person: Person, offer: JobOffer | None) -> Contestation | None:
    return session.scalar(
        select(Contestation)
        .where(
            Contestation.person_id == person.id,
            Contestation.offer_id == (offer.id if offer else None),
            Contestation.answered_at.is_(None),
        )
        .limit(1)
    )


def get_contestation(session: Session, person: Person, public_id: str) -> Contestation | None:
    """One the person made."""
    return session.scalar(
        select(Contestation)
        .where(Contestation.public_id == public_id, Contestation.person_id == person.id)
        .options(joinedload(Contestation.organisation), joinedload(Contestation.answered_by))
    )


def list_contestations(session: Session, person: Person) -> list[Contestation]:
    """All the person made, the last one first; their answers stay."""
    return list(
        session.scalars(
            select(Contestation)
            .where(Contestation.person_id == person.id)
            .order_by(Contestation.asked_at.desc(), Contestation.id.desc())
        )
    )


def record_read(session: Session, *, contestation: Contestation, helper: Actor | None) -> None:
    """The person says they have read the answer."""
    if contestation.answered_at is None or contestation.read_at is not None:
        return
    contestation.read_at = clock.now()
    session.flush()
    record_event(session, actor=helper, subject=contestation, name="answer_read")
