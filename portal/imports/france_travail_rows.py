"""How the offers of a file become rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal import clock
from portal.imports.base import BATCH, Context, Item, Rejection, Verdict
from portal.imports.france_travail_reading import OFFER, Asked, OfferValue
from portal.imports.places import Places, Trades
from portal.models import (
    LIVE_OFFER_STATES,
    Confidentiality,
    CredentialType,
    Establishment,
    JobOffer,
    OfferOrigin,
    OfferRequirement,
    OfferState,
    Organisation,
    OrganisationKind,
    RequirementKind,
    Skill,
)
from portal.offers.rules import CLOSED_OFFER_STATES, OFFER_MACHINE
from portal.text import fold

#: Our assumptions: see ``portal.imports.france_travail``.
FRESH_DAYS = 30
FIRST_START = timedelta(days=7)
LATEST_START = timedelta(days=45)
_LEVEL = 2
_CONSENT = "Offre publiée par France Travail"
_OUTSIDE = OfferOrigin.FRANCE_TRAVAIL
_Requirement = tuple[RequirementKind, str | None, str | None]


class Reference:
    """What the reference says of places, occupations, skills and credentials, read once a run."""

    def __init__(self, session: Session) -> None:
        self.places = Places(session)
        self.trades = Trades(session)
        self.credentials = frozenset(session.scalars(select(CredentialType.code)))


class OfferRows:
    """The rows of one batch of offers."""

    def __init__(
        self,
        session: Session,
        reference: Reference,
        options: Mapping[str, Any],
        items: Sequence[Item],
    ) -> None:
        self._session = session
        self._reference = reference
        self._options = options
        values = [item.value for item in items]
        self._known = self._offers(values)
        codes = {asked.code for value in values for asked in value.skills}
        self._skills = frozenset(session.scalars(select(Skill.code).where(Skill.code.in_(codes))))

    def _offers(self, values: Sequence[OfferValue]) -> dict[str | None, JobOffer]:
        rows = self._session.scalars(
            select(JobOffer)
            .where(
                JobOffer.origin == _OUTSIDE,
                JobOffer.external_ref.in_([value.ref for value in values]),
            )
            .options(selectinload(JobOffer.requirements))
        )
        return {row.external_ref: row for row in rows}

    def problem(self, item: Item) -> Rejection | None:
        """What prevents the offer from being proposed to anybody."""
        value: OfferValue = item.value
        if self._occupation(value) is None:
            reason = f"Métier inconnu ({value.rome_code}) : importez d’abord le ROME."
            return Rejection(item.line, "romeCode", reason, OFFER)
        if self._commune(value) is None:
            said = value.place.label or "sans lieu"
            reason = f"Le lieu de travail (« {said} ») n’est pas une commune connue ici."
            return Rejection(item.line, "lieuTravail", reason, OFFER)
        return None

    def unknown_skills(self, value: OfferValue) -> list[Asked]:
        """The skills asked that the reference does not have."""
        return [asked for asked in value.skills if asked.code not in self._skills]

    def verdict(self, value: OfferValue) -> Verdict:
        """The same row as last time changes nothing of what was corrected since."""
        known = self._known.get(value.ref)
        if known is None:
            return Verdict.CREATED
        if known.import_digest == self._digest(value) or not _is_ours_to_change(known):
            return Verdict.UNCHANGED
        return Verdict.CHANGED

    def write(self, value: OfferValue) -> None:
        """Create the offer, or bring it up to date."""
        offer = self._known.get(value.ref)
        if offer is not None and not _is_ours_to_change(offer):
            return
        commune = self._commune(value)
        columns = {
            **value.columns,
            "occupation_code": self._occupation(value),
            "commune_code": commune,
            "departement_code": self._reference.places.departement(commune),
            "employer_text": value.employer,
            "establishment_id": self._establishment(value, commune),
            "import_digest": self._digest(value),
        }
        if offer is None:
            offer = self._new(value)
        for name, content in columns.items():
            setattr(offer, name, content)
        _write_requirements(offer, self._requirements(value))
        self._session.add(offer)

    def _new(self, value: OfferValue) -> JobOffer:
        today, now = clock.today(), clock.now()
        return JobOffer(
            organisation_id=self._organisation(),
            origin=_OUTSIDE,
            external_ref=value.ref,
            state=OfferState.OPEN,
            confidentiality=Confidentiality.PUBLIC,
            share_consent_at=now,
            share_consent_by=_CONSENT,
            shared_at=now,
            qualified_at=now,
            start_wanted=today + FIRST_START,
            start_latest=today + LATEST_START,
            fresh_until=today + timedelta(days=FRESH_DAYS),
        )

    def _occupation(self, value: OfferValue) -> str | None:
        return self._reference.trades.find(self._session, value.rome_code, value.job_titles)

    def _commune(self, value: OfferValue) -> str | None:
        place = value.place
        return self._reference.places.find(
            insee=place.insee, postal=place.postal, name=place.name, departement=place.departement
        ) or self._reference.places.find(insee=place.insee, postal=place.postal)

    def _requirements(self, value: OfferValue) -> dict[tuple[str | None, str | None], _Requirement]:
        found: dict[tuple[str | None, str | None], _Requirement] = {}
        for asked in value.credentials:
            if asked.code in self._reference.credentials:
                found[None, asked.code] = (_kind(asked), None, asked.code)
        for asked in value.skills:
            if asked.code in self._skills:
                found[asked.code, None] = (_kind(asked), asked.code, None)
        return found

    def _digest(self, value: OfferValue) -> str:
        """Of what the row brings with today's reference: a better reference brings more."""
        said = (
            sorted(value.columns.items()),
            self._occupation(value),
            self._commune(value),
            value.employer,
            value.siret,
            sorted(self._requirements(value).values(), key=str),
        )
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def _organisation(self) -> int:
        """The structure that imports, or France Travail itself for a command line."""
        if chosen := self._options.get("organisation_id"):
            return int(chosen)
        kind = OrganisationKind.FRANCE_TRAVAIL
        query = select(Organisation).where(Organisation.kind == kind).order_by(Organisation.id)
        known = self._session.scalars(query.limit(1)).first()
        if known is None:
            known = Organisation(kind=kind, name="France Travail")
            self._session.add(known)
            self._session.flush()
        return known.id

    def _establishment(self, value: OfferValue, commune: str | None) -> int | None:
        """The employer by SIRET, else by its exact name in that commune; made when unknown."""
        if not value.employer and not value.siret:
            return None
        name = value.employer or f"SIRET {value.siret}"
        query = select(Establishment).order_by(Establishment.id).limit(1)
        if value.siret:
            query = query.where(Establishment.siret == value.siret)
        else:
            query = query.where(
                Establishment.search_name == fold(name)[:255],
                Establishment.commune_code == commune,
            )
        known = self._session.scalars(query).first()
        if known is None:
            known = Establishment(
                siret=value.siret,
                name=name,
                search_name=fold(name)[:255],
                commune_code=commune,
            )
            self._session.add(known)
            self._session.flush()
        return known.id


def _kind(asked: Asked) -> RequirementKind:
    return RequirementKind.DAY_ONE if asked.required else RequirementKind.DESIRED


def _is_ours_to_change(offer: JobOffer) -> bool:
    """Not closed, nor taken over by an adviser, whose conversation with the employer stands."""
    return offer.adviser_id is None and offer.state not in CLOSED_OFFER_STATES


def _write_requirements(
    offer: JobOffer, wanted: Mapping[tuple[str | None, str | None], _Requirement]
) -> None:
    known = {(row.skill_code, row.credential_code): row for row in offer.requirements}
    kept: list[OfferRequirement] = []
    for position, (key, (kind, skill, credential)) in enumerate(wanted.items()):
        row = known.get(key) or OfferRequirement(skill_code=skill, credential_code=credential)
        row.kind, row.position = kind, position
        row.level = _LEVEL if skill else None
        kept.append(row)
    offer.requirements = kept


def confirm_offers(session: Session, context: Context) -> None:
    """Renew every open offer of the origin that the file has, new or not."""
    states = (*LIVE_OFFER_STATES, OfferState.TO_CONFIRM)
    query = (
        select(JobOffer)
        .where(JobOffer.origin == _OUTSIDE, JobOffer.state.in_(states))
        .order_by(JobOffer.id)
        .limit(BATCH)
    )
    last = 0
    while rows := session.scalars(query.where(JobOffer.id > last)).all():
        last = rows[-1].id
        present = context.stage.known(OFFER, [row.external_ref or "" for row in rows])
        _renew(session, context, (row for row in rows if row.external_ref in present))
        session.flush()


def _renew(session: Session, context: Context, offers: Iterable[JobOffer]) -> None:
    for offer in offers:
        offer.fresh_until = context.today + timedelta(days=FRESH_DAYS)
        if offer.adviser_id is None and (offer.start_wanted or context.today) <= context.today:
            offer.start_wanted = context.today + FIRST_START
            offer.start_latest = context.today + LATEST_START
        if offer.state is OfferState.TO_CONFIRM:
            OFFER_MACHINE.move(session, offer, OfferState.OPEN, actor=None, name="confirmed")
