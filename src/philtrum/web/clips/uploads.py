"""A clip on its way in: one file, not too large, stored under a name of our own."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from philtrum.errors import PhiltrumError
from philtrum.web.access.ownership import signed_in
from philtrum.web.clips.models import Clip
from philtrum.web.clips.tasks import measure_clip

# What a form adds around its file: field names, boundaries, the check against forged forms.
_FORM_OVERHEAD_BYTES = 100_000
_NAME_LENGTH = 80


class ClipUploadHandler(TemporaryFileUploadHandler):
    """Write the upload to disk and stop as soon as it is known to be too large."""

    is_too_big = False
    total_bytes = 0

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803 - Django's name
        content_length: int,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Judge the announced length before anything is read."""
        self.is_too_big = content_length > settings.MAX_CLIP_BYTES + _FORM_OVERHEAD_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write one piece, or stop."""
        self.total_bytes += len(raw_data)
        self.is_too_big = self.is_too_big or self.total_bytes > settings.MAX_CLIP_BYTES
        if self.is_too_big:
            raise StopUpload(connection_reset=False)
        super().receive_data_chunk(raw_data, start)


def take_upload(request: HttpRequest) -> Clip:
    """Store the uploaded clip and queue it for measuring.

    Raises
    ------
    PhiltrumError
        `upload-too-big`, `upload-no-file`, `upload-one-file`, `upload-empty`.
    """
    upload = _only_file(request)
    clip = Clip(
        owner=signed_in(request),
        name=clean_name(upload.name or ""),
        is_kept="keep" in request.POST,
        is_mirrored="mirrored" in request.POST,
    )
    clip.folder.mkdir(parents=True)
    with clip.video_path.open("xb") as file:
        for piece in upload.chunks():
            file.write(piece)
    upload.close()
    with transaction.atomic():  # the row and its place in the queue, or neither
        clip.save()
        measure_clip.enqueue(str(clip.id))
    return clip


def clean_name(name: str) -> str:
    """Return a file name fit for showing: no folders, no control or direction characters, not long."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in last)
    return " ".join(shown.split())[:_NAME_LENGTH] or _("clip")


def _only_file(request: HttpRequest) -> TemporaryUploadedFile:
    uploads: list[UploadedFile[bytes]] = request.FILES.getlist("clip")
    if any(getattr(handler, "is_too_big", False) for handler in request.upload_handlers):
        raise PhiltrumError(
            "upload-too-big",
            _("This file is larger than %(limit)s MB.") % {"limit": settings.MAX_CLIP_BYTES // 10**6},
            _("Cut the clip to half a minute, or record it at 1080p, and choose it again."),
        )
    if not uploads:
        raise PhiltrumError("upload-no-file", _("No clip was chosen."), _("Choose or film a clip first."))
    if len(uploads) > 1:
        raise PhiltrumError(
            "upload-one-file",
            _("%(n)s files were sent; one clip is measured at a time.") % {"n": len(uploads)},
            _("Choose one clip; add the next when this one is in the queue."),
        )
    if not uploads[0].size:
        raise PhiltrumError("upload-empty", _("This file is empty."), _("Record the clip again, or choose another."))
    assert isinstance(uploads[0], TemporaryUploadedFile)  # noqa: S101 - our only upload handler makes no other
    return uploads[0]
