"""What is written to people is in their language, and fits in its SMS (issue 4, domain §4.9)."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.invitations import travel, words
from portal.invitations.reminding import plan
from portal.messages import events, gsm7, texts
from portal.messages.outbox import Text
from portal.messages.tongues import FRENCH, tongue, tongue_of
from portal.models import (
    AgreementChannel,
    ContactPreference,
    Introduction,
    Invitation,
    InvitationKind,
    InvitationState,
    MessageKind,
    Organisation,
    OrganisationKind,
    OutboxMessage,
    Person,
    Role,
)
from portal.web.language import LANGUAGES
from tests.support.factories import Factory
from tests.support.inviting import actor_of, at, invite

TODAY = date(2026, 3, 2)
THURSDAY = datetime(2026, 3, 12, 14, 0, tzinfo=clock.PARIS)
FAR = datetime(2026, 9, 23, 9, 30, tzinfo=clock.PARIS)
LONG = "Titre professionnel de conductrice ou conducteur de travaux du bâtiment et du génie civil"
#: One SMS in the alphabet of SMS; two parts in another writing, which has 67 signs in each.
SEGMENTS = {"fr": 1, "en": 1, "ar": 2, "uk": 2}
#: Words that each language has, and no other.
SAID = {"fr": "Bonjour", "en": "Hello", "ar": "مرحبًا", "uk": "Добрий день"}
#: Who writes, in each language.
ADVISER = {"fr": "votre conseiller", "en": "your adviser", "ar": "مستشارك", "uk": "ваш радник"}
OTHERS = sorted(set(LANGUAGES) - {"fr"})


def segments(sms: str) -> int:
    """How many SMS are paid for a text, its link of 60 signs written (3GPP TS 23.040)."""
    text = gsm7.to_sms(sms.replace("{link}", "L" * 60))
    if gsm7.is_gsm7(text):
        return 1 if gsm7.length(text) <= 160 else -(-gsm7.length(text) // 153)
    signs = len(text.encode("utf-16-be")) // 2
    return 1 if signs <= 70 else -(-signs // 67)


def of_introductions(code: str) -> Iterator[Text]:
    """What the events write to people, with short and long names from data."""
    _ = tongue(code)
    for title in ("Maçon", LONG):
        yield texts.agreement(title, _)
        yield texts.seat_held(title, datetime(2027, 9, 22, 14, 30, tzinfo=UTC), _)
    yield texts.pathway_accepted(date(2027, 9, 22), _)
    yield texts.answered(_)


def of_invitation(invitation: Invitation) -> Iterator[Text]:
    """What an invitation writes, from the first message to the evening of the day."""
    _ = tongue_of(invitation.person)
    person = invitation.person
    yield words.invitation_text(invitation, TODAY)
    yield words.reminder_text(invitation, TODAY)
    for mode in ("walk", "bike", "bus", "moped", "car"):
        person.modes = mode
        going = travel.travel_words(invitation, _)
        assert going
        yield words.reminder_text(invitation, TODAY, going, travel.travel_words(invitation))
    yield words.moved_text(invitation, TODAY)
    yield words.cancelled_text(invitation, TODAY)
    yield words.feeling_text(invitation)


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_events_write_fits_and_is_in_the_language(code: str) -> None:
    for text, french in zip(of_introductions(code), of_introductions("fr"), strict=True):
        check_text(text, french, code)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("kind", list(InvitationKind))
@pytest.mark.parametrize("starts_at", [THURSDAY, FAR, datetime(2026, 4, 1, tzinfo=clock.PARIS)])
def test_what_invitations_write_fits_and_is_in_the_language(
    make: Factory, code: str, kind: InvitationKind, starts_at: datetime
) -> None:
    with clock.frozen_at(datetime(2026, 3, 2, 9, 0, tzinfo=clock.PARIS)):
        row = invite(
            make,
            make.account(Role.REFERENT),
            kind=kind,
            title="une visite de chantier",
            starts_at=starts_at,
            place="Maison de l’emploi et de la formation du Cambrésis, bâtiment B",
        )
    make.session.flush()
    row.person.commune, row.commune = make.commune(), make.commune()
    french = list(of_invitation(row))
    row.person.language = code
    for text, said in zip(of_invitation(row), french, strict=True):
        check_text(text, said, code)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    ("organisation", "named"),
    [
        (OrganisationKind.MDS, None),
        (OrganisationKind.MISSION_LOCALE, None),
        (OrganisationKind.HUB, "Hub emploi"),
    ],
)
@pytest.mark.parametrize("kind", list(InvitationKind))
@pytest.mark.parametrize("starts_at", [THURSDAY, FAR])
def test_an_invitation_says_who_writes_and_its_digits_are_not_a_number(
    code: str,
    organisation: OrganisationKind,
    named: str | None,
    kind: InvitationKind,
    starts_at: datetime,
) -> None:
    row = Invitation(
        kind=kind,
        title="une visite de chantier",
        place="Maison de l’emploi et de la formation",
        starts_at=starts_at,
        person=Person(language=code),
        organisation=Organisation(
            kind=organisation, name="Hub emploi-formation du bâtiment de l’Artois et du Ternois"
        ),
    )
    for text in of_messages(row):
        assert (named or ADVISER[code]).lower() in text.sms.lower()
        # « 12. 1 OUI » reads as a number: a word stands between two numbers, hours excepted.
        assert not re.search(r"\d[\s.,،]+\d", text.sms)
        assert segments(text.sms) <= SEGMENTS[code], text.sms
        if tongue(code).right_to_left:
            check_order(text.sms)


def of_messages(row: Invitation) -> Iterator[Text]:
    """The messages of an invitation that need no row in the database."""
    yield words.invitation_text(row, TODAY)
    yield words.reminder_text(row, TODAY)
    yield words.moved_text(row, TODAY)
    yield words.cancelled_text(row, TODAY)
    yield words.feeling_text(row)


def check_order(sms: str) -> None:
    """The line reads from the right, and no digit leaves the words that it belongs to.

    A telephone takes the direction of the first letter; an Arabic letter before a digit keeps it
    in the run that is read from the right even where the line is laid out from the left
    (Unicode Standard Annex 9, rules P2 and W2).
    """
    letters = [unicodedata.bidirectional(sign) for sign in sms.replace("{link}", "")]
    strong = [kind for kind in letters if kind in ("L", "R", "AL")]
    assert strong[0] == "AL"
    last = ""
    for kind in letters:
        if kind in ("L", "R", "AL"):
            last = kind
        assert kind not in ("EN", "AN") or last == "AL", sms


def check_text(text: Text, french: Text, code: str) -> None:
    assert gsm7.check(text.sms) == []
    assert segments(text.sms) <= SEGMENTS[code], text.sms
    assert SAID[code] in text.mail
    assert text.mail.count("{link}") <= 1
    assert "%(" not in text.sms + text.mail + text.title
    # Who calls reads it in French, whatever the language of the person.
    assert text.to_say == french.to_say
    if code != "fr":
        assert text.sms != french.sms
        assert text.title != french.title
        assert not re.search(r"\b(le|vous|votre|jeudi|mercredi|Rappel|Bonjour)\b", text.sms)
    if code in ("ar", "uk"):
        assert gsm7.is_other_writing(text.title)


@pytest.mark.parametrize(
    ("code", "day", "hour"),
    [
        ("fr", "jeudi 1er octobre", "14\u00a0h\u00a030"),
        ("en", "Thursday 1 October", "14:30"),
        ("ar", "الخميس، 1 أكتوبر", "14:30"),
        ("uk", "четвер, 1 жовтня", "14:30"),
    ],
)
def test_days_and_hours_are_those_of_the_language(code: str, day: str, hour: str) -> None:
    instant = datetime(2026, 10, 1, 12, 30, tzinfo=UTC)
    assert tongue(code).day(instant.date()) == day
    assert tongue(code).hour(instant) == hour


def test_a_language_that_is_not_known_is_french(make: Factory) -> None:
    person = make.person(language="xx")
    assert tongue_of(person) is FRENCH
    assert tongue_of(make.contact(make.establishment())) is FRENCH
    assert tongue("xx")("Bonjour,") == "Bonjour,"


@pytest.fixture
def person(make: Factory) -> Person:
    referent = make.account(Role.REFERENT)
    row = make.person(referent=referent, phone="0600000001", email="amina@exemple.test")
    row.language = "uk"
    return row


def test_the_outbox_holds_the_language_of_the_person_and_the_french_to_say(
    app: Flask, make: Factory, session: Session, person: Person
) -> None:
    referent = person.referrals[0].account
    row = Introduction(
        person=person,
        offer=make.offer(make.account(Role.ADVISER), title="Maçon"),
        organisation_id=person.owner_id,
        agreed_channel=AgreementChannel.PHONE,
    )
    make.add(row)
    with app.test_request_context("/"):
        message = events.agreement_asked(session, actor_of(referent), row)
    assert "Компанія побачить ваше імʼя" in message.body
    assert "Un travail" in (message.to_say or "")


def test_reminders_made_by_the_hour_without_a_page_are_in_the_language_too(
    make: Factory, session: Session, person: Person
) -> None:
    person.contact_preference = ContactPreference.EMAIL
    row = invite(make, person.referrals[0].account, person, starts_at=at(3))
    row.state = InvitationState.ACCEPTED
    session.flush()
    plan(session, row)
    found = session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == MessageKind.REMINDER)
    ).all()
    assert len(found) == 3
    for message in found:
        assert (message.title or "").startswith("Нагадуємо")
        assert "Коли: " in message.body
        # What a professional typed is French: it stands beside, for who helps the person.
        assert "«\u00a0une visite de chantier\u00a0»" in message.body


@pytest.mark.parametrize("module", [texts, words])
def test_no_string_is_out_of_sight_of_the_extraction(module: object) -> None:
    """What is called inside an f-string is not extracted, and would stay French."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    hidden = [
        ast.unparse(call)
        for formatted in ast.walk(tree)
        if isinstance(formatted, ast.JoinedStr)
        for call in ast.walk(formatted)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_"
    ]
    assert hidden == []


def test_a_french_sms_reads_as_one_sentence() -> None:
    sms = texts.agreement("Conducteur de presse à parpaings").sms
    assert "presse... L’entreprise" in sms
    noted = texts.pathway_accepted(date(2026, 11, 1)).sms
    assert noted.startswith("Votre conseiller (Departement)\u00a0: votre accord du 01/11")
