"""The origin of an image, as verified by the Engine (API 1.53 and later)."""

from __future__ import annotations

import datetime
from typing import Any

from .base import Model, filled, many, model, one, strings, when, wire


@model
class SignedTime(Model):
    """A signing time that a transparency log or a timestamp authority has signed.

    Attributes:
        type: `Tlog`, a public log, or `TimestampAuthority`.
        uri: the address of the log or authority.
        time: the confirmed time.
    """

    type: str | None = wire("Type", read=filled)
    uri: str | None = wire("URI", read=filled)
    time: datetime.datetime | None = wire("Timestamp", read=when)


@model
class Signer(Model):
    """The signer and the build, as named in the certificate of a signature.

    Attributes:
        certificate_issuer: the issuer of the certificate.
        subject_alternative_name: its subject, such as the address of a workflow.
        issuer: the OIDC issuer of the login, which has verified the subject.
        build_signer_uri: the build instructions that signed.
        build_signer_digest: the digest of those instructions, at that time.
        runner_environment: whether the build ran on machines of the platform, or of its user.
        source_uri: the repository of the source.
        source_digest: the commit of the source.
        source_ref: the branch or tag of the source.
        source_id: the repository's number, which stays when it is renamed.
        source_owner_uri: the owner of the repository.
        source_owner_id: the owner's number, which stays when it is renamed.
        source_visibility: whether the repository was public at that time.
        build_config_uri: the top-level build instructions.
        build_config_digest: the digest of those instructions, at that time.
        build_trigger: what started the build, such as `push`.
        run_invocation_uri: the run of the build.
    """

    certificate_issuer: str | None = wire("CertificateIssuer", read=filled)
    subject_alternative_name: str | None = wire("SubjectAlternativeName", read=filled)
    issuer: str | None = wire("Issuer", read=filled)
    build_signer_uri: str | None = wire("BuildSignerURI", read=filled)
    build_signer_digest: str | None = wire("BuildSignerDigest", read=filled)
    runner_environment: str | None = wire("RunnerEnvironment", read=filled)
    source_uri: str | None = wire("SourceRepositoryURI", read=filled)
    source_digest: str | None = wire("SourceRepositoryDigest", read=filled)
    source_ref: str | None = wire("SourceRepositoryRef", read=filled)
    source_id: str | None = wire("SourceRepositoryIdentifier", read=filled)
    source_owner_uri: str | None = wire("SourceRepositoryOwnerURI", read=filled)
    source_owner_id: str | None = wire("SourceRepositoryOwnerIdentifier", read=filled)
    source_visibility: str | None = wire("SourceRepositoryVisibilityAtSigning", read=filled)
    build_config_uri: str | None = wire("BuildConfigURI", read=filled)
    build_config_digest: str | None = wire("BuildConfigDigest", read=filled)
    build_trigger: str | None = wire("BuildTrigger", read=filled)
    run_invocation_uri: str | None = wire("RunInvocationURI", read=filled)


@model
class Signature(Model):
    """A signature of an image that the Engine has verified.

    Attributes:
        name: the kind of signature, for people.
        type: its format, such as `bundle-v0.3`.
        signer: the content of the certificate; None if there was an error.
        known_signer: the name of a signer that the Engine knows; None for others.
        times: the confirmed signing times.
        reference: the image's name as it was signed; only in older signatures.
        error: why the signature is invalid; None if it is valid.
        warnings: harmless irregularities, such as keys from a cache.
    """

    name: str | None = wire("Name", read=filled)
    type: str | None = wire("SignatureType", read=filled)
    signer: Signer | None = wire("Signer", read=one(Signer))
    known_signer: str | None = wire("KnownSigner", read=filled)
    times: tuple[SignedTime, ...] = wire("Timestamps", read=many(SignedTime), default=())
    reference: str | None = wire("DockerReference", read=filled)
    error: str | None = wire("Error", read=filled)
    warnings: tuple[str, ...] = wire("Warnings", read=strings, default=())


@model
class BuiltHere(Model):
    """A build on this Engine.

    Attributes:
        ref: its name in BuildKit's history.
        created: when it ran.
    """

    ref: str | None = wire("Ref", read=filled)
    created: datetime.datetime | None = wire("CreatedAt", read=when)


def _repositories(value: Any) -> tuple[str, ...]:
    return tuple(one if isinstance(one, str) else one["Repository"] for one in value or ())


@model
class Identity(Model):
    """The origin of an image.

    Attributes:
        signatures: its verified signatures.
        repositories: the repositories that it was pulled from or pushed to; for a mirror, the
            original's.
        builds: the builds on this Engine that created it.
    """

    signatures: tuple[Signature, ...] = wire("Signature", read=many(Signature), default=())
    repositories: tuple[str, ...] = wire("Pull", read=_repositories, default=())
    builds: tuple[BuiltHere, ...] = wire("Build", read=many(BuiltHere), default=())
