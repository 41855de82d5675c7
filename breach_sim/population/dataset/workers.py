"""Run the pieces of a data set in threads, in local processes, or on the workers of a Dask cluster.

Pieces are independent, so any worker can run any piece. Threads start at once and suit small jobs: NumPy and
Arrow release Python's lock while they work, but wait for it about a sixth of the time. Processes do not wait,
but take a second or two to start; loky starts them, so the calling script needs no guard. A failing worker
stops the others. On a cluster, the scheduler reassigns the pieces of a dead worker.

Not here: what a piece is (`writer`).
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import threading
from collections import deque
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from breach_sim.formatting.extras import require
from breach_sim.formatting.messages import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Report: TypeAlias = "Callable[[int], None]"
"""What a piece of work calls with the rows of each block that it has made."""
Progress: TypeAlias = "Callable[[int, int, int], None]"
"""Called with rows made in this run, blocks done, and blocks in all."""

_TICK: Final = 0.2  # [s] between two looks at how far the threads are, or whether the caller is there
_KEEP_MEMORY: Final = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 26),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 28),
    "MIMALLOC_PURGE_DELAY": "-1",
}
"""What tells the C library and Arrow to keep memory for the next block: to fetch it again takes time."""
_END_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG of Linux
_PATIENCE: Final = 5.0  # [s] for a scheduler to answer and to have a worker


class _Stopped(Exception):  # noqa: N818 - internal: the error of the other thread is raised
    """Raised to stop a thread after another thread failed."""


class _Queue:
    """The report of threads: queues the rows that are done, and stops those who report after a failure."""

    def __init__(self) -> None:
        self.rows: deque[int] = deque()
        self.stopped = False

    def __call__(self, rows: int) -> None:
        if self.stopped:
            raise _Stopped
        self.rows.append(rows)


def _no_report(_rows: int) -> None:
    """Ignore reports: the worker runs in another process."""


def _stop_with_the_caller(caller: int) -> None:
    """Ignore Ctrl-C, which the caller handles, and exit soon after the caller ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name == "nt":  # the parent may be the launcher of a virtual environment, not the caller
        caller = os.getppid()
    if os.name == "posix":
        # Linux ends this process with its caller, even in the middle of a long call into C; others cannot.
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != caller:  # it died before the kernel knew
        os._exit(1)
    threading.Thread(target=_watch, args=(caller,), daemon=True).start()


def _watch(caller: int) -> None:
    while os.getppid() == caller:
        threading.Event().wait(_TICK)
    os._exit(1)


@dataclass(kw_only=True)
class Workers:
    """Pool of workers that reports its progress.

    Parameters
    ----------
    number
        Number of workers, if there is no client.
    client
        A ``dask.distributed.Client``, or None.
    progress
        Function called from the calling thread, or None.
    processes
        Whether to use processes instead of threads.
    """

    number: int
    client: Any = None
    progress: Progress | None = None
    processes: bool = False
    _rows: int = 0
    _blocks: int = 0
    _all_blocks: int = 0

    def expect(self, blocks: int, found: int = 0) -> None:
        """Announce the amount of work.

        Parameters
        ----------
        blocks
            In all.
        found
            Number of blocks done by an earlier run.
        """
        self._all_blocks, self._blocks = blocks, found
        self._tell(0, 0)

    def map(
        self, work: Callable[[Any, Report], Any], pieces: Sequence[Any], *, here: bool = False
    ) -> list[Any]:
        """Run the work on every piece.

        Parameters
        ----------
        work
            Function of a piece and a `Report`; for a cluster, it must be importable from a module.
        pieces
            Pieces of work. Each result has its own ``rows`` and ``blocks``.
        here
            Whether to use threads of this process, whatever else there is.

        Returns
        -------
        Results in the order of the pieces.
        """
        if here:
            return self._by_threads(work, pieces)
        if self.client is not None:
            return self._by_cluster(work, pieces)
        if self.processes and min(self.number, len(pieces)) > 1:
            return self._by_processes(work, pieces)
        return self._by_threads(work, pieces)

    def _tell(self, blocks: int, rows: int) -> None:
        self._blocks += blocks
        self._rows += rows
        if self.progress is not None:
            self.progress(self._rows, self._blocks, self._all_blocks)

    def _by_threads(self, work: Callable[[Any, Report], Any], pieces: Sequence[Any]) -> list[Any]:
        queue = _Queue()
        with ThreadPoolExecutor(self.number) as pool:
            futures = [pool.submit(work, piece, queue) for piece in pieces]
            try:
                left = set(futures)
                while left:
                    done, left = wait(left, timeout=_TICK, return_when=FIRST_EXCEPTION)
                    heard = [queue.rows.popleft() for _ in range(len(queue.rows))]
                    self._tell(len(heard), sum(heard))
                    for future in done:
                        future.result()
            except BaseException:
                queue.stopped = True
                for future in futures:
                    future.cancel()
                raise
        return [future.result() for future in futures]

    def _by_processes(self, work: Callable[[Any, Report], Any], pieces: Sequence[Any]) -> list[Any]:
        require("processes", "people", "loky")
        from loky import ProcessPoolExecutor
        from loky.process_executor import TerminatedWorkerError

        _start_tracker()
        number = min(self.number, len(pieces))
        # The worker is given our number: if it asked for its parent's only once it runs, we could be gone.
        start = {"initializer": _stop_with_the_caller, "initargs": (os.getpid(),), "env": _KEEP_MEMORY}
        pool = ProcessPoolExecutor(number, **start)
        try:
            futures = [pool.submit(work, piece, _no_report) for piece in pieces]
            for future in as_completed(futures):
                made = future.result()
                self._tell(made.blocks, made.rows)
            results = [future.result() for future in futures]
        except TerminatedWorkerError:
            pool.shutdown(kill_workers=True)
            raise OSError(
                "a worker process was killed from outside, perhaps for want of memory; take fewer workers"
            ) from None
        except BaseException:
            pool.shutdown(kill_workers=True)
            raise
        pool.shutdown()
        return results

    def _by_cluster(self, work: Callable[[Any, Report], Any], pieces: Sequence[Any]) -> list[Any]:
        from distributed import as_completed as completed

        _require_a_worker(self.client)
        futures = self.client.map(work, pieces, [_no_report] * len(pieces), pure=False)
        try:
            for _, made in completed(futures, with_results=True):
                self._tell(made.blocks, made.rows)
            return [future.result() for future in futures]
        finally:
            self.client.cancel(futures)


def _start_tracker() -> None:
    """Start the process that takes away what a killed run leaves in the system, and say nothing of it."""
    from loky.backend.resource_tracker import ensure_running

    quiet = "ignore:resource_tracker:UserWarning"
    sys.warnoptions.append(quiet)
    try:
        ensure_running()
    finally:
        sys.warnoptions.remove(quiet)


def cores() -> int:
    """Return the number of cores that this process may use.

    Returns
    -------
    At least 1.
    """
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def cluster_client(address: str) -> Any:
    """Return a client of a Dask cluster.

    Parameters
    ----------
    address
        Address of the scheduler, such as ``tcp://10.0.0.1:8786``.

    Returns
    -------
    A ``dask.distributed.Client``.

    Raises
    ------
    ModuleNotFoundError
        If Dask is not installed.
    OSError
        If the scheduler does not answer within five seconds, or has no worker by then.

    Notes
    -----
    Start workers with ``DASK_DISTRIBUTED__NANNY__PRE_SPAWN_ENVIRON__MALLOC_TRIM_THRESHOLD_=268435456``. With
    Dask's default, the C library returns memory after every block, and the work takes three times as long.
    """
    require("clusters", "dask", "distributed")
    from distributed import Client

    try:
        with ThreadPoolExecutor(1) as pool:  # a notebook runs a loop of its own in this thread
            pool.submit(asyncio.run, _greet(address)).result()
        client = Client(address, timeout=_PATIENCE)
    except Exception as error:  # noqa: BLE001 - what stands there may be no scheduler and say anything
        raise OSError(
            f"scheduler {shown(address)} does not answer ({type(error).__name__} within {_PATIENCE:g} s); "
            "start one with 'dask scheduler' and workers with 'dask worker ADDRESS', or go without"
        ) from None
    _require_a_worker(client)
    return client


async def _greet(address: str) -> None:
    """Shake hands within the time: a client would wait for ever for somebody who listens and is silent."""
    from distributed.comm.core import connect
    from distributed.security import Security

    secrets = Security().get_connection_args("client")
    greeting = await asyncio.wait_for(connect(address, timeout=_PATIENCE, **secrets), _PATIENCE)
    await greeting.close()


def _require_a_worker(client: Any) -> None:
    """Reject a cluster without workers, on which work would never start."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        address = client.scheduler.address
        raise OSError(
            f"scheduler {address} has no worker after {_PATIENCE:g} s; start one with 'dask worker {address}'"
        ) from None
