"""Settings of a file: behind options and the environment, and refused by name when they are wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kb import configuration
from kb.errors import ConfigurationUnusable


def test_settings_rank_behind_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "kb.toml"
    path.write_text(
        'port = 8080\nwatch = true\ncorpus = "policies"\nmodel = "some/name"\nquery_prefix = "为"\n', "utf-8"
    )
    environment = {"KB_CONFIG": str(path), "KB_PORT": "9000"}
    configuration.apply(environment)
    assert environment == {
        "KB_CONFIG": str(path),
        "KB_PORT": "9000",
        "KB_WATCH": "1",
        "KB_CORPUS": str(tmp_path / "policies"),
        "KB_MODEL": "some/name",
        "KB_QUERY_PREFIX": "为",
    }


def test_the_file_beside_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kb.toml").write_text('lang = "en"\n', "utf-8")
    beside = {"KB_CORPUS": str(tmp_path / "policies")}
    configuration.apply(beside)
    assert beside["KB_LANG"] == "en"
    monkeypatch.chdir(tmp_path)
    here: dict[str, str] = {}
    configuration.apply(here)
    assert here == {"KB_LANG": "en"}
    elsewhere = {"KB_CORPUS": str(tmp_path / "other" / "policies")}
    configuration.apply(elsewhere)
    assert "KB_LANG" not in elsewhere


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("prot = 1", "no such setting: prot (corpus, "),
        ("port = '80'", "port: 0 to 65535 expected, not '80'"),
        ("port = 70000", "port: 0 to 65535 expected, not 70000"),
        ("port = true", "port: 0 to 65535 expected, not True"),
        ("keep = 1", "keep: 2 to 1000 expected, not 1"),
        ("watch = 1", "watch: true or false expected, not 1"),
        ("log = 'LOUD'", "log: one of DEBUG"),
        ("corpus = ['a']", "corpus: a folder expected"),
        ("corpus = ''", "corpus: a folder expected"),
        ("[server]\nport = 1", "no such setting: server"),
        ("port =", "not TOML: "),
    ],
)
def test_wrong_settings(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "kb.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationUnusable) as error:
        configuration.read(path)
    assert reason in str(error.value)
    assert str(path) in str(error.value)


def test_no_file_where_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationUnusable, match="cannot be read"):
        configuration.apply({"KB_CONFIG": str(tmp_path / "none.toml")})


def test_the_command_reads_it(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "note.txt").write_text("一、总体要求\n各县区人民政府要加强组织领导。", "utf-8")
    path = tmp_path / "kb.toml"
    path.write_text('corpus = "policies"\nindex = "built"\nlang = "en"\n', "utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KB_")}
    command = [sys.executable, "-c", "from kb.cli import main; main()"]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        told = environment | {"KB_CONFIG": str(path)}
        return subprocess.run(
            [*command, *arguments], check=False, capture_output=True, text=True, env=told, cwd=tmp_path
        )

    assert "built: documents 1" in run("build").stdout
    assert (tmp_path / "built" / "current").exists()
    assert run("status", "--index", "elsewhere").returncode == 1  # an option goes before the file
    path.write_text("port = 'x'\n", "utf-8")
    failed = run("status")
    assert failed.returncode == 1
    assert "配置文件有误" in failed.stderr
    assert "Traceback" not in failed.stderr
