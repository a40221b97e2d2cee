"""Communes and the territories they belong to."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, LabelledEnum, WithId, enum_type
from portal.text import N_


class TerritoryKind(LabelledEnum):
    """The levels at which figures can be cut."""

    REGION = "region", N_("Région")
    DEPARTEMENT = "departement", N_("Département")
    MDS = "mds", N_("Maison du Département Solidarité")
    EPCI = "epci", N_("Intercommunalité")
    BASSIN = "bassin", N_("Bassin d’emploi")
    QPV = "qpv", N_("Quartier prioritaire")


class CoordinatePrecision(LabelledEnum):
    """How sure the centre of a commune is."""

    EXACT = "exact", N_("centre connu")
    NEIGHBOUR = "neighbour", N_("d’après les communes voisines")
    NONE = "none", N_("inconnu")


class Territory(WithId, Base):
    """A territory of a given level; levels overlap freely (n-n), hence the membership table."""

    __tablename__ = "territory"
    __table_args__ = (Index("uq_territory_kind_code", "kind", "code", unique=True),)

    kind: Mapped[TerritoryKind] = mapped_column(enum_type(TerritoryKind))
    code: Mapped[str] = mapped_column(String(64))
    name: Mapped[str]


class Commune(Base):
    """A commune, by its INSEE code (not its postal code), with its centre in decimal degrees."""

    __tablename__ = "commune"

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str]
    search_name: Mapped[str] = mapped_column(index=True)
    postal_codes: Mapped[str] = mapped_column(default="")
    departement_code: Mapped[str] = mapped_column(String(3), index=True)
    region_code: Mapped[str | None] = mapped_column(String(3))
    epci_code: Mapped[str | None] = mapped_column(String(9), index=True)
    epci_name: Mapped[str | None]
    population: Mapped[int | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    precision: Mapped[CoordinatePrecision] = mapped_column(
        enum_type(CoordinatePrecision), default=CoordinatePrecision.EXACT
    )

    @property
    def label(self) -> str:
        """« Marquion (62860) »: the first postal code tells homonyms apart."""
        first = self.postal_codes.split("|")[0]
        return f"{self.name} ({first})" if first else self.name


class TerritoryCommune(Base):
    """A commune is in a territory."""

    __tablename__ = "territory_commune"

    territory_id: Mapped[int] = mapped_column(
        ForeignKey("territory.id", ondelete="CASCADE"), primary_key=True
    )
    commune_code: Mapped[str] = mapped_column(ForeignKey("commune.code"), primary_key=True)
    territory: Mapped[Territory] = relationship()
