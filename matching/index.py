"""The index: everything that does not change between two queries, built once and shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np

from matching.book import Ground, OfferBook
from matching.bulk.cast import Cast
from matching.bulk.stage import Stage
from matching.by_offer import OfferJudgement, judge_offer
from matching.by_person import Judgement, judge_person
from matching.offers import OfferTable
from matching.people import PeopleTable
from matching.records import Commune, Offer, Person, Session, Taxonomy
from matching.sessions import REMOTE, SessionTable

# Fewer people are read one by one; more are cut out of the table.
_FEW = 300


@dataclass(frozen=True)
class Index:
    """People, offers, sessions, communes and taxonomy on a given day. Never changed once built.

    A person or an offer that is not in it can be ranked too, against what is in it.
    """

    today: date
    people: PeopleTable
    book: OfferBook = field(repr=False)
    sessions: SessionTable
    communes: Mapping[str, Commune]
    taxonomy: Taxonomy

    @classmethod
    def build(
        cls,
        people: Iterable[Person],
        offers: Iterable[Offer],
        sessions: Iterable[Session],
        communes: Iterable[Commune],
        taxonomy: Taxonomy,
        today: date,
    ) -> Index:
        """Index the records. The order they come in changes nothing to any answer.

        Raises ``ValueError`` when two records of one kind share an id, or two communes a code.
        """
        people, offers, sessions = tuple(people), tuple(offers), tuple(sessions)
        communes = tuple(communes)
        _refuse_twins("person", [person.id for person in people])
        _refuse_twins("offer", [offer.id for offer in offers])
        _refuse_twins("session", [session.id for session in sessions])
        _refuse_twins("commune", [commune.code for commune in communes])
        centres = {commune.code: commune for commune in communes}
        trainings = SessionTable.build(sessions, centres, taxonomy.group_of)
        ground = Ground(trainings, centres, taxonomy, today)
        persons = PeopleTable.build(people, centres, taxonomy.group_of)
        book = OfferBook(ground, ground.table(offers))
        return cls(today, persons, book, trainings, centres, taxonomy)

    @property
    def offers(self) -> OfferTable:
        """The offers as one table, made again at its first use after a change."""
        return self.book.table

    @property
    def stage(self) -> Stage:
        """Offers and sessions as the lists of everyone read them."""
        return self.book.stage

    @cached_property
    def cast(self) -> Cast:
        """People as the lists of everyone read them; those of one person make none."""
        return Cast(self.people, self.stage, self.taxonomy)

    @property
    def unlocated(self) -> tuple[str, ...]:
        """The communes in use whose centre is not known, in reach of nothing but themselves."""
        used: set[str] = set()
        for table in (self.people, self.offers, self.sessions):
            # A remote session is in no place; a person replaced may have left theirs empty.
            numbers = np.unique(table.place[table.place != REMOTE])
            used.update(table.places.codes[number] for number in numbers)
        return tuple(sorted(used - self.communes.keys()))

    def on(self, day: date, available: Collection[str] = ()) -> Index:
        """The same records on another day, on which these people become available (by their ids).

        As built on that day: what lists need of offers and sessions is laid out again when asked.
        """
        known = self.people.number
        numbers = np.array([known[name] for name in available if name in known], dtype=np.int64)
        people = self.people.available_from_day(numbers, day) if len(numbers) else self.people
        return replace(self, today=day, people=people, book=self.book.on(day))

    def with_person(self, person: Person) -> Index:
        """The same index where this person replaces the one of the same id, or is added."""
        people = self.people.with_person(person, self.communes, self.taxonomy.group_of)
        return replace(self, people=people)

    def with_people(self, people: Sequence[Person]) -> Index:
        """The same index where these people replace those of the same ids, or are added.

        All at once: a thousand cost little more than a few. ``ValueError`` on two of one id.
        """
        _refuse_twins("person", [person.id for person in people])
        new = PeopleTable.build(people, self.communes, self.taxonomy.group_of)
        kept = [n for name, n in self.people.number.items() if name not in new.number]
        others = self.people.taking(np.array(kept, dtype=np.int64))
        return replace(self, people=others.then(new))

    def among(self, person_ids: Collection[str]) -> Index:
        """The same index with these people alone (ids that are not in it are passed over)."""
        kept = [n for name, n in self.people.number.items() if name in person_ids]
        if len(kept) == len(self.people.number):
            return self
        if len(kept) > _FEW:
            people = self.people.taking(np.array(kept, dtype=np.int64))
        else:
            records = [self.people.people[number] for number in kept]
            people = PeopleTable.build(records, self.communes, self.taxonomy.group_of)
        return replace(self, people=people)

    def with_offers_among(self, offer_ids: Collection[str]) -> Index:
        """The same index with these offers alone (ids that are not in it are passed over)."""
        return replace(self, book=self.book.among(offer_ids))

    def with_sessions(self, sessions: Iterable[Session]) -> Index:
        """The same index with these sessions instead of all it had."""
        sessions = tuple(sessions)
        _refuse_twins("session", [session.id for session in sessions])
        table = SessionTable.build(sessions, self.communes, self.taxonomy.group_of)
        return replace(self, sessions=table, book=self.book.against(table))

    def with_offer(self, offer: Offer) -> Index:
        """The same index where this offer replaces the one of the same id, or is added."""
        return self.with_offers([offer])

    def with_offers(self, offers: Sequence[Offer]) -> Index:
        """The same index where these offers replace those of the same ids, or are added."""
        return replace(self, book=self.book.with_offers(offers)) if offers else self

    def with_communes(self, communes: Mapping[str, Commune]) -> Index:
        """The same index among other communes. Exact when no record is in one that differs."""
        return replace(self, communes=communes, book=self.book.among_communes(communes))

    def with_taxonomy(self, taxonomy: Taxonomy) -> Index:
        """The same index under another taxonomy.

        Exact when no record of the index has a skill whose group differs in it: such records are to
        be given again, after (``with_people``, ``with_offers``, ``with_sessions``).
        """
        return replace(self, taxonomy=taxonomy, book=self.book.under(taxonomy))

    def judge_person(self, person: Person) -> Judgement:
        """One person against every offer of the index."""
        return self._judge_person(person, self.offers)

    def judge_pair(self, person: Person, offer: Offer) -> Judgement:
        """One person against one offer, in the index or not: arrays of one element."""
        return self._judge_person(person, self._table_of([offer]))

    def judge_offer(self, offer: Offer) -> OfferJudgement:
        """One offer against every person of the index."""
        return judge_offer(
            offer,
            self.people,
            self.sessions,
            self.communes,
            self.taxonomy,
            self.today.toordinal(),
        )

    def _judge_person(self, person: Person, table: OfferTable) -> Judgement:
        return judge_person(
            person, table, self.sessions, self.communes, self.taxonomy, self.today.toordinal()
        )

    def _table_of(self, offers: Sequence[Offer]) -> OfferTable:
        return self.book.ground.table(offers)


def _refuse_twins(kind: str, ids: Sequence[str]) -> None:
    twins = [name for name, times in Counter(ids).items() if times > 1]
    if twins:
        raise ValueError(f"two records of kind {kind} share the id {min(twins)!r}")
