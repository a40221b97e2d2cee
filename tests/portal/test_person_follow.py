"""Suivi: contacts, hand-over, sharing, statuses, barriers, limits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    Account,
    Barrier,
    BarrierImpact,
    BarrierState,
    BarrierTheme,
    Contact,
    DomainEvent,
    OrganisationKind,
    Person,
    PersonRestricted,
    PersonStatus,
    Referral,
    Role,
    Sex,
    StatusCode,
)
from portal.people.rules import BARRIERS, next_barrier_states
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory


@pytest.fixture
def referent(make: Factory) -> Account:
    return make.account(Role.REFERENT)


@pytest.fixture
def person(make: Factory, referent: Account) -> Person:
    return make.person(referent=referent)


@pytest.fixture
def url(client: CheckingClient, session: Session, referent: Account, person: Person) -> str:
    sign_in(client, session, referent)
    return f"/personnes/{person.public_id}"


def page(client: CheckingClient, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def today(days: int = 0) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def test_a_contact_moves_the_last_contact_forward_never_back(
    client: CheckingClient, session: Session, person: Person, url: str
) -> None:
    for day in (today(-3), today(-40)):
        data = {"contact-on": day, "contact-channel": "phone", "contact-note": "A rappelé."}
        assert client.post(f"{url}/contacts", data=data).status_code == 303
    session.refresh(person)
    assert person.last_contact_on == clock.today() - timedelta(days=3)
    assert len(session.scalars(select(Contact)).all()) == 2
    assert "A rappelé." in page(client, f"{url}/suivi")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"contact-on": today(1)}, "à venir"),
        ({"contact-on": ""}, "obligatoire"),
        ({"contact-channel": "pigeon"}, "Choisissez dans la liste"),
        ({"contact-note": "x" * 2001}, "2000"),
    ],
)
def test_a_contact_that_cannot_be_is_refused(
    client: CheckingClient, make: Factory, url: str, change: dict[str, str], said: str
) -> None:
    data = {"contact-on": today(), "contact-channel": "phone", **change}
    response = client.post(f"{url}/contacts", data=data)
    assert response.status_code == 422
    assert said in response.get_data(as_text=True)
    assert make.first(Contact) is None


def test_the_hand_over_ends_one_lead_and_starts_another(
    client: CheckingClient,
    make: Factory,
    session: Session,
    referent: Account,
    person: Person,
    url: str,
) -> None:
    """INV-01."""
    colleague = make.account(Role.REFERENT, referent.memberships[0].organisation)
    session.commit()
    data = {"relais-to": colleague.memberships[0].public_id, "relais-note": "Appeler le matin."}
    assert client.post(f"{url}/relais", data=data).status_code == 303
    session.expire_all()
    rows = session.scalars(select(Referral).order_by(Referral.id)).all()
    assert [(r.account_id, r.end) for r in rows] == [
        (referent.id, clock.today()),
        (colleague.id, None),
    ]
    event = make.first(DomainEvent, name="handed_over")
    assert event.details["note"] == "Appeler le matin."
    assert colleague.full_name in page(client, f"{url}/suivi")


def test_the_hand_over_goes_to_the_departement_s_services_and_nowhere_else(
    client: CheckingClient, make: Factory, session: Session, url: str
) -> None:
    sister = make.account(Role.REFERENT)
    far = make.account(
        Role.REFERENT, make.organisation(OrganisationKind.MDS, departement_code="59")
    )
    platform = make.account(Role.ADVISER)
    session.commit()
    shown = page(client, f"{url}/suivi")
    assert sister.full_name in shown
    assert far.full_name not in shown
    assert platform.full_name not in shown
    data = {"relais-to": far.memberships[0].public_id, "relais-note": "x"}
    assert client.post(f"{url}/relais", data=data).status_code == 422
    data["relais-to"] = sister.memberships[0].public_id
    assert client.post(f"{url}/relais", data=data | {"relais-note": " "}).status_code == 422
    assert client.post(f"{url}/relais", data=data).location == "/personnes"
    assert client.get(url).status_code == 404, "followed elsewhere from now on"


def test_a_lead_of_another_structure_is_not_taken(
    client: CheckingClient,
    make: Factory,
    session: Session,
    referent: Account,
    person: Person,
    url: str,
) -> None:
    make.first(Referral).lead = False
    leader = make.account(Role.ADVISER)
    make.add(
        Referral(
            person_id=person.id,
            organisation_id=leader.memberships[0].organisation_id,
            account_id=leader.id,
            start=clock.today(),
        )
    )
    session.commit()
    assert "Passer le relais" not in page(client, f"{url}/suivi")
    data = {"relais-to": referent.memberships[0].public_id, "relais-note": "x"}
    assert client.post(f"{url}/relais", data=data).status_code == 409
    session.expire_all()
    assert len(session.scalars(select(Referral).where(Referral.end.is_(None))).all()) == 2


def test_the_person_agrees_to_be_shared_and_takes_it_back(
    client: CheckingClient, make: Factory, session: Session, person: Person, url: str
) -> None:
    assert client.post(f"{url}/partage", data={"sharing-channel": "rumour"}).status_code == 422
    assert client.post(f"{url}/partage", data={"sharing-channel": "phone"}).status_code == 303
    session.refresh(person)
    assert (person.shared_on, person.shared_channel) == (clock.today(), "phone")
    assert "au téléphone" in page(client, f"{url}/suivi")
    assert client.post(f"{url}/partage/retrait").status_code == 303
    session.refresh(person)
    assert (person.shared_on, person.shared_channel) == (None, None)
    names = set(session.scalars(select(DomainEvent.name)))
    assert {"sharing_agreed", "sharing_withdrawn"} <= names


def test_a_status_is_dated_sourced_and_ended_never_edited(
    client: CheckingClient, make: Factory, session: Session, referent: Account, url: str
) -> None:
    data = {"code": "BRSA", "start": today(-60), "source": "attested", "evidence_date": today(-5)}
    assert client.post(f"{url}/statuts", data=data).status_code == 303
    row = make.first(PersonStatus)
    assert (row.code, row.recorded_by_id) == (StatusCode.BRSA, referent.id)
    assert "attesté" in page(client, f"{url}/statuts")
    end = {"fin-code": "BRSA", "fin-start": today(-60), "fin-end": today(-1)}
    assert client.post(f"{url}/statuts/fin", data=end).status_code == 303
    session.expire_all()
    assert make.first(PersonStatus).end == clock.today() - timedelta(days=1)
    assert client.post(f"{url}/statuts/fin", data=end).status_code == 404, "already ended"
    assert make.first(DomainEvent, name="status_ended").account_id == referent.id


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": ""}, "obligatoire"),
        ({"code": "RICH"}, "Choisissez dans la liste"),
        ({"start": today(1)}, "à venir"),
        ({"start": ""}, "obligatoire"),
        ({"start": today(-10)}, "déjà enregistré"),
        ({"start": today(-5)}, "déjà en cours"),
        ({"code": "ARE", "evidence_date": today(2)}, "à venir"),
    ],
)
def test_a_status_that_cannot_be_is_refused(
    client: CheckingClient, session: Session, url: str, change: dict[str, str], said: str
) -> None:
    first = {"code": "BRSA", "start": today(-10), "source": "declared"}
    client.post(f"{url}/statuts", data=first)
    response = client.post(f"{url}/statuts", data=first | change)
    assert response.status_code == 422
    assert said in response.get_data(as_text=True)
    assert len(session.scalars(select(PersonStatus)).all()) == 1


def test_a_status_cannot_end_before_it_begins(client: CheckingClient, url: str) -> None:
    client.post(f"{url}/statuts", data={"code": "ARE", "start": today(-3), "source": "declared"})
    end = {"fin-code": "ARE", "fin-start": today(-3), "fin-end": today(-9)}
    response = client.post(f"{url}/statuts/fin", data=end)
    assert response.status_code == 422
    assert "avant le début" in response.get_data(as_text=True)


def test_a_referent_outside_the_departement_cannot_write_a_restricted_status(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    account = make.account(Role.REFERENT, make.organisation(OrganisationKind.PLIE))
    person = make.person(referent=account)
    sign_in(client, session, account)
    url = f"/personnes/{person.public_id}/statuts"
    assert "RQTH" not in page(client, url)
    data = {"code": "RQTH_BOE", "start": today(-3), "source": "declared"}
    assert client.post(url, data=data).status_code == 422
    assert make.first(PersonStatus) is None


def test_an_adviser_reads_barriers_by_theme_and_date_alone(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    adviser = make.account(Role.ADVISER)
    person = make.person(referent=adviser)
    barrier = make.add(
        Barrier(
            person_id=person.id,
            theme=BarrierTheme.HOUSING,
            impact=BarrierImpact.STRONG,
            acts_text="Le bailleur",
            target_date=clock.today() + timedelta(days=9),
            observed_on=clock.today(),
        )
    )
    sign_in(client, session, adviser)
    url = f"/personnes/{person.public_id}"
    shown = page(client, f"{url}/suivi")
    assert "Logement" in shown
    assert "Le bailleur" not in shown
    assert "fort" not in shown.split('id="freins"')[1].split("</section>")[0]
    assert client.get(f"{url}/freins/{barrier.public_id}").status_code == 403
    assert client.post(f"{url}/freins", data={}).status_code == 403
    assert client.get(f"{url}/statuts").status_code == 403
    assert client.post(f"{url}/amenagements", data={}).status_code == 403


def test_a_barrier_is_noted_planned_and_moved(
    client: CheckingClient, make: Factory, session: Session, url: str
) -> None:
    data = {
        "barrier-theme": "mobility",
        "barrier-impact": "strong",
        "barrier-acts_text": "L’auto-école sociale",
        "barrier-target_date": today(30),
    }
    assert client.post(f"{url}/freins", data=data).status_code == 303
    barrier = make.first(Barrier)
    again = client.post(f"{url}/freins", data=data)
    assert "déjà dans la liste" in again.get_data(as_text=True)
    shown = page(client, f"{url}/suivi")
    assert "L’auto-école sociale" in shown
    one = f"{url}/freins/{barrier.public_id}"
    assert "L’auto-école sociale" in page(client, one)
    work = {"impact": "medium", "acts_text": "Le CCAS", "target_date": today(10)}
    assert client.post(one, data=work).status_code == 303
    assert client.post(one, data={"impact": "huge"}).status_code == 422
    assert client.post(f"{one}/etat", data={"state": "in_progress"}).status_code == 303
    session.expire_all()
    assert make.first(Barrier).state is BarrierState.IN_PROGRESS
    event = make.first(DomainEvent, name="barrier_moved")
    assert (event.from_state, event.to_state) == ("to_do", "in_progress")


@pytest.mark.parametrize("source", list(BarrierState))
@pytest.mark.parametrize("target", list(BarrierState))
def test_a_barrier_only_moves_as_the_table_says(
    client: CheckingClient,
    make: Factory,
    session: Session,
    person: Person,
    url: str,
    source: BarrierState,
    target: BarrierState,
) -> None:
    barrier = make.add(
        Barrier(
            person_id=person.id,
            theme=BarrierTheme.DIGITAL,
            impact=BarrierImpact.MEDIUM,
            state=source,
            observed_on=clock.today(),
        )
    )
    session.commit()
    path = f"{url}/freins/{barrier.public_id}/etat"
    response = client.post(path, data={"state": target.value})
    legal = BARRIERS.allows(source, target)
    assert response.status_code == (303 if legal else 422)
    session.expire_all()
    assert make.first(Barrier).state is (target if legal else source)
    assert (target in next_barrier_states(source)) is legal


def test_a_state_that_does_not_exist_is_a_bad_request(
    client: CheckingClient, make: Factory, session: Session, person: Person, url: str
) -> None:
    barrier = make.add(
        Barrier(
            person_id=person.id,
            theme=BarrierTheme.DIGITAL,
            impact=BarrierImpact.MEDIUM,
            observed_on=clock.today(),
        )
    )
    session.commit()
    path = f"{url}/freins/{barrier.public_id}/etat"
    assert client.post(path, data={"state": "cured"}).status_code == 400
    assert client.post(f"{url}/freins/bcdfgh/etat", data={"state": "lifted"}).status_code == 404


def test_the_health_theme_asks_for_gestures_never_a_diagnosis(
    client: CheckingClient, url: str
) -> None:
    shown = page(client, f"{url}/suivi")
    assert "Contrainte d’horaires ou de gestes" in shown
    assert "Jamais de maladie ni de diagnostic" in shown


def test_functional_limits_are_read_by_the_lead_alone(
    client: CheckingClient,
    make: Factory,
    session: Session,
    referent: Account,
    person: Person,
    url: str,
) -> None:
    data = {"limits-limits": "Pas de port de plus de 15 kg"}
    assert client.post(f"{url}/amenagements", data=data).status_code == 303
    assert make.first(PersonRestricted).functional_limits == "Pas de port de plus de 15 kg"
    assert "15 kg" in page(client, f"{url}/suivi").split('id="amenagements"')[1]
    client.post(f"{url}/amenagements", data={"limits-accommodation": "Siège réglable"})
    session.expire_all()
    assert make.first(PersonRestricted).functional_limits is None
    colleague = make.account(Role.REFERENT, referent.memberships[0].organisation)
    sign_in(client, session, colleague)
    assert "Siège réglable" not in page(client, f"{url}/suivi")
    assert client.post(f"{url}/amenagements", data=data).status_code == 403


def test_the_follow_up_page_of_a_new_file_says_what_will_appear(
    client: CheckingClient, url: str
) -> None:
    shown = page(client, f"{url}/suivi")
    for text in ("Aucun contact n’est noté", "Aucun frein n’est noté", "n’est pas partagée"):
        assert text in shown


def test_sex_is_optional_kept_by_the_lead_and_shown_nowhere_else(
    client: CheckingClient, make: Factory, session: Session, person: Person, url: str
) -> None:
    client.post(f"{url}/amenagements", data={"limits-sex": "woman"})
    assert make.first(PersonRestricted).sex_for_counts is Sex.WOMAN
    assert "femme" not in page(client, url)
    client.post(f"{url}/amenagements", data={"limits-sex": ""})
    session.expire_all()
    assert make.first(PersonRestricted).sex_for_counts is None
    assert client.post(f"{url}/amenagements", data={"limits-sex": "autre"}).status_code == 422
