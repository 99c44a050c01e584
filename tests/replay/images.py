"""What comes out of the recordings about images."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from dockerapi import Client, Credentials
from dockerapi.errors import (
    BuildFailed,
    Conflict,
    ImageNotFound,
    LoadFailed,
    NotFound,
    NotSupported,
    OperationFailed,
    ServerError,
)
from dockerapi.models.images import Built, Progress, Removed
from replay.recording import Recording
from replay.table import (
    Fields,
    Raises,
    Raw,
    Replay,
    fields_of,
    known,
    raises,
    refused,
    time,
    told,
    unix,
)

ROW: Fields = {
    "id": {"*": Raw("Id")},
    "repo_tags": {"20.10 26.1 28.5": Raw("RepoTags"), "*": ("busybox:latest",)},
    "created": {"*": unix("Created")},
    "size": {"1.6.2 1.7.1": 1982399, "20.10 26.1 28.5": 1984172, "0.4.4 0.6.6 0.6.7": 2045715},
    "virtual_size": {
        "1.6.2 1.7.1": 1982399,
        "20.10 26.1 28.5": 1984172,
        "0.4.4 0.6.6 0.6.7": 2045715,
    },
    "repo_digests": {"20.10/1.24 20.10/1.41": Raw("RepoDigests")},
    "containers": {"28.5/1.51": 15},
}

IMAGE: Fields = {
    "id": {
        "0.3.3 0.4.4 0.6.6 0.6.7 1.6.2/1.0 1.6.2/1.2 1.6.2/1.6 1.6.2/1.7": Raw("id"),
        "*": Raw("Id"),
    },
    "created": {
        "0.3.3 0.4.4 0.6.6 0.6.7 1.6.2/1.0 1.6.2/1.2 1.6.2/1.6 1.6.2/1.7": time("created"),
        "*": time("Created"),
    },
    "comment": {"*": "Imported from -"},
    "container_config.attach_stdin": {"0.3.3 0.4.4 0.6.6 0.6.7 1.6.2 1.7.1 20.10 28.5/1.24": False},
    "container_config.attach_stdout": {
        "0.3.3 0.4.4 0.6.6 0.6.7 1.6.2 1.7.1 20.10 28.5/1.24": False
    },
    "container_config.attach_stderr": {
        "0.3.3 0.4.4 0.6.6 0.6.7 1.6.2 1.7.1 20.10 28.5/1.24": False
    },
    "container_config.tty": {"0.3.3 0.4.4 0.6.6 0.6.7 1.6.2 1.7.1 20.10 28.5/1.24": False},
    "container_config.open_stdin": {"0.3.3 0.4.4 0.6.6 0.6.7 1.6.2 1.7.1 20.10 28.5/1.24": False},
    "container_config.stdin_once": {"0.3.3 0.4.4 0.6.6 0.6.7 1.6.2 1.7.1 20.10 28.5/1.24": False},
    "docker_version": {
        "0.3.3 0.4.4 0.6.6 0.6.7 1.6.2/1.0 1.6.2/1.2 1.6.2/1.6 1.6.2/1.7": Raw("docker_version"),
        "*": Raw("DockerVersion"),
    },
    "architecture": {"1.6.2 1.7.1 20.10 26.1 28.5": "amd64", "0.4.4 0.6.6 0.6.7": "x86_64"},
    "size": {"1.6.2 1.7.1": 1982399, "20.10 26.1 28.5": 1984172, "0.4.4 0.6.6 0.6.7": 2045715},
    "container_config.network_disabled": {"0.6.6 0.6.7 1.6.2 1.7.1": False},
    "config.network_disabled": {"1.6.2 1.7.1": False},
    "config.attach_stdin": {"1.6.2 1.7.1 20.10 26.1 28.5/1.24": False},
    "config.attach_stdout": {"1.6.2 1.7.1 20.10 26.1 28.5/1.24": False},
    "config.attach_stderr": {"1.6.2 1.7.1 20.10 26.1 28.5/1.24": False},
    "config.tty": {"1.6.2 1.7.1 20.10 26.1 28.5/1.24": False},
    "config.open_stdin": {"1.6.2 1.7.1 20.10 26.1 28.5/1.24": False},
    "config.stdin_once": {"1.6.2 1.7.1 20.10 26.1 28.5/1.24": False},
    "os": {"1.6.2 1.7.1 20.10 26.1 28.5": "linux"},
    "virtual_size": {"20.10 26.1 28.5": 1984172, "1.6.2/1.12 1.6.2/1.15 1.6.2/1.18 1.7.1": 1982399},
    "repo_tags": {"20.10 26.1 28.5": Raw("RepoTags")},
    "storage_driver.name": {"20.10 26.1 28.5": "overlay2"},
    "storage_driver.data": {"20.10 26.1 28.5": Raw("GraphDriver.Data")},
    "root_fs_type": {"20.10 26.1 28.5": "layers"},
    "layers": {"20.10 26.1 28.5": Raw("RootFS.Layers")},
    "last_tagged": {"20.10 26.1 28.5": time("Metadata.LastTagTime")},
    "repo_digests": {"20.10/1.24 20.10/1.41": Raw("RepoDigests")},
}

LAYER: Fields = {
    "id": {"*": Raw("Id")},
    "created": {"*": unix("Created")},
    "tags": {"0.4.4 0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": Raw("Tags")},
    "size": {"0.6.6 0.6.7": 2045715, "1.6.2 1.7.1": 1982399, "20.10 26.1 28.5": 1984172},
    "comment": {"1.7.1 20.10 26.1 28.5": "Imported from -"},
}


def images(client: Client, *, all: bool) -> Any:
    """How many there are, all their tags, and what is known of busybox."""
    found = client.images(all=all)
    tags = {image.id: image.repo_tags for image in found if image.repo_tags}
    [busybox] = [image for image in found if "busybox:latest" in image.repo_tags]
    return len(found), tags, known(busybox)


def of_images(count: int) -> Callable[[Recording], Any]:
    """The same, out of what was received; the rows of API 1.0 to 1.6 have one tag each."""

    def outcome(recording: Recording) -> Any:
        tags: dict[str, tuple[str, ...]] = {}
        for row in recording.json:
            received = row.get("RepoTags", [f"{row.get('Repository')}:{row.get('Tag')}"])
            named = [tag for tag in received if tag not in ("<none>:<none>", "None:None")]
            if named:
                tags[row["Id"]] = (*tags.get(row["Id"], ()), *named)
            if "busybox:latest" in received:
                busybox = row
        return count, tags, fields_of(ROW, recording, busybox)

    return outcome


def viz(client: Client, recording: Recording) -> Any:
    """The graph: its first and last line, how many layers it draws, and the node of busybox."""
    first, *lines, last = client.viz().splitlines()
    edges = [line for line in lines if "->" in line]
    [busybox] = [line for line in lines if "busybox:latest" in line]
    return first, len(edges), busybox, last


def of_graph(layers: int, id: str, *further_tags: str) -> Any:
    label = "\\n".join([id, *further_tags, "busybox:latest"])
    node = f' "{id}" [label="{label}",shape=box,fillcolor="paleturquoise",style="filled,rounded"];'
    return "digraph docker {", layers, node, "}"


def tar(name: str, data: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def members(archive: bytes) -> list[str]:
    """The names in an archive: of files, and of directories with a slash."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as found:
        return [member.name + "/" * member.isdir() for member in found]


def of_archive(recording: Recording) -> list[str]:
    return members(recording.body)


def untagged_and_deleted(recording: Recording) -> list[Removed]:
    return [
        Removed(untagged=row.get("Untagged"), deleted=row.get("Deleted")) for row in recording.json
    ]


def imported(recording: Recording) -> str:
    """The id that is all that an import reports: text at API 1.0, a status from then on."""
    return (
        recording.json["status"] if recording.body[:1] == b"{" else recording.body.decode().strip()
    )


def reported(recording: Recording) -> str:
    """The output of a build: text below API 1.8, values of a stream from then on."""
    text = recording.body.decode()
    if not text.startswith("{"):
        return text
    values = (json.loads(line) for line in text.splitlines())
    return "".join(value.get("stream", "") for value in values)


def built(image: str) -> Callable[[Recording], Any]:
    def outcome(recording: Recording) -> Any:
        tag = "built:latest" if "multipart" in recording.operation else f"built:v{recording.api}"
        return Built(image, (tag,), reported(recording)), reported(recording)

    return outcome


def build(client: Client, recording: Recording) -> Any:
    dockerfile = "FROM busybox\nRUN echo built > /built\nCMD cat /built\n"
    if recording.operation == "build_multipart":
        found = client.build(None, dockerfile=io.StringIO(dockerfile), tag="built")
    else:
        found = client.build(tar("Dockerfile", dockerfile.encode()), tag=f"built:v{recording.api}")
    return found, found.log  # which is no part of its equality


def build_that_fails(client: Client, recording: Recording) -> Any:
    with pytest.raises(BuildFailed) as raised:
        client.build(tar("Dockerfile", b"FROM busybox\nRUN exit 7\n"), tag="bad")
    error = raised.value
    return str(error), error.step, error.exit_code, error.log


def built_not(words: str, step: str, exit_code: int | None) -> Callable[[Recording], Any]:
    return lambda recording: (f"POST /build: {words}", step, exit_code, reported(recording))


def pull(client: Client, recording: Recording) -> Any:
    """What is reported before there is silence; an error otherwise."""
    auth = LOGIN if recording.version >= (1, 5) else None
    with client.stream_pull("127.0.0.1:9/nothing", tag="latest", auth=auth) as stream:
        return next(stream)


def push(client: Client, recording: Recording) -> Any:
    # Credentials are no part of the request below 1.2, and the address is none of them below 1.4.
    auth = LOGIN if recording.version >= (1, 4) else attrs.evolve(LOGIN, server_address=None)
    return client.push("127.0.0.1:9/nothing", auth=auth if recording.version >= (1, 2) else None)


def tag(client: Client, recording: Recording) -> None:
    force = False if recording.version < (1, 24) else None
    client.tag("busybox", "myrepo", tag="v42", force=force)


LOGIN = Credentials(
    username="hannibal",
    password="xxxx",
    email="hannibal@a-team.com",
    server_address="http://127.0.0.1:9/v1/",
)

NOT_FOUND = {
    "20.10 26.1 28.5": "No such image: nosuchimage:latest",
    "*": "No such image: nosuchimage",
}
NO_REGISTRY = {
    "0.6.6 0.6.7": "Invalid Registry endpoint: Get http://127.0.0.1:9/v1/_ping: "
    "dial tcp 127.0.0.1:9: connection refused",
    "1.6.2": "v1 ping attempt failed with error: Get http://127.0.0.1:9/v1/_ping: "
    "dial tcp 127.0.0.1:9: connection refused",
    "1.7.1": 'invalid registry endpoint "http://127.0.0.1:9/v0/". HTTPS attempt: unable to ping '
    "registry endpoint https://127.0.0.1:9/v0/\n"
    "v2 ping attempt failed with error: Get https://127.0.0.1:9/v2/: "
    "dial tcp 127.0.0.1:9: connection refused\n"
    " v1 ping attempt failed with error: Get https://127.0.0.1:9/v1/_ping: "
    "dial tcp 127.0.0.1:9: connection refused. HTTP attempt: unable to ping registry endpoint "
    "http://127.0.0.1:9/v0/\n"
    "v2 ping attempt failed with error: Get http://127.0.0.1:9/v2/: "
    "dial tcp 127.0.0.1:9: connection refused\n"
    " v1 ping attempt failed with error: Get http://127.0.0.1:9/v1/_ping: "
    "dial tcp 127.0.0.1:9: connection refused",
}


TAGS_OF_BUSYBOX = ("alpine:3.10", "alpine:latest", "busybox:buildroot-2014.02")
TAGGED = (
    "Conflict: Tag v42 is already set to image {}, if you want to replace it, please use -f option"
)
NO_FORM = "Multipart upload for build is no longer supported. Please upgrade your docker client."
ARCHIVE = Raises(
    NotSupported,
    "POST /build with an archive needs API 1.3; below, give a directory or the text of a "
    "Dockerfile",
)

REPLAYS = {
    "image_list": Replay(
        lambda client, recording: images(client, all=False),
        {
            "0.3.3": of_images(1),
            "0.4.4": of_images(17),
            "0.6.6 0.6.7/1.7": of_images(25),
            "0.6.7/1.6": of_images(23),
            "1.6.2/1.0": of_images(28),
            "1.6.2/1.2": of_images(29),
            "1.6.2/1.6": of_images(30),
            "1.6.2/1.7": of_images(31),
            "1.6.2/1.12": of_images(33),
            "1.6.2/1.15": of_images(35),
            "1.6.2/1.18": of_images(37),
            "1.7.1/1.12": of_images(20),
            "1.7.1/1.19": of_images(23),
            "20.10/1.12": of_images(15),
            "20.10/1.19": of_images(17),
            "20.10/1.24": of_images(22),
            "20.10/1.41": of_images(24),
            "26.1 28.5/1.24": of_images(6),
            "28.5/1.51": of_images(8),
        },
        differs={"*": "all=0 is the default and not said"},
    ),
    "image_list_all": Replay(
        lambda client, recording: images(client, all=True),
        {
            "0.3.3": of_images(1),
            "0.4.4": of_images(21),
            "0.6.6 0.6.7/1.7": of_images(42),
            "0.6.7/1.6": of_images(39),
            "1.6.2/1.0": of_images(47),
            "1.6.2/1.2": of_images(48),
            "1.6.2/1.6": of_images(49),
            "1.6.2/1.7": of_images(50),
            "1.6.2/1.12": of_images(52),
            "1.6.2/1.15": of_images(54),
            "1.6.2/1.18": of_images(56),
            "1.7.1/1.12": of_images(36),
            "1.7.1/1.19": of_images(40),
            "20.10/1.12": of_images(24),
            "20.10/1.19": of_images(27),
            "20.10/1.24": of_images(32),
            "20.10/1.41": of_images(34),
            "26.1 28.5/1.24": of_images(7),
            "28.5/1.51": of_images(9),
        },
    ),
    "image_viz": Replay(
        viz,
        {
            "0.3.3": of_graph(1, "8ac56c2e7d40"),
            "0.4.4": Raises(
                OperationFailed,
                "GET /images/viz: Error while getting parent image: No such id: "
                "8dc314077bf7b9eb358553b5f5ca3fe745ade1f690bca7d998bf5efe2957407b",
            ),
            "0.6.6": Raises(
                OperationFailed,
                "GET /images/viz: No such id: "
                "5bc614a658e8bd67758ef41528ce70f813d6b10d0a84792364248a2b437698f1",
            ),
            "0.6.7/1.6": Raises(
                OperationFailed,
                "GET /images/viz: Error while getting parent image: No such id: "
                "cb12cb781a0642f0b534a4bff668e9ced1875b3db6567ecf890c48ff961efed3",
            ),
            "0.6.7/1.7": of_graph(42, "cac136497d7a"),
            "1.6.2/1.0": of_graph(47, "e4874b911399"),
            "1.6.2/1.2": of_graph(48, "e4874b911399"),
            "1.6.2/1.6": of_graph(49, "e4874b911399"),
            "1.6.2/1.7": of_graph(50, "e4874b911399"),
            "1.6.2/1.12": of_graph(52, "e4874b911399"),
            "1.6.2/1.15": of_graph(54, "e4874b911399"),
            "1.6.2/1.18": of_graph(56, "e4874b911399"),
            "1.7.1/1.12": of_graph(36, "7b88dec633a8"),
            "1.7.1/1.19": of_graph(40, "7b88dec633a8"),
            "20.10/1.12": of_graph(24, "79b093875232", *TAGS_OF_BUSYBOX),
            "20.10/1.19": of_graph(27, "79b093875232", *TAGS_OF_BUSYBOX),
            "20.10/1.24": of_graph(32, "79b093875232", "127.0.0.1:5000/bb:1", *TAGS_OF_BUSYBOX),
            "20.10/1.41": of_graph(34, "79b093875232", "127.0.0.1:5000/bb:1", *TAGS_OF_BUSYBOX),
            "26.1": of_graph(7, "d6d5c82eeae9", *TAGS_OF_BUSYBOX),
            "28.5/1.24": of_graph(7, "bce325ebd2c4", *TAGS_OF_BUSYBOX),
            "28.5/1.51": of_graph(9, "bce325ebd2c4", *TAGS_OF_BUSYBOX),
        },
        instead={">=1.7": "image_list_all"},
        differs={">=1.7": "from here on the graph is drawn by the client, of the list of images"},
    ),
    "image_inspect": Replay(
        lambda client, recording: known(client.inspect_image("busybox")), {"*": told(IMAGE)}
    ),
    "image_inspect_404": Replay(
        lambda client, recording: client.inspect_image("nosuchimage"),
        raises(
            ImageNotFound,
            "GET /images/{name}/json",
            404,
            {"20.10": "no such image: nosuchimage: No such image: nosuchimage:latest", **NOT_FOUND},
        ),
    ),
    "image_history": Replay(
        lambda client, recording: [known(layer) for layer in client.history("busybox")],
        {"*": lambda recording: [fields_of(LAYER, recording, row) for row in recording.json]},
    ),
    "image_tag": Replay(
        tag, {"*": None}, differs={">=1.24": "a tag always moves; force=0 is refused"}
    ),
    "image_tag_conflict": Replay(
        tag,
        {
            **raises(
                Conflict,
                "POST /images/{name}/tag",
                409,
                {
                    "1.6.2": TAGGED.format(
                        "e4874b9113999b042aa89dd35dc736366d403ccca382da5782390369e1742c4d"
                    ),
                    "1.7.1": TAGGED.format(
                        "7b88dec633a8677a3f48f083c8dd74db1e1b7b08431f2cca940c56120135ea58"
                    ),
                },
            ),
            "*": None,
        },
        differs={">=1.24": "a tag always moves; force=0 is refused"},
    ),
    "image_search": Replay(
        lambda client, recording: client.search("sshd"),
        raises(
            ServerError,
            "GET /images/search",
            500,
            {
                "0.3.3": "Get https://index.docker.io/v1/search?q=sshd: "
                "read udp 10.251.8.1:53: connection refused",
                "0.4.4": "Get https://index.docker.io/v1/search?q=sshd: "
                "read udp 10.251.9.1:53: connection refused",
                "0.6.6 0.6.7 1.6.2 1.7.1": "Get https://index.docker.io/v1/search?q=sshd: "
                "dial tcp: lookup index.docker.io: Temporary failure in name resolution",
                "*": 'Get "https://index.docker.io/v1/search?q=sshd&n=25": '
                "dial tcp: lookup index.docker.io on 10.255.255.53:53: no such host",
            },
        ),
    ),
    "image_pull_fail": Replay(
        pull,
        {
            "0.3.3": Progress(
                text="Pulling repository 127.0.0.1:9/nothing from https://index.docker.io/v1\r\n"
            ),
            "0.4.4": Progress(
                status="Pulling repository 127.0.0.1:9/nothing from https://index.docker.io/v1"
            ),
            **raises(
                ServerError,
                "POST /images/create",
                500,
                {
                    **NO_REGISTRY,
                    "20.10 26.1 28.5": 'Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: '
                    "connect: connection refused",
                },
            ),
        },
    ),
    "image_push_fail": Replay(
        push,
        {
            "0.3.3 0.4.4": Raises(
                ImageNotFound, "POST /images/{name}/push: 200 No such id: 127.0.0.1:9/nothing"
            ),
            "20.10 26.1 28.5": Raises(
                ImageNotFound,
                "POST /images/{name}/push: 200 An image does not exist locally with the tag: "
                "127.0.0.1:9/nothing",
            ),
            **raises(ServerError, "POST /images/{name}/push", 500, NO_REGISTRY),
        },
        differs={">=1.10": "without a tag, latest is said, and not all of them pushed"},
    ),
    "image_import": Replay(
        lambda client, recording: client.import_image(
            tar("hello.txt", b"hello\n"), repository="imported", tag="t1"
        ),
        {"*": imported},
    ),
    "image_insert": Replay(
        lambda client, recording: client.insert("busybox", url="http://127.0.0.1:9/x", path="/x"),
        {
            "0.4.4 0.6.6": Raises(
                OperationFailed,
                "POST /images/{name}/insert: the Engine inserted nothing and does not say why",
            ),
            "0.3.3 0.6.7": Raises(
                ServerError,
                "POST /images/{name}/insert: 500 Get http://127.0.0.1:9/x: "
                "dial tcp 127.0.0.1:9: connection refused",
            ),
            # It has the route no more, under any version.
            "<1.12": Raises(NotFound, "POST /images/{name}/insert: 404 404 page not found"),
            "*": Raises(
                NotSupported,
                "POST /images/{name}/insert was removed in API 1.12; <spoken>: "
                "build it with an ADD instruction",
            ),
        },
    ),
    "image_get": Replay(
        lambda client, recording: members(client.get_image("imported:t1").read()),
        {"<1.7": refused("GET /images/{name}/get", "1.7"), "*": of_archive},
    ),
    "image_get_many": Replay(
        lambda client, recording: members(client.get_image("imported:t1", "imported:t1").read()),
        {"<1.15": refused("GET /images/get", "1.15"), "*": of_archive},
        differs={"*": "one image alone is asked for by the other route"},
    ),
    "image_load_bad": Replay(
        lambda client, recording: client.load_image(b"not a tar"),
        {
            "<1.7": refused("POST /images/load", "1.7"),
            "0.6.7": Raises(ServerError, "POST /images/load: 500 Tarball too short"),
            "1.6.2 1.7.1": Raises(ServerError, "POST /images/load: 500 EOF"),
            "20.10": Raises(
                LoadFailed,
                "POST /images/load: Error processing tar file(exit status 1): unexpected EOF",
            ),
            "*": Raises(LoadFailed, "POST /images/load: unexpected EOF"),
        },
    ),
    "image_remove": Replay(
        lambda client, recording: client.remove_image("myrepo:v42"),
        {
            "0.3.3": [],
            "0.4.4 0.6.6 0.6.7": untagged_and_deleted,  # by the image's id
            "*": [Removed(untagged="myrepo:v42")],
        },
    ),
    "image_remove_404": Replay(
        lambda client, recording: client.remove_image("nosuchimage"),
        raises(ImageNotFound, "DELETE /images/{name}", 404, NOT_FOUND),
    ),
    "image_remove_built": Replay(
        lambda client, recording: client.remove_image("imported:t1"),
        {"0.3.3": [], "*": untagged_and_deleted},
    ),
    "build_multipart": Replay(
        build,
        {
            "<1.1": refused("POST /build", "1.1"),
            "0.4.4": built("7853d65fbd6b"),
            "1.6.2": Raises(ServerError, f"POST /build: 500 {NO_FORM}"),
        },
    ),
    "build": Replay(
        build,
        {
            "<1.1": refused("POST /build", "1.1"),
            "<1.3": ARCHIVE,
            "0.6.6": built("10f437fd0268"),
            "0.6.7": built("0460772cd217"),
            "1.6.2": built("cedbdddb20db"),
            "1.7.1": built("32d6d275b000"),
            "20.10/1.41": built(
                "sha256:73ec40d40307321d8e7de4352054892e4403f3565e9d36a2a4e19c29c7146beb"
            ),
            "20.10": built("73ec40d40307"),
            "26.1": built(
                "sha256:4152efa08e3013877484b718e36d18038c7a2f90709216fc554bf09fc4422ecb"
            ),
            "28.5/1.24": built("36a92e3c8cd4"),
            "28.5/1.51": built(
                "sha256:36a92e3c8cd45a87692beea2a0afd323ce50c8da7c16b2f27a56c7c2b94247d2"
            ),
        },
    ),
    "build_fail": Replay(
        build_that_fails,
        {
            "<1.1": refused("POST /build", "1.1"),
            "<1.3": ARCHIVE,
            "0.6.6 0.6.7": built_not(
                "The command [/bin/sh -c exit 7] returned a non-zero code: 7",
                "Step 2 : RUN exit 7",
                None,
            ),
            "1.6.2": built_not(
                "The command [/bin/sh -c exit 7] returned a non-zero code: 7",
                "Step 1 : RUN exit 7",
                None,
            ),
            "1.7.1": built_not(
                "The command '/bin/sh -c exit 7' returned a non-zero code: 7",
                "Step 1 : RUN exit 7",
                7,
            ),
            "*": built_not(
                "The command '/bin/sh -c exit 7' returned a non-zero code: 7",
                "Step 2/2 : RUN exit 7",
                7,
            ),
        },
    ),
    "build_no_dockerfile": Replay(
        lambda client, recording: client.build(tar("x", b"y")),
        {
            "<1.1": refused("POST /build", "1.1"),
            "<1.3": ARCHIVE,
            **raises(
                ServerError,
                "POST /build",
                500,
                {
                    "0.6.6 0.6.7": "Error build: Can't build a directory with no Dockerfile",
                    "*": "Cannot locate specified Dockerfile: Dockerfile",
                },
            ),
        },
    ),
}
