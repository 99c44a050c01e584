"""How an image is built: most of the query of `POST /build`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, cast

import attrs

from ...errors import shown
from ...protocol.reference import image_name
from ..base import model, to_json, wire
from ..kinds import (
    CPU_SET,
    FLAG,
    HOSTS,
    ISOLATION,
    LABELS,
    LINES,
    PLATFORM,
    TEXT,
    WORDS,
    choice,
    line,
    listed,
    several,
    size,
    whole,
)
from ..settings import (
    Bytes,
    Kind,
    Labels,
    OpenSettings,
    Pairs,
    Setting,
    Settings,
    Texts,
    Word,
    setting,
)
from .host import Ulimit, Ulimits, check_memory, ulimit
from .secret import BuildSecret, agents_by_id, secrets_by_id


def _build_arguments(value: Any) -> dict[str, str | None]:
    if not isinstance(value, Mapping):
        raise TypeError(f"a mapping of arguments was expected, not {shown(value)}")
    made: dict[str, str | None] = {line(key): None for key in value}
    for key, item in value.items():
        if item is not None:
            made.update(_build_argument(key, item))
    return made


def _build_argument(key: str, value: Any) -> dict[str, str]:
    """One argument; errors never show it, as it may be a secret."""
    with contextlib.suppress(TypeError, ValueError):
        found: dict[str, str] = WORDS.check({key: value})
        return found
    raise TypeError(f"{key}: a text or a number was expected, not a {type(value).__name__} like it")


def _as_json(kind: Kind) -> Kind:
    """The same kind, written as the text of a JSON array."""
    return kind._replace(write=lambda value: json.dumps(to_json(value)))


_BUILDER = choice("classic", "buildkit")
_given = attrs.converters.optional
Secrets = Setting[Mapping[str, BuildSecret | bytes | Path] | None, dict[str, BuildSecret] | None]
Agents = Setting[Mapping[str, str | Path | None] | None, dict[str, Path | None] | None]

# Options that Engines silently ignore with BuildKit (20.10.24, 26.1.5 and 28.5.2, seen). When it
# squashes, 20.10.24 also merges the base image.
_NOT_OF_BUILDKIT = {
    "the containers of its steps have no limits": (
        "memory",
        "memory_swap",
        "cpu_shares",
        "cpu_period",
        "cpu_quota",
        "cpuset_cpus",
        "cpuset_mems",
    ),
    "the containers of its steps have a parent of their own": ("cgroup_parent",),
    "Engines give the names to the image as it was before": ("squash",),
}
_BUILDKIT_NETWORKS = ("default", "host", "none")


@model
class BuildOptions(OpenSettings):
    """How an image is built.

    Sizes are bytes, or text such as `"64m"`.

    Args:
        no_cache: run every step again; API 1.4 and later.
        pull: pull the base image even if it exists; API 1.16 and later.
        quiet: report nothing but the id; API 1.3 and later.
        rm: remove intermediate containers after a success; None is the Engine's default (yes, from
            API 1.12 on); API 1.5 and later.
        force_rm: remove intermediate containers after a failure as well; API 1.12 and later.
        build_args: maps names to values, None for no value; API 1.21 and later. The values, which
            may be secret, are in no repr.
        labels: the image's labels, as in `ContainerConfig`; API 1.23 and later.
        target: the stage to build; API 1.29 and later.
        platform: such as `linux/arm64`, or `linux` alone; API 1.32 and later.
        cache_from: images to use as cache; API 1.25 and later.
        squash: merge the new layers into one; experimental Engines and the classic builder only;
            API 1.25 and later.
        memory, memory_swap, cpu_shares, cpuset_cpus: limits of intermediate containers, as in
            `HostConfig`; API 1.18 and later.
        cpu_period, cpu_quota, cpuset_mems, cgroup_parent: the same; API 1.19 and later.
        ulimits: the same; API 1.20 and later.
        shm_size, isolation: for intermediate containers; API 1.22 and later.
        network_mode, security_opt: for intermediate containers; API 1.25 and later.
        extra_hosts: for intermediate containers; API 1.28 and later.
        builder: `classic`, the default under every version, or `buildkit`; API 1.38 and later, on
            Linux. Of the settings for intermediate containers BuildKit supports `network_mode`
            (`default`, `host` or `none`), `extra_hosts`, and from Engine 23.0 on `shm_size` and
            `ulimits`. It leaves no intermediate containers, so `rm=False` is refused.
        secrets: for BuildKit, maps ids to a `BuildSecret`, bytes, or the `Path` of a file. A step
            gets a secret by `RUN --mount=type=secret,id=...`; private git repositories use the ids
            `GIT_AUTH_TOKEN` and `GIT_AUTH_HEADER`. API 1.39 and later; `env=` of a mount from
            Engine 28 on. Secrets are read when BuildKit asks, and are in no repr, log or error. A
            changed secret does not invalidate a cached step.
        ssh: for BuildKit, maps ids to the path of an agent's socket, or None for that of
            SSH_AUTH_SOCK. `RUN --mount=type=ssh` without an id uses `default`, as do fetches of
            `git@...` and, from Engine 23.0 on, `ssh://...`. API 1.39 and later.
        extra: options unknown to this library, under their names in the query.
    """

    def __repr__(self) -> str:
        hidden = {name: None if v is None else "***" for name, v in (self.build_args or {}).items()}
        shown_self: Any = attrs.evolve(cast(Any, self), build_args=hidden) if hidden else self
        return Settings.brief(shown_self)

    _reserved: ClassVar[frozenset[str]] = frozenset(
        {"t", "remote", "dockerfile", "version", "session", "outputs"}
    )

    no_cache: bool | None = setting("nocache", FLAG)
    pull: bool | None = setting("pull", FLAG)
    quiet: bool | None = setting("q", FLAG)
    rm: bool | None = setting("rm", FLAG)
    force_rm: bool | None = setting("forcerm", FLAG)
    build_args: Setting[Mapping[str, Word | None] | None, dict[str, str | None] | None] = setting(
        "buildargs", Kind(dict, _build_arguments)
    )
    labels: Labels = setting("labels", LABELS)
    target: str | None = setting("target", TEXT)
    platform: str | None = setting("platform", PLATFORM)
    cache_from: Texts = setting("cachefrom", _as_json(listed(image_name)))
    squash: bool | None = setting("squash", FLAG)
    memory: Bytes = setting("memory", size())
    memory_swap: Bytes = setting("memswap", size(0, -1))
    cpu_shares: int | None = setting("cpushares", whole(0))
    cpu_period: int | None = setting("cpuperiod", whole(1000, 1_000_000, 0))
    cpu_quota: int | None = setting("cpuquota", whole(1000, None, 0, -1))
    cpuset_cpus: str | None = setting("cpusetcpus", CPU_SET)
    cpuset_mems: str | None = setting("cpusetmems", CPU_SET)
    cgroup_parent: str | None = setting("cgroupparent", TEXT)
    ulimits: Ulimits = setting("ulimits", _as_json(several(Ulimit, ulimit)))
    shm_size: Bytes = setting("shmsize", size(1))
    network_mode: str | None = setting("networkmode", TEXT)
    extra_hosts: Pairs = setting("extrahosts", HOSTS)
    security_opt: Texts = setting("securityopt", LINES)
    isolation: str | None = setting("isolation", ISOLATION)
    builder: str | None = wire(
        read=_BUILDER.read,
        default=None,
        converter=attrs.converters.optional(_BUILDER.check),
    )
    secrets: Secrets = wire(read=lambda _: None, default=None, converter=_given(secrets_by_id))
    ssh: Agents = wire(read=lambda _: None, default=None, converter=_given(agents_by_id))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        check_memory(self.memory, self.memory_swap)
        if self.builder == "buildkit":
            self._check_buildkit()
        if self.builder == "classic":
            self.check_session()

    def check_session(self) -> None:
        """ValueError for options that only BuildKit has, if it is not selected."""
        for name in ("secrets", "ssh"):
            if getattr(self, name) and self.builder != "buildkit":
                raise ValueError(f"{name}: only BuildKit takes them: builder='buildkit'")

    def _check_buildkit(self) -> None:
        for why, names in _NOT_OF_BUILDKIT.items():
            for name in names:
                if getattr(self, name) not in (None, False):
                    raise ValueError(f"{name}: not with BuildKit: {why}")
        for name in ("rm", "force_rm"):
            if getattr(self, name) is False:
                raise ValueError(f"{name}: not False with BuildKit, which leaves no containers")
        if self.network_mode not in (None, "", *_BUILDKIT_NETWORKS):
            raise ValueError(
                f"network_mode: one of {', '.join(map(repr, _BUILDKIT_NETWORKS))} was expected "
                f"with BuildKit, not {self.network_mode!r}"
            )

    def to_query(self) -> dict[str, Any]:
        """The query of `POST /build`: JSON arrays as text, mappings unchanged."""
        version = {"version": "2"} if self.builder == "buildkit" else {}
        return {**self.to_wire(), **version}
