"""What comes out of the recordings about exec instances."""

from __future__ import annotations

from dockerapi import Client
from dockerapi.errors import NotFound
from dockerapi.models.exec import ExecCreated
from dockerapi.output import Output
from replay.recording import Recording
from replay.table import Fields, Raises, Raw, Replay, known, refused, told

EXEC: Fields = {
    "id": {"*": Raw("ID")},
    "container_id": {"1.6.2 1.7.1": Raw("Container.ID"), "*": Raw("ContainerID")},
    "running": {"*": False},
    "exit_code": {"*": 2},
    "entrypoint": {"*": "sh"},
    "arguments": {"*": ("-c", "echo eo; echo ee >&2; exit 2")},
    "privileged": {"*": False},
    "tty": {"*": False},
    "open_stdin": {"*": False},
    "open_stdout": {"*": True},
    "open_stderr": {"*": True},
    "pid": {"20.10 26.1 28.5": Raw("Pid")},
    "can_remove": {"20.10 26.1 28.5": False},
}


def created(recording: Recording) -> ExecCreated:
    return ExecCreated(id=recording.json["Id"], tty=False)


def this(recording: Recording) -> ExecCreated:
    """What is started: known to have no TTY, so that the Engine is not asked."""
    return ExecCreated(id=recording.id, tty=False)


def start_with_input(client: Client, recording: Recording) -> Output:
    assert recording.stdin is not None
    with client.exec_start(this(recording)) as attachment:
        attachment.write(recording.stdin)
        attachment.close_stdin()
        return attachment.read()


CREATE = refused("POST /containers/{id}/exec", "1.15")
START = refused("POST /exec/{id}/start", "1.15")

REPLAYS = {
    "exec_create": Replay(
        lambda client, recording: client.exec_create(
            recording.id, ["sh", "-c", "echo eo; echo ee >&2; exit 2"]
        ),
        {"<1.15": CREATE, "*": created},
    ),
    "exec_create_detached": Replay(
        lambda client, recording: client.exec_create(recording.id, ["true"], stderr=False),
        {"<1.15": CREATE, "*": created},
    ),
    "exec_create_stdin": Replay(
        lambda client, recording: client.exec_create(recording.id, ["cat"], stdin=True),
        {"<1.15": CREATE, "*": created},
    ),
    "exec_start": Replay(
        lambda client, recording: client.exec_start(this(recording)).read(),
        {"<1.15": START, "*": Output(b"eo\n", b"ee\n")},
    ),
    "exec_start_stdin_upgrade": Replay(
        start_with_input, {"<1.15": START, "*": Output(b"exec stdin\n")}
    ),
    "exec_start_detached": Replay(
        lambda client, recording: client.exec_start_detached(this(recording)),
        {"<1.15": START, "*": None},
    ),
    # Where only the id is given the Engine is asked about it first, and 404 is the answer of all.
    "exec_start_404": Replay(
        lambda client, recording: client.exec_start(this(recording)).read(),
        {
            "<1.15": START,
            "1.6.2": Output(
                b"Error starting exec command in container nosuch: "
                b"No such exec instance 'nosuch' found in daemon\n",
                b"No such exec instance 'nosuch' found in daemon\n",
            ),
            "1.7.1": Output(),
            "*": Raises(NotFound, "POST /exec/{id}/start: 404 No such exec instance: nosuch"),
        },
    ),
    "exec_inspect": Replay(
        lambda client, recording: known(client.exec_inspect(recording.id)),
        {"<1.16": refused("GET /exec/{id}/json", "1.16"), "*": told(EXEC)},
    ),
}
