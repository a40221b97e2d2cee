"""« Accès de l’employeur »: who is written to, what they were sent, what is withdrawn."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.inbound import Incoming, receive
from portal.models import (
    Account,
    EmployerContact,
    Establishment,
    Introduction,
    IntroductionState,
    MessageKind,
    MessageState,
    OfferState,
    Person,
    Role,
)
from tests.portal.doors.support import last_code, link_for, messages, path_of
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory


@pytest.fixture
def adviser(make: Factory) -> Account:
    return make.account(Role.ADVISER)


@pytest.fixture
def establishment(make: Factory, adviser: Account) -> Establishment:
    row = make.establishment(contact_name="Jeanne Lopez", contact_phone="06 39 98 11 11")
    make.offer(adviser, establishment=row)
    return row


@pytest.fixture
def page(
    client: CheckingClient,
    session: Session,
    adviser: Account,
    establishment: Establishment,  # committed by signing in
) -> CheckingClient:
    return sign_in(client, session, adviser)


def test_a_landline_is_said_before_and_after_a_link_is_sent(
    page: CheckingClient, session: Session, make: Factory, establishment: Establishment
) -> None:
    contact = make.contact(establishment, name="Paul Renard", phone="03 21 00 00 00", email=None)
    session.commit()
    address = f"/entreprises/{establishment.public_id}/acces"
    assert "téléphone fixe" in page.get(address).text
    sent = page.post(f"{address}/contacts/{contact.public_id}/lien", follow_redirects=True).text
    assert "Aucun message ne peut partir vers Paul Renard" in sent
    assert "Le lien part vers" not in sent


def test_a_portal_that_sends_nothing_says_so(
    page: CheckingClient, session: Session, make: Factory, establishment: Establishment
) -> None:
    contact = make.contact(establishment, name="Paul Renard", phone="06 39 98 22 22")
    session.commit()
    address = f"/entreprises/{establishment.public_id}/acces/contacts/{contact.public_id}/lien"
    sent = page.post(address, follow_redirects=True).text
    assert "le lien ne part pas. Appelez Paul Renard." in sent
    assert "Le lien part vers" not in sent


@pytest.mark.parametrize(
    ("state", "error", "said"),
    [
        (MessageState.SENT, None, "valable jusqu’au"),
        (MessageState.TO_SEND, None, "Il part tout seul"),
        (MessageState.UNCERTAIN, "envoi interrompu", "Demandez si le courriel est arrivé"),
        (MessageState.FAILED, "numéro inconnu", "Numéro inconnu. Appelez, et vérifiez"),
        (MessageState.TO_CALL, None, "Appelez, ou demandez un mobile"),
        (MessageState.CANCELLED, "annulé à la main", "Annulé à la main. Le message est annulé"),
    ],
)
def test_a_link_that_did_not_leave_is_not_shown_as_sent(
    page: CheckingClient,
    session: Session,
    make: Factory,
    establishment: Establishment,
    state: MessageState,
    error: str | None,
    said: str,
) -> None:
    contact = make.contact(establishment)
    link_for(session, contact)  # that no message carries
    address = f"/entreprises/{establishment.public_id}/acces"
    page.post(f"{address}/contacts/{contact.public_id}/lien")
    message = messages(session, MessageKind.ACCESS)[0]
    message.state, message.error = state, error
    session.commit()
    shown = " ".join(page.get(address).text.split())
    assert said in shown
    assert shown.count("valable jusqu’au") == (state is MessageState.SENT)
    assert ("pas parti" in shown) == (state in (
        MessageState.FAILED, MessageState.TO_CALL, MessageState.CANCELLED
    ))  # fmt: skip


def test_the_contact_of_the_offer_is_taken_up_then_written_to(
    page: CheckingClient, session: Session, establishment: Establishment
) -> None:
    path = f"/entreprises/{establishment.public_id}/acces"
    assert "Reprendre le contact" in page.get(path).get_data(as_text=True)
    page.post(f"{path}/contacts/reprendre")
    contact = session.scalars(select(EmployerContact)).one()
    page.post(f"{path}/contacts/{contact.public_id}/lien")
    assert messages(session, MessageKind.ACCESS)[0].contact_id == contact.id
    text = page.get(path).get_data(as_text=True)
    assert "Jeanne Lopez" in text
    assert "voir les personnes présentées" in text


def test_a_contact_needs_a_name_and_one_way_to_be_written_to(
    page: CheckingClient, session: Session, establishment: Establishment
) -> None:
    path = f"/entreprises/{establishment.public_id}/acces/contacts"
    assert page.post(path, data={"name": "Luc Petit"}).status_code == 422
    assert page.post(path, data={"name": "Luc Petit", "email": "luc"}).status_code == 422
    assert page.post(path, data={"phone": "0639981111"}).status_code == 422
    assert page.post(path, data={"name": "Luc Petit", "phone": "0639981111"}).status_code == 303
    assert session.scalars(select(EmployerContact.name)).all() == ["Luc Petit"]


def test_a_number_is_kept_in_the_form_that_a_stop_is_found_by(
    page: CheckingClient, session: Session, establishment: Establishment
) -> None:
    path = f"/entreprises/{establishment.public_id}/acces/contacts"
    for phone in ("06 39 98 11 12", "+33 (0)6.39.98.11.13", "le standard"):
        page.post(path, data={"name": "Luc Petit", "phone": phone})
    kept = session.scalars(select(EmployerContact.phone).order_by(EmployerContact.id)).all()
    assert kept == ["0639981112", "0639981113", "le standard"]
    sms = Incoming("r1", "+33639981112", "STOP", clock.now())
    row = receive(session, sms)
    assert row is not None
    assert not row.unclaimed
    assert session.scalars(select(EmployerContact.messages_stopped_at)).first() is not None


@pytest.mark.parametrize("action", ["retirer", "fermer", "change"])
def test_withdrawing_closing_or_a_new_number_ends_what_was_open(
    app: Flask,
    page: CheckingClient,
    session: Session,
    make: Factory,
    establishment: Establishment,
    action: str,
) -> None:
    contact = make.contact(establishment)
    employer, link = client_for(app), link_for(session, contact)
    employer.post(path_of(link))
    employer.post(f"{path_of(link)}/code", data={"code": last_code(session)})
    assert employer.get("/entreprise").status_code == 200
    waiting = link_for(session, contact)
    path = f"/entreprises/{establishment.public_id}/acces/contacts/{contact.public_id}"
    if action == "change":
        page.post(path, data={"name": contact.name, "phone": "06 39 98 77 77"})
    else:
        page.post(f"{path}/{action}")
    assert employer.get("/entreprise").location == "/entreprise/entrer"
    assert employer.post(path_of(waiting)).status_code == 410


def test_a_contact_who_left_is_sent_nothing(
    page: CheckingClient, session: Session, make: Factory, establishment: Establishment
) -> None:
    contact = make.contact(establishment, active=False)
    session.commit()
    path = f"/entreprises/{establishment.public_id}/acces/contacts/{contact.public_id}/lien"
    assert page.post(path).status_code == 404


def test_the_establishment_of_another_platform_is_out_of_reach(
    app: Flask, session: Session, make: Factory, establishment: Establishment
) -> None:
    contact = make.contact(establishment)
    other = sign_in(client_for(app), session, make.account(Role.ADVISER))
    path = f"/entreprises/{establishment.public_id}/acces"
    assert other.get(path).status_code == 404
    assert other.post(f"{path}/contacts/{contact.public_id}/lien").status_code == 404


def test_a_contact_is_not_reached_through_another_establishment(
    page: CheckingClient, session: Session, make: Factory, establishment: Establishment
) -> None:
    stranger = make.contact(make.establishment())
    session.commit()
    path = f"/entreprises/{establishment.public_id}/acces/contacts/{stranger.public_id}"
    assert page.get(path).status_code == 404
    assert page.post(f"{path}/lien").status_code == 404


def presented(make: Factory, establishment: Establishment, person: Person) -> Account:
    """An adviser of another platform, who presented somebody to the establishment."""
    other = make.account(Role.ADVISER)
    organisation_id = other.memberships[0].organisation_id
    offer = make.offer(other, establishment=establishment)
    now = clock.now()
    make.add(
        Introduction(
            person_id=person.id,
            offer_id=offer.id,
            organisation_id=organisation_id,
            state=IntroductionState.SENT,
            agreed_at=now,
            sent_at=now,
        )
    )
    return other


def test_a_platform_that_only_presents_people_writes_no_contact(
    app: Flask, session: Session, make: Factory, adviser: Account, establishment: Establishment
) -> None:
    """Whoever adds their own telephone would read the people of the other platforms."""
    establishment.owner_id = adviser.memberships[0].organisation_id
    contact = make.contact(establishment)
    other = sign_in(client_for(app), session, presented(make, establishment, make.person()))
    path = f"/entreprises/{establishment.public_id}/acces"
    text = other.get(path).get_data(as_text=True)
    assert "Ajouter un contact" not in text
    assert "Retirer les accès" not in text
    mine = {"name": "Luc Petit", "phone": "0639981111"}
    one = f"{path}/contacts/{contact.public_id}"
    for address in (f"{path}/contacts", f"{path}/contacts/reprendre", one):
        assert other.post(address, data=mine).status_code == 404
    for action in ("fermer", "retirer"):
        assert other.post(f"{one}/{action}").status_code == 404
    assert other.get(one).status_code == 404
    assert session.scalars(select(EmployerContact.phone)).all() == [contact.phone]
    assert other.post(f"{one}/lien").status_code == 303
    assert messages(session, MessageKind.ACCESS)[0].contact_id == contact.id


@pytest.mark.parametrize("owned", [True, False])
def test_a_draft_opens_nothing(
    app: Flask, session: Session, make: Factory, adviser: Account, owned: bool
) -> None:
    establishment = make.establishment()
    if owned:
        establishment.owner_id = adviser.memberships[0].organisation_id
    other = make.account(Role.ADVISER)
    make.offer(other, establishment=establishment, state=OfferState.DRAFT)
    page = sign_in(client_for(app), session, other)
    path = f"/entreprises/{establishment.public_id}/acces"
    assert page.get(path).status_code == 404
    mine = {"name": "Luc Petit", "phone": "0639981111"}
    assert page.post(f"{path}/contacts", data=mine).status_code == 404
    assert session.scalar(select(EmployerContact.id)) is None


def test_an_offer_in_an_establishment_that_somebody_keeps_opens_nothing(
    app: Flask, session: Session, make: Factory, adviser: Account, establishment: Establishment
) -> None:
    establishment.owner_id = adviser.memberships[0].organisation_id
    other = make.account(Role.ADVISER)
    offer = make.offer(other, establishment=establishment)
    page = sign_in(client_for(app), session, other)
    path = f"/entreprises/{establishment.public_id}/acces"
    assert page.get(path).status_code == 404
    assert path not in page.get(f"/offres/{offer.public_id}").get_data(as_text=True)
