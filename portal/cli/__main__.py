"""``python -m portal.cli``: the same as the ``ecluse`` command."""

from portal.cli import main

main()
