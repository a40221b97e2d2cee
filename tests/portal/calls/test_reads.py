"""What a firm said of somebody is read in the list of calls: that read is in the access log."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.calls.queries import record_call
from portal.models import AccessLog, CallReason, Hire, Role
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory
from tests.support.one_of_each import hire


def test_whom_a_firm_complains_of_is_noted_as_read(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    adviser = make.account(Role.ADVISER)
    person, other = (make.person(referent=adviser) for _ in range(2))
    offer = make.offer(adviser)
    row: Hire = hire(make, person, offer, adviser)["hire"]
    record_call(
        session,
        reason=CallReason.LATE,
        due_on=clock.today(),
        establishment=offer.establishment,
        organisation_id=offer.organisation_id,
        subject=row,
        note=f"Deux retards de {person.full_name}.",
    )
    sign_in(client, session, adviser)
    assert person.full_name in client.get("/appels?qui=structure").get_data(as_text=True)
    read = set(session.scalars(select(AccessLog.person_id)))
    assert person.id in read
    assert other.id not in read
