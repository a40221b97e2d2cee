"""« Mes pistes »: which jobs are shown, what is said of them, and a first answer."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    Account,
    AnswerChannel,
    CallReason,
    CallRequest,
    Confidentiality,
    DomainEvent,
    Interest,
    Introduction,
    LeadChoice,
    OfferState,
    OutcomeReason,
    Person,
    RequirementKind,
    Role,
)
from portal.today.tasks import working_days_after
from tests.portal.recipients.leads.support import answer_of, introduce, offer_of, say, text_of
from tests.support.client import CheckingClient
from tests.support.factories import AMIENS, Factory

pytestmark = pytest.mark.usefixtures("person")


def test_at_most_three_and_agreements_first(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person
) -> None:
    for number in range(4):
        offer_of(make, adviser, f"Emploi {number}")
    introduce(make, offer_of(make, adviser, "Maçon demandé"), person)
    page = text_of(visit, "/moi/pistes")
    assert len(re.findall(r'<section class="card">', page)) == 3
    assert page.index("Maçon demandé") < page.index("Emploi")
    assert "On attend votre réponse." in page


def test_nothing_to_show_is_said_and_not_an_empty_page(visit: CheckingClient) -> None:
    page = text_of(visit, "/moi/pistes")
    assert "Pas de nouvelle piste aujourd’hui." in page


@pytest.mark.parametrize(
    "values",
    [
        {"confidentiality": Confidentiality.ADVISER_ONLY},
        {"state": OfferState.SUSPENDED},
        {"state": OfferState.DRAFT},
        {"fresh_until": clock.today() - timedelta(days=1)},
        {"start_latest": clock.today() - timedelta(days=1), "start_wanted": None},
        {"shared_at": None},
    ],
)
def test_t_off_03_what_is_not_live_or_not_shared_is_not_shown(
    visit: CheckingClient, make: Factory, adviser: Account, values: dict[str, object]
) -> None:
    if "start_wanted" in values:
        values = values | {"start_wanted": clock.today() - timedelta(days=9)}
    offer = offer_of(make, adviser, "Emploi caché", **values)
    assert "Emploi caché" not in text_of(visit, "/moi/pistes")
    assert visit.get(f"/moi/pistes/{offer.public_id}").status_code == 404
    assert (
        visit.post(f"/moi/pistes/{offer.public_id}", data={"choice": "interested"}).status_code
        == 404
    )


def test_an_offer_of_another_departement_is_nowhere(visit: CheckingClient, make: Factory) -> None:
    other = make.organisation(departement_code="80")
    offer = offer_of(make, make.account(Role.ADVISER, other), "Emploi d’Amiens", place=AMIENS)
    assert visit.get(f"/moi/pistes/{offer.public_id}").status_code == 404


def test_another_persons_lead_is_not_found(
    visit: CheckingClient, make: Factory, adviser: Account, referent: Account
) -> None:
    other = make.person(referent=referent)
    kept = offer_of(make, adviser, "Gardé", confidentiality=Confidentiality.ADVISER_ONLY)
    introduce(make, kept, other)
    for path in ("", "/pourquoi", "/pourquoi/details", "/pourquoi/details.json", "/dit", "/raison"):
        assert visit.get(f"/moi/pistes/{kept.public_id}{path}").status_code == 404
    assert visit.post(f"/moi/pistes/{kept.public_id}/accord").status_code == 404


def test_t_mat_06_a_trade_the_person_dislikes_is_absent(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person
) -> None:
    offer_of(make, adviser, "Routes")
    make.add(Interest(person_id=person.id, occupation_code="F1702", liking=-1))
    introduce(make, offer_of(make, adviser, "Routes aussi"), person)
    page = text_of(visit, "/moi/pistes")
    assert "Routes" not in page


def test_a_gap_is_no_lead(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person
) -> None:
    skill = make.skill("tp.poser")
    make.knows(person, skill, 0)
    offer = offer_of(make, adviser, "Trop loin du métier")
    make.requires(offer, skill)
    make.session.commit()
    assert "Trop loin du métier" not in text_of(visit, "/moi/pistes")


def test_a_lead_says_where_how_long_when_what_is_learned_and_who_helps(
    visit: CheckingClient, make: Factory, adviser: Account
) -> None:
    skill = make.skill("tp.lire", "Lire un plan")
    offer = offer_of(
        make,
        adviser,
        "Canalisateur",
        duration_months=6,
        weekly_hours=35.0,
        start_hour="07:30",
        tutor_available=True,
    )
    make.requires(offer, skill, RequirementKind.ON_THE_JOB)
    make.session.commit()
    page = text_of(visit, f"/moi/pistes/{offer.public_id}")
    for words in (
        "Marquion",
        "en voiture",
        "Un contrat de 6 mois.",
        "35 heures par semaine.",
        "7\u00a0h\u00a030",
        "Lire un plan",
        "Vous apprenez avec l’entreprise.",
        "Jeanne Petit",
        "Une personne de l’entreprise vous montre le travail.",
        "/static/pictos/metiers/F17",
    ):
        assert words in page, words
    assert "CDD" not in page
    assert offer.establishment.name not in page  # type: ignore[union-attr]


def test_what_a_session_teaches_has_its_day_and_its_town(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person
) -> None:
    skill = make.skill("tp.poser", "Poser un tuyau")
    make.knows(person, skill, 0)
    offer = offer_of(make, adviser, "Canalisateur")
    make.requires(offer, skill)
    make.session_of_training(teaches={"tp.poser": 2}, starts_in=5, lasts=10)
    make.session.commit()
    page = text_of(visit, f"/moi/pistes/{offer.public_id}")
    assert "Poser un tuyau" in page
    assert "Une formation commence le" in page
    assert "Arras" in page


def test_the_employer_is_named_only_if_the_offer_names_it(
    visit: CheckingClient, make: Factory, adviser: Account
) -> None:
    named = offer_of(make, adviser, "Nommé", confidentiality=Confidentiality.PARTNERS_NAMED)
    masked = offer_of(make, adviser, "Masqué")
    assert named.establishment.name in text_of(visit, f"/moi/pistes/{named.public_id}")  # type: ignore[union-attr]
    assert masked.establishment.name not in text_of(visit, f"/moi/pistes/{masked.public_id}")  # type: ignore[union-attr]


def test_interested_is_no_contract_and_somebody_calls_within_two_working_days(
    visit: CheckingClient,
    make: Factory,
    adviser: Account,
    person: Person,
    referent: Account,
    session: Session,
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    page = say(visit, offer, "interested")
    assert "Votre conseiller vous appelle avant" in page
    assert "Ce n’est pas un contrat." in page
    row = answer_of(session, person)
    assert (row.choice, row.answered_by) == (LeadChoice.INTERESTED, AnswerChannel.SPACE)
    call = session.scalars(select(CallRequest)).one()
    assert (call.reason, call.account_id) == (CallReason.INTERESTED, referent.id)
    assert call.due_on == working_days_after(clock.today(), 2)
    assert session.scalar(select(Introduction.id)) is None
    assert "Maçon" not in text_of(visit, "/moi/pistes")
    assert "Maçon" in text_of(visit, "/moi/pistes/reponses")


def test_pressed_twice_it_is_one_answer_and_one_call(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person, session: Session
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    say(visit, offer, "call_me")
    say(visit, offer, "call_me")
    assert answer_of(session, person).choice is LeadChoice.CALL_ME
    assert session.scalars(select(CallRequest.reason)).all() == [CallReason.CALL_ME]


def test_not_for_me_asks_a_reason_in_pictures_and_needs_none(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person, session: Session
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    page = say(visit, offer, "not_for_me")
    assert len(re.findall(r"/static/pictos/raisons/", page)) == 6
    done = visit.post(
        f"/moi/pistes/{offer.public_id}/raison", data={"reason": ""}, follow_redirects=True
    )
    assert "C’est noté. Merci." in done.get_data(as_text=True)
    row = answer_of(session, person)
    assert (row.choice, row.reason) == (LeadChoice.NOT_FOR_ME, None)
    assert session.scalar(select(Interest.liking)) is None


@pytest.mark.parametrize(("reason", "liking"), [("not_liked", -1), ("travel", None)])
def test_only_the_trade_itself_sets_the_trade_aside(
    visit: CheckingClient,
    make: Factory,
    adviser: Account,
    person: Person,
    session: Session,
    reason: str,
    liking: int | None,
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    say(visit, offer, "not_for_me")
    visit.post(f"/moi/pistes/{offer.public_id}/raison", data={"reason": reason})
    assert answer_of(session, person).reason is OutcomeReason(reason)
    assert session.scalar(select(Interest.liking)) == liking


def test_one_may_change_ones_mind_and_every_answer_is_kept(
    visit: CheckingClient, make: Factory, adviser: Account, person: Person, session: Session
) -> None:
    offer = offer_of(make, adviser, "Maçon")
    say(visit, offer, "interested")
    say(visit, offer, "not_for_me")
    visit.post(f"/moi/pistes/{offer.public_id}/raison", data={"reason": "not_liked"})
    calls = session.scalars(select(CallRequest)).all()
    assert [call.outcome for call in calls] == ["La personne a changé d’avis."]
    say(visit, offer, "interested")
    assert session.scalar(select(Interest.liking)) is None
    row = answer_of(session, person)
    assert (row.choice, row.reason) == (LeadChoice.INTERESTED, None)
    events = session.execute(
        select(DomainEvent.name, DomainEvent.from_state, DomainEvent.to_state)
        .where(DomainEvent.subject_kind == "lead_answer")
        .order_by(DomainEvent.id)
    ).all()
    assert [tuple(event) for event in events] == [
        ("lead_answered", None, "interested"),
        ("lead_answered", "interested", "not_for_me"),
        ("lead_reason_said", None, "not_for_me"),
        ("lead_answered", "not_for_me", "interested"),
    ]
