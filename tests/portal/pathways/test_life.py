"""The page of a pathway: agreed, changed, followed, printed."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    AgreementChannel,
    BreakdownReason,
    DomainEvent,
    Pathway,
    PathwayState,
    StepKind,
    StepState,
)
from tests.support.client import CheckingClient
from tests.support.pathways import TRAINED, TRIED, PathwayScene, day, step_of, text


def test_the_agreement_keeps_who_when_how_and_the_words(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    """T-PAT-03."""
    scene.training()
    pathway = build("proposed", TRAINED)
    url = f"/parcours/{pathway.public_id}/accord"
    assert mine.get(url).status_code == 200
    form = {"channel": "phone", "on": clock.today().isoformat(), "words": " Oui, ça me va. "}
    assert mine.post(url, data=form).status_code == 303
    session.refresh(pathway)
    assert pathway.state is PathwayState.ACCEPTED
    assert pathway.agreed_channel is AgreementChannel.PHONE
    assert (pathway.agreed_words, pathway.agreed_with) == ("Oui, ça me va.", scene.referent)
    assert pathway.agreed_at.astimezone(clock.PARIS).date() == clock.today()
    page = text(mine.get(f"/parcours/{pathway.public_id}"))
    assert "au téléphone" in page
    assert "« Oui, ça me va. »" in page


BAD_AGREEMENTS = [
    ("nothing", {}),
    ("no words", {"channel": "phone", "on": "today", "words": "  "}),
    ("in the future", {"channel": "phone", "on": "tomorrow", "words": "Oui"}),
    ("by nobody", {"channel": "portal", "on": "today", "words": "Oui"}),
    ("not a date", {"channel": "phone", "on": "31/02", "words": "Oui"}),
    ("another century", {"channel": "phone", "on": "0202-01-01", "words": "Oui"}),
]


@pytest.mark.parametrize("form", [c[1] for c in BAD_AGREEMENTS], ids=[c[0] for c in BAD_AGREEMENTS])
def test_an_agreement_that_says_too_little_is_not_kept(
    mine: CheckingClient, scene: PathwayScene, session: Session, build, form: dict[str, str]
) -> None:
    scene.training()
    pathway = build("proposed", TRAINED)
    days = {"today": day(0).isoformat(), "tomorrow": day(1).isoformat()}
    data = {name: days.get(value, value) for name, value in form.items()}
    assert mine.post(f"/parcours/{pathway.public_id}/accord", data=data).status_code == 422
    session.refresh(pathway)
    assert (pathway.state, pathway.agreed_at) == (PathwayState.PROPOSED, None)


def test_one_current_pathway_a_person(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    scene.training()
    first, second = build("under_way", TRAINED), build("proposed", TRAINED)
    form = {"channel": "meeting", "on": clock.today().isoformat(), "words": "Plutôt ça."}
    mine.post(f"/parcours/{second.public_id}/accord", data=form)
    session.expire_all()
    assert (first.state, second.state) == (PathwayState.REPLACED, PathwayState.ACCEPTED)


def test_a_proposal_that_no_longer_stands_says_why_and_is_not_agreed(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    training = scene.training()
    pathway = build("proposed", TRAINED)
    training.seats_left = 0
    session.commit()
    assert "plus de place" in text(mine.get(f"/parcours/{pathway.public_id}"))
    form = {"channel": "phone", "on": clock.today().isoformat(), "words": "Oui"}
    response = mine.post(f"/parcours/{pathway.public_id}/accord", data=form)
    assert response.status_code == 422
    assert "plus de place" in text(response)


def test_not_wanted_asks_why_and_leads_to_other_ways(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    scene.training()
    pathway = build("proposed", TRAINED)
    url = f"/parcours/{pathway.public_id}/refus"
    assert mine.post(url, data={}).status_code == 422
    assert mine.post(url, data={"reason": "unreachable"}).status_code == 422
    response = mine.post(url, data={"reason": "distance"})
    assert response.location.endswith("/autres-pistes")
    session.refresh(pathway)
    assert pathway.state is PathwayState.DECLINED
    assert pathway.breakdown_reason is BreakdownReason.DISTANCE


def test_a_broken_pathway_keeps_its_reason_and_two_ways_are_proposed(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    scene.training()
    other = scene.make.offer(
        scene.adviser, title="Poseur de bordures", start_wanted=day(30), start_latest=day(120)
    )
    scene.make.requires(other, scene.skill)
    pathway = build("under_way", TRAINED)
    url = f"/parcours/{pathway.public_id}/arreter"
    assert mine.get(url).status_code == 200
    assert mine.post(url, data={"reason": "bad"}).status_code == 422
    response = mine.post(url, data={"reason": "childcare"})
    session.refresh(pathway)
    assert (pathway.state, pathway.breakdown_reason) == (
        PathwayState.BROKEN,
        BreakdownReason.CHILDCARE,
    )
    page = text(mine.get(response.location))
    assert page.count("embauche possible le") == 2
    assert "Autrement vers : Constructeur de routes" in page
    assert "Poseur de bordures" in page


def test_what_has_just_stopped_is_not_proposed_again(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    scene.training(starts_in=5, lasts=80)
    scene.offer.start_latest = day(88)
    pathway = build("under_way", TRAINED)
    mine.post(f"/parcours/{pathway.public_id}/arreter", data={"reason": "not_suited"})
    page = text(mine.get(f"/parcours/{pathway.public_id}/autres-pistes"))
    assert "Autrement vers" not in page
    assert "Choisir un" in page


def test_the_life_of_a_pathway_by_its_buttons(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    scene.training()
    pathway = build("agreed", TRAINED)
    url = f"/parcours/{pathway.public_id}"
    for action, state in (
        ("commencer", PathwayState.IN_PROGRESS),
        ("suspendre", PathwayState.PAUSED),
        ("reprendre", PathwayState.IN_PROGRESS),
    ):
        assert mine.post(f"{url}/avancer", data={"action": action}).status_code == 303
        session.refresh(pathway)
        assert pathway.state is state
    assert mine.post(f"{url}/avancer", data={"action": "voler"}).status_code == 400
    assert mine.post(f"{url}/embauche", data={"on": day(1).isoformat()}).status_code == 422
    assert mine.post(f"{url}/embauche", data={"on": day(0).isoformat()}).status_code == 303
    session.refresh(pathway)
    assert pathway.state is PathwayState.REACHED
    refused = mine.post(f"{url}/avancer", data={"action": "commencer"})
    assert refused.status_code == 422
    assert "Impossible de passer" in text(refused)


def test_a_step_moves_in_place_and_a_refusal_says_why(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    scene.training()
    pathway = build("under_way", TRIED)
    step = step_of(pathway, StepKind.IMMERSION)
    url = f"/parcours/{pathway.public_id}/etapes/{step.public_id}/etat"
    early = mine.post(url, data={"state": "in_progress"}, hx=True)
    assert early.status_code == 422
    assert "Cette étape commence le" in text(early)
    step.start = day(0)
    session.commit()
    moved = mine.post(url, data={"state": "in_progress"}, hx=True)
    assert moved.status_code == 200
    assert "X-Announce" in moved.headers
    session.refresh(step)
    assert step.state is StepState.IN_PROGRESS
    assert text(moved).startswith('<div id="parcours">')
    whole = text(mine.get(f"/parcours/{pathway.public_id}"))
    assert text(moved) in whole
    assert mine.post(url, data={"state": "asleep"}).status_code == 400


def test_a_step_is_changed_by_its_form(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    scene.training(starts_in=35)
    later = scene.training(starts_in=60, title="Autre session VRD")
    pathway = build("proposed", TRAINED)
    url = f"/parcours/{pathway.public_id}/etapes/{pathway.steps[0].public_id}/modifier"
    assert "Autre session VRD" in text(mine.get(url))
    assert mine.post(url, data={"session": "nowhere"}).status_code == 422
    assert mine.post(url, data={"session": later.public_id}).status_code == 303
    session.expire_all()
    assert [s.session for s in pathway.steps] == [later, None]


def test_a_refused_change_writes_nothing(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    """T-PAT-02: two 35 h steps that overlap."""
    scene.training(starts_in=40)
    pathway = build("proposed", TRAINED)
    before = [(s.public_id, s.start, s.end) for s in pathway.steps]
    form = {
        "title": "Chantier école",
        "start": day(41).isoformat(),
        "end": day(45).isoformat(),
        "weekly_hours": "35",
    }
    url = f"/parcours/{pathway.public_id}/etapes/ajouter"
    response = mine.post(url, data=form)
    assert response.status_code == 422
    assert "70 h par semaine" in text(response)
    assert 'value="Chantier école"' in text(response)
    session.expire_all()
    assert [(s.public_id, s.start, s.end) for s in pathway.steps] == before
    assert scene.make.first(DomainEvent, name="pathway_edited") is None
    assert mine.post(url, data={**form, "weekly_hours": "7,5"}).status_code == 303
    session.expire_all()
    assert step_of(pathway, StepKind.OTHER).weekly_hours == 7.5


BAD_STEPS = [
    ("no title", {"title": "  "}),
    ("too many hours", {"weekly_hours": "60"}),
    ("no hours at all", {"weekly_hours": "0"}),
    ("not a number", {"weekly_hours": "beaucoup"}),
    ("not a number either", {"weekly_hours": "nan"}),
    ("ends before it starts", {"end": "yesterday"}),
    ("in the past", {"start": "yesterday"}),
    ("a place unknown", {"commune": "Nulle-Part-les-Bains"}),
    ("a title too long", {"title": "a" * 201}),
]


@pytest.mark.parametrize("change", [c[1] for c in BAD_STEPS], ids=[c[0] for c in BAD_STEPS])
def test_a_bad_step_is_refused_with_what_was_typed(
    mine: CheckingClient, scene: PathwayScene, session: Session, build, change: dict[str, str]
) -> None:
    scene.training(starts_in=40)
    pathway = build("proposed", TRAINED)
    form = {
        "title": "Visite",
        "start": day(5).isoformat(),
        "end": day(5).isoformat(),
        **{k: day(-1).isoformat() if v == "yesterday" else v for k, v in change.items()},
    }
    response = mine.post(f"/parcours/{pathway.public_id}/etapes/ajouter", data=form)
    assert response.status_code == 422
    session.expire_all()
    assert [s.kind.value for s in pathway.steps] == TRAINED


def test_a_step_is_removed_or_the_reason_is_said(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    scene.training(starts_in=40)
    pathway = build("proposed", TRIED)
    base = f"/parcours/{pathway.public_id}/etapes"
    needed = mine.post(f"{base}/{pathway.steps[1].public_id}/retirer")
    assert needed.status_code == 422
    assert scene.skill.label in text(needed)
    hire = mine.post(f"{base}/{pathway.steps[2].public_id}/retirer")
    assert "ne se retire pas" in text(hire)
    assert mine.post(f"{base}/{pathway.steps[0].public_id}/retirer").status_code == 303
    session.expire_all()
    assert [s.kind.value for s in pathway.steps] == TRAINED


def test_changing_an_agreed_pathway_makes_a_proposal_and_says_so(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    scene.training()
    pathway = build("under_way", TRAINED)
    hire = pathway.steps[1].public_id
    url = f"/parcours/{pathway.public_id}/etapes/{hire}/modifier"
    assert "nouvelle proposition" in text(mine.get(url))
    response = mine.post(url, data={"start": day(90).isoformat()})
    made = session.scalars(select(Pathway).where(Pathway.replaces_id == pathway.id)).one()
    assert response.location.endswith(made.public_id)
    assert "attend l’accord" in text(mine.get(f"/parcours/{pathway.public_id}"))
    assert "remplacera le parcours actuel" in text(mine.get(f"/parcours/{made.public_id}"))


def test_the_sheet_is_in_plain_words_and_names_no_barrier(
    mine: CheckingClient, scene: PathwayScene, build
) -> None:
    scene.training(title="Ouvrier VRD")
    scene.barrier(target_date=day(20))
    pathway = build("agreed", ["barrier", *TRAINED])
    page = text(mine.get(f"/parcours/{pathway.public_id}/imprimer"))
    for word in ("Je vais en formation.", "Ouvrier VRD", "Je signe", "J’ai dit oui le"):
        assert word in page, word
    assert "Garde d’enfants" not in page
    assert scene.referent.full_name in page


def test_the_pages_of_a_person_name_the_current_pathway_and_the_former_ones(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    url = f"/personnes/{scene.person.public_id}/parcours"
    scene.training()
    session.commit()
    assert "Pas encore de parcours" in text(mine.get(url))
    build("under_way", TRAINED)
    build("proposed", TRIED)
    page = text(mine.get(url))
    assert "en cours" in page
    assert "Propositions et parcours passés" in page
