"""Every page of both doors, at 320 px: axe, no sideways scroll, targets of 44 px (T-ACC-02).

A window of 320 px is also what a window of 1280 px shows enlarged four times.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, ViewportSize, expect
from werkzeug.routing import Rule

from portal.db import Database
from portal.models import Role
from portal.recipients.skills import ANSWERS
from portal.web.language import LANGUAGES
from tests.browser.conftest import Visitor
from tests.browser.town import Town, open_town
from tests.support.doors import enter
from tests.support.factories import ARRAS, Factory
from tests.support.samples import Rows, arguments, build_rows

pytestmark = pytest.mark.browser

SMALL: ViewportSize = {"width": 320, "height": 640}
SMALLEST_TARGET = 44
EVERYDAY = ("commun.base.compter", "commun.base.plan_simple", "commun.etre.equipe")
_CODE = re.compile(r'name="code" value="([^"]+)"')
_ANSWER = ANSWERS[0].value
#: Not pages: the worker, its manifest, what is downloaded.
NO_PAGE = frozenset(
    {
        "recipients.worker",
        "recipients.manifest",
        "recipients.invitation_calendar",
        "recipients.why_details_json",
        "employers.convention",
    }
)
#: Pages that only somebody who is not in yet sees.
OUTSIDE = frozenset({"doorstep.link_code"})
#: Languages whose pages axe reads: one of each direction, as the others change only words. What
#: longer words could push out or shrink is checked in all.
AUDITED = frozenset({"fr", "ar"})
# What is pressed: a link inside a sentence keeps the height of its line (WCAG 2.5.8).
_SMALL_TARGETS = """(least) => {
  const shown = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !one.closest(".unseen, .visually-hidden, .skip, .skip-link");
  const inSentence = (one) => one.matches("a:not([role=button], [class])")
    && getComputedStyle(one).display === "inline" && one.closest("p, li, td, dd, small, label");
  const boxOf = (one) => (one.matches("input[type=radio], input[type=checkbox]")
    ? one.closest("label") || document.querySelector(`label[for="${one.id}"]`) || one : one
  ).getBoundingClientRect();
  return [...document.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter((one) => one.type !== "hidden" && shown(one) && !inSentence(one))
    .map((one) => [one.outerHTML.slice(0, 90), boxOf(one)])
    .filter(([, box]) => box.height < least - 0.5 || box.width < least - 0.5)
    .map(([html, box]) => `${html} ${box.width.toFixed()}×${box.height.toFixed()}`);
}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the whole module."""
    return tmp_path_factory.mktemp("doors")


@pytest.fixture(scope="module")
def town(home: Path, _migrated_sqlite: Path, browser: Browser, axe_source: str) -> Iterator[Town]:
    """One portal for the whole module: its pages are only read."""
    path = home / "ecluse.sqlite3"
    shutil.copy(_migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    with open_town(database, home, browser, axe_source) as found:
        yield found
    database.dispose()


@pytest.fixture(scope="module")
def rows(town: Town) -> Rows:
    """One row of each thing that has an address."""
    with town.app.test_request_context(), town.database.session() as session:
        make = Factory(session)
        made = build_rows(make, "62")
        for code in EVERYDAY:
            make.skill(code)
        made.more["refused"] = make.offer(made.accounts[Role.ADVISER], place=ARRAS)
        made.person.first_name = "Bénédicte-Alexandrine"
        session.commit()
        for row in (made.person, made.more["contact"], made.more["refused"]):
            session.refresh(row)
        session.expunge_all()
    answer_a_little(town, made)
    return made


def answer_a_little(town: Town, rows: Rows) -> None:
    """The person says one thing they can do, and no to a job: pages show that."""
    town.app.config["WTF_CSRF_ENABLED"] = False
    client = town.app.test_client()
    enter(client, town.database, rows.person)
    card = _CODE.search(client.get("/moi/savoir-faire").text)
    assert card is not None
    rows.more["said"] = card.group(1)
    client.post("/moi/savoir-faire", data={"code": card.group(1), "reponse": _ANSWER})
    refused = rows.more["refused"].public_id
    said = client.post(f"/moi/pistes/{refused}", data={"choice": "not_for_me"})
    assert said.location == f"/moi/pistes/{refused}/raison"
    town.app.config["WTF_CSRF_ENABLED"] = True


def addresses(app: Flask, rows: Rows, *blueprints: str) -> dict[str, str]:
    """The address of each page of these blueprints, by endpoint."""
    adapter = app.url_map.bind("localhost")
    own = {
        "recipients.contestation": {"public_id": rows.more["contestation"].public_id},
        "recipients.lead_reason": {"public_id": rows.more["refused"].public_id},
        "recipients.lead_said": {"public_id": rows.more["refused"].public_id},
        "recipients.said_again": {"code": rows.more["said"]},
    }

    def values(rule: Rule) -> dict[str, str]:
        return own.get(rule.endpoint) or arguments(rule.endpoint, set(rule.arguments), rows)

    return {
        rule.endpoint: adapter.build(rule.endpoint, values(rule), method="GET")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in blueprints and "GET" in (rule.methods or ())
        if rule.endpoint not in NO_PAGE | OUTSIDE
    }


def check_page(visitor: Visitor, language: str = "fr") -> list[str]:
    """What is wrong with the page as it stands; [] when nothing is."""
    wrong = []
    checks = [visitor.check_no_sideways_scroll]
    if language in AUDITED:
        checks.append(visitor.check_accessibility)
    for check in checks:
        try:
            check()
        except AssertionError as error:
            wrong.append(str(error))
    small = visitor.page.evaluate(_SMALL_TARGETS, SMALLEST_TARGET)
    return wrong + [f"{visitor.page.url}: {target}" for target in small]


def walk(visitor: Visitor, pages: dict[str, str], language: str = "fr") -> list[str]:
    """What is wrong on these pages."""
    wrong = []
    for path in sorted(set(pages.values())):
        response = visitor.page.goto(f"{visitor.server}{path}")
        assert response is not None
        if response.status != HTTPStatus.OK:
            wrong.append(f"{path}: {response.status}")
        wrong += check_page(visitor, language)
    return wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_a_person_is_for_everybody(town: Town, rows: Rows, language: str) -> None:
    """T-ACC-02, in each language of the space."""
    with town.visit(size=SMALL) as visitor:
        outside = addresses(town.app, rows, "doorstep")
        visitor.page.context.add_cookies(
            [{"name": "ecluse-langue", "value": language, "url": town.address}]
        )
        wrong = walk(visitor, outside, language)
        town.let_in(visitor, rows.person, language)
        visitor.go("/moi")
        expect(visitor.page.locator("html")).to_have_attribute("lang", language)
        pages = addresses(town.app, rows, "recipients")
        wrong += walk(visitor, pages, language)
        town.let_in(visitor, rows.person, language, confirmed=False)
        wrong += walk(visitor, {"doorstep.confirm": "/moi/confirmer"}, language)
        visitor.page.goto(f"{town.address}/moi/nulle-part")
        expect(visitor.page.locator("html")).to_have_attribute("lang", language)
        wrong += check_page(visitor, language)
        assert not wrong, "\n".join(wrong)
        # The browser complains of the page that does not exist: it was asked for.
        visitor.failures[:] = [told for told in visitor.failures if "404" not in told]


def test_every_page_of_an_employer_is_for_everybody(town: Town, rows: Rows) -> None:
    """T-ACC-02, with the public page where a need is said."""
    with town.visit(size=SMALL) as visitor:
        visitor.go("/entreprise/besoin")
        wrong = check_page(visitor)
        town.let_in(visitor, rows.more["contact"])
        wrong += walk(visitor, addresses(town.app, rows, "employers"))
        assert not wrong, "\n".join(wrong)
