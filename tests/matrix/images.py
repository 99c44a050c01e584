"""Images: list, pull, import, look at, push, tag, remove, search, save, load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockerapi import Client, Credentials
from matrix.form import (
    ALWAYS,
    Case,
    OfRelease,
    Outcome,
    asked,
    before,
    gone,
    later_release,
    needs,
    sends,
    since,
    uploads,
    within,
)

IMAGES = "GET /images/json"
PULL = "POST /images/create"
PUSH = "POST /images/{name}/push"
PUSHES = "POST /images/img/push"

# Its base64 has both characters in which the two alphabets differ.
TOKEN = Credentials(identity_token="t")
AUTH = Credentials(username="u", password="p>>>p???~~")
SENT = {"username": "u", "password": "p>>>p???~~"}
ELSEWHERE = Credentials(username="u", password="p", server_address="x.org")
SENT_ELSEWHERE = {"username": "u", "password": "p", "serveraddress": "x.org"}


def _listed_with(filter: str, value: str, version: str) -> Case:
    """A filter of the list, which has filters at all from 1.12 on."""
    return Case(
        "images",
        filter,
        lambda client: client.images(filters={filter: value}),
        {
            before(version): needs(f"{IMAGES} ?filters.{filter}", version),
            since(version): f'{IMAGES}?filters={{"{filter}": ["{value}"]}}',
        },
    )


ARM = '{"os": "linux", "architecture": "arm", "variant": "v7"}'
S390X = '{"os": "linux", "architecture": "s390x"}'


def _of_platform(
    method: str, call: Callable[[Client], Any], route: str, version: str, outcome: Outcome
) -> Case:
    """One platform, `linux/arm/v7`, which these routes take as JSON."""
    name, _, parameter = route.rpartition(" ?")
    first = {"GET /images/get": "1.15", "GET /images/{name}/get": "1.7", "POST /images/load": "1.7"}
    by_version: dict[str, Outcome] = {}
    if name in first:
        by_version[before(first[name])] = needs(name, first[name])
        last = within(before(version))[-1]
        by_version[f"{first[name]} to {last}"] = needs(f"{name} ?{parameter}", version)
    else:
        by_version[before(version)] = needs(f"{name} ?{parameter}", version)
    return Case(method, f"platform-{version}", call, {**by_version, since(version): outcome})


def _of_two(
    method: str, name: str, call: Callable[[Client], Any], route: str, outcome: Outcome, first: str
) -> Case:
    """Two platforms, which came later than one."""
    return Case(
        method,
        name,
        call,
        {
            before(first): needs(route, first),
            f"{first} to 1.47": needs(f"{route} ?platform", "1.48"),
            "1.48 to 1.51": needs(f"{route} ?platform with more than one value", "1.52"),
            since("1.52"): outcome,
        },
    )


def _imported(query: str, version: str = "1.0") -> dict[str, Outcome]:
    return {since(version): uploads(f"{PULL}?fromSrc=-{query}")}


CASES = [
    Case("images", "plain", lambda client: client.images(), {ALWAYS: IMAGES}),
    Case("images", "all", lambda client: client.images(all=True), {ALWAYS: f"{IMAGES}?all=1"}),
    # A parameter of its own in every Engine, but in no manual before 1.19; a filter from 1.25 on.
    Case(
        "images",
        "reference",
        lambda client: client.images(reference="deb*"),
        {
            before("1.25"): f"{IMAGES}?filter=deb*",
            since("1.25"): f'{IMAGES}?filters={{"reference": ["deb*"]}}',
        },
    ),
    Case(
        "images",
        "references",
        lambda client: client.images(filters={"reference": ["a", "b"]}),
        {
            before("1.25"): needs(f"{IMAGES} ?filters.reference with more than one value", "1.25"),
            since("1.25"): f'{IMAGES}?filters={{"reference": ["a", "b"]}}',
        },
    ),
    Case(
        "images",
        "digests",
        lambda client: client.images(digests=True),
        {
            before("1.18"): needs(f"{IMAGES} ?digests", "1.18"),
            since("1.18"): f"{IMAGES}?digests=1",
        },
    ),
    Case(
        "images",
        "dangling",
        lambda client: client.images(filters={"dangling": True}),
        {
            before("1.12"): needs(f"{IMAGES} ?filters", "1.12"),
            since("1.12"): f'{IMAGES}?filters={{"dangling": ["true"]}}',
        },
    ),
    _listed_with("label", "a=b", "1.18"),
    _listed_with("since", "img", "1.24"),
    _listed_with("before", "img", "1.24"),
    _listed_with("until", "24h", "1.44"),
    Case(
        "images",
        "shared_size",
        lambda client: client.images(shared_size=True),
        {
            before("1.42"): needs(f"{IMAGES} ?shared-size", "1.42"),
            since("1.42"): f"{IMAGES}?shared-size=1",
        },
    ),
    Case(
        "images",
        "manifests",
        lambda client: client.images(manifests=True),
        {
            before("1.47"): needs(f"{IMAGES} ?manifests", "1.47"),
            since("1.47"): f"{IMAGES}?manifests=1",
        },
    ),
    Case(
        "images",
        "identity",
        lambda client: client.images(manifests=True, identity=True),
        {
            before("1.54"): needs(f"{IMAGES} ?identity", "1.54"),
            since("1.54"): f"{IMAGES}?manifests=1&identity=1",
        },
    ),
    Case(
        "inspect_image",
        "manifests",
        lambda client: client.inspect_image("img", manifests=True),
        {
            before("1.48"): needs("GET /images/{name}/json ?manifests", "1.48"),
            since("1.48"): "GET /images/img/json?manifests=1",
        },
    ),
    _of_platform(
        "inspect_image",
        lambda client: client.inspect_image("img", platform="linux/arm/v7"),
        "GET /images/{name}/json ?platform",
        "1.49",
        f"GET /images/img/json?platform={ARM}",
    ),
    _of_platform(
        "history",
        lambda client: client.history("img", platform="linux/arm/v7"),
        "GET /images/{name}/history ?platform",
        "1.48",
        f"GET /images/img/history?platform={ARM}",
    ),
    _of_platform(
        "push",
        lambda client: client.push("img", platform="linux/arm/v7"),
        f"{PUSH} ?platform",
        "1.46",
        asked(f"{PUSHES}?tag=latest&platform={ARM}", X_Registry_Auth={}),
    ),
    # Where it is ignored, the whole image goes (26.1, under 1.50 as well).
    _of_platform(
        "remove_image",
        lambda client: client.remove_image("img", platforms=["linux/arm/v7"]),
        "DELETE /images/{name} ?platforms",
        "1.50",
        f"DELETE /images/img?platforms={ARM}",
    ),
    Case(
        "remove_image",
        "platforms",
        lambda client: client.remove_image("img", platforms=["linux/arm/v7", "linux/s390x"]),
        {
            before("1.50"): needs("DELETE /images/{name} ?platforms", "1.50"),
            since("1.50"): f"DELETE /images/img?platforms={ARM}&platforms={S390X}",
        },
    ),
    _of_platform(
        "get_image",
        lambda client: client.get_image("img", platforms=["linux/arm/v7"]),
        "GET /images/{name}/get ?platform",
        "1.48",
        f"GET /images/img/get?platform={ARM}",
    ),
    _of_two(
        "get_image",
        "platforms",
        lambda client: client.get_image("img", platforms=["linux/arm/v7", "linux/s390x"]),
        "GET /images/{name}/get",
        f"GET /images/img/get?platform={ARM}&platform={S390X}",
        "1.7",
    ),
    _of_two(
        "get_image",
        "platforms-of-several",
        lambda client: client.get_image("a:1", "b", platforms=["linux/arm/v7", "linux/s390x"]),
        "GET /images/get",
        f"GET /images/get?names=a:1&names=b&platform={ARM}&platform={S390X}",
        "1.15",
    ),
    _of_platform(
        "load_image",
        lambda client: client.load_image(b"tar", platforms=["linux/arm/v7"]),
        "POST /images/load ?platform",
        "1.48",
        uploads(f"POST /images/load?platform={ARM}"),
    ),
    _of_two(
        "load_image",
        "platforms",
        lambda client: client.load_image(b"tar", platforms=["linux/arm/v7", "linux/s390x"]),
        "POST /images/load",
        uploads(f"POST /images/load?platform={ARM}&platform={S390X}"),
        "1.7",
    ),
    Case(
        "image_attestations",
        "plain",
        lambda client: client.image_attestations("img"),
        {
            before("1.55"): needs("GET /images/{name}/attestations", "1.55"),
            since("1.55"): "GET /images/img/attestations",
        },
    ),
    Case(
        "image_attestations",
        "every-argument",
        lambda client: client.image_attestations(
            "img", platform="linux/arm/v7", types=["https://a", "https://b"], statement=True
        ),
        {
            before("1.55"): needs("GET /images/{name}/attestations", "1.55"),
            since("1.55"): (
                f"GET /images/img/attestations?platform={ARM}&type=https://a&type=https://b"
                "&statement=1"
            ),
        },
    ),
    # Drawn by the client from 1.7 on, as the Engine itself says of itself.
    Case(
        "viz",
        "plain",
        lambda client: client.viz(),
        {before("1.7"): "GET /images/viz", since("1.7"): f"{IMAGES}?all=1"},
    ),
    Case(
        "pull",
        "plain",
        lambda client: client.pull("x.org:5000/a/b"),
        {ALWAYS: f"{PULL}?fromImage=x.org:5000/a/b&tag=latest"},
    ),
    Case(
        "pull",
        "tag",
        lambda client: client.pull("img", tag="v1"),
        {ALWAYS: f"{PULL}?fromImage=img&tag=v1"},
    ),
    Case(
        "pull",
        "all_tags",
        lambda client: client.pull("img", all_tags=True),
        {ALWAYS: f"{PULL}?fromImage=img&tag="},
    ),
    Case(
        "pull",
        "platform",
        lambda client: client.pull("img", platform="linux/arm64"),
        {
            before("1.32"): needs(f"{PULL} ?platform", "1.32"),
            since("1.32"): f"{PULL}?fromImage=img&tag=latest&platform=linux/arm64",
        },
    ),
    Case(
        "pull",
        "auth",
        lambda client: client.pull("img", auth=AUTH),
        {
            before("1.5"): needs(f"{PULL} X-Registry-Auth", "1.5"),
            since("1.5"): asked(f"{PULL}?fromImage=img&tag=latest", X_Registry_Auth=SENT),
        },
    ),
    Case(
        "pull",
        "identity-token",
        lambda client: client.pull("img", auth=TOKEN),
        {
            before("1.23"): later_release(
                f"{PULL} X-Registry-Auth with an identity token", "1.11.0"
            ),
            since("1.23"): asked(
                f"{PULL}?fromImage=img&tag=latest", X_Registry_Auth={"identitytoken": "t"}
            ),
        },
    ),
    Case(
        "pull",
        "registry-token",
        lambda client: client.pull("img", auth=Credentials(registry_token="t")),
        {
            before("1.22"): later_release(
                f"{PULL} X-Registry-Auth with a registry token", "1.10.0"
            ),
            since("1.22"): asked(
                f"{PULL}?fromImage=img&tag=latest", X_Registry_Auth={"registrytoken": "t"}
            ),
        },
    ),
    Case(
        "stream_pull",
        "plain",
        lambda client: client.stream_pull("img:v1"),
        {ALWAYS: f"{PULL}?fromImage=img&tag=v1"},
    ),
    Case("import_image", "plain", lambda client: client.import_image(b"tar"), _imported("")),
    Case(
        "import_image",
        "name",
        lambda client: client.import_image(b"tar", repository="x.org/a", tag="v1"),
        _imported("&repo=x.org/a&tag=v1"),
    ),
    Case(
        "import_image",
        "url",
        lambda client: client.import_image("https://x.org/a.tar"),
        {ALWAYS: f"{PULL}?fromSrc=https://x.org/a.tar"},
    ),
    Case(
        "import_image",
        "message",
        lambda client: client.import_image(b"tar", message="why not"),
        {
            before("1.21"): needs(f"{PULL} ?message", "1.21"),
            **_imported("&message=why not", "1.21"),
        },
    ),
    # In no manual before 1.20; Docker 1.6.0 speaks 1.18 and reads it.
    Case(
        "import_image",
        "changes",
        lambda client: client.import_image(b"tar", changes=["USER a", "CMD b"]),
        {
            before("1.18"): needs(f"{PULL} ?changes", "1.18"),
            **_imported("&changes=USER a&changes=CMD b", "1.18"),
        },
    ),
    Case(
        "stream_import_image",
        "plain",
        lambda client: client.stream_import_image(b"tar"),
        _imported(""),
    ),
    Case(
        "insert",
        "plain",
        lambda client: client.insert("img", url="https://x.org/a", path="/a"),
        {
            "1.0 to 1.11": "POST /images/img/insert?url=https://x.org/a&path=/a",
            since("1.12"): gone(
                "POST /images/{name}/insert", "1.12", "build it with an ADD instruction"
            ),
        },
    ),
    Case(
        "inspect_image",
        "plain",
        lambda client: client.inspect_image("img"),
        {ALWAYS: "GET /images/img/json"},
    ),
    Case(
        "history",
        "plain",
        lambda client: client.history("img"),
        {ALWAYS: "GET /images/img/history"},
    ),
    # 0.5.1 to 0.6.1 want a body under every version, 0.6.2 to 1.7.1 a header or a body
    # (differences, 5.7); the tag is a choice from 1.10 (0.10.0) on.
    Case(
        "push",
        "plain",
        lambda client: client.push("img"),
        {
            before("1.5"): sends(PUSHES, {}),
            "1.5 to 1.9": asked(PUSHES, X_Registry_Auth={}),
            since("1.10"): asked(f"{PUSHES}?tag=latest", X_Registry_Auth={}),
        },
    ),
    Case(
        "push",
        "all_tags",
        lambda client: client.push("img", all_tags=True),
        {
            before("1.5"): sends(PUSHES, {}),
            "1.5 to 1.9": asked(PUSHES, X_Registry_Auth={}),
            since("1.10"): asked(f"{PUSHES}?tag=", X_Registry_Auth={}),
        },
    ),
    Case(
        "push",
        "tag",
        lambda client: client.push("img:v1"),
        {
            before("1.10"): needs(f"{PUSH} ?tag", "1.10"),
            since("1.10"): asked(f"{PUSHES}?tag=v1", X_Registry_Auth={}),
        },
    ),
    Case(
        "push",
        "auth",
        lambda client: client.push("img", auth=AUTH),
        {
            before("1.2"): needs(f"{PUSH} X-Registry-Auth", "1.2"),
            "1.2 to 1.4": sends(PUSHES, SENT),
            "1.5 to 1.9": asked(PUSHES, X_Registry_Auth=SENT),
            since("1.10"): asked(f"{PUSHES}?tag=latest", X_Registry_Auth=SENT),
        },
    ),
    Case(
        "push",
        "auth-elsewhere",
        lambda client: client.push("img", auth=ELSEWHERE),
        {
            before("1.4"): needs(f"{PUSH} serveraddress", "1.4"),
            "1.4": sends(PUSHES, SENT_ELSEWHERE),
            "1.5 to 1.9": asked(PUSHES, X_Registry_Auth=SENT_ELSEWHERE),
            since("1.10"): asked(f"{PUSHES}?tag=latest", X_Registry_Auth=SENT_ELSEWHERE),
        },
    ),
    Case(
        "stream_push",
        "plain",
        lambda client: client.stream_push("img"),
        {
            before("1.5"): sends(PUSHES, {}),
            "1.5 to 1.9": asked(PUSHES, X_Registry_Auth={}),
            since("1.10"): asked(f"{PUSHES}?tag=latest", X_Registry_Auth={}),
        },
    ),
    Case(
        "tag",
        "plain",
        lambda client: client.tag("img", "x.org:5000/a", tag="v1"),
        {ALWAYS: "POST /images/img/tag?repo=x.org:5000/a&tag=v1"},
    ),
    Case(
        "tag",
        "force",
        lambda client: client.tag("img", "a", force=True),
        {
            before("1.24"): "POST /images/img/tag?repo=a&force=1",
            since("1.24"): gone("POST /images/{name}/tag ?force", "1.24", "a tag always moves"),
        },
    ),
    Case(
        "remove_image",
        "plain",
        lambda client: client.remove_image("img"),
        {ALWAYS: "DELETE /images/img"},
    ),
    Case(
        "remove_image",
        "force",
        lambda client: client.remove_image("img", force=True),
        {
            before("1.10"): needs("DELETE /images/{name} ?force", "1.10"),
            since("1.10"): "DELETE /images/img?force=1",
        },
    ),
    Case(
        "remove_image",
        "no_prune",
        lambda client: client.remove_image("img", no_prune=True),
        {
            before("1.10"): needs("DELETE /images/{name} ?noprune", "1.10"),
            since("1.10"): "DELETE /images/img?noprune=1",
        },
    ),
    Case(
        "search",
        "plain",
        lambda client: client.search("ssh daemon"),
        {ALWAYS: "GET /images/search?term=ssh daemon"},
    ),
    Case(
        "search",
        "limit",
        lambda client: client.search("a", limit=5),
        {
            before("1.24"): needs("GET /images/search ?limit", "1.24"),
            since("1.24"): "GET /images/search?term=a&limit=5",
        },
    ),
    Case(
        "search",
        "filters",
        lambda client: client.search("a", filters={"is-official": True}),
        {
            before("1.24"): needs("GET /images/search ?filters", "1.24"),
            since("1.24"): 'GET /images/search?term=a&filters={"is-official": ["true"]}',
        },
    ),
    # In no manual; Docker 0.8.0 speaks 1.9 and reads it.
    Case(
        "search",
        "auth",
        lambda client: client.search("a", auth=AUTH),
        {
            before("1.9"): needs("GET /images/search X-Registry-Auth", "1.9"),
            since("1.9"): asked("GET /images/search?term=a", X_Registry_Auth=SENT),
        },
    ),
    Case(
        "inspect_distribution",
        "plain",
        lambda client: client.inspect_distribution("img"),
        {
            before("1.30"): needs("GET /distribution/{name}/json", "1.30"),
            since("1.30"): "GET /distribution/img/json",
        },
    ),
    Case(
        "inspect_distribution",
        "auth",
        lambda client: client.inspect_distribution("img", auth=AUTH),
        {
            before("1.30"): needs("GET /distribution/{name}/json", "1.30"),
            since("1.30"): asked("GET /distribution/img/json", X_Registry_Auth=SENT),
        },
    ),
    Case(
        "get_image",
        "plain",
        lambda client: client.get_image("img"),
        {
            before("1.7"): needs("GET /images/{name}/get", "1.7"),
            since("1.7"): "GET /images/img/get",
        },
    ),
    Case(
        "get_image",
        "several",
        lambda client: client.get_image("a:1", "b"),
        {
            before("1.15"): needs("GET /images/get", "1.15"),
            since("1.15"): "GET /images/get?names=a:1&names=b",
        },
    ),
    Case(
        "load_image",
        "plain",
        lambda client: client.load_image(b"tar"),
        {
            before("1.7"): needs("POST /images/load", "1.7"),
            since("1.7"): uploads("POST /images/load"),
        },
    ),
    Case(
        "stream_load_image",
        "plain",
        lambda client: client.stream_load_image(b"tar"),
        {
            before("1.7"): needs("POST /images/load", "1.7"),
            since("1.7"): uploads("POST /images/load"),
        },
    ),
]

OF_RELEASES = [
    OfRelease(
        "push",
        "0.9.1",
        "1.10",
        lambda client: client.push("img"),
        asked(PUSHES, X_Registry_Auth={}),
    ),
    OfRelease(
        "push",
        "0.9.1",
        "1.10",
        lambda client: client.push("img", tag="v1"),
        later_release(f"{PUSH} ?tag", "0.10.0"),
    ),
    OfRelease(
        "remove_image",
        "0.9.1",
        "1.10",
        lambda client: client.remove_image("img", no_prune=True),
        later_release("DELETE /images/{name} ?noprune", "0.10.0"),
    ),
    OfRelease(
        "remove_image",
        "0.9.1",
        "1.10",
        lambda client: client.remove_image("img", force=True),
        "DELETE /images/img?force=1",
    ),
    OfRelease(
        "images",
        "20.10.24",
        "1.12 to 1.24",
        lambda client: client.images(reference="a"),
        f"{IMAGES}?filter=a",
    ),
    OfRelease(
        "tag",
        "20.10.24",
        "1.12 to 1.23",
        lambda client: client.tag("img", "a", force=True),
        "POST /images/img/tag?repo=a&force=1",
    ),
]
