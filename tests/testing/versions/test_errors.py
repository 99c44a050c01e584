"""The words of refusals that no other test hears: those of releases in between."""

from __future__ import annotations

import pytest

from dockerapi.protocol.reference import ImageReference
from dockerapi.testing.http.errors import HttpError
from dockerapi.testing.versions import errors
from dockerapi.testing.versions.dialect import Dialect
from dockerapi.versions.releases import Release


def of(release: str) -> Dialect:
    return Dialect.of(Release.parse(release), None)[0]


def told(refusal: HttpError) -> tuple[int, str]:
    return refusal.status, refusal.message


# As recorded, where there is a recording of the release.
@pytest.mark.parametrize(
    ("release", "at", "expected"),
    [
        ("0.4.4", "create", (404, "No such image: x")),
        ("0.6.6", "create", (404, "No such image: x (tag: latest)")),
        ("0.6.7", "create", (404, "create: No such image: x (tag: latest)")),
        ("1.7.1", "create", (404, "No such image: x (tag: latest)")),
        ("20.10.24", "create", (404, "No such image: x:latest")),
        ("1.7.1", "tag", (404, "No such image: x")),
        ("1.7.1", "inspect", (404, "No such image: x")),
        ("28.5.2", "inspect", (404, "No such image: x:latest")),
    ],
)
def test_there_is_no_such_image(release: str, at: str, expected: tuple[int, str]) -> None:
    assert told(errors.no_image(of(release), "x", at)) == expected


def test_a_tag_is_divided_from_the_name_but_a_port_is_not() -> None:
    assert [
        errors.no_image(of("1.7.1"), name, "create").message
        for name in ("x:1", "host:5000/x", "host:5000/x:1")
    ] == [
        "No such image: x (tag: 1)",
        "No such image: host:5000/x (tag: latest)",
        "No such image: host:5000/x (tag: 1)",
    ]


@pytest.mark.parametrize(
    ("release", "running", "expected"),
    [
        (
            "1.7.1",
            False,
            "Conflict, cannot delete 0123456789ab because the container fedcba987654 is using it, "
            "use -f to force",
        ),
        (
            "1.7.1",
            True,
            "Conflict, cannot delete 0123456789ab because the running container fedcba987654 is "
            "using it, stop it and use -f to force",
        ),
    ],
)
def test_an_image_is_in_use_in_old_words(release: str, running: bool, expected: str) -> None:
    image, container = "0123456789abcdef", "fedcba9876543210"
    found = errors.image_in_use(of(release), image, container, name="", running=running)
    assert told(found) == (409, expected)


@pytest.mark.parametrize(
    ("release", "holder", "image", "expected"),
    [
        ("0.6.7", "a", "b", None),
        ("1.7.1", None, "b", None),
        ("1.7.1", "b", "b", "Conflict: Tag 1 is already set to image b, if you want to replace it, "
         "please use -f option"),
        ("1.10.0", "b", "b", None),
        ("1.10.0", "a", "b", "Conflict: Tag 1 is already set to image sha256:a, if you want to "
         "replace it, please use -f option"),
        ("20.10.24", "a", "b", None),
    ],
)  # fmt: skip
def test_a_name_is_taken(
    release: str, holder: str | None, image: str, expected: str | None
) -> None:
    found = errors.tag_taken(of(release), "x:1", holder, image)
    assert (found and found.message) == expected


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("1.7.1", (500, "unknown instruction: X")),
        ("28.5.2", (400, "dockerfile parse error on line 3: unknown instruction: X")),
    ],
)
def test_a_dockerfile_cannot_be_read(release: str, expected: tuple[int, str]) -> None:
    found = errors.bad_instruction(of(release), "unknown instruction: X", 3)
    assert told(found) == expected


@pytest.mark.parametrize(
    ("release", "what", "unknown", "expected"),
    [
        ("1.7.1", "pull", True, ("Authentication is required.", 401)),
        ("20.10.24", "pull", False, ("unauthorized: authentication required", 500)),
        ("28.5.2", "pull", False, ("unauthorized: authentication required", 401)),
        ("28.5.2", "push", True, ("no basic auth credentials", 500)),
        (
            "20.10.24",
            "pull",
            True,
            ('Head "http://host.test/v2/x/manifests/1": no basic auth credentials', 500),
        ),
    ],
)
def test_a_registry_lets_nobody_in(
    release: str, what: str, unknown: bool, expected: tuple[str, int]
) -> None:
    name = ImageReference.parse("host.test/x:1")
    assert errors.not_let_in(of(release), name, what, unknown) == expected
