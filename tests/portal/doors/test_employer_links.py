"""The links of employers: bound to a contact, with a code on a new device (T-SEC-04)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.calls.queries import record_call
from portal.doors import codes
from portal.doors.contacts import main_contact, send_again, send_employer_link
from portal.models import (
    CallReason,
    CallRequest,
    DoorLink,
    EmployerContact,
    LinkPurpose,
    MessageKind,
    OneTimeCode,
    PassOutcome,
    TrustedDevice,
)
from tests.portal.doors.support import (
    last_code,
    link_for,
    messages,
    outcomes,
    path_of,
    visits,
)
from tests.support.client import CheckingClient, client_for
from tests.support.factories import Factory


@pytest.fixture
def contact(make: Factory) -> EmployerContact:
    owner = make.organisation()
    establishment = make.establishment(name="Travaux du Nord", owner_id=owner.id)
    return make.contact(establishment, name="Paul Renard")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def enter(client: CheckingClient, session: Session, contact: EmployerContact) -> DoorLink:
    """Open a link from a new device, with its code."""
    link = link_for(session, contact)
    client.post(path_of(link))
    response = client.post(f"{path_of(link)}/code", data={"code": last_code(session)})
    assert response.status_code == 303, response.get_data(as_text=True)
    return link


def test_the_page_of_a_link_shows_the_establishment_and_consumes_nothing(
    client: CheckingClient, session: Session, contact: EmployerContact
) -> None:
    link = link_for(session, contact)
    page = client.get(path_of(link)).get_data(as_text=True)
    assert "Travaux du Nord" in page
    assert "Paul" not in page
    assert f'action="{path_of(link)}"' in page
    session.refresh(link)
    assert link.used_at is None
    assert not messages(session, MessageKind.CODE)


@pytest.mark.parametrize(
    ("phone", "said"),
    [
        ("03 21 00 00 00", "Votre numéro est celui d’un téléphone fixe."),
        (None, "Nous n’avons ni votre mobile ni votre courriel."),
    ],
)
def test_whom_no_code_reaches_is_told_so_and_called(
    client: CheckingClient,
    session: Session,
    contact: EmployerContact,
    phone: str | None,
    said: str,
) -> None:
    contact.phone, contact.email = phone, None
    asked = {"establishment": contact.establishment, "contact": contact, "due_on": clock.today()}
    record_call(session, reason=CallReason.EMPLOYER, note="Et le permis B ?", **asked)
    link = link_for(session, contact)
    for _again in range(2):
        page = client.post(path_of(link), follow_redirects=True).text
        assert said in page
        assert "Donnez-lui un mobile ou un courriel." in page
        assert "part vers vous" not in page
        assert "Recevoir un nouveau code" not in page
    own, call = session.scalars(select(CallRequest).order_by(CallRequest.id))
    assert own.note == "Et le permis B ?"
    assert (call.reason, call.contact_id) == (CallReason.NOT_REACHED, contact.id)
    assert "demander un mobile ou un courriel" in (call.note or "")
    assert not messages(session, MessageKind.CODE)


def test_a_new_device_is_asked_for_a_code_once(
    client: CheckingClient, session: Session, contact: EmployerContact
) -> None:
    link = link_for(session, contact)
    response = client.post(path_of(link))
    assert response.location == f"{path_of(link)}/code"
    assert not visits(session)
    assert f'action="{response.location}"' in client.get(response.location).get_data(as_text=True)
    sent = messages(session, MessageKind.CODE)[0]
    assert (sent.contact_id, sent.asked_for) == (contact.id, True)
    assert sent.address == contact.phone
    code = last_code(session)
    assert code not in (sent.to_say or "")
    client.post(f"{path_of(link)}/code", data={"code": f"{code[:3]} {code[3:]}"})
    visit = visits(session)[0]
    assert (visit.contact_id, visit.link_id) == (contact.id, link.id)
    assert abs(visit.expires_at - visit.made_at - timedelta(hours=12)) < timedelta(minutes=1)
    assert visit.idle_minutes == 120
    cookie = client.get_cookie("ecluse-device")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.max_age == 180 * 24 * 3600
    again = client.post(path_of(link_for(session, contact)))
    assert again.location == "/entreprise"
    assert len(messages(session, MessageKind.CODE)) == 1
    assert outcomes(session) == [
        PassOutcome.CODE_ASKED,
        PassOutcome.OPENED,
        PassOutcome.OPENED,
    ]


def test_five_wrong_codes_stop_the_code(
    client: CheckingClient, session: Session, contact: EmployerContact
) -> None:
    link = link_for(session, contact)
    client.post(path_of(link))
    code = last_code(session)
    for _ in range(codes.TRIES):
        response = client.post(f"{path_of(link)}/code", data={"code": wrong(code)})
        assert response.status_code == 422
    assert client.post(f"{path_of(link)}/code", data={"code": code}).status_code == 422
    assert not visits(session)
    session.refresh(link)
    assert link.used_at is None
    assert outcomes(session).count(PassOutcome.WRONG_CODE) == codes.TRIES + 1


def test_a_code_lasts_ten_minutes(
    client: CheckingClient, session: Session, contact: EmployerContact
) -> None:
    link = link_for(session, contact)
    client.post(path_of(link))
    row = session.scalars(select(OneTimeCode)).one()
    assert row.expires_at - row.made_at <= timedelta(minutes=10)
    row.expires_at = clock.now()
    session.commit()
    response = client.post(f"{path_of(link)}/code", data={"code": last_code(session)})
    assert response.status_code == 422


def test_three_codes_at_most_in_a_quarter_of_an_hour(
    client: CheckingClient, session: Session, contact: EmployerContact
) -> None:
    link = link_for(session, contact)
    client.post(path_of(link))
    again = f"{path_of(link)}/code/nouveau"
    assert [client.post(again).status_code for _ in range(3)] == [303, 303, 429]
    assert len(messages(session, MessageKind.CODE)) == 3


def test_ten_codes_at_most_in_a_day(session: Session, contact: EmployerContact) -> None:
    link = link_for(session, contact)
    session.add_all(
        OneTimeCode(
            digest=f"{number}",
            contact_id=contact.id,
            made_at=clock.now() - timedelta(hours=number + 1),
            expires_at=clock.now(),
        )
        for number in range(10)
    )
    session.flush()
    assert codes.send_code(session, "k", to=contact, link=link) is False


def test_the_code_of_another_contact_opens_nothing(
    client: CheckingClient, session: Session, make: Factory, contact: EmployerContact
) -> None:
    other = make.contact(make.establishment())
    client.post(path_of(link_for(session, other)))
    theirs = last_code(session)
    link = link_for(session, contact)
    client.post(path_of(link))
    if theirs == last_code(session):
        pytest.skip("the two random codes are the same")
    response = client.post(f"{path_of(link)}/code", data={"code": theirs})
    assert response.status_code == 422
    assert not visits(session)


def test_a_link_forwarded_to_another_establishment_asks_for_the_code_of_the_first(
    app: Flask, client: CheckingClient, session: Session, make: Factory, contact: EmployerContact
) -> None:
    other = make.contact(make.establishment(), phone="06 39 98 00 00")
    enter(client, session, other)
    link = link_for(session, contact)
    assert client.post(path_of(link)).location == f"{path_of(link)}/code"
    assert messages(session, MessageKind.CODE)[-1].address == contact.phone
    assert [visit.contact_id for visit in visits(session)] == [other.id]


def test_a_used_link_sends_another_to_the_contact_on_file_alone(
    app: Flask, client: CheckingClient, session: Session, contact: EmployerContact
) -> None:
    link = enter(client, session, contact)
    elsewhere = client_for(app)
    page = elsewhere.get(path_of(link))
    assert page.status_code == 410
    assert "Travaux du Nord" not in page.get_data(as_text=True)
    assert f'action="{path_of(link)}/nouveau"' in page.get_data(as_text=True)
    answer = elsewhere.post(f"{path_of(link)}/nouveau", data={"phone": "06 00 00 00 00"})
    assert answer.location == "/demande-recue/lien"
    assert elsewhere.get(answer.location).status_code == 200
    sent = messages(session, MessageKind.ACCESS)
    assert [row.address for row in sent] == [contact.phone]
    for _ in range(5):
        assert elsewhere.post(f"{path_of(link)}/nouveau").location == "/demande-recue/lien"
    assert len(messages(session, MessageKind.ACCESS)) == 2  # three links in a quarter of an hour


def test_ten_links_at_most_in_a_day_are_asked_for_with_an_old_one(
    session: Session, contact: EmployerContact
) -> None:
    start = clock.now()
    link = link_for(session, contact)
    for quarter in range(20):
        with clock.frozen_at(start + timedelta(minutes=16 * quarter)):
            send_again(session, link)
            session.commit()
    assert session.scalar(select(func.count(DoorLink.id))) == 10
    with clock.frozen_at(start + timedelta(days=2)):
        send_again(session, link)
    assert session.scalar(select(func.count(DoorLink.id))) == 11


def test_asking_for_a_new_link_answers_the_same_whatever_the_link(
    client: CheckingClient, session: Session, contact: EmployerContact
) -> None:
    living = link_for(session, contact)
    for path in ("/l/inconnu", path_of(living)):
        assert client.post(f"{path}/nouveau").location == "/demande-recue/lien"
    assert not messages(session, MessageKind.ACCESS)


def test_a_contact_who_left_opens_nothing(
    client: CheckingClient, session: Session, contact: EmployerContact
) -> None:
    enter(client, session, contact)
    link = link_for(session, contact)
    contact.active = False
    session.commit()
    assert client.post(path_of(link)).status_code == 410
    assert client.get("/entreprise").location == "/entreprise/entrer"
    assert outcomes(session)[-1] is PassOutcome.CLOSED


def test_a_device_trusted_by_one_contact_is_new_to_another(
    client: CheckingClient, session: Session, make: Factory, contact: EmployerContact
) -> None:
    enter(client, session, contact)
    colleague = make.contact(contact.establishment, name="Léa Morel", phone="06 39 98 55 55")
    link = link_for(session, colleague)
    assert client.post(path_of(link)).location == f"{path_of(link)}/code"


def test_the_database_holds_neither_device_nor_code(
    client: CheckingClient, session: Session, contact: EmployerContact
) -> None:
    enter(client, session, contact)
    cookie = client.get_cookie("ecluse-device")
    assert cookie is not None
    assert session.scalar(select(func.count(TrustedDevice.id))) == 1
    row = session.scalars(select(OneTimeCode)).one()
    code = last_code(session)
    assert row.digest not in {code, codes._digest("another key", "one-time-code", code)}
    assert row.used_at is not None
    dump = "\n".join(session.connection().connection.iterdump())
    assert cookie.value not in dump


def test_the_first_contact_comes_from_the_offer(session: Session, make: Factory) -> None:
    known = make.establishment(contact_name="Jeanne Lopez", contact_phone="0321000000")
    first = main_contact(session, known)
    assert first is not None
    assert (first.name, first.phone) == ("Jeanne Lopez", "0321000000")
    assert main_contact(session, known) is first
    first.active = False
    session.flush()
    assert main_contact(session, known) is None
    assert main_contact(session, make.establishment()) is None


@pytest.mark.parametrize(
    ("purpose", "kind"),
    [
        (LinkPurpose.EMPLOYER_SPACE, MessageKind.ACCESS),
        (LinkPurpose.EMPLOYER_FOLLOW_UP, MessageKind.FOLLOW_UP),
    ],
)
def test_a_link_leaves_with_its_message(
    session: Session, contact: EmployerContact, purpose: LinkPurpose, kind: MessageKind
) -> None:
    row = send_employer_link(session, contact=contact, purpose=purpose)
    assert (row.kind, row.contact_id, row.organisation_id) == (
        kind,
        contact.id,
        contact.establishment.owner_id,
    )
    assert row.link is not None
    assert row.link.purpose is purpose
    assert "{link}" in row.body
