"""Pages go on with the index they have while the next is made, and it answers like a new one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock, config
from portal.db import Database
from portal.matchmaking import overlay
from portal.models import (
    JobOffer,
    Person,
    Role,
    Skill,
    SkillAssertion,
)
from tests.portal.served_index.support import (
    DAY,
    add_a_commune,
    built,
    change_all,
    is_asked,
    leave_a_group,
    prepare,
    rename_a_skill,
    replace_a_trade,
)
from tests.support.factories import Factory
from tests.support.kept_index import Beside, Process, generation


def test_the_day_changes_and_nobody_waits(
    both: Session, served: Process, territory: JobOffer, kept: Path, made: list[int]
) -> None:
    make, today = Factory(both), clock.today()
    people = both.scalars(select(Person).order_by(Person.id)).all()
    people[0].available_from = today
    people[1].available_from = today + 3 * DAY
    territory.start_wanted = territory.start_latest = today
    # Over the day before yesterday, it is still in the index of today.
    make.session_of_training(teaches={"tp.1": 3}, starts_in=-9, lasts=8)
    make.session_of_training(teaches={"tp.0": 2}, starts_in=0, lasts=1)
    both.commit()
    assert served.lists() == built(both)
    old = generation(kept)
    for days in (1, 4):
        with clock.frozen_at(clock.now() + days * DAY):
            people[2].max_minutes += 1
            both.commit()
            expected = built(both)
            assert served.lists() == expected
            assert Process(both, kept).lists() == expected
            assert served.world().today == clock.today()
    assert generation(kept) == old
    assert made == []
    with clock.frozen_at(clock.now() + 4 * DAY):
        prepare(both, kept)
        assert generation(kept) != old
        assert served.lists() == built(both)
    assert made == [1]


def test_an_index_of_last_week_is_made_again(
    both: Session, served: Process, kept: Path, made: list[int]
) -> None:
    with clock.frozen_at(clock.now() + 8 * DAY):
        assert served.lists() == built(both)
    assert made == [1]


@pytest.mark.parametrize(
    "change", [change_all, rename_a_skill, leave_a_group, replace_a_trade, add_a_commune]
)
def test_much_that_changes_is_served_over_the_former_index(
    both: Session,
    served: Process,
    kept: Path,
    made: list[int],
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Session], None],
) -> None:
    monkeypatch.setattr(overlay, "MANY", 3)
    monkeypatch.setattr(overlay, "MOST", dict.fromkeys(overlay.MOST, 1))
    change(both)
    both.commit()
    expected = built(both)
    assert served.lists() == expected
    assert Process(both, kept).lists() == expected
    assert made == []
    assert is_asked(kept) == (change is not add_a_commune)


def test_who_knew_a_skill_that_left_a_group_no_longer_comes_near_the_others(
    both: Session, served: Process, kept: Path
) -> None:
    make = Factory(both)
    offer = make.offer(make.account(Role.ADVISER))
    make.requires(offer, make.skill("tp.3"))
    both.commit()
    before = served.lists()["offers"][offer.public_id]
    leave_a_group(both)
    both.get_one(Skill, "tp.0").group_code = None
    both.commit()
    expected = built(both)
    assert expected["offers"][offer.public_id] != before
    assert served.lists() == expected
    assert Process(both, kept).lists() == expected


def test_the_next_is_taken_at_once(
    both: Session, served: Process, kept: Path, made: list[int]
) -> None:
    both.execute(update(SkillAssertion).values(level=3, updated_at=clock.now()))
    both.commit()
    (kept / "asked").touch()
    prepare(both, kept)
    assert served.lists() == built(both)
    both.commit()
    assert served.cache._held is not None
    assert served.cache._held.generation == generation(kept).name
    assert made == [1]


def test_a_territory_that_falls_below_the_limit_asks_for_no_index_any_more(
    both: Session, served: Process, kept: Path, made: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a process would start every two minutes, find nothing to make, and leave the file."""
    monkeypatch.setattr(overlay, "MANY", 3)
    monkeypatch.setattr(config, "SMALL_TERRITORY", 100)
    change_all(both)
    both.commit()
    assert served.lists() == built(both)
    assert is_asked(kept)
    both.rollback()
    assert not Process(both, kept).cache.prepare(both)
    both.rollback()
    assert not is_asked(kept)
    for _ in range(2):
        change_all(both)
        both.commit()
        assert served.lists() == Process(both, kept).lists() == built(both)
    assert not is_asked(kept)
    assert made == []


@pytest.mark.parametrize("days", [0, 1])
def test_pages_are_served_while_a_process_builds(
    any_database: Database, both: Session, served: Process, kept: Path, made: list[int], days: int
) -> None:
    """The other one holds the lock of those who build, and never gives it back."""
    with Beside(any_database, kept, "write_index") as there:
        assert there.answer() == "there"
        change_all(both)
        both.commit()
        with clock.frozen_at(clock.now() + days * DAY):
            expected = built(both)
            assert served.lists() == expected
            assert Process(both, kept).lists() == expected
    assert made == []
