"""Names in requests: containers, exec instances, images, plugins, and header values.

Pure: text in, checked text out. A name that no Engine accepts, or that would change the meaning of
a URL or a header, is a ValueError before anything is sent. A name that only needs quoting is
accepted: the transport quotes.
"""

from __future__ import annotations

import re
from typing import Protocol

import attrs

from ..errors import shown


class HasId(Protocol):
    """Any model with an id: a container, an image, an exec instance."""

    @property
    def id(self) -> str: ...


class HasName(Protocol):
    """Any model with a name: a volume."""

    @property
    def name(self) -> str: ...


ContainerRef = str | HasId
ImageRef = str | HasId
NetworkRef = str | HasId
VolumeRef = str | HasName
PluginRef = str | HasId
ServiceRef = str | HasId
TaskRef = str | HasId
SecretRef = str | HasId
ConfigRef = str | HasId
NodeRef = str | HasId


def container_id(ref: ContainerRef) -> str:
    """The id or name of a container, for a path; one leading slash is stripped."""
    return _path_segment("container", ref)


def link_name(ref: ContainerRef) -> str:
    """The name of a link, `parent/alias`, for a path; one leading slash is stripped."""
    parent, slash, alias = _text("link", ref).removeprefix("/").partition("/")
    if not slash or alias.startswith("/"):
        raise ValueError(f"not the name of any link, such as parent/alias: {shown(ref)}")
    return f"{_path_segment('link', parent)}/{_path_segment('link', alias)}"


def exec_id(ref: str | HasId) -> str:
    """The id of an exec instance, for a path."""
    return _path_segment("exec instance", ref)


def service_id(ref: ServiceRef) -> str:
    """The id or name of a service, for a path."""
    return _path_segment("service", ref)


def task_id(ref: TaskRef) -> str:
    """The id or name of a task, for a path."""
    return _path_segment("task", ref)


def network_id(ref: NetworkRef) -> str:
    """The id or name of a network, for a path or a body."""
    return _path_segment("network", ref)


def network_name(name: str) -> str:
    """Checks a name for a network, for its creation and for filters."""
    if _typed("name", name).startswith(("/", "-")):
        raise ValueError(
            f"name: that of a network does not begin with '/' or '-', as {shown(name)} does"
        )
    return _path_segment("network", name)


def secret_id(ref: SecretRef) -> str:
    """The id or name of a secret, for a path."""
    return _path_segment("secret", ref)


def config_id(ref: ConfigRef) -> str:
    """The id or name of a config, for a path."""
    return _path_segment("config", ref)


def node_id(ref: NodeRef) -> str:
    """A swarm node's id or host name, for a path."""
    return _path_segment("node", ref)


def volume_name(ref: VolumeRef) -> str:
    """The name of a volume, or the id of a cluster volume, for a path."""
    name = _typed("volume", ref if isinstance(ref, str) else getattr(ref, "name", ref))
    if name.startswith("/"):
        raise ValueError(f"not the name of any volume: {shown(ref)}")
    return _path_segment("volume", name)


_OF_LOCAL_VOLUMES = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")


def new_volume_name(name: str | None, driver: str | None) -> str | None:
    """Checks a name for a new volume; only names of the Engine's own driver have rules."""
    if name is None:
        return None
    if driver in (None, "local") and not _OF_LOCAL_VOLUMES.fullmatch(_typed("name", name)):
        raise ValueError(
            "name: that of a volume has two or more letters, digits, '_', '.' and '-', and begins "
            f"with a letter or digit, not {shown(name)}"
        )
    return volume_name(name)


def _path_segment(noun: str, ref: object) -> str:
    name = _text(noun, ref)
    # Old Engines print names with a leading slash, the root of their graph of links.
    name = name[1:] if name.startswith("/") else name
    if not name.strip() or name in (".", "..") or re.search(r"[/?#\\]", name) or _control(name):
        raise ValueError(f"not the id or name of any {noun}: {shown(ref)}")
    return name


# The manual of 1.19 has /?[a-zA-Z0-9_-]+. 20.10 requires two characters or more, the first of them
# not one of "_.-"; old Engines accept a single one.
# Lone surrogates are excluded as well: they have no UTF-8.
_CONTROL = re.compile(r"[\0-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTAINER_NAME = re.compile(r"/?([a-zA-Z0-9][a-zA-Z0-9_.-]*)")


def container_name(name: str) -> str:
    """Checks a name for a new container; without a leading slash."""
    match = _CONTAINER_NAME.fullmatch(_typed("container", name))
    if match is None:
        raise ValueError(
            "the name of a container is made of letters, digits, '_', '.' and '-' and begins with "
            f"a letter or digit, not {shown(name)}"
        )
    return match[1]


_CHECKPOINT = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")


def checkpoint_name(name: str) -> str:
    """Checks a name for a checkpoint."""
    if not _CHECKPOINT.fullmatch(_typed("checkpoint", name)):
        raise ValueError(
            "the name of a checkpoint is made of two or more letters, digits, '_', '.' and '-' and "
            f"begins with a letter or digit, not {shown(name)}"
        )
    return name


# The grammar of github.com/distribution/reference, with full host names as well.
_HOST_PART = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = re.compile(rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_PATH_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PATH_PART}(?:/{_PATH_PART})*")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}")
_ALGORITHM = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*"
_DIGEST = re.compile(rf"{_ALGORITHM}:[0-9a-fA-F]{{32,}}")
_FULL_ID = re.compile(r"[a-f0-9]{64}")
_LONGEST_REPOSITORY = 255

_HUB = "docker.io"
DOCKER_HUB = "https://index.docker.io/v1/"
_HUB_NAMES = {"docker.io", "index.docker.io", "index.docker.io/v1"}


@attrs.frozen
class ImageReference:
    """The name of an image, in its parts as written.

    `domain` is the registry's host, and None for Docker Hub unless it was written. `tag` and
    `digest` are None if missing.
    """

    domain: str | None
    path: str
    tag: str | None = None
    digest: str | None = None

    @classmethod
    def parse(cls, text: str) -> ImageReference:
        """The parts of `text`, such as `host:5000/team/app:1.0`; ValueError if it is not a name."""
        rest, at, digest = _typed("image", text).partition("@")
        name, colon, tag = rest.rpartition(":")
        if not colon or "/" in tag:  # the colon belongs to a port
            name, colon, tag = rest, "", ""
        domain, path = _divided(name)
        if (
            not _PATH.fullmatch(path)
            or _FULL_ID.fullmatch(name)
            or (domain is not None and not _HOST.fullmatch(domain))
            or (colon and not _TAG.fullmatch(tag))
            or (at and not _DIGEST.fullmatch(digest))
        ):
            raise ValueError(f"not the name of any image: {shown(text)}")
        if len(name) > _LONGEST_REPOSITORY:
            raise ValueError(
                f"the name of an image has {_LONGEST_REPOSITORY} characters at most: {shown(text)}"
            )
        return cls(domain, path, tag or None, digest or None)

    @property
    def repository(self) -> str:
        """The name without tag and digest, as written."""
        return self.path if self.domain is None else f"{self.domain}/{self.path}"

    @property
    def full_name(self) -> str:
        """The repository with all parts: `docker.io/library/busybox`."""
        if self.domain not in (None, _HUB, "index.docker.io"):
            return self.repository
        return f"{_HUB}/{self.path if '/' in self.path else f'library/{self.path}'}"

    @property
    def familiar_name(self) -> str:
        """The repository in its shortest equivalent form: `busybox`."""
        name = self.full_name.removeprefix(f"{_HUB}/")
        if _divided(name)[0] is not None:  # its first part would be read as a registry
            return self.full_name
        official = name.startswith("library/") and name.count("/") == 1
        return name.removeprefix("library/") if official else name

    @property
    def registry_key(self) -> str:
        """The registry, as named by stored credentials and `X-Registry-Config`."""
        return registry_of(self.full_name)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"


def registry_key(address: str) -> str:
    """A registry as stored credentials name it: host and port, or a URL for Docker Hub.

    Scheme and path, which old files have, are removed.
    """
    name = re.sub(r"^https?://", "", _typed("registry", address)).rstrip("/")
    return DOCKER_HUB if name in _HUB_NAMES else name.partition("/")[0]


def credentials_key(address: str) -> str:
    """The key of stored credentials: a registry, or a path below one, `host/team`.

    A URL is a registry, as in `registry_key`: its path is that of the registry's API.
    """
    host = registry_key(address)
    name, _, path = address.rstrip("/").partition("/")
    if host == DOCKER_HUB or "://" in address or path in ("", "v1", "v2"):
        return host
    return f"{name}/{path}"


def registry_of(name: str) -> str:
    """The `registry_key` for a full image name, or for a registry."""
    return registry_key(name if "://" in name else name.partition("/")[0])


def registry_searched(term: str) -> str:
    """The `registry_key` of the registry that a search uses."""
    return registry_key(_divided(_typed("term", term))[0] or _HUB)


def _divided(name: str) -> tuple[str | None, str]:
    """Host and rest of a name; the first part is a host if it looks like one, unlike `team/app`."""
    first, slash, rest = name.partition("/")
    if slash and (first == "localhost" or re.search(r"[.:]", first)):
        return first, rest
    return None, name


def image_name(ref: ImageRef) -> str:
    """The id (with or without `sha256:`) or the reference of an image, for a path or a body."""
    name = _text("image", ref)
    if not _FULL_ID.fullmatch(name):
        ImageReference.parse(name)
    return name


def plugin_name(ref: PluginRef) -> str:
    """The id of a plugin, or its name (which has the form of an image's), for a path."""
    name = _text("plugin", ref)
    if not _FULL_ID.fullmatch(name):
        plugin_reference("plugin", name)
    return name


def plugin_reference(argument: str, name: str) -> ImageReference:
    """The parts of a name by which a plugin is pulled, pushed or created."""
    try:
        found = ImageReference.parse(_typed(argument, name))
    except ValueError as error:
        raise ValueError(f"{argument}: not the name of any plugin: {shown(name)}") from error
    if found.digest is not None:  # Engines cannot install a plugin by its digest
        raise ValueError(f"{argument}: a tag was expected, not the digest in {shown(name)}")
    return found


def is_image_id(name: str) -> bool:
    """Whether this is a full id, which registries do not know, and not a reference."""
    return _FULL_ID.fullmatch(name.removeprefix("sha256:")) is not None


def repository_and_tag(
    repository: str, tag: str | None = None, *, digest: bool = True
) -> tuple[str, str | None]:
    """The repository, and the tag or digest, from `app:1` or from `app` and `1`.

    Args:
        repository: may include a tag or a digest, which must not contradict `tag`.
        tag: a tag or, if `digest` is true, a digest.
        digest: whether a digest is allowed (for pull, not for tag and push).
    """
    found = ImageReference.parse(repository)
    own = found.digest or found.tag
    if tag is not None and not (_TAG.fullmatch(_typed("tag", tag)) or _DIGEST.fullmatch(tag)):
        raise ValueError(f"not a tag: {shown(tag)}")
    if tag is not None and own is not None and tag != own:
        raise ValueError(f"tag: {tag!r}, but the repository is {repository!r}")
    named = own if tag is None else tag
    if not digest and named is not None and ":" in named:
        raise ValueError(f"a tag was expected, not the digest {shown(named)}")
    return found.repository, named


def name_to_give(repository: str | None, tag: str | None) -> tuple[str | None, str | None]:
    """The repository and tag for a new image, which may have neither."""
    if repository is not None:
        return repository_and_tag(repository, tag, digest=False)
    if tag is not None:
        raise ValueError(f"tag: {tag!r} without a repository")
    return None, None


_PLATFORM = re.compile(r"[\w.-]+(/[\w.-]+){0,2}", re.ASCII)


def platform(text: str) -> str:
    """Checks `os[/arch[/variant]]`; the Engine completes a single word by its own."""
    if not isinstance(text, str):
        raise TypeError(f"a string was expected, not {shown(text)}")
    if not _PLATFORM.fullmatch(text):
        raise ValueError(f"a platform such as linux/arm64 was expected, not {shown(text)}")
    return text


def platform_parts(text: str) -> dict[str, str]:
    """The parts of `os/arch[/variant]`, by their OCI names; Engines require two at least."""
    parts = platform(text).split("/")
    if len(parts) == 1:
        raise ValueError(f"a platform such as linux/arm64 was expected, not {shown(text)}")
    return dict(zip(("os", "architecture", "variant"), parts, strict=False))


def header_value(text: str) -> str:
    """Checks a text for use as a header's value."""
    if _control(_typed("header value", text)) or not _is_latin(text):
        raise ValueError(f"not a value of a header: {shown(text)}")
    return text


def _is_latin(text: str) -> bool:
    return all(ord(character) < 256 for character in text)


def _control(text: str) -> bool:
    return _CONTROL.search(text) is not None


def _text(noun: str, ref: object) -> str:
    return _typed(noun, ref if isinstance(ref, str) else getattr(ref, "id", ref))


def _typed(noun: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{noun}: a string was expected, not {shown(value)}")
    return value
