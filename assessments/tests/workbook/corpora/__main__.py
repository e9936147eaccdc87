"""Write the corpora: ``DJANGO_SETTINGS_MODULE=scorecard.settings.test python -m assessments.tests.workbook.corpora``.

Files of LibreOffice need ``soffice`` and are left as they are where there is none.
"""

import sys
from pathlib import Path
from typing import Any

import django
import yaml
from django.conf import settings


def main() -> int:
    django.setup()
    from assessments.tests.workbook.corpora.failing import FAILING
    from assessments.tests.workbook.corpora.passing import PASSING
    from assessments.tests.workbook.world import CORPORA, KEY, small

    settings.SECRET_KEY = KEY
    CORPORA.mkdir(parents=True, exist_ok=True)
    (CORPORA / "rulebook.json").write_text(small().to_json(), encoding="utf-8")
    for folder, cases in (("should_pass", PASSING), ("should_fail", FAILING)):
        _write(CORPORA / folder, cases)
    return 0


def _write(folder: Path, cases: Any) -> None:
    from assessments.tests.workbook.world import made

    folder.mkdir(exist_ok=True)
    index: dict[str, dict[str, Any]] = {}
    for case in cases:
        path = folder / f"{case.name}.xlsx"
        base = made("en" if case.english else "zh-hans")
        try:
            content = case.make(base)
        except FileNotFoundError as lacking:
            print(f"{path.name} is left as it is: there is no {lacking}.")
            content = path.read_bytes()
        path.write_bytes(content)
        said: dict[str, Any] = {"taken": dict(case.taken)} if folder.name == "should_pass" else {}
        said |= {"lacking": case.lacking} if case.lacking else {}
        said |= {"refused": case.refused} if case.refused else {}
        said |= {"cells": {_place(content, key): text for key, text in case.cells.items()}} if case.cells else {}
        index[path.name] = said
    for path in folder.glob("*.xlsx"):
        if path.name not in index:
            path.unlink()
    text = yaml.safe_dump(index, allow_unicode=True, sort_keys=True, width=120)
    (folder / "index.yaml").write_text(text, encoding="utf-8")
    print(f"{len(index)} files, {sum(path.stat().st_size for path in folder.glob('*.xlsx')):,} bytes in {folder}")


def _place(content: bytes, key: str) -> str:
    """Where a key stands in a file, as ``sheet!cell``; ``@sheet!cell`` says it itself."""
    from assessments.tests.workbook.world import Sheets

    if key.startswith("@"):
        return key[1:]
    cell = Sheets(content)[key]
    return f"{cell.parent.title}!{cell.coordinate}"


if __name__ == "__main__":
    sys.exit(main())
