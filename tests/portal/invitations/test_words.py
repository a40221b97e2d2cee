"""What the messages say: one SMS of 160 letters that every telephone shows."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.invitations import words
from portal.models import InvitationKind, OrganisationKind, Role
from tests.support.factories import Factory
from tests.support.inviting import invite

TODAY = date(2026, 3, 2)
THURSDAY = datetime(2026, 3, 12, 14, 0, tzinfo=clock.PARIS)


@pytest.fixture
def at_work() -> object:
    """The clock, held on a Monday of March."""
    with clock.frozen_at(datetime(2026, 3, 2, 9, 0, tzinfo=clock.PARIS)):
        yield


@pytest.mark.usefixtures("at_work")
def test_the_invitation_reads_as_the_reference_writes_it(app: Flask, make: Factory) -> None:
    app.config["SETTINGS"] = type("S", (), {"public_url": "https://e.fr"})()
    departement = make.organisation(OrganisationKind.MDS)
    row = invite(make, make.account(Role.REFERENT, departement), starts_at=THURSDAY)
    with app.app_context():
        text = words.invitation_text(row, TODAY)
    assert text.sms == (
        "Votre conseiller vous propose une visite de chantier le jeudi 12."
        " Repondez 1 OUI 2 NON 3 RAPPELEZ-MOI. {link}"
    )


@pytest.mark.usefixtures("at_work")
def test_where_no_link_fits_the_answer_is_by_sms_in_the_words_of_the_reference(
    app: Flask, make: Factory
) -> None:
    app.config["SETTINGS"] = type("S", (), {"public_url": "https://" + "a" * 60 + ".fr"})()
    departement = make.organisation(OrganisationKind.MDS)
    row = invite(make, make.account(Role.REFERENT, departement), starts_at=THURSDAY)
    with app.app_context():
        text = words.invitation_text(row, TODAY)
    assert text.sms == (
        "Bonjour, votre conseiller (Departement) vous propose une visite de chantier"
        " le jeudi 12. Repondez 1 OUI 2 NON 3 RAPPELEZ-MOI."
    )


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize("kind", list(InvitationKind))
@pytest.mark.parametrize("title", ["une visite", "une présentation des métiers d’égoutier " * 2])
def test_every_message_fits_in_one_sms_of_plain_letters(
    make: Factory, kind: InvitationKind, title: str
) -> None:
    row = invite(
        make,
        make.account(Role.REFERENT),
        kind=kind,
        title=title,
        starts_at=THURSDAY,
        place="Maison de l’emploi et de la formation du Cambrésis, bâtiment « Écluse », 1er étage",
    )
    texts = [
        words.invitation_text(row, TODAY),
        words.reminder_text(row, TODAY, "Environ 25 min en bus"),
        words.moved_text(row, TODAY),
        words.cancelled_text(row, TODAY),
        words.feeling_text(row),
    ]
    for text in texts:
        assert words.length_of(text.sms) <= 160
        assert text.sms.isascii()
        assert "{link}" not in text.to_say
        assert text.title
        assert text.mail


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (datetime(2026, 3, 12, 9, tzinfo=clock.PARIS), "jeudi 12"),
        (datetime(2026, 4, 1, 9, tzinfo=clock.PARIS), "mercredi 1er avril"),
        (datetime(2026, 5, 11, 9, tzinfo=clock.PARIS), "lundi 11 mai"),
        (datetime(2026, 3, 1, 9, tzinfo=clock.PARIS), "dimanche 1er"),
    ],
)
def test_days_read_as_one_says_them(day: datetime, said: str) -> None:
    assert words.day_words(day, TODAY) == said


@pytest.mark.usefixtures("at_work")
def test_an_hour_nobody_said_is_not_invented(make: Factory, session: Session) -> None:
    row = invite(
        make,
        make.account(Role.REFERENT),
        kind=InvitationKind.TRAINING,
        title="votre premier jour de formation",
        starts_at=datetime(2026, 3, 12, 0, 0, tzinfo=clock.PARIS),
    )
    text = words.invitation_text(row, TODAY)
    assert "0 h" not in text.sms
    assert "0\u00a0h" not in text.mail
