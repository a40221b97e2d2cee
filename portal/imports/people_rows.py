"""How rows become people: created whole, or completed; a known fact is never taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from portal.doors.reach import close_old_reach, reach_of
from portal.imports.people_resolving import PersonFacts
from portal.imports.people_values import PersonValue, StatusValue
from portal.models import (
    AssertionSource,
    Credential,
    DuplicateCandidate,
    DuplicateState,
    Membership,
    PastTrade,
    Person,
    PersonStatus,
    Referral,
    SkillAssertion,
)

EVIDENCE = "Import d’un fichier"
_IDENTITY = ("birth_date", "phone", "email", "contact_preference", "available_from")


def people_by_ref(session: Session, owner_id: int, refs: Sequence[str]) -> dict[str, Person]:
    """{identifier: person} of an owner's own identifiers."""
    query = (
        select(Person)
        .where(Person.owner_id == owner_id, Person.external_ref.in_(refs))
        .options(selectinload(Person.statuses), selectinload(Person.referrals))
    )
    return {person.external_ref or "": person for person in session.scalars(query)}


def candidates_by_ref(
    session: Session, owner_id: int, refs: Sequence[str]
) -> dict[str, DuplicateCandidate]:
    """{identifier: row once set aside}, decided or not."""
    query = select(DuplicateCandidate).where(
        DuplicateCandidate.owner_id == owner_id, DuplicateCandidate.external_ref.in_(refs)
    )
    return {row.external_ref: row for row in session.scalars(query)}


def is_same_person(row: DuplicateCandidate | None) -> bool:
    """Whether somebody said that the row is another identifier of a known person."""
    return row is not None and row.state is DuplicateState.SAME


class PersonWriter:
    """Writes people for one owner, in the name of one account."""

    def __init__(
        self, session: Session, *, owner_id: int, account_id: int | None, today: date
    ) -> None:
        self._session = session
        self._owner_id = owner_id
        self._account_id = account_id
        self._today = today
        self._new: Person | None = None  # the one being created: nothing is known of it

    def create(self, value: PersonValue, facts: PersonFacts) -> Person:
        """A new person, followed from today by the structure or by the référent of the row."""
        person = Person(
            owner_id=self._owner_id,
            external_ref=value.external_ref,
            first_name=value.first_name,
            last_name=value.last_name,
            search_name=value.search_name,
            followed_since=self._today,
        )
        self._session.add(person)
        self._new = person
        self.update(person, value, facts)
        self._new = None
        return person

    def update(self, person: Person, value: PersonValue, facts: PersonFacts) -> None:
        """What the file says stands for identity and contact; what it does not say stays.

        A new number or mail ends what was sent to the old one.
        """
        before = reach_of(person)
        person.first_name, person.last_name = value.first_name, value.last_name
        person.search_name = value.search_name
        for name in _IDENTITY:
            if (said := getattr(value, name)) is not None:
                setattr(person, name, said)
        if value.modes:
            person.modes = "|".join(value.modes)
        if facts.commune:
            person.commune_code = facts.commune
            person.departement_code = facts.departement
        person.import_digest = facts.digest
        self._session.flush()
        close_old_reach(self._session, person, before=before)
        self.add_facts(person, value, facts)

    def complete(self, person: Person, value: PersonValue, facts: PersonFacts) -> None:
        """Fill what is unknown of a person met twice; nothing known is changed."""
        for name in (*_IDENTITY, "modes"):
            said = "|".join(value.modes) if name == "modes" else getattr(value, name)
            if said and not getattr(person, name):
                setattr(person, name, said)
        if facts.commune and not person.commune_code:
            person.commune_code = facts.commune
            person.departement_code = facts.departement
        self._session.flush()
        self.add_facts(person, value, facts)

    def add_facts(self, person: Person, value: PersonValue, facts: PersonFacts) -> None:
        """Statuses, trades, skills, credentials and follow-up that are not known yet."""
        self._add_statuses(person, value.statuses)
        self._add_trades(person, facts.trades)
        self._add_skills(person, facts.skills)
        self._add_credentials(person, facts.credentials)
        self._follow(person, facts.referent_id)
        self._session.flush()

    def _add_statuses(self, person: Person, statuses: Sequence[StatusValue]) -> None:
        query = select(PersonStatus).where(PersonStatus.person_id == person.id)
        rows = () if person is self._new else self._session.scalars(query)
        known = {(row.code, row.start): row for row in rows}
        for status in statuses:
            row = known.get((status.code, status.start))
            if row is None:
                self._session.add(
                    PersonStatus(
                        person_id=person.id,
                        code=status.code,
                        start=status.start,
                        end=status.end,
                        source=status.source,
                        recorded_by_id=self._account_id,
                    )
                )
            elif row.end is None and status.end is not None:
                row.end = status.end

    def _known(
        self,
        person: Person,
        code: InstrumentedAttribute[str],
        owner: InstrumentedAttribute[int],
    ) -> set[str]:
        """The codes already recorded for a person."""
        if person is self._new:
            return set()
        return set(self._session.scalars(select(code).where(owner == person.id)))

    def _add_trades(self, person: Person, codes: Sequence[str]) -> None:
        known = self._known(person, PastTrade.occupation_code, PastTrade.person_id)
        self._session.add_all(
            PastTrade(person_id=person.id, occupation_code=code)
            for code in codes
            if code not in known
        )

    def _add_skills(self, person: Person, skills: Sequence[tuple[str, int]]) -> None:
        """Declared, unless something was already said of the skill, by whoever."""
        known = self._known(person, SkillAssertion.skill_code, SkillAssertion.person_id)
        self._session.add_all(
            SkillAssertion(
                person_id=person.id,
                skill_code=code,
                level=level,
                source=AssertionSource.DECLARED,
                asserted_on=self._today,
                by_id=self._account_id,
                evidence=EVIDENCE,
            )
            for code, level in skills
            if code not in known
        )

    def _add_credentials(self, person: Person, codes: Sequence[str]) -> None:
        known = self._known(person, Credential.type_code, Credential.person_id)
        self._session.add_all(
            Credential(person_id=person.id, type_code=code, recorded_by_id=self._account_id)
            for code in codes
            if code not in known
        )

    def _follow(self, person: Person, referent_id: int | None) -> None:
        """A referral when nobody leads: people nobody follows may not be kept (CASF L.263-4-1)."""
        query = select(Referral.id).where(
            Referral.person_id == person.id, Referral.lead, Referral.end.is_(None)
        )
        if person is self._new or self._session.scalar(query.limit(1)) is None:
            self._session.add(
                Referral(
                    person_id=person.id,
                    organisation_id=self._structure_of(referent_id),
                    account_id=referent_id,
                    lead=True,
                    start=self._today,
                )
            )

    def _structure_of(self, referent_id: int | None) -> int:
        """Where the référent works: their portfolio is their structure's."""
        if referent_id is None:
            return self._owner_id
        query = (
            select(Membership.organisation_id)
            .where(Membership.account_id == referent_id, Membership.active)
            .order_by((Membership.organisation_id == self._owner_id).desc(), Membership.id)
        )
        return self._session.scalars(query.limit(1)).first() or self._owner_id
