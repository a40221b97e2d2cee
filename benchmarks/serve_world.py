"""The people, the offers and the sessions of ``benchmarks/serve.py``, upon its structures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.serve_filling import DEPARTEMENTS, SEED, Filling, Login, Size

__all__ = ["SEED", "Filler", "Login", "Size"]

_KINDS = ("day_one", "day_one", "training_planned", "on_the_job", "desired")
_STATES = (("agreement_asked", False), ("agreed", True), ("sent", True), ("meeting", True))


class Filler(Filling):
    """Fills an empty database that has the starter set."""

    def fill(self) -> list[Login]:
        """Everything, then fresh statistics; the accounts that may sign in."""
        self._structures()
        self._accounts()
        people = self._people()
        self._facts()
        offers = self._offers()
        self._introductions()
        self._sessions()
        self._set_sequences()
        return self._logins(people, offers)

    def _follower(self, person: int) -> tuple[int, int | None]:
        """(structure, account): each account has its portfolio, the rest is the structures'."""
        account = 1 + (person - 1) // self.size.portfolio
        if account <= self.size.accounts:
            return self._organisation(account), account
        return 1 + person % self._organisation(self.size.accounts), None

    def _people(self) -> list[str]:
        ids = [self._public_id() for _ in range(self.size.people)]
        rows = [self._person(number, public) for number, public in enumerate(ids, start=1)]
        self._copy("person", rows)
        self._copy("referral", (self._referral(number) for number in range(1, len(ids) + 1)))
        return ids

    def _person(self, number: int, public_id: str) -> dict[str, Any]:
        rng, organisation = self.rng, self._follower(number)[0]
        departement = self._departement(organisation)
        last = rng.randint(0, 60)
        return {
            "id": number,
            "public_id": public_id,
            "owner_id": organisation,
            "first_name": f"Prénom{number % 800}",
            "last_name": f"Nom{number}",
            "search_name": f"prenom{number % 800} nom{number}",
            "commune_code": rng.choice(self.communes[departement]),
            "departement_code": departement,
            "contact_preference": "phone",
            "modes": rng.choice(("car", "bus|walk", "bike|bus", "bike|car", "walk")),
            "max_minutes": rng.choice((30, 45, 60, 90)),
            "available_from": self.today + timedelta(days=rng.randint(-60, 90)),
            "shared_on": self.today - timedelta(days=40) if rng.random() < 0.5 else None,
            "followed_since": self.today - timedelta(days=rng.randint(10, 300)),
            "last_contact_on": self.today - timedelta(days=last),
            **self._dated(),
        }

    def _referral(self, number: int) -> dict[str, Any]:
        organisation, account = self._follower(number)
        return {
            "id": number,
            "person_id": number,
            "organisation_id": organisation,
            "account_id": account,
            "lead": True,
            "start": self.today - timedelta(days=300),
            **self._dated(),
        }

    def _facts(self) -> None:
        past, skills, credentials, interests, contacts = [], [], [], [], []
        for person in range(1, self.size.people + 1):
            trades = self.rng.sample(self.codes, 3)
            past += [self._past(person, code) for code in trades[:2]]
            skills += self._answers(person, trades[:2])
            credentials += [self._held(person, c) for c in self.rng.sample(self.credentials, 3)]
            interests.append(self._interest(person, trades[2]))
            contacts += [self._contact(person) for _ in range(self.rng.randint(0, 4))]
        self._copy("past_trade", past)
        self._copy("skill_assertion", skills)
        self._copy("credential", credentials)
        self._copy("interest", interests)
        self._copy("contact", contacts)

    def _past(self, person: int, code: str) -> dict[str, Any]:
        row = {"person_id": person, "occupation_code": code, "years": self.rng.randint(1, 20)}
        return row | self._dated()

    def _answers(self, person: int, trades: Sequence[str]) -> list[dict[str, Any]]:
        known = sorted({skill for trade in trades for skill, _level in self.trades[trade]})
        return [
            {
                "person_id": person,
                "skill_code": code,
                "level": self.rng.choice((0, 1, 2, 2, 3)),
                "source": self.rng.choice(("declared", "observed")),
                "asserted_on": self.today - timedelta(days=self.rng.randint(2, 200)),
                **self._dated(),
            }
            for code in known
            if self.rng.random() < 0.7
        ]

    def _held(self, person: int, code: str) -> dict[str, Any]:
        return {
            "public_id": self._public_id(),
            "person_id": person,
            "type_code": code,
            "held": self.rng.random() < 0.5,
            "proof": "declared",
            **self._dated(),
        }

    def _interest(self, person: int, code: str) -> dict[str, Any]:
        liking = self.rng.choice((1, 1, -1))
        row = {"person_id": person, "occupation_code": code, "liking": liking}
        return row | {"recorded_on": self.today} | self._dated()

    def _contact(self, person: int) -> dict[str, Any]:
        on = self.today - timedelta(days=self.rng.randint(0, 90))
        return {"person_id": person, "on": on, "channel": "phone"}

    def _offers(self) -> list[str]:
        firms = max(1, self.size.offers // 3)
        self._copy("establishment", (self._firm(number) for number in range(1, firms + 1)))
        ids = [self._public_id() for _ in range(self.size.offers)]
        rows = [self._offer(number, public, firms) for number, public in enumerate(ids, start=1)]
        self._copy("job_offer", rows)
        needs = [
            need
            for number, row in enumerate(rows, start=1)
            for need in self._needs(number, row["occupation_code"])
        ]
        self._copy("offer_requirement", needs)
        return ids

    def _firm(self, number: int) -> dict[str, Any]:
        platform = 1 + number % self.size.platforms
        return {
            "id": number,
            "public_id": self._public_id(),
            "name": f"Entreprise {number}",
            "search_name": f"entreprise {number}",
            "commune_code": self.rng.choice(self.communes[self._departement(platform)]),
            "owner_id": platform,
            **self._dated(),
        }

    def _platform_of(self, offer: int) -> int:
        return 1 + offer % self.size.platforms

    def _offer(self, number: int, public_id: str, firms: int) -> dict[str, Any]:
        rng, platform = self.rng, self._platform_of(number)
        departement = self._departement(platform)
        start = self.today + timedelta(days=rng.randint(5, 60))
        moment = datetime.now(UTC) - timedelta(days=2, minutes=rng.randint(0, 30_000))
        open_to = rng.choice(("partners_named", "partners_named", "partners_masked", "public"))
        return {
            "id": number,
            "public_id": public_id,
            "organisation_id": platform,
            "adviser_id": 1 + (platform - 1) * 5 + number % 5,
            "establishment_id": 1 + number % firms,
            "origin": "hidden",
            "state": rng.choice(("qualified", "open", "in_progress")),
            "title": f"Poste {number}",
            "occupation_code": rng.choice(self.codes),
            "posts": rng.randint(1, 3),
            "contract": rng.choice(("cdi", "cdd")),
            "commune_code": rng.choice(self.communes[departement]),
            "departement_code": departement,
            "start_wanted": start,
            "start_latest": start + timedelta(days=90),
            "confidentiality": "partners_named" if rng.random() < 0.9 else open_to,
            "max_introductions": 4,
            "fresh_until": self.today + timedelta(days=rng.randint(5, 21)),
            "qualified_at": moment,
            "shared_at": moment,
            "typed": "{}",
            **self._dated(),
        }

    def _needs(self, offer: int, trade: str) -> list[dict[str, Any]]:
        asked = self.trades[trade]
        chosen = self.rng.sample(asked, min(len(asked), 5))
        return [
            {
                "public_id": self._public_id(),
                "offer_id": offer,
                "kind": self.rng.choice(_KINDS),
                "skill_code": skill,
                "level": level,
                "position": position,
                **self._dated(),
            }
            for position, (skill, level) in enumerate(chosen)
        ]

    def _introductions(self) -> None:
        """One offer in four has somebody proposed by its own platform."""
        people = self.rng.choices(range(1, self.size.people + 1), k=self.size.offers // 4)
        self._copy(
            "introduction",
            (self._introduction(n, 4 * n, person) for n, person in enumerate(people, start=1)),
        )

    def _introduction(self, number: int, offer: int, person: int) -> dict[str, Any]:
        state, agreed = _STATES[number % len(_STATES)]
        return {
            "public_id": self._public_id(),
            "person_id": person,
            "offer_id": offer,
            "organisation_id": self._platform_of(offer),
            "by_id": 1 + (self._platform_of(offer) - 1) * 5 + offer % 5,
            "state": state,
            "agreed_at": self.long_ago if agreed else None,
            "sent_at": self.long_ago if state in ("sent", "meeting") else None,
            "meeting_on": self.today + timedelta(days=3) if state == "meeting" else None,
            "card": "{}",
            **self._dated(),
        }

    def _sessions(self) -> None:
        self._copy("training_program", (self._program(n) for n in self._numbers()))
        self._copy("training_action", (self._action(n) for n in self._numbers()))
        self._copy("training_session", (self._session(n) for n in self._numbers()))
        self._copy("session_skill", [s for n in self._numbers() for s in self._taught(n)])

    def _numbers(self) -> range:
        return range(1, self.size.sessions + 1)

    def _program(self, number: int) -> dict[str, Any]:
        title = f"Formation {number}"
        row = {"id": number, "public_id": self._public_id(), "source": "bench"}
        row |= {"external_ref": str(number), "title": title, "search_title": title.lower()}
        row |= {"formacodes": ""}
        return row | self._dated()

    def _action(self, number: int) -> dict[str, Any]:
        row = {"id": number, "public_id": self._public_id(), "program_id": number}
        return row | {"external_ref": str(number)} | self._dated()

    def _session(self, number: int) -> dict[str, Any]:
        start = self.today + timedelta(days=self.rng.randint(3, 200))
        departement = self.rng.choice(DEPARTEMENTS)
        return {
            "id": number,
            "public_id": self._public_id(),
            "action_id": number,
            "external_ref": str(number),
            "start": start,
            "end": start + timedelta(days=self.rng.randint(5, 120)),
            "commune_code": self.rng.choice(self.communes[departement]),
            "remote": False,
            "seats_left": self.rng.randint(1, 12),
            "recruitment": "open",
            "first_seen_at": self.long_ago,
            "last_confirmed_at": self.long_ago,
            "corrected": False,
            "recruitment_corrected": False,
            **self._dated(),
        }

    def _taught(self, session: int) -> list[dict[str, Any]]:
        asked = self.trades[self.rng.choice(self.codes)]
        return [
            {"session_id": session, "skill_code": skill, "level": 2, "origin": "entered"}
            | self._dated()
            for skill, _level in self.rng.sample(asked, min(len(asked), 3))
        ]

    def _logins(self, people: Sequence[str], offers: Sequence[str]) -> list[Login]:
        each = self.size.portfolio
        return [
            Login(
                account,
                account,
                self._role(account),
                tuple(people[(account - 1) * each : account * each]),
                tuple(self._offers_read(account, offers)),
            )
            for account in range(1, self.size.accounts + 1)
        ]

    def _offers_read(self, account: int, offers: Sequence[str]) -> list[str]:
        """The first offers of the account's own platform, or of one of its département."""
        organisation = self._organisation(account)
        here = self._departement(organisation)
        platforms = range(1, self.size.platforms + 1)
        near = [n for n in platforms if self._departement(n) == here]
        wanted = organisation if organisation in platforms else next(iter(near), None)
        numbers = range(1, len(offers) + 1)
        mine = (offers[n - 1] for n in numbers if self._platform_of(n) == wanted)
        return [found for found, _ in zip(mine, range(40), strict=False)]
