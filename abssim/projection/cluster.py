"""Blocks of paths on the workers of a Dask cluster.

A job is shipped to the workers once; a task is a block's two numbers. A block whose worker is lost runs on another.
The kernels release the interpreter's lock, so a worker may have a thread for each of its cores; threads share the job.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from abssim.engine.deal.summary import Outcome
from abssim.errors import AbssimError, EngineError, Problem, SettingsError
from abssim.projection.assemble import build
from abssim.projection.job import Finished, Job, Span

if TYPE_CHECKING:
    from distributed import Client

_LIKE = "addresses look like tcp://host:8786"
TIMEOUT = 5
"""Seconds within which a scheduler must answer, and have a worker."""


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler at an address, whose workers run the same software as this process."""
    try:
        from distributed import Client
    except ImportError:
        text, hint = "Dask distributed is not installed", f"install it: {sys.executable} -m pip install distributed"
        raise SettingsError(Problem("E521", address, "", text, hint)) from None
    _require_address(address)
    try:
        client = Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:
        text = f"no Dask scheduler answers within {TIMEOUT} s: {str(error) or type(error).__name__}"
        raise SettingsError(Problem("E522", address, "", text, f"start one with: dask scheduler; {_LIKE}")) from None
    with client:
        _require_alike(client, address)
        yield client


def _require_address(address: str) -> None:
    """Refuses what cannot be the address of a scheduler, before there is a client that would have to be closed."""
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.security import Security

    try:
        scheme, place = parse_address(address)
        if scheme not in ("tcp", "tls", "inproc"):
            raise ValueError(f"{scheme}:// leads to none")
        if scheme == "inproc" and place.count("/") != 2:
            raise ValueError("there is none in this process")
        if scheme != "inproc":
            parse_host_port(place)
        if scheme == "tls" and Security().get_connection_args("client").get("ssl_context") is None:
            raise ValueError("TLS has no certificates (distributed.comm.tls in Dask's configuration)")
    except ValueError as error:
        text = f"not the address of a Dask scheduler: {error}"
        raise SettingsError(Problem("E522", address or "--cluster", "", text, _LIKE)) from None


def on_cluster(client: Client, job: Job, spans: Sequence[Span]) -> Finished:
    """Run blocks on the cluster's workers; yields each with its outcome when it is done."""
    from distributed import as_completed

    shipped = client.scatter(job.shipped(), broadcast=True, hash=False)
    futures = {client.submit(_block, shipped, *span, pure=False): span for span in spans}
    try:
        for future in as_completed(list(futures), loop=client.loop):
            yield futures.pop(future), future.result()
            future.release()
    except AbssimError:
        raise
    except Exception as error:
        text = f"the cluster gave up: {type(error).__name__}: {error}"
        hint = "keep finished blocks in a folder, and go on from there with resume"
        raise EngineError(Problem("E524", client.scheduler.address, "", text, hint)) from error
    finally:
        client.cancel(list(futures))


def _block(job: Job, first: int, last: int) -> Outcome:
    """The task: a block of paths."""
    return job.block(first, last)


def _require_alike(client: Client, address: str) -> None:
    """There must be workers, and they must compute the same bits: same versions, same kernels."""
    with suppress(TimeoutError):
        client.wait_for_workers(1, timeout=TIMEOUT)
    found: dict[str, Any] = client.run(build, on_error="return")
    mine = build()
    if not found:
        hint = f"start some: dask worker {address} --nthreads 4"
        raise SettingsError(Problem("E522", address, "", "the scheduler has no workers", hint))
    problems = [
        Problem("E523", worker, "", text, "install the same versions on every machine")
        for worker, theirs in found.items()
        for text in _differences(theirs, mine)
    ]
    if problems:
        raise EngineError(problems)


def _differences(theirs: Any, mine: dict[str, str]) -> Iterator[str]:
    """What a worker runs that this process does not, in words."""
    if not isinstance(theirs, dict):
        yield f"abssim cannot be used there: {type(theirs).__name__}: {theirs}"
        return
    for name, version in mine.items():
        if theirs.get(name) != version:
            yield f"the worker runs {name} {theirs.get(name)}, this process {version}"
