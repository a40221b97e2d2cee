"""Rules P1 to P5: the object, how long, how many times (code du travail, D5135-3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from flask_babel import gettext as _

from portal.immersions.convention import Breach, Convention, Earlier
from portal.immersions.parameters import Parameter
from portal.immersions.periods import Period, months_after, most_days, most_together, said_day

Rules = Mapping[str, Parameter]
_DAY = timedelta(days=1)


def check_object(convention: Convention, rules: Rules) -> Iterator[Breach]:
    """P1: one object, among those of the law."""
    allowed = rules["objects"]
    if convention.aim.object not in allowed.items or not convention.aim.objectives.strip():
        yield Breach(
            "P1",
            allowed.article,
            _("Une convention a un seul objet, et dit ses objectifs."),
            _("Choisissez un objet, et écrivez ce que la personne veut savoir."),
            "object",
            illegal=convention.aim.object not in allowed.items,
        )


def check_length(convention: Convention, rules: Rules) -> Iterator[Breach]:
    """P2: at most one month date to date, and the stricter limits of the national service."""
    period = convention.period
    if period.end < period.start:
        text = _("La fin est avant le début.")
        yield Breach("P2", rules["convention_months"].article, text, _late(period, rules), "end")
        return
    month = rules["convention_months"]
    if period.end > months_after(period.start, month.number):
        text = _("Une convention dure au plus un mois, de date à date.")
        yield Breach("P2", month.article, text, _late(period, rules), "end")
    elif period.end > latest_end(period.start, rules):
        cap = rules["calendar_days"]
        text = _("Le service national compte au plus %(days)s jours.", days=cap.number)
        yield Breach("P2", cap.article, text, _late(period, rules), "end")
    else:
        yield from _check_presence(convention, rules)


def latest_end(start: date, rules: Rules) -> date:
    """The last day a convention that begins then may have: the stricter of the limits in force."""
    limits = [months_after(start, rules["convention_months"].number)]
    if "calendar_days" in rules:
        limits.append(start + timedelta(days=rules["calendar_days"].number))
    return min(limits)


def _late(period: Period, rules: Rules) -> str:
    day = said_day(latest_end(period.start, rules))
    return str(_("Choisissez une fin au plus tard le %(day)s.", day=day))


def _check_presence(convention: Convention, rules: Rules) -> Iterator[Breach]:
    most = convention.period.days
    article = rules["convention_months"].article
    if "presence_days" in rules and rules["presence_days"].number < most:
        most, article = rules["presence_days"].number, rules["presence_days"].article
    if not 1 <= convention.presence_days <= most:
        yield Breach(
            "P2",
            article,
            _("Le nombre de jours de présence ne tient pas dans ces dates."),
            _("Choisissez de 1 à %(most)s jours.", most=most),
            "presence_days",
        )


def check_renewal(convention: Convention, rules: Rules) -> Iterator[Breach]:
    """P3: once, when the objectives were not reached, with the same object and objectives."""
    if convention.renewal_of is None:
        return
    article = rules["renewals"].article
    previous = next((row for row in convention.others if row.key == convention.renewal_of), None)
    for reason, proposal in _renewal_defects(convention, previous, rules):
        yield Breach("P3", article, reason, proposal, "renewal")


def _renewal_defects(
    convention: Convention, previous: Earlier | None, rules: Rules
) -> Iterator[tuple[str, str]]:
    anew = _("Préparez une nouvelle convention, avec un autre objet ou d’autres objectifs.")
    if previous is None:
        yield _("La convention à renouveler n’existe pas dans cette structure."), anew
        return
    renewed = [row for row in convention.others if row.renewal_of == previous.key]
    if previous.renewal_of is not None or len(renewed) >= rules["renewals"].number:
        yield _("Une convention se renouvelle une seule fois."), anew
    if previous.outcome is None:
        text = _("Le bilan de la première période n’est pas fait.")
        yield text, _("Notez d’abord le bilan\u00a0: il dit si les objectifs sont atteints.")
    elif previous.outcome not in rules["renewal_outcomes"].items:
        yield _("Une convention se renouvelle si ses objectifs ne sont pas atteints."), anew
    if not convention.aim.is_same(previous.aim):
        text = _("Un renouvellement garde le même objet et les mêmes objectifs.")
        yield text, _("Reprenez ceux de la première convention, ou préparez-en une nouvelle.")
    if convention.period.start <= previous.period.end:
        day = said_day(previous.period.end + _DAY)
        text = _("Le renouvellement commence avant la fin de la première période.")
        yield text, _("Choisissez un début à partir du %(day)s.", day=day)


def check_count(convention: Convention, rules: Rules) -> Iterator[Breach]:
    """P4: two conventions in twelve rolling months, with different objects or objectives."""
    if convention.renewal_of is not None:
        return
    article = rules["conventions"].article
    together = _conventions_together(convention, rules)
    if len(together) >= rules["conventions"].number:
        yield Breach(
            "P4",
            article,
            _("Déjà deux conventions dans cette entreprise sur douze mois."),
            _other_dates_or_firm(convention, rules),
            "start",
        )
    if _has_same_aim(convention, rules):
        yield Breach(
            "P4",
            article,
            _("La personne a déjà une convention ici avec cet objet et ces objectifs."),
            _("Choisissez un autre objet ou d’autres objectifs, ou renouvelez la première."),
            "object",
        )


def _has_same_aim(convention: Convention, rules: Rules) -> bool:
    """Whether a first convention of the same twelve months has this object and objectives."""
    months = rules["rolling_months"].number
    return any(
        row.aim.is_same(convention.aim) and most_together(convention.period, [row.period], months)
        for row in convention.others
        if row.renewal_of is None
    )


def _conventions_together(convention: Convention, rules: Rules) -> list[Earlier]:
    """First conventions that some twelve months hold along with this one."""
    first = [row for row in convention.others if row.renewal_of is None]
    months = rules["rolling_months"].number
    held = most_together(convention.period, [row.period for row in first], months)
    return [row for row in first if row.period in held]


def check_total(convention: Convention, rules: Rules) -> Iterator[Breach]:
    """P5: sixty days in any twelve months, renewals included; and never two at once."""
    new, others = convention.period, [row.period for row in convention.others]
    if any(new.overlap(other) for other in others):
        yield Breach(
            "P5",
            rules["total_days"].article,
            _("Une autre convention court déjà dans cette entreprise à ces dates."),
            _other_dates_or_firm(convention, rules),
            "start",
        )
        return
    if new.end > latest_end(new.start, rules):
        return  # P2 says so already
    total = most_days(new, others, rules["rolling_months"].number)
    if total > rules["total_days"].number:
        text = _(
            "Cela ferait %(total)s jours ici sur douze mois\u00a0; %(most)s au plus.",
            total=total,
            most=rules["total_days"].number,
        )
        yield Breach(
            "P5", rules["total_days"].article, text, _shorter_or_later(convention, rules), "end"
        )


def _shorter_or_later(convention: Convention, rules: Rules) -> str:
    end = _fitting_end(convention, rules)
    if end is None:
        return _other_dates_or_firm(convention, rules)
    return str(_("Choisissez une fin au plus tard le %(day)s.", day=said_day(end)))


def _fitting_end(convention: Convention, rules: Rules) -> date | None:
    """The latest end, from the same start, that keeps the total; None when no day is left."""
    start, others = convention.period.start, [row.period for row in convention.others]
    end = min(convention.period.end, latest_end(start, rules))
    months, most = rules["rolling_months"].number, rules["total_days"].number
    while end >= start:
        if most_days(Period(start, end), others, months) <= most:
            return end
        end -= _DAY
    return None


def _other_dates_or_firm(convention: Convention, rules: Rules) -> str:
    """The first later start where as long a period fits, or another firm."""
    day = said_day(fitting_start(convention, rules))
    return str(_("Choisissez un début à partir du %(day)s, ou une autre entreprise.", day=day))


def fitting_start(convention: Convention, rules: Rules) -> date:
    """The first day from which as long a convention keeps P4 and P5.

    Twelve months after the last day of all the others, it always does.
    """
    months = rules["rolling_months"].number
    steps = {row.period.end + _DAY for row in convention.others}
    steps |= {months_after(row.period.end, months) for row in convention.others}
    steps |= {months_after(row.period.start, months) for row in convention.others}
    for start in sorted(step for step in steps if step >= convention.period.start):
        if _fits(convention, convention.period.moved_to(start), rules):
            return start
    return max((*steps, convention.period.start)) + _DAY


def _fits(convention: Convention, period: Period, rules: Rules) -> bool:
    others = [row.period for row in convention.others]
    months = rules["rolling_months"].number
    first = [row.period for row in convention.others if row.renewal_of is None]
    counted = 0 if convention.renewal_of else len(most_together(period, first, months))
    return (
        not any(period.overlap(other) for other in others)
        and counted < rules["conventions"].number
        and most_days(period, others, months) <= rules["total_days"].number
    )
