"""Serving a video in the pieces that a player asks for (RFC 9110, section 14: byte ranges).

Django's own `FileResponse` ignores ranges; without them Safari does not play
and Chromium cannot seek.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

_ONE_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_PIECE_BYTES = 256 * 1024


def serve_ranges(request: HttpRequest, path: Path) -> HttpResponseBase:
    """Answer a GET or HEAD for a file, whole or in part.

    One range is served; a request for several, or in another unit, gets the
    whole file, as the standard allows.
    """
    size = path.stat().st_size
    etag = f'"{size:x}-{path.stat().st_mtime_ns:x}"'
    wanted = _wanted(request, size, etag)
    if wanted is not None and wanted.start >= wanted.stop:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
    span = wanted if wanted is not None else range(size)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(len(span)),
        "Content-Type": media_type(path),
        "ETag": etag,
    }
    if wanted is not None:
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    status = 206 if wanted is not None else 200
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(_pieces(path, span), status=status, headers=headers)


def media_type(path: Path) -> str:
    """Return the media type by the file's first bytes; the name decides nothing."""
    with path.open("rb") as file:
        head = file.read(12)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    if head.startswith(b"RIFF"):
        return "video/x-msvideo"
    return "video/mp4" if head[4:8] == b"ftyp" else "application/octet-stream"


def _wanted(request: HttpRequest, size: int, etag: str) -> range | None:
    """Return the range asked for, None for the whole file; an empty range cannot be satisfied."""
    asked = _ONE_RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if not asked or asked.group() == "bytes=-" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = asked.groups()
    if not first:  # the last so many bytes
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):  # not a range at all, by the standard
        return None
    return range(int(first), min(int(last) + 1 if last else size, size))


def _pieces(path: Path, span: range) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(span.start)
        left = len(span)
        while left and (piece := file.read(min(left, _PIECE_BYTES))):
            left -= len(piece)
            yield piece
