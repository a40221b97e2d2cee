"""The calls of a structure: to make, made, not reached; and the page each one is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access import people as people_access
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.calls.queries import noted
from portal.locks import lock_row
from portal.messages.gone import names_somebody_gone
from portal.models import (
    CallRequest,
    Contestation,
    EmployerNeed,
    Hire,
    Immersion,
    Introduction,
    Invitation,
    JobOffer,
    OutboxMessage,
    Pathway,
    Person,
)
from portal.text import N_
from portal.today.tasks import working_days_after
from portal.web.paging import Page, paginate

PAGE_SIZE = 20

#: What a call is about: its table, the page of it, and how the link is called.
_SUBJECTS: dict[str, tuple[Any, str, str]] = {
    row.__tablename__: (row, endpoint, label)
    for row, endpoint, label in (
        (Invitation, "invitations.show", N_("l’invitation")),
        (Introduction, "introductions.show", N_("la mise en relation")),
        (JobOffer, "offers.show", N_("l’offre")),
        (Immersion, "immersions.show", N_("l’immersion")),
        (Pathway, "pathways.show", N_("le parcours")),
        (Hire, "hires.show", N_("l’embauche")),
        (Contestation, "contestations.show", N_("le désaccord")),
        (EmployerNeed, "deposits.show", N_("le besoin déposé")),
    )
}

#: What a firm is called about that may name somebody: whose row it is, and whether they are gone.
_ABOUT_SOMEBODY: tuple[tuple[Any, Any, Callable[[], ColumnElement[bool]]], ...] = (
    (Introduction, Introduction.person_id, lambda: _is_gone(Introduction.person)),
    (Immersion, Immersion.person_id, lambda: _is_gone(Immersion.person)),
    (Hire, Hire.person_id, lambda: _is_gone(Hire.person)),
    (OutboxMessage, OutboxMessage.person_id, names_somebody_gone),
)


def _is_gone(person: Any) -> ColumnElement[bool]:
    return ~cast("ColumnElement[bool]", person.has(people_access.is_active()))


@dataclass(frozen=True, slots=True)
class CallLine:
    """A call as a line of the list; ``who`` None: somebody the actor may not see."""

    row: CallRequest
    who: str | None
    phone: str | None
    file_href: str | None
    about_href: str | None
    about_label: str
    note: str | None
    #: Whom the note of a call to a firm may name: the person it is about.
    named: int | None = None

    @property
    def late(self) -> bool:
        """Whether its day is past."""
        return self.row.due_on < clock.today()


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page of calls, the people it names, and how many calls each view holds."""

    page: Page[CallRequest]
    lines: list[CallLine]
    counts: dict[str, int]

    @property
    def people(self) -> list[int]:
        """Whose names are shown, or may be in what a firm said."""
        shown = (line.row.person_id for line in self.lines if line.who)
        noted = (line.named for line in self.lines if line.note)
        return list(dict.fromkeys(key for key in (*shown, *noted) if key is not None))


def may_read(actor: Actor) -> ColumnElement[bool]:
    """The calls that the actor's structure was asked for; people who left are not called."""
    if not actor.can(Capability.CALLS):
        return false()
    return and_(
        CallRequest.organisation_id == actor.organisation.id,
        or_(CallRequest.person_id.is_(None), CallRequest.person.has(people_access.is_active())),
    )


def is_mine(actor: Actor) -> ColumnElement[bool]:
    """Asked of the actor, or of anybody of the structure."""
    return or_(CallRequest.account_id == actor.account.id, CallRequest.account_id.is_(None))


def list_calls(session: Session, actor: Actor, *, mine: bool, made: bool, number: int) -> CallPage:
    """A page: those to make by due day, those made from the latest."""
    base = and_(may_read(actor), is_mine(actor)) if mine else may_read(actor)
    open_ones, closed = (
        and_(base, CallRequest.done_at.is_(None)),
        and_(base, CallRequest.done_at.is_not(None)),
    )
    order = (CallRequest.done_at.desc(),) if made else (CallRequest.due_on, CallRequest.asked_at)
    query = (
        select(CallRequest)
        .where(closed if made else open_ones)
        .options(
            joinedload(CallRequest.person),
            joinedload(CallRequest.establishment),
            joinedload(CallRequest.contact),
            joinedload(CallRequest.account),
            joinedload(CallRequest.done_by),
        )
        .order_by(*order, CallRequest.id)
    )
    counted = session.execute(
        select(func.count().filter(open_ones), func.count().filter(closed)).select_from(CallRequest)
    ).one()
    page = paginate(session, query, number=number, size=PAGE_SIZE)
    lines = lines_of(session, actor, page.rows)
    return CallPage(page, lines, {"open": counted[0], "made": counted[1]})


def get_call(session: Session, actor: Actor, public_id: str) -> CallRequest | None:
    """One call the actor's structure was asked for."""
    return session.scalar(
        select(CallRequest).where(CallRequest.public_id == public_id, may_read(actor))
    )


def lines_of(session: Session, actor: Actor, rows: Iterable[CallRequest]) -> list[CallLine]:
    """Calls as lines, in a number of queries that does not grow with them."""
    kept = list(rows)
    seen, opened = _people(session, actor, kept)
    addresses, about = _addresses(session, kept), _about_somebody(session, kept)
    return [_line(row, seen, opened, addresses, about.get(row.id)) for row in kept]


def record_done(session: Session, actor: Actor, *, call: CallRequest, outcome: str) -> None:
    """The call was made; what came of it in a few words."""
    _hold(session, call)
    call.done_at, call.done_by_id, call.outcome = clock.now(), actor.account.id, outcome
    session.flush()
    record_event(session, actor=actor, subject=call, name="called")


def record_not_reached(
    session: Session, actor: Actor, *, call: CallRequest, note: str | None
) -> None:
    """Nobody answered: the call is for the next working day, with what was noted."""
    _hold(session, call)
    today = clock.today()
    call.due_on = working_days_after(today, 1)
    said = _("%(day)s\u00a0: pas joint.", day=f"{today:%d/%m/%Y}")
    call.note = noted(call.note, f"{said} {note or ''}".strip())
    session.flush()
    record_event(session, actor=actor, subject=call, name="not_reached")


def _hold(session: Session, call: CallRequest) -> None:
    lock_row(session, call)
    if call.done_at is not None:
        raise IllegalTransitionError(_("Cet appel est déjà fait."))


def _people(session: Session, actor: Actor, rows: list[CallRequest]) -> tuple[set[int], set[int]]:
    """Of the people to call, those whose name may be seen, and whose file may be opened."""
    ids = {row.person_id for row in rows if row.person_id is not None}
    if not ids:
        return set(), set()
    if not actor.can(Capability.PEOPLE_READ):
        # A hub calls those of its own cohorts: it was asked to.
        return ids, set()
    found = session.execute(
        select(Person.id, people_access.may_read(actor)).where(
            Person.id.in_(ids), people_access.may_see_card(actor)
        )
    ).all()
    return {row[0] for row in found}, {row[0] for row in found if row[1]}


def _addresses(session: Session, rows: list[CallRequest]) -> dict[tuple[str, int], str]:
    """The public id of everything the calls are about, one query per kind."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.subject_kind in _SUBJECTS and row.subject_id is not None:
            wanted.setdefault(row.subject_kind, set()).add(row.subject_id)
    found: dict[tuple[str, int], str] = {}
    for kind, ids in wanted.items():
        table, endpoint, _label = _SUBJECTS[kind]
        if endpoint not in current_app.view_functions:
            continue
        for key, public_id in session.execute(
            select(table.id, table.public_id).where(table.id.in_(ids))
        ):
            found[(kind, key)] = url_for(endpoint, public_id=public_id)
    return found


@dataclass(frozen=True, slots=True)
class _About:
    """Whom a call is about, and whether they are gone: its note may name them (INV-18)."""

    person_id: int | None
    gone: bool


def _about_somebody(session: Session, rows: list[CallRequest]) -> dict[int, _About]:
    """Whom the calls are about, by the key of the call."""
    found: dict[int, _About] = {}
    for model, person_id, is_gone in _ABOUT_SOMEBODY:
        calls = {r.id: r.subject_id for r in rows if r.subject_kind == model.__tablename__}
        if calls:
            query = select(model.id, person_id, is_gone()).where(model.id.in_(calls.values()))
            about = {row[0]: _About(row[1], bool(row[2])) for row in session.execute(query)}
            found |= {call: about[key] for call, key in calls.items() if key in about}
    return found


def _line(
    row: CallRequest,
    seen: set[int],
    opened: set[int],
    addresses: dict[tuple[str, int], str],
    somebody: _About | None,
) -> CallLine:
    person, firm = row.person, row.establishment
    who: str | None = None
    phone: str | None = None
    if person is not None and person.id in seen:
        who, phone = person.short_name, person.phone
    elif firm is not None:
        contact = row.contact
        who = f"{contact.name}, {firm.name}" if contact else firm.name
        phone = (contact.phone if contact else None) or firm.contact_phone
    about = addresses.get((row.subject_kind or "", row.subject_id or 0)) if who else None
    label = _SUBJECTS[row.subject_kind][2] if row.subject_kind in _SUBJECTS else ""
    file_href = None
    if person is not None and person.id in opened:
        file_href = url_for("people.show", public_id=person.public_id)
    note = row.note if who and not (somebody and somebody.gone) else None
    named = somebody.person_id if somebody else None
    said = str(_(label)) if label else ""
    return CallLine(row, who, phone, file_href, about, said, note, named)
