"""Checks that every page must pass: valid HTML, unique ids, labelled fields, nothing inline."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree.ElementTree import Element

import html5lib

XHTML = "{http://www.w3.org/1999/xhtml}"
# html5lib predates these; the HTML standard has them.
_KNOWN_LIMITS = {"non-void-element-with-trailing-solidus"}
_UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}


def without_tokens(html: str) -> str:
    """The page without its CSRF tokens, which change every second: two renderings compare."""
    return re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", html)


def parse(html: str) -> tuple[Element, list[str]]:
    """The tree of a page or fragment, and the parser's complaints."""
    fragment = not html.lstrip().lower().startswith("<!doctype")
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parseFragment(html) if fragment else parser.parse(html)
    errors = [f"{place}: {code} {detail}" for place, code, detail in parser.errors]
    return tree, [error for error in errors if not any(code in error for code in _KNOWN_LIMITS)]


def problems(html: str) -> list[str]:
    """Everything wrong with a page or fragment; empty when it may be served."""
    tree, found = parse(html)
    elements = list(tree.iter())
    found += _duplicate_ids(elements)
    found += _inline_code(elements)
    found += _unlabelled_fields(elements)
    found += _broken_references(elements, whole_page="<html" in html.lower())
    found += _images_without_text(elements)
    return found


def _duplicate_ids(elements: list[Element]) -> list[str]:
    counts = Counter(e.get("id") for e in elements if e.get("id"))
    return [f"duplicate id {name!r}" for name, count in counts.items() if count > 1]


def _inline_code(elements: list[Element]) -> list[str]:
    found = []
    for element in elements:
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            found.append(f"inline <{element.tag}>")
        for name in element.attrib:
            if name == "style" or name.startswith(("on", "hx-on")):
                found.append(f"inline {name} on <{element.tag}>")
    return found


def _unlabelled_fields(elements: list[Element]) -> list[str]:
    labelled = {e.get("for") for e in elements if e.tag == "label"}
    wrapped = {id(child) for e in elements if e.tag == "label" for child in e.iter()}
    found = []
    for element in elements:
        if element.tag not in {"input", "select", "textarea"}:
            continue
        if element.get("type") in _UNLABELLED_TYPES:
            continue
        named = element.get("aria-label") or element.get("aria-labelledby")
        if not named and element.get("id") not in labelled and id(element) not in wrapped:
            found.append(f"field without label: {element.get('name')!r}")
    return found


def _broken_references(elements: list[Element], *, whole_page: bool) -> list[str]:
    if not whole_page:
        return []
    ids = {e.get("id") for e in elements if e.get("id")}
    found = []
    for element in elements:
        for attribute in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            for target in (element.get(attribute) or "").split():
                if target not in ids:
                    found.append(f"{attribute}={target!r} points nowhere")
    return found


def _images_without_text(elements: list[Element]) -> list[str]:
    return [
        f"image without alt: {e.get('src')!r}"
        for e in elements
        if e.tag == "img" and e.get("alt") is None
    ]
