"""Facts that must not count cannot: swapped, they move nothing; the loader never asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session, load_only

import matching
from benchmarks import evaluation, swaps
from matching.files import read_people
from portal import clock
from portal import matchmaking as mm
from portal.db import Database
from portal.matchmaking import loading
from portal.matchmaking.world import WorldCache
from portal.models import (
    Barrier,
    BarrierImpact,
    BarrierTheme,
    Credential,
    Interest,
    JobOffer,
    Person,
    PersonRestricted,
    PersonStatus,
    Role,
    Sex,
    StatusCode,
    StatusSource,
)
from tests.support.factories import MARQUION, Factory
from tests.support.queries import count_queries

#: The one list of what may be read of people to make lists; the rest of the file stays unread.
COUNTING = {"id", "public_id", "commune_code", "modes", "max_minutes", "available_from"}
COUNTING |= {"last_proposed_on"}
#: Read to know which rows there are and which have changed, never as a fact about somebody.
BOOKKEEPING = {"archived_at", "objected_at", "updated_at"}
ABOUT_PEOPLE = {"person", "skill_assertion", "credential", "interest"}


@pytest.fixture(scope="module")
def moved() -> Iterator[dict[str, swaps.Moved]]:
    """Every swap made once over 500 people, through rows, matchmaking and lists."""
    with swaps.empty_portal() as session:
        yield {found.fact: found for found in swaps.run(session)}


@pytest.mark.parametrize("fact", swaps.SWAPS)
def test_t_eq_01_and_t_mat_01_a_swapped_fact_moves_nothing(
    moved: dict[str, swaps.Moved], fact: str
) -> None:
    found = moved[fact]
    assert found.people == 500, "everybody’s fact was changed"
    assert (found.group, found.ready_by, found.order) == (0, 0, 0)
    assert found.pairs > 1_000
    assert found.listed > 400


def test_a_fact_that_counts_does_move_the_lists(moved: dict[str, swaps.Moved]) -> None:
    """Otherwise the battery would be blind: lists kept in memory would pass it too."""
    control = moved[swaps.CONTROL]
    assert control.order > 100
    assert (control.group, control.ready_by) == (0, 0), "equity orders; it decides nothing"


def test_the_page_of_evaluation_says_these_figures(moved: dict[str, swaps.Moved]) -> None:
    written = evaluation.blocks_of(evaluation.PAGE.read_text("utf-8"))
    assert written["swaps"] == swaps.table([*moved.values()]), "python -m benchmarks.evaluation"


def test_the_records_of_the_engine_have_these_fields_and_no_other() -> None:
    """INV-08, by construction: a fact without a field cannot get in."""
    assert [field.name for field in fields(matching.Person)] == [
        "id", "commune", "available_from", "skills", "credentials", "no_credentials", "modes",
        "max_minutes", "interests", "last_proposed",
    ]  # fmt: skip
    with pytest.raises(TypeError, match="sex"):
        matching.Person("p", "62041", swaps.DAY.date(), sex="woman")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "key", ["sex", "birth_date", "first_name", "status", "nationality", "health", "address"]
)
def test_a_file_that_carries_such_a_fact_is_refused(tmp_path, key: str) -> None:
    file = tmp_path / "people.jsonl"
    file.write_text(
        '{"id": "ada", "commune": "62041", "available_from": "2026-11-20", "skills": {},'
        f' "credentials": {{}}, "no_credentials": [], "modes": [], "{key}": "x"}}\n'
    )
    with pytest.raises(ValueError, match=rf"ligne 1\u00a0: '{key}'\u00a0: clé inconnue"):
        read_people(file)


@pytest.fixture
def somebody(make: Factory) -> Person:
    """A person about whom everything is known, beside an offer that asks for something."""
    adviser = make.account(Role.ADVISER)
    skill = make.core_skill(make.occupation(), "tp.niveler")
    make.requires(make.offer(adviser), skill)
    person = make.person(place=MARQUION, modes="car")
    make.knows(person, skill)
    make.add(Credential(person_id=person.id, type_code=make.credential_type().code))
    make.add(Interest(person_id=person.id, occupation_code="F1702", liking=1))
    make.add(PersonRestricted(person_id=person.id, sex_for_counts=Sex.WOMAN))
    today = clock.today()
    make.add(
        PersonStatus(
            person_id=person.id, code=StatusCode.BRSA, start=today, source=StatusSource.DECLARED
        )
    )
    make.add(
        Barrier(
            person_id=person.id,
            theme=BarrierTheme.HOUSING,
            impact=BarrierImpact.STRONG,
            observed_on=today,
        )
    )
    make.session.commit()
    return person


@pytest.mark.usefixtures("somebody")
def test_inv_08_the_loader_asks_the_database_for_the_listed_columns_alone(
    session: Session, database: Database
) -> None:
    session.expire_all()
    with count_queries(database.engine) as sent:
        world = WorldCache(database.engine).world(session)
    assert [person.interests for person in world.index.people.people] == [{"F1702": 1}]
    read = {column for text in sent.texts for column in re.findall(r"\bperson\.(\w+)", text)}
    assert read == COUNTING | BOOKKEEPING
    tables = {name for text in sent.texts for name in re.findall(r"\b(?:FROM|JOIN) (\w+)", text)}
    # The tables that point at a person: no status, restricted fact, barrier, contact or referral.
    owned = {
        table.name
        for table in Person.metadata.tables.values()
        if any(key.column.table.name == "person" for key in table.foreign_keys)
    }
    assert {"person_status", "person_restricted", "barrier", "referral"} <= owned
    assert tables & (owned | {"person"}) == ABOUT_PEOPLE


def test_inv_08_reading_some_people_again_asks_for_no_more(
    session: Session, database: Database, somebody: Person
) -> None:
    """The path of « one answer changes one person of the index »."""
    key = somebody.id
    session.expire_all()
    with count_queries(database.engine) as sent:
        loading.load_people(session, {}, clock.today(), [key])
    read = {column for text in sent.texts for column in re.findall(r"\bperson\.(\w+)", text)}
    assert read == COUNTING | {"archived_at", "objected_at"}


def test_inv_08_the_record_of_one_person_reads_nothing_else_of_the_row(
    app: Flask, database: Database, somebody: Person
) -> None:
    """Every other column raises when it is touched, and « Pourquoi ? » is still found."""
    allowed = [getattr(Person, name) for name in sorted(COUNTING)]
    only = load_only(*allowed, raiseload=True)
    with app.test_request_context("/"), database.session() as fresh:
        person = fresh.get_one(Person, somebody.id, options=[only])
        record = loading.person_record(fresh, person, {}, clock.today())
        assert record.modes == {matching.Mode.CAR}
        assert mm.explain(fresh, person, fresh.scalars(select(JobOffer)).one()) is not None
        with pytest.raises(InvalidRequestError, match="raiseload"):
            assert person.first_name
