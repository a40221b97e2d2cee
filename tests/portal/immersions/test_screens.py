"""Screens of immersions: prepared, checked as one types, routed, signed, validated, assessed."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.immersions.assessing import follow_dates
from portal.immersions.forms import weekdays
from portal.models import (
    AccessLog,
    Account,
    AccountSession,
    AssertionSource,
    Immersion,
    ImmersionState,
    Interest,
    Role,
    SkillAssertion,
)
from tests.portal.immersions.conftest import SIRET, Place, form_of, new_url
from tests.support.client import CheckingClient, sign_in
from tests.support.html import without_tokens
from tests.support.queries import count_queries


def sign_in_again(client: CheckingClient, session: Session, account: Account) -> None:
    """After time has passed, the first session being over."""
    session.execute(delete(AccountSession))
    session.expire_all()
    sign_in(client, session, account)


def test_the_form_is_filled_in_from_the_offer(
    client: CheckingClient, session: Session, place: Place
) -> None:
    offer = place.make.offer(
        place.adviser, occupation=place.occupation, establishment=place.firm, weekly_hours=28
    )
    place.person.referrals[0].organisation_id = place.adviser.memberships[0].organisation_id
    sign_in(client, session, place.adviser)
    page = client.get(f"{new_url(place)}&offre={offer.public_id}").text
    assert SIRET in page
    assert "Geste tp.border\nGeste tp.niveler" in page
    assert re.search(r'value="28(\.0)?"', page), "the hours of the offer"
    assert "part chez le prescripteur" in page, "a platform does not prescribe"


def test_a_legal_convention_is_kept_checked(
    referent: CheckingClient, session: Session, place: Place
) -> None:
    response = referent.post(new_url(place), data=form_of(place))
    assert response.status_code == 303, response.text
    row = session.scalars(select(Immersion)).one()
    assert row.state is ImmersionState.CHECKED
    assert row.presence_days == weekdays(row.start, row.end)
    assert row.support_id == place.referent.memberships[0].organisation_id
    page = referent.get(response.location).text
    assert "contrôlée" in page
    assert "Passer à la signature" in page


def test_an_illegal_convention_is_refused_with_its_article_and_keeps_what_was_typed(
    referent: CheckingClient, session: Session, place: Place
) -> None:
    data = form_of(place, end=clock.today() + timedelta(days=60))
    response = referent.post(new_url(place), data=data)
    assert response.status_code == 422
    assert "D5135-3" in response.text
    assert "Choisissez une fin au plus tard" in response.text
    assert "Bruno Caslier" in response.text
    assert session.scalars(select(Immersion)).first() is None


def test_the_rules_speak_as_one_types_and_nothing_is_kept(
    referent: CheckingClient, session: Session, place: Place
) -> None:
    url = f"/immersions/verification?personne={place.person.public_id}"
    fragment = referent.post(url, data=form_of(place, weekly_hours="50"), hx=True)
    assert fragment.status_code == 200
    assert "48 heures" in fragment.text
    assert "<html" not in fragment.text
    fine = referent.post(url, data=form_of(place), hx=True).text
    assert "Toutes les règles sont respectées" in fine
    unsaid = referent.post(url, data=form_of(place) | {"start": ""}, hx=True).text
    assert "Donnez les deux dates" in unsaid
    for year in ("9999", "0001"):  # no month is after the one, or before the other
        mistyped = form_of(place) | {"start": f"{year}-12-15", "end": f"{year}-12-31"}
        assert "Donnez les deux dates" in referent.post(url, data=mistyped, hx=True).text
        refused = referent.post(new_url(place), data=mistyped)
        assert refused.status_code == 422
        assert "Vérifiez l’année" in refused.text
    assert session.scalars(select(Immersion)).first() is None


def test_what_is_still_to_obtain_makes_a_draft_that_is_completed_later(
    referent: CheckingClient, session: Session, place: Place
) -> None:
    data = form_of(place)
    del data["no_replacement_declared"]
    shown = referent.post(new_url(place), data=data, follow_redirects=True).text
    row = session.scalars(select(Immersion)).one()
    assert row.state is ImmersionState.DRAFT
    assert "À compléter avant la signature" in shown
    assert "Passer à la signature" not in shown
    edit = f"/immersions/{row.public_id}/modifier"
    assert "Bruno Caslier" in referent.get(edit).text
    referent.post(edit, data=form_of(place))
    session.refresh(row)
    assert row.state is ImmersionState.CHECKED


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"employer": "Inconnue"}, "nouvelle ici"),
        ({"employer": "Inconnue 123 456 789 00012"}, "chiffre est faux"),
        ({"trade": "zzzz"}, "nom du métier"),
        ({"start": "hier"}, "date"),
        ({"weekly_hours": "nan"}, "nombre d’heures"),
        ({"weekly_hours": "beaucoup"}, "nombre d’heures"),
        ({"object": "replace"}, "Choisissez dans la liste"),
        ({"prescriber": "nobody"}, "Choisissez dans la liste"),
        ({"tasks": ""}, "À remplir"),
        ({"presence_days": "0"}, "1"),
    ],
)
def test_bad_input_is_said_and_nothing_kept(
    referent: CheckingClient, session: Session, place: Place, values: dict[str, str], said: str
) -> None:
    response = referent.post(new_url(place), data=form_of(place) | values)
    assert response.status_code == 422
    assert said in response.text
    assert session.scalars(select(Immersion)).first() is None


def test_a_platform_may_not_choose_itself(
    client: CheckingClient, session: Session, place: Place
) -> None:
    """T-PMS-05, on the screen: only those who may prescribe are proposed."""
    platform = place.adviser.memberships[0].organisation
    place.person.referrals[0].organisation_id = platform.id
    sign_in(client, session, place.adviser)
    page = client.get(new_url(place)).text
    assert platform.public_id not in page
    assert place.departement.public_id in page
    assert (
        client.post(new_url(place), data=form_of(place, prescriber=platform.public_id)).status_code
        == 422
    )


def test_from_signature_to_assessment(
    referent: CheckingClient, session: Session, place: Place
) -> None:
    row = place.prepared()
    session.commit()
    url = f"/immersions/{row.public_id}"
    assert "prête à signer" in referent.post(f"{url}/envoyer", follow_redirects=True).text
    today = clock.today().isoformat()
    for role in ("person", "host", "support"):
        signature = {
            "signature-role": role,
            "signature-name": f"Signataire {role}",
            "signature-method": "paper",
            "signature-signed_on": today,
        }
        page = referent.post(f"{url}/signer", data=signature, follow_redirects=True).text
    assert "chez le prescripteur" in page
    assert "Valider une immersion" in referent.get("/").text
    assert "Immersion validée" in referent.post(f"{url}/valider", follow_redirects=True).text
    session.refresh(row)
    assert {s.role.value for s in row.signatures} == {"person", "host", "support", "prescriber"}
    with clock.frozen_at(clock.start_of(row.end + timedelta(days=2))):
        assert follow_dates(session, clock.today()) == 1
        session.commit()
        sign_in_again(referent, session, place.referent)
        assert "Demander le bilan" in referent.get("/").text
        said = {
            "came": "yes",
            "objectives": "reached",
            "would_hire": "yes",
            "by_name": "Bruno Caslier",
            "geste-0": "2",
            "geste-1": "0",
            "liked": "no",
        }
        done = referent.post(f"{url}/bilan", data=said, follow_redirects=True).text
    assert "objectifs atteints" in done
    assert "plateforme Proch’Emploi" in done, "a référent tells the platform of the job"
    facts = session.scalars(select(SkillAssertion).order_by(SkillAssertion.skill_code)).all()
    assert [(f.skill_code, f.level) for f in facts] == [("tp.border", 2), ("tp.niveler", 0)]
    assert {f.source for f in facts} == {AssertionSource.IMMERSION}
    assert "Travaux Bellonne" in (facts[0].evidence or "")
    assert session.get(Interest, (place.person.id, "F1702")).liking == -1  # type: ignore[union-attr]


def test_a_signature_unreadable_or_unexpected_is_said(
    referent: CheckingClient, session: Session, place: Place
) -> None:
    row = place.prepared()
    session.commit()
    url = f"/immersions/{row.public_id}"
    referent.post(f"{url}/envoyer")
    assert referent.post(f"{url}/signer", data={}).status_code == 422
    wrong = {
        "signature-role": "employer",
        "signature-name": "X",
        "signature-method": "paper",
        "signature-signed_on": clock.today().isoformat(),
    }
    assert referent.post(f"{url}/signer", data=wrong).status_code == 422
    assert referent.post(f"{url}/annuler", data={}).status_code == 422
    assert referent.post(f"{url}/inconnu").status_code == 404


def test_only_the_prescriber_decides(
    client: CheckingClient, session: Session, place: Place
) -> None:
    place.person.referrals[0].organisation_id = place.adviser.memberships[0].organisation_id
    row = place.signed(place.prepared())
    row.by_id, row.support_id = place.adviser.id, place.adviser.memberships[0].organisation_id
    session.commit()
    url = f"/immersions/{row.public_id}"
    sign_in(client, session, place.adviser)
    assert "Valider" not in client.get(url).text
    assert client.post(f"{url}/valider").status_code == 403
    sign_in(client, session, place.referent)
    assert client.post(f"{url}/signer").status_code == 403, "the prescriber does not manage it"
    assert client.post(f"{url}/refuser", data={}).status_code == 422
    client.post(f"{url}/refuser", data={"refus-reason": "objectives"})
    session.refresh(row)
    assert row.state is ImmersionState.REFUSED
    assert "tâches sont à revoir" in client.get(url).text


def test_another_structure_finds_nothing(
    client: CheckingClient, session: Session, place: Place
) -> None:
    row = place.validated()
    other = place.make.account(Role.REFERENT)
    stranger = place.make.person(referent=place.make.account(Role.REFERENT))
    sign_in(client, session, other)
    for path in ("", "/modifier", "/bilan", "/convention", "/convention.pdf"):
        assert client.get(f"/immersions/{row.public_id}{path}").status_code == 404
    assert client.post(f"/immersions/{row.public_id}/annuler").status_code == 404
    assert client.get(new_url(place)).status_code == 404
    assert client.get(f"/immersions/nouvelle?personne={stranger.public_id}").status_code == 404
    assert client.get("/immersions/nouvelle").status_code == 404


def test_the_employer_sees_its_own_and_gives_the_assessment(
    client: CheckingClient, session: Session, place: Place
) -> None:
    row = place.validated()
    elsewhere = place.make.establishment(siret="55210055400013")
    other = place.validated(establishment=elsewhere, start=row.end + timedelta(days=20))
    sign_in(client, session, place.employer)
    page = client.get("/entreprise/accueils").text
    assert row.public_id in page
    assert other.public_id not in page
    assert "Bertinval" not in page
    assert client.get(f"/immersions/{row.public_id}").status_code == 403
    assert client.get(f"/entreprise/accueils/{other.public_id}/bilan").status_code == 404
    assert "Pas encore" in client.get(f"/entreprise/accueils/{row.public_id}/bilan").text
    with clock.frozen_at(clock.start_of(row.end)):
        sign_in_again(client, session, place.employer)
        shown = client.get(f"/entreprise/accueils/{row.public_id}/bilan").text
        assert "Geste tp.niveler" in shown
        assert "pas pour moi" not in shown
        url = f"/entreprise/accueils/{row.public_id}/bilan"
        assert client.post(url, data={}).status_code == 422
        client.post(url, data={"objectives": "partly", "by_name": "Bruno", "geste-1": "1"})
    session.refresh(row)
    assert row.state is ImmersionState.CLOSED
    fact = session.scalars(select(SkillAssertion)).one()
    assert (fact.skill_code, fact.level, fact.by_id) == ("tp.niveler", 1, place.employer.id)


def test_the_person_s_page_lists_immersions_and_readings_are_logged(
    referent: CheckingClient, session: Session, place: Place
) -> None:
    row = place.prepared()
    session.commit()
    page = referent.get(f"/personnes/{place.person.public_id}/suivi").text
    assert row.public_id in page
    assert "Préparer une immersion" in page
    referent.get(f"/immersions/{row.public_id}")
    logged = session.scalars(select(AccessLog).where(AccessLog.endpoint == "immersions.show")).all()
    assert [entry.person_id for entry in logged] == [place.person.id]


def test_the_list_is_the_page_its_views_and_as_many_queries_whatever_the_rows(
    referent: CheckingClient, session: Session, place: Place
) -> None:
    place.prepared()
    session.commit()
    referent.get("/immersions")
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    with count_queries(engine) as few:
        referent.get("/immersions")
    for number in range(4):
        person = place.make.person(referent=place.referent, birth_date=date(1990, 1, 1))
        place.prepared(person=person, start=clock.today() + timedelta(days=20 + number))
    session.commit()
    with count_queries(engine) as many:
        page = referent.get("/immersions").text
    assert many.count == few.count
    fragment = referent.get("/immersions", hx=True).text
    assert without_tokens(fragment).strip() in without_tokens(page)
    for view in ("prepare", "sign", "validate", "current", "assess", "ended", "n’importe quoi"):
        assert referent.get(f"/immersions?vue={view}").status_code == 200


def test_a_renewal_starts_from_the_first_convention(
    referent: CheckingClient, session: Session, place: Place
) -> None:
    row = place.validated()
    with clock.frozen_at(clock.start_of(row.end + timedelta(days=1))):
        sign_in_again(referent, session, place.referent)
        said = {"came": "yes", "objectives": "not_reached", "by_name": "Bruno"}
        shown = referent.post(
            f"/immersions/{row.public_id}/bilan", data=said, follow_redirects=True
        ).text
        assert "Renouveler" in shown
        url = f"{new_url(place)}&renouvelle={row.public_id}"
        page = referent.get(url).text
        assert row.objectives in page
        start = row.end + timedelta(days=3)
        changed = referent.post(url, data=form_of(place, start=start, objectives="Autre chose"))
        assert changed.status_code == 422
        kept = referent.post(url, data=form_of(place, start=start, objectives=row.objectives))
        assert kept.status_code == 303, kept.text
    renewal = session.scalars(select(Immersion).where(Immersion.renewal_of_id == row.id)).one()
    assert renewal.state is ImmersionState.CHECKED
