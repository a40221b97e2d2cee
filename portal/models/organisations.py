"""Structures and the accounts of the professionals who work in them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.models.base import (
    Base,
    LabelledEnum,
    WithDates,
    WithId,
    WithPublicId,
    enum_type,
)
from portal.models.territories import Territory
from portal.text import N_

if TYPE_CHECKING:
    from portal.models.offers import Establishment


class OrganisationKind(LabelledEnum):
    """What a structure is."""

    REGION = "region", N_("Région")
    DEPARTEMENT = "departement", N_("Département")
    MDS = "mds", N_("Maison du Département Solidarité")
    PLATFORM = "platform", N_("Plateforme Proch’Emploi")
    HUB = "hub", N_("Hub emploi-formation")
    TRAINING = "training", N_("Organisme de formation")
    EMPLOYER = "employer", N_("Entreprise")
    SIAE = "siae", N_("Structure d’insertion (SIAE)")
    MISSION_LOCALE = "mission_locale", N_("Mission locale")
    PLIE = "plie", N_("PLIE")
    CCAS = "ccas", N_("CCAS")
    FRANCE_TRAVAIL = "france_travail", N_("France Travail")
    CAP_EMPLOI = "cap_emploi", N_("Cap emploi")
    OTHER = "other", N_("Autre structure")


class Role(LabelledEnum):
    """What an account does in a structure; rights follow from it."""

    ADVISER = "adviser", N_("Conseiller Proch’Emploi")
    REFERENT = "referent", N_("Référent")
    HUB = "hub", N_("Coordinateur de hub")
    EMPLOYER = "employer", N_("Employeur")
    TRAINING = "training", N_("Organisme de formation")
    PILOT_REGION = "pilot_region", N_("Pilote Région")
    PILOT_DEPARTEMENT = "pilot_departement", N_("Pilote Département")
    DPO = "dpo", N_("Délégué à la protection des données")
    ADMIN = "admin", N_("Administrateur")


class Organisation(WithPublicId, WithDates, Base):
    """A structure; ``parent`` builds the tree (a MDS belongs to its Département)."""

    __tablename__ = "organisation"

    kind: Mapped[OrganisationKind] = mapped_column(enum_type(OrganisationKind))
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    territory_id: Mapped[int | None] = mapped_column(ForeignKey("territory.id"))
    departement_code: Mapped[str | None] = mapped_column(String(3), index=True)
    siret: Mapped[str | None] = mapped_column(String(14), index=True)
    establishment_id: Mapped[int | None] = mapped_column(
        ForeignKey("establishment.id", use_alter=True)
    )
    phone: Mapped[str | None] = mapped_column(String(32))
    email: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)

    parent: Mapped[Organisation | None] = relationship(remote_side="Organisation.id")
    territory: Mapped[Territory | None] = relationship()
    establishment: Mapped[Establishment | None] = relationship(foreign_keys=[establishment_id])


class Account(WithPublicId, WithDates, Base):
    """The named account of one professional. Never shared, never generic (INV-21)."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    email: Mapped[str] = mapped_column(unique=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    phone: Mapped[str | None] = mapped_column(String(32))
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)
    catalogue_seen_at: Mapped[datetime | None]

    memberships: Mapped[list[Membership]] = relationship(back_populates="account")

    @property
    def full_name(self) -> str:
        """First name and last name, as shown to colleagues."""
        return f"{self.first_name} {self.last_name}"


class Membership(WithPublicId, Base):
    """An account works in a structure, in one role; an account may have several."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("account_id", "organisation_id", "role"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[Role] = mapped_column(enum_type(Role))
    active: Mapped[bool] = mapped_column(default=True)

    account: Mapped[Account] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship()


class AccountSession(WithId, Base):
    """A signed-in browser. Only the hash of its token is kept; it can be revoked."""

    __tablename__ = "account_session"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    membership_id: Mapped[int | None] = mapped_column(
        ForeignKey("membership.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()
    membership: Mapped[Membership | None] = relationship()


class LoginAttempt(WithId, Base):
    """A failed sign-in, kept to slow guessing down; purged after a day.

    ``account_key`` is a keyed digest of what was typed as an address: people sometimes type
    their password there, and it must not be kept.
    """

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_account_key_at", "account_key", "at"),
        Index("ix_login_attempt_address_at", "address", "at"),
    )

    account_key: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=clock.now)
