"""Rows into the engine's records. A fact that has no field there cannot get in (INV-08)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

import matching as engine
from portal.facts import standing_facts
from portal.models import (
    LIVE_OFFER_STATES,
    Commune,
    Credential,
    Interest,
    JobOffer,
    Occupation,
    OccupationNeighbour,
    OccupationSkill,
    OfferRequirement,
    Person,
    RecruitmentState,
    SessionPrerequisite,
    Skill,
    SkillAssertion,
    TrainingSession,
)

_TAKES_NOBODY = frozenset(
    {RecruitmentState.FULL, RecruitmentState.CLOSED, RecruitmentState.CANCELLED}
)


class Nomenclature(NamedTuple):
    """The taxonomy, and the one code that stands for each skill and each retired occupation.

    Confirmed links are followed; codes of skills and of occupations never have the same form.
    """

    taxonomy: engine.Taxonomy
    canonical: Mapping[str, str]

    def label_of(self, skill: str) -> str:
        """The label of a skill, by the code that stands for it."""
        known = self.taxonomy.skills.get(skill)
        return known.label if known else skill


def load_nomenclature(session: Session) -> Nomenclature:
    """Skills, groups, core skills and neighbours."""
    rows = session.execute(select(Skill.code, Skill.label, Skill.group_code, Skill.same_as_code))
    skills = {row.code: row for row in rows}
    canonical = {code: row.same_as_code or code for code, row in skills.items()}
    records = {
        code: engine.Skill(code, row.label, row.group_code)
        for code, row in skills.items()
        if canonical[code] == code
    }
    canonical |= _replacements(session)
    return Nomenclature(engine.Taxonomy(records, _occupations(session, canonical)), canonical)


def _replacements(session: Session) -> dict[str, str]:
    """The current code of each occupation replaced; one that came back stands for itself."""
    query = select(Occupation.code, Occupation.replaced_by_code).where(Occupation.retired)
    return {code: other for code, other in session.execute(query) if other is not None}


def _occupations(session: Session, canonical: Mapping[str, str]) -> dict[str, engine.Occupation]:
    core: dict[str, dict[str, None]] = defaultdict(dict)
    links = select(OccupationSkill.occupation_code, OccupationSkill.skill_code)
    for code, skill in session.execute(
        links.where(OccupationSkill.core).order_by(OccupationSkill.skill_code)
    ):
        core[code][canonical[skill]] = None
    neighbours: dict[str, dict[str, None]] = defaultdict(dict)
    moves = select(OccupationNeighbour.occupation_code, OccupationNeighbour.neighbour_code)
    for code, other in session.execute(
        moves.order_by(OccupationNeighbour.rank, OccupationNeighbour.neighbour_code)
    ):
        neighbours[code][canonical.get(other, other)] = None
    return {
        code: engine.Occupation(code, label, tuple(core[code]), tuple(neighbours[code]))
        for code, label in session.execute(select(Occupation.code, Occupation.label))
    }


def load_communes(session: Session) -> list[engine.Commune]:
    """The communes whose centre is known."""
    rows = session.execute(select(Commune.code, Commune.latitude, Commune.longitude))
    return [
        engine.Commune(code, latitude, longitude)
        for code, latitude, longitude in rows
        if latitude is not None and longitude is not None
    ]


def load_people(
    session: Session,
    canonical: Mapping[str, str],
    today: date,
    only: Collection[int] | None = None,
) -> list[engine.Person]:
    """Every active person whose commune is known (or those of ``only``), under its public id."""
    conditions = [*LISTED_PEOPLE]
    if only is not None:
        conditions.append(Person.id.in_(only))
    people = session.execute(_PERSON.where(*conditions)).all()
    assertions = _by_person(session, _ASSERTION, SkillAssertion.person_id, only)
    credentials = _by_person(session, _CREDENTIAL, Credential.person_id, only)
    interests = _by_person(session, _INTEREST, Interest.person_id, only)
    return [
        _person(
            person,
            levels_of(assertions.get(person.id, ()), canonical),
            credentials.get(person.id, ()),
            _likings(interests.get(person.id, ()), canonical),
            today,
        )
        for person in people
    ]


#: Who is in the index, and may have suggestions.
LISTED_PEOPLE = (
    Person.archived_at.is_(None),
    Person.objected_at.is_(None),
    Person.commune_code.is_not(None),
)

# Columns alone: a hundred thousand facts are read in a fraction of the time entities take, and
# what no list may depend on (name, birth date, statuses) is not even asked of the database.
_PERSON = select(
    Person.id,
    Person.public_id,
    Person.commune_code,
    Person.modes,
    Person.max_minutes,
    Person.available_from,
    Person.last_proposed_on,
)
_ASSERTION = select(
    SkillAssertion.id,
    SkillAssertion.person_id,
    SkillAssertion.skill_code,
    SkillAssertion.level,
    SkillAssertion.source,
    SkillAssertion.asserted_on,
)
_CREDENTIAL = select(
    Credential.person_id, Credential.type_code, Credential.held, Credential.expires_on
)
_INTEREST = select(Interest.person_id, Interest.occupation_code, Interest.liking)


def _by_person(
    session: Session,
    query: Select[*tuple[Any, ...]],
    owner: InstrumentedAttribute[int],
    only: Collection[int] | None,
) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(query if only is None else query.where(owner.in_(only))):
        found[row.person_id].append(row)
    return found


def person_record(
    session: Session, person: Person, canonical: Mapping[str, str], today: date
) -> engine.Person:
    """The record of one person as just saved."""
    assertions = _by_person(session, _ASSERTION, SkillAssertion.person_id, [person.id])
    credentials = _by_person(session, _CREDENTIAL, Credential.person_id, [person.id])
    interests = _by_person(session, _INTEREST, Interest.person_id, [person.id])
    return _person(
        person,
        levels_of(assertions.get(person.id, ()), canonical),
        credentials.get(person.id, ()),
        _likings(interests.get(person.id, ()), canonical),
        today,
    )


def _likings(interests: Iterable[Any], canonical: Mapping[str, str]) -> dict[str, int]:
    """What was said of each occupation itself stands over what was said of those it replaces.

    Of several replaced ones, a « no » stands: nobody is proposed what they turned down.
    """
    likings: dict[str, int] = {}
    for row in sorted(interests, key=lambda i: (i.occupation_code in canonical, i.liking)):
        likings.setdefault(canonical.get(row.occupation_code, row.occupation_code), row.liking)
    return likings


def levels_of(assertions: Iterable[Any], canonical: Mapping[str, str]) -> dict[str, int]:
    """The standing level of each skill; one asked and not known is left unknown."""
    facts = standing_facts(assertions, canonical)
    return {code: fact.level for code, fact in facts.items() if fact.level is not None}


def _person(
    person: Any,
    levels: dict[str, int],
    credentials: Sequence[Any],
    interests: dict[str, int],
    today: date,
) -> engine.Person:
    return engine.Person(
        id=person.public_id,
        commune=person.commune_code or "",
        # Not said is not « later »: the person is taken as available, and the page says so.
        available_from=person.available_from or today,
        skills=levels,
        credentials={c.type_code: c.expires_on for c in credentials if c.held},
        no_credentials=frozenset(c.type_code for c in credentials if not c.held),
        modes=frozenset(engine.Mode(mode) for mode in person.modes.split("|") if mode),
        max_minutes=person.max_minutes,
        interests=interests,
        last_proposed=person.last_proposed_on,
    )


def with_training(
    record: engine.Person, sessions: Iterable[TrainingSession], canonical: Mapping[str, str]
) -> engine.Person:
    """The record as if what these sessions teach and deliver were known of the person."""
    skills, credentials = dict(record.skills), dict(record.credentials)
    for row in sessions:
        for code, level in _taught(row, canonical).items():
            skills[code] = max(level, skills.get(code, 0))
        for delivered in row.credentials:
            credentials[delivered.credential_code] = None
    missing = record.no_credentials - credentials.keys()
    return replace(record, skills=skills, credentials=credentials, no_credentials=missing)


_OFFER = select(
    JobOffer.id,
    JobOffer.public_id,
    JobOffer.occupation_code,
    JobOffer.commune_code,
    JobOffer.start_wanted,
    JobOffer.start_latest,
    JobOffer.posts,
)
_NEED = select(
    OfferRequirement.offer_id,
    OfferRequirement.kind,
    OfferRequirement.skill_code,
    OfferRequirement.level,
    OfferRequirement.credential_code,
).order_by(OfferRequirement.offer_id, OfferRequirement.position)


def load_offers(
    session: Session,
    canonical: Mapping[str, str],
    today: date,
    only: Collection[int] | None = None,
) -> list[engine.Offer]:
    """Every live, fresh offer (or those of ``only``), under its public id.

    T-OFF-03: a stale one is not proposed.
    """
    conditions = [*listed_offers(today)]
    needs = _NEED
    if only is not None:
        conditions.append(JobOffer.id.in_(only))
        needs = needs.where(OfferRequirement.offer_id.in_(only))
    rows = session.execute(_OFFER.where(*conditions)).all()
    asked: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(needs):
        asked[row.offer_id].append(row)
    return [_offer(row, asked.get(row.id, ()), canonical) for row in rows]


def listed_offers(today: date) -> tuple[ColumnElement[bool], ...]:
    """The offers in the index of a day, as conditions."""
    return (
        JobOffer.state.in_(LIVE_OFFER_STATES),
        JobOffer.start_latest >= today,
        JobOffer.fresh_until >= today,
    )


def offer_record(offer: JobOffer, canonical: Mapping[str, str]) -> engine.Offer:
    """The record of an offer whose trade, place and dates are known; ``ValueError`` otherwise."""
    if not (
        offer.occupation_code and offer.commune_code and offer.start_wanted and offer.start_latest
    ):
        raise ValueError("the offer still lacks its trade, its place or its dates")
    return _offer(offer, offer.requirements, canonical)


def _offer(offer: Any, requirements: Iterable[Any], canonical: Mapping[str, str]) -> engine.Offer:
    return engine.Offer(
        id=offer.public_id,
        occupation=canonical.get(offer.occupation_code, offer.occupation_code),
        commune=offer.commune_code,
        start_wanted=offer.start_wanted,
        start_latest=offer.start_latest,
        posts=offer.posts,
        requirements=tuple(_requirement(row, canonical) for row in requirements),
    )


def _requirement(row: Any, canonical: Mapping[str, str]) -> engine.Requirement:
    kind = engine.RequirementKind(row.kind.value)
    if row.skill_code is not None:
        code = canonical.get(row.skill_code, row.skill_code)
        return engine.Requirement(skill=code, level=row.level, kind=kind)
    return engine.Requirement(credential=row.credential_code, kind=kind)


def load_sessions(
    session: Session,
    canonical: Mapping[str, str],
    today: date,
    only: Collection[int] | None = None,
) -> list[engine.Session]:
    """Every session that is not over (or those of ``only``), in a known place or remote."""
    conditions = [*listed_sessions(today)]
    if only is not None:
        conditions.append(TrainingSession.id.in_(only))
    rows = session.scalars(
        select(TrainingSession)
        .where(*conditions)
        .options(
            selectinload(TrainingSession.prerequisites),
            selectinload(TrainingSession.skills),
            selectinload(TrainingSession.credentials),
        )
    )
    return [_session(row, canonical) for row in rows]


def listed_sessions(today: date) -> tuple[ColumnElement[bool], ...]:
    """The sessions in the index of a day, as conditions."""
    return (
        TrainingSession.end >= today - timedelta(days=1),
        or_(TrainingSession.remote, func.coalesce(TrainingSession.commune_code, "") != ""),
    )


def count_records(session: Session, today: date) -> tuple[int, int, int]:
    """How many people, offers and sessions are read from the rows as they are."""
    people, offers, sessions = (
        select(func.count()).select_from(table).where(*conditions).scalar_subquery()
        for table, conditions in (
            (Person, LISTED_PEOPLE),
            (JobOffer, listed_offers(today)),
            (TrainingSession, listed_sessions(today)),
        )
    )
    return tuple(session.execute(select(people, offers, sessions)).one())


def _session(row: TrainingSession, canonical: Mapping[str, str]) -> engine.Session:
    return engine.Session(
        id=row.public_id,
        start=row.start,
        end=row.end,
        seats_left=seats_for_engine(row),
        commune=None if row.remote else row.commune_code,
        remote=row.remote,
        prerequisites=tuple(_prerequisite(p, canonical) for p in row.prerequisites),
        teaches=_taught(row, canonical),
        delivers=frozenset(c.credential_code for c in row.credentials),
    )


def _taught(row: TrainingSession, canonical: Mapping[str, str]) -> dict[str, int]:
    """The level reached in each skill; of two linked codes, the higher."""
    levels: dict[str, int] = {}
    for taught in row.skills:
        code = canonical.get(taught.skill_code, taught.skill_code)
        levels[code] = max(taught.level, levels.get(code, 0))
    return levels


def seats_for_engine(row: TrainingSession) -> int:
    """Seats as the engine counts them: not said is not « none », so one is supposed."""
    if row.recruitment in _TAKES_NOBODY:
        return 0
    return 1 if row.seats_left is None else row.seats_left


def _prerequisite(row: SessionPrerequisite, canonical: Mapping[str, str]) -> engine.Prerequisite:
    if row.skill_code is not None:
        return engine.Prerequisite(
            skill=canonical.get(row.skill_code, row.skill_code), level=row.level
        )
    return engine.Prerequisite(credential=row.credential_code)
