"""Opening accounts, one-time links, one’s own password."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.passwords import password_matches
from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.messages.sending import send_due
from portal.models import (
    Account,
    OrganisationKind,
    OutboxMessage,
    Role,
)
from tests.portal.accounts.support import PASSWORD, follow, link_on, new_account, open_account
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory
from tests.support.messages import mailbox, settings_for

OTHER = "une tout autre phrase"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=clock.PARIS)


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


def test_a_link_leads_to_the_portal_whatever_host_the_request_claims(
    admin: CheckingClient, make: Factory, session: Session, settings: Settings
) -> None:
    place = make.organisation(OrganisationKind.MDS)
    session.commit()
    headers = {"Host": "ailleurs.example"}
    cookie = admin.get_cookie("ecluse")
    assert cookie is not None
    admin.set_cookie("ecluse", cookie.value, domain="ailleurs.example")
    made = admin.post("/comptes/", data=new_account(place), headers=headers)
    page = admin.get(made.location, headers=headers).get_data(as_text=True)
    assert f">{settings.public_url}/compte/choisir/" in page
    assert "ailleurs.example" not in page


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
        ({"email": ""}, "À remplir."),
        ({"first_name": ""}, "À remplir."),
        ({"last_name": "  "}, "sont obligatoires"),
        ({"last_name": "--"}, "obligatoires"),
        ({"role": "employer"}, "ne se tient pas"),
        ({"role": "king"}, "Choisissez dans la liste."),
        ({"organisation": "unknown"}, "Choisissez dans la liste."),
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
