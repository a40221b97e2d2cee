"""A pathway changed by hand: each change is judged whole before anything is written.

A change says which immersion, sessions, hire and other steps are wanted; the questions, the
barriers, the conditions and, unless it was chosen, the day of the hire follow from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.models import (
    Pathway,
    PathwayState,
    PathwayStep,
    ScenarioKind,
    StepKind,
    StepState,
    TrainingSession,
)
from portal.pathways.recording import record_version, set_steps, steps_of
from portal.pathways.rules import (
    CHANGEABLE_KINDS,
    EDITABLE_STATES,
    MILESTONES,
    MOST_OTHER_STEPS,
    MOST_WEEKLY_HOURS,
    REMOVABLE_KINDS,
    Load,
    in_order,
    weekly_loads,
)
from portal.web.filters import date_short

_COPIED = (
    "public_id",
    "kind",
    "state",
    "title",
    "start",
    "end",
    "weekly_hours",
    "commune",
    "session",
    "offer",
    "responsible",
    "responsible_text",
    "conditions",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a change makes: the whole new sequence, or the reasons why it cannot be."""

    steps: Sequence[PathwayStep]
    scenario: mm.ScenarioView | None
    problems: Sequence[str]

    @property
    def stands(self) -> bool:
        """Whether it may be written."""
        return not self.problems


def pending(pathway: Pathway) -> list[PathwayStep]:
    """The steps still to come, which a change may touch."""
    return [step for step in pathway.steps if step.state is StepState.TO_DO]


def behind(pathway: Pathway) -> list[PathwayStep]:
    """The steps done or under way: they stay as they are, and what they bring counts."""
    return [s for s in pathway.steps if s.state in (StepState.DONE, StepState.IN_PROGRESS)]


def goal_rows(pathway: Pathway) -> dict[str, Any]:
    """The goal as matchmaking takes it."""
    return {"offer": pathway.goal_offer, "occupation": pathway.goal_occupation}


def refuse_unless_changeable(pathway: Pathway, step: PathwayStep | None = None) -> None:
    """Raise :class:`IllegalTransitionError` when the pathway, or the step, no longer changes."""
    if pathway.state not in EDITABLE_STATES:
        raise IllegalTransitionError(_("Ce parcours est terminé. Composez-en un autre."))
    if step is None:
        return
    if step.kind not in CHANGEABLE_KINDS:
        raise IllegalTransitionError(
            _("Cette étape vient du dossier de la personne\u00a0: corrigez-la là-bas.")
        )
    if step.state is not StepState.TO_DO:
        raise IllegalTransitionError(_("Cette étape a commencé\u00a0: elle ne change plus."))


def sessions_instead(
    session: Session, pathway: Pathway, step: PathwayStep
) -> list[TrainingSession]:
    """The sessions that could take the place of a training step."""
    return mm.sessions_instead(
        session,
        pathway.person,
        pending(pathway),
        step,
        behind=behind(pathway),
        **goal_rows(pathway),
    )


def with_session(
    pathway: Pathway, step: PathwayStep, training: TrainingSession
) -> list[PathwayStep]:
    """Another session in the place of this one; the hire follows."""
    changed = PathwayStep(
        kind=StepKind.TRAINING,
        state=StepState.TO_DO,
        title=training.action.program.title,
        start=training.start,
        end=training.end,
        session=training,
        commune=training.commune,
    )
    return [*_others(pathway, step, hire=False), changed]


def with_dates(pathway: Pathway, step: PathwayStep, start: date, end: date) -> list[PathwayStep]:
    """An immersion moved; the hire follows."""
    return [*_others(pathway, step, hire=False), copy_step(step, start=start, end=end)]


def with_hire_on(pathway: Pathway, step: PathwayStep, day: date) -> list[PathwayStep]:
    """The hire on a day chosen."""
    return [*_others(pathway, step), copy_step(step, start=day, end=day)]


def with_other(
    pathway: Pathway, step: PathwayStep | None, values: dict[str, Any]
) -> list[PathwayStep]:
    """A step of another kind added, or changed."""
    return [
        *_others(pathway, step),
        PathwayStep(kind=StepKind.OTHER, state=StepState.TO_DO, **values),
    ]


def without(pathway: Pathway, step: PathwayStep) -> list[PathwayStep]:
    """A step less; unless it was of another kind, the hire follows."""
    if step.kind not in REMOVABLE_KINDS:
        raise IllegalTransitionError(_("Cette étape ne se retire pas."))
    return _others(pathway, step, hire=step.kind is StepKind.OTHER)


def _others(pathway: Pathway, but: PathwayStep | None, *, hire: bool = True) -> list[PathwayStep]:
    return [
        copy_step(step)
        for step in pending(pathway)
        if step is not but and (hire or step.kind is not StepKind.HIRE)
    ]


def copy_step(step: PathwayStep, **changes: Any) -> PathwayStep:
    """The same step in no pathway, with some of its values changed."""
    return PathwayStep(**{name: getattr(step, name) for name in _COPIED} | changes)


def _fresh(step: PathwayStep) -> PathwayStep:
    """The same step under an address of its own, for a new version."""
    return PathwayStep(**{name: getattr(step, name) for name in _COPIED if name != "public_id"})


def judge(session: Session, actor: Actor, pathway: Pathway, wish: Sequence[PathwayStep]) -> Verdict:
    """The whole sequence that the wished steps make, and all that forbids it."""
    steps_behind, rows = behind(pathway), goal_rows(pathway)
    chosen = [s for s in wish if s.kind not in MILESTONES and s.kind is not StepKind.OTHER]
    others = [s for s in wish if s.kind is StepKind.OTHER]
    try:
        scenario = mm.retell(session, actor, pathway.person, chosen, behind=steps_behind, **rows)
        told = steps_of(scenario)
        found = mm.problems_of(session, pathway.person, told, behind=steps_behind, **rows)
    except mm.NothingKnownError as error:
        return Verdict((), None, [error.message])
    steps = in_order([*(copy_step(s) for s in steps_behind), *told, *others])
    problems = [_about(step, text) for step, text in found]
    problems += _load_problems(steps)
    if len(others) > MOST_OTHER_STEPS:
        problems.append(_("Un parcours a %(most)s autres étapes au plus.", most=MOST_OTHER_STEPS))
    return Verdict(steps, scenario, problems)


def problems_now(session: Session, pathway: Pathway) -> list[str]:
    """Why a pathway kept earlier no longer stands: seats, dates, facts have moved since."""
    try:
        found = mm.problems_of(
            session,
            pathway.person,
            pending(pathway),
            behind=behind(pathway),
            **goal_rows(pathway),
        )
    except mm.NothingKnownError as error:
        return [error.message]
    return [_about(step, text) for step, text in found] + _load_problems(pathway.steps)


def load_warnings(steps: Iterable[PathwayStep]) -> list[str]:
    """What to look at in the weeks of a pathway (INV-05): heavy ones, hours not known."""
    return [text for load in weekly_loads(steps) if (text := _load_warning(load))]


def _load_warning(load: Load) -> str | None:
    if load.is_too_much:
        return _load_text(load)
    if load.is_heavy:
        return str(
            _(
                "À partir du %(day)s\u00a0: %(hours)s\u00a0h par semaine. "
                "Vérifiez que ce rythme convient.",
                day=date_short(load.day),
                hours=_number(load.hours),
            )
        )
    if load.is_uncertain:
        return str(
            _(
                "Deux étapes en même temps à partir du %(day)s. "
                "Horaires à demander\u00a0: %(titles)s.",
                day=date_short(load.day),
                titles=", ".join(load.unknown),
            )
        )
    return None


def _load_problems(steps: Iterable[PathwayStep]) -> list[str]:
    return [_load_text(load) for load in weekly_loads(steps) if load.is_too_much]


def _load_text(load: Load) -> str:
    return str(
        _(
            "À partir du %(day)s\u00a0: %(hours)s\u00a0h par semaine (%(titles)s). "
            "C’est plus que %(most)s\u00a0h\u00a0: déplacez une étape.",
            day=date_short(load.day),
            hours=_number(load.hours),
            titles=", ".join(load.titles),
            most=MOST_WEEKLY_HOURS,
        )
    )


def _number(hours: float) -> str:
    return f"{hours:g}".replace(".", ",")


def _about(step: PathwayStep | None, text: str) -> str:
    return f"{step.title}\u00a0: {text}" if step is not None else text


def apply(
    session: Session, actor: Actor, *, pathway: Pathway, verdict: Verdict, change: str
) -> Pathway:
    """Write a change that stands: in place on a proposal, as a new one on an agreed pathway."""
    if verdict.problems or verdict.scenario is None:
        raise ValueError("only a change that stands is written")
    if pathway.state in (PathwayState.DRAFT, PathwayState.PROPOSED):
        pathway.scenario = ScenarioKind.FREE
        set_steps(session, pathway=pathway, scenario=verdict.scenario, steps=verdict.steps)
        kept = pathway
    else:
        steps = [_fresh(step) for step in verdict.steps]
        kept = record_version(
            session, actor=actor, agreed=pathway, scenario=verdict.scenario, steps=steps
        )
    record_event(
        session, actor=actor, subject=kept, name="pathway_edited", details={"change": change}
    )
    return kept
