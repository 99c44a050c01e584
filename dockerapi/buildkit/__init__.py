"""The session of a build by BuildKit: a second connection, on which the Engine calls us.

`session` has the connection, its threads and its end; `call` is one call as a service sees it;
`services` and `output` have what is served. A service is a class with `methods`, which maps the
names of methods to what handles a call: mostly `unary` of a function from request to answer.
"""
