"""What an establishment looks for, and who was presented to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.access.people import shows_employers
from portal.hires.queries import made_by
from portal.immersions.queries import hosted_by
from portal.immersions.states import EDITABLE_STATES
from portal.introductions.queries import list_agreed_to_meet, received_by
from portal.introductions.rules import WAITING_STATES
from portal.models import (
    FollowUpSide,
    Hire,
    Immersion,
    Introduction,
    IntroductionState,
    JobFollowUp,
    JobOffer,
    OfferRequirement,
    OfferState,
)

_S = IntroductionState
#: Offers that are still looked after.
_SOUGHT = (
    OfferState.QUALIFIED,
    OfferState.OPEN,
    OfferState.IN_PROGRESS,
    OfferState.SUSPENDED,
    OfferState.TO_CONFIRM,
)
#: People who may still be answered, or with whom something goes on.
_PROPOSED = (_S.SENT, _S.SEEN, _S.MEETING, _S.IMMERSION, _S.NO_ANSWER)
_FIRST = {_S.SENT: 0, _S.SEEN: 1, _S.MEETING: 2, _S.IMMERSION: 3, _S.NO_ANSWER: 4}


@dataclass(frozen=True, slots=True)
class Sought:
    """An offer, and the people proposed for it: never more than its limit (T-OFF-04)."""

    offer: JobOffer
    introductions: list[Introduction]
    #: How many were proposed and are no longer available: nothing of them is read any more.
    gone: int = 0

    @property
    def waiting(self) -> int:
        """How many wait for an answer of the firm."""
        return sum(row.state in WAITING_STATES for row in self.introductions)


def list_sought(session: Session, establishment_id: int) -> list[Sought]:
    """The establishment's live offers, those with somebody to answer first."""
    offers = session.scalars(
        select(JobOffer)
        .where(JobOffer.establishment_id == establishment_id, JobOffer.state.in_(_SOUGHT))
        .options(
            joinedload(JobOffer.occupation),
            joinedload(JobOffer.adviser),
            joinedload(JobOffer.organisation),
        )
        .order_by(JobOffer.start_wanted, JobOffer.id)
    ).all()
    ids = [offer.id for offer in offers]
    rows, gone = _list_proposed(session, establishment_id, ids), _count_gone(session, ids)
    found = [
        Sought(offer, rows[offer.id][: offer.max_introductions], gone.get(offer.id, 0))
        for offer in offers
    ]
    return sorted(found, key=lambda sought: (sought.waiting == 0, not sought.introductions))


def _list_proposed(
    session: Session, establishment_id: int, offer_ids: Collection[int]
) -> dict[int, list[Introduction]]:
    rows = session.scalars(
        select(Introduction)
        .where(
            received_by(establishment_id),
            Introduction.offer_id.in_(offer_ids),
            Introduction.state.in_(_PROPOSED),
        )
        .options(joinedload(Introduction.person))
        .order_by(Introduction.sent_at.desc(), Introduction.id.desc())
    )
    by_offer: dict[int, list[Introduction]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: _FIRST[row.state]):
        by_offer[row.offer_id].append(row)
    return by_offer


def _count_gone(session: Session, offer_ids: Collection[int]) -> dict[int, int]:
    """How many people of each offer left, or refuse employers, while the firm had their card."""
    query = (
        select(Introduction.offer_id, func.count())
        .where(
            Introduction.offer_id.in_(offer_ids),
            Introduction.state.in_(_PROPOSED),
            ~Introduction.person.has(shows_employers()),
        )
        .group_by(Introduction.offer_id)
    )
    return dict(session.execute(query).all())


def list_received(
    session: Session, establishment_id: int, public_ids: Collection[str]
) -> list[Introduction]:
    """Those of these introductions that the establishment received and has not opened yet."""
    rows = session.scalars(
        select(Introduction)
        .where(
            received_by(establishment_id),
            Introduction.public_id.in_(public_ids),
            Introduction.state == _S.SENT,
        )
        .order_by(Introduction.id)
    )
    return list(rows)


def list_agreed(
    session: Session, establishment_id: int, rows: Collection[Introduction]
) -> frozenset[int]:
    """The introductions whose person agreed to meet the firm, or to try the work there (INV-13)."""
    open_rows = [row for row in rows if row.state in (_S.MEETING, _S.IMMERSION)]
    if not open_rows:
        return frozenset()
    met = list_agreed_to_meet(session, [row.id for row in open_rows])
    trying = _agreed_to_try(session, establishment_id, [row.person_id for row in open_rows])
    return frozenset(row.id for row in open_rows if row.id in met or row.person_id in trying)


def _agreed_to_try(
    session: Session, establishment_id: int, person_ids: Collection[int]
) -> frozenset[int]:
    """The people who agreed to try the work there: their convention went to be signed."""
    query = select(Immersion.person_id).where(
        hosted_by(establishment_id), Immersion.person_id.in_(person_ids)
    )
    return frozenset(session.scalars(query))


def list_asked_tests(session: Session, establishment_id: int) -> list[Introduction]:
    """The tests the firm asked for, whose people have not agreed yet."""
    pending = select(Immersion.person_id).where(
        Immersion.establishment_id == establishment_id, Immersion.state.in_(EDITABLE_STATES)
    )
    rows = session.scalars(
        select(Introduction)
        .where(
            received_by(establishment_id),
            Introduction.state == _S.IMMERSION,
            Introduction.person_id.in_(pending),
        )
        .options(
            joinedload(Introduction.person),
            joinedload(Introduction.offer).joinedload(JobOffer.occupation),
        )
        .order_by(Introduction.id)
    )
    return list(rows)


def get_offer(session: Session, establishment_id: int, public_id: str) -> JobOffer | None:
    """An offer of the establishment, with what it asks; a draft is the adviser's alone."""
    requirements = selectinload(JobOffer.requirements)
    return session.scalar(
        select(JobOffer)
        .where(
            JobOffer.public_id == public_id,
            JobOffer.establishment_id == establishment_id,
            JobOffer.state.in_(_SOUGHT),
        )
        .options(
            joinedload(JobOffer.occupation),
            joinedload(JobOffer.adviser),
            joinedload(JobOffer.organisation),
            requirements.joinedload(OfferRequirement.skill),
            requirements.joinedload(OfferRequirement.credential),
        )
    )


def get_follow_up(session: Session, establishment_id: int, public_id: str) -> JobFollowUp | None:
    """News to give of a hire of the establishment: the employer's side alone."""
    return session.scalar(
        select(JobFollowUp)
        .where(
            JobFollowUp.public_id == public_id,
            JobFollowUp.side == FollowUpSide.EMPLOYER,
            JobFollowUp.hire.has(made_by(establishment_id)),
        )
        .options(
            joinedload(JobFollowUp.hire).joinedload(Hire.person),
            joinedload(JobFollowUp.hire).joinedload(Hire.offer).joinedload(JobOffer.occupation),
        )
    )
