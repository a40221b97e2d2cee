"""The pure rules: the alphabet of SMS, telephone numbers, texts, moments, waits, settings."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import PARIS
from portal.config import load_settings
from portal.db import new_public_id
from portal.doors.links import address_of
from portal.errors import InputError
from portal.message_settings import LINK_LENGTH, load_message_settings
from portal.messages import gsm7, texts
from portal.messages.decisions import (
    LONGEST_WAIT,
    MOST_TRIES,
    Cancel,
    Facts,
    Postpone,
    Say,
    Send,
    after_quiet_hours,
    decide,
    wait_after,
)
from portal.messages.outbox import Text
from portal.models import DoorLink
from portal.phones import e164, is_mobile
from tests.support.messages import NOON


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("é è à ù ì ò Ç É", "é è à ù ì ò Ç É"),
        ("ç ê î ô û ë ï â Ê", "c e i o u e i a E"),
        ("l’eau « vive »…", 'l\'eau "vive"...'),
        ("œuvre – 10\u00a0h\u202f?", "oeuvre - 10 h ?"),
        ("10 € [a] {b}", "10 € [a] {b}"),
        ("اللغة", "?????"),
        ("👍", "?"),
    ],
)
def test_a_sentence_in_the_alphabet_of_sms(text: str, folded: str) -> None:
    assert gsm7.to_gsm7(text) == folded


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Ваш код 123 456. Ça va ?", "Ваш код 123 456. Ça va ?"),
        ("رمزك هو 123456", "رمزك هو 123456"),
        ("M. Łoś : ça va ?", "M. ?os : ca va ?"),
        ("bravo 👍", "bravo ?"),
    ],
)
def test_another_writing_goes_as_it_is(text: str, sent: str) -> None:
    assert gsm7.to_sms(text) == sent


def test_in_another_writing_a_text_is_two_parts_at_most() -> None:
    assert gsm7.check("я" * 74 + "{link}") == []
    assert gsm7.check("я" * 75 + "{link}") == ["135 places, at most 134"]


@given(st.text(max_size=60))
def test_whatever_is_written_can_be_sent(text: str) -> None:
    assert gsm7.is_gsm7(gsm7.to_gsm7(text))


@given(st.text(max_size=80), st.integers(min_value=4, max_value=40))
def test_a_name_takes_no_more_than_its_room(text: str, most: int) -> None:
    assert gsm7.length(gsm7.shorten(text, most)) <= most


def test_characters_of_the_extension_take_two_places() -> None:
    assert gsm7.length("10 €") == 5
    assert gsm7.check("x" * 100 + "{link}") == []
    assert gsm7.check("x" * 101 + "{link}") == ["161 places, at most 160"]


@pytest.mark.parametrize(
    "text",
    ["Votre RSA", "la santé", "une sanction", "Handicap", "vos allocations", "au chômage"],
)
def test_words_that_no_sms_says(text: str) -> None:
    assert gsm7.check(text)


_LONG = "Conductrice ou conducteur d’engins de terrassement et de voirie confirmé"
_UNTIL = datetime(2027, 9, 23, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Maçon", _LONG, "€" * 60, ""])
def test_every_text_is_one_plain_sms(name: str) -> None:
    written: list[Text] = [
        texts.candidates(name),
        texts.agreement(name),
        texts.seat_held(name, _UNTIL),
        texts.pathway_accepted(date(2027, 9, 22)),
        texts.assessment_due(name),
        texts.follow_up_due(name),
    ]
    for text in written:
        assert gsm7.check(text.sms) == []
        assert text.title
        assert text.to_say
        assert gsm7.forbidden_words(f"{text.title} {text.mail} {text.to_say}") == []
        assert ("{link}" in text.sms) == ("{link}" in text.mail)
        assert "{link}" not in text.to_say


def test_what_a_person_is_told_of_an_agreement() -> None:
    said = gsm7.to_gsm7(texts.agreement("Maçon").sms)
    assert said == (
        "Votre conseiller (Departement) : Macon. L'entreprise verra votre prénom et ce que vous"
        " savez faire. Répondez 1 OUI 2 NON 3 RAPPELEZ-MOI, STOP"
    )


@pytest.mark.parametrize(
    ("phone", "number", "mobile"),
    [
        ("06 12 34 56 78", "+33612345678", True),
        ("+33 (0)6.12.34.56.78", "+33612345678", True),
        ("0033712345678", "+33712345678", True),
        ("03 21 00 00 00", "+33321000000", False),
        ("+32 470 12 34 56", "+32470123456", True),
        ("33612345678", "+33612345678", True),
        # The overseas have codes of their own (numbering plan of ARCEP).
        ("0692 12 34 56", "+262692123456", True),
        ("0693123456", "+262693123456", True),
        ("0639 12 34 56", "+262639123456", True),
        ("0690 12 34 56", "+590690123456", True),
        ("0691 12 34 56", "+590691123456", True),
        ("0694 12 34 56", "+594694123456", True),
        ("0696 12 34 56", "+596696123456", True),
        ("0697 12 34 56", "+596697123456", True),
        ("+33 692 12 34 56", "+262692123456", True),
        ("+262 692 12 34 56", "+262692123456", True),
        ("0708 45 12 34", "+508708451234", True),
        ("0709 20 12 34", "+262709201234", True),
        ("0262 12 34 56", "+262262123456", False),
        ("0596 50 12 34", "+596596501234", False),
        ("0695 12 34 56", "+33695123456", True),
        # A Belgian landline receives no SMS; a number too short is none.
        ("+32 2 555 12 12", "+3225551212", False),
        ("+380 67 123 45 67", "+380671234567", True),
        ("+32 470 12", None, False),
        ("0612", None, False),
        ("", None, False),
        (None, None, False),
    ],
)
def test_telephone_numbers(phone: str | None, number: str | None, mobile: bool) -> None:
    assert (e164(phone), is_mobile(phone)) == (number, mobile)


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        ("2027-03-09T19:59:59", "2027-03-09T19:59:59"),
        ("2027-03-09T20:00:00", "2027-03-10T08:00:00"),
        ("2027-03-10T07:59:59", "2027-03-10T08:00:00"),
        ("2027-03-10T08:00:00", "2027-03-10T08:00:00"),
        # The night when the clocks change.
        ("2027-03-27T22:00:00", "2027-03-28T08:00:00"),
        ("2027-10-30T22:00:00", "2027-10-31T08:00:00"),
    ],
)
def test_quiet_hours(hour: str, expected: str) -> None:
    found = after_quiet_hours(datetime.fromisoformat(hour).replace(tzinfo=PARIS))
    assert found == datetime.fromisoformat(expected).replace(tzinfo=PARIS)


def test_waits_grow_from_a_minute_to_six_hours() -> None:
    draw = random.Random(1)
    waits = [wait_after(tries, None, draw) for tries in range(1, MOST_TRIES)]
    assert timedelta(seconds=48) <= waits[0] <= timedelta(seconds=72)
    assert waits == sorted(waits)
    assert LONGEST_WAIT * 0.8 <= waits[-1] <= LONGEST_WAIT * 1.2
    assert wait_after(1, timedelta(hours=2), draw) == timedelta(hours=2)


def test_the_third_message_of_a_week_waits_for_the_oldest() -> None:
    sent = [NOON - timedelta(days=day) for day in (6, 4, 1)]
    assert decide(Facts(NOON, counted=sent[:2])) == Send()
    assert decide(Facts(NOON, counted=sent)) == Postpone(NOON + timedelta(days=1))
    assert decide(Facts(NOON, counted=sent, asked_for=True)) == Send()
    late = Facts(NOON, counted=sent, expires_at=NOON + timedelta(hours=2))
    assert isinstance(decide(late), Say)
    assert isinstance(decide(Facts(NOON, expires_at=NOON)), Cancel)


def test_settings_of_the_environment() -> None:
    found = load_message_settings(
        {
            "ECLUSE_SMTP_URL": "smtp://nom:mot%40passe@courriel.example:587/?starttls=1",
            "ECLUSE_MAIL_FROM": "Écluse <ne-pas-repondre@ecluse.example>",
            "ECLUSE_SMS_URL": "https://sms.example/envois",
            "ECLUSE_SMS_SENDER": "PasDeCalais",
        }
    )
    assert found.smtp is not None
    assert (found.smtp.port, found.smtp.starttls, found.smtp.password) == (587, True, "mot@passe")
    assert found.sms_sender == "PasDeCalais"
    assert "mot@passe" not in repr(found)
    tls = load_message_settings({"ECLUSE_SMTP_URL": "smtps://c.example", "ECLUSE_MAIL_FROM": "a@b"})
    assert tls.smtp is not None
    assert (tls.smtp.port, tls.smtp.tls) == (465, True)
    assert load_message_settings({}).smtp is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ECLUSE_SMTP_URL", "https://courriel.example"),
        ("ECLUSE_SMTP_URL", "smtp://courriel.example:port"),
        ("ECLUSE_SMTP_URL", "smtp://nom:secret@courriel.example"),
        ("ECLUSE_MAIL_FROM", "personne"),
        ("ECLUSE_SMS_URL", "http://sms.example"),
        ("ECLUSE_SMS_URL", "sms.example"),
        ("ECLUSE_SMS_SENDER", "Département"),
        ("ECLUSE_SMS_SENDER", "DouzeLettres"),
        ("ECLUSE_SMS_INBOUND_KEY", "courte"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_by_its_name(name: str, value: str) -> None:
    with pytest.raises(InputError, match=name):
        load_message_settings({"ECLUSE_MAIL_FROM": "a@b", name: value})


def test_the_address_of_the_portal_leaves_room_in_an_sms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECLUSE_SMS_URL", "https://sms.example")
    monkeypatch.setenv("ECLUSE_PUBLIC_URL", "https://" + "e" * 19)
    assert load_settings(tmp_path).messages.sms_url
    link = DoorLink(public_id=new_public_id())
    assert len(address_of(load_settings(tmp_path), link)) == LINK_LENGTH
    monkeypatch.setenv("ECLUSE_PUBLIC_URL", "https://" + "e" * 20)
    with pytest.raises(InputError, match="27 caractères"):
        load_settings(tmp_path)


def test_who_writes_mails_must_be_said() -> None:
    with pytest.raises(InputError, match="ECLUSE_MAIL_FROM"):
        load_message_settings({"ECLUSE_SMTP_URL": "smtps://c.example"})
