"""The canonical form of labels and queries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.labels.normalise import canonical, fold, masculine, stem
from matching.labels.queries import query_readings

SAME = [
    # description, one spelling, another one
    ("accents and case", "MAÇON", "macon"),
    ("ligature", "Manœuvre", "manoeuvre"),
    ("typographic apostrophe", "agent d’entretien", "agent d'entretien"),
    ("elision left out", "agent d entretien", "agent d'entretien"),
    ("hyphens are spaces", "chauffeur-livreur", "chauffeur livreur"),
    ("both genders with a slash", "Maçon / Maçonne", "maçon"),
    ("both genders, then the rest", "Vendeur / Vendeuse de fleurs", "vendeur de fleurs"),
    (
        "two words in both genders",
        "Conseiller vendeur / Conseillère vendeuse à domicile",
        "conseiller vendeur à domicile",
    ),
    (
        "the repeated half keeps its complement",
        "Chef d'équipe / Cheffe d'équipe maçon",
        "chef d'équipe maçon",
    ),
    ("irregular feminine", "Hôte / Hôtesse de caisse", "hôte de caisse"),
    ("both genders with « ou »", "serveur ou serveuse", "serveur"),
    ("suffix in brackets", "vendeur(euse)", "vendeur"),
    ("short suffix in brackets", "vendeur(se)", "vendeuse"),
    ("suffix and plural in brackets", "ouvrier(ère)s", "ouvriers"),
    ("two suffixes", "Conseiller(ère) vendeur(se)", "conseiller vendeur"),
    ("middle dot", "agent·e", "agent"),
    ("middle dots and plural", "agent·e·s", "agents"),
    ("full stops", "agent.e.s", "agent"),
    ("full stop, longer suffix", "technicien.ne", "technicien"),
    ("slash without spaces", "Administrateur/trice", "administratrice"),
    ("slash, short suffix", "Technicien/ne qualité", "technicienne qualité"),
    ("hyphenated suffix", "administrateur-trice", "administrateur"),
    ("H/F stuck to the word", "plombierH/F", "plombier"),
    ("a slash between two words", "coach/formateur", "coach formateur"),
    ("the sound", "Technicien / Technicienne du son", "technicien son"),
    ("the sound, last", "Assistant / Assistante son", "assistant son"),
    ("his", "Technicien pour son équipe", "technicien equipe"),
    ("H/F", "plombier H/F", "plombier"),
    ("H-F", "ELECTRICIEN H-F", "électricien"),
    ("(F/H)", "plombier (F/H)", "plombier"),
    ("(H/F/X)", "plombier (H/F/X)", "plombier"),
    ("(HF)", "Data analyst (HF)", "data analyst"),
    ("article in both genders", "Un(e) plombier", "plombier"),
    ("plural", "préparateurs de commandes", "préparateur de commande"),
    ("plural in -aux", "commerciaux", "commercial"),
    ("plural in -eaux", "réseaux", "réseau"),
    ("PL", "chauffeur PL", "chauffeur poids lourd"),
    ("SPL", "conducteur SPL", "conducteur super poids lourds"),
    ("VRD", "maçon VRD", "maçon voirie et réseaux divers"),
    ("TP", "chef de chantier TP", "chef de chantier travaux publics"),
    ("BTP", "ouvrier BTP", "ouvrier du bâtiment et des travaux publics"),
    ("ASH", "ASH", "agent de service hospitalier"),
    ("AES", "AES", "accompagnant éducatif et social"),
    ("AVS", "AVS", "auxiliaire de vie sociale"),
    ("ETAM", "ETAM", "employés, techniciens et agents de maîtrise"),
    ("dev", "dev web", "développeur web"),
    ("recommendation spaced", "CACES R 489-3", "caces r489 3"),
    ("recommendation with a dot", "R.482 cat. A", "r482 a"),
    ("recommendation without R", "caces 489 catégorie 3", "CACES R489 3"),
    ("category named", "permis catégorie C", "permis C"),
    ("programming languages keep their signs", "Développeur C#", "développeur csharp"),
]
DIFFERENT = [
    ("a category is not an article", "permis A", "permis"),
    ("another category", "permis C", "permis D"),
    ("another CACES", "CACES R489 3", "CACES R489 5"),
    ("another language", "développeur C++", "développeur C#"),
    ("a trade is not its place", "maçon", "maçonnerie"),
]


@pytest.mark.parametrize(("description", "one", "other"), SAME, ids=lambda v: str(v)[:40])
def test_spellings_of_the_same_thing_meet(description: str, one: str, other: str) -> None:
    assert canonical(one) == canonical(other) != "", description


@pytest.mark.parametrize(("description", "one", "other"), DIFFERENT, ids=lambda v: str(v)[:40])
def test_different_things_stay_apart(description: str, one: str, other: str) -> None:
    assert canonical(one) != canonical(other), description


@pytest.mark.parametrize("text", ["", "   ", "???", "(H/F)", "«»", "\u0301", "/ / /"])
def test_nothing_to_read_is_empty(text: str) -> None:
    assert canonical(text) == ""
    assert query_readings(text) == ("", (), ())


def test_a_text_of_stop_words_alone_is_kept() -> None:
    assert canonical("les") != ""


@pytest.mark.parametrize(
    ("description", "query", "trade"),
    [
        ("wish", "je cherche un poste de cariste", "cariste"),
        ("advert", "URGENT recherche cariste", "cariste"),
        ("article that opens the trade", "poste dessinateur", "dessinateur"),
        ("sector", "travailler dans les espaces verts", "espace vert"),
        ("contract", "cariste CDI", "cariste"),
        ("hours", "cariste 35h", "cariste"),
        ("post code", "cariste 59000", "cariste"),
        ("agency reference", "cariste EC22245", "cariste"),
        ("beginner", "cariste débutant accepté", "cariste"),
        ("pay", "soudeur TIG 2 000 € brut", "soudeur tig"),
        ("shifts", "cariste 2*8", "cariste"),
        ("grade", "maçon coffreur N3P2", "macon coffreur"),
        ("who asks", "Une entreprise du Pas-de-Calais recherche un cariste", "cariste"),
        ("district", "aide à domicile secteur Hazebrouck", "aide domicile"),
        ("far away", "soudeur en grand déplacement", "soudeur"),
        ("who works", "préparateur de commandes étudiant", "preparateur commande"),
        ("leave", "secrétaire (remplacement congé maternité)", "secretaire"),
    ],
)
def test_noise_is_left_out_of_another_reading(description: str, query: str, trade: str) -> None:
    assert trade in query_readings(query).others, description


def test_the_sector_of_a_manager_is_no_district() -> None:
    assert query_readings("responsable de secteur propreté").others == ()


def test_the_life_of_students_is_not_noise() -> None:
    assert query_readings("conseiller vie étudiante").others == ()


def test_research_is_not_noise_inside_a_title() -> None:
    readings = query_readings("chargé de recherche")
    assert readings.literal == "charge recherche"
    assert readings.others == ()


def test_segments_of_a_long_title_are_read_apart() -> None:
    readings = query_readings("Peintre H/F - Amiens - ville")
    assert readings.segments == ("peintre", "amien", "ville")


def test_brackets_of_the_feminine_are_no_segment() -> None:
    assert query_readings("Ingénieur(e) projet (H/F)").segments == ()


@pytest.mark.parametrize(
    ("description", "query", "today"),
    [
        ("forklift without its number", "caces 3", "caces r489 3"),
        ("former forklifts", "R389 3", "r489 3"),
        ("former machines, the category changes too", "caces R372m 9", "caces r482 f"),
        ("former platforms", "R386 3B", "r486 b"),
    ],
)
def test_a_caces_gets_its_number_of_today(description: str, query: str, today: str) -> None:
    assert today in query_readings(query).others, description


def test_stems_relate_the_doer_and_the_deed() -> None:
    assert stem("nettoyage") == stem("nettoyeur")
    assert stem("restauration") == stem("restaurant")
    assert stem("r489") == "r489"


@given(st.text(max_size=60))
def test_any_text_has_a_canonical_form(text: str) -> None:
    form = canonical(text)
    assert form == canonical(text)
    assert form == " ".join(form.split())
    assert "/" not in form
    readings = query_readings(text)
    assert readings.literal == form
    assert readings.literal not in readings.others


def test_a_capital_hidden_in_a_compatibility_form_is_folded() -> None:
    assert fold("𝐌açon") == "macon"


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.from_regex(r"[a-z]{1,15}", fullmatch=True))
def test_the_masculine_of_a_word_is_a_word(word: str) -> None:
    assert masculine(word).isalpha()
