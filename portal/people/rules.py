"""Decisions about a person's file: who may do what with it, what moves, what is plausible.

Pure: rows and dates in, decisions out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from portal.access.actor import Actor
from portal.access.people import PersonAccess
from portal.access.transitions import Machine
from portal.models import (
    RESTRICTED_STATUSES,
    BarrierState,
    OrganisationKind,
    PersonStatus,
    Referral,
    Role,
)
from portal.text import N_

LEAST_AGE = 16
MOST_AGE = 100
GRANT_LENGTH = timedelta(days=7)
#: The reason of a closed file that is an objection to the use of the data.
OBJECTION = "objection"
MODES = ("walk", "bike", "bus", "moped", "car")
MODE_LABELS = {
    "walk": N_("à pied"),
    "bike": N_("vélo"),
    "bus": N_("bus ou car"),
    "moped": N_("deux-roues motorisé"),
    "car": N_("voiture"),
}

# The Département and its services: the only ones who read restricted statuses (S3-11).
_DEPARTEMENT_KINDS = frozenset({OrganisationKind.DEPARTEMENT, OrganisationKind.MDS})

#: Domain reference §4.3; what was lifted may come back, hence the way back to « en cours ».
BARRIERS: Machine[BarrierState] = Machine(
    {
        BarrierState.TO_DO: frozenset({BarrierState.IN_PROGRESS}),
        BarrierState.IN_PROGRESS: frozenset(
            {BarrierState.LIFTED, BarrierState.BYPASSED, BarrierState.PERSISTENT}
        ),
        BarrierState.LIFTED: frozenset({BarrierState.IN_PROGRESS}),
        BarrierState.BYPASSED: frozenset({BarrierState.IN_PROGRESS}),
        BarrierState.PERSISTENT: frozenset({BarrierState.IN_PROGRESS}),
    }
)


@dataclass(frozen=True, slots=True)
class Rights:
    """What the actor may do with one file (domain reference §4.8)."""

    writes: bool
    leads: bool
    is_referent: bool
    of_departement: bool

    @property
    def keeps_statuses(self) -> bool:
        """Adds and ends statuses."""
        return self.writes and self.is_referent

    @property
    def keeps_barriers(self) -> bool:
        """Reads and changes barriers in full; the others read theme and date."""
        return self.writes and self.is_referent

    @property
    def reads_restricted(self) -> bool:
        """Reads restricted statuses: a référent of the Département that follows the person."""
        return self.writes and self.is_referent and self.of_departement

    @property
    def keeps_limits(self) -> bool:
        """Reads and changes functional limits: the référent who leads, alone."""
        return self.leads and self.is_referent


def rights_of(actor: Actor, level: PersonAccess, referrals: Iterable[Referral]) -> Rights:
    """The rights of an actor who has ``level`` on a person with these referrals."""
    return Rights(
        writes=level >= PersonAccess.WRITE,
        leads=any(
            row.lead and row.end is None and row.account_id == actor.account.id
            for row in referrals
            if row.organisation_id == actor.organisation.id
        ),
        is_referent=actor.role is Role.REFERENT,
        of_departement=actor.organisation.kind in _DEPARTEMENT_KINDS,
    )


def visible_statuses(rights: Rights, statuses: Iterable[PersonStatus]) -> list[PersonStatus]:
    """The statuses that may be shown, current ones first, then the most recent."""
    shown = [s for s in statuses if rights.reads_restricted or s.code not in RESTRICTED_STATUSES]
    return sorted(shown, key=lambda s: (s.end is not None, -s.start.toordinal(), s.code.value))


def next_barrier_states(state: BarrierState) -> list[BarrierState]:
    """Where a barrier may go from here, in the order of the closed list."""
    return [target for target in BarrierState if BARRIERS.allows(state, target)]


def is_plausible_birth(birth: date, today: date) -> bool:
    """Whether somebody born that day may be accompanied: at least sixteen, at most a hundred."""
    age = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
    return LEAST_AGE <= age <= MOST_AGE


def expiry_after(obtained: date, years: int | None) -> date | None:
    """The last day of a credential valid for ``years`` years; None for life."""
    if years is None:
        return None
    try:
        return obtained.replace(year=obtained.year + years)
    except ValueError:  # 29 February
        return obtained.replace(year=obtained.year + years, day=28)


@dataclass(frozen=True, slots=True)
class Shift:
    """How many jobs an answer moved out of « à vérifier », to where."""

    to_ready: int
    to_one_step: int
    elsewhere: int

    @property
    def total(self) -> int:
        """How many jobs are no longer « à vérifier »."""
        return self.to_ready + self.to_one_step + self.elsewhere


def shift_between(before: Mapping[str, int], after: Mapping[str, int]) -> Shift:
    """What moved between two counts of the five groups, one answer apart.

    An answer can only take a pair out of « à vérifier », so what the two first groups gained
    came from there.
    """
    left = max(0, before["to_check"] - after["to_check"])
    ready = min(left, max(0, after["ready"] - before["ready"]))
    one_step = min(left - ready, max(0, after["one_step"] - before["one_step"]))
    return Shift(ready, one_step, left - ready - one_step)
