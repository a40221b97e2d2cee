"""The next gates of a positioning: what may be done, by whom, in words, and how it is recorded."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.enrolments import actions
from portal.enrolments.rules import ENROLMENT_MACHINE, Side
from portal.models import AgreementChannel, Enrollment, EnrollmentReason, EnrollmentState
from portal.text import N_

_S = EnrollmentState
_P, _O = Side.PRESCRIBER, Side.ORGANISER


@dataclass(frozen=True, slots=True)
class Step:
    """An action: its address, the state it leads to, who does it, its button and its answer."""

    action: str
    target: EnrollmentState
    sides: frozenset[Side]
    label: str
    said: str
    record: Callable[..., object]
    read: Callable[[Any], dict[str, Any]] = lambda _form: {}
    #: Fields to fill before pressing: shown folded, not as a mere button.
    has_fields: bool = False
    #: States from which it is possible beyond the machine's table (a chain of two moves).
    also_from: tuple[EnrollmentState, ...] = ()
    #: States from which the machine allows it, for the seats alone to do.
    never_from: tuple[EnrollmentState, ...] = ()


def _agreement(form: Any) -> dict[str, Any]:
    return {"channel": AgreementChannel(form.channel.data), "on": form.on.data}


def _reference(form: Any) -> dict[str, Any]:
    return {"external_ref": form.external_ref.data}


def _reason(form: Any) -> dict[str, Any]:
    return {"reason": EnrollmentReason(form.reason.data)}


def _day(form: Any) -> dict[str, Any]:
    return {"on": form.on.data}


def _breakdown(target: EnrollmentState) -> Callable[[Any], dict[str, Any]]:
    def read(form: Any) -> dict[str, Any]:
        reason = EnrollmentReason(form.reason.data)
        words = (form.note.data or "").strip() or None
        return {"breakdown": actions.Breakdown(target, reason, form.last_present_on.data, words)}

    return read


STEPS = (
    Step(
        "accord",
        _S.AGREED,
        frozenset({_P}),
        N_("Noter l’accord"),
        N_("Accord noté"),
        actions.record_agreement,
        _agreement,
        has_fields=True,
    ),
    Step(
        "positionner",
        _S.POSITIONED,
        frozenset({_P}),
        N_("Positionner"),
        N_("Positionnement noté"),
        actions.position,
        _reference,
        has_fields=True,
    ),
    Step(
        "inviter",
        _S.INVITED,
        frozenset({_O}),
        N_("Inviter à l’information"),
        N_("Invitation notée"),
        actions.invite,
    ),
    Step(
        "present",
        _S.PRESENT,
        frozenset({_O}),
        N_("Noter la présence"),
        N_("Présence notée"),
        actions.record_present,
    ),
    Step(
        "absent",
        _S.ABSENT,
        frozenset({_O}),
        N_("Noter l’absence"),
        N_("Absence notée"),
        actions.record_absent,
    ),
    Step(
        "candidat",
        _S.CANDIDATE,
        frozenset({_O}),
        N_("Veut entrer"),
        N_("Candidature notée"),
        actions.record_candidate,
    ),
    Step(
        "retenir",
        _S.SELECTED,
        frozenset({_O}),
        N_("Retenir"),
        N_("Sélection notée"),
        actions.select_person,
        never_from=(_S.WAITING,),
    ),
    Step(
        "admettre",
        _S.ADMITTED,
        frozenset({_O}),
        N_("Admettre"),
        N_("Admission notée"),
        actions.admit,
        also_from=(_S.CANDIDATE, _S.WAITING),
    ),
    Step(
        "attente",
        _S.WAITING,
        frozenset({_O}),
        N_("Mettre en liste d’attente"),
        N_("En liste d’attente"),
        actions.put_to_wait,
    ),
    Step(
        "entree",
        _S.ENTERED,
        frozenset({_O}),
        N_("Déclarer l’entrée"),
        N_("Entrée déclarée"),
        actions.record_entry,
        _day,
        has_fields=True,
    ),
    Step(
        "terminer",
        _S.COMPLETED,
        frozenset({_O}),
        N_("Formation terminée"),
        N_("Fin de formation notée"),
        actions.record_completion,
        _day,
        has_fields=True,
    ),
    Step(
        "non-retenir",
        _S.NOT_SELECTED,
        frozenset({_O}),
        N_("Ne pas retenir"),
        N_("Décision notée"),
        actions.record_refusal,
        _reason,
        has_fields=True,
    ),
    Step(
        "annuler",
        _S.CANCELLED,
        frozenset({_P, _O}),
        N_("La personne renonce"),
        N_("Annulation notée"),
        actions.cancel,
        _reason,
        has_fields=True,
    ),
    Step(
        "abandon",
        _S.DROPPED,
        frozenset({_P, _O}),
        N_("Noter un arrêt"),
        N_("Arrêt noté"),
        actions.record_breakdown,
        _breakdown(_S.DROPPED),
        has_fields=True,
    ),
    Step(
        "exclusion",
        _S.EXCLUDED,
        frozenset({_O}),
        N_("Noter une exclusion"),
        N_("Exclusion notée"),
        actions.record_breakdown,
        _breakdown(_S.EXCLUDED),
        has_fields=True,
    ),
)
BY_ACTION = {step.action: step for step in STEPS}


def next_steps(state: EnrollmentState, sides: Collection[Side]) -> list[Step]:
    """What may follow a state for somebody on these sides."""
    return [
        step
        for step in STEPS
        if step.sides & set(sides)
        and state not in step.never_from
        and (ENROLMENT_MACHINE.allows(state, step.target) or state in step.also_from)
    ]


def record_step(
    session: Session, actor: Actor, *, rows: Collection[Enrollment], step: Step, form: Any
) -> str:
    """Record an action on one person or several; what to say of it.

    Rows are taken in the order of their ids, so that two professionals at once do not wait for
    one another.
    """
    arguments = step.read(form)
    waiting = 0
    for row in sorted(rows, key=lambda row: row.id):
        _check_offered(row, step)
        given = step.record(session, actor, enrolment=row, **arguments)
        waiting += given is False
    return _said(step, len(rows) - waiting, waiting)


def _check_offered(row: Enrollment, step: Step) -> None:
    """What only the seats may do is refused, whatever an address asks."""
    if row.state in step.never_from:
        raise IllegalTransitionError(
            _("Cette personne attend son tour\u00a0: la place vient de la liste d’attente.")
        )


def _said(step: Step, done: int, waiting: int) -> str:
    parts = [f"{_(step.said)} : {done}."] if done != 1 or waiting else [f"{_(step.said)}."]
    if waiting:
        parts = parts if done else []
        parts.append(str(_("Plus de place, en liste d’attente : %(num)d.", num=waiting)))
    return " ".join(parts)
