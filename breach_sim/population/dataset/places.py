"""Output locations: a local folder or any fsspec address. Files are written atomically.

A file is written under a temporary name, flushed to disk, and then renamed. A killed process leaves at most
a temporary file, which readers of the folder do not take for data.

Not here: the contents of the files, and which of them are missing (`writer`).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from breach_sim.formatting.extras import require
from breach_sim.formatting.messages import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Buffer

ASIDE: Final = ".partial"
"""Folder of what is not whole or not finished; readers of folders pass names with a dot by."""
_BYTES: Final = 1 << 20  # read at once to hash a file
_NEW_START: Final = "give an empty folder, or delete this one, and generate again"


def _nothing() -> None:
    """Check nothing."""


class Output(io.RawIOBase):
    """Stream that counts and hashes the bytes written to it.

    Parameters
    ----------
    inner
        Underlying stream.
    """

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner
        self._digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        """Whether it can be written.

        Returns
        -------
        True.
        """
        return True

    def write(self, data: Buffer) -> int:
        """Write bytes.

        Parameters
        ----------
        data
            What to write.

        Returns
        -------
        How many.
        """
        self._inner.write(data)
        self._digest.update(data)
        written = memoryview(data).nbytes
        self.size += written
        return written

    def tell(self) -> int:
        """Bytes written so far.

        Returns
        -------
        Whole number.
        """
        return self.size

    def digest(self) -> str:
        """SHA-256 of all that was written.

        Returns
        -------
        64 hexadecimal digits.
        """
        return self._digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Local:
    """Folder of the local machine, or of a file system that all workers share.

    Parameters
    ----------
    root
        Absolute path.
    """

    root: str

    def __str__(self) -> str:
        return self.root

    def names(self, inside: str = "") -> list[str]:
        """Return the sorted names in the folder.

        Parameters
        ----------
        inside
            Path of a folder below the root; the root itself if empty.

        Returns
        -------
        Empty if the folder does not exist.

        Raises
        ------
        NotADirectoryError
            If it is a file.
        """
        place = Path(self.root, inside)
        return sorted(found.name for found in place.iterdir()) if os.path.lexists(place) else []

    def size(self, name: str) -> int | None:
        """Bytes of a file.

        Parameters
        ----------
        name
            Path below the root.

        Returns
        -------
        None if there is no such file.
        """
        place = Path(self.root, name)
        return place.stat().st_size if place.is_file() else None

    def read(self, name: str) -> Any:
        """Return the contents of a JSON file.

        Parameters
        ----------
        name
            Path below the root.

        Returns
        -------
        None if there is no such file.

        Raises
        ------
        ValueError
            If it is no JSON.
        """
        place = Path(self.root, name)
        return _plain(place.read_bytes(), f"{self}/{name}") if place.is_file() else None

    def digest(self, name: str) -> str:
        """Return the SHA-256 of the bytes of a file.

        Parameters
        ----------
        name
            Path below the root.

        Returns
        -------
        64 hexadecimal digits; empty if there is no such file.
        """
        place = Path(self.root, name)
        if not place.is_file():
            return ""
        with place.open("rb") as stream:
            return _digest(stream)

    @contextlib.contextmanager
    def new_file(self, name: str, require: Callable[[], None] = _nothing) -> Iterator[Output]:
        """Open a file that gets its final name when it is completely written.

        Parameters
        ----------
        name
            Path below the root; an older file is replaced.
        require
            Called before anything is made, and again before the file gets its name; it may raise.

        Yields
        ------
        Output
            Stream to write to, once and from start to end.

        Raises
        ------
        OSError
            If the disk is full or the location cannot be written.
        """
        aside, final = Path(self.root, _aside(name)), Path(self.root, name)
        require()
        aside.parent.mkdir(parents=True, exist_ok=True)
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            with aside.open("wb") as stream:
                yield Output(stream)
                stream.flush()
                os.fsync(stream.fileno())
            require()
            aside.replace(final)
            _names_to_disk(final.parent)
        finally:
            aside.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Remove a folder with its contents, if it exists.

        Parameters
        ----------
        name
            Path below the root.
        """
        shutil.rmtree(Path(self.root, name), ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Remote:
    """Folder at an fsspec address. The methods are those of `Local`.

    Parameters
    ----------
    address
        Such as ``s3://bucket/folder`` or ``memory://folder``; set options in fsspec's configuration.
    """

    address: str

    def __str__(self) -> str:
        return self.address

    def _system(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs

        system, root = url_to_fs(self.address)
        return system, root.rstrip("/")

    def names(self, inside: str = "") -> list[str]:
        """Return the sorted names in the folder; as for :meth:`Local.names`."""
        system, root = self._system()
        root = f"{root}/{inside}".rstrip("/")
        system.invalidate_cache()
        if not system.exists(root):
            return []
        if system.isfile(root):
            raise NotADirectoryError(f"{self.address} is a file; give a folder")
        return sorted(str(path).rstrip("/").rpartition("/")[2] for path in system.ls(root, detail=False))

    def size(self, name: str) -> int | None:
        """Return the size of a file in bytes; as for :meth:`Local.size`."""
        system, root = self._system()
        system.invalidate_cache()
        return int(system.size(f"{root}/{name}")) if system.isfile(f"{root}/{name}") else None

    def read(self, name: str) -> Any:
        """Return the contents of a JSON file; as for :meth:`Local.read`."""
        system, root = self._system()
        system.invalidate_cache()
        path = f"{root}/{name}"
        return _plain(system.cat_file(path), f"{self}/{name}") if system.isfile(path) else None

    def digest(self, name: str) -> str:
        """Return the SHA-256 of the bytes of a file; as for :meth:`Local.digest`."""
        system, root = self._system()
        system.invalidate_cache()
        if not system.isfile(f"{root}/{name}"):
            return ""
        with system.open(f"{root}/{name}", "rb") as stream:
            return _digest(stream)

    @contextlib.contextmanager
    def new_file(self, name: str, require: Callable[[], None] = _nothing) -> Iterator[Output]:
        """Open a file that takes its name when it is complete; as for :meth:`Local.new_file`."""
        system, root = self._system()
        require()
        aside, final = f"{root}/{_aside(name)}", f"{root}/{name}"
        for path in (aside, final):
            system.makedirs(path.rpartition("/")[0], exist_ok=True)
        try:
            with system.open(aside, "wb") as stream:
                yield Output(stream)
            require()
            system.mv(aside, final)
        finally:
            with contextlib.suppress(OSError):
                system.rm(aside)

    def remove(self, name: str) -> None:
        """Remove a folder and all in it, if it is there; as for :meth:`Local.remove`."""
        system, root = self._system()
        with contextlib.suppress(OSError):
            system.rm(f"{root}/{name}", recursive=True)


def place_at(path: str | os.PathLike[str]) -> Local | Remote:
    """Return the location for a path or address.

    Parameters
    ----------
    path
        Path of a folder, or an address with ``://``.

    Returns
    -------
    The location. Nothing is created yet.

    Raises
    ------
    ValueError
        If the path is empty, the address is of a kind that fsspec does not know, or fsspec is missing.
    """
    text = os.fspath(path)
    if not text.strip():
        raise ValueError(f"path is {shown(text)}; name the folder to write into, '.' for the one you are in")
    if "://" not in text:
        return Local(str(Path(text).absolute()))
    require("addresses of remote files", "dask", "fsspec")
    try:
        from fsspec.core import url_to_fs

        url_to_fs(text)
    except (ImportError, ValueError) as error:
        raise ValueError(
            f"path is {shown(text)}, and it cannot be opened ({error}); pip install "
            "what fsspec needs for this kind of address (s3fs, gcsfs, adlfs), or give a folder"
        ) from None
    return Remote(text)


def _plain(text: bytes, where: str) -> Any:
    """Return what a JSON file holds."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where} is damaged, and no JSON ({error}); {_NEW_START}") from None


def _digest(stream: IO[bytes]) -> str:
    """Return the SHA-256 of what is left in a stream."""
    digest = hashlib.sha256()
    while piece := stream.read(_BYTES):
        digest.update(piece)
    return digest.hexdigest()


def _aside(name: str) -> str:
    """Name for a file that is being written: of this process and this try alone."""
    return f"{ASIDE}/{name.replace('/', '-')}.{os.getpid()}-{os.urandom(4).hex()}"


def _names_to_disk(folder: Path) -> None:
    """Flush a folder to disk, so that its names survive a power failure, if the system supports it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
