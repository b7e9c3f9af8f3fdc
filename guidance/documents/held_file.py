"""What is held of a client as one file: data.json and the files that were attached."""
import json
import zipfile
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import IO

from guidance.models import Attachment
from pilots.attachments import path_of

IN_MEMORY = 5 * 1024 * 1024


def held_file(data: dict, files: Iterable[Attachment]) -> IO[bytes]:
    """Whole before the first byte goes out: the log row is committed by then."""
    # The answer closes it, after the last byte.
    made: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=2))
        for file in files:
            if (path := path_of(file.stored_as)).exists():
                archive.write(path, f"files/{file.pk}-{file.name}")
    made.seek(0)
    return made
