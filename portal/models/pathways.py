"""A dated pathway owned by a person, made of steps."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import (
    Base,
    JsonObject,
    LabelledEnum,
    WithDates,
    WithPublicId,
    enum_type,
)
from portal.models.offers import AgreementChannel, JobOffer
from portal.models.organisations import Account, Organisation
from portal.models.people import Person
from portal.models.projects import MajorProject
from portal.models.reference import Occupation
from portal.models.territories import Commune
from portal.models.trainings import TrainingSession
from portal.text import N_


class ScenarioKind(LabelledEnum):
    """How a pathway was composed."""

    FAST = "fast", N_("le plus rapide")
    SAFE = "safe", N_("le plus sûr")
    QUALIFYING = "qualifying", N_("le plus qualifiant")
    FREE = "free", N_("composé à la main")


class PathwayState(LabelledEnum):
    """The states of a pathway (domain reference §4.3)."""

    DRAFT = "draft", N_("brouillon")
    PROPOSED = "proposed", N_("proposé")
    ACCEPTED = "accepted", N_("accepté")
    IN_PROGRESS = "in_progress", N_("en cours")
    PAUSED = "paused", N_("en pause")
    REACHED = "reached", N_("atteint")
    BROKEN = "broken", N_("arrêté")
    REPLACED = "replaced", N_("remplacé")
    DECLINED = "declined", N_("pas pour moi")


#: The one pathway that a person follows: agreed, and not ended.
CURRENT_PATHWAY_STATES = frozenset(
    {PathwayState.ACCEPTED, PathwayState.IN_PROGRESS, PathwayState.PAUSED}
)


class BreakdownReason(LabelledEnum):
    """Why a pathway stopped, or was not wanted (after the Dares survey of drop-outs)."""

    HEALTH_FAMILY = "health_family", N_("santé ou famille")
    CHILDCARE = "childcare", N_("garde d’enfants")
    JOB_FOUND = "job_found", N_("emploi trouvé")
    NOT_SUITED = "not_suited", N_("la formation ne convient pas")
    MONEY = "money", N_("ressources insuffisantes")
    DISTANCE = "distance", N_("trajet trop long")
    UNREACHABLE = "unreachable", N_("personne injoignable")
    PROJECT_CHANGED = "project_changed", N_("le projet a changé")
    CANCELLED = "cancelled", N_("étape annulée par l’organisme")
    OTHER = "other", N_("autre raison")


class Pathway(WithPublicId, WithDates, Base):
    """Steps towards an offer or an occupation. Only the person's agreement makes it accepted.

    ``replaces`` is the agreed pathway of which this one is a new version.
    """

    __tablename__ = "pathway"
    __table_args__ = (
        CheckConstraint(
            "state NOT IN ('accepted', 'in_progress', 'paused', 'reached') OR"
            " (agreed_at IS NOT NULL AND agreed_channel IS NOT NULL)",
            name="agreement_first",
        ),
        CheckConstraint(
            "state NOT IN ('broken', 'declined') OR breakdown_reason IS NOT NULL",
            name="breakdown_has_reason",
        ),
        Index(
            "uq_pathway_one_current",
            "person_id",
            unique=True,
            sqlite_where=text("state IN ('accepted', 'in_progress', 'paused')"),
            postgresql_where=text("state IN ('accepted', 'in_progress', 'paused')"),
        ),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    goal_offer_id: Mapped[int | None] = mapped_column(ForeignKey("job_offer.id"), index=True)
    goal_occupation_code: Mapped[str | None] = mapped_column(ForeignKey("occupation.code"))
    replaces_id: Mapped[int | None] = mapped_column(
        ForeignKey("pathway.id", ondelete="SET NULL"), index=True
    )
    scenario: Mapped[ScenarioKind] = mapped_column(enum_type(ScenarioKind))
    state: Mapped[PathwayState] = mapped_column(enum_type(PathwayState), default=PathwayState.DRAFT)
    hire_on: Mapped[date | None]
    unknown_count: Mapped[int] = mapped_column(default=0)
    engine_version: Mapped[str | None] = mapped_column(String(40))
    agreed_at: Mapped[datetime | None]
    agreed_channel: Mapped[AgreementChannel | None] = mapped_column(enum_type(AgreementChannel))
    agreed_words: Mapped[str | None] = mapped_column(Text)
    agreed_with_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    breakdown_reason: Mapped[BreakdownReason | None] = mapped_column(enum_type(BreakdownReason))

    person: Mapped[Person] = relationship()
    by: Mapped[Account | None] = relationship(foreign_keys=[by_id])
    agreed_with: Mapped[Account | None] = relationship(foreign_keys=[agreed_with_id])
    replaces: Mapped[Pathway | None] = relationship(remote_side="Pathway.id")
    goal_offer: Mapped[JobOffer | None] = relationship()
    goal_occupation: Mapped[Occupation | None] = relationship()
    steps: Mapped[list[PathwayStep]] = relationship(
        back_populates="pathway",
        cascade="all, delete-orphan",
        order_by="PathwayStep.position",
    )


class StepKind(LabelledEnum):
    """What a step is (domain reference §4.6, those this portal composes)."""

    CHECK = "check", N_("Point à vérifier ensemble")
    BARRIER = "barrier", N_("Levée d’un frein")
    IMMERSION = "immersion", N_("Immersion (PMSMP)")
    TRAINING = "training", N_("Formation")
    OTHER = "other", N_("Autre étape")
    HIRE = "hire", N_("Embauche")


class StepState(LabelledEnum):
    """Where a step stands."""

    TO_DO = "to_do", N_("à venir")
    IN_PROGRESS = "in_progress", N_("en cours")
    DONE = "done", N_("faite")
    CANCELLED = "cancelled", N_("annulée")


class PathwayStep(WithPublicId, WithDates, Base):
    """One dated step; ``conditions`` lists what must hold at its start, in words."""

    __tablename__ = "pathway_step"
    __table_args__ = (
        UniqueConstraint("pathway_id", "position"),
        CheckConstraint('"end" >= start', name="period"),
        CheckConstraint("weekly_hours IS NULL OR weekly_hours <= 48", name="weekly_hours"),
    )

    pathway_id: Mapped[int] = mapped_column(ForeignKey("pathway.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[StepKind] = mapped_column(enum_type(StepKind))
    state: Mapped[StepState] = mapped_column(enum_type(StepState), default=StepState.TO_DO)
    title: Mapped[str] = mapped_column(Text)
    start: Mapped[date]
    end: Mapped[date]
    weekly_hours: Mapped[float | None]
    commune_code: Mapped[str | None] = mapped_column(ForeignKey("commune.code"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("training_session.id"))
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("job_offer.id"))
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    responsible_text: Mapped[str | None]
    conditions: Mapped[JsonObject] = mapped_column(default=dict)

    pathway: Mapped[Pathway] = relationship(back_populates="steps")
    commune: Mapped[Commune | None] = relationship()
    session: Mapped[TrainingSession | None] = relationship()
    offer: Mapped[JobOffer | None] = relationship()
    responsible: Mapped[Organisation | None] = relationship()


class NeedState(LabelledEnum):
    """Where a need of the register stands."""

    OPEN = "open", N_("ouvert")
    TAKEN_UP = "taken_up", N_("pris en charge")
    CLOSED = "closed", N_("clos")


class NeedEndReason(LabelledEnum):
    """Why a need of the register was closed."""

    MARKET = "market", N_("inscrit à un marché de formation")
    SESSION = "session", N_("une session y répond")
    COHORT = "cohort", N_("une cohorte y répond")
    GONE = "gone", N_("le besoin n’existe plus")
    TWICE = "twice", N_("enregistré deux fois")
    OTHER = "other", N_("autre raison")


class UnmetNeed(WithPublicId, WithDates, Base):
    """No step reaches the goal in time: the register that writes the next training market.

    It comes from a person's pathway (``person``), or from the gap of a major project
    (``project``, ``quarter``); ``jobs`` is how many places would answer it.
    ``blocking``: {"blockers": [{label, code, reason, nearest_date, sessions}]}.
    """

    __tablename__ = "unmet_need"
    __table_args__ = (
        CheckConstraint("jobs >= 1", name="jobs"),
        CheckConstraint("(state = 'closed') = (end_reason IS NOT NULL)", name="end_has_reason"),
    )

    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    occupation_code: Mapped[str | None] = mapped_column(ForeignKey("occupation.code"), index=True)
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("job_offer.id"))
    commune_code: Mapped[str | None] = mapped_column(ForeignKey("commune.code"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("major_project.id"))
    quarter: Mapped[str | None] = mapped_column(String(7))
    jobs: Mapped[int] = mapped_column(default=1)
    blocking: Mapped[JsonObject] = mapped_column(default=dict)
    note: Mapped[str | None] = mapped_column(Text)
    state: Mapped[NeedState] = mapped_column(enum_type(NeedState), default=NeedState.OPEN)
    end_reason: Mapped[NeedEndReason | None] = mapped_column(enum_type(NeedEndReason))
    taken_up_by_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_on: Mapped[date]

    person: Mapped[Person | None] = relationship()
    occupation: Mapped[Occupation | None] = relationship()
    offer: Mapped[JobOffer | None] = relationship()
    commune: Mapped[Commune | None] = relationship()
    project: Mapped[MajorProject | None] = relationship()
    taken_up_by: Mapped[Organisation | None] = relationship()
    recorded_by: Mapped[Account | None] = relationship()
