"""The kinds of import, what reads each, and what the screen says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from portal.imports.base import Importer
from portal.models import ImportKind
from portal.text import N_


@dataclass(frozen=True, slots=True)
class KindOfImport:
    """How a kind is read and presented.

    ``importer`` is « module:class », loaded when used. ``accept`` lists the extensions the
    screen offers. ``configure`` is the endpoint of a page that gathers options once the file
    is uploaded (it receives ``token``), None when there is nothing to choose.
    """

    importer: str
    accept: tuple[str, ...]
    expected: str
    configure: str | None = None


KINDS: dict[ImportKind, KindOfImport] = {
    ImportKind.ROME: KindOfImport(
        "portal.imports.rome:RomeImporter",
        (".zip",),
        N_("L’archive ZIP des fichiers CSV du ROME 4.0, telle que France Travail la publie."),
    ),
    ImportKind.COMMUNES: KindOfImport(
        "portal.imports.communes:CommunesImporter",
        (".csv", ".json"),
        N_(
            "Un CSV des communes, ou le JSON de l’API Découpage administratif avec"
            " «\u00a0centre\u00a0»."
        ),
    ),
    ImportKind.CATALOGUE: KindOfImport(
        "portal.imports.lheo:CatalogueImporter",
        (".xml", ".zip"),
        N_("Un fichier XML au format LHEO 1.3, 2.2 ou 2.3."),
    ),
    ImportKind.OFFERS: KindOfImport(
        "portal.imports.france_travail:OffersImporter",
        (".json", ".jsonl"),
        N_(
            "Le JSON de l’API «\u00a0Offres d’emploi v2\u00a0» de France Travail,"
            " ou une offre par ligne."
        ),
    ),
    ImportKind.PEOPLE: KindOfImport(
        "portal.imports.people:PeopleImporter",
        (".csv", ".xlsx"),
        N_("Un CSV ou un XLSX\u00a0: une personne par ligne, une ligne d’en-têtes."),
        configure="people_import.columns",
    ),
}


def make_importer(kind: ImportKind, options: Mapping[str, Any] | None = None) -> Importer:
    """The importer of a kind, with the options chosen for this run."""
    module, _, name = KINDS[kind].importer.partition(":")
    return cast(Importer, getattr(import_module(module), name)(options))
