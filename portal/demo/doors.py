"""What the two doors show: contacts of the firms, what waits for them, and for three people.

Made last, by the portal's own rules at the days they were lived: the draws of all the rest stay
as they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from flask_babel import Babel

from portal.config import Settings
from portal.demo.door_employer import make_contacts, make_deposits, make_firm
from portal.demo.door_messages import settle_history, trouble
from portal.demo.door_people import make_visitors
from portal.demo.scene import Scene
from portal.demo.structures import Structures
from portal.models import Establishment


def make_doors(
    scene: Scene, structures: Structures, establishments: Mapping[str, Establishment]
) -> None:
    """Fill both doors of an already lived-in territory; flushed, not committed."""
    # Cards and notes are worded by the web layer, which needs a locale.
    app = Flask("portal.demo")
    app.config["SETTINGS"] = Settings(home=Path(), database_url="", secret_key="", demo=True)
    Babel(app, default_locale="fr", default_timezone="Europe/Paris")
    with app.app_context():
        firms = list(establishments.values())
        make_contacts(scene, firms)
        make_firm(scene, structures, firms[0])
        make_deposits(scene, structures, firms)
        make_visitors(scene, structures)
        settle_history(scene)
        trouble(scene, structures)
        scene.session.flush()
