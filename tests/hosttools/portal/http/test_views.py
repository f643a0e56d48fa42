"""Whatever is put into a page is text, and never markup."""

from html.parser import HTMLParser

from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from hosttools.portal.epcs.charts import Patient
from hosttools.portal.http.views import page
from hosttools.portal.http.visits import visit_of
from hosttools.portal.refusals import Refusal, Why

HOSTILE = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "' onfocus='alert(1)' autofocus='",
            "{{ 7 * 7 }}",
            "{% raw %}",
            "</main><h1>",
            "&lt;b&gt;",
        ]
    ),
)


class Shape(HTMLParser):
    """The tags of a page and their attributes' names: what a hostile name would change."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.tags.append((tag, tuple(name for name, _ in attrs)))


def shape(app: FastAPI, text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the shape of a page with a text wherever others may have written one."""
    scope = {"type": "http", "path": "/patients", "headers": [], "scheme": "http", "app": app,
             "server": ("localhost", 80), "method": "GET", "query_string": b""}  # fmt: skip
    patient = Patient(patient_id="p", full_name=text, born=text, address=text)
    refusal = Refusal(Why.BAD_INPUT, text)
    answer = page(visit_of(Request(scope)), "patients", refusal=refusal, patients=[patient])
    return Shape(bytes(answer.body).decode()).tags


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=HOSTILE)
def test_a_hostile_name_is_a_name(app: FastAPI, text: str) -> None:
    """The page has the same tags and attributes whatever a patient is called."""
    assert shape(app, "Mara Ivers") == shape(app, text)
