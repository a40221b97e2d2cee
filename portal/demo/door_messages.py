"""The outbox as one finds it in the morning: sent, to say, failed, and what people wrote back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from portal import clock
from portal.demo.door_people import VISITOR
from portal.demo.scene import Scene
from portal.demo.structures import Structures
from portal.invitations.inviting import mark
from portal.messages.decisions import after_quiet_hours
from portal.messages.inbound import Incoming, receive
from portal.messages.settling import mark_failed, mark_sent
from portal.models import (
    Invitation,
    InvitationState,
    MessageChannel,
    MessageKind,
    MessageState,
    OutboxMessage,
    Person,
    Referral,
)
from portal.phones import e164

_WHY_FAILED = "ce numéro n’est plus attribué"
_WRITTEN = (
    "Bonjour je peux pas venir mardi mon fils est malade, une autre date svp",
    "c est a quelle adresse ?",
)


def settle_history(scene: Scene) -> None:
    """Who was awaited came; what was written before yesterday was sent, or said by telephone."""
    past = (
        select(Invitation)
        .where(
            Invitation.state == InvitationState.SENT,
            Invitation.starts_at < scene.instant(-7, 0),
        )
        .order_by(Invitation.id)
    )
    for invitation in scene.session.scalars(past):
        with clock.frozen_at(invitation.starts_at + timedelta(hours=9)):
            mark(scene.session, None, invitation=invitation, came=True)
    written = (
        select(OutboxMessage)
        .where(OutboxMessage.next_try_at < scene.instant(-1, 0))
        .order_by(OutboxMessage.id)
    )
    for row in scene.session.scalars(written):
        _settle(row, after_quiet_hours(row.next_try_at))
    scene.session.flush()


def _settle(row: OutboxMessage, moment: datetime) -> None:
    if row.channel is MessageChannel.CALL:
        row.state = MessageState.CALLED
    else:
        mark_sent(row, f"demo-{row.id}", moment)
        row.handed_at = moment
    row.updated_at = moment


def trouble(scene: Scene, structures: Structures) -> None:
    """A number that is no more on each side, and two SMS that a human reads."""
    kinds = (MessageKind.PATHWAY, MessageKind.CANDIDATES)
    for number, kind in enumerate(kinds):
        row = _last_sent(scene, kind)
        if row is not None:
            moment = scene.instant(-1, 9 + number)
            mark_failed(scene.session, row, _WHY_FAILED, moment)
            row.sent_at, row.tries, row.updated_at = None, 1, moment
    referent = structures.accounts["referent"]
    people = scene.session.scalars(
        select(Person)
        .join(Referral, Referral.person_id == Person.id)
        .where(
            Referral.account_id == referent.id,
            Referral.end.is_(None),
            Person.external_ref != VISITOR,
        )
        .order_by(Person.external_ref)
        .limit(len(_WRITTEN))
    )
    for number, (person, text) in enumerate(zip(people.all(), _WRITTEN, strict=True)):
        moment = scene.instant(-1, 19) + timedelta(minutes=25 * number)
        phone = e164(person.phone)
        assert phone is not None, "everybody of the demonstration has a number"
        with clock.frozen_at(moment):
            receive(scene.session, Incoming(f"demo-sms-{number}", phone, text, moment))


def _last_sent(scene: Scene, kind: MessageKind) -> OutboxMessage | None:
    return scene.session.scalar(
        select(OutboxMessage)
        .where(OutboxMessage.kind == kind, OutboxMessage.state == MessageState.SENT)
        .order_by(OutboxMessage.sent_at.desc(), OutboxMessage.id)
        .limit(1)
    )
