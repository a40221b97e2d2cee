"""How a hire is told: a line of the list, the ladder of its follow-ups, the employer's card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from flask import url_for
from flask_babel import gettext as _

from portal.hires.rules import is_alert, is_open
from portal.models import FollowUpSide, Hire, HireState, JobFollowUp
from portal.text import N_, capital

# News may be taken before their day, not months before.
_AHEAD = timedelta(days=31)
_VIEW_LABELS = {
    "due": N_("Nouvelles à prendre"),
    "alerts": N_("Difficultés à traiter"),
    "ending": N_("Fin dans les trois mois"),
    "current": N_("En poste"),
    "ended": N_("Terminées"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A hire in a list; ``next`` the news to take first, ``alerts`` what waits for an answer."""

    hire: Hire
    job: str
    next: JobFollowUp | None
    late: bool
    alerts: list[JobFollowUp]


@dataclass(frozen=True, slots=True)
class Step:
    """A follow-up and what may be done with it now."""

    row: JobFollowUp
    title: str
    late: bool
    open: bool
    again: bool
    alert: bool


@dataclass(frozen=True, slots=True)
class EmployerCard:
    """All that an employer reads of somebody it hired."""

    name: str
    job: str
    contract: str
    start: date
    end: date | None
    state: HireState
    next_call: date | None


def tabs(counts: Mapping[str, int], view: str) -> list[dict[str, object]]:
    """The views of the list, for the macro ``subnav``."""
    return [
        {
            "label": _(label),
            "href": url_for("hires.index", vue=name),
            "current": name == view,
            "count": counts[name],
        }
        for name, label in _VIEW_LABELS.items()
    ]


def job_of(hire: Hire) -> str:
    """What the person was hired for, in words."""
    if hire.offer is not None:
        return hire.offer.title or (hire.offer.occupation.label if hire.offer.occupation else "")
    return hire.cohort.occupation.label if hire.cohort else ""


def _order(row: JobFollowUp) -> tuple[date, bool]:
    """By day, the person before the employer."""
    return row.due, row.side is FollowUpSide.EMPLOYER


def line_of(hire: Hire, today: date) -> Line:
    """A hire as a line: whom to call first, and whether it is late."""
    waiting = [row for row in hire.follow_ups if is_open(row, hire.state)]
    first = min(waiting, key=_order, default=None)
    return Line(
        hire=hire,
        job=job_of(hire),
        next=first,
        late=first is not None and first.due < today,
        alerts=[row for row in hire.follow_ups if is_alert(row)],
    )


def step_title(row: JobFollowUp) -> str:
    """« À un mois, la personne »."""
    return f"{capital(row.kind.label)}, {row.side.label}"


def steps_of(hire: Hire, today: date) -> list[Step]:
    """The follow-ups in the order of their days, the person's before the employer's."""
    ordered = sorted(hire.follow_ups, key=_order)
    return [
        Step(
            row=row,
            title=step_title(row),
            late=is_open(row, hire.state) and row.due < today,
            open=is_open(row, hire.state) and hire.start <= today and row.due <= today + _AHEAD,
            again=row.result is not None and row.result.value == "no_answer",
            alert=is_alert(row),
        )
        for row in ordered
    ]


def employer_card(hire: Hire, today: date) -> EmployerCard:
    """The job and its dates; never a status, a barrier, nor what the person said."""
    calls = [
        row.due
        for row in hire.follow_ups
        if row.side is FollowUpSide.EMPLOYER and is_open(row, hire.state)
    ]
    return EmployerCard(
        name=hire.person.full_name,
        job=job_of(hire),
        contract=hire.contract.label,
        start=hire.start,
        end=hire.ended_on or hire.end_planned,
        state=hire.state,
        next_call=max(min(calls), today) if calls else None,
    )
