from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.errors import UnexpectedReply
from dockerapi.models import images
from dockerapi.models.base import Model, rows
from dockerapi.models.config import ContainerConfig
from dockerapi.models.identity import Identity
from dockerapi.models.images import (
    Built,
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
    StorageDriver,
    image_summaries,
    imported_id,
)
from models.hostile import FEWER, json_values, models_of, objects_of, read_everything
from models.recorded import answer, engines

UTC = datetime.timezone.utc
ID = "0123456789abcdef" * 4
SHA = f"sha256:{ID}"


def at(hour: int, minute: int, second: int, microsecond: int = 0) -> datetime.datetime:
    return datetime.datetime(2026, 11, 21, hour, minute, second, microsecond, UTC)


def reported(values: Iterable[dict[str, Any] | str]) -> Iterator[Progress]:
    """What an Engine reported: objects, or the lines of API 1.0."""
    for value in values:
        yield Progress.parse({"status": value} if isinstance(value, str) else value)


class TestImageSummaries:
    def test_of_engine_0_3_3(self) -> None:
        assert image_summaries(answer("0.3.3_v1.0", "image_list")) == [
            ImageSummary(
                id="8ac56c2e7d40989c48b9c97b43f24ede87b6061867a16edc14fa02ef3fddd652",
                repo_tags=("busybox:latest",),
                created=at(0, 24, 44),
            )
        ]

    def test_of_engine_1_6_2_below_and_above_api_1_7(self) -> None:
        """The rows of two formats, told apart by nothing but `parent_id` and `labels`."""
        tagged = {
            engine: [summary.repo_tags for summary in image_summaries(answer(engine, "image_list"))]
            for engine in ("1.6.2_v1.0", "1.6.2_v1.18")
        }
        assert tagged == {
            "1.6.2_v1.0": [("built:v1.6",), ("committed:t",), ("busybox:latest",), ()],
            "1.6.2_v1.18": [("committed:t",), (), ()],
        }

    def test_of_engine_28_5(self) -> None:
        assert image_summaries(answer("28.5_v1.51", "image_list"))[2:] == [
            ImageSummary(
                id="sha256:36a92e3c8cd45a87692beea2a0afd323ce50c8da7c16b2f27a56c7c2b94247d2",
                parent_id="sha256:904e750ef1bedff88f5387e9ede859388f1fd100b6913fc192321e10aa740bd2",
                repo_tags=("built:v1.24", "built:v1.44", "built:v1.51"),
                created=at(0, 28, 19),
                size=1984178,
                virtual_size=1984178,
                containers=0,
            ),
            ImageSummary(
                id="sha256:812151eb3c534c4679acd3cf718141d913780415939057683b80e3b38b98a2bb",
                repo_tags=("bk1:latest",),
                created=datetime.datetime(2026, 11, 20, 23, 28, 56, tzinfo=UTC),
                size=1984174,
                virtual_size=1984174,
                containers=0,
            ),
        ]

    def test_rows_of_one_image_become_one_summary(self) -> None:
        json = [
            {"Repository": "a", "Tag": "1", "Id": "x", "Created": 0, "Size": 1, "VirtualSize": 9},
            {"Repository": "b", "Tag": "latest", "Id": "y", "Created": 1},
            {"Id": "z", "Created": 2},
            {"Repository": "host:5000/a", "Tag": "2", "Id": "x", "Created": 0},
        ]
        created = datetime.datetime(1970, 1, 1, tzinfo=UTC)
        second = datetime.timedelta(seconds=1)
        assert image_summaries(json) == [
            ImageSummary(
                id="x",
                repo_tags=("a:1", "host:5000/a:2"),
                created=created,
                size=1,
                virtual_size=9,
            ),
            ImageSummary(id="y", repo_tags=("b:latest",), created=created + second),
            ImageSummary(id="z", created=created + 2 * second),
        ]

    def test_a_name_split_at_the_port_of_its_host_is_put_together(self) -> None:
        [summary] = image_summaries([{"Repository": "host", "Tag": "5000/a:2", "Id": "x"}])
        assert summary.repo_tags == ("host:5000/a:2",)

    @pytest.mark.parametrize(
        ("row", "tags"),
        [
            ({"Repository": "<none>", "Tag": "<none>"}, ()),
            ({"Repository": "a", "Tag": 7}, ("a:7",)),
            ({"Repository": "a", "Tag": True}, ("a:true",)),
            ({"Repository": "a", "Tag": None}, ("a",)),
            ({"Repository": None, "Tag": None}, ()),
            ({"RepoTags": ["<none>:<none>"]}, ()),
            ({"RepoTags": None}, ()),
            ({"RepoTags": []}, ()),
            ({}, ()),
        ],
    )
    def test_tags(self, row: dict[str, Any], tags: tuple[str, ...]) -> None:
        [summary] = image_summaries([{"Id": "x", **row}])
        assert summary.repo_tags == tags

    def test_rows_without_an_id_are_not_merged(self) -> None:
        """Engine 0.8.0 sends `ID` and leaves it empty."""
        json = [{"Repository": name, "Tag": "1", "ID": ""} for name in ("a", "b")]
        assert [summary.repo_tags for summary in image_summaries(json)] == [("a:1",), ("b:1",)]

    def test_null_is_an_empty_list(self) -> None:
        assert image_summaries(None) == []

    @pytest.mark.parametrize("json", [{}, [1], ["Repository"], [None]])
    def test_anything_else_is_an_unexpected_reply(self, json: Any) -> None:
        with pytest.raises(UnexpectedReply):
            image_summaries(json)

    def test_what_is_not_computed_is_none(self) -> None:
        found = ImageSummary.parse({"Id": "x", "SharedSize": -1, "Containers": -1})
        assert found == ImageSummary(id="x")

    def test_a_digest_that_stands_for_none_is_left_out(self) -> None:
        found = ImageSummary.parse({"Id": "x", "RepoDigests": ["<none>@<none>", "a@sha256:1"]})
        assert found.repo_digests == ("a@sha256:1",)

    def test_manifests_and_descriptor(self) -> None:
        found = ImageSummary.parse(
            {
                "Id": "x",
                "Descriptor": {
                    "mediaType": "m",
                    "digest": SHA,
                    "size": 5,
                    "urls": ["u"],
                    "annotations": {"k": "v"},
                    "data": "ZA==",
                    "artifactType": "t",
                },
                "Manifests": [
                    {
                        "ID": SHA,
                        "Available": True,
                        "Kind": "image",
                        "Size": {"Total": 9, "Content": 4},
                        "ImageData": {
                            "Platform": {
                                "architecture": "arm",
                                "os": "linux",
                                "os.version": "1",
                                "os.features": ["f"],
                                "variant": "v7",
                            },
                            "Containers": ["c"],
                            "Size": {"Unpacked": 5},
                        },
                    },
                    {"ID": "y", "Kind": "attestation", "AttestationData": {"For": SHA}},
                ],
            }
        )
        assert found == ImageSummary(
            id="x",
            descriptor=Descriptor(
                media_type="m",
                digest=SHA,
                size=5,
                urls=("u",),
                annotations={"k": "v"},
                data="ZA==",
                artifact_type="t",
            ),
            manifests=(
                Manifest(
                    id=SHA,
                    available=True,
                    kind="image",
                    size=9,
                    content_size=4,
                    unpacked_size=5,
                    platform=Platform(
                        architecture="arm",
                        os="linux",
                        os_version="1",
                        os_features=("f",),
                        variant="v7",
                    ),
                    containers=("c",),
                ),
                Manifest(id="y", kind="attestation", attests=SHA),
            ),
        )


class TestImage:
    def test_of_engine_0_3_3(self) -> None:
        received = answer("0.3.3_v1.0", "image_inspect")
        assert Image.parse(received) == Image(
            id="8ac56c2e7d40989c48b9c97b43f24ede87b6061867a16edc14fa02ef3fddd652",
            created=at(0, 24, 44, 405669),
            comment="Imported from -",
            container_config=ContainerConfig.parse(received["container_config"]),
            docker_version="0.3.3",
        )

    def test_of_engine_28_5(self) -> None:
        received = answer("28.5_v1.51", "image_inspect")
        assert Image.parse(received) == Image(
            id="sha256:bce325ebd2c4226d44eac9f10617f4bf2d005b9f631f6b0ca9d35c1c07843e7b",
            repo_tags=(
                "alpine:3.10",
                "alpine:latest",
                "busybox:buildroot-2014.02",
                "busybox:latest",
            ),
            created=datetime.datetime(2026, 11, 20, 23, 28, 55, 988667, UTC),
            comment="Imported from -",
            config=ContainerConfig.parse(received["Config"]),
            docker_version="28.5.2+dfsg4",
            architecture="amd64",
            os="linux",
            size=1984172,
            virtual_size=1984172,
            storage_driver=StorageDriver(name="overlay2", data=received["GraphDriver"]["Data"]),
            root_fs_type="layers",
            layers=("sha256:72c35dde3297c803ee6cf2523dd2843c2311280fc17b02cfe56e71bfaad5e923",),
            last_tagged=at(0, 55, 39, 632156),
        )

    def test_lower_case_and_capitalised_keys_are_the_same(self) -> None:
        below, above = (
            Image.parse(answer(engine, "image_inspect")) for engine in ("1.6.2_v1.6", "1.6.2_v1.18")
        )
        assert (below.virtual_size, above.virtual_size) == (None, 1982399)
        assert attrs.evolve(above, virtual_size=None) == below

    @pytest.mark.parametrize(
        ("received", "expected"),
        [
            ({"Size": 1, "VirtualSize": 9}, 9),
            ({"Size": 1}, None),
            ({"Size": 9, "RootFS": {"Type": "layers"}}, 9),
        ],
    )
    def test_virtual_size(self, received: dict[str, Any], expected: int | None) -> None:
        assert Image.parse({"Id": "x", **received}).virtual_size == expected

    def test_the_rest(self) -> None:
        found = Image.parse(
            {
                "Id": "x",
                "Parent": "p",
                "Author": "a",
                "Container": "c",
                "Variant": "v8",
                "OsVersion": "10",
                "RepoDigests": ["a@sha256:1"],
                "Metadata": {"LastTagTime": "0001-01-01T00:00:00Z"},
                "Identity": {"Pull": [{"Repository": "a"}]},
            }
        )
        assert found == Image(
            id="x",
            parent="p",
            author="a",
            container="c",
            variant="v8",
            os_version="10",
            repo_digests=("a@sha256:1",),
            identity=Identity(repositories=("a",)),
        )

    @pytest.mark.parametrize("comment", [123, True, "true"])
    def test_a_comment_that_an_old_engine_took_for_json_is_text(self, comment: Any) -> None:
        assert Image.parse({"Id": "x", "Comment": comment}).comment == str(comment).lower()


# The image that every Engine imported; its id, its time and its size are each Engine's own.
@pytest.mark.parametrize("engine", engines("image_inspect"))
def test_the_same_image_is_equal_in_every_field_that_an_engine_knows(engine: str) -> None:
    image = Image.parse(answer(engine, "image_inspect"))
    known = {
        "comment": image.comment,
        "parent": image.parent,
        "author": image.author,
        "container": image.container,
        "os": image.os,
        "layers": len(image.layers),
    }
    linux = not engine.startswith("0.")
    layers = 1 if engine.startswith("2") else 0
    assert known == {
        "comment": "Imported from -",
        "parent": None,
        "author": None,
        "container": None,
        "os": "linux" if linux else None,
        "layers": layers,
    }


HISTORIES: dict[str, tuple[str, Layer]] = {
    "0.3.3": ("0.3.3_v1.0", Layer(id="8ac56c2e7d40", created=at(0, 24, 44))),
    "0.4.4": (
        "0.4.4_v1.2",
        Layer(id="e5fe1fe508f3", created=at(0, 29, 45), tags=("busybox:latest",)),
    ),
    "1.7.1": (
        "1.7.1_v1.19",
        Layer(
            id="7b88dec633a8677a3f48f083c8dd74db1e1b7b08431f2cca940c56120135ea58",
            created=at(0, 17, 7),
            tags=("busybox:latest",),
            size=1982399,
            comment="Imported from -",
        ),
    ),
}


@pytest.mark.parametrize(("engine", "expected"), HISTORIES.values(), ids=HISTORIES)
def test_history(engine: str, expected: Layer) -> None:
    assert rows(Layer, answer(engine, "image_history")) == [expected]


@pytest.mark.parametrize(
    "received",
    [
        {"Id": "<missing>", "Tags": None, "CreatedBy": "", "Comment": ""},
        {"Tags": ["<none>:<none>"]},
        {},
    ],
)
def test_a_layer_of_which_nothing_is_known(received: dict[str, Any]) -> None:
    assert Layer.parse(received) == Layer()


def test_a_layer_with_tag_as_the_manual_of_1_2_has_it() -> None:
    found = Layer.parse({"Tag": ["a:1"], "CreatedBy": "/bin/sh"})
    assert found == Layer(tags=("a:1",), created_by="/bin/sh")


def test_removed_of_engine_0_6_6() -> None:
    assert rows(Removed, answer("0.6.6_v1.6", "image_remove_built")) == [
        Removed(untagged="17e2f1763908"),
        Removed(deleted="17e2f1763908"),
    ]


def test_removed_of_engine_1_7_1() -> None:
    assert rows(Removed, answer("1.7.1_v1.19", "image_remove_built")) == [
        Removed(untagged="imported:t1"),
        Removed(deleted="31758c0f6228c2f02d7efced37578a200f1734bb3e4584b65c2696d98c291358"),
    ]


SEARCHES: dict[str, tuple[dict[str, Any], SearchResult]] = {
    "to 0.6.6": ({"Name": "a/b", "Description": ""}, SearchResult(name="a/b")),
    "0.6.7 to 1.6": (
        {
            "name": "a/b",
            "description": "d",
            "star_count": 3,
            "is_official": 0,
            "is_trusted": 1,
        },
        SearchResult(
            name="a/b", description="d", star_count=3, is_official=False, is_automated=True
        ),
    ),
    "from 1.7": (
        {
            "name": "a/b",
            "description": "d",
            "star_count": 3,
            "is_official": True,
            "is_trusted": False,
            "is_automated": False,
        },
        SearchResult(
            name="a/b", description="d", star_count=3, is_official=True, is_automated=False
        ),
    ),
    "a name that an old engine took for a number": ({"name": 42}, SearchResult(name="42")),
}


@pytest.mark.parametrize(("received", "expected"), SEARCHES.values(), ids=SEARCHES)
def test_search_result(received: dict[str, Any], expected: SearchResult) -> None:
    assert SearchResult.parse(received) == expected


PROGRESS: dict[str, tuple[dict[str, Any], Progress]] = {
    "without detail, to 0.7.0": (
        {"status": "Pulling", "progress": "1/? (n/a)"},
        Progress(status="Pulling", bar="1/? (n/a)"),
    ),
    "with detail": (
        {
            "status": "Downloading",
            "id": "a3ed95cae",
            "progress": "[=>  ] 1 B/100 B",
            "progressDetail": {"current": 1, "total": 100, "start": 1},
        },
        Progress(
            id="a3ed95cae", status="Downloading", current=1, total=100, bar="[=>  ] 1 B/100 B"
        ),
    ),
    "of unknown size": (
        {"status": "Pushing", "progressDetail": {"current": 1, "total": -1}},
        Progress(status="Pushing", current=1),
    ),
    "in units": (
        {"progressDetail": {"current": 2, "total": 5, "units": "s"}},
        Progress(current=2, total=5, units="s"),
    ),
    "empty detail": (
        {"status": "Already exists", "progressDetail": {}, "id": "a3ed"},
        Progress(id="a3ed", status="Already exists"),
    ),
    "output": ({"stream": "Step 1/3\n"}, Progress(text="Step 1/3\n")),
    "a result": ({"aux": {"ID": SHA}}, Progress(aux={"ID": SHA})),
    "an error, to 0.5.0": ({"error": "No such id"}, Progress(error="No such id")),
    "an error, from 0.5.1": (
        {"errorDetail": {"code": 7, "message": "in detail"}, "error": "in short"},
        Progress(error="in detail", error_code=7),
    ),
}


@pytest.mark.parametrize(("received", "expected"), PROGRESS.values(), ids=PROGRESS)
def test_progress(received: dict[str, Any], expected: Progress) -> None:
    assert Progress.parse(received) == expected


NOW = [
    {"status": "Pulling from library/busybox", "id": "latest"},
    {"status": "Downloading", "progressDetail": {"current": 1, "total": 2}, "id": "a3ed"},
    {"status": "Pull complete", "progressDetail": {}, "id": "a3ed"},
    {"status": f"Digest: {SHA}"},
    {"status": "Status: Downloaded newer image for busybox:latest"},
]
PULLS: dict[str, tuple[list[Any], Pulled]] = {
    "now": (NOW, Pulled(SHA, "Downloaded newer image for busybox:latest")),
    "Podman": (
        [
            {"status": "Copying blob", "progressDetail": {"current": 1, "total": 2}, "id": "a3ed"},
            {"status": "Download complete", "progressDetail": {}, "id": "a3ed"},
            {"status": "Download complete", "progressDetail": {}, "id": "b750fe79269d"},
        ],
        Pulled(None, None, "b750fe79269d"),
    ),
    "layers, whose ids are none of an image": (
        [{"status": "Download complete", "progressDetail": {}, "id": "a3ed"}, *NOW],
        Pulled(SHA, "Downloaded newer image for busybox:latest"),
    ),
    "0.4": (
        [
            {"status": "Pulling repository base from https://index.docker.io/v1"},
            {"status": "Pulling image b750fe79269d (latest) from base"},
        ],
        Pulled(None, None),
    ),
    "lines of 1.0": (
        ["Pulling repository base from https://index.docker.io/v1\r", "Pulling b750 metadata\r"],
        Pulled(None, None),
    ),
    "1.4, without digest": (
        [
            {"status": "Pulling repository base"},
            {"status": "Download complete", "progressDetail": {}, "id": "b750fe79269d"},
            {"status": "Status: Image is up to date for base:latest"},
        ],
        Pulled(None, "Image is up to date for base:latest", "b750fe79269d"),
    ),
}


@pytest.mark.parametrize(("values", "expected"), PULLS.values(), ids=PULLS)
def test_pulled(values: list[Any], expected: Pulled) -> None:
    assert Pulled.from_progress(reported(values)) == expected


@pytest.mark.parametrize("values", [answer("0.4.4_v1.2", "image_pull_fail"), [], [{}], [""]])
def test_a_pull_that_ended_before_it_began_is_an_unexpected_reply(values: list[Any]) -> None:
    with pytest.raises(UnexpectedReply) as raised:
        Pulled.from_progress(reported(values))
    assert str(raised.value) == ("the pull ended without having begun; the Engine does not say why")


REFERS = {"status": "The push refers to repository [localhost:5000/a]"}
PUSHES: dict[str, tuple[list[Any], Pushed]] = {
    "in aux, from 1.10": (
        [
            REFERS,
            {"status": "Pushed", "progressDetail": {}, "id": "a3ed"},
            {"status": f"1.0: digest: {SHA} size: 528"},
            {"progressDetail": {}, "aux": {"Tag": "1.0", "Digest": SHA, "Size": 528}},
        ],
        Pushed("1.0", SHA, 528),
    ),
    "in a status, from 1.8": (
        [REFERS, {"status": f"1.0: digest: {SHA} size: 528"}],
        Pushed("1.0", SHA, 528),
    ),
    "the digest alone, 1.6 and 1.7": (
        [REFERS, {"status": f"Digest: {SHA}"}],
        Pushed(None, SHA, None),
    ),
    "nothing, to 1.5": (
        [REFERS, {"status": "Pushing tag for rev [b750] on {http://localhost:5000/v1/a}"}],
        Pushed(None, None, None),
    ),
    "another aux, from 28.0": (
        [
            {"aux": {"Tag": "1.0", "Digest": SHA, "Size": 528}},
            {"aux": {"manifestPushedInsteadOfIndex": True}},
        ],
        Pushed("1.0", SHA, 528),
    ),
    "all tags": (
        [{"aux": {"Tag": tag, "Digest": SHA, "Size": 528}} for tag in ("1.0", "1.1")],
        Pushed("1.1", SHA, 528),
    ),
}


@pytest.mark.parametrize(("values", "expected"), PUSHES.values(), ids=PUSHES)
def test_pushed(values: list[Any], expected: Pushed) -> None:
    assert Pushed.from_progress(reported(values)) == expected


LOADS: dict[str, tuple[list[Any], Loaded]] = {
    "names": (
        [
            {"status": "Loading layer", "progressDetail": {"current": 1, "total": 2}, "id": "a3"},
            {"stream": "Loaded image: busybox:latest\n"},
            {"stream": "Loaded image: localhost:5000/a:1\n"},
        ],
        Loaded(("busybox:latest", "localhost:5000/a:1")),
    ),
    "names on one line, from Podman": (
        [{"stream": "Loaded image: docker.io/library/a:1,localhost:5000/b:2"}],
        Loaded(("docker.io/library/a:1", "localhost:5000/b:2")),
    ),
    "an id": ([{"stream": f"Loaded image ID: {SHA}\n"}], Loaded((SHA,))),
    "nothing, to 1.22": ([], Loaded(())),
}


@pytest.mark.parametrize(("values", "expected"), LOADS.values(), ids=LOADS)
def test_loaded(values: list[Any], expected: Loaded) -> None:
    assert Loaded.from_progress(reported(values)) == expected


def output(*pieces: str) -> list[dict[str, Any]]:
    return [{"stream": piece} for piece in pieces]


BUILDS: dict[str, tuple[list[dict[str, Any]], str, tuple[str, ...]]] = {
    "1.7.1": (answer("1.7.1_v1.19", "build"), "32d6d275b000", ("asked:1",)),
    "20.10": (
        answer("20.10_v1.41", "build"),
        "sha256:73ec40d40307321d8e7de4352054892e4403f3565e9d36a2a4e19c29c7146beb",
        ("built:v1.41",),
    ),
    "20.10 under 1.12": (answer("20.10_v1.12", "build"), "73ec40d40307", ("built:v1.12",)),
    "the text of 0.6.6": (
        output(*(line + "\n" for line in answer("0.6.6_v1.6", "build"))),
        "10f437fd0268",
        ("asked:1",),
    ),
    "the text of 1.6.2": (
        output("Step 0 : FROM busybox\n\r ---> e487\n\rSuccessfully ", "built cedbdddb20db\n\r"),
        "cedbdddb20db",
        ("asked:1",),
    ),
    "containers removed after it": (
        output("Successfully built 10f437fd0268\n", "Removing intermediate container 04fb6fd9\n"),
        "10f437fd0268",
        ("asked:1",),
    ),
    "a command that says the same": (
        output(
            "Successfully built aaaaaaaaaaaa\n",
            "Successfully tagged not:1\n",
            "Successfully built 10f437fd0268\n",
            "Successfully tagged a:1\n",
            "Successfully tagged a:2\n",
        ),
        "10f437fd0268",
        ("a:1", "a:2"),
    ),
    "by BuildKit on 20.10, with a command that prints what it likes": (
        [
            *output("Successfully built 000000000000\nSuccessfully tagged not:1\n"),
            {"aux": {"ID": SHA}},
            *output("Successfully tagged a:1\n"),
        ],
        SHA,
        ("a:1",),
    ),
    "by BuildKit from 23.0 on": (
        [
            *output("Successfully built 000000000000\nSuccessfully tagged not:1\n"),
            {"aux": {"ID": SHA}},
        ],
        SHA,
        ("asked:1",),
    ),
    "quiet, from 1.10": (output(f"{SHA}\n"), SHA, ("asked:1",)),
}


@pytest.mark.parametrize(("values", "image_id", "tags"), BUILDS.values(), ids=BUILDS)
def test_built(values: list[dict[str, Any]], image_id: str, tags: tuple[str, ...]) -> None:
    log = "".join(value.get("stream", "") for value in values)
    found = Built.from_progress(reported(values), tags=("asked:1",))
    assert found == Built(image_id, tags, log)


def test_the_log_of_a_build_is_not_printed() -> None:
    found = Built.from_progress(reported(output("Successfully built 10f437fd0268\n")))
    assert repr(found) == "Built(image_id='10f437fd0268', tags=())"


def test_a_build_that_made_no_image_is_an_unexpected_reply() -> None:
    with pytest.raises(UnexpectedReply) as raised:
        Built.from_progress(reported(output("Step 1 : FROM busybox\n", "Successfully built it\n")))
    assert str(raised.value) == (
        "the build ended without an image: 'Step 1 : FROM busybox\\nSuccessfully built it\\n'"
    )


@pytest.mark.parametrize("engine", engines("image_import"))
def test_imported_id(engine: str) -> None:
    values = answer(engine, "image_import")
    expected = values[0] if isinstance(values[0], str) else values[0]["status"]
    assert imported_id(reported(values)) == expected


IMPORTS: dict[str, list[Any]] = {
    "from a URL": [
        {"status": "Downloading from http://a"},
        {"status": "Importing"},
        {"status": SHA},
    ],
    "with progress": [{"status": SHA}, {"progressDetail": {}}],
    "an insert, to 0.6": [{"status": "Inserting", "progress": "1/? (n/a)"}, {"Id": SHA}],
    "a line": [f"{SHA}\r"],
}


@pytest.mark.parametrize("values", IMPORTS.values(), ids=IMPORTS)
def test_imported_id_is_the_last_word(values: list[Any]) -> None:
    assert imported_id(reported(values)) == SHA


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([], "None"),
        ([{"Id": ""}], "None"),
        ([{"status": SHA}, {"status": "Importing"}], "'Importing'"),
    ],
)
def test_an_import_without_an_id_is_an_unexpected_reply(values: list[Any], shown: str) -> None:
    with pytest.raises(UnexpectedReply) as raised:
        imported_id(reported(values))
    assert str(raised.value) == f"an image's id was expected, not {shown}"


VALUES = json_values(images)


@pytest.mark.dear
@pytest.mark.parametrize("kind", models_of(images))
@FEWER
@given(data=st.data())
def test_any_object_gives_values_or_unexpected_reply(
    kind: type[Model], data: st.DataObject
) -> None:
    read_everything(kind.parse(data.draw(objects_of(kind, VALUES))))


def test_a_row_of_long_ago_with_a_name_that_is_none() -> None:
    row = {"ID": "x", "Repository": []}
    with pytest.raises(UnexpectedReply) as caught:
        image_summaries([row])
    assert str(caught.value) == "ImageSummary.repo_tags: not a string: []"
    assert caught.value.raw == row


@given(json=VALUES | st.lists(objects_of(ImageSummary, VALUES), max_size=4))
def test_any_answer_gives_summaries_or_unexpected_reply(json: Any) -> None:
    try:
        found = image_summaries(json)
    except UnexpectedReply:
        return
    read_everything(found)


OUTCOMES = [
    Pulled.from_progress,
    Pushed.from_progress,
    Loaded.from_progress,
    Built.from_progress,
    imported_id,
]


@pytest.mark.dear
@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.__qualname__)
@FEWER
@given(values=st.lists(objects_of(Progress, VALUES), max_size=4))
def test_any_stream_gives_an_outcome_or_unexpected_reply(
    outcome: Callable[[Iterable[Progress]], object], values: list[Any]
) -> None:
    try:
        outcome(Progress.parse(value) for value in values)
    except UnexpectedReply:
        pass


def test_the_platforms_of_a_name_are_those_that_can_run() -> None:
    json = {
        "Descriptor": {"mediaType": "m", "digest": "sha256:0a", "size": 1},
        "Platforms": [
            {"architecture": "amd64", "os": "linux"},
            {"architecture": "unknown", "os": "unknown"},
        ],
    }
    found = Distribution.parse(json)
    assert (found.digest, found.platforms) == (
        "sha256:0a",
        (Platform(architecture="amd64", os="linux"),),
    )
    assert Distribution.parse({**json, "Platforms": None}).platforms is None
    assert Distribution.parse({**json, "Platforms": []}).platforms == ()


def test_a_push_of_one_platform_says_what_went_in_place_of_what() -> None:
    """The notes as the Engine's source has them (api/types/auxprogress)."""
    index = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": "sha256:a"}
    manifest = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:b"}
    notes = [
        {
            "manifestPushedInsteadOfIndex": True,
            "originalIndex": index,
            "selectedManifest": manifest,
        },
        {"contentMissing": True, "desc": manifest},
        {"Tag": "v1", "Digest": "sha256:b", "Size": 5},
    ]
    reports = [Progress.parse({"aux": note}) for note in notes]
    first, second = (Descriptor.parse(one) for one in (index, manifest))
    assert [(one.index, one.manifest, one.missing) for one in reports] == [
        (first, second, None),
        (None, None, second),
        (None, None, None),
    ]
    assert Pushed.from_progress(reports) == Pushed(
        tag="v1", digest="sha256:b", size=5, index=first, manifest=second
    )
