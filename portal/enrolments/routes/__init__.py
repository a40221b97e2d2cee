"""Where positionings are served."""

# Each module adds its routes to the blueprint.
from portal.enrolments.routes import files as _files
from portal.enrolments.routes import moves as _moves
from portal.enrolments.routes import sheet as _sheet
from portal.enrolments.routes import training as _training
from portal.enrolments.routes.door import blueprint

__all__ = ["_files", "_moves", "_sheet", "_training", "blueprint"]
