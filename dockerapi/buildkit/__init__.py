"""The session of a BuildKit build: a second connection, on which the Engine makes calls.

`session` has the connection, its threads and its end; `call` is one call from a service's side;
`services` and `output` have the services. A service is a class with `methods`, which maps names of
methods to handlers: mostly `unary` with a function from request to answer.
"""
