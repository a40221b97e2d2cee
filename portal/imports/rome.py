"""ROME 4.0: occupations, appellations, competences, knowledge, links and mobilities.

A newer version replaces an older one; what it no longer has is retired, never deleted, for
people and offers may point to it (links between reference rows, which nobody points to, go).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from portal.imports.base import Context, Importer, Item, RefusedFileError, Rejection, Verdict
from portal.imports.occupation_relinking import propose_replacements
from portal.imports.readers import CsvRow
from portal.imports.relinking import Proposal, propose, save_proposals
from portal.imports.rome_files import (
    KNOWLEDGE,
    LINKS,
    MOBILITIES,
    OCCUPATIONS,
    SKILLS,
    TEXTS,
    TITLES,
    RomeBundle,
    missing_values,
    open_bundle,
)
from portal.imports.rome_retiring import (
    Missing,
    adopt_twin_titles,
    check_proportion,
    find_missing,
    loaded_version,
    retire,
)
from portal.imports.rome_tables import (
    GROUP,
    LINK,
    MOBILITY,
    OCCUPATION,
    SKILL,
    TABLES,
    TITLE,
    VERSION,
)
from portal.imports.source import Source
from portal.models import ImportKind, ReferenceOrigin, SkillKind, TitleKind
from portal.text import fold

_CODE_ROME = re.compile(r"[A-Z][0-9]{4}")
_CODE_OGR = re.compile(r"[0-9]{1,12}")
_SKILL_COLUMNS = ("code_ogr", "nature", "libelle_competence", "code_ogr_macro_comp", "cat_comp")
_CORE = "Principale"
_MACRO = "Macro-compétence"
_SOFT = "Savoir-être professionnel"
_LONGEST_NAME = 255

Found = Iterator[Item | Rejection]


class RomeImporter(Importer):
    """Reads the official files of one version."""

    kind = ImportKind.ROME
    parts = tuple(TABLES)

    def read(self, source: Source, context: Context) -> Found:
        """Every row of the files that matter; links to what the files do not have are rejected."""
        with open_bundle(source) as bundle:
            reading = _Reading(bundle)
            yield reading.version()
            yield from reading.skills()
            yield from reading.knowledge()
            yield from reading.occupations()
            yield from reading.titles()
            yield from reading.links()
            yield from reading.mobilities()
            context.memory["version"] = bundle.version.number

    def compare(
        self,
        session: Session,
        items: Sequence[Item],
        context: Context,  # noqa: ARG002
    ) -> Iterable[Verdict | Rejection]:
        """Against the tables, column by column."""
        return TABLES[items[0].part].compare(session, items)

    def prepare(self, session: Session, context: Context) -> None:
        """What would be retired, whether that is believable, and which links to propose."""
        version = context.memory["version"]
        loaded = loaded_version(session)
        if loaded is not None and version.isdecimal() and int(version) < loaded:
            raise RefusedFileError(
                f"La version {loaded} du ROME est déjà chargée : la version {version} est plus "
                "ancienne. Prenez la plus récente sur le site de France Travail."
            )
        missing = find_missing(session, context.stage)
        check_proportion(session, missing)
        context.memory["missing"] = missing
        context.memory["proposals"] = [
            *propose(session, context, set(missing.skills)),
            *propose_replacements(session, context.stage, missing),
        ]

    def apply(self, session: Session, items: Sequence[Item], context: Context) -> None:  # noqa: ARG002
        """Upsert a batch."""
        TABLES[items[0].part].apply(session, items)

    def finish(self, session: Session, context: Context) -> None:
        """Retire what is gone, drop old links, keep the proposals of links."""
        missing: Missing = context.memory["missing"]
        proposals: list[Proposal] = context.memory["proposals"]
        for part, number in retire(session, missing).items():
            context.counts.add(part, "changed", number)
            context.counts.add(part, "retired", number)
        adopt_twin_titles(session)
        save_proposals(session, proposals)


class _Reading:
    """Turns the files into items; remembers codes alone, to check the links between files."""

    def __init__(self, bundle: RomeBundle) -> None:
        self._bundle = bundle
        self._occupations: set[str] = set()
        self._skills: set[str] = set()
        self._ignored: set[str] = set()

    def version(self) -> Item:
        version = self._bundle.version
        value = {
            "origin": ReferenceOrigin.ROME,
            "version": version.number,
            "published_on": version.published_on,
        }
        return Item(version.number, value, part=VERSION)

    def skills(self) -> Found:
        """Competences; a macro-competence is also the group of those that name it."""
        groups = self._groups()
        for row in self._rows(SKILLS, SKILL, _SKILL_COLUMNS, needed=_SKILL_COLUMNS[:3]):
            if isinstance(row, Rejection):
                yield row
                continue
            if (group_code := _group(row)) and group_code not in groups:
                yield self._unknown(row, SKILLS, "code_ogr_macro_comp", SKILL)
                continue
            code, label = row.get("code_ogr"), _clean(row.get("libelle_competence"))
            self._skills.add(code)
            if row.get("nature") == _MACRO:
                group = {"code": code, "label": label, "origin": ReferenceOrigin.ROME}
                yield Item(code, group, row.line, GROUP)
            yield Item(code, _skill(code, label, _kind(row), group_code), row.line, SKILL)

    def knowledge(self) -> Found:
        """Knowledge items, which are skills of their own kind."""
        columns = ("code_ogr_savoir", "libelle_savoir")
        for row in self._rows(KNOWLEDGE, SKILL, columns):
            if isinstance(row, Rejection):
                yield row
                continue
            code = row.get("code_ogr_savoir")
            self._skills.add(code)
            label = _clean(row.get("libelle_savoir"))
            yield Item(code, _skill(code, label, SkillKind.KNOWLEDGE, None), row.line, SKILL)

    def occupations(self) -> Found:
        """Occupations with their definition."""
        definitions = self._definitions()
        columns = ("code_rome", "libelle_rome", "emploi_reglemente", "code_rome_parent")
        for row in self._rows(OCCUPATIONS, OCCUPATION, columns, needed=columns[:2]):
            if isinstance(row, Rejection):
                yield row
                continue
            code, label = row.get("code_rome"), _clean(row.get("libelle_rome"))
            if not _CODE_ROME.fullmatch(code):
                yield self._bad_code(row, OCCUPATIONS, "code_rome", OCCUPATION)
                continue
            self._occupations.add(code)
            parent = row.get("code_rome_parent")
            value = {
                "code": code,
                "label": label,
                "search_label": fold(label)[:_LONGEST_NAME],
                "definition": definitions.get(code),
                "parent_code": parent if _CODE_ROME.fullmatch(parent) else None,
                "regulated": row.get("emploi_reglemente") == "O",
                "origin": ReferenceOrigin.ROME,
                "retired": False,
            }
            yield Item(code, value, row.line, OCCUPATION)

    def titles(self) -> Found:
        """Appellations of the occupations."""
        columns = ("code_ogr", "libelle_appellation_long", "code_rome")
        for row in self._rows(TITLES, TITLE, columns):
            if isinstance(row, Rejection):
                yield row
            elif row.get("code_rome") not in self._occupations:
                yield self._unknown(row, TITLES, "code_rome", TITLE)
            else:
                value = {
                    "rome_code_ogr": row.get("code_ogr"),
                    "occupation_code": row.get("code_rome"),
                    "title": _clean(row.get("libelle_appellation_long")),
                    "kind": TitleKind.OFFICIAL,
                    "origin": ReferenceOrigin.ROME,
                    "retired": False,
                }
                yield Item(row.get("code_ogr"), value, row.line, TITLE)

    def links(self) -> Found:
        """Skills of the occupations; working conditions, which share the file, are left out."""
        self._ignored = self._conditions()
        columns = ("code_rome", "code_ogr", "coeur_metier")
        for row in self._rows(LINKS, LINK, columns, needed=columns[:2]):
            if isinstance(row, Rejection):
                yield row
            elif (code := row.get("code_ogr")) in self._ignored:
                continue
            elif (problem := self._unknown_end(row, code)) is not None:
                yield problem
            else:
                value = {
                    "occupation_code": row.get("code_rome"),
                    "skill_code": code,
                    "core": row.get("coeur_metier") == _CORE,
                    "origin": ReferenceOrigin.ROME,
                }
                yield Item(f"{row.get('code_rome')} {code}", value, row.line, LINK)

    def mobilities(self) -> Found:
        """Near occupations, by rank."""
        columns = ("code_rome", "code_rome_cible", "numero_ordre")
        for row in self._rows(MOBILITIES, MOBILITY, columns):
            if isinstance(row, Rejection):
                yield row
                continue
            unknown = next((c for c in columns[:2] if row.get(c) not in self._occupations), None)
            rank = row.get("numero_ordre")
            if unknown:
                yield self._unknown(row, MOBILITIES, unknown, MOBILITY)
            elif not rank.isdecimal() or not 1 <= int(rank[:9]) <= 1_000:
                yield self._bad_code(row, MOBILITIES, "numero_ordre", MOBILITY)
            else:
                source, target = row.get("code_rome"), row.get("code_rome_cible")
                value = {
                    "occupation_code": source,
                    "neighbour_code": target,
                    "rank": int(rank),
                    "origin": ReferenceOrigin.ROME,
                }
                yield Item(f"{source} {target}", value, row.line, MOBILITY)

    def _rows(
        self, stem: str, part: str, columns: Sequence[str], needed: Sequence[str] | None = None
    ) -> Iterator[CsvRow | Rejection]:
        """Rows whose needed cells are filled, whose code_ogr is a number and names are short."""
        for row in self._bundle.rows(stem, *columns):
            if isinstance(row, Rejection):
                yield Rejection(row.line, row.field, row.reason, part)
                continue
            empty = missing_values(row, needed or columns)
            code = row.get("code_ogr") or row.get("code_ogr_savoir")
            if empty:
                yield self._reject(row, stem, empty, "La cellule est vide.", part)
            elif code and not _CODE_OGR.fullmatch(code):
                yield self._bad_code(row, stem, columns[0], part)
            elif any(len(row.get(c)) > _LONGEST_NAME for c in columns if c.startswith("libelle")):
                yield self._reject(row, stem, None, "Le libellé dépasse 255 caractères.", part)
            else:
                yield row

    def _groups(self) -> set[str]:
        """The macro-competences that will be kept, wherever they stand in the file."""
        rows = self._rows(SKILLS, SKILL, _SKILL_COLUMNS, needed=_SKILL_COLUMNS[:3])
        return {
            row.get("code_ogr")
            for row in rows
            if isinstance(row, CsvRow) and row.get("nature") == _MACRO
        }

    def _definitions(self) -> dict[str, str]:
        """The sentences of each definition, in order."""
        if not self._bundle.has(TEXTS):
            return {}
        sentences: dict[str, list[tuple[int, str]]] = {}
        columns = ("code_rome", "libelle_type_texte", "position_phrase", "libelle_texte")
        for row in self._bundle.rows(TEXTS, *columns):
            if isinstance(row, CsvRow) and row.get("libelle_type_texte") == "definition":
                position = row.get("position_phrase")
                place = int(position[:9]) if position.isdecimal() else 0
                sentences.setdefault(row.get("code_rome"), []).append(
                    (place, _clean(row.get("libelle_texte")))
                )
        return {
            code: " ".join(text for _, text in sorted(found)) for code, found in sentences.items()
        }

    def _conditions(self) -> set[str]:
        stem = "referentiel_contexte_travail"
        if not self._bundle.has(stem):
            return set()
        rows = self._bundle.rows(stem, "code_ogr")
        return {row.get("code_ogr") for row in rows if isinstance(row, CsvRow)}

    def _unknown_end(self, row: CsvRow, code: str) -> Rejection | None:
        if row.get("code_rome") not in self._occupations:
            return self._unknown(row, LINKS, "code_rome", LINK)
        if code not in self._skills:
            return self._unknown(row, LINKS, "code_ogr", LINK)
        return None

    def _unknown(self, row: CsvRow, stem: str, column: str, part: str) -> Rejection:
        reason = f"« {row.get(column)[:40]} » n’est pas dans les fichiers de cette version."
        return self._reject(row, stem, column, reason, part)

    def _bad_code(self, row: CsvRow, stem: str, column: str, part: str) -> Rejection:
        reason = f"« {row.get(column)[:40]} » n’a pas la forme attendue."
        return self._reject(row, stem, column, reason, part)

    def _reject(
        self, row: CsvRow, stem: str, column: str | None, reason: str, part: str
    ) -> Rejection:
        name = self._bundle.name_of(stem)
        return Rejection(row.line, f"{name} : {column}" if column else name, reason, part)


def _clean(text: str) -> str:
    """One line, with the apostrophe of French typography, as everywhere in the portal."""
    return " ".join(text.split()).replace("'", "’")


def _kind(row: CsvRow) -> SkillKind:
    if row.get("nature") == _MACRO:
        return SkillKind.MACRO
    return SkillKind.SOFT if row.get("cat_comp") == _SOFT else SkillKind.KNOW_HOW


def _group(row: CsvRow) -> str | None:
    own = row.get("code_ogr") if row.get("nature") == _MACRO else None
    return own or row.get("code_ogr_macro_comp") or None


def _skill(code: str, label: str, kind: SkillKind, group: str | None) -> dict[str, Any]:
    return {
        "code": code,
        "label": label,
        "kind": kind,
        "group_code": group,
        "origin": ReferenceOrigin.ROME,
        "retired": False,
    }
