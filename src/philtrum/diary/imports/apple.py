"""Apple Health: sleep, caffeine, water and mindful minutes from `export.zip` or the `export.xml` in it.

The file is read as a stream, since it can hold gigabytes. Two faults of real
exports are dealt with: the list of element types at its start breaks the rules
of XML from iOS 16 on, so it is left out (which also means that no entity can
be defined), and control characters that XML forbids are dropped.

Times in the file carry the offset that the phone had at the export; the
moment is right, the zone is not. A record that names its own zone
(`HKTimeZone`) gets it, all others the zone given.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO
from xml.parsers import expat  # its own definitions are left out, so there is no entity to expand

from philtrum.diary.checks import RecordError, check_zone
from philtrum.diary.days import Interval
from philtrum.diary.imports.imported import Imported, ImportFileError, content_id, nights
from philtrum.diary.records import Exposure, Record

SOURCE = "Apple Health"

_SLEEP = "HKCategoryTypeIdentifierSleepAnalysis"
_MINDFUL = "HKCategoryTypeIdentifierMindfulSession"
_ASLEEP = "HKCategoryValueSleepAnalysisAsleep"  # and what starts with it: core, deep, REM, unspecified
# Litres of a measure: NIST Handbook 44, appendix C (US); 1 imperial gallon = 4.54609 l.
_LITRES = {
    **{"mL": 0.001, "cL": 0.01, "dL": 0.1, "L": 1.0},
    **{"fl_oz_us": 0.0295735, "cup_us": 0.236588, "pt_us": 0.473176},
    **{"fl_oz_imp": 0.0284131, "cup_imp": 0.284131, "pt_imp": 0.568261},
}
_AMOUNTS = {
    "HKQuantityTypeIdentifierDietaryCaffeine": ("caffeine_mg", {"mg": 1.0, "g": 1000.0, "mcg": 0.001}),
    "HKQuantityTypeIdentifierDietaryWater": ("water_l", _LITRES),
}
_PIECE_BYTES = 1 << 20
_LONGEST_START_BYTES = 1 << 20  # the list of element types is about 15 kB
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # XML 1.0, 2.2


def read_apple_health(path: Path, *, zone: str) -> Imported:
    """Read an export of Apple Health.

    Parameters
    ----------
    path : Path
        `export.zip` as the phone makes it, or `export.xml`.
    zone : str
        Where the person lived, for records that do not say.

    Raises
    ------
    ImportFileError: ``import-apple-unreadable``.
    """
    reader = _Reader(zone)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    try:
        with _opened(path) as file:
            for piece in _pieces(file):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
    except (expat.ExpatError, OSError, zipfile.BadZipFile, KeyError) as error:
        what = f"{path.name}: this is not a whole export of Apple Health."
        next_step = "In the Health app choose your picture, then 'Export all health data', and copy the zip again."
        raise ImportFileError("import-apple-unreadable", what, next_step) from error
    return reader.imported()


class _Reader:
    """Takes the elements as they come and keeps what belongs to a diary."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.asleep: dict[str, list[Interval]] = {}
        self.records: dict[object, Record] = {}
        self.n_unclear = 0
        self._open: dict[str, str] | None = None
        self._zone = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Record" and attributes.get("type") in (_SLEEP, _MINDFUL, *_AMOUNTS):
            self._open, self._zone = attributes, self.zone
        elif self._open is not None and name == "MetadataEntry" and attributes.get("key") == "HKTimeZone":
            self._zone = attributes.get("value", "")

    def end(self, name: str) -> None:
        if name != "Record" or self._open is None:
            return
        record, self._open = self._open, None
        try:
            self._take(record)
        except (KeyError, ValueError):
            self.n_unclear += 1

    def imported(self) -> Imported:
        sleep = [night for zone, spans in self.asleep.items() for night in nights(spans, zone=zone, source=SOURCE)]
        remarks = [f"{self.n_unclear} records could not be understood and were left out."] if self.n_unclear else []
        return Imported(SOURCE, (*sleep, *self.records.values()), tuple(remarks))

    def _take(self, record: dict[str, str]) -> None:
        start, end = (datetime.strptime(record[name], "%Y-%m-%d %H:%M:%S %z") for name in ("startDate", "endDate"))
        if record["type"] == _SLEEP:
            if record["value"].startswith(_ASLEEP):
                self.asleep.setdefault(self._known_zone(), []).append((start, end))
        elif record["type"] == _MINDFUL:
            self._keep("mindful_minutes", (end - start).total_seconds() / 60, start, end)
        else:
            factor, units = _AMOUNTS[record["type"]]
            self._keep(factor, float(record["value"]) * units[record["unit"]], start, None)

    def _keep(self, factor: str, amount: float, start: datetime, end: datetime | None) -> None:
        # Without the name of the app: two apps that wrote the same cup at the same moment mean one cup.
        id = content_id(SOURCE, factor, start.timestamp(), round(amount, 6))
        exposure = Exposure(
            id=id,
            factor=factor,
            amount=amount,
            started_at=start,
            ended_at=end,
            zone=self._known_zone(),
            source=SOURCE,
        )
        self.records[id] = exposure

    def _known_zone(self) -> str:
        with contextlib.suppress(RecordError):
            check_zone(self._zone)
            return self._zone
        return self.zone


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as pack:
        # The name is translated with the phone's language; the file beside it is export_cda.xml.
        names = [name for name in pack.namelist() if name.endswith(".xml") and not name.endswith("_cda.xml")]
        if not names:
            raise KeyError(path.name)
        with pack.open(max(names, key=lambda name: pack.getinfo(name).file_size)) as part:
            yield part


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the file without its list of element types and without forbidden characters."""
    start = file.read(_PIECE_BYTES)
    if b"<!DOCTYPE" in start[:4096]:
        while b"]>" not in start and len(start) < _LONGEST_START_BYTES + _PIECE_BYTES:
            more = file.read(_PIECE_BYTES)
            if not more:
                break
            start += more
        head, _, rest = start.partition(b"<!DOCTYPE")
        start = head + rest.partition(b"]>")[2]
    while start:
        yield _FORBIDDEN.sub(b"", start)
        start = file.read(_PIECE_BYTES)
