"""Routes that correct what was read of a document's head and what a unit is called, for those who have a key.

Kept in the file beside the document and in that about all units, which every build reads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Body, Depends, HTTPException, Query
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from api.editing import writing
from api.editors import Editor, Guarded, JobsOf, Writer
from api.parameters import KB, DocumentId, UnitId
from api.problems import responses
from kb.corpus import ORGANIZATIONS, PARTICULARS, CorpusFile, file_at, read_particulars
from kb.corpus.corrections import (
    check_units,
    corrected_particulars,
    is_described,
    names_said,
    with_names,
    without_names,
)
from kb.errors import InvalidQuery, UnreadableDocument
from kb.messages import Message, not_yaml
from kb.models import Job, Particulars, UnitNames
from kb.models.fields import DATE, EFFECTIVE_FROM, VALID_UNTIL, doc
from kb.validation import narrow

_one_at_a_time = Lock()  # what is said already is read, added to and written


_GIVEN = ConfigDict(extra="forbid", str_strip_whitespace=True, json_schema_extra={"minProperties": 1})
_Date = Annotated[str, StringConstraints(pattern=f"^({DATE})?$"), BeforeValidator(narrow)]


@dataclass(frozen=True, slots=True)
class Corrections(Particulars):
    """What is to be corrected; fields that there are not are refused."""

    issued_on: _Date = field(default="", metadata=doc("成文日期, as precise as it is known", "2021-12-22"))
    effective_from: _Date = field(default="", metadata=EFFECTIVE_FROM)
    valid_until: _Date = field(default="", metadata=VALID_UNTIL)

    __pydantic_config__ = _GIVEN


@dataclass(frozen=True, slots=True)
class Naming:
    """What a unit is to be called; fields that there are not are refused."""

    name: str = field(default="", metadata=doc("正式名称，不改不填", "湘潭市数据局"))
    aliases: tuple[Annotated[str, Field(min_length=1)], ...] | None = field(
        default=None, metadata=doc("其他名称，代替原来写的；不填不改，[] 清空", ["市大数据中心"])
    )

    __pydantic_config__ = _GIVEN


Correctable = Literal[
    "title", "document_number", "issuers", "issued_on", "effective_from", "valid_until", "url", "locality"
]

router = APIRouter(
    prefix="/api/v1",
    tags=["Maintenance"],
    route_class=Guarded,
    responses=responses(401, 403, 404, 409, 422, 500, 503),
)


def file_of(document_id: DocumentId, kb: KB, by: Writer) -> CorpusFile:
    """The file that a document was read from; 404 when it is gone, 409 when it lies in an archive."""
    file = file_at(by.editing.corpus, kb.document(document_id).document.source)
    if file is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, Message("original-gone", source=document_id))
    if file.member:
        inside = Message("correction-in-archive", document=document_id, archive=file.path.name)
        raise HTTPException(HTTPStatus.CONFLICT, inside)
    return file


FileOf = Annotated[CorpusFile, Depends(file_of)]


@router.get("/documents/{document_id:path}/particulars", summary="What is corrected of a document")
def particulars(file: FileOf) -> Particulars:
    """What the file beside it says, empty where it says nothing."""
    with _understood():
        return read_particulars(file.particulars) if file.particulars else Particulars()


@router.patch(
    "/documents/{document_id:path}/particulars",
    status_code=HTTPStatus.ACCEPTED,
    summary="Correct title, number, issuers, dates or place of a document",
    responses=responses(400, 507),
)
def correct_document(
    file: FileOf,
    corrections: Annotated[
        Corrections, Body(examples=[{"title": "湘潭市推进基础教育补短板强弱项实施方案", "issued_on": "2021-12-22"}])
    ],
    by: Writer,
    jobs: JobsOf,
) -> Job:
    """What is given goes before what the document says of itself; what is empty stays as it was. The job that is returned reads it anew."""
    said = asdict(corrections) | {"issuers": tuple(filter(None, corrections.issuers))}
    given = {name: value for name, value in said.items() if value}
    if not given:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, Message("nothing-to-correct"))
    _correct(file, given, by)
    return jobs.submit()


@router.delete(
    "/documents/{document_id:path}/particulars",
    status_code=HTTPStatus.ACCEPTED,
    summary="Take corrections of a document back",
    responses=responses(507),
)
def take_corrections_back(
    file: FileOf,
    by: Writer,
    jobs: JobsOf,
    field: Annotated[
        list[Correctable], Query(min_length=1, description="撤销哪几处更正 (fields to take back)", examples=[["title"]])
    ],
) -> Job:
    """The fields are then again what the document says of itself. The job that is returned reads it anew."""
    if file.particulars:
        _correct(file, dict.fromkeys(field, ""), by)
    return jobs.submit()


@router.get("/units/{unit_id:path}/names", summary="What is corrected of a unit")
def names(unit_id: UnitId, kb: KB, by: Writer) -> UnitNames:
    """What the file about all units says that it is called, empty where it says nothing."""
    with _understood():
        return names_said(by.editing.corpus, kb.only_organization(unit_id))


@router.patch(
    "/units/{unit_id:path}/names",
    status_code=HTTPStatus.ACCEPTED,
    summary="Say what a unit is called",
    responses=responses(400, 507),
)
def name_unit(
    unit_id: UnitId,
    naming: Annotated[Naming, Body(examples=[{"name": "湘潭市数据局", "aliases": ["市大数据中心"]}])],
    kb: KB,
    by: Writer,
    jobs: JobsOf,
) -> Job:
    """The official name, where it is another, and other names of it as documents print them, in the place of those said before.

    The job that is returned resolves all units anew.
    """
    unit = kb.only_organization(unit_id)
    if not naming.name and naming.aliases is None:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, Message("nothing-to-correct"))
    aliases = "" if naming.aliases is None else f"（{_told(naming.aliases)}）"
    change = partial(with_names, unit=unit, name=naming.name, aliases=naming.aliases)
    _rewrite_units(by, f"{unit.id} → {naming.name or unit.name}{aliases}", change)
    return jobs.submit()


@router.delete(
    "/units/{unit_id:path}/names",
    status_code=HTTPStatus.ACCEPTED,
    summary="Take back what a unit is called",
    responses=responses(507),
)
def take_names_back(unit_id: UnitId, kb: KB, by: Writer, jobs: JobsOf) -> Job:
    """It is then again called as the program reads it. 409 where the file says more of it than names, which an operator has written."""
    unit = kb.only_organization(unit_id)
    if is_described(by.editing.corpus, unit):
        raise HTTPException(HTTPStatus.CONFLICT, Message("unit-described-by-hand", name=unit.name))
    _rewrite_units(by, f"{unit.id} ×", partial(without_names, unit=unit))
    return jobs.submit()


@contextmanager
def _understood(given: Collection[str] = ()) -> Iterator[None]:
    """422 when a file that people keep is not understood, or would not be with these fields; of one of them as of any parameter."""
    try:
        yield
    except UnreadableDocument as error:
        match dict(error.reason.values):
            case {"field": str(field), "reason": Message() as reason} if field in given:
                raise InvalidQuery(field, reason) from error
        is_taken = error.reason.cause.code == "unit-twice"  # the name is another unit's
        status = HTTPStatus.CONFLICT if is_taken else HTTPStatus.UNPROCESSABLE_ENTITY
        raise HTTPException(status, error.reason) from error


def _rewrite_units(by: Editor, changed: str, change: Callable[[str], str]) -> None:
    with _understood():
        _rewrite(by.editing.corpus / ORGANIZATIONS, change, check_units, by, (ORGANIZATIONS, changed))


def _correct(file: CorpusFile, given: Mapping[str, str | tuple[str, ...]], by: Editor) -> None:
    """Change the file beside a document; 422 when that, or a value, cannot be read."""
    beside = file.particulars or Path(file.describing[0])
    known = particulars(file)
    changes = (f"{name}: {_told(getattr(known, name))} → {_told(value)}" for name, value in given.items())
    change = partial(corrected_particulars, corrections=given)
    with _understood(given):
        _rewrite(beside, change, read_particulars, by, (file.source, *changes))


def _rewrite(
    path: Path,
    change: Callable[[str], str],
    read: Callable[[Path], object],
    by: Editor,
    recorded: tuple[str, ...],
) -> None:
    """Change a file of the corpus once what it becomes is read without error, and is in the audit log; a file that says nothing is none."""
    temporary = path.with_name(f".correction-{uuid4().hex}{PARTICULARS[0]}")
    try:
        with _one_at_a_time, writing():
            if path.is_file():
                read(path)
            text = _changed(path, change)
            temporary.write_text(text, "utf-8")
            read(temporary)
            with by.recording("correct", *recorded):
                _put(path, temporary, is_empty=not text)
    finally:
        temporary.unlink(missing_ok=True)


def _changed(path: Path, change: Callable[[str], str]) -> str:
    try:
        return change(path.read_text("utf-8-sig") if path.is_file() else "")
    except ValueError as error:
        raise UnreadableDocument(path, not_yaml(error)) from error


def _put(path: Path, temporary: Path, *, is_empty: bool) -> None:
    if is_empty:
        path.unlink(missing_ok=True)
    else:
        temporary.replace(path)


def _told(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else "、".join(value)
