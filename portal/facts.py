"""What stands of all that was asserted about a person's skills.

The strongest source stands, then the most recent assertion (domain reference §4.2). « Ne sait
pas » is kept, and never overrides a level somebody asserted. A later, different level from a
weaker source is a contradiction: it is shown, never merged silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.models import Person, SkillAssertion


@dataclass(frozen=True, slots=True)
class SkillFact:
    """The standing assertion on one skill, and the ones that say otherwise since."""

    standing: SkillAssertion
    contradicting: tuple[SkillAssertion, ...] = ()

    @property
    def level(self) -> int | None:
        """The level that stands; None when asked and not known."""
        return self.standing.level

    @property
    def contradicted(self) -> bool:
        """Whether something later says another level."""
        return bool(self.contradicting)


def standing_facts(assertions: Iterable[SkillAssertion]) -> dict[str, SkillFact]:
    """The standing fact of each skill code, from all the assertions about one person."""
    by_skill: dict[str, list[SkillAssertion]] = {}
    for assertion in assertions:
        by_skill.setdefault(assertion.skill_code, []).append(assertion)
    return {code: _fact(found) for code, found in by_skill.items()}


def facts_of_person(session: Session, person: Person) -> Mapping[str, SkillFact]:
    """The standing facts of a person, with the skills loaded."""
    rows = session.scalars(
        select(SkillAssertion)
        .where(SkillAssertion.person_id == person.id)
        .options(selectinload(SkillAssertion.skill))
    )
    return standing_facts(rows)


def _fact(assertions: list[SkillAssertion]) -> SkillFact:
    standing = max(assertions, key=_strength)
    later = tuple(
        assertion
        for assertion in assertions
        if assertion.level is not None
        and assertion.level != standing.level
        and (assertion.asserted_on, assertion.id) > (standing.asserted_on, standing.id)
    )
    return SkillFact(standing, later)


def _strength(assertion: SkillAssertion) -> tuple[bool, int, object, int]:
    return (
        assertion.level is not None,
        assertion.source.weight,
        assertion.asserted_on,
        assertion.id,
    )
