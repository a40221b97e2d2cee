"""The exact optimum of courses towards jobs is that of exhaustive search."""

from __future__ import annotations

import pytest

from benchmarks.jcrec import Course, World, build, exhaustive, ours, tables


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_the_optimum_is_that_of_exhaustive_search(k: int, seed: int) -> None:
    world = build(learners=4, courses=12, jobs=30, seed=seed)
    wanted = [exhaustive(world, learner, k) for learner in world.learners]
    assert ours(tables(world), world.learners, k) == wanted
    assert max(wanted) > 0


def test_a_course_may_open_another_and_courses_may_lack() -> None:
    first, second = Course({}, {0: 3}), Course({0: 3}, {1: 2})
    world = World([{2: 1}], [second, first], [{0: 3, 1: 2}, {2: 1}])
    assert [ours(tables(world), world.learners, k) for k in (1, 2)] == [[1], [2]]
    closed = World([{2: 1}], [second], [{1: 2}])
    assert ours(tables(closed), closed.learners, 1) == [exhaustive(closed, {2: 1}, 1)] == [-1]
