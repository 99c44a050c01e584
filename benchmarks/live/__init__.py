"""How fast dockerapi is on a real Engine, beside other clients: `make bench-live`.

`jobs` names what is measured. `ours`, `docker_py`, `aio` (aiodocker), `plain` (sockets) and
`command` (the docker command) do it, each in a fresh process (`worker`); so does `go/main.go`, with
the Engine's own client for Go. Run as a module, this starts the Engines, as the live tests do, and
`report` makes the tables.
"""
