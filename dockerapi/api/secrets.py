"""Secrets and configs of a swarm (manual v1.55, "Secret" and "Config")."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import models
from ..errors import named
from ..protocol.reference import ConfigRef, SecretRef, config_id, secret_id
from .changes import changed, check_read
from .operations import Operations
from .parameters import Filters, known_filters

if TYPE_CHECKING:
    from ..models.secrets import Config, ConfigSpec, Secret, SecretSpec
    from ..models.settings import Words
    from ..models.swarm import Driver

CREATE_SECRET = "POST /secrets/create"
CREATE_CONFIG = "POST /configs/create"
# In bytes (code vendor/swarmkit; both limits tried on 19.03, 20.10 and 26.1). Up to 19.03 configs
# have the limit of secrets, and those Engines refuse larger ones themselves.
LARGEST_SECRET = 511_999
LARGEST_CONFIG = 1_023_999


class SecretsMixin(Operations):
    """Secrets and configs: data that a swarm gives to its tasks as files."""

    def secrets(self, *, filters: Filters | None = None) -> list[Secret]:
        """The secrets of the swarm, without their content; API 1.25 and later.

        Args:
            filters: `id` and `name` match the beginning, `names` a whole name; `label` is a key or
                `key=value`.

        Raises:
            NotAManager: the Engine is not a swarm manager.
            ValueError: an unknown filter.

        Source: manual v1.55, "List secrets".
        """
        query = {"filters": known_filters(filters, "id", "label", "name", "names")}
        reply = self._transport.call("GET /secrets", query=query)
        return models.base.rows(models.secrets.Secret, reply.json())

    def inspect_secret(self, secret: SecretRef) -> Secret:
        """All about a secret except its content, which no Engine returns; API 1.25 and later.

        Args:
            secret: its name, its id or, from Engine 17.04 on, the beginning of its id.

        Raises:
            NotFound: there is no such secret.
            BadRequest: several ids begin like this.
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Inspect a secret".
        """
        reply = self._transport.call("GET /secrets/{id}", self._id_of_secret(secret))
        return models.secrets.Secret.parse(reply.json())

    def create_secret(
        self,
        name: str,
        data: bytes | None = None,
        *,
        labels: Words | None = None,
        driver: Driver | None = None,
        templating: Driver | None = None,
    ) -> str:
        """Stores a secret in the swarm: its id. API 1.25 and later.

        `SecretReference.to(client.inspect_secret(id))` gives it to a service. Its content cannot be
        read back or changed: create a new secret instead. For a `driver` that does not exist the
        call blocks 15 seconds, at most for `Timeouts(idle=)`.

        Args:
            name: up to 64 letters, digits and, but not at the ends, `-`, `_` and `.`.
            data: 1 to 511,999 bytes; None with a `driver`, and only then. No log, repr or error of
                this library shows them.
            labels: a mapping, or a list of `name` and `name=value`.
            driver: the plugin that provides the content instead of the swarm; API 1.31 and later.
            templating: the template engine for the content, `Driver(name="golang")`; API 1.37 and
                later. Engines check its name only when a task gets the secret.

        Raises:
            Conflict: the name is taken.
            BadRequest: the Engine refuses a value.
            PluginNotFound: there is no such driver.
            NotAManager: the Engine is not a swarm manager.
            ValueError: an invalid name, too few or too many bytes, or a driver together with bytes.

        Source: manual v1.55, "Create a secret".
        """
        spec = models.secrets.SecretSpec(
            name=name, labels=labels, driver=driver, templating=templating
        )
        if driver is None:
            content = _checked(data, LARGEST_SECRET)
        elif data is None:
            content = {}
        else:
            raise ValueError("data: a secret with a driver has none")
        body = {**spec.to_wire(), **content}
        reply = self._transport.call(CREATE_SECRET, body=body, extra_time=None)
        return models.base.made_id(reply.json(), CREATE_SECRET, "ID")

    def update_secret(self, secret: Secret, spec: SecretSpec) -> None:
        """Changes a secret's labels, the only part that can be changed. API 1.25 and later.

        Args:
            secret: the value as read; the update is sent with its version.
            spec: `attrs.evolve(secret.spec, labels={...})`.

        Raises:
            OutOfSequence: it has changed since it was read.
            NotFound: there is no such secret.
            NotAManager: the Engine is not a swarm manager.
            ValueError: the spec differs in more than labels.
            TypeError: an id instead of the value.

        Source: manual v1.55, "Update a Secret".
        """
        cls = models.secrets.Secret
        _check_update("secret", cls, secret, models.secrets.SecretSpec, spec)
        self._transport.call(
            "POST /secrets/{id}/update",
            secret.id,
            query={"version": secret.version},
            body=spec.to_wire(),
        )

    def change_secret(
        self, secret: SecretRef, change: Callable[[SecretSpec], SecretSpec], *, tries: int = 10
    ) -> Secret:
        """Reads a secret, changes its labels and writes them: the secret after that.

        If it was changed by others in between, it is read and changed again. If `change` returns an
        equal spec, nothing is written. API 1.25 and later.

        Args:
            secret: its name or its id.
            change: gets the spec and returns the new one, e.g. `lambda spec: attrs.evolve(spec,
                labels={})`; it may be called several times.
            tries: the number of attempts.

        Raises:
            OutOfSequence: it was changed by others before each attempt could be written.
            NotFound: there is no such secret.
            NotAManager: the Engine is not a swarm manager.
            ValueError, TypeError: `change` returned something else, or a spec that differs in more
                than labels.

        Source: manual v1.55, "Update a Secret".
        """
        return changed(self.inspect_secret, secret, change, self._once().update_secret, tries)

    def remove_secret(self, secret: SecretRef) -> None:
        """Removes a secret; API 1.25 and later.

        Raises:
            InUse: a service uses it; `users` has the names of the services.
            NotFound: there is no such secret.
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Delete a secret".
        """
        self._transport.call("DELETE /secrets/{id}", self._id_of_secret(secret))

    def _id_of_secret(self, secret: SecretRef) -> str:
        """What the Engine finds it by: 1.13.0 to 17.03 only know ids."""
        found = secret_id(secret)
        if not isinstance(secret, str) or self._transport.negotiated.finds_secrets_by_name:
            return found
        ids = [one.id for one in self.secrets(filters={"names": found}) if one.spec.name == found]
        return ids[0] if ids else found

    def configs(self, *, filters: Filters | None = None) -> list[Config]:
        """The configs of the swarm, with their content; API 1.30 and later.

        Args:
            filters: `id` and `name` match the beginning; `label` is a key or `key=value`.

        Raises:
            NotAManager: the Engine is not a swarm manager.
            ValueError: an unknown filter.

        Source: manual v1.55, "List configs".
        """
        query = {"filters": known_filters(filters, "id", "label", "name")}
        reply = self._transport.call("GET /configs", query=query)
        return models.base.rows(models.secrets.Config, reply.json())

    def inspect_config(self, config: ConfigRef) -> Config:
        """All about a config, with its content; API 1.30 and later.

        Args:
            config: its name, its id, or the beginning of its id.

        Raises:
            NotFound: there is no such config.
            BadRequest: several ids begin like this.
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Inspect a config".
        """
        reply = self._transport.call("GET /configs/{id}", config_id(config))
        return models.secrets.Config.parse(reply.json())

    def create_config(
        self,
        name: str,
        data: bytes,
        *,
        labels: Words | None = None,
        templating: Driver | None = None,
    ) -> str:
        """Stores a file for services in the swarm: its id. API 1.30 and later.

        `ConfigReference.to(client.inspect_config(id))` gives it to a service. Its content cannot be
        changed: create a new config instead.

        Args:
            name: up to 64 letters, digits and, but not at the ends, `-`, `_` and `.`.
            data: 1 to 1,023,999 bytes; before Engine 20.10 511,999 at most.
            labels: a mapping, or a list of `name` and `name=value`.
            templating: the template engine for the content, `Driver(name="golang")`; API 1.37 and
                later.

        Raises:
            Conflict: the name is taken.
            BadRequest: the Engine refuses a value.
            NotAManager: the Engine is not a swarm manager.
            ValueError: an invalid name, too few or too many bytes.

        Source: manual v1.55, "Create a config".
        """
        spec = models.secrets.ConfigSpec(name=name, labels=labels, templating=templating)
        body = {**spec.to_wire(), **_checked(data, LARGEST_CONFIG)}
        reply = self._transport.call(CREATE_CONFIG, body=body)
        return models.base.made_id(reply.json(), CREATE_CONFIG, "ID")

    def update_config(self, config: Config, spec: ConfigSpec) -> None:
        """Changes a config's labels, the only part that can be changed. API 1.30 and later.

        Args:
            config: the value as read; the update is sent with its version.
            spec: `attrs.evolve(config.spec, labels={...})`.

        Raises:
            OutOfSequence: it has changed since it was read.
            NotFound: there is no such config.
            NotAManager: the Engine is not a swarm manager.
            ValueError: the spec differs in more than labels.
            TypeError: an id instead of the value.

        Source: manual v1.55, "Update a Config".
        """
        cls = models.secrets.Config
        _check_update("config", cls, config, models.secrets.ConfigSpec, spec)
        self._transport.call(
            "POST /configs/{id}/update",
            config.id,
            query={"version": config.version},
            body=spec.to_wire(),
        )

    def change_config(
        self, config: ConfigRef, change: Callable[[ConfigSpec], ConfigSpec], *, tries: int = 10
    ) -> Config:
        """Reads a config, changes its labels and writes them: the config after that.

        If it was changed by others in between, it is read and changed again. If `change` returns an
        equal spec, nothing is written. API 1.30 and later.

        Args:
            config: its name or its id.
            change: gets the spec and returns the new one, e.g. `lambda spec: attrs.evolve(spec,
                labels={})`; it may be called several times.
            tries: the number of attempts.

        Raises:
            OutOfSequence: it was changed by others before each attempt could be written.
            NotFound: there is no such config.
            NotAManager: the Engine is not a swarm manager.
            ValueError, TypeError: `change` returned something else, or a spec that differs in more
                than labels.

        Source: manual v1.55, "Update a Config".
        """
        return changed(self.inspect_config, config, change, self._once().update_config, tries)

    def remove_config(self, config: ConfigRef) -> None:
        """Removes a config; API 1.30 and later.

        Raises:
            InUse: a service uses it; `users` has the names of the services.
            NotFound: there is no such config.
            NotAManager: the Engine is not a swarm manager.

        Source: manual v1.55, "Delete a config".
        """
        self._transport.call("DELETE /configs/{id}", config_id(config))


def _checked(data: Any, most: int) -> dict[str, str]:
    """The content in base64, as Engines take it; errors never show it."""
    content = named("data", models.spec.BASE64.check, data)
    if not 1 <= len(content) <= most:
        raise ValueError(f"data: 1 to {most:,} bytes were expected, not {len(content):,}")
    return {"Data": base64.b64encode(content).decode()}


def _check_update(noun: str, cls: Any, value: Any, of_spec: Any, spec: Any) -> None:
    check_read(noun, cls, value)
    named("spec", models.kinds.instance_of(of_spec), spec)
    for name in ("name", "data", "driver", "templating"):
        if getattr(spec, name, None) != getattr(value.spec, name, None):
            raise ValueError(f"spec: {name}: only labels can be changed; make a new {noun}")
