"""Where hires are read: the list, the file of the person."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.hires import recording
from portal.hires.rules import Terms
from portal.models import (
    ContractKind,
)
from tests.portal.hires.conftest import Site, acting
from tests.portal.hires.support import text_of
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory
from tests.support.queries import count_queries


def test_a_person_who_has_left_is_in_no_list(
    client: CheckingClient, session: Session, site: Site
) -> None:
    site.hire()
    site.person.objected_at = clock.now()
    session.commit()
    sign_in(client, session, site.referent)
    assert "Amina" not in text_of(client, "/embauches?vue=current")


def test_the_file_of_the_person_tells_its_jobs(
    client: CheckingClient, session: Session, site: Site
) -> None:
    site.hire()
    session.commit()
    sign_in(client, session, site.referent)
    page = text_of(client, f"/personnes/{site.person.public_id}")
    assert "Terrassements Essai" in page
    assert "Enregistrer une embauche" in page


def test_the_list_asks_as_much_of_the_database_for_one_hire_as_for_twenty(
    client: CheckingClient, session: Session, site: Site, database: Database, make: Factory
) -> None:
    site.hire(start=clock.today() - timedelta(days=8))
    session.commit()
    sign_in(client, session, site.referent)
    text_of(client, "/embauches")
    with count_queries(database.engine) as one:
        text_of(client, "/embauches")
    for _ in range(15):
        recording.record_hire(
            session,
            acting(site.referent),
            person=make.person(referent=site.referent),
            establishment=make.establishment(commune_code=make.commune().code),
            terms=Terms(ContractKind.CDI, clock.today() - timedelta(days=8), None, 35.0),
        )
    session.commit()
    with count_queries(database.engine) as many:
        text_of(client, "/embauches")
    assert many.count <= one.count + 1
    fragment = client.get("/embauches?vue=due", hx=True).get_data(as_text=True)
    assert fragment.strip().startswith('<div id="liste">')
