"""What stands of all that was asserted about a person's skills.

The strongest source stands, then the most recent assertion (domain reference §4.2). « Ne sait
pas » is kept, and never overrides a level that somebody saw. Of what the person says of themself
the last word counts: « je ne sais pas » takes back a slip. A later, different level from a weaker
source is a contradiction: it is shown, never merged silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.models import AssertionSource, Person, SkillAssertion

# A row of the table, or its columns alone (id, skill_code, level, source, asserted_on).
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class SkillFact(Generic[A]):
    """The standing assertion on one skill, and the ones that say otherwise since."""

    standing: A
    contradicting: tuple[A, ...] = ()

    @property
    def level(self) -> int | None:
        """The level that stands; None when asked and not known."""
        level: int | None = self.standing.level  # type: ignore[attr-defined]
        return level

    @property
    def contradicted(self) -> bool:
        """Whether something later says another level."""
        return bool(self.contradicting)


def standing_facts(
    assertions: Iterable[A], canonical: Mapping[str, str] | None = None
) -> dict[str, SkillFact[A]]:
    """The standing fact of each skill code, from all the assertions about one person.

    With ``canonical``, codes that are linked count as one skill, under the code it gives.
    """
    one = canonical or {}
    by_skill: dict[str, list[Any]] = {}
    rows: Iterable[Any] = assertions
    for assertion in rows:
        code = one.get(assertion.skill_code, assertion.skill_code)
        by_skill.setdefault(code, []).append(assertion)
    return {code: _fact(found) for code, found in by_skill.items()}


def facts_of_person(session: Session, person: Person) -> Mapping[str, SkillFact[SkillAssertion]]:
    """The standing facts of a person, linked codes as one, with the skills loaded."""
    rows = session.scalars(
        select(SkillAssertion)
        .where(SkillAssertion.person_id == person.id)
        .options(selectinload(SkillAssertion.skill))
    ).all()
    return standing_facts(
        rows, {row.skill_code: row.skill.same_as_code or row.skill_code for row in rows}
    )


def _fact(assertions: list[Any]) -> SkillFact[Any]:
    # Most skills were asked once: nothing to weigh, and a whole territory is read in half the time.
    if len(assertions) == 1:
        return SkillFact(assertions[0])
    assertions = _without_taken_back(assertions)
    standing = max(assertions, key=_strength)
    later = tuple(
        assertion
        for assertion in assertions
        if assertion.level is not None
        and assertion.level != standing.level
        and _moment(assertion) > _moment(standing)
    )
    return SkillFact(standing, later)


def _without_taken_back(assertions: list[Any]) -> list[Any]:
    """The assertions but those that the person replaced by another word of their own."""
    declared = [a for a in assertions if a.source is AssertionSource.DECLARED]
    last = max(declared, key=_moment, default=None)
    return [a for a in assertions if a.source is not AssertionSource.DECLARED or a is last]


def _moment(assertion: Any) -> tuple[object, int]:
    return (assertion.asserted_on, assertion.id)


def _strength(assertion: Any) -> tuple[bool, int, object, int]:
    return (
        assertion.level is not None,
        assertion.source.weight,
        assertion.asserted_on,
        assertion.id,
    )
