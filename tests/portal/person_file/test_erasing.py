"""A file erased for good: no word of the person is left anywhere, facts and others stay."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import JSON, Enum, String, Table, func, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.journal import record_event
from portal.calls.queries import record_call
from portal.cli import main
from portal.config import Settings
from portal.db import Database
from portal.errors import InputError
from portal.models import (
    CallReason,
    Contact,
    ContactChannel,
    DomainEvent,
    MessageChannel,
    MessageKind,
    OutboxMessage,
    Person,
    PersonRestricted,
)
from portal.models.base import Base
from portal.people.erasing import KEPT, erase_person
from portal.recipients.copying import build_copy, owned_tables
from tests.support.factories import Factory
from tests.support.samples import Rows, build_rows

MARK = "ZBL"  # in the shortest column of text
#: Texts of rows that stay which are codes of ours, never words about somebody.
CODES = frozenset(
    {
        "agreed_channel",
        "block",
        "context",
        "departement_code",
        "end_reason",
        "endpoint",
        "group_at_proposal",
        "group_at_sourcing",
        "public_id",
        "purpose",
        "quarter",
        "reason",
    }
)
#: Texts that stand only with a date or a key; their rows go whole.
WITH_OTHERS = frozenset({"answer", "outcome", "subject_kind"})


def holds_words(column: Any) -> bool:
    """Whether somebody's words may be in a column: a text, or a document."""
    text = isinstance(column.type, (String, JSON)) and not isinstance(column.type, Enum)
    return text and not (column.foreign_keys or column.primary_key or column.name in CODES)


def rows_of(make: Factory, departement: str) -> Rows:
    """One of each thing of a person, what a firm was told of them, and notes."""
    rows = build_rows(make, departement)
    person, session = rows.person, make.session
    contact, introduction = rows.more["contact"], rows.more["introduction"]
    told = {"subject_kind": "introduction", "subject_id": introduction.id}
    make.add(
        OutboxMessage(
            key=f"firm:{person.public_id}",
            kind=MessageKind.INVITATION,
            channel=MessageChannel.EMAIL,
            contact_id=contact.id,
            body=f"{person.full_name} sera là.",
            **told,
        )
    )
    record_call(
        session,
        reason=CallReason.LATE,
        due_on=clock.today(),
        establishment=rows.offer.establishment,
        organisation_id=rows.platform.id,
        subject=rows.more["hire"],
        note=f"Deux retards de {person.full_name}.",
    )
    make.add(Contact(person_id=person.id, on=clock.today(), channel=ContactChannel.PHONE))
    make.add(PersonRestricted(person_id=person.id))
    for subject in (person, introduction, rows.more["pathway"]):
        record_event(session, actor=None, subject=subject, name="noted", details={"of": MARK})
    return rows


def mark_everything(session: Session, person: Person) -> None:
    """Write the mark wherever the schema leaves room for words about the person."""
    tables = Base.metadata.tables
    keys: dict[str, list[Any]] = {"person": [person.id]}
    for name, columns in {"person": [], **owned_tables()}.items():
        table = tables[name]
        theirs = table.c.id == person.id if name == "person" else None
        for column in columns:
            for key in column.foreign_keys:
                found = column.in_(keys.get(key.column.table.name, []))
                theirs = found if theirs is None else theirs | found
        assert theirs is not None
        if "id" in table.c and name != "person":
            keys[name] = list(session.scalars(select(table.c.id).where(theirs)))
        words = {
            c.name: _words(c) for c in table.columns if holds_words(c) and c.name not in WITH_OTHERS
        }
        if words:
            session.execute(update(table).where(theirs).values(words))
    session.expire_all()


def _words(column: Any) -> Any:
    if isinstance(column.type, JSON):
        return {"words": MARK}
    return column if column.unique else MARK


def marked(session: Session) -> list[str]:
    """The columns of the whole database where the mark still is."""
    return sorted(
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if _holds(session, table, column)
    )


def _holds(session: Session, table: Table, column: Any) -> bool:
    if not isinstance(column.type, (String, JSON)) or isinstance(column.type, Enum):
        return False
    return any(MARK in str(value) for value in session.scalars(select(column)))


def test_no_word_of_the_person_is_left_and_facts_stay(any_database: Database) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        erased, other = (rows_of(make, code).person for code in ("62", "59"))
        session.flush()
        ids = erased.id, other.id
        before = build_copy(session, other).sections
        marked_before = set(marked(session))
    with any_database.transaction() as session:
        person = session.get_one(Person, ids[0])
        mark_everything(session, person)
        assert len(set(marked(session)) - marked_before) > len(KEPT)
        facts = {name: _count(session, name) for name in KEPT}
        person.archived_at = clock.now()
        erase_person(session, person)
    with any_database.session() as session:
        person, other = (session.get_one(Person, key) for key in ids)
        assert (person.full_name, person.phone, person.birth_date) == ("", None, None)
        copy = build_copy(session, person)
        full = {part.key for part in copy.sections if part.rows}
        assert full <= {"person", "domain_event", *KEPT}
        assert {name: _count(session, name) for name in KEPT} == facts
        assert all(row.end for row in person.referrals)
        assert set(marked(session)) <= marked_before
        assert MARK not in str(copy)
        assert build_copy(session, other).sections == before
        assert "person_erased" in set(session.scalars(select(DomainEvent.name)))


def test_what_firms_were_told_of_somebody_is_erased(make: Factory, session: Session) -> None:
    rows = rows_of(make, "62")
    name = rows.person.full_name
    rows.person.archived_at = clock.now()
    session.flush()
    erase_person(session, rows.person)
    bodies = session.scalars(select(OutboxMessage.body)).all()
    assert not any(name in body for body in bodies)
    assert not any(name in str(row) for row in _notes(session))


def _notes(session: Session) -> list[str | None]:
    table = Base.metadata.tables["call_request"]
    return list(session.scalars(select(table.c.note)))


def _count(session: Session, name: str) -> int:
    return session.scalar(select(func.count()).select_from(Base.metadata.tables[name])) or 0


def test_every_word_of_a_row_that_stays_is_a_code_or_wiped() -> None:
    """A column that is new fails here until somebody says which."""
    unsaid = [
        f"{name}.{column.name}"
        for name, wiped in KEPT.items()
        for column in Base.metadata.tables[name].columns
        if holds_words(column) and column.name not in wiped
    ]
    assert not unsaid
    assert set(KEPT) <= set(owned_tables())


@pytest.mark.parametrize("objected", [False, True])
def test_only_who_objected_keeps_the_identifier_of_the_file_they_came_from(
    make: Factory, session: Session, objected: bool
) -> None:
    person = make.person(referent=make.account(), external_ref="CAF-1")
    person.objected_at = clock.now() if objected else None
    session.flush()
    erase_person(session, person)
    assert person.external_ref == ("CAF-1" if objected else None)


def test_what_still_counts_on_the_person_is_ended_first(make: Factory, session: Session) -> None:
    rows = rows_of(make, "62")
    session.flush()
    with pytest.raises(InputError):
        erase_person(session, rows.person)


def test_the_command_asks_and_erases(
    settings: Settings,
    database: Database,
    make: Factory,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = make.person(referent=make.account(), phone="0639980000")
    session.commit()
    for name in ("ECLUSE_DATABASE_URL", "ECLUSE_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ECLUSE_DATABASE_URL", settings.database_url)

    def run(*arguments: str, typed: str = "") -> Any:
        command = ["person", "erase", *arguments, "--home", str(settings.home)]
        return CliRunner().invoke(main, command, input=typed)

    assert run("inconnu").exit_code == 2
    assert run(person.public_id, typed="non\n").exit_code != 0
    session.refresh(person)
    assert person.phone == "0639980000"
    done = run(person.public_id, typed="effacer\n")
    assert "effacé" in done.output, done.output
    session.refresh(person)
    assert person.phone is None
    assert person.first_name == ""
