"""The shell that is played: what scripts print and how they end is what busybox's `sh` does."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerapi import Client, ContainerConfig, Output
from dockerapi.testing import FakeEngine

INPUT = b"first line of input\nsecond\n"
WORDS = ["name", "arg1", "arg 2"]
IN_TMP = ContainerConfig(working_dir="/tmp")
# Script, exit code, output, and whether it complains.
SCRIPTS = [
    pytest.param(
        "echo out; echo err >&2; exit 3",
        3,
        b"out\n",
        True,
        id="streams and exit",
    ),
    pytest.param(
        "echo one two   three; echo 'a  b' \"c  d\"; echo -n x; echo -e 'a\\tb'",
        0,
        b"one two three\na  b c  d\nxa\tb\n",
        False,
        id="echo",
    ),
    pytest.param(
        "X=1; Y=$X$X; echo \"$Y\" '${Y}' \\$Y ${Y}z ${#Y} ${Z:-def} ${Z-d} ${Y:+alt}; echo $?",
        0,
        b"11 ${Y} $Y 11z 2 def d alt\n0\n",
        False,
        id="variables",
    ),
    pytest.param(
        "false || echo no; true && echo yes; ! false; echo $?",
        0,
        b"no\nyes\n0\n",
        False,
        id="and or",
    ),
    pytest.param(
        "for i in 1 2 3; do echo $i; done; i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo w$i; done",
        0,
        b"1\n2\n3\nw1\nw2\nw3\n",
        False,
        id="loops",
    ),
    pytest.param(
        "if [ -f /nofile ]; then echo a; elif true; then echo b; else echo c; fi",
        0,
        b"b\n",
        False,
        id="if",
    ),
    pytest.param(
        "echo a b c | wc -w; printf 'b\\na\\nc\\n' | sort | head -n 2 | tail -n 1",
        0,
        b"3\nb\n",
        False,
        id="pipes",
    ),
    pytest.param(
        "echo x > f; echo y >> f; cat f; cat < f | grep y; ls; rm f; ls",
        0,
        b"x\ny\ny\nf\n",
        False,
        id="redirections",
    ),
    pytest.param(
        'A=$(echo hi; echo there); echo "$A"; echo $A; echo `echo back`',
        0,
        b"hi\nthere\nhi there\nback\n",
        False,
        id="substitution",
    ),
    pytest.param(
        "mkdir -p a/b; cd a; pwd | sed 's/.*\\///'; touch b/c; find . ; cd ..; rm -r a",
        0,
        b"a\n.\n./b\n./b/c\n",
        False,
        id="folders",
    ),
    pytest.param(
        "(exit 4); echo $?; { echo in; echo in2; } | cat; (cd /; X=2); echo $X",
        0,
        b"4\nin\nin2\n\n",
        False,
        id="subshell",
    ),
    pytest.param(
        "cat nofile; echo $?",
        0,
        b"1\n",
        True,
        id="missing file",
    ),
    pytest.param(
        "set -e; false; echo never",
        1,
        b"",
        False,
        id="stops",
    ),
    pytest.param(
        "set -e; if false; then :; fi; false || true; echo reached",
        0,
        b"reached\n",
        False,
        id="stops not",
    ),
    pytest.param(
        "printf '%s-%d|' a 1 b 2; printf '%05d %x %o\\n' 42 255 8; printf 'no newline'",
        0,
        b"a-1|b-2|00042 ff 10\nno newline",
        False,
        id="printf",
    ),
    pytest.param(
        'read x y; echo "$y/$x"; cat',
        0,
        b"line of input/first\nsecond\n",
        False,
        id="read and rest",
    ),
    pytest.param(
        "while read l; do echo got $l; done",
        0,
        b"got first line of input\ngot second\n",
        False,
        id="while read",
    ),
    pytest.param(
        "trap 'echo bye' EXIT; echo hi; exit 2",
        2,
        b"hi\nbye\n",
        False,
        id="trap exit",
    ),
    pytest.param(
        "yes x | head -c 7; echo; seq 3; seq 2 4 | tr '\\n' ,",
        0,
        b"x\nx\nx\nx\n1\n2\n3\n2,3,4,",
        False,
        id="endless writer",
    ),
    pytest.param(
        "echo a,b,c | cut -d, -f2; echo hello | tr a-z A-Z; echo abc | sed 's/b/[&]/'; echo aXbX | sed s/X/-/g",  # noqa: E501
        0,
        b"b\nHELLO\na[b]c\na-b-\n",
        False,
        id="text tools",
    ),
    pytest.param(
        'echo $0 $1 $2 $#; shift; echo $1 "$@"',
        0,
        b"name arg1 arg 2 2\narg 2 arg 2\n",
        False,
        id="arguments",
    ),
    pytest.param(
        "test 1 = 1 && [ a != b ] && [ -z '' ] && [ 3 -gt 2 ] && echo ok",
        0,
        b"ok\n",
        False,
        id="test",
    ),
    pytest.param(
        "(echo o; echo e >&2) 2>&1 | sort; echo x 2>/dev/null; ls /nosuch 2>/dev/null; echo $?",
        0,
        b"e\no\nx\n1\n",
        False,
        id="merged streams",
    ),
    pytest.param(
        "i=5; until [ $i -eq 0 ]; do i=$((i - 1)); [ $i = 2 ] && continue; [ $i = 1 ] && break; echo $i; done",  # noqa: E501
        0,
        b"4\n3\n",
        False,
        id="until",
    ),
    pytest.param(
        "nosuchcommand; echo $?",
        0,
        b"127\n",
        True,
        id="unknown command",
    ),
    pytest.param(
        "echo 'unterminated",
        2,
        b"",
        True,
        id="unterminated",
    ),
    pytest.param(
        "x='a b'; for w in $x; do echo $w; done; for w in \"$x\"; do echo $w; done",
        0,
        b"a\nb\na b\n",
        False,
        id="words",
    ),
    pytest.param(
        "touch b.txt a.txt; echo *.txt; echo '*.txt' \"*.txt\"; rm *.txt; echo *.txt",
        0,
        b"a.txt b.txt\n*.txt *.txt\n*.txt\n",
        False,
        id="globbing",
    ),
    pytest.param(
        "f=/a/b.tar.gz; echo ${f##*/} ${f%.*} ${f%%.*} ${f#/a}; basename $f .gz; dirname $f",
        0,
        b"b.tar.gz /a/b.tar /a/b /b.tar.gz\nb.tar\n/a\n",
        False,
        id="trimming",
    ),
    pytest.param(
        "sleep 0.05 & wait; echo done",
        0,
        b"done\n",
        False,
        id="background",
    ),
    pytest.param(
        "echo a; # comment\necho b \\\n c",
        0,
        b"a\nb c\n",
        False,
        id="lines",
    ),
    pytest.param(
        "export E=5; sh -c 'echo $E'; F=6 sh -c 'echo $F'; env | grep ^E=",
        0,
        b"5\n6\nE=5\n",
        False,
        id="exported",
    ),
    pytest.param(
        "echo $((2*3+4)) $((7/2)) $((7%3)) $((1<2))",
        0,
        b"10 3 1 1\n",
        False,
        id="arithmetic",
    ),
    pytest.param(
        "eval 'echo ev'; exec echo replaced; echo never",
        0,
        b"ev\nreplaced\n",
        False,
        id="eval and exec",
    ),
    pytest.param(
        "printf 'a\\nb\\n' > l; ln -s l k; cat k; readlink k; md5sum l; wc -l < l; cp l m; mv m n; cat n; rm l k n",  # noqa: E501
        0,
        b"a\nb\nl\ndd8c6a395b5dd36c56d23275028f526c  l\n2\na\nb\n",
        False,
        id="links",
    ),
    pytest.param(
        "echo -n abc | base64; echo YWJj | base64 -d; echo; echo -n abc | sha256sum",
        0,
        b"YWJj\nabc\nba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n",
        False,
        id="digests",
    ),
    pytest.param(
        "grep -c a nofile; printf 'x1\\ny2\\nx3\\n' | grep -n x; printf 'a\\n' | grep -q b; echo $?; printf 'ab\\nb\\n' | grep -v a",  # noqa: E501
        0,
        b"1:x1\n3:x3\n1\nb\n",
        True,
        id="grep",
    ),
    pytest.param(
        "echo ${UNSET?gone}; echo never",
        2,
        b"",
        True,
        id="unset",
    ),
    pytest.param(
        "exit 300",
        44,
        b"",
        False,
        id="large exit code",
    ),
]


@pytest.fixture
def client() -> Iterator[Client]:
    with FakeEngine() as engine, Client(engine.url) as client:
        yield client


@pytest.mark.parametrize(("script", "code", "output", "complains"), SCRIPTS)
def test_a_script_does_what_it_does_in_busybox(
    client: Client, script: str, code: int, output: bytes, complains: bool
) -> None:
    command = ["sh", "-c", script, *WORDS]
    result = client.run("busybox", command, config=IN_TMP, input=INPUT, remove=True)
    found = (result.exit_code, result.output.stdout, bool(result.output.stderr))
    assert found == (code, output, complains)


@pytest.mark.skipif(shutil.which("busybox") is None, reason="there is no busybox to compare with")
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
        ("case x in x) ;; esac", "sh: syntax error: 'case' is not played\n"),
        ("f() { :; }; f", "sh: syntax error: functions are not played\n"),
        ("cat << END\nEND", "sh: syntax error: '<<' is not played\n"),
        ("if true; then echo", "sh: syntax error: the end is unexpected, 'fi' was expected\n"),
        ("echo )", "sh: syntax error: ')' is unexpected\n"),
        ("echo $((2**99))", "sh: syntax error: arithmetic: '2**99'\n"),
        ("cd /nowhere", "sh: cd: can't cd to /nowhere: No such file or directory\n"),
        ("echo x > /no/file; exit 2", "sh: can't open '/no/file': No such file or directory\n"),
    ],
)
def test_what_it_cannot_do_it_says_and_ends_with_2(
    client: Client, script: str, complaint: str
) -> None:
    result = client.run("busybox", ["sh", "-c", script], remove=True)
    assert (result.exit_code, result.output) == (2, Output(b"", complaint.encode()))


def test_a_shell_on_a_terminal_prompts_and_runs_line_by_line(client: Client) -> None:
    config = ContainerConfig(tty=True, open_stdin=True)
    id = client.create_container("busybox", ["sh"], config=config).id
    with client.attach(id, stdin=True) as attachment:
        client.start(id)
        said = b""
        for prompt, line in [
            (b"/ # ", b"cd tmp\n"),
            (b"/tmp # ", b"for x in 1 2\n"),
            (b"> ", b"do echo $x; done\n"),
            (b"/tmp # ", b"exit 4\n"),
        ]:
            while not said.endswith(prompt):
                said += next(attachment).data
            attachment.write(line)
        said += attachment.read().stdout
    assert said == (
        b"/ # cd tmp\r\n/tmp # for x in 1 2\r\n> do echo $x; done\r\n1\r\n2\r\n/tmp # exit 4\r\n"
    )
    assert client.wait(id) == 4


def test_a_shell_without_arguments_runs_its_input(client: Client) -> None:
    result = client.run("busybox", ["sh"], input=b"X=5\necho $X\nexit $X\n", remove=True)
    assert (result.exit_code, result.output) == (5, Output(b"5\n", b""))


def test_a_trap_ends_a_shell_that_waits(client: Client) -> None:
    script = "trap 'echo bye; exit 5' TERM; echo ready; sleep 600 & wait"
    id = client.create_container("busybox", ["sh", "-c", script]).id
    with client.attach(id) as attachment:
        client.start(id)
        next(attachment)
        client.stop(id)
        assert attachment.read() == Output(b"bye\n", b"")
    assert client.wait(id) == 5


def test_a_shell_that_never_waits_can_be_killed(client: Client) -> None:
    id = client.run_detached("busybox", ["sh", "-c", "while :; do :; done"])
    client.stop(id, timeout=0)
    assert client.wait(id) == 137


def test_a_script_is_read_from_a_file(client: Client) -> None:
    script = "printf 'echo $0 $1\nexit 3\n' > job; sh job x"
    result = client.run("busybox", ["sh", "-c", script], config=IN_TMP, remove=True)
    assert (result.exit_code, result.output) == (3, Output(b"job x\n", b""))
