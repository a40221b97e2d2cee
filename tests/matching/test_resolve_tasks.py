"""The files of one's own that the benchmark of the resolver reads."""

from pathlib import Path

import pytest

from benchmarks import resolve_tasks as tasks
from benchmarks.resolve import best_ids, print_by_hand
from matching.labels.model import Label


def _melo(folder: Path) -> list[tasks.Task]:
    """Two concepts, the first with two labels, and two queries that mean it."""
    folder.mkdir()
    (folder / "queries.tsv").write_text("Q1\tMaçon\nQ2\tMaçonne\n", encoding="utf-8")
    labels = "C7_fr_000\tmaçon/maçonne\nC7_fr_001\tmaçon\nC8_fr_000\tboulanger\n"
    (folder / "corpus_elements.tsv").write_text(labels, encoding="utf-8")
    right = "Q1\t0\tC7_fr_000\t1\nQ1\t0\tC7_fr_001\t1\nQ2\t0\tC7_fr_000\t1\n"
    (folder / "annotations.tsv").write_text(right, encoding="utf-8")
    return tasks.melo(folder)


def test_a_data_set_of_melo_is_read_as_titles_towards_concepts(tmp_path: Path) -> None:
    seen, others = _melo(tmp_path / "fra_q_fr_c_fr")
    assert seen.name == "MELO fra_q_fr_c_fr, looked at"
    assert seen.cases == [tasks.Case("Maçon", frozenset({"C7"}))]
    assert others.cases == [tasks.Case("Maçonne", frozenset({"C7"}))]
    assert [label.id for label in others.corpus.labels] == ["C7", "C7", "C8"]


def test_each_label_counts_in_melo_and_each_id_once_elsewhere(tmp_path: Path) -> None:
    corpus = _melo(tmp_path / "melo")[0].corpus
    assert best_ids(corpus, [1, 0, 2]) == ["C7", "C7", "C8"]
    assert best_ids(corpus._replace(each_label=False), [1, 0, 2]) == ["C7", "C8"]


def test_codes_given_by_hand_are_scored_beside_ours_on_the_titles_they_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "codes.csv"
    lines = ("title,code1,code2,code3,code4,code5", "Maçon,BREAD,WALL,,,", "Boulangère,WALL,,,,")
    file.write_text("\n".join(lines), encoding="utf-8")
    corpus = tasks.Corpus([Label("WALL", "Maçon"), Label("BREAD", "Boulanger")])
    right = {"Maçon": "WALL", "Boulangère": "BREAD", "Plâtrier": "WALL"}
    cases = [tasks.Case(title, frozenset({code})) for title, code in right.items()]
    print_by_hand([tasks.Task("offers", corpus, cases)], tasks.codes_by_hand(file))
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| offers | 2 | 1 | 0.000 | 1.000 | 0 | 2 |",
        "| offers | 2 | 5 | 0.500 | 1.000 | 0 | 1 |",
    ]


@pytest.mark.shared_data
def test_by_former_code_the_codes_that_come_from_the_same_one_are_right(shared_data: Path) -> None:
    world = tasks.World(shared_data)
    asked = tasks.Task("offers", tasks.Corpus([]), [tasks.Case("Réseaux", frozenset({"M1854"}))])
    right = tasks.by_former_code(world, asked).cases[0].right
    assert {"M1801", "M1830", "M1854"} <= right
    assert "M1805" not in right
