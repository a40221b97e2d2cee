"""People in training count in the plan, and a gap leads to a cohort or to the register."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    Account,
    Enrollment,
    EnrollmentReason,
    EnrollmentState,
    ProgramOccupation,
    Role,
    TrainingSession,
)
from portal.projects.drawing import draw
from portal.projects.planning import Cell, People, Plan, Row, Seats, in_training_until
from portal.projects.rules import Quarter, Range
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import CAMBRAI, Factory
from tests.support.projects import make_list, make_project, make_trade, quarter

_E = EnrollmentState
PATH = "/grands-projets/canal?vue=tableau"


def text_of(client: CheckingClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return " ".join(response.get_data(as_text=True).split())


class Works:
    """A project that wants 12 road workers next quarter, and a session that prepares them."""

    def __init__(self, make: Factory) -> None:
        self.make = make
        self.project = make_project(make)
        self.trade = make_trade(make, make_list(make, self.project), {quarter(1): 12})
        self.referent: Account = make.account(Role.REFERENT)
        self.session: TrainingSession = self.training()

    def training(self, *, starts_in: int = -10, lasts: int = 20) -> TrainingSession:
        row = self.make.session_of_training(seats_left=0, starts_in=starts_in, lasts=lasts)
        code = self.trade.occupation_code
        row.action.program.occupations.append(
            ProgramOccupation(rome_code=code, occupation_code=code)
        )
        self.make.session.flush()
        return row

    def enrol(
        self, state: EnrollmentState, count: int = 1, session: TrainingSession | None = None
    ) -> list[Enrollment]:
        ended = state in {_E.DROPPED, _E.CANCELLED}
        return [
            self.make.add(
                Enrollment(
                    person_id=self.make.person(referent=self.referent).id,
                    session_id=(session or self.session).id,
                    prescriber_id=self.referent.memberships[0].organisation_id,
                    state=state,
                    reason=EnrollmentReason.MONEY if ended else None,
                )
            )
            for _ in range(count)
        ]


@pytest.fixture
def works(make: Factory) -> Works:
    return Works(make)


def signed(client: CheckingClient, session: Session, account: Account) -> CheckingClient:
    session.commit()
    return sign_in(client, session, account)


def test_those_admitted_or_in_training_lessen_the_gap_and_the_others_do_not(
    client: CheckingClient, session: Session, works: Works
) -> None:
    for state in (_E.ADMITTED, _E.ENTERED, _E.IN_PROGRESS):
        works.enrol(state)
    for state in (_E.PROPOSED, _E.SELECTED, _E.DROPPED, _E.CANCELLED, _E.COMPLETED):
        works.enrol(state)
    late = works.training(starts_in=300, lasts=90)
    works.enrol(_E.ADMITTED, session=late)
    signed(client, session, works.referent)
    text = text_of(client, PATH)
    assert "3 personnes en formation" in text
    assert "<strong>9</strong> sur 12" in text
    trade = text_of(client, "/grands-projets/canal/metiers/1")
    assert "En formation" in trade


def test_a_departement_counts_its_own_people_in_training(
    client: CheckingClient, session: Session, works: Works
) -> None:
    works.enrol(_E.IN_PROGRESS, 2)
    elsewhere = works.make.person(place=CAMBRAI)
    works.enrol(_E.IN_PROGRESS)[0].person_id = elsewhere.id
    signed(client, session, works.referent)
    assert "2 personnes en formation" in text_of(client, PATH)


def test_a_pilot_reads_no_small_count_of_people_in_training(
    client: CheckingClient, session: Session, works: Works
) -> None:
    works.enrol(_E.IN_PROGRESS, 3)
    signed(client, session, works.make.account(Role.PILOT_DEPARTEMENT))
    for path in (PATH, "/grands-projets/canal", "/grands-projets/canal/metiers/1"):
        text = text_of(client, path)
        assert "moins de 5" in text, path
        assert "3 personnes en formation" not in text, path
    export = client.get("/grands-projets/canal/export.csv").get_data(as_text=True)
    row = next(csv.DictReader(io.StringIO(export.removeprefix("\ufeff")), delimiter=";"))
    assert row["personnes en formation"] == "moins de 5"
    assert row["personnes prêtes aujourd’hui"] == "0"
    assert row["écart"] == "8 à 11"


def test_a_gap_leads_a_hub_to_a_cohort_and_everybody_to_the_register(
    client: CheckingClient, session: Session, works: Works
) -> None:
    signed(client, session, works.make.account(Role.HUB))
    text = text_of(client, PATH)
    assert "Ouvrir une cohorte" in text
    assert "occupation_code=F1702" in text
    assert f"trimestre={quarter()}&amp;postes=12" in text
    sign_in(client, session, works.referent)
    text = text_of(client, PATH)
    assert "Ouvrir une cohorte" not in text
    assert "Noter au registre" in text
    sign_in(client, session, works.make.account(Role.TRAINING))
    assert "Noter au registre" not in text_of(client, PATH)


def test_a_gap_that_is_answered_or_a_project_that_is_over_proposes_nothing(
    client: CheckingClient, session: Session, works: Works
) -> None:
    works.enrol(_E.IN_PROGRESS, 12)
    signed(client, session, works.referent)
    assert "Noter au registre" not in text_of(client, PATH)
    works.project.ends_on = clock.today() - timedelta(days=1)
    session.commit()
    text = text_of(client, PATH)
    assert "Noter au registre" not in text
    assert "en formation</" not in text


def test_the_links_of_a_gap_open_forms_already_filled(
    client: CheckingClient, session: Session, works: Works
) -> None:
    signed(client, session, works.make.account(Role.HUB))
    page = client.get(PATH).get_data(as_text=True)
    links = [part.split('"')[0].replace("&amp;", "&") for part in page.split('href="')]
    cohort = next(link for link in links if link.startswith("/hubs/nouvelle?"))
    need = next(link for link in links if link.startswith("/besoins/nouveau?"))
    assert 'value="Constructeur de routes"' in text_of(client, cohort)
    assert 'value="12"' in text_of(client, need)


@given(st.dictionaries(st.integers(0, 5), st.integers(0, 12)), st.integers(0, 5), st.integers(0, 5))
def test_no_difference_between_two_quarters_tells_a_small_count(
    leaving: dict[int, int], one: int, other: int
) -> None:
    start = Quarter(2027, 1)
    counts = {_later(start, ahead): count for ahead, count in leaving.items()}
    first, last = sorted((one, other))
    before = in_training_until(counts, _later(start, first), masked=True)
    after = in_training_until(counts, _later(start, last), masked=True)
    true = sum(count for ahead, count in leaving.items() if ahead <= last)
    assert after.low <= true <= after.high
    if before.exact and after.exact:
        added = [leaving.get(ahead, 0) for ahead in range(first + 1, last + 1)]
        assert all(count == 0 or count >= 5 for count in added)


def _later(quarter: Quarter, ahead: int) -> Quarter:
    rank = quarter.year * 4 + quarter.number - 1 + ahead
    return Quarter(rank // 4, rank % 4 + 1)


def test_the_bar_shares_the_jobs_and_never_goes_beyond_them(works: Works) -> None:
    def cell(jobs: int, ready: int, training: int, seats: int) -> Cell:
        none = Range(0, 0)
        people = People(none, Range(ready, ready), none, none, Range(training, training))
        missing = max(0, jobs - ready - training - seats)
        return Cell(
            quarter(), None, jobs, jobs, people, Seats(seats, 1, 0), Range(missing, missing)
        )

    cells = (cell(10, 2, 3, 1), cell(10, 30, 5, 5), cell(0, 4, 0, 0))
    plan = Plan((quarter(),) * 3, (Row(works.trade, cells),), (10, 10, 0), masked=False)
    shared, full, empty = draw(plan).cells
    assert [bar.kind for bar in shared.bars] == ["ready", "in_training", "seats", "missing"]
    widths = [bar.width for bar in shared.bars]
    assert sum(widths) == pytest.approx(sum(bar.width for bar in full.bars), abs=0.5)
    assert widths[0] * 2 == pytest.approx(widths[3], abs=0.3)
    assert [bar.kind for bar in full.bars] == ["ready"]
    assert empty.bars == ()
    assert "2 personnes prêtes, 3 en formation" in shared.sentence
