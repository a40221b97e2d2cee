"""The portfolio: whose people, filtered, and never more than a list may say."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session
from wtforms import Form as BaseForm
from wtforms import SelectField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]

from portal import clock
from portal.db import Database
from portal.models import (
    AccessKind,
    AccessLog,
    Account,
    Barrier,
    BarrierImpact,
    BarrierTheme,
    PersonStatus,
    Role,
    StatusCode,
    StatusSource,
)
from portal.web.forms import LongSelect
from tests.portal.people_portfolio.support import make_varied, text_of
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import CAMBRAI, LENS, Factory
from tests.support.queries import count_queries


def test_a_referent_sees_their_own_people_first(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make.person(referent=referent, first_name="Amina", last_name="Bertin")
    colleague = make.account(Role.REFERENT, referent.memberships[0].organisation)
    make.person(referent=colleague, first_name="Karim", last_name="Dupré")
    sign_in(client, session, referent)
    mine = text_of(client, "/personnes")
    assert "Amina Bertin" in mine
    assert "Karim Dupré" not in mine
    structure = text_of(client, "/personnes?qui=structure")
    assert "Amina Bertin" in structure
    assert "Karim Dupré" in structure


def test_people_shared_in_the_departement_are_cards_without_their_last_name(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    other = make.account(Role.REFERENT)
    make.person(referent=other, first_name="Nora", last_name="Lefort", shared_on=clock.today())
    make.person(referent=other, first_name="Paul", last_name="Caché")
    make.person(
        referent=other,
        first_name="Zoé",
        last_name="Nord",
        place=CAMBRAI,
        shared_on=clock.today(),
    )
    sign_in(client, session, referent)
    page = text_of(client, "/personnes?qui=partage")
    assert "Nora L." in page
    assert "Lefort" not in page
    assert "Paul" not in page
    assert "Zoé" not in page, "another département"


def test_a_card_is_not_found_by_its_last_name(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    other = make.account(Role.REFERENT)
    make.person(referent=other, first_name="Nora", last_name="Lefort", shared_on=clock.today())
    sign_in(client, session, referent)
    assert "Nora L." in text_of(client, "/personnes?qui=partage&nom=nora l")
    assert "Nora L." not in text_of(client, "/personnes?qui=partage&nom=lefort")


def test_the_name_is_searched_without_accents_nor_case_and_without_wildcards(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make.person(referent=referent, first_name="Zoé", last_name="Lœuf")
    sign_in(client, session, referent)
    assert "Zoé Lœuf" in text_of(client, "/personnes?nom=ZOE LOEUF")
    assert "Zoé Lœuf" not in text_of(client, "/personnes?nom=%25")


def test_contacts_are_not_searched_on_cards(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    other = make.account(Role.REFERENT)
    make.person(
        referent=other, first_name="Nora", shared_on=clock.today(), last_contact_on=clock.today()
    )
    sign_in(client, session, referent)
    page = text_of(client, "/personnes?qui=partage&silence=30&tri=contact")
    assert "Nora" in page
    assert "Sans contact depuis" not in page
    assert "Contact le plus ancien" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("metier=maçon", {"Bâtisseur"}),
        ("metier=cariste", {"Conducteur"}),
        ("sait=régler un niveau", {"Bâtisseur"}),
        ("habilitation=permis_b", {"Bâtisseur"}),
        ("mode=bus", {"Conducteur"}),
        ("mode=car", {"Bâtisseur"}),
        ("silence=30", {"Conducteur"}),
        ("ou=62498", {"Bâtisseur"}),
        ("metier=cariste&mode=car", set()),
        ("tri=contact", {"Bâtisseur", "Conducteur"}),
        ("tri=nimporte&mode=", {"Bâtisseur", "Conducteur"}),
    ],
)
def test_each_filter_keeps_those_it_says(
    client: CheckingClient,
    make: Factory,
    session: Session,
    referent: Account,
    query: str,
    found: set[str],
) -> None:
    make_varied(make, referent)
    sign_in(client, session, referent)
    page = text_of(client, f"/personnes?{query}", hx=True)
    assert {name for name in ("Bâtisseur", "Conducteur") if name in page} == found


def test_available_before_leaves_out_those_who_come_later(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make_varied(make, referent)
    sign_in(client, session, referent)
    page = text_of(client, f"/personnes?avant={clock.today().isoformat()}")
    assert "Conducteur" in page
    assert "Bâtisseur" not in page


def test_the_intercommunalite_is_a_place(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make.commune(LENS).epci_code, make.commune(LENS).epci_name = "246200364", "Lens-Liévin"
    make.person(referent=referent, last_name="Bâtisseur", place=LENS)
    make.person(referent=referent, last_name="Conducteur")
    sign_in(client, session, referent)
    page = text_of(client, "/personnes?ou=epci-246200364")
    assert "Bâtisseur" in page
    assert "Conducteur</a>" not in page


def test_a_profile_to_complete_says_so_and_can_be_listed(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make_varied(make, referent)
    make.person(referent=referent, last_name="Vide", available_from=None)
    sign_in(client, session, referent)
    page = text_of(client, "/personnes?incomplet=y", hx=True)
    assert "Vide" in page
    assert "Profil à compléter" in page
    assert "Bâtisseur" not in page


def test_words_not_understood_are_said_and_filter_nothing(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make_varied(make, referent)
    sign_in(client, session, referent)
    page = text_of(client, "/personnes?metier=xxqqzz")
    assert "n’est pas reconnu" in page
    assert "Conducteur" in page


def test_a_bad_filter_is_said_and_ignored(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make_varied(make, referent)
    sign_in(client, session, referent)
    page = text_of(client, "/personnes?avant=demain&silence=-4&page=zéro&qui=autrui")
    assert "Cette date n’existe pas" in page
    assert "Conducteur" in page


def test_a_list_never_says_status_nor_barrier(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    person = make.person(referent=referent)
    make.add(
        PersonStatus(
            person_id=person.id,
            code=StatusCode.BRSA,
            start=clock.today(),
            source=StatusSource.DECLARED,
        )
    )
    make.add(
        Barrier(
            person_id=person.id,
            theme=BarrierTheme.HOUSING,
            impact=BarrierImpact.STRONG,
            observed_on=clock.today(),
        )
    )
    sign_in(client, session, referent)
    page = text_of(client, "/personnes")
    assert "RSA" not in page
    assert "Logement" not in page


def test_archived_and_objecting_people_are_nowhere(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    gone = make.person(referent=referent, last_name="Archivé", archived_at=clock.now())
    make.person(referent=referent, last_name="Opposé", objected_at=clock.now())
    sign_in(client, session, referent)
    page = text_of(client, "/personnes")
    assert "Archivé" not in page
    assert "Opposé" not in page
    assert client.get(f"/personnes/{gone.public_id}").status_code == 404


def test_the_fragment_is_the_page_reloaded(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make_varied(make, referent)
    sign_in(client, session, referent)
    page, fragment = text_of(client, "/personnes"), text_of(client, "/personnes", hx=True)
    assert fragment.strip() in page


def test_what_the_list_showed_is_logged(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    person = make.person(referent=referent)
    sign_in(client, session, referent)
    client.get("/personnes")
    entry = make.first(AccessLog, person_id=person.id)
    assert entry.kind is AccessKind.LIST
    assert entry.account_id == referent.id


def test_the_list_asks_no_more_when_there_are_more_people(
    client: CheckingClient, make: Factory, session: Session, database: Database, referent: Account
) -> None:
    make_varied(make, referent)
    sign_in(client, session, referent)
    client.get("/personnes")
    with count_queries(database.engine) as few:
        client.get("/personnes")
    for number in range(30):
        person = make.person(referent=referent)
        make.knows(person, make.skill(f"tp.{number}"))
    session.commit()
    with count_queries(database.engine) as many:
        page = text_of(client, "/personnes")
    assert "1 à 20 sur 32" in page
    assert many.count <= few.count


def test_an_empty_portfolio_says_what_will_appear(
    client: CheckingClient, session: Session, referent: Account
) -> None:
    sign_in(client, session, referent)
    page = text_of(client, "/personnes")
    assert "Aucune personne suivie" in page
    assert "Aucune carte partagée" in text_of(client, "/personnes?qui=partage")


def test_a_long_select_says_what_any_select_says() -> None:
    choices = [
        SelectChoice("", "Partout"),
        SelectChoice('62"<', "L’Écluse & « Cie » <b>"),
        SelectChoice("62498", "Lens", render_kw={"class": "place"}),
    ]

    class Places(BaseForm):
        short = SelectField(choices=choices, name="ou", default='62"<')
        long = SelectField(choices=choices, name="ou", default='62"<', widget=LongSelect())

    form = Places()
    assert form.long(id="ou") == form.short(id="ou")
    assert "selected" in form.long()
