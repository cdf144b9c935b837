"""The API asked for everything that its OpenAPI document promises, and for everything that it does not.

Schemathesis derives the requests from the document: good ones, ones that are wrong in one place, and walks from answer
to request. All of its checks are on. It asks a real hub over a real socket, and asks in the name of everybody who may
ask: of nobody, of a program with a token, of people who have signed in.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema

from hub.accounts.rights import Role
from tests.accounts import STAFF_TOKEN, a_session, an_account
from tests.serving import serving

SITE = {"path.site": "hall", "path.desk": "1", "path.room": "main", "path.service": "passports"}
"""What there is. Left to themselves, nearly all requests are for a site that there is not."""

EXPECTED = ("2xx", "401", "403", "404", "409", "429")
"""For good requests: a wish may come at the wrong moment, and a name may be nobody's."""


EXAMPLES = 3
"""In a round of the long form."""


@dataclass(frozen=True)
class Who:
    """In whose name something is asked."""

    name: str
    settings: Mapping[str, Any]
    """How schemathesis shows who asks."""


COOKIE = "cookie-of-the-tests"
NOBODY = Who("nobody", {})
PROGRAM = Who("a program", {"auth": {"openapi": {"token": {"bearer": STAFF_TOKEN}}}})
PEOPLE = Who(
    "people who signed in",
    {"auth": {"openapi": {"cookie": {"api_key": COOKIE}}}, "headers": {"Sec-Fetch-Site": "same-origin"}},
)
EVERYBODY = (PROGRAM, PEOPLE, NOBODY)


@dataclass(frozen=True)
class Run:
    """What came of it."""

    requests: int
    checks: int
    faults: tuple[str, ...]
    """Each with the request that repeats it."""


def ask(
    url: str,
    *,
    examples: int,
    seed: int,
    who: Who = PROGRAM,
    parameters: Mapping[str, str] = SITE,
    methods: Sequence[str] = ("DELETE", "PATCH", "TRACE"),
) -> Run:
    """Ask the hub at `url`. `examples` are the random requests for each operation and the random walks; those that are
    derived from the limits in the document, some thirty for each operation, come on top."""
    settings: dict[str, Any] = {
        "seed": seed,
        "continue-on-failure": True,
        "workers": 1,
        "parameters": dict(parameters),
        "generation": {"max-examples": examples, "deterministic": True, "no-shrink": True},
        "phases": {"coverage": {"unexpected-methods": list(methods)}},
        "checks": {"positive_data_acceptance": {"expected-statuses": list(EXPECTED)}},
        **who.settings,
    }
    schema = schemathesis.openapi.from_url(
        f"{url}/api/v1/openapi.json", config=SchemathesisConfig.from_dict(settings), timeout=60
    )
    asked = checked = 0
    faults: dict[tuple[str, str, str], str] = {}
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished(recorder=recorder):
                asked += len(recorder.interactions)
                for case, done in recorder.checks.items():
                    checked += len(done)
                    for check in done:
                        answer = recorder.interactions[case].response
                        failed = check.failure_info
                        if failed is None or (check.name == "positive_data_acceptance" and _is_excused(answer)):
                            continue
                        what = f"{recorder.label}: {failed.failure.title}: {failed.failure.message}"
                        faults.setdefault((recorder.label, check.name, failed.failure.title), what + _repeated(failed))
            case events.NonFatalError(label=label, value=value):
                faults[label, "", ""] = f"{label}: {value}"
            case events.FatalError(exception=exception):
                raise exception
    return Run(asked, checked, tuple(faults.values()))


def ask_on(seconds: float, *, seed: int, tell: Callable[[int, Who, Run], None]) -> tuple[int, Run] | None:
    """Round after round, each with a hub of its own and the next seed, which says who asks, too. The first round with
    a fault ends it, and comes with its seed; one round there is always."""
    ends = time.monotonic() + seconds
    while True:
        who = EVERYBODY[seed % len(EVERYBODY)]
        somebody = an_account("zoe", *Role)
        with serving(records=(somebody, a_session(somebody, COOKIE))) as served:
            run = ask(served.url, examples=EXAMPLES, seed=seed, who=who)
        tell(seed, who, run)
        if run.faults:
            return seed, run
        if time.monotonic() >= ends:
            return None
        seed += 1


def _is_excused(answer: Response | None) -> bool:
    """Whether what the document allows was refused for a reason that no schema can tell: by the day's rules, which have
    codes of their own, or because to a schema 2.0 is a whole number."""
    if answer is None or answer.status_code != 422:
        return False
    problem = answer.json()
    wrong = set(problem["facts"].values())
    return bool(problem["code"] != "bad-request" or wrong == {"Input should be a valid integer"})


def _repeated(failed: Any) -> str:
    return f"\n    {failed.code_sample}"
