"""What tells the index of a process that rows changed costs little, and misses nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

import matching as engine
from portal import clock
from portal.access import people as people_access
from portal.access.actor import Actor
from portal.db import Database
from portal.matchmaking import loading
from portal.matchmaking import world as worlds
from portal.matchmaking.stamps import forget_notes, read_marks
from portal.matchmaking.world import World, cache_of
from portal.models import (
    REMOVALS_NOTED,
    Account,
    JobOffer,
    OfferRequirement,
    OfferState,
    Person,
    Role,
    RowGone,
    SkillAssertion,
)
from tests.support.factories import MARQUION, Factory
from tests.support.queries import count_queries


@pytest.fixture
def both(any_database: Database, app: Flask):
    """A session on each kind of database, in the portal's language."""
    with app.test_request_context("/"), any_database.session() as session:
        yield session


@pytest.fixture
def adviser(both: Session) -> Account:
    return Factory(both).account(Role.ADVISER)


@pytest.fixture
def offers(both: Session, adviser: Account) -> list[JobOffer]:
    """Two offers that ask one skill, and a person who knows it."""
    make = Factory(both)
    rows = [make.offer(adviser) for _ in range(2)]
    skill = make.core_skill(make.occupation(), "tp.niveler")
    for row in rows:
        make.requires(row, skill)
    make.knows(make.person(referent=adviser, modes="car", place=MARQUION), make.skill(), 2)
    both.commit()
    return rows


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One element per whole building of an index."""
    seen: list[int] = []
    real = engine.Index.build

    def build(*arguments: object) -> engine.Index:
        seen.append(1)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(engine.Index, "build", build)
    return seen


def world_of(session: Session) -> World:
    return cache_of(session).world(session)


def ids(world: World) -> set[str]:
    return {offer.id for offer in world.index.offers.offers}


def test_nothing_is_counted_in_the_big_tables(both: Session, offers: list[JobOffer]) -> None:
    world_of(both)
    with count_queries(both.get_bind().engine) as seen:
        world_of(both)
    assert seen.count == 2
    for model in REMOVALS_NOTED:
        # Both aggregates of a mark are bounded: one by the index, one by the last minute.
        counted = f"count(*) AS count_1 FROM {model.__tablename__})"
        assert counted not in " ".join(" ".join(seen.texts).split())


def test_an_old_change_is_not_counted_again(both: Session, offers: list[JobOffer]) -> None:
    both.execute(update(SkillAssertion).values(updated_at=clock.now() - timedelta(hours=1)))
    both.commit()
    marks = read_marks(both, [SkillAssertion])
    assert marks[SkillAssertion].recent == 0


def test_a_change_of_an_earlier_moment_that_ends_later_is_seen(
    both: Session, any_database: Database, offers: list[JobOffer]
) -> None:
    """Of who was changed a moment before already: as many have changed in the minute."""
    make, start = Factory(both), clock.now()
    first, other = (make.person(modes="car", place=MARQUION) for _ in range(2))
    for seconds, person in ((1, first), (3, other), (2, first)):
        with clock.frozen_at(start + timedelta(seconds=seconds)):
            person.max_minutes = 10 + seconds
            both.commit()
        with any_database.session(read_only=True) as page:
            found = world_of(page).index.people
            assert found.people[found.number[person.public_id]].max_minutes == 10 + seconds


def test_what_changes_after_the_clock_was_set_back_is_seen(
    both: Session, any_database: Database, offers: list[JobOffer], built: list[int]
) -> None:
    """By an index made before, and by one made since; who leaves too."""
    make, start = Factory(both), clock.now()
    one, other = (make.person(modes="car", place=MARQUION) for _ in range(2))
    with clock.frozen_at(start + timedelta(hours=1)):
        one.max_minutes = other.max_minutes = 11
        make.knows(other, make.skill("tp.autre"), 2)
        both.commit()
        world_of(both)
    for minutes in (12, 13):
        one.max_minutes = minutes
        both.commit()
        with any_database.session(read_only=True) as page:
            found = world_of(page).index.people
            assert found.people[found.number[one.public_id]].max_minutes == minutes
    assert len(built) == 2
    both.execute(delete(SkillAssertion).where(SkillAssertion.person_id == other.id))
    both.commit()
    with any_database.session(read_only=True) as page:
        found = world_of(page).index.people
        assert not found.people[found.number[other.public_id]].skills
    # Once that hour has come, nothing is said to have changed for long.
    with clock.frozen_at(start + timedelta(hours=1, minutes=5)):
        world_of(both)
        assert read_marks(both, [Person])[Person].recent == 0


def test_a_note_of_removal_older_than_the_last_one_is_read(
    both: Session, any_database: Database, offers: list[JobOffer]
) -> None:
    """The database's own clock was set back: the new note bears an earlier moment."""
    make = Factory(both)
    people = [make.person(modes="car", place=MARQUION) for _ in range(2)]
    for person in people:
        make.knows(person, make.skill("tp.autre"), 2)
    both.commit()
    both.execute(delete(SkillAssertion).where(SkillAssertion.person_id == people[0].id))
    both.execute(update(RowGone).values(noted_at=clock.now() + timedelta(hours=1)))
    both.commit()
    with any_database.session(read_only=True) as page:
        world_of(page)
    both.execute(delete(SkillAssertion).where(SkillAssertion.person_id == people[1].id))
    both.commit()
    with any_database.session(read_only=True) as page:
        found = world_of(page).index.people
        assert not found.people[found.number[people[1].public_id]].skills


def test_what_was_imported_long_ago_is_not_read_again_at_the_next_change(
    both: Session, offers: list[JobOffer], monkeypatch: pytest.MonkeyPatch
) -> None:
    make, old = Factory(both), clock.now() - timedelta(hours=1)
    others = [make.person(modes="car", place=MARQUION) for _ in range(3)]
    both.execute(update(Person).values(updated_at=old))
    both.execute(update(SkillAssertion).values(updated_at=old))
    both.commit()
    world_of(both)
    read: list[set[int]] = []
    real = loading.load_people

    def load(session: Session, known: Any, today: date, only: set[int]) -> list[engine.Person]:
        read.append(only)
        return real(session, known, today, only)

    monkeypatch.setattr(loading, "load_people", load)
    others[0].max_minutes = 7
    both.commit()
    found = world_of(both).index.people
    assert found.people[found.number[others[0].public_id]].max_minutes == 7
    assert read == [{others[0].id}]


@pytest.mark.parametrize("model", REMOVALS_NOTED)
def test_every_removal_is_noted_by_the_database(both: Session, model: type) -> None:
    name = f"note_gone_{model.__tablename__}"
    table = "pg_trigger" if both.get_bind().dialect.name == "postgresql" else "sqlite_master"
    column = "tgname" if table == "pg_trigger" else "name"
    query = text(f"SELECT count(*) FROM {table} WHERE {column} = :name")
    assert both.scalar(query, {"name": name}) == 1


def test_a_skill_removed_by_hand_leaves_the_list(
    both: Session, offers: list[JobOffer], built: list[int]
) -> None:
    make = Factory(both)
    make.knows(both.scalars(select(Person)).one(), make.skill("tp.poser", "Poser un tuyau"), 1)
    both.commit()
    assert world_of(both).index.people.people[0].skills.keys() == {"tp.niveler", "tp.poser"}
    both.execute(text("DELETE FROM skill_assertion WHERE skill_code = 'tp.niveler'"))
    both.commit()
    assert world_of(both).index.people.people[0].skills == {"tp.poser": 1}
    assert len(built) == 1
    noted = both.scalars(select(RowGone.table_name)).all()
    assert noted == ["skill_assertion"]


def test_one_offer_changed_closed_or_reopened_builds_nothing_again(
    both: Session, offers: list[JobOffer], built: list[int]
) -> None:
    first, second = offers
    before = world_of(both)
    assert ids(before) == {first.public_id, second.public_id}
    first.posts = 7
    both.commit()
    posts = {offer.id: offer.posts for offer in world_of(both).index.offers.offers}
    assert posts == {first.public_id: 7, second.public_id: second.posts}
    first.state = OfferState.SUSPENDED
    both.commit()
    assert ids(world_of(both)) == {second.public_id}
    first.state = OfferState.OPEN
    both.commit()
    assert ids(world_of(both)) == ids(before)
    both.execute(delete(OfferRequirement).where(OfferRequirement.offer_id == first.id))
    both.commit()
    asked = {offer.id: offer.requirements for offer in world_of(both).index.offers.offers}
    assert asked[first.public_id] == ()
    assert len(asked[second.public_id]) == 1
    assert len(built) == 1


def test_a_draft_saved_leaves_the_same_index(
    both: Session, adviser: Account, offers: list[JobOffer]
) -> None:
    draft = Factory(both).offer(adviser, state=OfferState.DRAFT)
    both.commit()
    before = world_of(both).index
    draft.title = "Un titre, puis la suite"
    both.commit()
    assert world_of(both).index is before


def test_a_person_archived_leaves_and_the_others_are_not_read_again(
    both: Session, adviser: Account, offers: list[JobOffer], built: list[int]
) -> None:
    gone = Factory(both).person(referent=adviser, modes="car", place=MARQUION)
    both.commit()
    assert gone.public_id in world_of(both).index.people.number
    gone.archived_at = clock.now()
    both.commit()
    assert gone.public_id not in world_of(both).index.people.number
    assert len(world_of(both).index.people.people) == 1
    assert len(built) == 1


def test_cuts_of_offers_outlive_a_change_of_people(
    both: Session, adviser: Account, offers: list[JobOffer]
) -> None:
    cache, wanted = cache_of(both), [offers[0].public_id]
    before = cache.with_offers_among(world_of(both), wanted)
    person = both.scalars(select(Person)).one()
    Factory(both).knows(person, Factory(both).skill(), 3)
    both.commit()
    after = cache.with_offers_among(world_of(both), wanted)
    assert after.offers is before.offers
    assert after.people.people[0].skills == {"tp.niveler": 3}


def test_sessions_worth_telling_are_worked_out_once(
    both: Session, offers: list[JobOffer], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def useful(_index: engine.Index, people: list[engine.Person]) -> list[tuple[str, ...]]:
        asked.extend(person.id for person in people)
        return [() for _ in people]

    monkeypatch.setattr(worlds, "useful_sessions_of", useful)
    cache, person = cache_of(both), world_of(both).index.people.people[0]
    for _ in range(2):
        cache.matches_of(world_of(both), [person])
    assert asked == [person.id]
    offers[0].posts += 1
    both.commit()
    cache.matches_of(world_of(both), [person])
    assert len(asked) == 2


@pytest.mark.parametrize("role", list(Role))
def test_the_ids_by_index_are_those_of_the_rule(both: Session, role: Role) -> None:
    make = Factory(both)
    account = make.account(role)
    mine = make.person(referent=account)
    make.person(shared_on=clock.today())
    make.person(referent=account, employers_refused_at=clock.now())
    make.person(referent=account, archived_at=clock.now())
    make.person()
    make.add(mine)
    both.commit()
    actor = Actor(account, account.memberships[0])
    rule = select(Person.public_id).where(people_access.may_introduce(actor))
    found = both.scalars(people_access.ids_to_introduce(actor)).all()
    assert sorted(found) == sorted(both.scalars(rule))


def remove(session: Session, person: Person) -> None:
    """Remove a file as no page does: all at once, by hand."""
    session.flush()
    session.execute(text("DELETE FROM referral"))
    session.execute(text(f"DELETE FROM person WHERE id = {person.id:d}"))
    session.commit()


def test_old_notes_of_removals_are_forgotten_and_keys_go_on_growing(
    both: Session, adviser: Account
) -> None:
    ages = (19, 10, 0)
    for owner, days in enumerate(ages, start=1):
        noted_at = clock.now() - timedelta(days=days)
        both.add(RowGone(table_name="person", owner_id=owner, noted_at=noted_at))
        both.flush()
    last = both.scalars(select(func.max(RowGone.id))).one()
    assert forget_notes(both, clock.today()) == 2
    assert both.scalars(select(RowGone.owner_id)).all() == [3]
    # Even when all are old the last stays, so that a new one has a larger key.
    assert forget_notes(both, clock.today() + timedelta(days=19)) == 0
    remove(both, Factory(both).person(referent=adviser))
    assert both.scalars(select(func.max(RowGone.id))).one() > last


def test_notes_say_when_by_the_clock_of_the_database(both: Session, adviser: Account) -> None:
    before = clock.now() - timedelta(minutes=1)
    remove(both, Factory(both).person(referent=adviser))
    noted = both.scalars(select(RowGone.noted_at).where(RowGone.table_name == "person")).one()
    assert before < noted < clock.now() + timedelta(minutes=1)


def test_removals_forgotten_change_no_list(both: Session, offers: list[JobOffer]) -> None:
    person = both.scalars(select(Person)).one()
    Factory(both).knows(person, Factory(both).skill("tp.poser", "Poser un tuyau"), 1)
    both.commit()
    both.execute(text("DELETE FROM skill_assertion WHERE skill_code = 'tp.niveler'"))
    old = clock.now() - timedelta(days=19)
    both.add(RowGone(table_name="skill_assertion", owner_id=person.id, noted_at=old))
    both.execute(update(RowGone).values(noted_at=old))
    both.commit()
    assert world_of(both).index.people.people[0].skills == {"tp.poser": 1}
    before = read_marks(both, [SkillAssertion])
    assert forget_notes(both, clock.today()) == 1
    both.commit()
    assert read_marks(both, [SkillAssertion]) == before
    both.execute(text("DELETE FROM skill_assertion"))
    both.commit()
    assert world_of(both).index.people.people[0].skills == {}
