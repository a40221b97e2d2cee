"""What a hire obeys: dates, hours, states, and the days on which somebody asks for news.

Pure: dates in, decisions out (domain reference §4.2, §4.7.5, INV-05, INV-19).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from portal.access.transitions import IllegalTransitionError, Machine
from portal.immersions.periods import months_after, months_before
from portal.models import (
    ContractKind,
    FollowUpKind,
    FollowUpResult,
    FollowUpSide,
    HireEndReason,
    HireState,
    JobFollowUp,
)

MOST_WEEKLY_HOURS = 48
USUAL_WEEKLY_HOURS = 35
#: How long before the end of a contract the next one is prepared, and for which contracts.
END_NOTICE_MONTHS, END_NOTICE_FROM_MONTHS = 3, 4
_OLDEST = timedelta(days=730)
_FURTHEST = timedelta(days=366)

HIRE_MACHINE: Machine[HireState] = Machine(
    {HireState.CURRENT: frozenset({HireState.ENDED, HireState.BROKEN})}
)
#: The ends that were foreseen; any other is a contract that broke.
FORESEEN_ENDS = frozenset({HireEndReason.TERM, HireEndReason.RENEWED})
#: What makes a task of the same day for the responsible structure.
ALERTS = frozenset({FollowUpResult.BAD, FollowUpResult.GONE})
#: Contracts that always have an end.
FIXED_TERM = frozenset(
    {
        ContractKind.CDD,
        ContractKind.CTT,
        ContractKind.CDDI,
        ContractKind.SEASONAL,
    }
)
_MONTHS = {FollowUpKind.M1: 1, FollowUpKind.M3: 3, FollowUpKind.M6: 6}


@dataclass(frozen=True, slots=True)
class Terms:
    """What was signed; ``weekly_hours`` None when it is not known yet."""

    contract: ContractKind
    start: date
    end_planned: date | None = None
    weekly_hours: float | None = None
    clause_hours: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """A contract under way: its days and its hours."""

    start: date
    end: date | None
    weekly_hours: float | None

    def overlaps(self, other: Period) -> bool:
        """Whether both run on a same day."""
        return (self.end is None or other.start <= self.end) and (
            other.end is None or self.start <= other.end
        )


@dataclass(frozen=True, slots=True)
class Due:
    """A follow-up to hold: what, with whom, when."""

    kind: FollowUpKind
    side: FollowUpSide
    day: date


def check_terms(terms: Terms, today: date) -> None:
    """Refuse dates and hours that no contract has."""
    if not today - _OLDEST <= terms.start <= today + _FURTHEST:
        raise IllegalTransitionError(
            _("Le contrat commence entre il y a deux ans et dans un an. Relisez la date.")
        )
    if terms.end_planned is not None and terms.end_planned < terms.start:
        raise IllegalTransitionError(_("La fin prévue est avant le début du contrat."))
    if terms.contract is ContractKind.CDI and terms.end_planned is not None:
        raise IllegalTransitionError(_("Un CDI n’a pas de fin prévue."))
    if terms.contract in FIXED_TERM and terms.end_planned is None:
        raise IllegalTransitionError(_("Donnez la fin prévue\u00a0: ce contrat en a une."))
    if terms.weekly_hours is not None and not 0 < terms.weekly_hours <= MOST_WEEKLY_HOURS:
        raise IllegalTransitionError(
            _("Donnez entre 1 et %(most)d heures par semaine.", most=MOST_WEEKLY_HOURS)
        )


def most_weekly_hours(terms: Terms, others: Iterable[Period]) -> float:
    """The hours of the busiest week of the new contract, those it overlaps included.

    Hours that nobody has said count for nothing: what is unknown refuses nothing (INV-22).
    """
    own = Period(terms.start, terms.end_planned, terms.weekly_hours)
    beside = [other for other in others if own.overlaps(other)]
    days = [max(own.start, other.start) for other in beside] or [own.start]
    return max(
        (own.weekly_hours or 0.0)
        + sum(
            other.weekly_hours or 0.0
            for other in beside
            if other.start <= day and (other.end is None or day <= other.end)
        )
        for day in days
    )


def check_hours(total: float) -> None:
    """INV-05: a person works at most 48 hours a week, all contracts together."""
    if total > MOST_WEEKLY_HOURS:
        raise IllegalTransitionError(
            _(
                "Cette personne a déjà un contrat en cours\u00a0: ensemble, cela fait"
                " %(total)s heures par semaine, plus que les %(most)d permises."
                " Notez d’abord la fin de l’autre contrat.",
                total=f"{total:g}",
                most=MOST_WEEKLY_HOURS,
            )
        )


def follow_ups_of(start: date, end_planned: date | None) -> list[Due]:
    """A week, one, three and six months after the hire, on both sides, and before the end."""
    days = {FollowUpKind.J7: start + timedelta(days=7)}
    days |= {kind: months_after(start, months) for kind, months in _MONTHS.items()}
    found = [Due(kind, side, day) for kind, day in days.items() for side in FollowUpSide]
    end = end_notice(start, end_planned)
    return [*found, Due(FollowUpKind.END_OF_SITE, FollowUpSide.PERSON, end)] if end else found


def end_notice(start: date, end_planned: date | None) -> date | None:
    """Three months before the planned end of a contract of four months or more, else None."""
    if end_planned is None:
        return None
    lasts = months_after(start, END_NOTICE_FROM_MONTHS) - timedelta(days=1) <= end_planned
    return months_before(end_planned, END_NOTICE_MONTHS) if lasts else None


def end_state(reason: HireEndReason) -> HireState:
    """Ended as foreseen, or broken."""
    return HireState.ENDED if reason in FORESEEN_ENDS else HireState.BROKEN


def is_open(row: JobFollowUp, hire_state: HireState) -> bool:
    """Whether news are still to be taken: an employer is not asked about who has left."""
    if row.done_on is not None:
        return False
    return hire_state is HireState.CURRENT or (
        row.side is FollowUpSide.PERSON and row.kind is not FollowUpKind.END_OF_SITE
    )


def is_alert(row: JobFollowUp) -> bool:
    """A difficulty that nobody has dealt with yet."""
    return row.result in ALERTS and row.settled_on is None
