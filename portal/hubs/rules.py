"""What may happen to a cohort, to its people and to what employers promise (§4.3).

The tables are those of the domain reference. Moves it does not name and that life needs are
listed beside them, each with its reason; everything else is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from flask_babel import gettext as _

from portal.access.transitions import IllegalTransitionError, Machine
from portal.models import (
    COHORT_EXIT_STATES,
    Cohort,
    CohortState,
    CommitmentState,
    EmployerCommitment,
    LabelledEnum,
    MembershipState,
)
from portal.text import N_

_C = CohortState
_COHORT_LINE = (
    _C.DRAFT,
    _C.OPEN,
    _C.INFORMATION,
    _C.SELECTION,
    _C.IMMERSION,
    _C.PREPARATION,
    _C.TRAINING,
    _C.HIRING,
    _C.FOLLOW_UP,
    _C.CLOSED,
)
#: Once people are hired a cohort is followed to its end: it is cancelled no more.
_CANCELLABLE = frozenset(_COHORT_LINE[: _COHORT_LINE.index(_C.HIRING)])
#: Nothing more happens to these.
ENDED_COHORT_STATES = frozenset({_C.CLOSED, _C.CANCELLED})
#: From here people enter the training.
STARTED_COHORT_STATES = frozenset({_C.TRAINING, _C.HIRING, _C.FOLLOW_UP})

COHORT: Machine[CohortState] = Machine(
    {
        state: frozenset({after} | ({_C.CANCELLED} if state in _CANCELLABLE else set()))
        for state, after in pairwise(_COHORT_LINE)
    }
)


class CohortEndReason(LabelledEnum):
    """Why a cohort is cancelled."""

    EMPLOYERS = "employers", N_("les employeurs se sont retirés")
    PEOPLE = "people", N_("trop peu de personnes")
    SESSION = "session", N_("la session est annulée")
    FUNDING = "funding", N_("le financement manque")
    DUPLICATE = "duplicate", N_("la cohorte existe déjà")


_M = MembershipState
_LEAVING = frozenset({_M.WITHDRAWN, _M.REDIRECTED, _M.UNREACHABLE})
_MEMBERSHIP_FORWARD: dict[MembershipState, frozenset[MembershipState]] = {
    _M.SOURCED: frozenset({_M.TOLD}),
    _M.TOLD: frozenset({_M.INTERESTED}),
    _M.INTERESTED: frozenset({_M.ENROLLED_INFO}),
    _M.ENROLLED_INFO: frozenset({_M.PRESENT, _M.ABSENT}),
    # Invited again once (T-HUB-05), or ticked by mistake.
    _M.ABSENT: frozenset({_M.ENROLLED_INFO, _M.PRESENT}),
    _M.PRESENT: frozenset({_M.SELECTED, _M.WAITING, _M.NOT_SELECTED, _M.ABSENT}),
    # No immersion to make when one was made already: preparation follows.
    _M.SELECTED: frozenset({_M.IMMERSION_PLANNED, _M.PREPARING, _M.WAITING, _M.NOT_SELECTED}),
    # « 1 waiting list activated » (§3.5): into the group, or, ready already, to the door.
    _M.WAITING: frozenset({_M.SELECTED, _M.READY, _M.NOT_SELECTED}),
    # An immersion that falls through is planned again.
    _M.IMMERSION_PLANNED: frozenset({_M.IMMERSION_DONE, _M.SELECTED}),
    _M.IMMERSION_DONE: frozenset({_M.PREPARING, _M.READY}),
    _M.PREPARING: frozenset({_M.READY}),
    # Ready and no seat left: on the reserve list; or something lacks again.
    _M.READY: frozenset({_M.ADMITTED, _M.WAITING, _M.PREPARING}),
    # Admitted by mistake: the seat is given back.
    _M.ADMITTED: frozenset({_M.IN_TRAINING, _M.READY}),
    # Hired before the end of the training: a positive exit (I-15).
    _M.IN_TRAINING: frozenset({_M.CERTIFIED, _M.HIRED}),
    _M.CERTIFIED: frozenset({_M.HIRED}),
    _M.HIRED: frozenset({_M.FOLLOWED_M3}),
    _M.FOLLOWED_M3: frozenset({_M.FOLLOWED_M6}),
    _M.FOLLOWED_M6: frozenset(),
}
#: Moves that take a step back, or set a mistake right: offered after the others.
CORRECTIONS = frozenset(
    {
        (_M.PRESENT, _M.ABSENT),
        (_M.SELECTED, _M.WAITING),
        (_M.IMMERSION_PLANNED, _M.SELECTED),
        (_M.READY, _M.WAITING),
        (_M.READY, _M.PREPARING),
        (_M.ADMITTED, _M.READY),
    }
)
_DROPS_FROM = frozenset(
    {_M.IN_TRAINING, _M.CERTIFIED, _M.HIRED, _M.FOLLOWED_M3, _M.IMMERSION_PLANNED, _M.PREPARING}
)
_LEAVES_FROM = frozenset(_MEMBERSHIP_FORWARD) - {
    _M.IN_TRAINING,
    _M.HIRED,
    _M.FOLLOWED_M3,
    _M.FOLLOWED_M6,
}


def _exits(state: MembershipState) -> frozenset[MembershipState]:
    leaving = _LEAVING if state in _LEAVES_FROM else frozenset()
    return leaving | (frozenset({_M.DROPPED}) if state in _DROPS_FROM else frozenset())


MEMBERSHIP: Machine[MembershipState] = Machine(
    {state: after | _exits(state) for state, after in _MEMBERSHIP_FORWARD.items()}
    # Somebody who calls back is told of the cohort again.
    | {_M.UNREACHABLE: frozenset({_M.TOLD})}
)

_E = CommitmentState
COMMITMENT: Machine[CommitmentState] = Machine(
    {
        _E.PROMISED: frozenset({_E.CONFIRMED, _E.REDUCED, _E.WITHDRAWN}),
        _E.CONFIRMED: frozenset({_E.FULFILLED, _E.REDUCED, _E.WITHDRAWN}),
        # What is left is confirmed again by the employer before it counts (§4.3: the jobs
        # counted are those promised and confirmed); a second loss may follow a first.
        _E.REDUCED: frozenset({_E.CONFIRMED, _E.REDUCED, _E.WITHDRAWN}),
    }
)
#: The commitments whose jobs can be counted on; « réalisé » is a promise kept.
STANDING = frozenset({_E.PROMISED, _E.CONFIRMED, _E.FULFILLED})
LOST = frozenset({_E.REDUCED, _E.WITHDRAWN})

#: A cohort closes when each of its people is there, or left with a next step.
SETTLED = COHORT_EXIT_STATES | {_M.HIRED, _M.FOLLOWED_M3, _M.FOLLOWED_M6}


def standing_jobs(commitments: Iterable[EmployerCommitment]) -> int:
    """The jobs that can be counted on: promised, confirmed or already done."""
    return sum(row.jobs for row in commitments if row.state in STANDING)


def missing_jobs(cohort: Cohort) -> int:
    """How many jobs lack for every seat to have one."""
    return max(0, cohort.seats - standing_jobs(cohort.commitments))


def check_cohort(
    cohort: Cohort, target: CohortState, counts: Mapping[MembershipState, int]
) -> None:
    """Raise unless the guards of the target hold; ``counts`` is the people by state.

    Opening with fewer jobs than seats needs an override already signed on the cohort (T-HUB-01).
    """
    COHORT.check(cohort.state, target)
    guard = _GUARDS.get(target)
    if message := guard(cohort, counts) if guard else None:
        raise IllegalTransitionError(message)


def _opens(cohort: Cohort, _counts: Mapping[MembershipState, int]) -> str | None:
    if cohort.session_id is None:
        return str(_("Choisissez d’abord la session de formation."))
    lacking = missing_jobs(cohort)
    if lacking and cohort.override_reason is None:
        return str(
            _(
                "Les employeurs promettent %(jobs)d postes pour %(seats)d places."
                " Il en manque %(lacking)d, ou une dérogation motivée.",
                jobs=cohort.seats - lacking,
                seats=cohort.seats,
                lacking=lacking,
            )
        )
    return None


def _starts(cohort: Cohort, counts: Mapping[MembershipState, int]) -> str | None:
    admitted = counts.get(_M.ADMITTED, 0)
    if admitted >= cohort.threshold:
        return None
    return str(
        _(
            "La formation commence à %(threshold)d personnes admises. Il y en a %(admitted)d.",
            threshold=cohort.threshold,
            admitted=admitted,
        )
    )


def _closes(_cohort: Cohort, counts: Mapping[MembershipState, int]) -> str | None:
    left = sum(count for state, count in counts.items() if state not in SETTLED)
    if not left:
        return None
    return str(
        _(
            "%(count)d personnes n’ont encore ni emploi ni suite notée."
            " Dites d’abord ce que chacune fait ensuite.",
            count=left,
        )
    )


_GUARDS = {_C.OPEN: _opens, _C.TRAINING: _starts, _C.CLOSED: _closes}


def check_membership(cohort: Cohort, source: MembershipState, target: MembershipState) -> None:
    """Raise unless a person of the cohort may go from one state to the other now."""
    MEMBERSHIP.check(source, target)
    if cohort.state in ENDED_COHORT_STATES and target not in COHORT_EXIT_STATES:
        raise IllegalTransitionError(
            str(
                _(
                    "La cohorte est %(state)s\u00a0: seule une suite peut être notée.",
                    state=cohort.state.label,
                )
            )
        )
    if target is _M.IN_TRAINING and cohort.state not in STARTED_COHORT_STATES:
        raise IllegalTransitionError(str(_("La formation de la cohorte n’a pas encore commencé.")))


def legal_targets(cohort: Cohort, source: MembershipState) -> list[MembershipState]:
    """Where a person in that state may go now, in the order of the pathway, exits last."""
    found = []
    for target in MembershipState:
        try:
            check_membership(cohort, source, target)
        except IllegalTransitionError:
            continue
        found.append(target)
    return found
