"""The shell that is played: what scripts print and how they end is what busybox's `sh` does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dockerapi import Client, ContainerConfig, Output

INPUT = b"first\nsecond\n"
WORDS = ["name", "arg1", "arg 2"]
IN_TMP = ContainerConfig(working_dir="/tmp")
# Script, exit code, output, and whether it complains.
SCRIPTS = [
    ("echo out; echo err >&2; exit 3", 3, b"out\n", True),
    ("X=1; Y=$X$X; echo \"$Y\" '${Y}' \\$Y ${Y}z \"a $X\\\"\"; echo $?", 0, b'11 ${Y} $Y 11z a 1"\n0\n', False),  # noqa: E501
    ('X="a  b"; echo $X "$X" x$X; echo one two   three', 0, b"a b a  b xa b\none two three\n", False),  # noqa: E501
    ("false || echo no; true && echo yes; ! false; echo $?", 0, b"no\nyes\n0\n", False),
    ("false; echo $?; true && false || echo $?; echo $?", 0, b"1\n1\n0\n", False),
    ("for i in 1 '2 3' $UNSET; do echo $i; done; echo $i", 0, b"1\n2 3\n2 3\n", False),
    ('for i in "$@"; do echo "$i"; done; echo $# $0 $1 "$2"', 0, b"arg1\narg 2\n2 name arg1 arg 2\n", False),  # noqa: E501
    ("if [ -f /nofile ]; then echo a; elif true; then echo b; else echo c; fi", 0, b"b\n", False),
    ("if false; then echo a\nelse\nif true; then echo b; fi; fi; if false; then :; fi", 0, b"b\n", False),  # noqa: E501
    ("printf 'b\\na\\nc\\n' | sort | head -n 2 | tail -n 1; echo $?", 0, b"b\n0\n", False),
    ("exit 4 | cat; echo $?; cat | exit 5; echo $?", 0, b"0\n5\n", False),
    ("echo x > f; echo y >> f; cat f; cat < f | grep y; ls; rm f; ls", 0, b"x\ny\ny\nf\n", False),
    ("cat nofile > out 2>&1; wc -l < out; cat nofile 2>/dev/null || echo gone", 0, b"1\ngone\n", False),  # noqa: E501
    ("echo x > /no/file; echo $?; > made; [ -e made ] && echo made", 0, b"1\nmade\n", True),
    ("mkdir -p a/b; cd a; touch b/c; ls; cd /; pwd; exit", 0, b"b\n/\n", False),
    ("cd /nowhere; echo $?", 0, b"2\n", True),
    ("export E=5; sh -c 'echo $E'; F=6 sh -c 'echo $F'; echo \"$F\"", 0, b"5\n6\n\n", False),
    ("exec echo replaced; echo never", 0, b"replaced\n", False),
    ("echo a; # comment\necho b \\\n c", 0, b"a\nb c\n", False),
    ("nosuchcommand; echo $?", 0, b"127\n", True),
    ("exit 300", 44, b"", False),
    ("cat", 0, INPUT, False),
    ("printf 'echo $0 $1\\nexit 3\\n' > job; sh job x; echo $?", 0, b"job x\n3\n", False),
]  # fmt: skip


@pytest.mark.parametrize(("script", "code", "output", "complains"), SCRIPTS)
def test_a_script_does_what_it_does_in_busybox(
    client: Client, script: str, code: int, output: bytes, complains: bool
) -> None:
    command = ["sh", "-c", script, *WORDS]
    result = client.run("busybox", command, config=IN_TMP, input=INPUT, remove=True)
    found = (result.exit_code, result.output.stdout, bool(result.output.stderr))
    assert found == (code, output, complains)


@pytest.mark.skipif(
    shutil.which("busybox") is None,
    reason="there is no busybox here; on Debian `apt-get install busybox-static` brings it",
)
@pytest.mark.parametrize(("script", "code", "output", "complains"), SCRIPTS)
def test_the_real_busybox_does_the_same(
    script: str, code: int, output: bytes, complains: bool, tmp_path: Path
) -> None:
    result = subprocess.run(
        ["busybox", "sh", "-c", script, *WORDS],
        input=INPUT,
        capture_output=True,
        cwd=tmp_path,
        env={"PATH": "/bin:/usr/bin", "HOME": "/root"},
    )
    found = (result.returncode, result.stdout, bool(result.stderr))
    assert found == (code, output, complains)


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("echo ran; while true; do :; done", "'while' is not played"),
        ("case x in x) ;; esac", "') ;; esac' is not played"),
        ("f() { :; }; f", "'() { :; };' is not played"),
        ("cat << END\nEND", "'<< END\\nEND' is not played"),
        ("sleep 1 & wait", "'& wait' is not played"),
        ("echo $(date)", "'(date)' is not played"),
        ('echo "$(date)"', "'$(' is not played"),
        ("echo `date`", "'`' is not played"),
        ('echo "${X:-y}"', "'${' is not played"),
        ("echo ${X:-y}", "'${' is not played"),
        ("ls *.txt", "'*' is not played"),
        ("set -e; true", "'set' is not played"),
        ("{ echo; }", "'{' is not played"),
        ("echo 'unterminated", '"\'untermina" is not played'),
        ("if true; then echo", "the end is unexpected, 'fi' was expected"),
        ("for x; do echo; done", "';' is unexpected, 'in' was expected"),
        ("echo >", "'>' leads nowhere"),
        ("echo a | ", "a command was expected"),
        ("fi", "'fi' is unexpected"),
    ],
)
def test_what_it_cannot_do_it_says_before_it_does_anything(
    client: Client, script: str, complaint: str
) -> None:
    result = client.run("busybox", ["sh", "-c", script], remove=True)
    expected = Output(b"", f"sh: syntax error: {complaint}\n".encode())
    assert (result.exit_code, result.output) == (2, expected)


def test_a_shell_without_arguments_runs_its_input(client: Client) -> None:
    result = client.run("busybox", ["sh"], input=b"X=5\necho $X\nexit $X\n", remove=True)
    assert (result.exit_code, result.output) == (5, Output(b"5\n", b""))


def test_a_script_that_is_not_there_ends_with_2(client: Client) -> None:
    result = client.run("busybox", ["sh", "nofile"], remove=True)
    complaint = b"sh: can't open 'nofile': No such file or directory\n"
    assert (result.exit_code, result.output) == (2, Output(b"", complaint))


def test_a_script_that_waits_ends_with_its_container(client: Client) -> None:
    id = client.run_detached("busybox", ["sh", "-c", "sleep 600; echo never"])
    client.stop(id, timeout=0)
    assert client.wait(id) == 137
    assert client.logs(id).read() == Output(b"", b"")
