"""The forms in which a value may be given, and what is stored."""

from __future__ import annotations

import datetime
import pathlib
import signal
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.models import kinds
from dockerapi.models.kinds import (
    byte_count,
    command_line,
    container_port,
    environment,
    size,
    whole,
)

GOOD = {
    "flag": (kinds.FLAG, [(True, True), (False, False)]),
    "whole": (whole(10, 20, 0), [(10, 10), (20, 20), (0, 0)]),
    "size": (
        size(0, -1),
        [
            (0, 0),
            (-1, -1),
            ("-1", -1),
            (64e6, 64000000),
            (-1.0, -1),
            ("10", 10),
            ("10b", 10),
            ("512k", 524288),
            ("64m", 67108864),
            ("64MB", 67108864),
            ("64 MiB", 67108864),
            ("1.5g", 1610612736),
            ("0.1k", 102),
            ("2t", 2199023255552),
            ("1P", 1125899906842624),
        ],
    ),
    "seconds": (
        kinds.SECONDS,
        [(0, 0.0), (1, 1.0), (0.001, 0.001), (datetime.timedelta(minutes=1), 60.0)],
    ),
    "line": (kinds.TEXT, [("", ""), ("a b", "a b")]),
    "path": (
        kinds.PATH,
        [
            ("/a", "/a"),
            ("C:\\a", "C:\\a"),
            ("c:/a", "c:/a"),
            (r"\\.\pipe\a", r"\\.\pipe\a"),
            (pathlib.PurePosixPath("/a/b"), "/a/b"),
        ],
    ),
    "user": (kinds.USER, [(0, "0"), (1000, "1000"), ("a:b", "a:b")]),
    "host name": (kinds.HOST_NAME, [("web-1.example", "web-1.example"), ("ü", "ü")]),
    "mac address": (
        kinds.MAC_ADDRESS,
        [("02:42:ac:11:00:0A", "02:42:ac:11:00:0A"), ("02-42-ac-11-00-0a", "02-42-ac-11-00-0a")],
    ),
    "cpu set": (kinds.CPU_SET, [("", ""), ("0", "0"), ("0-2,4", "0-2,4")]),
    "platform": (kinds.PLATFORM, [("linux/arm/v7", "linux/arm/v7"), ("linux", "linux")]),
    "signal": (
        kinds.SIGNAL,
        [
            (15, "15"),
            ("15", "15"),
            ("SIGTERM", "SIGTERM"),
            ("RTMIN+3", "RTMIN+3"),
            (signal.SIGINT, "SIGINT"),
        ],
    ),
    "addresses": (kinds.ADDRESSES, [(["1.2.3.4", "::1"], ("1.2.3.4", "::1"))]),
    "names": (kinds.NAMES, [([], ()), (iter(["a"]), ("a",)), (("a", "b"), ("a", "b"))]),
    "identities": (kinds.IDENTITIES, [([1, "a"], ("1", "a"))]),
    "words": (kinds.WORDS, [({}, {}), ({"a": "b c", "d": 1}, {"a": "b c", "d": "1"})]),
    "labels": (
        kinds.LABELS,
        [
            ({"a": "b\nc"}, {"a": "b\nc"}),
            ({"a=b": "c"}, {"a=b": "c"}),
            (["a", "b"], {"a": "", "b": ""}),
            (["env=ci", "url=a=b c", "a="], {"env": "ci", "url": "a=b c", "a": ""}),
            (["a=1", "a=1"], {"a": "1"}),
        ],
    ),
    "environment": (
        kinds.ENVIRONMENT,
        [
            (["A=1", "B=x=y", "C=", "D"], ("A=1", "B=x=y", "C=", "D")),
            (
                {"A": "1", "B": "x=y", "C": "", "D": None, "E": 2, "F": 0.5},
                ("A=1", "B=x=y", "C=", "D", "E=2", "F=0.5"),
            ),
        ],
    ),
    "command": (
        kinds.COMMAND,
        [
            ("", ()),
            ("sh -c 'a b' $HOME", ("sh", "-c", "a b", "$HOME")),
            (["sh", "-c", "a b"], ("sh", "-c", "a b")),
            ([""], ("",)),
        ],
    ),
    "entry point": (kinds.ENTRY_POINT, [("", ("",)), ("sh -c", ("sh", "-c")), ([], ())]),
    "ports": (
        kinds.PORTS,
        [
            ([80, "80", "80/tcp", "53/UDP", "7/sctp"], ("53/udp", "7/sctp", "80/tcp")),
            ({"22/tcp": {}}, ("22/tcp",)),
            ({443}, ("443/tcp",)),
        ],
    ),
    "paths": (kinds.PATHS, [(["/b", "/a", "/a"], ("/a", "/b")), ({"/a": {}}, ("/a",))]),
    "binds": (
        kinds.BINDS,
        [
            (["/a"], ("/a",)),
            (["/a:/b", "/a:/b:ro,Z", "data:/b"], ("/a:/b", "/a:/b:ro,Z", "data:/b")),
            (["C:\\a:D:\\b:ro"], ("C:\\a:D:\\b:ro",)),
            ({"/a": "/b", "data": ("/c", "ro")}, ("/a:/b", "data:/c:ro")),
            (
                {"/a": {"bind": "/b"}, "/c": {"bind": "/d", "mode": "ro"}},
                ("/a:/b", "/c:/d:ro"),
            ),
            ({pathlib.PurePosixPath("/a"): pathlib.PurePosixPath("/b")}, ("/a:/b",)),
        ],
    ),
    "links": (
        kinds.LINKS,
        [
            (["db:data", "db", "/db:/web/data"], ("db:data", "db:db", "/db:/web/data")),
            ({"db": "data", "web": None}, ("db:data", "web:web")),
            ([("db", "data"), ("web", None), "a:b"], ("db:data", "web:web", "a:b")),
        ],
    ),
    "hosts": (
        kinds.HOSTS,
        [
            (["a:1.2.3.4", "b:::1", "c:host-gateway"], ("a:1.2.3.4", "b:::1", "c:host-gateway")),
            ({"a": "1.2.3.4", "b": "::1"}, ("a:1.2.3.4", "b:::1")),
            ([("a", "1.2.3.4")], ("a:1.2.3.4",)),
        ],
    ),
    "lxc": (
        kinds.LXC,
        [
            ({"a": "b"}, (("a", "b"),)),
            ([("a", "b"), ("a", "c")], (("a", "b"), ("a", "c"))),
            ([{"Key": "a", "Value": "b"}], (("a", "b"),)),
        ],
    ),
    "capability sets": (kinds.CAPABILITY_SETS, [([["gpu", "nvidia"]], (("gpu", "nvidia"),))]),
    "options": (
        kinds.OPTIONS,
        [(["noexec", "uid=1", ("a", "b=c")], (("noexec",), ("uid", "1"), ("a", "b=c")))],
    ),
    "console size": (kinds.CONSOLE_SIZE, [([24, 80], (24, 80)), ((0, 0), (0, 0))]),
    "tmpfs": (kinds.TMPFS, [({"/a": "size=1m"}, {"/a": "size=1m"}), (["/a"], {"/a": ""})]),
}


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [(kind, *pair) for kind, pairs in GOOD.values() for pair in pairs],
    ids=[
        f"{name}-{pair[0]!r}".partition(" at 0x")[0]  # an address is another in each process
        for name, (_, pairs) in GOOD.items()
        for pair in pairs
    ],
)
def test_a_value_is_stored_in_one_form_which_can_be_given_again(kind, value, stored):
    found = kind.check(value)
    assert found == stored
    assert type(found) is type(stored)
    assert kind.check(found) == stored


BAD = {
    "flag": (kinds.FLAG, [(1, TypeError, "True or False was expected, not 1")]),
    "whole": (
        whole(10, 20, 0),
        [
            (9, ValueError, "at least 10 was expected, not 9"),
            (21, ValueError, "at most 20 was expected, not 21"),
            (1.0, TypeError, "a whole number was expected, not 1.0"),
            ("1", TypeError, "a whole number was expected, not '1'"),
        ],
    ),
    "size": (
        size(),
        [
            (-1, ValueError, "at least 0 was expected, not -1"),
            ("-1", ValueError, "at least 0 was expected, not -1"),
            ("64q", ValueError, "a size such as 64m or 1.5g was expected, not '64q'"),
            ("", ValueError, "a size such as 64m or 1.5g was expected, not ''"),
            ("-2m", ValueError, "a size such as 64m or 1.5g was expected, not '-2m'"),
            ("1e3", ValueError, "a size such as 64m or 1.5g was expected, not '1e3'"),
            ("64m\n", ValueError, "a size such as 64m or 1.5g was expected, not '64m\\n'"),
            (1.5, TypeError, "a whole number was expected, not 1.5"),
            (float("inf"), TypeError, "a whole number was expected, not inf"),
            (True, TypeError, "a whole number was expected, not True"),
        ],
    ),
    "seconds": (
        kinds.SECONDS,
        [
            (-1, ValueError, "0, or a millisecond or more, was expected, not -1 seconds"),
            (1e-4, ValueError, "0, or a millisecond or more, was expected, not 0.0001 seconds"),
            (
                float("nan"),
                ValueError,
                "0, or a millisecond or more, was expected, not nan seconds",
            ),
            ("1s", TypeError, "seconds were expected, not '1s'"),
            (True, TypeError, "seconds were expected, not True"),
        ],
    ),
    "line": (
        kinds.TEXT,
        [
            ("a\nb", ValueError, "one line of text was expected, not 'a\\nb'"),
            ("a\rb", ValueError, "one line of text was expected, not 'a\\rb'"),
            ("a\0", ValueError, "one line of text was expected, not 'a\\x00'"),
            (1, TypeError, "a string was expected, not 1"),
            (b"a", TypeError, "a string was expected, not b'a'"),
        ],
    ),
    "path": (
        kinds.PATH,
        [
            ("a", ValueError, "an absolute path was expected, not 'a'"),
            ("", ValueError, "an absolute path was expected, not ''"),
            ("/a\n", ValueError, "one line of text was expected, not '/a\\n'"),
        ],
    ),
    "user": (kinds.USER, [(True, TypeError, "a whole number was expected, not True")]),
    "host name": (
        kinds.HOST_NAME,
        [("a b", ValueError, "a name of a host was expected, not 'a b'")],
    ),
    "mac address": (
        kinds.MAC_ADDRESS,
        [("02:42", ValueError, "a MAC address was expected, not '02:42'")],
    ),
    "cpu set": (
        kinds.CPU_SET,
        [
            ("0-", ValueError, "a set such as 0-2,4 was expected, not '0-'"),
            ("٣", ValueError, "a set such as 0-2,4 was expected, not '٣'"),
        ],
    ),
    "platform": (
        kinds.PLATFORM,
        [
            (text, ValueError, f"a platform such as linux/arm64 was expected, not {text!r}")
            for text in ("linux/", "a/b/c/d", "linux/amd64,linux/arm64")
        ],
    ),
    "choice": (
        kinds.ISOLATION,
        [("x", ValueError, "one of 'default', 'process', 'hyperv' was expected, not 'x'")],
    ),
    "signal": (
        kinds.SIGNAL,
        [
            (0, ValueError, "the name or number of a signal was expected, not 0"),
            ("", ValueError, "the name or number of a signal was expected, not ''"),
            ("SIG TERM", ValueError, "the name or number of a signal was expected, not 'SIG TERM'"),
            (1.5, TypeError, "a string was expected, not 1.5"),
        ],
    ),
    "addresses": (
        kinds.ADDRESSES,
        [
            (["1.2.3"], ValueError, "an IP address was expected, not '1.2.3'"),
            ("1.2.3.4", TypeError, "a list of strings was expected, not '1.2.3.4'"),
        ],
    ),
    "names": (
        kinds.NAMES,
        [
            ("abc", TypeError, "a list of strings was expected, not 'abc'"),
            (b"abc", TypeError, "a list of strings was expected, not b'abc'"),
            ({"a": 1}, TypeError, "a list of strings was expected, not {'a': 1}"),
            (5, TypeError, "a list of strings was expected, not 5"),
            ([""], ValueError, "a name was expected, not ''"),
            (["a b"], ValueError, "a name was expected, not 'a b'"),
            ([1], TypeError, "a string was expected, not 1"),
        ],
    ),
    "words": (
        kinds.WORDS,
        [
            (["a"], TypeError, "a mapping was expected, not ['a']"),
            ({"a": None}, TypeError, "a string was expected, not None"),
            ({"a": True}, TypeError, "a string was expected, not True"),
            ({"": "a"}, ValueError, "a name was expected, not ''"),
            ({"a": "\0"}, ValueError, "a NUL cannot be sent: '\\x00'"),
        ],
    ),
    "labels": (
        kinds.LABELS,
        [
            ("a", TypeError, "a mapping or a list of \"name=value\" was expected, not 'a'"),
            (["=1"], ValueError, "a name was expected, not ''"),
            (["a=1", "a=2"], ValueError, "a is given twice, as '1' and '2'"),
            (["a=\0"], ValueError, "a NUL cannot be sent: 'a=\\x00'"),
            ([7], TypeError, "a string was expected, not 7"),
        ],
    ),
    "environment": (
        kinds.ENVIRONMENT,
        [
            ("A=1", TypeError, "a mapping or a list of \"NAME=value\" was expected, not 'A=1'"),
            (["=1"], ValueError, "NAME=value was expected, not '=1'"),
            ([""], ValueError, "NAME=value was expected, not ''"),
            (["A=\0"], ValueError, "a NUL cannot be sent: 'A=\\x00'"),
            ([("A", "1")], TypeError, "a string was expected, not ('A', '1')"),
            ({"": "1"}, ValueError, "the name of a variable was expected, not ''"),
            ({"A=B": "1"}, ValueError, "the name of a variable was expected, not 'A=B'"),
            ({1: "1"}, TypeError, "a string was expected, not 1"),
            ({"A": True}, TypeError, "a string was expected, not True"),
            ({"A": Decimal(1)}, TypeError, "a string was expected, not Decimal('1')"),
        ],
    ),
    "command": (
        kinds.COMMAND,
        [
            ("sh -c 'a", ValueError, 'No closing quotation: "sh -c \'a"'),
            (["sleep", 1], TypeError, "a string was expected, not 1"),
            (["a\0"], ValueError, "a NUL cannot be sent: 'a\\x00'"),
            (b"ls", TypeError, "a string or a list of words was expected, not b'ls'"),
        ],
    ),
    "ports": (
        kinds.PORTS,
        [
            ([0], ValueError, "a port such as 80 or 53/udp was expected, not 0"),
            ([65536], ValueError, "a port such as 80 or 53/udp was expected, not 65536"),
            ([-1], ValueError, "a port such as 80 or 53/udp was expected, not -1"),
            (["80/icmp"], ValueError, "a port such as 80 or 53/udp was expected, not '80/icmp'"),
            (["٨٠"], ValueError, "a port such as 80 or 53/udp was expected, not '٨٠'"),
            ([True], TypeError, "a whole number was expected, not True"),
            ("80", TypeError, "a list of ports was expected, not '80'"),
        ],
    ),
    "binds": (
        kinds.BINDS,
        [
            (
                "/a:/b",
                TypeError,
                "a mapping or a list of \"source:path\" was expected, not '/a:/b'",
            ),
            (["/a:b"], ValueError, "an absolute path was expected, not 'b', in '/a:b'"),
            (["./a:/b"], ValueError, "an absolute path was expected, not './a', in './a:/b'"),
            (["/a:/b:/c"], ValueError, "source:path[:mode] was expected, not '/a:/b:/c'"),
            ([":/b"], ValueError, "source:path[:mode] was expected, not ':/b'"),
            ([""], ValueError, "source:path[:mode] was expected, not ''"),
            (
                {"/a": {"bind": "/b", "ro": True}},
                TypeError,
                "a path, a pair of path and mode, or {'bind': path, 'mode': mode} was expected, "
                "not {'bind': '/b', 'ro': True}",
            ),
            ({"/a": None}, TypeError, "a string was expected, not None"),
        ],
    ),
    "links": (
        kinds.LINKS,
        [
            (["a:b:c"], ValueError, "container:alias was expected, not 'a:b:c'"),
            ([":b"], ValueError, "container:alias was expected, not ':b'"),
            (["a b"], ValueError, "container:alias was expected, not 'a b'"),
            ("a:b", TypeError, "a mapping or a list of \"name:value\" was expected, not 'a:b'"),
        ],
    ),
    "hosts": (
        kinds.HOSTS,
        [
            (["a"], ValueError, "host:address was expected, not 'a'"),
            (["a:b"], ValueError, "host:address was expected, not 'a:b'"),
            ([":1.2.3.4"], ValueError, "host:address was expected, not ':1.2.3.4'"),
        ],
    ),
    "lxc": (
        kinds.LXC,
        [
            (["a=b"], TypeError, "a pair of key and value was expected, not 'a=b'"),
            ([{"Key": "a"}], TypeError, "a pair of key and value was expected, not {'Key': 'a'}"),
        ],
    ),
    "options": (
        kinds.OPTIONS,
        [
            ([()], ValueError, "an option or an option and its value was expected, not ()"),
            ("noexec", TypeError, "a list of options was expected, not 'noexec'"),
        ],
    ),
    "console size": (
        kinds.CONSOLE_SIZE,
        [
            ([24], ValueError, "height and width were expected, not [24]"),
            ([24, 70000], ValueError, "at most 65535 was expected, not 70000"),
        ],
    ),
    "tmpfs": (kinds.TMPFS, [({"a": ""}, ValueError, "an absolute path was expected, not 'a'")]),
}


@pytest.mark.parametrize(
    ("kind", "value", "error", "message"),
    [(kind, *case) for kind, cases in BAD.values() for case in cases],
    ids=[f"{name}-{case[0]!r}" for name, (_, cases) in BAD.items() for case in cases],
)
def test_a_bad_value_is_refused_and_shown(kind, value, error, message):
    with pytest.raises(error) as caught:
        kind.check(value)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("kind", "sent", "stored"),
    [
        (kinds.SECONDS, 1500000000, 1.5),
        (kinds.SECONDS, None, None),
        (kinds.TEXT, "", None),
        (kinds.ENTRY_POINT, None, None),
        (kinds.ENTRY_POINT, [], ()),
        (kinds.OVERRIDDEN_PATHS, None, None),
        (kinds.OVERRIDDEN_PATHS, [], ()),
        (kinds.PORTS, None, ()),
        (kinds.PORTS, {"80/tcp": {}, "22/tcp": {}}, ("22/tcp", "80/tcp")),
        (kinds.LXC, None, ()),
        (kinds.LXC, {"a": "b"}, (("a", "b"),)),
        (kinds.LXC, [{"Key": "a", "Value": "b"}], (("a", "b"),)),
        (kinds.OPTIONS, [["noexec"], ["uid", "1"]], (("noexec",), ("uid", "1"))),
        (kinds.CONSOLE_SIZE, None, None),
        (kinds.CONSOLE_SIZE, [0, 0], None),
        (kinds.CONSOLE_SIZE, [24, 80], (24, 80)),
    ],
)
def test_an_answer_is_read(kind, sent, stored):
    assert kind.read(sent) == stored


@pytest.mark.parametrize(
    ("kind", "stored", "sent"),
    [
        (kinds.SECONDS, 1.1, 1100000000),
        (kinds.PORTS, ("22/tcp",), {"22/tcp": {}}),
        (kinds.LXC, (("a", "b"),), [{"Key": "a", "Value": "b"}]),
    ],
)
def test_a_stored_value_is_written(kind, stored, sent):
    assert kind.write(stored) == sent


@given(st.integers(0, 2**60), st.sampled_from(["", "k", "m", "g", "t", "p"]))
def test_a_whole_size_is_its_number_times_its_unit(number, unit):
    factor = 1024 ** " kmgtp".index(unit or " ")
    assert byte_count(f"{number}{unit}") == number * factor
    assert byte_count(f"{number}.5{unit}") == number * factor + factor // 2


@given(st.integers(1, 65535), st.sampled_from(["tcp", "udp", "sctp"]))
def test_a_port_is_the_same_in_every_form(port, protocol):
    assert container_port(f"{port}/{protocol}") == f"{port}/{protocol}"
    assert container_port(port) == container_port(str(port)) == f"{port}/tcp"


NO_NUL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
VARIABLES = st.text(st.characters(exclude_characters="\0=", exclude_categories=["Cs"]), min_size=1)


@given(st.dictionaries(VARIABLES, NO_NUL | st.none()))
def test_variables_are_the_same_as_a_mapping_and_as_a_list(variables):
    as_list = [name if value is None else f"{name}={value}" for name, value in variables.items()]
    assert environment(variables) == environment(as_list) == tuple(as_list)


@given(st.lists(NO_NUL))
def test_a_command_in_words_is_kept_word_by_word(words):
    assert command_line(words) == tuple(words)


SEGMENT = st.from_regex(r"/[a-z]{1,5}(/[a-z .ä]{1,5})?", fullmatch=True)
SOURCE = SEGMENT | st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,8}", fullmatch=True)


@given(SOURCE, SEGMENT, st.sampled_from(["", ":ro", ":rw,Z", ":nocopy"]))
def test_every_bind_is_kept_as_it_is(source, path, mode):
    bind = f"{source}:{path}{mode}"
    assert kinds.BINDS.check([bind]) == (bind,)


@given(st.text() | st.integers() | st.none() | st.lists(st.text()))
def test_any_value_is_taken_or_refused_with_a_type_or_value_error(value):
    for kind, _ in GOOD.values():
        try:
            stored = kind.check(value)
        except (TypeError, ValueError):
            continue
        assert kind.check(stored) == stored
