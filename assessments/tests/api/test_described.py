"""The API does what its description says: schemathesis sends each operation what nobody thought of."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import booleans
from schemathesis.checks import CHECKS
from schemathesis.generation import GenerationMode

from assessments.api.scopes import OPERATIONS, Scope
from assessments.tests.api.test_filing import fill
from assessments.tests.api.world import machine, token_for
from assessments.tests.filings.world import World, person
from assessments.tests.readings.world import period_of

SECONDS = 60  # of processor
# What fits the description may still be refused (an unknown figure, 422), and an unknown parameter may be left unread.
# Methods that there are not are asked for by ``test_conventions``, a token that is missing by ``test_tokens``.
LEFT_OUT = {
    "positive_data_acceptance",
    "negative_data_rejection",
    "unsupported_method",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
    "object_level_authorization",
}


def description(world: World) -> dict[str, Any]:
    client = Client()
    client.force_login(world.preparer)
    found: dict[str, Any] = json.loads(client.get(reverse("api:openapi-json")).content)
    return found


@pytest.fixture
def app() -> Iterator[Any]:
    """The application by WSGI, on the connection of the test: what Django's own client does around each request."""
    signals, wsgi = (request_started, request_finished), get_wsgi_application()

    def call(environ: Any, start_response: Any) -> Any:
        for signal in signals:
            signal.disconnect(close_old_connections)
        return wsgi(environ, start_response)

    yield call
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.slow
def test_no_operation_fails_or_answers_what_is_not_described(world: World, app: Any) -> None:
    began = time.process_time()
    fill(world, machine(world.preparer))
    period = period_of(world)
    everybody = person("everybody", world.bank, "bank_preparer", "bank_reviewer", "bank_signatory")
    desk = person("desk", None, "case_officer", "auditor")
    headers = {who: {"Authorization": f"Bearer {token_for(who, *Scope.values)}"} for who in (everybody, desk)}
    schema = schemathesis.openapi.from_dict(description(world))
    schema.app = app
    checks = [check for check in CHECKS.get_all() if check.__name__ not in LEFT_OUT]
    seen = set()
    found: Any
    for found in schema.get_all_operations():
        operation = found.ok()
        name = operation.definition.raw["operationId"].partition(".")[0]
        seen.add((name, operation.method.upper()))
        who = desk if name in ("round-points", "round-facts") else everybody
        about = world.round.pk if "/rounds/" in operation.path else world.assessment.pk
        about = period.pk if "/readings/" in operation.path else about

        for mode in GenerationMode:
            try:
                _sending(operation, mode, about, headers[who], checks)()
            except Unsatisfiable:  # nothing can be wrong with what takes nothing
                assert mode is GenerationMode.NEGATIVE
    assert seen == set(OPERATIONS)
    assert time.process_time() - began < SECONDS


def _sending(
    operation: Any, mode: GenerationMode, about: int, headers: dict[str, str], checks: Any
) -> Callable[[], None]:
    """Sends what the description gives rise to, half of it for what there is."""

    @settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), ours=booleans())
    def send(case: Any, ours: bool) -> None:
        if ours and "pk" in case.path_parameters:
            case.path_parameters["pk"] = about
        if ours and "bank" in case.path_parameters:
            case.path_parameters["bank"] = "B001"
        case.call_and_validate(headers=headers, checks=checks)

    return send
