"""What comes out of the recordings about images in a registry, from 17.06's API on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dockerapi import Client, ImageNotFound, ServerError
from dockerapi.models.images import Descriptor, Distribution, Platform
from replay.recording import Recording
from replay.table import By, Raises, Replay, refused

ROUTE = "GET /distribution/{name}/json"
DIGEST = "@sha256:05b6e606a2e24e21811e5bb217b2c966b4da20475be8f9870a11e595eaeb407a"


def _found(recording: Recording) -> Distribution:
    told = recording.json["Descriptor"]
    oci = told["mediaType"] == "application/vnd.oci.image.manifest.v1+json"
    return Distribution(
        descriptor=Descriptor(
            media_type=told["mediaType"], digest=told["digest"], size=told["size"]
        ),
        platforms=None if oci else (Platform(architecture="amd64", os="linux"),),
    )


def _no(error: type[Exception]) -> Callable[[Recording], Any]:
    return lambda recording: Raises(
        error, f"{ROUTE}: {recording.status} {json.loads(recording.body)['message']}"
    )


def _of(recording: Recording) -> str:
    return recording.path.split("/", 3)[3].removesuffix("/json")


def _ask(client: Client, recording: Recording) -> Any:
    return client.inspect_distribution(_of(recording))


def _replay(by: By) -> Replay:
    return Replay(_ask, {"<1.30": refused(ROUTE, "1.30"), **by})


REPLAYS = {
    **{
        name: _replay({"*": _found})
        for name in (
            "distribution_inspect",
            "distribution_inspect_no_auth",
            "distribution_inspect_digest",
            "distribution_inspect_bad_auth",
        )
    },
    "distribution_inspect_404": _replay({"*": _no(ImageNotFound)}),
    "distribution_inspect_repository_404": _replay({"*": _no(ImageNotFound)}),
    "distribution_inspect_unreachable": _replay({"*": _no(ServerError)}),
    "distribution_inspect_bad_name": Replay(
        _ask, {"*": Raises(ValueError, "not the name of any image: 'REC'")}
    ),
}
