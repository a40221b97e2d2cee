"""The fields of a people file, and the headings by which each is guessed.

``options["columns"]`` of the importer is {field key: heading of the file}; a heading serves one
field. Without it, columns are guessed by their headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.imports.base import RefusedFileError
from portal.text import N_, fold


@dataclass(frozen=True, slots=True)
class PersonField:
    """A thing that a file may say of a person."""

    key: str
    label: str
    aliases: tuple[str, ...]
    hint: str = ""
    required: bool = False


_SEVERAL = N_(
    "Plusieurs valeurs\u00a0: séparées par «\u00a0;\u00a0», «\u00a0|\u00a0» ou «\u00a0,\u00a0»."
)

FIELDS: tuple[PersonField, ...] = (
    PersonField(
        "external_ref",
        N_("Identifiant du dossier"),
        ("identifiant", "id", "numero dossier", "n dossier", "matricule", "id dossier", "dossier",
         "identifiant dossier", "numero de dossier", "reference", "id usager", "code usager"),
        N_("Le vôtre, le même dans chaque fichier. Jamais le numéro de sécurité sociale."),
        required=True,
    ),
    PersonField(
        "last_name",
        N_("Nom"),
        ("nom", "nom de famille", "nom usuel", "nom d usage", "nom usage", "nom naissance"),
        required=True,
    ),
    PersonField("first_name", N_("Prénom"), ("prenom", "prenoms", "prenom usuel"), required=True),
    PersonField(
        "birth_date",
        N_("Date de naissance"),
        ("date de naissance", "date naissance", "naissance", "ne le", "nee le", "ne e le", "ddn"),
        N_("Elle sert aux vérifications d’âge légal et à reconnaître les doublons."),
    ),
    PersonField(
        "phone",
        N_("Téléphone"),
        ("telephone", "tel", "portable", "mobile", "telephone portable", "numero de telephone",
         "tel portable", "telephone mobile"),
    ),
    PersonField(
        "email", N_("Courriel"), ("courriel", "email", "e mail", "mail", "adresse mail", "mel")
    ),
    PersonField(
        "insee", N_("Code INSEE de la commune"), ("code insee", "insee", "code commune", "codgeo")
    ),
    PersonField("postal", N_("Code postal"), ("code postal", "cp", "codepostal")),
    PersonField("city", N_("Commune"), ("commune", "ville", "commune de residence", "localite")),
    PersonField(
        "contact_preference",
        N_("Moyen de contact préféré"),
        ("contact prefere", "preference de contact", "moyen de contact", "preference contact"),
    ),
    PersonField(
        "modes",
        N_("Moyens de déplacement"),
        ("deplacement", "mobilite", "moyens de deplacement", "moyen de transport", "transport"),
        _SEVERAL,
    ),
    PersonField(
        "available_from",
        N_("Disponible à partir du"),
        ("disponible a partir du", "disponibilite", "date de disponibilite", "disponible le"),
    ),
    PersonField(
        "statuses",
        N_("Statuts"),
        ("statut", "statuts", "situation", "droits", "dispositif"),
        _SEVERAL,
    ),
    PersonField(
        "status_start",
        N_("Début des statuts"),
        ("date statut", "debut statut", "date debut statut", "statut depuis", "date d entree",
         "date ouverture droits", "date debut", "debut"),
    ),
    PersonField(
        "status_end", N_("Fin des statuts"), ("fin statut", "date fin statut", "date fin", "fin")
    ),
    PersonField(
        "status_source", N_("Source des statuts"), ("source statut", "source", "source du statut")
    ),
    PersonField(
        "trades",
        N_("Métiers exercés"),
        ("metiers", "metier", "metiers exerces", "metier exerce", "dernier emploi", "experience",
         "experiences", "rome", "codes rome", "code rome", "emplois exerces"),
        _SEVERAL,
    ),
    PersonField(
        "skills", N_("Savoir-faire"), ("competences", "savoir faire", "competence"), _SEVERAL
    ),
    PersonField(
        "credentials",
        N_("Permis et habilitations"),
        ("permis", "habilitations", "permis et habilitations", "caces", "certificats",
         "permis habilitations", "titres", "habilitation"),
        _SEVERAL,
    ),
    PersonField(
        "referent",
        N_("Courriel professionnel du référent"),
        ("referent", "email referent", "courriel referent", "mail referent", "referent unique"),
        N_("Sans lui, la personne est suivie par la structure."),
    ),
)  # fmt: skip

BY_KEY: Mapping[str, PersonField] = {field.key: field for field in FIELDS}
REQUIRED = tuple(field.key for field in FIELDS if field.required)


def plain_heading(heading: str) -> str:
    """A heading to compare: « N° de dossier » → « n de dossier »."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(heading).replace("°", " ")).split())


def guess_columns(headings: Iterable[str]) -> dict[str, str]:
    """{field key: heading}: the field whose names have the heading, each used once."""
    by_name = {name: field.key for field in FIELDS for name in field.aliases}
    found: dict[str, str] = {}
    for heading in headings:
        key = by_name.get(plain_heading(heading))
        if key and key not in found:
            found[key] = heading
    return found


def check_columns(columns: Mapping[str, str], headings: Sequence[str], name: str) -> None:
    """Refuse a mapping that the file cannot serve, saying what to do."""
    unknown = [heading for heading in columns.values() if heading not in headings]
    if unknown:
        raise RefusedFileError(
            f"« {name} » n’a pas la colonne « {unknown[0][:60]} » : choisissez de nouveau "
            "les colonnes."
        )
    missing = [BY_KEY[key].label for key in REQUIRED if key not in columns]
    if missing:
        raise RefusedFileError(
            f"« {name} » : il faut une colonne pour {', '.join(missing)}. Colonnes trouvées : "
            f"{', '.join(heading[:40] for heading in headings[:12])}."
        )


def chosen_columns(options: Mapping[str, object], headings: Sequence[str]) -> dict[str, str]:
    """The mapping of the options, or the guessed one; fields nobody knows are left."""
    given = options.get("columns")
    if not isinstance(given, Mapping):
        return guess_columns(headings)
    return {str(key): str(heading) for key, heading in given.items() if key in BY_KEY and heading}
