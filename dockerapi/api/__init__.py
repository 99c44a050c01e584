"""The Engine's operations: one mixin per chapter of the manual.

A method checks what only it can check, names its route as the manual prints it, and says by the
transport's verb what kind of answer it expects. It never sees a socket, a status code or a version.
"""
