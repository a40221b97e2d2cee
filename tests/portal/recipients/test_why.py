"""« Pourquoi moi ? », its whole account, and « Je ne suis pas d’accord »."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.db import Database
from portal.models import (
    CallReason,
    CallRequest,
    Commune,
    Contestation,
    DomainEvent,
    JobOffer,
    OfferRequirement,
    Person,
    RequirementKind,
    Role,
    TrainingAction,
    TrainingProgram,
    TrainingSession,
)
from portal.recipients.accounting import account_of
from portal.recipients.saying import MOST_SENTENCES, MOST_WORDS, sentences_of
from portal.today.tasks import working_days_after
from tests.support.client import CheckingClient
from tests.support.doors import enter
from tests.support.factories import Factory

_LABELS = st.sampled_from(
    [
        "Poser un tuyau",
        "Réaliser des opérations de maintenance préventive selon le plan du constructeur",
        "Utiliser un logiciel de DAO",
    ]
)
_DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


def _choice(start: date, *, blocked: bool, in_time: bool, place: str | None) -> mm.SessionChoice:
    row = TrainingSession(start=start, end=start + timedelta(days=20))
    row.commune = Commune(name=place) if place else None
    row.action = TrainingAction(program=TrainingProgram(title="Ouvrier de travaux publics"))
    return mm.SessionChoice(row, 30.0, ("plus de place",) if blocked else (), in_time, True)


_CHOICES = st.builds(
    _choice,
    _DAYS,
    blocked=st.booleans(),
    in_time=st.booleans(),
    place=st.sampled_from([None, "Arras", "Saint-Laurent-Blangy sous Bois le Comte"]),
)
_ROWS = st.builds(
    mm.RequirementView,
    row=st.builds(OfferRequirement),
    label=_LABELS,
    kind=st.sampled_from(RequirementKind),
    outcome=st.sampled_from(mm.Outcome),
    fact=st.none() | st.just("autonome, déclaré le 12/03/2026"),
    backed_by=st.tuples() | st.tuples(_LABELS),
    sessions=st.lists(_CHOICES, max_size=3).map(tuple),
)
_EXPLANATIONS = st.builds(
    mm.ExplanationView,
    person=st.builds(Person),
    offer=st.builds(JobOffer, title=_LABELS),
    group=st.none() | st.sampled_from(mm.GROUP_KEYS),
    ready_by=st.none() | _DAYS,
    minutes=st.floats(1, 240),
    mode=st.just("en bus"),
    in_reach=st.booleans(),
    with_car=st.booleans(),
    interest=st.just("neutral"),
    step=st.none(),
    requirements=st.lists(_ROWS, max_size=8).map(tuple),
    computed_on=_DAYS,
)


def _is_plain(text: str) -> bool:
    """At most twelve words, and no acronym."""
    return len(text.split()) <= MOST_WORDS and not re.search(r"\b[A-ZÉ]{2,}\b", text)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(explanation=_EXPLANATIONS)
def test_t_xpl_01_at_most_three_short_sentences(
    app: Flask, explanation: mm.ExplanationView
) -> None:
    with app.test_request_context():
        said = sentences_of(explanation)
        told = account_of(explanation)
    assert 1 <= len(said) <= MOST_SENTENCES
    for sentence in said:
        assert _is_plain(sentence.text), sentence.text
    labels = {row.label for row in explanation.requirements}
    for sentence in said[:2]:
        assert sentence.item is None or sentence.item in labels
    for text in (*told["degree"], *told["parameters"], *told["never"], *told["operations"]):
        assert len(text.replace("\u00a0:", "").split()) <= MOST_WORDS, text
    json.dumps(told)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(explanation=_EXPLANATIONS)
def test_the_sentences_say_what_was_computed(app: Flask, explanation: mm.ExplanationView) -> None:
    with app.test_request_context():
        texts = [sentence.text for sentence in sentences_of(explanation)]
    deciding = [row.outcome for row in explanation.requirements if row.decides]
    gaps = deciding.count(mm.Outcome.GAP)
    assert any("à apprendre" in text for text in texts) == bool(gaps)
    whole = bool(deciding) and all(outcome is mm.Outcome.MET for outcome in deciding)
    assert ("Vous savez déjà faire ce que l’emploi demande." in texts) == whole
    unknown = sum(outcome in (mm.Outcome.UNKNOWN, mm.Outcome.BACKED) for outcome in deciding)
    assert any("à vous poser" in text for text in texts) == (bool(unknown) and not gaps)


@dataclass
class Scene:
    """A person in their space, and a job that asks two things."""

    client: CheckingClient
    person: Person
    offer: JobOffer

    def page(self, path: str) -> str:
        """A page of this lead."""
        response = self.client.get(f"/moi/pistes/{self.offer.public_id}{path}")
        assert response.status_code == 200
        return response.get_data(as_text=True)

    def contest(self, **data: str) -> str:
        """« Je ne suis pas d’accord », and the page that follows."""
        values = {"piste": self.offer.public_id, "how": "text", **data}
        response = self.client.post("/moi/contester", data=values, follow_redirects=True)
        assert response.status_code == 200
        return response.get_data(as_text=True)


@pytest.fixture
def scene(client: CheckingClient, database: Database, make: Factory) -> Scene:
    person = make.person(referent=make.account(Role.REFERENT), modes="car", max_minutes=90)
    offer = make.offer(make.account(Role.ADVISER), title="Canalisateur")
    make.requires(offer, make.skill("tp.poser", "Poser un tuyau"))
    make.requires(offer, make.skill("tp.lire", "Lire un plan"))
    make.knows(person, make.skill("tp.poser"), 2)
    make.knows(person, make.skill("tp.lire"), 0)
    make.session_of_training(teaches={"tp.lire": 2}, starts_in=5, lasts=10)
    make.session.commit()
    enter(client, database, person)
    return Scene(client, person, offer)


def test_t_xpl_01_why_me_facts_what_is_missing_and_how_to_contest(scene: Scene) -> None:
    page = scene.page("/pourquoi")
    assert len(re.findall(r'<p class="lead"', page)) == 3
    for words in (
        "Vous savez déjà faire une partie de cet emploi.",
        "Poser un tuyau",
        "Il reste 1 chose à apprendre.",
        "Lire un plan",
        "Une formation commence le",
        "Arras",
        "Le calcul propose. Une personne décide.",
        f"/moi/contester?piste={scene.offer.public_id}",
    ):
        assert words in page, words


def test_without_a_commune_the_page_says_what_to_do(scene: Scene, session: Session) -> None:
    session.get_one(Person, scene.person.id).commune_code = None
    session.commit()
    assert "Dites-le à votre conseiller." in scene.page("/pourquoi")
    assert "Nous ne savons pas encore où vous habitez." in scene.page("/pourquoi/details")


def test_t_xpl_03_the_account_is_complete_on_the_page_and_as_data(scene: Scene) -> None:
    page = scene.page("/pourquoi/details")
    for words in (
        "Le calcul propose une liste.",
        "Ce qui compte, dans cet ordre",
        "Ce que le calcul a fait pour vous",
        "Poser un tuyau",
        "déclaré",
    ):
        assert words in page, words
    response = scene.client.get(f"/moi/pistes/{scene.offer.public_id}/pourquoi/details.json")
    told = response.get_json()
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert {"degree", "data", "parameters", "operations", "trip", "rules"} <= set(told)
    assert [row["known"] for row in told["data"]] == ["oui", "pas encore"]
    assert told["data"][0]["source"]
    assert told["data"][1]["sessions"][0]["place"] == "Arras"
    assert told["rules"]["version"] == mm.ENGINE_VERSION


def test_nothing_private_enters_the_account(scene: Scene, session: Session, app: Flask) -> None:
    person = session.get_one(Person, scene.person.id)
    person.birth_date = date(1990, 5, 17)
    session.commit()
    with app.test_request_context():
        explanation = mm.explain(session, person, session.get_one(JobOffer, scene.offer.id))
        assert explanation is not None
        text = json.dumps(account_of(explanation), ensure_ascii=False)
    assert person.last_name not in text
    assert "1990" not in text


def _only(session: Session) -> Contestation:
    session.expire_all()
    return session.scalars(select(Contestation)).one()


def test_t_xpl_02_a_contestation_is_dated_frozen_and_assigned(
    scene: Scene, session: Session
) -> None:
    page = scene.contest(text="Je sais lire un plan.")
    assert "Réponse avant" in page
    assert "Je sais lire un plan." in page
    row = _only(session)
    assert row.due_on == working_days_after(clock.today(), 5)
    assert row.organisation_id == scene.person.referrals[0].organisation_id
    assert row.account_id == scene.person.referrals[0].account_id
    assert [fact["known"] for fact in row.explanation["data"]] == ["oui", "pas encore"]
    assert session.scalars(select(DomainEvent.name).where(DomainEvent.subject_id == row.id)).all()
    session.get_one(JobOffer, scene.offer.id).title = "Autre chose"
    session.commit()
    assert _only(session).explanation["offer"] == "Canalisateur"


def test_words_are_not_needed_and_the_phone_is_as_good(scene: Scene, session: Session) -> None:
    scene.contest(how="phone")
    assert _only(session).text is None
    call = session.scalars(select(CallRequest)).one()
    assert (call.reason, call.subject_kind) == (CallReason.CALL_ME, "contestation")


def test_said_twice_it_is_one_contestation(scene: Scene, session: Session) -> None:
    scene.contest(text="Je sais lire un plan.")
    scene.contest(text="Mon chef peut le dire.")
    assert _only(session).text == "Je sais lire un plan.\nMon chef peut le dire."


def test_a_text_too_long_comes_back_with_its_error(scene: Scene) -> None:
    data: dict[str, Any] = {"text": "a" * 2001, "piste": scene.offer.public_id}
    response = scene.client.post("/moi/contester", data=data)
    assert response.status_code == 422
    assert "Votre texte est trop long." in response.get_data(as_text=True)


def test_one_may_contest_what_is_known_without_a_job(scene: Scene, session: Session) -> None:
    assert scene.client.get("/moi/contester").status_code == 200
    scene.client.post("/moi/contester", data={"text": "Ce n’est pas vrai."})
    row = _only(session)
    assert (row.offer_id, row.explanation) == (None, {})


def test_another_persons_contestation_is_not_found(
    scene: Scene, make: Factory, client: CheckingClient, database: Database, session: Session
) -> None:
    scene.contest(text="Je sais.")
    path = f"/moi/contester/{_only(session).public_id}"
    other = make.person()
    session.commit()
    enter(client, database, other)
    assert client.get(path).status_code == 404
    assert client.post(f"{path}/lu").status_code == 404


def test_what_is_frozen_is_in_the_language_of_who_answers(
    scene: Scene, client: CheckingClient, database: Database, session: Session
) -> None:
    enter(client, database, scene.person, language="en")
    scene.contest(text="I can do it.")
    row = _only(session)
    assert row.explanation["degree"][0] == "Le calcul propose une liste."
