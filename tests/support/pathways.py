"""A référent, a person and an offer that one session brings within reach."""

from __future__ import annotations

from datetime import date, timedelta

from werkzeug.test import TestResponse

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.models import (
    Account,
    AgreementChannel,
    Barrier,
    BarrierImpact,
    BarrierState,
    BarrierTheme,
    Credential,
    JobOffer,
    Pathway,
    Person,
    RequirementKind,
    Role,
    StepKind,
    TrainingSession,
)
from portal.pathways import moves
from portal.pathways.recording import record_agreement, record_scenario
from tests.support.factories import MARQUION, Factory


def day(number: int) -> date:
    """So many days from today."""
    return clock.today() + timedelta(days=number)


class PathwayScene:
    """One skill and a licence are asked; the person lacks the skill, which a session teaches."""

    def __init__(self, make: Factory) -> None:
        self.make, self.session = make, make.session
        self.adviser: Account = make.account(Role.ADVISER)
        self.referent: Account = make.account(Role.REFERENT)
        self.skill = make.core_skill(make.occupation(), "tp.niveler")
        self.licence = make.credential_type()
        self.offer: JobOffer = make.offer(
            self.adviser,
            start_wanted=day(30),
            start_latest=day(120),
            fresh_until=day(21),
            weekly_hours=35,
        )
        make.requires(self.offer, self.skill)
        make.requires(self.offer, self.licence, RequirementKind.REGULATORY)
        self.person = self.new_person()

    @property
    def actor(self) -> Actor:
        """The référent at work."""
        return Actor(self.referent, self.referent.memberships[0])

    def new_person(self, referent: Account | None = None) -> Person:
        """Somebody who has the licence and lacks the skill."""
        person = self.make.person(referent=referent or self.referent, modes="car", place=MARQUION)
        self.make.knows(person, self.skill, 0)
        self.make.add(Credential(person_id=person.id, type_code=self.licence.code))
        return person

    def training(self, starts_in: int = 40, lasts: int = 10, **values: object) -> TrainingSession:
        """A session that teaches the skill."""
        row = self.make.session_of_training(
            teaches={self.skill.code: 2},
            place=MARQUION,
            starts_in=starts_in,
            lasts=lasts,
            **values,
        )
        row.weekly_hours = 35
        self.session.flush()
        return row

    def barrier(self, **values: object) -> Barrier:
        """A strong barrier, child care."""
        values.setdefault("state", BarrierState.TO_DO)
        row: Barrier = self.make.add(
            Barrier(
                person_id=self.person.id,
                theme=BarrierTheme.CHILDCARE,
                impact=BarrierImpact.STRONG,
                observed_on=clock.today(),
                **values,
            )
        )
        return row

    def composed(self, kinds: list[str] | None = None) -> mm.ScenarioView:
        """The first scenario, or the one made of these kinds of steps."""
        found = mm.compose(self.session, self.actor, self.person, offer=self.offer)
        return next(
            s for s in found.scenarios if kinds is None or [x.kind for x in s.steps] == kinds
        )

    def proposed(self, kinds: list[str] | None = None) -> Pathway:
        """A proposal towards the offer."""
        return record_scenario(
            self.session,
            actor=self.actor,
            person=self.person,
            scenario=self.composed(kinds),
            offer=self.offer,
        )

    def agreed(self, kinds: list[str] | None = None) -> Pathway:
        """A pathway the person agreed to."""
        pathway = self.proposed(kinds)
        record_agreement(
            self.session,
            actor=self.actor,
            pathway=pathway,
            channel=AgreementChannel.MEETING,
            words="Oui.",
        )
        return pathway

    def under_way(self, kinds: list[str] | None = None) -> Pathway:
        """A pathway that has begun."""
        pathway = self.agreed(kinds)
        moves.start(self.session, self.actor, pathway=pathway)
        return pathway


TRAINED = ["training", "hire"]
TRIED = ["immersion", "training", "hire"]


def step_of(pathway: Pathway, kind: StepKind):
    """The first step of a kind."""
    return next(step for step in pathway.steps if step.kind is kind)


def composer(scene: PathwayScene) -> str:
    """The composer towards the offer."""
    return f"/personnes/{scene.person.public_id}/parcours/composer?offre={scene.offer.public_id}"


def text(response: TestResponse) -> str:
    """A page on one line, with plain blanks."""
    return " ".join(response.get_data(as_text=True).replace("\u00a0", " ").split())
