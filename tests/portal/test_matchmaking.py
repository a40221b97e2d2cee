"""The module between the portal and the engine: rows in, groups and words out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.models import (
    Account,
    AssertionSource,
    Barrier,
    BarrierImpact,
    BarrierTheme,
    Credential,
    Interest,
    JobOffer,
    PathwayStep,
    Person,
    RequirementKind,
    Role,
    StepKind,
)
from tests.support.factories import AMIENS, LENS, MARQUION, Factory

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture
def in_app(app: Flask):
    with app.test_request_context("/"):
        yield


def actor_of(account: Account) -> Actor:
    return Actor(account, account.memberships[0])


class Scene:
    """An adviser, a référent, an offer that asks one skill and a licence."""

    def __init__(self, make: Factory) -> None:
        self.adviser = make.account(Role.ADVISER)
        self.referent = make.account(Role.REFERENT)
        self.skill = make.core_skill(make.occupation(), "tp.niveler")
        self.licence = make.credential_type()
        self.offer: JobOffer = make.offer(self.adviser)
        make.requires(self.offer, self.skill)
        make.requires(self.offer, self.licence, RequirementKind.REGULATORY)
        self.make = make

    def person(self, **values) -> Person:
        values.setdefault("modes", "car")
        values.setdefault("place", MARQUION)
        values.setdefault("shared_on", clock.today())
        return self.make.person(referent=self.referent, **values)

    def people(self) -> mm.ListView:
        return mm.people_for_offer(self.make.session, actor_of(self.adviser), self.offer)


def names(view: mm.ListView, key: str) -> list[str]:
    return [line.person.public_id for line in view.group(key).lines]


def test_what_is_not_known_is_to_check_and_what_is_known_makes_ready(make: Factory) -> None:
    scene = Scene(make)
    unknown, ready = scene.person(), scene.person()
    make.knows(ready, scene.skill, 2)
    make.add(Credential(person_id=ready.id, type_code=scene.licence.code))
    view = scene.people()
    assert names(view, "ready") == [ready.public_id]
    assert names(view, "to_check") == [unknown.public_id]
    line = view.group("to_check").lines[0]
    assert [requirement.label for requirement in line.to_check] == [
        scene.skill.label,
        scene.licence.label,
    ]


def test_a_gap_that_an_open_session_covers_is_one_step_with_that_session(make: Factory) -> None:
    scene = Scene(make)
    person = scene.person()
    make.knows(person, scene.skill, 0)
    make.add(Credential(person_id=person.id, type_code=scene.licence.code))
    session = make.session_of_training(teaches={scene.skill.code: 2}, place=MARQUION)
    line = scene.people().group("one_step").lines[0]
    assert line.step is session
    assert line.learnable[0].sessions[0].row is session
    assert line.ready_by == session.end


def test_people_who_did_not_agree_to_be_shared_are_not_listed_elsewhere(make: Factory) -> None:
    scene = Scene(make)
    scene.person(shared_on=None)
    assert scene.people().count == 0


def test_people_of_another_departement_are_not_listed(make: Factory) -> None:
    scene = Scene(make)
    scene.person(place=AMIENS)
    assert scene.people().count == 0


def test_those_out_of_reach_are_counted_with_what_a_car_would_change(make: Factory) -> None:
    scene = Scene(make)
    scene.person(place=LENS, modes="walk")
    view = scene.people()
    assert (view.count, view.out_of_reach, view.with_car) == (0, 1, 1)


def test_a_person_without_commune_is_counted_apart(make: Factory, session: Session) -> None:
    scene = Scene(make)
    person = scene.person()
    person.commune_code = None
    session.flush()
    assert scene.people().unplaced == 1


def test_the_standing_level_is_the_strongest_source_then_the_latest(make: Factory) -> None:
    scene = Scene(make)
    person = scene.person()
    today = clock.today()
    make.knows(person, scene.skill, 2, source=AssertionSource.IMMERSION, asserted_on=today)
    make.knows(person, scene.skill, 0, asserted_on=today)
    view = mm.explain(make.session, person, scene.offer)
    assert view is not None
    assert view.requirements[0].outcome is mm.Outcome.MET
    assert "dit autre chose" in (view.requirements[0].fact or "")


def test_the_list_follows_a_fact_just_saved(make: Factory) -> None:
    scene = Scene(make)
    person = scene.person()
    assert names(scene.people(), "to_check") == [person.public_id]
    make.knows(person, scene.skill, 2)
    make.add(Credential(person_id=person.id, type_code=scene.licence.code))
    assert names(scene.people(), "ready") == [person.public_id]


def test_a_disliked_trade_leaves_the_persons_list_and_is_flagged_to_the_adviser(
    make: Factory,
) -> None:
    scene = Scene(make)
    person = scene.person()
    make.add(Interest(person_id=person.id, occupation_code=scene.offer.occupation_code, liking=-1))
    own = mm.offers_for_person(make.session, actor_of(scene.referent), person)
    assert own.count == 0
    assert scene.people().group("to_check").lines[0].disliked


def test_stale_offers_are_not_proposed(make: Factory) -> None:
    scene = Scene(make)
    person = scene.person()
    scene.offer.fresh_until = clock.today() - timedelta(days=1)
    make.session.flush()
    assert mm.offers_for_person(make.session, actor_of(scene.referent), person).count == 0


def test_the_simulator_says_what_a_requirement_costs(make: Factory) -> None:
    scene = Scene(make)
    person = scene.person()
    make.knows(person, scene.skill, 2)
    skill, licence = mm.simulate(make.session, actor_of(scene.adviser), scene.offer)
    assert skill.gained == 0
    assert (licence.now, licence.if_desired) == ((0, 0), (1, 0))


def test_the_useful_questions_are_the_unknowns_that_matter(make: Factory) -> None:
    scene = Scene(make)
    person = scene.person()
    asked = mm.questions(make.session, actor_of(scene.referent), person)
    assert {question.label for question in asked} == {scene.skill.label, scene.licence.label}


def test_a_composed_pathway_names_the_session_and_the_hire(make: Factory) -> None:
    scene = Scene(make)
    person = scene.person()
    make.knows(person, scene.skill, 0)
    make.add(Credential(person_id=person.id, type_code=scene.licence.code))
    session = make.session_of_training(teaches={scene.skill.code: 2}, place=MARQUION)
    view = mm.compose(make.session, actor_of(scene.referent), person, offer=scene.offer)
    fast = next(s for s in view.scenarios if "fast" in s.names)
    assert [step.kind for step in fast.steps] == ["training", "hire"]
    assert fast.steps[0].session is session
    assert fast.steps[0].brings == (scene.skill.label,)


def test_a_strong_barrier_with_a_date_delays_the_first_step(make: Factory) -> None:
    """T-PAT-04: the step is moved after the day child care is solved."""
    scene = Scene(make)
    person = scene.person()
    make.knows(person, scene.skill, 0)
    make.add(Credential(person_id=person.id, type_code=scene.licence.code))
    solved = clock.today() + timedelta(days=20)
    make.add(
        Barrier(
            person_id=person.id,
            theme=BarrierTheme.CHILDCARE,
            impact=BarrierImpact.STRONG,
            target_date=solved,
            observed_on=clock.today(),
        )
    )
    make.session_of_training(teaches={scene.skill.code: 2}, place=MARQUION, starts_in=10)
    later = make.session_of_training(teaches={scene.skill.code: 2}, place=MARQUION, starts_in=25)
    view = mm.compose(make.session, actor_of(scene.referent), person, offer=scene.offer)
    sessions = [step.session for s in view.scenarios for step in s.steps if step.session]
    assert sessions
    assert set(sessions) == {later}


def test_edited_steps_that_overlap_are_refused_with_the_reason(make: Factory) -> None:
    """T-PAT-02."""
    scene = Scene(make)
    person = scene.person()
    session = make.session_of_training(teaches={scene.skill.code: 2}, place=MARQUION)
    steps = [
        PathwayStep(
            kind=StepKind.IMMERSION,
            title="Immersion",
            start=session.start,
            end=session.end,
            commune_code=MARQUION[0],
        ),
        PathwayStep(
            kind=StepKind.TRAINING,
            title="Formation",
            start=session.start,
            end=session.end,
            session=session,
            commune_code=session.commune_code,
        ),
    ]
    found = mm.problems_of(make.session, person, steps, offer=scene.offer)
    assert any("chevauche" in text for _step, text in found)


def test_words_are_resolved_to_trades_and_credentials(make: Factory) -> None:
    make.occupation("F1702", "Constructeur / Constructrice de routes")
    make.credential_type("permis_c", "Permis C")
    assert mm.resolve_occupations(make.session, "constructeur de route")[0].code == "F1702"
    assert mm.resolve_skills(make.session, "permis poids lourd")[0].code == "permis_c"
