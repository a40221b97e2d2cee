"""The composer, as a référent uses it."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import (
    DomainEvent,
    Interest,
    Pathway,
    PathwayState,
    UnmetNeed,
)
from portal.pathways.views import fingerprint
from tests.support.client import CheckingClient
from tests.support.pathways import TRAINED, PathwayScene, composer, day, text


def test_scenarios_stand_side_by_side_with_what_they_ask(
    mine: CheckingClient, scene: PathwayScene, session: Session
) -> None:
    scene.training(title="Ouvrier VRD")
    session.commit()
    page = text(mine.get(composer(scene)))
    assert page.count('class="scenario"') == 2
    for word in ("Le plus rapide", "Le plus sûr", "Ouvrier VRD", "Apporte :", "35 h par semaine"):
        assert word in page, word


def test_choosing_a_scenario_keeps_what_today_composes(
    mine: CheckingClient, scene: PathwayScene, session: Session, app
) -> None:
    training = scene.training()
    session.commit()
    with app.test_request_context("/"):
        fast = scene.composed(TRAINED)
    form = {"scenario": "fast", "seen": fingerprint(fast), "start": "2020-01-01", "hire_on": "x"}
    response = mine.post(composer(scene), data=form)
    assert response.status_code == 303
    pathway = session.scalars(select(Pathway)).one()
    assert response.location.endswith(f"/parcours/{pathway.public_id}")
    assert pathway.state is PathwayState.PROPOSED
    assert [s.session for s in pathway.steps] == [training, None]
    assert scene.make.first(DomainEvent, name="pathway_proposed").subject_id == pathway.id


def test_a_scenario_that_changed_since_it_was_read_is_not_kept(
    mine: CheckingClient, scene: PathwayScene, session: Session, app
) -> None:
    training = scene.training()
    session.commit()
    with app.test_request_context("/"):
        seen = fingerprint(scene.composed(TRAINED))
    training.seats_left = 0
    scene.training(starts_in=70)
    session.commit()
    response = mine.post(composer(scene), data={"scenario": "fast", "seen": seen})
    assert response.status_code == 422
    assert "a changé depuis que vous l’avez lu" in text(response)
    assert session.scalars(select(Pathway)).all() == []


@pytest.mark.parametrize("form", [{}, {"scenario": "free"}, {"scenario": "safe' OR 1"}])
def test_a_scenario_that_does_not_exist_is_refused(
    mine: CheckingClient, scene: PathwayScene, session: Session, form: dict[str, str]
) -> None:
    scene.training()
    session.commit()
    assert mine.post(composer(scene), data=form).status_code == 422
    assert session.scalars(select(Pathway)).all() == []


def test_when_nothing_reaches_the_nearest_date_is_said_and_the_need_is_kept_once(
    mine: CheckingClient, scene: PathwayScene, session: Session
) -> None:
    """T-PAT-01: no seat before the last day of the offer."""
    scene.training(starts_in=40, seats_left=0)
    late = scene.training(starts_in=130, title="Ouvrier VRD en juin")
    session.commit()
    page = text(mine.get(composer(scene)))
    assert "Aucun parcours n’arrive à temps" in page
    assert late.end.isoformat() in page
    assert "Ouvrier VRD en juin" in page
    need = composer(scene).replace("/composer", "/besoin")
    for _ in range(2):
        assert mine.post(need).status_code == 303
    row = session.scalars(select(UnmetNeed)).one()
    assert (row.person_id, row.offer_id) == (scene.person.id, scene.offer.id)
    assert row.blocking["blockers"][0]["label"] == scene.skill.label
    assert scene.make.first(DomainEvent, name="unmet_need_recorded").subject_id == row.id
    page = text(mine.get(composer(scene)))
    assert "Besoin non couvert enregistré le" in page
    assert "Enregistrer un besoin" not in page


def test_no_need_is_kept_when_a_scenario_exists(
    mine: CheckingClient, scene: PathwayScene, session: Session
) -> None:
    scene.training()
    session.commit()
    mine.post(composer(scene).replace("/composer", "/besoin"))
    assert session.scalars(select(UnmetNeed)).all() == []


def test_a_strong_barrier_without_date_is_said(
    mine: CheckingClient, scene: PathwayScene, session: Session
) -> None:
    """T-PAT-04."""
    scene.training()
    scene.barrier()
    session.commit()
    assert "frein fort, sans date" in text(mine.get(composer(scene)))


def test_an_offer_no_longer_proposed_is_not_a_goal(
    mine: CheckingClient, scene: PathwayScene, session: Session
) -> None:
    scene.training()
    scene.offer.fresh_until = day(-1)
    session.commit()
    page = mine.get(composer(scene))
    assert "n’est plus proposée" in text(page)
    assert mine.post(composer(scene), data={"scenario": "fast"}).status_code == 422


def test_a_goal_hidden_from_the_actor_or_unknown_is_not_found(
    mine: CheckingClient, scene: PathwayScene, session: Session
) -> None:
    scene.offer.shared_at = None
    session.commit()
    assert mine.get(composer(scene)).status_code == 404
    person = scene.person.public_id
    assert mine.get(f"/personnes/{person}/parcours/composer?metier=Z9999").status_code == 404


def test_a_goal_is_chosen_among_offers_liked_trades_or_typed(
    mine: CheckingClient, scene: PathwayScene, session: Session
) -> None:
    liked = scene.make.occupation("G1602", "Cuisinier")
    scene.make.add(Interest(person_id=scene.person.id, occupation_code=liked.code, liking=1))
    scene.training()
    session.commit()
    url = f"/personnes/{scene.person.public_id}/parcours/composer"
    page = text(mine.get(url))
    assert f"offre={scene.offer.public_id}" in page
    assert "metier=G1602" in page
    typed = mine.get(f"{url}?q={quote('constructeur routes')}", hx=True)
    assert "metier=F1702" in text(typed)
    assert "<html" not in text(typed)
    sure = mine.get(f"{url}?q={quote('Constructeur de routes')}")
    assert sure.location.endswith("metier=F1702")
    assert "Aucun métier ne porte ce nom" in text(mine.get(f"{url}?q=zzzz"))


def test_a_trade_of_which_nothing_is_known_is_said_so(
    mine: CheckingClient, scene: PathwayScene, session: Session
) -> None:
    scene.make.occupation("A1101", "Métier sans fiche")
    session.commit()
    page = mine.get(f"/personnes/{scene.person.public_id}/parcours/composer?metier=A1101")
    assert "ne sont pas encore connues" in text(page)
