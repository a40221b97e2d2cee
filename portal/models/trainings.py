"""The regional training catalogue, at LHEO's levels: programme, action, session."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.models.base import Base, LabelledEnum, WithDates, WithId, WithPublicId, enum_type
from portal.models.organisations import Organisation
from portal.models.reference import CredentialType, Occupation, Skill
from portal.models.territories import Commune
from portal.text import N_


class RecruitmentState(LabelledEnum):
    """LHEO's etat-recrutement, with « unknown » said plainly."""

    OPEN = "open", N_("ouvert")
    FULL = "full", N_("complet")
    CLOSED = "closed", N_("fermé")
    CANCELLED = "cancelled", N_("annulé")
    UNKNOWN = "unknown", N_("à vérifier")


class FactOrigin(LabelledEnum):
    """How a fact about a session is known; a deduced one can be corrected."""

    CATALOGUE = "catalogue", N_("catalogue")
    DEDUCED_CERTIFICATION = "deduced_certification", N_("déduit de la certification")
    DEDUCED_OCCUPATION = "deduced_occupation", N_("déduit du métier")
    ENTERED = "entered", N_("saisi")


class Scheme(LabelledEnum):
    """Who pays for a session, and so by which rules one enters it (domain reference §4.7)."""

    PRF = "PRF", N_("Programme régional de formation")
    KEY_SKILLS = "COMPETENCES_CLES", N_("Compétences Clés")
    POEI = "POEI", N_("POEI")
    POEC = "POEC", N_("POEC")
    AIF = "AIF", N_("Aide individuelle à la formation")
    CPF = "CPF", N_("Compte personnel de formation")
    AFPR = "AFPR", N_("AFPR")
    OTHER = "OTHER", N_("Autre financement")


class TrainingProgram(WithPublicId, WithDates, Base):
    """What is taught (LHEO ``formation``)."""

    __tablename__ = "training_program"
    __table_args__ = (UniqueConstraint("source", "external_ref"),)

    source: Mapped[str] = mapped_column(String(40))
    external_ref: Mapped[str] = mapped_column(String(128))
    title: Mapped[str] = mapped_column(Text)
    search_title: Mapped[str] = mapped_column(Text)
    objective: Mapped[str | None] = mapped_column(Text)
    content: Mapped[str | None] = mapped_column(Text)
    formacodes: Mapped[str] = mapped_column(String(255), default="")
    rncp_code: Mapped[str | None] = mapped_column(String(20))
    rs_code: Mapped[str | None] = mapped_column(String(20))
    certifying: Mapped[bool | None]
    exit_level: Mapped[int | None]

    occupations: Mapped[list[ProgramOccupation]] = relationship(
        back_populates="program", cascade="all, delete-orphan"
    )
    actions: Mapped[list[TrainingAction]] = relationship(back_populates="program")


class ProgramOccupation(Base):
    """A programme prepares for an occupation; the code is kept even when unknown here."""

    __tablename__ = "program_occupation"

    program_id: Mapped[int] = mapped_column(
        ForeignKey("training_program.id", ondelete="CASCADE"), primary_key=True
    )
    rome_code: Mapped[str] = mapped_column(String(10), primary_key=True)
    occupation_code: Mapped[str | None] = mapped_column(ForeignKey("occupation.code"), index=True)

    program: Mapped[TrainingProgram] = relationship(back_populates="occupations")
    occupation: Mapped[Occupation | None] = relationship()


class TrainingAction(WithPublicId, WithDates, Base):
    """How and where it is taught (LHEO ``action``)."""

    __tablename__ = "training_action"
    __table_args__ = (UniqueConstraint("program_id", "external_ref"),)

    program_id: Mapped[int] = mapped_column(ForeignKey("training_program.id"), index=True)
    external_ref: Mapped[str] = mapped_column(String(128))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    organiser_name: Mapped[str | None]
    organiser_siret: Mapped[str | None] = mapped_column(String(14))
    place_name: Mapped[str | None]
    public_text: Mapped[str | None] = mapped_column(Text)
    prerequisites_text: Mapped[str | None] = mapped_column(Text)
    hours_center: Mapped[int | None]
    hours_company: Mapped[int | None]
    contact_phone: Mapped[str | None] = mapped_column(String(32))
    contact_email: Mapped[str | None]

    program: Mapped[TrainingProgram] = relationship(back_populates="actions")
    organisation: Mapped[Organisation | None] = relationship()
    sessions: Mapped[list[TrainingSession]] = relationship(back_populates="action")


class TrainingSession(WithPublicId, WithDates, Base):
    """When it is taught, and how many seats are left (LHEO ``session``).

    Imports leave what a person corrected: the facts of a ``corrected`` session, and its state of
    recruitment once that was said here (``recruitment_corrected``).
    """

    __tablename__ = "training_session"
    __table_args__ = (
        UniqueConstraint("action_id", "external_ref"),
        CheckConstraint('"end" >= start', name="period"),
        CheckConstraint("seats_left IS NULL OR seats_left >= 0", name="seats_left"),
        Index("ix_training_session_start", "start"),
    )

    action_id: Mapped[int] = mapped_column(ForeignKey("training_action.id"), index=True)
    external_ref: Mapped[str] = mapped_column(String(128))
    start: Mapped[date]
    end: Mapped[date]
    commune_code: Mapped[str | None] = mapped_column(ForeignKey("commune.code"), index=True)
    remote: Mapped[bool] = mapped_column(default=False)
    seats: Mapped[int | None]
    seats_left: Mapped[int | None]
    recruitment: Mapped[RecruitmentState] = mapped_column(
        enum_type(RecruitmentState), default=RecruitmentState.UNKNOWN
    )
    weekly_hours: Mapped[float | None]
    scheme: Mapped[Scheme | None] = mapped_column(enum_type(Scheme))
    first_seen_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    last_confirmed_at: Mapped[datetime] = mapped_column(default=clock.now)
    corrected: Mapped[bool] = mapped_column(default=False)
    recruitment_corrected: Mapped[bool] = mapped_column(default=False)

    action: Mapped[TrainingAction] = relationship(back_populates="sessions")
    commune: Mapped[Commune | None] = relationship()
    prerequisites: Mapped[list[SessionPrerequisite]] = relationship(
        back_populates="session", cascade="all, delete-orphan"
    )
    skills: Mapped[list[SessionSkill]] = relationship(
        back_populates="session", cascade="all, delete-orphan"
    )
    credentials: Mapped[list[SessionCredential]] = relationship(
        back_populates="session", cascade="all, delete-orphan"
    )
    info_meetings: Mapped[list[InfoMeeting]] = relationship(
        back_populates="session", cascade="all, delete-orphan", order_by="InfoMeeting.on"
    )


class SessionPrerequisite(WithId, WithDates, Base):
    """A skill at a level, or a credential, to have on the first day."""

    __tablename__ = "session_prerequisite"
    __table_args__ = (
        CheckConstraint(
            "(skill_code IS NULL) <> (credential_code IS NULL)", name="skill_or_credential"
        ),
        UniqueConstraint("session_id", "skill_code"),
        UniqueConstraint("session_id", "credential_code"),
    )

    session_id: Mapped[int] = mapped_column(
        ForeignKey("training_session.id", ondelete="CASCADE"), index=True
    )
    skill_code: Mapped[str | None] = mapped_column(ForeignKey("skill.code"))
    level: Mapped[int | None]
    credential_code: Mapped[str | None] = mapped_column(ForeignKey("credential_type.code"))

    session: Mapped[TrainingSession] = relationship(back_populates="prerequisites")
    skill: Mapped[Skill | None] = relationship()
    credential: Mapped[CredentialType | None] = relationship()


class SessionSkill(WithDates, Base):
    """A skill taught, with the level reached."""

    __tablename__ = "session_skill"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 3", name="level"),)

    session_id: Mapped[int] = mapped_column(
        ForeignKey("training_session.id", ondelete="CASCADE"), primary_key=True
    )
    skill_code: Mapped[str] = mapped_column(ForeignKey("skill.code"), primary_key=True)
    level: Mapped[int]
    origin: Mapped[FactOrigin] = mapped_column(enum_type(FactOrigin))

    session: Mapped[TrainingSession] = relationship(back_populates="skills")
    skill: Mapped[Skill] = relationship()


class SessionCredential(WithDates, Base):
    """A credential delivered at the end."""

    __tablename__ = "session_credential"

    session_id: Mapped[int] = mapped_column(
        ForeignKey("training_session.id", ondelete="CASCADE"), primary_key=True
    )
    credential_code: Mapped[str] = mapped_column(
        ForeignKey("credential_type.code"), primary_key=True
    )
    origin: Mapped[FactOrigin] = mapped_column(enum_type(FactOrigin))

    session: Mapped[TrainingSession] = relationship(back_populates="credentials")
    credential: Mapped[CredentialType] = relationship()


class InfoMeeting(WithPublicId, Base):
    """An information meeting of a session (LHEO ``info-collective``)."""

    __tablename__ = "info_meeting"
    __table_args__ = (UniqueConstraint("session_id", "on", "start_hour"),)

    session_id: Mapped[int] = mapped_column(
        ForeignKey("training_session.id", ondelete="CASCADE"), index=True
    )
    on: Mapped[date]
    start_hour: Mapped[str | None] = mapped_column(String(5))
    end_hour: Mapped[str | None] = mapped_column(String(5))
    place: Mapped[str | None]
    capacity: Mapped[int | None]

    session: Mapped[TrainingSession] = relationship(back_populates="info_meetings")
