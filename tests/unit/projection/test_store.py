"""Results in a folder: the same bits after an interruption, with more paths, from broken files; strangers refused."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from abssim.engine.deal.summary import Outcome
from abssim.errors import SettingsError, StoreError
from abssim.program.compile import CompiledDeal, compile_deal
from abssim.projection.job import Job
from abssim.projection.manifest import MANIFEST
from abssim.projection.many import spans_of
from abssim.projection.settings import Execution, Settings
from abssim.projection.store import BlockStore, _columns, _digest
from abssim.result import Simulation
from abssim.scenario.scenario import Scenario
from abssim.study.project import simulate, simulate_grid
from tests.property.random_deal import deal_of
from tests.unit.projection.test_simulate import HARSH, arrays, small_deal

PATHS = 30


@pytest.fixture(scope="module")
def compiled() -> CompiledDeal:
    triggers = {"losses": {"when": "pool.cumulative_net_loss_ratio > 0.05"}}
    return compile_deal(deal_of(small_deal(triggers=triggers)))


@pytest.fixture(scope="module")
def harsh() -> Scenario:
    return Scenario.model_validate(HARSH)


@pytest.fixture(scope="module")
def whole(compiled: CompiledDeal, harsh: Scenario) -> Simulation:
    """What every way to the same paths must give."""
    return simulate(compiled, harsh, paths=PATHS, seed=5)


@pytest.fixture
def run(compiled: CompiledDeal, harsh: Scenario, tmp_path: Path) -> Callable[..., Simulation]:
    """The same simulation in blocks of 4, with the folder."""

    def call(**changes: Any) -> Simulation:
        given = {"paths": PATHS, "seed": 5, "threads": 1, "block_paths": 4, "store": tmp_path / "results", **changes}
        return simulate(compiled, harsh, **given)

    return call


def stop_after(count: int) -> Callable[[int], None]:
    """A user who presses Ctrl-C when so many paths are done."""

    def progress(done: int) -> None:
        if done >= count:
            raise KeyboardInterrupt

    return progress


def parts(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "results" / "scenario=harsh").iterdir())


def test_interrupted_and_resumed_is_bit_equal(
    run: Callable[..., Simulation], whole: Simulation, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(progress=stop_after(12))
    kept = parts(tmp_path)
    assert len(kept) == 3  # of blocks of four paths, on several threads: the first to finish
    times = {name: (tmp_path / "results" / "scenario=harsh" / name).stat().st_mtime_ns for name in kept}
    seen: list[int] = []
    again = run(resume=True, progress=seen.append)
    assert arrays(again, PATHS) == arrays(whole, PATHS)
    assert seen == sorted(seen) and (seen[0], seen[-1], len(seen)) == (12, 30, 6)
    assert all((tmp_path / "results" / "scenario=harsh" / name).stat().st_mtime_ns == times[name] for name in kept)


def test_everything_kept_is_only_read(
    run: Callable[..., Simulation], whole: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert arrays(run(), PATHS) == arrays(whole, PATHS)
    ran: list[tuple[int, int]] = []
    block = Job.block
    monkeypatch.setattr(Job, "block", lambda job, *span: ran.append(span) or block(job, *span))
    assert arrays(run(resume=True), PATHS) == arrays(whole, PATHS)
    fewer = run(resume=True, paths=9)
    assert fewer.paths == 9
    assert arrays(fewer, 9) == arrays(whole, 9)
    assert ran == [(0, 1)] * 2, "one path tells which fields of the documents are read; its figures are not kept"


def test_more_paths_later_in_blocks_of_another_size(
    run: Callable[..., Simulation], whole: Simulation, tmp_path: Path
) -> None:
    run(paths=10)
    assert arrays(run(resume=True, block_paths=8, threads=2), PATHS) == arrays(whole, PATHS)
    assert parts(tmp_path)[2:4] == ["part-000000008.parquet", "part-000000010.parquet"]


def cut_short(part: Path) -> None:
    part.write_bytes(part.read_bytes()[: part.stat().st_size // 2])


def emptied(part: Path) -> None:
    part.write_bytes(b"")


def altered(part: Path) -> None:
    """A file that can be read, with one payment a cent higher."""
    table = pq.ParquetFile(part).read()
    place = table.column_names.index("note.A.cash")
    cash = table.column(place).to_pylist()
    cash[1][0] += 1
    wrong = table.set_column(place, table.schema.field(place), pa.array(cash, table.schema.field(place).type))
    pq.write_table(wrong, part)


def without_a_column(part: Path) -> None:
    pq.write_table(pq.ParquetFile(part).read().drop_columns("pool.loss"), part)


@pytest.mark.parametrize("damage", [cut_short, emptied, altered, without_a_column])
def test_broken_parts_run_again_and_are_told(
    damage: Callable[[Path], None], run: Callable[..., Simulation], whole: Simulation, tmp_path: Path
) -> None:
    run()
    part = tmp_path / "results" / "scenario=harsh" / "part-000000008.parquet"
    sound = part.read_bytes()
    damage(part)
    told: list[str] = []
    assert arrays(run(resume=True, notice=told.append), PATHS) == arrays(whole, PATHS)
    assert len(told) == 1
    assert "part-000000008.parquet is not a whole block" in told[0]
    assert part.read_bytes() == sound


def test_a_part_of_another_job_is_not_taken(run: Callable[..., Simulation], whole: Simulation, tmp_path: Path) -> None:
    run(seed=6, store=tmp_path / "other")
    run()
    name = Path("scenario=harsh") / "part-000000004.parquet"
    shutil.copy(tmp_path / "other" / name, tmp_path / "results" / name)
    with pytest.warns(UserWarning, match="belongs to another job"):
        again = run(resume=True)
    assert arrays(again, PATHS) == arrays(whole, PATHS)


def test_results_are_not_written_over(run: Callable[..., Simulation], tmp_path: Path) -> None:
    run()
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "results").rglob("*")}
    with pytest.raises(StoreError) as caught:
        run()
    assert [problem.code for problem in caught.value.problems] == ["E531"]
    assert "--resume" in caught.value.problems[0].hint
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "results").rglob("*")}


@pytest.mark.parametrize(
    ("change", "place"),
    [({"seed": 6}, "settings.seed"), ({"calls": "never"}, "settings.calls"), ({"vintage_loans": 9}, "vintage_loans")],
)
def test_other_settings_are_named(
    change: dict[str, Any], place: str, run: Callable[..., Simulation], tmp_path: Path
) -> None:
    run(paths=4)
    before = (tmp_path / "results" / MANIFEST).read_bytes()
    with pytest.raises(StoreError) as caught:
        run(resume=True, **change)
    assert [problem.code for problem in caught.value.problems] == ["E532"]
    assert place in caught.value.problems[0].path
    assert (tmp_path / "results" / MANIFEST).read_bytes() == before


def test_another_deal_scenario_and_version_are_named(
    run: Callable[..., Simulation], compiled: CompiledDeal, harsh: Scenario, tmp_path: Path
) -> None:
    run(paths=4)
    store = {"paths": 4, "seed": 5, "store": tmp_path / "results", "resume": True}
    other = compile_deal(deal_of(small_deal(name="other")))
    milder = harsh.model_copy(update={"default_multiple": 2.0})
    renamed = harsh.model_copy(update={"name": "renamed"})
    for case, words in [
        ((other, harsh), "another deal"),
        ((compiled, milder), "another scenario with this name"),
        ((compiled, renamed), "not asked for"),
    ]:
        with pytest.raises(StoreError, match=words):
            simulate(*case, **store)
    file = tmp_path / "results" / MANIFEST
    manifest = json.loads(file.read_text())
    manifest["versions"]["numba"] = "0.1"
    file.write_text(json.dumps(manifest))
    with pytest.raises(StoreError, match=r"versions\.numba.*the folder is of 0\.1"):
        simulate(compiled, harsh, **store)
    file.write_text("{")
    with pytest.raises(StoreError, match="cannot be read"):
        simulate(compiled, harsh, **store)


def test_folders_that_cannot_be_used(run: Callable[..., Simulation], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("something")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("something else")
    for folder in (file, file / "below", tmp_path / "full"):
        with pytest.raises(StoreError) as caught:
            run(store=folder)
        assert [problem.code for problem in caught.value.problems] == ["E533"]
    with pytest.raises(StoreError, match="no folder to go on from"):
        run(store=None, resume=True)
    assert (tmp_path / "full" / "thesis.txt").read_text() == "something else"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_to(run: Callable[..., Simulation], tmp_path: Path) -> None:
    folder = tmp_path / "read only"
    folder.mkdir(mode=0o500)
    with pytest.raises(StoreError, match="E533"):
        run(store=folder)


SHAPES = ["1", "null", "[1, 2]", '"text"', "{}", '{"scenarios": [1]}', '{"scenarios": {"harsh": {}}}', "[" * 100_000]


@pytest.mark.parametrize("text", SHAPES, ids=lambda text: text[:20])
def test_a_manifest_of_another_shape_is_refused(text: str, run: Callable[..., Simulation], tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / MANIFEST).write_text(text)
    with pytest.raises(StoreError) as caught:
        run(resume=True)
    assert {problem.code for problem in caught.value.problems} == {"E532"}
    assert (tmp_path / "results" / MANIFEST).read_text() == text


def test_a_folder_in_the_place_of_a_manifest_is_refused(run: Callable[..., Simulation], tmp_path: Path) -> None:
    (tmp_path / "results" / MANIFEST).mkdir(parents=True)
    with pytest.raises(StoreError, match=r"E533.*name another folder"):
        run(resume=True)


def test_a_folder_in_the_place_of_a_block_is_refused(run: Callable[..., Simulation], tmp_path: Path) -> None:
    run(paths=4)
    part = tmp_path / "results" / "scenario=harsh" / "part-000000008.parquet"
    part.mkdir()
    with pytest.raises(StoreError) as caught:
        run(resume=True)
    assert (caught.value.code, caught.value.problems[0].where) == ("E535", str(part))
    assert str(caught.value).endswith("a folder stands where a block of paths should be; move it away")


def reshaped(part: Path, change: Callable[[dict[str, Any]], Any], about: str | None = None) -> None:
    """Write the block again with changed columns, with a checksum that is right."""
    table = pq.read_table(part)
    kept = {name: column.combine_chunks() for name, column in zip(table.column_names, table.columns, strict=True)}
    change(kept)
    arrays = {}
    for name, column in kept.items():
        size = getattr(column.type, "list_size", 0)
        arrays[name] = column.flatten().to_numpy().reshape(-1, size) if size else column.to_numpy()
    metadata = {**json.loads(table.schema.metadata[b"abssim"]), "sha256": _digest(arrays)}
    text = about if about is not None else json.dumps(metadata)
    pq.write_table(pa.table(kept).replace_schema_metadata({"abssim": text}), part)


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "without a column": lambda kept: kept.pop("note.A.wal"),
    "without paths": lambda kept: kept.pop("path"),
    "another type": lambda kept: kept.update({"note.A.wal": kept["note.A.wal"].cast(pa.int64(), safe=False)}),
    "a list as a number": lambda kept: kept.update({"note.A.cash": kept["path"]}),
    "paths before the first": lambda kept: kept.update({"path": pa.array(np.arange(-4, 0))}),
    "a path twice": lambda kept: kept.update({"path": pa.array([0, 0, 1, 2])}),
    "no rows": lambda kept: kept.update({name: column[:0] for name, column in kept.items()}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_block_of_another_shape_is_run_again(
    change: str, run: Callable[..., Simulation], whole: Simulation, tmp_path: Path
) -> None:
    run()
    reshaped(tmp_path / "results" / "scenario=harsh" / "part-000000000.parquet", CHANGES[change])
    said: list[str] = []
    assert arrays(run(resume=True, notice=said.append), PATHS) == arrays(whole, PATHS)
    assert len(said) == 1 and "is not a whole block of this job" in said[0]


@pytest.mark.parametrize("about", ["1", "[1]", "null", '"x"', "{", '{"job": 1}'])
def test_a_block_about_something_else_is_run_again(
    about: str, run: Callable[..., Simulation], whole: Simulation, tmp_path: Path
) -> None:
    run()
    reshaped(tmp_path / "results" / "scenario=harsh" / "part-000000000.parquet", lambda kept: None, about)
    said: list[str] = []
    assert arrays(run(resume=True, notice=said.append), PATHS) == arrays(whole, PATHS)
    assert len(said) == 1


def test_two_do_not_write_into_one_folder(run: Callable[..., Simulation]) -> None:
    refused: list[tuple[str, str]] = []

    def meanwhile(done: int) -> None:
        with pytest.raises(StoreError) as caught:
            run()
        refused.append((caught.value.code, caught.value.problems[0].message))

    run(paths=4, progress=meanwhile)
    assert refused == [("E534", "another process is writing into the folder")]
    assert run(resume=True).paths == PATHS


def test_more_paths_than_the_machine_holds(run: Callable[..., Simulation], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("abssim.projection.sizes.memory", lambda: 2**30)
    for paths, code, words in [
        (10**9, "E536", r"1,000,000,000 paths need [\d,]+ GB of memory, and the machine has 1; take fewer paths"),
        (10**11, "E503", r"must be at most 1,000,000,000, not 100,000,000,000"),
    ]:
        with pytest.raises(SettingsError, match=words) as caught:
            run(paths=paths, store=None)
        assert (caught.value.code, caught.value.exit_code) == (code, 2)


def test_resume_begins_where_there_is_nothing(run: Callable[..., Simulation], whole: Simulation) -> None:
    """And says so: the name of the folder may be mistyped."""
    told: list[str] = []
    assert arrays(run(resume=True, notice=told.append), PATHS) == arrays(whole, PATHS)
    assert [text.partition(" holds ")[2] for text in told] == ["no results to go on from: all paths are run"]
    told.clear()
    run(resume=True, notice=told.append)
    assert told == []


def test_every_array_of_an_outcome_is_kept(compiled: CompiledDeal, harsh: Scenario, tmp_path: Path) -> None:
    """Each column is a view of its own part of the arrays, and together they are all of them but the status."""
    job = Job(compiled, harsh, Settings(seed=1))
    outcome = Outcome(*(np.zeros_like(each) for each in job.outcome(3)))
    store = BlockStore(tmp_path, job)
    for view in _columns(outcome, *store.names).values():
        view += 1
    for name, array in outcome._asdict().items():
        assert (array == (0 if name == "status" else 1)).all(), name


def test_a_grid_in_a_folder_is_read_by_others(
    compiled: CompiledDeal, harsh: Scenario, whole: Simulation, tmp_path: Path
) -> None:
    odd = harsh.model_copy(update={"name": "../50 % worse", "default_multiple": 6.0})
    settings, folder = Settings(seed=5), tmp_path / "results"
    first = Execution(store=folder)
    simulate_grid(compiled, [harsh], paths=PATHS, settings=settings, execution=first)
    more = Execution(store=folder, resume=True)
    kept, worse = simulate_grid(compiled, [harsh, odd], paths=PATHS, settings=settings, execution=more)
    assert arrays(kept, PATHS) == arrays(whole, PATHS)
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
    frame = pd.read_parquet(folder)
    assert len(frame) == 2 * PATHS
    rows = frame[frame["scenario"] == "../50 % worse"].sort_values("path")
    assert rows["path"].tolist() == list(range(PATHS))
    assert rows["note.A.principal_loss"].tolist() == worse.note[:, 0, 0].tolist()
    assert np.array_equal(np.stack(list(rows["note.A.cash"])), worse.cash[:, 0])


def test_spans_are_cut_at_multiples_and_gaps() -> None:
    missing = np.ones(11, dtype=bool)
    missing[[5, 6]] = False
    assert spans_of(missing, 4) == [(0, 4), (4, 5), (7, 8), (8, 11)]
    assert spans_of(np.zeros(3, dtype=bool), 4) == []
