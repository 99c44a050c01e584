"""A first look: run a container, then follow, feed, enter, watch, stop and remove another."""

from __future__ import annotations

import sys

from any_engine import connect

from dockerapi import Client, ContainerConfig, DockerError, ImageNotFound

LABELS = {"dockerapi.example": "quickstart"}
READ_LINES = "while read line; do echo got $line; done; echo no more input; exec sleep 600"


def main(client: Client) -> None:
    print(f"Engine {client.version().version} at {client.base_url}, API {client.api_version}")
    need_image(client)
    run_to_the_end(client)
    config = ContainerConfig(labels=LABELS, open_stdin=True, stdin_once=True)
    id = client.run_detached("busybox", ["sh", "-c", READ_LINES], config=config)
    with client.events() as events:  # Engines 1.7 and 1.8 leave "destroy" out of filtered ones
        try:
            talk(client, id)
            print("exec:     ", client.exec_run(id, ["hostname"]).output.stdout)
            client.stop(id, timeout=1)
        finally:
            client.remove_container(id, force=True)
        for event in events:
            if event.id is None or not id.startswith(event.id):
                continue
            print("event:    ", event.action)
            if event.action == "destroy":
                break


def need_image(client: Client) -> None:
    try:
        client.inspect_image("busybox")
    except ImageNotFound:
        try:
            client.pull("busybox")
        except DockerError as error:
            sys.exit(f"Load the image busybox into the Engine: it cannot be pulled ({error}).")


def run_to_the_end(client: Client) -> None:
    command = ["sh", "-c", "echo a result; echo a warning >&2; exit 3"]
    result = client.run("busybox", command, config=ContainerConfig(labels=LABELS), remove=True)
    print("stdout:   ", result.output.stdout)
    print("stderr:   ", result.output.stderr)
    print("exit code:", result.exit_code)


def talk(client: Client, id: str) -> None:
    with client.attach(id, stdin=True) as attachment:
        attachment.write(b"one\ntwo\n")
        attachment.close_stdin()
        with client.logs(id, follow=True) as logs:  # Podman answers when something was written
            for line in logs.lines():
                print("log:      ", line.text)
                if line.text == "no more input":
                    break


if __name__ == "__main__":
    try:
        with connect() as client:
            main(client)
    except DockerError as error:
        sys.exit(f"The Engine could not do it: {error}")
