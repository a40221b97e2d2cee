"""Both doors of the demonstration: what a newcomer finds behind, and how they enter."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.app import create_app
from portal.cli.demo import command as demo_command
from portal.config import SQLITE_NAME, Settings
from portal.db import Database
from portal.demo.door_people import VISITOR
from portal.demo.entrances import PRINTED_CODE, entrances
from portal.demo.load import load_territory
from portal.doors.codes import in_groups, send_code
from portal.doors.demo import code_to_show
from portal.messages.gsm7 import is_other_writing
from portal.messages.sending import send_due
from portal.models import (
    Account,
    CallReason,
    CallRequest,
    Contestation,
    EmployerContact,
    EmployerNeed,
    Establishment,
    Introduction,
    IntroductionState,
    Invitation,
    InvitationState,
    JobOffer,
    MessageState,
    OutboxMessage,
    Pathway,
    PathwayState,
    Person,
    PersonCode,
    ReceivedSms,
)
from tests.portal.doors.support import path_of
from tests.support.client import client_for, sign_in

KEY = "for tests only"


def _settings(home: Path, *, demo: bool = True) -> Settings:
    return Settings(
        home=home,
        database_url="given",
        secret_key=KEY,
        demo=demo,
        testing=True,
        secure_cookies=False,
        public_url="http://localhost",
    )


def _loaded(path: Path, migrated: Path) -> Database:
    path.write_bytes(migrated.read_bytes())
    database = Database(f"sqlite:///{path}")
    with database.transaction() as session:
        load_territory(session, lambda _what: None)
    return database


@pytest.fixture(scope="module")
def empty(_migrated_sqlite: Path) -> Path:
    """A migrated database that holds nothing."""
    return _migrated_sqlite


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, demo_file: Path) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("demo")
    database = Database(f"sqlite:///{shutil.copy(demo_file, folder / 'demo.sqlite3')}")
    send_due(database, _settings(folder))
    yield database
    database.dispose()


@pytest.fixture
def rows(demo: Database) -> Iterator[Session]:
    with demo.session(read_only=True) as session:
        yield session


@pytest.fixture
def portal(demo: Database, tmp_path: Path) -> Flask:
    return _served(demo, _settings(tmp_path))


def _served(demo: Database, settings: Settings) -> Flask:
    app = create_app(settings, demo)
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def printed(demo: Database, tmp_path: Path) -> str:
    """What the command prints of the doors."""
    with demo.transaction() as session:
        return entrances(session, _settings(tmp_path))


def _visitor(session: Session) -> Person:
    return session.scalars(select(Person).where(Person.external_ref == VISITOR)).one()


def _firm(session: Session) -> Establishment:
    return session.scalars(select(Establishment).order_by(Establishment.id).limit(1)).one()


def _text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.text


# What is there -------------------------------------------------------------------------------


def test_no_number_could_ring_somewhere(rows: Session) -> None:
    """Numbers of the ranges that the ARCEP keeps for fiction."""
    fictional = ("063998", "019900", "035301")
    for column in (Person.phone, EmployerContact.phone, Establishment.contact_phone):
        numbers = [number for number in rows.scalars(select(column)) if number]
        assert numbers
        plain = [number.replace(" ", "") for number in numbers]
        assert [number for number in plain if not number.startswith(fictional)] == []
    mails = [mail for mail in rows.scalars(select(EmployerContact.email)) if mail]
    assert mails
    assert all(mail.endswith("@demo.example") for mail in mails)


def test_each_firm_with_offers_has_its_contact_and_one_has_three_cards_that_wait(
    rows: Session,
) -> None:
    hiring = set(rows.scalars(select(JobOffer.establishment_id)))
    known = rows.scalars(select(EmployerContact.establishment_id)).all()
    assert len(known) == len(hiring)
    assert set(known) == hiring
    waiting = rows.scalars(
        select(Introduction)
        .join(JobOffer, JobOffer.id == Introduction.offer_id)
        .where(
            JobOffer.establishment_id == _firm(rows).id,
            JobOffer.title == "Ouvrier voirie",
            Introduction.state == IntroductionState.SENT,
        )
    ).all()
    assert len(waiting) == 3
    assert any(fact["proved"] for row in waiting for fact in row.card["can_do"])


def test_the_platform_received_two_needs_one_of_them_from_a_firm_it_knew(rows: Session) -> None:
    needs = rows.scalars(select(EmployerNeed).order_by(EmployerNeed.created_at)).all()
    assert [row.organisation.name for row in needs] == ["Plateforme Proch’Emploi Artois"] * 2
    known, new = (row.establishment for row in needs)
    assert known is not None
    assert rows.scalar(select(func.count(JobOffer.id)).where(JobOffer.establishment_id == known.id))
    assert new is None  # made once an adviser has called
    assert needs[1].siret


def test_what_waits_is_of_every_kind(rows: Session) -> None:
    reasons = set(rows.scalars(select(CallRequest.reason).where(CallRequest.done_at.is_(None))))
    assert reasons >= {
        CallReason.CALL_ME,
        CallReason.INTERESTED,
        CallReason.CHANGE_PATHWAY,
        CallReason.CORRECTION,
        CallReason.LOST_LINK,
        CallReason.NOT_REACHED,
        CallReason.TO_READ,
        CallReason.LATE,
        CallReason.EMPLOYER,
    }
    assert rows.scalar(select(func.count(CallRequest.id)).where(CallRequest.done_at.is_not(None)))
    answered = [row.answered_at is not None for row in rows.scalars(select(Contestation))]
    assert sorted(answered) == [False, True]
    states = set(rows.scalars(select(OutboxMessage.state)))
    assert states >= {MessageState.TO_CALL, MessageState.SENT, MessageState.FAILED}
    read = rows.scalars(select(ReceivedSms)).all()
    assert len(read) == 2
    assert all(row.person is not None for row in read)


def test_the_day_after_is_a_working_day_and_the_day_before_was_too(rows: Session) -> None:
    now = clock.now()
    query = select(Invitation).where(Invitation.state == InvitationState.ACCEPTED)
    accepted = rows.scalars(query).all()
    assert any(row.starts_at > now for row in accepted)
    assert any(now - timedelta(days=7) < row.starts_at < now for row in accepted)
    assert all(row.starts_at.astimezone(clock.PARIS).weekday() < 5 for row in accepted)


def test_a_sunday_gives_the_same_twice(tmp_path: Path, empty: Path) -> None:
    made = []
    for name in ("one", "two"):
        with clock.frozen_at(datetime(2027, 1, 3, 9, tzinfo=clock.PARIS)):
            database = _loaded(tmp_path / f"{name}.sqlite3", empty)
        with database.session(read_only=True) as session:
            made.append(_said(session))
        database.dispose()
    assert all(made[0])
    assert made[0] == made[1]


def _said(session: Session) -> list[list[tuple[Any, ...]]]:
    """What the doors show, without the random ids of rows, nor an order that follows from them."""
    calls = select(
        CallRequest.reason, CallRequest.due_on, CallRequest.note, CallRequest.person_id
    ).order_by(CallRequest.id)
    invited = select(
        Invitation.person_id, Invitation.title, Invitation.starts_at, Invitation.state
    ).order_by(Invitation.id)
    told = select(
        OutboxMessage.kind, OutboxMessage.state, OutboxMessage.person_id, OutboxMessage.body
    ).order_by(OutboxMessage.id)
    cards = select(Introduction.person_id, Introduction.offer_id, Introduction.card).order_by(
        Introduction.id
    )
    needs = select(EmployerNeed.trade, EmployerNeed.created_at).order_by(EmployerNeed.id)
    return [
        sorted((tuple(row) for row in session.execute(query)), key=repr)
        for query in (calls, invited, told, cards, needs)
    ]


# How one enters ------------------------------------------------------------------------------


def test_the_person_enters_with_the_printed_code_and_finds_something_on_each_page(
    portal: Flask, demo: Database, printed: str
) -> None:
    assert "246 801 357 911" in printed
    client = client_for(portal)
    entered = client.post("/moi/entrer", data={"code": "246 801 357 911"})
    assert entered.status_code == 303
    home = _text(client, "/moi")
    assert "une visite" in home.lower()
    invitation = re.search(r"/moi/rendez-vous/\w+", home)
    assert invitation is not None
    assert "Oui, je viens" in _text(client, invitation.group())
    assert _text(client, f"{invitation.group()}/autre-date").count('name="slot"') == 2
    leads = _text(client, "/moi/pistes")
    assert leads.count("Voir cette piste") == 3
    assert "On attend votre réponse." in leads
    assert "Je suis d’accord" in _text(client, "/moi/parcours")
    assert "Nadia Lourquin" in _text(client, "/moi/contacts")
    assert "Question 1" in _text(client, "/moi/savoir-faire")
    with demo.session(read_only=True) as session:
        person = _visitor(session)
        pathway = session.scalars(select(Pathway).where(Pathway.person_id == person.id)).one()
        assert pathway.state is PathwayState.PROPOSED
        assert session.scalars(
            select(Contestation.answer).where(Contestation.person_id == person.id)
        ).one()


def test_the_code_is_made_once_and_again_when_it_is_too_old(demo: Database, tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    for _start in range(2):
        with demo.transaction() as session:
            entrances(session, settings)
    later = clock.now() + timedelta(days=91)
    with clock.frozen_at(later), demo.session() as session:
        assert in_groups(PRINTED_CODE) in entrances(session, settings)
        code = session.scalars(select(PersonCode)).one()
        assert code.expires_at > later
        session.rollback()


def test_the_employer_enters_with_the_link_and_the_code_that_the_page_shows(
    portal: Flask, printed: str
) -> None:
    found = re.search(r"http://localhost(/l/\S+)", printed)
    assert found is not None
    client = client_for(portal)
    page = client.post(found[1], follow_redirects=True).text
    shown = re.search(r"Le code est <strong[^>]*>(\d{3}.\d{3})<", page)
    assert shown is not None
    entered = client.post(f"{found[1]}/code", data={"code": shown[1]})
    assert entered.status_code == 303
    home = _text(client, "/entreprise")
    assert "Vu ou prouvé" in home
    mirror = re.search(r"/entreprise/offres/\w+/exigences", home)
    assert mirror is not None
    assert "sans" in _text(client, mirror.group())
    hosts = _text(client, "/entreprise/accueils")
    assert "bilan attendu" in hosts
    assert "en cours" in hosts
    assert "Donner des nouvelles" in hosts


@pytest.mark.parametrize("demonstration", [True, False], ids=["demonstration", "real"])
def test_a_code_is_shown_in_the_demonstration_alone(
    demo: Database, tmp_path: Path, demonstration: bool
) -> None:
    settings = _settings(tmp_path, demo=demonstration)
    with demo.session() as session:
        person = _visitor(session)
        contact = session.scalars(select(EmployerContact)).first()
        assert contact is not None
        for bearer in (person, contact):
            assert code_to_show(session, _settings(tmp_path), to=bearer) is None
            assert send_code(session, KEY, to=bearer)
            shown = code_to_show(session, settings, to=bearer)
            assert (shown is not None) is demonstration
        session.rollback()


def test_a_real_server_never_writes_the_code_on_the_page(
    demo: Database, tmp_path: Path, printed: str
) -> None:
    """The same rows, served with other settings: what is refused elsewhere is not shown here."""
    found = re.search(r"http://localhost(/l/\S+)", printed)
    assert found is not None
    client = client_for(_served(demo, _settings(tmp_path, demo=False)))
    page = client.post(found[1], follow_redirects=True).text
    assert "Le code du message" in page
    assert "Démonstration" not in page
    assert not re.search(r"\b\d{3}[ \u00a0]\d{3}\b", page)


@pytest.mark.parametrize("first_name", ["Nadia", "Claire"])
def test_the_next_morning_has_its_calls_messages_disagreements_and_invitations(
    portal: Flask, demo: Database, first_name: str
) -> None:
    client = client_for(portal)
    with demo.session() as session:
        account = session.scalars(select(Account).where(Account.first_name == first_name)).one()
        sign_in(client, session, account)
        visitor = _visitor(session).public_id
    assert "C’est fait" in _text(client, "/appels")
    messages = _text(client, "/messages")
    assert "Démonstration" in messages
    assert re.search(r'href="/l/\w+', messages)
    assert "n’est plus attribué" in _text(client, "/messages?vue=doubt")
    if first_name == "Nadia":
        assert "Chauffeur poids lourd" in _text(client, "/contestations")
        assert "Désaccords" in _text(client, f"/personnes/{visitor}")
        assert 'href="/contestations"' in _text(client, "/appels")
        assert "acceptée" in _text(client, "/invitations")
        doors = _doors_in_other_languages(demo)
        assert set(doors) == {"ar", "uk"}
        for language, door in doors.items():
            assert f'href="{door}"' in messages
            assert f'<html lang="{language}"' in _text(client_for(portal), door)
    else:
        assert "Les Serres d’Athies-Neuves" in _text(client, "/besoins-deposes")


def _doors_in_other_languages(demo: Database) -> dict[str, str]:
    """The address of the door of each person who reads another language, by language."""
    with demo.session(read_only=True) as session:
        found = session.execute(
            select(Person.language, OutboxMessage)
            .join(OutboxMessage, OutboxMessage.person_id == Person.id)
            .where(Person.language.is_not(None))
        ).all()
        for _language, message in found:
            assert is_other_writing(message.body)
            assert "Voulez-vous venir" in (message.to_say or "")
        return {language: path_of(message.link) for language, message in found}


def test_the_command_says_how_to_enter(
    demo: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ECLUSE_DATABASE_URL", raising=False)
    shutil.copy(str(demo.engine.url.database), tmp_path / SQLITE_NAME)
    said = CliRunner().invoke(
        demo_command, ["--home", str(tmp_path), "--no-serve", "--port", "8123"]
    )
    assert said.exit_code == 0, said.output
    assert "http://localhost:8123/moi/entrer    code 246 801 357 911" in said.output
    assert re.search(r"http://localhost:8123/l/\S{30}", said.output)
