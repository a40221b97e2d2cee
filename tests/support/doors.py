"""Coming in through a door without its link: what the tests of the spaces start from."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from portal import clock
from portal.access.actor import Actor
from portal.db import Database
from portal.models import DoorLink, DoorSession, EmployerContact, Person
from portal.web.doorstep import digest_of

COOKIE = "ecluse-door"


def enter(
    client: FlaskClient,
    database: Database,
    bearer: Person | EmployerContact,
    *,
    confirmed: bool = True,
    link: DoorLink | None = None,
    helper: Actor | None = None,
    language: str | None = None,
) -> None:
    """Give the client's browser a visit of this person or contact."""
    token, now = secrets.token_urlsafe(16), clock.now()
    values: dict[str, Any] = {
        "person_id": bearer.id if isinstance(bearer, Person) else None,
        "contact_id": bearer.id if isinstance(bearer, EmployerContact) else None,
        "helper_id": helper.account.id if helper else None,
        "helper_organisation_id": helper.organisation.id if helper else None,
        "agreed_at": now if helper else None,
    }
    with database.transaction() as session:
        session.add(
            DoorSession(
                digest=digest_of(token),
                link_id=link.id if link else None,
                confirmed_at=now if confirmed else None,
                language=language,
                idle_minutes=60,
                expires_at=now + timedelta(hours=2),
                **values,
            )
        )
    client.set_cookie(COOKIE, token)
