"""Confirm or refuse that two skills are one, or that an occupation replaces a retired one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError, Machine
from portal.matchmaking.overlay import MANY
from portal.matchmaking.world import cache_of
from portal.models import (
    Interest,
    LinkState,
    Occupation,
    OccupationLink,
    Skill,
    SkillAssertion,
    SkillLink,
)

Link = SkillLink | OccupationLink
MACHINE: Machine[LinkState] = Machine(
    {
        LinkState.PROPOSED: frozenset({LinkState.CONFIRMED, LinkState.REFUSED}),
        LinkState.CONFIRMED: frozenset({LinkState.REFUSED}),
        LinkState.REFUSED: frozenset({LinkState.CONFIRMED}),
    }
)
# What a confirmed link writes: the column of its source that names its target.
_POINTERS = {SkillLink: Skill.same_as_code, OccupationLink: Occupation.replaced_by_code}
_NAMED_BY = (
    (SkillAssertion, SkillAssertion.skill_code),
    (Interest, Interest.occupation_code),
)
_VERY_NEAR, _NEAR = 95.0, 75.0


def nearness(link: Link) -> str:
    """How alike the words are, in words."""
    if link.score >= _VERY_NEAR:
        return "Mêmes mots"
    if link.score >= _NEAR:
        return "Mots proches"
    return "Mots en commun" if link.score else "Même famille de métiers"


def links_query(kind: type[Any], state: LinkState) -> Select[Any]:
    """The links of a kind in a state, the surest first."""
    return (
        select(kind)
        .where(kind.state == state)
        .options(joinedload(kind.source), joinedload(kind.target))
        .order_by(kind.score.desc(), kind.id)
    )


def count_links(session: Session) -> dict[LinkState, int]:
    """How many links, of skills and of occupations, are in each state."""
    states = union_all(select(SkillLink.state), select(OccupationLink.state)).subquery()
    query = select(states.c.state, func.count()).group_by(states.c.state)
    return dict.fromkeys(LinkState, 0) | dict(session.execute(query).all())


def record_decision(
    session: Session, actor: Actor, *, public_ids: Sequence[str], state: LinkState
) -> int:
    """Confirm or refuse the links; how many moved. Those already in the state are left alone.

    Raises IllegalTransitionError when one may not move.
    """
    links = [link for kind in _POINTERS for link in _chosen(session, kind, public_ids, state)]
    for link in links:
        _decide(session, actor, link, state)
    _announce(session, [link.source.code for link in links])
    return len(links)


def _announce(session: Session, codes: Sequence[str]) -> None:
    """Have the index ready when many people have what was renamed: no page reads them all again."""
    renamed = (
        select(func.count()).select_from(table).where(column.in_(codes)).scalar_subquery()
        for table, column in _NAMED_BY
    )
    if codes and sum(session.execute(select(*renamed)).one()) >= MANY:
        cache_of(session).announce(session)


def _chosen(
    session: Session, kind: type[Any], public_ids: Sequence[str], state: LinkState
) -> Sequence[Link]:
    query = (
        select(kind)
        .where(kind.public_id.in_(public_ids), kind.state != state)
        .options(joinedload(kind.source), joinedload(kind.target))
        .order_by(kind.score.desc(), kind.id)
    )
    return session.scalars(query).all()


def _decide(session: Session, actor: Actor, link: Link, state: LinkState) -> None:
    pointer = _POINTERS[type(link)].key
    if state is LinkState.CONFIRMED:
        _check_target(session, link)
    name = f"{link.__tablename__}.{state.value}"
    MACHINE.move(session, link, state, actor=actor, name=name)
    link.decided_by_id = actor.account.id
    link.decided_at = clock.now()
    if state is LinkState.CONFIRMED:
        setattr(link.source, pointer, link.target_code)
    elif getattr(link.source, pointer) == link.target_code:
        setattr(link.source, pointer, None)
    session.flush()


def _check_target(session: Session, link: Link) -> None:
    """One step is followed, never a chain: the target must stand for itself, and be current."""
    pointer = _POINTERS[type(link)]
    source, target = link.source, link.target
    if target.retired or getattr(target, pointer.key):
        raise IllegalTransitionError(
            f"« {target.label} » n’est plus en vigueur : le lien ne peut pas être confirmé."
        )
    if session.scalar(select(pointer).where(pointer == source.code).limit(1)):
        raise IllegalTransitionError(
            f"D’autres liens confirmés mènent à « {source.label} » : écartez-les d’abord."
        )
    if getattr(source, pointer.key) not in (None, link.target_code):
        raise IllegalTransitionError(
            f"« {source.label} » a déjà un autre lien confirmé : écartez-le d’abord."
        )
