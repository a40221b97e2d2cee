"""Three people of one référent whose space has something to answer; the first one has a code.

Two others read another language than French: an adviser opens the link of their message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice

from sqlalchemy import select

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.people import own_portfolio
from portal.calls.listing import record_done
from portal.calls.queries import record_call
from portal.contestations.queries import record_answer as answer_contestation
from portal.demo.scene import Scene
from portal.demo.structures import Structures
from portal.introductions import actions
from portal.invitations.answering import answer
from portal.invitations.inviting import Proposal, record_invitation
from portal.models import (
    AnswerChannel,
    CallReason,
    CohortMembership,
    ContactPreference,
    Introduction,
    Invitation,
    InvitationKind,
    LeadChoice,
    Pathway,
    PathwayState,
    Person,
)
from portal.pathways.recording import record_scenario
from portal.recipients import contesting, leads, leads_answers, pathway
from portal.today.tasks import working_days_after

#: The file number of the person whose code ``ecluse demo`` prints.
VISITOR = "MDS_ARRAS-000001"
_VISITORS, _FEWEST_STEPS = 3, 2
#: The languages of the space of those who are invited in theirs.
_LANGUAGES = ("ar", "uk")


@dataclass
class Visit:
    """One person, the jobs they may be shown, and who follows them."""

    scene: Scene
    referent: Actor
    person: Person
    leads: list[leads.Lead]


def make_visitors(scene: Scene, structures: Structures) -> None:
    """Something to answer for each, something answered, and what their référent then does."""
    referent, adviser = _actor(structures, "referent"), _actor(structures, "adviser")
    found = islice(_visits(scene, referent), _VISITORS + len(_LANGUAGES))
    first, second, third, *others = found
    first.person.external_ref = VISITOR
    _first(first, adviser)
    _second(second)
    _third(third)
    _other_calls(scene, referent)
    for visit, language in zip(others, _LANGUAGES, strict=True):
        _in_their_language(visit, language)


def _actor(structures: Structures, key: str) -> Actor:
    account = structures.accounts[key]
    return Actor(account, account.memberships[0])


def _visits(scene: Scene, referent: Actor) -> Iterator[Visit]:
    """People who read messages, with three jobs to look at and nothing under way."""
    busy = (Introduction, Pathway, CohortMembership)
    query = (
        select(Person)
        .where(
            own_portfolio(referent),
            Person.contact_preference == ContactPreference.SMS,
            Person.shared_on.is_not(None),
            *(Person.id.not_in(select(table.person_id)) for table in busy),
        )
        .order_by(Person.external_ref)
    )
    for person in scene.session.scalars(query).all():
        found = leads.list_leads(scene.session, person)
        if len(found) == leads.AT_A_TIME:
            yield Visit(scene, referent, person, found)


# Each person ---------------------------------------------------------------------------------


def _first(visit: Visit, adviser: Actor) -> None:
    """A visit to answer with two other moments, a firm to say yes to, steps, an answer to read."""
    scene, person = visit.scene, visit.person
    today = scene.today
    with clock.frozen_at(scene.instant(-1, 16)):
        moments = [_at(working_days_after(today, days), hour) for days, hour in _MOMENTS]
        _invite(visit, InvitationKind.VISIT, "une visite de chantier", moments, "Mairie d’Arras")
    with clock.frozen_at(scene.instant(-2, 15)):
        offer = visit.leads[0].offer
        asked = actions.propose(scene.session, adviser, offer=offer, people=[person.public_id])
        for row in asked.prepared:
            row.public_id = scene.public_id()
            actions.ask_agreement(scene.session, adviser, introduction=row)
    _propose_pathway(visit)
    _contest(visit, -8, "Je sais porter des charges, je l’ai fait deux ans.")
    contested = contesting.list_contestations(scene.session, person)[0]
    with clock.frozen_at(scene.instant(-3, 14)):
        answer_contestation(
            scene.session,
            visit.referent,
            contestation=contested,
            text="Vous avez raison. C’est noté dans votre dossier, et la piste est à jour.",
        )


_MOMENTS = ((4, time(14)), (5, time(9, 30)), (6, time(14)))


def _second(visit: Visit) -> None:
    """Comes tomorrow, likes a job, does not agree with what another one says."""
    scene, session = visit.scene, visit.scene.session
    with clock.frozen_at(scene.instant(-3, 10)):
        day = working_days_after(scene.today, 1)
        row = _invite(
            visit,
            InvitationKind.APPOINTMENT,
            "un rendez-vous",
            [_at(day, time(10))],
            "Maison des Solidarités",
        )
    with clock.frozen_at(scene.instant(-3, 18)):
        answer(session, invitation=row, choice="yes", channel=AnswerChannel.LINK)
    with clock.frozen_at(scene.instant(-1, 19)):
        leads_answers.record_answer(
            session,
            person=visit.person,
            offer=visit.leads[0].offer,
            choice=LeadChoice.INTERESTED,
            channel=AnswerChannel.SPACE,
        )
    _contest(visit, -2, "Le trajet est plus court : mon frère m’emmène.", lead=1)
    with clock.frozen_at(scene.instant(0, 7)):
        record_call(
            session,
            reason=CallReason.CORRECTION,
            due_on=working_days_after(clock.today(), 2),
            person=visit.person,
            note="Mon adresse n’est plus la même.",
        )


def _third(visit: Visit) -> None:
    """Began yesterday; before, asked to be called about a job, and was."""
    scene, session = visit.scene, visit.scene.session
    day = max(d for n in range(1, 8) if (d := scene.day(-n)).weekday() < 5)
    with clock.frozen_at(scene.instant(-9, 10)):
        leads_answers.record_answer(
            session,
            person=visit.person,
            offer=visit.leads[0].offer,
            choice=LeadChoice.CALL_ME,
            channel=AnswerChannel.LINK,
        )
    with clock.frozen_at(scene.instant(-8, 11)):
        call = leads.get_open_call(session, visit.person, visit.leads[0].offer)
        if call is not None:
            record_done(session, visit.referent, call=call, outcome="Veut d’abord essayer.")
    with clock.frozen_at(scene.instant(-6, 10)):
        row = _invite(
            visit,
            InvitationKind.TRAINING,
            "votre premier jour de formation",
            [_at(day, time(8, 30))],
            "Atelier de la Scarpe",
        )
    with clock.frozen_at(scene.instant(-6, 12)):
        answer(session, invitation=row, choice="yes", channel=AnswerChannel.LINK)


def _in_their_language(visit: Visit, language: str) -> None:
    """Invited yesterday evening in the language of their space; the calculation never reads it."""
    scene = visit.scene
    visit.person.language = language
    with clock.frozen_at(scene.instant(-1, 18)):
        moments = [_at(working_days_after(scene.today, days), hour) for days, hour in _MOMENTS]
        _invite(visit, InvitationKind.VISIT, "une visite de chantier", moments, "Mairie d’Arras")


def _other_calls(scene: Scene, referent: Actor) -> None:
    """What others of the portfolio asked: another pathway, a call, a link that opens no more."""
    session = scene.session
    query = (
        select(Pathway)
        .join(Pathway.person)
        .where(own_portfolio(referent), Pathway.state == PathwayState.IN_PROGRESS)
        .order_by(Person.external_ref)
        .limit(_VISITORS)
    )
    changed, called, lost = session.scalars(query).all()
    with clock.frozen_at(scene.instant(-1, 17)):
        pathway.ask_change(session, pathway=changed, reason=None, note="Les horaires ne vont pas.")
        day = working_days_after(clock.today(), 2)
        record_call(session, reason=CallReason.LOST_LINK, due_on=day, person=lost.person)
    with clock.frozen_at(scene.instant(-4, 9)):
        day = working_days_after(clock.today(), 1)
        record_call(session, reason=CallReason.CALL_ME, due_on=day, person=called.person)


# What they are told --------------------------------------------------------------------------


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, clock.PARIS)


def _invite(
    visit: Visit, kind: InvitationKind, title: str, moments: list[datetime], place: str
) -> Invitation:
    """An invitation of the référent; the moments after the first one may be chosen instead."""
    row = record_invitation(
        visit.scene.session,
        visit.referent,
        person=visit.person,
        proposal=Proposal(
            kind=kind,
            title=title,
            starts_at=moments[0],
            place=place,
            commune_code="62041",
            slots=tuple(moments[1:]),
        ),
        organisation_id=visit.referent.organisation.id,
    )
    row.public_id = visit.scene.public_id()
    return row


def _propose_pathway(visit: Visit) -> None:
    """The richest scenario towards a job the person may be shown, not answered yet."""
    session, referent = visit.scene.session, visit.referent
    for lead in reversed(visit.leads):
        composed = mm.compose(session, referent, visit.person, offer=lead.offer)
        scenario = max(composed.scenarios, key=lambda found: len(found.steps), default=None)
        if scenario is not None and len(scenario.steps) >= _FEWEST_STEPS:
            with clock.frozen_at(visit.scene.instant(-1, 15)):
                row = record_scenario(
                    session,
                    actor=referent,
                    person=visit.person,
                    scenario=scenario,
                    offer=lead.offer,
                )
            row.public_id = visit.scene.public_id()
            return


def _contest(visit: Visit, days: int, text: str, *, lead: int = 2) -> None:
    with clock.frozen_at(visit.scene.instant(days, 18)):
        row = contesting.record_contestation(
            visit.scene.session,
            person=visit.person,
            offer=visit.leads[lead].offer,
            text=text,
            by_phone=False,
            channel=AnswerChannel.SPACE,
        )
    row.public_id = visit.scene.public_id()
