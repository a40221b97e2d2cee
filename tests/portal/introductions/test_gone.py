"""Somebody presented who left or objects: a fact to close, and nothing to read (INV-18)."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.messages.outbox import Text, write_message
from portal.models import (
    AccessLog,
    Account,
    CallReason,
    CallRequest,
    ContractKind,
    DomainEvent,
    FollowUpKind,
    FollowUpSide,
    Hire,
    Immersion,
    ImmersionObject,
    ImmersionState,
    IntroductionState,
    JobFollowUp,
    JobOffer,
    MessageChannel,
    MessageKind,
    OutboxMessage,
    OutcomeReason,
    Person,
)
from portal.models.organisations import Role
from tests.portal.introductions.support import S, introduce, only, step
from tests.support.client import CheckingClient
from tests.support.factories import Factory

MASKED = "Personne qui n’est plus disponible"
GONE = ("archived_at", "objected_at")


@pytest.mark.parametrize("column", GONE)
@pytest.mark.parametrize("state", [S.PREPARED, S.AGREED, S.SENT, S.MEETING])
def test_nothing_of_the_person_is_read_and_only_the_end_is_left(
    client: CheckingClient,
    offer: JobOffer,
    person: Person,
    make: Factory,
    session: Session,
    column: str,
    state: IntroductionState,
) -> None:
    row = introduce(make, offer, person, state)
    row.outcome_text = "Nadia a déménagé"
    row.card = {"first_name": "Nadia", "can_do": [{"what": "Poser un tuyau"}]}
    setattr(person, column, clock.now())
    session.commit()
    page = client.get(f"/mises-en-relation/{row.public_id}").text
    listed = client.get("/mises-en-relation").text
    for text in (page, listed, client.get(f"/offres/{offer.public_id}").text):
        assert MASKED in text
        assert "Nadia" not in text
    assert person.public_id not in page
    assert page.count('class="step-form"') == 1
    assert ("Dites à l’entreprise" in page) == (state in (S.SENT, S.MEETING))
    assert session.scalars(select(AccessLog).where(AccessLog.person_id == person.id)).all() == []
    refused = step(client, row, "accord", channel="phone", on=clock.today().isoformat())
    assert "La personne n’est plus disponible" in refused
    assert only(session).state is state
    step(client, row, "clore-plus-disponible")
    row = only(session)
    assert (row.state, row.outcome_reason) == (S.CLOSED, OutcomeReason.OTHER)
    assert session.scalars(select(DomainEvent.name)).all()[-1] == "closed_gone"
    assert 'class="step-form"' not in client.get(f"/mises-en-relation/{row.public_id}").text


def test_somebody_who_is_there_is_not_closed_so(
    client: CheckingClient, offer: JobOffer, person: Person, make: Factory, session: Session
) -> None:
    row = introduce(make, offer, person, S.SENT)
    session.commit()
    assert "encore accompagnée" in step(client, row, "clore-plus-disponible")
    assert only(session).state is S.SENT


@pytest.mark.parametrize(
    ("state", "task"),
    [
        (S.SENT, "Dire à l’employeur\u00a0: la personne n’est plus disponible"),
        (S.AGREED, "Clore\u00a0: la personne n’est plus disponible"),
        (S.REFUSED, None),
    ],
)
def test_the_day_of_the_adviser_says_it_while_the_introduction_is_open(
    client: CheckingClient,
    offer: JobOffer,
    person: Person,
    make: Factory,
    session: Session,
    state: IntroductionState,
    task: str | None,
) -> None:
    introduce(make, offer, person, state)
    person.objected_at = clock.now()
    session.commit()
    day = client.get("/").text
    assert ("plus disponible</p>" in day) == (task is not None)
    assert task is None or task in day
    assert "Nadia" not in day


def test_a_call_to_the_firm_about_them_no_longer_tells_the_name_it_noted(
    client: CheckingClient,
    adviser: Account,
    offer: JobOffer,
    person: Person,
    make: Factory,
    session: Session,
) -> None:
    row = introduce(make, offer, person, S.MEETING)
    make.add(
        CallRequest(
            reason=CallReason.MEETING,
            establishment=offer.establishment,
            organisation_id=adviser.memberships[0].organisation_id,
            due_on=clock.today(),
            subject_kind="introduction",
            subject_id=row.id,
            note="Paul propose de rencontrer Nadia Moreau demain.",
        )
    )
    session.commit()
    assert adviser.memberships[0].role is Role.ADVISER
    assert "rencontrer Nadia Moreau" in client.get("/appels").text
    person.archived_at = clock.now()
    session.commit()
    page = client.get("/appels").text
    assert "Nadia" not in page
    assert f"/mises-en-relation/{row.public_id}" in page


def about(
    make: Factory, adviser: Account, offer: JobOffer, person: Person, kind: str, session: Session
) -> Hire | Immersion | OutboxMessage:
    """What a firm may be called about: a hire, an immersion, a message that could not leave."""
    organisation, firm = adviser.memberships[0].organisation_id, offer.establishment
    assert firm is not None
    shared = {"person": person, "establishment": firm, "start": clock.today()}
    if kind == "immersion":
        return make.add(  # type: ignore[no-any-return]
            Immersion(
                **shared,
                support_id=organisation,
                state=ImmersionState.ASSESSMENT_DUE,
                object=ImmersionObject.DISCOVER,
                objectives="Voir",
                tasks="Porter",
                end=clock.today(),
                presence_days=1,
                weekly_hours=35,
                schedule="8 h",
                tutor_name="Paul",
            )
        )
    hire = make.add(Hire(**shared, organisation_id=organisation, contract=ContractKind.CDD))
    if kind == "hire":
        return hire  # type: ignore[no-any-return]
    news = JobFollowUp(kind=FollowUpKind.M1, side=FollowUpSide.EMPLOYER, due=clock.today())
    hire.follow_ups.append(news)
    session.flush()
    return write_message(
        session,
        key="news",
        kind=MessageKind.FOLLOW_UP,
        to=make.contact(firm),
        text=Text(sms="Comment cela se passe ?"),
        organisation_id=organisation,
        subject=news,
        channel=MessageChannel.CALL,
    )


@pytest.mark.parametrize("kind", ["hire", "immersion", "message"])
def test_neither_does_a_call_about_their_hire_their_immersion_or_a_message(
    client: CheckingClient,
    adviser: Account,
    offer: JobOffer,
    person: Person,
    make: Factory,
    session: Session,
    kind: str,
) -> None:
    organisation = adviser.memberships[0].organisation_id
    subject = about(make, adviser, offer, person, kind, session)
    make.add(
        CallRequest(
            reason=CallReason.LATE,
            establishment=offer.establishment,
            organisation_id=organisation,
            due_on=clock.today(),
            subject_kind=subject.__tablename__,
            subject_id=subject.id,
            note="Deux retards de Nadia Moreau.",
        )
    )
    session.commit()
    assert "retards de Nadia Moreau" in client.get("/appels?qui=structure").text
    person.objected_at = clock.now()
    session.commit()
    assert "Nadia" not in client.get("/appels?qui=structure").text
