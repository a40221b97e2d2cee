"""What happens to a pathway: agreed, begun, paused, broken off, reached; and to its steps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.models import (
    AgreementChannel,
    Barrier,
    BarrierImpact,
    BarrierState,
    BreakdownReason,
    Pathway,
    PathwayState,
    PathwayStep,
    StepKind,
    StepState,
)
from portal.pathways.editing import problems_now
from portal.pathways.recording import record_agreement
from portal.pathways.rules import MILESTONES, PATHWAY, STEP, is_open, next_step_states
from portal.web.filters import date_short

_BLOCKED_KINDS = frozenset({StepKind.IMMERSION, StepKind.TRAINING})
_STEP_EVENTS = {
    StepState.IN_PROGRESS: "step_started",
    StepState.DONE: "step_done",
    StepState.CANCELLED: "step_cancelled",
}


class NoLongerStandsError(Exception):
    """The pathway cannot be agreed as it is; ``problems`` are for the reader."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def accept(
    session: Session,
    actor: Actor | None,
    *,
    pathway: Pathway,
    channel: AgreementChannel,
    on: date,
    words: str,
) -> None:
    """Keep the person's agreement, unless the pathway no longer stands: nobody agrees to a void.

    Without an actor the person said it themself, in their space.

    A new version of a pathway under way goes on where that one stood.
    """
    _refuse_illegal(pathway, PathwayState.ACCEPTED)
    _carry_states(pathway)
    problems = problems_now(session, pathway)
    if problems:
        raise NoLongerStandsError(problems)
    was = pathway.replaces.state if pathway.replaces else None
    record_agreement(session, actor=actor, pathway=pathway, channel=channel, words=words, on=on)
    if was in (PathwayState.IN_PROGRESS, PathwayState.PAUSED):
        start(session, actor, pathway=pathway)


def _carry_states(pathway: Pathway) -> None:
    """What was marked on the former version after this one was proposed."""
    former = pathway.replaces.steps if pathway.replaces else []
    states = {(s.kind, s.title, s.start, s.end): s.state for s in former}
    for step in pathway.steps:
        step.state = states.get((step.kind, step.title, step.start, step.end), step.state)


def decline(session: Session, actor: Actor, *, pathway: Pathway, reason: BreakdownReason) -> None:
    """The person does not want it: « pas pour moi », and why."""
    _refuse_illegal(pathway, PathwayState.DECLINED)
    pathway.breakdown_reason = reason
    _move(session, actor, pathway, PathwayState.DECLINED, "pathway_declined", reason.value)


def start(session: Session, actor: Actor | None, *, pathway: Pathway) -> None:
    """It begins."""
    _move(session, actor, pathway, PathwayState.IN_PROGRESS, "pathway_started")


def pause(session: Session, actor: Actor, *, pathway: Pathway) -> None:
    """It stops for a while."""
    _move(session, actor, pathway, PathwayState.PAUSED, "pathway_paused")


def resume(session: Session, actor: Actor, *, pathway: Pathway) -> None:
    """It goes on after a pause."""
    if pathway.state is not PathwayState.PAUSED:
        raise IllegalTransitionError(_("Ce parcours n’est pas en pause."))
    _move(session, actor, pathway, PathwayState.IN_PROGRESS, "pathway_resumed")


def break_off(session: Session, actor: Actor, *, pathway: Pathway, reason: BreakdownReason) -> None:
    """It ends before its goal."""
    _refuse_illegal(pathway, PathwayState.BROKEN)
    pathway.breakdown_reason = reason
    _move(session, actor, pathway, PathwayState.BROKEN, "pathway_broken", reason.value)


def reach(session: Session, actor: Actor, *, pathway: Pathway, on: date) -> None:
    """The person is hired: the hire is done, what was left to do is not needed any more."""
    _refuse_illegal(pathway, PathwayState.REACHED)
    for step in filter(is_open, pathway.steps):
        hired = step.kind is StepKind.HIRE
        if hired:
            step.start = step.end = on
        target = StepState.DONE if hired else StepState.CANCELLED
        STEP.move(session, step, target, actor=actor, name=_STEP_EVENTS[target])
    pathway.hire_on = on
    _move(session, actor, pathway, PathwayState.REACHED, "pathway_reached")


def move_step(session: Session, actor: Actor, *, step: PathwayStep, target: StepState) -> None:
    """Begin, end or cancel a step of a pathway under way."""
    if step.pathway.state is not PathwayState.IN_PROGRESS:
        raise IllegalTransitionError(_("Commencez ou reprenez d’abord le parcours."))
    if target not in next_step_states(step.pathway.state, step):
        raise IllegalTransitionError(
            _(
                "L’étape ne passe pas de «\u00a0%(source)s\u00a0» à «\u00a0%(target)s\u00a0».",
                source=step.state.label,
                target=target.label,
            )
        )
    if target is not StepState.CANCELLED:
        _refuse_too_early(step)
    if target is StepState.IN_PROGRESS:
        _refuse_while_blocked(session, step)
    STEP.move(session, step, target, actor=actor, name=_STEP_EVENTS[target])


def _refuse_too_early(step: PathwayStep) -> None:
    if step.kind not in MILESTONES and step.start > clock.today():
        raise IllegalTransitionError(
            _("Cette étape commence le %(day)s.", day=date_short(step.start))
        )


def _refuse_while_blocked(session: Session, step: PathwayStep) -> None:
    """A strong barrier blocks the start of a step, not its proposal (§4.3, T-PAT-04)."""
    if step.kind not in _BLOCKED_KINDS:
        return
    blocking = session.scalar(
        select(Barrier)
        .where(
            Barrier.person_id == step.pathway.person_id,
            Barrier.impact == BarrierImpact.STRONG,
            Barrier.state.in_((BarrierState.TO_DO, BarrierState.IN_PROGRESS)),
        )
        .order_by(Barrier.id)
        .limit(1)
    )
    if blocking is not None:
        raise IllegalTransitionError(
            _(
                "%(theme)s\u00a0: ce frein fort n’est pas encore levé. "
                "Mettez-le à jour dans le suivi avant de commencer.",
                theme=blocking.theme.label,
            )
        )


def _refuse_illegal(pathway: Pathway, target: PathwayState) -> None:
    """Refuse before anything is touched: the row must not carry a reason it has no right to."""
    if not PATHWAY.allows(pathway.state, target):
        raise IllegalTransitionError(
            _(
                "Impossible de passer de «\u00a0%(source)s\u00a0» à «\u00a0%(target)s\u00a0».",
                source=pathway.state.label,
                target=target.label,
            )
        )


def _move(
    session: Session,
    actor: Actor | None,
    pathway: Pathway,
    target: PathwayState,
    name: str,
    reason: str | None = None,
) -> None:
    PATHWAY.move(session, pathway, target, actor=actor, name=name, reason=reason)
