"""Security headers on every response (OWASP secure headers; no inline script nor style)."""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
#: No page is kept in the tab for the back button: it would stay there after signing out.
HTMX_CONFIG = (
    '{"historyCacheSize":0,"refreshOnHistoryMiss":true,'
    '"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true,'
    '"attributesToSettle":["class","width","height"],'
    '"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},'
    '{"code":"422","swap":true},{"code":"[45]..","swap":false,"error":true}]}'
)
# Never "cookies": leaving a visit must not sign out the professional who stands beside.
_WIPE = '"cache", "storage"'


def forget_pages(response: Response) -> Response:
    """Have the browser forget the pages it kept, as somebody leaves."""
    response.headers["Clear-Site-Data"] = _WIPE
    return response


def init_app(app: Flask) -> None:
    """Set the headers after every request."""
    app.after_request(_secure)


def _secure(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
        response.vary.add("HX-Request")
    return response
