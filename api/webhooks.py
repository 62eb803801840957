"""Tells another program of every build that has ended: a POST of the job in JSON to one address."""

from __future__ import annotations

import logging
import time
from http.client import HTTPException
from threading import Thread
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from pydantic import TypeAdapter

from kb.models import Job

PAUSES = (0.0, 5.0, 60.0)  # seconds before each attempt
_TIMEOUT = 10  # seconds

_job = TypeAdapter(Job).dump_json
_log = logging.getLogger("kb.server")


class _NoRedirects(HTTPRedirectHandler):
    """A redirected POST would arrive as a GET that says nothing."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing: the status is the failure."""


_open = build_opener(_NoRedirects).open


class Webhook:
    """An address that is told; with "" nobody is."""

    def __init__(self, address: str) -> None:
        self._address = address

    def tell(self, job: Job) -> None:
        """Send the job, without waiting for it to arrive."""
        if self._address:
            Thread(target=self._send, args=(job,), daemon=True).start()

    def _send(self, job: Job) -> None:
        headers = {"Content-Type": "application/json", "User-Agent": "policy-kb"}
        request = Request(self._address, _job(job), headers, method="POST")
        failure = ""
        for pause in PAUSES:
            time.sleep(pause)
            try:
                _open(request, timeout=_TIMEOUT).close()
            except HTTPError as error:
                failure = str(error.code)
                error.close()
            except (OSError, HTTPException) as error:
                failure = type(error).__name__
            else:
                return
        # Not the address: it may hold a secret.
        _log.warning("webhook not reached: %s", failure, extra={"data": {"job": job.id}})
