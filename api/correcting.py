"""A route that corrects what was read of a document's head, for those who have a key: kept in the file beside it, which every build reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Body, HTTPException
from pydantic import ConfigDict

from api.editing import Editor, Guarded, JobsOf, Writer, writing
from api.parameters import KB, DocumentId
from api.problems import responses
from kb.corpus import PARTICULARS, CorpusFile, file_at, read_particulars, write_particulars
from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import Job, Particulars

_one_at_a_time = Lock()  # what is said already is read, added to and written


@dataclass(frozen=True, slots=True)
class Corrections(Particulars):
    """What is to be corrected; fields that there are not are refused."""

    __pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)


router = APIRouter(prefix="/api/v1", tags=["Maintenance"], route_class=Guarded)


@router.patch(
    "/documents/{document_id:path}/particulars",
    status_code=HTTPStatus.ACCEPTED,
    summary="Correct title, number, issuers or dates of a document",
    responses=responses(401, 403, 404, 409, 422, 500, 503),
)
def correct_document(
    document_id: DocumentId,
    corrections: Annotated[
        Corrections, Body(examples=[{"title": "湘潭市推进基础教育补短板强弱项实施方案", "issued_on": "2021-12-22"}])
    ],
    kb: KB,
    by: Writer,
    jobs: JobsOf,
) -> Job:
    """What is given goes before what the document says of itself; what is empty stays as it was. The job that is returned reads it anew."""
    file = file_at(by.editing.corpus, kb.document(document_id).document.source)
    if file is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, Message("original-gone", source=document_id))
    if file.member:
        inside = Message("correction-in-archive", document=document_id, archive=file.path.name)
        raise HTTPException(HTTPStatus.CONFLICT, inside)
    given = _given(corrections)
    if not given:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, Message("nothing-to-correct"))
    with _one_at_a_time:
        _correct(file, given, by)
    return jobs.submit()


def _given(corrections: Corrections) -> dict[str, Any]:
    """The fields that say something."""
    said = asdict(corrections) | {"issuers": tuple(filter(None, corrections.issuers))}
    return {name: value for name, value in said.items() if value}


def _correct(file: CorpusFile, given: dict[str, Any], by: Editor) -> None:
    """Add to the file beside a document; 422 when that, or a value, cannot be read."""
    beside = file.particulars or Path(file.describing[0])
    temporary = beside.with_name(f".correction-{uuid4().hex}{PARTICULARS[0]}")
    try:
        known = read_particulars(beside) if file.particulars else Particulars()
        with writing():
            write_particulars(temporary, replace(known, **given))
        read_particulars(temporary)
        changes = (f"{name}: {_told(getattr(known, name))} → {_told(value)}" for name, value in given.items())
        with by.recording("correct", file.source, *changes), writing():
            temporary.replace(beside)
    except UnreadableDocument as error:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, error.reason) from error
    finally:
        temporary.unlink(missing_ok=True)


def _told(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "、".join(value)
