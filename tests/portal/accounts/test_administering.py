"""Closing and changing accounts, and the list of them."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.accounts.passwords import hash_password, password_matches
from portal.models import (
    Account,
    DomainEvent,
    Membership,
    Organisation,
    OrganisationKind,
    Referral,
    Role,
)
from tests.portal.accounts.support import PASSWORD, follow, link_on, new_account, open_account
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory
from tests.support.queries import count_queries


def test_closing_waits_until_the_portfolio_is_reassigned(
    admin: CheckingClient, make: Factory, session: Session
) -> None:
    """T-REF-03."""
    leaving = make.account(Role.REFERENT)
    place = leaving.memberships[0].organisation
    colleague = make.account(Role.REFERENT, place)
    people = [make.person(referent=leaving) for _ in range(3)]
    session.commit()
    path = f"/comptes/{leaving.public_id}"
    refused = follow(admin, f"{path}/fermer")
    assert "3 personnes sont suivies par ce compte" in refused
    session.expire_all()
    assert leaving.active

    done = follow(
        admin, f"{path}/portefeuille", organisation=place.public_id, colleague=colleague.public_id
    )
    assert "confiées à un collègue" in done
    session.expire_all()
    for person in people:
        rows = session.scalars(select(Referral).filter_by(person_id=person.id)).all()
        current = [row for row in rows if row.end is None]
        assert [row.account_id for row in current] == [colleague.id]
        assert [row.end_reason for row in rows if row.end] == ["reassigned"]

    assert "Fermer ce compte" in admin.get(f"{path}/fermer").get_data(as_text=True)
    assert "Le compte est fermé" in follow(admin, f"{path}/fermer")
    session.expire_all()
    assert not leaving.active


def test_a_portfolio_goes_only_to_somebody_who_follows_people_there(
    admin: CheckingClient, make: Factory, session: Session
) -> None:
    leaving = make.account(Role.REFERENT)
    place = leaving.memberships[0].organisation
    elsewhere = make.account(Role.REFERENT)
    make.person(referent=leaving)
    session.commit()
    response = admin.post(
        f"/comptes/{leaving.public_id}/portefeuille",
        data={"organisation": place.public_id, "colleague": elsewhere.public_id},
    )
    assert response.status_code == 422
    assert "Aucun collègue" in response.get_data(as_text=True)


def test_closing_an_account_cuts_its_sessions_and_its_password(
    app: Flask, admin: CheckingClient, make: Factory, session: Session
) -> None:
    target = make.account(Role.HUB)
    target.password_hash = hash_password(PASSWORD)
    session.commit()
    theirs = sign_in(client_for(app), session, target)
    assert theirs.get("/compte/").status_code == 200
    follow(admin, f"/comptes/{target.public_id}/fermer")
    assert theirs.get("/compte/").status_code == 302
    session.expire_all()
    assert not password_matches(target.password_hash, PASSWORD)


def test_reopening_gives_a_link_and_not_the_old_password(
    admin: CheckingClient, make: Factory, session: Session
) -> None:
    target = make.account(Role.HUB, active=False)
    target.password_hash = hash_password(PASSWORD)
    session.commit()
    assert link_on(follow(admin, f"/comptes/{target.public_id}/rouvrir"))
    session.expire_all()
    assert target.active
    assert not password_matches(target.password_hash, PASSWORD)


def test_an_administrator_cannot_close_their_own_account(
    client: CheckingClient, make: Factory, session: Session, region: Organisation
) -> None:
    own = make.account(Role.ADMIN, region)
    sign_in(client, session, own)
    assert "votre propre compte" in follow(client, f"/comptes/{own.public_id}/fermer")


def test_structures_are_added_and_removed(
    admin: CheckingClient, make: Factory, session: Session
) -> None:
    target = make.account(Role.REFERENT)
    platform = make.organisation(OrganisationKind.PLATFORM)
    session.commit()
    path = f"/comptes/{target.public_id}/structures"
    follow(admin, path, organisation=platform.public_id, role="adviser")
    wrong = admin.post(path, data={"organisation": platform.public_id, "role": "employer"})
    assert wrong.status_code == 422
    session.expire_all()
    added = next(m for m in target.memberships if m.organisation_id == platform.id)
    asked = admin.get(f"{path}/{added.public_id}/retirer").get_data(as_text=True)
    assert "Retirer cette structure" in asked
    assert "retirée" in follow(admin, f"{path}/{added.public_id}/retirer")
    session.expire_all()
    assert not added.active
    follow(admin, path, organisation=platform.public_id, role="adviser")
    session.expire_all()
    assert added.active


def test_a_structure_is_not_left_while_people_are_followed_there(
    admin: CheckingClient, make: Factory, session: Session
) -> None:
    target = make.account(Role.REFERENT)
    make.person(referent=target)
    session.commit()
    place = target.memberships[0].public_id
    page = follow(admin, f"/comptes/{target.public_id}/structures/{place}/retirer")
    assert "1 personne est suivie" in page


def test_an_administrator_of_a_departement_stays_in_it(
    client: CheckingClient, make: Factory, session: Session, region: Organisation
) -> None:
    department = make.organisation(OrganisationKind.DEPARTEMENT)
    here = make.account(Role.REFERENT)
    north = make.organisation(OrganisationKind.MDS, departement_code="59")
    there = make.account(Role.REFERENT, north)
    gone = make.account(Role.REFERENT, north)
    gone.memberships[0].active = False
    both = make.account(Role.REFERENT)
    make.add(Membership(account=both, organisation=region, role=Role.ADMIN))
    sign_in(client, session, make.account(Role.ADMIN, department))
    listed = client.get("/comptes/").get_data(as_text=True)
    assert here.email in listed
    assert there.email not in listed
    assert both.email not in listed, "choosing their password would open the Région"
    assert gone.email not in listed, "who left the Nord is no business of the Pas-de-Calais"
    for target in (there, gone, both):
        assert client.get(f"/comptes/{target.public_id}").status_code == 404
        assert client.post(f"/comptes/{target.public_id}/lien").status_code == 404
        assert client.post(f"/comptes/{target.public_id}/fermer").status_code == 404
    response = client.post("/comptes/", data=new_account(north))
    assert response.status_code == 422


def test_every_change_is_an_event_with_its_author(
    admin: CheckingClient, make: Factory, session: Session
) -> None:
    author = session.scalars(select(Account)).one()
    open_account(admin, make, session)
    account = session.scalars(select(Account).filter_by(last_name="Exemple")).one()
    follow(admin, f"/comptes/{account.public_id}/lien")
    follow(admin, f"/comptes/{account.public_id}/fermer")
    events = session.scalars(select(DomainEvent).order_by(DomainEvent.id)).all()
    names = [event.name for event in events]
    assert names == ["account_created", "password_link_made", "account_closed"]
    assert {event.account.full_name for event in events if event.account} == {author.full_name}


def test_accounts_are_searched_by_name_role_and_state(
    admin: CheckingClient, make: Factory, session: Session
) -> None:
    make.account(Role.HUB, last_name="Quai", first_name="Ada")
    make.account(Role.REFERENT, last_name="Berge", first_name="Zoé")
    make.account(Role.HUB, last_name="Bief", first_name="Lou", active=False)
    session.commit()

    def found(query: str) -> set[str]:
        page = admin.get(f"/comptes/?{query}").get_data(as_text=True)
        return {name for name in ("Quai", "Berge", "Bief") if f"{name} " in page}

    assert found("") == {"Quai", "Berge"}
    assert found("texte=qua") == {"Quai"}
    assert found("texte=%25") == set()
    assert found("role=referent") == {"Berge"}
    assert found("fermes=1") == {"Bief"}
    assert found("role=king&page=abc") == {"Quai", "Berge"}


def test_the_list_is_the_same_as_a_page_and_as_a_fragment(
    admin: CheckingClient, make: Factory, session: Session
) -> None:
    make.account(Role.HUB)
    session.commit()
    fragment = admin.get("/comptes/", hx=True).get_data(as_text=True)
    assert "<html" not in fragment
    assert fragment.strip() in admin.get("/comptes/").get_data(as_text=True)


def test_the_number_of_queries_does_not_grow_with_accounts(
    admin: CheckingClient, make: Factory, session: Session, app: Flask
) -> None:
    engine: Engine = app.extensions["ecluse_database"].engine

    def statements() -> int:
        with count_queries(engine) as seen:
            admin.get("/comptes/")
        return seen.count

    make.account(Role.HUB)
    session.commit()
    few = statements()
    for _ in range(20):
        make.account(Role.REFERENT)
    session.commit()
    assert statements() == few
