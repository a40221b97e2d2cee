"""What a person is invited to, what they answer, and what a professional must call about."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.models.base import (
    Base,
    JsonObject,
    LabelledEnum,
    WithDates,
    WithId,
    WithPublicId,
    enum_type,
)
from portal.models.cohort_steps import MeetingBooking
from portal.models.doors import EmployerContact
from portal.models.offers import Establishment, Introduction, JobOffer, OutcomeReason
from portal.models.organisations import Account, Organisation
from portal.models.people import Person
from portal.models.reference import Occupation
from portal.models.territories import Commune
from portal.text import N_


class InvitationKind(LabelledEnum):
    """What the person is invited to."""

    APPOINTMENT = "appointment", N_("rendez-vous avec le conseiller")
    VISIT = "visit", N_("visite d’un lieu de travail")
    INFORMATION = "information", N_("réunion d’information")
    EMPLOYER_MEETING = "employer_meeting", N_("rencontre avec un employeur")
    IMMERSION = "immersion", N_("premier jour d’immersion")
    TRAINING = "training", N_("premier jour de formation")
    JOB = "job", N_("premier jour de travail")


#: After one of these days, the person is asked whether it went well.
FIRST_DAYS = frozenset({InvitationKind.IMMERSION, InvitationKind.TRAINING, InvitationKind.JOB})


class InvitationState(LabelledEnum):
    """Where an invitation stands."""

    SENT = "sent", N_("sans réponse")
    ACCEPTED = "accepted", N_("acceptée")
    CALL_ASKED = "call_asked", N_("demande qu’on l’appelle")
    DECLINED = "declined", N_("pas pour moi")
    ATTENDED = "attended", N_("venue")
    MISSED = "missed", N_("pas venue")
    CANCELLED = "cancelled", N_("annulée")


class AnswerChannel(LabelledEnum):
    """How a person answered."""

    SMS = "sms", N_("par SMS")
    LINK = "link", N_("par le lien")
    SPACE = "space", N_("dans son espace")
    BESIDE = "beside", N_("avec un professionnel, accord donné à voix haute")
    PHONE = "phone", N_("au téléphone")


class DayFeeling(LabelledEnum):
    """« Tout s’est bien passé ? »"""

    GOOD = "good", N_("bien")
    SO_SO = "so_so", N_("moyen")
    BAD = "bad", N_("mal")


class Invitation(WithPublicId, WithDates, Base):
    """A person is asked to come somewhere, at an instant, and answers.

    ``title`` ends the sentence « On vous propose … » in plain words. ``booking_id``,
    ``introduction_id``… : what the answer also moves.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="period"),
        Index("ix_invitation_state_starts", "state", "starts_at"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[InvitationKind] = mapped_column(enum_type(InvitationKind))
    state: Mapped[InvitationState] = mapped_column(
        enum_type(InvitationState), default=InvitationState.SENT
    )
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    place: Mapped[str | None]
    commune_code: Mapped[str | None] = mapped_column(ForeignKey("commune.code"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    booking_id: Mapped[int | None] = mapped_column(
        ForeignKey("meeting_booking.id", ondelete="SET NULL"), unique=True
    )
    introduction_id: Mapped[int | None] = mapped_column(
        ForeignKey("introduction.id", ondelete="SET NULL"), index=True
    )
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[AnswerChannel | None] = mapped_column(enum_type(AnswerChannel))
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(64))
    feeling: Mapped[DayFeeling | None] = mapped_column(enum_type(DayFeeling))
    feeling_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation] = relationship()
    by: Mapped[Account | None] = relationship(foreign_keys=[by_id])
    commune: Mapped[Commune | None] = relationship()
    booking: Mapped[MeetingBooking | None] = relationship()
    introduction: Mapped[Introduction | None] = relationship()
    slots: Mapped[list[InvitationSlot]] = relationship(
        back_populates="invitation",
        cascade="all, delete-orphan",
        order_by="InvitationSlot.starts_at",
    )


class InvitationSlot(WithPublicId, Base):
    """Another moment the person may choose instead."""

    __tablename__ = "invitation_slot"
    __table_args__ = (UniqueConstraint("invitation_id", "starts_at"),)

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]

    invitation: Mapped[Invitation] = relationship(back_populates="slots")


class CallReason(LabelledEnum):
    """Why somebody is to be called."""

    CALL_ME = "call_me", N_("demande qu’on l’appelle")
    INTERESTED = "interested", N_("veut bien essayer")
    CANNOT_COME = "cannot_come", N_("ne peut pas venir")
    BAD_DAY = "bad_day", N_("le premier jour s’est mal passé")
    CHANGE_PATHWAY = "change_pathway", N_("demande à changer son parcours")
    CORRECTION = "correction", N_("demande de corriger ses données")
    REFUSES_EMPLOYERS = "refuses_employers", N_("ne veut plus être présentée aux employeurs")
    ALLOWS_EMPLOYERS = "allows_employers", N_("veut bien de nouveau être présentée aux employeurs")
    LOST_LINK = "lost_link", N_("un lien ne marche plus")
    NOT_REACHED = "not_reached", N_("un message n’a pas pu partir")
    TO_READ = "to_read", N_("a écrit un SMS à lire")
    NEED = "need", N_("a déposé un besoin")
    LATE = "late", N_("signale des retards")
    HOURS = "hours", N_("point à faire sur les horaires")
    MEETING = "meeting", N_("veut rencontrer une personne")
    IMMERSION = "immersion", N_("veut tester deux semaines")
    EMPLOYER = "employer", N_("demande qu’on l’appelle")


class CallRequest(WithPublicId, WithDates, Base):
    """Somebody is to be called by a day: asked, done, with what came of it.

    ``account_id`` None: anybody of the structure. ``subject_kind`` and ``subject_id``: what it is
    about; one request stays open per reason, bearer and subject.
    """

    __tablename__ = "call_request"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (establishment_id IS NULL)", name="one_side"),
        CheckConstraint("(done_at IS NULL) = (outcome IS NULL)", name="done_has_outcome"),
        Index("ix_call_request_open", "organisation_id", "done_at", "due_on"),
    )

    reason: Mapped[CallReason] = mapped_column(enum_type(CallReason))
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    establishment_id: Mapped[int | None] = mapped_column(ForeignKey("establishment.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("employer_contact.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    subject_kind: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    due_on: Mapped[date]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[str | None] = mapped_column(Text)

    person: Mapped[Person | None] = relationship()
    establishment: Mapped[Establishment | None] = relationship()
    contact: Mapped[EmployerContact | None] = relationship()
    organisation: Mapped[Organisation] = relationship()
    account: Mapped[Account | None] = relationship(foreign_keys=[account_id])
    done_by: Mapped[Account | None] = relationship(foreign_keys=[done_by_id])


class LeadChoice(LabelledEnum):
    """What a person says of a job they are shown. « Je veux bien essayer » is no contract."""

    INTERESTED = "interested", N_("ça m’intéresse")
    NOT_FOR_ME = "not_for_me", N_("pas pour moi")
    CALL_ME = "call_me", N_("rappelez-moi")


class LeadAnswer(WithId, WithDates, Base):
    """The present answer of a person on an offer they were shown; events keep the earlier ones."""

    __tablename__ = "lead_answer"
    __table_args__ = (UniqueConstraint("person_id", "offer_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    offer_id: Mapped[int] = mapped_column(
        ForeignKey("job_offer.id", ondelete="CASCADE"), index=True
    )
    choice: Mapped[LeadChoice] = mapped_column(enum_type(LeadChoice))
    reason: Mapped[OutcomeReason | None] = mapped_column(enum_type(OutcomeReason))
    answered_at: Mapped[datetime] = mapped_column(default=clock.now)
    answered_by: Mapped[AnswerChannel] = mapped_column(enum_type(AnswerChannel))
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    person: Mapped[Person] = relationship()
    offer: Mapped[JobOffer] = relationship()


class Contestation(WithPublicId, WithDates, Base):
    """A person does not agree with what was computed or decided; a human answers (CRPA L311-3-1).

    ``explanation`` is what the person was told, frozen. ``due_on``: five working days.
    """

    __tablename__ = "contestation"
    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer_is_dated"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("job_offer.id", ondelete="SET NULL"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    about: Mapped[str]
    text: Mapped[str | None] = mapped_column(Text)
    explanation: Mapped[JsonObject] = mapped_column(default=dict)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    asked_by: Mapped[AnswerChannel] = mapped_column(enum_type(AnswerChannel))
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    due_on: Mapped[date]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    offer: Mapped[JobOffer | None] = relationship()
    organisation: Mapped[Organisation] = relationship()
    answered_by: Mapped[Account | None] = relationship(foreign_keys=[answered_by_id])


class EmployerNeedState(LabelledEnum):
    """What came of a need."""

    RECEIVED = "received", N_("reçu")
    QUALIFIED = "qualified", N_("devenu une offre")
    DROPPED = "dropped", N_("sans suite")


class EmployerNeed(WithPublicId, WithDates, Base):
    """A need as an employer wrote it, in ordinary words; an adviser calls and makes it an offer.

    Nothing of it is shown to anybody but the platform of the territory before that call. Who
    wrote it says who they are: their number becomes a contact of the establishment, to whom links
    are sent, only once an adviser has called it; their SIRET makes an establishment only then too.
    """

    __tablename__ = "employer_need"
    __table_args__ = (
        CheckConstraint("posts BETWEEN 1 AND 99", name="posts"),
        CheckConstraint("(state = 'qualified') = (offer_id IS NOT NULL)", name="offer"),
        CheckConstraint("state <> 'dropped' OR drop_reason IS NOT NULL", name="drop_reason"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    establishment_id: Mapped[int | None] = mapped_column(ForeignKey("establishment.id"), index=True)
    employer_name: Mapped[str]
    siret: Mapped[str | None] = mapped_column(String(14))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("employer_contact.id"))
    contact_name: Mapped[str]
    contact_phone: Mapped[str | None] = mapped_column(String(32))
    contact_email: Mapped[str | None]
    state: Mapped[EmployerNeedState] = mapped_column(
        enum_type(EmployerNeedState), default=EmployerNeedState.RECEIVED
    )
    trade: Mapped[str]
    occupation_code: Mapped[str | None] = mapped_column(ForeignKey("occupation.code"))
    posts: Mapped[int] = mapped_column(default=1)
    commune_code: Mapped[str] = mapped_column(ForeignKey("commune.code"))
    start_wanted: Mapped[date | None]
    day_one: Mapped[str | None] = mapped_column(Text)
    can_learn: Mapped[str | None] = mapped_column(Text)
    more: Mapped[str | None] = mapped_column(Text)
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("job_offer.id", ondelete="SET NULL"))
    drop_reason: Mapped[str | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    organisation: Mapped[Organisation] = relationship()
    establishment: Mapped[Establishment | None] = relationship()
    contact: Mapped[EmployerContact | None] = relationship()
    occupation: Mapped[Occupation | None] = relationship()
    commune: Mapped[Commune] = relationship()
    offer: Mapped[JobOffer | None] = relationship()
