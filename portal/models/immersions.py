"""Immersions (PMSMP): the convention, who signed, what the tutor saw."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import (
    Base,
    JsonObject,
    LabelledEnum,
    WithDates,
    WithId,
    WithPublicId,
    enum_type,
)
from portal.models.offers import Establishment
from portal.models.organisations import Account, Organisation
from portal.models.people import Person
from portal.models.reference import Occupation, Skill
from portal.text import N_


class ImmersionObject(LabelledEnum):
    """The one object of a convention (code du travail, L5135-1)."""

    DISCOVER = "discover", N_("découvrir un métier ou un secteur")
    CONFIRM = "confirm", N_("confirmer un projet professionnel")
    RECRUIT = "recruit", N_("initier une démarche de recrutement")


class ImmersionState(LabelledEnum):
    """The states of an immersion (domain reference §4.3)."""

    DRAFT = "draft", N_("brouillon")
    CHECKED = "checked", N_("contrôlée")
    TO_SIGN = "to_sign", N_("à signer")
    PARTLY_SIGNED = "partly_signed", N_("signée en partie")
    IN_VALIDATION = "in_validation", N_("en validation")
    VALIDATED = "validated", N_("validée")
    IN_PROGRESS = "in_progress", N_("en cours")
    ASSESSMENT_DUE = "assessment_due", N_("bilan attendu")
    CLOSED = "closed", N_("close")
    REFUSED = "refused", N_("refusée")
    CANCELLED = "cancelled", N_("annulée")


class ObjectivesOutcome(LabelledEnum):
    """Whether the objectives were reached: a renewal needs that they were not (D5135-3)."""

    REACHED = "reached", N_("objectifs atteints")
    PARTLY = "partly", N_("objectifs atteints en partie")
    NOT_REACHED = "not_reached", N_("objectifs non atteints")


class Immersion(WithPublicId, WithDates, Base):
    """A period of immersion of a person in an establishment, under a convention."""

    __tablename__ = "immersion"
    __table_args__ = (
        CheckConstraint('"end" >= start', name="period"),
        CheckConstraint(
            "state NOT IN ('refused', 'cancelled') OR end_reason IS NOT NULL",
            name="end_has_reason",
        ),
        Index("ix_immersion_person_establishment", "person_id", "establishment_id"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id"), index=True)
    occupation_code: Mapped[str | None] = mapped_column(ForeignKey("occupation.code"))
    prescriber_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    support_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id"), index=True)
    renewal_of_id: Mapped[int | None] = mapped_column(ForeignKey("immersion.id"), unique=True)
    state: Mapped[ImmersionState] = mapped_column(
        enum_type(ImmersionState), default=ImmersionState.DRAFT
    )
    object: Mapped[ImmersionObject] = mapped_column(enum_type(ImmersionObject))
    objectives: Mapped[str] = mapped_column(Text)
    tasks: Mapped[str] = mapped_column(Text)
    start: Mapped[date]
    end: Mapped[date]
    presence_days: Mapped[int]
    weekly_hours: Mapped[float]
    schedule: Mapped[str] = mapped_column(Text)
    place: Mapped[str | None]
    tutor_name: Mapped[str]
    tutor_role: Mapped[str | None]
    tutor_contact: Mapped[str | None]
    legal_representative: Mapped[str | None]
    employed: Mapped[bool] = mapped_column(default=False)
    contract_suspended: Mapped[bool | None]
    current_employer_agreed: Mapped[bool | None]
    no_replacement_declared: Mapped[bool] = mapped_column(default=False)
    rules_checked: Mapped[JsonObject] = mapped_column(default=dict)
    checked_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(64))

    person: Mapped[Person] = relationship()
    establishment: Mapped[Establishment] = relationship()
    occupation: Mapped[Occupation | None] = relationship()
    prescriber: Mapped[Organisation | None] = relationship(foreign_keys=[prescriber_id])
    support: Mapped[Organisation] = relationship(foreign_keys=[support_id])
    by: Mapped[Account | None] = relationship()
    renewal_of: Mapped[Immersion | None] = relationship(remote_side="Immersion.id")
    signatures: Mapped[list[ImmersionSignature]] = relationship(back_populates="immersion")
    assessment: Mapped[ImmersionAssessment | None] = relationship(back_populates="immersion")


class SignatoryRole(LabelledEnum):
    """Who signs a convention."""

    PERSON = "person", N_("la personne")
    LEGAL_REPRESENTATIVE = "legal_representative", N_("le représentant légal")
    HOST = "host", N_("la structure d’accueil")
    SUPPORT = "support", N_("la structure d’accompagnement")
    PRESCRIBER = "prescriber", N_("le prescripteur")
    EMPLOYER = "employer", N_("l’employeur actuel")


class SignatureMethod(LabelledEnum):
    """How a signature was given."""

    PAPER = "paper", N_("sur papier, original vu")
    PORTAL = "portal", N_("sur le portail")
    SCAN = "scan", N_("copie reçue")


class ImmersionSignature(WithId, Base):
    """A signature: who, in which quality, when, how, and who recorded it."""

    __tablename__ = "immersion_signature"
    __table_args__ = (UniqueConstraint("immersion_id", "role"),)

    immersion_id: Mapped[int] = mapped_column(
        ForeignKey("immersion.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[SignatoryRole] = mapped_column(enum_type(SignatoryRole))
    name: Mapped[str]
    method: Mapped[SignatureMethod] = mapped_column(enum_type(SignatureMethod))
    signed_on: Mapped[date]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    immersion: Mapped[Immersion] = relationship(back_populates="signatures")


class ImmersionAssessment(WithId, WithDates, Base):
    """The tutor's two minutes: presence, objectives, gestures, and whether a job follows."""

    __tablename__ = "immersion_assessment"
    __table_args__ = (
        CheckConstraint("missed_hours IS NULL OR missed_hours >= 0", name="missed_hours"),
    )

    immersion_id: Mapped[int] = mapped_column(
        ForeignKey("immersion.id", ondelete="CASCADE"), unique=True
    )
    came: Mapped[bool]
    last_day: Mapped[date | None]
    missed_hours: Mapped[int | None]
    objectives: Mapped[ObjectivesOutcome] = mapped_column(enum_type(ObjectivesOutcome))
    would_hire: Mapped[bool | None]
    ended_with_job: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str | None] = mapped_column(Text)
    by_name: Mapped[str]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    immersion: Mapped[Immersion] = relationship(back_populates="assessment")
    gestures: Mapped[list[ImmersionGesture]] = relationship(
        back_populates="assessment", cascade="all, delete-orphan"
    )


class ImmersionGesture(Base):
    """A gesture seen by the tutor: 2 alone, 1 with help, 0 not yet."""

    __tablename__ = "immersion_gesture"
    __table_args__ = (CheckConstraint("level BETWEEN 0 AND 2", name="level"),)

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("immersion_assessment.id", ondelete="CASCADE"), primary_key=True
    )
    skill_code: Mapped[str] = mapped_column(ForeignKey("skill.code"), primary_key=True)
    level: Mapped[int]

    assessment: Mapped[ImmersionAssessment] = relationship(back_populates="gestures")
    skill: Mapped[Skill] = relationship()
