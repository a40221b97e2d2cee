"""The last day on which a label may end, worked out from the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matching.pathways import OccupationGoal, PathwayOptions
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


def session(name: str, start: int, end: int, *taught: str, needs: str = "") -> Session:
    asked = (Prerequisite(skill=needs, level=1),) if needs else ()
    skills = dict.fromkeys(taught, 2)
    return Session(name, day(start), day(end), 3, HOME, False, asked, skills)


SESSIONS = [
    session("dig early", 10, 20, "dig"),
    session("dig late", 50, 60, "dig", "drive"),
    session("lay", 30, 40, "lay"),
    session("lay after dig", 70, 80, "lay", needs="dig"),
]


class World:
    """The sessions before a newcomer, with the bits of what they ask."""

    def __init__(self) -> None:
        index = index_of(SESSIONS, TAXONOMY)
        situation = study(index, NEWCOMER, OccupationGoal("F1702"), TODAY, PathwayOptions())
        courses, board = prepare(situation, index.sessions)
        # At every level asked: digging is asked at two.
        self.dig, self.lay, self.drive = (
            sum(1 << n for n, need in enumerate(board.needs) if need.skill == skill)
            for skill in (*GAPS, QUESTION)
        )
        self.prospects = Prospects(situation, board, courses, self.drive, ROOM)

    def last(self, covered: int, left: int, to_check: int = 0, certified: bool = False) -> int:
        found = self.prospects.last_end(covered, to_check, certified, ROOM - left, left)
        return found if found == NO_DAY else found - TODAY.toordinal()


@pytest.fixture
def world() -> World:
    return World()


def test_the_eve_of_the_last_start_that_still_closes_every_gap(world: World) -> None:
    # « dig late » then « lay after dig », which asks to have dug.
    assert world.last(0, left=3) == 49
    assert world.last(world.dig, left=2) == 69
    assert world.last(world.lay, left=2) == 49


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
