"""Every screen takes what the words say without doubt, and asks about the rest."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import matchmaking as mm
from portal.models import (
    Account,
    Cohort,
    Credential,
    EmployerNeed,
    JobOffer,
    OrganisationKind,
    Person,
    Role,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub
from tests.support.factories import ARRAS, Factory

TWO_MEANINGS = "ménage"


@pytest.fixture
def cleaning(make: Factory) -> None:
    """The two occupations that « ménage » means, and one that leaves no doubt."""
    make.occupation("K1304", "Employé familial / Employée familiale")
    make.occupation("K2205", "Agent / Agente de propreté de locaux")
    make.occupation("N1101", "Cariste")
    make.session.commit()


@pytest.fixture
def person(make: Factory, client: CheckingClient, session: Session) -> Person:
    """A person whose référent is signed in; two credentials and a skill are known."""
    referent = make.account(Role.REFERENT)
    make.credential_type("permis_c", "Permis C")
    make.credential_type("caces_r489_3", "CACES R489 catégorie 3")
    make.skill("tp.poser", "Poser une canalisation")
    row = make.person(referent=referent)
    sign_in(client, session, referent)
    return row


def test_only_a_single_near_and_reliable_reading_is_sure(make: Factory, cleaning: None) -> None:
    def sure(words: str) -> str | None:
        match = mm.sure_occupation(mm.resolve_occupations(make.session, words))
        return match.code if match else None

    assert sure("cariste") == "N1101"
    assert sure("Cariste H/F") == "N1101"
    assert sure(TWO_MEANINGS) is None
    assert sure("travail en usine") is None
    assert mm.sure_occupation([]) is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("permis C", [("credential", "permis_c")]),
        ("sans permis C", []),
        ("permis C et poser une canalisation", [("credential", "permis_c"), ("skill", "tp.poser")]),
        ("anglais courant", []),
        ("poser des canalisations", [("skill", "tp.poser")]),
    ],
)
def test_words_are_resolved_to_what_can_be_recorded(
    make: Factory, person: Person, words: str, expected: list[tuple[str, str]]
) -> None:
    assert [(m.kind, m.code) for m in mm.resolve_skills(make.session, words)] == expected


def test_a_credential_unknown_here_is_not_proposed(make: Factory, person: Person) -> None:
    assert mm.resolve_skills(make.session, "permis D") == []


def test_what_a_person_says_they_can_do_comes_back_by_kind(
    client: CheckingClient, person: Person, cleaning: None
) -> None:
    said = "permis C, caces 3, anglais courant, cariste, poser des canalisations"
    url = f"/personnes/{person.public_id}/competences"
    page = client.post(f"{url}/mots", data={"words": said}).get_data(as_text=True)
    assert 'name="credential-permis_c"' in page
    assert 'name="credential-caces_r489_3"' in page
    assert "Langue\u00a0: anglais" in page
    assert '<option value="C1" selected>' in page
    assert 'name="level-tp.poser"' in page
    assert "C’est un métier." in page
    assert f'href="{url}?metier=cariste#metiers-exerces"' in page
    assert 'value="cariste"' in client.get(f"{url}?metier=cariste").get_data(as_text=True)


def test_an_offer_says_what_is_no_requirement(
    client: CheckingClient, session: Session, make: Factory, cleaning: None
) -> None:
    make.credential_type("permis_c", "Permis C")
    sign_in(client, session, make.account(Role.ADVISER))
    client.post("/offres/nouvelle")
    offer = session.scalars(select(JobOffer)).one()

    def asked(words: str) -> str:
        address = f"/offres/{offer.public_id}/champ/other_requirement"
        return client.post(address, data={"other_requirement": words}, hx=True).get_data(
            as_text=True
        )

    assert "«\u00a0anglais\u00a0» est une langue" in asked("anglais courant")
    assert "est un métier\u00a0: demandez plutôt un geste" in asked("cariste")
    assert 'name="requirement:credential:permis_c"' in asked("permis C")


def test_the_list_of_people_asks_which_trade_is_meant(
    client: CheckingClient, person: Person, cleaning: None
) -> None:
    page = client.get("/personnes", query_string={"metier": TWO_MEANINGS}).get_data(as_text=True)
    assert "Rien n’est filtré avant votre choix" in page
    assert "Employé familial" in page
    assert person.last_name in page
    sure = client.get("/personnes?metier=cariste").get_data(as_text=True)
    assert "Métier compris" in sure
    assert f">{person.last_name}" not in sure


def test_a_licence_typed_as_a_skill_filters_on_the_licence(
    client: CheckingClient, make: Factory, person: Person
) -> None:
    page = client.get("/personnes?sait=permis+C").get_data(as_text=True)
    assert "Compétence comprise\u00a0: «\u00a0Permis C\u00a0»" in page
    assert person.last_name not in page
    make.add(Credential(person_id=person.id, type_code="permis_c", held=True))
    make.session.commit()
    assert person.last_name in client.get("/personnes?sait=permis+C").get_data(as_text=True)


def test_a_cohort_asks_which_trade_is_meant(
    client: CheckingClient, session: Session, make: Factory, cleaning: None
) -> None:
    sign_in(client, session, Hub.build(make).coordinator)
    form = {"title": "Printemps", "seats": "12", "threshold": "9", "project": ""}
    asked = client.post("/hubs/nouvelle", data=form | {"occupation": TWO_MEANINGS})
    assert asked.status_code == 422
    page = asked.get_data(as_text=True)
    assert 'value="K1304"' in page
    assert 'value="K2205"' in page
    assert "checked" not in page.partition("Quel métier est-ce")[2].partition("</fieldset>")[0]
    assert client.post("/hubs/nouvelle", data=form | {"occupation": "cariste"}).status_code == 303
    assert session.scalars(select(Cohort)).one().occupation_code == "N1101"


@pytest.mark.parametrize(("trade", "code"), [(TWO_MEANINGS, None), ("cariste", "N1101")])
def test_a_need_keeps_a_trade_only_without_doubt(
    client: CheckingClient,
    session: Session,
    make: Factory,
    cleaning: None,
    trade: str,
    code: str | None,
) -> None:
    make.commune(ARRAS)
    adviser: Account = make.account(Role.ADVISER)
    platform = adviser.memberships[0].organisation
    platform.kind, platform.departement_code = OrganisationKind.PLATFORM, "62"
    session.commit()
    need = {"trade": trade, "posts": "1", "place": "Arras", "employer": "Travaux Dubois"}
    need |= {"contact": "Paul Renard", "phone": "06 39 98 12 34"}
    assert client.post("/entreprise/besoin", data=need).status_code in (302, 303)
    assert session.scalars(select(EmployerNeed)).one().occupation_code == code
