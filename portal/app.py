"""The application factory."""

from __future__ import annotations

from flask import Flask, Response
from flask_babel import Babel
from flask_compress import Compress
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import assets
from portal.config import Settings
from portal.db import Database
from portal.doors import passes
from portal.features import BLUEPRINTS
from portal.web import (
    context,
    doorstep,
    errors,
    filters,
    guards,
    headers,
    language,
    session,
    signin,
    statics,
)


def create_app(settings: Settings, db: Database | None = None) -> Flask:
    """Build the portal on a database whose schema is up to date."""
    app = Flask(
        "portal",
        template_folder=str(assets.TEMPLATES),
        static_folder=str(assets.STATIC),
    )
    configure(app, settings)
    app.url_map.strict_slashes = False
    _prepare_templates(app)
    _trust_proxies(app, settings.trusted_proxies)
    database = db or Database(settings.database_url)
    database.keep_index_in(settings.indexes)
    Babel(
        app,
        default_locale=language.DEFAULT,
        default_timezone="Europe/Paris",
        locale_selector=language.choose_language,
    )
    language.init_app(app)
    Compress(app)
    CSRFProtect(app)
    Htmx(app)
    # Hooks run last registered first: commit, then touch, then headers.
    headers.init_app(app)
    app.after_request(_touch)
    passes.init_app(app)
    doorstep.init_app(app)
    session.init_app(app, database)
    signin.init_app(app)
    errors.init_app(app)
    filters.init_app(app)
    context.init_app(app)
    statics.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.before_request(guards.enforce(app))
    guards.check_every_endpoint(app)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Put the settings in the configuration, in the names Flask and its extensions read."""
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=2_000,
        SESSION_COOKIE_NAME="ecluse" if not settings.secure_cookies else "__Host-ecluse",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=settings.session_lifetime,
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        # Never pages: what a compressed page weighs could tell a token that it holds (BREACH).
        COMPRESS_MIMETYPES=["text/css", "text/javascript", "image/svg+xml"],
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_STREAMS=True,
    )


def _prepare_templates(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _trust_proxies(app: Flask, count: int) -> None:
    """Read the caller's address and scheme where the reverse proxies put them.

    Only that many entries from the right are believed: a caller can write the others.
    """
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )


def _touch(response: Response) -> Response:
    signin.touch_session()
    return response
