"""Printed codes, six digits for a light visit, and doing it together (T-SEC-04)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.doors import codes
from portal.models import (
    Account,
    CallReason,
    CallRequest,
    DomainEvent,
    Membership,
    MessageKind,
    OrganisationKind,
    PassOutcome,
    Person,
    PersonCode,
    Referral,
    Role,
)
from tests.portal.doors.support import (
    last_code,
    link_for,
    messages,
    outcomes,
    path_of,
    visits,
)
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.doors import COOKIE
from tests.support.factories import Factory


@pytest.fixture
def referent(make: Factory) -> Account:
    return make.account(Role.REFERENT)


@pytest.fixture
def person(make: Factory, referent: Account) -> Person:
    return make.person(referent=referent, phone="0639980000")


@pytest.fixture
def professional(
    client: CheckingClient,
    session: Session,
    referent: Account,
    person: Person,  # committed by signing in
) -> CheckingClient:
    return sign_in(client, session, referent)


def printed(professional: CheckingClient, person: Person) -> str:
    """The code of a sheet, as it is printed."""
    page = professional.post(f"/personnes/{person.public_id}/acces/code").get_data(as_text=True)
    found = re.search(r"<strong>((?:\d{3} ){3}\d{3})</strong>", page)
    assert found, page
    return found[1]


def test_a_printed_code_opens_a_confirmed_visit_several_times(
    app: Flask, professional: CheckingClient, session: Session, person: Person
) -> None:
    code = printed(professional, person)
    for _ in range(2):
        phone = client_for(app)
        response = phone.post("/moi/entrer", data={"code": f" {code} "})
        assert response.location == "/moi"
    first = visits(session)[0]
    assert first.confirmed_at is not None
    assert abs(first.expires_at - first.made_at - timedelta(hours=2)) < timedelta(minutes=1)
    assert outcomes(session) == [PassOutcome.OPENED] * 2


def test_a_phone_of_ones_own_is_remembered_for_thirty_days(
    app: Flask, professional: CheckingClient, session: Session, person: Person
) -> None:
    code = printed(professional, person)
    client_for(app).post("/moi/entrer", data={"code": code, "own_phone": "y"})
    visit = visits(session)[0]
    assert abs(visit.expires_at - visit.made_at - timedelta(days=30)) < timedelta(minutes=1)


def test_the_digits_are_shown_once_and_kept_nowhere(
    professional: CheckingClient, session: Session, person: Person
) -> None:
    code = printed(professional, person)
    page = professional.get(f"/personnes/{person.public_id}/acces").get_data(as_text=True)
    assert code not in page
    session.expire_all()
    row = session.scalars(select(PersonCode)).one()
    assert row.expires_at - row.created_at <= codes.PRINTED_VALID_FOR + timedelta(seconds=1)
    dump = "\n".join(session.connection().connection.iterdump())
    assert code not in dump
    assert codes.digits_of(code) not in dump


def test_a_new_code_stops_the_one_before(
    app: Flask, professional: CheckingClient, session: Session, person: Person
) -> None:
    old, new = printed(professional, person), printed(professional, person)
    assert client_for(app).post("/moi/entrer", data={"code": old}).status_code == 422
    assert client_for(app).post("/moi/entrer", data={"code": new}).status_code == 303


@pytest.mark.parametrize("reason", ["expired", "withdrawn", "archived", "objected", "unknown"])
def test_a_code_that_does_not_open_says_the_same_whatever_the_reason(
    app: Flask, professional: CheckingClient, session: Session, person: Person, reason: str
) -> None:
    code = printed(professional, person)
    row = session.scalars(select(PersonCode)).one()
    if reason == "expired":
        row.expires_at = clock.now()
    elif reason == "withdrawn":
        row.revoked_at = clock.now()
    elif reason == "archived":
        person.archived_at = clock.now()
    elif reason == "objected":
        person.objected_at = clock.now()
    else:
        code = "0" * 12
    session.commit()
    page = client_for(app).post("/moi/entrer", data={"code": code})
    assert page.status_code == 422
    assert "Ce code ne marche pas" in page.get_data(as_text=True)
    assert person.first_name not in page.get_data(as_text=True)
    assert not visits(session)
    assert outcomes(session) == [PassOutcome.WRONG_CODE]


def test_guessing_printed_codes_is_slowed_down(
    app: Flask, professional: CheckingClient, session: Session, person: Person
) -> None:
    code = printed(professional, person)
    robot = client_for(app)
    answers = [
        robot.post("/moi/entrer", data={"code": f"{number:012}"}).status_code for number in range(6)
    ]
    assert answers == [422] * 5 + [429]
    response = robot.post("/moi/entrer", data={"code": code})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert not visits(session)


def test_right_codes_of_a_shared_computer_are_never_slowed_down(
    app: Flask, professional: CheckingClient, person: Person
) -> None:
    code = printed(professional, person)
    for _ in range(8):
        assert client_for(app).post("/moi/entrer", data={"code": code}).status_code == 303


def test_only_who_may_write_the_file_prints_sends_or_helps(
    app: Flask, session: Session, make: Factory, person: Person
) -> None:
    stranger = sign_in(client_for(app), session, make.account(Role.REFERENT))
    for path in ("lien", "code", "retirer", "ensemble"):
        response = stranger.post(f"/personnes/{person.public_id}/acces/{path}")
        assert response.status_code == 404
    assert stranger.get(f"/personnes/{person.public_id}/acces").status_code == 404


def test_a_light_visit_is_confirmed_by_six_digits(
    client: CheckingClient, session: Session, person: Person
) -> None:
    client.post(path_of(link_for(session, person)))
    client.post("/moi/confirmer/code")
    sent = messages(session, MessageKind.CODE)[0]
    assert sent.person_id == person.id
    code = last_code(session)
    bad = client.post("/moi/confirmer", data={"code": f"{(int(code) + 1) % 10**6:06}"})
    assert bad.status_code == 422
    assert visits(session)[0].confirmed_at is None
    assert client.post("/moi/confirmer", data={"code": code}).location == "/moi"
    assert visits(session)[0].confirmed_at is not None
    assert client.get("/moi/confirmer").location == "/moi"


@pytest.mark.parametrize(
    ("asked", "landing"),
    [
        ("/moi/donnees", "/moi/donnees"),
        ("/moi", "/moi"),
        ("/moitie", "/moi"),
        ("/personnes", "/moi"),
        ("//ailleurs.example/moi/", "/moi"),
        ("https://ailleurs.example/moi", "/moi"),
    ],
)
def test_six_digits_lead_back_to_the_page_that_asked_for_them(
    client: CheckingClient, session: Session, person: Person, asked: str, landing: str
) -> None:
    client.post(path_of(link_for(session, person)))
    here = {"suite": asked}
    assert client.get("/moi/confirmer", query_string=here).status_code == 200
    after = client.post("/moi/confirmer/code", query_string=here).location
    assert after == f"/moi/confirmer?suite={landing}"
    page = client.get(after).get_data(as_text=True)
    assert f'action="/moi/confirmer?suite={landing}"' in page
    done = client.post("/moi/confirmer", query_string=here, data={"code": last_code(session)})
    assert done.location == landing


def test_six_digits_serve_once(
    app: Flask, client: CheckingClient, session: Session, person: Person
) -> None:
    client.post(path_of(link_for(session, person)))
    client.post("/moi/confirmer/code")
    code = last_code(session)
    client.post("/moi/confirmer", data={"code": code})
    second = client_for(app)
    second.post(path_of(link_for(session, person)))
    assert second.post("/moi/confirmer", data={"code": code}).status_code == 422


def test_without_a_phone_a_printed_code_is_advised(
    client: CheckingClient, session: Session, make: Factory, referent: Account
) -> None:
    person = make.person(referent=referent, phone=None)
    client.post(path_of(link_for(session, person)))
    page = client.get("/moi/confirmer").get_data(as_text=True)
    assert "Nous n’avons pas votre téléphone" in page
    client.post("/moi/confirmer/code")
    assert not messages(session, MessageKind.CODE)


def test_a_landline_is_said_to_receive_nothing_and_what_to_do(
    client: CheckingClient, session: Session, make: Factory, referent: Account
) -> None:
    person = make.person(referent=referent, phone="03 21 00 00 00")
    client.post(path_of(link_for(session, person)))
    page = client.get("/moi/confirmer").text
    assert "Votre numéro est celui d’un téléphone fixe." in page
    assert "Nous n’avons pas votre téléphone" not in page
    assert "Elle l’imprime pour vous." in page
    assert 'action="/moi/contacts/rappel"' in page
    client.post("/moi/contacts/rappel")
    assert session.scalars(select(CallRequest.reason)).all() == [CallReason.CALL_ME]


def test_a_person_who_stopped_messages_still_gets_the_code_they_ask_for(
    client: CheckingClient, session: Session, person: Person
) -> None:
    person.messages_stopped_at = clock.now()
    session.commit()
    client.post(path_of(link_for(session, person)))
    assert "Recevoir mon code" in client.get("/moi/confirmer").text
    client.post("/moi/confirmer/code")
    assert len(messages(session, MessageKind.CODE)) == 1


def test_the_referent_is_told_that_nothing_reaches_a_landline(
    professional: CheckingClient, session: Session, person: Person
) -> None:
    person.phone = "03 21 00 00 00"
    session.commit()
    address = f"/personnes/{person.public_id}/acces"
    assert "téléphone fixe" in professional.get(address).text
    said = professional.post(f"{address}/lien", follow_redirects=True).text
    assert "Aucun message ne peut partir" in said
    assert "demandez un mobile ou un courriel" in said


def test_the_referent_is_told_when_no_sending_is_set_up(
    app: Flask, professional: CheckingClient, person: Person
) -> None:
    address = f"/personnes/{person.public_id}/acces/lien"
    said = professional.post(address, follow_redirects=True).text
    assert "le lien ne part pas. Imprimez plutôt un code." in said
    assert "part vers la personne" not in said
    settings = app.config["SETTINGS"]
    sending = replace(settings.messages, sms_url="https://sms.exemple.test")
    app.config["SETTINGS"] = replace(settings, messages=sending)
    assert "part vers la personne" in professional.post(address, follow_redirects=True).text


def test_a_link_sent_from_the_file_fits_one_message(
    professional: CheckingClient, session: Session, person: Person
) -> None:
    from portal.message_settings import LINK_LENGTH
    from portal.messages.gsm7 import _BASIC, LONGEST, to_sms

    professional.post(f"/personnes/{person.public_id}/acces/lien")
    row = messages(session, MessageKind.ACCESS)[0]
    assert row.person_id == person.id
    text = to_sms(row.body.replace("{link}", "x" * LINK_LENGTH))
    assert len(text) <= LONGEST
    assert set(text) <= _BASIC
    assert row.link is not None
    assert row.link.public_id not in row.body


def test_withdrawing_closes_links_code_and_visits(
    app: Flask, professional: CheckingClient, session: Session, person: Person
) -> None:
    code, link = printed(professional, person), link_for(session, person)
    phone = client_for(app)
    phone.post("/moi/entrer", data={"code": code})
    professional.post(f"/personnes/{person.public_id}/acces/retirer")
    assert phone.get("/moi/confirmer").location == "/moi/entrer"
    assert phone.post("/moi/entrer", data={"code": code}).status_code == 422
    assert phone.post(path_of(link)).status_code == 410


def test_doing_it_together_needs_the_persons_word(
    professional: CheckingClient, session: Session, person: Person
) -> None:
    path = f"/personnes/{person.public_id}/acces/ensemble"
    assert professional.post(path).status_code == 422
    assert not visits(session)
    assert professional.post(path, data={"agreed": "y"}).location == "/moi"
    visit = visits(session)[0]
    assert visit.helper_id is not None
    assert visit.agreed_at is not None
    assert visit.confirmed_at is not None
    assert visit.idle_minutes == 30
    event = session.scalars(select(DomainEvent).where(DomainEvent.name == "opened_beside")).one()
    assert (event.subject_kind, event.subject_id) == ("person", person.id)


def test_finishing_together_goes_back_to_the_file_still_signed_in(
    professional: CheckingClient, person: Person
) -> None:
    path = f"/personnes/{person.public_id}"
    professional.post(f"{path}/acces/ensemble", data={"agreed": "y"})
    response = professional.post("/quitter")
    assert response.location == path
    assert professional.get(path).status_code == 200


def test_what_was_opened_together_closes_when_the_professional_signs_out(
    professional: CheckingClient, person: Person
) -> None:
    professional.post(f"/personnes/{person.public_id}/acces/ensemble", data={"agreed": "y"})
    assert professional.get("/moi/confirmer").location == "/moi"
    professional.post("/compte/deconnexion")
    assert professional.get("/moi/confirmer").location == "/moi/entrer"


def test_what_was_opened_together_is_not_found_again_on_signing_in(
    professional: CheckingClient, session: Session, person: Person
) -> None:
    professional.post(f"/personnes/{person.public_id}/acces/ensemble", data={"agreed": "y"})
    professional.post("/compte/deconnexion")
    assert visits(session)[0].ended_at is not None
    assert professional.get_cookie(COOKIE) is None


def test_what_was_opened_together_ends_when_the_professional_acts_elsewhere(
    professional: CheckingClient, session: Session, referent: Account, person: Person, make: Factory
) -> None:
    first = referent.memberships[0].public_id
    place = make.organisation(OrganisationKind.MDS)
    other = make.add(Membership(account=referent, organisation=place, role=Role.REFERENT))
    second = other.public_id
    session.commit()
    professional.post(f"/personnes/{person.public_id}/acces/ensemble", data={"agreed": "y"})
    professional.post(f"/compte/structure/{second}")
    professional.post(f"/compte/structure/{first}")
    assert professional.get("/moi/confirmer").location == "/moi/entrer"


def test_signing_out_leaves_a_person_who_came_alone_where_they_are(
    professional: CheckingClient, session: Session, person: Person
) -> None:
    professional.post(path_of(link_for(session, person)))
    professional.post("/compte/deconnexion")
    assert professional.get("/moi/confirmer").status_code == 200


def test_what_was_opened_together_closes_when_the_professional_follows_no_more(
    professional: CheckingClient, session: Session, person: Person
) -> None:
    professional.post(f"/personnes/{person.public_id}/acces/ensemble", data={"agreed": "y"})
    referral = session.scalars(select(Referral).where(Referral.person_id == person.id)).one()
    referral.end = clock.today()
    session.commit()
    assert professional.get("/moi/confirmer").location == "/moi/entrer"
