"""Refusals, with the status and the words of each release.

Messages that a client depends on, or that tell users what to do next, are those of the release:
about creating and starting containers, pulling, pushing, logging in, execs, and objects in use. All
others belong to one of two eras, before and from 1.10.0 on.
"""

from __future__ import annotations

from ...protocol.reference import ImageReference
from ..http.errors import HttpError
from .dialect import Dialect

# Images.


def no_image(dialect: Dialect, reference: str, at: str = "") -> HttpError:
    """There is no such image; `at` is the operation that needed it."""
    name, colon, tag = reference.rpartition(":")
    name, tag = (name, tag) if colon and "/" not in tag else (reference, "latest")
    if dialect.modern and "/" not in reference.rpartition("@")[2]:
        reference = f"{name}:{tag}"
    elif at == "create" and not dialect.modern and dialect.since("0.6.5"):
        reference = f"{name} (tag: {tag})"
    prefixed = at == "create" and dialect.since("0.6.7") and not dialect.since("0.8.0")
    return HttpError(404, f"{'create: ' if prefixed else ''}No such image: {reference}")


def bad_name(dialect: Dialect, name: str) -> HttpError:
    """An invalid name of an image."""
    if not dialect.modern:
        return HttpError(500, f"Invalid repository name ({name})")
    return HttpError(400 if dialect.since("25.0.0") else 500, "invalid reference format")


def bad_tag(dialect: Dialect) -> HttpError:
    """An invalid tag of an image."""
    words = "invalid tag format" if dialect.modern else "Illegal tag name"
    return HttpError(400 if dialect.since("23.0.0") else 500, words)


def tag_taken(dialect: Dialect, name: str, holder: str | None, image: str) -> HttpError | None:
    """The refusal of a name that an image already has; None if the name is moved."""
    if holder is None or not dialect.since("1.3.0") or dialect.since("1.12.0"):
        return None
    if holder == image and dialect.modern:
        return None
    shown = f"sha256:{holder}" if dialect.modern else holder
    return HttpError(
        409,
        f"Conflict: Tag {name.rpartition(':')[2]} is already set to image {shown}, "
        "if you want to replace it, please use -f option",
    )


def in_many_repositories(dialect: Dialect, image: str) -> HttpError:
    """An image with names in several repositories cannot be removed by its id."""
    words = f"conflict: unable to delete {image[:12]} (must be forced)"
    if not dialect.modern:
        words = f"Conflict, cannot delete image {image}"
    return HttpError(409, f"{words} - image is referenced in multiple repositories")


def image_in_use(
    dialect: Dialect, image: str, container: str, *, name: str, running: bool
) -> HttpError:
    """A container uses the image to be removed; `name` if the image was given by name."""
    if not dialect.since("1.8.0"):
        user = f"the {'running ' if running else ''}container {container[:12]} is using it"
        cure = "stop it and use -f" if running else "use -f"
        words = f"Conflict, cannot delete {image[:12]} because {user}, {cure} to force"
        return HttpError(409, words)
    if name:
        return HttpError(
            409,
            f'conflict: unable to remove repository reference "{name}" (must force) - '
            f"container {container[:12]} is using its referenced image {image[:12]}",
        )
    how = "cannot be forced" if running else "must be forced"
    return HttpError(
        409,
        f"conflict: unable to delete {image[:12]} ({how}) - image is being used by "
        f"{'running' if running else 'stopped'} container {container[:12]}",
    )


def image_has_children(dialect: Dialect, image: str) -> HttpError:
    """The image to be removed has child images."""
    words = f"conflict: unable to delete {image[:12]} (cannot be forced)"
    if not dialect.modern:
        words = f"Conflict, {image[:12]} wasn't deleted"
    return HttpError(409, f"{words} - image has dependent child images")


# Containers and execs.


def no_container(dialect: Dialect, id: str) -> HttpError:
    """There is no such container."""
    of_1_5_to_1_7 = dialect.since("1.5.0") and not dialect.since("1.8.0")
    return HttpError(404, f"{'no such id' if of_1_5_to_1_7 else 'No such container'}: {id}")


def no_exec(dialect: Dialect, id: str) -> HttpError:
    """There is no such exec instance."""
    words = f": {id}" if dialect.modern else f" '{id}' found in daemon"
    return HttpError(404, f"No such exec instance{words}")


def no_command(dialect: Dialect) -> HttpError:
    """A container without a command."""
    return HttpError(dialect.bad_request, "no command specified")


def bad_container_name(dialect: Dialect, name: str) -> HttpError:
    """An invalid name of a container."""
    allowed = "[a-zA-Z0-9][a-zA-Z0-9_.-]" if dialect.since("0.12.0") else "[a-zA-Z0-9_-]"
    return HttpError(
        dialect.bad_request, f"Invalid container name ({name}), only {allowed} are allowed"
    )


def name_taken(dialect: Dialect, name: str, holder: str) -> HttpError:
    """Another container has that name."""
    if dialect.modern:
        return HttpError(
            409,
            f'Conflict. The container name "/{name}" is already in use by container '
            f'"{holder}". You have to remove (or rename) that container to be able to reuse '
            "that name.",
        )
    shown = f'"{name}"' if dialect.since("1.5.0") else name
    return HttpError(
        409,
        f"Conflict. The name {shown} is already in use by container {holder[:12]}. You have "
        "to delete (or rename) that container to be able to reuse that name.",
    )


def runs_already(dialect: Dialect, asked: str, id: str) -> HttpError | None:
    """The answer to the start of a running container; None is a success."""
    if dialect.since("1.1.0"):
        return HttpError(304, "")
    if dialect.since("0.10.0"):
        return None
    return HttpError(500, f"Cannot start container {asked}: The container {id} is already running.")


def cannot_run(dialect: Dialect, id: str, words: str) -> HttpError:
    """There is no such command."""
    if dialect.since("1.12.0"):
        return HttpError(
            400 if dialect.since("17.10.0") else 404,
            "failed to create task for container: failed to create shim task: OCI runtime create "
            f"failed: runc create failed: unable to start container process: {words}: unknown",
        )
    return HttpError(500, f"Cannot start container {id}: {words}")


def not_running(dialect: Dialect, id: str) -> HttpError:
    """The container must be running for this."""
    return HttpError(
        dialect.conflict, f"{'c' if dialect.modern else 'C'}ontainer {id} is not running"
    )


def cannot_kill(dialect: Dialect, id: str) -> HttpError | None:
    """The answer to the kill of a stopped container; None is a success."""
    if not dialect.speaks("1.20"):
        return None
    words = f"cannot kill container: {id}: container {id} is not running"
    return HttpError(dialect.conflict, words)


def bad_signal(dialect: Dialect, id: str, name: str) -> HttpError:
    """There is no signal with this name or number."""
    words = f"cannot kill container: {id}: invalid signal: {name}"
    return HttpError(dialect.bad_request, words if dialect.modern else f"Invalid signal: {name}")


def cannot_remove_running(dialect: Dialect, asked: str) -> HttpError:
    """A running container is only removed with force."""
    if dialect.modern:
        words = f'cannot remove container "{asked}": container is running: '
        return HttpError(409, f"{words}stop the container before removing or force remove")
    if dialect.since("1.5.0"):
        return HttpError(
            409,
            f"Cannot destroy container {asked}: Conflict, You cannot remove a running container. "
            "Stop the container before attempting removal or use -f",
        )
    words = "Impossible to remove a running container, please stop it first"
    return HttpError(500 if dialect.since("1.2.0") else 406, words)


def paused(dialect: Dialect, asked: str, what: str) -> HttpError | None:
    """The refusal of an operation on a paused container; None if it is possible."""
    if not dialect.since("1.8.0"):
        return None
    words = f"container {asked} is paused, unpause the container before {what}"
    return HttpError(dialect.conflict, words)


# Registries.


def not_in_registry(dialect: Dialect, name: ImageReference) -> tuple[str, int]:
    """A registry has no such image: message, and status if nothing was reported before."""
    if not dialect.modern:
        tag = f":{name.tag}" if dialect.since("1.7.0") else ""
        return f"Error: image {name.full_name.partition('/')[2]}{tag} not found", 404
    familiar = name.familiar_name
    if name.full_name.startswith("docker.io/"):
        return (
            f"pull access denied for {familiar}, repository does not exist or may require "
            "'docker login': denied: requested access to the resource is denied",
            404,
        )
    shown = f"{familiar}@{name.digest}" if name.digest else f"{familiar}:{name.tag or 'latest'}"
    return f"manifest for {shown} not found: manifest unknown: manifest unknown", 404


def unreachable(dialect: Dialect, host: str) -> str:
    """The registry of a pull or push does not answer."""
    url = f"http://{host}/v2/"
    if host == "docker.io":
        url = "https://registry-1.docker.io/v2/"
        told = f'Get "{url}": dial tcp: lookup registry-1.docker.io: no such host'
    elif dialect.modern:
        told = f'Get "{url}": dial tcp {host}: connect: connection refused'
    else:
        told = f"Get {url}: dial tcp {host}: connection refused"
    return told if dialect.modern else f"Invalid Registry endpoint: {told}"


def login_unreachable(dialect: Dialect, address: str, host: str) -> HttpError:
    """The registry of a login does not answer."""
    if dialect.modern:
        return HttpError(500, unreachable(dialect, host))
    told = f"Get {address.rstrip('/')}/_ping: dial tcp {host}: connection refused"
    return HttpError(500, f"invalid registry endpoint {address}: {told}")


def search_unreachable(dialect: Dialect, host: str) -> HttpError:
    """The registry of a search does not answer."""
    status = 400 if dialect.since("26.1.0") and host != "docker.io" else 500
    return HttpError(status, unreachable(dialect, host))


def wrong_login(dialect: Dialect) -> HttpError:
    """Credentials that the registry does not know; 401 from 0.4.5 on (differences, 1.2)."""
    if dialect.modern:
        return HttpError(401, "unauthorized: incorrect username or password")
    status = 401 if dialect.since("0.4.5") else 500
    return HttpError(status, "Wrong login/password, please try again")


def not_let_in(dialect: Dialect, name: ImageReference, what: str, unknown: bool) -> tuple[str, int]:
    """A registry requires credentials (`unknown`), or refuses those sent: message and status."""
    if not dialect.modern:
        return "Authentication is required.", 401
    if not unknown:
        status = 401 if dialect.since("23.0.0") else 500
        return "unauthorized: authentication required", status
    if what == "push":
        return "no basic auth credentials", 500
    host, _, path = name.full_name.partition("/")
    if host == "docker.io":
        return not_in_registry(dialect, name)
    url = f"http://{host}/v2/{path}/manifests/{name.digest or name.tag or 'latest'}"
    return f'Head "{url}": no basic auth credentials', 500


def nothing_to_push(dialect: Dialect, name: ImageReference, *, has_others: bool) -> str:
    """There is no image with the name to be pushed, but perhaps others of its repository."""
    if not dialect.modern:
        return f"Repository does not exist: {name.repository}"
    if has_others:
        return f"tag does not exist: {name.familiar_name}:{name.tag}"
    return f"An image does not exist locally with the tag: {name.familiar_name}"


# Files and archives.


def no_file(dialect: Dialect, path: str, container: str, *, old_route: bool = False) -> HttpError:
    """There is no such file in a container."""
    status = 500 if old_route and not dialect.since("1.12.0") else 404
    return HttpError(status, f"Could not find the file {path} in container {container}")


def bad_bundle(dialect: Dialect, words: str) -> HttpError:
    """A broken image archive, in releases that answer a load with a status."""
    if words == "unexpected EOF":
        words = "EOF" if dialect.since("0.9.0") else "Tarball too short"
    return HttpError(500, words)


# Mistakes in requests


def bad_instruction(dialect: Dialect, words: str, line: int | None) -> HttpError:
    """An invalid Dockerfile, or an invalid change for commit."""
    if line is not None and dialect.checks_first:
        words = f"dockerfile parse error on line {line}: {words}"
    elif words.endswith("valid change command"):
        name, _, rest = words.partition(" ")
        words = f"{name if dialect.modern else name.lower()} {rest}"
        return HttpError(dialect.bad_request, words)
    return HttpError(400 if dialect.checks_first else 500, words)


def bad_filter(dialect: Dialect, name: str, value: str | None = None) -> HttpError:
    """There is no such filter, or it does not accept this value."""
    name = name if value is None else f"{name}=[{value}]"
    return HttpError(dialect.bad_request, f"{'i' if dialect.modern else 'I'}nvalid filter '{name}'")
