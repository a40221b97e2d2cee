"""Confirm or refuse that two skills are one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError, Machine
from portal.models import LinkState, Skill, SkillLink

MACHINE: Machine[LinkState] = Machine(
    {
        LinkState.PROPOSED: frozenset({LinkState.CONFIRMED, LinkState.REFUSED}),
        LinkState.CONFIRMED: frozenset({LinkState.REFUSED}),
        LinkState.REFUSED: frozenset({LinkState.CONFIRMED}),
    }
)
_VERY_NEAR, _NEAR = 95.0, 75.0


def nearness(link: SkillLink) -> str:
    """How alike the words are, in words."""
    if link.score >= _VERY_NEAR:
        return "Mêmes mots"
    return "Mots proches" if link.score >= _NEAR else "Mots en commun"


def links_query(state: LinkState) -> Select[SkillLink]:
    """The links in a state, the surest first."""
    return (
        select(SkillLink)
        .where(SkillLink.state == state)
        .options(joinedload(SkillLink.skill), joinedload(SkillLink.target))
        .order_by(SkillLink.score.desc(), SkillLink.id)
    )


def count_links(session: Session) -> dict[LinkState, int]:
    """How many links are in each state."""
    query = select(SkillLink.state, func.count()).group_by(SkillLink.state)
    return dict.fromkeys(LinkState, 0) | dict(session.execute(query).all())


def record_decision(
    session: Session, actor: Actor, *, public_ids: Sequence[str], state: LinkState
) -> int:
    """Confirm or refuse the links; how many moved. Those already in the state are left alone.

    Raises IllegalTransitionError when one may not move.
    """
    links = session.scalars(
        select(SkillLink)
        .where(SkillLink.public_id.in_(public_ids), SkillLink.state != state)
        .options(joinedload(SkillLink.skill), joinedload(SkillLink.target))
        .order_by(SkillLink.score.desc(), SkillLink.id)
    ).all()
    for link in links:
        _decide(session, actor, link, state)
    return len(links)


def _decide(session: Session, actor: Actor, link: SkillLink, state: LinkState) -> None:
    if state is LinkState.CONFIRMED:
        _check_target(session, link)
    MACHINE.move(session, link, state, actor=actor, name=f"skill_link.{state.value}")
    link.decided_by_id = actor.account.id
    link.decided_at = clock.now()
    if state is LinkState.CONFIRMED:
        link.skill.same_as_code = link.target_code
    elif link.skill.same_as_code == link.target_code:
        link.skill.same_as_code = None
    session.flush()


def _check_target(session: Session, link: SkillLink) -> None:
    """One step is followed, never a chain: the target must stand for itself, and be current."""
    if link.target.retired or link.target.same_as_code:
        raise IllegalTransitionError(
            f"« {link.target.label} » n’est plus une compétence en vigueur : "
            "le lien ne peut pas être confirmé."
        )
    if session.scalar(select(Skill.code).where(Skill.same_as_code == link.skill_code).limit(1)):
        raise IllegalTransitionError(
            f"D’autres compétences sont reliées à « {link.skill.label} » : "
            "écartez d’abord leurs liens."
        )
    if link.skill.same_as_code not in (None, link.target_code):
        raise IllegalTransitionError(
            f"« {link.skill.label} » est déjà reliée à une autre compétence : "
            "écartez d’abord ce lien."
        )
