"""What changes in a territory, and what its lists are then."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    Commune,
    ImportKind,
    ImportRun,
    Interest,
    JobOffer,
    LinkState,
    Occupation,
    Person,
    Skill,
    SkillAssertion,
    SkillLink,
    TrainingSession,
)
from tests.support.factories import Factory
from tests.support.kept_index import Process

DAY = timedelta(days=1)


def built(session: Session) -> dict[str, Any]:
    """The lists of a process that reads everything."""
    return Process(session, None).lists()


def is_asked(kept: Path) -> bool:
    return (kept / "asked").exists()


def prepare(both: Session, kept: Path) -> None:
    """What « ecluse index » does."""
    both.rollback()
    assert Process(both, kept).cache.prepare(both)
    both.rollback()


def change_all(session: Session) -> None:
    now = clock.now()
    for table, values in (
        (SkillAssertion, {"level": 3}),
        (Person, {"max_minutes": 50}),
        (JobOffer, {"posts": 4}),
        (TrainingSession, {"seats_left": 0}),
    ):
        session.execute(update(table).values(**values, updated_at=now))


def rename_a_skill(session: Session) -> None:
    """As who confirms that two skills are one."""
    confirmed = LinkState.CONFIRMED
    session.add(SkillLink(skill_code="tp.0", target_code="tp.2", score=99, state=confirmed))
    session.get_one(Skill, "tp.0").same_as_code = "tp.2"


def leave_a_group(session: Session) -> None:
    for code in ("tp.1", "tp.2"):
        session.get_one(Skill, code).group_code = None
    imported(session, ImportKind.ROME)


def imported(session: Session, kind: ImportKind) -> None:
    session.add(ImportRun(kind=kind, file_name="file", sha256="0" * 64))


def replace_a_trade(session: Session) -> None:
    """As an import of the nomenclature, which alone touches trades."""
    make = Factory(session)
    old = session.scalars(select(Occupation).order_by(Occupation.code)).first()
    assert old is not None
    other = make.occupation("F9999", "Un autre métier")
    person = session.scalars(select(Person).order_by(Person.id)).first()
    assert person is not None
    session.add(Interest(person_id=person.id, occupation_code=other.code, liking=1))
    old.retired, old.replaced_by_code = True, other.code
    imported(session, ImportKind.ROME)


def add_a_commune(session: Session) -> None:
    values = {"name": "Ailleurs", "search_name": "ailleurs", "departement_code": "80"}
    session.add(Commune(code="80999", latitude=49.9, longitude=2.3, **values))
    imported(session, ImportKind.COMMUNES)
