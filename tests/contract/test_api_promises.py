"""Whatever is asked of the API, it answers as its OpenAPI document says, and never stumbles."""

from tests.fuzz import api
from tests.serving import serving


def test_all_of_the_api_answers_as_its_document_promises_whatever_is_asked() -> None:
    with serving() as served:
        run = api.ask(served.url, examples=1, seed=1, methods=("TRACE",))
    assert run.faults == ()
    assert run.requests > 500, "the document was not read"
