"""Where an image comes from: as 29.7 told it, and with all that the manual of 1.55 has."""

from __future__ import annotations

import datetime

import pytest

from dockerapi.errors import UnexpectedReply
from dockerapi.models.identity import BuiltHere, Identity, Signature, SignedTime, Signer
from dockerapi.models.images import Image, Manifest

TIME = datetime.datetime(2026, 11, 30, 2, 3, 4, tzinfo=datetime.timezone.utc)
SIGNER = {
    "CertificateIssuer": "a",
    "SubjectAlternativeName": "b",
    "Issuer": "c",
    "BuildSignerURI": "d",
    "BuildSignerDigest": "e",
    "RunnerEnvironment": "f",
    "SourceRepositoryURI": "g",
    "SourceRepositoryDigest": "h",
    "SourceRepositoryRef": "i",
    "SourceRepositoryIdentifier": "j",
    "SourceRepositoryOwnerURI": "k",
    "SourceRepositoryOwnerIdentifier": "l",
    "SourceRepositoryVisibilityAtSigning": "m",
    "BuildConfigURI": "n",
    "BuildConfigDigest": "o",
    "BuildTrigger": "p",
    "RunInvocationURI": "q",
}
IDENTITY = {
    "Signature": [
        {
            "Name": "of a release",
            "SignatureType": "bundle-v0.3",
            "Signer": SIGNER,
            "KnownSigner": "DHI",
            "Timestamps": [
                {"Type": "Tlog", "URI": "https://x.org", "Timestamp": "2026-11-30T02:03:04Z"}
            ],
            "DockerReference": "x.org/app:1",
            "Error": "",
            "Warnings": ["an old root"],
        }
    ],
    "Pull": [{"Repository": "127.0.0.1/rec/busybox"}],
    "Build": [{"Ref": "b1", "CreatedAt": "2026-11-30T02:03:04Z"}],
}
READ = Identity(
    signatures=(
        Signature(
            name="of a release",
            type="bundle-v0.3",
            signer=Signer(
                certificate_issuer="a",
                subject_alternative_name="b",
                issuer="c",
                build_signer_uri="d",
                build_signer_digest="e",
                runner_environment="f",
                source_uri="g",
                source_digest="h",
                source_ref="i",
                source_id="j",
                source_owner_uri="k",
                source_owner_id="l",
                source_visibility="m",
                build_config_uri="n",
                build_config_digest="o",
                build_trigger="p",
                run_invocation_uri="q",
            ),
            known_signer="DHI",
            times=(SignedTime(type="Tlog", uri="https://x.org", time=TIME),),
            reference="x.org/app:1",
            warnings=("an old root",),
        ),
    ),
    repositories=("127.0.0.1/rec/busybox",),
    builds=(BuiltHere(ref="b1", created=TIME),),
)


def test_everything_that_is_told_is_read_of_an_image_and_of_a_manifest() -> None:
    assert Image.parse({"Id": "i1", "Identity": IDENTITY}).identity == READ
    assert Manifest.parse({"ImageData": {"Identity": IDENTITY}}).identity == READ


def test_nothing_that_is_told_is_nothing() -> None:
    assert Image.parse({"Id": "i1"}).identity is None
    assert Identity.parse({}) == Identity.parse({"Signature": None, "Pull": None}) == Identity()


def test_a_pull_without_a_repository_is_named() -> None:
    with pytest.raises(UnexpectedReply) as caught:
        _ = Identity.parse({"Pull": [{}]}).repositories
    assert str(caught.value) == "Identity.repositories: Pull is [{}]"
