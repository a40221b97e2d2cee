"""People of a Département: CSV or XLSX, columns chosen on screen or guessed by their headings.

Keyed by the owner's own identifier. The same row as last time changes nothing, whatever was
corrected here since. A row that looks like somebody known under another identifier is set aside
and asked (``people_duplicates``). A file with social security numbers is refused whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from sqlalchemy.orm import Session

from portal.imports.base import Context, Importer, Item, RefusedFileError, Rejection, Verdict
from portal.imports.people_columns import check_columns, chosen_columns
from portal.imports.people_duplicates import find_look_alikes, row_of_value
from portal.imports.people_files import headings_of, rows_of
from portal.imports.people_reading import RowReader
from portal.imports.people_resolving import PersonFacts, Resolver
from portal.imports.people_rows import (
    PersonWriter,
    candidates_by_ref,
    is_same_person,
    people_by_ref,
)
from portal.imports.people_values import PERSON, QUESTION, PersonValue
from portal.imports.source import Source
from portal.models import DuplicateCandidate, DuplicateState, ImportKind, Person

ALIKE = (
    "Cette ligne ressemble à une personne déjà connue, ou à une autre ligne : elle attend une "
    "décision dans « Ressemblances à décider »."
)


class PeopleImporter(Importer):
    """``options``: ``organisation_id`` (the owner) and ``columns`` ({field: heading})."""

    kind = ImportKind.PEOPLE
    parts = (PERSON, QUESTION)

    @property
    def _owner_id(self) -> int:
        owner = self.options.get("organisation_id")
        if not owner:
            raise RefusedFileError(
                "Un fichier de personnes appartient à une structure : dites au nom de quel compte "
                "l’importer."
            )
        return int(owner)

    def read(self, source: Source, context: Context) -> Iterator[Item | Rejection]:
        """One item per row that has an identifier and a name."""
        assert self._owner_id
        headings = headings_of(source)
        columns = chosen_columns(self.options, headings)
        check_columns(columns, headings, source.name)
        self._columns = columns
        reader = RowReader(columns, context)
        for row in rows_of(source):
            yield _of_part(row) if isinstance(row, Rejection) else reader.read(row)

    def compare(
        self, session: Session, items: Sequence[Item], context: Context
    ) -> Iterable[Verdict | Rejection]:
        """By identifier, then by likeness."""
        resolver = self._resolver(session, context)
        refs = [item.key for item in items]
        candidates = candidates_by_ref(session, self._owner_id, refs)
        if items[0].part == QUESTION:
            for item in items:
                facts = resolver.resolve(session, item.value)
                yield _verdict(candidates.get(item.key), facts)
            return
        people = people_by_ref(session, self._owner_id, refs)
        alike = find_look_alikes(session, resolver.family, [item.value for item in items])
        for item in items:
            facts = resolver.resolve(session, item.value, partial(self._fail, context, item))
            known, candidate = people.get(item.key), candidates.get(item.key)
            if known is not None:
                yield _verdict_on_person(known, facts)
            elif is_same_person(candidate):
                yield _verdict(candidate, facts)
            elif item.key in alike or item.value.twin:
                context.stage.add(Item(item.key, item.value, item.line, QUESTION))
                yield Rejection(item.line, None, ALIKE, PERSON)
            else:
                yield Verdict.CREATED

    def _fail(self, context: Context, item: Item, field: str, reason: str) -> None:
        context.remark(item.line, self._columns.get(field), reason, PERSON)

    def _resolver(self, session: Session, context: Context) -> Resolver:
        if "resolver" not in context.memory:
            context.memory["resolver"] = Resolver(session, self._owner_id)
        resolver: Resolver = context.memory["resolver"]
        return resolver

    def apply(self, session: Session, items: Sequence[Item], context: Context) -> None:
        """People first, then the rows that look like them."""
        resolver = self._resolver(session, context)
        writer = PersonWriter(
            session,
            owner_id=self._owner_id,
            account_id=context.account_id,
            today=context.today,
        )
        write = self._ask if items[0].part == QUESTION else self._record
        write(session, items, writer, resolver, context)
        session.flush()

    def _record(
        self,
        session: Session,
        items: Sequence[Item],
        writer: PersonWriter,
        resolver: Resolver,
        context: Context,  # noqa: ARG002 -- same shape as _ask
    ) -> None:
        refs = [item.key for item in items]
        people = people_by_ref(session, self._owner_id, refs)
        candidates = candidates_by_ref(session, self._owner_id, refs)
        for item in items:
            facts = resolver.resolve(session, item.value)
            known, candidate = people.get(item.key), candidates.get(item.key)
            if known is not None:
                writer.update(known, item.value, facts)
            elif candidate is not None and is_same_person(candidate):
                writer.complete(session.get_one(Person, candidate.person_id), item.value, facts)
                candidate.digest = facts.digest
            else:
                writer.create(item.value, facts)

    def _ask(
        self,
        session: Session,
        items: Sequence[Item],
        writer: PersonWriter,
        resolver: Resolver,
        context: Context,
    ) -> None:
        values: list[PersonValue] = [item.value for item in items]
        alike = find_look_alikes(session, resolver.family, values)
        known = candidates_by_ref(session, self._owner_id, [item.key for item in items])
        for value in values:
            facts = resolver.resolve(session, value)
            person_id = alike.get(value.external_ref)
            if person_id is None:  # the other row was not kept: nobody to mistake it for
                writer.create(value, facts)
                continue
            row = known.get(value.external_ref) or DuplicateCandidate(
                owner_id=self._owner_id, external_ref=value.external_ref
            )
            row.person_id, row.run_id = person_id, context.run_id
            row.row, row.digest = row_of_value(value), facts.digest
            session.add(row)


def _of_part(rejection: Rejection) -> Rejection:
    return Rejection(rejection.line, rejection.field, rejection.reason, PERSON)


def _verdict_on_person(person: Person, facts: PersonFacts) -> Verdict:
    """A person who left, or objected, is not brought back by a file."""
    gone = person.archived_at is not None or person.objected_at is not None
    if gone or person.import_digest == facts.digest:
        return Verdict.UNCHANGED
    return Verdict.CHANGED


def _verdict(candidate: DuplicateCandidate | None, facts: PersonFacts) -> Verdict:
    if candidate is None:
        return Verdict.CREATED
    decided = candidate.state is DuplicateState.DIFFERENT
    if decided or candidate.digest == facts.digest:
        return Verdict.UNCHANGED
    return Verdict.CHANGED
