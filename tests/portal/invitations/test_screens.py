"""The screens of those who invite: one person or several, the list, what is written afterwards."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    AccessKind,
    AccessLog,
    Account,
    AnswerChannel,
    Invitation,
    InvitationKind,
    InvitationState,
    OutboxMessage,
    Person,
    Role,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory
from tests.support.inviting import at, invite, messages_of
from tests.support.queries import count_queries

S = InvitationState


@pytest.fixture
def referent(make: Factory) -> Account:
    """A referent."""
    return make.account(Role.REFERENT)


def filled(*people: Person, **changes: Any) -> dict[str, Any]:
    """The form as a referent fills it."""
    day = clock.today() + timedelta(days=10)
    return {
        "personne": [person.public_id for person in people],
        "kind": "visit",
        "title": "une visite de chantier",
        "on": day.isoformat(),
        "hour": "14:00",
        "place": "Base de vie",
        "commune": "Arras",
        "action": "send",
        **changes,
    }


def stored(session: Session) -> list[Invitation]:
    """Every invitation."""
    session.expire_all()
    return list(session.scalars(select(Invitation).order_by(Invitation.id)))


def test_a_file_leads_to_the_form_and_the_message_is_read_before_it_leaves(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make.commune()
    person = make.person(referent=referent, phone="0600000001")
    sign_in(client, session, referent)
    file = client.get(f"/personnes/{person.public_id}").get_data(as_text=True)
    assert f"/invitations/nouvelle?personne={person.public_id}" in file
    assert client.get(f"/invitations/nouvelle?personne={person.public_id}").status_code == 200
    page = client.post("/invitations/nouvelle", data=filled(person, action="preview"))
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "RAPPELEZ-MOI. https://…" in text
    length = re.search(r"(\d+) signes", text)
    assert length is not None
    assert int(length[1]) <= 160
    assert stored(session) == []
    sent = client.post("/invitations/nouvelle", data=filled(person), follow_redirects=True)
    assert "1 personne invitée." in sent.get_data(as_text=True).replace("\u00a0", " ")
    row = stored(session)[0]
    assert (row.starts_at, row.by_id, row.title) == (at(10), referent.id, "une visite de chantier")
    assert [m.body.count("{link}") for m in messages_of(make, row)] == [1]


def test_several_people_ticked_each_get_their_own(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make.commune()
    people = [make.person(referent=referent, phone=f"060000000{n}") for n in range(3)]
    sign_in(client, session, referent)
    client.post("/invitations/nouvelle", data=filled(*people))
    assert {row.person_id for row in stored(session)} == {person.id for person in people}
    assert session.scalar(select(func.count(OutboxMessage.id))) == 3


def test_the_same_page_sent_twice_invites_once(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make.commune()
    person = make.person(referent=referent, phone="0600000001")
    sign_in(client, session, referent)
    first = client.post("/invitations/nouvelle", data=filled(person))
    assert client.post("/invitations/nouvelle", data=filled(person)).location == first.location
    assert session.scalar(select(func.count(OutboxMessage.id))) == 1
    row = stored(session)[0]
    row.state = InvitationState.DECLINED
    row.answered_at, row.answered_by = clock.now(), AnswerChannel.PHONE
    session.commit()
    client.post("/invitations/nouvelle", data=filled(person))
    assert len(stored(session)) == 2


def test_people_ticked_in_the_portfolio_lead_to_one_form(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    ours = [make.person(referent=referent, last_name=f"Aubert{n}") for n in range(2)]
    theirs = make.person(referent=make.account(Role.REFERENT), shared_on=clock.today())
    sign_in(client, session, referent)
    page = client.get("/personnes?qui=structure").text
    assert "Inviter les personnes cochées" in page
    assert page.count('name="person"') == 2
    assert "Inviter les personnes cochées" not in client.get("/personnes?qui=partage").text
    ticked = [person.public_id for person in ours]
    answer = client.post("/invitations/choisir", data={"person": ticked})
    assert answer.status_code == 303
    assert "Inviter 2 personnes" in client.get(answer.location).text
    mixed = client.post("/invitations/choisir", data={"person": [*ticked, theirs.public_id]})
    shown = client.get(mixed.location).text
    assert "1 personne cochée est suivie ailleurs" in shown
    assert "Inviter 2 personnes" in shown


@pytest.mark.parametrize(
    ("ticked", "said"),
    [
        (0, "Cochez d’abord les personnes à inviter."),
        (1, "Ces personnes sont suivies ailleurs"),
        (51, "Invitez 50 personnes à la fois, au plus."),
    ],
)
def test_ticks_that_invite_nobody_say_why(
    client: CheckingClient, make: Factory, session: Session, referent: Account, ticked: int,
    said: str,
) -> None:  # fmt: skip
    theirs = make.person(referent=make.account(Role.REFERENT))
    sign_in(client, session, referent)
    back = "/personnes?qui=structure"
    data = {"person": [theirs.public_id] * ticked, "suite": back}
    answer = client.post("/invitations/choisir", data=data)
    assert answer.location == back
    assert said in client.get(back).text
    away = client.post("/invitations/choisir", data={"suite": "//ailleurs.example"})
    assert away.location == "/personnes"


def test_candidates_of_an_offer_are_invited_from_there(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    adviser = make.account(Role.ADVISER)
    make.person(referent=adviser, modes="car")
    offer = make.offer(adviser)
    sign_in(client, session, adviser)
    page = client.get(f"/offres/{offer.public_id}").text
    assert 'formaction="/invitations/choisir"' in page
    assert 'name="person"' in page


def test_one_invites_only_people_one_follows(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    make.commune()
    mine = make.person(referent=referent)
    theirs = make.person(referent=make.account(Role.REFERENT))
    sign_in(client, session, referent)
    assert client.get(f"/invitations/nouvelle?personne={theirs.public_id}").status_code == 404
    assert client.post("/invitations/nouvelle", data=filled(theirs)).status_code == 404
    assert client.get("/invitations/nouvelle").status_code == 404
    client.post("/invitations/nouvelle", data=filled(mine, theirs))
    assert [row.person_id for row in stored(session)] == [mine.id]
    refused = select(AccessLog).where(AccessLog.kind == AccessKind.REFUSED)
    assert session.scalars(refused).first() is not None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"on": ""}, "Donnez le jour."),
        ({"on": "2020-01-01"}, "déjà passé"),
        ({"hour": "25:00"}, "Écrivez l’heure"),
        ({"hour": ""}, "Donnez l’heure."),
        ({"place": ""}, "Dites où aller."),
        ({"commune": "Nulle-Part"}, "Aucune commune"),
        ({"title": "x" * 61}, "60 signes"),
        ({"kind": "information"}, "Choisissez dans la liste"),
        ({"on_2": "2030-01-01"}, None),
        ({"hour_2": "10:00"}, "ni l’un ni l’autre"),
        ({"on_2": "2020-01-01", "hour_2": "10:00"}, "déjà passé"),
    ],
)
def test_a_form_with_errors_says_them_in_french_and_keeps_what_was_written(
    client: CheckingClient,
    make: Factory,
    session: Session,
    referent: Account,
    changes: dict[str, str],
    said: str | None,
) -> None:
    make.commune()
    person = make.person(referent=referent)
    sign_in(client, session, referent)
    answer = client.post("/invitations/nouvelle", data=filled(person, **changes))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422 or said is None
    if said:
        assert re.search(said, text)
        assert person.public_id in text
        assert "14:00" in text or "hour" in changes
        assert stored(session) == []


def test_the_list_shows_the_views_of_my_structure_by_short_name(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    row = invite(make, referent)
    stranger = invite(make, make.account(Role.REFERENT))
    sign_in(client, session, referent)
    for address in ("/invitations", "/invitations?vue=sans-reponse&qui=moi"):
        page = client.get(address).get_data(as_text=True)
        assert row.public_id in page
        assert stranger.public_id not in page
    fragment = client.get("/invitations", hx=True).get_data(as_text=True)
    assert fragment.strip() in client.get("/invitations").get_data(as_text=True)
    assert row.public_id not in client.get("/invitations?vue=a-clore").get_data(as_text=True)
    kinds = session.scalars(select(AccessLog.kind).where(AccessLog.person_id == row.person_id))
    assert AccessKind.LIST in set(kinds)


def test_another_structure_s_invitation_does_not_exist_and_the_refusal_is_logged(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    row = invite(make, make.account(Role.REFERENT), slots=(at(12),))
    sign_in(client, session, referent)
    address = f"/invitations/{row.public_id}"
    assert client.get(address).status_code == 404
    for path, data in (
        ("presence", {"came": "yes"}),
        ("annuler", {"reason": "place"}),
        ("reponse", {"answer": "yes"}),
        ("autre-date", {"slot": row.slots[0].public_id}),
    ):
        assert client.post(f"{address}/{path}", data=data).status_code == 404
    session.refresh(row)
    assert (row.state, row.starts_at) == (S.SENT, at(10))
    refused = select(AccessLog.person_id).where(AccessLog.kind == AccessKind.REFUSED)
    assert row.person_id in set(session.scalars(refused))


def test_an_answer_and_another_date_given_by_phone_are_written(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    row = invite(make, referent, slots=(at(12),))
    sign_in(client, session, referent)
    address = f"/invitations/{row.public_id}"
    assert client.post(f"{address}/reponse", data={}).status_code == 422
    client.post(f"{address}/reponse", data={"answer": "yes"})
    session.refresh(row)
    assert (row.state, row.answered_by, row.helper_id) == (
        S.ACCEPTED,
        AnswerChannel.PHONE,
        referent.id,
    )
    client.post(f"{address}/autre-date", data={"slot": row.slots[0].public_id})
    session.refresh(row)
    assert row.starts_at == at(12)
    page = client.get(address).get_data(as_text=True)
    assert "Autre date" in page
    assert any(" a note : " in m.body for m in messages_of(make, row))


def test_a_cancellation_says_why_and_tells_the_person_once(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    row = invite(make, referent)
    sign_in(client, session, referent)
    address = f"/invitations/{row.public_id}/annuler"
    assert client.post(address, data={"reason": ""}).status_code == 422
    for _ in range(2):
        client.post(address, data={"reason": "place"})
    session.refresh(row)
    assert row.state is S.CANCELLED
    assert len([m for m in messages_of(make, row) if "Ne venez pas" in m.body]) == 1


def test_presence_is_noted_after_the_hour_and_corrected(
    client: CheckingClient, make: Factory, session: Session, referent: Account
) -> None:
    coming = invite(make, referent)
    with clock.frozen_at(clock.now() - timedelta(days=4)):
        past = invite(make, referent, starts_at=at(2))
    sign_in(client, session, referent)
    assert past.public_id in client.get("/invitations?vue=a-clore").get_data(as_text=True)
    client.post(f"/invitations/{coming.public_id}/presence", data={"came": "yes"})
    for came in ("yes", "no"):
        client.post(f"/invitations/{past.public_id}/presence", data={"came": came})
    assert client.post(f"/invitations/{past.public_id}/presence", data={}).status_code == 303
    session.expire_all()
    assert (coming.state, past.state) == (S.SENT, S.MISSED)


def test_the_list_and_the_batch_ask_no_more_for_more_people(
    client: CheckingClient, database: Database, make: Factory, session: Session, referent: Account
) -> None:
    make.commune()
    sign_in(client, session, referent)

    def count(address: str) -> int:
        with count_queries(database.engine) as seen:
            assert client.get(address).status_code == 200
        return seen.count

    first = invite(make, referent)
    session.commit()
    client.get("/invitations")
    before = count("/invitations")
    batch = count(f"/invitations/nouvelle?personne={first.person.public_id}")
    rows = [invite(make, referent, kind=InvitationKind.APPOINTMENT) for _ in range(6)]
    session.commit()
    assert count("/invitations") == before
    many = "&".join(f"personne={row.person.public_id}" for row in rows)
    assert count(f"/invitations/nouvelle?{many}") == batch
