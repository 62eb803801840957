"""The parts of an OFD package: its documents, their pages with templates, and the objects and pictures in their resources."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image

from kb.errors import UnreadableDocument
from kb.messages import Message
from kb.readers.ofd_pages import OfdPage, numbers
from kb.readers.package import BROKEN, open_package, read_xml

_A4 = (210.0, 297.0)  # millimetres
_MOST_PIXELS = 100_000_000
_RESOURCES = ("PublicRes", "DocumentRes", "PageRes")


class OfdPackage:
    """A package; UnreadableDocument when it is broken."""

    def __init__(self, path: Path, data: bytes) -> None:
        self._path, self._package = path, open_package(path, data)
        self._names = {_plain(name): name for name in self._package.namelist()}

    def documents(self) -> Iterator[OfdDocument]:
        """The documents, in order; UnreadableDocument when one is missing or encrypted."""
        root = self.read("OFD.xml")
        if root is None:
            raise UnreadableDocument(self._path, Message("not-ofd"))
        if root.find(".//{*}Encryptions") is not None:
            raise UnreadableDocument(self._path, Message("encrypted"))
        for body in root.iter("{*}DocRoot"):
            location = self.find("", body.text or "")
            document = self.read(location)
            if document is None:
                raise UnreadableDocument(self._path, Message("part-missing", part=location))
            yield OfdDocument(self, location, document)

    def find(self, beside: str, location: str) -> str:
        """The name of the part at a location that stands in the part ``beside``.

        Programs write it from there, from the folder above, from that of the document, or from the top.
        """
        plain = _plain(location)
        folder = posixpath.dirname(beside)
        top, _, _ = beside.partition("/")
        folders = (folder, posixpath.dirname(folder), top, "")
        for one in reversed(folders) if location.strip().startswith("/") else folders:
            name = self._names.get(_plain(posixpath.join(one, plain)))
            if name is not None:
                return name
        return plain

    def read(self, name: str) -> Any | None:
        """The root element of a part, None when there is none."""
        return read_xml(self._path, self._package, self._names.get(_plain(name), name))

    def picture(self, name: str) -> Image.Image | None:
        """The picture in a part, None when there is none, or it cannot be opened."""
        try:
            picture = Image.open(io.BytesIO(self._package.read(name)))
        except (KeyError, Image.DecompressionBombError, SyntaxError, *BROKEN):
            return None
        return picture if picture.width * picture.height <= _MOST_PIXELS else None


class OfdDocument:
    """A document of a package."""

    def __init__(self, package: OfdPackage, location: str, root: Any) -> None:
        self._package, self._location, self._root = package, location, root

    @property
    def pages(self) -> list[str]:
        """The locations of the pages, in order."""
        return [page.get("BaseLoc") or "" for page in self._root.iter("{*}Page") if page.get("BaseLoc")]

    def page(self, location: str) -> OfdPage | None:
        """The page at a location, None when it is missing."""
        name = self._package.find(self._location, location)
        root = self._package.read(name)
        if root is None:
            return None
        templates = [
            template
            for used in root.iterfind("{*}Template")
            if (template := self._templates.get(used.get("TemplateID") or "")) is not None
        ]
        units, _ = self._resources(name, root)
        width, height = next((size for part in (root, *templates, self._root) if (size := _size(part))), _A4)
        return OfdPage(width, height, (*templates, root), self._own[0] | units)

    def picture(self, name: str) -> Image.Image | None:
        """The picture that a resource is, by its id; None when it cannot be opened."""
        part = self._own[1].get(name)
        return None if part is None else self._package.picture(part)

    @cached_property
    def _templates(self) -> dict[str, Any]:
        """The templates of pages by their ids."""
        found = {}
        for template in self._root.iterfind("{*}CommonData/{*}TemplatePage"):
            root = self._package.read(self._package.find(self._location, template.get("BaseLoc") or ""))
            if root is not None:
                found[template.get("ID") or ""] = root
        return found

    @cached_property
    def _own(self) -> tuple[dict[str, Any], dict[str, str]]:
        return self._resources(self._location, self._root)

    def _resources(self, beside: str, root: Any) -> tuple[dict[str, Any], dict[str, str]]:
        """The objects in the resources that a part names, and the parts of their pictures, by their ids."""
        units, pictures = dict[str, Any](), dict[str, str]()
        for kind in _RESOURCES:
            for element in root.iter(f"{{*}}{kind}"):
                name = self._package.find(beside, element.text or "")
                resource = self._package.read(name)
                if resource is None:
                    continue
                for unit in resource.iter("{*}CompositeGraphicUnit", "{*}CompositeGraphUnit"):
                    units[unit.get("ID") or ""] = unit
                folder = posixpath.join(posixpath.dirname(name), _plain(resource.get("BaseLoc") or ""))
                for media in resource.iter("{*}MultiMedia"):
                    file = media.findtext("{*}MediaFile") or ""
                    pictures[media.get("ID") or ""] = self._package.find(posixpath.join(folder, "_"), file)
        return units, pictures


def _plain(location: str) -> str:
    """A location as it is compared: from the top, with slashes, in small letters."""
    return posixpath.normpath(location.strip().replace("\\", "/").lstrip("/")).lower()


def _size(part: Any) -> tuple[float, float] | None:
    """Width and height of the page that a part describes, None when it describes none."""
    for box in part.iter("{*}PhysicalBox"):
        size = numbers(box.text)
        if len(size) >= 4 and size[2] > 0 and size[3] > 0:
            return size[2], size[3]
    return None
