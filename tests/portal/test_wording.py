"""Words: what the law forbids is flagged, the words of the trades are not; and typography."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from hypothesis import given
from hypothesis import strategies as st

from portal.offers.wording import find_discriminating, legitimate_examples

FLAGGED = [
    # text, grounds expected
    ("jeune homme dynamique", {"age", "sex"}),
    ("Recherche jeune pour chantier", {"age"}),
    ("équipe jeune et dynamique", {"age"}),
    ("JEUNES DIPLÔMÉS bienvenus", {"age"}),
    ("On recrute des jeunes motivés", {"age"}),
    ("privilégier un profil jeune", {"age"}),
    ("moins de 35 ans", {"age"}),
    ("ressortissant européen uniquement", {"origin"}),
    ("personne d’origine française", {"origin"}),
    ("non pratiquant", {"religion"}),
    ("profil entre 25 et 40 ans", {"age"}),
    ("âge maximum : 45", {"age"}),
    ("Seniors s’abstenir", {"age"}),
    ("Poste réservé aux hommes", {"sex"}),
    ("femme de ménage 10 h par semaine", {"sex"}),
    ("femme\u00a0de  chambre", {"sex"}),
    ("équipe exclusivement féminine", {"sex"}),
    ("cherche un gars costaud", {"sex"}),
    ("nationalité française exigée", {"origin"}),
    ("Langue maternelle : français", {"origin"}),
    ("ouvrier français uniquement", {"origin"}),
    ("pas d’étrangers", {"origin"}),
    ("équipe BBR", {"origin"}),
    ("Vous êtes en bonne santé", {"health"}),
    ("excellente condition physique", {"health"}),
    ("sans problème de dos", {"health"}),
    ("pas d’arrêt maladie", {"health"}),
    ("travailleur handicapé s’abstenir", {"health"}),
    ("célibataire de préférence", {"family"}),
    ("sans enfants", {"family"}),
    ("mère de famille acceptée", {"family"}),
    ("libre de toute contrainte familiale", {"family"}),
    ("Bonne présentation exigée", {"appearance"}),
    ("sans piercing ni tatouage", {"appearance"}),
    ("physique agréable", {"appearance"}),
    ("pas de voile", {"religion"}),
    ("catholique pratiquant", {"religion"}),
    ("habiter à Arras", {"residence"}),
    ("domicile proche du dépôt", {"residence"}),
    ("nom à consonance française", {"name"}),
    ("non syndiqué", {"opinions"}),
    ("non-fumeur", {"orientation"}),
    ("pas de RSA", {"poverty"}),
    ("pas de cas sociaux", {"poverty"}),
]

LEGITIMATE = [
    "Entretien d’une jeune pousse et de jeunes plants",
    "Travaux de génie civil",
    "Assurance homme-clé",
    "Agent(e) d’entretien H/F",
    "Pose à hauteur d’homme",
    "Descente en trou d’homme, CATEC apprécié",
    "Poste ouvert aux femmes et aux hommes",
    "Serveur (homme/femme)",
    "Vendeur au rayon femme",
    "Auxiliaire auprès de jeunes enfants",
    "Accompagnement de jeunes en insertion",
    "Aide à domicile auprès de personnes âgées de plus de 80 ans",
    "Garde d’enfants de 3 à 12 ans",
    "Plus de 20 ans d’expérience dans l’entreprise",
    "Avoir 18 ans minimum pour conduire l’engin.",
    "Poste ouvert aux personnes en situation de handicap",
    "Remplacement d’un congé maternité",
    "Établissement non fumeur",
    "Anglais langue étrangère apprécié, clientèle étrangère",
    "Permis B valide, CACES R482 A",
    "Travail en équipe, de nuit, 2 x 8",
    "Conducteur de poids lourd, taille de pierre, carte mère",
    "Vie scolaire d’un lycée catholique",
    "Aide aux personnes vivant à domicile",
    "Peinture blanche et enduits, dépose de vieux enduits",
    "Compactage à la dame vibrante",
    "Sage-femme coordinatrice",
    "Connecteurs mâles et pièces d’origine",
    "Nettoyage de la maison mère et des maisons témoins",
    "Dynamique et à l’écoute, autonome",
    "Motiver les pratiquants du club, tutorer les jeunes en formation",
    "Moteur d’origine, réparation de dégâts d’origine naturelle",
    "Romans et bandes dessinées : libraire",
    "Pose de menuiseries, humidité des murs, normes",
]


@pytest.mark.parametrize(("text", "grounds"), FLAGGED, ids=[text for text, _ in FLAGGED])
def test_a_discriminating_text_is_flagged_with_its_grounds(text: str, grounds: set[str]) -> None:
    found = find_discriminating(text)
    assert {finding.ground.code for finding in found} == grounds
    for finding in found:
        assert text[finding.start : finding.end] == finding.excerpt
        assert finding.ground.reason
        assert finding.proposal
        assert "L11" in finding.ground.article


@pytest.mark.parametrize("text", LEGITIMATE + legitimate_examples())
def test_the_words_of_the_trades_are_left_alone(text: str) -> None:
    assert [(f.ground.code, f.excerpt) for f in find_discriminating(text)] == []


def test_a_legitimate_phrase_does_not_hide_another_passage() -> None:
    found = find_discriminating("Trou d’homme : cherche homme de moins de 30 ans")
    assert [(finding.ground.code, finding.excerpt) for finding in found] == [
        ("sex", "homme"),
        ("age", "moins de 30 ans"),
    ]


@given(st.text(max_size=200))
def test_any_text_is_read_without_failure_and_excerpts_are_its_own(text: str) -> None:
    for finding in find_discriminating(text):
        assert text[finding.start : finding.end] == finding.excerpt
        assert finding.excerpt


def test_the_official_words_of_skills_are_hardly_ever_flagged(shared_data: Path) -> None:
    labels = {
        cell
        for file in (shared_data / "rome").rglob("*competence*.csv")
        for row in csv.reader(file.read_text(encoding="utf-8").splitlines())
        for cell in row
        if " " in cell
    }
    assert len(labels) > 5_000
    flagged = [label for label in labels if find_discriminating(label)]
    assert len(flagged) < len(labels) / 1_000, flagged[:20]


# Typography ----------------------------------------------------------------------------------

ROOT = Path(__file__).resolve().parents[2]
#: An ordinary space where French wants one that does not break: before : ; ? ! » and after «.
_BREAKING = re.compile(r" (?=[:;?!»](?!=))|(?<=«) ")
_KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "_l": None, "lazy_gettext": None}


def test_no_sentence_of_the_screens_breaks_before_its_marks() -> None:
    with (ROOT / "scripts" / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    messages = [
        (f"{path}:{line}", text)
        for path, line, message, *_ in extract_from_dir(ROOT, methods, options, keywords=_KEYWORDS)
        for text in ([message] if isinstance(message, str) else message)
    ]
    assert len(messages) > 2_000
    assert [where for where in messages if _BREAKING.search(where[1])] == []


def test_nor_what_templates_write_around_them() -> None:
    templates = sorted((ROOT / "templates").rglob("*.html"))
    assert len(templates) > 100
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in templates
        for number, line in enumerate(_without_comments(path).splitlines(), 1)
        if _BREAKING.search(line)
    ]
    assert found == []


def _without_comments(path: Path) -> str:
    """The text of a template, with the lines of its comments left empty."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"\{#.*?#\}", lambda found: "\n" * found[0].count("\n"), text, flags=re.S)
