"""Where blocks of paths are run: on threads of this process, or on the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from os import cpu_count

from abssim.projection.cluster import connected, on_cluster
from abssim.projection.job import Finished, Job, Span
from abssim.projection.settings import Execution

Runner = Callable[[Job, Sequence[Span]], Finished]
"""Runs blocks of a job; yields each with its outcome when it is done, in no given order."""


@contextmanager
def workers(execution: Execution) -> Iterator[Runner]:
    """The runner an execution asks for."""
    if execution.cluster is None:
        yield lambda job, spans: on_threads(execution.threads or cpu_count() or 1, job, spans)
        return
    with connected(execution.cluster) as client:
        yield lambda job, spans: on_cluster(client, job, spans)


def on_threads(threads: int, job: Job, spans: Sequence[Span]) -> Finished:
    """Run blocks on so many threads: the kernels release the interpreter's lock."""
    left = iter(spans)
    with ThreadPoolExecutor(threads) as pool:
        running = {pool.submit(job.block, *span): span for span in islice(left, 2 * threads)}
        try:
            while running:
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    span = running.pop(future)
                    running |= {pool.submit(job.block, *each): each for each in islice(left, 1)}
                    yield span, future.result()
        finally:
            pool.shutdown(cancel_futures=True)
