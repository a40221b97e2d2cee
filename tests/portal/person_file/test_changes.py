"""The file of a person: created, changed, archived."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    Account,
    AgreementChannel,
    DomainEvent,
    Interest,
    IntroductionState,
    Person,
    Referral,
    Role,
)
from portal.people import rules
from portal.phones import normalise_phone
from tests.portal.person_file.support import introduced
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import CAMBRAI, LENS, Factory

IDENTITY = {
    "first_name": "Inès",
    "last_name": "Delorme",
    "contact_preference": "phone",
    "informed": "y",
    "shared_channel": "meeting",
}


def test_a_new_person_is_led_by_who_creates_the_file(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make.commune()
    sign_in(client, session, referent)
    data = {**IDENTITY, "phone": "+33 6 12-34.56 78", "commune": "62000", "shared": "y"}
    response = client.post("/personnes/nouvelle", data=data)
    assert response.status_code == 303
    person = make.first(Person)
    assert response.location == f"/personnes/{person.public_id}"
    assert (person.phone, person.commune_code, person.departement_code) == (
        "0612345678",
        "62041",
        "62",
    )
    assert person.search_name == "ines delorme"
    assert (person.shared_on, person.shared_channel) == (clock.today(), "meeting")
    referral = make.first(Referral)
    assert (referral.account_id, referral.lead, referral.end) == (referent.id, True, None)
    page = client.get(response.location).get_data(as_text=True)
    assert "Dossier créé" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"first_name": " "}, "obligatoire"),
        ({"phone": "06 12"}, "pas complet"),
        ({"phone": "téléphone"}, "pas complet"),
        ({"email": "ines@"}, "pas complète"),
        ({"commune": "Atlantis"}, "Aucune commune"),
        ({"birth_date": "2020-01-01"}, "au moins 16 ans"),
        ({"birth_date": "1890-01-01"}, "au moins 16 ans"),
        ({"birth_date": "31/02/1990"}, "n’existe pas"),
        ({"informed": ""}, "avant d’enregistrer"),
        ({"contact_preference": "pigeon"}, "Choisissez dans la liste"),
    ],
)
def test_what_is_wrong_is_said_in_french_and_nothing_is_created(
    client: CheckingClient,
    make: Factory,
    session: Session,
    referent: Account,
    change: dict[str, str],
    said: str,
) -> None:
    sign_in(client, session, referent)
    response = client.post("/personnes/nouvelle", data={**IDENTITY, **change})
    assert response.status_code == 422
    assert said in response.get_data(as_text=True)
    assert make.first(Person) is None


def test_several_communes_are_told_apart_by_their_postal_code(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make.commune(("62001", "Saint-Martin", "62100", 50.0, 2.0))
    make.commune(("62002", "Saint-Martin", "62200", 50.1, 2.1))
    sign_in(client, session, referent)
    first = client.post("/personnes/nouvelle", data={**IDENTITY, "commune": "saint-martin"})
    assert "Saint-Martin (62100), Saint-Martin (62200)" in first.get_data(as_text=True)
    again = client.post("/personnes/nouvelle", data={**IDENTITY, "commune": "Saint-Martin (62200)"})
    assert again.status_code == 303
    assert make.first(Person).commune_code == "62002"


@pytest.mark.parametrize("sign", ["birth", "phone"])
def test_somebody_who_looks_the_same_is_asked_about_first(
    client: CheckingClient,
    make: Factory,
    session: Session,
    referent: Account,
    person: Person,
    sign: str,
) -> None:
    person.phone, person.birth_date = "0612345678", date(1990, 5, 1)
    sign_in(client, session, referent)
    same = {**IDENTITY, "phone": "06 12 34 56 78"}
    if sign == "birth":
        same = {**IDENTITY, "first_name": "AMINA", "last_name": "bertin"}
        same["birth_date"] = "1990-05-01"
    response = client.post("/personnes/nouvelle", data=same)
    assert response.status_code == 422
    assert "Amina B." in response.get_data(as_text=True)
    assert len(session.scalars(select(Person)).all()) == 1
    assert client.post("/personnes/nouvelle", data={**same, "other_person": "y"}).status_code == 303


@pytest.mark.parametrize(
    ("known", "given", "asked"),
    [
        (None, "", True),
        (None, "1990-05-01", True),
        (date(1990, 5, 1), "", True),
        (date(1990, 5, 1), "1971-02-03", False),
    ],
)
def test_the_same_name_is_asked_about_unless_the_birth_date_is_another(
    client: CheckingClient,
    session: Session,
    referent: Account,
    person: Person,
    known: date | None,
    given: str,
    asked: bool,
) -> None:
    person.birth_date = known
    person.created_at = clock.now() - timedelta(days=40)
    sign_in(client, session, referent)
    same = {**IDENTITY, "first_name": "Amina", "last_name": "BERTIN", "birth_date": given}
    response = client.post("/personnes/nouvelle", data=same)
    assert response.status_code == (422 if asked else 303)
    assert ("Est-ce la même personne" in response.text) == asked


def test_a_shared_card_does_not_tell_the_name_behind_its_initial(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    other = make.person(referent=make.account(Role.REFERENT), shared_on=clock.today())
    other.created_at = clock.now() - timedelta(days=40)
    sign_in(client, session, referent)
    data = {**IDENTITY, "first_name": other.first_name, "last_name": other.last_name}
    assert client.post("/personnes/nouvelle", data=data).status_code == 303


def test_a_look_alike_one_may_not_see_is_not_betrayed(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make.person(referent=make.account(Role.REFERENT), phone="0612345678")
    sign_in(client, session, referent)
    data = {**IDENTITY, "phone": "0612345678"}
    assert client.post("/personnes/nouvelle", data=data).status_code == 303


def test_the_project_is_kept_and_shown_first(
    client: CheckingClient, make: Factory, session: Session, referent: Account, person: Person
) -> None:
    sign_in(client, session, referent)
    data = {
        "project": "Travailler dehors, près de chez elle.",
        "available_from": "2030-01-15",
        "full_time": "part",
        "not_before": "08:30",
        "not_after": "16:00",
        "modes": ["bus", "bike"],
        "max_minutes": "45",
        "education_level": "3",
    }
    url = f"/personnes/{person.public_id}"
    assert client.post(f"{url}/projet", data=data).status_code == 303
    page = client.get(url).get_data(as_text=True)
    assert page.index("Travailler dehors") < page.index("Ce que la personne sait faire")
    assert "pas avant 8\u00a0h\u00a030" in page
    session.refresh(person)
    assert (person.mode_list, person.max_minutes, person.full_time) == (["bus", "bike"], 45, False)
    form = client.get(f"{url}/projet").get_data(as_text=True)
    assert "Travailler dehors" in form
    event = make.first(DomainEvent, name="project_changed")
    assert event.account_id == referent.id


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"max_minutes": "4"}, "Entre 5 et 240"),
        ({"max_minutes": "241"}, "Entre 5 et 240"),
        ({"max_minutes": "une heure"}, "Écrivez un nombre"),
        ({"modes": ["rocket"]}, "valide"),
        ({"not_before": "14:00", "not_after": "08:00"}, "avant le début"),
        ({"available_from": "0202-01-01"}, "Vérifiez l’année"),
        ({"education_level": "9"}, "Choisissez dans la liste"),
    ],
)
def test_a_project_that_cannot_be_is_refused(
    client: CheckingClient,
    session: Session,
    referent: Account,
    person: Person,
    change: dict[str, object],
    said: str,
) -> None:
    sign_in(client, session, referent)
    data = {"max_minutes": "60", "full_time": "", "not_before": "", "not_after": ""}
    data |= {"education_level": ""} | change  # type: ignore[assignment]
    response = client.post(f"/personnes/{person.public_id}/projet", data=data)
    assert response.status_code == 422
    assert said in response.get_data(as_text=True)


def test_moving_house_moves_the_departement_too(
    client: CheckingClient, make: Factory, session: Session, referent: Account, person: Person
) -> None:
    make.commune(CAMBRAI)
    sign_in(client, session, referent)
    url = f"/personnes/{person.public_id}/identite"
    assert "Bertin" in client.get(url).get_data(as_text=True)
    assert client.post(url, data={**IDENTITY, "commune": "Cambrai"}).status_code == 303
    session.refresh(person)
    assert (person.first_name, person.departement_code) == ("Inès", "59")
    assert client.post(url, data={**IDENTITY, "phone": "1"}).status_code == 422


def test_a_liked_trade_is_added_and_taken_back(
    client: CheckingClient, make: Factory, session: Session, referent: Account, person: Person
) -> None:
    make.occupation("F1703", "Maçon")
    sign_in(client, session, referent)
    url = f"/personnes/{person.public_id}"
    assert client.post(f"{url}/metiers", data={"trade": "maçon", "liking": "-1"}).status_code == 303
    assert make.first(Interest).liking == -1
    assert "Décliné" in client.get(url).get_data(as_text=True)
    data = {"occupation": "F1703", "liking": "0", "retour": "situation"}
    assert client.post(f"{url}/gouts", data=data).location == url
    session.expire_all()
    assert make.first(Interest) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "Écrivez le nom"), ("xxqqzz", "Aucun métier"), ("maçon f", "choisissez")],
)
def test_a_trade_that_is_not_clear_is_asked(
    client: CheckingClient,
    make: Factory,
    session: Session,
    referent: Account,
    person: Person,
    typed: str,
    said: str,
) -> None:
    make.occupation("F1703", "Maçon")
    make.occupation("F1704", "Maçon fumiste")
    make.occupation("F1705", "Maçon finisseur")
    sign_in(client, session, referent)
    url = f"/personnes/{person.public_id}/metiers"
    response = client.post(url, data={"trade": typed, "liking": "1"})
    assert response.status_code == 422
    assert said in response.get_data(as_text=True)
    assert make.first(Interest) is None


def test_trades_are_proposed_as_one_types(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make.occupation("F1703", "Maçon")
    sign_in(client, session, referent)
    found = client.get("/personnes/metiers?trade=macon", hx=True).get_data(as_text=True)
    assert 'value="F1703"' in found
    begun = client.get("/personnes/metiers?trade=MA", hx=True).get_data(as_text=True)
    assert 'value="F1703"' in begun, "a word that is not finished"
    nothing = client.get("/personnes/metiers?trade=xxqqzz", hx=True).get_data(as_text=True)
    assert "mot plus simple" in nothing
    assert not client.get("/personnes/metiers?trade=", hx=True).get_data(as_text=True).strip()


def test_an_archived_file_leaves_every_list_and_its_referrals_end(
    client: CheckingClient, make: Factory, session: Session, referent: Account, person: Person
) -> None:
    sign_in(client, session, referent)
    url = f"/personnes/{person.public_id}"
    assert client.get(f"{url}/archiver").status_code == 200
    assert client.post(f"{url}/archiver", data={"reason": ""}).status_code == 422
    assert client.post(f"{url}/archiver", data={"reason": "bored"}).status_code == 422
    assert client.post(f"{url}/archiver", data={"reason": "job"}).location == "/personnes"
    assert client.get(url).status_code == 404
    session.expire_all()
    referral = make.first(Referral, person_id=person.id)
    assert (referral.end, referral.end_reason) == (clock.today(), "job")
    assert make.first(DomainEvent, name="person_archived").reason == "job"


def test_a_file_with_an_introduction_under_way_stays_open(
    client: CheckingClient, make: Factory, session: Session, referent: Account, person: Person
) -> None:
    row = introduced(make, make.account(Role.ADVISER), person)
    row.state, row.agreed_at = IntroductionState.SENT, clock.now()
    row.agreed_channel = AgreementChannel.PHONE
    sign_in(client, session, referent)
    response = client.post(f"/personnes/{person.public_id}/archiver", data={"reason": "job"})
    assert response.status_code == 422
    assert "mise en relation est en cours" in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("06 12 34 56 78", "0612345678"),
        ("06.12.34.56.78", "0612345678"),
        ("+33 (0)6 12 34 56 78", "0612345678"),
        ("0033612345678", "0612345678"),
        ("+32 470 12 34 56", "+32470123456"),
        ("0692 12 34 56", "0692123456"),
        ("+262 692 12 34 56", "0692123456"),
        ("00596 696 12 34 56", "0696123456"),
        ("612345678", None),
        ("06 12 34 56", None),
        ("00 12 34 56 78", None),
        ("06 12 34 56 7a", None),
    ],
)
def test_a_telephone_is_kept_in_one_form(typed: str, kept: str | None) -> None:
    assert normalise_phone(typed) == kept


def test_a_credential_ends_on_the_same_day_of_a_later_year() -> None:
    assert rules.expiry_after(date(2024, 2, 29), 5) == date(2029, 2, 28)
    assert rules.expiry_after(date(2024, 3, 1), 5) == date(2029, 3, 1)
    assert rules.expiry_after(date(2024, 3, 1), None) is None


def test_the_situation_page_asks_for_what_is_missing(
    client: CheckingClient, make: Factory, session: Session, referent: Account, person: Person
) -> None:
    person.commune_code = person.available_from = None
    sign_in(client, session, referent)
    page = client.get(f"/personnes/{person.public_id}").get_data(as_text=True)
    for part in ("sa commune", "sa disponibilité", "ses métiers", "ce que la personne sait faire"):
        assert part in page


def test_a_person_of_another_structure_of_the_departement_is_not_written(
    client: CheckingClient, make: Factory, session: Session, person: Person
) -> None:
    person.shared_on = clock.today()
    make.commune(LENS)
    sign_in(client, session, make.account(Role.REFERENT))
    url = f"/personnes/{person.public_id}"
    assert client.post(f"{url}/commune", data={"commune": "Lens"}).status_code == 403
    assert client.post(f"{url}/contacts", data={}).status_code == 403
