"""What a person can do and holds, each fact with its source, date and author."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, LabelledEnum, WithDates, WithId, WithPublicId, enum_type
from portal.models.reference import CredentialType, Occupation, Skill
from portal.text import N_


class SkillLevel(LabelledEnum):
    """The four answers of the interview; « ne sait pas » is an answer, not a zero."""

    CANNOT = "0", N_("pas encore")
    WITH_HELP = "1", N_("avec aide")
    ALONE = "2", N_("sans aide")
    CAN_SHOW = "3", N_("peut montrer")
    UNKNOWN = "", N_("ne sait pas")


class AssertionSource(LabelledEnum):
    """Who says so; a stronger source stands over a weaker one (domain reference §4.2)."""

    DECLARED = "declared", N_("déclaré par la personne")
    OBSERVED = "observed", N_("observé par le référent")
    IMMERSION = "immersion", N_("vu en immersion")
    ASSESSED = "assessed", N_("évalué en formation")
    CERTIFIED = "certified", N_("certifié")

    @property
    def weight(self) -> int:
        """1 (declared) to 4 (certified); immersion and assessment weigh the same."""
        return _WEIGHTS[self.value]


_WEIGHTS = {"declared": 1, "observed": 2, "immersion": 3, "assessed": 3, "certified": 4}


class SkillAssertion(WithId, WithDates, Base):
    """Somebody asserts a level (None: asked, and not known). Never edited: a new one is added."""

    __tablename__ = "skill_assertion"
    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 3", name="level"),
        Index("ix_skill_assertion_person_skill", "person_id", "skill_code"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    skill_code: Mapped[str] = mapped_column(ForeignKey("skill.code"), index=True)
    level: Mapped[int | None]
    source: Mapped[AssertionSource] = mapped_column(enum_type(AssertionSource))
    asserted_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    evidence: Mapped[str | None]

    skill: Mapped[Skill] = relationship()


class ProofState(LabelledEnum):
    """How well a credential is proved (the proof itself is not stored)."""

    DECLARED = "declared", N_("déclaré")
    SEEN = "seen", N_("document vu")
    VERIFIED = "verified", N_("vérifié")


class Credential(WithPublicId, WithDates, Base):
    """A licence or certificate the person holds, or is known not to hold (``held`` false)."""

    __tablename__ = "credential"
    __table_args__ = (UniqueConstraint("person_id", "type_code"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    type_code: Mapped[str] = mapped_column(ForeignKey("credential_type.code"))
    held: Mapped[bool] = mapped_column(default=True)
    obtained_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    proof: Mapped[ProofState] = mapped_column(enum_type(ProofState), default=ProofState.DECLARED)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    type: Mapped[CredentialType] = relationship()


class LanguageLevel(LabelledEnum):
    """How well a language is spoken (levels of the Council of Europe), in words one may say."""

    A1 = "A1", N_("quelques mots (A1)")
    A2 = "A2", N_("phrases simples (A2)")
    B1 = "B1", N_("se débrouille (B1)")
    B2 = "B2", N_("à l’aise (B2)")
    C1 = "C1", N_("couramment (C1)")
    C2 = "C2", N_("comme sa langue (C2)")


class SpokenLanguage(WithId, WithDates, Base):
    """A language that the person says they speak, by its ISO 639 code; level None: to be asked.

    An ability, told because the person brought it up: never a nationality, unknown to the engine
    (INV-08) and to employers' cards, since it may tell an origin.
    """

    __tablename__ = "spoken_language"
    __table_args__ = (UniqueConstraint("person_id", "language_code"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    language_code: Mapped[str] = mapped_column(String(5))
    level: Mapped[LanguageLevel | None] = mapped_column(enum_type(LanguageLevel))
    source: Mapped[AssertionSource] = mapped_column(enum_type(AssertionSource))
    asserted_on: Mapped[date]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class PastTrade(WithId, WithDates, Base):
    """An occupation the person has practised; its core skills are proposed, never assumed."""

    __tablename__ = "past_trade"
    __table_args__ = (UniqueConstraint("person_id", "occupation_code"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    occupation_code: Mapped[str] = mapped_column(ForeignKey("occupation.code"))
    years: Mapped[int | None]

    occupation: Mapped[Occupation] = relationship()
