"""Tokens of the API in the demonstration: one in use, one to be drawn, one revoked, and one of a desk."""

from datetime import timedelta

from django.utils import timezone

from assessments.api.scopes import Scope
from assessments.api.tokens import draw_token, grant_token, revoke_token
from assessments.demo.people import People

BANK = "DC01"


def grant_tokens(people: People) -> None:
    """The signatory grants, the preparer draws; nobody keeps what was drawn."""
    bank, until = people.bank[BANK], timezone.localdate() + timedelta(days=180)
    filling = [Scope.ROUNDS, Scope.DRAFT, Scope.WRITE, Scope.STEPS]
    for name, scopes in (("总账取数", filling), ("旧报表平台", [Scope.DRAFT]), ("绩效看板", [Scope.RESULTS])):
        token = grant_token(
            actor=bank["signatory"],
            person_id=bank["preparer"].pk,
            name=f"{name}（演示）",
            scopes=[scope.value for scope in scopes],
            until=until,
        )
        if name != "绩效看板":
            draw_token(actor=bank["preparer"], token_id=token.pk)
        if name == "旧报表平台":
            revoke_token(actor=bank["signatory"], token_id=token.pk)
    grant_token(
        actor=people.admin,
        person_id=people.officers[0].pk,
        name="统计分析库（演示）",
        scopes=[Scope.ROUNDS, Scope.RESULTS, Scope.BULK],
        until=until,
    )
