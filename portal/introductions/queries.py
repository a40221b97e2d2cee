"""Introductions in the database, as the actor may see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access import offers as offer_access
from portal.access import people as people_access
from portal.access.actor import Actor
from portal.access.people import shows_employers
from portal.access.roles import Capability
from portal.introductions.rules import EMPLOYER_STATES, ENDED_STATES, SILENCE, WAITING_STATES
from portal.models import (
    ACTIVE_INTRODUCTION_STATES,
    DomainEvent,
    Introduction,
    IntroductionState,
    Invitation,
    InvitationKind,
    InvitationState,
    JobOffer,
    OfferRequirement,
    Organisation,
    OrganisationKind,
    Person,
)
from portal.web.paging import Page, paginate

PAGE_SIZE = 20
#: The person said that they come, or came.
_COMING = (InvitationState.ACCEPTED, InvitationState.ATTENDED)
VIEWS = ("open", "agreement", "waiting", "silent", "ended")


@dataclass(frozen=True, slots=True)
class IntroductionPage:
    """A page of the list, and how many introductions each view holds."""

    page: Page[Introduction]
    counts: dict[str, int]
    #: The keys of the offers that the actor may open; of the others only the trade is said.
    readable: frozenset[int]


def may_follow(actor: Actor) -> ColumnElement[bool]:
    """Introductions made by the actor's structure, or on its offers."""
    return _followed_by(actor.organisation.id) if actor.can(Capability.INTRODUCE) else false()


@lru_cache(people_access.PLACES_KEPT)
def _followed_by(organisation_id: int) -> ColumnElement[bool]:
    return or_(
        Introduction.organisation_id == organisation_id,
        Introduction.offer_id.in_(
            select(JobOffer.id).where(JobOffer.organisation_id == organisation_id)
        ),
    )


def may_read(actor: Actor) -> ColumnElement[bool]:
    """What the actor's structure follows, and all that is done for the people it accompanies."""
    if not actor.can(Capability.INTRODUCE):
        return false()
    return or_(may_follow(actor), Introduction.person.has(people_access.may_write(actor)))


def follows(actor: Actor, introduction: Introduction) -> bool:
    """Whether the actor may move a loaded introduction (the same rule as :func:`may_follow`)."""
    owners = (introduction.organisation_id, introduction.offer.organisation_id)
    return actor.can(Capability.INTRODUCE) and actor.organisation.id in owners


def may_receive(actor: Actor) -> ColumnElement[bool]:
    """What was sent to the actor's own establishment (:func:`received_by`)."""
    establishment = actor.organisation.establishment_id
    if not actor.can(Capability.EMPLOYER_CARDS) or establishment is None:
        return false()
    return received_by(establishment)


def received_by(establishment_id: int) -> ColumnElement[bool]:
    """What an establishment may read now: sent to it, of people accompanied (INV-18) who do not
    refuse employers: what they held before the refusal is hidden at once (T-SEC-06).
    """
    return and_(
        Introduction.state.in_(EMPLOYER_STATES),
        Introduction.offer.has(JobOffer.establishment_id == establishment_id),
        Introduction.person.has(shows_employers()),
    )


def get_introduction(session: Session, actor: Actor, public_id: str) -> Introduction | None:
    """An introduction the actor follows."""
    return _one(session, public_id, may_follow(actor))


def get_readable(session: Session, actor: Actor, public_id: str) -> Introduction | None:
    """An introduction the actor may read."""
    return _one(session, public_id, may_read(actor))


def get_received(session: Session, establishment_id: int, public_id: str) -> Introduction | None:
    """An introduction the establishment received."""
    return _one(session, public_id, received_by(establishment_id))


def _one(session: Session, public_id: str, scope: ColumnElement[bool]) -> Introduction | None:
    requirements = joinedload(Introduction.offer).selectinload(JobOffer.requirements)
    return session.scalar(
        select(Introduction)
        .where(Introduction.public_id == public_id, scope)
        .options(
            joinedload(Introduction.person),
            joinedload(Introduction.by),
            joinedload(Introduction.agreed_with),
            joinedload(Introduction.offer).joinedload(JobOffer.occupation),
            joinedload(Introduction.offer).joinedload(JobOffer.commune),
            joinedload(Introduction.offer).joinedload(JobOffer.establishment),
            requirements.joinedload(OfferRequirement.skill),
            requirements.joinedload(OfferRequirement.credential),
        )
    )


def list_of_offer(session: Session, actor: Actor, offer: JobOffer) -> list[Introduction]:
    """Those of an offer that the actor may read, under way first, with their people."""
    rows = session.scalars(
        select(Introduction)
        .where(Introduction.offer_id == offer.id, may_read(actor))
        .options(joinedload(Introduction.person), joinedload(Introduction.by))
        .order_by(Introduction.created_at, Introduction.id)
    ).all()
    return sorted(rows, key=lambda row: row.state in ENDED_STATES)


def list_followed(session: Session, actor: Actor, view: str, number: int) -> IntroductionPage:
    """A page of what the actor may read: the longest without news first, or the last to end."""
    last = Introduction.updated_at
    query = (
        select(Introduction)
        .where(may_read(actor), view_condition(view))
        .options(
            joinedload(Introduction.person),
            joinedload(Introduction.offer).joinedload(JobOffer.occupation),
            joinedload(Introduction.offer).joinedload(JobOffer.commune),
        )
        .order_by(last.desc() if view == "ended" else last, Introduction.id)
    )
    page = paginate(session, query, number=number, size=PAGE_SIZE)
    columns = [
        func.count(Introduction.id).filter(view_condition(name)).label(name) for name in VIEWS
    ]
    counts = session.execute(select(*columns).where(may_read(actor))).one()
    readable = list_readable_offers(session, actor, page.rows)
    return IntroductionPage(page, dict(counts._mapping), readable)


def list_readable_offers(
    session: Session, actor: Actor, rows: Iterable[Introduction]
) -> frozenset[int]:
    """The keys of the offers of these introductions that the actor may open."""
    ids = {row.offer_id for row in rows}
    query = select(JobOffer.id).where(JobOffer.id.in_(ids), offer_access.may_read(actor))
    return frozenset(session.scalars(query))


def view_condition(view: str) -> ColumnElement[bool]:
    """Which introductions belong to a view of the list."""
    conditions = {
        "agreement": Introduction.state.in_(
            (
                IntroductionState.PREPARED,
                IntroductionState.AGREEMENT_ASKED,
                IntroductionState.AGREED,
            )
        ),
        "waiting": Introduction.state.in_(WAITING_STATES),
        "silent": is_silent(clock.now()),
        "ended": Introduction.state.in_(ENDED_STATES),
    }
    return conditions.get(view, Introduction.state.not_in(ENDED_STATES))


def is_silent(now: datetime) -> ColumnElement[bool]:
    """With the employer for ten days or more, without an answer: a task, never a refusal."""
    return and_(Introduction.state.in_(WAITING_STATES), Introduction.sent_at <= now - SILENCE)


def count_active(session: Session, offer_id: int) -> int:
    """How many people are presented to the employer now (T-OFF-04)."""
    query = select(func.count(Introduction.id)).where(
        Introduction.offer_id == offer_id, Introduction.state.in_(ACTIVE_INTRODUCTION_STATES)
    )
    return session.scalar(query) or 0


def proposed_people(session: Session, offer_id: int, people: Collection[int]) -> set[int]:
    """Those of these people who already have an introduction on the offer."""
    query = select(Introduction.person_id).where(
        Introduction.offer_id == offer_id, Introduction.person_id.in_(people)
    )
    return set(session.scalars(query))


def list_people_to_propose(
    session: Session, condition: ColumnElement[bool], public_ids: Collection[str]
) -> list[Person]:
    """People by public id, under a condition of access."""
    query = select(Person).where(Person.public_id.in_(public_ids), condition).order_by(Person.id)
    return list(session.scalars(query))


def list_agreed_to_meet(session: Session, ids: Collection[int]) -> frozenset[int]:
    """Those who said yes to the invitation, or whose meeting a professional settled with them.

    What the firm writes, by a link (no account) or by its own account, is only a proposal.
    """
    accepted = select(Invitation.introduction_id).where(
        Invitation.introduction_id.in_(ids),
        Invitation.kind == InvitationKind.EMPLOYER_MEETING,
        Invitation.state.in_(_COMING),
    )
    settled = (
        select(DomainEvent.subject_id)
        .join(DomainEvent.organisation)
        .where(
            DomainEvent.subject_kind == Introduction.__tablename__,
            DomainEvent.subject_id.in_(ids),
            DomainEvent.name == "meeting_set",
            Organisation.kind != OrganisationKind.EMPLOYER,
        )
    )
    found = {*session.scalars(accepted), *session.scalars(settled)}
    return frozenset(row for row in found if row is not None)


def said_of_meeting(session: Session, introduction: Introduction) -> InvitationState | None:
    """What the person answered to the last meeting that was proposed to them."""
    query = (
        select(Invitation.state)
        .where(
            Invitation.introduction_id == introduction.id,
            Invitation.kind == InvitationKind.EMPLOYER_MEETING,
        )
        .order_by(Invitation.id.desc())
    )
    return session.scalar(query.limit(1))


def list_history(
    session: Session, introduction: Introduction, *, names_firm: bool
) -> list[tuple[DomainEvent, str | None]]:
    """What happened to an introduction, in order, and who did it.

    Somebody of the firm is only named to whom may read the name of the firm (``names_firm``).
    """
    query = (
        select(DomainEvent)
        .where(
            DomainEvent.subject_kind == Introduction.__tablename__,
            DomainEvent.subject_id == introduction.id,
        )
        .options(joinedload(DomainEvent.account), joinedload(DomainEvent.organisation))
        .order_by(DomainEvent.at, DomainEvent.id)
    )
    events = session.scalars(query)
    return [
        (event, _author(event) if names_firm or not _is_of_firm(event) else None)
        for event in events
    ]


def _author(event: DomainEvent) -> str | None:
    return event.account.full_name if event.account else event.details.get("name")


def _is_of_firm(event: DomainEvent) -> bool:
    """Done by a contact, who has no account, or by a named account of the firm."""
    if event.account is None:
        return "contact" in event.details
    place = event.organisation
    return place is not None and place.kind is OrganisationKind.EMPLOYER
