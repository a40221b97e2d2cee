"""The mirror of requirements: aggregates, masked under five (INV-15), and what can be learned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.employers.mirror import people, said_without
from portal.models import CallReason, CallRequest, OfferRequirement, RequirementKind
from tests.portal.employers.conftest import LAST_NAME, Firm
from tests.support.factories import ARRAS


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "personne"), (1, "moins de 5 personnes"), (4, "moins de 5 personnes"), (5, "5 personnes")],
)
def test_small_numbers_are_masked(firm: Firm, count: int, said: str) -> None:
    with firm.app.test_request_context():
        assert people(count) == said


@given(now=st.integers(0, 60), without=st.integers(0, 60))
def test_no_number_under_five_can_be_found_by_subtraction(now: int, without: int) -> None:
    from flask import Flask
    from flask_babel import Babel

    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        said = [people(now), said_without(now, without) or ""]
    exact = [int(text.split()[0]) for text in said if text[:1].isdigit()]
    assert all(number >= 5 for number in exact)
    if len(exact) == 2:
        assert abs(exact[1] - exact[0]) >= 5


def test_each_requirement_says_what_it_changes_and_where_it_is_learned(firm: Firm) -> None:
    offer, skill = firm.offer, firm.make.skill("tp.poser")
    firm.make.requires(
        offer, firm.make.credential_type("caces", "CACES R482"), RequirementKind.REGULATORY
    )
    firm.make.session_of_training(teaches={"tp.poser": 2}, title="Canalisateur en 8 semaines")
    for number in range(6):
        person = firm.make.person(referent=firm.adviser, first_name=f"Sait{number}", modes="car")
        firm.make.knows(person, skill, 0 if number else 2)
    client = firm.by_link()
    page = client.get(f"/entreprise/offres/{offer.public_id}/exigences").text
    assert "Poser un tuyau" in page
    assert "Canalisateur en 8 semaines" in page
    assert "Arras" in page
    assert "La loi l’exige" in page
    for name in ("Sait", "Nadia", LAST_NAME):
        assert name not in page


def test_without_the_requirement_more_people_are_ready(firm: Firm) -> None:
    firm.make.commune(ARRAS)
    skill = firm.make.skill("tp.poser")
    for number in range(9):
        person = firm.make.person(referent=firm.adviser, first_name=f"Sait{number}", modes="car")
        firm.make.knows(person, skill, 2 if number < 3 else 0)
    page = firm.by_link().get(f"/entreprise/offres/{firm.offer.public_id}/exigences").text
    assert "<strong>moins de 5 personnes</strong>" in page, "three, never said"
    assert "<strong>9 personnes</strong>" in page or "<strong>10 personnes</strong>" in page


def test_the_firm_talks_of_it_and_changes_nothing(firm: Firm) -> None:
    client, url = firm.by_link(), f"/entreprise/offres/{firm.offer.public_id}/exigences"
    before = [(row.kind, row.level) for row in firm.session.scalars(select(OfferRequirement))]
    for _twice in range(2):
        assert client.post(url, data={"kind": "desired"}).status_code == 303
    firm.session.expire_all()
    assert [
        (row.kind, row.level) for row in firm.session.scalars(select(OfferRequirement))
    ] == before
    call = firm.session.scalars(select(CallRequest)).one()
    assert (call.reason, call.account_id) == (CallReason.EMPLOYER, firm.adviser.id)
