"""Plugins on a private Engine: one of busybox, made here, pushed to a registry and installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerapi import (
    BadRequest,
    Client,
    Conflict,
    Credentials,
    PluginNotFound,
    PluginPrivilege,
    PrivilegesNeeded,
    ServerError,
)
from dockerapi.models.plugins import (
    Plugin,
    PluginArguments,
    PluginConfig,
    PluginDevice,
    PluginMount,
    PluginSettings,
    PluginVariable,
)
from live.agents import copy_program
from live.busybox import find_busybox, root_file_system
from live.engine import PrivateEngine, cannot_start, start
from live.programs import Missing, do_without
from live.registry import PASSWORD, USERNAME

pytestmark = [pytest.mark.real("plugins"), pytest.mark.dear]
ADA = Credentials(username=USERNAME, password=PASSWORD)
# Listens where the Engine looks for a plugin; busybox knows no such sockets.
LISTEN = """
$SIG{TERM} = sub { exit 0 };
socket S, 1, 1, 0; bind S, pack "S a108", 1, "/run/docker/plugins/it.sock"; listen S, 8;
while (1) { accept C, S; close C }
"""
MOUNT = {
    "Name": "data",
    "Description": "what it reads",
    "Settable": ["source"],
    "Source": "/usr/share",
    "Destination": "/data",
    "Type": "bind",
    "Options": ["rbind", "ro"],
}
CONFIG = {
    "Description": "does nothing",
    "Documentation": "https://example.com",
    "Interface": {"Types": ["dockerapi.nothing/1.0"], "Socket": "it.sock"},
    "Entrypoint": ["/usr/bin/perl", "-e", LISTEN],
    "WorkDir": "/tmp",
    "Network": {"Type": "host"},
    "Linux": {
        "Capabilities": ["CAP_SYS_ADMIN"],
        "Devices": [
            {"Name": "null", "Description": "", "Path": "/dev/null", "Settable": ["path"]},
        ],
    },
    "Mounts": [MOUNT],
    "Env": [
        {"Name": "LEVEL", "Description": "of noise", "Value": "1", "Settable": ["value"]},
        {"Name": "FIXED", "Value": "x"},
    ],
    "Args": {"Name": "args", "Description": "words", "Settable": ["value"], "Value": ["a"]},
}
PRIVILEGES = [
    PluginPrivilege(name="network", description="permissions to access a network", values=["host"]),
    PluginPrivilege(name="mount", description="host path to mount", values=["/usr/share"]),
    PluginPrivilege(name="device", description="host device to access", values=["/dev/null"]),
    PluginPrivilege(
        name="capabilities",
        description="list of additional capabilities required",
        values=["CAP_SYS_ADMIN"],
    ),
]


@pytest.fixture(scope="module")
def own(programs: Path | None) -> Iterator[PrivateEngine]:
    """An Engine of this module's own, whose plugins are all ours."""
    if why := cannot_start():
        pytest.skip(why)
    try:
        with start(programs, name="plugins") as engine:
            yield engine
    except Missing as missing:
        do_without(missing)


@pytest.fixture
def plugins(own: PrivateEngine, client: Client) -> Iterator[Client]:
    """A client of it that speaks what `client` does; it has no plugins."""
    with Client(own.url, version=client.api_version) as found:
        yield found
    for row in own.get("/plugins"):
        assert own.request("DELETE", f"/plugins/{row['Id']}?force=1")[0] == 200


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root file system of busybox, with a program that can listen."""
    folder = tmp_path_factory.mktemp("plugin")
    busybox = find_busybox(folder)
    assert busybox is not None
    (folder / "rootfs").mkdir()
    unpack = ["tar", "-x", "-C", str(folder / "rootfs")]
    subprocess.run(unpack, input=root_file_system(busybox), check=True)
    copy_program("/usr/bin/perl", folder / "rootfs")
    return folder / "rootfs"


@pytest.fixture
def source(root: Path, tmp_path: Path) -> Path:
    """The folder of a plugin that asks for much."""
    shutil.copytree(root, tmp_path / "rootfs", symlinks=True)
    (tmp_path / "rootfs/etc/name").write_text(tmp_path.name)
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    return tmp_path


@pytest.mark.needs("1.25")
def test_a_plugin_is_what_its_folder_says(
    plugins: Client, own: PrivateEngine, source: Path, name: str
) -> None:
    assert plugins.plugins() == []
    plugins.create_plugin(f"{name}:1", source)
    [found] = plugins.plugins()
    device = PluginDevice(name="null", path="/dev/null", settable=("path",))
    mount = PluginMount(
        name="data",
        description="what it reads",
        settable=("source",),
        source="/usr/share",
        destination="/data",
        type="bind",
        options=("rbind", "ro"),
    )
    assert found == plugins.inspect_plugin(f"{name}:1") == plugins.inspect_plugin(found)
    assert found.config is not None and len(found.config.layers) == 1
    release = own.version if own.says({"0.3": True, "29.0": False}) else None
    assert found == Plugin(
        id=found.id,
        name=f"{name}:1",
        enabled=False,
        reference=f"{name}:1",
        settings=PluginSettings(
            mounts=(mount,), env=("LEVEL=1", "FIXED=x"), args=("a",), devices=(device,)
        ),
        config=PluginConfig(
            description="does nothing",
            documentation="https://example.com",
            docker_version=release,
            interface_types=("dockerapi.nothing/1.0",),
            socket="it.sock",
            entrypoint=("/usr/bin/perl", "-e", LISTEN),
            working_dir="/tmp",
            network="host",
            capabilities=("CAP_SYS_ADMIN",),
            allow_all_devices=False,
            devices=(device,),
            ipc_host=False,
            pid_host=False,
            mounts=(mount,),
            env=(
                PluginVariable(
                    name="LEVEL", description="of noise", settable=("value",), value="1"
                ),
                PluginVariable(name="FIXED", value="x"),
            ),
            args=PluginArguments(
                name="args", description="words", settable=("value",), value=("a",)
            ),
            layers=found.config.layers,
        ),
    )
    with pytest.raises(Conflict) as caught:
        plugins.create_plugin(f"{name}:1", source)
    assert caught.value.message == f"plugin {name}:1 already exists"
    with pytest.raises(Conflict):  # its file system is there
        plugins.create_plugin(f"{name}:2", source)


@pytest.mark.needs("1.25", "1.28")
def test_a_plugin_is_set_enabled_disabled_and_removed(
    plugins: Client, source: Path, name: str
) -> None:
    it = f"{name}:1"
    plugins.create_plugin(it, source)
    plugins.set_plugin(it, {"LEVEL": 3, "data.source": "/usr/lib", "args": "b c"})
    found = plugins.inspect_plugin(it)
    assert found.settings is not None
    assert (found.settings.env, found.settings.args, found.settings.mounts[0].source) == (
        ("LEVEL=3", "FIXED=x"),
        ("b", "c"),
        "/usr/lib",
    )
    for setting in ("FIXED", "NOSUCH"):
        with pytest.raises(BadRequest):
            plugins.set_plugin(it, {setting: "2"})
    plugins.enable_plugin(it, timeout=60)
    assert plugins.inspect_plugin(it).enabled
    for call in (
        lambda: plugins.enable_plugin(it),
        lambda: plugins.remove_plugin(it),
        lambda: plugins.set_plugin(it, {"LEVEL": 4}),
    ):
        with pytest.raises(Conflict) as caught:
            call()
    assert str(caught.value) == (
        "POST /plugins/{name}/set: 500 cannot set on an active plugin, disable plugin before "
        "setting (disable it first)"
    )
    wanted = [row.id for row in plugins.plugins(filters={"enabled": True})]
    assert wanted == [found.id]
    assert plugins.plugins(filters={"enabled": False}) == []
    assert plugins.plugins(filters={"capability": "nosuch"}) == []
    plugins.disable_plugin(it, force=True)
    with pytest.raises(Conflict):
        plugins.disable_plugin(it)
    plugins.remove_plugin(it)
    for missing in (plugins.inspect_plugin, plugins.remove_plugin, plugins.enable_plugin):
        with pytest.raises(PluginNotFound):
            missing(it)


@pytest.mark.needs("1.25", "1.26")
def test_a_plugin_is_installed_with_the_privileges_that_it_is_granted(
    plugins: Client, own: PrivateEngine, source: Path, name: str, registry: str
) -> None:
    it = f"{registry}/{name}:1"
    plugins.create_plugin(it, source)
    pushed = plugins.push_plugin(it, auth=ADA)
    assert pushed.tag == "1" and (pushed.digest or "").startswith("sha256:")
    plugins.remove_plugin(it)
    assert plugins.plugin_privileges(it, auth=ADA) == PRIVILEGES

    asked = []

    def denies(wanted: list[PluginPrivilege]) -> bool:
        asked.append(wanted)
        return False

    for refused in (None, denies, [], PRIVILEGES[:2]):
        with pytest.raises(PrivilegesNeeded) as caught:
            plugins.install_plugin(it, privileges=refused, auth=ADA)
        assert list(caught.value.privileges) == PRIVILEGES
        assert str(caught.value) == (
            f"POST /plugins/pull: {it} needs privileges: network host, mount /usr/share, device "
            "/dev/null, capabilities CAP_SYS_ADMIN; nothing was installed"
        )
        assert plugins.plugins() == []
    assert asked == [PRIVILEGES]

    seen = []
    renamed = f"{name}/renamed"
    installed = plugins.install_plugin(
        it, name=renamed, privileges=lambda _: True, auth=ADA, progress=seen.append
    )
    assert (installed.name, installed.reference, installed.enabled) == (
        f"{renamed}:latest",
        it,
        False,
    )
    assert len(seen) > 2
    with pytest.raises(Conflict):
        plugins.install_plugin(it, name=renamed, privileges=PRIVILEGES, auth=ADA)
    with pytest.raises(PrivilegesNeeded):
        plugins.upgrade_plugin(renamed, auth=ADA)
    upgraded = plugins.upgrade_plugin(installed, privileges=PRIVILEGES[::-1], auth=ADA)
    assert upgraded == installed
    plugins.enable_plugin(installed)
    with pytest.raises(Conflict) as enabled:
        plugins.upgrade_plugin(installed, privileges=PRIVILEGES, auth=ADA)
    assert enabled.value.hint == "disable it first"
    plugins.remove_plugin(installed, force=True)
    assert plugins.plugins() == []


@pytest.mark.needs("1.25")
def test_a_plugin_that_asks_for_nothing_needs_no_grant(
    plugins: Client, source: Path, name: str, registry: str
) -> None:
    config = {"Entrypoint": ["/bin/sleep", "600"], "Interface": {"Types": [], "Socket": "it.sock"}}
    (source / "config.json").write_text(json.dumps(config))
    it = f"{registry}/{name}:latest"
    plugins.create_plugin(it, source)
    plugins.push_plugin(it, auth=ADA)
    plugins.remove_plugin(it)
    assert plugins.plugin_privileges(it, auth=ADA) == []
    assert plugins.install_plugin(f"{registry}/{name}", auth=ADA).name == it


@pytest.mark.needs("1.25")
def test_what_a_registry_has_not_is_told_by_installing_it(
    plugins: Client, own: PrivateEngine, name: str, registry: str
) -> None:
    missing = own.says({"0.3": ServerError, "28.0": PluginNotFound})
    with pytest.raises(missing):
        plugins.install_plugin(f"{registry}/{name}", auth=ADA)
    with pytest.raises(ServerError):  # asked by TLS first, it does not say what is missing
        plugins.install_plugin(f"{registry}/{name}")
    with pytest.raises(ServerError):
        plugins.install_plugin(f"127.0.0.1:9/{name}")
