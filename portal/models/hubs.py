"""Hubs: a session welded to promised jobs, and the group that goes from one to the other."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, LabelledEnum, WithDates, WithId, WithPublicId, enum_type
from portal.models.offers import AgreementChannel, ContractKind, Establishment, JobOffer
from portal.models.organisations import Account, Organisation
from portal.models.people import Person
from portal.models.projects import MajorProject
from portal.models.reference import Occupation
from portal.models.trainings import TrainingSession
from portal.text import N_

if TYPE_CHECKING:
    from portal.models.cohort_steps import CohortMeeting


class CohortState(LabelledEnum):
    """The states of a cohort (domain reference §4.3)."""

    DRAFT = "draft", N_("brouillon")
    OPEN = "open", N_("ouverte")
    INFORMATION = "information", N_("information")
    SELECTION = "selection", N_("sélection")
    IMMERSION = "immersion", N_("immersion")
    PREPARATION = "preparation", N_("préparation")
    TRAINING = "training", N_("formation")
    HIRING = "hiring", N_("embauche")
    FOLLOW_UP = "follow_up", N_("suivi")
    CLOSED = "closed", N_("close")
    CANCELLED = "cancelled", N_("annulée")


class Cohort(WithPublicId, WithDates, Base):
    """A group of people, seats, promised jobs and dates, run by a hub.

    ``override_*``: the cohort was opened with fewer promised jobs than seats, by whom and why.
    """

    __tablename__ = "cohort"
    __table_args__ = (
        CheckConstraint("seats >= 1", name="seats"),
        CheckConstraint("threshold BETWEEN 1 AND seats", name="threshold"),
        CheckConstraint(
            "(override_reason IS NULL) = (override_by_id IS NULL)", name="override_is_signed"
        ),
        CheckConstraint("state <> 'cancelled' OR end_reason IS NOT NULL", name="end_has_reason"),
        # A session belongs to one cohort; one that is cancelled gives it up and keeps its history.
        Index(
            "uq_cohort_one_per_session",
            "session_id",
            unique=True,
            sqlite_where=text("state <> 'cancelled'"),
            postgresql_where=text("state <> 'cancelled'"),
        ),
    )

    hub_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    title: Mapped[str]
    occupation_code: Mapped[str] = mapped_column(ForeignKey("occupation.code"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("training_session.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("major_project.id"))
    coordinator_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    state: Mapped[CohortState] = mapped_column(enum_type(CohortState), default=CohortState.DRAFT)
    seats: Mapped[int]
    threshold: Mapped[int]
    override_reason: Mapped[str | None] = mapped_column(Text)
    override_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    override_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(64))

    hub: Mapped[Organisation] = relationship()
    occupation: Mapped[Occupation] = relationship()
    session: Mapped[TrainingSession | None] = relationship()
    project: Mapped[MajorProject | None] = relationship()
    coordinator: Mapped[Account | None] = relationship(foreign_keys=[coordinator_id])
    override_by: Mapped[Account | None] = relationship(foreign_keys=[override_by_id])
    phases: Mapped[list[CohortPhase]] = relationship(
        back_populates="cohort", cascade="all, delete-orphan", order_by="CohortPhase.start"
    )
    commitments: Mapped[list[EmployerCommitment]] = relationship(
        back_populates="cohort", order_by="EmployerCommitment.id"
    )
    memberships: Mapped[list[CohortMembership]] = relationship(back_populates="cohort")
    meetings: Mapped[list[CohortMeeting]] = relationship(
        back_populates="cohort", order_by="CohortMeeting.on"
    )


class PhaseKind(LabelledEnum):
    """The phases of a cohort, planned backwards from the training."""

    SOURCING = "sourcing", N_("repérage")
    INFORMATION = "information", N_("information collective")
    SELECTION = "selection", N_("sélection")
    IMMERSION = "immersion", N_("immersion")
    PREPARATION = "preparation", N_("préparation")
    TRAINING = "training", N_("formation")
    HIRING = "hiring", N_("embauches")
    FOLLOW_UP = "follow_up", N_("suivi")


class CohortPhase(WithId, WithDates, Base):
    """A phase with its dates; ``pinned`` dates were set by hand and stay when others move."""

    __tablename__ = "cohort_phase"
    __table_args__ = (
        UniqueConstraint("cohort_id", "kind"),
        CheckConstraint('"end" >= start', name="period"),
    )

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"))
    kind: Mapped[PhaseKind] = mapped_column(enum_type(PhaseKind))
    start: Mapped[date]
    end: Mapped[date]
    pinned: Mapped[bool] = mapped_column(default=False)

    cohort: Mapped[Cohort] = relationship(back_populates="phases")


class CommitmentState(LabelledEnum):
    """The states of an employer's commitment (domain reference §4.3)."""

    PROMISED = "promised", N_("promis")
    CONFIRMED = "confirmed", N_("confirmé")
    FULFILLED = "fulfilled", N_("réalisé")
    REDUCED = "reduced", N_("réduit")
    WITHDRAWN = "withdrawn", N_("retiré")


class CommitmentReason(LabelledEnum):
    """Why an employer reduces or withdraws."""

    MARKET_LOST = "market_lost", N_("marché perdu ou reporté")
    HIRED_OTHERWISE = "hired_otherwise", N_("poste pourvu autrement")
    ACTIVITY = "activity", N_("baisse d’activité")
    NO_TUTOR = "no_tutor", N_("plus de tuteur disponible")
    PROFILE = "profile", N_("besoin qui a changé")
    OTHER = "other", N_("autre raison")


class EmployerCommitment(WithPublicId, WithDates, Base):
    """Jobs an employer promises to a cohort; ``jobs`` is what stands now of ``jobs_promised``."""

    __tablename__ = "employer_commitment"
    __table_args__ = (
        UniqueConstraint("cohort_id", "establishment_id"),
        CheckConstraint("jobs_promised >= 1", name="jobs_promised"),
        CheckConstraint("jobs BETWEEN 0 AND jobs_promised", name="jobs"),
        CheckConstraint(
            "state NOT IN ('reduced', 'withdrawn') OR reason IS NOT NULL", name="loss_has_reason"
        ),
    )

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id"), index=True)
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("job_offer.id"))
    state: Mapped[CommitmentState] = mapped_column(
        enum_type(CommitmentState), default=CommitmentState.PROMISED
    )
    jobs_promised: Mapped[int]
    jobs: Mapped[int]
    contract: Mapped[ContractKind] = mapped_column(enum_type(ContractKind))
    contract_months: Mapped[int | None]
    tutor_name: Mapped[str | None]
    reason: Mapped[CommitmentReason | None] = mapped_column(enum_type(CommitmentReason))
    note: Mapped[str | None] = mapped_column(Text)

    cohort: Mapped[Cohort] = relationship(back_populates="commitments")
    establishment: Mapped[Establishment] = relationship()
    offer: Mapped[JobOffer | None] = relationship()
    places: Mapped[list[ImmersionPlace]] = relationship(
        back_populates="commitment", cascade="all, delete-orphan", order_by="ImmersionPlace.wave"
    )


class ImmersionPlace(WithPublicId, WithDates, Base):
    """How many people a company can take in immersion in a wave."""

    __tablename__ = "immersion_place"
    __table_args__ = (
        UniqueConstraint("commitment_id", "wave"),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint('"end" >= start', name="period"),
    )

    commitment_id: Mapped[int] = mapped_column(
        ForeignKey("employer_commitment.id", ondelete="CASCADE")
    )
    wave: Mapped[int]
    start: Mapped[date]
    end: Mapped[date]
    capacity: Mapped[int]

    commitment: Mapped[EmployerCommitment] = relationship(back_populates="places")


class MembershipState(LabelledEnum):
    """Where a person stands in a cohort (domain reference §4.3)."""

    SOURCED = "sourced", N_("repérée")
    TOLD = "told", N_("prévenue")
    INTERESTED = "interested", N_("intéressée")
    ENROLLED_INFO = "enrolled_info", N_("inscrite à l’information")
    PRESENT = "present", N_("présente à l’information")
    ABSENT = "absent", N_("absente à l’information")
    SELECTED = "selected", N_("retenue")
    WAITING = "waiting", N_("en attente")
    NOT_SELECTED = "not_selected", N_("non retenue")
    IMMERSION_PLANNED = "immersion_planned", N_("immersion prévue")
    IMMERSION_DONE = "immersion_done", N_("immersion faite")
    PREPARING = "preparing", N_("en préparation")
    READY = "ready", N_("prête")
    ADMITTED = "admitted", N_("admise")
    IN_TRAINING = "in_training", N_("en formation")
    CERTIFIED = "certified", N_("formation terminée")
    HIRED = "hired", N_("embauchée")
    FOLLOWED_M3 = "followed_m3", N_("suivie à trois mois")
    FOLLOWED_M6 = "followed_m6", N_("suivie à six mois")
    WITHDRAWN = "withdrawn", N_("a renoncé")
    REDIRECTED = "redirected", N_("réorientée")
    UNREACHABLE = "unreachable", N_("injoignable")
    DROPPED = "dropped", N_("a arrêté")


#: Those that hold a seat of the cohort (INV-03).
COHORT_SEATED_STATES = frozenset({MembershipState.ADMITTED, MembershipState.IN_TRAINING})
#: Ends that are not a success: each has a reason, a next step and its owner (T-HUB-04).
COHORT_EXIT_STATES = frozenset(
    {
        MembershipState.NOT_SELECTED,
        MembershipState.WITHDRAWN,
        MembershipState.REDIRECTED,
        MembershipState.UNREACHABLE,
        MembershipState.DROPPED,
    }
)


class ExitReason(LabelledEnum):
    """Why a person leaves a cohort."""

    NOT_LIKED = "not_liked", N_("le métier ne plaît pas")
    JOB_FOUND = "job_found", N_("emploi trouvé")
    OTHER_TRAINING = "other_training", N_("autre formation choisie")
    HEALTH_FAMILY = "health_family", N_("santé ou famille")
    CHILDCARE = "childcare", N_("garde d’enfants")
    TRAVEL = "travel", N_("trajet trop long")
    MONEY = "money", N_("ressources insuffisantes")
    PREREQUISITE = "prerequisite", N_("un prérequis manque encore")
    SEATS = "seats", N_("plus de place")
    EXERCISE = "exercise", N_("l’exercice montre un autre besoin")
    UNREACHABLE = "unreachable", N_("injoignable")
    OTHER = "other", N_("autre raison")


class CohortMembership(WithPublicId, WithDates, Base):
    """A person in a cohort; an exit says why, what comes next, and who takes it.

    ``answered_*``: when the person gave their answer to the proposal, how, and to whom.
    """

    __tablename__ = "cohort_membership"
    __table_args__ = (
        UniqueConstraint("cohort_id", "person_id"),
        CheckConstraint("(state = 'waiting') = (rank IS NOT NULL)", name="rank_when_waiting"),
        CheckConstraint("rank IS NULL OR rank >= 1", name="rank"),
        CheckConstraint("(answered_on IS NULL) = (answer_channel IS NULL)", name="answer_is_dated"),
        CheckConstraint(
            "state NOT IN ('not_selected', 'withdrawn', 'redirected', 'unreachable', 'dropped')"
            " OR (exit_reason IS NOT NULL AND next_step IS NOT NULL"
            " AND next_step_owner_id IS NOT NULL)",
            name="exit_has_next_step",
        ),
        Index("ix_cohort_membership_cohort_state", "cohort_id", "state"),
    )

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    prescriber_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    state: Mapped[MembershipState] = mapped_column(
        enum_type(MembershipState), default=MembershipState.SOURCED
    )
    rank: Mapped[int | None]
    group_at_sourcing: Mapped[str | None] = mapped_column(String(20))
    immersion_liked: Mapped[bool | None]
    exercise: Mapped[str | None] = mapped_column(Text)
    motivation: Mapped[str | None] = mapped_column(Text)
    answered_on: Mapped[date | None]
    answer_channel: Mapped[AgreementChannel | None] = mapped_column(enum_type(AgreementChannel))
    answered_with_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    exit_reason: Mapped[ExitReason | None] = mapped_column(enum_type(ExitReason))
    next_step: Mapped[str | None] = mapped_column(Text)
    next_step_owner_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    state_since: Mapped[datetime]

    cohort: Mapped[Cohort] = relationship(back_populates="memberships")
    person: Mapped[Person] = relationship()
    prescriber: Mapped[Organisation] = relationship(foreign_keys=[prescriber_id])
    next_step_owner: Mapped[Organisation | None] = relationship(foreign_keys=[next_step_owner_id])
    by: Mapped[Account | None] = relationship(foreign_keys=[by_id])
    answered_with: Mapped[Account | None] = relationship(foreign_keys=[answered_with_id])


class SourcingTarget(WithId, WithDates, Base):
    """How many people a prescriber is asked to invite."""

    __tablename__ = "sourcing_target"
    __table_args__ = (
        UniqueConstraint("cohort_id", "prescriber_id"),
        CheckConstraint("target >= 0", name="target"),
    )

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"))
    prescriber_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    target: Mapped[int]

    prescriber: Mapped[Organisation] = relationship()
