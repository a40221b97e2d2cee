"""What the tests of administration share."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from portal.models import (
    Organisation,
    OrganisationKind,
    Role,
)
from tests.support.client import CheckingClient
from tests.support.factories import Factory

PASSWORD = "une phrase assez longue"


def new_account(place: Organisation, /, **changed: str) -> dict[str, str]:
    return {
        "first_name": "Dominique",
        "last_name": "Exemple",
        "email": "dominique.exemple@exemple.test",
        "organisation": place.public_id,
        "role": Role.REFERENT.value,
    } | changed


def link_on(page: str) -> str:
    found = re.search(r">http://127\.0\.0\.1:8000(/compte/choisir/[^<]+)<", page)
    assert found, "no link on the page"
    return found.group(1)


def follow(client: CheckingClient, path: str, **data: str) -> str:
    """Post, follow the redirection, and return the page."""
    return client.post(path, data=data, follow_redirects=True).get_data(as_text=True)


def open_account(admin: CheckingClient, make: Factory, session: Session) -> str:
    """Open an account of a referent; the path of its link."""
    place = make.organisation(OrganisationKind.MDS)
    session.commit()
    return link_on(follow(admin, "/comptes/", **new_account(place)))
