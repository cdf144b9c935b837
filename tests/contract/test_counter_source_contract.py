"""What every source of a foreign counter's messages keeps: topics of a real broker, a real HTTP server, the fake."""

import gc
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from queue import Empty, Queue
from typing import Protocol

import pytest
from paho.mqtt import publish

from edge.counters.source import Heard, Source
from edge.drivers.counter_push import AT_ONCE_MAX, PushSource
from edge.drivers.counter_topics import TopicSource
from edge.drivers.fake_counter import FakeSource
from edge.errors import DeviceFault
from tests.brokers import HOST, Certificates, Mosquitto, free_port, mosquitto
from wire.mqtt import Broker

SOON_S = 10.0
XML = b"<EventNotificationAlert><peopleCounting><enter>1</enter></peopleCounting></EventNotificationAlert>"


class Ear:
    """Who listens to a source."""

    def __init__(self) -> None:
        self.heard: Queue[Heard] = Queue()
        self.needs: Queue[str | None] = Queue()
        self.has_room = True

    def hear(self, heard: Heard) -> bool:
        if self.has_room:
            self.heard.put(heard)
        return self.has_room

    def next(self) -> Heard:
        return self.heard.get(timeout=SOON_S)

    def until_it_works(self) -> None:
        while self.needs.get(timeout=SOON_S) is not None:
            pass

    def until_it_fails(self) -> str:
        while (needs := self.needs.get(timeout=SOON_S)) is None:
            pass
        return needs


class Bench(Protocol):
    """A source, and whoever sends."""

    source: Source

    def send(self, message: bytes) -> None: ...


class OnTopics:
    def __init__(self, broker: Mosquitto) -> None:
        self._broker = broker
        self.source: Source = TopicSource(Broker.parse(broker.url), "desk-1-door-reader", "counters/+/up")

    def send(self, message: bytes) -> None:
        publish.single("counters/door/up", message, qos=1, hostname=HOST, port=self._broker.port)


class Pushed:
    def __init__(self) -> None:
        source = PushSource(HOST, 0, "/door")
        self.source: Source = source
        self.port = source.port

    def send(self, message: bytes) -> None:
        assert ask(self.port, "POST", "/door?id=7", message) == 200


class Faked:
    def __init__(self) -> None:
        self._source = FakeSource()
        self.source: Source = self._source

    def send(self, message: bytes) -> None:
        assert self._source.say(message)


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> int:
    connection = http.client.HTTPConnection(HOST, port, timeout=SOON_S)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.fixture(scope="module")
def broker() -> Iterator[Mosquitto]:
    with mosquitto() as running:
        yield running


@pytest.fixture(params=["topics", "pushed", "fake"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    makes: dict[str, Callable[[], Bench]] = {
        "topics": lambda: OnTopics(request.getfixturevalue("broker")),
        "pushed": Pushed,
        "fake": Faked,
    }
    made = makes[request.param]()
    yield made
    made.source.close()


@pytest.fixture
def ear() -> Ear:
    return Ear()


# --- every source --------------------------------------------------------------------------------------------


def test_each_message_is_heard_once_in_order_and_byte_by_byte(bench: Bench, ear: Ear) -> None:
    bench.source.listen(ear.hear, ear.needs.put)
    ear.until_it_works()
    messages = [b"05", b'{"in":1}', bytes(range(256)), b"x" * 100_000]
    for message in messages:
        bench.send(message)
    assert [ear.next().message for _ in messages] == messages
    assert ear.heard.empty()


def test_a_source_knows_where_to_look_when_the_counter_is_silent(bench: Bench) -> None:
    assert bench.source.look_at.startswith("its power and network")


def test_a_source_can_be_closed_before_it_was_listened_to_and_twice(bench: Bench) -> None:
    before = threading.active_count()
    bench.source.close()
    bench.source.close()
    assert threading.active_count() == before


def test_a_closed_source_says_nothing_more_and_leaves_no_thread(bench: Bench, ear: Ear) -> None:
    before = threading.active_count()
    bench.source.listen(ear.hear, ear.needs.put)
    ear.until_it_works()
    bench.source.close()
    with pytest.raises((OSError, AssertionError)) if not isinstance(bench, OnTopics) else nullcontext():
        bench.send(b"late")
    with pytest.raises(Empty):
        ear.heard.get(timeout=0.3)
    assert threading.active_count() <= before


# --- topics --------------------------------------------------------------------------------------------------


def test_what_the_broker_had_kept_is_marked_and_other_topics_are_not_heard(broker: Mosquitto, ear: Ear) -> None:
    source = TopicSource(Broker.parse(broker.url), "reader", "kept/+")
    publish.single("kept/a", b"old", qos=1, retain=True, hostname=HOST, port=broker.port)
    publish.single("other/a", b"other", qos=1, retain=True, hostname=HOST, port=broker.port)
    source.listen(ear.hear, ear.needs.put)
    assert ear.next() == Heard(message=b"old", topic="kept/a", was_kept=True)
    publish.single("kept/a", b"new", qos=1, hostname=HOST, port=broker.port)
    assert ear.next() == Heard(message=b"new", topic="kept/a")
    source.close()


def test_a_lost_broker_is_said_and_found_again(ear: Ear) -> None:
    with mosquitto() as broker:
        source = TopicSource(Broker.parse(broker.url), "reader", "door")
        source.listen(ear.hear, ear.needs.put)
        ear.until_it_works()
        broker.kill()
        assert "look at its network" in ear.until_it_fails()
        broker.start()
        ear.until_it_works()
        publish.single("door", b"05", qos=1, hostname=HOST, port=broker.port)
        assert ear.next().message == b"05"
        source.close()


def test_a_broker_that_is_not_there_or_refuses_us_is_said_without_the_password(ear: Ear) -> None:
    nowhere = TopicSource(Broker.parse(f"mqtt://{HOST}:{free_port()}"), "reader", "door")
    nowhere.listen(ear.hear, ear.needs.put)
    assert "yet" in ear.until_it_fails()
    assert "is not there" in ear.until_it_fails()
    nowhere.close()
    with mosquitto(login=("door", "right")) as broker:
        refused = TopicSource(Broker.parse(f"mqtt://door:wr0ng@{HOST}:{broker.port}"), "reader", "door")
        refused.listen(ear.hear, ear.needs.put)
        while "refuses us" not in (needs := ear.until_it_fails()):
            pass
        assert "wr0ng" not in needs
        refused.close()
        allowed = TopicSource(Broker.parse(broker.url), "reader", "door")
        allowed.listen(ear.hear, ear.needs.put)
        ear.until_it_works()
        allowed.close()


# paho leaves the socket of a handshake that failed to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:unclosed:ResourceWarning")
def test_over_tls_only_a_broker_of_that_authority_is_believed(certificates: Certificates, ear: Ear) -> None:
    with mosquitto(tls=certificates) as broker:
        doubted = TopicSource(Broker.parse(broker.url), "reader", "door")
        doubted.listen(ear.hear, ear.needs.put)
        while "is not there" not in (needs := ear.until_it_fails()):
            pass
        assert "mqtts://" in needs
        doubted.close()
        gc.collect()
        believed = TopicSource(Broker.parse(broker.url, certificates.ca_file), "reader", "door")
        believed.listen(ear.hear, ear.needs.put)
        ear.until_it_works()
        believed.close()


def test_a_certificate_that_is_not_there_is_said(tmp_path: Path, ear: Ear) -> None:
    source = TopicSource(Broker.parse("mqtts://localhost", tmp_path / "none.pem"), "reader", "door")
    source.listen(ear.hear, ear.needs.put)
    assert "yet" in ear.until_it_fails()
    assert "mend it and start again" in ear.until_it_fails()
    source.close()


# --- pushed --------------------------------------------------------------------------------------------------


@pytest.fixture
def pushed(ear: Ear) -> Iterator[Pushed]:
    made = Pushed()
    made.source.listen(ear.hear, ear.needs.put)
    yield made
    made.source.close()


def test_only_its_path_and_its_methods_are_answered(pushed: Pushed, ear: Ear) -> None:
    assert ask(pushed.port, "GET", "/door") == 200
    assert ask(pushed.port, "PUT", "/door", b"1") == 200
    assert ask(pushed.port, "GET", "/") == 404
    assert ask(pushed.port, "POST", "/doo", b"1") == 404
    assert ask(pushed.port, "POST", "/door/", b"1") == 404
    assert ask(pushed.port, "HEAD", "/door") == 200
    assert ask(pushed.port, "DELETE", "/door") == 405
    assert ask(pushed.port, "DELETE", "/") == 404
    assert ear.next().message == b"1"
    assert ear.heard.empty()


def test_a_body_needs_a_length_and_is_bounded(pushed: Pushed, ear: Ear) -> None:
    assert ask(pushed.port, "POST", "/door", Content_Length="x") == 411
    assert ask(pushed.port, "POST", "/door", Content_Length="-1") == 411
    assert ask(pushed.port, "POST", "/door", Content_Length="9" * 11) == 413
    assert ask(pushed.port, "POST", "/door", b"", Transfer_Encoding="gzip") == 411
    assert ask(pushed.port, "POST", "/door", b"{}", Content_Encoding="gzip") == 415
    assert ear.heard.empty()


def test_a_body_may_come_in_pieces(pushed: Pushed, ear: Ear) -> None:
    def in_pieces(told: bytes) -> int:
        return ask(pushed.port, "POST", "/door", told, Transfer_Encoding="chunked")

    assert in_pieces(b'3\r\n{"a\r\n4;x=1\r\n":1}\r\n0\r\nA: b\r\n\r\n') == 200
    assert ear.next().message == b'{"a":1}'
    for told in (
        b"-3\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabcd\r\n0\r\n\r\n",
        b"z" * 2000,
        b"0\r\n" + b"A: b\r\n" * 40 + b"\r\n",
    ):
        assert in_pieces(told) == 400
    assert in_pieces(b"200001\r\n") == 413
    assert in_pieces(b"100000\r\n" + b"0" * 0x100000 + b"\r\n100001\r\n") == 413
    assert ear.heard.empty()


def test_whoever_sends_far_too_much_hears_so_and_is_not_cut_off(pushed: Pushed, ear: Ear) -> None:
    assert ask(pushed.port, "POST", "/door", b"0" * 32 * 1024 * 1024) == 413
    assert ear.heard.empty()


def test_without_room_for_it_the_sender_is_asked_to_send_again(pushed: Pushed, ear: Ear) -> None:
    ear.has_room = False
    assert ask(pushed.port, "POST", "/door", b"1") == 503


def test_of_a_body_with_pictures_only_the_text_is_heard(pushed: Pushed, ear: Ear) -> None:
    parts = (
        b'--sep\r\nContent-Disposition: form-data; name="p"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff\r\n',
        b'--sep\r\nContent-Disposition: form-data; name="e"\r\nContent-Type: application/xml\r\n\r\n' + XML + b"\r\n",
        b"--sep--\r\n",
    )
    kind = "multipart/form-data; boundary=sep"
    assert ask(pushed.port, "POST", "/door", b"".join(parts), Content_Type=kind) == 200
    assert ear.next().message.strip() == XML


def test_whoever_hangs_up_in_the_middle_has_said_nothing_and_harms_nobody(pushed: Pushed, ear: Ear) -> None:
    for text in (b"", b"GET", b"\xff\xfe\r\n\r\n", b"POST /door HTTP/1.1\r\nContent-Length: 50\r\n\r\nhalf"):
        with socket.create_connection((HOST, pushed.port)) as caller:
            caller.sendall(text)
    pushed.send(b"whole")
    assert ear.next().message == b"whole"
    assert ear.heard.empty()


def test_a_message_that_drips_in_is_not_waited_for(ear: Ear) -> None:
    source = PushSource(HOST, 0, "/door", wait_s=0.3)
    source.listen(ear.hear, ear.needs.put)
    with socket.create_connection((HOST, source.port), timeout=SOON_S) as caller:
        caller.sendall(b"POST /door HTTP/1.1\r\nContent-Length: 50\r\n\r\nhalf")
        assert caller.makefile("rb").readline().split()[1] == b"408"
    assert ear.heard.empty()
    source.close()


def test_many_at_once_do_not_take_all_threads(pushed: Pushed, ear: Ear) -> None:
    before = threading.active_count()
    callers = [socket.create_connection((HOST, pushed.port)) for _ in range(AT_ONCE_MAX * 5)]
    closed = 0
    for caller in callers[AT_ONCE_MAX:]:
        caller.settimeout(SOON_S)
        closed += caller.recv(1) == b""
    assert closed == AT_ONCE_MAX * 4
    assert threading.active_count() <= before + 2 * AT_ONCE_MAX, "each with a second one that ends it"
    for caller in callers:
        caller.close()


def test_an_address_that_is_taken_is_a_fault_with_what_to_do() -> None:
    first = Pushed()
    with pytest.raises(DeviceFault, match=r"cannot be listened on .*; choose another address"):
        PushSource(HOST, first.port, "/door")
    first.source.close()
