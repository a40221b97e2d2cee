"""Rows that look like a person already known: found, kept aside, and decided by somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import Machine
from portal.imports.people_resolving import Resolver
from portal.imports.people_rows import PersonWriter
from portal.imports.people_values import PersonValue, StatusValue
from portal.models import (
    ContactPreference,
    DuplicateCandidate,
    DuplicateState,
    Person,
    Referral,
    StatusCode,
    StatusSource,
)
from portal.text import fold

DECISIONS: Machine[DuplicateState] = Machine(
    {
        DuplicateState.TO_DECIDE: frozenset({DuplicateState.SAME, DuplicateState.DIFFERENT}),
        DuplicateState.SAME: frozenset(),
        DuplicateState.DIFFERENT: frozenset(),
    }
)


def find_look_alikes(
    session: Session, family: frozenset[int], values: Sequence[PersonValue]
) -> dict[str, int]:
    """{identifier of the row: id of the person it looks like}.

    The same name (in either order), and the same birth date or telephone, among the people of
    the structures of the family or followed by them. Those who objected are nobody's look-alike.
    """
    followed = select(Referral.person_id).where(
        Referral.organisation_id.in_(family), Referral.end.is_(None)
    )
    names = {name for value in values for name in _names(value)}
    rows = session.scalars(
        select(Person)
        .where(
            Person.search_name.in_(names),
            Person.objected_at.is_(None),
            or_(Person.owner_id.in_(family), Person.id.in_(followed)),
        )
        .order_by(Person.id)
    )
    by_name: dict[str, list[Person]] = {}
    for person in rows:
        by_name.setdefault(person.search_name, []).append(person)
    found: dict[str, int] = {}
    for value in values:
        for person in (p for name in _names(value) for p in by_name.get(name, ())):
            if _is_alike(person, value):
                found.setdefault(value.external_ref, person.id)
    return found


def _names(value: PersonValue) -> tuple[str, str]:
    return value.search_name, fold(f"{value.last_name} {value.first_name}")


def _is_alike(person: Person, value: PersonValue) -> bool:
    same_birth = value.birth_date is not None and person.birth_date == value.birth_date
    same_phone = value.phone is not None and person.phone == value.phone
    return person.external_ref != value.external_ref and (same_birth or same_phone)


def row_of_value(value: PersonValue) -> dict[str, Any]:
    """The row as JSON, until somebody decides."""
    row = asdict(value)
    row["statuses"] = [
        {**status, "start": status["start"].isoformat(), "end": _iso(status["end"])}
        for status in row["statuses"]
    ]
    for name in ("birth_date", "available_from"):
        row[name] = _iso(row[name])
    return row


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def value_of_row(row: Mapping[str, Any]) -> PersonValue:
    """The value again."""
    preference = row["contact_preference"]
    lists = {name: tuple(row[name]) for name in ("modes", "trades", "skills", "credentials")}
    return PersonValue(
        **{
            **row,
            **lists,
            "birth_date": _day(row["birth_date"]),
            "available_from": _day(row["available_from"]),
            "contact_preference": ContactPreference(preference) if preference else None,
            "statuses": tuple(
                StatusValue(
                    StatusCode(status["code"]),
                    date.fromisoformat(status["start"]),
                    _day(status["end"]),
                    StatusSource(status["source"]),
                )
                for status in row["statuses"]
            ),
        }
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def candidates_query(actor: Actor) -> Select[DuplicateCandidate]:
    """The rows to decide of the actor's structure, oldest first."""
    return (
        select(DuplicateCandidate)
        .where(*_to_decide(actor))
        .options(joinedload(DuplicateCandidate.person).joinedload(Person.commune))
        .order_by(DuplicateCandidate.created_at, DuplicateCandidate.id)
    )


def count_candidates(session: Session, actor: Actor) -> int:
    """How many rows wait for a decision in the actor's structure."""
    query = select(func.count(DuplicateCandidate.id)).where(*_to_decide(actor))
    return session.scalar(query) or 0


def _to_decide(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return (
        DuplicateCandidate.owner_id == actor.organisation.id,
        DuplicateCandidate.state == DuplicateState.TO_DECIDE,
    )


def get_candidate(session: Session, actor: Actor, public_id: str) -> DuplicateCandidate | None:
    """A row of the actor's structure, decided or not."""
    return session.scalar(
        select(DuplicateCandidate).where(
            DuplicateCandidate.public_id == public_id,
            DuplicateCandidate.owner_id == actor.organisation.id,
        )
    )


def record_decision(
    session: Session, actor: Actor, *, candidate: DuplicateCandidate, same: bool
) -> Person:
    """Complete the known person, or create the other one; the row is then forgotten.

    Raises IllegalTransitionError when it was decided already.
    """
    target = DuplicateState.SAME if same else DuplicateState.DIFFERENT
    DECISIONS.move(session, candidate, target, actor=actor, name="duplicate_decided")
    value = value_of_row(candidate.row)
    facts = Resolver(session, candidate.owner_id).resolve(session, value)
    writer = PersonWriter(
        session,
        owner_id=candidate.owner_id,
        account_id=actor.account.id,
        today=clock.today(),
    )
    if same:
        person = candidate.person
        writer.complete(person, value, facts)
        if person.owner_id == candidate.owner_id and person.external_ref is None:
            person.external_ref, person.import_digest = value.external_ref, facts.digest
    else:
        person = writer.create(value, facts)
    candidate.row, candidate.decided_by_id = {}, actor.account.id
    session.flush()
    record_event(session, actor=actor, subject=person, name=f"duplicate_{target.value}")
    return person
