"""Errors of the state; `routes.table` puts them in the words of the version."""

from __future__ import annotations


class StateError(Exception):
    """The state forbids a request; `args` has the details."""


class NoContainer(StateError):
    """There is no container of this name or id."""


class NoImage(StateError):
    """There is no image of this name; with what was to be done with it."""


class NoExec(StateError):
    """There is no exec instance of this id."""


class NoCommand(StateError):
    """A container would have nothing to run."""


class NameTaken(StateError):
    """A container has this name; with its id."""


class NoNetwork(StateError):
    """There is no network of this name or id."""


class NoVolume(StateError):
    """There is no volume of this name."""


class Several(StateError):
    """A name, or the beginning of an id, is that of several networks: how many, and which."""


class AddressTaken(StateError):
    """Another container of the network has this address."""


class PoolTaken(StateError):
    """Another network has these addresses."""
