"""Ranking labels for what people type."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.labels.lexicon import everyday_words
from matching.labels.normalise import canonical, fold
from matching.labels.resolver import EverydayWord, Label, LabelIndex
from matching.labels.sources import read_taxonomy_labels
from matching.labels.vocabulary import LIGHT_WORDS

LABELS = [
    Label("BUILD", "Maçon / Maçonne"),
    Label("BUILD", "Ouvrier / Ouvrière de la maçonnerie"),
    Label("ROADS", "Maçon / Maçonne en voirie et réseaux divers (VRD)"),
    Label("LABOUR", "Aide-maçon / Aide-maçonne"),
    Label("LORRY", "Conducteur / Conductrice de poids lourd"),
    Label("LORRY", "Chauffeur / Chauffeuse de poids lourd"),
    Label("VAN", "Chauffeur-livreur / Chauffeuse-livreuse"),
    Label("DISHES", "Plongeur / Plongeuse en restauration"),
    Label("DIVER", "Plongeur / Plongeuse subaquatique"),
    Label("CLEAN", "Agent / Agente de propreté de locaux"),
    Label("HOME", "Employé familial / Employée familiale"),
    Label("WEB", "Développeur / Développeuse web"),
    Label("FORK3", "CACES R489 catégorie 3"),
    Label("FORK5", "CACES R489 catégorie 5"),
    Label("DIGGER", "CACES R482 catégorie B1"),
    Label("LICENCE_C", "Permis de conduire catégorie C"),
    Label("LICENCE_D", "Permis de conduire catégorie D"),
]
LEXICON = [
    EverydayWord("femme de ménage", ("HOME", "CLEAN", "NOT_HERE")),
    EverydayWord("camionneur", ("LORRY",)),
]


@pytest.fixture(scope="module")
def index() -> LabelIndex:
    return LabelIndex.build(LABELS, LEXICON)


def first(index: LabelIndex, query: str) -> str:
    return index.resolve(query)[0].id


@pytest.mark.parametrize(
    ("description", "query", "expected"),
    [
        ("the label itself", "Maçon / Maçonne", "BUILD"),
        ("masculine", "maçon", "BUILD"),
        ("feminine", "maçonne", "BUILD"),
        ("upper case without accents", "MACON", "BUILD"),
        ("inclusive with a middle dot", "maçon·ne", "BUILD"),
        ("plural with H/F", "maçons (H/F)", "BUILD"),
        ("one edit", "massçon", "BUILD"),
        ("abbreviation of the complement", "maçon vrd", "ROADS"),
        ("PL", "chauffeur pl", "LORRY"),
        ("two typing errors", "chaufeur poid lourd", "LORRY"),
        ("words in another order", "poids lourd chauffeur", "LORRY"),
        ("shortened word tells the two divers apart", "plongeur resto", "DISHES"),
        ("dev", "dev web", "WEB"),
        ("noise around the trade", "recherche chauffeur PL - Lille (H/F) CDI urgent", "LORRY"),
        ("licence category", "permis C", "LICENCE_C"),
        ("another licence category", "permis D", "LICENCE_D"),
        ("CACES without its recommendation", "caces 3", "FORK3"),
        ("CACES in full", "CACES R489 3", "FORK3"),
        ("former number", "CACES R389-5", "FORK5"),
        ("former number with another category", "CACES R372 2", "DIGGER"),
        ("everyday word", "femme de ménage", "HOME"),
        ("everyday word, plural and typing error", "femmes de menages", "HOME"),
        ("everyday word of one id", "camionneuse", "LORRY"),
    ],
)
def test_what_people_type_is_understood(
    index: LabelIndex, description: str, query: str, expected: str
) -> None:
    assert first(index, query) == expected, description


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("CAP maçon", "BUILD"),
        ("titre professionnel de maçon", "BUILD"),
        ("BEP chauffeur poids lourd", "LORRY"),
        ("certificat de qualification professionnelle chauffeur poids lourd", "LORRY"),
        ("diplôme de maçonne", "BUILD"),
    ],
)
def test_the_name_of_a_diploma_is_not_that_of_the_trade(
    index: LabelIndex, query: str, expected: str
) -> None:
    found = index.resolve(query)
    assert found[0].id == expected
    assert found[0].score >= 96


def test_a_label_said_in_full_is_not_hidden_by_what_comes_with_it() -> None:
    index = LabelIndex.build(
        [
            Label("BUTCHER", "Boucher"),
            Label("SHELVES", "Employé de grande surface en libre-service"),
        ]
    )
    assert first(index, "boucher préparateur grande surface") == "BUTCHER"


def test_the_second_meaning_of_a_near_phrase_counts_much_less() -> None:
    labels = [Label("ONE", "Aide à domicile"), Label("TWO", "Agent de propreté")]
    words = [EverydayWord("faire des ménages", ("ONE", "TWO"))]
    exact, near = (
        LabelIndex.build(labels, words).resolve(query)
        for query in ("faire des ménages", "faire des ménages chez des gens")
    )
    assert [match.id for match in exact] == [match.id for match in near] == ["ONE", "TWO"]
    assert exact[0].score - exact[1].score < 1
    assert near[0].score - near[1].score > 2


def test_the_meaning_whose_labels_are_nearer_comes_first_though_written_second() -> None:
    labels = [Label("WHOLE", "Vendeur en épicerie"), Label("BAKER", "Boulanger")]
    index = LabelIndex.build(labels, [EverydayWord("boulangerie", ("WHOLE", "BAKER"))])
    found = index.resolve("boulangerie")
    assert [(match.id, match.score) for match in found] == [("BAKER", 99.0), ("WHOLE", 98.8)]


def test_the_order_of_a_word_stands_when_the_labels_of_a_later_meaning_are_little_nearer() -> None:
    labels = [*LABELS, Label("SHOP", "Vendeur en boulangerie"), Label("BAKER", "Boulanger")]
    query = "boulangerie artisanale"
    assert first(LabelIndex.build(labels), query) == "BAKER"
    word = EverydayWord(query, ("SHOP", "BAKER"))
    found = LabelIndex.build(labels, [word]).resolve(query)
    assert [match.id for match in found[:2]] == ["SHOP", "BAKER"]


def test_a_firm_word_keeps_its_order_and_its_meanings_stay_in_doubt() -> None:
    labels = [Label("WHOLE", "Vendeur en épicerie"), Label("BAKER", "Boulanger")]
    word = EverydayWord("boulangerie", ("WHOLE", "BAKER"), firm=True)
    found = LabelIndex.build(labels, [word]).resolve("boulangerie")
    assert [(match.id, match.score) for match in found] == [("WHOLE", 99.0), ("BAKER", 97.0)]


def test_what_a_word_may_also_stand_for_comes_after_what_it_means_and_is_never_near() -> None:
    labels = [
        Label("LINE", "Assembleur monteur"),
        Label("FOOD", "Ouvrier de conserverie"),
        Label("METAL", "Opérateur de production de métaux"),
    ]
    word = EverydayWord("opérateur de production", ("LINE",), ("FOOD",))
    found = LabelIndex.build(labels, [word]).resolve("opérateur de production")
    assert [match.id for match in found] == ["LINE", "FOOD", "METAL"]
    assert found[0].score - found[1].score > 10
    assert found[0].confidence > 0.75


def test_the_verb_that_opens_a_skill_says_little() -> None:
    labels = [Label("WALL", "Monter un mur"), Label("PAINT", "Peindre une façade")]
    skills = LabelIndex.build(labels, light=LIGHT_WORDS)
    assert first(skills, "monter une façade peinte") == "PAINT"


def test_one_segment_does_not_hide_the_others() -> None:
    index = LabelIndex.build(
        [Label("ANY", "Technicien"), Label("LAB", "Technicien de laboratoire d'analyse")]
    )
    assert first(index, "technicien, laboratoire") == "LAB"
    assert first(index, "technicien - Lille") == "ANY"


@pytest.mark.parametrize("query", ["", "   ", "???", "(H/F)", "\x00", "漢字"])
def test_nothing_to_search_gives_nothing(index: LabelIndex, query: str) -> None:
    assert index.resolve(query) == ()


def test_what_is_unknown_scores_low(index: LabelIndex) -> None:
    for query in ("xzqwkj", "trombone à coulisse", "bonjour"):
        assert all(match.score < 45 for match in index.resolve(query)), query


def test_everyday_words_name_their_ids_in_order(index: LabelIndex) -> None:
    matches = index.resolve("femme de ménage")
    assert [match.id for match in matches[:2]] == ["HOME", "CLEAN"]
    assert matches[0].score > matches[1].score
    assert matches[0].label == "Employé familial / Employée familiale"


def test_an_everyday_word_shows_the_typical_label_rather_than_one_as_near() -> None:
    shops = ("lingerie", "prêt-à-porter", "prêt-à-porter pour enfants")
    labels = [Label("CLOTHES", f"Vendeur / Vendeuse en {shop}") for shop in shops]
    labels.append(Label("CARS", "Vendeur / Vendeuse de voitures"))
    index = LabelIndex.build(labels, [EverydayWord("vendeuse", ("CLOTHES",))])
    assert index.resolve("vendeuse")[0].label == "Vendeur / Vendeuse en prêt-à-porter"


def test_of_two_ids_that_bear_the_same_name_the_nearest_spelling_comes_first() -> None:
    index = LabelIndex.build([Label("GROUP", "Acheteurs"), Label("TRADE", "acheteur/acheteuse")])
    assert [match.id for match in index.resolve("Acheteur / Acheteuse")] == ["TRADE", "GROUP"]
    assert [match.id for match in index.resolve("acheteurs")] == ["GROUP", "TRADE"]


def test_of_two_ids_that_bear_the_very_label_the_one_that_is_only_that_comes_first() -> None:
    labels = [Label("A", text) for text in ("Archiviste", "Documentaliste", "Iconographe")]
    index = LabelIndex.build([*labels, Label("B", "Archiviste")])
    assert [match.id for match in index.resolve("archiviste")] == ["B", "A"]


def test_ids_come_once_and_labels_each(index: LabelIndex) -> None:
    ids = [match.id for match in index.resolve("chauffeur de poids lourd")]
    labels = [match.label for match in index.resolve("chauffeur de poids lourd", unit="label")]
    assert ids.count("LORRY") == 1
    assert labels[:2] == [
        "Chauffeur / Chauffeuse de poids lourd",
        "Conducteur / Conductrice de poids lourd",
    ]


def test_the_raw_spelling_breaks_ties() -> None:
    index = LabelIndex.build([Label("A", "Vendeuse"), Label("B", "Vendeur")])
    assert [match.id for match in index.resolve("vendeur")] == ["B", "A"]
    assert [match.id for match in index.resolve("vendeuse")] == ["A", "B"]


def test_top_and_unit_are_checked(index: LabelIndex) -> None:
    assert len(index.resolve("chauffeur", top=1)) == 1
    with pytest.raises(ValueError, match="top"):
        index.resolve("chauffeur", top=0)
    with pytest.raises(ValueError, match="unit"):
        index.resolve("chauffeur", unit="word")  # type: ignore[arg-type]


@pytest.mark.parametrize("labels", [[], [Label("A", "")], [Label("A", "???")]])
def test_an_index_without_words_finds_nothing(labels: list[Label]) -> None:
    assert LabelIndex.build(labels).resolve("maçon") == ()


def test_the_order_of_labels_is_irrelevant() -> None:
    one = LabelIndex.build(LABELS, LEXICON)
    other = LabelIndex.build(reversed(LABELS), reversed(LEXICON))
    for query in ("maçon", "chauffeur", "femme de ménage", "agent", "permis"):
        assert one.resolve(query) == other.resolve(query)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=80), st.sampled_from([text for _, text in LABELS])))
def test_any_query_gives_sorted_scores(query: str) -> None:
    index = LabelIndex.build(LABELS, LEXICON)
    for unit in ("id", "label"):
        matches = index.resolve(query, unit=unit)  # type: ignore[arg-type]
        assert matches == index.resolve(query, unit=unit)  # type: ignore[arg-type]
        scores = [match.score for match in matches]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 100 for score in scores)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=25), min_size=1, max_size=12, unique=True))
def test_an_exact_label_is_first(texts: list[str]) -> None:
    index = LabelIndex.build([Label(str(i), text) for i, text in enumerate(texts)])
    for text in filter(canonical, texts):
        best = index.resolve(text, unit="label")[0]
        assert best.score == 100
        assert fold(best.label).strip() == fold(text).strip()


@pytest.fixture(scope="module")
def rome(shared_data: Path) -> LabelIndex:
    """ROME's own labels with the everyday lexicon over them."""
    labels = read_taxonomy_labels(shared_data / "rome", "occupation")
    return LabelIndex.build(labels, everyday_words())


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("chauffeur pl", "N4101"),
        ("femme de ménage", "K1304"),
        ("plongeur resto", "G1605"),
        ("plongeur en resto", "G1605"),
        ("dev web", "M1855"),
        ("permis C", "N4101"),
        ("caces 3", "N1101"),
        ("dame de cantine", "G1607"),
        ("homme toutes mains", "I1203"),
        ("gardien d’immeuble", "K2501"),
        ("maçon VRD", "F1702"),
        ("pelleteur", "F1302"),
        ("canalisateur", "F1705"),
        ("aide soignante", "J1501"),
        ("key account manager", "D1402"),
        ("customer success manager", "D1432"),
        ("admin sys", "M1801"),
        ("agent de quai de nuit", "N1106"),
        ("couturière industrielle", "H2402"),
        ("agent de production", "H3302"),
        ("ouvrier agricole", "A1419"),
        ("gestionnaire paie silae", "M1507"),
    ],
)
def test_everyday_queries(rome: LabelIndex, query: str, code: str) -> None:
    assert first(rome, query) == code


@pytest.mark.shared_data
def test_every_label_finds_its_own_code(rome: LabelIndex, shared_data: Path) -> None:
    for label in read_taxonomy_labels(shared_data / "rome", "occupation")[::97]:
        best = [m.id for m in rome.resolve(label.text, top=3) if m.score == 100]
        assert label.id in best, label


SKILLS = [
    Label("SHOPPING", "Faire les courses"),
    Label("ROUND", "Faire une ronde"),
    Label("RENDER", "Mettre l’enduit sur la façade"),
    Label("DRILL", "Percer et tarauder"),
    Label("HANDS", "Bien se laver les mains"),
    Label("TEAM", "Travailler en équipe"),
    Label("COMPUTER", "Se servir d’un ordinateur"),
]


@pytest.fixture(scope="module")
def skills() -> LabelIndex:
    return LabelIndex.build(SKILLS, light=LIGHT_WORDS)


@pytest.mark.parametrize("query", ["faire du crépi", "utiliser un tour", "faire du pain", "faire"])
def test_a_common_verb_alone_proposes_nothing_that_counts(skills: LabelIndex, query: str) -> None:
    assert all(match.score < 30 for match in skills.resolve(query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("faire de l’enduit", "RENDER"),
        ("faire des courses", "SHOPPING"),
        ("travailler en équipe", "TEAM"),
        ("utiliser un ordinateur", "COMPUTER"),
        ("travail en equipe", "TEAM"),
    ],
)
def test_the_word_that_matters_finds_the_skill(
    skills: LabelIndex, query: str, expected: str
) -> None:
    found = skills.resolve(query)[0]
    assert found.id == expected
    assert found.score > 50
