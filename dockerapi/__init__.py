"""A synchronous client for the Docker Engine API, every version of it.

from dockerapi import Client

with Client.from_env() as client:
    print(client.run("busybox", ["echo", "hello"], remove=True).output.stdout)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import models as models
from .errors import VERSION as __version__
from .errors import (
    ApiError,
    BadArchive,
    BadRequest,
    BuildFailed,
    Busy,
    Closed,
    CommandFailed,
    Conflict,
    ConnectionFailed,
    ContainerNotFound,
    CredentialsError,
    DockerError,
    Forbidden,
    ImageNotFound,
    ImportFailed,
    InUse,
    JoinPending,
    LoadFailed,
    LogsIncomplete,
    NetworkNotFound,
    NoCommonVersion,
    NotAcceptable,
    NotAFrame,
    NotAManager,
    NotFound,
    NotSupported,
    OperationFailed,
    OutOfSequence,
    PathNotFound,
    PluginNotFound,
    PrivilegesNeeded,
    PullFailed,
    PushFailed,
    RateLimited,
    ServerError,
    ServiceFailed,
    StreamError,
    StreamInterrupted,
    TimedOut,
    Truncated,
    Unauthorized,
    UnexpectedReply,
    VersionError,
    VolumeNotFound,
)
from .late import load

if TYPE_CHECKING:
    from .api.env_file import read_env_file
    from .client import Client
    from .endpoint.tls import TLSConfig
    from .models.config import (
        BlkioWeightDevice,
        BuildOptions,
        BuildSecret,
        ContainerConfig,
        ContainerUpdate,
        Device,
        DeviceRequest,
        EndpointSettings,
        Healthcheck,
        HostConfig,
        LogConfig,
        Mount,
        NetworkingConfig,
        PortBinding,
        RestartPolicy,
        ThrottleDevice,
        Ulimit,
    )
    from .models.networks import IPAM, IPAMPool
    from .models.plugins import PluginPrivilege
    from .models.secrets import (
        ConfigSpec,
        SecretSpec,
    )
    from .models.services import (
        Global,
        GlobalJob,
        Replicated,
        ReplicatedJob,
        ServicePort,
        ServiceSpec,
        UpdateConfig,
    )
    from .models.swarm import (
        CAConfig,
        Driver,
        ExternalCA,
        GenericResource,
        NodeSpec,
        RaftConfig,
        SwarmSpec,
    )
    from .models.tasks import (
        ConfigReference,
        ContainerSpec,
        CredentialSpec,
        NetworkAttachment,
        NetworkAttachmentSpec,
        Placement,
        PluginSpec,
        Privileges,
        ResourceLimits,
        ResourceReservations,
        Seccomp,
        SecretReference,
        SELinuxContext,
        TaskResources,
        TaskRestart,
        TaskSpec,
    )
    from .models.volumes import ClusterVolumeSpec, MountVolume
    from .output import Frame, Line, Output
    from .registry.auth import Credentials
    from .registry.credentials import StoredCredentials
    from .streams import Archive, Attachment, ByteStream, FrameStream, ValueStream
    from .transport import Timeouts

    from_env = Client.from_env

__all__ = [
    "ApiError",
    "Archive",
    "Attachment",
    "BadArchive",
    "BadRequest",
    "BlkioWeightDevice",
    "BuildFailed",
    "BuildOptions",
    "BuildSecret",
    "Busy",
    "ByteStream",
    "CAConfig",
    "Client",
    "Closed",
    "ClusterVolumeSpec",
    "CommandFailed",
    "ConfigReference",
    "ConfigSpec",
    "Conflict",
    "ConnectionFailed",
    "ContainerConfig",
    "ContainerNotFound",
    "ContainerSpec",
    "ContainerUpdate",
    "CredentialSpec",
    "Credentials",
    "CredentialsError",
    "Device",
    "DeviceRequest",
    "DockerError",
    "Driver",
    "EndpointSettings",
    "ExternalCA",
    "Forbidden",
    "Frame",
    "FrameStream",
    "GenericResource",
    "Global",
    "GlobalJob",
    "Healthcheck",
    "HostConfig",
    "IPAM",
    "IPAMPool",
    "ImageNotFound",
    "ImportFailed",
    "InUse",
    "JoinPending",
    "Line",
    "LoadFailed",
    "LogConfig",
    "LogsIncomplete",
    "Mount",
    "MountVolume",
    "NetworkAttachment",
    "NetworkAttachmentSpec",
    "NetworkNotFound",
    "NetworkingConfig",
    "NoCommonVersion",
    "NodeSpec",
    "NotAFrame",
    "NotAManager",
    "NotAcceptable",
    "NotFound",
    "NotSupported",
    "OperationFailed",
    "OutOfSequence",
    "Output",
    "PathNotFound",
    "Placement",
    "PluginNotFound",
    "PluginPrivilege",
    "PluginSpec",
    "PortBinding",
    "Privileges",
    "PrivilegesNeeded",
    "PullFailed",
    "PushFailed",
    "RaftConfig",
    "RateLimited",
    "Replicated",
    "ReplicatedJob",
    "ResourceLimits",
    "ResourceReservations",
    "RestartPolicy",
    "SELinuxContext",
    "Seccomp",
    "SecretReference",
    "SecretSpec",
    "ServerError",
    "ServiceFailed",
    "ServicePort",
    "ServiceSpec",
    "StoredCredentials",
    "StreamError",
    "StreamInterrupted",
    "SwarmSpec",
    "TLSConfig",
    "TaskResources",
    "TaskRestart",
    "TaskSpec",
    "ThrottleDevice",
    "TimedOut",
    "Timeouts",
    "Truncated",
    "Ulimit",
    "Unauthorized",
    "UnexpectedReply",
    "UpdateConfig",
    "ValueStream",
    "VersionError",
    "VolumeNotFound",
    "__version__",
    "from_env",
    "read_env_file",
]

# Imported at first use: these take the longest to import, and many programs need none of them.
_NAMES = {
    "api.env_file": "read_env_file",
    "registry.auth": "Credentials",
    "client": "Client",
    "registry.credentials": "StoredCredentials",
    "endpoint.tls": "TLSConfig",
    "models.config": "BlkioWeightDevice BuildOptions BuildSecret ContainerConfig "
    "ContainerUpdate Device "
    "DeviceRequest EndpointSettings Healthcheck HostConfig LogConfig Mount NetworkingConfig "
    "PortBinding RestartPolicy ThrottleDevice Ulimit",
    "models.networks": "IPAM IPAMPool",
    "models.volumes": "ClusterVolumeSpec MountVolume",
    "models.plugins": "PluginPrivilege",
    "models.secrets": "ConfigSpec SecretSpec",
    "models.services": "Global GlobalJob Replicated ReplicatedJob ServicePort ServiceSpec "
    "UpdateConfig",
    "models.swarm": "CAConfig Driver ExternalCA GenericResource NodeSpec RaftConfig SwarmSpec",
    "models.tasks": "ConfigReference ContainerSpec CredentialSpec NetworkAttachment "
    "NetworkAttachmentSpec Placement PluginSpec Privileges ResourceLimits "
    "ResourceReservations SELinuxContext Seccomp SecretReference "
    "TaskResources TaskRestart TaskSpec",
    "output": "Frame Line Output",
    "streams": "Archive Attachment ByteStream FrameStream ValueStream",
    "transport": "Timeouts",
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name == "from_env":
        value = load(f"{__name__}.client").Client.from_env
    elif name in _HOMES:
        value = getattr(load(f"{__name__}.{_HOMES[name]}"), name)
    elif name == "progress":
        return load(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value  # later look-ups no longer come here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
