from __future__ import annotations

import pytest

from dockerapi.api.routes import ROUTES as METHODS
from dockerapi.testing.routes.table import ROUTES, find
from dockerapi.testing.versions.dialect import Dialect
from dockerapi.versions.releases import Release


def test_every_route_that_a_method_needs_is_served() -> None:
    """But that of sessions: there is no BuildKit, and it is 404."""
    served = {"POST /session", *(route.name for route in ROUTES)}
    assert sorted({name for names in METHODS.values() for name in names} - served) == []


@pytest.mark.parametrize(
    ("method", "path", "name", "params"),
    [
        ("GET", "/containers/json", "GET /containers/json", {}),
        ("GET", "/containers/abc/json", "GET /containers/{id}/json", {"id": "abc"}),
        (
            "GET",
            "/images/a:50/b:1/json",
            "GET /images/{name}/json",
            {"name": "a:50/b:1"},
        ),
        ("GET", "/images/get", "GET /images/get", {}),
        ("GET", "/images/a/get", "GET /images/{name}/get", {"name": "a"}),
        ("DELETE", "/images/a/b", "DELETE /images/{name}", {"name": "a/b"}),
        ("PUT", "/containers/json", None, {}),
        ("GET", "/nothing", None, {}),
        ("DELETE", "/containers/a/b", None, {}),
        ("GET", "/containers/a/attach/ws", "GET /containers/{id}/attach/ws", {"id": "a"}),
        ("GET", "/containers//json", None, {}),
        ("GET", "", None, {}),
    ],
)
def test_a_path_names_a_route_and_its_subject(
    method: str, path: str, name: str | None, params: dict[str, str]
) -> None:
    dialect, _ = Dialect.of(Release.parse("28.5.2"), None)
    route, found = find(method, path, dialect)
    assert (route and route.name, found) == (name, params)


@pytest.mark.parametrize(
    ("name", "since", "before"),
    [
        ("GET /containers/{id}/logs", "0.11.0", "0.10.0"),
        ("GET /containers/json", "0.3.4", "0.3.3"),
        ("POST /containers/{id}/exec", "1.3.0", "1.2.0"),
        ("GET /containers/{id}/archive", "1.8.0", "1.7.1"),
        ("GET /images/viz", "1.6.2", "1.7.0"),
        ("POST /images/{name}/insert", "0.11.1", "0.12.0"),
    ],
)
def test_a_route_is_known_to_some_releases_only(name: str, since: str, before: str) -> None:
    routes = [route for route in ROUTES if route.name == name]

    def known(release: str) -> bool:
        dialect, _ = Dialect.of(Release.parse(release), None)
        return any(route.known_to(dialect) for route in routes)

    assert (known(since), known(before)) == (True, False)
