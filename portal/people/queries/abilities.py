"""What the person can do, holds, has done and likes: facts added, history kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.facts import SkillFact, standing_facts
from portal.models import (
    Account,
    AssertionSource,
    Credential,
    CredentialType,
    DomainEvent,
    Interest,
    Occupation,
    OccupationSkill,
    PastTrade,
    Person,
    ProofState,
    ReferenceOrigin,
    Skill,
    SkillAssertion,
)
from portal.text import prefix_pattern

_NOT_KNOWN = "credential_not_known"


@dataclass(frozen=True, slots=True)
class Ability:
    """A skill of the person: what stands, what says otherwise, and all that was said."""

    skill: Skill
    fact: SkillFact[SkillAssertion]
    history: Sequence[tuple[SkillAssertion, str | None]]


def list_abilities(session: Session, person: Person) -> list[Ability]:
    """Every skill that was asked, with its history, most recent first."""
    rows = session.execute(
        select(SkillAssertion, Account)
        .outerjoin(Account, Account.id == SkillAssertion.by_id)
        .where(SkillAssertion.person_id == person.id)
        .options(joinedload(SkillAssertion.skill))
        .order_by(SkillAssertion.asserted_on.desc(), SkillAssertion.id.desc())
    ).all()
    history: dict[str, list[tuple[SkillAssertion, str | None]]] = defaultdict(list)
    for assertion, account in rows:
        name = account.full_name if account else None
        history[assertion.skill_code].append((assertion, name))
    facts = standing_facts(assertion for assertion, _ in rows)
    found = [Ability(fact.standing.skill, fact, history[code]) for code, fact in facts.items()]
    return sorted(found, key=lambda ability: ability.skill.plain.casefold())


def record_levels(
    session: Session,
    actor: Actor | None,
    *,
    person: Person,
    levels: Iterable[tuple[str, int | None]],
    source: AssertionSource,
    on: date,
    evidence: str | None = None,
) -> int:
    """One assertion for each answer; what was said before stays. How many were recorded."""
    rows = [
        SkillAssertion(
            person_id=person.id,
            skill_code=code,
            level=level,
            source=source,
            asserted_on=on,
            by_id=actor.account.id if actor else None,
            evidence=evidence,
        )
        for code, level in levels
    ]
    session.add_all(rows)
    session.flush()
    return len(rows)


def list_known_codes(session: Session, codes: Iterable[str]) -> dict[str, Skill]:
    """The skills of the reference among these codes."""
    wanted = list(codes)
    return {row.code: row for row in session.scalars(select(Skill).where(Skill.code.in_(wanted)))}


@dataclass(frozen=True, slots=True)
class Card:
    """A core skill of a trade that the person has practised or likes, not asked yet."""

    skill: Skill
    trade: str


def list_cards(session: Session, person: Person) -> list[Card]:
    """The skills to ask, those of practised trades first, each once."""
    asked = {
        row.same_as_code or row.code
        for row in session.scalars(
            select(Skill)
            .join(SkillAssertion, SkillAssertion.skill_code == Skill.code)
            .where(SkillAssertion.person_id == person.id)
        )
    }
    cards: dict[str, Card] = {}
    trades = _trades_to_ask(session, person)
    links = _core_links(session, [code for code, _ in trades])
    for code, label in trades:
        for link in links[code]:
            canonical = link.skill.same_as_code or link.skill_code
            if canonical not in asked:
                cards.setdefault(canonical, Card(link.skill, label))
    return list(cards.values())


def _trades_to_ask(session: Session, person: Person) -> list[tuple[str, str]]:
    practised = session.execute(
        select(Occupation.code, Occupation.label)
        .join(PastTrade, PastTrade.occupation_code == Occupation.code)
        .where(PastTrade.person_id == person.id)
        .order_by(PastTrade.years.desc().nulls_last(), Occupation.label)
    )
    liked = session.execute(
        select(Occupation.code, Occupation.label)
        .join(Interest, Interest.occupation_code == Occupation.code)
        .where(Interest.person_id == person.id, Interest.liking == 1)
        .order_by(Occupation.label)
    )
    return list({row.code: row.label for row in (*practised, *liked)}.items())


def _core_links(session: Session, codes: Sequence[str]) -> dict[str, list[OccupationSkill]]:
    rows = session.scalars(
        select(OccupationSkill)
        .join(Skill)
        .where(
            OccupationSkill.occupation_code.in_(codes),
            OccupationSkill.core,
            Skill.retired.is_(False),
        )
        .options(joinedload(OccupationSkill.skill))
        .order_by(Skill.label)
    )
    found: dict[str, list[OccupationSkill]] = defaultdict(list)
    for row in rows:
        found[row.occupation_code].append(row)
    # Ours are worded to be said aloud: where they exist, ROME's stay aside.
    return defaultdict(
        list,
        {
            code: [r for r in links if r.origin is ReferenceOrigin.STARTER] or links
            for code, links in found.items()
        },
    )


def list_past_trades(session: Session, person: Person) -> list[PastTrade]:
    """The occupations the person has practised, longest first."""
    return list(
        session.scalars(
            select(PastTrade)
            .where(PastTrade.person_id == person.id)
            .options(joinedload(PastTrade.occupation))
            .order_by(PastTrade.years.desc().nulls_last(), PastTrade.id)
        )
    )


def record_past_trade(
    session: Session, *, person: Person, occupation_code: str, years: int | None
) -> PastTrade:
    """An occupation practised; said again, only its years change."""
    row = session.scalar(
        select(PastTrade).filter_by(person_id=person.id, occupation_code=occupation_code)
    )
    if row is None:
        row = PastTrade(person_id=person.id, occupation_code=occupation_code)
        session.add(row)
    row.years = years
    session.flush()
    return row


def record_past_trade_removed(session: Session, *, person: Person, occupation_code: str) -> None:
    """Entered by mistake; the skills already answered stay."""
    session.execute(
        delete(PastTrade).where(
            PastTrade.person_id == person.id, PastTrade.occupation_code == occupation_code
        )
    )


def list_interests(session: Session, person: Person) -> list[Interest]:
    """What the person likes, then what they refuse."""
    return list(
        session.scalars(
            select(Interest)
            .join(Occupation)
            .where(Interest.person_id == person.id)
            .options(joinedload(Interest.occupation))
            .order_by(Interest.liking.desc(), Occupation.label)
        )
    )


def record_interest(
    session: Session, *, person: Person, occupation_code: str, liking: int | None
) -> None:
    """👍 (1), 👎 (-1), or nothing any more (None)."""
    row = session.get(Interest, (person.id, occupation_code))
    if liking is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(Interest(person_id=person.id, occupation_code=occupation_code, liking=liking))
    else:
        row.liking, row.recorded_on = liking, clock.today()
    session.flush()


def get_occupation(session: Session, code: str) -> Occupation | None:
    """An occupation that is still in the reference."""
    row = session.get(Occupation, code)
    return None if row is None or row.retired else row


def list_occupations_begun(session: Session, text: str, limit: int) -> list[Occupation]:
    """The occupations one word of whose name begins as the text does."""
    begun = prefix_pattern(text)
    query = select(Occupation).where(
        Occupation.retired.is_(False),
        or_(
            Occupation.search_label.like(begun, escape="\\"),
            Occupation.search_label.like(f"% {begun}", escape="\\"),
        ),
    )
    return list(session.scalars(query.order_by(Occupation.search_label).limit(limit)))


def list_credentials(session: Session, person: Person) -> list[Credential]:
    """What the person holds, then what they do not hold yet."""
    return list(
        session.scalars(
            select(Credential)
            .join(CredentialType)
            .where(Credential.person_id == person.id)
            .options(selectinload(Credential.type))
            .order_by(Credential.held.desc(), CredentialType.label)
        )
    )


def list_credential_types(session: Session) -> list[CredentialType]:
    """The closed list of licences and certificates."""
    return list(session.scalars(select(CredentialType).order_by(CredentialType.label)))


@dataclass(frozen=True, slots=True)
class CredentialFact:
    """What is said of one licence or certificate."""

    type_code: str
    held: bool
    obtained_on: date | None = None
    expires_on: date | None = None
    proof: ProofState = ProofState.DECLARED


def record_credential(
    session: Session, actor: Actor, *, person: Person, fact: CredentialFact
) -> Credential:
    """What is now known of a credential; the journal keeps what was said before."""
    row = session.scalar(
        select(Credential).filter_by(person_id=person.id, type_code=fact.type_code)
    )
    before = _said_of(row)
    if row is None:
        row = Credential(person_id=person.id, type_code=fact.type_code)
        session.add(row)
    row.held, row.proof = fact.held, fact.proof
    row.obtained_on, row.expires_on = fact.obtained_on, fact.expires_on
    row.recorded_by_id = actor.account.id
    session.flush()
    record_event(
        session, actor=actor, subject=row, name="credential_recorded", details={"before": before}
    )
    return row


def _said_of(row: Credential | None) -> dict[str, object] | None:
    if row is None:
        return None
    return {
        "held": row.held,
        "expires_on": row.expires_on.isoformat() if row.expires_on else None,
        "proof": row.proof.value,
    }


def record_credential_not_known(
    session: Session, actor: Actor, *, person: Person, type_code: str
) -> None:
    """Asked, and the person does not know: nothing is assumed, and it is not asked again."""
    details = {"type": type_code}
    record_event(session, actor=actor, subject=person, name=_NOT_KNOWN, details=details)


def list_asked_and_not_known(session: Session, person: Person) -> set[tuple[str, str]]:
    """What was asked without an answer, as (kind, code): not to be asked again at once."""
    assertions = session.execute(_ASSERTION.where(SkillAssertion.person_id == person.id))
    skills = {("skill", code) for code, f in standing_facts(assertions).items() if f.level is None}
    events = session.scalars(
        select(DomainEvent.details).filter_by(
            subject_kind="person", subject_id=person.id, name=_NOT_KNOWN
        )
    )
    return skills | {("credential", str(details.get("type"))) for details in events}


# What tells which assertion stands; a person may have hundreds.
_ASSERTION = select(
    SkillAssertion.id,
    SkillAssertion.skill_code,
    SkillAssertion.level,
    SkillAssertion.source,
    SkillAssertion.asserted_on,
)
