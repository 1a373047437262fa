"""Running a compiled deal; the home of `run` is `abssim.projection.single`."""

from abssim.projection.single import run

__all__ = ["run"]
