"""Firms, what they told an adviser, and the introductions under way."""

from __future__ import annotations

from sqlalchemy import select

from portal.demo.scene import Scene, invented_siret, pick, table
from portal.demo.structures import Structures, make_account
from portal.matchmaking import usual_requirements
from portal.models import (
    Account,
    BusinessSignal,
    Confidentiality,
    ContractKind,
    Establishment,
    JobOffer,
    Occupation,
    OccupationTitle,
    OfferOrigin,
    OfferRequirement,
    OfferState,
    Organisation,
    OrganisationKind,
    RequirementKind,
    Role,
    SignalKind,
    SignalState,
    TitleKind,
)
from portal.offers.wording import find_discriminating
from portal.text import fold

HIDDEN, VISIBLE = 60, 20
_STATES = {
    OfferState.OPEN: 56,
    OfferState.IN_PROGRESS: 10,
    OfferState.TO_CONFIRM: 5,
    OfferState.SUSPENDED: 3,
    OfferState.FILLED: 4,
    OfferState.DRAFT: 2,
}
_OTHER_ORIGINS = {OfferOrigin.FRANCE_TRAVAIL: 10, OfferOrigin.DIRECT: 6, OfferOrigin.SIAE: 4}
_PAY = (
    "12,10 €/h",
    "12,40 €/h",
    "12,80 €/h et panier",
    "13,20 €/h",
    "1 950 € brut par mois",
    "13,60 €/h et trajet payé",
)


def make_establishments(scene: Scene, structures: Structures) -> dict[str, Establishment]:
    """Forty firms, by name; the first has an employer account."""
    found = {}
    for number, row in enumerate(table("establishments"), start=1):
        departement = row["commune"][:2]
        platform = "pe_cambresis" if departement == "59" else "pe_artois"
        found[row["name"]] = scene.add(
            Establishment(
                siret=invented_siret(number),
                name=row["name"],
                search_name=fold(row["name"]),
                commune_code=row["commune"],
                sector=row["sector"],
                headcount=int(row["headcount"]),
                contact_name=row["contact"],
                contact_phone=f"03 53 01 01 {number:02d}",
                owner=structures.organisations[platform],
                last_contact_on=scene.day(-scene.random.randrange(2, 150)),
            )
        )
    scene.session.flush()
    _employer_account(scene, structures, next(iter(found.values())))
    _signals(scene, structures, list(found.values()))
    return found


def _employer_account(scene: Scene, structures: Structures, firm: Establishment) -> None:
    organisation = scene.add(
        Organisation(
            kind=OrganisationKind.EMPLOYER,
            name=firm.name,
            departement_code="62",
            establishment_id=firm.id,
        )
    )
    structures.accounts["employer"] = make_account(
        scene, Role.EMPLOYER, organisation, "Julie", "Courlaine"
    )


def _signals(scene: Scene, structures: Structures, firms: list[Establishment]) -> None:
    notes = {
        SignalKind.MARKET_WON: "Lot de terrassement gagné sur le canal.",
        SignalKind.DEPARTURES: "Deux départs en retraite en juin.",
        SignalKind.EXTENSION: "Un deuxième atelier ouvre au printemps.",
        SignalKind.DIFFICULTY: "Cherche depuis trois mois sans succès.",
    }
    for number, (kind, note) in enumerate(notes.items()):
        scene.add(
            BusinessSignal(
                establishment_id=firms[number * 7].id,
                kind=kind,
                state=SignalState.TO_QUALIFY,
                detected_on=scene.day(-3 - 3 * number),
                by_id=structures.accounts["adviser"].id,
                note=note,
                jobs_estimate=2 + number,
            )
        )


def make_offers(
    scene: Scene, structures: Structures, firms: dict[str, Establishment]
) -> list[JobOffer]:
    """Eighty offers, sixty of them told to an adviser and published nowhere."""
    trades = {row["name"]: row["occupations"].split("|") for row in table("establishments")}
    names = list(firms)
    states = [state for state, count in _STATES.items() for _ in range(count)]
    scene.random.shuffle(states)
    offers = []
    for number in range(HIDDEN + VISIBLE):
        name = names[number % len(names)]
        code = trades[name][number // len(names) % len(trades[name])]
        hidden = number % 4 != 3
        offers.append(_offer(scene, structures, firms[name], code, states[number], hidden=hidden))
    scene.session.flush()
    return offers


def _offer(
    scene: Scene,
    structures: Structures,
    firm: Establishment,
    code: str,
    state: OfferState,
    *,
    hidden: bool,
) -> JobOffer:
    random, adviser = scene.random, _adviser(scene, structures, firm)
    opened, start = -random.randrange(1, 20), random.randrange(15, 150)
    offer = scene.add(
        JobOffer(
            organisation_id=firm.owner_id,
            adviser_id=adviser.id,
            establishment=firm,
            origin=OfferOrigin.HIDDEN if hidden else pick(random, _OTHER_ORIGINS),
            state=state,
            title=_title(scene, code),
            occupation_code=code,
            posts=pick(random, {1: 6, 2: 3, 3: 1}),
            contract=pick(random, {ContractKind.CDI: 4, ContractKind.CDD: 5, ContractKind.CTT: 2}),
            duration_months=pick(random, {None: 3, 6: 3, 9: 1, 12: 1}),
            weekly_hours=pick(random, {35: 6, 39: 3, 28: 1}),
            pay_text=random.choice(_PAY),
            commune_code=firm.commune_code,
            departement_code=(firm.commune_code or "")[:2],
            start_wanted=scene.day(start),
            start_latest=scene.day(start + random.choice((30, 45, 60, 90))),
            start_hour=scene.session.get_one(Occupation, code).typical_start,
            max_introductions=pick(random, {2: 1, 3: 3, 4: 5}),
            tutor_available=scene.chance(0.6),
        )
    )
    if offer.contract is ContractKind.CDI:
        offer.duration_months = None
    _share(scene, offer, opened, hidden=hidden)
    _require(scene, offer)
    return offer


def _title(scene: Scene, code: str) -> str:
    """A name that an employer would say on the phone, and that an offer may bear."""
    titles = scene.session.scalars(
        select(OccupationTitle.title)
        .where(OccupationTitle.occupation_code == code, OccupationTitle.kind == TitleKind.EVERYDAY)
        .order_by(OccupationTitle.id)
    )
    fair = [title for title in titles if not find_discriminating(title)]
    return scene.random.choice(fair[:3])


def _adviser(scene: Scene, structures: Structures, firm: Establishment) -> Account:
    if (firm.commune_code or "").startswith("59"):
        return structures.accounts["adviser_59"]
    return structures.accounts["adviser" if scene.chance(0.6) else "adviser_2"]


def _share(scene: Scene, offer: JobOffer, opened: int, *, hidden: bool) -> None:
    """Set what goes with the state: consent, sharing and freshness."""
    if offer.state is OfferState.DRAFT:
        return
    choice = {
        Confidentiality.PARTNERS_MASKED: 6,
        Confidentiality.PARTNERS_NAMED: 3,
        Confidentiality.ADVISER_ONLY: 1,
    }
    offer.confidentiality = pick(scene.random, choice) if hidden else Confidentiality.PUBLIC
    offer.qualified_at = scene.instant(opened)
    stale = offer.state is OfferState.TO_CONFIRM
    offer.fresh_until = scene.day(-2 if stale else opened + 21 + scene.random.randrange(5))
    if offer.confidentiality is Confidentiality.ADVISER_ONLY:
        offer.confidentiality_reason = "L’employeur remplace une personne encore en poste."
        return
    offer.share_consent_at = offer.qualified_at
    offer.share_consent_by = offer.establishment.contact_name if offer.establishment else None
    offer.shared_at = offer.qualified_at


def _require(scene: Scene, offer: JobOffer) -> None:
    """The occupation's usual requirements, as a conversation with the firm leaves them."""
    random = scene.random
    position = 0
    for usual in usual_requirements(scene.session, offer.occupation_code or ""):
        if usual.kind is RequirementKind.DESIRED and scene.chance(0.4):
            continue
        kind = usual.kind
        if kind is RequirementKind.TRAINING_PLANNED and scene.chance(0.2):
            kind = RequirementKind.DAY_ONE
        elif kind is RequirementKind.ON_THE_JOB and scene.chance(0.1):
            kind = random.choice((RequirementKind.DAY_ONE, RequirementKind.DESIRED))
        asked = (
            {"skill_code": usual.skill.code, "level": usual.level}
            if usual.skill
            else {"credential_code": usual.credential.code if usual.credential else None}
        )
        offer.requirements.append(
            scene.add(OfferRequirement(kind=kind, position=position, **asked))
        )
        position += 1
