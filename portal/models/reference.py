"""Occupations, skills and credentials: the reference that people and offers point to.

Two origins live side by side: the starter set written by hand and ROME. A starter skill
confirmed to be a ROME competence points to it (``same_as``); both then count as one.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.models.base import Base, LabelledEnum, WithDates, WithId, WithPublicId, enum_type
from portal.text import N_


class ReferenceOrigin(LabelledEnum):
    """Where a row of the reference comes from."""

    STARTER = "starter", N_("jeu de départ")
    ROME = "rome", N_("ROME")


class SkillKind(LabelledEnum):
    """What a skill is about."""

    KNOW_HOW = "know_how", N_("savoir-faire")
    KNOWLEDGE = "knowledge", N_("savoir")
    SOFT = "soft", N_("savoir-être")
    MACRO = "macro", N_("macro-compétence")


class TitleKind(LabelledEnum):
    """Whether a job title is official or the one people say."""

    OFFICIAL = "official", N_("appellation")
    EVERYDAY = "everyday", N_("nom courant")


class ReferenceVersion(WithId, Base):
    """A loaded version of the reference (« ROME 4.0 version 60 »); never edited in place."""

    __tablename__ = "reference_version"
    __table_args__ = (UniqueConstraint("origin", "version"),)

    origin: Mapped[ReferenceOrigin] = mapped_column(enum_type(ReferenceOrigin))
    version: Mapped[str] = mapped_column(String(64))
    published_on: Mapped[date | None]
    loaded_at: Mapped[datetime] = mapped_column(default=clock.now)


class SkillGroup(Base):
    """A family of transferable skills (a ROME macro-competence or ours)."""

    __tablename__ = "skill_group"

    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    origin: Mapped[ReferenceOrigin] = mapped_column(enum_type(ReferenceOrigin))


class Skill(Base):
    """A skill. ``retired`` rows stay readable: profiles and offers may still point to them."""

    __tablename__ = "skill"

    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    plain_label: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[SkillKind] = mapped_column(enum_type(SkillKind))
    group_code: Mapped[str | None] = mapped_column(ForeignKey("skill_group.code"), index=True)
    origin: Mapped[ReferenceOrigin] = mapped_column(enum_type(ReferenceOrigin), index=True)
    same_as_code: Mapped[str | None] = mapped_column(ForeignKey("skill.code"))
    retired: Mapped[bool] = mapped_column(default=False)

    group: Mapped[SkillGroup | None] = relationship()

    @property
    def plain(self) -> str:
        """The simplest wording known."""
        return self.plain_label or self.label


class Occupation(Base):
    """An occupation, by its ROME code. A ``retired`` one stays readable, as a skill does.

    ``replaced_by_code`` is the current one that a human confirmed in its stead.
    """

    __tablename__ = "occupation"

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    label: Mapped[str]
    search_label: Mapped[str] = mapped_column(index=True)
    plain_text: Mapped[str | None] = mapped_column(Text)
    definition: Mapped[str | None] = mapped_column(Text)
    family: Mapped[str | None] = mapped_column(String(40), index=True)
    parent_code: Mapped[str | None] = mapped_column(String(5), index=True)
    typical_start: Mapped[str | None] = mapped_column(String(5))
    regulated: Mapped[bool] = mapped_column(default=False)
    origin: Mapped[ReferenceOrigin] = mapped_column(enum_type(ReferenceOrigin))
    replaced_by_code: Mapped[str | None] = mapped_column(ForeignKey("occupation.code"))
    retired: Mapped[bool] = mapped_column(default=False)


class OccupationTitle(WithId, Base):
    """A name of an occupation, official or everyday.

    ROME knows its appellations by ``rome_code_ogr`` (two of them may read the same); ours, which
    have none, by their words.
    """

    __tablename__ = "occupation_title"
    __table_args__ = (
        Index(
            "uq_occupation_title_own",
            "occupation_code",
            "title",
            unique=True,
            sqlite_where=text("rome_code_ogr IS NULL"),
            postgresql_where=text("rome_code_ogr IS NULL"),
        ),
    )

    occupation_code: Mapped[str] = mapped_column(ForeignKey("occupation.code"), index=True)
    title: Mapped[str]
    rome_code_ogr: Mapped[str | None] = mapped_column(String(20), unique=True)
    kind: Mapped[TitleKind] = mapped_column(enum_type(TitleKind))
    origin: Mapped[ReferenceOrigin] = mapped_column(enum_type(ReferenceOrigin))
    retired: Mapped[bool] = mapped_column(default=False)


class OccupationSkill(Base):
    """A skill of an occupation; ``core`` ones define it. ``usual_*`` prefill an offer."""

    __tablename__ = "occupation_skill"

    occupation_code: Mapped[str] = mapped_column(ForeignKey("occupation.code"), primary_key=True)
    skill_code: Mapped[str] = mapped_column(ForeignKey("skill.code"), primary_key=True, index=True)
    core: Mapped[bool] = mapped_column(default=False)
    usual_kind: Mapped[str | None] = mapped_column(String(40))
    usual_level: Mapped[int | None]
    origin: Mapped[ReferenceOrigin] = mapped_column(enum_type(ReferenceOrigin))

    skill: Mapped[Skill] = relationship()


class OccupationNeighbour(Base):
    """A mobility from an occupation to another; ``rank`` 1 is the nearest."""

    __tablename__ = "occupation_neighbour"

    occupation_code: Mapped[str] = mapped_column(ForeignKey("occupation.code"), primary_key=True)
    neighbour_code: Mapped[str] = mapped_column(ForeignKey("occupation.code"), primary_key=True)
    rank: Mapped[int]
    origin: Mapped[ReferenceOrigin] = mapped_column(enum_type(ReferenceOrigin))


class CredentialType(Base):
    """A licence, certificate or authorisation; ``validity_years`` None = for life."""

    __tablename__ = "credential_type"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    label: Mapped[str]
    validity_years: Mapped[int | None]
    source: Mapped[str | None]
    verified: Mapped[bool] = mapped_column(default=False)


class OccupationCredential(Base):
    """A credential that an occupation usually asks."""

    __tablename__ = "occupation_credential"

    occupation_code: Mapped[str] = mapped_column(ForeignKey("occupation.code"), primary_key=True)
    credential_code: Mapped[str] = mapped_column(
        ForeignKey("credential_type.code"), primary_key=True
    )
    usual_kind: Mapped[str] = mapped_column(String(40))

    credential: Mapped[CredentialType] = relationship()


class LinkState(LabelledEnum):
    """What a human said of a proposed link."""

    PROPOSED = "proposed", N_("à confirmer")
    CONFIRMED = "confirmed", N_("confirmé")
    REFUSED = "refused", N_("écarté")


class SkillLink(WithPublicId, WithDates, Base):
    """A proposal that two skills are one: starter → ROME, or retired → current."""

    __tablename__ = "skill_link"
    __table_args__ = (
        UniqueConstraint("skill_code", "target_code"),
        Index("ix_skill_link_state", "state"),
    )

    skill_code: Mapped[str] = mapped_column(ForeignKey("skill.code"))
    target_code: Mapped[str] = mapped_column(ForeignKey("skill.code"))
    score: Mapped[float]
    state: Mapped[LinkState] = mapped_column(enum_type(LinkState), default=LinkState.PROPOSED)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]

    source: Mapped[Skill] = relationship(foreign_keys=[skill_code])
    target: Mapped[Skill] = relationship(foreign_keys=[target_code])


class OccupationLink(WithPublicId, WithDates, Base):
    """A proposal that a retired occupation is replaced by a current one."""

    __tablename__ = "occupation_link"
    __table_args__ = (
        UniqueConstraint("occupation_code", "target_code"),
        Index("ix_occupation_link_state", "state"),
    )

    occupation_code: Mapped[str] = mapped_column(ForeignKey("occupation.code"))
    target_code: Mapped[str] = mapped_column(ForeignKey("occupation.code"))
    score: Mapped[float]
    state: Mapped[LinkState] = mapped_column(enum_type(LinkState), default=LinkState.PROPOSED)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]

    source: Mapped[Occupation] = relationship(foreign_keys=[occupation_code])
    target: Mapped[Occupation] = relationship(foreign_keys=[target_code])
