"""A synchronous client for the Docker Engine API, every version of it.

from dockerapi import Client

with Client.from_env() as client:
    print(client.run("busybox", ["echo", "hello"], remove=True).output.stdout)
"""

from __future__ import annotations

__version__ = "0.1.0"  # before the imports, which send it to the Engine

from .auth import Credentials
from .client import Client
from .credentials import StoredCredentials
from .endpoint import TLSConfig
from .errors import (
    ApiError,
    BadArchive,
    BadRequest,
    BuildFailed,
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
    LoadFailed,
    NoCommonVersion,
    NotAcceptable,
    NotAFrame,
    NotFound,
    NotSupported,
    OperationFailed,
    PathNotFound,
    PullFailed,
    PushFailed,
    ServerError,
    StreamError,
    StreamInterrupted,
    TimedOut,
    Truncated,
    Unauthorized,
    UnexpectedReply,
    VersionError,
)
from .models.config import BuildOptions, ContainerConfig, HostConfig, NetworkingConfig
from .streams import Archive, Attachment, ByteStream, FrameStream, Output, ValueStream
from .transport import Timeouts
from .wire import Frame, Line

from_env = Client.from_env

__all__ = [
    "ApiError",
    "Archive",
    "Attachment",
    "BadArchive",
    "BadRequest",
    "BuildFailed",
    "BuildOptions",
    "ByteStream",
    "Client",
    "Closed",
    "CommandFailed",
    "Conflict",
    "ConnectionFailed",
    "ContainerConfig",
    "ContainerNotFound",
    "Credentials",
    "CredentialsError",
    "DockerError",
    "Forbidden",
    "Frame",
    "FrameStream",
    "HostConfig",
    "ImageNotFound",
    "ImportFailed",
    "Line",
    "LoadFailed",
    "NetworkingConfig",
    "NoCommonVersion",
    "NotAFrame",
    "NotAcceptable",
    "NotFound",
    "NotSupported",
    "OperationFailed",
    "Output",
    "PathNotFound",
    "PullFailed",
    "PushFailed",
    "ServerError",
    "StoredCredentials",
    "StreamError",
    "StreamInterrupted",
    "TLSConfig",
    "TimedOut",
    "Timeouts",
    "Truncated",
    "Unauthorized",
    "UnexpectedReply",
    "ValueStream",
    "VersionError",
    "__version__",
    "from_env",
]
