"""Images on a real Engine: every operation of the manual's chapter 2.2, and its refusals."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from dockerapi import (
    BadRequest,
    BuildFailed,
    BuildOptions,
    Client,
    Conflict,
    ContainerConfig,
    Credentials,
    HostConfig,
    ImageNotFound,
    LoadFailed,
    NotSupported,
    ServerError,
    Unauthorized,
)
from dockerapi.models.images import Progress, SearchResult
from live.engine import Engine
from live.registry import PASSWORD, USERNAME, serve_search

operation = pytest.mark.operation
needs = pytest.mark.needs
since = pytest.mark.since
# What Engines say of a registry that is not there, up to 1.7.1 and from 20.10 on.
NOT_THERE = (
    "Invalid Registry endpoint: Get http://127.0.0.1:1/v2/: dial tcp 127.0.0.1:1: connection "
    "refused"
)
REFUSED = 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused'
ID = re.compile(r"(sha256:)?[0-9a-f]{64}")
ADA = Credentials(username=USERNAME, password=PASSWORD)


def packed(**files: str) -> bytes:
    """A tar archive of these files."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return archive.getvalue()


@pytest.fixture
def image(newest: Client, name: str, label: dict[str, str]) -> str:
    """The id of an image of its own, called `name:1`, with nothing but the file /note.

    Made with the newest version, as older ones cannot give it the label.
    """
    [(key, value)] = label.items()
    if tuple(map(int, newest.api_version.split("."))) < (1, 18):  # which takes no changes
        return newest.import_image(packed(note=name), repository=name, tag="1")
    changes = [f"LABEL {key}={value}", 'CMD ["cat", "note"]']
    return newest.import_image(packed(note=name), repository=name, tag="1", changes=changes)


# List, inspect, history, tag, remove


@needs("1.18")
@operation("GET /images/json")
def test_an_image_is_listed_with_all_its_tags(
    client: Client, image: str, name: str, label: dict[str, str]
) -> None:
    client.tag(image, f"{name}:2")
    wanted = [f"{key}={value}" for key, value in label.items()]
    rows = {
        "label": client.images(filters={"label": wanted, "dangling": False}),
        "reference": client.images(reference=name),
        "another": client.images(reference=f"{name}-other"),
    }
    size = client.inspect_image(image).size
    assert {
        key: [(row.id, sorted(row.repo_tags), row.labels, row.size) for row in found]
        for key, found in rows.items()
    } == {
        "label": [(image, [f"{name}:1", f"{name}:2"], label, size)],
        "reference": [(image, [f"{name}:1", f"{name}:2"], label, size)],
        "another": [],
    }


@since("1.15")
def test_an_unknown_filter_of_images_is_a_bad_request(client: Client, engine: Engine) -> None:
    with pytest.raises(engine.says({"0.3": ServerError, "17.10": BadRequest})) as caught:
        client.images(filters={"nonsense": "x"})
    assert caught.value.message == engine.says(
        {"0.3": "Invalid filter 'nonsense'", "26.1": "invalid filter 'nonsense'"}
    )


def test_viz_draws_every_image_that_is_listed(client: Client, image: str) -> None:
    before = {row.id for row in client.images(all=True)}
    drawn = client.viz()
    # Other tests make and remove images meanwhile.
    stayed = before & {row.id for row in client.images(all=True)}
    assert drawn.startswith("digraph docker {\n") and drawn.endswith("}\n")
    assert client.inspect_image(image).id in stayed  # old Engines cut ids where they make one
    assert all(id.removeprefix("sha256:")[:12] in drawn for id in stayed)


@operation("GET /images/{name}/json", "GET /images/{name}/history")
@since("1.22")
def test_a_built_image_is_inspected_and_has_a_layer_per_instruction(
    client: Client, busybox: str, name: str, label: dict[str, str]
) -> None:
    [(key, value)] = label.items()
    text = f"FROM {busybox}\nLABEL {key}={value}\nRUN echo {name} > note\nCMD cat note\n"
    client.build(None, tag=name, dockerfile=io.StringIO(text))
    found = client.inspect_image(name)
    assert found.config is not None
    assert (found.repo_tags, found.os, found.config.labels, found.config.command) == (
        (f"{name}:latest",),
        "linux",
        label,
        ("/bin/sh", "-c", "cat note"),
    )
    assert found.layers[:-1] == client.inspect_image(busybox).layers
    assert found.created is not None and found.created.tzinfo is not None
    layers = client.history(name)[:3]
    assert [(layer.id, layer.created_by, layer.tags) for layer in layers] == [
        (found.id, '/bin/sh -c #(nop)  CMD ["/bin/sh" "-c" "cat note"]', (f"{name}:latest",)),
        (layers[1].id, f"/bin/sh -c echo {name} > note", ()),
        (layers[2].id, f"/bin/sh -c #(nop)  LABEL {key}={value}", ()),
    ]
    assert [layer.size for layer in layers] == [0, len(f"{name}\n"), 0]


def test_a_missing_image_is_image_not_found(client: Client, name: str) -> None:
    with pytest.raises(ImageNotFound) as caught:
        client.inspect_image(name)
    assert caught.value.status == 404
    assert str(caught.value).startswith("GET /images/{name}/json: 404 ")


@operation("POST /images/{name}/tag")
def test_a_tagged_image_has_one_more_name(
    client: Client, image: str, name: str, tags: Callable[[str], list[str]]
) -> None:
    client.tag(f"{name}:1", f"registry.example.com:5000/team/{name}", tag="2.0")
    assert tags(image) == [f"{name}:1", f"registry.example.com:5000/team/{name}:2.0"]


@since("1.8")
def test_tagging_by_force_is_refused_from_api_1_24_on(
    client: Client, spoken: tuple[int, ...], speaks: str, image: str, name: str
) -> None:
    if spoken < (1, 24):
        client.tag(image, name, tag="forced", force=True)
        assert client.inspect_image(f"{name}:forced").id == image
    else:
        with pytest.raises(NotSupported) as caught:
            client.tag(image, name, tag="forced", force=True)
        assert str(caught.value) == (
            "POST /images/{name}/tag ?force was removed in API 1.24; "
            f"{speaks}: a tag always moves"
        )


@operation("DELETE /images/{name}")
@since("1.13")
def test_removing_tells_what_was_untagged_and_deleted(
    client: Client, image: str, name: str
) -> None:
    client.tag(image, name, tag="2")
    first = client.remove_image(f"{name}:2")
    second = client.remove_image(f"{name}:1")
    assert [(row.untagged, row.deleted) for row in first] == [(f"{name}:2", None)]
    assert [(row.untagged, row.deleted) for row in second[:2]] == [
        (f"{name}:1", None),
        (None, image),
    ]
    with pytest.raises(ImageNotFound):
        client.remove_image(image)


@since("1.13")
def test_an_image_that_a_container_uses_is_removed_by_force_only(
    client: Client, image: str, name: str, config: ContainerConfig, engine: Engine
) -> None:
    client.create_container(image, ["true"], config=config)
    with pytest.raises(Conflict) as caught:
        client.remove_image(f"{name}:1")
    assert caught.value.message.startswith(
        engine.says(
            {
                "0.3": "Conflict, cannot delete",
                "1.8": "conflict: unable to remove repository reference",
            }
        )
    )
    client.remove_image(f"{name}:1", force=True)
    with pytest.raises(ImageNotFound):
        client.inspect_image(f"{name}:1")


# Build


def context(folder: Path, label: dict[str, str], busybox: str) -> Path:
    [(key, value)] = label.items()
    text = f"FROM {busybox}\nLABEL {key}={value}\nCOPY sub /sub\nRUN cat sub/note\n"
    (folder / "Dockerfile").write_text(text)
    (folder / "sub").mkdir()
    (folder / "sub" / "note").write_text("from the context\n")
    return folder


@operation("POST /build")
@since("1.18")
def test_a_directory_is_built(
    client: Client,
    spoken: tuple[int, ...],
    busybox: str,
    tmp_path: Path,
    name: str,
    label: dict[str, str],
) -> None:
    seen: list[Progress] = []
    built = client.build(
        context(tmp_path, label, busybox),
        tag=name,
        options=BuildOptions(no_cache=True, rm=True),
        progress=seen.append,
    )
    found = client.inspect_image(name)
    # Short, and without the algorithm, below API 1.29.
    expected = found.id if spoken >= (1, 29) else found.id.removeprefix("sha256:")[:12]
    assert (built.image_id, built.tags) == (expected, (f"{name}:latest",))
    assert "from the context\n" in built.log.splitlines(keepends=True)
    assert built.log == "".join(value.text or "" for value in seen)
    assert found.config is not None and found.config.labels == label


@since("1.22")
def test_an_archive_from_a_file_object_is_built(
    client: Client, busybox: str, tmp_path: Path, name: str, label: dict[str, str]
) -> None:
    archive = tmp_path / "context.tar.gz"
    (tmp_path / "context").mkdir()
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(context(tmp_path / "context", label, busybox), ".")
    with archive.open("rb") as file:
        client.build(file, tag=[f"{name}:a", f"{name}:b"])
    assert client.inspect_image(f"{name}:a").repo_tags == (f"{name}:a", f"{name}:b")


@needs("1.17")
@since("1.18")
def test_a_dockerfile_of_another_name_and_folder_is_built(
    client: Client,
    busybox: str,
    tmp_path: Path,
    name: str,
    label: dict[str, str],
    tags: Callable[[str], list[str]],
) -> None:
    context(tmp_path, label, busybox)
    (tmp_path / "Dockerfile").rename(tmp_path / "sub" / "other.dockerfile")
    client.build(tmp_path, tag=name, dockerfile="sub/other.dockerfile")
    assert tags(name) == [f"{name}:latest"]


@since("1.25")
def test_a_step_that_fails_is_named_with_its_exit_code_and_the_log(
    client: Client, busybox: str
) -> None:
    text = f"FROM {busybox}\nRUN echo before; exit 7\nRUN echo after\n"
    options = BuildOptions(no_cache=True, force_rm=True)
    with pytest.raises(BuildFailed) as caught:
        client.build(None, dockerfile=io.StringIO(text), options=options)
    error = caught.value
    assert (str(error), error.output, error.step, error.exit_code) == (
        "POST /build: The command '/bin/sh -c echo before; exit 7' returned a non-zero code: 7\n"
        "before",
        "before",
        "Step 2/3 : RUN echo before; exit 7",
        7,
    )
    lines = error.log.splitlines()
    assert (lines[0], "before" in lines, "after" in lines) == (
        f"Step 1/3 : FROM {busybox}",
        True,
        False,
    )


@needs("1.1")
def test_a_text_that_is_no_dockerfile_is_a_bad_request(client: Client, engine: Engine) -> None:
    with pytest.raises(engine.says({"0.3": BuildFailed, "17.6": BadRequest})) as caught:
        client.build(None, dockerfile=io.StringIO("HELLO world\n"))
    assert caught.value.message == engine.says(
        {
            "0.3": "Unknown instruction: HELLO",
            "20.10": "dockerfile parse error line 1: unknown instruction: HELLO",
            "26.1": "dockerfile parse error on line 1: unknown instruction: HELLO "
            "(did you mean SHELL?)",
        }
    )


@needs("1.16")
@since("1.18")
def test_a_build_whose_reader_leaves_is_cancelled(
    client: Client, busybox: str, name: str, label: dict[str, str]
) -> None:
    [(key, value)] = label.items()
    text = f"FROM {busybox}\nLABEL {key}={value}\nRUN echo {name}; sleep 6000\n"
    with client.events(filters={"event": "die"}) as events:
        with client.stream_build(None, dockerfile=io.StringIO(text)) as stream:
            while next(stream).text != f"{name}\n":
                pass
            # It may have written before the Engine counts it as running.
            [row] = client.containers(all=True, filters={"label": f"{key}={value}"})
        assert next(event.action for event in events if event.id == row.id) == "die"


# Archives of images, and of file systems


@operation("GET /images/{name}/get", "POST /images/load")
@since("1.10")
def test_an_image_is_saved_removed_and_loaded(
    client: Client, image: str, name: str, engine: Engine
) -> None:
    with client.get_image(f"{name}:1") as stream:
        archive = stream.read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert engine.says({"0.3": "repositories", "1.10": "manifest.json"}) in tar.getnames()
    client.remove_image(f"{name}:1", no_prune=True)
    loaded = client.load_image(archive)
    assert client.inspect_image(f"{name}:1").id == image
    assert loaded.images == engine.says({"0.3": (), "1.11": (f"{name}:1",)})


@needs("1.15")
@operation("GET /images/get")
def test_several_images_are_saved_into_one_file(
    client: Client, busybox: str, image: str, name: str, tmp_path: Path, engine: Engine
) -> None:
    with client.get_image(f"{name}:1", busybox) as stream:
        stream.save(tmp_path / "images.tar")
    client.remove_image(f"{name}:1")
    loaded = client.load_image(tmp_path / "images.tar")
    assert client.inspect_image(f"{name}:1").id == image
    expected = ["busybox:latest", f"{name}:1"]
    assert sorted(loaded.images) == engine.says({"0.3": [], "1.11": expected})


@needs("1.7")
def test_saving_a_missing_image_is_image_not_found(client: Client, name: str) -> None:
    with pytest.raises(ImageNotFound) as caught:
        client.get_image(name)
    assert str(caught.value) == f"GET /images/{{name}}/get: 404 No such image: {name}"


@needs("1.7")
def test_loading_what_is_no_archive_fails(client: Client, engine: Engine) -> None:
    with pytest.raises(engine.says({"0.3": ServerError, "1.11": LoadFailed})) as caught:
        client.load_image(b"garbage")
    assert caught.value.message == engine.says(
        {
            "0.3": "Tarball too short",
            "0.9": "EOF",
            "1.10": "Error processing tar file(exit status 1): unexpected EOF",
            "26.1": "unexpected EOF",
        }
    )


@needs("1.18")
@operation("POST /images/create")
def test_an_exported_container_is_imported_as_an_image(
    client: Client,
    busybox: str,
    config: ContainerConfig,
    name: str,
    label: dict[str, str],
    alone: HostConfig | None,
    tags: Callable[[str], list[str]],
) -> None:
    [(key, value)] = label.items()
    command = ["sh", "-c", "echo exported > note"]
    id = client.run(busybox, command, config=config, host_config=alone).container_id
    seen: list[Progress] = []
    changes = [f"LABEL {key}={value}", 'CMD ["cat", "note"]']
    with client.export(id) as stream:
        image = client.import_image(
            stream, repository=name, tag="imported", changes=changes, progress=seen.append
        )
    assert ID.fullmatch(image)
    assert seen[-1].status == image
    found = client.inspect_image(f"{name}:imported")
    assert (found.id, tags(image)) == (image, [f"{name}:imported"])
    shown = client.run(image, config=config, host_config=alone, remove=True)
    assert shown.output.stdout == b"exported\n"


def test_importing_what_is_no_archive_is_the_engines_error(client: Client, engine: Engine) -> None:
    with pytest.raises(ServerError) as caught:
        client.import_image(b"garbage")
    assert caught.value.message == engine.says(
        {
            "0.3": "unexpected EOF",
            "20.10": "Error processing tar file(exit status 1): unexpected EOF",
            "26.1": "unexpected EOF",
        }
    )


# Registries


@pytest.mark.real("a registry of its own")
@operation("POST /images/create", "POST /images/{name}/push")
def test_a_pushed_image_is_pulled_again(
    client: Client, image: str, name: str, registry: str
) -> None:
    repository = f"{registry}/team/{name}"
    client.tag(image, repository, tag="1")
    pushes: list[Progress] = []
    pushed = client.push(repository, tag="1", auth=ADA, progress=pushes.append)
    client.remove_image(f"{repository}:1")
    client.remove_image(f"{name}:1")
    pulls: list[Progress] = []
    pulled = client.pull(f"{repository}:1", auth=ADA, progress=pulls.append)
    found = client.inspect_image(f"{repository}:1")
    assert (pulled.status, pulled.digest) == (
        f"Downloaded newer image for {repository}:1",
        pushed.digest,
    )
    assert (found.id, found.repo_digests) == (image, (f"{repository}@{pushed.digest}",))
    assert (pushed.tag, bool(pushed.size)) == ("1", True)
    assert pulls[0] == Progress.parse({"id": "1", "status": f"Pulling from team/{name}"})
    assert {"Pushed", "Layer already exists"} & {value.status for value in pushes}
    again = client.pull(f"{repository}@{pushed.digest}", auth=ADA)
    assert again.digest == pushed.digest


@pytest.mark.real("a registry of its own")
def test_all_tags_are_pushed_and_pulled(
    client: Client, busybox: str, name: str, registry: str, tags: Callable[[str], list[str]]
) -> None:
    repository = f"{registry}/team/{name}"
    both = [f"{repository}:1", f"{repository}:2"]
    for image in both:
        client.tag(busybox, image)
    client.push(repository, all_tags=True, auth=ADA)
    for image in both:
        client.remove_image(image)
    client.pull(repository, all_tags=True, auth=ADA)
    assert [image for image in tags(both[0]) if image.startswith(repository)] == both
    for image in both:
        client.remove_image(image)


@pytest.mark.real("a registry of its own")
def test_a_tag_that_the_registry_has_not_is_not_found(
    client: Client, registry: str, name: str
) -> None:
    with pytest.raises(ImageNotFound) as caught:
        client.pull(f"{registry}/{name}", auth=ADA)
    assert caught.value.message == (
        f"manifest for {registry}/{name}:latest not found: manifest unknown: manifest unknown"
    )


@pytest.mark.real("a registry of its own")
def test_pulling_and_pushing_as_nobody_is_refused(
    client: Client, image: str, registry: str, name: str
) -> None:
    repository = f"{registry}/{name}"
    with pytest.raises(Unauthorized) as caught:
        client.pull(repository)
    assert caught.value.message == (
        f'Head "http://{registry}/v2/{name}/manifests/latest": no basic auth credentials'
    )
    client.tag(image, repository)
    with pytest.raises(Unauthorized) as caught:
        client.push(repository)
    assert str(caught.value) == (
        "POST /images/{name}/push: 200 no basic auth credentials "
        "(no credentials were sent: give auth=, or store some with docker login)"
    )


@since("1.22")
def test_an_image_that_is_not_there_is_not_pushed(client: Client, name: str) -> None:
    with pytest.raises(ImageNotFound) as caught:
        client.push(f"127.0.0.1:1/{name}")
    assert caught.value.message == (
        f"An image does not exist locally with the tag: 127.0.0.1:1/{name}"
    )


@pytest.mark.real("a registry of its own")
def test_run_pulls_an_image_that_is_not_there(
    client: Client,
    busybox: str,
    registry: str,
    name: str,
    config: ContainerConfig,
    alone: HostConfig | None,
) -> None:
    repository = f"{registry}/{name}"
    client.tag(busybox, repository)
    client.push(repository, auth=ADA)
    client.remove_image(repository)
    result = client.run(
        repository, ["echo", "x"], config=config, host_config=alone, auth=ADA, remove=True
    )
    client.remove_image(repository)
    assert (result.exit_code, result.output.stdout) == (0, b"x\n")


@since("1.6")
def test_a_registry_that_is_not_there_is_the_engines_error(
    client: Client, name: str, engine: Engine
) -> None:
    with pytest.raises(ServerError) as caught:
        client.pull(f"127.0.0.1:1/{name}")
    assert caught.value.message == engine.says({"0.3": NOT_THERE, "20.10": REFUSED})


@pytest.mark.real("a registry of its own")
@operation("POST /auth")
def test_a_login_is_checked_by_the_registry(client: Client, registry: str) -> None:
    result = client.login(USERNAME, password=PASSWORD, registry=registry)
    assert (result.status, result.identity_token) == ("Login Succeeded", None)


@pytest.mark.real("a registry of its own")
def test_a_wrong_password_is_refused(client: Client, registry: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        client.login(USERNAME, password="guess", registry=registry)
    assert caught.value.message == (
        f"login attempt to http://{registry}/v2/ failed with status: 401 Unauthorized"
    )


@pytest.mark.real("a registry of its own")
@operation("GET /images/search")
def test_what_a_registry_finds_is_told(client: Client, engine: Engine) -> None:
    if not engine.url.startswith("unix://"):
        pytest.skip("the Engine may be on another machine, which cannot ask this one")
    row = {
        "name": "team/tool",
        "description": "a tool",
        "star_count": 12,
        "is_official": False,
        "is_automated": engine.version.startswith("20.10"),  # newer ones say no of all
    }
    with serve_search([row]) as (address, asked):
        found = client.search(f"{address}/tool")
    assert found == [SearchResult(**row)]
    assert asked == ["/v1/search?q=tool&n=25"]


def test_searching_where_there_is_no_registry_is_the_engines_error(
    client: Client, engine: Engine
) -> None:
    with pytest.raises((ServerError, BadRequest)) as caught:
        client.search("127.0.0.1:1/tool")
    endpoint = (
        'invalid registry endpoint "http://127.0.0.1:1/v1/". HTTPS attempt: Get '
        '"https://127.0.0.1:1/v1/_ping": dial tcp 127.0.0.1:1: connect: connection refused. HTTP '
        'attempt: Get "http://127.0.0.1:1/v1/_ping": dial tcp 127.0.0.1:1: connect: connection '
        "refused"
    )
    assert (type(caught.value), caught.value.message) == engine.says(
        {
            "0.3": (ServerError, NOT_THERE),
            "20.10": (ServerError, endpoint),
            "26.1": (BadRequest, endpoint),
            "29.0": (BadRequest, REFUSED),  # of the fake Engine
        }
    )
