"""The field of skills tells apart a skill, a knowledge item, a licence, a language, a trade."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.labels.field import LONGEST_TEXT, SkillField
from matching.labels.languages import LANGUAGES, recognise_languages
from matching.labels.resolver import EverydayWord, Label, LabelIndex
from matching.labels.vocabulary import LIGHT_WORDS

SKILLS = [
    Label("s1", "Réaliser un coffrage en bois"),
    Label("s2", "Poser des bordures"),
    Label("k1", "Techniques de coffrage"),
    Label("k2", "Anglais technique du bâtiment"),
]
TRADES = [
    Label("F1701", "Coffreur / Coffreuse"),
    Label("F1702", "Poseur / Poseuse de bordures"),
    Label("N1101", "Cariste"),
    Label("K1304", "Employé familial / Employée familiale"),
]


@pytest.fixture(scope="module")
def field() -> SkillField:
    skills = LabelIndex.build(SKILLS, light=LIGHT_WORDS)
    words = [EverydayWord("femme de ménage", ("K1304",)), EverydayWord("caces 3", ("N1101",))]
    return SkillField(skills, LabelIndex.build(TRADES, words), knowledge={"k1", "k2"})


@pytest.mark.parametrize(
    ("words", "kind", "code"),
    [
        ("permis C", "licence", "permis_c"),
        ("permis poids lourd", "licence", "permis_c"),
        ("CACES R489 3", "certificate", "caces_r489_3"),
        ("caces 3", "certificate", "caces_r489_3"),
        ("SST", "certificate", "sst"),
        ("anglais courant", "language", "en"),
        ("je parle arabe", "language", "ar"),
        ("cariste", "occupation", "N1101"),
        ("femme de ménage", "occupation", "K1304"),
        ("poser des bordures", "skill", "s2"),
        ("techniques de coffrage", "knowledge", "k1"),
    ],
)
def test_each_kind_is_told_apart(field: SkillField, words: str, kind: str, code: str) -> None:
    first = field.read(words)[0]
    assert (first.kind, first.code) == (kind, code)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("permis C et poser des bordures", {("licence", "permis_c"), ("skill", "s2")}),
        ("permis B, cariste", {("licence", "permis_b"), ("occupation", "N1101")}),
        ("caces 3", {("certificate", "caces_r489_3")}),
        ("j’ai le permis C", {("licence", "permis_c")}),
        ("anglais courant et coffrage en bois", {("language", "en"), ("skill", "s1")}),
    ],
)
def test_what_is_said_beside_a_credential_is_read_too(
    field: SkillField, words: str, expected: set[tuple[str, str]]
) -> None:
    found = {(reading.kind, reading.code) for reading in field.read(words)}
    assert expected <= found
    assert {kind for kind, _ in found} <= {kind for kind, _ in expected} | {"knowledge"}


def test_a_language_named_is_no_skill_that_looks_like_it(field: SkillField) -> None:
    assert [reading.kind for reading in field.read("anglais courant")] == ["language"]


def test_a_guess_leaves_the_other_readings(field: SkillField) -> None:
    readings = field.read("caces coffrage 3")
    assert readings[0].score < 100
    assert {reading.kind for reading in readings} > {"certificate"}


@pytest.mark.parametrize("words", ["coffrage", "coffrer", "poser des bordures"])
def test_a_trade_is_said_to_be_one_only_by_its_name(field: SkillField, words: str) -> None:
    kinds = [reading.kind for reading in field.read(words)]
    assert "occupation" not in kinds
    assert kinds


def test_the_name_of_a_trade_is_no_skill_that_merely_looks_like_it() -> None:
    skills = LabelIndex.build([Label("till", "Tenir une caisse")], light=LIGHT_WORDS)
    field = SkillField(skills, LabelIndex.build(TRADES))
    assert [reading.kind for reading in field.read("cariste")] == ["occupation"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anglais", [("en", None)]),
        ("Allemand B1, anglais B2", [("de", "B1"), ("en", "B2")]),
        ("je parle arabe et un peu français", [("ar", None), ("fr", "A2")]),
        ("bilingue espagnol", [("es", "C2")]),
        ("notions de flamand", [("nl", "A2")]),
        ("anglais scolaire", [("en", "A2")]),
        ("kabyle et français langue maternelle", [("ber", None), ("fr", "C2")]),
        ("LSF", [("fsl", None)]),
        ("arabe littéraire courant + français B2", [("ar", "C1"), ("fr", "B2")]),
        ("français langue étrangère niveau A1", [("fr", "A1")]),
        ("anglais commercial", [("en", None)]),
        ("créole réunionnais courant", [("rcf", "C1")]),
        ("créole", [("crp", None)]),
        ("créole haïtien", [("ht", None)]),
        ("ch'ti", [("pcd", None)]),
        ("prof d'anglais", []),
        ("restaurant chinois", []),
        ("cuisine italienne", []),
        ("vendeur de produits portugais", []),
        ("maçon", []),
    ],
)
def test_languages(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert [(s.code, s.level) for s in recognise_languages(text)] == expected


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("je ne parle pas anglais", True),
        ("aucune notion d’anglais", True),
        ("sans notions de flamand", True),
        ("pas de bases en français, ni de maîtrise de l’anglais", True),
        ("notions d’anglais", False),
        ("maîtrise de l’anglais", False),
    ],
)
def test_a_language_set_aside_is_said_so(text: str, negated: bool) -> None:
    spoken = recognise_languages(text)
    assert spoken
    assert {one.negated for one in spoken} == {negated}


def test_every_language_alone_is_recognised() -> None:
    for code, (label, _) in LANGUAGES.items():
        assert [spoken.code for spoken in recognise_languages(label)] == [code], label


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    for spoken in recognise_languages(text):
        assert spoken.code in LANGUAGES
        assert spoken.level is None or spoken.level[0] in "ABC"


def test_what_is_beyond_the_longest_text_is_not_read(field: SkillField) -> None:
    lead = "cariste" + " " * (LONGEST_TEXT - len("cariste"))
    assert [reading.kind for reading in field.read(lead + "permis B")] == ["occupation"]
    assert [reading.code for reading in field.read("anglais " * 20_000)] == ["en"]
