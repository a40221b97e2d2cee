"""What the screens of positionings show: rows and forms, ready for the templates."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.enrolments import attending, queries, rules
from portal.enrolments.alternatives import list_alternatives
from portal.enrolments.eligibility import Eligibility, codes_at, evaluate
from portal.enrolments.forms import SchemeForm, form_for
from portal.enrolments.rules import Side
from portal.enrolments.seats import count_taken
from portal.enrolments.steps import Step, next_steps
from portal.models import (
    AccessKind,
    Enrollment,
    EnrollmentState,
    Person,
    Role,
    TrainingSession,
)
from portal.today.tasks import working_days_after
from portal.trainings.queries import can_correct
from portal.web.forms import Form

_S = EnrollmentState


@dataclass(frozen=True, slots=True)
class Shelf:
    """The people in one state, what may follow, and the forms of what asks something."""

    state: EnrollmentState
    rows: list[Enrollment]
    steps: list[Step]
    forms: dict[str, Form]


def shelves(rows: Sequence[Enrollment], sides: Collection[Side]) -> list[Shelf]:
    """The board: people by state, in its order."""
    found = []
    for state, group in groupby(rows, key=lambda row: row.state):
        steps = next_steps(state, sides)
        forms = {
            step.action: form_for(step.action, empty=True, where=f"{state.value}-")
            for step in steps
            if step.has_fields
        }
        found.append(Shelf(state, list(group), steps, forms))
    return found


def name_for(actor: Actor, row: Enrollment) -> str:
    """A hub reads a card: first name and initial (domain reference §4.8)."""
    return row.person.short_name if actor.role is Role.HUB else row.person.full_name


def eligibility_of(row: Enrollment) -> Eligibility:
    """What the person's statuses open in the session's scheme, on its first day."""
    today, start = clock.today(), row.session.start
    return evaluate(row.session.scheme, codes_at(row.person.statuses, today), max(start, today))


def turn_of(row: Enrollment) -> str | None:
    """The one structure that the next step belongs to; None at the end."""
    if row.state in rules.ENDED_STATES:
        return None
    if row.state in rules.PRIVATE_STATES:
        return row.prescriber.name
    action = row.session.action
    return action.organisation.name if action.organisation else action.organiser_name


def entry_is_late(row: Enrollment) -> bool:
    """Admitted, and no entry declared three working days after the first day."""
    limit = working_days_after(row.session.start, rules.ENTRY_WORKING_DAYS)
    return row.state is _S.ADMITTED and clock.today() > limit


def show_context(session: Session, actor: Actor, row: Enrollment) -> dict[str, Any]:
    """The page of a positioning."""
    sides = queries.sides_of(session, actor, row.session)
    steps = next_steps(row.state, sides)
    unexplained = queries.unexplained_of(session, [row.id]).get(row.id, 0)
    opens_file = actor.can(Capability.PEOPLE_READ)
    return {
        "row": row,
        "name": name_for(actor, row),
        "opens_file": opens_file,
        "reason": rules.shown_reason(row.reason, opens_file=opens_file),
        "turn": turn_of(row),
        "before_entry": row.state not in rules.TRAINED_STATES | rules.BROKEN_STATES,
        "sides": sides,
        "steps": steps,
        "forms": {step.action: form_for(step.action, empty=True) for step in steps},
        "failed": None,
        "failed_action": None,
        "eligibility": eligibility_of(row),
        "late_entry": entry_is_late(row),
        "known_late": rules.known_late(row),
        "to_explain": rules.absences_to_explain(unexplained, row.absences_seen),
        "weeks": queries.list_weeks(session, row),
        "blocks": queries.list_blocks(session, row),
        "history": queries.list_history(session, row),
        "state_label": lambda value: EnrollmentState(value).label if value else "",
        "alternatives": list_alternatives(session, row)
        if row.state in rules.BROKEN_STATES and opens_file
        else [],
        "broken": row.state in rules.BROKEN_STATES,
        **_results(session, row, sides),
    }


def _results(session: Session, row: Enrollment, sides: Collection[Side]) -> dict[str, Any]:
    """What can be said of presence and results by who gives the training."""
    gives = Side.ORGANISER in sides
    present, trained = row.state in rules.PRESENT_STATES, row.state in rules.TRAINED_STATES
    return {
        "gives": gives,
        "week_form": form_for("semaine", empty=True) if gives and present else None,
        "block_form": form_for("bloc", empty=True) if gives and trained else None,
        "levels_form": form_for("evaluation", empty=True) if gives and trained else None,
        "certified_form": form_for("certification", empty=True) if gives and trained else None,
        "reference_form": form_for("reference", empty=True) if Side.PRESCRIBER in sides else None,
        "taught": attending.list_taught(session, row) if trained else [],
        "delivered": attending.list_delivered(session, row) if trained else [],
    }


def board_context(
    session: Session, actor: Actor, row: TrainingSession, text: str
) -> dict[str, Any]:
    """The page of a session's positionings."""
    sides = queries.sides_of(session, actor, row)
    rows = queries.list_of_session(session, actor, row)
    log_read(actor, [one.person_id for one in rows], AccessKind.LIST, f"session {row.public_id}")
    follows = Side.PRESCRIBER in sides
    found = queries.list_people_to_position(session, actor, row, text) if follows and text else []
    log_read(actor, [one.id for one in found], AccessKind.LIST, f"session {row.public_id}")
    return {
        "row": row,
        "shelves": shelves(rows, sides),
        "unexplained": queries.unexplained_of(session, [one.id for one in rows]),
        "follows": follows,
        "keeps_sheet": Side.ORGANISER in sides
        and any(one.state in rules.PRESENT_STATES for one in rows),
        "text": text,
        "found": found,
        "found_cut": len(found) == queries.MOST_FOUND,
        "failed": None,
        "failed_shelf": None,
        "ticked": [],
        "entry_is_late": entry_is_late,
        **seats_context(session, row),
    }


def seats_context(session: Session, row: TrainingSession) -> dict[str, Any]:
    """The figures of a session's seats."""
    states = queries.states_of_session(session, row)
    return {
        "taken": count_taken(session, row),
        "waiting": states.get(_S.WAITING, 0),
        # Nobody looks for a seat in what is over.
        "over": row.end < clock.today(),
        "positioned": sum(
            count
            for state, count in states.items()
            if state not in rules.ENDED_STATES | rules.PRIVATE_STATES
        ),
    }


def of_session(session: Session, actor: Actor, row: TrainingSession) -> dict[str, Any] | None:
    """What the page of a session says of its seats; None for who works on none of them."""
    if not actor.can(Capability.ENROLMENTS):
        return None
    if queries.get_session(session, actor, row.public_id) is None:
        return None
    rows = queries.list_of_session(session, actor, row)
    log_read(actor, [one.person_id for one in rows], AccessKind.LIST, f"session {row.public_id}")
    return {
        "rows": rows,
        "known": {one.person_id for one in rows if one.state is not _S.CANCELLED},
        "follows": Side.PRESCRIBER in queries.sides_of(session, actor, row),
        **seats_context(session, row),
    }


def scheme_form(session: Session, actor: Actor, row: TrainingSession) -> SchemeForm | None:
    """The field of the scheme, for who may correct the session."""
    if not can_correct(session, actor, row):
        return None
    form = SchemeForm(formdata=None)
    form.scheme.data = row.scheme.value if row.scheme else ""
    return form


def of_person(session: Session, actor: Actor, person: Person) -> list[Enrollment]:
    """The positionings of a person."""
    return queries.list_of_person(session, actor, person)
