"""What each Engine's description of a container says, field by field."""

from __future__ import annotations

from dockerapi.models.config import PortBinding
from replay.table import Fields, Raw, name, names, time, unix

EXITED: Fields = {
    "id": {"0.4.4 0.6.6 0.6.7 1.6.2/1.0 1.6.2/1.2 1.6.2/1.6 1.6.2/1.7": Raw("ID"), "*": Raw("Id")},
    "created": {"*": time("Created")},
    "path": {"*": "sh"},
    "args": {"*": ("-c", "echo out; echo err >&2; sleep 1; exit 3")},
    "image": {"*": Raw("Image")},
    "config.image": {"*": "busybox"},
    "config.command": {"*": ("sh", "-c", "echo out; echo err >&2; sleep 1; exit 3")},
    "config.env": {"*": ("A=1",)},
    "config.hostname": {"*": Raw("Config.Hostname")},
    "config.attach_stdin": {"*": False},
    "config.attach_stdout": {"*": True},
    "config.attach_stderr": {"*": True},
    "config.tty": {"*": False},
    "config.open_stdin": {"*": False},
    "config.stdin_once": {"*": False},
    "host_config.cpu_shares": {"*": 0},
    "host_config.memory": {"*": 0},
    "host_config.memory_swap": {"*": 0},
    "state.status": {"*": "exited"},
    "state.running": {"*": False},
    "state.ghost": {"0.3.3 0.4.4 0.6.6 0.6.7": False},
    "state.pid": {"*": 0},
    "state.exit_code": {"*": 3},
    "state.started_at": {"*": time("State.StartedAt")},
    "resolv_conf_path": {"*": Raw("ResolvConfPath")},
    "init_path": {"0.3.3 0.4.4 0.6.6 0.6.7": Raw("SysInitPath")},
    "name": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": name("Name")},
    "config.network_disabled": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10/1.12 20.10/1.19": False},
    "state.finished_at": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": time("State.FinishedAt")},
    "hostname_path": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": Raw("HostnamePath")},
    "hosts_path": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": Raw("HostsPath")},
    "host_config.read_only_root_fs": {"1.6.2 1.7.1 20.10 26.1 28.5": False},
    "host_config.publish_all_ports": {"1.6.2 1.7.1 20.10 26.1 28.5": False},
    "host_config.privileged": {"1.6.2 1.7.1 20.10 26.1 28.5": False},
    "host_config.restart_policy.name": {"1.6.2 1.7.1 20.10 26.1 28.5": "no"},
    "host_config.restart_policy.maximum_retry_count": {"1.6.2 1.7.1 20.10 26.1 28.5": 0},
    "state.paused": {"1.6.2 1.7.1 20.10 26.1 28.5": False},
    "state.restarting": {"1.6.2 1.7.1 20.10 26.1 28.5": False},
    "state.oom_killed": {"1.6.2 1.7.1 20.10 26.1 28.5": False},
    "state.dead": {"1.6.2 1.7.1 20.10 26.1 28.5": False},
    "restart_count": {"1.6.2 1.7.1 20.10 26.1 28.5": 0},
    "driver": {"1.6.2 1.7.1": "overlay", "20.10 26.1 28.5": "overlay2"},
    "exec_driver": {"1.6.2 1.7.1": "native-0.2"},
    "log_path": {"1.6.2 1.7.1 20.10 26.1 28.5": Raw("LogPath")},
    "host_config.log_config.type": {
        "1.6.2/1.12 1.6.2/1.15 1.6.2/1.18 1.7.1 20.10 26.1 28.5": "json-file"
    },
    "host_config.network_mode": {"1.7.1 26.1 28.5": "bridge", "20.10": "default"},
    "host_config.cpu_period": {"1.7.1 20.10 26.1 28.5": 0},
    "host_config.cpu_quota": {"1.7.1 20.10 26.1 28.5": 0},
    "host_config.oom_kill_disable": {"1.7.1 20.10 26.1 28.5": False},
    "host_config.blkio_weight": {"1.7.1 20.10 26.1 28.5": 0},
    "network_settings.hairpin_mode": {"1.7.1 20.10 26.1 28.5": False},
    "host_config.masked_paths": {"20.10 26.1 28.5": Raw("HostConfig.MaskedPaths")},
    "host_config.read_only_paths": {"20.10 26.1 28.5": Raw("HostConfig.ReadonlyPaths")},
    "host_config.shm_size": {"20.10 26.1 28.5": 67108864},
    "host_config.nano_cpus": {"20.10 26.1 28.5": 0},
    "host_config.cpu_realtime_period": {"20.10 26.1 28.5": 0},
    "host_config.cpu_realtime_runtime": {"20.10 26.1 28.5": 0},
    "host_config.cpu_count": {"20.10 26.1 28.5": 0},
    "host_config.cpu_percent": {"20.10 26.1 28.5": 0},
    "host_config.memory_reservation": {"20.10 26.1 28.5": 0},
    "host_config.kernel_memory": {"20.10": 0},
    "host_config.kernel_memory_tcp": {"20.10": 0},
    "host_config.oom_score_adj": {"20.10 26.1 28.5": 0},
    "host_config.io_maximum_iops": {"20.10 26.1 28.5": 0},
    "host_config.io_maximum_bandwidth": {"20.10 26.1 28.5": 0},
    "host_config.cgroupns_mode": {"20.10 26.1 28.5": "host"},
    "host_config.ipc_mode": {"20.10 26.1 28.5/1.51": "private", "28.5/1.24": "shareable"},
    "host_config.runtime": {"20.10 26.1 28.5": "runc"},
    "host_config.auto_remove": {"20.10 26.1 28.5": False},
    "network_settings.sandbox_id": {"20.10 26.1": Raw("NetworkSettings.SandboxID")},
    "network_settings.sandbox_key": {"20.10 26.1": Raw("NetworkSettings.SandboxKey")},
    "platform": {"20.10 26.1 28.5": "linux"},
    "storage_driver.name": {"20.10 26.1 28.5": "overlay2"},
    "storage_driver.data": {"20.10 26.1 28.5": Raw("GraphDriver.Data")},
    "network_settings.networks.bridge.network_id": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("NetworkSettings.Networks.bridge.NetworkID")
    },
    "network_settings.network_id": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("NetworkSettings.Networks.bridge.NetworkID")
    },
    "network_settings.bridge": {"28.5": "dk28", "26.1": "dk26"},
    "network_settings.networks.bridge.gateway_priority": {"28.5": 0},
}

CREATED: Fields = {
    **EXITED,
    "state.status": {"*": "created"},
    "state.exit_code": {"*": 0},
    "resolv_conf_path": {"0.3.3 0.4.4 0.6.6 0.6.7": "/etc/resolv.conf"},
    "hostname_path": {"0.6.6": Raw("HostnamePath")},
    "hosts_path": {"0.6.6": Raw("HostsPath")},
    "host_config.network_mode": {"20.10": "default", "26.1 28.5": "bridge"},
    "host_config.runtime": {"26.1 28.5": "runc"},
    "state.started_at": {},
    "state.finished_at": {},
    "log_path": {},
    "network_settings.sandbox_id": {},
    "network_settings.sandbox_key": {},
    "network_settings.networks.bridge.network_id": {},
    "network_settings.network_id": {},
    "network_settings.bridge": {},
}

TTY: Fields = {
    **EXITED,
    "config.command": {"*": ("sh",)},
    "config.attach_stdin": {"*": True},
    "config.tty": {"*": True},
    "config.open_stdin": {"*": True},
    "config.stdin_once": {"*": True},
    "state.status": {"*": "running"},
    "state.running": {"*": True},
    "state.pid": {"*": Raw("State.Pid")},
    "state.exit_code": {"*": 0},
    "network_settings.ip_address": {
        "0.3.3": Raw("NetworkSettings.IpAddress"),
        "*": Raw("NetworkSettings.IPAddress"),
    },
    "network_settings.ip_prefix_len": {"0.3.3 0.4.4": 24, "*": 16},
    "network_settings.gateway": {"*": Raw("NetworkSettings.Gateway")},
    "network_settings.bridge": {
        "0.3.3 0.4.4 0.6.6 0.6.7 1.6.2": "docker0",
        "28.5": "dk28",
        "26.1": "dk26",
    },
    "network_settings.ports": {"0.6.6 0.6.7 1.6.2": {"22/tcp": (PortBinding(host_port=11022),)}},
    "host_config.port_bindings": {
        "1.6.2 1.7.1 20.10/1.12 20.10/1.19": {"22/tcp": (PortBinding(host_port=11022),)}
    },
    "network_settings.mac_address": {
        "1.6.2 1.7.1 20.10 26.1 28.5": Raw("NetworkSettings.MacAddress")
    },
    "network_settings.link_local_ipv6_address": {
        "1.6.2": Raw("NetworkSettings.LinkLocalIPv6Address")
    },
    "network_settings.link_local_ipv6_prefix_len": {"1.6.2": 64},
    "network_settings.network_id": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("NetworkSettings.Networks.bridge.NetworkID"),
        "1.7.1": Raw("NetworkSettings.NetworkID"),
    },
    "network_settings.endpoint_id": {"1.7.1 20.10 26.1 28.5": Raw("NetworkSettings.EndpointID")},
    "network_settings.sandbox_key": {"1.7.1 20.10 26.1 28.5": Raw("NetworkSettings.SandboxKey")},
    "network_settings.sandbox_id": {"20.10 26.1 28.5": Raw("NetworkSettings.SandboxID")},
    "host_config.masked_paths": {"20.10/1.24 20.10/1.41 26.1 28.5": Raw("HostConfig.MaskedPaths")},
    "host_config.read_only_paths": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("HostConfig.ReadonlyPaths")
    },
    "network_settings.networks.bridge.endpoint_id": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("NetworkSettings.EndpointID")
    },
    "network_settings.networks.bridge.ip_address": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("NetworkSettings.Networks.bridge.IPAddress")
    },
    "network_settings.networks.bridge.ip_prefix_len": {"20.10/1.24 20.10/1.41 26.1 28.5": 16},
    "network_settings.networks.bridge.gateway": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("NetworkSettings.Networks.bridge.Gateway")
    },
    "network_settings.networks.bridge.mac_address": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("NetworkSettings.MacAddress")
    },
    "args": {},
    "state.finished_at": {},
}

RUNNING: Fields = {
    **EXITED,
    "path": {"*": "sleep"},
    "args": {"*": ("300",)},
    "config.command": {"*": ("sleep", "300")},
    "config.volumes": {"*": ("/tmp/v",)},
    "host_config.memory": {"28.5": 0, "*": 67108864},
    "host_config.memory_swap": {"20.10 26.1": 134217728, "*": 0},
    "state.status": {"0.4.4": "created", "*": "running"},
    "state.running": {"0.4.4": False, "*": True},
    "state.pid": {"*": Raw("State.Pid")},
    "state.exit_code": {"*": 0},
    "state.started_at": {"0.3.3 0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": time("State.StartedAt")},
    "network_settings.ip_address": {
        "0.3.3": Raw("NetworkSettings.IpAddress"),
        "*": Raw("NetworkSettings.IPAddress"),
    },
    "network_settings.ip_prefix_len": {"0.3.3 0.4.4": 24, "*": 16},
    "network_settings.gateway": {"*": Raw("NetworkSettings.Gateway")},
    "network_settings.bridge": {
        "0.3.3 0.4.4 0.6.6 0.6.7 1.6.2": "docker0",
        "28.5": "dk28",
        "26.1": "dk26",
    },
    "mounts.0.name": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("Mounts.0.Name"),
        "0.3.3": Raw("Volumes./tmp/v"),
    },
    "mounts.0.destination": {"0.3.3 0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": "/tmp/v"},
    "config.exposed_ports": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": ("22/tcp",)},
    "network_settings.ports": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": {"22/tcp": ()}},
    "mounts.0.source": {
        "0.6.6 0.6.7 1.6.2 1.7.1 20.10/1.12 20.10/1.19": Raw("Volumes./tmp/v"),
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("Mounts.0.Source"),
    },
    "mounts.0.writable": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": True},
    "config.labels": {"1.6.2 1.7.1 20.10 26.1 28.5": {"k": "v"}},
    "network_settings.mac_address": {
        "1.6.2 1.7.1 20.10 26.1 28.5": Raw("NetworkSettings.MacAddress")
    },
    "network_settings.link_local_ipv6_address": {
        "1.6.2": Raw("NetworkSettings.LinkLocalIPv6Address")
    },
    "network_settings.link_local_ipv6_prefix_len": {"1.6.2": 64},
    "network_settings.network_id": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("NetworkSettings.Networks.bridge.NetworkID"),
        "1.7.1": Raw("NetworkSettings.NetworkID"),
    },
    "network_settings.endpoint_id": {"1.7.1 20.10 26.1 28.5": Raw("NetworkSettings.EndpointID")},
    "network_settings.sandbox_key": {"1.7.1 20.10 26.1 28.5": Raw("NetworkSettings.SandboxKey")},
    "host_config.ipc_mode": {
        "20.10/1.12 20.10/1.19 20.10/1.24 28.5/1.24": "shareable",
        "20.10/1.41 26.1 28.5/1.51": "private",
    },
    "network_settings.sandbox_id": {"20.10 26.1 28.5": Raw("NetworkSettings.SandboxID")},
    "network_settings.networks.bridge.endpoint_id": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("NetworkSettings.EndpointID")
    },
    "network_settings.networks.bridge.ip_address": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("NetworkSettings.Networks.bridge.IPAddress")
    },
    "network_settings.networks.bridge.ip_prefix_len": {"20.10/1.24 20.10/1.41 26.1 28.5": 16},
    "network_settings.networks.bridge.gateway": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("NetworkSettings.Networks.bridge.Gateway")
    },
    "network_settings.networks.bridge.mac_address": {
        "20.10/1.24 20.10/1.41 26.1 28.5": Raw("NetworkSettings.MacAddress")
    },
    "mounts.0.type": {"20.10/1.24 20.10/1.41 26.1 28.5": "volume"},
    "mounts.0.driver": {"20.10/1.24 20.10/1.41 26.1 28.5": "local"},
    "state.finished_at": {},
}

ROW: Fields = {
    "id": {"*": Raw("Id")},
    "image": {"1.7.1 20.10 26.1 28.5": "busybox", "*": "busybox:latest"},
    "command": {
        "0.3.3 0.4.4 0.6.6 0.6.7": "sh -c echo out; echo err >&2; sleep 1; exit 3",
        "*": "sh -c 'echo out; echo err >&2; sleep 1; exit 3'",
    },
    "created": {"*": unix("Created")},
    "status": {"0.3.3 0.4.4 0.6.6 0.6.7": "Exit 3", "*": "Exited (3) Less than a second ago"},
    "size_rw": {"1.7.1 20.10 26.1 28.5": 0, "0.6.6 0.6.7": 4096, "0.4.4": 8192},
    "names": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": names("Names")},
    "size_root_fs": {"20.10 26.1 28.5": 1984172, "1.7.1": 1984287},
    "image_id": {"20.10 26.1 28.5": Raw("ImageID")},
    "state": {"20.10 26.1 28.5": "exited"},
    "network_mode": {"20.10": "default", "26.1 28.5": "bridge"},
    "networks.bridge.network_id": {
        "20.10 26.1 28.5": Raw("NetworkSettings.Networks.bridge.NetworkID")
    },
    "networks.bridge.gateway_priority": {"28.5": 0},
}

ROW_RUNNING: Fields = {
    "id": {"*": Raw("Id")},
    "image": {"1.7.1 20.10 26.1 28.5": "busybox", "*": "busybox:latest"},
    "command": {"0.4.4": "sh", "*": "sleep 300"},
    "created": {"*": unix("Created")},
    "status": {"*": "Up Less than a second"},
    "size_rw": {"0.4.4": 8192},
    "size_root_fs": {"0.4.4": 2045715},
    "names": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": names("Names")},
    "ports.0.private_port": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": 22},
    "ports.0.protocol": {"0.6.6 0.6.7 1.6.2 1.7.1 20.10 26.1 28.5": "tcp"},
    "labels": {"1.6.2 1.7.1 20.10 26.1 28.5": {"k": "v"}},
    "image_id": {"20.10 26.1 28.5": Raw("ImageID")},
    "state": {"20.10 26.1 28.5": "running"},
    "network_mode": {"20.10": "default", "26.1 28.5": "bridge"},
    "networks.bridge.network_id": {
        "20.10 26.1 28.5": Raw("NetworkSettings.Networks.bridge.NetworkID")
    },
    "networks.bridge.endpoint_id": {
        "20.10 26.1 28.5": Raw("NetworkSettings.Networks.bridge.EndpointID")
    },
    "networks.bridge.ip_address": {
        "20.10 26.1 28.5": Raw("NetworkSettings.Networks.bridge.IPAddress")
    },
    "networks.bridge.ip_prefix_len": {"20.10 26.1 28.5": 16},
    "networks.bridge.gateway": {"20.10 26.1 28.5": Raw("NetworkSettings.Networks.bridge.Gateway")},
    "networks.bridge.mac_address": {
        "20.10 26.1 28.5": Raw("NetworkSettings.Networks.bridge.MacAddress")
    },
    "mounts.0.type": {"20.10 26.1 28.5": "volume"},
    "mounts.0.name": {"20.10 26.1 28.5": Raw("Mounts.0.Name")},
    "mounts.0.destination": {"20.10 26.1 28.5": "/tmp/v"},
    "mounts.0.driver": {"20.10 26.1 28.5": "local"},
    "mounts.0.writable": {"20.10 26.1 28.5": True},
    "networks.bridge.gateway_priority": {"28.5": 0},
}

STATS: Fields = {
    "read": {"*": time("read")},
    "cpu.total_usage": {"*": Raw("cpu_stats.cpu_usage.total_usage")},
    "cpu.usage_per_cpu": {"*": Raw("cpu_stats.cpu_usage.percpu_usage")},
    "cpu.kernel_usage": {"20.10/1.41": 10000000, "*": 0},
    "cpu.user_usage": {"1.7.1 20.10/1.41": 0, "20.10/1.19": 20000000, "*": 10000000},
    "cpu.system_usage": {"*": Raw("cpu_stats.system_cpu_usage")},
    "cpu.periods": {"*": 0},
    "cpu.throttled_periods": {"*": 0},
    "cpu.throttled_time": {"*": 0},
    "precpu.total_usage": {"*": Raw("precpu_stats.cpu_usage.total_usage")},
    "precpu.usage_per_cpu": {"*": Raw("precpu_stats.cpu_usage.percpu_usage")},
    "precpu.kernel_usage": {"20.10/1.41": 10000000, "*": 0},
    "precpu.user_usage": {"1.7.1 20.10/1.41": 0, "20.10/1.19": 20000000, "*": 10000000},
    "precpu.system_usage": {"*": Raw("precpu_stats.system_cpu_usage")},
    "precpu.periods": {"*": 0},
    "precpu.throttled_periods": {"*": 0},
    "precpu.throttled_time": {"*": 0},
    "memory.usage": {"*": Raw("memory_stats.usage")},
    "memory.max_usage": {"*": Raw("memory_stats.max_usage")},
    "memory.limit": {"28.5": 25276502016, "*": 67108864},
    "memory.fail_count": {"1.7.1": 0},
    "memory.details": {"*": Raw("memory_stats.stats")},
    "networks.eth0.rx_bytes": {"26.1 28.5": 486, "1.7.1": 466, "*": 266},
    "networks.eth0.rx_packets": {"20.10": 3, "*": 5},
    "networks.eth0.rx_errors": {"*": 0},
    "networks.eth0.rx_dropped": {"*": 0},
    "networks.eth0.tx_bytes": {"28.5": 84, "1.7.1": 356, "*": 0},
    "networks.eth0.tx_packets": {"28.5": 2, "1.7.1": 4, "*": 0},
    "networks.eth0.tx_errors": {"*": 0},
    "networks.eth0.tx_dropped": {"*": 0},
    "preread": {"20.10 26.1 28.5": time("preread")},
    "cpu.online_cpus": {"20.10 26.1 28.5": 2},
    "precpu.online_cpus": {"20.10 26.1 28.5": 2},
    "pids_current": {"20.10 26.1 28.5": 1},
    "id": {"20.10/1.24 20.10/1.41 26.1 28.5": Raw("id")},
    "name": {"20.10/1.24 20.10/1.41 26.1 28.5": name("name")},
}
