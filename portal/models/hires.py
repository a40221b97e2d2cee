"""Hires, and the follow-up that keeps them (to accompany in the job, not only towards it)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, LabelledEnum, WithDates, WithPublicId, enum_type
from portal.models.hubs import Cohort
from portal.models.offers import ContractKind, Establishment, JobOffer
from portal.models.organisations import Account, Organisation
from portal.models.people import ContactChannel, Person
from portal.text import N_


class HireState(LabelledEnum):
    """Where a contract stands."""

    CURRENT = "current", N_("en cours")
    ENDED = "ended", N_("terminé")
    BROKEN = "broken", N_("rompu")


class HireEndReason(LabelledEnum):
    """Why a contract ended before its end, or how."""

    TERM = "term", N_("fin prévue du contrat")
    RENEWED = "renewed", N_("renouvelé ou suivi d’un autre contrat")
    TRIAL_EMPLOYER = "trial_employer", N_("fin de période d’essai par l’employeur")
    TRIAL_PERSON = "trial_person", N_("fin de période d’essai par la personne")
    RESIGNED = "resigned", N_("démission")
    DISMISSED = "dismissed", N_("licenciement")
    AGREEMENT = "agreement", N_("rupture d’un commun accord")
    OTHER = "other", N_("autre raison")


class Hire(WithPublicId, WithDates, Base):
    """A contract signed with a person."""

    __tablename__ = "hire"
    __table_args__ = (
        CheckConstraint("end_planned IS NULL OR end_planned >= start", name="period"),
        CheckConstraint("state = 'current' OR end_reason IS NOT NULL", name="end_has_reason"),
        Index("ix_hire_person", "person_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id"), index=True)
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("job_offer.id"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id"), index=True)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    contract: Mapped[ContractKind] = mapped_column(enum_type(ContractKind))
    start: Mapped[date]
    end_planned: Mapped[date | None]
    weekly_hours: Mapped[float | None]
    clause_hours: Mapped[bool] = mapped_column(default=False)
    state: Mapped[HireState] = mapped_column(enum_type(HireState), default=HireState.CURRENT)
    ended_on: Mapped[date | None]
    end_reason: Mapped[HireEndReason | None] = mapped_column(enum_type(HireEndReason))
    end_note: Mapped[str | None] = mapped_column(Text)

    person: Mapped[Person] = relationship()
    establishment: Mapped[Establishment] = relationship()
    offer: Mapped[JobOffer | None] = relationship()
    cohort: Mapped[Cohort | None] = relationship()
    organisation: Mapped[Organisation] = relationship()
    recorded_by: Mapped[Account | None] = relationship()
    follow_ups: Mapped[list[JobFollowUp]] = relationship(
        back_populates="hire", cascade="all, delete-orphan", order_by="JobFollowUp.due"
    )


class FollowUpKind(LabelledEnum):
    """The dated follow-ups of a hire."""

    J7 = "j7", N_("à une semaine")
    M1 = "m1", N_("à un mois")
    M3 = "m3", N_("à trois mois")
    M6 = "m6", N_("à six mois")
    END_OF_SITE = "end_of_site", N_("préparer la fin de chantier")


class FollowUpSide(LabelledEnum):
    """Who is asked."""

    PERSON = "person", N_("la personne")
    EMPLOYER = "employer", N_("l’employeur")


class FollowUpResult(LabelledEnum):
    """What was said."""

    GOOD = "good", N_("tout va bien")
    MIXED = "mixed", N_("à surveiller")
    BAD = "bad", N_("difficulté")
    GONE = "gone", N_("n’est plus en poste")
    NO_ANSWER = "no_answer", N_("pas de réponse")


class JobFollowUp(WithPublicId, WithDates, Base):
    """A follow-up due on a day, on one side.

    A difficulty stays a task of the responsible structure until ``settled_on``.
    """

    __tablename__ = "job_follow_up"
    __table_args__ = (
        UniqueConstraint("hire_id", "kind", "side"),
        CheckConstraint("(done_on IS NULL) = (result IS NULL)", name="done_has_result"),
    )

    hire_id: Mapped[int] = mapped_column(ForeignKey("hire.id", ondelete="CASCADE"))
    kind: Mapped[FollowUpKind] = mapped_column(enum_type(FollowUpKind))
    side: Mapped[FollowUpSide] = mapped_column(enum_type(FollowUpSide))
    due: Mapped[date] = mapped_column(index=True)
    done_on: Mapped[date | None]
    channel: Mapped[ContactChannel | None] = mapped_column(enum_type(ContactChannel))
    result: Mapped[FollowUpResult | None] = mapped_column(enum_type(FollowUpResult))
    note: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_on: Mapped[date | None]
    settled_how: Mapped[str | None] = mapped_column(Text)

    hire: Mapped[Hire] = relationship(back_populates="follow_ups")
    by: Mapped[Account | None] = relationship()
