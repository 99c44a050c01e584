"""Files of variables. What the docker command makes of them is compared with live."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerapi import read_env_file


def test_a_line_is_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERE", "of this process")
    monkeypatch.delenv("NOWHERE", raising=False)
    text = '\ufeffA=1\n# no\n\n  \t B= "x = y" # \r\nHERE\nNOWHERE\nC=\nA=2\n\t#no\nD=\u00fc'
    (tmp_path / "env").write_text(text, "utf-8", newline="")
    expected = ("A=1", 'B= "x = y" # ', "HERE=of this process", "C=", "A=2", "D=\u00fc")
    assert read_env_file(tmp_path / "env") == expected
    assert read_env_file(str(tmp_path / "env")) == expected


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"A=1\n=secret\n", "line 2: no name of a variable: ''"),
        (b"A B=secret", "line 1: no name of a variable: 'A B'"),
        (b"A =secret", "line 1: no name of a variable: 'A '"),
        (b"\nA=\xff", "line 2: no UTF-8"),
    ],
)
def test_a_bad_line_is_named_without_its_value(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "env").write_bytes(data)
    with pytest.raises(ValueError) as caught:
        read_env_file(tmp_path / "env")
    assert str(caught.value) == f"{tmp_path}/env, {words}"


def test_a_file_that_is_not_there_is_the_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_env_file(tmp_path / "env")
