"""The index in memory and the rows never disagree, whatever happened in between."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.db import Database
from portal.imports.links import record_decision
from portal.matchmaking.world import cache_of
from portal.models import (
    Account,
    ImportKind,
    ImportRun,
    Interest,
    JobOffer,
    LinkState,
    Person,
    Role,
    Skill,
    SkillAssertion,
    SkillLink,
    TrainingSession,
)
from tests.support.factories import MARQUION, Factory


@pytest.fixture
def both(any_database: Database, app: Flask):
    """A session on each kind of database, in the portal's language."""
    with app.test_request_context("/"), any_database.session() as session:
        yield session


@pytest.fixture
def adviser(both: Session) -> Account:
    return Factory(both).account(Role.ADVISER)


@pytest.fixture
def offer(both: Session, adviser: Account) -> JobOffer:
    """An offer that asks one skill."""
    make = Factory(both)
    row = make.offer(adviser)
    make.requires(row, make.core_skill(make.occupation(), "tp.niveler"))
    both.commit()
    return row


def person_of(session: Session, adviser: Account) -> Person:
    row = Factory(session).person(referent=adviser, modes="car", place=MARQUION)
    session.commit()
    return row


def groups(session: Session, adviser: Account, offer: JobOffer) -> dict[str, str]:
    """The group of each person, as the offer's page would say it."""
    view = mm.people_for_offer(session, Actor(adviser, adviser.memberships[0]), offer)
    return {line.person.public_id: group.key for group in view.groups for line in group.lines}


def interest_of(session: Session, adviser: Account, offer: JobOffer, person: Person) -> str:
    view = mm.people_for_offer(session, Actor(adviser, adviser.memberships[0]), offer)
    lines = [line for group in view.groups for line in group.lines]
    return next(line.interest for line in lines if line.person.id == person.id)


def test_an_answer_taken_back_leaves_nothing(
    both: Session, adviser: Account, offer: JobOffer
) -> None:
    make, person = Factory(both), person_of(both, adviser)
    make.knows(person, make.skill(), 1)
    both.commit()
    groups(both, adviser, offer)
    both.execute(update(SkillAssertion).values(level=2, updated_at=clock.now()))
    assert groups(both, adviser, offer) == {person.public_id: "ready"}
    both.rollback()
    assert groups(both, adviser, offer) == {person.public_id: "gap"}


@pytest.mark.parametrize("within", [False, True], ids=["transaction", "savepoint"])
def test_what_is_taken_back_is_in_no_list_once_another_has_saved(
    any_database: Database, both: Session, adviser: Account, offer: JobOffer, within: bool
) -> None:
    make, person, other = Factory(both), person_of(both, adviser), person_of(both, adviser)
    for one in (person, other):
        make.knows(one, make.skill(), 1)
    hour = timedelta(hours=1)
    both.execute(update(SkillAssertion).values(updated_at=clock.now() - hour))
    both.commit()
    assert groups(both, adviser, offer)[person.public_id] == "gap"
    theirs = SkillAssertion.person_id == person.id
    with both.begin_nested() if within else nullcontext() as savepoint:
        known = {"level": 2, "updated_at": clock.now()}
        both.execute(update(SkillAssertion).where(theirs).values(known))
        assert groups(both, adviser, offer)[person.public_id] == "ready"
        (savepoint or both).rollback()
    both.commit()
    with any_database.transaction() as beside:
        saved = {"level": 2, "updated_at": clock.now()}
        beside.execute(update(SkillAssertion).where(~theirs).values(saved))
    assert groups(both, adviser, offer) == {person.public_id: "gap", other.public_id: "ready"}


def test_a_fact_removed_here_and_another_added_there(
    both: Session, adviser: Account, offer: JobOffer
) -> None:
    one, other = person_of(both, adviser), person_of(both, adviser)
    code = offer.occupation_code
    assert code is not None
    both.add(Interest(person_id=one.id, occupation_code=code, liking=1))
    both.commit()
    assert interest_of(both, adviser, offer, one) == "liked"
    both.delete(both.get_one(Interest, (one.id, code)))
    both.add(Interest(person_id=other.id, occupation_code=code, liking=1))
    both.commit()
    assert interest_of(both, adviser, offer, one) == "neutral"
    assert interest_of(both, adviser, offer, other) == "liked"


def test_what_was_written_before_and_committed_after_is_seen(
    both: Session, adviser: Account, offer: JobOffer
) -> None:
    late, early = person_of(both, adviser), person_of(both, adviser)
    hour = timedelta(hours=1)
    both.execute(update(Person).values(updated_at=clock.now() - hour))
    both.commit()
    groups(both, adviser, offer)
    now = clock.now()
    both.execute(update(Person).where(Person.id == early.id).values(updated_at=now))
    both.commit()
    assert groups(both, adviser, offer).keys() == {late.public_id, early.public_id}
    gone = {"archived_at": now, "updated_at": now - timedelta(seconds=5)}
    both.execute(update(Person).where(Person.id == late.id).values(gone))
    both.commit()
    world = cache_of(both).world(both)
    assert [row.id for row in world.index.people.people] == [early.public_id]


def test_a_label_that_an_import_corrects_is_found(both: Session) -> None:
    make = Factory(both)
    skill = make.skill("tp.poser", "Poser un tuyau")
    both.commit()
    assert [m.code for m in mm.resolve_skills(both, "poser un tuyau")] == [skill.code]
    skill.label = skill.plain_label = "Étancher une canalisation"
    both.add(ImportRun(kind=ImportKind.ROME, file_name="rome", sha256="0" * 64))
    both.commit()
    assert mm.resolve_skills(both, "poser un tuyau") == []
    assert [m.code for m in mm.resolve_skills(both, "étancher une canalisation")] == [skill.code]


def test_linked_skills_are_one_in_groups_and_in_the_fact_said(
    both: Session, adviser: Account, offer: JobOffer
) -> None:
    make, person = Factory(both), person_of(both, adviser)
    official = make.skill("rome.1", "Niveler un terrain")
    make.skill("tp.niveler").same_as_code = official.code
    make.knows(person, official, 2)
    make.knows(person, make.skill("tp.niveler"), 1, asserted_on=clock.today() - timedelta(days=9))
    both.commit()
    assert groups(both, adviser, offer) == {person.public_id: "ready"}
    found = mm.explain(both, person, offer)
    assert found is not None
    assert found.requirements[0].fact is not None
    assert found.requirements[0].fact.startswith("sans aide")


def test_a_session_that_teaches_two_linked_skills_brings_the_higher_level(
    both: Session, adviser: Account, offer: JobOffer
) -> None:
    make, person = Factory(both), person_of(both, adviser)
    official = make.skill("rome.1", "Niveler un terrain")
    make.skill("tp.niveler").same_as_code = official.code
    make.knows(person, official, 0)
    row = make.session_of_training(teaches={"rome.1": 1, "tp.niveler": 2}, place=MARQUION)
    both.commit()
    assert isinstance(row, TrainingSession)
    assert groups(both, adviser, offer) == {person.public_id: "one_step"}


def test_links_never_make_a_chain(both: Session, adviser: Account) -> None:
    make = Factory(both)
    first, second, third = (make.skill(f"s{n}", f"Geste {n}") for n in range(3))
    links = [
        make.add(SkillLink(skill_code=one.code, target_code=to.code, score=90))
        for one, to in ((first, second), (second, third))
    ]
    actor = Actor(adviser, adviser.memberships[0])
    confirmed = LinkState.CONFIRMED
    record_decision(both, actor, public_ids=[links[0].public_id], state=confirmed)
    with pytest.raises(IllegalTransitionError, match="D’autres liens confirmés"):
        record_decision(both, actor, public_ids=[links[1].public_id], state=confirmed)
    assert both.get_one(Skill, second.code).same_as_code is None
