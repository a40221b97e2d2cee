"""A message as a professional reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.config import Settings
from portal.messages.facts import LINK_MARK, text_to_send
from portal.messages.queries import MESSAGE_MACHINE, Listed
from portal.messages.settling import WAITING
from portal.models import MessageKind, MessageState, OutboxMessage
from portal.phones import phone_text


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of the list; ``text`` and ``to_say`` are None for who may not read them."""

    public_id: str
    kind: str
    name: str
    href: str | None
    firm: str | None
    phone: str
    channel: str
    state: MessageState
    at: datetime
    why: str | None
    text: str | None
    link: str | None
    to_say: str | None
    may_say: bool
    may_cancel: bool
    may_retry: bool


def shown(settings: Settings, actor: Actor, found: Listed) -> list[Shown]:
    """The messages of a page."""
    return [_shown(settings, actor, row, found.readable) for row in found.page.rows]


def _shown(settings: Settings, actor: Actor, row: OutboxMessage, readable: frozenset[int]) -> Shown:
    may_read = row.person_id in readable if row.person_id is not None else True
    ours = row.organisation_id == actor.organisation.id
    person, contact = row.person, row.contact
    to = person or contact
    return Shown(
        public_id=row.public_id,
        kind=row.kind.label,
        name=person.short_name if person else contact.name if contact else "",
        href=url_for("people.show", public_id=person.public_id)
        if person and may_read and actor.can(Capability.PEOPLE_READ)
        else None,
        firm=contact.establishment.name if contact else None,
        phone=phone_text(to.phone) if to is not None and may_read else "",
        channel=row.channel.label,
        state=row.state,
        at=row.sent_at or (row.next_try_at if _is_coming(row) else row.updated_at),
        why=row.error,
        text=_text(settings, row) if may_read else None,
        link=_link(settings, row) if may_read else None,
        to_say=(row.to_say or _without_link(row)) if may_read else None,
        may_say=ours and MESSAGE_MACHINE.allows(row.state, MessageState.CALLED),
        may_cancel=ours and MESSAGE_MACHINE.allows(row.state, MessageState.CANCELLED),
        may_retry=ours and _may_retry(row),
    )


def _is_coming(row: OutboxMessage) -> bool:
    return row.state in WAITING


def _may_retry(row: OutboxMessage) -> bool:
    allowed = MESSAGE_MACHINE.allows(row.state, MessageState.TO_SEND)
    return allowed and row.kind is not MessageKind.CODE


def _text(settings: Settings, row: OutboxMessage) -> str:
    """What was or will be written; codes and working links in the demonstration alone."""
    if settings.demo:
        return text_to_send(settings, row)
    if row.kind is MessageKind.CODE:
        return str(_("(un code\u00a0: il n’est lu que par qui le reçoit)"))
    return _without_link(row)


def _without_link(row: OutboxMessage) -> str:
    return "" if row.kind is MessageKind.CODE else row.body.replace(LINK_MARK, _("(lien)"))


def _link(settings: Settings, row: OutboxMessage) -> str | None:
    """The path of the working link, in the demonstration."""
    if not settings.demo or row.link is None or LINK_MARK not in row.body:
        return None
    from portal.doors.links import token_of

    return f"/l/{token_of(settings.secret_key, row.link)}"
