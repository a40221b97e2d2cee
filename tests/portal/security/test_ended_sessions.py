"""A form sent after the session ended: nothing is recorded, and nothing that was typed is lost."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.models import Person
from tests.support.client import CheckingClient, client_for
from tests.support.factories import Factory

NOTE = "Il préfère <commencer> tôt le matin."


@pytest.fixture
def person(make: Factory, session: Session) -> Person:
    person = make.person()
    session.commit()
    return person


@pytest.fixture
def stranger(app: Flask) -> CheckingClient:
    """A browser whose session has ended."""
    return client_for(app)


def test_what_was_typed_is_given_back_with_the_way_to_the_page(
    stranger: CheckingClient, person: Person
) -> None:
    page = f"/personnes/{person.public_id}/suivi"
    form = {"contact-note": NOTE, "contact-channel": "phone", "password": "une phrase à moi"}
    answer = stranger.post(
        f"/personnes/{person.public_id}/contacts",
        data=form,
        headers={"Referer": f"http://localhost{page}?x=1"},
    )
    assert answer.status_code == 401
    assert "Il préfère &lt;commencer&gt; tôt le matin." in answer.text
    assert "phone" not in answer.text
    assert "une phrase à moi" not in answer.text
    target = f"/compte/connexion?suite={page}?x%3D1"
    assert f'href="{target}"' in answer.text
    assert f'value="{page}?x=1"' in stranger.get(target).text


def test_a_form_with_nothing_typed_goes_straight_to_the_sign_in_form(
    stranger: CheckingClient, person: Person
) -> None:
    sent = {"contact-channel": "phone"}
    for referrer, location in (
        (
            "http://localhost/personnes?qui=miennes",
            "/compte/connexion?suite=/personnes?qui%3Dmiennes",
        ),
        ("https://ailleurs.example/personnes", "/compte/connexion"),
        ("http://localhost/personnes/abc/contacts", "/compte/connexion"),
    ):
        answer = stranger.post(
            f"/personnes/{person.public_id}/contacts", data=sent, headers={"Referer": referrer}
        )
        assert answer.location == location


def test_a_field_that_records_itself_leaves_the_page_where_it_is(
    stranger: CheckingClient,
) -> None:
    answer = stranger.post("/offres/abc/champ/pay_text", data={"pay_text": "13 €/h"}, hx=True)
    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers


def test_an_employer_is_given_back_the_reason_that_was_typed(stranger: CheckingClient) -> None:
    answer = stranger.post(
        "/entreprise/personnes/abc/pas-maintenant", data={"note": "Revenez en mars"}
    )
    assert answer.status_code == 401
    assert "Revenez en mars" in answer.text
    assert 'href="/entreprise/entrer"' in answer.text
