"""Training catalogues in LHEO XML 1.3, 2.2 and 2.3: formation → action → session.

Namespaces: ``http://www.lheo.org/1.3.0``, ``http://www.lheo.org/2.2`` and
``http://lheo.gouv.fr/2.3``; a file in another version is refused, with the ones that are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import IO

from lxml import etree
from sqlalchemy.orm import Session

from portal.imports.base import Context, Importer, Item, RefusedFileError, Rejection, Verdict
from portal.imports.lheo_confirming import confirm_sessions
from portal.imports.lheo_reading import LAYOUTS, Layout, read_formation
from portal.imports.lheo_rows import Catalogue, rows_of
from portal.imports.lheo_values import ORGANISATION, PARTS, SESSION
from portal.imports.readers import bad_xml, read_xml
from portal.imports.safety import FileKind, SafeZip, require
from portal.imports.source import Source
from portal.models import ImportKind

EXPECTED = "un fichier XML au format LHEO 1.3, 2.2 ou 2.3, seul ou dans une archive ZIP"
_LAYOUT_OF_NAMESPACE = {
    "http://www.lheo.org/1.3.0": LAYOUTS["1"],
    "http://www.lheo.org/2.2": LAYOUTS["2"],
    "http://lheo.gouv.fr/2.3": LAYOUTS["2"],
}
_NO_PLACE = (
    "La commune de la session n’est pas connue ici : la session est gardée sans lieu, et ne "
    "sera proposée à personne tant qu’il manque."
)

_Opening = Callable[[], AbstractContextManager[IO[bytes]]]


class CatalogueImporter(Importer):
    """Adds and updates formations, actions and sessions; removes none.

    Seats are never in LHEO: those that were entered stay. Facts of a session that somebody
    corrected (``TrainingSession.corrected``), and those entered by hand, stay too.
    """

    kind = ImportKind.CATALOGUE
    parts = PARTS

    def read(self, source: Source, context: Context) -> Iterator[Item | Rejection]:
        """Items of every file, parents before children."""
        kind = require(source, FileKind.XML, FileKind.ZIP, expected=EXPECTED)
        with ExitStack() as stack:
            for name, opening in _files(source, kind, stack):
                before = source.bytes_read
                with opening() as stream:
                    layout = _layout(stream, name)
                source.bytes_read = before
                with opening() as stream:
                    yield from _items(stream, name, layout, context)

    def compare(
        self, session: Session, items: Sequence[Item], context: Context
    ) -> Iterable[Verdict | Rejection]:
        """What the file says, beside what is known under the same numbers."""
        catalogue = _catalogue(session, context)
        rows = rows_of(items[0].part, session, catalogue)
        for item, known in zip(items, rows.load(items), strict=True):
            if item.part == SESSION and catalogue.lacks_place(item.value):
                context.remark(item.line, "lieu-de-formation", _NO_PLACE, SESSION)
            if known is None:
                yield Verdict.CREATED
            else:
                same = rows.snapshot(known) == rows.wanted(item.value, known)
                yield Verdict.UNCHANGED if same else Verdict.CHANGED

    def apply(self, session: Session, items: Sequence[Item], context: Context) -> None:
        """Create or change the rows of a batch."""
        rows = rows_of(items[0].part, session, _catalogue(session, context))
        known = rows.load(items)
        with session.no_autoflush:  # the reference is asked while a row is half written
            for item, row in zip(items, known, strict=True):
                rows.write(item.value, row)
        session.flush()

    def finish(self, session: Session, context: Context) -> None:
        """Date the sessions that the file confirms, report those that it no longer has."""
        confirm_sessions(session, context)


def _catalogue(session: Session, context: Context) -> Catalogue:
    """What the reference says, read once a run."""
    catalogue: Catalogue = context.memory.setdefault("catalogue", None) or Catalogue(session)
    context.memory["catalogue"] = catalogue
    catalogue.session = session
    return catalogue


def _files(source: Source, kind: FileKind, stack: ExitStack) -> Iterator[tuple[str, _Opening]]:
    """The XML file, or those of the archive."""
    if kind is FileKind.XML:
        yield source.name, source.open
        return
    archive = SafeZip(source.path, source.name)
    stack.callback(archive.close)
    names = [name for name in archive.names if name.lower().endswith(".xml")]
    if not names:
        raise RefusedFileError(
            f"L’archive « {source.name} » ne contient aucun fichier XML : il faut {EXPECTED}."
        )
    source.total_bytes = archive.unpacked_bytes
    for name in names:
        yield name, partial(_entry, source, archive, name)


@contextmanager
def _entry(source: Source, archive: SafeZip, name: str) -> Iterator[IO[bytes]]:
    with archive.open(name) as stream, source.counted(stream) as counted:
        yield counted


def _layout(stream: IO[bytes], name: str) -> Layout:
    """How the version of the file is laid out, from the namespace of its root."""
    try:
        events = etree.iterparse(
            stream,
            events=("start",),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        _, root = next(events)
    except (etree.XMLSyntaxError, StopIteration) as error:
        raise bad_xml(name, error) from error
    namespace = etree.QName(root).namespace or ""
    layout = _LAYOUT_OF_NAMESPACE.get(namespace)
    if layout is None or etree.QName(root).localname != "lheo":
        said = f"« {namespace[:60]} »" if namespace else "sans version"
        raise RefusedFileError(
            f"« {name} » est un XML « {etree.QName(root).localname[:40]} » ({said}) : "
            f"il faut {EXPECTED}."
        )
    return layout


def _items(
    stream: IO[bytes], name: str, layout: Layout, context: Context
) -> Iterator[Item | Rejection]:
    seen = False
    for element in read_xml(stream, name, layout.tag, roots={"lheo"}, expected=EXPECTED):
        seen = True
        for found in read_formation(element, layout, context.remark):
            if not _organisation_again(found, context):
                yield found
    if not seen:
        raise RefusedFileError(
            f"« {name} » ne contient aucune formation : vérifiez l’export du catalogue."
        )


def _organisation_again(found: Item | Rejection, context: Context) -> bool:
    """An organisation runs many actions: the first mention is enough."""
    return (
        isinstance(found, Item)
        and found.part == ORGANISATION
        and bool(context.stage.known(ORGANISATION, [found.key]))
    )
