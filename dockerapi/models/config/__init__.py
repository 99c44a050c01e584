"""The configuration of containers, of their networks and their host, and of builds.

`ContainerConfig`, `HostConfig` and `NetworkingConfig` are the three parts of the body of
`POST /containers/create`, and parts of what inspect answers; `BuildOptions` is most of the query of
`POST /build`, `ContainerUpdate` the body of `POST /containers/{id}/update`. Their fields have their
newest names and places; `versions.fit` puts them where an older API keeps them. The forms in which
a value may be given are in `settings.py`.

A value out of range is refused here if the manual or the Engine's own check refuses it
(daemon/config and runconfig of Docker 20.10). What depends on the machine is left to the Engine.
"""

from .build import BuildOptions as BuildOptions
from .container import ContainerConfig as ContainerConfig
from .container import EndpointSettings as EndpointSettings
from .container import Healthcheck as Healthcheck
from .container import NetworkingConfig as NetworkingConfig
from .host import BlkioWeightDevice as BlkioWeightDevice
from .host import Device as Device
from .host import DeviceRequest as DeviceRequest
from .host import HostConfig as HostConfig
from .host import LogConfig as LogConfig
from .host import Mount as Mount
from .host import PortBinding as PortBinding
from .host import RestartPolicy as RestartPolicy
from .host import ThrottleDevice as ThrottleDevice
from .host import Ulimit as Ulimit
from .secret import BuildSecret as BuildSecret
from .update import ContainerUpdate as ContainerUpdate
