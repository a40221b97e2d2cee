"""Seats of a training session: who holds one, who waits, who came, what they obtained."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, LabelledEnum, WithDates, WithId, WithPublicId, enum_type
from portal.models.organisations import Account, Organisation
from portal.models.people import Person
from portal.models.trainings import TrainingSession
from portal.text import N_


class EnrollmentState(LabelledEnum):
    """The states of a positioning (domain reference §4.3)."""

    SUGGESTED = "suggested", N_("suggéré")
    PROPOSED = "proposed", N_("proposé à la personne")
    AGREED = "agreed", N_("accord de la personne")
    POSITIONED = "positioned", N_("positionnée")
    INVITED = "invited", N_("invitée à l’information collective")
    PRESENT = "present", N_("présente à l’information collective")
    ABSENT = "absent", N_("absente à l’information collective")
    CANDIDATE = "candidate", N_("candidate")
    SELECTED = "selected", N_("retenue")
    WAITING = "waiting", N_("en liste d’attente")
    NOT_SELECTED = "not_selected", N_("non retenue")
    ADMITTED = "admitted", N_("admise")
    ENTERED = "entered", N_("entrée")
    IN_PROGRESS = "in_progress", N_("en formation")
    COMPLETED = "completed", N_("terminé")
    DROPPED = "dropped", N_("arrêt")
    EXCLUDED = "excluded", N_("exclusion")
    CANCELLED = "cancelled", N_("annulé")


#: Those that hold a seat (INV-02).
SEATED_STATES = frozenset(
    {EnrollmentState.ADMITTED, EnrollmentState.ENTERED, EnrollmentState.IN_PROGRESS}
)


class EnrollmentReason(LabelledEnum):
    """Why a positioning ended before its end, or was not kept; a closed list (INV-10)."""

    HEALTH_FAMILY = "health_family", N_("santé ou famille")
    CHILDCARE = "childcare", N_("garde d’enfants")
    JOB_FOUND = "job_found", N_("emploi trouvé")
    NOT_SUITED = "not_suited", N_("la formation ne convient pas")
    MONEY = "money", N_("ressources insuffisantes")
    DISTANCE = "distance", N_("trajet trop long")
    UNREACHABLE = "unreachable", N_("personne injoignable")
    PREREQUISITE = "prerequisite", N_("un prérequis manque encore")
    SEATS = "seats", N_("plus de place")
    MOTIVATION = "motivation", N_("le projet reste à préciser")
    RULES = "rules", N_("règlement de l’organisme")
    OTHER_SESSION = "other_session", N_("autre session choisie")
    SESSION_CANCELLED = "session_cancelled", N_("session annulée")
    OTHER = "other", N_("autre raison")


class Enrollment(WithPublicId, WithDates, Base):
    """A person in a session, from the first idea to the exit. One row a person and session.

    ``hold_until``: a seat freed by another is kept for this person until then.
    ``absences_seen``: half-days missed without a reason that the prescriber has dealt with.
    ``exit_recorded_on``: the day the exit became known, beside the last day of presence.
    """

    __tablename__ = "enrollment"
    __table_args__ = (
        UniqueConstraint("person_id", "session_id"),
        CheckConstraint("(state = 'waiting') = (rank IS NOT NULL)", name="rank_when_waiting"),
        CheckConstraint("rank IS NULL OR rank >= 1", name="rank"),
        CheckConstraint(
            "state NOT IN ('not_selected', 'dropped', 'excluded', 'cancelled')"
            " OR reason IS NOT NULL",
            name="end_has_reason",
        ),
        Index("ix_enrollment_session_state", "session_id", "state"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("training_session.id"))
    prescriber_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    state: Mapped[EnrollmentState] = mapped_column(
        enum_type(EnrollmentState), default=EnrollmentState.SUGGESTED
    )
    external_ref: Mapped[str | None] = mapped_column(String(64), index=True)
    rank: Mapped[int | None]
    hold_until: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]
    agreed_channel: Mapped[str | None] = mapped_column(String(40))
    admitted_at: Mapped[datetime | None]
    entered_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    last_present_on: Mapped[date | None]
    exit_recorded_on: Mapped[date | None]
    absences_seen: Mapped[int] = mapped_column(default=0)
    reason: Mapped[EnrollmentReason | None] = mapped_column(enum_type(EnrollmentReason))
    note: Mapped[str | None] = mapped_column(Text)

    person: Mapped[Person] = relationship()
    session: Mapped[TrainingSession] = relationship()
    prescriber: Mapped[Organisation] = relationship()
    by: Mapped[Account | None] = relationship()


class AttendanceWeek(WithId, WithDates, Base):
    """A week of presence: half-days due, attended, and missed without a reason given."""

    __tablename__ = "attendance_week"
    __table_args__ = (
        UniqueConstraint("enrollment_id", "monday"),
        CheckConstraint("due BETWEEN 0 AND 14", name="due"),
        CheckConstraint("attended >= 0 AND unexplained >= 0", name="counts"),
        CheckConstraint("attended + unexplained <= due", name="within_due"),
    )

    enrollment_id: Mapped[int] = mapped_column(
        ForeignKey("enrollment.id", ondelete="CASCADE"), index=True
    )
    monday: Mapped[date]
    due: Mapped[int]
    attended: Mapped[int]
    unexplained: Mapped[int] = mapped_column(default=0)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    enrollment: Mapped[Enrollment] = relationship()


class BlockResult(WithId, WithDates, Base):
    """A block of a certification, obtained or not yet."""

    __tablename__ = "block_result"
    __table_args__ = (UniqueConstraint("enrollment_id", "block"),)

    enrollment_id: Mapped[int] = mapped_column(
        ForeignKey("enrollment.id", ondelete="CASCADE"), index=True
    )
    block: Mapped[str]
    obtained: Mapped[bool]
    assessed_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    enrollment: Mapped[Enrollment] = relationship()


class HabilitationKind(LabelledEnum):
    """What a structure may do, by convention or by law."""

    PRF_ASSOCIATION = "prf_association", N_("convention d’association (programme régional)")
    PMSMP = "pmsmp", N_("prescription de PMSMP")
    PMSMP_DELEGATION = "pmsmp_delegation", N_("délégation de prescription de PMSMP")


class Habilitation(WithPublicId, WithDates, Base):
    """A dated right of a structure; without an end it holds until it is ended."""

    __tablename__ = "habilitation"
    __table_args__ = (
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name="period"),
        Index("ix_habilitation_organisation_kind", "organisation_id", "kind"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[HabilitationKind] = mapped_column(enum_type(HabilitationKind))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    reference: Mapped[str | None]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    contact: Mapped[str | None]

    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    granted_by: Mapped[Organisation | None] = relationship(foreign_keys=[granted_by_id])
