"""The report's own figures, read from the fixture, and its text where that lies beside the clone."""

import csv
import re
from collections.abc import Mapping
from functools import cache

from django.conf import settings

FOLDER = settings.BASE_DIR / "fixtures" / "report_2017"
TEXTS = [settings.BASE_DIR.parent / "shared" / "domain" / "report-2017.txt"]
TEXTS.append(settings.BASE_DIR.parent.parent / "shared" / "domain" / "report-2017.txt")
#: The report's headings between which each chapter stands.
BETWEEN = {
    "1": ("第一章 上海市普惠金融概况\n\n一、", "\n第二章"),
    "5-4": ("\n四、深化评估考核体系\n", "\n第六章"),
    "7-1": ("\n一、银行有关的监管政策\n", "\n二、证券有关的监管政策"),
}


@cache
def rows() -> Mapping[str, Mapping[str, str]]:
    """Every record of the fixture, by section and number."""
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(FOLDER.glob("chapter-*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found |= {row["id"].removeprefix("r2017-"): row for row in csv.DictReader(file)}
    return found


def text_of(chapter: str) -> str:
    """The report's text of one chapter without blanks; "" where the report does not lie beside the clone."""
    path = next((path for path in TEXTS if path.is_file()), None)
    if path is None:
        return ""
    first, last = BETWEEN[chapter]
    whole = path.read_text(encoding="utf-8")
    start = whole.index(first)
    return re.sub(r"\s", "", whole[start : whole.index(last, start)])
