"""What messages ask of the day: say by telephone what could not leave, and settle the doubts."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.clock import PARIS
from portal.messages.queries import may_act
from portal.messages.unknown import unclaimed
from portal.models import EmployerContact, MessageState, OutboxMessage, ReceivedSms
from portal.phones import national, phone_text
from portal.today.tasks import Desk, Task, Theme

SHOWN = 5


def to_say(desk: Desk) -> Theme:
    """Messages of the structure that nobody can send: somebody says them."""
    return _theme(
        desk,
        MessageState.TO_CALL,
        what=_("Dire un message par téléphone"),
        action=_("Voir quoi dire"),
        view="call",
    )


def uncertain(desk: Desk) -> Theme:
    """E-mails that may have gone: a human asks, and decides."""
    return _theme(
        desk,
        MessageState.UNCERTAIN,
        what=_("Vérifier qu’un courriel est arrivé"),
        action=_("Décider"),
        view="doubt",
    )


def unknown_numbers(desk: Desk) -> Theme:
    """SMS from numbers of nobody: an administrator finds whom they are for."""
    href, what = url_for("messages.unknown"), _("Lire un SMS d’un numéro inconnu")
    condition = unclaimed(desk.actor)
    rows = desk.session.scalars(
        select(ReceivedSms)
        .where(condition)
        .order_by(ReceivedSms.received_at, ReceivedSms.id)
        .limit(SHOWN)
    )
    tasks = [
        Task(
            due=row.received_at.astimezone(PARIS).date(),
            what=what,
            about=phone_text(national(row.phone)),
            href=href,
            action=_("Lire"),
        )
        for row in rows
    ]
    count = desk.session.scalar(select(func.count(ReceivedSms.id)).where(condition)) or 0
    return Theme(tasks, count, what, href)


def _theme(desk: Desk, state: MessageState, *, what: str, action: str, view: str) -> Theme:
    condition = may_act(desk.actor) & (OutboxMessage.state == state)
    href = url_for("messages.index", vue=view)
    rows = desk.session.scalars(
        select(OutboxMessage)
        .where(condition)
        .options(
            joinedload(OutboxMessage.person),
            joinedload(OutboxMessage.contact).joinedload(EmployerContact.establishment),
        )
        .order_by(OutboxMessage.next_try_at, OutboxMessage.id)
        .limit(SHOWN)
    )
    tasks = [
        Task(
            due=row.next_try_at.astimezone(PARIS).date(),
            what=what,
            about=f"{_name(row)}, {row.kind.label}",
            href=href,
            action=action,
            people=(row.person_id,) if row.person_id is not None else (),
        )
        for row in rows
    ]
    count = desk.session.scalar(select(func.count(OutboxMessage.id)).where(condition)) or 0
    return Theme(tasks, count, what, href)


def _name(row: OutboxMessage) -> str:
    if row.person is not None:
        return row.person.short_name
    return row.contact.establishment.name if row.contact is not None else ""
