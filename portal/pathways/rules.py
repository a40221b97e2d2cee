"""Which moves a pathway and its steps may make (domain reference §4.3)."""

from __future__ import annotations

from portal.access.transitions import Machine
from portal.models import PathwayState, StepState

_P, _S = PathwayState, StepState

PATHWAY = Machine[PathwayState](
    {
        _P.DRAFT: frozenset({_P.PROPOSED, _P.REPLACED}),
        _P.PROPOSED: frozenset({_P.ACCEPTED, _P.REPLACED}),
        _P.ACCEPTED: frozenset({_P.IN_PROGRESS, _P.BROKEN, _P.REPLACED}),
        _P.IN_PROGRESS: frozenset({_P.PAUSED, _P.REACHED, _P.BROKEN, _P.REPLACED}),
        _P.PAUSED: frozenset({_P.IN_PROGRESS, _P.BROKEN, _P.REPLACED}),
    }
)

STEP = Machine[StepState](
    {
        _S.TO_DO: frozenset({_S.IN_PROGRESS, _S.DONE, _S.CANCELLED}),
        _S.IN_PROGRESS: frozenset({_S.DONE, _S.CANCELLED}),
    }
)
