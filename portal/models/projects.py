"""Major projects: versioned lists of trades and of jobs needed per quarter."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, LabelledEnum, WithDates, WithId, WithPublicId, enum_type
from portal.models.reference import Occupation
from portal.models.territories import Commune
from portal.text import N_


class Confidence(LabelledEnum):
    """How sure a figure is."""

    ANNOUNCED = "announced", N_("annoncé")
    ESTIMATED = "estimated", N_("estimé")
    HYPOTHESIS = "hypothesis", N_("hypothèse")


class MajorProject(WithPublicId, WithDates, Base):
    """A major project; one that has ended is readable, never proposed.

    ``commune`` is where its work is counted from, unless another place is asked.
    """

    __tablename__ = "major_project"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str]
    summary: Mapped[str | None] = mapped_column(Text)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    commune_code: Mapped[str | None] = mapped_column(ForeignKey("commune.code"))

    commune: Mapped[Commune | None] = relationship()
    versions: Mapped[list[ProjectVersion]] = relationship(
        back_populates="project", order_by="ProjectVersion.valid_from.desc()"
    )


class ProjectVersion(WithId, WithDates, Base):
    """A dated version of the project's list; never edited in place (INV-07)."""

    __tablename__ = "project_version"
    __table_args__ = (UniqueConstraint("project_id", "version"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("major_project.id"))
    version: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    official: Mapped[bool] = mapped_column(default=False)

    project: Mapped[MajorProject] = relationship(back_populates="versions")
    trades: Mapped[list[ProjectTrade]] = relationship(
        back_populates="version", order_by="ProjectTrade.position"
    )


class ProjectTrade(WithId, Base):
    """A trade of the project, with its occupation."""

    __tablename__ = "project_trade"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("project_version.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str]
    occupation_code: Mapped[str] = mapped_column(ForeignKey("occupation.code"), index=True)
    confidence: Mapped[Confidence] = mapped_column(enum_type(Confidence))
    source: Mapped[str | None] = mapped_column(Text)
    code_to_check: Mapped[bool] = mapped_column(default=False)

    version: Mapped[ProjectVersion] = relationship(back_populates="trades")
    occupation: Mapped[Occupation] = relationship()
    needs: Mapped[list[ProjectNeed]] = relationship(
        back_populates="trade", order_by="ProjectNeed.quarter"
    )


class ProjectNeed(WithId, Base):
    """Jobs needed for a trade in a quarter (« 2027-T3 »)."""

    __tablename__ = "project_need"
    __table_args__ = (
        UniqueConstraint("trade_id", "quarter"),
        CheckConstraint("jobs >= 0", name="jobs"),
    )

    trade_id: Mapped[int] = mapped_column(ForeignKey("project_trade.id", ondelete="CASCADE"))
    quarter: Mapped[str] = mapped_column(String(7))
    jobs: Mapped[int]
    confidence: Mapped[Confidence] = mapped_column(enum_type(Confidence))
    source: Mapped[str | None] = mapped_column(Text)

    trade: Mapped[ProjectTrade] = relationship(back_populates="needs")
