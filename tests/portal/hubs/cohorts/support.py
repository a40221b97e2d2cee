"""What the tests of cohorts share."""

from __future__ import annotations

from portal.models import (
    CohortState,
    MembershipState,
)

S, C = MembershipState, CohortState
