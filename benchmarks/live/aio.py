"""The same jobs by aiodocker, one after the other, in a loop that is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import aiodocker

from benchmarks.live.jobs import packed

Connection = tuple[asyncio.AbstractEventLoop, aiodocker.Docker]


def connect(path: str) -> Connection:
    async def connected() -> aiodocker.Docker:
        return aiodocker.Docker(f"unix://{path}")

    loop = asyncio.new_event_loop()
    return loop, loop.run_until_complete(connected())


def close(connection: Connection) -> None:
    loop, client = connection
    loop.run_until_complete(client.close())
    loop.close()


def done(connection: Connection, work: Coroutine[Any, Any, int]) -> int:
    return connection[0].run_until_complete(work)


def inspect(connection: Connection, amount: int, id: str, image: str, context: str) -> int:
    async def work() -> int:
        count, container = 0, connection[1].containers.container(id)
        for _ in range(amount):
            found = await container.show()
            count += len(found["Id"]) + len(found["State"]["Status"])
        return count

    return done(connection, work())


def list_containers(connection: Connection, amount: int, id: str, image: str, context: str) -> int:
    async def work() -> int:
        count = 0
        for _ in range(amount):
            for found in await connection[1].containers.list():
                count += len(found["Id"]) + len(found["State"])
        return count

    return done(connection, work())


def logs(connection: Connection, amount: int, id: str, image: str, context: str) -> int:
    async def work() -> int:
        count, container = 0, connection[1].containers.container(id)
        for _ in range(amount):
            count += sum(map(len, await container.log(stdout=True, stderr=True)))
        return count

    return done(connection, work())


def exec_run(connection: Connection, amount: int, id: str, image: str, context: str) -> int:
    async def work() -> int:
        count, container = 0, connection[1].containers.container(id)
        for _ in range(amount):
            created = await container.exec(["echo", "hi"])
            async with created.start() as stream:
                while (message := await stream.read_out()) is not None:
                    count += len(message.data)
            count += (await created.inspect())["ExitCode"]
        return count

    return done(connection, work())


def run(connection: Connection, amount: int, id: str, image: str, context: str) -> int:
    async def work() -> int:
        count = 0
        for _ in range(amount):
            container = await connection[1].containers.create(
                {"Image": image, "Cmd": ["echo", "hi"], "AttachStdout": True, "AttachStderr": True}
            )
            async with container.attach(stdout=True, stderr=True) as stream:
                await container.start()
                while (message := await stream.read_out()) is not None:
                    count += len(message.data)
            count += (await container.wait())["StatusCode"]
            await container.delete()
        return count

    return done(connection, work())


def build(connection: Connection, amount: int, id: str, image: str, context: str) -> int:
    async def work() -> int:
        count = 0
        for _ in range(amount):
            file = packed(context)
            messages = await connection[1].images.build(fileobj=file, encoding="identity")
            count += sum(len(each["aux"]["ID"]) for each in messages if "aux" in each)
        return count

    return done(connection, work())
