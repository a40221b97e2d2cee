"""Erasing a file: what tells who it was goes, dated facts without a name stay (RGPD, article 17).

The tables are found from the schema, as for the copy that a person takes: what is not kept here as
a fact is removed, so a table that is new is erased until somebody says that it holds facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, delete, false, or_, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.journal import record_event
from portal.errors import InputError
from portal.models import CallRequest, DomainEvent, OutboxMessage, Person, Referral
from portal.models.base import Base
from portal.people.queries.engagements import why_file_stays_open
from portal.recipients.copying import owned_tables

_ERASED = "(effacé)"
_PERSON = Person.__tablename__
#: Who read what: kept as long as any access log is.
_LOG = "access_log"

#: What stays of a person as facts that are counted, and what of it is wiped.
KEPT: Mapping[str, Mapping[str, Any]] = {
    _LOG: {},
    "referral": {},
    "contact": {"note": None},
    "introduction": {"outcome_text": None, "card": {}},
    "cohort_membership": {"exercise": None, "motivation": None, "next_step": _ERASED},
    "cohort_pair": {},
    "job_promise": {},
    "meeting_booking": {},
    "enrollment": {"external_ref": None, "note": None},
    "attendance_week": {},
    "block_result": {},
    "hire": {"end_note": None},
    "job_follow_up": {"note": None, "settled_how": None},
    "immersion": {
        "objectives": _ERASED,
        "tasks": _ERASED,
        "schedule": _ERASED,
        "place": None,
        "tutor_name": _ERASED,
        "tutor_role": None,
        "tutor_contact": None,
        "legal_representative": None,
        "rules_checked": {},
    },
    "immersion_signature": {"name": _ERASED},
    "immersion_assessment": {"note": None, "by_name": _ERASED},
    "immersion_gesture": {},
    "unmet_need": {"note": None, "blocking": {}, "person_id": None},
}
#: Columns of the person's own row that stay: where and when, never who.
_STAY = frozenset(
    {
        "id",
        "public_id",
        "owner_id",
        "departement_code",
        "contact_preference",
        "followed_since",
        "last_contact_on",
        "archived_at",
        "objected_at",
        "created_at",
        "updated_at",
    }
)

Keys = dict[str, list[int]]
# The rows of the session are forgotten in the end: none is looked for meanwhile.
_SILENT: Mapping[str, Any] = {"synchronize_session": False}


def erase_person(session: Session, person: Person) -> None:
    """Erase a file for good; :class:`InputError` while something still counts on the person.

    Who objected keeps the identifier of the file they came from: no import brings them back.
    """
    why = why_file_stays_open(session, person) if not person.is_gone else None
    if why is not None:
        raise InputError(why)
    session.flush()
    keys = _keys_of(session, person)
    _wipe_what_firms_were_told(session, keys)
    _erase_events(session, keys)
    for name, columns in reversed(owned_tables().items()):
        table, theirs = Base.metadata.tables[name], _theirs(columns, keys)
        if name not in KEPT:
            session.execute(delete(table).where(theirs))
        elif KEPT[name]:
            session.execute(update(table).where(theirs).values(KEPT[name]))
    session.execute(
        update(Referral)
        .where(Referral.person_id == person.id, Referral.end.is_(None))
        .values(end=clock.today())
    )
    session.expire_all()
    _empty(person)
    record_event(session, actor=None, subject=person, name="person_erased")
    session.flush()


def _keys_of(session: Session, person: Person) -> Keys:
    """The keys of every row of the person, by table, nearest first."""
    keys: Keys = {_PERSON: [person.id]}
    for name, columns in owned_tables().items():
        table = Base.metadata.tables[name]
        rows = select(table.c.id).where(_theirs(columns, keys)) if _has_key(table, name) else None
        keys[name] = list(session.scalars(rows)) if rows is not None else []
    return keys


def _has_key(table: Table, name: str) -> bool:
    """Whether rows of others, or events, may point to a row of the table."""
    return "id" in table.c and name != _LOG


def _theirs(columns: list[Column[Any]], keys: Keys) -> ColumnElement[bool]:
    return or_(
        false(),
        *(
            column.in_(keys.get(key.column.table.name, []))
            for column in columns
            for key in column.foreign_keys
        ),
    )


def _about(table: Any, keys: Keys, names: set[str]) -> ColumnElement[bool]:
    """What is about one of these rows by the name of its table and its key."""
    pairs = (
        and_(table.subject_kind == name, table.subject_id.in_(keys[name]))
        for name in names
        if keys[name]
    )
    return or_(false(), *pairs)


def _wipe_what_firms_were_told(session: Session, keys: Keys) -> None:
    """Messages and calls to firms about the person: their words name somebody."""
    about = _about(OutboxMessage, keys, set(keys))
    words = {"title": None, "body": _ERASED, "to_say": None}
    told = list(session.scalars(select(OutboxMessage.id).where(about)))
    of_message = and_(
        CallRequest.subject_kind == OutboxMessage.__tablename__, CallRequest.subject_id.in_(told)
    )
    of_call = or_(_about(CallRequest, keys, set(keys)), of_message)
    session.execute(update(OutboxMessage).where(about).values(words).execution_options(**_SILENT))
    session.execute(
        update(CallRequest).where(of_call).values(note=None).execution_options(**_SILENT)
    )
    session.execute(
        update(CallRequest)
        .where(of_call, CallRequest.outcome.is_not(None))
        .values(outcome=_ERASED)
        .execution_options(**_SILENT)
    )


def _erase_events(session: Session, keys: Keys) -> None:
    """Events of what goes are removed; those of facts keep their states and dates."""
    facts = {name for name in KEPT if name in keys} | {_PERSON}
    gone = _about(DomainEvent, keys, set(keys) - facts)
    session.execute(delete(DomainEvent).where(gone).execution_options(**_SILENT))
    kept = _about(DomainEvent, keys, facts)
    session.execute(update(DomainEvent).where(kept).values(details={}).execution_options(**_SILENT))


def _empty(person: Person) -> None:
    """The row itself: nobody, in no list for ever."""
    stay = _STAY | ({"external_ref"} if person.objected_at else set())
    for column in Person.__table__.columns:
        if column.name not in stay:
            setattr(person, column.name, None if column.nullable else _blank(column))
    person.archived_at = person.archived_at or clock.now()


def _blank(column: Any) -> Any:
    """What stands in a column that must hold something: no text, or what a new row has."""
    return "" if column.type.python_type is str else column.default.arg
