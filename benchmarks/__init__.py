"""How fast dockerapi is beside docker-py and beside plain sockets: `make bench`.

`engine` plays an Engine that says fixed bytes, `jobs` names what is measured, `ours`, `docker_py`
and `plain` do it, each in a fresh process (`worker`), and `report` makes the tables.
"""
