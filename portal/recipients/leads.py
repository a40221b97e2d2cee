"""« Mes pistes »: at most three jobs at a time, those the person has not answered yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql.base import ExecutableOption

from portal import matchmaking as mm
from portal.access import offers as offer_access
from portal.access.transitions import IllegalTransitionError
from portal.models import (
    AnswerChannel,
    CallRequest,
    Interest,
    Introduction,
    IntroductionState,
    JobOffer,
    LeadAnswer,
    LeadChoice,
    Person,
    SmsMeaning,
)
from portal.recipients import leads_answers
from portal.recipients.trips import Trip, trip

AT_A_TIME = 3
#: « longer_path » and « gap » are the référent's to talk about, not a list's.
SHOWN_GROUPS = ("ready", "one_step", "to_check")
_MEANINGS = {
    SmsMeaning.YES: LeadChoice.INTERESTED,
    SmsMeaning.NO: LeadChoice.NOT_FOR_ME,
    SmsMeaning.CALL_ME: LeadChoice.CALL_ME,
}


@dataclass(frozen=True, slots=True)
class Lead:
    """A job shown to a person, with the trip by their means, None when it is not known.

    ``introduction``: the one whose agreement is asked, or that goes on; ``answer``: the last one.
    """

    offer: JobOffer
    introduction: Introduction | None = None
    answer: LeadAnswer | None = None
    trip: Trip | None = None

    @property
    def asks_agreement(self) -> bool:
        """Whether the person is asked if the employer may hear of them."""
        row = self.introduction
        return row is not None and row.state is IntroductionState.AGREEMENT_ASKED


def list_leads(session: Session, person: Person) -> list[Lead]:
    """At most three: agreements that are asked first, then the first jobs not answered yet."""
    if person.objected_at is not None:
        return []
    asked = _asked(session, person)[:AT_A_TIME]
    left = AT_A_TIME - len(asked)
    return asked + (_suggested(session, person, left) if left else [])


def _asked(session: Session, person: Person) -> list[Lead]:
    """T-SEC-06: nothing is asked for an employer of whoever refuses employers."""
    if person.employers_refused_at is not None:
        return []
    rows = session.scalars(
        select(Introduction)
        .join(Introduction.offer)
        .where(
            Introduction.person_id == person.id,
            Introduction.state == IntroductionState.AGREEMENT_ASKED,
            offer_access.is_live(),
            ~_disliked(person),
        )
        .order_by(Introduction.created_at, Introduction.id)
        .limit(AT_A_TIME)
    ).all()
    wanted = [row.offer_id for row in rows]
    found = session.scalars(select(JobOffer).where(JobOffer.id.in_(wanted)).options(*_loading()))
    offers = {offer.id: offer for offer in found}
    return [_lead(person, offers[row.offer_id], row) for row in rows]


def _suggested(session: Session, person: Person, most: int) -> list[Lead]:
    visible = and_(offer_access.may_be_shown_to(person), ~_disliked(person), ~_answered(person))
    view = mm.offers_among(session, person, visible, mm.Window(size=most))
    lines = [line for key in SHOWN_GROUPS for line in view.group(key).lines]
    return [_lead(person, line.offer) for line in lines[:most]]


def _disliked(person: Person) -> ColumnElement[bool]:
    """T-MAT-06: the person said no to this trade."""
    return exists(
        select(Interest.person_id).where(
            Interest.person_id == person.id,
            Interest.occupation_code == JobOffer.occupation_code,
            Interest.liking == -1,
        )
    )


def _answered(person: Person) -> ColumnElement[bool]:
    """Already answered, or already under way with a professional."""
    answers = select(LeadAnswer.id).where(
        LeadAnswer.person_id == person.id, LeadAnswer.offer_id == JobOffer.id
    )
    return or_(exists(answers), _introduced(person))


def _introduced(person: Person) -> ColumnElement[bool]:
    """Presented for it; one that is only prepared was not told to the person."""
    return exists(
        select(Introduction.id).where(
            Introduction.person_id == person.id,
            Introduction.offer_id == JobOffer.id,
            Introduction.state != IntroductionState.PREPARED,
        )
    )


def get_lead(session: Session, person: Person, public_id: str) -> Lead | None:
    """A job that may be shown to this person; None for any other (a 404)."""
    if person.objected_at is not None:
        return None
    offer = session.scalar(
        select(JobOffer)
        .where(
            JobOffer.public_id == public_id,
            offer_access.is_live(),
            or_(offer_access.may_be_shown_to(person), _introduced(person)),
        )
        .options(*_loading())
    )
    return None if offer is None else _lead_of(session, person, offer)


def _lead_of(session: Session, person: Person, offer: JobOffer) -> Lead:
    introduction = get_introduction(session, person, offer)
    told = introduction is not None and introduction.state is not IntroductionState.PREPARED
    return _lead(person, offer, introduction if told else None, get_answer(session, person, offer))


def _lead(
    person: Person,
    offer: JobOffer,
    introduction: Introduction | None = None,
    answer: LeadAnswer | None = None,
) -> Lead:
    return Lead(offer, introduction, answer, trip(person, offer.commune))


def get_answer(session: Session, person: Person, offer: JobOffer) -> LeadAnswer | None:
    """What the person now says of a job."""
    return session.scalar(
        select(LeadAnswer).where(LeadAnswer.person_id == person.id, LeadAnswer.offer_id == offer.id)
    )


def get_open_call(session: Session, person: Person, offer: JobOffer) -> CallRequest | None:
    """The call that the answer asked for, still to be made."""
    return session.scalar(
        select(CallRequest)
        .where(
            CallRequest.person_id == person.id,
            CallRequest.subject_kind == JobOffer.__tablename__,
            CallRequest.subject_id == offer.id,
            CallRequest.done_at.is_(None),
        )
        .order_by(CallRequest.due_on)
        .limit(1)
    )


def get_introduction(session: Session, person: Person, offer: JobOffer) -> Introduction | None:
    """The introduction of the person for a job, whatever its state."""
    return session.scalar(
        select(Introduction).where(
            Introduction.person_id == person.id, Introduction.offer_id == offer.id
        )
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """A job the person answered about; ``open``: it still can be read and answered anew."""

    answer: LeadAnswer
    open: bool


def list_answered(session: Session, person: Person, most: int = 20) -> list[Answered]:
    """The last answers of the person, newest first."""
    rows = session.execute(
        select(
            LeadAnswer,
            and_(
                offer_access.is_live(),
                or_(offer_access.may_be_shown_to(person), _introduced(person)),
            ),
        )
        .join(LeadAnswer.offer)
        .where(LeadAnswer.person_id == person.id)
        .options(
            joinedload(LeadAnswer.offer).joinedload(JobOffer.occupation),
            joinedload(LeadAnswer.offer).joinedload(JobOffer.commune),
        )
        .order_by(LeadAnswer.answered_at.desc(), LeadAnswer.id.desc())
        .limit(most)
    )
    return [Answered(answer, bool(still)) for answer, still in rows]


def list_answers_for(
    session: Session, person: Person, visible: ColumnElement[bool]
) -> Sequence[LeadAnswer]:
    """What the person said of jobs a professional may read, newest first: for their file."""
    return session.scalars(
        select(LeadAnswer)
        .join(LeadAnswer.offer)
        .where(LeadAnswer.person_id == person.id, visible)
        .options(joinedload(LeadAnswer.offer).joinedload(JobOffer.occupation))
        .order_by(LeadAnswer.answered_at.desc(), LeadAnswer.id.desc())
    ).all()


def list_interested(session: Session, offer: JobOffer) -> frozenset[int]:
    """The keys of those who said of this job « ça m’intéresse »; not all may be shown."""
    query = select(LeadAnswer.person_id).where(
        LeadAnswer.offer_id == offer.id, LeadAnswer.choice == LeadChoice.INTERESTED
    )
    return frozenset(session.scalars(query))


def answer_by_sms(
    session: Session,
    *,
    subject_id: int,
    person: Person,
    meaning: SmsMeaning,
    subject_kind: str = Introduction.__tablename__,
) -> None:
    """An answer to a message about an introduction, whose yes is the agreement itself (INV-04).

    With ``subject_kind`` « job_offer », the message was about a job. Raises
    :class:`IllegalTransitionError` when the job is no longer shown to this person, or the SMS is
    not an answer: somebody then reads it.
    """
    choice = _MEANINGS.get(meaning)
    lead = _lead_of_message(session, person, subject_kind, subject_id)
    if choice is None or lead is None:
        raise IllegalTransitionError("this SMS answers no job shown to this person")
    if lead.asks_agreement and choice is LeadChoice.INTERESTED:
        assert lead.introduction is not None
        leads_answers.agree(session, introduction=lead.introduction, channel=AnswerChannel.SMS)
        return
    leads_answers.record_answer(
        session, person=person, offer=lead.offer, choice=choice, channel=AnswerChannel.SMS
    )


def _lead_of_message(
    session: Session, person: Person, subject_kind: str, subject_id: int
) -> Lead | None:
    if subject_kind == Introduction.__tablename__:
        row = session.get(Introduction, subject_id)
        offer = row.offer if row is not None and row.person_id == person.id else None
    else:
        offer = session.get(JobOffer, subject_id)
    return None if offer is None else get_lead(session, person, offer.public_id)


def _loading() -> tuple[ExecutableOption, ...]:
    """What a page says of an offer, read with it."""
    return (
        joinedload(JobOffer.commune),
        joinedload(JobOffer.occupation),
        joinedload(JobOffer.establishment),
        *mm.requirement_loading(),
    )
