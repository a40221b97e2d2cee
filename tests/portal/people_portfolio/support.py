"""People of every kind, and the text of a page."""

from __future__ import annotations

from datetime import timedelta

from portal import clock
from portal.models import (
    Account,
    Credential,
    Interest,
    PastTrade,
)
from tests.support.client import CheckingClient
from tests.support.factories import LENS, Factory


def text_of(client: CheckingClient, path: str, **options: object) -> str:
    response = client.get(path, **options)  # type: ignore[arg-type]
    assert response.status_code == 200, path
    return response.get_data(as_text=True)


def make_varied(make: Factory, referent: Account) -> None:
    today = clock.today()
    mason, driver = make.occupation("F1703", "Maçon"), make.occupation("N1101", "Cariste")
    skill, licence = make.skill("tp.niveler", "Régler un niveau"), make.credential_type()
    built = make.person(
        referent=referent,
        last_name="Bâtisseur",
        place=LENS,
        modes="car",
        last_contact_on=today,
        available_from=today + timedelta(days=90),
    )
    make.add(PastTrade(person_id=built.id, occupation_code=mason.code, years=4))
    make.knows(built, skill)
    make.add(
        Credential(person_id=built.id, type_code=licence.code, expires_on=today + timedelta(days=9))
    )
    driven = make.person(
        referent=referent,
        last_name="Conducteur",
        modes="bus",
        last_contact_on=today - timedelta(days=60),
    )
    make.add(Interest(person_id=driven.id, occupation_code=driver.code, liking=1))
    make.add(Interest(person_id=driven.id, occupation_code=mason.code, liking=-1))
    make.knows(driven, skill, 0)
    make.add(
        Credential(
            person_id=driven.id, type_code=licence.code, expires_on=today - timedelta(days=1)
        )
    )
