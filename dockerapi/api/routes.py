"""Which routes an operation cannot do without: by the name of the method, as the manual has them.

What a method asks only where the version has it (`viz`), or to know what it is talking to (the
inspect before `logs`), is not here.
"""

from __future__ import annotations

# What of the query of a route an operation cannot do without.
NEEDED = {("build_files", "POST /build"): "outputs"}

ROUTES: dict[str, tuple[str, ...]] = {
    # Containers
    "containers": ("GET /containers/json",),
    "create_container": ("POST /containers/create",),
    "inspect_container": ("GET /containers/{id}/json",),
    "top": ("GET /containers/{id}/top",),
    "logs": ("GET /containers/{id}/logs",),
    "diff": ("GET /containers/{id}/changes",),
    "export": ("GET /containers/{id}/export",),
    "stats": ("GET /containers/{id}/stats",),
    "stream_stats": ("GET /containers/{id}/stats",),
    "resize": ("POST /containers/{id}/resize",),
    "start": ("POST /containers/{id}/start",),
    "stop": ("POST /containers/{id}/stop",),
    "restart": ("POST /containers/{id}/restart",),
    "kill": ("POST /containers/{id}/kill",),
    "update_container": ("POST /containers/{id}/update",),
    "rename": ("POST /containers/{id}/rename",),
    "pause": ("POST /containers/{id}/pause",),
    "unpause": ("POST /containers/{id}/unpause",),
    "attach": ("POST /containers/{id}/attach",),
    "attach_websocket": ("GET /containers/{id}/attach/ws",),
    "wait": ("POST /containers/{id}/wait",),
    "wait_until": ("GET /containers/{id}/json", "GET /events"),
    "remove_container": ("DELETE /containers/{id}",),
    "prune_containers": ("POST /containers/prune",),
    "get_archive": ("GET /containers/{id}/archive",),
    "put_archive": ("PUT /containers/{id}/archive",),
    "copy_into": ("PUT /containers/{id}/archive",),
    "copy_out": ("GET /containers/{id}/archive",),
    "run": (
        "POST /containers/create",
        "POST /containers/{id}/attach",
        "POST /containers/{id}/start",
        "POST /containers/{id}/wait",
    ),
    "run_detached": ("POST /containers/create", "POST /containers/{id}/start"),
    # Images
    "images": ("GET /images/json",),
    "viz": (),
    "pull": ("POST /images/create",),
    "stream_pull": ("POST /images/create",),
    "import_image": ("POST /images/create",),
    "stream_import_image": ("POST /images/create",),
    "insert": ("POST /images/{name}/insert",),
    "inspect_image": ("GET /images/{name}/json",),
    "history": ("GET /images/{name}/history",),
    "image_attestations": ("GET /images/{name}/attestations",),
    "push": ("POST /images/{name}/push",),
    "stream_push": ("POST /images/{name}/push",),
    "tag": ("POST /images/{name}/tag",),
    "remove_image": ("DELETE /images/{name}",),
    "prune_images": ("POST /images/prune",),
    "search": ("GET /images/search",),
    "inspect_distribution": ("GET /distribution/{name}/json",),
    "build": ("POST /build",),
    "stream_build": ("POST /build",),
    "build_files": ("POST /build", "POST /session"),
    "prune_build_cache": ("POST /build/prune",),
    "get_image": ("GET /images/{name}/get",),
    "load_image": ("POST /images/load",),
    "stream_load_image": ("POST /images/load",),
    # Exec
    "exec_create": ("POST /containers/{id}/exec",),
    "exec_start": ("POST /exec/{id}/start",),
    "exec_start_detached": ("POST /exec/{id}/start",),
    "exec_resize": ("POST /exec/{id}/resize",),
    "exec_inspect": ("GET /exec/{id}/json",),
    "exec_run": (
        "POST /containers/{id}/exec",
        "POST /exec/{id}/start",
        "GET /exec/{id}/json",
    ),
    # Networks
    "networks": ("GET /networks",),
    "inspect_network": ("GET /networks/{id}",),
    "create_network": ("POST /networks/create",),
    "connect_network": ("POST /networks/{id}/connect",),
    "disconnect_network": ("POST /networks/{id}/disconnect",),
    "remove_network": ("DELETE /networks/{id}",),
    "prune_networks": ("POST /networks/prune",),
    # Volumes
    "volumes": ("GET /volumes",),
    "inspect_volume": ("GET /volumes/{name}",),
    "create_volume": ("POST /volumes/create",),
    "update_volume": ("PUT /volumes/{name}",),
    "remove_volume": ("DELETE /volumes/{name}",),
    "prune_volumes": ("POST /volumes/prune",),
    # The Engine itself
    "login": ("POST /auth",),
    "stored_login": ("GET /auth",),
    "info": ("GET /info",),
    "version": ("GET /version",),
    "ping": ("GET /_ping",),
    "disk_usage": ("GET /system/df",),
    "commit": ("POST /commit",),
    "events": ("GET /events",),
}
