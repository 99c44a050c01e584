"""Images: what each operation asks of the Engine, what it gives, and what it refuses."""

from __future__ import annotations

import base64
import datetime
import io
import json
import logging
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.rows import (
    FAILURE,
    NEW,
    NO_DATA,
    OLD,
    Row,
    Statuses,
    all_of,
    check_not_supported,
    check_refusal,
    check_refused_argument,
    encoded,
    needs,
    played,
    recorded,
    refusals,
    refused,
)
from dockerapi import (
    ApiError,
    BadRequest,
    BuildFailed,
    Client,
    Conflict,
    Credentials,
    Forbidden,
    ImageNotFound,
    ImportFailed,
    LoadFailed,
    NotFound,
    NotSupported,
    OperationFailed,
    PullFailed,
    PushFailed,
    RateLimited,
    ServerError,
    StreamInterrupted,
    Unauthorized,
    UnexpectedReply,
)
from dockerapi.models.images import (
    Attestation,
    Descriptor,
    Distribution,
    Image,
    ImageSummary,
    Layer,
    Loaded,
    Manifest,
    Platform,
    Progress,
    Pulled,
    Pushed,
    Removed,
    SearchResult,
)
from dockerapi.models.pruned import Pruned
from scripted import (
    PATIENCE,
    PODMAN,
    BeforeBody,
    Conversation,
    ScriptedDaemon,
    asked,
    chunk,
    chunked,
    head,
    json_reply,
    reply,
)

UTC = datetime.timezone.utc
SECRET = "s3cret"
ADA = Credentials(username="ada", password=SECRET)
ADA_HEADER = base64.urlsafe_b64encode(
    json.dumps({"username": "ada", "password": SECRET}).encode()
).decode()
NOBODY = "e30="
TAR = "application/x-tar"
IMAGE_ID = "sha256:79b093875232704b6a2bee72f2709aaf334b048ead3bbafaf254ae3f459a8cf2"
DIGEST = f"sha256:{'5' * 64}"


def read(stream: Any) -> bytes:
    with stream:
        found: bytes = stream.read()
        return found


def values(*values: Any) -> bytes:
    """A stream of JSON values, a chunk and an end of line after each, as Engines send them."""
    return chunked(
        *(json.dumps(value).encode() + b"\r\n" for value in values),
        Content_Type="application/json",
    )


PULL_MESSAGES: list[Any] = [
    {"status": "Pulling from library/busybox", "id": "latest"},
    {"status": "Pulling fs layer", "progressDetail": {}, "id": "5cc84ad355aa"},
    {
        "status": "Downloading",
        "progressDetail": {"current": 2, "total": 9},
        "progress": "[==>  ]",
        "id": "5cc84ad355aa",
    },
    {"status": f"Digest: {DIGEST}"},
    {"status": "Status: Downloaded newer image for busybox:latest"},
]
PULL = values(*PULL_MESSAGES)
PULLED = Pulled(digest=DIGEST, status="Downloaded newer image for busybox:latest")
PULLING = [
    Progress(id="latest", status="Pulling from library/busybox"),
    Progress(id="5cc84ad355aa", status="Pulling fs layer"),
    Progress(id="5cc84ad355aa", status="Downloading", current=2, total=9, bar="[==>  ]"),
    Progress(status=f"Digest: {DIGEST}"),
    Progress(status="Status: Downloaded newer image for busybox:latest"),
]
PUSH_MESSAGES: list[Any] = [
    {"status": "The push refers to repository [registry.example.com:5000/team/app]"},
    {"status": f"v1: digest: {DIGEST} size: 528"},
    {"progressDetail": {}, "aux": {"Tag": "v1", "Digest": DIGEST, "Size": 528}},
]
PUSH = values(*PUSH_MESSAGES)
IMPORTED = "sha256:178fbafc7c8e4a47bfc8933f27b8d4aaf7c32fb4d9a8983ab5b323920afb2de2"
LIST = [
    {
        "Id": "sha256:" + "b" * 64,
        "ParentId": "sha256:" + "a" * 64,
        "RepoTags": ["app:v1", "app:latest"],
        "RepoDigests": None,
        "Created": 1374067924,
        "Size": 10,
        "VirtualSize": 20,
        "SharedSize": -1,
        "Containers": -1,
        "Labels": None,
    },
    {"Id": "sha256:" + "a" * 64, "ParentId": "", "RepoTags": ["<none>:<none>"], "Size": 10},
]
LISTED = [
    ImageSummary(
        id="sha256:" + "b" * 64,
        parent_id="sha256:" + "a" * 64,
        repo_tags=("app:v1", "app:latest"),
        created=datetime.datetime(2013, 7, 17, 13, 32, 4, tzinfo=UTC),
        size=10,
        virtual_size=20,
    ),
    ImageSummary(id="sha256:" + "a" * 64, size=10, virtual_size=10),
]
GRAPH = """digraph docker {
 "aaaaaaaaaaaa" -> "bbbbbbbbbbbb"
 base -> "aaaaaaaaaaaa" [style=invis]
 "bbbbbbbbbbbb" [label="bbbbbbbbbbbb\\napp:v1\\napp:latest",shape=box,fillcolor="paleturquoise",\
style="filled,rounded"];
 base [style=invisible]
}
"""

ROWS = [
    # List
    Row(
        id="images",
        call=lambda client: client.images(),
        asks=[asked("GET /images/json")],
        answers=[json_reply(LIST)],
        gives=LISTED,
    ),
    Row(
        id="images: null",
        call=lambda client: client.images(),
        asks=[asked("GET /images/json")],
        answers=[json_reply(None)],
        gives=[],
    ),
    Row(
        id="images: every option",
        call=lambda client: client.images(
            reference="app*", all=True, digests=True, filters={"dangling": False, "label": "a"}
        ),
        asks=[
            asked(
                "GET /images/json?all=1&digests=1&filters="
                + encoded({"dangling": ["false"], "label": ["a"], "reference": ["app*"]})
            )
        ],
        answers=[json_reply(LIST)],
        gives=LISTED,
        at=(NEW,),
    ),
    Row(
        id="images: of a name, before there was a filter for it",
        call=lambda client: client.images(reference="app*", all=True),
        asks=[asked("GET /images/json?all=1&filter=app%2A")],
        answers=[json_reply([])],
        gives=[],
        at=(OLD,),
    ),
    Row(
        id="viz",
        call=lambda client: client.viz(),
        asks=[asked("GET /images/json?all=1")],
        answers=[json_reply(LIST)],
        gives=GRAPH,
    ),
    Row(
        id="viz: drawn by the Engine",
        call=lambda client: client.viz(),
        asks=[asked("GET /images/viz")],
        answers=[reply(200, b"digraph docker {\n}\n")],
        gives="digraph docker {\n}\n",
        at=("1.6",),
        release="0.6.6",
    ),
    # Pull
    Row(
        id="pull",
        call=lambda client: client.pull("busybox"),
        asks=[asked("POST /images/create?fromImage=busybox&tag=latest")],
        answers=[PULL],
        gives=PULLED,
    ),
    Row(
        id="pull: every argument",
        call=lambda client: client.pull(
            "registry.example.com:5000/team/app", tag="v1", platform="linux/arm64", auth=ADA
        ),
        asks=[
            asked(
                "POST /images/create?fromImage=registry.example.com%3A5000%2Fteam%2Fapp&tag=v1"
                "&platform=linux%2Farm64",
                X_Registry_Auth=ADA_HEADER,
            )
        ],
        answers=[PULL],
        gives=PULLED,
        refused=needs("POST /images/create ?platform", "1.32"),
    ),
    Row(
        id="pull: for an operating system",
        call=lambda client: client.pull("app", platform="linux"),
        asks=[asked("POST /images/create?fromImage=app&tag=latest&platform=linux")],
        answers=[PULL],
        gives=PULLED,
        refused=needs("POST /images/create ?platform", "1.32"),
    ),
    Row(
        id="pull: with credentials and a tag in the name",
        call=lambda client: client.pull("app:v1", auth=ADA),
        asks=[asked("POST /images/create?fromImage=app&tag=v1", X_Registry_Auth=ADA_HEADER)],
        answers=[PULL],
        gives=PULLED,
    ),
    Row(
        id="pull: a digest",
        call=lambda client: client.pull(f"app@{DIGEST}"),
        asks=[asked(f"POST /images/create?fromImage=app&tag=sha256%3A{'5' * 64}")],
        answers=[PULL],
        gives=PULLED,
    ),
    Row(
        id="pull: all tags",
        call=lambda client: client.pull("busybox", all_tags=True),
        asks=[asked("POST /images/create?fromImage=busybox&tag=")],
        answers=[PULL],
        gives=PULLED,
    ),
    Row(
        id="stream_pull",
        call=lambda client: all_of(client.stream_pull("busybox", auth=ADA)),
        asks=[
            asked("POST /images/create?fromImage=busybox&tag=latest", X_Registry_Auth=ADA_HEADER)
        ],
        answers=[PULL],
        gives=PULLING,
    ),
    # Import
    Row(
        id="import_image",
        call=lambda client: client.import_image(b"an archive"),
        asks=[asked("POST /images/create?fromSrc=-", b"an archive", Content_Type=TAR)],
        answers=["image_import"],
        gives=IMPORTED,
        at=(NEW,),
    ),
    Row(
        id="import_image: every argument",
        call=lambda client: client.import_image(
            iter([b"an ", b"archive"]),
            repository="team/app",
            tag="v1",
            message="why not",
            changes=["CMD sh", "USER ada"],
        ),
        asks=[
            asked(
                "POST /images/create?fromSrc=-&repo=team%2Fapp&tag=v1&message=why+not"
                "&changes=CMD+sh&changes=USER+ada",
                b"an archive",
                Content_Type=TAR,
            )
        ],
        answers=["image_import"],
        gives=IMPORTED,
        at=(NEW,),
    ),
    Row(
        id="import_image: from a URL",
        call=lambda client: client.import_image("http://example.com/a.tgz", repository="app:v1"),
        asks=[
            asked("POST /images/create?fromSrc=http%3A%2F%2Fexample.com%2Fa.tgz&repo=app&tag=v1")
        ],
        answers=[values({"status": "Downloading"}, {"status": IMPORTED})],
        gives=IMPORTED,
    ),
    Row(
        id="import_image: with a message",
        call=lambda client: client.import_image(b"an archive", message="why not"),
        asks=[
            asked("POST /images/create?fromSrc=-&message=why+not", b"an archive", Content_Type=TAR)
        ],
        answers=["image_import"],
        gives=IMPORTED,
        refused=needs("POST /images/create ?message", "1.21"),
    ),
    Row(
        id="stream_import_image",
        call=lambda client: all_of(client.stream_import_image(b"an archive")),
        asks=[asked("POST /images/create?fromSrc=-", b"an archive", Content_Type=TAR)],
        answers=[values({"status": "Importing"}, {"status": IMPORTED})],
        gives=[Progress(status="Importing"), Progress(status=IMPORTED)],
    ),
    Row(
        id="insert",
        call=lambda client: client.insert(
            "busybox", url="http://example.com/a b", path="/usr/share/a"
        ),
        asks=[
            asked(
                "POST /images/busybox/insert?url=http%3A%2F%2Fexample.com%2Fa+b"
                "&path=%2Fusr%2Fshare%2Fa"
            )
        ],
        answers=[values({"status": "Inserting"}, {"status": "c" * 64})],
        gives="c" * 64,
        at=("1.11",),
        release="0.11.1",
    ),
    # Look at
    Row(
        id="inspect_image",
        call=lambda client: client.inspect_image("registry.example.com:5000/team/app:v1"),
        asks=[asked("GET /images/registry.example.com:5000/team/app:v1/json")],
        answers=["image_inspect"],
        reads=Image.parse,
    ),
    Row(
        id="inspect_image: by a digest",
        call=lambda client: client.inspect_image(f"app@{DIGEST}"),
        asks=[asked(f"GET /images/app@{DIGEST}/json")],
        answers=["image_inspect"],
        reads=Image.parse,
    ),
    Row(
        id="inspect_image: what a model has the id of",
        call=lambda client: client.inspect_image(ImageSummary(id=IMAGE_ID)),
        asks=[asked(f"GET /images/{IMAGE_ID}/json")],
        answers=["image_inspect"],
        reads=Image.parse,
    ),
    Row(
        id="history",
        call=lambda client: client.history("busybox"),
        asks=[asked("GET /images/busybox/history")],
        answers=["image_history"],
        gives=[
            Layer(
                id=IMAGE_ID,
                created=datetime.datetime(2026, 11, 20, 23, 27, 34, tzinfo=UTC),
                tags=(
                    "127.0.0.1:5000/bb:1",
                    "alpine:3.10",
                    "alpine:latest",
                    "busybox:buildroot-2014.02",
                    "busybox:latest",
                ),
                size=1984172,
                comment="Imported from -",
            )
        ],
        at=(NEW,),
    ),
    Row(
        id="history: of one without layers",
        call=lambda client: client.history("busybox"),
        asks=[asked("GET /images/busybox/history")],
        answers=[json_reply(None)],
        gives=[],
    ),
    # Push
    Row(
        id="push",
        call=lambda client: client.push("registry.example.com:5000/team/app"),
        asks=[
            asked(
                "POST /images/registry.example.com:5000/team/app/push?tag=latest",
                X_Registry_Auth=NOBODY,
            )
        ],
        answers=[PUSH],
        gives=Pushed(tag="v1", digest=DIGEST, size=528),
    ),
    Row(
        id="push: every argument",
        call=lambda client: client.push("team/app", tag="v1", auth=ADA),
        asks=[asked("POST /images/team/app/push?tag=v1", X_Registry_Auth=ADA_HEADER)],
        answers=[PUSH],
        gives=Pushed(tag="v1", digest=DIGEST, size=528),
    ),
    Row(
        id="push: all tags",
        call=lambda client: client.push("team/app", all_tags=True),
        asks=[asked("POST /images/team/app/push?tag=", X_Registry_Auth=NOBODY)],
        answers=[PUSH],
        gives=Pushed(tag="v1", digest=DIGEST, size=528),
    ),
    Row(
        id="stream_push",
        call=lambda client: all_of(client.stream_push("team/app:v1")),
        asks=[asked("POST /images/team/app/push?tag=v1", X_Registry_Auth=NOBODY)],
        answers=[values({"status": "Pushed", "id": "5cc84ad355aa"})],
        gives=[Progress(status="Pushed", id="5cc84ad355aa")],
    ),
    # Tag, remove, search
    Row(
        id="tag",
        call=lambda client: client.tag("busybox", "team/app"),
        asks=[asked("POST /images/busybox/tag?repo=team%2Fapp")],
        answers=["image_tag"],
    ),
    Row(
        id="tag: every argument",
        call=lambda client: client.tag(IMAGE_ID, "team/app", tag="v1", force=True),
        asks=[asked(f"POST /images/{IMAGE_ID}/tag?repo=team%2Fapp&tag=v1&force=1")],
        answers=["image_tag"],
        at=(OLD,),
    ),
    Row(
        id="remove_image",
        call=lambda client: client.remove_image("myrepo:v42"),
        asks=[asked("DELETE /images/myrepo:v42")],
        answers=["image_remove"],
        gives=[Removed(untagged="myrepo:v42")],
    ),
    Row(
        id="remove_image: every option",
        call=lambda client: client.remove_image("app", force=True, no_prune=True),
        asks=[asked("DELETE /images/app?force=1&noprune=1")],
        answers=[json_reply([{"Untagged": "app:latest"}, {"Deleted": IMAGE_ID}])],
        gives=[Removed(untagged="app:latest"), Removed(deleted=IMAGE_ID)],
    ),
    Row(
        id="remove_image: by an Engine that does not tell",
        call=lambda client: client.remove_image("app"),
        asks=[asked("DELETE /images/app")],
        answers=[reply(204)],
        gives=[],
    ),
    Row(
        id="search",
        call=lambda client: client.search("a b"),
        asks=[asked("GET /images/search?term=a+b")],
        answers=[
            json_reply(
                [
                    {
                        "name": "wma55/u1210sshd",
                        "description": "",
                        "star_count": 3,
                        "is_official": False,
                        "is_automated": True,
                    }
                ]
            )
        ],
        gives=[
            SearchResult(name="wma55/u1210sshd", star_count=3, is_official=False, is_automated=True)
        ],
    ),
    Row(
        id="search: every option",
        call=lambda client: client.search("sshd", limit=5, filters={"is-official": True}),
        asks=[
            asked(
                f"GET /images/search?term=sshd&limit=5&filters={encoded({'is-official': ['true']})}"
            )
        ],
        answers=[json_reply([])],
        gives=[],
        at=(NEW,),
    ),
    Row(
        id="search: filtered",
        call=lambda client: client.search("sshd", filters={"stars": 3}),
        asks=[asked(f"GET /images/search?term=sshd&filters={encoded({'stars': ['3']})}")],
        answers=[json_reply([])],
        gives=[],
        refused=needs("GET /images/search ?filters", "1.24"),
    ),
    Row(
        id="inspect_distribution",
        call=lambda client: client.inspect_distribution("r.example.com:5000/team/app:v1"),
        asks=[asked("GET /distribution/r.example.com:5000/team/app:v1/json")],
        answers=[
            json_reply(
                {
                    "Descriptor": {"mediaType": "m", "digest": "sha256:0a", "size": 527},
                    "Platforms": [
                        {"architecture": "arm64", "os": "linux", "variant": "v8"},
                        {"architecture": "unknown", "os": "unknown"},
                    ],
                }
            )
        ],
        gives=Distribution(
            descriptor=Descriptor(media_type="m", digest="sha256:0a", size=527),
            platforms=(Platform(architecture="arm64", os="linux", variant="v8"),),
        ),
        at=(NEW,),
    ),
    # Save and load
    Row(
        id="get_image",
        call=lambda client: read(client.get_image("team/app:v1")),
        asks=[asked("GET /images/team/app:v1/get")],
        answers=[chunked(b"an ", b"archive")],
        gives=b"an archive",
    ),
    Row(
        id="get_image: several",
        call=lambda client: read(client.get_image("team/app:v1", ImageSummary(id=IMAGE_ID))),
        asks=[asked(f"GET /images/get?names=team%2Fapp%3Av1&names={IMAGE_ID.replace(':', '%3A')}")],
        answers=[chunked(b"an ", b"archive")],
        gives=b"an archive",
    ),
    Row(
        id="load_image",
        call=lambda client: client.load_image(b"an archive"),
        asks=[asked("POST /images/load", b"an archive", Content_Type=TAR)],
        answers=[
            values(
                {"stream": "Loaded image: app:v1\n"},
                {"stream": f"Loaded image ID: {IMAGE_ID}\n"},
            )
        ],
        gives=Loaded(images=("app:v1", IMAGE_ID)),
    ),
    Row(
        id="load_image: by an Engine that does not tell",
        call=lambda client: client.load_image(b"an archive"),
        asks=[asked("POST /images/load", b"an archive", Content_Type=TAR)],
        answers=[reply(200)],
        gives=Loaded(images=()),
    ),
    Row(
        id="stream_load_image",
        call=lambda client: all_of(client.stream_load_image(iter([b"an ", b"archive"]))),
        asks=[asked("POST /images/load", b"an archive", Content_Type=TAR)],
        answers=[values({"stream": "Loaded image: app:v1\n"})],
        gives=[Progress(text="Loaded image: app:v1\n")],
    ),
    # Prune
    Row(
        id="prune_images",
        call=lambda client: client.prune_images(),
        asks=[asked("POST /images/prune")],
        answers=[json_reply({"ImagesDeleted": None, "SpaceReclaimed": 0})],
        gives=Pruned(space_reclaimed=0),
        at=(NEW,),
    ),
    Row(
        id="prune_images: every argument",
        call=lambda client: client.prune_images(
            all=True, filters={"until": "24h", "label": "a", "label!": ["b"]}
        ),
        asks=[
            asked(
                "POST /images/prune?filters="
                + encoded(
                    {"until": ["24h"], "label": ["a"], "label!": ["b"], "dangling": ["false"]}
                )
            )
        ],
        answers=[
            json_reply(
                {
                    "ImagesDeleted": [
                        {"Untagged": "app:1"},
                        {"Deleted": "sha256:1"},
                        {"Deleted": "sha256:2"},
                    ],
                    "SpaceReclaimed": 2**40,
                }
            )
        ],
        gives=Pruned(deleted=("sha256:1", "sha256:2"), untagged=("app:1",), space_reclaimed=2**40),
        at=(NEW,),
    ),
]


NEWEST = "1.55"
SIGNED = {
    "Signature": [{"Name": "a", "SignatureType": "bundle-v0.3"}],
    "Build": [{"Ref": "b1", "CreatedAt": "2026-11-30T02:03:04Z"}],
    "Pull": [{"Repository": "docker.io/library/busybox"}],
}
FOR_ARM = {"os": "linux", "architecture": "arm", "variant": "v7"}
ARM = "linux/arm/v7"
ROWS += [
    Row(
        id=id,
        call=call,
        asks=[asked(line.replace("{arm}", encoded(FOR_ARM)), **sent)],
        answers=[answer],
        gives=gives,
        at=(NEWEST,),
        release="29.7.2",
    )
    for id, call, line, sent, answer, gives in (
        (
            "images: what newer Engines compute",
            lambda client: client.images(shared_size=True, manifests=True, identity=True),
            "GET /images/json?shared-size=1&manifests=1&identity=1",
            {},
            json_reply(
                [{"Id": IMAGE_ID, "SharedSize": 5, "Manifests": [{"ID": "m1", "Kind": "image"}]}]
            ),
            [
                ImageSummary(
                    id=IMAGE_ID, shared_size=5, manifests=(Manifest(id="m1", kind="image"),)
                )
            ],
        ),
        (
            "inspect_image: of a platform",
            lambda client: client.inspect_image("app", platform=ARM),
            "GET /images/app/json?platform={arm}",
            {},
            json_reply({"Id": IMAGE_ID, "Architecture": "arm", "Variant": "v7"}),
            Image(id=IMAGE_ID, architecture="arm", variant="v7"),
        ),
        (
            "history: of a platform",
            lambda client: client.history("app", platform=ARM),
            "GET /images/app/history?platform={arm}",
            {},
            json_reply([{"Id": "<missing>", "Size": 5}]),
            [Layer(size=5)],
        ),
        (
            "push: of a platform",
            lambda client: client.push("registry.example.com:5000/team/app", platform=ARM),
            "POST /images/registry.example.com:5000/team/app/push?tag=latest&platform={arm}",
            {"X-Registry-Auth": NOBODY},
            PUSH,
            Pushed(tag="v1", digest=DIGEST, size=528),
        ),
        (
            "remove_image: of platforms",
            lambda client: client.remove_image("app", force=True, platforms=[ARM, ARM]),
            "DELETE /images/app?force=1&platforms={arm}&platforms={arm}",
            {},
            json_reply([{"Deleted": DIGEST}]),
            [Removed(deleted=DIGEST)],
        ),
        (
            "get_image: of platforms",
            lambda client: read(client.get_image("app", platforms=[ARM, ARM])),
            "GET /images/app/get?platform={arm}&platform={arm}",
            {},
            reply(200, b"tar"),
            b"tar",
        ),
        (
            "image_attestations",
            lambda client: client.image_attestations("app"),
            "GET /images/app/attestations",
            {},
            json_reply([]),
            [],
        ),
        (
            "image_attestations: every argument",
            lambda client: client.image_attestations(
                "app", platform=ARM, types=["https://a"], statement=True
            ),
            "GET /images/app/attestations?platform={arm}&type=https%3A%2F%2Fa&statement=1",
            {},
            json_reply(
                [
                    {
                        "Descriptor": {"digest": DIGEST},
                        "PredicateType": "https://a",
                        "Statement": {"subject": [1]},
                    }
                ]
            ),
            [
                Attestation(
                    descriptor=Descriptor(digest=DIGEST),
                    predicate_type="https://a",
                    statement={"subject": [1]},
                )
            ],
        ),
    )
]


@pytest.mark.parametrize(("row", "version"), played(ROWS))
def test_a_call_asks_this_and_gives_that(row: Row, version: str) -> None:
    given, requests = row.play(version)
    assert (requests, given) == (row.requests(version), row.value(version))


@pytest.mark.parametrize("row", refused(ROWS))
def test_what_the_version_cannot_do_is_refused_and_not_asked(row: Row) -> None:
    check_not_supported(row)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda client: client.insert("busybox", url="http://example.com/a", path="/a"),
            "POST /images/{name}/insert was removed in API 1.12; the Engine speaks 1.41: build it "
            "with an ADD instruction",
        ),
        (
            lambda client: client.tag("busybox", "app", force=True),
            "POST /images/{name}/tag ?force was removed in API 1.24; the Engine speaks 1.41: a tag "
            "always moves",
        ),
    ],
    ids=["insert", "tag"],
)
def test_what_newer_versions_have_no_more_is_refused_and_not_asked(call: Any, message: str) -> None:
    with ScriptedDaemon() as daemon, Client(daemon.url) as client:
        with pytest.raises(NotSupported) as caught:
            call(client)
    assert (str(caught.value), daemon.requests) == (message, [])


# What the Engine refuses

STATUSES: Statuses = [
    ("GET /images/json", "images", {500: ServerError}),
    ("POST /images/create", "pull", {404: ImageNotFound, 500: ServerError}),
    ("POST /images/create", "import_image: from a URL", {500: ServerError}),
    ("POST /images/{name}/insert", "insert", {404: ImageNotFound, 500: ServerError}),
    ("GET /images/{name}/json", "inspect_image", {404: ImageNotFound, 500: ServerError}),
    (
        "GET /images/{name}/history",
        "history: of one without layers",
        {404: ImageNotFound, 500: ServerError},
    ),
    ("POST /images/{name}/push", "push", {404: ImageNotFound, 500: ServerError}),
    (
        "POST /images/{name}/tag",
        "tag",
        {400: BadRequest, 404: ImageNotFound, 409: Conflict, 500: ServerError},
    ),
    (
        "DELETE /images/{name}",
        "remove_image",
        {404: ImageNotFound, 409: Conflict, 500: ServerError},
    ),
    ("GET /images/search", "search", {500: ServerError}),
    (
        "GET /distribution/{name}/json",
        "inspect_distribution",
        {404: NotFound, 500: ServerError},
    ),
    ("GET /images/{name}/get", "get_image", {404: ImageNotFound, 500: ServerError}),
    ("GET /images/get", "get_image: several", {404: ImageNotFound, 500: ServerError}),
    ("POST /images/load", "load_image", {500: ServerError}),
    ("POST /images/prune", "prune_images", {409: Conflict, 500: ServerError}),
]


@pytest.mark.parametrize(("route", "row", "version", "status", "error"), refusals(ROWS, STATUSES))
def test_a_refusal_has_the_class_of_its_status(
    route: str, row: Row, version: str, status: int, error: type[ApiError]
) -> None:
    check_refusal(route, row, version, status, error)


@pytest.mark.parametrize(
    ("operation", "line", "call", "error", "words"),
    [
        (
            "image_inspect_404",
            "GET /images/nosuchimage/json",
            lambda client: client.inspect_image("nosuchimage"),
            ImageNotFound,
            "no such image: nosuchimage: No such image: nosuchimage:latest",
        ),
        (
            "image_remove_404",
            "DELETE /images/nosuchimage",
            lambda client: client.remove_image("nosuchimage"),
            ImageNotFound,
            "No such image: nosuchimage:latest",
        ),
        (
            "image_pull_fail",
            "POST /images/create",
            lambda client: client.pull("127.0.0.1:9/nothing"),
            ServerError,
            'Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused',
        ),
        (
            "image_search",
            "GET /images/search",
            lambda client: client.search("sshd"),
            ServerError,
            'Get "https://index.docker.io/v1/search?q=sshd&n=25": dial tcp: lookup '
            "index.docker.io on 10.255.255.53:53: no such host",
        ),
        (
            "build_no_dockerfile",
            "POST /build",
            lambda client: client.build(b"an archive"),
            ServerError,
            "Cannot locate specified Dockerfile: Dockerfile",
        ),
    ],
)
@pytest.mark.parametrize("version", [NEW, OLD])
def test_a_recorded_refusal_is_given_in_the_words_of_the_engine(
    operation: str, line: str, call: Any, error: type[ApiError], words: str, version: str
) -> None:
    script = {line.replace(" ", f" /v{version}"): recorded(operation, version)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version=version) as client:
        with pytest.raises(error) as caught:
            call(client)
    assert (type(caught.value), caught.value.message) == (error, words)


# What is refused before anything is sent

NO_IMAGES = ["", " ", "App", "app:", "a b", "app?x", "app#x", "../app", "/app", "a\r\nb", "a//b"]
OF_AN_IMAGE = {
    "inspect_image": lambda client, name: client.inspect_image(name),
    "history": lambda client, name: client.history(name),
    "tag": lambda client, name: client.tag(name, "app"),
    "tag to": lambda client, name: client.tag("busybox", name),
    "remove_image": lambda client, name: client.remove_image(name),
    "get_image": lambda client, name: client.get_image(name),
    "get_image: several": lambda client, name: client.get_image("busybox", name),
    "insert": lambda client, name: client.insert(name, url="http://example.com/a", path="/a"),
    "pull": lambda client, name: client.pull(name),
    "stream_pull": lambda client, name: client.stream_pull(name),
    "push": lambda client, name: client.push(name),
    "stream_push": lambda client, name: client.stream_push(name),
    "import_image": lambda client, name: client.import_image(b"", repository=name),
    "build": lambda client, name: client.build(b"", tag=name),
    "run": lambda client, name: client.run(name),
    "run_detached": lambda client, name: client.run_detached(name),
}
METHODS = pytest.mark.parametrize("call", OF_AN_IMAGE.values(), ids=OF_AN_IMAGE)


@METHODS
@pytest.mark.parametrize("name", NO_IMAGES)
def test_what_is_no_name_of_an_image_is_refused_and_nothing_is_sent(call: Any, name: str) -> None:
    check_refused_argument(
        lambda client: call(client, name),
        ValueError,
        f"not the name of any image: {name!r}",
    )


@pytest.mark.parametrize("name", [None, 7, b"app"])
@pytest.mark.parametrize(
    "call",
    [call for id, call in OF_AN_IMAGE.items() if id not in ("import_image", "build")],
    ids=[id for id in OF_AN_IMAGE if id not in ("import_image", "build")],
)
def test_a_name_that_is_no_text_is_refused_and_nothing_is_sent(call: Any, name: Any) -> None:
    check_refused_argument(
        lambda client: call(client, name),
        TypeError,
        f"image: a string was expected, not {name!r}",
    )


BAD_INPUT: dict[str, tuple[Any, type[Exception], str]] = {
    "pull: credentials that are a dictionary": (
        lambda client: client.pull("app", auth={"password": "secret"}),
        TypeError,
        "auth: use dockerapi.Credentials(...); it was a dict",
    ),
    "search: for nothing": (
        lambda client: client.search(""),
        ValueError,
        "term: one line of text was expected, not ''",
    ),
    "import: a message that is no text": (
        lambda client: client.import_image(b"", message=5),
        TypeError,
        "message: a string was expected, not 5",
    ),
    **{
        f"{method}: {what}": (
            lambda client, method=method, value=value: getattr(client, method)("app", **value),
            error,
            words,
        )
        for method, value, what, error, words in (
            (
                "inspect_image",
                {"manifests": True, "platform": ARM},
                "both",
                ValueError,
                "manifests: they are of all platforms; leave platform out",
            ),
            *(
                (
                    method,
                    {"platform": value},
                    f"the platform {value}",
                    ValueError,
                    f"platform: a platform such as linux/arm64 was expected, not {value!r}",
                )
                for method in ("pull", "push", "history", "inspect_image", "image_attestations")
                for value in ("", "linux", "linux/", "linux/arm/v7/x", '{"os":"linux"}', "a b/c")
                if (method, value) != ("pull", "linux")
            ),
            *(
                (
                    method,
                    {"platforms": value},
                    f"the platforms {value}",
                    error,
                    f"platforms: {words}",
                )
                for method in ("remove_image", "get_image", "load_image")
                for value, error, words in (
                    ([], ValueError, "at least one was expected; None is all of them"),
                    ([""], ValueError, "a platform such as linux/arm64 was expected, not ''"),
                    (ARM, TypeError, f"a list of strings was expected, not {ARM!r}"),
                    ([5], TypeError, "a list of strings was expected, not [5]"),
                )
            ),
        )
    },
    "images: identity alone": (
        lambda client: client.images(identity=True),
        ValueError,
        "identity: it is that of manifests; give manifests=True, too",
    ),
    "pull: a platform that is no text": (
        lambda client: client.pull("busybox", platform=5),
        TypeError,
        "platform: a string was expected, not 5",
    ),
    "images: filters that are no mapping": (
        lambda client: client.images(filters="dangling"),
        TypeError,
        "filters: a mapping was expected, not 'dangling'",
    ),
    "images: two references": (
        lambda client: client.images(reference="app", filters={"reference": ["web"]}),
        ValueError,
        "reference: 'app', but filters has ['web'], too",
    ),
    "pull: two tags": (
        lambda client: client.pull("app:v1", tag="v2"),
        ValueError,
        "tag: 'v2', but the repository is 'app:v1'",
    ),
    "pull: all tags and one": (
        lambda client: client.pull("app:v1", all_tags=True),
        ValueError,
        "all_tags: the tag 'v1' is named, too",
    ),
    "push: all tags and one": (
        lambda client: client.push("app", tag="v1", all_tags=True),
        ValueError,
        "all_tags: the tag 'v1' is named, too",
    ),
    "pull: no tag": (
        lambda client: client.pull("app", tag="a b"),
        ValueError,
        "not a tag: 'a b'",
    ),
    "push: a digest": (
        lambda client: client.push(f"app@{DIGEST}"),
        ValueError,
        f"a tag was expected, not the digest {DIGEST!r}",
    ),
    "tag: a digest": (
        lambda client: client.tag("busybox", "app", tag=DIGEST),
        ValueError,
        f"a tag was expected, not the digest {DIGEST!r}",
    ),
    "import: a tag alone": (
        lambda client: client.import_image(b"", tag="v1"),
        ValueError,
        "tag: 'v1' without a repository",
    ),
    "import: changes as one text": (
        lambda client: client.import_image(b"", changes="CMD sh"),
        TypeError,
        "changes: a list of strings was expected, not 'CMD sh'",
    ),
    "import: a file that is not there": (
        lambda client: client.import_image("/no/such/file"),
        FileNotFoundError,
        "[Errno 2] No such file or directory: '/no/such/file'",
    ),
    "import: what gives no bytes": (
        lambda client: client.import_image(7),
        TypeError,
        f"source: {NO_DATA}7",
    ),
    "load: a file that is not there": (
        lambda client: client.load_image("/no/such/file"),
        FileNotFoundError,
        "[Errno 2] No such file or directory: '/no/such/file'",
    ),
    "load: nothing": (lambda client: client.load_image(None), TypeError, f"data: {NO_DATA}None"),
    "search: a limit of none": (
        lambda client: client.search("sshd", limit=0),
        ValueError,
        "limit: at least 1, not 0",
    ),
    "get: none": (
        lambda client: client.get_image(),
        ValueError,
        "get_image: no image is named",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_refused_and_nothing_is_sent(
    call: Any, error: type[Exception], message: str
) -> None:
    check_refused_argument(call, error, message)


# Errors that come after a 200

FAILING = {
    "pull": (lambda client: client.pull("app"), "POST /images/create", PullFailed),
    "stream_pull": (
        lambda client: all_of(client.stream_pull("app")),
        "POST /images/create",
        PullFailed,
    ),
    "import_image": (
        lambda client: client.import_image(b""),
        "POST /images/create",
        ImportFailed,
    ),
    "push": (lambda client: client.push("app"), "POST /images/app/push", PushFailed),
    "load_image": (lambda client: client.load_image(b""), "POST /images/load", LoadFailed),
    "build": (lambda client: client.build(b""), "POST /build", BuildFailed),
}
ROUTES = {"POST /images/app/push": "POST /images/{name}/push"}


@pytest.mark.parametrize(("call", "line", "error"), FAILING.values(), ids=FAILING)
def test_an_error_in_the_stream_raises_its_class_with_its_code(
    call: Any, line: str, error: type[OperationFailed]
) -> None:
    script = {line.replace(" ", " /v1.41"): values({"status": "Trying"}, FAILURE)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(error) as caught:
            call(client)
    route = ROUTES.get(line, line)
    assert (type(caught.value), str(caught.value), caught.value.message, caught.value.code) == (
        error,
        f"{route}: it failed",
        "it failed",
        7,
    )


@pytest.mark.parametrize("version", [NEW, OLD])
def test_a_recorded_push_that_failed_is_told_in_the_words_of_the_engine(version: str) -> None:
    script = {
        f"POST /v{version}/images/127.0.0.1:9/nothing/push": recorded("image_push_fail", version)
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version=version) as client:
        with pytest.raises(ImageNotFound) as caught:
            client.push("127.0.0.1:9/nothing")
    assert (caught.value.message, caught.value.status) == (
        "An image does not exist locally with the tag: 127.0.0.1:9/nothing",
        200,
    )


LIMIT = "toomanyrequests: You have reached your pull rate limit."
NOBODY = "no credentials were sent: give auth=, or store some with docker login"


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (json_reply({"message": LIMIT}, 429), 429, LIMIT),
        (json_reply({"message": LIMIT}, 500), 500, LIMIT),
        (values({"errorDetail": {"message": LIMIT}, "error": LIMIT}), 200, LIMIT),
    ],
    ids=["as 429", "as 500", "in the stream"],
)
@pytest.mark.parametrize("auth", [None, Credentials(username="a", password="b")], ids=["", "auth"])
@pytest.mark.parametrize(
    ("route", "call"),
    [
        ("POST /images/create", lambda client, auth: client.pull("app", auth=auth)),
        ("POST /images/app/push", lambda client, auth: client.push("app", auth=auth)),
        (
            "POST /build",
            lambda client, auth: client.build(None, dockerfile=io.StringIO("FROM app"), auth=auth),
        ),
    ],
    ids=["pull", "push", "build"],
)
def test_a_registry_that_takes_no_more_requests_is_rate_limited(
    route: str, call: Any, auth: Credentials | None, answer: bytes, status: int, words: str
) -> None:
    with (
        ScriptedDaemon({f"POST /v1.41{route[5:]}": answer}) as daemon,
        Client(daemon.url) as client,
    ):
        with pytest.raises(RateLimited) as caught:
            call(client, auth)
    error = caught.value
    hint = NOBODY if auth is None else ""
    assert (error.status, error.message, error.hint) == (status, words, hint)


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        ("unauthorized: authentication required", Unauthorized, NOBODY),
        ("denied: requested access to the resource is denied", Forbidden, NOBODY),
        ("An image does not exist locally with the tag: app", ImageNotFound, ""),
        ("tag does not exist: app:latest", ImageNotFound, ""),
    ],
)
def test_what_a_registry_refuses_in_a_push_has_the_class_of_a_pull(
    words: str, error: type[ApiError], hint: str
) -> None:
    failure = values({"errorDetail": {"message": words}, "error": words})
    with ScriptedDaemon({"POST /v1.41/images/app/push": failure}) as daemon:
        with Client(daemon.url) as client, pytest.raises(error) as caught:
            client.push("app")
    told = f" ({hint})" if hint else ""
    assert (type(caught.value), caught.value.status) == (error, 200)
    assert str(caught.value) == f"POST /images/{{name}}/push: 200 {words}{told}"


@pytest.mark.parametrize(
    "words",
    [
        "Error: image library/nope:latest not found",
        "manifest unknown: manifest unknown",
        "manifest for nope:latest not found: manifest unknown",
        "Tag nope not found in repository docker.io/library/busybox",
    ],
)
def test_an_image_that_the_registry_has_not_may_be_told_in_the_stream(words: str) -> None:
    """As 1.8 to 1.13 do."""
    script = {
        "POST /v1.41/images/create": values({"status": "Pulling repository nope"}, {"error": words})
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ImageNotFound) as caught:
            client.pull("nope")
    assert (caught.value.message, caught.value.status) == (words, 200)


def test_what_a_command_of_a_build_says_is_no_word_of_a_registry() -> None:
    """Its line is in the error."""
    words = "The command '/bin/sh -c echo x: toomanyrequests: y' returned a non-zero code: 1"
    failure = values({"errorDetail": {"code": 1, "message": words}, "error": words})
    with ScriptedDaemon({"POST /v1.41/build": failure}) as daemon, Client(daemon.url) as client:
        with pytest.raises(BuildFailed) as caught:
            client.build(None, dockerfile=io.StringIO("FROM app"))
    assert caught.value.message == words


@pytest.mark.parametrize("version", [NEW, OLD])
def test_a_recorded_load_that_failed_is_told_in_the_words_of_the_engine(version: str) -> None:
    script = {f"POST /v{version}/images/load": recorded("image_load_bad", version)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url, version=version) as client:
        with pytest.raises(LoadFailed) as caught:
            client.load_image(b"no archive")
    assert caught.value.message == "Error processing tar file(exit status 1): unexpected EOF"


@pytest.mark.parametrize("call", [call for call, _, _ in FAILING.values()], ids=FAILING)
def test_a_stream_that_breaks_is_not_taken_for_its_end(call: Any) -> None:
    def breaking(conversation: Conversation) -> None:
        conversation.send(head(Transfer_Encoding="chunked"))
        conversation.send(chunk(b'{"stream": "Successfully built 73ec40d40307\\n"}'))

    script = {
        line.replace(" ", " /v1.41"): breaking for line in {line for _, line, _ in FAILING.values()}
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(StreamInterrupted):
            call(client)


def test_an_import_that_ends_without_an_id_is_shown() -> None:
    script = {"POST /v1.41/images/create": values({"status": "Importing"})}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(UnexpectedReply) as caught:
            client.import_image(b"")
    assert str(caught.value) == "an image's id was expected, not 'Importing'"


# Progress


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda client, progress: client.pull("app", progress=progress), "POST /images/create"),
        (
            lambda client, progress: client.import_image(b"", progress=progress),
            "POST /images/create",
        ),
        (lambda client, progress: client.push("app", progress=progress), "POST /images/app/push"),
        (lambda client, progress: client.load_image(b"", progress=progress), "POST /images/load"),
        (lambda client, progress: client.build(b"", progress=progress), "POST /build"),
    ],
    ids=["pull", "import_image", "push", "load_image", "build"],
)
class TestProgress:
    def test_is_reported_as_it_comes(self, call: Any, line: str) -> None:
        """Each value before the next is sent."""
        told: list[Progress] = []
        go_on = threading.Barrier(2, timeout=PATIENCE)

        def progress(value: Progress) -> None:
            told.append(value)
            go_on.wait()

        def play(conversation: Conversation) -> None:
            conversation.send(head(Transfer_Encoding="chunked"))
            for value in (b'{"status": "one"}', b'{"stream": "%s"}' % (b"c" * 64)):
                conversation.send(chunk(value))
                go_on.wait()
            conversation.send(b"0\r\n\r\n")

        script = {line.replace(" ", " /v1.41"): play}
        with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
            call(client, progress)
        assert told == [Progress(status="one"), Progress(text="c" * 64)]

    def test_that_raises_hangs_up(self, call: Any, line: str) -> None:
        """The Engine sees the end of the connection, and cancels."""
        gone = threading.Event()
        error = RuntimeError("enough")

        def progress(value: Progress) -> None:
            raise error

        def play(conversation: Conversation) -> None:
            conversation.send(head(Transfer_Encoding="chunked"))
            conversation.send(chunk(b'{"status": "one"}'))
            conversation.wait_for_hangup()
            gone.set()

        script = {line.replace(" ", " /v1.41"): play}
        with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
            with pytest.raises(RuntimeError) as caught:
                call(client, progress)
            assert gone.wait(PATIENCE)  # while the client is still open
        assert caught.value is error


@pytest.mark.parametrize(
    "call",
    [
        lambda client, path: client.load_image(path),
        lambda client, path: client.import_image(path),
    ],
    ids=["load_image", "import_image"],
)
def test_a_file_is_sent_by_its_path(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "archive.tar"
    path.write_bytes(b"an archive" * 20_000)
    script = {
        "POST /v1.41/images/load": values(),
        "POST /v1.41/images/create": values({"status": IMPORTED}),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        call(client, path)
        call(client, str(path))
    assert [request.content for request in daemon.requests] == [b"an archive" * 20_000] * 2


class OutOfPaper(Exception):
    """An error of the caller's own."""


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda client, data: client.load_image(data), "POST /v1.41/images/load"),
        (lambda client, data: client.import_image(data), "POST /v1.41/images/create"),
        (lambda client, data: client.build(data), "POST /v1.41/build"),
    ],
    ids=["load_image", "import_image", "build"],
)
@pytest.mark.parametrize("error", [OutOfPaper(), OSError("disk"), ValueError("value")])
def test_an_error_of_the_callers_data_reaches_the_caller(
    call: Any, line: str, error: Exception
) -> None:
    def data() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise error

    with ScriptedDaemon({line: reply(200)}) as daemon, Client(daemon.url) as client:
        with pytest.raises(type(error)) as caught:
            call(client, data())
    assert caught.value is error


def test_an_engine_that_refuses_before_it_has_read_all_is_heard() -> None:
    def refuse(conversation: Conversation) -> None:
        conversation.send(json_reply({"message": "no space left on device"}, 500))
        conversation.wait_for_hangup()

    def data() -> Iterator[bytes]:
        for _ in range(1000):
            yield b"x" * 100_000

    script = {"POST /v1.41/images/load": BeforeBody(refuse)}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(ServerError) as caught:
            client.load_image(data())
    assert caught.value.message == "no space left on device"


# Secrets


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.pull("app", auth=ADA),
        lambda client: client.push("app", auth=ADA),
        lambda client: client.build(b"", auth=ADA),
        lambda client: client.build(b"", auth={"registry.example.com": ADA}),
        lambda client: client.run("app", auth=ADA),
    ],
    ids=["pull", "push", "build", "build from several", "run"],
)
@pytest.mark.parametrize(
    "answer",
    [
        PULL,
        values(FAILURE),
        json_reply({"message": "unauthorized"}, 401),
        chunked(b"no json"),
        b"",
    ],
    ids=["accepted", "failed", "refused", "no JSON", "no answer"],
)
def test_no_secret_is_shown_anywhere(
    call: Any, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in what is logged, returned or raised, nor in any repr on the way."""
    caplog.set_level(logging.DEBUG)
    shown = []
    script = {
        "POST /v1.41/images/create": answer,
        "POST /v1.41/images/app/push": answer,
        "POST /v1.41/build": answer,
        "POST /v1.41/containers/create": json_reply({"message": "No such image: app:1"}, 404),
    }
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        try:
            shown.append(repr(call(client)))
        except Exception as error:
            shown += [repr(error), *traceback.format_exception(error)]
    secrets = (SECRET, ADA_HEADER, base64.b64encode(SECRET.encode()).decode().rstrip("="))
    texts = [*shown, caplog.text]
    assert [text for text in texts if any(secret in text for secret in secrets)] == []
    assert [r.headers for r in daemon.requests if "X-Registry" in r.head] != []


def test_a_missing_route_is_not_found() -> None:
    """404 on what is no image route: the Engine itself does not know it."""
    script = {"GET /v1.41/images/search": reply(404, b"page not found\n")}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        with pytest.raises(NotFound) as caught:
            client.search("sshd")
    assert caught.value.message == "page not found"


def test_podman_is_not_asked_for_digests_which_it_gives_unasked() -> None:
    row = {"Id": "sha256:a", "RepoTags": ["a:1"], "RepoDigests": ["a@sha256:d"], "Created": 0}
    script = {"GET /version": json_reply(PODMAN), "GET /v1.41/images/json": json_reply([row])}
    with ScriptedDaemon(script) as daemon, Client(daemon.url) as client:
        assert [image.repo_digests for image in client.images(digests=True)] == [("a@sha256:d",)]
    assert daemon.requests[-1].target == "/v1.41/images/json"


NOT_FOR = (
    "image with reference app:latest was found but does not provide the platform (linux/arm/v7)"
)
NO_EXPORT = "no suitable export target found for platform linux/arm/v7"


@pytest.mark.parametrize(
    ("call", "line", "status"),
    [
        (lambda client: client.get_image("app", platforms=[ARM]), "GET /images/app/get", 500),
        (lambda client: client.history("app", platform=ARM), "GET /images/app/history", 404),
        (lambda client: client.push("app", platform=ARM), "POST /images/app/push", 200),
    ],
    ids=["get", "history", "push"],
)
def test_an_image_without_the_platform_is_image_not_found(
    call: Any, line: str, status: int
) -> None:
    """Engines of 28.5 and 29.7 say so in three ways; the last one is inside of the stream."""
    words = NO_EXPORT if status == 500 else NOT_FOR
    failure = values({"errorDetail": {"message": words}, "error": words})
    answer = failure if status == 200 else json_reply({"message": words}, status)
    method, path = line.split(" ")
    tag = "tag=latest&" if "push" in path else ""
    target = f"{method} /v1.55{path}?{tag}platform={encoded(FOR_ARM)}"
    with ScriptedDaemon({target: answer}, release="29.7.2", api=None, lowest=None) as daemon:
        with Client(daemon.url) as client, pytest.raises(ImageNotFound) as caught:
            call(client)
    assert (type(caught.value), caught.value.status, caught.value.message) == (
        ImageNotFound,
        status,
        words,
    )


VERSION = {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12"}
TAGGED = [
    {"stream": "Successfully built 3726ebcce987\n"},
    {"stream": "Successfully tagged app:1\n"},
]
ENDED: dict[str, tuple[str, Any, list[Any]]] = {
    "pull": ("POST /v1.41/images/create", lambda client: client.pull("busybox"), PULL_MESSAGES),
    "push": (
        "POST /v1.41/images/team/app/push",
        lambda client: client.push("team/app"),
        PUSH_MESSAGES,
    ),
    "import": (
        "POST /v1.41/images/create",
        lambda client: client.import_image(b"tar"),
        [{"status": IMPORTED}],
    ),
    "build": (
        "POST /v1.41/build",
        lambda client: client.build(None, dockerfile=io.StringIO("FROM app"), tag="app:1"),
        [{"stream": "Step 1/1 : FROM app\n"}, *TAGGED],
    ),
}


@pytest.mark.parametrize("by_nginx", [False, True], ids=["HTTP/1.0", "nginx"])
@pytest.mark.parametrize("name", ENDED)
def test_a_report_whose_end_is_no_proof_is_whole_if_its_last_message_came(
    name: str, by_nginx: bool
) -> None:
    line, call, messages = ENDED[name]
    route = line.replace("/v1.41", "").replace("team/app", "{name}")
    more = {}
    if by_nginx:
        ping = reply(200, b"OK", Server="nginx/1.22.1", Api_Version="1.41")
        more = {"GET /_ping": ping, "GET /version": json_reply(VERSION)}
    for count in range(len(messages) + 1):
        lines = [json.dumps(message).encode() + b"\r\n" for message in messages[:count]]
        answer = chunked(*lines) if by_nginx else head(200) + b"".join(lines)
        with ScriptedDaemon({line: answer, **more}, tcp=by_nginx) as daemon:
            with Client(daemon.url) as client:
                if count == len(messages) or (name == "push" and count == len(messages) - 1):
                    call(client)
                    continue
                with pytest.raises(StreamInterrupted) as caught:
                    call(client)
        assert str(caught.value) == f"{route}: the report ended, and its last message is missing"


@pytest.mark.parametrize(
    ("line", "call"),
    [
        pytest.param(
            "POST /v1.41/images/load", lambda client: client.load_image(b"tar"), id="load"
        ),
        pytest.param(
            "POST /v1.41/images/team/app/push",
            lambda client: client.push("team/app", all_tags=True),
            id="push all tags",
        ),
    ],
)
def test_a_report_without_a_last_message_and_without_a_mark_is_interrupted(
    line: str, call: Any
) -> None:
    with ScriptedDaemon({line: head(200) + b'{"stream": "Loaded image: a:1"}\r\n'}) as daemon:
        with Client(daemon.url) as client, pytest.raises(StreamInterrupted) as caught:
            call(client)
    route = line.replace("/v1.41", "").replace("team/app", "{name}")
    assert str(caught.value) == (
        f"{daemon.url}: {route}: the connection ended, and nobody tells whether that was all: the "
        "answer does not mark its end. A proxy speaks HTTP/1.0, and would have to speak HTTP/1.1"
    )
