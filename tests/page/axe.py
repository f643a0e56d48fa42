"""What axe-core finds wrong with a page for people who don't see it, or see it otherwise."""

import functools
import json
from importlib.resources import files
from typing import Any, Final

from playwright.sync_api import Page

_RUN: Final = """
axe.run({resultTypes: ["violations"], preload: false})
   .then(result => JSON.stringify(result.violations))
"""
"""Without what was found to be good, and without loading style sheets again: both only take
time."""


@functools.cache
def _source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[Any]:
    """Return what axe-core finds, as far as a person needs it to find it again."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    return [
        (rule["id"], [(node["html"], node["failureSummary"]) for node in rule["nodes"]])
        for rule in json.loads(page.evaluate(_RUN))
    ]
