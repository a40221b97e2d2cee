"""The last day on which a label may end, worked out from the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matching.pathways import OccupationGoal, PathwayOptions
from matching.pathways import prospects as module
from matching.pathways.catalogue import prepare
from matching.pathways.labels import Measure
from matching.pathways.prospects import NO_DAY, Limits, Prospects
from matching.pathways.situation import study
from matching.records import Occupation, Person, Prerequisite, Session, Taxonomy
from matching.sessions import HORIZON_DAYS
from tests.matching.test_pathways import HOME, TODAY, day, index_of

GAPS, QUESTION = ("dig", "lay"), "drive"
TAXONOMY = Taxonomy(occupations={"F1702": Occupation("F1702", "VRD", (*GAPS, QUESTION))})
NEWCOMER = Person("p", HOME, TODAY, skills=dict.fromkeys(GAPS, 0))
ROOM = 5


def session(name: str, start: int, end: int, *taught: str) -> Session:
    return Session(name, day(start), day(end), 3, HOME, teaches=dict.fromkeys(taught, 2))


SESSIONS = [
    session("dig early", 10, 20, "dig"),
    session("dig late", 50, 60, "dig", "drive"),
    session("lay", 30, 40, "lay"),
    session("lay late", 70, 80, "lay"),
]


class World:
    """The sessions before a newcomer, with the bits of what they ask."""

    def __init__(self) -> None:
        index = index_of(SESSIONS, TAXONOMY)
        situation = study(index, NEWCOMER, OccupationGoal("F1702"), TODAY, PathwayOptions())
        courses, board = prepare(situation, index.sessions)
        self.dig, self.lay, self.drive = (
            board.mask([Prerequisite(skill=skill, level=2)]) for skill in (*GAPS, QUESTION)
        )
        self.prospects = Prospects(situation, board, courses, self.drive, ROOM)

    def last(self, covered: int, left: int, to_check: int = 0, certified: bool = False) -> int:
        closed, facts = self.prospects.closed(covered, to_check), to_check.bit_count()
        found = self.prospects.last_end(closed, facts, certified, ROOM - left, left)
        return found if found == NO_DAY else found - TODAY.toordinal()


@pytest.fixture(autouse=True)
def _tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEW_COURSES", 0)


@pytest.fixture
def world() -> World:
    return World()


def test_the_eve_of_the_last_start_that_still_closes_every_gap(world: World) -> None:
    # « dig late » then « lay late ».
    assert world.last(0, left=3) == 49
    assert world.last(world.dig, left=2) == 69
    assert world.last(world.lay, left=2) == 49


def test_the_soonest_end_of_trainings_that_close_every_gap(world: World) -> None:
    today = TODAY.toordinal()
    # « dig early » then « lay », until the eve of the first start.
    assert world.prospects.soonest(today, 5) == today + 40
    assert world.prospects.soonest(today + 9, 2) == today + 40
    assert world.prospects.soonest(today + 10, 2) == today + 60
    assert world.prospects.soonest(today + 30, 2) == today + 80
    assert world.prospects.soonest(today, 1) > today + HORIZON_DAYS


def test_what_the_goal_asks_beyond_so_many_bits_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_BITS", 1)
    world = World()
    # Of the bits, the gap to dig alone is kept: a later day, never too early.
    assert world.last(world.dig, left=0) == HORIZON_DAYS
    assert world.last(0, left=1) == 49


def test_nothing_closes_two_gaps_in_one_training(world: World) -> None:
    assert world.last(0, left=1) == NO_DAY


def test_once_all_is_closed_only_the_job_ends_it(world: World) -> None:
    assert world.last(world.dig | world.lay | world.drive, left=0) == HORIZON_DAYS


def test_an_open_question_takes_the_step_of_a_training(world: World) -> None:
    # « drive » is answered by « dig late » only; unanswered, one training fewer has a place.
    covered = world.dig
    assert world.last(covered, left=1) == NO_DAY
    assert world.last(covered | world.drive, left=1) == 69
    assert world.last(covered, left=1, to_check=world.drive) == NO_DAY


def test_a_measure_reached_brings_the_day_forward(world: World) -> None:
    reached = Measure((TODAY + timedelta(days=60)).toordinal(), 0, False)
    world.prospects.narrow(Limits([reached]))
    # The hire must come before the 60th day: only « dig early » then « lay » still do.
    assert world.last(0, left=3) == 9
    assert world.last(world.dig, left=3) == 29
    assert world.last(world.dig | world.lay, left=3) == 58
