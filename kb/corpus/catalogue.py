"""The documents of a corpus: one of the files with the same content, one of the formats of a document, each with its id."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from kb.corpus import CorpusFile
from kb.corpus.hashes import Hashes
from kb.corpus.ids import Ids
from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.models import Duplicate
from kb.readers import SUFFIXES


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The documents of a corpus, and the files that are left out."""

    documents: Mapping[CorpusFile, str]  # each with the hash of its content; sorted by id
    spare: Mapping[
        str, tuple[tuple[CorpusFile, str], ...]
    ]  # id → other formats of the document, with their hashes; failures as long as one is read
    failures: tuple[tuple[CorpusFile, Message], ...]
    duplicates: tuple[Duplicate, ...]


def read_catalogue(files: Sequence[CorpusFile], index: Path) -> Catalogue:
    """The documents among these files; hashes and ids of earlier builds are taken from the index folder and kept there.

    Of files with the same content and format the one that has an id already is the document: a copy never displaces it.
    """
    hashes, ids = Hashes(index), Ids(index)
    documents: dict[CorpusFile, str] = {}
    failures, duplicates = list[tuple[CorpusFile, Message]](), list[Duplicate]()
    by_content: dict[tuple[str, str], CorpusFile] = {}  # the bytes of one format may be damage in another
    by_path: dict[str, CorpusFile] = {}
    others: defaultdict[CorpusFile, list[tuple[CorpusFile, str]]] = defaultdict(list)
    for file in sorted(files, key=lambda file: (file not in ids, *_rank(file))):
        try:
            sha256 = hashes.of(file)
        except UnreadableDocument as error:
            failures.append((file, error.reason))
            continue
        content = sha256, file.suffix.lower()
        if content in by_content:
            duplicates.append(Duplicate(file.source, by_content[content].source))
        elif file.document_path in by_path:
            read = by_path[file.document_path]
            failures.append((file, Message("name-taken", other=read.source)))
            others[read].append((file, sha256))
        else:
            documents[file] = sha256
            by_content[content] = by_path[file.document_path] = file
    assigned = ids.assign(documents, {file.document_path for file in files})
    hashes.save()
    ids.save()

    def named(file: CorpusFile, document: CorpusFile) -> CorpusFile:
        return replace(file, id=assigned[document].id, received_on=assigned[document].since)

    found = {named(file, file): sha256 for file, sha256 in documents.items()}
    return Catalogue(
        {file: found[file] for file in sorted(found, key=lambda file: file.id)},
        {
            assigned[one].id: tuple((named(file, one), sha256) for file, sha256 in spare)
            for one, spare in others.items()
        },
        tuple(failures),
        tuple(duplicates),
    )


def _rank(file: CorpusFile) -> tuple[bool, bool, tuple[str, ...], str]:
    """Files of a readable format first, files before links to them, then by path: "note" before "note (1)"."""
    path = PurePosixPath(file.document_path).parts
    return file.suffix.lower() not in SUFFIXES, file.path.is_symlink(), path, file.suffix
