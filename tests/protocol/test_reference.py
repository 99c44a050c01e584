from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerapi.protocol.reference import (
    ImageReference,
    container_id,
    container_name,
    exec_id,
    header_value,
    image_name,
    link_name,
    network_id,
    network_name,
    registry_searched,
    repository_and_tag,
)

HEX = "379a8a786f8e28987941365aec29ba77025a405189cf84710029ec6cb5fd9c1f"
DIGEST = f"sha256:{HEX}"


@attrs.frozen
class Thing:
    """Stands for any model with an id."""

    id: object


@pytest.mark.parametrize("name_of", [container_id, exec_id, network_id])
@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("web", "web"),
        ("/web", "web"),
        (HEX, HEX),
        ("a b", "a b"),
        ("größe", "größe"),
        ("100%", "100%"),
        ("...", "..."),
        (Thing("web"), "web"),
        (Thing("/web"), "web"),
    ],
)
def test_an_id_or_a_name_is_taken_without_its_slash(name_of, ref, expected):
    assert name_of(ref) == expected


@pytest.mark.parametrize(
    "ref",
    [
        "",
        "/",
        "//web",
        "a/b",
        "a?b",
        "a#b",
        "a\\b",
        ".",
        "..",
        "/..",
        "  ",
        "a\r\nHost: b",
        "a\nb",
        "a\0",
        "a\x7f",
        "a\x85",
        "\ud800",
    ],
)
def test_what_would_change_the_url_is_refused_with_the_value_shown(ref):
    with pytest.raises(ValueError) as caught:
        container_id(ref)
    assert str(caught.value) == f"not the id or name of any container: {ref!r}"
    with pytest.raises(ValueError) as caught:
        exec_id(ref)
    assert str(caught.value) == f"not the id or name of any exec instance: {ref!r}"


@pytest.mark.parametrize("ref", ["web/db", "/web/db"])
def test_a_link_is_named_by_its_container_and_its_alias(ref):
    assert link_name(ref) == "web/db"


@pytest.mark.parametrize("ref", ["web", "/web", "web//db"])
def test_what_names_no_link_is_refused_with_the_value_shown(ref):
    with pytest.raises(ValueError) as caught:
        link_name(ref)
    assert str(caught.value) == f"not the name of any link, such as parent/alias: {ref!r}"


@pytest.mark.parametrize("ref", ["web/", "web/a/b", "web/..", "web/a?b", "web/a\r\nb"])
def test_a_link_that_would_change_the_url_is_refused(ref):
    with pytest.raises(ValueError) as caught:
        link_name(ref)
    assert str(caught.value) == f"not the id or name of any link: {ref.partition('/')[2]!r}"


@pytest.mark.parametrize("name", ["web", "a.b_c-d", "2", "größe", "a b"])
def test_a_name_that_a_network_can_be_given(name):
    assert network_name(name) == name


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        (
            "-web",
            ValueError,
            "name: that of a network does not begin with '/' or '-', as '-web' does",
        ),
        (
            "/web",
            ValueError,
            "name: that of a network does not begin with '/' or '-', as '/web' does",
        ),
        ("a/b", ValueError, "not the id or name of any network: 'a/b'"),
        ("", ValueError, "not the id or name of any network: ''"),
        ("a\n", ValueError, "not the id or name of any network: 'a\\n'"),
        (7, TypeError, "name: a string was expected, not 7"),
    ],
)
def test_a_name_that_no_network_can_be_found_by(name, error, message):
    with pytest.raises(error) as caught:
        network_name(name)
    assert str(caught.value) == message


@pytest.mark.parametrize("ref", [None, 7, b"web", ["web"]])
def test_an_id_of_a_wrong_type_is_refused_with_the_value_shown(ref):
    with pytest.raises(TypeError) as caught:
        container_id(ref)
    assert str(caught.value) == f"container: a string was expected, not {ref!r}"


def test_a_thing_without_an_id_yet_is_refused():
    with pytest.raises(TypeError) as caught:
        container_id(Thing(None))
    assert str(caught.value) == "container: a string was expected, not None"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("web", "web"), ("/web", "web"), ("a", "a"), ("0_.-", "0_.-"), ("x" * 300, "x" * 300)],
)
def test_a_container_can_be_given_the_names_that_engines_take(name, expected):
    assert container_name(name) == expected


@pytest.mark.parametrize("name", ["", "/", "_a", "-a", ".a", "//a", "a/b", "a b", "ü", "a\n"])
def test_a_container_cannot_be_given_another_name(name):
    with pytest.raises(ValueError) as caught:
        container_name(name)
    assert str(caught.value) == (
        "the name of a container is made of letters, digits, '_', '.' and '-' and begins with a "
        f"letter or digit, not {name!r}"
    )


def test_a_container_name_must_be_a_string():
    with pytest.raises(TypeError) as caught:
        container_name(Thing("a"))
    assert str(caught.value) == "container: a string was expected, not Thing(id='a')"


@pytest.mark.parametrize(
    ("text", "parts", "full", "familiar", "key"),
    [
        (
            "busybox",
            (None, "busybox", None, None),
            "docker.io/library/busybox",
            "busybox",
            "https://index.docker.io/v1/",
        ),
        (
            "team/app:1.0",
            (None, "team/app", "1.0", None),
            "docker.io/team/app",
            "team/app",
            "https://index.docker.io/v1/",
        ),
        (
            "index.docker.io/busybox",
            ("index.docker.io", "busybox", None, None),
            "docker.io/library/busybox",
            "busybox",
            "https://index.docker.io/v1/",
        ),
        (
            "docker.io/library/a/b",
            ("docker.io", "library/a/b", None, None),
            "docker.io/library/a/b",
            "library/a/b",
            "https://index.docker.io/v1/",
        ),
        (
            "docker.io/host.io/a/b",  # found by fuzzing: host.io/a/b is of another registry
            ("docker.io", "host.io/a/b", None, None),
            "docker.io/host.io/a/b",
            "docker.io/host.io/a/b",
            "https://index.docker.io/v1/",
        ),
        (
            "host:5000/a/b",
            ("host:5000", "a/b", None, None),
            "host:5000/a/b",
            "host:5000/a/b",
            "host:5000",
        ),
        (
            "localhost/a:T_1.-",
            ("localhost", "a", "T_1.-", None),
            "localhost/a",
            "localhost/a",
            "localhost",
        ),
        (
            "[2001:db8::1]:5000/a",
            ("[2001:db8::1]:5000", "a", None, None),
            "[2001:db8::1]:5000/a",
            "[2001:db8::1]:5000/a",
            "[2001:db8::1]:5000",
        ),
        (
            f"Reg.Example.com/a__b/c--d.e_f:1@{DIGEST}",
            ("Reg.Example.com", "a__b/c--d.e_f", "1", DIGEST),
            "Reg.Example.com/a__b/c--d.e_f",
            "Reg.Example.com/a__b/c--d.e_f",
            "Reg.Example.com",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_name_of_an_image_is_taken_apart(text, parts, full, familiar, key):
    found = ImageReference.parse(text)
    assert attrs.astuple(found) == parts
    assert (found.full_name, found.familiar_name, found.registry_key) == (full, familiar, key)
    assert str(found) == text
    assert text.startswith(found.repository)


NO_IMAGES = [
    "",
    ":",
    "a:",
    "a@",
    "@" + DIGEST,
    "a@sha256:abc",
    f"a@{DIGEST}@{DIGEST}",
    "A",
    "Team/app",
    "a//b",
    "/a",
    "a/",
    "a b",
    " a",
    "a\n",
    "a:1\n",
    "a..b",
    "a___b",
    "-a",
    "a-",
    "a:.1",
    "a:" + "t" * 129,
    "<none>:<none>",
    "host:port/a",
    "-host.com/a",
    "ho_st.com/a",
    "[::1/a",
    "::1/a",
    "ä",
    "../../containers",
    "a?b",
    "a#b",
    "a%2fb",
    "http://host/a",
]


@pytest.mark.parametrize("text", NO_IMAGES)
def test_what_the_grammar_does_not_allow_is_refused(text):
    with pytest.raises(ValueError) as caught:
        ImageReference.parse(text)
    assert str(caught.value) == f"not the name of any image: {text!r}"
    with pytest.raises(ValueError):
        image_name(text)


def test_the_name_of_an_image_may_have_255_characters():
    assert ImageReference.parse("a" * 255 + ":t").repository == "a" * 255
    with pytest.raises(ValueError) as caught:
        ImageReference.parse("a" * 256)
    assert str(caught.value) == (
        f"the name of an image has 255 characters at most: '{'a' * 199}... (258 characters)"
    )


def test_an_id_is_no_name_of_an_image():
    with pytest.raises(ValueError) as caught:
        ImageReference.parse(HEX)
    assert str(caught.value) == f"not the name of any image: {HEX!r}"


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("busybox", "busybox"),
        (f"a/b:1@{DIGEST}", f"a/b:1@{DIGEST}"),
        (DIGEST, DIGEST),
        (HEX, HEX),
        (HEX[:12], HEX[:12]),
        (Thing(DIGEST), DIGEST),
    ],
)
def test_an_image_is_named_by_reference_id_or_model(ref, expected):
    assert image_name(ref) == expected


@pytest.mark.parametrize("ref", [None, 7, b"busybox"])
def test_an_image_of_a_wrong_type_is_refused(ref):
    with pytest.raises(TypeError) as caught:
        image_name(ref)
    assert str(caught.value) == f"image: a string was expected, not {ref!r}"


@pytest.mark.parametrize(
    ("repository", "tag", "expected"),
    [
        ("app", None, ("app", None)),
        ("app", "1", ("app", "1")),
        ("app:1", None, ("app", "1")),
        ("app:1", "1", ("app", "1")),
        ("host:5000/app", "1", ("host:5000/app", "1")),
        ("host:5000/app:2", None, ("host:5000/app", "2")),
        (f"app@{DIGEST}", None, ("app", DIGEST)),
        (f"app:1@{DIGEST}", None, ("app", DIGEST)),
        (f"app@{DIGEST}", DIGEST, ("app", DIGEST)),
        ("app", DIGEST, ("app", DIGEST)),
    ],
)
def test_repository_and_tag_are_given_together_or_apart(repository, tag, expected):
    assert repository_and_tag(repository, tag) == expected


@pytest.mark.parametrize(
    ("repository", "tag", "message"),
    [
        ("app:1", "2", "tag: '2', but the repository is 'app:1'"),
        (f"app@{DIGEST}", "2", f"tag: '2', but the repository is 'app@{DIGEST}'"),
        ("app", "", "not a tag: ''"),
        ("app", "a b", "not a tag: 'a b'"),
        ("app", "a/b", "not a tag: 'a/b'"),
        ("app", "1\n", "not a tag: '1\\n'"),
        ("App", "1", "not the name of any image: 'App'"),
    ],
)
def test_a_contradiction_or_a_bad_tag_is_refused(repository, tag, message):
    with pytest.raises(ValueError) as caught:
        repository_and_tag(repository, tag)
    assert str(caught.value) == message


def test_a_digest_is_refused_where_only_a_tag_will_do():
    assert repository_and_tag("app:1", digest=False) == ("app", "1")
    with pytest.raises(ValueError) as caught:
        repository_and_tag("app", DIGEST, digest=False)
    assert str(caught.value) == f"a tag was expected, not the digest {DIGEST!r}"


@pytest.mark.parametrize(("repository", "tag"), [(None, None), ("app", 1)])
def test_a_repository_or_tag_of_a_wrong_type_is_refused(repository, tag):
    with pytest.raises(TypeError):
        repository_and_tag(repository, tag)


def test_a_header_value_of_plain_text_passes():
    assert header_value("eyJhIjoxfQ== ü") == "eyJhIjoxfQ== ü"


@pytest.mark.parametrize("text", ["a\r\nX: b", "a\nb", "a\0", "€", "\ud800"])
def test_a_header_value_with_line_ends_or_beyond_latin_1_is_refused(text):
    with pytest.raises(ValueError) as caught:
        header_value(text)
    assert str(caught.value) == f"not a value of a header: {text!r}"


def test_a_header_value_must_be_text():
    with pytest.raises(TypeError) as caught:
        header_value(b"a")
    assert str(caught.value) == "header value: a string was expected, not b'a'"


@pytest.mark.parametrize(
    ("term", "registry"),
    [
        ("busybox", "https://index.docker.io/v1/"),
        ("team/app", "https://index.docker.io/v1/"),
        ("docker.io/app", "https://index.docker.io/v1/"),
        ("two words", "https://index.docker.io/v1/"),
        ("r.example.com:5000/App", "r.example.com:5000"),
        ("localhost/app", "localhost"),
    ],
)
def test_a_search_asks_the_registry_before_the_first_slash(term, registry):
    assert registry_searched(term) == registry


@pytest.mark.parametrize("term", [None, 1, b"app"])
def test_a_search_is_for_text(term):
    with pytest.raises(TypeError) as caught:
        registry_searched(term)
    assert str(caught.value) == f"term: a string was expected, not {term!r}"


PART = st.from_regex(r"[a-z0-9]{1,8}([._-][a-z0-9]{1,8})?", fullmatch=True)
NAMES = st.lists(PART, min_size=1, max_size=4).map("/".join)
HOSTS = st.sampled_from(["", "localhost/", "host:5000/", "a.b.c/", "[::1]:80/"])
TAGS = st.just("") | st.from_regex(r":[A-Za-z0-9_][A-Za-z0-9_.-]{0,30}", fullmatch=True)
DIGESTS = st.sampled_from(["", f"@{DIGEST}"])


@given(st.tuples(HOSTS, NAMES, TAGS, DIGESTS).map("".join))
def test_every_name_is_put_together_again_as_it_was(text):
    assert str(ImageReference.parse(text)) == text


@given(st.text())
def test_any_text_is_a_name_or_a_value_error(text):
    try:
        assert str(ImageReference.parse(text)) == text
    except ValueError:
        pass
    try:
        assert container_id(text) == text.removeprefix("/")
    except ValueError:
        pass
