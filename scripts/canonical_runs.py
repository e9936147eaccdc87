"""The engine's part of the canonical results: what is run, in which blocks, and under which names it is stored."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import canonical_engine as engine
from canonical_compare import canonical, digest, digest_lines
from canonical_draw import Dice, Drawing

SEED = "canonical-1"
FILINGS = 20_000
BLOCK = 500  # filings that are drawn together: one round, with its own values of the year and its own peers
FIRST = 200  # filings of the first block whose hash is stored by itself, for a quick test
TREE_EVERY = 20
TUNED = 40  # numbers of a rulebook, at least, that are tried otherwise
MISTAKES = 60  # drawn mistakes per rulebook that lint and loading are asked about
SAMPLES = (
    "", " ", "0", "-0", "1", "45", "45%", "45.0％", "0.45", "1,234.5", "12,34", "１２３．５", "−3", "+3", "3.14159265",
    "1e3", "1E-3", "1e999", "99999999999999999999999999", "0.000000001", "-1", "100", "101", "3万元", "3 亿元",
    "5户", "5万户", "2天", "10bp", "1.5个百分点", "7分", "是", "否", "yes", "No", "√", "×", "TRUE", "maybe", "无",
    "none", "[]", "不适用", "N/A", "待提供", "not supplied", "nan", "inf", "abc", "a,b", "；", "x" * 60, "3 3", "--3",
    "1_000", "½",
)  # fmt: skip


# --- One rulebook ----------------------------------------------------------------------------------------------------
@lru_cache(maxsize=32)
def _known(name: str) -> tuple[engine.Rulebook, Path, Drawing]:
    folder = engine.rulebook_folders()[name]
    book = engine.rulebook_in(folder)
    return book, folder, Drawing(book, list(engine.worked_cases(book, folder).values()))


def content(name: str) -> dict[str, Any]:
    """What a rulebook says, apart from any filing."""
    book, folder, _ = _known(name)
    return {
        "content": engine.content_hash(book),
        "content_text": digest(engine.content_text(book)),
        "read_back": engine.read_back(book),
        "lint": digest(engine.lint_findings(folder)),
        "words": digest(engine.described(book)),
        "knobs": digest(engine.knobs(book)),
        "typed": digest(*engine.typed_forms(book, SAMPLES)),
    }


def worked(name: str) -> dict[str, Any]:
    """Every worked case: its full result, its result as it is stored, and what is still needed."""
    book, folder, _ = _known(name)
    cases = engine.worked_cases(book, folder)
    return {
        "worked": {key: digest(engine.scored(book, case, tree=True)) for key, case in cases.items()},
        "worked_plain": digest(*(engine.scored(book, case, tree=False) for case in cases.values())),
        "worked_stored": digest(*(engine.stored_form(book, case) for case in cases.values())),
        "worked_needed": digest(*(engine.needed_form(book, case) for case in cases.values())),
    }


def drawn(name: str, block: int) -> tuple[engine.Rulebook, list[engine.ScoringInput], engine.Snapshot]:
    """The filings of one block with their peers."""
    book, _, drawing = _known(name)
    cases, snapshot = engine.with_peers(book, drawing.filings(f"{SEED}:{name}:{block}", BLOCK))
    return book, cases, snapshot


def exact(book: engine.Rulebook, cases: Iterable[engine.ScoringInput]) -> list[str]:
    """The exact results of filings, as canonical lines."""
    return [canonical(engine.scored(book, case, tree=False)) for case in cases]


def arrays(book: engine.Rulebook, cases: Sequence[engine.ScoringInput], snapshot: engine.Snapshot) -> list[str]:
    """What arrays give for the same filings."""
    return [canonical(row) for row in engine.scored_together(book, cases, snapshot)[0]]


def run_block(name: str, block: int, details: Path | None) -> dict[str, Any]:
    """One block of drawn filings on every path: a hash for each."""
    book, cases, snapshot = drawn(name, block)
    found = {
        "exact": exact(book, cases),
        "tree": [canonical(engine.scored(book, case, tree=True)) for case in cases[::TREE_EVERY]],
        "needed": [canonical(engine.needed_form(book, case)) for case in cases[::TREE_EVERY]],
        "arrays": arrays(book, cases, snapshot),
    }
    if details is not None:
        _keep(details, name, block, cases, found)
    hashes: dict[str, Any] = {path: digest_lines(lines) for path, lines in found.items()}
    hashes["peers"] = digest(engine.peers_form(snapshot))
    if block == 0:
        hashes["first"] = {path: digest_lines(found[path][:FIRST]) for path in ("exact", "arrays")}
    return hashes


def _keep(details: Path, name: str, block: int, cases: list[engine.ScoringInput], found: dict[str, list[str]]) -> None:
    details.mkdir(parents=True, exist_ok=True)
    for path, lines in found.items():
        every = TREE_EVERY if path in ("tree", "needed") else 1
        file = details / f"{name.replace('/', '-')}.{path}.{block:03}.jsonl"
        with file.open("w", encoding="utf-8") as out:
            for place, line in enumerate(lines):
                case = canonical(engine.case_form(cases[place * every]))
                out.write(f'{{"filing":{block * BLOCK + place * every},"case":{case},"result":{line}}}\n')


def run_whole(name: str) -> dict[str, Any]:
    """As many credible filings in one frame, as a large round is scored on two threads, with the peers of a few."""
    book, _, drawing = _known(name)
    cases = drawing.filings(f"{SEED}:{name}:whole", FILINGS, credible=True)
    _, snapshot = engine.with_peers(book, cases[:BLOCK])
    return {"whole": {"arrays": digest(engine.scored_together(book, cases, snapshot)[1])}}


def tuned(name: str) -> dict[str, Any]:
    """What becomes of a rulebook when its numbers are tried otherwise, one at a time."""
    book, _, _ = _known(name)
    found = []
    knobs = engine.knobs(book)
    for knob in knobs[:: max(1, len(knobs) // TUNED)]:
        for typed in ("0", "7.5", "-3", "off" if knob["value"] == "on" else f"{knob['value']}1"):
            found.append([knob["path"], typed, engine.tuned(book, knob["path"], typed)])
    return {"tuned": digest(*found)}


# --- Rulebooks with mistakes -----------------------------------------------------------------------------------------
def mistakes(name: str) -> dict[str, Any]:
    """What lint and loading say of drawn mistakes, one at a time, in copies of a rulebook."""
    folder = engine.rulebook_folders()[name]
    dice = Dice(f"{SEED}:{name}:mistakes")
    files = sorted(folder.glob("*.yaml"))
    found = []
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / folder.parent.name / folder.name
        for other in engine.rulebook_folders().values():
            beside = Path(place) / other.parent.name / other.name
            beside.parent.mkdir(parents=True, exist_ok=True)
            if beside != copy:
                beside.symlink_to(other)
        shutil.copytree(folder, copy)
        for _ in range(MISTAKES):
            file = dice.pick(files)
            text = file.read_text(encoding="utf-8")
            (copy / file.name).write_text(_mistaken(dice, text), encoding="utf-8")
            said = canonical([_tried(engine.lint_findings, copy), _tried(engine.load_errors, copy)])
            found.append(said.replace(place, "…"))
            (copy / file.name).write_text(text, encoding="utf-8")
    return {"mistakes": digest_lines(found)}


def _tried(call: Callable[..., Any], folder: Path) -> Any:
    try:
        return call(folder, worked_cases=False) if call is engine.lint_findings else call(folder)
    except Exception as error:
        return engine.failure(error)


def _mistaken(dice: Dice, text: str) -> str:
    """One small mistake, such as people make who write a rulebook."""
    lines = text.splitlines()
    place = dice.below(len(lines))
    line = lines[place]
    words = re.findall(r"[A-Za-z_][\w.]*|-?\d+(?:\.\d+)?", text)
    match dice.below(6):
        case 0:
            del lines[place]
        case 1:
            lines.insert(place, line)
        case 2:
            lines[place] = f"  {line}" if dice.chance(0.5) else line.removeprefix("  ")
        case 3:
            lines[place] = re.sub(r"\d+", lambda found: str(int(found[0]) + dice.pick((1, -1, 100))), line, count=1)
        case _:
            found = re.findall(r"[A-Za-z_][\w.]*|-?\d+(?:\.\d+)?", line)
            if found:
                lines[place] = line.replace(dice.pick(found), dice.pick(words), 1)
    return "\n".join(lines) + "\n"


def broken() -> dict[str, Any]:
    """Everything that lint says of the rulebooks with mistakes, in full."""
    return {name: engine.lint_findings(folder) for name, folder in engine.broken_folders().items()}


def versions() -> dict[str, str]:
    """What differs, in words, between rulebooks of one code, and between each and the next."""
    names = list(engine.rulebook_folders())
    pairs = pairwise(names)
    return {f"{a} {b}": digest(engine.differences(_known(a)[0], _known(b)[0])) for a, b in pairs}


# --- The whole run ---------------------------------------------------------------------------------------------------
def engine_run(
    *,
    filings: int,
    chosen: list[str] | None,
    blocks: list[int] | None,
    jobs: int,
    details: Path | None,
) -> dict[str, Any]:
    """Run everything and return the hashes by name."""
    names = chosen or list(engine.rulebook_folders())
    wanted = blocks or list(range(-(-filings // BLOCK)))
    partial = bool(chosen or blocks or len(wanted) * BLOCK != FILINGS)
    found: dict[str, Any] = {"filings": len(wanted) * BLOCK, "partial": partial}
    with ProcessPoolExecutor(jobs) as pool:
        apart = {name: [pool.submit(part, name) for part in (content, worked, tuned, mistakes)] for name in names}
        if not partial:
            for name in names:
                apart[name].append(pool.submit(run_whole, name))
        books: dict[str, Any] = {name: {} for name in names}
        for name in names:
            for task in apart[name]:
                books[name].update(task.result())
        tasks = {name: [pool.submit(run_block, name, block, details) for block in wanted] for name in names}
        for name, running in tasks.items():
            books[name]["drawn"] = _gathered([task.result() for task in running], wanted, partial)
    found["rulebooks"] = books
    found["schema"] = digest(engine.schema())
    found["broken"] = broken()
    found["differences"] = versions()
    return found


def _gathered(hashes: list[dict[str, Any]], wanted: list[int], partial: bool) -> dict[str, Any]:
    """The hashes of each path by the number of a block's first filing, and the hash of all of them."""
    found: dict[str, Any] = {}
    for path in hashes[0]:
        if path == "first":
            found[path] = hashes[0][path]
            continue
        blocks = {f"{block * BLOCK:05}": each[path] for block, each in zip(wanted, hashes, strict=True)}
        found[path] = {"blocks": blocks, **({} if partial else {"all": digest(*blocks.values())})}
    return found
