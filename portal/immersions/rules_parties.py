"""Rules P6 to P11: who prescribes, what is done, when, and who agrees."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from portal.immersions.convention import Breach, Convention, Prescriber, age_on, is_minor
from portal.immersions.rules_dates import Rules
from portal.text import fold


def may_prescribe(prescriber: Prescriber, rules: Rules, convention: Convention) -> bool:
    """Habilitated by the law, or by a right on file on the first day (L5135-2).

    A SIAE prescribes by a right on file: its kind alone does not tell a temporary work firm,
    which may not.
    """
    if prescriber.kind in rules["prescriber_kinds"].items:
        return True
    rights = rules["prescriber_rights"].items
    day = convention.period.start
    return any(right.kind in rights and right.holds_on(day) for right in prescriber.rights)


def check_prescriber(convention: Convention, rules: Rules) -> Iterator[Breach]:
    """P6: only a habilitated structure prescribes; else the request is routed to one."""
    prescriber = convention.prescriber
    if prescriber is not None and may_prescribe(prescriber, rules, convention):
        return
    reason = (
        _("%(name)s ne peut pas prescrire d’immersion sans délégation.", name=prescriber.name)
        if prescriber
        else _("Le prescripteur est à choisir.")
    )
    names = ", ".join(convention.prescribers[:3]) or _("le Département")
    proposal = _("Adressez la demande à\u00a0: %(names)s.", names=names)
    article = rules["prescriber_kinds"].article
    yield Breach("P6", article, reason, proposal, "prescriber", illegal=False)


def check_content(convention: Convention, rules: Rules) -> Iterator[Breach]:
    """P7: tasks, schedule and tutor are said; the tutor is reached, not the person instead."""
    article = rules["content"].article
    said = {
        "tasks": (convention.tasks, _("Les tâches sont à décrire.")),
        "schedule": (convention.schedule, _("Les horaires sont à donner.")),
        "tutor_name": (convention.tutor_name, _("Le tuteur dans l’entreprise est à nommer.")),
    }
    for name, (text, reason) in said.items():
        if not text.strip():
            ask = _("Demandez-le à l’entreprise.")
            yield Breach("P7", article, reason, ask, name, illegal=False)
    contact = contact_key(convention.tutor_contact)
    if contact and contact in {contact_key(text) for text in convention.person_contacts}:
        yield Breach(
            "P7",
            article,
            _("Le tuteur a le même contact que la personne."),
            _("Demandez à l’entreprise comment joindre le tuteur."),
            "tutor_contact",
        )


def contact_key(text: str) -> str:
    """A telephone or an address, without what only helps to read it."""
    folded = fold(text)
    if "@" in folded:
        return folded
    digits = "".join(char for char in folded if char.isdigit())
    return digits.removeprefix("33").removeprefix("0") if digits else folded


def check_hours(convention: Convention, rules: Rules) -> Iterator[Breach]:
    """P8: at most 48 hours a week, other immersions at the same time included."""
    most = rules["weekly_hours"].number
    total = convention.weekly_hours + convention.hours_elsewhere
    if convention.weekly_hours > 0 and total <= most:
        return
    left = max(0, most - convention.hours_elsewhere)
    yield Breach(
        "P8",
        rules["weekly_hours"].article,
        _("Au plus %(most)s heures par semaine, toutes immersions comprises.", most=most),
        _("Choisissez %(left)g heures au plus, ou d’autres dates.", left=left),
        "weekly_hours",
    )


def check_age(convention: Convention, rules: Rules) -> Iterator[Breach]:
    """P8: sixteen on the first day; under eighteen, a legal representative signs too."""
    birth, day = convention.birth_date, convention.period.start
    least = rules["minimum_age"]
    if birth is None:
        text = _("La date de naissance est à demander\u00a0: l’âge est vérifié.")
        proposal = _("Notez-la sur la fiche de la personne.")
        yield Breach("P8", least.article, text, proposal, "person", illegal=False)
    elif age_on(birth, day) < least.number:
        text = _("La personne n’a pas %(age)s ans le premier jour.", age=least.number)
        proposal = _("Proposez une visite d’entreprise, ou un stage avec son établissement.")
        yield Breach("P8", least.article, text, proposal, "person")
    elif is_minor(birth, day, rules["adult_age"].number) and not _said(
        convention.legal_representative
    ):
        text = _("La personne est mineure\u00a0: un représentant légal signe aussi.")
        proposal = _("Notez le nom du représentant légal.")
        article = rules["adult_age"].article
        yield Breach("P8", article, text, proposal, "legal_representative", illegal=False)


def _said(text: str) -> bool:
    return bool(text.strip())


def check_employed(convention: Convention, rules: Rules) -> Iterator[Breach]:
    """P9: somebody employed needs the employer's agreement, unless the contract is suspended."""
    if not convention.employed or convention.contract_suspended or convention.employer_agreed:
        return
    yield Breach(
        "P9",
        rules["employer_agreement"].article,
        _("La personne est en emploi\u00a0: l’accord de son employeur manque."),
        _("Demandez cet accord, ou attendez que le contrat soit suspendu."),
        "current_employer_agreed",
        illegal=False,
    )


def check_structure(convention: Convention, rules: Rules) -> Iterator[Breach]:
    """P10: a valid SIRET; P11: the firm declares that nobody is replaced."""
    if convention.siret is None:
        yield Breach(
            "P10",
            rules["siret_digits"].article,
            _("Le SIRET de l’entreprise n’est pas connu, ou un chiffre est faux."),
            _("Demandez ses 14 chiffres à l’entreprise."),
            "employer",
            illegal=False,
        )
    if not convention.no_replacement:
        yield Breach(
            "P11",
            rules["declaration"].article,
            _("L’entreprise ne l’a pas encore déclaré\u00a0: personne n’est remplacé."),
            _("Demandez-lui, puis cochez la déclaration. Sinon, proposez un contrat."),
            "no_replacement_declared",
            illegal=False,
        )
