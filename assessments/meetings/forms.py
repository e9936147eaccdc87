"""Forms of meetings. They read what was typed; what is right or wrong is the steps' to say."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from assessments.decisions.ratings import grades_allowed
from assessments.decisions.selectors import get_rating
from assessments.meetings.steps import Arrangement, Guest, Record, Said, ToDo
from assessments.models import Assessment, Meeting, MeetingKind, MeetingPoint
from assessments.reviews.selectors import active_reviewers
from assessments.rulebooks.cache import engine_rulebook
from banks.forms.choices import PersonChoice
from banks.models import Bank, User
from scorecard.access.roles import Role
from scorecard.ui.days import planned_day
from scorecard.ui.forms import ConfirmForm
from scorecard.words.language import in_language

SPARE = 3  # rows for follow-ups, and always an empty one


def deciders() -> QuerySet[User]:
    """Who may take the chair."""
    return active_reviewers().filter(pk__in=User.objects.filter(grants__role=Role.DECISION_MAKER).values("pk"))


def _person(person: User) -> str:
    return f"{person} ({person.username})"


def _day(label: Any, **more: Any) -> forms.DateField:
    """A day, drawn by the browser's own calendar."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write the day like 2027-02-06.")},
        validators=[planned_day],
        **more,
    )


class ChecksField(forms.TypedMultipleChoiceField):
    """Numbers that are ticked, each once, however often it was sent."""

    def clean(self, value: Any) -> list[int]:
        return list(dict.fromkeys(super().clean(value)))


def _checks(label: Any) -> ChecksField:
    return ChecksField(label=label, coerce=int, widget=forms.CheckboxSelectMultiple, required=False)


class PlanForm(forms.Form):
    """What a meeting is and when."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=MeetingKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the kind of meeting.")},
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    place = forms.CharField(label=_("Place"), max_length=200)
    starts_at = forms.DateTimeField(
        label=_("Begins"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Write the day and time like 2018-03-01 17:00.")},
        validators=[planned_day],
    )
    chair = PersonChoice(label=_("Chair"), queryset=User.objects.none(), empty_label=_("— choose —"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chair"].queryset = deciders()  # type: ignore[attr-defined]


class ArrangeForm(PlanForm):
    """Everything that is arranged before the agenda is handed out."""

    members = _checks(_("At the table"))
    guests = forms.CharField(
        label=_("Guests"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "One in each line: organisation, then a comma and the name. A bank is written with its code or its full "
            "Chinese name; its people can then read the signed minutes."
        ),
    )
    cases = _checks(_("Cases to decide"))
    points = forms.CharField(
        label=_("Other matters"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One in each line; after a vertical bar | what there is to say of it."),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, meeting: Meeting, cases: list[Assessment], **kwargs: Any) -> None:
        self.meeting = meeting
        super().__init__(*args, initial=_arranged(meeting), **kwargs)
        del self.fields["kind"]
        self.people = {one.pk: one for one in active_reviewers()}
        offered: dict[str, list[tuple[int, str]]] = {"members": [(pk, _person(one)) for pk, one in self.people.items()]}
        if meeting.kind == MeetingKind.COMMITTEE:
            del self.fields["guests"]
            offered["cases"] = [(case.pk, f"{case.bank_name} · {case.round}") for case in cases]
        else:
            del self.fields["cases"]
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_guests(self) -> list[Guest]:
        """Organisation and name of each line; a bank of the register by its code or its whole Chinese name."""
        found = []
        for number, line in enumerate(self.cleaned_data["guests"].splitlines(), start=1):
            if not line.strip():
                continue
            organisation, _comma, name = line.replace("，", ",").partition(",")
            organisation, name = organisation.strip(), name.strip()
            if not organisation or not name or len(organisation) > 120 or len(name) > 60:
                words = _now("Line %(number)d: write organisation, comma, name.") % {"number": number}
                raise forms.ValidationError(words)
            bank = Bank.objects.filter(code__iexact=organisation).first()
            bank = bank or Bank.objects.filter(name_zh=organisation).first()
            found.append(Guest(bank.name_zh if bank else organisation, name, bank))
        return found

    def clean_points(self) -> list[tuple[str, str]]:
        """Title and explanation of each line."""
        rows = [line.replace("｜", "|").partition("|") for line in self.cleaned_data["points"].splitlines()]
        found = [(title.strip(), text.strip()) for title, _bar, text in rows if (title + text).strip()]
        if any(len(title) > 200 for title, _text in found):
            raise forms.ValidationError(_now("A title has at most 200 characters; put the rest after the bar."))
        return found

    def told(self) -> Arrangement:
        """The arrangement, once the form is valid."""
        data = self.cleaned_data
        return Arrangement(
            title=data["title"].strip(),
            place=data["place"].strip(),
            starts_at=data["starts_at"],
            chair=data["chair"],
            members=[self.people[pk] for pk in data["members"]],
            guests=data.get("guests", ()),
            cases=data.get("cases", ()),
            points=data["points"],
        )


def _arranged(meeting: Meeting) -> dict[str, Any]:
    """What is arranged so far, as the form shows it."""
    points = list(meeting.points.all())
    free = [f"{one.title}|{one.text}" if one.text else one.title for one in points if one.assessment_id is None]
    guests = meeting.guests.select_related("bank")
    return {
        "title": meeting.title,
        "place": meeting.place,
        "starts_at": timezone.localtime(meeting.starts_at),
        "chair": meeting.chair_id,
        "members": [one.member_id for one in meeting.members.all()] or [meeting.chair_id, meeting.secretary_id],
        "guests": "\n".join(f"{one.bank.code if one.bank else one.organisation},{one.name}" for one in guests),
        "cases": [one.assessment_id for one in points if one.assessment_id],
        "points": "\n".join(free),
        "revision": meeting.revision,
    }


class WriteForm(forms.Form):
    """Who was there, what was said of each point, and what is to be done."""

    chair = PersonChoice(label=_("Chair"), queryset=User.objects.none())
    members = _checks(_("Present"))
    guests = _checks(_("Guests present"))
    course = forms.CharField(
        label=_("Course of the meeting"), required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        self.points = list(meeting.points.select_related("assessment__round__rulebook").prefetch_related("dissents"))
        members = list(meeting.members.select_related("member"))
        guests = list(meeting.guests.all())
        self.people = {one.member_id: one.member for one in members}
        self.able = {one.pk: one for one in active_reviewers()}
        todos = list(meeting.follow_ups.all())
        initial = {
            "chair": meeting.chair_id,
            "members": [one.member_id for one in members if one.present] or list(self.people),
            "guests": [one.pk for one in guests if one.present],
            "course": meeting.course,
            "revision": meeting.revision,
        }
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        self.fields["chair"].queryset = deciders().filter(pk__in=list(self.people))  # type: ignore[attr-defined]
        self.fields["members"].choices = [(pk, _person(one)) for pk, one in self.people.items()]  # type: ignore[attr-defined]
        if guests:
            self.fields["guests"].choices = [(one.pk, str(one)) for one in guests]  # type: ignore[attr-defined]
        else:
            del self.fields["guests"]
        for point in self.points:
            self.fields.update(_of_point(point, self.people))
        self.rows = max(len(todos) + 1, SPARE)
        for number in range(self.rows):
            self._add_todo(number, todos[number] if number < len(todos) else None)

    def _add_todo(self, number: int, row: Any) -> None:
        owners = [("", _("— choose —")), *((pk, _person(one)) for pk, one in self.able.items())]
        places = [("", "—"), *((one.place, f"{one.place} {one.title}") for one in self.points)]
        said = {name: getattr(row, name) if row else "" for name in ("text", "owner_id", "due_on", "place")}
        chosen: dict[str, Any] = {"coerce": int, "empty_value": None, "required": False}
        self.fields |= {
            f"todo{number}-text": forms.CharField(
                label=_("What is to be done"), required=False, max_length=4000, initial=said["text"]
            ),
            f"todo{number}-owner": forms.TypedChoiceField(
                label=_("Owner"), choices=owners, initial=said["owner_id"], **chosen
            ),
            f"todo{number}-due_on": _day(_("Due day"), required=False, initial=said["due_on"]),
            f"todo{number}-place": forms.TypedChoiceField(
                label=_("Matter"), choices=places, initial=said["place"], **chosen
            ),
        }

    def of_points(self) -> Iterator[tuple[MeetingPoint, list[Any], list[Any]]]:
        """Each point with its fields, and those of the dissents apart."""
        for point in self.points:
            start, why = f"point{point.place}-", f"point{point.place}-why"
            names = [name for name in self.fields if name.startswith(start)]
            yield (
                point,
                [self[name] for name in names if not name.startswith(why)],
                [self[name] for name in names if name.startswith(why)],
            )

    def of_todos(self) -> list[list[Any]]:
        """The fields of each follow-up."""
        return [[self[f"todo{n}-{name}"] for name in ("text", "owner", "due_on", "place")] for n in range(self.rows)]

    def heads(self) -> list[Any]:
        """The fields of the whole meeting."""
        return [bound for bound in self.visible_fields() if not bound.name.startswith(("point", "todo"))]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for number in range(self.rows):
            said = [data.get(f"todo{number}-{name}") for name in ("text", "owner", "due_on")]
            if any(said) and not all(said):
                self.add_error(f"todo{number}-text", _now("A follow-up has words, an owner and a due day."))
        return data

    def told(self) -> Record:
        """What was written, once the form is valid."""
        data = self.cleaned_data
        todos = [
            ToDo(
                data[f"todo{n}-text"].strip(),
                self.able[data[f"todo{n}-owner"]],
                data[f"todo{n}-due_on"],
                data.get(f"todo{n}-place"),
            )
            for n in range(self.rows)
            if data.get(f"todo{n}-text")
        ]
        return Record(
            chair=data["chair"],
            members=data["members"],
            guests=data.get("guests", ()),
            points={point.place: self._said(point) for point in self.points},
            course=data["course"].strip(),
            follow_ups=todos,
        )

    def _said(self, point: MeetingPoint) -> Said:
        start = f"point{point.place}-"
        typed = {name: str(self.cleaned_data.get(f"{start}{name}", "")).strip() for name in _SAID}
        why = {pk: str(self.cleaned_data.get(f"{start}why{pk}", "")).strip() for pk in self.people}
        return Said(**typed, dissents=[(self.people[pk], reason) for pk, reason in why.items() if reason])


_SAID = ("result", "grade", "measures", "reason")


def _of_point(point: MeetingPoint, people: dict[int, User]) -> dict[str, forms.Field]:
    """Result, grade, measures and reason of one point, and for each person a dissent."""
    start = f"point{point.place}-"
    offered = ("noted", "put_off") if point.assessment_id is None else ("agree", "other", "put_off")
    words = dict(MeetingPoint._meta.get_field("result").choices or ())
    found: dict[str, forms.Field] = {
        f"{start}result": forms.ChoiceField(
            label=_("Result"),
            choices=[(name, words[name]) for name in offered],
            widget=forms.RadioSelect,
            required=False,
            initial=point.result,
        )
    }
    if point.assessment is not None:
        rating = get_rating(point.assessment)
        rulebook = engine_rulebook(point.assessment.round.rulebook)
        names = {grade.id: in_language(grade.name.to_json()) for grade in rulebook.grades}
        grades = grades_allowed(rating, rulebook) if rating is not None else []
        found[f"{start}grade"] = forms.ChoiceField(
            label=_("Grade, where it is another"),
            choices=[("", "—"), *((grade, names[grade]) for grade in grades)],
            required=False,
            initial=point.grade,
        )
        found[f"{start}measures"] = forms.CharField(
            label=_("Measures, where they are others"), required=False, max_length=4000, initial=point.measures
        )
    found[f"{start}reason"] = forms.CharField(
        label=_("What was said; the reason where it is other than proposed or put off"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        initial=point.reason,
    )
    said = {one.member_id: one.reason for one in point.dissents.all()}
    for pk, person in people.items():
        found[f"{start}why{pk}"] = forms.CharField(
            label=_now("%(name)s disagrees, because") % {"name": person},
            required=False,
            max_length=2000,
            initial=said.get(pk, ""),
        )
    return found


class LaterForm(ConfirmForm):
    """A later day of a follow-up, and why."""

    due_on = _day(_("Later day"))
