"""The firm of a convention: the one meant, never made twice, kept with it alone."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import Establishment, Immersion
from tests.portal.immersions.conftest import Place, form_of, new_url
from tests.support.client import CheckingClient

NEW_SIRET = "44306184100047"


def test_a_new_firm_is_kept_with_the_convention_by_the_one_rule_of_employers(
    referent: CheckingClient, session: Session, place: Place
) -> None:
    data = form_of(place, employer=f"Menuiserie Neuve {NEW_SIRET}")
    check = f"/immersions/verification?personne={place.person.public_id}"
    assert "Toutes les règles sont respectées" in referent.post(check, data=data, hx=True).text
    assert count_firms(session) == 1
    refused = data | {"end": (clock.today() + timedelta(days=60)).isoformat()}
    assert referent.post(new_url(place), data=refused).status_code == 422
    assert count_firms(session) == 1
    assert referent.post(new_url(place), data=data).status_code == 303
    firm = session.scalars(select(Immersion)).one().establishment
    assert (firm.siret, firm.search_name) == (NEW_SIRET, "menuiserie neuve")
    assert firm.owner_id == place.referent.memberships[0].organisation_id


def test_a_firm_noted_without_its_siret_is_not_made_twice(
    referent: CheckingClient, session: Session, place: Place
) -> None:
    known = place.make.establishment(name="SARL Menuiserie Neuve", siret=None)
    session.commit()
    data = form_of(place, employer=f"Menuiserie Neuve {NEW_SIRET}")
    asked = referent.post(new_url(place), data=data)
    assert asked.status_code == 422
    assert "Choisissez la bonne" in asked.text
    assert f'value="{known.public_id}"' in asked.text
    data["establishment"] = known.public_id
    check = f"/immersions/verification?personne={place.person.public_id}"
    assert "Toutes les règles sont respectées" in referent.post(check, data=data, hx=True).text
    session.refresh(known)
    assert known.siret is None
    assert referent.post(new_url(place), data=data).status_code == 303
    session.refresh(known)
    assert known.siret == NEW_SIRET
    assert session.scalars(select(Immersion)).one().establishment_id == known.id
    assert count_firms(session) == 2


def test_the_firm_one_comes_from_is_the_one_meant_among_homonyms(
    referent: CheckingClient, session: Session, place: Place
) -> None:
    first, second = (place.make.establishment(name="Dupuis", siret=None) for _ in range(2))
    session.commit()
    for firm in (first, second):
        page = referent.get(f"{new_url(place)}&entreprise={firm.public_id}").text
        assert re.search(rf'<option selected[^>]* value="{firm.public_id}"', page)


def count_firms(session: Session) -> int:
    return session.scalar(select(func.count(Establishment.id))) or 0
