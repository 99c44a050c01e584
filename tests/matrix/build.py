"""Build: a form at 1.1 and 1.2, an archive from 1.3 on, and options that came one by one."""

from __future__ import annotations

import io
from typing import Any

from dockerapi import BuildOptions, Credentials
from matrix.form import (
    Asked,
    Case,
    OfRelease,
    Refused,
    asked,
    before,
    later_release,
    needs,
    since,
    uploads,
)

BUILD = "POST /build"
NO_BUILD = needs(BUILD, "1.1")
NO_ARCHIVE = Refused(
    "POST /build with an archive needs API 1.3; below, give a directory or the text of a Dockerfile"
)

CONTEXT = {"Dockerfile": b"FROM img\n"}
FORM = {**CONTEXT, "Context": CONTEXT}

AUTH = {
    "x.org": Credentials(username="u", password="p>>>p???~~"),
}
SENT = {"username": "u", "password": "p>>>p???~~"}
TWO = {**AUTH, "y.org": Credentials(username="v", password="q")}
BOTH = {"x.org": SENT, "y.org": {"username": "v", "password": "q"}}


NO_BUILDKIT = needs(f"{BUILD} ?version", "1.38", "it has the classic builder only")
SESSION = asked("POST /session", Upgrade="h2c")
NO_SESSION = needs("POST /session", "1.39", "secrets, ssh and files that come out need one")
WITH_SECRET = BuildOptions(builder="buildkit", secrets={"a": b"x"})
SECRET_AS_VARIABLE = "FROM img\nRUN --mount=type=secret,id=a,env=A true\n"
FILES = 'version=2&outputs=[{"Type": "tar", "Attrs": {}}]'


def _archive(**headers: Any) -> Asked:
    return uploads(BUILD, **headers)


def _with(query: str, version: str, **options: Any) -> Case:
    """An option that came with a version."""
    name, _, _ = query.partition("=")
    first = "1.1 to " + before(version).removeprefix("1.0 to ")
    return Case(
        "build",
        next(iter(options)),
        lambda client: client.build([b"tar"], options=BuildOptions(**options)),
        {
            "1.0": NO_BUILD,
            first: needs(f"{BUILD} ?{name}", version),
            since(version): uploads(f"{BUILD}?{query}"),
        },
    )


CASES = [
    Case(
        "build",
        "plain",
        lambda client: client.build(None, dockerfile=io.StringIO("FROM img\n")),
        {
            "1.0": NO_BUILD,
            "1.1 to 1.2": asked(BUILD, FORM, Content_Type="multipart/form-data"),
            since("1.3"): uploads(BUILD, CONTEXT),
        },
    ),
    Case(
        "stream_build",
        "plain",
        lambda client: client.stream_build(None, dockerfile=io.StringIO("FROM img\n")),
        {
            "1.0": NO_BUILD,
            "1.1 to 1.2": asked(BUILD, FORM, Content_Type="multipart/form-data"),
            since("1.3"): uploads(BUILD, CONTEXT),
        },
    ),
    Case(
        "build",
        "archive",
        lambda client: client.build([b"tar"]),
        {"1.0": NO_BUILD, "1.1 to 1.2": NO_ARCHIVE, since("1.3"): _archive()},
    ),
    Case(
        "build",
        "tag",
        lambda client: client.build(None, tag="x.org/a:v1", dockerfile=io.StringIO("FROM img\n")),
        {
            "1.0": NO_BUILD,
            "1.1 to 1.2": asked(f"{BUILD}?t=x.org/a:v1", FORM, Content_Type="multipart/form-data"),
            since("1.3"): uploads(f"{BUILD}?t=x.org/a:v1", CONTEXT),
        },
    ),
    # Several from Docker 1.10.0 on.
    Case(
        "build",
        "tags",
        lambda client: client.build([b"tar"], tag=["a:1", "b:2"]),
        {
            "1.0": NO_BUILD,
            "1.1 to 1.21": later_release(f"{BUILD} ?t with more than one value", "1.10.0"),
            since("1.22"): uploads(f"{BUILD}?t=a:1&t=b:2"),
        },
    ),
    # In the manual of 1.2, in Docker from 0.4.5 on.
    Case(
        "build",
        "remote",
        lambda client: client.build("https://x.org/a.git"),
        {
            "1.0": NO_BUILD,
            "1.1 to 1.2": needs(f"{BUILD} ?remote", "1.3"),
            since("1.3"): f"{BUILD}?remote=https://x.org/a.git",
        },
    ),
    Case(
        "build",
        "dockerfile",
        lambda client: client.build([b"tar"], dockerfile="a/Dockerfile"),
        {
            "1.0": NO_BUILD,
            "1.1 to 1.16": needs(f"{BUILD} ?dockerfile", "1.17"),
            since("1.17"): uploads(f"{BUILD}?dockerfile=a/Dockerfile"),
        },
    ),
    _with("q=1", "1.3", quiet=True),
    _with("nocache=1", "1.4", no_cache=True),
    _with("rm=0", "1.5", rm=False),
    _with("forcerm=1", "1.12", force_rm=True),
    _with("pull=1", "1.16", pull=True),
    _with("memory=1048576", "1.18", memory="1m"),
    _with("cpushares=2", "1.18", cpu_shares=2),
    _with("cpusetcpus=0-3", "1.18", cpuset_cpus="0-3"),
    Case(
        "build",
        "memory_swap",
        lambda client: client.build([b"tar"], options=BuildOptions(memory="1m", memory_swap=-1)),
        {
            "1.0": NO_BUILD,
            "1.1 to 1.17": needs(f"{BUILD} ?memory", "1.18"),
            since("1.18"): uploads(f"{BUILD}?memory=1048576&memswap=-1"),
        },
    ),
    _with("cpuperiod=1000", "1.19", cpu_period=1000),
    _with("cpuquota=1000", "1.19", cpu_quota=1000),
    _with("cpusetmems=0", "1.19", cpuset_mems="0"),
    _with("cgroupparent=a", "1.19", cgroup_parent="a"),
    _with('ulimits=[{"Name": "nofile", "Soft": 1, "Hard": 2}]', "1.20", ulimits=["nofile=1:2"]),
    _with('buildargs={"A": "b", "C": null}', "1.21", build_args={"A": "b", "C": None}),
    _with("shmsize=1048576", "1.22", shm_size="1m"),
    _with("isolation=default", "1.22", isolation="default"),
    _with('labels={"a": "b"}', "1.23", labels={"a": "b"}),
    _with('cachefrom=["a:1"]', "1.25", cache_from=["a:1"]),
    _with("networkmode=host", "1.25", network_mode="host"),
    _with("squash=1", "1.25", squash=True),
    _with("securityopt=a", "1.25", security_opt=["a"]),
    _with("extrahosts=a:10.0.0.1", "1.28", extra_hosts={"a": "10.0.0.1"}),
    _with("target=a", "1.29", target="a"),
    _with("platform=linux/arm64", "1.32", platform="linux/arm64"),
    Case(
        "build",
        "builder",
        lambda client: client.build([b"tar"], options=BuildOptions(builder="buildkit")),
        {
            "1.0": NO_BUILD,
            "1.1 to 1.37": NO_BUILDKIT,
            "1.38": uploads(f"{BUILD}?version=2"),
            since("1.39"): [SESSION, uploads(f"{BUILD}?version=2")],
        },
    ),
    Case(
        "build",
        "secrets",
        lambda client: client.build([b"tar"], options=WITH_SECRET),
        {
            "1.0": NO_BUILD,
            "1.1 to 1.37": NO_BUILDKIT,
            "1.38": NO_SESSION,
            since("1.39"): [SESSION, uploads(f"{BUILD}?version=2")],
        },
    ),
    Case(
        "build_files",
        "plain",
        lambda client: client.build_files([b"tar"], io.BytesIO()),
        {
            "1.0": NO_BUILD,
            "1.1 to 1.39": needs(f"{BUILD} ?outputs", "1.40"),
            since("1.40"): [SESSION, uploads(f"{BUILD}?{FILES}")],
        },
    ),
    # One registry at 1.8, all from 1.9 on, in the shape of the release (differences, 5.12).
    Case(
        "build",
        "auth",
        lambda client: client.build([b"tar"], auth=AUTH),
        {
            "1.0": NO_BUILD,
            "1.1 to 1.7": needs(f"{BUILD} X-Registry-Config", "1.8"),
            "1.8": _archive(X_Registry_Auth={"serveraddress": "x.org", **SENT}),
            "1.9 to 1.18": _archive(
                X_Registry_Config={"configs": {"x.org": SENT}, "auths": {"x.org": SENT}}
            ),
            since("1.19"): _archive(X_Registry_Config={"x.org": SENT}),
        },
    ),
    Case(
        "build",
        "auths",
        lambda client: client.build([b"tar"], auth=TWO),
        {
            "1.0": NO_BUILD,
            "1.1 to 1.8": needs(
                f"{BUILD} X-Registry-Config with credentials for more than one registry", "1.9"
            ),
            "1.9 to 1.18": _archive(X_Registry_Config={"configs": BOTH, "auths": BOTH}),
            since("1.19"): _archive(X_Registry_Config=BOTH),
        },
    ),
]

OF_RELEASES = [
    OfRelease(
        "build",
        "0.7.1",
        "1.8",
        lambda client: client.build([b"tar"], auth=AUTH),
        later_release(f"{BUILD} X-Registry-Config", "0.7.2"),
    ),
    OfRelease(
        "build",
        "20.10.24",
        "1.41",
        lambda client: client.build(
            [b"tar"], options=BuildOptions(builder="buildkit", ulimits=["nofile=1"])
        ),
        later_release(f"{BUILD} with ?ulimits for BuildKit", "23.0.0"),
    ),
    OfRelease(
        "build",
        "20.10.24",
        "1.41",
        lambda client: client.build(
            "ssh://git@example.org/a", options=BuildOptions(builder="buildkit")
        ),
        later_release(f"{BUILD} with ?remote=ssh://... for BuildKit", "23.0.0"),
    ),
    OfRelease(
        "build",
        "26.1.5",
        "1.39 to 1.45",
        lambda client: client.build(
            None, dockerfile=io.StringIO(SECRET_AS_VARIABLE), options=WITH_SECRET
        ),
        later_release(f"{BUILD} with RUN --mount=type=secret,env=", "28.0.0"),
    ),
    OfRelease(
        "build",
        "1.7.0",
        "1.9 to 1.19",
        lambda client: client.build([b"tar"], auth=AUTH),
        _archive(X_Registry_Config={"configs": {"x.org": SENT}, "auths": {"x.org": SENT}}),
    ),
    OfRelease(
        "build",
        "20.10.24",
        "1.12 to 1.41",
        lambda client: client.build([b"tar"], auth=AUTH),
        _archive(X_Registry_Config={"x.org": SENT}),
    ),
    OfRelease(
        "build",
        "20.10.24",
        "1.12 to 1.41",
        lambda client: client.build([b"tar"], tag=["a:1", "b:2"]),
        uploads(f"{BUILD}?t=a:1&t=b:2"),
    ),
]
