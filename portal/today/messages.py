"""What messages ask of the day: say by telephone what could not leave, and settle the doubts."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from portal.clock import PARIS
from portal.messages.queries import may_act
from portal.messages.unknown import unclaimed
from portal.models import EmployerContact, MessageState, OutboxMessage, ReceivedSms
from portal.phones import national, phone_text
from portal.today.queues import Queue, Source, named, one_by_one
from portal.today.tasks import Desk, Task

_MESSAGES = Source(
    OutboxMessage,
    shown=(
        joinedload(OutboxMessage.person),
        joinedload(OutboxMessage.contact).joinedload(EmployerContact.establishment),
    ),
)
_RECEIVED = Source(ReceivedSms)


def to_say(desk: Desk) -> Queue:
    """Messages of the structure that nobody can send: somebody says them."""
    return _queue(
        desk,
        MessageState.TO_CALL,
        what=_("Dire un message par téléphone"),
        action=_("Voir quoi dire"),
        view="call",
    )


def uncertain(desk: Desk) -> Queue:
    """E-mails that may have gone: a human asks, and decides."""
    return _queue(
        desk,
        MessageState.UNCERTAIN,
        what=_("Vérifier qu’un courriel est arrivé"),
        action=_("Décider"),
        view="doubt",
    )


def unknown_numbers(desk: Desk) -> Queue:
    """SMS from numbers of nobody: an administrator finds whom they are for."""
    href, what = url_for("messages.unknown"), _("Lire un SMS d’un numéro inconnu")

    def tell(row: ReceivedSms) -> Task:
        return Task(
            due=row.received_at.astimezone(PARIS).date(),
            what=what,
            about=phone_text(national(row.phone)),
            href=href,
            action=_("Lire"),
        )

    order = (ReceivedSms.received_at, ReceivedSms.id)
    return Queue(_RECEIVED, unclaimed(desk.actor), order, one_by_one(tell), named(what), href)


def _queue(desk: Desk, state: MessageState, *, what: str, action: str, view: str) -> Queue:
    href = url_for("messages.index", vue=view)

    def tell(row: OutboxMessage) -> Task:
        return Task(
            due=row.next_try_at.astimezone(PARIS).date(),
            what=what,
            about=f"{_name(row)}, {row.kind.label}",
            href=href,
            action=action,
            people=(row.person_id,) if row.person_id is not None else (),
        )

    condition = may_act(desk.actor) & (OutboxMessage.state == state)
    order = (OutboxMessage.next_try_at, OutboxMessage.id)
    return Queue(_MESSAGES, condition, order, one_by_one(tell), named(what), href)


def _name(row: OutboxMessage) -> str:
    if row.person is not None:
        return row.person.short_name
    return row.contact.establishment.name if row.contact is not None else ""
