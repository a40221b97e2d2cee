"""Introductions under way and pathways already agreed, made by the portal's own rules."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel
from sqlalchemy import select

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.people import own_portfolio
from portal.demo.scene import Scene, pick
from portal.demo.structures import Structures
from portal.introductions.cards import build_card
from portal.models import (
    Account,
    AgreementChannel,
    Introduction,
    IntroductionState,
    JobOffer,
    OfferState,
    OutcomeReason,
    PathwayState,
    Person,
    StepState,
)
from portal.models.base import JsonObject
from portal.pathways.recording import record_agreement, record_scenario
from portal.pathways.rules import PATHWAY, STEP

PATHWAYS = 20
_S = IntroductionState
_STATES = {
    _S.AGREEMENT_ASKED: 2,
    _S.AGREED: 2,
    _S.SENT: 4,
    _S.SEEN: 2,
    _S.MEETING: 3,
    _S.REFUSED: 1,
    _S.DECLINED: 1,
}
_LIVE = (OfferState.OPEN, OfferState.IN_PROGRESS)
_ANSWERS = (_S.SENT, _S.SEEN, _S.MEETING)
_REASONS = {_S.REFUSED: OutcomeReason.SKILLS, _S.DECLINED: OutcomeReason.SCHEDULE}


def make_introductions(scene: Scene, structures: Structures, offers: list[JobOffer]) -> int:
    """One to three people presented for each offer in progress, one hired for each filled one.

    The employer who has an account is always sent people, one at each step of an answer.
    """
    count = 0
    firm = structures.accounts["employer"].memberships[0].organisation.establishment_id
    for offer in offers:
        followed = offer.establishment_id == firm and offer.state in _LIVE
        if followed:
            offer.state = OfferState.IN_PROGRESS
        if offer.state not in (OfferState.IN_PROGRESS, OfferState.FILLED):
            continue
        adviser = _adviser_of(structures, offer)
        view = mm.people_for_offer(scene.session, adviser, offer)
        lines = [line for group in view.groups[:4] for line in group.lines]
        filled = offer.state is OfferState.FILLED
        chosen = lines[: 1 if filled else scene.random.randrange(1, 4)]
        if followed:
            chosen = lines[: len(_ANSWERS)]
        for line, answer in zip(chosen, _ANSWERS, strict=False):
            state = _S.HIRED if filled else answer if followed else pick(scene.random, _STATES)
            _introduce(scene, adviser, offer, line, state)
            count += 1
    return count


def _adviser_of(structures: Structures, offer: JobOffer) -> Actor:
    by_id = {account.id: account for account in structures.accounts.values()}
    return _actor(by_id[offer.adviser_id or 0])


def _actor(account: Account) -> Actor:
    return Actor(account, account.memberships[0])


def _introduce(
    scene: Scene, adviser: Actor, offer: JobOffer, line: mm.Line, state: IntroductionState
) -> None:
    asked = -scene.random.randrange(3, 16)
    agreed = state not in (_S.AGREEMENT_ASKED, _S.DECLINED)
    sent = agreed and state is not _S.AGREED
    ended = state in (_S.HIRED, _S.REFUSED, _S.DECLINED)
    scene.add(
        Introduction(
            person=line.person,
            offer=offer,
            by_id=adviser.account.id,
            organisation_id=adviser.organisation.id,
            state=state,
            group_at_proposal=line.group,
            agreed_at=scene.instant(asked, 10, 30) if agreed else None,
            agreed_channel=AgreementChannel.PHONE if agreed else None,
            agreed_with_id=adviser.account.id if agreed else None,
            sent_at=scene.instant(asked, 14) if sent else None,
            meeting_on=scene.day(scene.random.randrange(2, 9)) if state is _S.MEETING else None,
            outcome_reason=OutcomeReason.HIRED if state is _S.HIRED else _REASONS.get(state),
            closed_at=scene.instant(-1) if ended else None,
            card=_card(scene, line.person, offer) if sent else {},
            created_at=scene.instant(asked, 9),
            updated_at=scene.instant(-1) if ended else scene.instant(asked, 14),
        )
    )
    if sent:
        line.person.last_proposed_on = scene.day(asked)


def _card(scene: Scene, person: Person, offer: JobOffer) -> JsonObject:
    """What the employer reads, as it is when it is sent; dates are worded by the web layer."""
    app = Flask(__name__)
    Babel(app, default_locale="fr", default_timezone="Europe/Paris")
    with app.app_context():
        return build_card(scene.session, person, offer).as_json()


def make_pathways(scene: Scene, structures: Structures) -> int:
    """Twenty pathways agreed with the people, most of them already begun."""
    count = 0
    actors = [_actor(structures.accounts[k]) for k in ("referent", "referent_2", "referent_lens")]
    for actor in actors:
        for person in _portfolio(scene, actor):
            if count == PATHWAYS:
                return count
            count += _pathway(scene, actor, person, -(count % 9))
    return count


def _portfolio(scene: Scene, actor: Actor) -> list[Person]:
    query = select(Person).where(own_portfolio(actor)).order_by(Person.external_ref)
    return list(scene.session.scalars(query))[:40]


def _pathway(scene: Scene, actor: Actor, person: Person, day: int) -> bool:
    """Agree the richest scenario towards the first job of the person's list, if it has steps."""
    view = mm.offers_for_person(scene.session, actor, person, mm.Window(size=2))
    for line in [line for group in view.groups[1:4] for line in group.lines]:
        composed = mm.compose(scene.session, actor, person, offer=line.offer)
        scenario = max(composed.scenarios, key=lambda s: len(s.steps), default=None)
        if scenario is None or len(scenario.steps) < 3:
            continue
        with clock.frozen_at(scene.instant(day)):
            _agree(scene, actor, person, scenario, line.offer)
        return True
    return False


def _agree(
    scene: Scene, actor: Actor, person: Person, scenario: mm.ScenarioView, offer: JobOffer
) -> None:
    """Said yes aloud; seven in ten have begun."""
    session = scene.session
    pathway = record_scenario(session, actor=actor, person=person, scenario=scenario, offer=offer)
    record_agreement(
        session,
        actor=actor,
        pathway=pathway,
        channel=AgreementChannel.MEETING,
        words="D’accord, on commence comme ça.",
    )
    if scene.chance(0.7):
        PATHWAY.move(
            session, pathway, PathwayState.IN_PROGRESS, actor=actor, name="pathway_started"
        )
        STEP.move(session, pathway.steps[0], StepState.DONE, actor=actor, name="step_done")
