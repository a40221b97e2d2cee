"""Offers of France Travail (« Offres d'emploi v2 »): the answer of the API, a list, or JSON Lines.

What the file does not say, and what is assumed instead (docs/imports.md):

- An offer in today's file is alive today: it is fresh for ``FRESH_DAYS`` from the import, whatever
  its own dates. The same file imported again renews it.
- No start date is given: the post is wanted from a week to ``LATEST_START`` after the import.
- A place wider than a commune is rejected: a journey to a whole département means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import ijson
from sqlalchemy.orm import Session

from portal.imports.base import Context, Importer, Item, RefusedFileError, Rejection, Verdict
from portal.imports.france_travail_reading import OFFER, Asked, read_offer
from portal.imports.france_travail_rows import OfferRows, Reference, confirm_offers
from portal.imports.readers import read_json_array, read_json_lines
from portal.imports.safety import FileKind, require
from portal.imports.source import Source
from portal.models import ImportKind

EXPECTED = (
    'le JSON de l’API « Offres d’emploi v2 » de France Travail : {"resultats": [...]}, une liste, '
    "ou une offre par ligne"
)


class OffersImporter(Importer):
    """Adds and updates public offers; removes none (freshness retires them)."""

    kind = ImportKind.OFFERS
    parts = (OFFER,)

    def read(self, source: Source, context: Context) -> Iterator[Item | Rejection]:  # noqa: ARG002
        """One item per offer."""
        require(source, FileKind.JSON, expected=EXPECTED)
        seen = False
        for line, value in _values(source):
            seen = True
            yield read_offer(line, value)
        if not seen:
            raise RefusedFileError(
                f"« {source.name} » ne contient aucune offre : il faut {EXPECTED}."
            )

    def compare(
        self, session: Session, items: Sequence[Item], context: Context
    ) -> Iterable[Verdict | Rejection]:
        """By identifier; an offer that an adviser took over is left as it is."""
        rows = OfferRows(session, _reference(session, context), self.options, items)
        for item in items:
            problem = rows.problem(item)
            if problem:
                yield problem
                continue
            for asked in rows.unknown_skills(item.value):
                context.remark(item.line, "competences", _left_out(asked), OFFER)
            yield rows.verdict(item.value)

    def apply(self, session: Session, items: Sequence[Item], context: Context) -> None:
        """Create or change the offers of a batch."""
        rows = OfferRows(session, _reference(session, context), self.options, items)
        for item in items:
            rows.write(item.value)
        session.flush()

    def finish(self, session: Session, context: Context) -> None:
        """Renew the freshness of every offer that the file has."""
        confirm_offers(session, context)


def _left_out(asked: Asked) -> str:
    return (
        f"« {asked.label} » ({asked.code}) n’est pas dans le ROME importé : "
        "l’exigence est laissée de côté."
    )


def _reference(session: Session, context: Context) -> Reference:
    reference: Reference = context.memory.setdefault("reference", None) or Reference(session)
    context.memory["reference"] = reference
    return reference


def _values(source: Source) -> Iterator[tuple[int, object]]:
    """(line or rank, value) of each offer."""
    prefix = _prefix(source)
    with source.open() as stream:
        if prefix is None:
            yield from read_json_lines(stream, source.name)
        else:
            yield from enumerate(read_json_array(stream, source.name, prefix), 1)


def _prefix(source: Source) -> str | None:
    """Where the offers are: in a list, under « resultats », or one by line (None)."""
    before = source.bytes_read
    try:
        with source.open() as stream:
            depth = 0
            for event, value in ijson.basic_parse(stream, multiple_values=True):
                if depth == 0 and event == "start_array":
                    return "item"
                if depth == 1 and event == "map_key" and value == "resultats":
                    return "resultats.item"
                depth += event.startswith("start_") - event.startswith("end_")
                if depth == 0:
                    return None
    except (ijson.JSONError, ValueError):
        return None
    finally:
        source.bytes_read = before
    return None
