"""Settings of a file: behind options and the environment, and refused by name when they are wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kb import configuration
from kb.configuration import Settings
from kb.errors import ConfigurationUnusable, KBError


def test_settings_rank_behind_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "kb.toml"
    (tmp_path / "folder").mkdir()
    path.write_text(
        'port = 8080\nwatch = true\ncorpus = "policies"\nmodel = "some/name"\nreranker = "folder"\nquery_prefix = "为"\n'
        'log = "ERROR"\nkeep = 5\n',
        "utf-8",
    )
    environment = {"KB_CONFIG": str(path), "KB_PORT": "9000", "KB_WORKERS": "3", "KB_LOG": "", "KB_INDEX": "/srv/built"}
    assert configuration.settings(environment) == Settings(
        corpus=str(tmp_path / "policies"),
        index="/srv/built",
        model="some/name",
        reranker=str(tmp_path / "folder"),
        query_prefix="为",
        port=9000,
        workers=3,
        watch=True,
        keep=5,
        log=None,  # an empty variable says the default
    )
    assert configuration.settings({"KB_WATCH": "0", "KB_CORPUS": str(tmp_path / "none" / "corpus")}) == Settings(
        corpus=str(tmp_path / "none" / "corpus")
    )


def test_the_file_beside_the_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kb.toml").write_text('lang = "en"\n', "utf-8-sig")
    assert configuration.of_file({"KB_CORPUS": str(tmp_path / "policies")}) == {"lang": "en"}
    monkeypatch.chdir(tmp_path)
    assert configuration.of_file({}) == {"lang": "en"}
    assert configuration.of_file({"KB_LANG": "zh"}) == {}
    assert configuration.of_file({"KB_CORPUS": str(tmp_path / "other" / "policies")}) == {}


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("KB_WORKERS", "two", "KB_WORKERS: 0 to 64 expected, not 'two'"),
        ("KB_WORKERS", "65", "KB_WORKERS: 0 to 64 expected, not '65'"),
        ("KB_WATCH", "maybe", "KB_WATCH: true or false expected, not 'maybe'"),
        ("KB_LOG", "LOUD", "KB_LOG: one of DEBUG"),
        *(
            ("KB_ROOT_PATH", value, "KB_ROOT_PATH: a path that begins with / and does not end with one")
            for value in ("policy", "/policy/", "/", "//policy", "/api", "/docs/kb", "/a/../b", "/po licy", "/policy\n")
        ),
        ("KB_WEBHOOK", "file:///etc/passwd", "KB_WEBHOOK: an address that begins with http:// or https://"),
        *(
            ("KB_FRAME_ANCESTORS", value, "KB_FRAME_ANCESTORS: sites separated by commas")
            for value in (
                "oa.example",
                "https://a.example; script-src *",
                "https://a.example\r\nX: y",
                "*",
                "https://a b",
            )
        ),
    ],
)
def test_wrong_variables(variable: str, value: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(KBError) as error:
        configuration.settings({variable: value, "KB_CORPUS": str(tmp_path / "corpus")})
    assert reason in str(error.value)


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
        ("keep = 2.0", "keep: 2 to 1000 expected, not 2.0"),
        ("port = 2024-01-01", "port: 0 to 65535 expected, not '2024-01-01'"),
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
        configuration.read_file(path)
    assert reason in str(error.value)
    assert str(path) in str(error.value)


def test_no_file_where_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationUnusable, match="cannot be read"):
        configuration.settings({"KB_CONFIG": str(tmp_path / "none.toml")})


@pytest.mark.slow
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
    missing = run("status", "--index", "elsewhere")  # an option goes before the file
    assert (missing.returncode, missing.stderr[:6]) == (1, "Error:")
    assert run("--lang", "zh", "status", "--index", "elsewhere").stderr.startswith("错误")
    assert run("status", "--index", "elsewhere", "--lang", "zh").stderr.startswith("错误")
    path.write_text("port = 'x'\n", "utf-8")
    failed = run("status")
    assert failed.returncode == 1
    assert f"配置文件 {path} 有误：port" in failed.stderr
    assert run("--help").returncode == 0
    assert "Traceback" not in failed.stderr
