"""Why somebody left a cohort: in full for those who open files, never for a hub (§4.8)."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal.models import COHORT_EXIT_STATES, ExitReason, MembershipState
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub

HIDDEN = (ExitReason.HEALTH_FAMILY, ExitReason.CHILDCARE, ExitReason.MONEY)


@pytest.mark.parametrize("reason", [*HIDDEN, ExitReason.TRAVEL])
def test_a_personal_reason_is_for_those_who_open_files(
    client: CheckingClient, session: Session, hub: Hub, reason: ExitReason
) -> None:
    cohort = hub.cohort()
    row = hub.member(
        cohort,
        MembershipState.NOT_SELECTED,
        exit_reason=reason,
        next_step="Point avec le référent",
        next_step_owner_id=hub.prescriber.organisation.id,
    )
    assert row.state in COHORT_EXIT_STATES
    own = f"/hubs/{cohort.public_id}/personnes/{row.public_id}"
    sign_in(client, session, hub.coordinator)
    for address in (f"/hubs/{cohort.public_id}", own, f"/hubs/{cohort.public_id}/selection"):
        page = client.get(address).get_data(as_text=True).lower()
        assert "point avec le référent" in page
        assert ("raison personnelle" in page) is (reason in HIDDEN)
        assert (reason.label in page) is (reason not in HIDDEN)
    sign_in(client, session, hub.referent)
    page = client.get(own).get_data(as_text=True).lower()
    assert reason.label in page
    assert "raison personnelle" not in page
