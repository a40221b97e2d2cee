"""Propose that two skills are one: ours → ROME's, or a retired one → the nearest current one.

A proposal changes nothing until a human confirms it (« Liens à confirmer »).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from sqlalchemy import Column, Select, or_, select
from sqlalchemy.orm import Session, aliased

from portal.imports.base import Context, Phase
from portal.imports.rome_tables import SKILL
from portal.imports.tables import TableRows, upsert
from portal.matchmaking.labels import nearest_skills
from portal.models import (
    Base,
    LinkState,
    OccupationLink,
    ReferenceOrigin,
    Skill,
    SkillKind,
    SkillLink,
)

# Below it a proposal costs the reader more than it brings.
LEAST_SCORE = 62.0
_SKILL_TABLES = frozenset({"skill", "skill_link", "occupation_skill"})
_KEPT = frozenset({"score", "state"})
_LINKS = {
    link: TableRows(link, (column, "target_code"), _KEPT)
    for link, column in ((SkillLink, "skill_code"), (OccupationLink, "occupation_code"))
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pair of codes and how alike their words are (0 to 100)."""

    code: str
    target_code: str
    score: float
    link: type[SkillLink] | type[OccupationLink] = SkillLink


@dataclass(frozen=True, slots=True)
class _Named:
    code: str
    label: str
    kind: SkillKind


def propose(session: Session, context: Context, retiring: set[str]) -> list[Proposal]:
    """The proposals that this import brings; ``retiring`` are the codes it is about to retire."""
    seekers = [*_ours(session, retiring), *_retired_in_use(session, retiring)]
    if not seekers:
        return []
    targets = _targets(session, context, retiring)
    found: list[Proposal] = []
    done = 0
    for of_knowledge in (False, True):
        labels = _labels(seekers, of_knowledge)
        among = _labels(targets, of_knowledge)
        followed = _followed(labels, context, done, len(seekers))
        nearest = nearest_skills(followed, among) if labels else {}
        done += len(labels)
        found += [
            Proposal(code, target, score)
            for code, (target, score) in sorted(nearest.items())
            if score >= LEAST_SCORE
        ]
    return found


def save_proposals(session: Session, proposals: Sequence[Proposal]) -> None:
    """Keep them; a pair already proposed, confirmed or refused stays as it is."""
    for link, rows in _LINKS.items():
        values = [
            {
                rows.key[0]: proposal.code,
                "target_code": proposal.target_code,
                "score": proposal.score,
                "state": LinkState.PROPOSED,
            }
            for proposal in proposals
            if proposal.link is link
        ]
        upsert(session, rows.table, values, rows.key, rows.keep)


def _followed(
    labels: Sequence[tuple[str, str]], context: Context, start: int, total: int
) -> Iterator[tuple[str, str]]:
    """The labels, telling the monitor as they are taken."""
    for number, label in enumerate(labels, start):
        context.monitor.step(Phase.PREPARE, number, total)
        yield label


def _labels(skills: Sequence[_Named], of_knowledge: bool) -> list[tuple[str, str]]:
    return [(s.code, s.label) for s in skills if (s.kind is SkillKind.KNOWLEDGE) == of_knowledge]


def _ours(session: Session, retiring: set[str]) -> Iterator[_Named]:
    """Our skills that no current ROME skill stands for yet."""
    target = aliased(Skill)
    query = (
        select(Skill.code, Skill.label, Skill.kind, Skill.same_as_code, target.retired)
        .outerjoin(target, Skill.same_as_code == target.code)
        .where(Skill.origin == ReferenceOrigin.STARTER, Skill.code.not_in(_waiting()))
    )
    for code, label, kind, same_as, is_retired in session.execute(query):
        if same_as is None or is_retired or same_as in retiring:
            yield _Named(code, label, kind)


def _retired_in_use(session: Session, retiring: set[str]) -> Iterator[_Named]:
    """Retired skills that people, offers or sessions still point to."""
    query = select(Skill.code, Skill.label, Skill.kind, Skill.retired).where(
        Skill.origin == ReferenceOrigin.ROME,
        Skill.same_as_code.is_(None),
        Skill.code.not_in(_waiting()),
        or_(*(Skill.code.in_(select(column)) for column in references("skill", _SKILL_TABLES))),
    )
    for code, label, kind, is_retired in session.execute(query):
        if is_retired or code in retiring:
            yield _Named(code, label, kind)


def references(pointed: str, besides: Set[str]) -> list[Column[str]]:
    """Every column that points to the table ``pointed``, but for the tables ``besides``."""
    return [
        column
        for table in Base.metadata.sorted_tables
        if table.name not in besides
        for column in table.columns
        if any(key.column.table.name == pointed for key in column.foreign_keys)
    ]


def _waiting() -> Select[str]:
    return select(SkillLink.skill_code).where(SkillLink.state == LinkState.PROPOSED)


def _targets(session: Session, context: Context, retiring: set[str]) -> list[_Named]:
    """The skills that will be current once the import is written."""
    query = select(Skill.code, Skill.label, Skill.kind).where(
        Skill.origin == ReferenceOrigin.ROME, Skill.retired.is_(False)
    )
    known = {code: _Named(code, label, kind) for code, label, kind in session.execute(query)}
    for items in context.stage.batches(SKILL, to_write=True):
        for item in items:
            known[item.key] = _Named(item.key, item.value["label"], item.value["kind"])
    return [skill for code, skill in known.items() if code not in retiring]
