"""Rows for tests: `make` builds one with sensible values, flushed, ready to be changed."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    Account,
    AssertionSource,
    Commune,
    Confidentiality,
    ContractKind,
    CredentialType,
    EmployerContact,
    Establishment,
    JobOffer,
    Membership,
    Occupation,
    OccupationSkill,
    OfferRequirement,
    OfferState,
    Organisation,
    OrganisationKind,
    Person,
    RecruitmentState,
    ReferenceOrigin,
    Referral,
    RequirementKind,
    Role,
    SessionCredential,
    SessionSkill,
    Skill,
    SkillAssertion,
    SkillGroup,
    SkillKind,
    TrainingAction,
    TrainingProgram,
    TrainingSession,
)
from portal.models.trainings import FactOrigin
from portal.text import fold

_numbers = count(1)

MARQUION = ("62559", "Marquion", "62860", 50.2086, 3.0869)
ARRAS = ("62041", "Arras", "62000", 50.2898, 2.7657)
CAMBRAI = ("59122", "Cambrai", "59400", 50.1717, 3.2416)
LENS = ("62498", "Lens", "62300", 50.4322, 2.8203)
AMIENS = ("80021", "Amiens", "80000", 49.8987, 2.2847)


class Factory:
    """Makes rows in one session; every method flushes and returns the row."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, row: Any) -> Any:
        """Add and flush any row."""
        self.session.add(row)
        self.session.flush()
        return row

    def commune(self, place: tuple[str, str, str, float, float] = ARRAS) -> Commune:
        """A commune, made once."""
        code, name, postal, latitude, longitude = place
        known = self.session.get(Commune, code)
        return known or self.add(
            Commune(
                code=code,
                name=name,
                search_name=fold(name),
                postal_codes=postal,
                departement_code=code[:2],
                latitude=latitude,
                longitude=longitude,
            )
        )

    def organisation(
        self,
        kind: OrganisationKind = OrganisationKind.PLATFORM,
        *,
        departement_code: str | None = "62",
        **values: Any,
    ) -> Organisation:
        """A structure of Pas-de-Calais unless said otherwise."""
        values.setdefault("name", f"{kind.value} {next(_numbers)}")
        return self.add(Organisation(kind=kind, departement_code=departement_code, **values))

    def account(
        self, role: Role = Role.ADVISER, organisation: Organisation | None = None, **values: Any
    ) -> Account:
        """A professional with one role in one structure. The password cannot be used."""
        number = next(_numbers)
        kinds = {
            Role.ADVISER: OrganisationKind.PLATFORM,
            Role.REFERENT: OrganisationKind.MDS,
            Role.HUB: OrganisationKind.HUB,
            Role.EMPLOYER: OrganisationKind.EMPLOYER,
            Role.TRAINING: OrganisationKind.TRAINING,
            Role.PILOT_REGION: OrganisationKind.REGION,
        }
        place = organisation or self.organisation(kinds.get(role, OrganisationKind.DEPARTEMENT))
        values.setdefault("first_name", "Camille")
        values.setdefault("last_name", f"Essai{number}")
        values.setdefault("email", f"camille.essai{number}@exemple.test")
        account = self.add(Account(password_hash="!", **values))
        self.add(Membership(account=account, organisation=place, role=role))
        self.session.refresh(account)
        return account

    def occupation(self, code: str = "F1702", label: str = "Constructeur de routes") -> Occupation:
        """An occupation, made once."""
        known = self.session.get(Occupation, code)
        return known or self.add(
            Occupation(
                code=code, label=label, search_label=fold(label), origin=ReferenceOrigin.STARTER
            )
        )

    def skill(
        self, code: str = "tp.niveler", label: str | None = None, group: str | None = "g.tp"
    ) -> Skill:
        """A skill, made once with its group."""
        known = self.session.get(Skill, code)
        if known:
            return known
        if group and not self.session.get(SkillGroup, group):
            self.add(SkillGroup(code=group, label=group, origin=ReferenceOrigin.STARTER))
        return self.add(
            Skill(
                code=code,
                label=label or f"Compétence {code}",
                kind=SkillKind.KNOW_HOW,
                group_code=group,
                origin=ReferenceOrigin.STARTER,
            )
        )

    def core_skill(self, occupation: Occupation, code: str, **values: Any) -> Skill:
        """A core skill of an occupation."""
        skill = self.skill(code, **values)
        self.add(
            OccupationSkill(
                occupation_code=occupation.code,
                skill_code=skill.code,
                core=True,
                usual_kind="day_one",
                usual_level=2,
                origin=ReferenceOrigin.STARTER,
            )
        )
        return skill

    def credential_type(self, code: str = "permis_b", label: str = "Permis B") -> CredentialType:
        """A credential type, made once."""
        known = self.session.get(CredentialType, code)
        return known or self.add(CredentialType(code=code, label=label))

    def person(
        self, *, referent: Account | None = None, place: Any = ARRAS, **values: Any
    ) -> Person:
        """A person; with ``referent``, followed by that account's structure."""
        number = next(_numbers)
        commune = self.commune(place)
        values.setdefault("first_name", "Amina")
        values.setdefault("last_name", f"Bertin{number}")
        values.setdefault("modes", "bus|walk")
        values.setdefault("available_from", clock.today())
        if "owner" not in values:
            values["owner"] = (
                referent.memberships[0].organisation
                if referent
                else self.organisation(OrganisationKind.MDS)
            )
        values.setdefault("search_name", fold(f"{values['first_name']} {values['last_name']}"))
        person = self.add(
            Person(commune_code=commune.code, departement_code=commune.departement_code, **values)
        )
        if referent:
            self.add(
                Referral(
                    person_id=person.id,
                    organisation_id=referent.memberships[0].organisation_id,
                    account_id=referent.id,
                    lead=True,
                    start=clock.today() - timedelta(days=90),
                )
            )
        return person

    def knows(self, person: Person, skill: Skill, level: int | None = 2, **values: Any) -> None:
        """The person declares a level (None: does not know)."""
        values.setdefault("source", AssertionSource.DECLARED)
        values.setdefault("asserted_on", clock.today())
        self.add(SkillAssertion(person_id=person.id, skill_code=skill.code, level=level, **values))

    def establishment(self, **values: Any) -> Establishment:
        """An employer's place of work."""
        values.setdefault("name", f"Travaux {next(_numbers)}")
        values.setdefault("search_name", fold(values["name"]))
        return self.add(Establishment(**values))

    def contact(self, establishment: Establishment, **values: Any) -> EmployerContact:
        """Somebody of an establishment, with a mobile number."""
        values = {"name": "Paul Renard", "phone": "06 39 98 12 34", **values}
        row: EmployerContact = self.add(EmployerContact(establishment=establishment, **values))
        return row

    def offer(
        self,
        adviser: Account,
        *,
        place: Any = MARQUION,
        state: OfferState = OfferState.OPEN,
        **values: Any,
    ) -> JobOffer:
        """An open hidden offer of the adviser's platform, shared with partners unless said."""
        today = clock.today()
        commune = self.commune(place)
        values.setdefault("occupation", self.occupation())
        values.setdefault("establishment", self.establishment())
        values.setdefault("confidentiality", Confidentiality.PARTNERS_MASKED)
        values.setdefault("start_wanted", today + timedelta(days=30))
        values.setdefault("start_latest", today + timedelta(days=60))
        values.setdefault("contract", ContractKind.CDD)
        values.setdefault("title", "Constructeur de routes")
        values.setdefault("fresh_until", today + timedelta(days=21))
        if values["confidentiality"] is not Confidentiality.ADVISER_ONLY:
            values.setdefault("share_consent_at", clock.now())
            values.setdefault("shared_at", clock.now())
        return self.add(
            JobOffer(
                organisation_id=adviser.memberships[0].organisation_id,
                adviser_id=adviser.id,
                state=state,
                commune_code=commune.code,
                departement_code=commune.departement_code,
                **values,
            )
        )

    def requires(
        self,
        offer: JobOffer,
        skill: Skill | CredentialType,
        kind: RequirementKind = RequirementKind.DAY_ONE,
        level: int = 2,
    ) -> OfferRequirement:
        """A requirement of an offer."""
        position = len(offer.requirements)
        asked: dict[str, Any] = (
            {"skill_code": skill.code, "level": level}
            if isinstance(skill, Skill)
            else {"credential_code": skill.code}
        )
        return self.add(OfferRequirement(offer=offer, kind=kind, position=position, **asked))

    def session_of_training(
        self,
        *,
        teaches: dict[str, int] | None = None,
        delivers: tuple[str, ...] = (),
        place: Any = ARRAS,
        starts_in: int = 10,
        lasts: int = 14,
        seats_left: int | None = 5,
        title: str = "Ouvrier de travaux publics",
        organisation: Organisation | None = None,
    ) -> TrainingSession:
        """A dated session with its programme and action; dates count from today."""
        number = next(_numbers)
        action = self._action(number, title, organisation)
        start: date = clock.today() + timedelta(days=starts_in)
        session = self.add(
            TrainingSession(
                action=action,
                external_ref=f"S{number}",
                start=start,
                end=start + timedelta(days=lasts),
                commune_code=self.commune(place).code,
                seats=12,
                seats_left=seats_left,
                recruitment=RecruitmentState.OPEN,
            )
        )
        said = {"session_id": session.id, "origin": FactOrigin.ENTERED}
        for code, level in (teaches or {}).items():
            self.add(SessionSkill(skill_code=code, level=level, **said))
        for code in delivers:
            self.add(SessionCredential(credential_code=code, **said))
        return session

    def _action(self, number: int, title: str, organisation: Organisation | None) -> TrainingAction:
        program = TrainingProgram(
            source="test", external_ref=f"F{number}", title=title, search_title=fold(title)
        )
        action: TrainingAction = self.add(
            TrainingAction(
                program=self.add(program),
                external_ref=f"A{number}",
                organiser_name="Centre d’essai",
                organisation=organisation,
            )
        )
        return action

    def first(self, model: type[Any], **values: Any) -> Any:
        """The first row of a model with these values."""
        return self.session.scalars(select(model).filter_by(**values)).first()
