"""Inviting somebody, moving the moment, cancelling: what is written, and what is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.doors.links import make_link, revoke_links_about
from portal.invitations import reminding, words
from portal.invitations.rules import INVITATION_MACHINE, OPEN_STATES, ends_of_use, has_started
from portal.locks import hold_row, lock_row
from portal.messages.outbox import Text, write_message
from portal.models import (
    Invitation,
    InvitationKind,
    InvitationSlot,
    InvitationState,
    LinkPurpose,
    MeetingBooking,
    MessageKind,
    MessageState,
    Person,
)
from portal.models.offers import Introduction


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed: ``title`` ends « On vous propose … »; ``slots``: other moments."""

    kind: InvitationKind
    title: str
    starts_at: datetime
    ends_at: datetime | None = None
    place: str | None = None
    commune_code: str | None = None
    slots: tuple[datetime, ...] = ()


def draft(person: Person, proposal: Proposal, *, organisation_id: int) -> Invitation:
    """The row of a proposal, not yet in a session: what a preview reads."""
    return Invitation(
        person=person,
        kind=proposal.kind,
        state=InvitationState.SENT,
        title=proposal.title,
        starts_at=proposal.starts_at,
        ends_at=proposal.ends_at,
        place=proposal.place,
        commune_code=proposal.commune_code,
        organisation_id=organisation_id,
        slots=[InvitationSlot(starts_at=moment) for moment in proposal.slots],
    )


def record_invitation(
    session: Session,
    actor: Actor | None,
    *,
    person: Person,
    proposal: Proposal,
    organisation_id: int,
    booking: MeetingBooking | None = None,
    introduction: Introduction | None = None,
) -> Invitation:
    """Invite one person: the row, the message that leaves, the reminders that follow."""
    row = draft(person, proposal, organisation_id=organisation_id)
    row.by_id = actor.account.id if actor else None
    row.booking, row.introduction = booking, introduction
    session.add(row)
    session.flush()
    record_event(session, actor=actor, subject=row, name="invited", to_state=row.state.value)
    tell(session, row, words.invitation_text(row, clock.today()), reminding.FIRST)
    reminding.replan(session, row)
    return row


def record_invitations(
    session: Session,
    actor: Actor,
    *,
    people: Iterable[Person],
    proposal: Proposal,
) -> list[Invitation]:
    """Invite several people to the same thing; each answers for themselves.

    Sent twice (a second click, a page sent again), it is the same invitation: one SMS leaves.
    """
    return [
        _same_as(session, actor, person, proposal)
        or record_invitation(
            session,
            actor,
            person=person,
            proposal=proposal,
            organisation_id=actor.organisation.id,
        )
        for person in people
    ]


def _same_as(
    session: Session, actor: Actor, person: Person, proposal: Proposal
) -> Invitation | None:
    """What the structure already proposed to the person, word for word, for the same moment."""
    hold_row(session, person)  # of two at once, the second one finds the first
    return session.scalar(
        select(Invitation)
        .where(
            Invitation.person_id == person.id,
            Invitation.organisation_id == actor.organisation.id,
            Invitation.kind == proposal.kind,
            Invitation.title == proposal.title,
            Invitation.starts_at == proposal.starts_at,
            # Who said no may be asked again.
            Invitation.state.in_(OPEN_STATES - {InvitationState.DECLINED}),
        )
        .limit(1)
    )


def cancel(
    session: Session,
    actor: Actor | None,
    *,
    invitation: Invitation,
    reason: str,
    told: bool = True,
) -> None:
    """It does not take place: unless ``told`` is False or they said no, the person is told."""
    lock_row(session, invitation)
    if has_started(invitation, clock.now()):
        raise IllegalTransitionError(
            _("Ce rendez-vous est passé\u00a0: notez si la personne est venue.")
        )
    told = told and invitation.state is not InvitationState.DECLINED
    INVITATION_MACHINE.move(
        session, invitation, InvitationState.CANCELLED, actor=actor, name="cancelled", reason=reason
    )
    reminding.withdraw(session, invitation, announced=True)
    reminding.replan(session, invitation)
    revoke_links_about(session, invitation)
    if told:
        tell(session, invitation, words.cancelled_text(invitation, clock.today()), "cancelled")


def set_moment(
    session: Session, invitation: Invitation, starts_at: datetime, *, actor: Actor | None
) -> None:
    """Another moment for the same thing; reminders follow. Its length is kept."""
    before = invitation.starts_at
    if invitation.ends_at is not None:
        invitation.ends_at += starts_at - before
    invitation.starts_at = starts_at
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=invitation,
        name="moved",
        details={"from": before.isoformat(), "to": starts_at.isoformat()},
    )


def mark(session: Session, actor: Actor | None, *, invitation: Invitation, came: bool) -> None:
    """Write whether the person came, once the hour has come; the same corrects a mistake."""
    lock_row(session, invitation)
    if not has_started(invitation, clock.now()):
        raise IllegalTransitionError(_("Ce rendez-vous n’a pas encore eu lieu."))
    note_presence(session, actor, invitation, came=came)


def note_presence(
    session: Session, actor: Actor | None, invitation: Invitation, *, came: bool
) -> None:
    """Move to « venue » or « pas venue »; the same again changes nothing."""
    target = InvitationState.ATTENDED if came else InvitationState.MISSED
    if invitation.state is target:
        return
    INVITATION_MACHINE.move(session, invitation, target, actor=actor, name="presence_noted")
    reminding.replan(session, invitation)


def tell(session: Session, invitation: Invitation, text: Text, name: str) -> None:
    """Write a message about an invitation, once; its link, if its text has one, lets answer."""
    link = None
    if "{link}" in text.sms + text.mail:
        link = make_link(
            session,
            purpose=LinkPurpose.PERSON_ANSWER,
            to=invitation.person,
            subject=invitation,
            made_by_id=invitation.by_id,
        )
    written = write_message(
        session,
        key=reminding.message_key(invitation, name),
        kind=MessageKind.INVITATION,
        to=invitation.person,
        text=text,
        organisation_id=invitation.organisation_id,
        by_id=invitation.by_id,
        subject=invitation,
        link=link,
        expires_at=ends_of_use(invitation),
    )
    if written.state is MessageState.CANCELLED:
        # The same moment chosen again, whose message a move in between had taken back.
        written.state = MessageState.TO_SEND if written.address else MessageState.TO_CALL
