"""Positionings as files: read twice, refused with a reason, safe to open, without names."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal import clock
from portal.models import Account, Enrollment, EnrollmentState, Role, TrainingSession
from tests.portal.enrolments.conftest import Position
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory

_S = EnrollmentState
HEADER = "reference_ouiform;personne;session;accord_le;accord_par"
IMPORT = "/positionnements/import"


@pytest.fixture
def signed(client: CheckingClient, session: Session, referent: Account) -> CheckingClient:
    session.commit()
    return sign_in(client, session, referent)


@pytest.fixture
def place(make: Factory) -> TrainingSession:
    return make.session_of_training()


def send(client: CheckingClient, *lines: str, encoding: str = "utf-8") -> TestResponse:
    content = "\r\n".join((HEADER, *lines, "")).encode(encoding)
    given = {"file": (io.BytesIO(content), "ouiform.csv")}
    return client.post(IMPORT, data=given, content_type="multipart/form-data")


def test_the_same_file_twice_positions_once(
    signed: CheckingClient,
    session: Session,
    make: Factory,
    referent: Account,
    place: TrainingSession,
) -> None:
    person = make.person(referent=referent, external_ref="D-7")
    session.commit()
    day = clock.today().strftime("%d/%m/%Y")
    line = f"OUI-1;D-7;{place.public_id};{day};phone"
    assert "1 personne positionnée" in send(signed, line).get_data(as_text=True)
    page = send(signed, line).get_data(as_text=True)
    assert "positionnée" not in page
    assert "1 ligne déjà connue" in page
    row = session.scalars(select(Enrollment)).one()
    assert (row.person_id, row.session_id, row.state) == (person.id, place.id, _S.POSITIONED)
    assert (row.external_ref, row.agreed_channel) == ("OUI-1", "phone")


def test_what_cannot_be_positioned_is_listed_and_changes_nothing(
    signed: CheckingClient,
    session: Session,
    make: Factory,
    referent: Account,
    place: TrainingSession,
    position: Position,
) -> None:
    known, mine = position(place, _S.POSITIONED), make.person(referent=referent)
    known.external_ref = "OUI-0"
    stranger = make.person(referent=make.account(Role.REFERENT))
    session.commit()
    today = clock.today().isoformat()
    later = (clock.today() + timedelta(days=3)).isoformat()
    page = send(
        signed,
        f"OUI-2;{stranger.public_id};{place.public_id};{today};phone",
        f"OUI-3;{mine.public_id};inconnue;{today};phone",
        f"OUI-4;{mine.public_id};{place.public_id};;",
        f"OUI-5;{mine.public_id};{place.public_id};{later};phone",
        f"OUI-0;{mine.public_id};{place.public_id};{today};phone",
        f"OUI-6;{mine.public_id};{place.public_id};demain;phone",
        f"OUI-7;{mine.public_id};{place.public_id};{today};pigeon",
        f";{mine.public_id};{place.public_id};{today};phone",
    ).get_data(as_text=True)
    for reason in (
        "Personne inconnue de votre structure",
        "Session absente du catalogue",
        "accord de la personne",
        "à venir",
        "déjà celle d’un autre positionnement",
        "n’est pas une date",
        "attend l’un de",
        "La référence OUIFORM manque",
    ):
        assert reason in page
    assert session.scalars(select(Enrollment)).all() == [known]


def test_a_positioning_made_here_receives_its_reference(
    signed: CheckingClient, session: Session, place: TrainingSession, position: Position
) -> None:
    row = position(place, _S.INVITED)
    session.commit()
    page = send(signed, f"OUI-9;{row.person.public_id};{place.public_id};;").get_data(as_text=True)
    assert "1 référence ajoutée" in page
    session.refresh(row)
    assert (row.external_ref, row.state) == ("OUI-9", _S.INVITED)


def test_what_is_not_the_file_expected_is_refused_whole(
    signed: CheckingClient, session: Session
) -> None:
    given = {"file": (io.BytesIO(b"nom;prenom\r\nA;B\r\n"), "autre.csv")}
    response = signed.post(IMPORT, data=given, content_type="multipart/form-data")
    assert response.status_code == 422
    assert signed.post(IMPORT, data={}).status_code == 422
    book = {"file": (io.BytesIO(b"PK\x03\x04\x14\x00\x81"), "positionnements.xlsx")}
    refused = signed.post(IMPORT, data=book, content_type="multipart/form-data")
    assert refused.status_code == 422
    assert "enregistrez-le au format CSV (UTF-8)" in refused.get_data(as_text=True)
    assert session.scalars(select(Enrollment)).all() == []


def test_the_export_has_no_name_no_formula_and_can_be_read_back(
    signed: CheckingClient,
    session: Session,
    make: Factory,
    place: TrainingSession,
    position: Position,
    app: Flask,
) -> None:
    row = position(place, _S.POSITIONED, external_ref="=1+1")
    foreign = make.account(Role.REFERENT)
    session.commit()
    text = signed.get("/positionnements/export.csv").get_data(as_text=True)
    assert row.person.last_name not in text
    assert ";'=1+1" in f";{text.splitlines()[1]}"
    given = {"file": (io.BytesIO(text.encode()), "export.csv")}
    page = signed.post(IMPORT, data=given, content_type="multipart/form-data")
    assert "1 ligne déjà connue" in page.get_data(as_text=True)
    other = sign_in(client_for(app), session, foreign)
    assert len(other.get("/positionnements/export.csv").get_data(as_text=True).splitlines()) == 1
