"""A language said among what one can do: kept with its level, removed, told to the person alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.db import Database
from portal.introductions.cards import build_card
from portal.models import (
    Account,
    AssertionSource,
    Credential,
    DomainEvent,
    LanguageLevel,
    Person,
    ProofState,
    Role,
    SpokenLanguage,
)
from portal.people import answers
from portal.people.languages import known_languages, language_name
from portal.recipients.copying import as_json, build_copy
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory


@pytest.fixture
def referent(make: Factory) -> Account:
    return make.account(Role.REFERENT)


@pytest.fixture
def person(make: Factory, referent: Account) -> Person:
    make.credential_type("permis_c", "Permis C")
    caces = make.credential_type("caces_r489_3", "CACES R489, catégorie 3")
    caces.validity_years = 5
    return make.person(referent=referent)


@pytest.fixture
def url(client: CheckingClient, session: Session, referent: Account, person: Person) -> str:
    session.commit()
    sign_in(client, session, referent)
    return f"/personnes/{person.public_id}"


def told(session: Session) -> list[tuple[str, LanguageLevel | None, AssertionSource]]:
    session.expire_all()
    rows = session.scalars(select(SpokenLanguage).order_by(SpokenLanguage.id))
    return [(row.language_code, row.level, row.source) for row in rows]


def spoken(make: Factory, person: Person, code: str = "ar") -> SpokenLanguage:
    row = SpokenLanguage(
        person_id=person.id,
        language_code=code,
        level=LanguageLevel.C2,
        source=AssertionSource.DECLARED,
        asserted_on=clock.today(),
    )
    make.add(row)
    return row


def test_what_is_typed_comes_back_with_its_level_and_is_kept_once_answered(
    client: CheckingClient, session: Session, url: str
) -> None:
    page = client.post(
        f"{url}/competences/mots", data={"words": "anglais courant, je parle arabe"}
    ).text
    assert 'name="language-en"' in page
    assert '<option value="C1" selected>' in page
    assert 'name="language-ar"' in page
    assert '<option value="?" selected>' in page
    assert told(session) == []
    answer = {"language-en": "C1", "language-ar": "?", "language-xx": "C1", "language-de": ""}
    data = {**answer, "source": "declared", "on": clock.today().isoformat()}
    assert client.post(f"{url}/competences", data=data).status_code == 303
    assert told(session) == [
        ("en", LanguageLevel.C1, AssertionSource.DECLARED),
        ("ar", None, AssertionSource.DECLARED),
    ]
    page = client.get(f"{url}/competences").text
    assert "couramment (C1)" in page
    assert "niveau à demander" in page


def test_a_language_is_added_corrected_and_removed(
    client: CheckingClient, session: Session, url: str
) -> None:
    for level in ("A2", "B1", "?"):
        client.post(f"{url}/langues", data={"language": "uk", "level": level})
    assert told(session) == [("uk", None, AssertionSource.DECLARED)]
    refused = client.post(f"{url}/langues", data={"language": "klingon", "level": "A1"})
    assert refused.status_code == 422
    assert client.post(f"{url}/langues/en/retirer").status_code == 404
    assert client.post(f"{url}/langues/uk/retirer").status_code == 303
    assert told(session) == []
    # What is taken back is kept nowhere: neither in what happened, nor for who has its key next.
    events = session.scalars(select(DomainEvent).where(DomainEvent.name.like("language_%"))).all()
    assert [row.name for row in events] == ["language_recorded"] * 3 + ["language_removed"]
    assert {(row.subject_kind, str(row.details)) for row in events} == {("person", "{}")}


def test_a_level_that_is_known_is_not_lost_when_the_language_is_said_again(
    client: CheckingClient, session: Session, url: str
) -> None:
    client.post(f"{url}/langues", data={"language": "ar", "level": "C1"})
    page = client.post(f"{url}/competences/mots", data={"words": "je parle arabe"}).text
    assert '<option value="C1" selected>' in page
    page = client.post(f"{url}/competences/mots", data={"words": "arabe B1"}).text
    assert '<option value="B1" selected>' in page


def test_the_person_reads_it_in_their_language_and_takes_it_away(
    app: Flask,
    client: CheckingClient,
    database: Database,
    make: Factory,
    session: Session,
    person: Person,
) -> None:
    spoken(make, person)
    session.commit()
    enter(client, database, person)
    assert "Vous parlez\u00a0: arabe" in client.get("/moi/donnees/theme/savoir-faire").text
    with app.test_request_context("/moi/"):
        copy = build_copy(session, person)
        (section,) = (part for part in copy.sections if part.key == "spoken_language")
        assert section.title == "Langues parlées"
        assert ("Langue", "arabe") in copy.said(section.rows[0])
        assert '"language_code": "ar"' in as_json(copy)


def test_it_leaves_with_the_person(make: Factory, session: Session) -> None:
    alone = make.person()
    spoken(make, alone)
    session.commit()
    session.execute(delete(Person).where(Person.id == alone.id))
    session.commit()
    assert session.scalar(select(func.count()).select_from(SpokenLanguage)) == 0


def test_neither_the_engine_nor_an_employer_sees_it(
    app: Flask, make: Factory, session: Session, person: Person
) -> None:
    offer = make.offer(make.account(Role.ADVISER))
    session.commit()
    with app.test_request_context("/"):
        before = build_card(session, person, offer)
        spoken(make, person)
        session.commit()
        assert build_card(session, person, offer) == before


def test_every_language_that_is_recognised_has_a_name_for_each_reader() -> None:
    assert set(known_languages()) == set(mm.language_labels())
    assert language_name("ar", "uk") == "арабська"
    assert language_name("ar", "ar") == "العربية"
    assert language_name("fsl", "en") == "langue des signes française"


@pytest.mark.parametrize(
    ("typed", "kept"), [("2026-02-30", False), ("1200-01-01", False), ("", False), (None, False)]
)
def test_a_day_that_is_none_stays_to_be_asked(typed: str | None, kept: bool) -> None:
    assert (answers.posted_day(typed, clock.today()) is not None) == kept
    tomorrow = clock.today() + timedelta(days=1)
    assert answers.posted_day(tomorrow.isoformat(), clock.today()) is None
    assert answers.posted_day(clock.today().isoformat(), clock.today()) == clock.today()


@pytest.mark.parametrize("dated", [True, False])
def test_a_licence_typed_as_a_skill_is_declared_and_its_date_is_asked(
    client: CheckingClient, session: Session, url: str, dated: bool
) -> None:
    page = client.post(f"{url}/competences/mots", data={"words": "permis C, caces 3"}).text
    assert 'name="credential-permis_c"' in page
    # A licence for life asks no date; what ends does.
    assert 'name="obtained-permis_c"' not in page
    assert 'name="obtained-caces_r489_3"' in page
    on = clock.today() - timedelta(days=100)
    client.post(
        f"{url}/competences",
        data={
            "credential-permis_c": "yes",
            "credential-caces_r489_3": "yes",
            "obtained-caces_r489_3": on.isoformat() if dated else "",
            "source": "declared",
            "on": clock.today().isoformat(),
        },
    )
    rows = {row.type_code: row for row in session.scalars(select(Credential))}
    assert {row.proof for row in rows.values()} == {ProofState.DECLARED}
    caces = rows["caces_r489_3"]
    assert caces.obtained_on == (on if dated else None)
    assert (caces.expires_on is not None) == dated
    page = client.get(f"{url}/competences").text
    assert ("date à demander" in page) == (not dated)
    assert "sans limite de validité" in page
