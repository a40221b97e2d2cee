"""What was saved is seen, whatever the machine's clock did meanwhile, on both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.matchmaking.world import World, cache_of
from tests.support.factories import MARQUION, Factory


@pytest.fixture
def both(any_database: Database, app: Flask) -> Iterator[Session]:
    """A session on each kind of database, in the portal's language."""
    with app.test_request_context("/"), any_database.session() as session:
        yield session


def world_of(session: Session) -> World:
    return cache_of(session).world(session)


def test_what_changes_after_the_clock_was_set_back_is_seen_beside_a_removal(
    both: Session, any_database: Database
) -> None:
    """The removal is no reason for the last change to be older than it was."""
    make, start = Factory(both), clock.now()
    one, other = (make.person(modes="car", place=MARQUION) for _ in range(2))
    gone = make.person(modes="car", place=MARQUION)
    with clock.frozen_at(start + timedelta(hours=1)):
        other.max_minutes = 11
        both.commit()
        world_of(both)
    with any_database.session(read_only=True) as page:
        world_of(page)
    with clock.frozen_at(start + timedelta(seconds=5)):
        one.max_minutes = 12
        both.flush()
        both.execute(text(f"DELETE FROM person WHERE id = {gone.id:d}"))
        both.commit()
    with clock.frozen_at(start + timedelta(minutes=5)), any_database.session() as page:
        found = world_of(page).index.people
        assert gone.public_id not in found.number
        assert found.people[found.number[one.public_id]].max_minutes == 12


@pytest.mark.parametrize("seconds", [90, 3600])
def test_a_process_that_asked_nothing_while_the_clock_was_set_back_sees_what_was_saved(
    both: Session,
    any_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
) -> None:
    """Until the moment that a row bears has come again, it looks as if nothing was saved."""
    make, start = Factory(both), clock.now()
    one, other = (make.person(modes="car", place=MARQUION) for _ in range(2))
    back = timedelta(seconds=seconds)
    with clock.frozen_at(start + back):
        other.max_minutes = 11
        both.commit()
        with any_database.session(read_only=True) as page:
            world_of(page)
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() - seconds)
    with clock.frozen_at(start + timedelta(seconds=1)):
        one.max_minutes = 12
        both.commit()
    with clock.frozen_at(start + back), any_database.session(read_only=True) as page:
        found = world_of(page).index.people
        assert found.people[found.number[one.public_id]].max_minutes == 12


def test_two_saves_of_the_same_second_are_both_seen(both: Session, any_database: Database) -> None:
    """Of one person and of two, a page between them."""
    make, start = Factory(both), clock.now().replace(microsecond=0)
    one, other = (make.person(modes="car", place=MARQUION) for _ in range(2))
    both.commit()
    for number, person in enumerate((one, one, other, one, other), start=1):
        with clock.frozen_at(start + timedelta(seconds=1, microseconds=number)):
            person.max_minutes = 10 + number
            both.commit()
            with any_database.session(read_only=True) as page:
                found = world_of(page).index.people
                assert found.people[found.number[person.public_id]].max_minutes == 10 + number
