"""Where the portfolio and the files of people are served."""

# Each module adds its routes to the blueprint.
from portal.people.routes import abilities as _abilities
from portal.people.routes import card as _card
from portal.people.routes import follow as _follow
from portal.people.routes import identity as _identity
from portal.people.routes import leads as _leads
from portal.people.routes import near_trades as _near_trades
from portal.people.routes import portfolio as _portfolio
from portal.people.routes.door import blueprint

__all__ = [
    "_abilities",
    "_card",
    "_follow",
    "_identity",
    "_leads",
    "_near_trades",
    "_portfolio",
    "blueprint",
]
