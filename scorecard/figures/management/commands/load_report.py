"""``manage.py load_report fixtures/report_2017``: load the figures of a report from a fixture folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from scorecard.access.decisions import Refused
from scorecard.figures.models import LoadState, Relation
from scorecard.figures.services import load_report
from scorecard.figures.stored_message import in_words


class Command(BaseCommand):
    """Loads the folder at once or not at all; prints the outcome, each problem, and each disagreement of the report."""

    help = "Load the figures and relations of a report from a fixture folder; what is there changes with --agree only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, help="the folder of the fixture, such as fixtures/report_2017")

        parser.add_argument("--agree", action="store_true", help="change figures that are there as the fixture says")

    def handle(self, *args: Any, directory: Path, agree: bool, **options: Any) -> None:
        try:
            load = load_report(actor=None, directory=directory, agreed=agree)
        except Refused as error:
            raise CommandError(str(error)) from error
        if load.state == LoadState.REJECTED:
            for problem in load.problems:
                where = ":".join(str(part) for part in (problem["file"], problem["line"], problem["field"]) if part)
                self.stderr.write(f"{where}: {in_words(problem['message'])}")
            raise CommandError(
                _("Nothing was loaded: the fixture has problems in %(rows)d lines.") % {"rows": load.rejected}
            )
        if load.state == LoadState.DISCARDED:
            for change in load.changes:
                for name, (old, new) in change["fields"].items():
                    self.stdout.write(f"  {change['id']} {name}: {old or '—'} → {new or '—'}")
            raise CommandError(
                _("Nothing was loaded: %(changed)d figures would change. Look at them and give --agree.")
                % {"changed": load.changed}
            )
        self.stdout.write(
            _("Figures: %(added)d added, %(changed)d changed, %(unchanged)d unchanged, %(rejected)d rejected.")
            % {name: getattr(load, name) for name in ("added", "changed", "unchanged", "rejected")}
        )
        self.stdout.write(
            _("Relations: %(relations)d, of which %(disagreements)d do not hold:")
            % {"relations": load.relations, "disagreements": load.disagreements}
        )
        for relation in Relation.objects.filter(holds=False):
            self.stdout.write(f"  {relation.ident}: {relation.note}")
