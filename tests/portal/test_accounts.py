"""Administering accounts, one-time links, one's own account."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.passwords import hash_password, password_matches
from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.messages.sending import send_due
from portal.models import (
    Account,
    DomainEvent,
    Membership,
    Organisation,
    OrganisationKind,
    OutboxMessage,
    Referral,
    Role,
)
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory
from tests.support.messages import mailbox, settings_for
from tests.support.queries import count_queries

PASSWORD = "une phrase assez longue"
OTHER = "une tout autre phrase"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=clock.PARIS)


@pytest.fixture
def region(make: Factory) -> Organisation:
    return make.organisation(OrganisationKind.REGION, departement_code=None)


@pytest.fixture
def admin(
    client: CheckingClient, make: Factory, session: Session, region: Organisation
) -> CheckingClient:
    """A signed-in administrator of the whole Région."""
    return sign_in(client, session, make.account(Role.ADMIN, region))


def new_account(place: Organisation, /, **changed: str) -> dict[str, str]:
    return {
        "first_name": "Dominique",
        "last_name": "Exemple",
        "email": "dominique.exemple@exemple.test",
        "organisation": place.public_id,
        "role": Role.REFERENT.value,
    } | changed


def link_on(page: str) -> str:
    found = re.search(r">http://localhost(/compte/choisir/[^<]+)<", page)
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


def test_opening_an_account_shows_a_link_once(
    admin: CheckingClient, make: Factory, session: Session
) -> None:
    place = make.organisation(OrganisationKind.MDS)
    session.commit()
    response = admin.post("/comptes/", data=new_account(place))
    assert response.status_code == 302
    assert link_on(admin.get(response.location).get_data(as_text=True))
    again = admin.get(response.location).get_data(as_text=True)
    assert "/compte/choisir/" not in again
    assert "déjà été montré" in again


def test_the_new_account_cannot_sign_in_before_its_password_is_chosen(
    admin: CheckingClient, make: Factory, session: Session
) -> None:
    open_account(admin, make, session)
    account = session.scalars(select(Account).filter_by(last_name="Exemple")).one()
    assert not password_matches(account.password_hash, account.password_hash)
    assert [(m.role, m.active) for m in account.memberships] == [(Role.REFERENT, True)]


def test_the_link_sets_the_password_once(
    app: Flask, admin: CheckingClient, make: Factory, session: Session
) -> None:
    link = open_account(admin, make, session)
    holder = client_for(app)
    assert "Dominique Exemple" in holder.get(link).get_data(as_text=True)
    data = {"password": PASSWORD, "again": PASSWORD}
    assert holder.post(link, data=data).location == "/compte/connexion"
    signed = holder.post(
        "/compte/connexion",
        data={"email": "dominique.exemple@exemple.test", "password": PASSWORD},
    )
    assert signed.status_code == 302
    assert holder.get(link).status_code == 410
    assert holder.post(link, data={"password": OTHER, "again": OTHER}).status_code == 410


def test_the_link_goes_by_mail_where_mail_is_set_up(
    settings: Settings, database: Database, client: CheckingClient, session: Session, make: Factory
) -> None:
    admin, target = make.account(Role.ADMIN), make.account()
    session.commit()
    sign_in(client, session, admin)
    assert "par courriel" not in client.get(f"/comptes/{target.public_id}").text
    with mailbox() as box:
        by_mail = replace(settings, messages=settings_for(box=box))
        app = create_app(by_mail, database)
        app.config["WTF_CSRF_ENABLED"] = False
        desk = sign_in(client_for(app), session, make.account(Role.ADMIN))
        assert "Envoyer le lien par courriel" in desk.get(f"/comptes/{target.public_id}").text
        sent = desk.post(f"/comptes/{target.public_id}/lien/courriel")
        assert sent.status_code == 302
        send_due(database, by_mail, clock.now())
        mail = box.mails[0]
    assert mail["To"] == target.email
    link = re.search(r"http\S+", mail.get_content())
    assert link
    assert link[0].startswith(settings.public_url)
    path = link[0].removeprefix(settings.public_url)
    assert target.full_name in client_for(app).get(path).text
    assert session.scalars(select(OutboxMessage.body)).one() == "(effacé)"


def test_the_link_dies_after_48_hours(
    app: Flask, admin: CheckingClient, make: Factory, session: Session
) -> None:
    with clock.frozen_at(NOON):
        target = make.account()
        session.commit()
        sign_in(admin, session, make.account(Role.ADMIN, target.memberships[0].organisation))
        link = link_on(follow(admin, f"/comptes/{target.public_id}/lien"))
    holder = client_for(app)
    with clock.frozen_at(NOON + timedelta(hours=47, minutes=59)):
        assert holder.get(link).status_code == 200
    with clock.frozen_at(NOON + timedelta(hours=48, minutes=1)):
        assert holder.get(link).status_code == 410


@pytest.mark.parametrize(
    "changed", [{"password_hash": "another"}, {"active": False}], ids=["changed", "closed"]
)
def test_a_link_dies_when_the_password_changes_or_the_account_is_closed(
    app: Flask, admin: CheckingClient, make: Factory, session: Session, changed: dict[str, object]
) -> None:
    link = open_account(admin, make, session)
    session.execute(update(Account).where(Account.last_name == "Exemple").values(**changed))
    session.commit()
    assert client_for(app).get(link).status_code == 410


@pytest.mark.parametrize("token", ["x", "a.b", "WyJhIiwxLCJiIl0.xxxx", "é", "." * 300])
def test_a_false_link_is_refused(client: CheckingClient, token: str) -> None:
    assert client.get(f"/compte/choisir/{token}").status_code == 410


def test_a_tampered_link_is_refused(
    app: Flask, admin: CheckingClient, make: Factory, session: Session
) -> None:
    link = open_account(admin, make, session)
    changed = link[:-1] + ("A" if link[-1] != "A" else "E")
    assert client_for(app).get(changed).status_code == 410


def test_a_weak_password_is_refused_on_the_page_of_the_link(
    app: Flask, admin: CheckingClient, make: Factory, session: Session
) -> None:
    link = open_account(admin, make, session)
    holder = client_for(app)
    weak = holder.post(link, data={"password": "motdepasse2026", "again": "motdepasse2026"})
    assert weak.status_code == 422
    assert "plus courants" in weak.get_data(as_text=True)
    unequal = holder.post(link, data={"password": PASSWORD, "again": OTHER})
    assert unequal.status_code == 422
    assert "ne sont pas les mêmes" in unequal.get_data(as_text=True)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"email": "accueil@exemple.test"}, "adresse de service"),
        ({"email": "dominique"}, "pas valable"),
        ({"email": ""}, "Ce champ est requis"),
        ({"first_name": ""}, "Ce champ est requis"),
        ({"last_name": "  "}, "sont obligatoires"),
        ({"last_name": "--"}, "obligatoires"),
        ({"role": "employer"}, "ne se tient pas"),
        ({"role": "king"}, "pas un choix valide"),
        ({"organisation": "unknown"}, "pas un choix valide"),
    ],
)
def test_what_makes_an_account_impossible_is_said(
    admin: CheckingClient, make: Factory, session: Session, changed: dict[str, str], message: str
) -> None:
    place = make.organisation(OrganisationKind.MDS)
    session.commit()
    response = admin.post("/comptes/", data=new_account(place, **changed))
    assert response.status_code == 422
    assert message in response.get_data(as_text=True)
    assert session.scalar(select(Account.id).where(Account.first_name == "Dominique")) is None


def test_two_accounts_cannot_share_an_address(
    admin: CheckingClient, make: Factory, session: Session
) -> None:
    known = make.account(email="dominique.exemple@exemple.test")
    place = make.organisation(OrganisationKind.MDS)
    session.commit()
    response = admin.post("/comptes/", data=new_account(place, email=known.email.upper()))
    assert response.status_code == 422
    assert "déjà un compte" in response.get_data(as_text=True)


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
    both = make.account(Role.REFERENT)
    make.add(Membership(account=both, organisation=region, role=Role.ADMIN))
    sign_in(client, session, make.account(Role.ADMIN, department))
    listed = client.get("/comptes/").get_data(as_text=True)
    assert here.email in listed
    assert there.email not in listed
    assert both.email not in listed, "choosing their password would open the Région"
    for target in (there, both):
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
