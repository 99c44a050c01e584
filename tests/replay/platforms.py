"""What comes out of the recordings about images of several platforms, from 1.9 to 29.7.

Those of `28.5-containerd` are of an Engine with containerd's image store.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from dockerapi import Client
from dockerapi.errors import BadRequest, ImageNotFound, PushFailed
from dockerapi.models.images import ImageSummary, Manifest, Pushed, Removed
from replay.recording import Recording
from replay.table import By, Raises, Replay, asked, refused, said

INSPECT = "GET /images/{name}/json"
HISTORY = "GET /images/{name}/history"
GET = "GET /images/{name}/get"
LOAD = "POST /images/load"
PUSH = "POST /images/{name}/push"
REMOVE = "DELETE /images/{name}"
LIST = "GET /images/json"
ATTESTATIONS = "GET /images/{name}/attestations"
NO_REGISTRY = (
    'Put "http://127.0.0.1:5000/v1/repositories/rec/busybox/": dial tcp 127.0.0.1:5000: connect: '
    "connection refused"
)
REFUSED = 'Get "http://127.0.0.1:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused'
START = 1000  # bytes of an archive; the recordings have its first 40,000


def _image(recording: Recording) -> str:
    match = re.fullmatch(
        r"/v[\d.]+/images/(.+?)(/(json|history|get|push|attestations))?", recording.path
    )
    assert match is not None, recording.path
    return match[1]


def _platforms(recording: Recording) -> list[str]:
    found = [value for name, value in recording.query if name in ("platform", "platforms")]
    return ["/".join(json.loads(value).values()) for value in found]


def _of_one(method: str) -> Callable[[Client, Recording], Any]:
    def ask(client: Client, recording: Recording) -> Any:
        [platform] = _platforms(recording)
        return getattr(client, method)(_image(recording), platform=platform)

    return ask


def _raw(route: str, **query: Any) -> Callable[[Client, Recording], Any]:
    """Asks what no method does."""

    def ask(client: Client, recording: Recording) -> Any:
        subject = _image(recording) if "{name}" in route else None
        return asked(client, recording, route, subject, **query).json()

    return ask


def _since(route: str, parameter: str, version: str, by: By) -> By:
    what = f"{route} {parameter}".rstrip()
    return {f"<{version}": refused(what, version), **by}


def _refusal(error: type[Exception], route: str) -> Callable[[Recording], Any]:
    return lambda recording: Raises(error, f"{route}: {recording.status} {said(recording)}")


def _bad(
    route: str, version: str, parameter: str = "platform", value: str = "x", **more: str
) -> Replay:
    by = _since(route, f"?{parameter}", version, {"*": _refusal(BadRequest, route)})
    return Replay(_raw(route, **{parameter: value}, **more), by)


# What was received, read here in another way


def _manifest(told: Any) -> dict[str, Any]:
    data = told["ImageData"]
    return {
        "id": told["ID"],
        "digest": told["Descriptor"]["digest"],
        "kind": told["Kind"],
        "available": told["Available"],
        "sizes": (told["Size"]["Total"], told["Size"]["Content"], data["Size"]["Unpacked"]),
        "platform": f"{data['Platform']['os']}/{data['Platform']['architecture']}",
    }


def _of_model(one: Manifest) -> dict[str, Any]:
    assert one.descriptor is not None and one.platform is not None
    return {
        "id": one.id,
        "digest": one.descriptor.digest,
        "kind": one.kind,
        "available": one.available,
        "sizes": (one.size, one.content_size, one.unpacked_size),
        "platform": f"{one.platform.os}/{one.platform.architecture}",
    }


def _rows(client: Client, recording: Recording, **options: Any) -> Any:
    def of(row: ImageSummary) -> Any:
        return row.id, row.shared_size, [_of_model(one) for one in row.manifests]

    return [of(row) for row in client.images(**options)]


def _rows_told(recording: Recording) -> Any:
    return [
        (
            row["Id"],
            None if row["SharedSize"] == -1 else row["SharedSize"],
            [_manifest(one) for one in row.get("Manifests") or ()],
        )
        for row in recording.json
    ]


def _pushed(recording: Recording) -> Any:
    found = re.findall(rb"latest: digest: (sha256:[0-9a-f]{64}) size: (\d+)", recording.body)
    digest, size = found[-1]
    return Pushed(tag="latest", digest=digest.decode(), size=int(size))


def _removed(recording: Recording) -> Any:
    rows = recording.json
    return [Removed(untagged=row.get("Untagged"), deleted=row.get("Deleted")) for row in rows]


def _inspected(client: Client, recording: Recording, **options: Any) -> Any:
    found = client.inspect_image(_image(recording), **options)
    origin = None if found.identity is None else found.identity.repositories
    return found.id, found.architecture, [_of_model(one) for one in found.manifests], origin


def _inspected_told(recording: Recording) -> Any:
    told = recording.json
    identity = told.get("Identity")
    return (
        told["Id"],
        told["Architecture"],
        [_manifest(one) for one in told.get("Manifests") or ()],
        None if identity is None else tuple(one["Repository"] for one in identity["Pull"]),
    )


def _history(client: Client, recording: Recording) -> Any:
    [platform] = _platforms(recording)
    found = client.history(_image(recording), platform=platform)
    return [(layer.id, layer.size, layer.comment, layer.tags) for layer in found]


def _history_told(recording: Recording) -> Any:
    return [
        (
            None if row["Id"] == "<missing>" else row["Id"],
            row["Size"],
            row["Comment"] or None,
            tuple(row["Tags"] or ()),
        )
        for row in recording.json
    ]


def _start_of_archive(client: Client, recording: Recording) -> Any:
    with client.get_image(_image(recording), platforms=_platforms(recording)) as archive:
        return archive.read(START)


def _removes(client: Client, recording: Recording) -> Any:
    force = ("force", "1") in recording.query
    return client.remove_image(_image(recording), force=force, platforms=_platforms(recording))


TWO = {"<1.52": refused(f"{GET} ?platform with more than one value", "1.52")}

REPLAYS = {
    "image_push_registry": Replay(
        lambda client, recording: client.push(_image(recording), tag="latest"),
        {
            "1.9": Raises(PushFailed, f"{PUSH}: {NO_REGISTRY}"),
            "20.10-experimental 28.5-experimental": Raises(PushFailed, f"{PUSH}: {REFUSED}"),
            "*": _pushed,
        },
    ),
    "image_push_platform": Replay(
        _of_one("push"), _since(PUSH, "?platform", "1.46", {"*": _pushed})
    ),
    "image_push_platform_404": Replay(
        _of_one("push"),
        _since(
            PUSH,
            "?platform",
            "1.46",
            {
                "28.5": _refusal(ImageNotFound, PUSH),
                "*": Raises(
                    ImageNotFound,
                    f"{PUSH}: 200 image with reference 127.0.0.1:5000/rec/busybox:latest was found "
                    "but does not provide the specified platform (linux/s390x)",
                ),
            },
        ),
    ),
    "image_push_platform_bad": _bad(PUSH, "1.46", tag="latest"),
    "image_list_manifests": Replay(
        lambda client, recording: _rows(client, recording, manifests=True),
        _since(LIST, "?manifests", "1.47", {"*": _rows_told}),
    ),
    "image_list_shared_size": Replay(
        lambda client, recording: _rows(client, recording, shared_size=True),
        _since(LIST, "?shared-size", "1.42", {"*": _rows_told}),
    ),
    "image_list_filter_until": Replay(
        lambda client, recording: _rows(client, recording, filters={"until": ["1m"]}),
        _since(LIST, "?filters.until", "1.44", {"*": _rows_told}),
    ),
    "image_list_identity": Replay(
        lambda client, recording: client.images(identity=True),
        {"*": Raises(ValueError, "identity: it is that of manifests; give manifests=True, too")},
    ),
    "image_inspect_manifests": Replay(
        lambda client, recording: _inspected(client, recording, manifests=True),
        _since(INSPECT, "?manifests", "1.48", {"*": _inspected_told}),
    ),
    "image_inspect_platform": Replay(
        lambda client, recording: _inspected(client, recording, platform=_platforms(recording)[0]),
        _since(INSPECT, "?platform", "1.49", {"*": _inspected_told}),
    ),
    "image_inspect_platform_404": Replay(
        _of_one("inspect_image"),
        _since(INSPECT, "?platform", "1.49", {"*": _refusal(ImageNotFound, INSPECT)}),
    ),
    "image_inspect_platform_bad": _bad(INSPECT, "1.49", value="linux/amd64"),
    "image_inspect_both": Replay(
        lambda client, recording: client.inspect_image(
            _image(recording), platform=_platforms(recording)[0], manifests=True
        ),
        {"*": Raises(ValueError, "manifests: they are of all platforms; leave platform out")},
    ),
    "image_history_platform": Replay(
        _history, _since(HISTORY, "?platform", "1.48", {"*": _history_told})
    ),
    "image_history_platform_404": Replay(
        _history, _since(HISTORY, "?platform", "1.48", {"*": _refusal(ImageNotFound, HISTORY)})
    ),
    "image_history_platform_bad": _bad(HISTORY, "1.48"),
    "image_attestations": Replay(
        lambda client, recording: client.image_attestations(_image(recording)),
        _since(ATTESTATIONS, "", "1.55", {"*": []}),
    ),
    "image_attestations_full": Replay(
        lambda client, recording: client.image_attestations(
            _image(recording),
            platform=_platforms(recording)[0],
            types=["https://slsa.dev/provenance/v1"],
            statement=True,
        ),
        _since(ATTESTATIONS, "", "1.55", {"*": []}),
    ),
    "image_attestations_404": Replay(
        lambda client, recording: client.image_attestations(_image(recording)),
        _since(ATTESTATIONS, "", "1.55", {"*": _refusal(ImageNotFound, ATTESTATIONS)}),
    ),
    "image_attestations_two_platforms": Replay(
        _raw(
            ATTESTATIONS,
            platform=[{"os": "linux", "architecture": name} for name in ("amd64", "s390x")],
        ),
        _since(ATTESTATIONS, "", "1.55", {"*": _refusal(BadRequest, ATTESTATIONS)}),
    ),
    "image_get_platform": Replay(
        _start_of_archive,
        _since(GET, "?platform", "1.48", {"*": lambda recording: recording.body[:START]}),
    ),
    "image_get_platform_404": Replay(
        _start_of_archive,
        _since(GET, "?platform", "1.48", {"*": _refusal(ImageNotFound, GET)}),
    ),
    "image_get_platform_bad": _bad(GET, "1.48"),
    "image_get_two_platforms": Replay(
        _start_of_archive,
        _since(GET, "?platform", "1.48", {**TWO, "*": lambda recording: recording.body[:START]}),
    ),
    "image_load_platform_bad": _bad(LOAD, "1.48"),
    "image_remove_platforms": Replay(
        _removes, _since(REMOVE, "?platforms", "1.50", {"*": _removed})
    ),
    "image_remove_platforms_404": Replay(
        _removes,
        _since(
            REMOVE,
            "?platforms",
            "1.50",
            {"28.5": _refusal(ImageNotFound, REMOVE), "*": _refusal(BadRequest, REMOVE)},
        ),
    ),
    "image_remove_platforms_bad": _bad(REMOVE, "1.50", parameter="platforms"),
}
