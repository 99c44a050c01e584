"""The commands of `busybox` that are played, one by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dockerapi import Client, ContainerConfig, Output
from dockerapi.testing import FakeEngine


@pytest.fixture
def client() -> Iterator[Client]:
    with FakeEngine() as engine, Client(engine.url) as client:
        yield client


@pytest.mark.parametrize(
    ("command", "code", "stdout", "stderr"),
    [
        (["echo", "-n", "a", "b"], 0, b"a b", b""),
        (["echo", "-e", r"a\tb\x41\0101\cgone"], 0, b"a\tbAA", b""),
        (["/bin/echo", "x"], 0, b"x\n", b""),
        (["true"], 0, b"", b""),
        (["false"], 1, b"", b""),
        (["cat", "/etc/group", "/nowhere"], 1, None, b"cat: can't open '/nowhere': No such file or directory\n"),  # noqa: E501
        (["cat", "-x"], 1, b"", b"cat: invalid option -- 'x' (as it is played here)\n"),
        (["printf", "%s=%03d%%\\n", "a", "7", "b", "8"], 0, b"a=007%\nb=008%\n", b""),
        (["printf", "%d", "x"], 1, b"", b"printf: invalid number 'x'\n"),
        (["sleep", "x"], 1, b"", b"sleep: invalid number 'x'\n"),
        (["env", "-i", "A=1", "env"], 0, b"A=1\n", b""),
        (["pwd"], 0, b"/\n", b""),
        (["whoami"], 0, b"root\n", b""),
        (["id", "-u"], 0, b"0\n", b""),
        (["uname"], 0, b"Linux\n", b""),
        (["tty"], 1, b"not a tty\n", b""),
        (["stty", "size"], 1, b"", b"stty: standard input: Not a tty\n"),
        (["ls", "/nowhere"], 1, b"", b"ls: /nowhere: No such file or directory\n"),
        (["ls", "/etc"], 0, b"group\npasswd\n", b""),
        (["ls", "-d", "/etc", "/tmp"], 0, b"/etc\n/tmp\n", b""),
        (["mkdir", "/a/b"], 1, b"", b"mkdir: /a/b: No such file or directory\n"),
        (["rm", "/tmp"], 1, b"", b"rm: '/tmp' is a directory\n"),
        (["rm", "-r", "/"], 1, b"", b"rm: refusing to remove '/'\n"),
        (["rm", "-f", "/nowhere"], 0, b"", b""),
        (["cp", "/etc", "/tmp"], 1, b"", b"cp: omitting directory 'etc'\n"),
        (["mv", "/nowhere", "/tmp"], 1, b"", b"mv: can't stat '/nowhere': No such file or directory\n"),  # noqa: E501
        (["chmod", "bogus", "/tmp"], 1, b"", b"chmod: invalid mode 'bogus'\n"),
        (["find", "/etc", "-name", "pass*"], 0, b"/etc/passwd\n", b""),
        (["find", "/", "-newer", "x"], 1, b"", b"find: only -name and -type are played\n"),
        (["stat", "-c", "%a %n", "/tmp"], 0, b"1777 /tmp\n", b""),
        (["readlink", "-f", "/etc/../tmp"], 0, b"/tmp\n", b""),
        (["test", "-d", "/etc"], 0, b"", b""),
        (["[", "1", "=", "2", "]"], 1, b"", b""),
        (["[", "1"], 2, b"", b"[: missing ]\n"),
        (["grep", "root", "/etc/group"], 0, b"root:x:0:\n", b""),
        (["grep", "("], 1, b"", b""),
        (["grep", "-E", "("], 2, b"", b"grep: bad regex '(': missing ), unterminated subpattern at position 0\n"),  # noqa: E501
        (["sed", "y/a/b/"], 1, b"", b"sed: only `s/a/b/`, `Np` and `Nd` are played, not 'y/a/b/'\n"),  # noqa: E501
        (["dd", "if=/dev/zero", "bs=2", "count=2"], 0, b"\0\0\0\0", b"2+0 records out\n"),
        (["seq", "4", "-2", "0"], 0, b"4\n2\n0\n", b""),
        (["which", "ls", "nosuch"], 1, b"/bin/ls\n", b""),
        (["basename", "/a/b.c", ".c"], 0, b"b\n", b""),
        (["dirname", "/a/b"], 0, b"/a\n", b""),
        (["md5sum", "/etc/group"], 0, None, b""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_a_command_does_what_it_should(
    client: Client, command: list[str], code: int, stdout: bytes | None, stderr: bytes
) -> None:
    result = client.run("busybox", command, remove=True)
    expected = Output(result.output.stdout if stdout is None else stdout, stderr)
    assert (result.exit_code, result.output) == (code, expected)


@pytest.mark.parametrize(
    ("command", "given", "expected"),
    [
        (["head", "-2"], b"1\n2\n3\n", b"1\n2\n"),
        (["head", "-c", "3"], b"12345", b"123"),
        (["tail", "-n", "+2"], b"1\n2\n3\n", b"2\n3\n"),
        (["tail", "-c", "2"], b"12345", b"45"),
        (["wc"], b"a b\nc\n", b"2 3 6\n"),
        (["sort", "-rn"], b"2\n10\n1\n", b"10\n2\n1\n"),
        (["sort", "-u"], b"b\na\nb\n", b"a\nb\n"),
        (["uniq", "-c"], b"a\na\nb\n", b"      2 a\n      1 b\n"),
        (["cut", "-c2-3"], b"abcd\n", b"bc\n"),
        (["cut", "-d:", "-f1,3-"], b"a:b:c:d\nx\n", b"a:c:d\nx\n"),
        (["tr", "[:lower:]", "[:upper:]"], b"abc", b"ABC"),
        (["tr", "-d", "a-c"], b"xaybz", b"xyz"),
        (["grep", "-in", "A"], b"b\na\n", b"2:a\n"),
        (["grep", "-vc", "a"], b"b\na\n", b"1\n"),
        (["grep", "-o", "[0-9]*"], b"a\n", b"\n"),
        (["sed", "-n", "2,3p"], b"1\n2\n3\n4\n", b"2\n3\n"),
        (["sed", "2d"], b"1\n2\n3\n", b"1\n3\n"),
        (["sed", "-E", "s#(a+)#<\\1>#g"], b"aaba\n", b"<aa>b<a>\n"),
        (["xargs", "echo", "got"], b"a\nb\n", b"got a b\n"),
        (["tee", "/tmp/t"], b"x", b"x"),
        (["base64", "-d"], b"YWJj\n", b"abc"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_filter_turns_its_input_into_its_output(
    client: Client, command: list[str], given: bytes, expected: bytes
) -> None:
    result = client.run("busybox", command, input=given, remove=True)
    assert (result.exit_code, result.output) == (0, Output(expected, b""))


def test_files_are_made_changed_and_removed(client: Client) -> None:
    script = (
        "mkdir -p a/b && echo x > a/b/f && cp -r a c && mv c/b c/d && ln -s d c/e && touch g && "
        "chmod 600 g && chmod u+x g && stat -c %a g && rm -r a && rmdir /home && ls; find c; "
        "ls -l c/e | cut -c1-10; cat c/e/f; ln c/d/f h; cat h"
    )
    config = ContainerConfig(working_dir="/tmp")
    result = client.run("busybox", ["sh", "-c", script], config=config)
    assert result.output == Output(b"700\nc\ng\nc\nc/d\nc/d/f\nc/e\nlrwxrwxrwx\nx\nx\n", b"")
    changes = {one.path: one.kind for one in client.diff(result.container_id)}
    assert changes["/home"] == "deleted"
    assert changes["/tmp/c/d/f"] == "added"


def test_links_do_not_lead_out_of_the_container(client: Client) -> None:
    script = (
        "ln -s / up; ls up/etc; ln -s ../../../../../../etc out; ls out; echo x > out/new; ls /etc"
    )
    config = ContainerConfig(working_dir="/tmp")
    result = client.run("busybox", ["sh", "-c", script], config=config)
    names = b"group\npasswd\n"
    assert result.output == Output(names + names + b"group\nnew\npasswd\n", b"")


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
