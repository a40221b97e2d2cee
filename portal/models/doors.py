"""The two doors without a password: links, codes, and the browsers they let in.

Nothing here is readable as a key: of a printed code, a six-digit code and a browser's token the
database keeps a keyed or plain digest alone; a link is its random id and a signature that is not
stored.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.models.base import Base, LabelledEnum, WithDates, WithId, WithPublicId, enum_type
from portal.models.offers import Establishment
from portal.models.organisations import Account
from portal.models.people import Person
from portal.text import N_

_ONE_BEARER = "(person_id IS NULL) <> (contact_id IS NULL)"


class EmployerContact(WithPublicId, WithDates, Base):
    """Somebody of an establishment who is written to; closed when they leave it."""

    __tablename__ = "employer_contact"

    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id"), index=True)
    name: Mapped[str]
    job: Mapped[str | None]
    phone: Mapped[str | None] = mapped_column(String(32))
    email: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    messages_stopped_at: Mapped[datetime | None]

    establishment: Mapped[Establishment] = relationship()


class LinkPurpose(LabelledEnum):
    """What a link lets its bearer do, and nothing else."""

    PERSON_SPACE = "person_space", N_("entrer dans son espace")
    PERSON_ANSWER = "person_answer", N_("répondre à une invitation")
    EMPLOYER_SPACE = "employer_space", N_("voir les personnes présentées")
    EMPLOYER_ASSESSMENT = "employer_assessment", N_("dire comment l’immersion s’est passée")
    EMPLOYER_FOLLOW_UP = "employer_follow_up", N_("dire comment l’embauche se passe")


class DoorLink(WithPublicId, WithDates, Base):
    """A signed link for one bearer and one purpose: short-lived, revocable, used once.

    ``subject_kind`` and ``subject_id`` are the table and key of what it is about, if anything.
    """

    __tablename__ = "door_link"
    __table_args__ = (
        CheckConstraint(_ONE_BEARER, name="one_bearer"),
        Index("ix_door_link_subject", "subject_kind", "subject_id"),
    )

    purpose: Mapped[LinkPurpose] = mapped_column(enum_type(LinkPurpose))
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("employer_contact.id", ondelete="CASCADE"), index=True
    )
    subject_kind: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship()
    contact: Mapped[EmployerContact | None] = relationship()
    made_by: Mapped[Account | None] = relationship()


class PassOutcome(LabelledEnum):
    """What came of a link or a code that was presented."""

    OPENED = "opened", N_("ouvert")
    CODE_ASKED = "code_asked", N_("code demandé sur un nouvel appareil")
    WRONG_CODE = "wrong_code", N_("code faux")
    EXPIRED = "expired", N_("lien expiré")
    USED = "used", N_("lien déjà utilisé")
    REVOKED = "revoked", N_("lien retiré")
    CLOSED = "closed", N_("personne ou contact qui n’est plus suivi")
    UNKNOWN = "unknown", N_("lien inconnu ou modifié")


class DoorPass(WithId, Base):
    """A link or a printed code was presented: when, what came of it. Append-only."""

    __tablename__ = "door_pass"

    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    outcome: Mapped[PassOutcome] = mapped_column(enum_type(PassOutcome))
    link_id: Mapped[int | None] = mapped_column(
        ForeignKey("door_link.id", ondelete="SET NULL"), index=True
    )
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("employer_contact.id", ondelete="CASCADE"), index=True
    )
    address: Mapped[str | None] = mapped_column(String(64))


class PersonCode(WithId, WithDates, Base):
    """A code of twelve digits that a professional prints for a person; its keyed digest alone."""

    __tablename__ = "person_code"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    made_by: Mapped[Account | None] = relationship()


class OneTimeCode(WithPublicId, Base):
    """Six digits sent to a contact or a person who comes from a device never seen.

    ``link_id`` is the link that is opened once the code is right, if it came from one.
    """

    __tablename__ = "one_time_code"
    __table_args__ = (CheckConstraint(_ONE_BEARER, name="one_bearer"),)

    digest: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("employer_contact.id", ondelete="CASCADE")
    )
    link_id: Mapped[int | None] = mapped_column(ForeignKey("door_link.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship()
    contact: Mapped[EmployerContact | None] = relationship()
    link: Mapped[DoorLink | None] = relationship()


class TrustedDevice(WithId, Base):
    """A browser from which a contact gave a right six-digit code; the digest of its cookie."""

    __tablename__ = "trusted_device"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("employer_contact.id", ondelete="CASCADE"), index=True
    )
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class DoorSession(WithId, Base):
    """A browser that came in through a door. Only the digest of its token is kept.

    ``helper_id`` is the professional beside the person (assisted mode), ``agreed_at`` when the
    person said aloud that they agreed. ``confirmed_at`` is set by a printed code, a six-digit
    code or a professional beside: a link alone shows less (first name and initial).
    """

    __tablename__ = "door_session"
    __table_args__ = (CheckConstraint(_ONE_BEARER, name="one_bearer"),)

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("employer_contact.id", ondelete="CASCADE"), index=True
    )
    link_id: Mapped[int | None] = mapped_column(ForeignKey("door_link.id", ondelete="SET NULL"))
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    helper_organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    agreed_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    language: Mapped[str | None] = mapped_column(String(5))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    idle_minutes: Mapped[int]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship()
    contact: Mapped[EmployerContact | None] = relationship()
    helper: Mapped[Account | None] = relationship()
