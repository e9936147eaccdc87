"""The walk through the demonstration: for rows of ``docs/mission.md`` the pages that they name, who opens them, and
what stands there. The rows' own addresses are read out of the document (``addresses``), so that none can be named that
no stop opens.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from assessments.demo import banks as demo
from assessments.filings.form_layout import form_pages
from assessments.models import (
    Assessment,
    Circular,
    CircularCopy,
    FollowUp,
    LiveMeasure,
    Meeting,
    MeetingKind,
    MoneyClaim,
    Obligation,
    PartnerStep,
    ReadingPeriod,
    Review,
    Round,
    RulebookVersion,
)
from assessments.rulebooks.cache import engine_rulebook

MISSION = Path(settings.BASE_DIR) / "docs" / "mission.md"
ROWS = ("S2", "S3", "S4", "S6", "S7", "S8", "S9", "S10", "S11", "S13", "S16", "S17")


@dataclass(frozen=True)
class Stop:
    """One page: who opens it, its address, and what must stand on it; ``status`` is 404 for what is hidden."""

    who: str
    url: str
    words: Sequence[str] = ()
    status: int = 200

    @property
    def shape(self) -> str:
        """The address as the mission writes it."""
        return re.sub(r"/\d+/", "/…/", self.url.partition("?")[0])


def addresses() -> dict[str, set[str]]:
    """By row of the mission, the addresses that it names."""
    found = {}
    for line in MISSION.read_text(encoding="utf-8").splitlines():
        if named := re.match(r"\| (S\d+) \|", line):
            found[named.group(1)] = set(re.findall(r"`(/[^`]*)`", line))
    return found


def states() -> dict[str, str]:
    """By row of the mission, whether it is in the system."""
    found = {}
    for line in MISSION.read_text(encoding="utf-8").splitlines():
        if re.match(r"\| S\d+ \|", line):
            cells = [cell.strip() for cell in line.split("|")]
            found[cells[1]] = cells[4]
    return found


def _round(year: int) -> Round:
    return Round.objects.get(code=f"sh-{year}")


def _case(code: str, year: int) -> Assessment:
    return Assessment.objects.select_related("bank", "round__rulebook").get(round=_round(year), bank__code=code)


def _period() -> ReadingPeriod:
    return ReadingPeriod.objects.get(year=2018, month=6)


def _sections(letters: str) -> Iterator[Stop]:
    """The visitor's own filing, section by section, with the name of each of its indicators."""
    case = _case(demo.VISITOR, 2017)
    for page in form_pages(engine_rulebook(case.round.rulebook)).pages:
        if page.id in letters:
            names = [item.indicator.name.zh for item in page.items if item.asked]
            yield Stop("dc01-preparer", reverse("filing-section", args=[case.pk, page.id]), names)


def mechanisms() -> Iterator[Stop]:
    rulebook = _round(2017).rulebook
    names = [one.name.zh for id, one in engine_rulebook(rulebook).sections.items() if id in "ABCDEF"]
    yield Stop("officer1", reverse("rulebook-detail", args=[rulebook.pk]), names)
    yield from _sections("ABCDEF")
    yield Stop("dc01-preparer", reverse("assessment-result", args=[_case(demo.VISITOR, 2016).pk]), names)


def targets() -> Iterator[Stop]:
    names = [one.name.zh for one in engine_rulebook(_round(2017).rulebook).targets.values()]
    yield Stop("decider", reverse("round-aggregate", args=[_round(2017).pk]), [*names, "15.76", "11.64"])
    yield Stop("officer1", reverse("reading-period", args=[_period().pk]), ["演示城商行二", "有预警"])
    yield Stop("officer1", reverse("reading-city", args=[_period().pk]), names)


def boards() -> Iterator[Stop]:
    yield from _sections("GH")
    facts = engine_rulebook(_round(2017).rulebook).facts
    yield Stop("officer1", reverse("round-figures", args=[_round(2017).pk]), [facts["fee_violations"].label.zh])


def adjustments() -> Iterator[Stop]:
    case = _case("DJ03", 2017)
    yield Stop("decider", reverse("decision-detail", args=[case.pk]), ["监管评级", case.bank.name_zh])
    yield Stop("officer1", reverse("adjustment-list"), ["监管评级"])


def caps() -> Iterator[Stop]:
    case = _case(demo.CAPPED, 2017)
    yield Stop("decider", reverse("assessment-result", args=[case.pk]), ["93", "优秀", "合格"])


def access() -> Iterator[Stop]:
    live = LiveMeasure.objects.filter(measure__code="access").select_related("assessment__bank").earliest("pk")
    bank = live.assessment.bank
    yield Stop("officer1", f"{reverse('measure-list')}?bank={bank.code}", [bank.name_zh])
    yield Stop("officer1", reverse("measure-detail", args=[live.pk]), [bank.name_zh])
    asked = f"{reverse('standing')}?bank={bank.code}&question=branch"
    yield Stop("officer1", asked, [bank.name_zh])


def inspections() -> Iterator[Stop]:
    live = LiveMeasure.objects.filter(measure__code="inspection").select_related("assessment__bank").earliest("pk")
    yield Stop("officer1", reverse("inspection-list"), [live.assessment.bank.name_zh])


def accountability() -> Iterator[Stop]:
    owed = Obligation.objects.filter(kind="proposal").select_related("live__assessment__bank").earliest("pk")
    bank = owed.live.assessment.bank
    yield Stop("officer1", reverse("measure-detail", args=[owed.live_id]), [bank.name_zh, "拟问责"])
    yield Stop(f"{bank.code.lower()}-signatory", reverse("obligation-detail", args=[owed.pk]), ["拟问责"])
    other = "dc01" if bank.code != "DC01" else "dc02"
    yield Stop(f"{other}-signatory", reverse("obligation-detail", args=[owed.pk]), status=404)


def money() -> Iterator[Stop]:
    scheme = RulebookVersion.objects.get(code="money-guarantee-2017")
    claim = MoneyClaim.objects.earliest("pk")
    yield Stop("officer1", reverse("money-list"), [scheme.title])
    yield Stop("officer1", reverse("money-desk", args=[scheme.pk]), ["演示城商行二"])
    yield Stop("officer1", reverse("claim-list"), [claim.number])
    yield Stop("officer1", reverse("claim-detail", args=[claim.pk]), [claim.number])
    yield Stop("officer1", reverse("reward-list"), ["演示"])
    step = PartnerStep.objects.select_related("bank").get()
    partner = reverse("money-partner", args=[scheme.pk, step.bank_id])
    yield Stop("officer1", partner, [step.bank.name_zh, "暂停合作", step.reason])
    yield Stop("dc02-signatory", partner, ["暂停合作", step.reason])
    yield Stop("dc01-signatory", partner, status=404)


def sci_tech() -> Iterator[Stop]:
    city = ["科技金融", "2,700", "推定"]
    yield Stop("officer1", reverse("reading-city", args=[_period().pk]), city)
    standards = RulebookVersion.objects.get(code="tech-finance-2017")
    names = [one.name.zh for one in engine_rulebook(standards).indicators.values()]
    yield Stop("officer1", reverse("rulebook-detail", args=[standards.pk]), [*names, "系统建议值", "推定"])
    bank = _case("DC02", 2017).bank
    yield Stop("officer1", reverse("reading-bank", args=[_period().pk, bank.pk]), ["科技型企业贷款增速超过15%"])


def watching() -> Iterator[Stop]:
    letter = Circular.objects.get()
    copy = CircularCopy.objects.select_related("bank").get(circular=letter, bank__code="DC02")
    yield Stop("officer1", reverse("reading-list"), [_period().title])
    yield Stop("officer1", reverse("reading-period", args=[_period().pk]), ["预警"])
    rows = [letter.number, *(row["bank"]["zh"] for row in letter.body["rows"])]
    yield Stop("officer1", reverse("circular-detail", args=[letter.pk]), rows)
    yield Stop("dc02-signatory", reverse("circular-copy", args=[copy.pk]), [letter.number, copy.bank.name_zh])
    yield Stop("dc01-signatory", reverse("circular-copy", args=[copy.pk]), status=404)
    yield Stop("dc02-signatory", reverse("home"), [letter.number])


def meetings() -> Iterator[Stop]:
    committee = Meeting.objects.select_related("minutes").get(kind=MeetingKind.COMMITTEE)
    regular = Meeting.objects.select_related("minutes").get(kind=MeetingKind.REGULAR)
    decided = Assessment.objects.filter(meeting_points__meeting=committee, review_state=Review.DECIDED).earliest("pk")
    late = next(row for row in FollowUp.objects.order_by("pk") if row.is_overdue)
    yield Stop("officer1", reverse("meeting-list"), [committee.title, regular.title])
    yield Stop("officer1", reverse("meeting-detail", args=[committee.pk]), [committee.minutes.number, "暂缓"])
    yield Stop("decider", reverse("decision-detail", args=[decided.pk]), [committee.minutes.number])
    yield Stop("officer3", reverse("follow-up-list"), [late.text, "逾期"])
    yield Stop("dc02-preparer", reverse("meeting-detail", args=[regular.pk]), [regular.minutes.number])
    yield Stop("dc02-preparer", reverse("meeting-detail", args=[committee.pk]), status=404)
    yield Stop("dc01-preparer", reverse("meeting-detail", args=[regular.pk]), status=404)


WALK: dict[str, Callable[[], Iterator[Stop]]] = {
    "S2": mechanisms,
    "S3": targets,
    "S4": boards,
    "S6": adjustments,
    "S7": caps,
    "S8": access,
    "S9": inspections,
    "S10": accountability,
    "S11": money,
    "S13": sci_tech,
    "S16": watching,
    "S17": meetings,
}
