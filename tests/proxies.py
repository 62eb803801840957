"""A small reverse proxy and a TCP balancer that really forward, for tests of what stands behind them."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from urllib.parse import urlsplit

_OWN = {"connection", "transfer-encoding", "keep-alive", "content-length"}


@contextmanager
def proxying(address: str, below: str, is_stripping: bool = True) -> Iterator[str]:
    """The address at which a server is shown below a path; ``is_stripping`` proxies take that off what they ask for."""
    server = urlsplit(address)

    class Forward(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            asked = self.path
            if not asked.startswith(below):
                self.send_error(404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection = http.client.HTTPConnection(str(server.hostname), server.port, timeout=30)
            headers = dict(self.headers.items()) | {
                "X-Forwarded-For": self.client_address[0],
                "X-Forwarded-Proto": "https",
            }
            # As nginx does with ``location /policy/ { proxy_pass http://server/; }``.
            stripped = asked.removeprefix(below) if is_stripping and asked.startswith(f"{below}/") else asked
            connection.request(self.command, stripped, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()  # before the answer is handed on, which fails where the browser has gone elsewhere
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OWN:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                with suppress(ConnectionError):
                    self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_DELETE = do_OPTIONS = forward  # noqa: N815 - as the library calls them

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Forward) as proxy:
        proxy.daemon_threads = True
        thread = Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}{below}"
        finally:
            proxy.shutdown()
            thread.join()


@contextmanager
def balancing(addresses: Sequence[str]) -> Iterator[str]:
    """The address of a balancer that knows nothing of HTTP: each connection goes to the next server."""
    following = cycle(map(urlsplit, addresses))

    class Forward(BaseRequestHandler):
        def handle(self) -> None:
            server = next(following)
            with socket.create_connection((str(server.hostname), server.port)) as behind:
                back = Thread(target=_pour, args=(behind, self.request), daemon=True)
                back.start()
                _pour(self.request, behind)
                back.join()

    with ThreadingTCPServer(("127.0.0.1", 0), Forward) as balancer:
        balancer.daemon_threads = True
        thread = Thread(target=balancer.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{balancer.server_address[1]}"
        finally:
            balancer.shutdown()
            thread.join()


def _pour(source: socket.socket, target: socket.socket) -> None:
    """All that one side sends to the other, and that it has ended."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
