"""How the command line tells a hub that is busy from one that is not there."""

import socket

import pytest

from hub.book.client import HubClient, NoHub
from hub.errors import HubError


def test_a_hub_that_is_still_at_it_is_not_called_absent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        client = HubClient(url, "token", answer_s=0.01)
        with pytest.raises(HubError) as caught:
            client.import_file("hall", b"uid", source="f", keep_missing=False)
    assert not isinstance(caught.value, NoHub)
    assert str(caught.value) == (
        f"the hub at {url} has not answered for 0.01 s, but it has the request and goes on; "
        "run the command again to see what it did"
    )


def test_nobody_there_is_no_hub() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(NoHub, match="no hub answers at"):
        HubClient(f"http://127.0.0.1:{port}", "token").sites()
