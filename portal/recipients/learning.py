"""What a job teaches: in a session before it begins, with the firm, or in post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal import matchmaking as mm
from portal.models import RequirementKind
from portal.recipients.saying import first_session

_WITH_FIRM = (RequirementKind.TRAINING_PLANNED, RequirementKind.ON_THE_JOB)
MOST = 3


@dataclass(frozen=True, slots=True)
class Learned:
    """Something to learn; with a session, its place and its day, else with the firm."""

    what: str
    place: str | None = None
    start: date | None = None


def what_is_learned(explanation: mm.ExplanationView | None) -> list[Learned]:
    """At most three things, those a session teaches before the job first."""
    if explanation is None:
        return []
    found = []
    for row in explanation.requirements:
        if row.decides and row.outcome is mm.Outcome.GAP:
            choice = first_session([row])
            if choice is not None:
                place = choice.row.commune.name if choice.row.commune else None
                found.append(Learned(row.label, place, choice.row.start))
    found += [
        Learned(row.label)
        for row in explanation.requirements
        if row.kind in _WITH_FIRM and row.outcome is not mm.Outcome.MET
    ]
    return found[:MOST]
