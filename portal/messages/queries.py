"""Which messages an actor sees, and what is done with them by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.people import is_active, may_read, may_see_card
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError, Machine
from portal.messages.gone import names_somebody_gone
from portal.models import (
    CallRequest,
    EmployerContact,
    Establishment,
    MessageKind,
    MessageState,
    OutboxMessage,
    Person,
)
from portal.today.tasks import working_days_after
from portal.web.paging import Page, paginate

PAGE_SIZE = 30
_PRINTED = 200
_S = MessageState
# Sent by hand: what only a human decides. The worker's own moves are in settling.py.
MESSAGE_MACHINE: Machine[MessageState] = Machine(
    {
        _S.TO_SEND: frozenset({_S.CANCELLED}),
        _S.TO_CALL: frozenset({_S.CALLED, _S.CANCELLED}),
        _S.UNCERTAIN: frozenset({_S.CALLED, _S.CANCELLED, _S.TO_SEND}),
        _S.FAILED: frozenset({_S.CALLED, _S.CANCELLED, _S.TO_SEND}),
    }
)
VIEWS: dict[str, tuple[MessageState, ...]] = {
    "call": (_S.TO_CALL,),
    "doubt": (_S.UNCERTAIN, _S.FAILED),
    "waiting": (_S.TO_SEND, _S.SENDING),
    "done": (_S.SENT, _S.CALLED),
    "cancelled": (_S.CANCELLED,),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of messages, how many each view holds, and the people whose text may be read."""

    page: Page[OutboxMessage]
    counts: dict[str, int]
    readable: frozenset[int]


def may_see(actor: Actor) -> ColumnElement[bool]:
    """Messages to people whose file the actor reads, or sent by its structure to those it sees;
    to contacts, those of its structure. Never those to accounts, nor about somebody gone.

    A hub reads no file: it sees what it sent itself.
    """
    ours = OutboxMessage.organisation_id == actor.organisation.id
    if not actor.can(Capability.PEOPLE_READ):
        present = or_(OutboxMessage.person_id.is_(None), OutboxMessage.person.has(is_active()))
        return and_(OutboxMessage.account_id.is_(None), ~names_somebody_gone(), ours, present)
    of_person = Person.id == OutboxMessage.person_id
    file_read = exists(select(Person.id).where(of_person, may_read(actor)))
    card_seen = exists(select(Person.id).where(of_person, may_see_card(actor)))
    kept = (
        select(EmployerContact.id)
        .join(Establishment, Establishment.id == EmployerContact.establishment_id)
        .where(
            EmployerContact.id == OutboxMessage.contact_id,
            Establishment.owner_id == actor.organisation.id,
        )
    )
    return and_(
        OutboxMessage.account_id.is_(None),
        ~names_somebody_gone(),
        or_(file_read, and_(ours, card_seen), and_(OutboxMessage.contact_id.is_not(None), ours),
            exists(kept)),
    )  # fmt: skip


def may_act(actor: Actor) -> ColumnElement[bool]:
    """Those the actor's structure answers for."""
    return and_(may_see(actor), OutboxMessage.organisation_id == actor.organisation.id)


def list_messages(session: Session, actor: Actor, view: str, number: int) -> Listed:
    """One page of a view, the most urgent first."""
    query = _loaded(
        select(OutboxMessage).where(may_see(actor), OutboxMessage.state.in_(VIEWS[view]))
    )
    latest = OutboxMessage.updated_at.desc(), OutboxMessage.id.desc()
    first = OutboxMessage.next_try_at, OutboxMessage.id
    order = first if view in ("call", "waiting") else latest
    page = paginate(session, query.order_by(*order), number=number, size=PAGE_SIZE)
    return Listed(page, _counts(session, actor), _readable(session, actor, page.rows))


def list_to_say(session: Session, actor: Actor) -> Listed:
    """The call list of the actor's structure, as it is printed."""
    condition = and_(may_act(actor), OutboxMessage.state == _S.TO_CALL)
    query = _loaded(select(OutboxMessage).where(condition))
    ordered = query.order_by(OutboxMessage.next_try_at, OutboxMessage.id)
    page = paginate(session, ordered, number=1, size=_PRINTED)
    return Listed(page, {}, _readable(session, actor, page.rows))


def get_message(session: Session, actor: Actor, public_id: str) -> OutboxMessage | None:
    """A message that the actor's structure answers for."""
    query = select(OutboxMessage).where(OutboxMessage.public_id == public_id, may_act(actor))
    return session.scalar(_loaded(query))


def record_said(session: Session, actor: Actor, *, message: OutboxMessage) -> None:
    """It was said by telephone; the task that asked for the call is done."""
    _move(session, actor, message, _S.CALLED, "message_said")
    message.error = None
    calls = select(CallRequest).where(
        CallRequest.subject_kind == OutboxMessage.__tablename__,
        CallRequest.subject_id == message.id,
        CallRequest.done_at.is_(None),
    )
    for call in session.scalars(calls):
        call.done_at, call.done_by_id = clock.now(), actor.account.id
        call.outcome = _("dit par téléphone")


def record_not_reached(session: Session, actor: Actor, *, message: OutboxMessage) -> None:
    """Nobody answered: it comes back the next working day."""
    if message.state is not _S.TO_CALL:
        raise IllegalTransitionError(_("Ce message n’est plus à dire par téléphone."))
    message.tries += 1
    day = working_days_after(clock.today(), 1)
    message.next_try_at = datetime.combine(day, time(9), clock.PARIS)
    record_event(session, actor=actor, subject=message, name="message_not_reached")


def record_cancel(session: Session, actor: Actor, *, message: OutboxMessage) -> None:
    """It is no longer to be told."""
    _move(session, actor, message, _S.CANCELLED, "message_cancelled")
    message.error = _("annulé à la main")


def record_retry(session: Session, actor: Actor, *, message: OutboxMessage) -> None:
    """Send again what a human decided to send again."""
    if message.kind is MessageKind.CODE:
        raise IllegalTransitionError(
            _("Un code ne se renvoie pas\u00a0: il faut en demander un autre.")
        )
    _move(session, actor, message, _S.TO_SEND, "message_retried")
    message.tries, message.handed_at, message.error = 0, None, None
    message.next_try_at = clock.now()


def _move(
    session: Session, actor: Actor, message: OutboxMessage, target: MessageState, name: str
) -> None:
    MESSAGE_MACHINE.move(session, message, target, actor=actor, name=name)


def _loaded(query: Select[OutboxMessage]) -> Select[OutboxMessage]:
    contact = joinedload(OutboxMessage.contact).joinedload(EmployerContact.establishment)
    return query.options(joinedload(OutboxMessage.person), contact, joinedload(OutboxMessage.link))


def _counts(session: Session, actor: Actor) -> dict[str, int]:
    rows = session.execute(
        select(OutboxMessage.state, func.count(OutboxMessage.id))
        .where(may_see(actor))
        .group_by(OutboxMessage.state)
    )
    by_state = {row[0]: row[1] for row in rows}
    return {view: sum(by_state.get(s, 0) for s in states) for view, states in VIEWS.items()}


def _readable(session: Session, actor: Actor, rows: list[OutboxMessage]) -> frozenset[int]:
    """The people whose messages may be read in full: those whose file the actor may open, and
    for a hub those it wrote to."""
    people = {row.person_id for row in rows if row.person_id is not None}
    if not people:
        return frozenset()
    if not actor.can(Capability.PEOPLE_READ):
        return frozenset(people)
    return frozenset(
        session.scalars(select(Person.id).where(Person.id.in_(people), may_read(actor)))
    )
