"""A person, what surrounds them, and who follows them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
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
from portal.models.organisations import Account, Organisation
from portal.models.reference import Occupation
from portal.models.territories import Commune
from portal.text import N_


class ContactPreference(LabelledEnum):
    """How the person wants to be reached."""

    SMS = "sms", N_("SMS")
    PHONE = "phone", N_("téléphone")
    EMAIL = "email", N_("courriel")
    POST = "post", N_("courrier")
    VIA_REFERENT = "via_referent", N_("par le référent")


class Person(WithPublicId, WithDates, Base):
    """A person who is accompanied. No NIR, nationality, photo nor family situation (RGPD art. 5).

    ``external_ref`` is the owner organisation's own identifier, the key of imports;
    ``import_digest`` is that of its row in the last file: the same row changes nothing of what
    was corrected since.
    ``employers_refused_at``: nothing of the person goes to an employer (T-SEC-06).
    ``messages_stopped_at``: the person answered STOP. ``language``: the one they chose for their
    own pages (fr, en, ar, uk), known to nobody else.
    ``birth_date`` serves legal age checks and masked counts, and never enters the engine.
    """

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("owner_id", "external_ref"),
        CheckConstraint("max_minutes BETWEEN 5 AND 240", name="max_minutes"),
        CheckConstraint("education_level BETWEEN 1 AND 8", name="education_level"),
    )

    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    external_ref: Mapped[str | None] = mapped_column(String(64))
    first_name: Mapped[str]
    last_name: Mapped[str]
    search_name: Mapped[str] = mapped_column(index=True)
    birth_date: Mapped[date | None]
    commune_code: Mapped[str | None] = mapped_column(ForeignKey("commune.code"), index=True)
    departement_code: Mapped[str | None] = mapped_column(String(3), index=True)
    phone: Mapped[str | None] = mapped_column(String(32))
    email: Mapped[str | None]
    contact_preference: Mapped[ContactPreference] = mapped_column(
        enum_type(ContactPreference), default=ContactPreference.PHONE
    )
    modes: Mapped[str] = mapped_column(String(40), default="")
    max_minutes: Mapped[int] = mapped_column(default=60)
    available_from: Mapped[date | None]
    full_time: Mapped[bool | None]
    not_before: Mapped[str | None] = mapped_column(String(5))
    not_after: Mapped[str | None] = mapped_column(String(5))
    project: Mapped[str | None] = mapped_column(Text)
    education_level: Mapped[int | None]
    shared_on: Mapped[date | None]
    shared_channel: Mapped[str | None] = mapped_column(String(40))
    followed_since: Mapped[date | None]
    last_contact_on: Mapped[date | None]
    last_proposed_on: Mapped[date | None]
    archived_at: Mapped[datetime | None] = mapped_column(index=True)
    objected_at: Mapped[datetime | None]
    employers_refused_at: Mapped[datetime | None]
    messages_stopped_at: Mapped[datetime | None]
    language: Mapped[str | None] = mapped_column(String(5))
    import_digest: Mapped[str | None] = mapped_column(String(64))

    owner: Mapped[Organisation] = relationship()
    commune: Mapped[Commune | None] = relationship()
    referrals: Mapped[list[Referral]] = relationship(back_populates="person")
    statuses: Mapped[list[PersonStatus]] = relationship(back_populates="person")
    barriers: Mapped[list[Barrier]] = relationship(back_populates="person")

    @property
    def short_name(self) -> str:
        """« Amina B. »: what a list shows."""
        return f"{self.first_name} {self.last_name[:1]}." if self.last_name else self.first_name

    @property
    def full_name(self) -> str:
        """First and last name, for those who follow the person."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_gone(self) -> bool:
        """Archived or objecting: named on no screen any more (INV-18)."""
        return self.archived_at is not None or self.objected_at is not None

    @property
    def mode_list(self) -> list[str]:
        """The travel modes as a list of codes."""
        return [mode for mode in self.modes.split("|") if mode]


class Sex(LabelledEnum):
    """What the equity panel of a cohort counts; « not said » is no value at all."""

    WOMAN = "woman", N_("femme")
    MAN = "man", N_("homme")


class PersonRestricted(Base):
    """Facts in a separate table, under a separate permission (health is functional words only).

    ``sex_for_counts`` is optional, counted in masked aggregates alone (INV-15), shown in no list
    and unknown to the engine (INV-08).
    """

    __tablename__ = "person_restricted"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    functional_limits: Mapped[str | None] = mapped_column(Text)
    accommodation: Mapped[str | None] = mapped_column(Text)
    sex_for_counts: Mapped[Sex | None] = mapped_column(enum_type(Sex))


class StatusCode(LabelledEnum):
    """Administrative statuses (domain reference §4.7.1). They open rights, never a rank."""

    BRSA = "BRSA", N_("Bénéficiaire du RSA")
    DE_1 = "DE_1", N_("Demandeur d’emploi, catégorie 1")
    DE_2 = "DE_2", N_("Demandeur d’emploi, catégorie 2")
    DE_3 = "DE_3", N_("Demandeur d’emploi, catégorie 3")
    DE_4 = "DE_4", N_("Demandeur d’emploi, catégorie 4")
    DE_5 = "DE_5", N_("Demandeur d’emploi, catégorie 5")
    DE_6 = "DE_6", N_("Demandeur d’emploi, catégorie 6")
    DE_7 = "DE_7", N_("Demandeur d’emploi, catégorie 7")
    DE_8 = "DE_8", N_("Demandeur d’emploi, catégorie 8")
    DELD = "DELD", N_("Demandeur d’emploi de longue durée")
    DETLD = "DETLD", N_("Demandeur d’emploi de très longue durée")
    ASS = "ASS", N_("Allocation de solidarité spécifique")
    AAH = "AAH", N_("Allocation aux adultes handicapés")
    ARE = "ARE", N_("Allocation d’aide au retour à l’emploi")
    SANS_ARE = "SANS_ARE", N_("Non indemnisé")
    PEC = "PEC", N_("Parcours emploi compétences")
    CDDI = "CDDI", N_("Salarié en insertion (CDDI)")
    CUI = "CUI", N_("Contrat unique d’insertion")
    SAL_TP = "SAL_TP", N_("Salarié à temps partiel")
    CSP = "CSP", N_("Contrat de sécurisation professionnelle")
    STAGIAIRE_FP = "STAGIAIRE_FP", N_("Stagiaire de la formation professionnelle")
    NEET = "NEET", N_("Ni en emploi ni en formation")
    ASE_SORTANT = "ASE_SORTANT", N_("Jeune sortant de l’ASE")
    RQTH_BOE = "RQTH_BOE", N_("RQTH ou BOE")
    PARENT_ISOLE = "PARENT_ISOLE", N_("Parent isolé")
    QPV = "QPV", N_("Résident d’un quartier prioritaire")
    FRR = "FRR", N_("Résident d’une zone France Ruralités")
    SPIE = "SPIE", N_("Public du SPIE")


#: Never shown outside the Département that follows the person (S3-11, INV-14; RGPD art. 9).
RESTRICTED_STATUSES = frozenset(
    {StatusCode.AAH, StatusCode.ASE_SORTANT, StatusCode.RQTH_BOE, StatusCode.SPIE}
)


class StatusSource(LabelledEnum):
    """How a status is known."""

    DECLARED = "declared", N_("déclaré")
    ATTESTED = "attested", N_("attesté")
    IMPORT_FT = "import_ft", N_("import France Travail")
    IMPORT_CAF = "import_caf", N_("import CAF")
    IMPORT_CD = "import_cd", N_("import Département")


class PersonStatus(WithId, WithDates, Base):
    """A dated, sourced status."""

    __tablename__ = "person_status"
    __table_args__ = (
        UniqueConstraint("person_id", "code", "start"),
        CheckConstraint('"end" IS NULL OR "end" >= start', name="period"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    code: Mapped[StatusCode] = mapped_column(enum_type(StatusCode))
    start: Mapped[date]
    end: Mapped[date | None]
    source: Mapped[StatusSource] = mapped_column(enum_type(StatusSource))
    evidence_date: Mapped[date | None]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    person: Mapped[Person] = relationship(back_populates="statuses")


class Referral(WithId, WithDates, Base):
    """A structure and a professional follow the person; one current lead at most (INV-01)."""

    __tablename__ = "referral"
    __table_args__ = (
        Index(
            "uq_referral_one_lead",
            "person_id",
            unique=True,
            sqlite_where=text('lead AND "end" IS NULL'),
            postgresql_where=text('lead AND "end" IS NULL'),
        ),
        CheckConstraint('"end" IS NULL OR "end" >= start', name="period"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    lead: Mapped[bool] = mapped_column(default=True)
    start: Mapped[date]
    end: Mapped[date | None]
    end_reason: Mapped[str | None]

    person: Mapped[Person] = relationship(back_populates="referrals")
    organisation: Mapped[Organisation] = relationship()
    account: Mapped[Account | None] = relationship()


class ContactChannel(LabelledEnum):
    """How a contact took place."""

    MEETING = "meeting", N_("rendez-vous")
    PHONE = "phone", N_("téléphone")
    SMS = "sms", N_("SMS avec réponse")
    EMAIL = "email", N_("courriel avec réponse")
    VISIT = "visit", N_("visite")


class Contact(WithId, Base):
    """A real, two-way contact with a person (an unanswered SMS is not one; I-13)."""

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_person_id_on", "person_id", "on"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    on: Mapped[date]
    channel: Mapped[ContactChannel] = mapped_column(enum_type(ContactChannel))
    note: Mapped[str | None] = mapped_column(Text)


class BarrierTheme(LabelledEnum):
    """The national list of constraints (France Travail diagnosis)."""

    MOBILITY = "mobility", N_("Mobilité")
    CHILDCARE = "childcare", N_("Garde d’enfants et famille")
    HOUSING = "housing", N_("Logement")
    HEALTH = "health", N_("Contrainte d’horaires ou de gestes")
    DIGITAL = "digital", N_("Numérique")
    LITERACY = "literacy", N_("Lecture, écriture, calcul")
    LANGUAGE = "language", N_("Langue française")
    MONEY = "money", N_("Budget")
    PAPERS = "papers", N_("Démarches administratives")


class BarrierImpact(LabelledEnum):
    """How much it weighs on the project."""

    NONE = "none", N_("sans impact")
    MEDIUM = "medium", N_("moyen")
    STRONG = "strong", N_("fort")
    NOT_DISCUSSED = "not_discussed", N_("non abordé")


class BarrierState(LabelledEnum):
    """Where the work on it stands."""

    TO_DO = "to_do", N_("à traiter")
    IN_PROGRESS = "in_progress", N_("en cours")
    LIFTED = "lifted", N_("levé")
    BYPASSED = "bypassed", N_("contourné")
    PERSISTENT = "persistent", N_("persistant")


class Barrier(WithPublicId, WithDates, Base):
    """What stands in the way, who acts, by when. Delays a step's start, never ranks a person."""

    __tablename__ = "barrier"
    __table_args__ = (UniqueConstraint("person_id", "theme"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    theme: Mapped[BarrierTheme] = mapped_column(enum_type(BarrierTheme))
    impact: Mapped[BarrierImpact] = mapped_column(enum_type(BarrierImpact))
    state: Mapped[BarrierState] = mapped_column(enum_type(BarrierState), default=BarrierState.TO_DO)
    acts_organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    acts_text: Mapped[str | None]
    target_date: Mapped[date | None]
    observed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    observed_on: Mapped[date]

    person: Mapped[Person] = relationship(back_populates="barriers")
    acts_organisation: Mapped[Organisation | None] = relationship()


class Interest(WithDates, Base):
    """What the person likes (1) or refuses (-1)."""

    __tablename__ = "interest"
    __table_args__ = (CheckConstraint("liking IN (-1, 1)", name="liking"),)

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    occupation_code: Mapped[str] = mapped_column(ForeignKey("occupation.code"), primary_key=True)
    liking: Mapped[int]
    recorded_on: Mapped[date] = mapped_column(default=clock.today)

    occupation: Mapped[Occupation] = relationship()


class AccessReason(LabelledEnum):
    """Why a professional opens the file of a person they do not follow."""

    INTRODUCTION = "introduction", N_("préparer une mise en relation")
    COVER = "cover", N_("remplacer un collègue absent")
    REQUEST = "request", N_("répondre à une demande de la personne")
    TRAINING = "training", N_("préparer une entrée en formation")


class AccessGrant(WithId, Base):
    """A professional said why they need to read a file; the door closes by itself."""

    __tablename__ = "access_grant"
    __table_args__ = (Index("ix_access_grant_who", "person_id", "account_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    reason: Mapped[AccessReason] = mapped_column(enum_type(AccessReason))
    granted_at: Mapped[datetime] = mapped_column(default=clock.now)
    until: Mapped[datetime]
