"""What may follow what in the life of an immersion (domain reference §4.3)."""

from __future__ import annotations

from portal.access.transitions import Machine
from portal.models import ImmersionState, LabelledEnum
from portal.text import N_

_S = ImmersionState

# Once begun it is never cancelled: its days were used, and must stay in the limits of the law. One
# that stops is assessed, with the last day come.
IMMERSION_MACHINE: Machine[ImmersionState] = Machine(
    {
        _S.DRAFT: frozenset({_S.CHECKED, _S.CANCELLED}),
        _S.CHECKED: frozenset({_S.DRAFT, _S.TO_SIGN, _S.CANCELLED}),
        _S.TO_SIGN: frozenset({_S.PARTLY_SIGNED, _S.CANCELLED}),
        _S.PARTLY_SIGNED: frozenset({_S.IN_VALIDATION, _S.CANCELLED}),
        _S.IN_VALIDATION: frozenset({_S.VALIDATED, _S.REFUSED, _S.CANCELLED}),
        _S.VALIDATED: frozenset({_S.IN_PROGRESS, _S.CANCELLED}),
        _S.IN_PROGRESS: frozenset({_S.ASSESSMENT_DUE}),
        _S.ASSESSMENT_DUE: frozenset({_S.CLOSED}),
        _S.CLOSED: frozenset(),
        _S.REFUSED: frozenset(),
        _S.CANCELLED: frozenset(),
    }
)

#: Still being prepared: its content may change.
EDITABLE_STATES = frozenset({_S.DRAFT, _S.CHECKED})
#: Signatures are gathered.
SIGNING_STATES = frozenset({_S.TO_SIGN, _S.PARTLY_SIGNED})
#: Never begun: they count for nothing in the limits of the law.
VOID_STATES = frozenset({_S.REFUSED, _S.CANCELLED})
#: Nothing more happens.
ENDED_STATES = VOID_STATES | {_S.CLOSED}
#: The firm knows of it, and whom it receives.
HOST_STATES = frozenset(_S) - EDITABLE_STATES - VOID_STATES
#: The tutor may say how it went.
ASSESSABLE_STATES = frozenset({_S.VALIDATED, _S.IN_PROGRESS, _S.ASSESSMENT_DUE})


class RefusalReason(LabelledEnum):
    """Why a prescriber refuses; a closed list (INV-10)."""

    PROJECT = "project", N_("le projet de la personne reste à préciser")
    OBJECTIVES = "objectives", N_("les objectifs ou les tâches sont à revoir")
    FIRM = "firm", N_("l’entreprise ne peut pas accueillir dans ces conditions")
    DATES = "dates", N_("les dates ne conviennent pas")
    OTHER = "other", N_("autre raison")


class CancelReason(LabelledEnum):
    """Why an immersion does not take place; a closed list (INV-10)."""

    PERSON = "person", N_("«\u00a0pas pour moi\u00a0»\u00a0: choix de la personne")
    FIRM = "firm", N_("l’entreprise ne peut plus accueillir")
    HIRED = "hired", N_("la personne est embauchée")
    TRAINING = "training", N_("la personne entre en formation")
    DATES = "dates", N_("les dates changent")
    OTHER = "other", N_("autre raison")


def reason_label(state: ImmersionState, reason: str | None) -> str:
    """The reason of an end, in words."""
    kinds: dict[ImmersionState, type[RefusalReason] | type[CancelReason]] = {
        _S.REFUSED: RefusalReason,
        _S.CANCELLED: CancelReason,
    }
    kind = kinds.get(state)
    return kind(reason).label if kind and reason in set(kind) else ""
