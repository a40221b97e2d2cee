"""Employers, what they tell an adviser, and the people presented to them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import (
    Base,
    JsonObject,
    LabelledEnum,
    WithDates,
    WithId,
    WithPublicId,
    enum_type,
)
from portal.models.organisations import Account, Organisation
from portal.models.people import Person
from portal.models.reference import CredentialType, Occupation, Skill
from portal.models.territories import Commune
from portal.text import N_


class Establishment(WithPublicId, WithDates, Base):
    """An employer's place of work, by its SIRET (14 digits, Luhn checked) when known."""

    __tablename__ = "establishment"

    siret: Mapped[str | None] = mapped_column(String(14), unique=True)
    name: Mapped[str]
    search_name: Mapped[str] = mapped_column(index=True)
    commune_code: Mapped[str | None] = mapped_column(ForeignKey("commune.code"))
    sector: Mapped[str | None]
    headcount: Mapped[int | None]
    contact_name: Mapped[str | None]
    contact_phone: Mapped[str | None] = mapped_column(String(32))
    contact_email: Mapped[str | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    adviser_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    last_contact_on: Mapped[date | None]

    commune: Mapped[Commune | None] = relationship()
    owner: Mapped[Organisation | None] = relationship(foreign_keys=[owner_id])
    adviser: Mapped[Account | None] = relationship()


class SignalKind(LabelledEnum):
    """What announces future jobs, or their loss."""

    EXTENSION = "extension", N_("extension")
    IMPLANTATION = "implantation", N_("implantation")
    MARKET_WON = "market_won", N_("marché gagné")
    DEPARTURES = "departures", N_("départs en retraite")
    DIFFICULTY = "difficulty", N_("difficulté")
    CLOSURE = "closure", N_("fermeture")
    FAIR = "fair", N_("rencontre ou salon")
    OTHER = "other", N_("autre")


class SignalState(LabelledEnum):
    """What came of a signal."""

    TO_QUALIFY = "to_qualify", N_("à qualifier")
    QUALIFIED = "qualified", N_("qualifié")
    CONVERTED = "converted", N_("devenu une offre")
    DROPPED = "dropped", N_("sans suite")


class BusinessSignal(WithPublicId, WithDates, Base):
    """A weak signal from a firm; a visit is due within ten days."""

    __tablename__ = "business_signal"

    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id"), index=True)
    kind: Mapped[SignalKind] = mapped_column(enum_type(SignalKind))
    state: Mapped[SignalState] = mapped_column(
        enum_type(SignalState), default=SignalState.TO_QUALIFY
    )
    detected_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str | None] = mapped_column(Text)
    jobs_estimate: Mapped[int | None]

    establishment: Mapped[Establishment] = relationship()


class OfferOrigin(LabelledEnum):
    """Where an offer comes from."""

    HIDDEN = "hidden", N_("marché caché")
    DIRECT = "direct", N_("dépôt direct")
    POLE_DIRIGEANTS = "pole_dirigeants", N_("pôle dirigeants")
    FRANCE_TRAVAIL = "france_travail", N_("France Travail")
    CLAUSE = "clause", N_("clause sociale")
    MAJOR_PROJECT = "major_project", N_("grand projet")
    SIAE = "siae", N_("structure d’insertion")


class ContractKind(LabelledEnum):
    """The contract proposed."""

    CDI = "cdi", N_("CDI")
    CDD = "cdd", N_("CDD")
    CTT = "ctt", N_("Intérim")
    CDDI = "cddi", N_("CDD d’insertion")
    PEC = "pec", N_("Parcours emploi compétences")
    ALTERNANCE = "alternance", N_("Alternance")
    SEASONAL = "seasonal", N_("Saisonnier")


class Confidentiality(LabelledEnum):
    """Who may know of the offer, and of the employer's name."""

    PUBLIC = "public", N_("Public")
    PARTNERS_NAMED = "partners_named", N_("Partenaires, avec le nom")
    PARTNERS_MASKED = "partners_masked", N_("Partenaires, sans le nom")
    ADVISER_ONLY = "adviser_only", N_("Conseiller seul")


class OfferState(LabelledEnum):
    """The states of an offer (domain reference §4.3)."""

    DRAFT = "draft", N_("brouillon")
    QUALIFIED = "qualified", N_("qualifiée")
    OPEN = "open", N_("ouverte")
    IN_PROGRESS = "in_progress", N_("en cours")
    SUSPENDED = "suspended", N_("suspendue")
    TO_CONFIRM = "to_confirm", N_("à reconfirmer")
    FILLED = "filled", N_("pourvue")
    ABANDONED = "abandoned", N_("arrêtée")


LIVE_OFFER_STATES = frozenset({OfferState.QUALIFIED, OfferState.OPEN, OfferState.IN_PROGRESS})


class JobOffer(WithPublicId, WithDates, Base):
    """An offer. A draft may miss anything: each field is saved as it is typed.

    ``typed`` keeps what was typed and could not be recorded yet: {field: {text, error}}.
    ``import_digest`` is that of what the last file said: the same file changes nothing of what
    was corrected since.
    """

    __tablename__ = "job_offer"
    __table_args__ = (
        UniqueConstraint("origin", "external_ref"),
        CheckConstraint("posts >= 1", name="posts"),
        CheckConstraint("max_introductions >= 1", name="max_introductions"),
        CheckConstraint("start_latest >= start_wanted", name="start_period"),
        CheckConstraint(
            "state IN ('draft', 'abandoned') OR (occupation_code IS NOT NULL AND "
            "commune_code IS NOT NULL AND start_wanted IS NOT NULL AND start_latest IS NOT NULL)",
            name="complete_once_qualified",
        ),
        Index("ix_job_offer_state_fresh", "state", "fresh_until"),
    )

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    adviser_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    establishment_id: Mapped[int | None] = mapped_column(ForeignKey("establishment.id"), index=True)
    origin: Mapped[OfferOrigin] = mapped_column(enum_type(OfferOrigin), default=OfferOrigin.HIDDEN)
    external_ref: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[OfferState] = mapped_column(enum_type(OfferState), default=OfferState.DRAFT)
    title: Mapped[str | None]
    occupation_code: Mapped[str | None] = mapped_column(ForeignKey("occupation.code"), index=True)
    employer_text: Mapped[str | None]
    posts: Mapped[int] = mapped_column(default=1)
    contract: Mapped[ContractKind | None] = mapped_column(enum_type(ContractKind))
    duration_months: Mapped[int | None]
    weekly_hours: Mapped[float | None]
    pay_text: Mapped[str | None]
    commune_code: Mapped[str | None] = mapped_column(ForeignKey("commune.code"))
    departement_code: Mapped[str | None] = mapped_column(String(3), index=True)
    start_wanted: Mapped[date | None]
    start_latest: Mapped[date | None]
    start_hour: Mapped[str | None] = mapped_column(String(5))
    description: Mapped[str | None] = mapped_column(Text)
    wording_reason: Mapped[str | None] = mapped_column(Text)
    confidentiality: Mapped[Confidentiality | None] = mapped_column(enum_type(Confidentiality))
    confidentiality_reason: Mapped[str | None]
    share_consent_at: Mapped[datetime | None]
    share_consent_by: Mapped[str | None]
    max_introductions: Mapped[int] = mapped_column(default=4)
    fresh_until: Mapped[date | None]
    tutor_available: Mapped[bool | None]
    qualified_at: Mapped[datetime | None]
    shared_at: Mapped[datetime | None]
    closed_reason: Mapped[str | None] = mapped_column(String(40))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("major_project.id"))
    typed: Mapped[JsonObject] = mapped_column(default=dict)
    import_digest: Mapped[str | None] = mapped_column(String(64))

    organisation: Mapped[Organisation] = relationship()
    adviser: Mapped[Account | None] = relationship()
    establishment: Mapped[Establishment | None] = relationship()
    occupation: Mapped[Occupation | None] = relationship()
    commune: Mapped[Commune | None] = relationship()
    requirements: Mapped[list[OfferRequirement]] = relationship(
        back_populates="offer", cascade="all, delete-orphan", order_by="OfferRequirement.position"
    )
    introductions: Mapped[list[Introduction]] = relationship(back_populates="offer")


class RequirementKind(LabelledEnum):
    """When a requirement has to be met (same codes as the engine's)."""

    REGULATORY = "regulatory", N_("réglementaire")
    DAY_ONE = "day_one", N_("dès le premier jour")
    TRAINING_PLANNED = "training_planned", N_("formation prévue")
    ON_THE_JOB = "on_the_job", N_("s’apprend en poste")
    DESIRED = "desired", N_("souhaité")


class OfferRequirement(WithPublicId, WithDates, Base):
    """A skill at a level, or a credential, that an offer asks."""

    __tablename__ = "offer_requirement"
    __table_args__ = (
        UniqueConstraint("offer_id", "skill_code"),
        UniqueConstraint("offer_id", "credential_code"),
        CheckConstraint(
            "(skill_code IS NULL) <> (credential_code IS NULL)", name="skill_or_credential"
        ),
        CheckConstraint("(skill_code IS NULL) = (level IS NULL)", name="level_of_skill"),
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
    )

    offer_id: Mapped[int] = mapped_column(
        ForeignKey("job_offer.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[RequirementKind] = mapped_column(enum_type(RequirementKind))
    skill_code: Mapped[str | None] = mapped_column(ForeignKey("skill.code"))
    level: Mapped[int | None]
    credential_code: Mapped[str | None] = mapped_column(ForeignKey("credential_type.code"))
    position: Mapped[int] = mapped_column(default=0)
    justification: Mapped[str | None] = mapped_column(Text)

    offer: Mapped[JobOffer] = relationship(back_populates="requirements")
    skill: Mapped[Skill | None] = relationship()
    credential: Mapped[CredentialType | None] = relationship()

    @property
    def label(self) -> str:
        """What is asked, in words."""
        if self.skill is not None:
            return self.skill.label
        return self.credential.label if self.credential else ""


class IntroductionState(LabelledEnum):
    """The states of an introduction (domain reference §4.3)."""

    PREPARED = "prepared", N_("préparée")
    AGREEMENT_ASKED = "agreement_asked", N_("accord demandé")
    AGREED = "agreed", N_("accord donné")
    DECLINED = "declined", N_("pas pour moi")
    SENT = "sent", N_("transmise")
    SEEN = "seen", N_("vue par l’employeur")
    MEETING = "meeting", N_("rencontre prévue")
    IMMERSION = "immersion", N_("immersion")
    HIRED = "hired", N_("embauche")
    REFUSED = "refused", N_("non retenue")
    NO_ANSWER = "no_answer", N_("sans réponse")
    CLOSED = "closed", N_("close")


#: Those that count against the offer's limit of people to present.
ACTIVE_INTRODUCTION_STATES = frozenset(
    {
        IntroductionState.SENT,
        IntroductionState.SEEN,
        IntroductionState.MEETING,
        IntroductionState.IMMERSION,
        IntroductionState.HIRED,
    }
)


class AgreementChannel(LabelledEnum):
    """How the person said yes (INV-04)."""

    PHONE = "phone", N_("au téléphone")
    MEETING = "meeting", N_("en rendez-vous")
    SMS = "sms", N_("par SMS")
    EMAIL = "email", N_("par courriel")
    PORTAL = "portal", N_("sur le portail")


class OutcomeReason(LabelledEnum):
    """Why an introduction ended; every outcome carries one (INV-10)."""

    HIRED = "hired", N_("embauche")
    HIRED_ELSEWHERE = "hired_elsewhere", N_("embauche ailleurs")
    SKILLS = "skills", N_("une compétence manque encore")
    CREDENTIAL = "credential", N_("une habilitation manque encore")
    TRAVEL = "travel", N_("trajet trop long ou impossible")
    SCHEDULE = "schedule", N_("horaires qui ne conviennent pas")
    PAY = "pay", N_("salaire qui ne convient pas")
    NOT_LIKED = "not_liked", N_("métier qui ne plaît pas")
    CHILDCARE = "childcare", N_("organisation familiale")
    HEIGHTS_OR_LOAD = "heights_or_load", N_("gestes ou hauteur qui ne conviennent pas")
    FILLED = "filled", N_("poste pourvu par une autre voie")
    CANCELLED = "cancelled", N_("besoin annulé par l’employeur")
    NO_SHOW = "no_show", N_("rencontre manquée")
    NO_ANSWER = "no_answer", N_("employeur sans réponse")
    UNREACHABLE = "unreachable", N_("personne injoignable")
    OTHER = "other", N_("autre raison")


class Introduction(WithPublicId, WithDates, Base):
    """A person is presented for an offer, with their recorded agreement, to a known outcome.

    ``card`` is what the employer was given to read, frozen when it was sent.
    """

    __tablename__ = "introduction"
    __table_args__ = (
        UniqueConstraint("person_id", "offer_id"),
        CheckConstraint(
            "state NOT IN ('agreed', 'sent', 'seen', 'meeting', 'immersion', 'hired', 'refused',"
            " 'no_answer') OR agreed_at IS NOT NULL",
            name="agreement_first",
        ),
        CheckConstraint(
            "state NOT IN ('declined', 'refused', 'no_answer', 'closed') OR"
            " outcome_reason IS NOT NULL",
            name="outcome_has_reason",
        ),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("job_offer.id"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[IntroductionState] = mapped_column(
        enum_type(IntroductionState), default=IntroductionState.PREPARED
    )
    group_at_proposal: Mapped[str | None] = mapped_column(String(20))
    agreed_at: Mapped[datetime | None]
    agreed_channel: Mapped[AgreementChannel | None] = mapped_column(enum_type(AgreementChannel))
    agreed_with_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    sent_at: Mapped[datetime | None]
    meeting_on: Mapped[date | None]
    outcome_reason: Mapped[OutcomeReason | None] = mapped_column(enum_type(OutcomeReason))
    outcome_text: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None]
    card: Mapped[JsonObject] = mapped_column(default=dict)

    person: Mapped[Person] = relationship()
    offer: Mapped[JobOffer] = relationship(back_populates="introductions")
    by: Mapped[Account | None] = relationship(foreign_keys=[by_id])
    agreed_with: Mapped[Account | None] = relationship(foreign_keys=[agreed_with_id])


class OfferView(WithId, Base):
    """A colleague has seen an offer: what is « nouveau » for each one (T-OFF-01, I-10)."""

    __tablename__ = "offer_view"
    __table_args__ = (UniqueConstraint("offer_id", "account_id"),)

    offer_id: Mapped[int] = mapped_column(ForeignKey("job_offer.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    seen_at: Mapped[datetime]
