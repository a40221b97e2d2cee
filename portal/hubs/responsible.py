"""The one organisation responsible for each step of a person's way through a cohort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flask_babel import gettext as _

from portal.models import (
    COHORT_EXIT_STATES,
    Cohort,
    CohortMembership,
    LabelledEnum,
    MembershipState,
    PhaseKind,
)
from portal.text import N_
from portal.web.filters import date_short

_M = MembershipState


class Stage(LabelledEnum):
    """The parts of the way, as the board shows them."""

    SOURCING = "sourcing", N_("Repérage")
    INFORMATION = "information", N_("Information")
    SELECTION = "selection", N_("Sélection")
    IMMERSION = "immersion", N_("Immersion")
    PREPARATION = "preparation", N_("Préparation")
    TRAINING = "training", N_("Formation")
    JOB = "job", N_("Emploi")
    LEFT = "left", N_("Sorties")


class Part(StrEnum):
    """What an organisation is to a cohort."""

    PRESCRIBER = "prescriber"
    HUB = "hub"
    TRAINING = "training"


#: Who answers for a person in each state: one, never two.
_RESPONSIBLE: dict[MembershipState, tuple[Stage, Part]] = {
    _M.SOURCED: (Stage.SOURCING, Part.PRESCRIBER),
    _M.TOLD: (Stage.SOURCING, Part.PRESCRIBER),
    _M.INTERESTED: (Stage.SOURCING, Part.PRESCRIBER),
    _M.ENROLLED_INFO: (Stage.INFORMATION, Part.PRESCRIBER),
    _M.PRESENT: (Stage.INFORMATION, Part.HUB),
    _M.ABSENT: (Stage.INFORMATION, Part.PRESCRIBER),
    _M.SELECTED: (Stage.SELECTION, Part.HUB),
    _M.WAITING: (Stage.SELECTION, Part.HUB),
    _M.IMMERSION_PLANNED: (Stage.IMMERSION, Part.HUB),
    _M.IMMERSION_DONE: (Stage.IMMERSION, Part.HUB),
    _M.PREPARING: (Stage.PREPARATION, Part.PRESCRIBER),
    _M.READY: (Stage.PREPARATION, Part.HUB),
    _M.ADMITTED: (Stage.TRAINING, Part.TRAINING),
    _M.IN_TRAINING: (Stage.TRAINING, Part.TRAINING),
    _M.CERTIFIED: (Stage.JOB, Part.HUB),
    _M.HIRED: (Stage.JOB, Part.HUB),
    _M.FOLLOWED_M3: (Stage.JOB, Part.HUB),
    _M.FOLLOWED_M6: (Stage.JOB, Part.HUB),
}


def stage_of(state: MembershipState) -> Stage:
    """The part of the way a state belongs to."""
    return Stage.LEFT if state in COHORT_EXIT_STATES else _RESPONSIBLE[state][0]


def states_of(stage: Stage) -> list[MembershipState]:
    """The states of a part, in the order of the way."""
    return [state for state in MembershipState if stage_of(state) is stage]


def responsible_for(membership: CohortMembership, cohort: Cohort) -> str:
    """The name of the one organisation that answers for a person now."""
    if membership.state in COHORT_EXIT_STATES:
        owner = membership.next_step_owner
        return owner.name if owner else ""
    return _name(_RESPONSIBLE[membership.state][1], membership, cohort)


def _name(part: Part, membership: CohortMembership, cohort: Cohort) -> str:
    if part is Part.PRESCRIBER:
        return membership.prescriber.name
    return cohort.hub.name if part is Part.HUB else training_name(cohort)


def training_name(cohort: Cohort) -> str:
    """The training organisation of the cohort's session, as the catalogue names it."""
    if cohort.session is None:
        return str(_("organisme de formation à choisir"))
    action = cohort.session.action
    known = action.organisation.name if action.organisation else action.organiser_name
    return known or str(_("organisme de formation à préciser"))


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a person's way: what the ladder of a pathway draws."""

    title: str
    state: str
    organisation: str
    start: date | None
    end: date | None
    note: str | None

    @property
    def dates(self) -> str | None:
        """« du 12 mars 2027 au 2 avril 2027 »."""
        if self.start is None or self.end is None:
            return None
        return str(
            _("du %(start)s au %(end)s", start=date_short(self.start), end=date_short(self.end))
        )


_PHASE_OF = {
    Stage.SOURCING: PhaseKind.SOURCING,
    Stage.INFORMATION: PhaseKind.INFORMATION,
    Stage.SELECTION: PhaseKind.SELECTION,
    Stage.IMMERSION: PhaseKind.IMMERSION,
    Stage.PREPARATION: PhaseKind.PREPARATION,
    Stage.TRAINING: PhaseKind.TRAINING,
    Stage.JOB: PhaseKind.HIRING,
}


def way_of(
    membership: CohortMembership, cohort: Cohort, left_from: MembershipState | None
) -> Sequence[Step]:
    """Each step of a person's way, with its dates and the one organisation responsible.

    ``left_from`` is the state an exit was noted from (None while the person is in the group).
    """
    here = stage_of(left_from or membership.state)
    phases = {row.kind: row for row in cohort.phases}
    order = list(_PHASE_OF)
    steps = []
    for stage, kind in _PHASE_OF.items():
        phase = phases.get(kind)
        current = stage is here
        part = _RESPONSIBLE[membership.state if current and not left_from else states_of(stage)[0]]
        steps.append(
            Step(
                title=stage.label,
                state=_progress(order.index(stage) - order.index(here), left=bool(left_from)),
                organisation=_name(part[1], membership, cohort),
                start=phase.start if phase else None,
                end=phase.end if phase else None,
                note=membership.state.label if current else None,
            )
        )
    return steps


def _progress(distance: int, *, left: bool) -> str:
    if distance < 0:
        return "done"
    if left:
        return "lost" if distance == 0 else "planned"
    return "current" if distance == 0 else "planned"
