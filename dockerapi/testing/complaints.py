"""What Engines say no to about images and files, in the status and words of each release."""

from __future__ import annotations

from ..reference import ImageReference
from .dialect import Dialect
from .server import Refusal


def no_image(dialect: Dialect, reference: str, at: str = "") -> Refusal:
    """There is no such image; `at` is what was to be done with it."""
    if dialect.since("1.10.0"):
        words = f"No such image: {_with_tag(reference)}"
        if at == "inspect" and dialect.since("17.10.0") and not dialect.since("26.0.0"):
            words = f"no such image: {reference}: {words}"
        return Refusal(404, words)
    if at == "create" and dialect.since("0.6.5"):
        prefix = "create: " if dialect.since("0.6.7") and not dialect.since("0.8.0") else ""
        repository, tag = _divided(reference)
        return Refusal(404, f"{prefix}No such image: {repository} (tag: {tag})")
    if at == "tag" and not dialect.since("0.7.0"):
        return Refusal(500, "Image does not exist")
    if at in ("tag", "history"):
        prefix = "could not find image: no" if dialect.since("1.4.0") else "No"
        return Refusal(404, f"{prefix} such id: {reference}")
    return Refusal(404, f"No such image: {reference}")


def _divided(reference: str) -> tuple[str, str]:
    name, colon, tag = reference.rpartition(":")
    return (name, tag) if colon and "/" not in tag else (reference, "latest")


def _with_tag(reference: str) -> str:
    try:
        parsed = ImageReference.parse(reference)
    except ValueError:
        return reference
    return reference if parsed.tag or parsed.digest else f"{reference}:latest"


def bad_name(dialect: Dialect, name: str) -> Refusal:
    """What should be the name of an image is none."""
    if dialect.since("1.12.0"):
        return Refusal(400, "invalid reference format")
    return Refusal(500, f"Invalid repository name ({name})")


def tag_taken(dialect: Dialect, name: str, holder: str | None, image: str) -> Refusal | None:
    """What speaks against giving an image a name that another has, or it has already."""
    if holder is None or not dialect.since("1.3.0") or dialect.since("1.12.0"):
        return None
    if holder == image and dialect.since("1.10.0"):
        return None
    tag = name.rpartition(":")[2]
    shown = f"sha256:{holder}" if dialect.since("1.10.0") else holder
    return Refusal(
        409,
        f"Conflict: Tag {tag} is already set to image {shown}, "
        "if you want to replace it, please use -f option",
    )


def in_many_repositories(dialect: Dialect, image: str) -> Refusal:
    """An image with names in several repositories is to be removed by its id."""
    if dialect.since("1.8.0"):
        return Refusal(
            409,
            f"conflict: unable to delete {image[:12]} (must be forced) - image is referenced in "
            f"{'multiple' if dialect.since('1.12.0') else 'one or more'} repositories",
        )
    return Refusal(
        409,
        f"Conflict, cannot delete image {image} because it is tagged in multiple repositories"
        + (", use -f to force" if dialect.since("0.9.0") else ""),
    )


def image_in_use(
    dialect: Dialect, image: str, container: str, *, name: str, running: bool
) -> Refusal:
    """A container uses the image that is to be removed; `name` if it was asked for by name."""
    if not dialect.since("1.8.0"):
        user = f"the {'running ' if running else ''}container {container[:12]} is using it"
        cure = "stop it and use -f" if running else "use -f"
        return Refusal(409, f"Conflict, cannot delete {image[:12]} because {user}, {cure} to force")
    if name:
        return Refusal(
            409,
            f'conflict: unable to remove repository reference "{name}" (must force) - '
            f"container {container[:12]} is using its referenced image {image[:12]}",
        )
    how = "cannot be forced" if running else "must be forced"
    return Refusal(
        409,
        f"conflict: unable to delete {image[:12]} ({how}) - image is being used by "
        f"{'running' if running else 'stopped'} container {container[:12]}",
    )


def image_has_children(dialect: Dialect, image: str) -> Refusal:
    """Images that were made of it stand on the one that is to be removed."""
    if dialect.since("1.8.0"):
        return Refusal(
            409,
            f"conflict: unable to delete {image[:12]} (cannot be forced) - "
            "image has dependent child images",
        )
    return Refusal(409, f"Conflict, {image[:12]} wasn't deleted")
