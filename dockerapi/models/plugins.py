"""Plugins of the Engine, and the privileges that they ask for."""

from __future__ import annotations

from .base import Model, filled, flag, integer, many, model, one, strings, text, wire
from .kinds import LINES, TEXT, several
from .settings import Settings, Texts, setting


@model
class PluginMount(Model):
    """A mount of a plugin.

    Attributes:
        name: for `set_plugin`: `NAME.source=/path`.
        description: for people.
        settable: the parts that `set_plugin` can change, such as `source`.
        source: the path on the Engine's host; None until it is set.
        destination: the path that the plugin sees.
        type: such as `bind`.
        options: the mount options, such as `rbind`.
    """

    name: str | None = wire("Name", read=filled)
    description: str | None = wire("Description", read=filled)
    settable: tuple[str, ...] = wire("Settable", read=strings, default=())
    source: str | None = wire("Source", read=filled)
    destination: str | None = wire("Destination", read=filled)
    type: str | None = wire("Type", read=filled)
    options: tuple[str, ...] = wire("Options", read=strings, default=())


@model
class PluginDevice(Model):
    """A device that a plugin gets.

    Attributes:
        name: for `set_plugin`: `NAME.path=/dev/x`.
        description: for people.
        settable: the parts that `set_plugin` can change: `path`, or none.
        path: the path on the Engine's host; None until it is set.
    """

    name: str | None = wire("Name", read=filled)
    description: str | None = wire("Description", read=filled)
    settable: tuple[str, ...] = wire("Settable", read=strings, default=())
    path: str | None = wire("Path", read=filled)


@model
class PluginVariable(Model):
    """A variable of a plugin's environment.

    Attributes:
        name: the variable's name.
        description: for people.
        settable: the parts that `set_plugin` can change: `value`, or none.
        value: the default; None without one.
    """

    name: str | None = wire("Name", read=filled)
    description: str | None = wire("Description", read=filled)
    settable: tuple[str, ...] = wire("Settable", read=strings, default=())
    value: str | None = wire("Value", read=text)


@model
class PluginArguments(Model):
    """The arguments of a plugin's command.

    Attributes:
        name: for `set_plugin`.
        description: for people.
        settable: the parts that `set_plugin` can change: `value`, or none.
        value: the default.
    """

    name: str | None = wire("Name", read=filled)
    description: str | None = wire("Description", read=filled)
    settable: tuple[str, ...] = wire("Settable", read=strings, default=())
    value: tuple[str, ...] = wire("Value", read=strings, default=())


@model
class PluginSettings(Model):
    """The present settings of a plugin: its defaults, and the changes of `set_plugin`.

    Attributes:
        mounts: with the sources that were set.
        env: its environment, `NAME=value`.
        args: the arguments of its command.
        devices: with the paths that were set.
    """

    mounts: tuple[PluginMount, ...] = wire("Mounts", read=many(PluginMount), default=())
    env: tuple[str, ...] = wire("Env", read=strings, default=())
    args: tuple[str, ...] = wire("Args", read=strings, default=())
    devices: tuple[PluginDevice, ...] = wire("Devices", read=many(PluginDevice), default=())


@model
class PluginConfig(Model):
    """The content of a plugin's `config.json`.

    Attributes:
        description: for people.
        documentation: the address of its documentation.
        docker_version: the release that packed it; API 1.29 to 1.51.
        interface_types: what it provides, e.g. `docker.volumedriver/1.0`.
        socket: the name of its socket, in its directory.
        protocol_scheme: its protocol, such as `moby.plugins.http/v1`; API 1.38 and later.
        entrypoint: the program that it runs, with the first arguments.
        working_dir: the working directory of the program.
        uid: the id of its user.
        gid: the id of its group.
        network: such as `host` or `none`.
        capabilities: such as `CAP_SYS_ADMIN`.
        allow_all_devices: whether it gets all devices of the host.
        devices: the devices of the host that it gets.
        propagated_mount: the directory whose mounts are visible on the host.
        ipc_host: whether it shares the host's IPC namespace; API 1.29 and later.
        pid_host: whether it shares the host's PID namespace; API 1.29 and later.
        mounts: paths of the host that it gets.
        env: the variables of its environment.
        args: the arguments of its command.
        layers: the digests of its root file system.
    """

    description: str | None = wire("Description", read=filled)
    documentation: str | None = wire("Documentation", read=filled)
    docker_version: str | None = wire("DockerVersion", read=filled)
    interface_types: tuple[str, ...] = wire("Interface.Types", read=strings, default=())
    socket: str | None = wire("Interface.Socket", read=filled)
    protocol_scheme: str | None = wire("Interface.ProtocolScheme", read=filled)
    entrypoint: tuple[str, ...] = wire("Entrypoint", read=strings, default=())
    working_dir: str | None = wire("WorkDir", read=filled)
    uid: int | None = wire("User.UID", read=integer)
    gid: int | None = wire("User.GID", read=integer)
    network: str | None = wire("Network.Type", read=filled)
    capabilities: tuple[str, ...] = wire("Linux.Capabilities", read=strings, default=())
    allow_all_devices: bool | None = wire("Linux.AllowAllDevices", read=flag)
    devices: tuple[PluginDevice, ...] = wire("Linux.Devices", read=many(PluginDevice), default=())
    propagated_mount: str | None = wire("PropagatedMount", read=filled)
    ipc_host: bool | None = wire("IpcHost", read=flag)
    pid_host: bool | None = wire("PidHost", read=flag)
    mounts: tuple[PluginMount, ...] = wire("Mounts", read=many(PluginMount), default=())
    env: tuple[PluginVariable, ...] = wire("Env", read=many(PluginVariable), default=())
    args: PluginArguments | None = wire("Args", read=one(PluginArguments))
    layers: tuple[str, ...] = wire("rootfs.diff_ids", read=strings, default=())


@model
class Plugin(Model):
    """A plugin of the Engine.

    Attributes:
        id: 64 digits.
        name: its name on this Engine, with the tag.
        enabled: whether it is enabled.
        reference: the name that it was pulled by; API 1.26 and later.
        settings: its present settings.
        config: its configuration.
    """

    id: str = wire("Id", read=text, required=True)
    name: str = wire("Name", read=text, required=True)
    enabled: bool | None = wire("Enabled", read=flag)
    reference: str | None = wire("PluginReference", read=filled)
    settings: PluginSettings | None = wire("Settings", read=one(PluginSettings))
    config: PluginConfig | None = wire("Config", read=one(PluginConfig))


@model
class PluginPrivilege(Settings):
    """A privilege of a plugin on the Engine's host.

    Args:
        name: such as `network`, `mount`, `device` or `capabilities`.
        description: an explanation; Engines do not compare it.
        values: such as `("host",)`.
    """

    name: str = wire("Name", read=text, required=True, converter=TEXT.check)
    description: str | None = setting("Description", TEXT)
    values: Texts = setting("Value", LINES)

    def __str__(self) -> str:
        return " ".join([self.name, *(self.values or ())])


PRIVILEGES = several(PluginPrivilege)
