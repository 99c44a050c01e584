"""The Engine's operations: one mixin per chapter of the manual.

A method checks what only it can check, names its route in the manual's form, and calls the
transport's verb for the kind of answer that it expects. It never sees a socket, a status code or a
version.
"""
