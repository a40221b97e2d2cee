"""The macros that pages are made of, and what the content security policy asks of templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest
import wtforms
from flask import Flask, render_template_string
from flask_babel import Babel
from jinja2 import StrictUndefined
from lxml import html
from wtforms import SelectChoice
from wtforms.validators import InputRequired

from portal.assets import STATIC, TEMPLATES
from portal.web import filters

GROUPS = ("ready", "one_step", "to_check", "longer_path", "gap")
STEP_STATES = ("done", "current", "planned", "to_check", "blocked", "lost")


class Sample(wtforms.Form):
    """One field of each family that the macros draw differently."""

    trade = wtforms.StringField("Métier", [InputRequired()], description="Ses mots")
    start = wtforms.DateField("Prise de poste")
    shared = wtforms.BooleanField("Partage accepté")
    kind = wtforms.RadioField(
        "Exigence",
        choices=[SelectChoice("day_one", "Premier jour"), SelectChoice("desired", "Souhaité")],
    )


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask(__name__, template_folder=str(TEMPLATES), static_folder=str(STATIC))
    app.config.update(BABEL_DEFAULT_LOCALE="fr", SERVER_NAME="localhost")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app)
    filters.init_app(app)
    app.add_url_rule("/liste", "liste", lambda: "")
    with app.test_request_context("/"):
        yield app


def draw(source: str, **context: object) -> html.HtmlElement:
    """Render a template source, refuse it if its HTML is invalid, give its body."""
    text = render_template_string(source, **context)
    document = f"<!doctype html><html lang='fr'><title>.</title><body>{text}</body></html>"
    html5lib.HTMLParser(strict=True).parse(document)
    return html.fromstring(document).body


def by_id(tree: html.HtmlElement, name: str) -> html.HtmlElement:
    (found,) = tree.xpath("//*[@id=$name]", name=name)
    return found


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.usefixtures("app")
class TestForms:
    FORM = (
        '{% from "_macros/forms.html" import field, segmented, error_summary, submit %}'
        "{{ error_summary(form) }}"
        "{% for item in (form.trade, form.start, form.shared) %}{{ field(item) }}{% endfor %}"
        '{{ segmented(form.kind) }}{{ submit("Retenir", hx_post="/liste") }}'
    )

    def test_every_control_has_a_label(self) -> None:
        tree = draw(self.FORM, form=Sample())
        labelled = set(tree.xpath("//label/@for"))
        assert {control.get("id") for control in tree.xpath("//input")} == labelled

    def test_descriptions_point_to_hint_then_error(self) -> None:
        form = Sample()
        assert not form.validate()
        tree = draw(self.FORM, form=form)
        (control,) = tree.xpath("//input[@name='trade']")
        assert control.get("aria-describedby") == "trade-hint trade-error"
        assert control.get("aria-invalid") == "true"
        assert words(by_id(tree, "trade-hint")) == "Ses mots"

    def test_summary_links_to_each_field_in_error(self) -> None:
        form = Sample()
        form.validate()
        tree = draw(self.FORM, form=form)
        targets = tree.xpath("//*[contains(@class, 'error-summary')]//a/@href")
        assert targets == [f"#{name}" for name in form.errors]
        assert all(by_id(tree, target[1:]) is not None for target in targets)

    def test_no_summary_without_error(self) -> None:
        assert not draw(self.FORM, form=Sample()).xpath("//*[@role='alert']")

    def test_htmx_attributes_take_hyphens(self) -> None:
        assert draw(self.FORM, form=Sample()).xpath("//button/@hx-post") == ["/liste"]


@pytest.mark.usefixtures("app")
class TestBands:
    SOURCE = (
        '{% from "_macros/bands.html" import bands %}'
        "{% call(item) bands(groups) %}<b>{{ item }}</b>{% endcall %}"
    )

    def test_first_bands_open_last_ones_folded(self) -> None:
        tree = draw(self.SOURCE, groups=[{"key": key, "items": ["x"]} for key in GROUPS])
        opened = [band.get("id") for band in tree.xpath("//details[@open]")]
        assert opened == ["bande-ready", "bande-one_step", "bande-to_check"]

    def test_an_empty_band_says_so_and_stays_folded(self) -> None:
        tree = draw(self.SOURCE, groups=[{"key": "ready", "items": []}])
        assert not tree.xpath("//details[@open]")
        assert "Rien dans ce groupe" in words(tree)

    def test_count_is_the_whole_number_and_the_rest_has_a_link(self) -> None:
        group = {"key": "ready", "items": ["x"], "count": 48, "more_href": "/suite"}
        tree = draw(self.SOURCE, groups=[group])
        assert tree.xpath("//*[@class='band-count']/text()") == ["48"]
        assert tree.xpath("//a/@href") == ["/suite"]

    @pytest.mark.parametrize("key", GROUPS)
    def test_a_group_is_a_word_and_a_shape(self, key: str) -> None:
        (summary,) = draw(self.SOURCE, groups=[{"key": key, "items": []}]).xpath("//summary")
        assert words(summary.find("h3"))
        assert len(summary.find("svg")) > 0


@pytest.mark.usefixtures("app")
class TestLadder:
    def test_steps_are_written_in_the_order_of_time(self) -> None:
        steps = [{"title": state, "state": state} for state in STEP_STATES]
        tree = draw(
            '{% from "_macros/ladder.html" import ladder %}{{ ladder(steps) }}', steps=steps
        )
        assert [words(title) for title in tree.xpath("//h3")] == list(STEP_STATES)
        assert all(words(state) for state in tree.xpath("//*[@class='lock-state']"))

    def test_scenarios_take_a_choice_each(self) -> None:
        scenarios = [
            {"key": key, "steps": [], "facts": [("Embauche", "6 avril")]}
            for key in ("fast", "safe", "qualifying")
        ]
        tree = draw(
            '{% from "_macros/ladder.html" import scenarios %}'
            "{% call(item) scenarios(items) %}<b>{{ item.key }}</b>{% endcall %}",
            items=scenarios,
        )
        assert tree.xpath("//b/text()") == ["fast", "safe", "qualifying"]
        assert words(tree.xpath("//h3")[1]) == "Le plus sûr"


@pytest.mark.usefixtures("app")
class TestBits:
    @pytest.mark.parametrize(
        ("left", "total", "expected"),
        [
            (5, 12, "5 places sur 12"),
            (1, None, "1 place"),
            (0, 12, "Complet"),
            (None, None, "Places à demander"),
        ],
    )
    def test_seats(self, left: int | None, total: int | None, expected: str) -> None:
        source = '{% from "_macros/bits.html" import seats_light %}{{ seats_light(left, total) }}'
        assert words(draw(source, left=left, total=total)) == expected

    def test_a_date_reads_for_people_and_machines(self) -> None:
        source = (
            '{% from "_macros/bits.html" import day %}{{ day(value, long=True) }}{{ day(none) }}'
        )
        tree = draw(source, value=date(2026, 3, 12))
        assert tree.xpath("//time/@datetime") == ["2026-03-12"]
        assert words(tree).startswith("jeudi 12 mars")
        assert words(tree).endswith("date à fixer")

    def test_pagination_keeps_the_filters(self) -> None:
        page = SimpleNamespace(number=2, pages=3, total=60, first=21, last=40)
        source = (
            '{% from "_macros/bits.html" import pagination %}'
            '{{ pagination(page, "liste", {"q": "pelle"}) }}'
        )
        links = draw(source, page=page).xpath("//a/@href")
        assert [re.findall(r"(q|page)=(\w+)", link) for link in links] == [
            [("q", "pelle"), ("page", "1")],
            [("q", "pelle"), ("page", "3")],
        ]

    def test_a_line_says_only_what_is_known(self) -> None:
        source = (
            '{% from "_macros/bits.html" import person_line %}'
            '{{ person_line("Nadia B.", "/p", met=["plan", "pelle"], travel="35 min en bus") }}'
        )
        assert words(draw(source)) == "Nadia B. Acquis : plan, pelle Trajet : 35 min en bus"


TEMPLATE_FILES = sorted(TEMPLATES.rglob("*.html"))
FORBIDDEN = re.compile(
    r"""\sstyle=|\shx-on|\son[a-z]+=["']|<style|<script(?![^>]*\ssrc=)|javascript:"""
)


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_hold_no_inline_script_or_style(path: Path) -> None:
    found = FORBIDDEN.search(path.read_text(encoding="utf-8"))
    assert found is None, f"{path.name}: {found and found.group()}"


def test_error_pages_need_neither_session_nor_database(app: Flask) -> None:
    for path in (TEMPLATES / "errors").glob("[!_]*.html"):
        text = app.jinja_env.get_template(f"errors/{path.name}").render()
        html5lib.HTMLParser(strict=True).parse(text)
        assert len(html.fromstring(text).xpath("//h1")) == 1
