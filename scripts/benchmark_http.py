"""What a server costs, asked by wrk on the same cores: searches, each route, and the mix of a working day."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmark_corpus import SEED
from benchmark_measures import WARMING, descendants, processor, questions, resident

from kb.knowledge_base import opener

ROOT = Path(__file__).parent.parent
_KB = str(Path(sys.executable).with_name("kb"))
_CONNECTIONS, _SECONDS = 8, 10
_SECONDS_A_ROUTE = 4
_CLIENTS, _DAY = 50, 300  # of the mix, and its seconds
# Shares of the addresses of a working day.
_MIX = {"suggest": 30, "search": 15, "facets": 15, "document": 20, "unit": 10, "ledger": 5, "targets": 5}
_NO_LIMIT = {"KB_RATE": "1000000000", "KB_AT_ONCE": "1000"}


def over_http(index: Path, port: int) -> dict[str, Any]:
    """Start-up, searches a second as fast as wrk asks, and latencies at half that rate; all questions differ."""
    if shutil.which("wrk") is None:
        return {}
    asked = [f"/api/v1/search?q={quote(q, safe='')}" for q in questions(16_000)]
    with _serving(index, port) as (server, seconds):
        found: dict[str, Any] = {"start_s": seconds}
        server(asked[:WARMING], 2)
        most = server(asked[: len(asked) // 2], _SECONDS)
        delay = 1000 * _CONNECTIONS / (most["per_second"] / 2) - most["p50"] / 2
        found["most"] = most
        found["half"] = server(asked[len(asked) // 2 :], _SECONDS, delay=max(delay, 0))
        found["memory_mib"] = server.memory()
    return found


def routes(index: Path, port: int) -> dict[str, Any]:
    """The same for each route that the page and assistants ask, one after the other; ``processor_ms`` is of all processes, for an answer."""
    if shutil.which("wrk") is None:
        return {}
    every = _addresses(index)
    with _serving(index, port) as (server, _):
        server(every["search"][:WARMING], _SECONDS_A_ROUTE)
        return {kind: server(asked, _SECONDS_A_ROUTE) for kind, asked in every.items()}


def working_day(index: Path, port: int) -> dict[str, Any]:
    """Fifty clients who ask for five minutes what people ask in a day (``_MIX``), without a pause: errors, and memory before and after."""
    if shutil.which("wrk") is None:
        return {}
    of = {kind: cycle(asked) for kind, asked in _addresses(index).items()}
    chosen = random.Random(SEED).choices(list(_MIX), list(_MIX.values()), k=20_000)
    asked = [next(of[kind]) for kind in chosen]
    with _serving(index, port) as (server, _):
        server(asked, _DAY // 10, _CLIENTS)
        before = server.memory()
        found = server(asked, _DAY, _CLIENTS)
        return found | {"memory_before_mib": before, "memory_after_mib": server.memory()}


def _addresses(index: Path) -> dict[str, list[str]]:
    """What is asked of each route; what begins with { is sent to the tools of assistants."""
    with opener()(index) as knowledge_base:
        units = [quote(one.organization.id, safe="") for one in knowledge_base.organizations(limit=100)[1]]
        documents = [quote(one.id, safe="") for one in knowledge_base.documents(limit=100)[1]]
    spoken = questions(8000)
    asked = [quote(question, safe="") for question in spoken]
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    tools = [call | {"params": {"name": "search_clauses", "arguments": {"query": question}}} for question in spoken]
    return {
        "search": [f"/api/v1/search?q={question}" for question in asked],
        "facets": [f"/api/v1/search/facets?q={question}" for question in asked],
        "who": [f"/api/v1/who?q={question}" for question in asked],
        "suggest": [f"/api/v1/suggest?q={quote(question[:2])}" for question in spoken],
        "unit": [f"/api/v1/units/{unit}" for unit in units],
        "document": [f"/api/v1/documents/{document}" for document in documents],
        "ledger": [f"/api/v1/documents/{document}/ledger" for document in documents],
        "targets": [f"/api/v1/targets?unit={unit}" for unit in units],
        "due": [f"/api/v1/deadlines?unit={unit}" for unit in units],
        "assistant": [json.dumps(tool, ensure_ascii=False) for tool in tools],
    }


# --- a server and wrk --------------------------------------------------------------------------------


class _Server:
    """A server that runs, asked by wrk."""

    def __init__(self, process: int, port: int, folder: Path) -> None:
        self._process, self._port, self._folder = process, port, folder

    def settle(self) -> None:
        """Wait until its processes have started and rest; half a minute at most, since filling in behind them goes on."""
        for _ in range(60):
            worked = self._worked()
            time.sleep(0.5)
            if self._worked() - worked < 0.05:
                return

    def memory(self) -> int:
        """MiB of all its processes."""
        return sum(map(resident, self._processes()))

    def __call__(
        self, asked: Sequence[str], seconds: int, connections: int = _CONNECTIONS, delay: float = 0
    ) -> dict[str, float]:
        """Milliseconds, answers a second, what an answer takes of the processor, and errors; a delay (ms) before each request of a connection."""
        (self._folder / "asked").write_text("".join(f"{one}\n" for one in asked), "utf-8")
        (self._folder / "ask.lua").write_text(_LUA % (self._folder / "asked", round(delay)), "utf-8")
        script = str(self._folder / "ask.lua")
        command = ["wrk", "-t2", "--timeout=60s", "--latency", f"-c{connections}", f"-d{seconds}s", "-s", script]
        before = {each: processor(each) for each in self._processes()}
        said = subprocess.run(
            [*command, f"http://127.0.0.1:{self._port}"], check=True, capture_output=True, text=True
        ).stdout
        worked = sum(processor(each) - spent for each, spent in before.items())
        answered = int(_found(r"(\d+) requests in", said))
        found = {f"p{share}": _milliseconds(said, share) for share in (50, 90, 99)}
        return found | {
            "per_second": float(_found(r"Requests/sec:\s+([\d.]+)", said)),
            "processor_ms": 1000 * worked / max(answered, 1),
            "errors": sum(map(int, re.findall(r"(?:responses:|connect|read|write|timeout) (\d+)", said))),
        }

    def _worked(self) -> float:
        return sum(map(processor, self._processes()))

    def _processes(self) -> list[int]:
        return [self._process, *descendants(self._process)]


@contextmanager
def _serving(index: Path, port: int) -> Iterator[tuple[_Server, float]]:
    """A server, and the seconds that it took to be ready."""
    command = [_KB, "serve", "--index", str(index), "--port", str(port)]
    quiet: dict[str, Any] = {"stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "env": os.environ | _NO_LIMIT}
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, **quiet)
    try:
        while not _ready(port):
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        with tempfile.TemporaryDirectory() as folder:
            server = _Server(process.pid, port, Path(folder))
            server.settle()
            yield server, seconds
    finally:
        process.terminate()
        process.wait()


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health/ready", timeout=60) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


# Two threads share what is asked.
_LUA = """
local asked, at, threads = {}, 0, 0
for line in io.lines("%s") do asked[#asked + 1] = line end
local json = {["Content-Type"] = "application/json", ["Accept"] = "application/json, text/event-stream"}
function setup(thread) thread:set("first", threads); threads = threads + 1 end
function request()
  local line = asked[(at * 2 + first) %% #asked + 1]
  at = at + 1
  if line:sub(1, 1) == "{" then return wrk.format("POST", "/mcp", json, line) end
  return wrk.format("GET", line)
end
function delay() return %d end
"""


def _found(pattern: str, said: str) -> str:
    found = re.search(pattern, said)
    return found[1] if found else "0"


def _milliseconds(said: str, share: int) -> float:
    found = re.search(rf"^\s+{share}%\s+([\d.]+)(us|ms|s|m) *$", said, re.MULTILINE)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[found[2]] if found else 0.0
