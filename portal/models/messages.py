"""What is written to people and employers: one outbox, and what they answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.models.base import Base, LabelledEnum, WithDates, WithPublicId, enum_type
from portal.models.doors import DoorLink, EmployerContact
from portal.models.organisations import Account, Organisation
from portal.models.people import Person
from portal.text import N_


class MessageChannel(LabelledEnum):
    """How a message reaches somebody; ``CALL``: somebody says it on the phone."""

    SMS = "sms", N_("SMS")
    EMAIL = "email", N_("courriel")
    CALL = "call", N_("appel")


class MessageKind(LabelledEnum):
    """What a message is for: what a professional reads in a list, never what it says."""

    INVITATION = "invitation", N_("invitation")
    REMINDER = "reminder", N_("rappel")
    FIRST_DAY = "first_day", N_("premier jour")
    LEAD = "lead", N_("piste à regarder")
    AGREEMENT = "agreement", N_("demande d’accord")
    SEAT_HELD = "seat_held", N_("place gardée 48 heures")
    PATHWAY = "pathway", N_("parcours accepté")
    ANSWER = "answer", N_("réponse à un désaccord")
    ACCESS = "access", N_("lien d’accès")
    CODE = "code", N_("code à six chiffres")
    CANDIDATES = "candidates", N_("personnes présentées")
    NEED = "need", N_("besoin reçu")
    ASSESSMENT = "assessment", N_("bilan d’immersion")
    FOLLOW_UP = "follow_up", N_("suivi d’embauche")
    CONFIRMATION = "confirmation", N_("confirmation")


class MessageState(LabelledEnum):
    """Where a message stands."""

    TO_SEND = "to_send", N_("à envoyer")
    SENDING = "sending", N_("envoi en cours")
    SENT = "sent", N_("envoyé")
    UNCERTAIN = "uncertain", N_("envoi incertain")
    TO_CALL = "to_call", N_("à dire par téléphone")
    CALLED = "called", N_("dit par téléphone")
    FAILED = "failed", N_("échec")
    CANCELLED = "cancelled", N_("annulé")


class OutboxMessage(WithPublicId, WithDates, Base):
    """A message to one recipient, written in the transaction of what it tells, sent after it.

    ``key`` is unique: the same thing is told once. ``to_say`` is the message as somebody says it
    on the phone, without link. ``{link}`` in the body is where the address of ``link`` goes when
    it is sent: no working link is stored. ``asked_for``: the recipient is waiting for it (a code),
    so quiet hours and the weekly limit do not hold it back. ``handed_at``: from then on the
    provider may have it, even if it did not answer.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        CheckConstraint(
            "(person_id IS NOT NULL) OR (contact_id IS NOT NULL) OR (account_id IS NOT NULL)",
            name="recipient",
        ),
        Index("ix_outbox_message_due", "state", "next_try_at"),
        Index("ix_outbox_message_subject", "subject_kind", "subject_id"),
        Index("ix_outbox_message_person_sent", "person_id", "sent_at"),
    )

    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[MessageKind] = mapped_column(enum_type(MessageKind))
    channel: Mapped[MessageChannel] = mapped_column(enum_type(MessageChannel))
    state: Mapped[MessageState] = mapped_column(
        enum_type(MessageState), default=MessageState.TO_SEND
    )
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("employer_contact.id", ondelete="CASCADE"), index=True
    )
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    address: Mapped[str | None]
    title: Mapped[str | None]
    body: Mapped[str] = mapped_column(Text)
    to_say: Mapped[str | None] = mapped_column(Text)
    subject_kind: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    link_id: Mapped[int | None] = mapped_column(ForeignKey("door_link.id", ondelete="SET NULL"))
    asked_for: Mapped[bool] = mapped_column(default=False)
    next_try_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    claimed_until: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    provider_ref: Mapped[str | None] = mapped_column(String(120), index=True)
    error: Mapped[str | None] = mapped_column(Text)

    person: Mapped[Person | None] = relationship()
    contact: Mapped[EmployerContact | None] = relationship()
    account: Mapped[Account | None] = relationship(foreign_keys=[account_id])
    organisation: Mapped[Organisation | None] = relationship()
    link: Mapped[DoorLink | None] = relationship()


class SmsMeaning(LabelledEnum):
    """What a received SMS was understood to say."""

    YES = "yes", N_("oui")
    NO = "no", N_("non")
    CALL_ME = "call_me", N_("rappelez-moi")
    STOP = "stop", N_("stop")
    START = "start", N_("reprendre les messages")
    UNCLEAR = "unclear", N_("à lire")


class ReceivedSms(WithPublicId, Base):
    """An SMS received from the provider, once (``provider_ref``), and how it was understood.

    ``unclaimed``: from a number of nobody, and no administrator has dealt with it yet.
    """

    __tablename__ = "received_sms"

    provider_ref: Mapped[str] = mapped_column(String(120), unique=True)
    phone: Mapped[str] = mapped_column(String(32), index=True)
    body: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    meaning: Mapped[SmsMeaning] = mapped_column(enum_type(SmsMeaning))
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("employer_contact.id", ondelete="CASCADE")
    )
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("outbox_message.id", ondelete="SET NULL")
    )
    unclaimed: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person | None] = relationship()
