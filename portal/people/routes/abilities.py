"""« Ce que la personne sait faire »: trades, answers, free words, licences, history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response, abort, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal import matchmaking as mm
from portal.access.roles import Capability
from portal.models import AssertionSource, SkillLevel
from portal.people import answers
from portal.people.forms.abilities import (
    CredentialForm,
    LanguageForm,
    SourceForm,
    TradeForm,
    WordsForm,
    language_levels,
)
from portal.people.forms.fields import choice
from portal.people.languages import known_languages, language_name
from portal.people.queries import abilities as queries
from portal.people.queries import languages
from portal.people.queries.files import Opened
from portal.people.routes.door import (
    asked_number,
    blueprint,
    go_to,
    open_file,
    open_to_write,
    render_file,
)
from portal.people.routes.identity import trade_error
from portal.people.rules import expiry_after
from portal.people.trades import read_trade
from portal.web.guards import current_actor, requires
from portal.web.rendering import announce, wants_fragment
from portal.web.session import db_session

CARDS = 6
_READINGS = 3  # proposed for each thing said
# In what order the levels are shown: what the person brings first.
_SHELVES = (
    SkillLevel.CAN_SHOW,
    SkillLevel.ALONE,
    SkillLevel.WITH_HELP,
    SkillLevel.CANNOT,
    SkillLevel.UNKNOWN,
)


@blueprint.get("/<public_id>/competences")
@requires(Capability.PEOPLE_READ)
def abilities(public_id: str) -> ResponseReturnValue:
    """What the person can do, and the next cards to answer together."""
    return _page(open_file(public_id), skip=asked_number("passer"))


def _page(opened: Opened, *, status: int = 200, skip: int = 0, **given: Any) -> Response:
    session, person = db_session(), opened.person
    cards = queries.list_cards(session, person)
    spoken = languages.list_languages(session, person)
    context: dict[str, Any] = {
        "past": queries.list_past_trades(session, person),
        "cards": cards[skip : skip + CARDS],
        "cards_left": len(cards),
        "skip": skip,
        "next_skip": skip + CARDS if skip + CARDS < len(cards) else 0,
        "shelves": _shelves(queries.list_abilities(session, person)),
        "credentials": queries.list_credentials(session, person),
        "ending": {t.code for t in queries.list_credential_types(session) if t.validity_years},
        "languages": [(row, language_name(row.language_code)) for row in spoken],
        "levels_told": {row.language_code: row.level for row in spoken if row.level},
        "language_levels": language_levels(),
        "language_form": LanguageForm(formdata=None),
        "answers": [(value, _(label)) for value, label in answers.LEVEL_ANSWERS],
        "credential_answers": [(value, _(label)) for value, label in answers.CREDENTIAL_ANSWERS],
        "today": clock.today(),
        "reading": None,
        "proposals": None,
        "trade_form": TradeForm(None, data={"trade": request.args.get("metier", "")[:120]}),
        "source_form": _source_form(),
        "words_form": WordsForm(formdata=None),
        "credential_form": _credential_form(formdata=None),
    }
    return render_file(
        "abilities.html",
        opened,
        "abilities",
        status=status,
        fragment="_abilities.html",
        **context | given,
    )


def _source_form() -> SourceForm:
    form = SourceForm(formdata=None)
    form.on.data = clock.today()
    return form


def _shelves(
    found: Sequence[queries.Ability],
) -> list[tuple[SkillLevel, list[queries.Ability]]]:
    by_level: dict[SkillLevel, list[queries.Ability]] = {level: [] for level in _SHELVES}
    for ability in found:
        level = ability.fact.level
        by_level[SkillLevel("" if level is None else str(level))].append(ability)
    return [(level, by_level[level]) for level in _SHELVES if by_level[level]]


@blueprint.post("/<public_id>/competences")
@requires(Capability.PEOPLE_WRITE)
def answer_cards(public_id: str) -> ResponseReturnValue:
    """Keep the answers given; the cards left blank stay unknown."""
    opened, form = open_to_write(public_id), SourceForm()
    if not form.validate():
        return _page(opened, status=422, source_form=form, skip=asked_number("passer"))
    count = _record_levels(opened, form) + _record_credentials(opened)
    count += _record_languages(opened, form)
    text = ngettext("%(num)d réponse enregistrée.", "%(num)d réponses enregistrées.", count)
    if not count:
        text = _("Aucune réponse choisie\u00a0: rien n’est changé.")
    if not wants_fragment():
        flash(text, "success" if count else "info")
        return go_to("abilities", opened, _anchor="cartes")
    return announce(_page(opened, saved=text), text)


def _record_levels(opened: Opened, form: SourceForm) -> int:
    posted = list(request.form.items())
    known = queries.list_known_codes(
        db_session(), answers.posted_codes(name for name, _value in posted)
    )
    return queries.record_levels(
        db_session(),
        current_actor(),
        person=opened.person,
        levels=answers.posted_levels(posted, known),
        source=form.source.chosen,
        on=form.on.data or clock.today(),
        evidence=(form.evidence.data or "").strip() or None,
    )


def _record_credentials(opened: Opened) -> int:
    types = {kind.code: kind for kind in queries.list_credential_types(db_session())}
    found = list(answers.posted_credentials(request.form.items(), types))
    for code, answer in found:
        obtained = answers.posted_day(request.form.get(f"obtained-{code}"), clock.today())
        record_credential_answer(
            opened,
            code,
            answer,
            expires_on=expiry_after(obtained, types[code].validity_years) if obtained else None,
            obtained_on=obtained,
        )
    return len(found)


def _record_languages(opened: Opened, form: SourceForm) -> int:
    return languages.record_languages(
        db_session(),
        current_actor(),
        person=opened.person,
        levels=answers.posted_languages(request.form.items(), known_languages()),
        source=form.source.chosen,
        on=form.on.data or clock.today(),
    )


def record_credential_answer(
    opened: Opened,
    code: str,
    answer: str,
    expires_on: date | None = None,
    obtained_on: date | None = None,
) -> None:
    """« Oui », « non » or « ne sait pas » about a licence or certificate."""
    session, actor, person = db_session(), current_actor(), opened.person
    if answer == "?":
        queries.record_credential_not_known(session, actor, person=person, type_code=code)
        return
    held = answer == "yes"
    fact = queries.CredentialFact(code, held)
    if held:
        fact = replace(fact, expires_on=expires_on, obtained_on=obtained_on)
    queries.record_credential(session, actor, person=person, fact=fact)


@blueprint.post("/<public_id>/competences/mots")
@requires(Capability.PEOPLE_WRITE)
def read_words(public_id: str) -> ResponseReturnValue:
    """What the words may mean; nothing is kept until it is answered."""
    opened, form = open_to_write(public_id), WordsForm()
    if not form.validate():
        return _page(opened, status=422, words_form=form)
    session = db_session()
    proposals = [
        (words, mm.read_abilities(session, words, _READINGS))
        for words in answers.split_words(form.words.data or "")
    ]
    return _page(opened, words_form=form, proposals=_each_once(proposals))


def _each_once(
    proposals: list[tuple[str, list[mm.Reading]]],
) -> list[tuple[str, list[tuple[mm.Reading, mm.SkillMatch | None]]]]:
    """Each thing read once, with what it would be recorded as."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for words, readings in proposals:
        new = [found for found in readings if (found.kind, found.code) not in seen]
        seen.update((found.kind, found.code) for found in new)
        kept.append((words, [(found, mm.recorded_as(found)) for found in new]))
    return kept


@blueprint.post("/<public_id>/langues")
@requires(Capability.PEOPLE_WRITE)
def add_language(public_id: str) -> ResponseReturnValue:
    """A language the person says they speak, or its level corrected."""
    opened, form = open_to_write(public_id), LanguageForm()
    if not form.validate():
        return _page(opened, status=422, language_form=form)
    languages.record_languages(
        db_session(),
        current_actor(),
        person=opened.person,
        levels=[(form.language.data, form.chosen_level)],
        source=AssertionSource.DECLARED,
        on=clock.today(),
    )
    flash(_("C’est enregistré."), "success")
    return go_to("abilities", opened, _anchor="langues")


@blueprint.post("/<public_id>/langues/<code>/retirer")
@requires(Capability.PEOPLE_WRITE)
def remove_language(public_id: str, code: str) -> ResponseReturnValue:
    """A language that is no longer to be told."""
    opened = open_to_write(public_id)
    if not languages.record_language_removed(
        db_session(), current_actor(), person=opened.person, code=code
    ):
        abort(404)
    flash(_("Langue retirée."), "success")
    return go_to("abilities", opened, _anchor="langues")


@blueprint.get("/<public_id>/competences/<code>")
@requires(Capability.PEOPLE_READ)
def ability(public_id: str, code: str) -> ResponseReturnValue:
    """All that was said of one skill, and a new answer."""
    opened = open_file(public_id)
    found = next(
        (a for a in queries.list_abilities(db_session(), opened.person) if a.skill.code == code),
        None,
    )
    if found is None:
        abort(404)
    return render_file(
        "ability.html",
        opened,
        "abilities",
        ability=found,
        answers=[(value, _(label)) for value, label in answers.LEVEL_ANSWERS],
        source_form=_source_form(),
    )


@blueprint.post("/<public_id>/metiers-exerces")
@requires(Capability.PEOPLE_WRITE)
def add_trade(public_id: str) -> ResponseReturnValue:
    """A trade the person has practised; its core skills are then proposed as cards."""
    opened, form = open_to_write(public_id), TradeForm()
    reading = read_trade(db_session(), form.trade.data or "", form.occupation.data)
    if not form.validate() or reading.occupation is None:
        if reading.occupation is None:
            form.trade.errors = [*form.trade.errors, trade_error(reading.proposals, form)]
        return _page(opened, status=422, trade_form=form, reading=reading)
    queries.record_past_trade(
        db_session(),
        person=opened.person,
        occupation_code=reading.occupation.code,
        years=form.years.data,
    )
    text = _("« %(trade)s » ajouté. Ses gestes sont proposés ci-dessous.")
    flash(text % {"trade": reading.occupation.label}, "success")
    return go_to("abilities", opened, _anchor="cartes")


@blueprint.post("/<public_id>/metiers-exerces/<code>/retirer")
@requires(Capability.PEOPLE_WRITE)
def remove_trade(public_id: str, code: str) -> ResponseReturnValue:
    """A trade entered by mistake; the answers already given stay."""
    opened = open_to_write(public_id)
    queries.record_past_trade_removed(db_session(), person=opened.person, occupation_code=code)
    flash(_("Métier retiré. Les réponses déjà données restent."), "success")
    return go_to("abilities", opened)


def _credential_form(**arguments: Any) -> CredentialForm:
    form = CredentialForm(**arguments)
    types = queries.list_credential_types(db_session())
    form.type.choices = [choice("", _("Choisir"))] + [choice(t.code, t.label) for t in types]
    wanted = request.args.get("habilitation")
    if wanted and request.method == "GET":
        form.type.data = wanted
    return form


@blueprint.post("/<public_id>/habilitations")
@requires(Capability.PEOPLE_WRITE)
def save_credential(public_id: str) -> ResponseReturnValue:
    """A licence or certificate, held or not; its end of validity follows from the type."""
    opened, form = open_to_write(public_id), _credential_form()
    if not form.validate():
        return _page(opened, status=422, credential_form=form)
    fact = _fact_of(form)
    queries.record_credential(db_session(), current_actor(), person=opened.person, fact=fact)
    flash(_("C’est enregistré."), "success")
    return go_to("abilities", opened, _anchor="habilitations")


def _fact_of(form: CredentialForm) -> queries.CredentialFact:
    if form.held.data == "no":
        return queries.CredentialFact(form.type.data, held=False)
    expires, obtained = form.expires_on.data, form.obtained_on.data
    if expires is None and obtained is not None:
        types = {t.code: t for t in queries.list_credential_types(db_session())}
        expires = expiry_after(obtained, types[form.type.data].validity_years)
    return queries.CredentialFact(
        form.type.data, held=True, obtained_on=obtained, expires_on=expires, proof=form.proof.chosen
    )
