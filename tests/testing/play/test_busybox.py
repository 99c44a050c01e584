"""The commands of `busybox` that are played, as tests of users run them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dockerapi import Client, ContainerConfig, Output
from dockerapi.testing.play.busybox import COMMANDS

DOCUMENT = Path(__file__).parents[3] / "docs" / "testing.md"


def test_the_commands_are_those_that_the_documentation_lists() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    [listed] = re.findall(r"`busybox` is there from the start, with (.*?)\. ", text, re.DOTALL)
    assert sorted(re.findall(r"`(\S+)`", listed)) == sorted(COMMANDS)


@pytest.mark.parametrize(
    ("command", "code", "stdout", "stderr"),
    [
        (["echo", "-n", "a", "b"], 0, b"a b", b""),
        (["echo", "-e", "a"], 1, b"", b"echo: -e is not played; printf is\n"),
        (["/bin/echo", "x"], 0, b"x\n", b""),
        (["true"], 0, b"", b""),
        (["false"], 1, b"", b""),
        (["cat", "/etc/group", "/no"], 1, b"root:x:0:\nnobody:x:65534:\n", b"cat: can't open '/no': No such file or directory\n"),  # noqa: E501
        (["cat", "-x"], 1, b"", b"cat: invalid option -- 'x' (as it is played here)\n"),
        (["cat", "/dev/null"], 0, b"", b""),
        (["printf", "%s=%03d%%\\n", "a", "7", "b", "8"], 0, b"a=007%\nb=008%\n", b""),
        (["printf", "%d", "x"], 1, b"", b"printf: invalid number 'x'\n"),
        (["printf"], 1, b"", b"printf: a format was expected\n"),
        (["sleep", "x"], 1, b"", b"sleep: invalid number 'x'\n"),
        (["env", "A=1", "sh", "-c", "echo $A"], 0, b"1\n", b""),
        (["pwd"], 0, b"/\n", b""),
        (["ls", "/nowhere"], 1, b"", b"ls: /nowhere: No such file or directory\n"),
        (["ls", "/etc"], 0, b"group\npasswd\n", b""),
        (["ls", "-d", "/etc", "/tmp"], 0, b"/etc\n/tmp\n", b""),
        (["mkdir", "/a/b"], 1, b"", b"mkdir: /a/b: No such file or directory\n"),
        (["rm", "/tmp"], 1, b"", b"rm: '/tmp' is a directory\n"),
        (["rm", "-r", "/"], 1, b"", b"rm: refusing to remove '/'\n"),
        (["rm", "-f", "/nowhere"], 0, b"", b""),
        (["cp", "/etc", "/tmp"], 1, b"", b"cp: omitting directory 'etc'\n"),
        (["cp", "/etc"], 1, b"", b"cp: a source and a target were expected\n"),
        (["mv", "/nowhere", "/tmp"], 1, b"", b"mv: can't stat '/nowhere': No such file or directory\n"),  # noqa: E501
        (["mv", "/etc", "/tmp", "/no"], 1, b"", b"mv: target '/no' is not a directory\n"),
        (["chmod", "u+x", "/tmp"], 1, b"", b"chmod: invalid mode 'u+x' (a number is played)\n"),
        (["test", "-d", "/etc"], 0, b"", b""),
        (["test", "!", "-s", "/etc/group"], 1, b"", b""),
        (["[", "1", "=", "2", "]"], 1, b"", b""),
        (["[", "3", "-gt", "2", "]"], 0, b"", b""),
        (["[", "1"], 2, b"", b"[: missing ]\n"),
        (["[", "-r", "x", "]"], 2, b"", b"[: -r x: not played\n"),
        (["grep", "-i", "ROOT", "/etc/group"], 0, b"root:x:0:\n", b""),
        (["grep", "-c", "root", "/etc/group", "/etc/passwd"], 0, b"/etc/group:1\n/etc/passwd:1\n", b""),  # noqa: E501
        (["grep", "("], 2, b"", b"grep: bad regex '(': missing ), unterminated subpattern at position 0\n"),  # noqa: E501
        (["grep"], 2, b"", b"grep: a pattern was expected\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_a_command_does_what_it_should(
    client: Client, command: list[str], code: int, stdout: bytes, stderr: bytes
) -> None:
    result = client.run("busybox", command, remove=True)
    assert (result.exit_code, result.output) == (code, Output(stdout, stderr))


@pytest.mark.parametrize(
    ("command", "given", "expected"),
    [
        (["head", "-n", "2"], b"1\n2\n3\n", b"1\n2\n"),
        (["tail", "-n2"], b"1\n2\n3\n", b"2\n3\n"),
        (["wc"], b"a b\nc\n", b"2 3 6\n"),
        (["sort", "-r"], b"2\n3\n1\n", b"3\n2\n1\n"),
        (["sort", "-u"], b"b\na\nb\n", b"a\nb\n"),
        (["grep", "-vF", "a."], b"b\na.\nax\n", b"b\nax\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_filter_turns_its_input_into_its_output(
    client: Client, command: list[str], given: bytes, expected: bytes
) -> None:
    result = client.run("busybox", command, input=given, remove=True)
    assert (result.exit_code, result.output) == (0, Output(expected, b""))


def test_a_script_deploys_a_release(client: Client) -> None:
    script = (
        "mkdir -p releases/1/etc && echo x > releases/1/etc/app && cp -r releases/1 releases/2 && "
        "mv releases/2/etc/app releases/2/app && touch releases/2/ready && "
        "chmod 600 releases/2/app && rm -r releases/1 && rm /etc/group && ls -a releases releases/2"
    )
    config = ContainerConfig(working_dir="/tmp")
    result = client.run("busybox", ["sh", "-c", script], config=config)
    assert result.output == Output(b"releases:\n2\n\nreleases/2:\napp\netc\nready\n", b"")
    changes = {one.path: one.kind for one in client.diff(result.container_id)}
    assert changes["/etc/group"] == "deleted"
    assert changes["/tmp/releases/2/app"] == "added"


def test_a_container_knows_its_name_and_its_variables(client: Client) -> None:
    config = ContainerConfig(hostname="web-1", env={"STAGE": "test"})
    result = client.run("busybox", ["sh", "-c", "hostname; env | grep STAGE"], config=config)
    assert result.output.stdout == b"web-1\nSTAGE=test\n"


def test_sleep_is_process_1_and_ends_by_sigkill_only(client: Client) -> None:
    id = client.run_detached("busybox", ["sleep", "600"])
    client.stop(id, timeout=0)
    assert client.wait(id) == 137


def test_a_program_follows_a_file_until_it_is_killed(client: Client) -> None:
    id = client.create_container("busybox", ["sh", "-c", "echo a > f; tail -f f"]).id
    with client.attach(id) as attachment:
        client.start(id)
        assert next(attachment).data == b"a\n"
        client.exec_run(id, ["sh", "-c", "echo b >> f"])
        assert next(attachment).data == b"b\n"
        client.kill(id)
        assert attachment.read() == Output(b"", b"")
