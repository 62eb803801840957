"""What stands on a page of an OFD file: characters with their boxes, rules, pictures; templates and objects in resources included."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from kb.readers.contents import MOST_OUTLINES, PageContent
from kb.readers.grid import Rule, rules_of_box
from kb.readers.printed import TextRun
from kb.readers.turning import Turn

POINTS = 72 / 25.4  # in a millimetre
_ASCENT, _DESCENT = 0.85, 0.15  # of the size of the font
_NARROW = 0.5  # of the size of the font: the width of a Latin letter that has none of its own
_WIDEST = 1.2  # of the size of the font: a longer step leaves a gap
_MOST_NUMBER = 1e5
_MOST_DEPTH = 8  # objects within objects
_MOST_OBJECTS = 200_000  # of a page
_UPRIGHT = 0.05  # of a quarter of a turn
_COMMAND = re.compile(r"[A-Za-z]|[-+.\deE]+")


@dataclass(frozen=True, slots=True)
class Matrix:
    """An affine map of the plane: x' = a·x + c·y + e, y' = b·x + d·y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point comes to lie."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def after(self, first: Matrix) -> Matrix:
        """This map behind another one."""
        e, f = self.point(first.e, first.f)
        return Matrix(
            self.a * first.a + self.c * first.b, self.b * first.a + self.d * first.b,
            self.a * first.c + self.c * first.d, self.b * first.c + self.d * first.d, e, f,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfdPage:
    """A page: its size in millimetres, its content behind that of its templates, and the objects in resources by their ids."""

    width: float
    height: float
    contents: tuple[Any, ...]
    units: Mapping[str, Any]


def content_of(page: OfdPage) -> tuple[PageContent, tuple[str, ...]]:
    """What stands on a page, in points, turned so that most of its text is upright; and the ids of the pictures on it."""
    drawing, width, height = _Drawing(), page.width * POINTS, page.height * POINTS
    for content in page.contents:
        drawing.add(content, page.units, Matrix(POINTS, 0, 0, POINTS))
    quarters = Counter(quarter for quarter, _ in drawing.characters)
    turn = Turn(quarters.most_common(1)[0][0] if quarters else 0, width, height)
    upright = [_turned(run, turn) for quarter, run in drawing.characters if quarter == turn.quarters]
    if len(page.contents) > 1:  # what a template shows is drawn before what is filled in
        upright = _in_rows(upright)
    rules = [Rule(*_turned_box((rule.left, rule.top, rule.right, rule.bottom), turn)) for rule in drawing.rules]
    covered = sum(area for _, area in drawing.pictures)
    content = PageContent(
        *((height, width) if turn.quarters % 2 else (width, height)),
        upright,
        rules,
        drawing.outlines,
        min(1.0, covered / (width * height)) if width and height else 0.0,
        slanted=drawing.slanted + len(drawing.characters) - len(upright),
    )
    return content, tuple(name for name, _ in drawing.pictures)


def _turned(run: TextRun, turn: Turn) -> TextRun:
    return TextRun(*_turned_box((run.left, run.top, run.right, run.bottom), turn), run.text)


def _turned_box(box: tuple[float, float, float, float], turn: Turn) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return turn.box(left, turn.height - bottom, right, turn.height - top)


def _in_rows(runs: Sequence[TextRun]) -> list[TextRun]:
    """The runs from top to bottom, those on one line from left to right."""
    rows: list[list[TextRun]] = []
    for run in sorted(runs, key=lambda run: run.middle):
        if rows and run.middle - rows[-1][0].middle < run.height / 2:
            rows[-1].append(run)
        else:
            rows.append([run])
    return [run for row in rows for run in sorted(row, key=lambda run: run.left)]


@dataclass(slots=True)
class _Drawing:
    """What is drawn on a page: characters with the quarters that they are turned by, pictures with the area that each covers."""

    characters: list[tuple[int, TextRun]] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    pictures: list[tuple[str, float]] = field(default_factory=list)
    slanted: int = 0
    outlines: int = 0
    objects: int = 0

    def add(self, content: Any, units: Mapping[str, Any], place: Matrix, depth: int = _MOST_DEPTH) -> None:
        """Draw the objects of a page, a template or a resource; ``units`` are those in resources."""
        for thing in _objects(content):
            self.objects += 1
            if self.objects > _MOST_OBJECTS:
                return
            kind = local(thing)
            inner = place.after(_placing(thing))
            if kind == "TextObject":
                self._add_text(thing, inner)
            elif kind == "PathObject":
                self._add_path(thing, inner)
            elif kind == "ImageObject":
                left, top, right, bottom = _box(place, _covered(thing))
                self.pictures.append((thing.get("ResourceID") or "", (right - left) * (bottom - top)))
            elif depth and (unit := units.get(thing.get("ResourceID") or "")) is not None:
                self.add(unit, units, inner, depth - 1)

    def _add_path(self, thing: Any, place: Matrix) -> None:
        data = "".join("".join(part.itertext()) for part in thing.iterchildren("{*}AbbreviatedData"))
        corners = list(_corners(data))
        self.outlines += max(1, sum(not is_drawn for _, is_drawn in corners))
        for (begin, _), (end, is_drawn) in pairwise(corners if self.outlines <= MOST_OUTLINES else ()):
            left, top, right, bottom = _box(place, (*begin, *end))
            if is_drawn and (right - left < 1 or bottom - top < 1):
                self.rules.append(rules_of_box(left, top, right, bottom)[0])

    def _add_text(self, thing: Any, place: Matrix) -> None:
        size = next(iter(numbers(thing.get("Size"))), 0.0)
        quarter = math.atan2(place.b, place.a) / (math.pi / 2)
        for code in thing.iterchildren("{*}TextCode"):
            signs = list(_characters(code, size))
            if abs(quarter - round(quarter)) > _UPRIGHT:
                self.slanted += sum(not sign.isspace() for sign, *_ in signs)
                continue
            for sign, x, y, width in signs:
                box = _box(place, (x, y - _ASCENT * size, x + width, y + _DESCENT * size))
                self.characters.append((round(-quarter) % 4, TextRun(*box, sign)))


def _covered(thing: Any) -> tuple[float, float, float, float]:
    left, top, width, height = _boundary(thing)
    return left, top, left + width, top + height


def local(element: Any) -> str:
    """The name of an element without its namespace: files of the draft standard have another one."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def numbers(text: str | None) -> list[float]:
    """The numbers in an attribute; what is none, or far too large, counts as 0."""
    return [_number(part) for part in (text or "").split()]


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return 0.0
    return number if abs(number) < _MOST_NUMBER else 0.0


_KINDS = frozenset(("TextObject", "PathObject", "ImageObject", "CompositeObject"))


def _objects(content: Any) -> Iterator[Any]:
    """The objects in a page, a template or a resource, in the order in which they are drawn."""
    for element in content.iter(*(f"{{*}}{kind}" for kind in _KINDS)):
        if (element.get("Visible") or "").lower() != "false":
            yield element


def _boundary(thing: Any) -> tuple[float, float, float, float]:
    left, top, width, height, *_ = (*numbers(thing.get("Boundary")), 0.0, 0.0, 0.0, 0.0)
    return left, top, width, height


def _placing(thing: Any) -> Matrix:
    """Where the inside of an object comes to lie in what it stands in."""
    left, top, *_ = _boundary(thing)
    own = numbers(thing.get("CTM"))
    matrix = Matrix(*own[:6]) if len(own) >= 6 else Matrix()
    return Matrix(1, 0, 0, 1, left, top).after(matrix)


def _box(place: Matrix, box: Sequence[float]) -> tuple[float, float, float, float]:
    corners = [place.point(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    across, down = ([corner[axis] for corner in corners] for axis in (0, 1))
    return min(across), min(down), max(across), max(down)


def _characters(code: Any, size: float) -> Iterator[tuple[str, float, float, float]]:
    """The characters of a TextCode with the place of each and its width."""
    x, y = (next(iter(numbers(code.get(axis))), 0.0) for axis in ("X", "Y"))
    text = "".join(code.itertext()).strip("\r\n")
    steps = [_steps(code.get(axis), len(text)) for axis in ("DeltaX", "DeltaY")]
    for at, sign in enumerate(text):
        across = steps[0][at] if at < len(steps[0]) else 0.0
        down = steps[1][at] if at < len(steps[1]) else 0.0
        own = size * (_NARROW if sign.isascii() else 1.0)
        moves = at < len(steps[0]) or at < len(steps[1])
        yield sign, x, y, across if 0 < across <= _WIDEST * size else own
        x, y = (x + across, y + down) if moves else (x + own, y)


def _steps(text: str | None, most: int) -> list[float]:
    """The distances from one character to the next: "g 3 5 2" → 5, 5, 5, 2"""
    steps: list[float] = []
    parts = iter((text or "").split())
    for part in parts:
        if part == "g":
            times, step = int(_number(next(parts, "0"))), _number(next(parts, "0"))
            steps += [step] * min(max(times, 0), most)
        else:
            steps.append(_number(part))
        if len(steps) >= most:
            break
    return steps


def _corners(data: str) -> Iterator[tuple[tuple[float, float], bool]]:
    """The corners of a path, and whether a straight line is drawn to each."""
    command, values, start = "", list[float](), (0.0, 0.0)
    for token in _COMMAND.findall(data):
        if token.isalpha() and token not in "eE":
            command, values = token, []
            if command == "C":  # back to the start
                yield start, True
            continue
        values.append(_number(token))
        if len(values) == _LENGTHS.get(command, 2):
            place = (values[-2], values[-1])
            start = place if command in "SM" else start
            yield place, command == "L"
            values = []


_LENGTHS = {"Q": 4, "B": 6, "A": 7}
