"""From a row of a people file to a value, with a remark for each cell that cannot be used.

A row is rejected only without identifier, first name or last name; any other wrong cell is left
empty, and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from portal import matchmaking as mm
from portal.imports import people_values as values
from portal.imports.base import Context, Item, Rejection
from portal.imports.people_values import NAME, PERSON, FieldError, PersonValue, StatusValue
from portal.imports.readers import CsvRow
from portal.models import StatusSource
from portal.text import fold

Fail = Callable[[str], None]


class RowReader:
    """Reads the rows of one file, with its mapping of columns."""

    def __init__(self, columns: Mapping[str, str], context: Context) -> None:
        self._columns = columns
        self._context = context

    def read(self, row: CsvRow) -> Item | Rejection:
        """The person of a row, or why there is none."""
        key = ""
        try:
            for key, read in _NEEDED:
                read(self._cell(row, key))
        except FieldError as error:
            return Rejection(row.line, self._columns.get(key), str(error), PERSON)
        value = self._person(row)
        return Item(value.external_ref, value, row.line, PERSON)

    def _cell(self, row: CsvRow, key: str) -> str:
        return row.get(self._columns.get(key)).replace("\0", "")

    def _fail(self, row: CsvRow, key: str, reason: str) -> None:
        self._context.remark(row.line, self._columns.get(key), reason, PERSON)

    def _person(self, row: CsvRow) -> PersonValue:
        cell = partial(self._cell, row)
        today = self._context.today

        def read(key: str, how: Callable[[str], values.T]) -> values.T | None:
            return values.attempt(how, cell(key), partial(self._fail, row, key))

        ref, last = values.read_ref(cell("external_ref")), values.read_name(cell("last_name"))
        first = values.read_name(cell("first_name"))
        birth = read("birth_date", lambda text: values.read_birth(text, today))
        phone = read("phone", values.read_phone)
        return PersonValue(
            external_ref=ref,
            first_name=first,
            last_name=last,
            birth_date=birth,
            phone=phone,
            email=read("email", values.read_email),
            insee=cell("insee")[:5],
            postal=cell("postal").zfill(5)[:5] if cell("postal") else "",
            city=cell("city")[:100],
            contact_preference=read("contact_preference", values.read_preference),
            modes=read("modes", values.read_modes) or (),
            available_from=read("available_from", values.read_day),
            statuses=tuple(self._statuses(row)),
            trades=tuple(values.split(cell("trades"))),
            skills=tuple(values.split(cell("skills"))),
            credentials=tuple(self._credentials(row)),
            referent=read("referent", values.read_email),
            twin=self._is_twin(PersonValue(ref, first, last, birth, phone)),
        )

    def _statuses(self, row: CsvRow) -> list[StatusValue]:
        texts = list(values.split(self._cell(row, "statuses")))
        if not texts:
            return []
        dates = [
            values.attempt(values.read_day, self._cell(row, key), partial(self._fail, row, key))
            for key in ("status_start", "status_end")
        ]
        start, end = dates
        if start is None:
            self._fail(row, "statuses", "Un statut sans date de début n’est pas gardé.")
            return []
        if end is not None and end < start:
            self._fail(row, "status_end", "La fin du statut est avant son début : laissée vide.")
            end = None
        source = values.attempt(
            values.read_source,
            self._cell(row, "status_source"),
            partial(self._fail, row, "status_source"),
        )
        codes = (
            values.attempt(values.read_status, text, partial(self._fail, row, "statuses"))
            for text in texts
        )
        return [
            StatusValue(code, start, end, source or StatusSource.IMPORT_CD)
            for code in dict.fromkeys(codes)
            if code
        ]

    def _credentials(self, row: CsvRow) -> list[str]:
        """Licences and certificates as people write them: « B, C », « CACES 489 cat 1A et 3 ».

        « Oui » in a column says what its heading names (« Permis B »).
        """
        text = self._cell(row, "credentials")
        if fold(text) in _YES:
            return list(mm.recognise_credentials(self._columns["credentials"]))
        found = dict.fromkeys(mm.recognise_credentials(text))
        for part in values.split(text):
            named = mm.recognise_credentials(part) or mm.recognise_credentials(f"permis {part}")
            found.update(dict.fromkeys(named))
            if not named and _WORD.search(part) and fold(part) not in _NONE:
                reason = f"« {values.shown(part)} » n’est pas un permis ou un certificat reconnu."
                self._fail(row, "credentials", reason)
        return list(found)

    def _is_twin(self, value: PersonValue) -> bool:
        """Whether an earlier row looks like the same person: same name, and birth date or phone."""
        earlier = False
        for sign in (value.birth_date, value.phone):
            if sign:
                key = f"{value.search_name}\x1f{sign}"
                taken = self._context.stage.add(Item(key, value.external_ref, part=NAME))
                earlier = earlier or taken is not None
        return earlier


_YES = {"oui", "o", "x", "1", "vrai", "true"}
_NONE = {"aucun", "aucune", "neant", "sans", "sans permis", "pas de permis", "inconnu"}
_WORD = re.compile(r"[^\W\d_]{4}")

_NEEDED: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("external_ref", values.read_ref),
    ("last_name", values.read_name),
    ("first_name", values.read_name),
)
