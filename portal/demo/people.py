"""People with unequal, half-known profiles: many unknowns, as in a real portfolio."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from portal.demo.names import first_name, is_womans, surname
from portal.demo.scene import Scene, pick, table
from portal.demo.structures import Structures
from portal.models import (
    Account,
    AssertionSource,
    Barrier,
    BarrierImpact,
    BarrierState,
    BarrierTheme,
    Contact,
    ContactChannel,
    ContactPreference,
    Credential,
    Interest,
    Organisation,
    PastTrade,
    Person,
    PersonRestricted,
    PersonStatus,
    ProofState,
    Referral,
    Sex,
    SkillAssertion,
    StatusCode,
    StatusSource,
)
from portal.reference.starter import StarterSet
from portal.text import fold

# Who follows how many: 95 is the portfolio of a référent of the Département.
_PORTFOLIOS = (
    ("referent", "mds_arras", 95),
    ("referent_2", "mds_arras", 48),
    ("referent_lens", "mds_lens", 80),
    ("mission_locale", "ml_lens", 27),
    ("adviser", "pe_artois", 30),
    ("referent_59", "mds_cambrai", 40),
)
_COMMUNES = {
    "mds_arras": {
        "62041": 9,
        "62099": 2,
        "62817": 1,
        "62753": 2,
        "62263": 1,
        "62559": 3,
        "62080": 2,
        "62865": 2,
        "62173": 2,
        "62638": 1,
        "62284": 1,
        "62164": 1,
    },
    "mds_lens": {
        "62498": 6,
        "62510": 4,
        "62065": 3,
        "62427": 4,
        "62413": 2,
        "62628": 1,
        "62724": 1,
        "62215": 2,
    },
    "ml_lens": {"62498": 4, "62510": 3, "62427": 3, "62065": 2},
    "pe_artois": {"62041": 4, "62559": 3, "62753": 1, "62865": 1, "62498": 2},
    "mds_cambrai": {"59122": 8, "59206": 1, "59476": 1, "59488": 1, "59139": 2, "59023": 1},
}
_FAMILIES = {
    "travaux_publics": 18,
    "batiment": 20,
    "logistique": 18,
    "proprete": 14,
    "autonomie": 13,
    "industrie": 10,
    "espaces_verts": 8,
    "restauration": 12,
    "rail": 2,
}
# How much is known: a silent profile is a person nobody asked yet, not an unskilled one.
_KNOWN = {"silent": 28, "declared": 32, "known": 22, "nearly_ready": 18}
_SHARE_KNOWN = {"silent": 0.04, "declared": 0.45, "known": 0.75, "nearly_ready": 0.99}
_PROJECTS = (
    "Travailler dehors, sans trop de route.",
    "Retrouver un rythme, puis un contrat stable.",
    "Conduire un engin sur le chantier du canal.",
    "Un poste de jour, près de la maison.",
    "Aider les autres, sans travail de nuit.",
    "Apprendre un métier manuel.",
    "Reprendre dans la logistique, à l’heure de l’école.",
    "Ne sait pas encore : veut essayer avant de choisir.",
)


@dataclass
class Trades:
    """The starter set, indexed for drawing profiles."""

    families: dict[str, list[str]]
    local: dict[str, list[str]]
    skills: dict[str, list[str]]
    credentials: dict[str, list[str]]
    common: list[str]

    @classmethod
    def of(cls, starter: StarterSet) -> Trades:
        """Index the starter set."""
        families: dict[str, list[str]] = {}
        for occupation in starter.occupations:
            families.setdefault(occupation.family, []).append(occupation.code)
        hiring = {c for row in table("establishments") for c in row["occupations"].split("|")}
        local = {
            family: [code for code in codes if code in hiring] for family, codes in families.items()
        }
        skills: dict[str, list[str]] = {}
        for link in starter.occupation_skills:
            skills.setdefault(link.occupation, []).append(link.skill)
        credentials: dict[str, list[str]] = {}
        for asked in starter.occupation_credentials:
            credentials.setdefault(asked.occupation, []).append(asked.credential)
        common = [s.id for s in starter.skills if s.id.startswith("commun.")]
        return cls(families, local, skills, credentials, common)


def make_people(scene: Scene, structures: Structures, starter: StarterSet) -> list[Person]:
    """Some 320 people, followed by the structures of the territory."""
    trades = Trades.of(starter)
    people = []
    for account_key, organisation_key, size in _PORTFOLIOS:
        for _number in range(size):
            person = _person(scene, structures, account_key, organisation_key)
            _profile(scene, person, trades)
            _follow_up(scene, person, structures, account_key)
            people.append(person)
    _note_sex(scene, people)
    scene.session.flush()
    return people


def _note_sex(scene: Scene, people: list[Person]) -> None:
    """For the masked counts of hubs alone; nine people in ten chose to say."""
    for number, person in enumerate(people):
        if number % 10:
            sex = Sex.WOMAN if is_womans(person.first_name) else Sex.MAN
            scene.add(PersonRestricted(person_id=person.id, sex_for_counts=sex))


def _person(scene: Scene, structures: Structures, account: str, organisation: str) -> Person:
    random = scene.random
    first, last = first_name(random), surname(random)
    commune = pick(random, _COMMUNES[organisation])
    place = structures.organisations[organisation]
    person = scene.add(
        Person(
            owner=place,
            external_ref=f"{organisation.upper()}-{random.randrange(10**6):06d}",
            first_name=first,
            last_name=last,
            search_name=fold(f"{first} {last}"),
            birth_date=scene.day(-random.randrange(19 * 365, 60 * 365)),
            commune_code=commune,
            departement_code=commune[:2],
            phone=_phone(random),
            contact_preference=pick(
                random,
                {
                    ContactPreference.SMS: 5,
                    ContactPreference.PHONE: 4,
                    ContactPreference.VIA_REFERENT: 1,
                },
            ),
            max_minutes=pick(random, {30: 2, 45: 4, 60: 5, 75: 1}),
            available_from=pick(
                random,
                {None: 1, scene.day(0): 5, scene.day(14): 1, scene.day(45): 1, scene.day(100): 1},
            ),
            education_level=pick(random, {None: 4, 2: 2, 3: 5, 4: 2, 5: 1}),
            project=random.choice(_PROJECTS) if scene.chance(0.6) else None,
            shared_on=scene.day(-random.randrange(5, 200)) if scene.chance(0.8) else None,
            shared_channel="meeting",
            followed_since=scene.day(-random.randrange(40, 600)),
        )
    )
    scene.session.flush()
    _follow(scene, person, place, structures.accounts[account])
    return person


def _follow(scene: Scene, person: Person, place: Organisation, account: Account) -> None:
    scene.add(
        Referral(
            person_id=person.id,
            organisation_id=place.id,
            account_id=account.id,
            lead=True,
            start=person.followed_since,
        )
    )


def _phone(random: Random) -> str:
    """In the ranges that no operator gives (ARCEP, fiction): one in twelve is a fixed line."""
    area = "035301" if random.randrange(100) < 8 else "063998"
    return f"{area}{random.randrange(100):02d}{random.randrange(100):02d}"


def _profile(scene: Scene, person: Person, trades: Trades) -> None:
    random = scene.random
    depth = pick(random, _KNOWN)
    family = pick(random, _FAMILIES)
    # People mostly did the jobs that local firms have.
    pool = trades.local[family] if scene.chance(0.8) else trades.families[family]
    practised = random.sample(pool, k=min(2, len(pool)))
    if depth == "silent":
        practised = practised[: random.randrange(2)]
    elif scene.chance(0.5):
        practised = practised[:1]
    for code in practised:
        scene.add(
            PastTrade(person_id=person.id, occupation_code=code, years=random.randrange(1, 9))
        )
    known: dict[str, int | None] = {}
    for code in practised:
        for skill in trades.skills[code]:
            if scene.chance(_SHARE_KNOWN[depth]):
                known.setdefault(skill, _level(scene, depth))
    source = pick(
        random,
        {AssertionSource.DECLARED: 7, AssertionSource.OBSERVED: 2, AssertionSource.IMMERSION: 1},
    )
    for skill, level in known.items():
        scene.add(
            SkillAssertion(
                person_id=person.id,
                skill_code=skill,
                level=level,
                source=source,
                asserted_on=scene.day(-random.randrange(1, 300)),
            )
        )
    _credentials(
        scene, person, {c for code in practised for c in trades.credentials.get(code, ())}, depth
    )
    _modes(scene, person)
    _interests(scene, person, trades, practised, family)


def _level(scene: Scene, depth: str) -> int | None:
    if depth == "nearly_ready":
        return int(pick(scene.random, {2: 7, 3: 3}))
    chosen: int | None = pick(scene.random, {0: 2, 1: 3, 2: 8, 3: 2, None: 1})
    return chosen


def _credentials(scene: Scene, person: Person, usual: set[str], depth: str) -> None:
    random = scene.random
    licence = pick(random, {"held": 40, "absent": 33, "unknown": 27})
    facts = {} if licence == "unknown" else {"permis_b": licence == "held"}
    for code in sorted(usual - {"permis_b"}):
        if scene.chance(0.95 if depth == "nearly_ready" else 0.15):
            facts[code] = scene.chance(0.6)
    for code, held in facts.items():
        lasting = code.startswith(("permis", "titre_pro", "cqp", "dea", "clea", "fimo"))
        expiry = None if lasting or not held else scene.day(random.randrange(-120, 2600))
        proof = pick(random, {ProofState.DECLARED: 6, ProofState.SEEN: 3, ProofState.VERIFIED: 1})
        scene.add(
            Credential(
                person_id=person.id, type_code=code, held=held, expires_on=expiry, proof=proof
            )
        )
    person.modes = "car" if facts.get("permis_b") and scene.chance(0.7) else ""


def _modes(scene: Scene, person: Person) -> None:
    others = [
        mode
        for mode, share in (("walk", 0.6), ("bike", 0.25), ("bus", 0.7), ("moped", 0.06))
        if scene.chance(share)
    ]
    person.modes = "|".join([*(["car"] if person.modes else []), *others])


def _interests(
    scene: Scene, person: Person, trades: Trades, practised: list[str], family: str
) -> None:
    random = scene.random
    feelings: dict[str, int] = {}
    if practised and scene.chance(0.45):
        feelings[random.choice(practised)] = 1 if scene.chance(0.75) else -1
    if scene.chance(0.4):
        feelings.setdefault(random.choice(trades.families[family]), 1)
    if scene.chance(0.15):
        other = random.choice(sorted(trades.families))
        feelings.setdefault(random.choice(trades.families[other]), -1)
    for code, liking in feelings.items():
        scene.add(Interest(person_id=person.id, occupation_code=code, liking=liking))


def _follow_up(scene: Scene, person: Person, structures: Structures, account: str) -> None:
    random = scene.random
    if scene.chance(0.85):
        _status(scene, person, StatusCode.BRSA, StatusSource.IMPORT_CD)
    if scene.chance(0.55):
        _status(scene, person, StatusCode.DE_1, StatusSource.DECLARED)
    count = pick(random, {0: 3, 1: 4, 2: 5, 3: 3})
    days = sorted({random.randrange(1, 40) for _ in range(count)} | {random.randrange(45, 120)})
    for offset in days:
        scene.add(
            Contact(
                person_id=person.id,
                by_id=structures.accounts[account].id,
                on=scene.day(-offset),
                channel=pick(random, {ContactChannel.MEETING: 4, ContactChannel.PHONE: 6}),
            )
        )
    person.last_contact_on = scene.day(-days[0])
    if scene.chance(0.3):
        person.last_proposed_on = scene.day(-random.randrange(5, 200))
    _barriers(scene, person)


def _status(scene: Scene, person: Person, code: StatusCode, source: StatusSource) -> None:
    scene.add(
        PersonStatus(
            person_id=person.id,
            code=code,
            start=scene.day(-scene.random.randrange(60, 1500)),
            source=source,
        )
    )


def _barriers(scene: Scene, person: Person) -> None:
    random = scene.random
    for theme in random.sample(list(BarrierTheme), k=pick(random, {0: 5, 1: 4, 2: 2})):
        scene.add(
            Barrier(
                person_id=person.id,
                theme=theme,
                impact=pick(
                    random,
                    {
                        BarrierImpact.MEDIUM: 3,
                        BarrierImpact.STRONG: 2,
                        BarrierImpact.NOT_DISCUSSED: 1,
                    },
                ),
                state=pick(
                    random,
                    {BarrierState.TO_DO: 3, BarrierState.IN_PROGRESS: 3, BarrierState.LIFTED: 1},
                ),
                target_date=scene.day(random.randrange(10, 120)) if scene.chance(0.7) else None,
                observed_on=scene.day(-random.randrange(5, 90)),
            )
        )
