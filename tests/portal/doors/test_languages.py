"""Codes and links are written in the language of the person; what is said aloud, in French."""

from __future__ import annotations

import re

import pytest
from flask import Flask, g
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.doors import codes
from portal.doors.invite import send_person_link
from portal.messages import gsm7
from portal.messages.facts import text_to_send
from portal.models import ContactPreference, MessageKind, OutboxMessage, Person, Role
from portal.web.settings import current_settings
from tests.portal.doors.support import KEY
from tests.support.factories import Factory
from tests.support.inviting import actor_of

#: Words that only the text of a code, and only that of a link, has.
SAID = {
    None: ("Votre code est", "Votre conseiller : voici votre lien"),
    "fr": ("Votre code est", "Votre conseiller : voici votre lien"),
    "xx": ("Votre code est", "Votre conseiller : voici votre lien"),
    "en": ("Your code is", "Your adviser: here is your link"),
    "ar": ("رمزك هو", "مستشارك: هذا رابطك للدخول"),
    "uk": ("Ваш код", "Ваш радник: ваше посилання для входу"),
}


@pytest.fixture
def person(make: Factory) -> Person:
    return make.person(referent=make.account(Role.REFERENT), phone="0639980000")


@pytest.mark.parametrize("language", SAID)
@pytest.mark.parametrize("asked_in", ["fr", "ar"])
def test_each_reads_their_code_and_their_link(
    app: Flask, session: Session, person: Person, language: str | None, asked_in: str
) -> None:
    person.language = language
    referral = person.referrals[0]
    with app.test_request_context("/moi/"):
        g.language = asked_in  # the language of the page that asks is not that of the message
        assert codes.send_code(session, KEY, to=person)
        send_person_link(session, person=person, by=actor_of(referral.account))
        for kind, words in zip((MessageKind.CODE, MessageKind.ACCESS), SAID[language], strict=True):
            row = _message(session, kind)
            text = text_to_send(current_settings(), row)
            assert words in text
            assert "?" not in text
            assert _parts(text) <= 2
            assert row.title
            assert "code" in (row.to_say or "")
    assert re.search(r"\b\d{3} ?\d{3}\b", _message(session, MessageKind.CODE).body)


@pytest.mark.parametrize("language", SAID)
def test_a_code_alone_is_one_sms(
    app: Flask, session: Session, person: Person, language: str | None
) -> None:
    person.language = language
    with app.test_request_context("/moi/"):
        codes.send_code(session, KEY, to=person)
    assert _parts(_message(session, MessageKind.CODE).body) == 1


def test_digits_are_not_cut_where_one_reads_from_the_right(
    app: Flask, session: Session, person: Person
) -> None:
    person.language = "ar"
    with app.test_request_context("/moi/"):
        codes.send_code(session, KEY, to=person)
    assert re.search(r"\b\d{6}\b", _message(session, MessageKind.CODE).body)


@pytest.mark.parametrize(
    ("language", "title", "words"),
    [
        (None, "Votre lien pour entrer", "Ne le donnez à personne."),
        ("en", "Your link to enter", "Do not give it to anyone."),
        ("uk", "Ваше посилання для входу", "Нікому його не давайте."),
    ],
)
def test_a_mail_is_in_the_same_language(
    app: Flask, session: Session, person: Person, language: str | None, title: str, words: str
) -> None:
    person.language, person.email = language, "yasmine@exemple.test"
    person.contact_preference = ContactPreference.EMAIL
    with app.test_request_context("/moi/"):
        send_person_link(session, person=person, by=actor_of(person.referrals[0].account))
    row = _message(session, MessageKind.ACCESS)
    assert row.title == title
    assert words in row.body
    assert row.body.count("{link}") == 1


def test_an_employer_is_written_to_in_french(app: Flask, session: Session, make: Factory) -> None:
    contact = make.contact(make.establishment())
    with app.test_request_context("/moi/"):
        g.language = "ar"
        codes.send_code(session, KEY, to=contact)
    assert "Votre code est" in _message(session, MessageKind.CODE).body


def _message(session: Session, kind: MessageKind) -> OutboxMessage:
    return session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)).one()


def _parts(text: str) -> int:
    """How many SMS a text takes, as the standard counts them (3GPP TS 23.040)."""
    if gsm7.is_gsm7(text):
        return 1 if gsm7.length(text) <= 160 else -(-gsm7.length(text) // 153)
    signs = len(text.encode("utf-16-be")) // 2
    return 1 if signs <= 70 else -(-signs // 67)
