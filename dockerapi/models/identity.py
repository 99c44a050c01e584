"""Where an image comes from, as far as the Engine has checked it (API 1.53 and later)."""

from __future__ import annotations

import datetime
from typing import Any

from .base import Model, filled, many, model, one, strings, when, wire


@model
class SignedTime(Model):
    """A time of a signature that somebody has signed: a log, or an authority of timestamps."""

    type: str | None = wire("Type", read=filled)
    uri: str | None = wire("URI", read=filled)
    time: datetime.datetime | None = wire("Timestamp", read=when)


@model
class Signer(Model):
    """What the certificate of a signature says of who signed, and of the build that did."""

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
    """A signature of an image that the Engine has checked; `error` says that it is not right."""

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
    """A build on this Engine: the name that BuildKit's history has for it, and its time."""

    ref: str | None = wire("Ref", read=filled)
    created: datetime.datetime | None = wire("CreatedAt", read=when)


def _repositories(value: Any) -> tuple[str, ...]:
    return tuple(one if isinstance(one, str) else one["Repository"] for one in value or ())


@model
class Identity(Model):
    """The signatures of an image, the repositories it was pulled from or pushed to, its builds."""

    signatures: tuple[Signature, ...] = wire("Signature", read=many(Signature), default=())
    repositories: tuple[str, ...] = wire("Pull", read=_repositories, default=())
    builds: tuple[BuiltHere, ...] = wire("Build", read=many(BuiltHere), default=())
