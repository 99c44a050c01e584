"""Plugins of the Engine, and the privileges that they ask for."""

from __future__ import annotations

from .base import Model, filled, flag, integer, many, model, one, strings, text, wire
from .settings import LINES, TEXT, Settings, Texts, setting, several


@model
class PluginMount(Model):
    """What a plugin mounts; `settable` are the parts that can be set, such as `source`."""

    name: str | None = wire("Name", read=filled)
    description: str | None = wire("Description", read=filled)
    settable: tuple[str, ...] = wire("Settable", read=strings, default=())
    source: str | None = wire("Source", read=filled)
    destination: str | None = wire("Destination", read=filled)
    type: str | None = wire("Type", read=filled)
    options: tuple[str, ...] = wire("Options", read=strings, default=())


@model
class PluginDevice(Model):
    """A device that a plugin gets; `settable` may have `path` in it."""

    name: str | None = wire("Name", read=filled)
    description: str | None = wire("Description", read=filled)
    settable: tuple[str, ...] = wire("Settable", read=strings, default=())
    path: str | None = wire("Path", read=filled)


@model
class PluginVariable(Model):
    """A variable of a plugin's environment; it can be set if `settable` has `value` in it."""

    name: str | None = wire("Name", read=filled)
    description: str | None = wire("Description", read=filled)
    settable: tuple[str, ...] = wire("Settable", read=strings, default=())
    value: str | None = wire("Value", read=text)


@model
class PluginArguments(Model):
    """The arguments of a plugin's command; they can be set if `settable` has `value` in it."""

    name: str | None = wire("Name", read=filled)
    description: str | None = wire("Description", read=filled)
    settable: tuple[str, ...] = wire("Settable", read=strings, default=())
    value: tuple[str, ...] = wire("Value", read=strings, default=())


@model
class PluginSettings(Model):
    """What a plugin runs with: its own defaults, and what `set_plugin` has changed."""

    mounts: tuple[PluginMount, ...] = wire("Mounts", read=many(PluginMount), default=())
    env: tuple[str, ...] = wire("Env", read=strings, default=())
    args: tuple[str, ...] = wire("Args", read=strings, default=())
    devices: tuple[PluginDevice, ...] = wire("Devices", read=many(PluginDevice), default=())


@model
class PluginConfig(Model):
    """What a plugin is made of, as its `config.json` says.

    `interface_types` say what it is for, e.g. `docker.volumedriver/1.0`, and `socket` where it
    listens. `docker_version` is there from API 1.29 to 1.51, `ipc_host` and `pid_host` from 1.29,
    `protocol_scheme` from 1.38. `layers` are the digests of its file system.
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

    `name` is what the Engine calls it, and `reference` what it was pulled by (from API 1.26 on).
    """

    id: str = wire("Id", read=text, required=True)
    name: str = wire("Name", read=text, required=True)
    enabled: bool | None = wire("Enabled", read=flag)
    reference: str | None = wire("PluginReference", read=filled)
    settings: PluginSettings | None = wire("Settings", read=one(PluginSettings))
    config: PluginConfig | None = wire("Config", read=one(PluginConfig))


@model
class PluginPrivilege(Settings):
    """One thing that a plugin is allowed to do on the Engine's host.

    Args:
        name: such as `network`, `mount`, `device` or `capabilities`.
        description: what that means; Engines do not compare it.
        values: such as `("host",)`.
    """

    name: str = wire("Name", read=text, required=True, converter=TEXT.check)
    description: str | None = setting("Description", TEXT)
    values: Texts = setting("Value", LINES)

    def __str__(self) -> str:
        return " ".join([self.name, *(self.values or ())])


PRIVILEGES = several(PluginPrivilege)
