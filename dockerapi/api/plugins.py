"""Plugins of the Engine (manual v1.55, "Plugin")."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from .. import models
from ..archive.source import Source, opened
from ..errors import (
    ApiError,
    PrivilegesNeeded,
    PullFailed,
    PushFailed,
    UnexpectedReply,
    named,
    refuses_privileges,
)
from ..late import load
from ..protocol.reference import PluginRef, plugin_name, plugin_reference
from ..registry.auth import Credentials, hinting
from .images import TAR, ImagesMixin, progress_of, reported
from .parameters import Filters, known_filters, whole

if TYPE_CHECKING:
    from ..models.images import Pushed
    from ..models.plugins import Plugin, PluginPrivilege
    from ..models.settings import Words
    from .images import OnProgress

    Grant = Callable[[list[PluginPrivilege]], bool]
    Privileges = Iterable[PluginPrivilege] | Grant
    Grants = Sequence[PluginPrivilege] | Grant

_JSON = {"Content-Type": "application/json"}  # for a body that is an array
_NAME = "Docker-Plugin-Name"


class PluginsMixin(ImagesMixin):
    """Plugins: list, install, upgrade, create, configure, enable, disable, push, remove."""

    def plugins(self, *, filters: Filters | None = None) -> list[Plugin]:
        """The installed plugins, enabled or not; API 1.25 and later.

        Args:
            filters: `enabled`, and `capability`, e.g. `volumedriver`; API 1.28 and later.

        Raises:
            ValueError: an unknown filter.
            BadRequest: `enabled` is neither true nor false; ServerError before 17.09.

        Source: manual v1.55, "List plugins".
        """
        query = {"filters": known_filters(filters, "capability", "enabled")}
        reply = self._transport.call("GET /plugins", query=query, extra_time=None)
        return models.base.rows(models.plugins.Plugin, reply.json())

    def inspect_plugin(self, plugin: PluginRef) -> Plugin:
        """All about a plugin; API 1.25 and later.

        Raises:
            PluginNotFound: there is no such plugin.

        Source: manual v1.55, "Inspect a plugin".
        """
        route = "GET /plugins/{name}/json"
        reply = self._transport.call(route, plugin_name(plugin), extra_time=None)
        return models.plugins.Plugin.parse(reply.json())

    def plugin_privileges(
        self, remote: str, *, auth: Credentials | None = None
    ) -> list[PluginPrivilege]:
        """The privileges that a plugin asks for, read from its registry; API 1.25 and later.

        From Engine 20.10 on the list is also empty if the registry lacks the plugin or cannot be
        reached; only installing it shows that. Blocks until the Engine is done, at most for
        `Timeouts(idle=)`.

        Args:
            remote: e.g. `vieux/sshfs:latest`; without a tag, `latest`.
            auth: credentials for the registry; None takes the stored ones, if any.

        Raises:
            PluginNotFound: the registry has an image of that name; up to 19.03, also if it has
                nothing.
            ServerError: the registry cannot be reached (up to 19.03).
            CredentialsError: stored credentials cannot be read.

        Source: manual v1.55, "Get plugin privileges".
        """
        route = "GET /plugins/privileges"
        full_name = plugin_reference("remote", remote).full_name
        headers = self._authorization(route, full_name, auth)
        with hinting(headers):
            reply = self._transport.call(
                route, query={"remote": remote}, headers=headers, extra_time=None
            )
        return models.base.rows(models.plugins.PluginPrivilege, reply.json())

    def install_plugin(
        self,
        remote: str,
        *,
        name: str | None = None,
        privileges: Privileges | None = None,
        auth: Credentials | None = None,
        progress: OnProgress | None = None,
    ) -> Plugin:
        """Pulls a plugin from its registry; the plugin is not enabled yet. API 1.25 and later.

        Blocks until the plugin is installed; each wait for the Engine is limited by
        `Timeouts(idle=)`.

        Args:
            remote: e.g. `vieux/sshfs:latest`; without a tag, `latest`.
            name: the plugin's name on this Engine; None is `remote`.
            privileges: exactly those that the plugin asks for; or a function that gets them and
                returns True to grant them, which is called if there are any. With None only a
                plugin that asks for no privileges is installed.
            auth: credentials for the registry; None takes the stored ones, if any.
            progress: called with every `Progress` that the Engine reports. An exception in it
                closes the connection, which cancels the pull.

        Raises:
            PrivilegesNeeded: it asks for other privileges, which the error lists; nothing was
                installed.
            PluginNotFound: the registry has no such plugin; ServerError from 20.10 and 26.1 if the
                registry has no TLS.
            Conflict: the name is taken.
            Unauthorized: the registry requires credentials, or refuses those sent.
            PullFailed: the Engine reported an error during the pull.
            CredentialsError: stored credentials cannot be read.
            ServerError: the registry cannot be reached.

        Source: manual v1.55, "Install a plugin".
        """
        route = "POST /plugins/pull"
        plugin_reference("remote", remote)
        if name is not None:
            plugin_reference("name", name)
        grants = _checked(privileges)
        self._transport.require(route)
        query = {"remote": remote, "name": name}
        return self._pull_plugin(route, None, query, grants, auth, progress)

    def upgrade_plugin(
        self,
        plugin: PluginRef,
        *,
        remote: str | None = None,
        privileges: Privileges | None = None,
        auth: Credentials | None = None,
        progress: OnProgress | None = None,
    ) -> Plugin:
        """Replaces a plugin by another version, and keeps its settings; API 1.26 and later.

        The plugin must be disabled, and stays disabled. Blocks until the new version is installed;
        each wait for the Engine is limited by `Timeouts(idle=)`.

        Args:
            remote: where the new version is; None is the name that the plugin was pulled by.
            privileges, auth, progress: as in `install_plugin`; the new version may ask for more.

        Raises:
            PluginNotFound: there is no such plugin, here or in the registry.
            Conflict: it is enabled.
            PrivilegesNeeded: it asks for other privileges, which the error lists; the plugin is
                unchanged.
            Unauthorized: the registry requires credentials, or refuses those sent.
            PullFailed: the Engine reported an error during the pull.
            CredentialsError: stored credentials cannot be read.
            ServerError: the registry cannot be reached.

        Source: manual v1.55, "Upgrade a plugin".
        """
        route = "POST /plugins/{name}/upgrade"
        if remote is not None:
            plugin_reference("remote", remote)
        grants = _checked(privileges)
        self._transport.require(route)
        found = self.inspect_plugin(plugin)  # unlike other routes, an upgrade takes no id
        query = {"remote": remote or found.reference or found.name}
        return self._pull_plugin(route, found.name, query, grants, auth, progress)

    def _pull_plugin(
        self,
        route: str,
        subject: str | None,
        query: Mapping[str, str | None],
        grants: Grants,
        auth: Credentials | None,
        progress: OnProgress | None,
    ) -> Plugin:
        remote = query["remote"] or ""
        if callable(grants):
            asked = self.plugin_privileges(remote, auth=auth)
            if asked and grants(asked) is not True:
                raise _privileges_needed(route, remote, asked)
            grants = asked
        data = json.dumps([one.to_wire() for one in grants]).encode()
        headers = self._authorization(route, plugin_reference("remote", remote).full_name, auth)
        with hinting(headers):
            body = self._transport.stream(
                route, subject, query=query, data=data, headers={**_JSON, **headers}
            )
        try:
            with progress_of(body, PullFailed, route, headers) as stream:
                for _ in reported(stream, progress):
                    pass
        except PullFailed as error:
            if not refuses_privileges(error):
                raise
            asked = []
            with contextlib.suppress(ApiError):
                asked = self.plugin_privileges(remote, auth=auth)
            raise _privileges_needed(route, remote, asked) from error
        name = subject or body.headers.get(_NAME)
        if not name:
            raise UnexpectedReply(f"{route}: there is no {_NAME} in the answer")
        return self.inspect_plugin(name)

    def create_plugin(self, name: str, source: Source) -> None:
        """Creates a plugin, which is not enabled yet. API 1.25 and later.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            name: its name, under which it is also pushed.
            source: a directory with `config.json` and `rootfs`, which is sent while it is read,
                with its owners; or a tar archive of the same: the path of a file, bytes, a file
                object, an iterable of bytes.

        Raises:
            Conflict: the name is taken, or another plugin has exactly this file system.
            BadRequest: `config.json` is missing or cannot be read.
            OSError: the source cannot be read, or its size changed while it was sent.

        Source: manual v1.55, "Create a plugin".
        """
        plugin_reference("name", name)
        with opened("source", _archived(source)) as content:
            self._transport.call(
                "POST /plugins/create",
                query={"name": name},
                data=content,
                headers=TAR,
                extra_time=None,
            )

    def push_plugin(
        self,
        plugin: PluginRef,
        *,
        auth: Credentials | None = None,
        progress: OnProgress | None = None,
    ) -> Pushed:
        """Pushes a plugin to the registry in its name; API 1.25 and later.

        Blocks until the registry has it; each wait for the Engine is limited by `Timeouts(idle=)`.

        Args:
            auth: credentials for the registry; None takes the stored ones, and without those the
                push is anonymous.
            progress: called with every `Progress` that the Engine reports. An exception in it
                closes the connection, which cancels the push.

        Raises:
            PluginNotFound: there is no such plugin.
            Unauthorized: the registry requires credentials, or refuses those sent.
            Forbidden: the registry accepts the credentials, and denies the push.
            PushFailed: the registry refused for another reason, or could not be reached.
            CredentialsError: stored credentials cannot be read.

        Source: manual v1.55, "Push a plugin".
        """
        route, name = "POST /plugins/{name}/push", plugin_name(plugin)
        self._transport.require(route)
        # An id may look like a name on Docker Hub, and Docker Hub's credentials must not go
        # elsewhere.
        known = name if auth is not None else self.inspect_plugin(name).name
        headers = self._authorization(route, plugin_reference("plugin", known).full_name, auth)
        with hinting(headers):
            body = self._transport.stream(route, name, headers=headers)
        with progress_of(body, PushFailed, route, headers) as stream:
            return models.images.Pushed.from_progress(reported(stream, progress))

    def enable_plugin(self, plugin: PluginRef, *, timeout: int = 0) -> None:
        """Starts a plugin; API 1.25 and later.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            timeout: seconds for which the Engine waits for each answer of the plugin; 0 means 30.

        Raises:
            PluginNotFound: there is no such plugin.
            Conflict: it is enabled already.
            ServerError: it does not start, or does not listen on its socket.

        Source: manual v1.55, "Enable a plugin".
        """
        query = {"timeout": whole("timeout", timeout) or 0}  # always sent: no release has a default
        name = plugin_name(plugin)
        self._transport.call("POST /plugins/{name}/enable", name, query=query, extra_time=None)

    def disable_plugin(self, plugin: PluginRef, *, force: bool = False) -> None:
        """Stops a plugin; API 1.25 and later.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            force: disable it even if it is in use; API 1.28 and later.

        Raises:
            PluginNotFound: there is no such plugin.
            InUse: something uses it, e.g. a volume.
            Conflict: it is disabled already.

        Source: manual v1.55, "Disable a plugin".
        """
        query = {"force": force or None}
        name = plugin_name(plugin)
        self._transport.call("POST /plugins/{name}/disable", name, query=query, extra_time=None)

    def set_plugin(self, plugin: PluginRef, settings: Words) -> None:
        """Changes the settings of a disabled plugin; API 1.25 and later.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            settings: a mapping: an environment variable (`{"DEBUG": "1"}`), the source of a mount
                or the path of a device (`{"data.source": "/srv"}`), or `args`, as one text. The
                plugin defines which settings exist.

        Raises:
            PluginNotFound: there is no such plugin.
            Conflict: it is enabled.
            BadRequest: it has no such setting, or one that cannot be set.
            ValueError: a setting's name that is empty, or contains a blank or `=`.

        Source: manual v1.55, "Configure a plugin".
        """
        found = named("settings", models.kinds.WORDS.check, settings)
        for key in found:
            if "=" in key:
                raise ValueError(f"settings: the name of a setting was expected, not {key!r}")
        data = json.dumps([f"{key}={value}" for key, value in found.items()]).encode()
        self._transport.call(
            "POST /plugins/{name}/set",
            plugin_name(plugin),
            data=data,
            headers=_JSON,
            extra_time=None,
        )

    def remove_plugin(self, plugin: PluginRef, *, force: bool = False) -> None:
        """Removes a plugin; API 1.25 and later.

        Blocks until the Engine is done, at most for `Timeouts(idle=)`.

        Args:
            force: remove it even if it is enabled.

        Raises:
            PluginNotFound: there is no such plugin.
            InUse: something uses it, e.g. a volume.
            Conflict: it is enabled.

        Source: manual v1.55, "Remove a plugin".
        """
        query = {"force": force or None}
        self._transport.call(
            "DELETE /plugins/{name}", plugin_name(plugin), query=query, extra_time=None
        )


def _checked(privileges: Privileges | None) -> Grants:
    """The granted privileges, or the function that grants them."""
    if privileges is None:
        return lambda asked: False
    if callable(privileges):
        return privileges
    found: Grants = named("privileges", models.plugins.PRIVILEGES.check, privileges)
    return found


def _privileges_needed(
    route: str, remote: str, asked: Sequence[PluginPrivilege]
) -> PrivilegesNeeded:
    wanted = ", ".join(map(str, asked)) or "others than were given"
    words = f"{route}: {remote} needs privileges: {wanted}; nothing was installed"
    return PrivilegesNeeded(words, privileges=tuple(asked))


def _archived(source: Source) -> Source:
    """The source itself, or an archive of it if it is a directory."""
    if not isinstance(source, (str, os.PathLike)) or not os.path.isdir(source):
        return source
    load("dockerapi.archive.tar")  # few programs need it
    from ..archive import tar

    return tar.gathered(chain(tar.tree(os.fspath(source), "."), [tar.END]))
