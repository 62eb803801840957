"""The wheel: what is installed works away from the source tree, with everything in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from plans import FOUNDING_PLAN, ROOT

# What a program does with it, in a folder where there is no source.
USE = """
import json, sys
from pathlib import Path
from starlette.testclient import TestClient
import api.app, kb
report = kb.build("corpus", "indexes")
with TestClient(api.app.create_app(Path("indexes"))) as client:
    loaded = [client.get(f"/{path}").status_code for path in ("", "docs", "openapi.json", "static/main.js", "static/vendor/echarts/echarts.js", "static/swagger/swagger-ui.css")]
    found = client.get("/api/v1/who", params={"q": "学前教育普惠发展"}).json()
print(json.dumps({"kb": kb.__file__, "api": api.app.__file__, "documents": report.documents, "loaded": loaded, "units": len(found["units"])}))
"""


@pytest.mark.slow
def test_what_is_installed_works_away_from_the_source(tmp_path: Path) -> None:
    source = tmp_path / "source"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    for name in files:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    made, installed, used = tmp_path / "wheels", tmp_path / "installed", tmp_path / "used"
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", made, source], check=True)
    [wheel] = made.glob("policy_kb-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", installed, wheel], check=True)
    shutil.rmtree(source)
    for name in files:
        if name.startswith(("kb/", "api/")):
            assert (installed / name).is_file(), name
    [licence] = installed.glob("policy_kb-*.dist-info/licenses/LICENSE")
    assert licence.read_text("utf-8").startswith("MIT")
    (used / "corpus").mkdir(parents=True)
    shutil.copy(FOUNDING_PLAN, used / "corpus")
    environment = os.environ | {"PYTHONPATH": str(installed), "HF_HUB_OFFLINE": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", USE], cwd=used, env=environment, check=True, capture_output=True, text=True
    )
    said = json.loads(ran.stdout.splitlines()[-1])
    assert Path(said["kb"]).is_relative_to(installed)
    assert Path(said["api"]).is_relative_to(installed)
    assert (said["documents"], said["loaded"]) == (1, [200] * 6)
    assert said["units"] > 0
    command = [sys.executable, installed / "bin" / "kb", "search", "学前教育", "--json", "--index", "indexes"]
    ran = subprocess.run(command, cwd=used, env=environment, check=True, capture_output=True, text=True)
    assert json.loads(ran.stdout)["hits"]
