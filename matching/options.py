"""The options of ``python -m matching``, with what each is for, and those that go together."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import NamedTuple

from matching.words import FrenchParser, count, day, positive

ENDING = """\
Code de retour\u00a0: 0 si tout va bien, 2 si c’est refusé ou impossible (le motif
est dit sur la sortie d’erreur), 130 si c’est arrêté au clavier."""
_ON_FILES = """\
Exemple\u00a0:
  python -m matching {command} --people personnes.jsonl \\
    --offers offres.jsonl --sessions sessions.jsonl --communes communes.csv \\
    --taxonomy rome/ --today 2026-11-20 {more}"""
_ON_WORDS = """\
Exemple\u00a0:
  echo "peintre en bâtiment" | python -m matching resolve \\
    --taxonomy rome/ --kind occupation --top 5"""


class Told(NamedTuple):
    """What the help says of a command: in a line, in a sentence, and by an example."""

    short: str
    about: str
    example: str


RANK = Told(
    "la liste de chaque personne, ou de chaque offre",
    """\
La liste de chaque personne (ses offres, la meilleure d’abord) ou de chaque
offre (ses personnes), une ligne JSON chacune, dans l’ordre du fichier.""",
    _ON_FILES.format(command="rank", more="--top 20"),
)
PATHWAYS = Told(
    "les parcours datés de chaque personne",
    """\
Les parcours datés de chaque personne vers des emplois ou des métiers, une
ligne JSON par personne, dans l’ordre du fichier.""",
    _ON_FILES.format(command="pathways", more="--offers-each 3"),
)
EXPLAIN = Told(
    "une personne devant une offre, en détail",
    """\
Une personne devant une offre\u00a0: son groupe, chaque exigence et le fait qui y
répond, les sessions qui comblent un écart. Une ligne JSON.""",
    _ON_FILES.format(command="explain", more="--person P1 --offer O1"),
)
RESOLVE = Told(
    "les codes de mots de tous les jours",
    """\
Les codes de mots de tous les jours\u00a0: une demande par ligne sur l’entrée
standard, une ligne JSON de résultats sur la sortie, dans le même ordre.""",
    _ON_WORDS,
)
_TLS = {
    "ca": "certificat de l’autorité à qui faire confiance (avec tls://)",
    "cert": "notre certificat (avec tls://)",
    "key": "clé de notre certificat (avec --tls-cert)",
}


def add_files(parser: FrenchParser) -> None:
    """The files of a territory, the day, and where to write."""
    files = parser.add_argument_group("fichiers du territoire")
    for name, what in (
        ("people", "personnes, en JSON Lines"),
        ("offers", "offres, en JSON Lines"),
        ("sessions", "sessions de formation, en JSON Lines"),
        ("communes", "centres des communes, en CSV (code_insee, latitude, longitude)"),
    ):
        files.add_argument(f"--{name}", type=Path, required=True, metavar="FICHIER", help=what)
    files.add_argument(
        "--taxonomy", type=Path, metavar="DOSSIER",
        help="métiers et savoir-faire (occupations.csv et skills.csv)\u00a0; sans lui, aucun métier"
        " n’a de voisin",
    )  # fmt: skip
    parser.add_argument(
        "--today", type=day, required=True, metavar="AAAA-MM-JJ", help="jour du calcul"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FICHIER",
        help="où écrire, tout ou rien (sinon la sortie standard)",
    )  # fmt: skip


def add_rank(parser: FrenchParser) -> None:
    """The options of ``rank``."""
    add_files(parser)
    parser.add_argument(
        "--top", type=positive, default=20, metavar="N", help="longueur des listes (20 sinon)"
    )
    parser.add_argument(
        "--by", choices=("person", "offer"), default="person",
        help="une liste par personne (person, sinon) ou par offre (offer)",
    )  # fmt: skip
    _add_shards(parser, "50\u00a0000 personnes ou 25\u00a0000 offres")


def add_pathways(parser: FrenchParser) -> None:
    """The options of ``pathways``."""
    add_files(parser)
    parser.add_argument(
        "--offers-each", type=count, default=3, metavar="N",
        help="vers les N premières offres pour lesquelles la personne n’est pas prête (3 sinon)",
    )  # fmt: skip
    parser.add_argument(
        "--no-liked", dest="liked", action="store_false", help="pas vers les métiers qu’elle aime"
    )
    _add_shards(parser, "5\u00a0000 personnes")


def add_explain(parser: FrenchParser) -> None:
    """The options of ``explain``."""
    add_files(parser)
    parser.add_argument("--person", required=True, metavar="ID", help="identifiant de la personne")
    parser.add_argument("--offer", required=True, metavar="ID", help="identifiant de l’offre")


def _add_shards(parser: FrenchParser, usual: str) -> None:
    """Several processes, or several machines (docs/scaling.md)."""
    parser.add_argument(
        "--workers", type=positive, metavar="N", help="processus de cette machine (1 sinon)"
    )
    shards = parser.add_argument_group("très grands territoires")
    shards.add_argument(
        "--parts", type=Path, metavar="DOSSIER",
        help="calculer par tranches, un fichier Parquet chacune, gardé ici\u00a0: la même commande"
        " reprend où une autre s’est arrêtée",
    )  # fmt: skip
    shards.add_argument(
        "--shard", type=positive, metavar="N",
        help=f"taille d’une tranche, avec --parts ({usual} sinon)",
    )  # fmt: skip
    shards.add_argument(
        "--scheduler", metavar="ADRESSE",
        help="faire les tranches par les agents d’un ordonnanceur Dask, tcp://machine:8786 ou"
        " tls://machine:8786, avec --parts",
    )  # fmt: skip
    for name, what in _TLS.items():
        shards.add_argument(f"--tls-{name}", metavar="PEM", help=what)


def idle_option(given: Namespace) -> str | None:
    """What to change when an option would do nothing, or None when each one counts."""
    if given.scheduler is None:
        if any((given.tls_ca, given.tls_cert, given.tls_key)):
            return "--tls-ca, --tls-cert et --tls-key ne servent qu’avec --scheduler tls://…"
        if given.shard and not given.parts:
            return (
                "--shard ne sert qu’avec --parts\u00a0: ajoutez --parts et le dossier des tranches"
            )
        return None
    if not given.parts:
        return "--scheduler\u00a0: ajoutez --parts et le dossier des tranches"
    if given.workers:
        return "--workers compte les processus de cette machine\u00a0: ôtez-le, ou ôtez --scheduler"
    return unusable_scheduler(given.scheduler, (given.tls_ca, given.tls_cert, given.tls_key))


def unusable_scheduler(address: str, tls: tuple[str | None, str | None, str | None]) -> str | None:
    """What is wrong with an address and its certificates (authority, ours, its key), or None."""
    if not address.startswith(("tcp://", "tls://")):
        return (
            f"--scheduler\u00a0: écrivez l’adresse tcp://machine:port ou tls://…, pas {address!r}"
        )
    if any(tls) and not address.startswith("tls://"):
        return "--tls-ca, --tls-cert et --tls-key demandent une adresse en tls://"
    if tls[2] and not tls[1]:
        return "--tls-key\u00a0: ajoutez --tls-cert, le certificat dont c’est la clé"
    for name, path in zip(_TLS, tls, strict=True):
        if path and not Path(path).is_file():
            return f"--tls-{name}\u00a0: il n’y a pas de fichier {path}"
    return None
