"""How fast dockerapi is beside docker-py and beside plain sockets: `make bench`.

The folder `live` has the same for real Engines: `make bench-live`.

`engine` plays an Engine that says fixed bytes, `jobs` names what is measured, `ours`, `docker_py`
and `plain` do it, each in a fresh process (`worker`), and `report` makes the tables.
"""
