"""The configuration of a container that does not depend on its host, and its networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ...errors import shown
from ...protocol.reference import ImageRef, image_name
from ..base import by_name, filled, model, strings
from ..kinds import (
    ADDRESS,
    ADDRESSES,
    COMMAND,
    ENTRY_POINT,
    ENVIRONMENT,
    FLAG,
    HOST_NAME,
    LABELS,
    LINES,
    LINKS,
    MAC_ADDRESS,
    NAMES,
    PATH,
    PATHS,
    PORTS,
    SECONDS,
    SIGNAL,
    USER,
    WORDS,
    command_line,
    instance_of,
    items,
    nested,
    network,
    or_none,
    whole,
)
from ..settings import (
    Command,
    Environment,
    Kind,
    Labels,
    OpenSettings,
    Pairs,
    Ports,
    Seconds,
    Setting,
    Settings,
    Table,
    Texts,
    setting,
)
from ..spec import Spec, spec


def _health_test(value: Any) -> tuple[str, ...]:
    found = (
        ("CMD-SHELL", value)
        if isinstance(value, str)
        else tuple(items(value, "a string or a list of words"))
    )
    if found and found[0] not in ("NONE", "CMD", "CMD-SHELL"):
        raise ValueError(f"'NONE', 'CMD' or 'CMD-SHELL' was expected first in {shown(value)}")
    return command_line(found)


@spec
class Healthcheck(Spec):
    """How the Engine finds out whether a container is healthy. API 1.24 and later.

    Args:
        test: `["CMD", program, ...]`, `["CMD-SHELL", line]`, `["NONE"]` for no check, `[]` for the
            image's; a string is a line for the shell.
        interval: seconds between two checks; 0 for the image's.
        timeout: seconds that a check may take; 0 for the image's.
        retries: failures in a row after which it is unhealthy; 0 for the image's.
        start_period: seconds after the start in which failures do not count; 0 for the image's; API
            1.29 and later.
        start_interval: seconds between two checks during `start_period`; 0 for the image's; API
            1.44 and later.
    """

    test: Command = setting("Test", Kind(strings, _health_test))
    interval: Seconds = setting("Interval", SECONDS)
    timeout: Seconds = setting("Timeout", SECONDS)
    retries: int | None = setting("Retries", whole(0))
    start_period: Seconds = setting("StartPeriod", SECONDS)
    start_interval: Seconds = setting("StartInterval", SECONDS)


def _image(value: Any) -> str:
    return "" if value == "" else image_name(value)


@model
class ContainerConfig(OpenSettings):
    """The configuration of a container, independent of its host; also that in an image.

    In an answer, `labels`, `env`, `command`, `exposed_ports` and `volumes` are empty if the Engine
    does not send them. A field with an API version is refused below that version.

    Args:
        extra: fields unknown to this library, under their wire names.
        image: its image; `create_container` and `run` take it as an argument, too.
        command: a list of words; a string is split as a shell would, unexpanded.
        entrypoint: words that precede the command, in the same forms; `""` removes the image's; API
            1.3 and later.
        shell: the shell of commands in the shell form, as a list of words; API 1.24 and later.
        env: a mapping, or a list of `NAME=value`; a name alone, or None as its value, removes a
            variable of the image.
        working_dir: an absolute path; API 1.4 and later.
        user: a name or number, with `:group` or without.
        hostname: its hostname; None is the beginning of its id.
        domain_name: its domain name; API 1.5 and later.
        mac_address: API 1.16 to 1.51; give it to the endpoint from 1.44 on.
        network_disabled: it gets no network; API 1.4 and later.
        attach_stdin, attach_stdout, attach_stderr: the streams that its creator wants to attach to;
            `attach` ignores them.
        tty: allocates a TTY; stdout and stderr are one stream then.
        open_stdin: keeps stdin open while no client is attached; `attach(stdin=True)` needs it.
        stdin_once: closes stdin when the first attached client ends its input or disconnects.
        exposed_ports: such as `[80, "53/udp"]`; API 1.6 and later.
        port_specs: up to API 1.14 and Engine 0.6.4, such as `["22"]`.
        volumes: paths in the container that get an anonymous volume.
        labels: a mapping, or a list of `name` and `name=value`; API 1.18 and later.
        healthcheck: a `Healthcheck`; API 1.24 and later.
        stop_signal: a name, a number or a `signal.Signals`; API 1.21 and later.
        stop_timeout: seconds between that signal and the kill; -1 waits for ever; API 1.25 and
            later.
        on_build: Dockerfile instructions for images that are built from this one; API 1.9 and
            later.
        args_escaped: the command is already escaped, on Windows; API 1.22 and later.
    """

    __repr__ = Settings.brief

    _empty: ClassVar[frozenset[str]] = frozenset(
        {"labels", "env", "command", "exposed_ports", "volumes"}
    )
    _reserved: ClassVar[frozenset[str]] = frozenset({"hostconfig", "networkingconfig"})

    image: Setting[ImageRef | None, str | None] = setting("Image", Kind(filled, _image))
    command: Command = setting("Cmd", COMMAND)
    entrypoint: Command = setting("Entrypoint", ENTRY_POINT)
    shell: Command = setting("Shell", Kind(or_none(strings), command_line))
    env: Setting[Environment | None, tuple[str, ...] | None] = setting("Env", ENVIRONMENT)
    working_dir: str | None = setting("WorkingDir", PATH)
    user: Setting[str | int | None, str | None] = setting("User", USER)
    hostname: str | None = setting("Hostname", HOST_NAME)
    domain_name: str | None = setting("Domainname", HOST_NAME)
    mac_address: str | None = setting("MacAddress", MAC_ADDRESS)
    network_disabled: bool | None = setting("NetworkDisabled", FLAG)
    attach_stdin: bool | None = setting("AttachStdin", FLAG)
    attach_stdout: bool | None = setting("AttachStdout", FLAG)
    attach_stderr: bool | None = setting("AttachStderr", FLAG)
    tty: bool | None = setting("Tty", FLAG)
    open_stdin: bool | None = setting("OpenStdin", FLAG)
    stdin_once: bool | None = setting("StdinOnce", FLAG)
    exposed_ports: Ports = setting("ExposedPorts", PORTS)
    port_specs: Texts = setting("PortSpecs", NAMES)
    volumes: Texts = setting("Volumes", PATHS)
    labels: Labels = setting("Labels", LABELS)
    healthcheck: Healthcheck | None = setting("Healthcheck", nested(Healthcheck))
    stop_signal: Setting[str | int | None, str | None] = setting("StopSignal", SIGNAL)
    stop_timeout: int | None = setting("StopTimeout", whole(-1))
    on_build: Texts = setting("OnBuild", LINES)
    args_escaped: bool | None = setting("ArgsEscaped", FLAG)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.stdin_once and not self.open_stdin:
            raise ValueError("stdin_once: needs open_stdin=True, without which there is no input")


@model
class EndpointSettings(Settings):
    """How a container is connected to a network. API 1.22 and later.

    Args:
        ipv4_address: a fixed address; the network must have been created with a subnet.
        ipv6_address: the same for IPv6.
        link_local_ips: further addresses; API 1.24 and later.
        links: a list of `"container:alias"` or of such pairs, or a mapping; in this network only.
        aliases: further names of the container in this network.
        mac_address: API 1.44 and later; in `connect_network` 1.54 and later.
        driver_options: maps options of the network's driver to values; API 1.32 and later; in
            `connect_network` 1.30 and later.
        gateway_priority: the network with the highest priority has the default gateway; API 1.48
            and later.
    """

    ipv4_address: str | None = setting("IPAMConfig.IPv4Address", ADDRESS)
    ipv6_address: str | None = setting("IPAMConfig.IPv6Address", ADDRESS)
    link_local_ips: Texts = setting("IPAMConfig.LinkLocalIPs", ADDRESSES)
    links: Pairs = setting("Links", LINKS)
    aliases: Texts = setting("Aliases", NAMES)
    mac_address: str | None = setting("MacAddress", MAC_ADDRESS)
    driver_options: Table = setting("DriverOpts", WORDS)
    gateway_priority: int | None = setting("GwPriority", whole())


def _endpoints(value: Any) -> dict[str, EndpointSettings]:
    if not isinstance(value, Mapping):
        raise TypeError(f"a mapping of networks was expected, not {shown(value)}")
    of_one = instance_of(EndpointSettings)
    return {
        network(name): EndpointSettings() if place is None else of_one(place)
        for name, place in value.items()
    }


@model
class NetworkingConfig(OpenSettings):
    """The networks that a container joins. API 1.22 and later.

    Args:
        extra: fields unknown to this library, under their wire names.
        endpoints: maps networks, by name, id or a value with an id, to `EndpointSettings`, or to
            None for no settings: `{"backend": None}`. Below API 1.44 only one network; `run` and
            `run_detached` connect the container to the others before it starts.
    """

    endpoints: Setting[
        Mapping[Any, EndpointSettings | None] | None, dict[str, EndpointSettings] | None
    ] = setting("EndpointsConfig", Kind(by_name(EndpointSettings), _endpoints))
