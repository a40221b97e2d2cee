"""Who is ready for a trade in a place, and the portfolio on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    Account,
    Person,
    Role,
)
from tests.portal.people_portfolio.support import make_varied, text_of
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory


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
