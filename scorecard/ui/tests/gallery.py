"""Every component on one page, and pages of the frame that need no other app, for the tests and for looking at."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django_tables2
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.urls import include, path
from django.utils import timezone

from banks.models import Bank
from scorecard import charts
from scorecard.columns import ChipColumn, Column, DeadlineColumn, FigureColumn
from scorecard.filters import BaseFilterSet
from scorecard.links import Link
from scorecard.tables import BaseTable, FilteredListView
from scorecard.ui import errors
from scorecard.ui.forms import ConfirmForm

HERE = Path(__file__).parent


class FigureForm(forms.Form):
    balance = forms.DecimalField(label="小微企业贷款余额", help_text="年末数，按监管统计口径。")
    households = forms.IntegerField(label="小微企业贷款户数", required=False)
    kind = forms.ChoiceField(label="机构类型", choices=[("a", "法人"), ("b", "分行")])
    note = forms.CharField(label="说明", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agreed = forms.BooleanField(label="数据已与监管报表核对", required=False)
    level = forms.ChoiceField(
        label="专营机构", choices=[("1", "已设立"), ("2", "筹建中"), ("3", "未设立")], widget=forms.RadioSelect
    )


def source(article: str) -> dict[str, Any]:
    return {
        "document": "d1",
        "article": article,
        "cite": {"zh": f"评价办法{article}", "en": f"Assessment method, {article}"},
    }


TREE = {
    "kind": "total",
    "label": {"zh": "总分", "en": "Total"},
    "text": {"zh": "六项机制 56.35 分，加工作推进 28.00 分。", "en": "Six mechanisms 56.35, progress 28.00."},
    "value": "84.35",
    "unit": "point",
    "children": [
        {
            "kind": "section",
            "label": {"zh": "利率的风险定价机制", "en": "Risk pricing"},
            "text": {"zh": "", "en": ""},
            "value": "9.35",
            "unit": "point",
            "children": [
                {
                    "kind": "indicator",
                    "label": {"zh": "A2 差别定价覆盖率", "en": "A2 Differentiated pricing"},
                    "text": {
                        "zh": "覆盖率 77.73 %，按曲线得 2.35 分，满分 3 分。",
                        "en": "Coverage 77.73 %: 2.35 of 3 by the curve.",
                    },
                    "value": "2.35",
                    "unit": "point",
                    "basis": "reconstructed",
                    "source": source("第十条"),
                    "children": [
                        {
                            "kind": "expression",
                            "label": {"zh": "覆盖率", "en": "Coverage"},
                            "text": {"zh": "风险定价余额 74.0 亿元 ÷ 小微贷款余额 95.2 亿元", "en": "74.0 ÷ 95.2"},
                            "value": "185/238",
                            "unit": "fraction",
                            "children": [
                                {
                                    "kind": "fact",
                                    "label": {"zh": "风险定价余额", "en": "Risk-priced balance"},
                                    "text": {"zh": "", "en": ""},
                                    "value": "740000",
                                    "unit": "万元",
                                },
                                {
                                    "kind": "fact",
                                    "label": {"zh": "小微贷款余额", "en": "SME balance"},
                                    "text": {"zh": "", "en": ""},
                                    "value": "952000",
                                    "unit": "万元",
                                },
                            ],
                        },
                    ],
                },
            ],
        },
        {
            "kind": "limit",
            "label": {"zh": "评级上限", "en": "Cap"},
            "text": {"zh": "未完成增速目标，评级最高为合格。", "en": "Growth target missed: at most 合格."},
            "value": None,
            "basis": "sourced",
            "source": source("第二十一条"),
        },
    ],
}


def chart_list() -> list[charts.Chart]:
    return [
        charts.BulletBars(
            finding="风险定价机制得分最低，离满分差 5.65 分",
            unit="point",
            source="2017 年自评第 2 版",
            as_of="2017-12-31",
            basis="reconstructed",
            mark_label="上年得分",
            bars=[
                charts.Bar("利率的风险定价机制", "9.35", "15", "8"),
                charts.Bar("独立核算机制", "12", "15", "12"),
                charts.Bar("高效的贷款审批机制", "13.5", "15", "10"),
                charts.Bar("激励约束机制", "11.5", "15", "14"),
                charts.Bar("专业化的人员培训机制", "6", "10", "5"),
                charts.Bar("违约信息通报机制", "4", "10", None),
            ],
        ),
        charts.Dumbbell(
            finding="两个目标完成，户数目标差 12 户",
            source="计分 118",
            as_of="2017-12-31",
            pairs=[
                charts.Pair("贷款增速", "0.1573", "0.1228", "小微增速", "各项贷款增速", "fraction", True, "0.0345"),
                charts.Pair("贷款户数", "1188", "1200", "本年户数", "上年户数", "户", False, "-12"),
                charts.Pair("申贷获得率", "0.9178", "0.9178", "本年", "上年", "fraction", True, "0"),
                charts.Pair("增量", None, None, "本年", "上年", "万元", None),
            ],
        ),
        charts.DotPlot(
            finding="本行在 14 家城商行中居第 3",
            unit="point",
            source="2017 年轮次",
            values=[str(v) for v in (61, 64.5, 68, 70, 70.5, 71, 74, 77.25, 78, 80, 82, 86, 91)],
            own="84.35",
            own_label="本行",
        ),
        charts.Lines(
            finding="小微企业贷款三年增长 38 %",
            unit="亿元",
            source="2017 年上海市普惠金融发展报告",
            places=["2014", "2015", "2016", "2017"],
            zero=True,
            series=[
                charts.Series("本行", ["95.2", "101.4", "118", "131.6"], own=True),
                charts.Series("同类中位数", ["80", "88.3", "91", "99"]),
                charts.Series("全市平均", ["78", "86", "95", "97"]),
            ],
        ),
        charts.Lines(
            finding="不良率两年间下降 0.40 个百分点",
            unit="fraction",
            places=["2016", "2017"],
            series=[charts.Series("本行", ["0.0127", "0.0087"], own=True), charts.Series("全市", ["0.0131", "0.0121"])],
        ),
        charts.Bars(
            finding="城商行贷款增量居首",
            unit="亿元",
            source="2017 年报告",
            bars=[
                charts.Bar("大型商业银行", "412.33"),
                charts.Bar("股份制商业银行", "388.1"),
                charts.Bar("城市商业银行", "521.7", own=True),
                charts.Bar("外资银行", "-23.4"),
                charts.Bar("村镇银行", None),
            ],
        ),
        charts.HeatMap(
            finding="定价机制各项普遍偏低",
            unit="",
            labels=["演示银行甲", "演示银行乙", "演示银行丙", "演示农商行丁"],
            columns=[f"指标 {c}" for c in "ABCDEFGH"],
            codes=[f"A{i}" for i in range(1, 9)],
            values=[[str(((r * 7 + c * 3) % 11) / 2) if (r + c) % 7 else None for c in range(8)] for r in range(4)],
            low="0",
            high="5",
        ),
        charts.Columns(
            finding="多数银行评为良好",
            source="2017 年轮次",
            count_label="银行家数",
            bars=[
                charts.Bar("优秀", 8),
                charts.Bar("良好", 31, own=True),
                charts.Bar("合格", 19),
                charts.Bar("不合格", 3),
            ],
        ),
        charts.Columns(
            finding="得分集中在 70 至 90 分",
            bars=[
                charts.Bar(f"{a}–{a + 5}", n)
                for a, n in zip(range(40, 100, 5), [0, 1, 1, 2, 4, 5, 9, 14, 13, 8, 3, 1], strict=True)
            ],
        ),
    ]


class GalleryTable(BaseTable):
    name_zh = Column(verbose_name="银行", linkify=lambda record: f"/list/?q={record.code}")
    code = Column(verbose_name="代码", css="mono")
    category = ChipColumn(
        verbose_name="类别", kinds={"city": "good", "rural": "attention", "large": "bad", "foreign": "info"}
    )
    balance = FigureColumn(accessor="pk", verbose_name="小微贷款余额", unit="万元", shown_in="亿元", orderable=False)
    growth = FigureColumn(verbose_name="增速", unit="fraction", sign=True, empty_values=(), orderable=False)
    due = DeadlineColumn(accessor="created_at", verbose_name="期限")
    officer = Column(accessor="case_officer__name", verbose_name="主监管员")
    contact = Column(accessor="contact_name", verbose_name="联系人")
    default_columns = ("name_zh", "code", "category", "balance", "growth", "due", "officer")
    empty_title = "名录中尚无银行"
    empty_hint = "请导入名录。"

    class Meta(BaseTable.Meta):
        model = Bank
        fields = ()

    def render_growth(self, record: Bank, column: FigureColumn) -> Any:
        return column.render(Decimal(record.pk) / 1000)


class GalleryFilters(BaseFilterSet):
    search_fields = ("name_zh", "code")
    search_hint = "银行名称或代码"

    class Meta:
        model = Bank
        fields = ["category", "entity_kind"]


class GalleryList(FilteredListView):
    table_class = GalleryTable
    filterset_class = GalleryFilters
    title = "银行名录"
    export_name = "银行名录"
    crumbs = (("首页", "/"), ("银行名录", ""))

    def get_queryset(self) -> Any:
        return Bank.objects.select_related("case_officer")


class StockTable(django_tables2.Table):
    """The same columns on the stock template, to measure against."""

    name_zh = django_tables2.Column(linkify=lambda record: f"/list/?q={record.code}")
    code = django_tables2.Column()
    category = django_tables2.Column()
    pk = django_tables2.Column()
    entity_kind = django_tables2.Column()
    created_at = django_tables2.Column()
    officer = django_tables2.Column(accessor="case_officer__name")

    class Meta:
        template_name = "django_tables2/bootstrap5.html"


def components(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if request.method == "POST" or "errors" in request.GET:
        form = FigureForm({"balance": "abc", "households": "1188"})
    else:
        form = FigureForm(initial={"balance": Decimal("952000"), "households": 1188, "level": "1"})
    messages.success(request, "已保存 14:02。")
    messages.warning(request, "还有 3 项未填报。")
    jobs = [
        SimpleNamespace(
            pk=1,
            title="全部计分",
            state_word="进行中",
            kind="info",
            active=False,
            known=True,
            percent=42,
            done=26,
            total=62,
            rate="13",
            note="您可以离开本页。",
            result=None,
            failures=[],
        ),
        SimpleNamespace(
            pk=2,
            title="导入名录",
            state_word="已完成",
            kind="good",
            active=False,
            known=True,
            percent=100,
            done=62,
            total=62,
            rate="",
            note="",
            result=Link("profile"),
            failures=[("第 7 行：代码重复", Link("profile"))],
        ),
    ]
    events = [
        SimpleNamespace(event="signin.ok", actor_name="王主监", at=now),
        SimpleNamespace(event="password.changed", actor_name="", at=now - timedelta(days=2)),
    ]
    context = {
        "soon": now + timedelta(days=2, hours=3),
        "later": now + timedelta(days=30, hours=1),
        "past": now - timedelta(hours=5),
        "form": form,
        "tree": TREE,
        "charts": chart_list(),
        "jobs": jobs,
        "events": events,
        "rows": [("统一社会信用代码", "91310000XXXXXXXXXX"), ("金融许可证编号", "B0001H231000001"), ("总行", None)],
        "tab_list": [("填报", "/gallery/", 12), ("计分", "/gallery/x/", None), ("核评意见", "/gallery/y/", 3)],
        "dot": charts.DotPlot(finding="同类分布", values=["1", "2", "2.5", "4"], own="3", own_label="本行", small=True),
        "big": Decimal("13270790.125"),
        "last": Decimal("11463650"),
    }
    template = engines["django"].from_string((HERE / "gallery.html").read_text(encoding="utf-8"))
    return HttpResponse(template.render(context, request))


def confirm(request: HttpRequest) -> HttpResponse:
    form = ConfirmForm(request.POST or None, user=request.user, reason="required", signature=True)
    return render(
        request,
        "includes/confirm.html",
        {
            "title": "签发并提交自评",
            "crumbs": [("首页", "/"), ("2017 年自评", "/"), ("签发并提交", "")],
            "lead": "演示银行甲 2017 年小微企业金融服务自评。",
            "consequences": [
                "本版自评将冻结为第 2 版，提交后不得修改。",
                "系统随即计分，结果同时向监管部门和贵行显示。",
                "主监管员王主监将收到通知。",
            ],
            "warning": "还有 2 项提示未作说明。",
            "form": form,
            "submit": "签名并提交",
            "cancel_url": "/",
        },
    )


def failing(request: HttpRequest, status: int) -> HttpResponse:
    if status == 409:
        return errors.conflict(request, ["自评已由李复核退回。", "截止时间已过。"], stale=True)
    if status == 429:
        return errors.too_many(request, timezone.now() + timedelta(minutes=12))
    if status == 413:
        return errors.too_large(request, 20)
    if status == 500:
        return errors.server_error(request)
    if status == 403:
        return errors.forbidden(request)
    if status == 404:
        return errors.not_found(request)
    return errors.csrf_failure(request) if status == 418 else errors.bad_request(request)


def refused(request: HttpRequest) -> HttpResponse:
    from scorecard.access.decisions import Stale

    raise Stale(["第 3 项已被他人修改。"])


def home(request: HttpRequest) -> HttpResponse:
    return components(request)


urlpatterns = [
    path("", home, name="home"),
    path("gallery/", components, name="gallery"),
    path("confirm/", confirm, name="confirm"),
    path("list/", GalleryList.as_view(), name="gallery-list"),
    path("failing/<int:status>/", failing, name="failing"),
    path("refused/", refused, name="refused"),
    path("", include("scorecard.urls")),
]
handler400 = "scorecard.ui.errors.bad_request"
handler403 = "scorecard.ui.errors.forbidden"
handler404 = "scorecard.ui.errors.not_found"
handler500 = "scorecard.ui.errors.server_error"
