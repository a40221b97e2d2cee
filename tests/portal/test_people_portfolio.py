"""The portfolio: whose people, filtered, and never more than a list may say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    AccessKind,
    AccessLog,
    Account,
    Barrier,
    BarrierImpact,
    BarrierTheme,
    Credential,
    Interest,
    PastTrade,
    Person,
    PersonStatus,
    Role,
    StatusCode,
    StatusSource,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import CAMBRAI, LENS, Factory
from tests.support.queries import count_queries


@pytest.fixture
def referent(make: Factory) -> Account:
    return make.account(Role.REFERENT)


def text_of(client: CheckingClient, path: str, **options: object) -> str:
    response = client.get(path, **options)  # type: ignore[arg-type]
    assert response.status_code == 200, path
    return response.get_data(as_text=True)


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


class TestReadyFor:
    """« Qui est prêt pour… »: five groups for a need nobody has posted."""

    def prepare(self, make: Factory, referent: Account) -> Person:
        trade = make.occupation("F1703", "Maçon")
        skill = make.core_skill(trade, "bat.maconner", label="Monter un mur")
        make.commune()
        ready = make.person(referent=referent, first_name="Amina", last_name="Bertin")
        make.knows(ready, skill)
        make.person(referent=referent, first_name="Karim", last_name="Dupré")
        return ready

    def test_people_are_in_their_groups(
        self, client: CheckingClient, make: Factory, session: Session, referent: Account
    ) -> None:
        self.prepare(make, referent)
        sign_in(client, session, referent)
        page = text_of(client, "/personnes/pret-pour?metier=maçon&lieu=Arras")
        ready, rest = page.split('id="bande-one_step"')
        assert "Amina B." in ready
        assert "Karim D." in rest
        assert "Monter un mur" in rest

    def test_why_is_explained_and_availability_said(
        self, client: CheckingClient, make: Factory, session: Session, referent: Account
    ) -> None:
        ready = self.prepare(make, referent)
        ready.available_from = clock.today() + timedelta(days=20)
        session.commit()
        sign_in(client, session, referent)
        need = "metier=maçon&lieu=Arras"
        page = text_of(client, f"/personnes/pret-pour?{need}")
        assert "disponible le" in page
        assert "Saisir une offre avec ce métier" not in page
        why = text_of(client, f"/personnes/pret-pour/pourquoi/{ready.public_id}?{need}")
        assert "Monter un mur" in why
        assert "acquis" in why
        away = client.get(f"/personnes/pret-pour/pourquoi/{ready.public_id}?metier=&lieu=Arras")
        assert away.status_code == 302

    def test_why_of_somebody_else_s_person_does_not_exist(
        self, client: CheckingClient, make: Factory, session: Session, referent: Account
    ) -> None:
        self.prepare(make, referent)
        other = make.person(referent=make.account(Role.REFERENT))
        sign_in(client, session, referent)
        url = f"/personnes/pret-pour/pourquoi/{other.public_id}?metier=maçon&lieu=Arras"
        assert client.get(url).status_code == 404

    def test_an_adviser_goes_on_to_an_offer(
        self, client: CheckingClient, make: Factory, session: Session, referent: Account
    ) -> None:
        from portal.models import JobOffer

        self.prepare(make, referent)
        sign_in(client, session, make.account(Role.ADVISER))
        page = text_of(client, "/personnes/pret-pour?metier=maçon&lieu=Arras")
        start = clock.today().isoformat()
        if "Saisir une offre avec ce métier" in page:
            assert f'value="{start}"' in page
        given = {
            "title": "Maçon",
            "occupation_code": "F1703",
            "commune_code": make.commune().code,
            "start_wanted": start,
        }
        assert client.post("/offres/nouvelle", data=given).status_code == 303
        offer = make.first(JobOffer)
        assert offer is not None
        assert (offer.occupation_code, offer.title) == ("F1703", "Maçon")
        assert offer.commune_code == given["commune_code"]
        assert offer.start_wanted == clock.today()

    def test_nothing_is_kept(
        self, client: CheckingClient, make: Factory, session: Session, referent: Account
    ) -> None:
        from portal.models import JobOffer

        self.prepare(make, referent)
        sign_in(client, session, referent)
        client.get("/personnes/pret-pour?metier=maçon&lieu=Arras")
        assert make.first(JobOffer) is None

    def test_several_trades_are_asked(
        self, client: CheckingClient, make: Factory, session: Session, referent: Account
    ) -> None:
        self.prepare(make, referent)
        make.occupation("F1704", "Maçon fumiste")
        make.occupation("F1705", "Maçon paysager")
        sign_in(client, session, referent)
        page = text_of(client, "/personnes/pret-pour?metier=maçon f&lieu=Arras")
        assert "Choisir ce métier" in page
        chosen = text_of(client, "/personnes/pret-pour?metier=maçon f&lieu=Arras&code=F1703")
        assert "Amina B." in chosen

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("metier=maçon&lieu=Nulleparville", "Aucune commune"),
            ("metier=&lieu=Arras", "obligatoire"),
            ("metier=xxqqzz&lieu=Arras", "Aucun métier"),
            ("metier=maçon&lieu=Arras&date=2001-01-01", "passée"),
        ],
    )
    def test_what_is_missing_is_said(
        self,
        client: CheckingClient,
        make: Factory,
        session: Session,
        referent: Account,
        query: str,
        said: str,
    ) -> None:
        self.prepare(make, referent)
        sign_in(client, session, referent)
        assert said in text_of(client, f"/personnes/pret-pour?{query}")

    def test_one_band_is_read_page_after_page(
        self, client: CheckingClient, make: Factory, session: Session, referent: Account
    ) -> None:
        self.prepare(make, referent)
        for _ in range(30):
            make.person(referent=referent)
        sign_in(client, session, referent)
        url = "/personnes/pret-pour?metier=maçon&lieu=Arras&groupe=to_check"
        assert "1 à 20 sur 31" in text_of(client, url)
        assert "21 à 31 sur 31" in text_of(client, f"{url}&page=2")


def test_the_lists_are_the_same_on_both_databases(any_database: Database) -> None:
    from portal.access.actor import Actor
    from portal.people.queries import portfolio
    from portal.places import find_communes, only_commune

    with any_database.session() as session:
        make = Factory(session)
        referent = make.account(Role.REFERENT)
        make_varied(make, referent)
        make.commune(("62002", "Lens-sous-Bois", "62301", 50.1, 2.1))
        session.commit()
        actor = Actor(referent, referent.memberships[0])
        every = portfolio.Filters(
            name="amina",
            place="62498",
            occupation_code="F1703",
            skill_code="tp.niveler",
            credential_code="permis_b",
            mode="car",
            available_by=clock.today() + timedelta(days=120),
        )
        found = portfolio.list_portfolio(session, actor, every, today=clock.today())
        assert [row.person.last_name for row in found.rows] == ["Bâtisseur"]
        assert portfolio.count_by_scope(session, actor)[portfolio.Scope.MINE] == 2
        for sort in portfolio.Sort:
            filters = portfolio.Filters(sort=sort, silent_days=30)
            page = portfolio.list_portfolio(session, actor, filters, today=clock.today())
            assert [row.person.last_name for row in page.rows] == ["Conducteur"]
        shared = portfolio.Filters(scope=portfolio.Scope.SHARED, name="a", incomplete=True)
        page = portfolio.list_portfolio(session, actor, shared, today=clock.today())
        assert page.rows == []
        assert [row.code for row in find_communes(session, "lens")] == ["62498", "62002"]
        lens = only_commune(find_communes(session, "Lens"), "Lens")
        assert lens is not None
        assert lens.code == "62498"
        assert only_commune(find_communes(session, "62301"), "62301") is not None
        assert only_commune(find_communes(session, "l"), "l") is None
        assert [row.code for row in find_communes(session, "62498")] == ["62498"]
        assert only_commune(find_communes(session, "Lens (62301)"), "Lens (62301)") is None
