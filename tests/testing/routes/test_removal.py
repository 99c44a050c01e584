"""What is removed with an image, and what is not; the words are those of real Engines."""

from __future__ import annotations

import pytest

from dockerapi import Client, Conflict
from dockerapi.testing import FakeEngine
from testing.asking import context
from testing.tars import archive, contents, file


def names(client: Client) -> list[str]:
    return sorted(name for image in client.images() for name in image.repo_tags)


def removed(client: Client, image: str, **more: bool) -> list[str]:
    found = client.remove_image(image, **more)
    return [f"-{one.untagged}" if one.untagged else f"!{one.deleted}" for one in found]


def test_the_last_name_takes_the_image_with_it(client: Client) -> None:
    id = client.inspect_image("busybox").id
    layer = client.inspect_image("busybox").raw["RootFS"]["Layers"][0]
    client.tag("busybox", "x")
    assert removed(client, "x") == ["-x:latest"]
    assert removed(client, "busybox") == ["-busybox:latest", f"!{id}", f"!{layer}"]
    assert client.images(all=True) == []


def test_parents_without_a_name_go_too_unless_they_are_to_stay(client: Client) -> None:
    for keep, left in ((False, 1), (True, 2)):
        client.build(context("FROM busybox\nENV A=1\nENV B=2\n"), tag="x")
        assert len(client.images(all=True)) == 3
        client.remove_image("x", no_prune=keep)
        assert len(client.images(all=True)) == left
        assert "busybox:latest" in names(client)


def test_by_its_id_an_image_goes_with_all_names_of_one_repository(client: Client) -> None:
    client.build(context("FROM busybox\nENV A=1\n"), tag="x:1")
    id = client.inspect_image("x:1").id
    client.tag("x:1", "x", tag="2")
    assert removed(client, id) == ["-x:1", "-x:2", f"!{id}"]


def test_by_its_id_an_image_with_names_in_several_repositories_does_not_go(
    client: Client,
) -> None:
    client.build(context("FROM busybox\nENV A=1\n"), tag="x")
    id = client.inspect_image("x").id
    client.tag("x", "y")
    with pytest.raises(Conflict) as caught:
        client.remove_image(id)
    assert caught.value.message == (
        f"conflict: unable to delete {id[7:19]} (must be forced) - image is referenced in "
        "multiple repositories"
    )
    assert removed(client, id, force=True) == ["-x:latest", "-y:latest", f"!{id}"]


def test_an_image_in_use(client: Client) -> None:
    created = client.create_container("busybox", ["sleep", "100"])
    id = client.inspect_image("busybox").id
    short, container = id[7:19], created.id[:12]
    words = []
    for running in (False, True):
        if running:
            client.start(created.id)
        for ask in (("busybox", False), (id, False)):
            with pytest.raises(Conflict) as caught:
                client.remove_image(ask[0], force=ask[1])
            words.append(caught.value.message)
    by_name = (
        f'conflict: unable to remove repository reference "busybox" (must force) - container '
        f"{container} is using its referenced image {short}"
    )
    assert words == [
        by_name,
        f"conflict: unable to delete {short} (must be forced) - image is being used by stopped "
        f"container {container}",
        by_name,
        f"conflict: unable to delete {short} (cannot be forced) - image is being used by running "
        f"container {container}",
    ]
    assert removed(client, "busybox", force=True) == ["-busybox:latest"]
    with pytest.raises(Conflict, match="cannot be forced"):
        client.remove_image(id, force=True)
    client.remove_container(created.id, force=True)


def test_an_image_on_which_another_stands(client: Client) -> None:
    client.build(context("FROM busybox\nENV A=1\n"), tag="x")
    id = client.inspect_image("busybox").id
    with pytest.raises(Conflict) as caught:
        client.remove_image(id)
    assert caught.value.message == (
        f"conflict: unable to delete {id[7:19]} (cannot be forced) - "
        "image has dependent child images"
    )
    assert removed(client, "busybox") == ["-busybox:latest"]
    assert [image.repo_tags for image in client.images(all=True)] == [("x:latest",), ()]


def test_a_container_still_has_the_files_of_an_image_that_was_removed_by_force(
    client: Client,
) -> None:
    client.import_image(archive(file("only", "this")), repository="x")
    created = client.create_container("x", ["y"])
    client.remove_image("x", force=True)
    with client.export(created.id) as exported:
        assert contents(exported.read()) == {"only": b"this"}


@pytest.mark.parametrize("version", ["1.0", "1.2", "1.51"])
def test_a_removal_is_told_from_1_1_on(version: str) -> None:
    with FakeEngine(version) as engine, Client(engine.url) as client:
        client.tag("busybox", "x", tag="1")
        found = client.remove_image("x:1")
        assert [one.raw for one in found] == [{"Untagged": "x:1"}] * (version != "1.0")
