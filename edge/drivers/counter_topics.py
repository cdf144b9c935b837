"""Messages of a counter from the topics of a broker: our own, or that of another network.

It is no participant of ours: it only reads, under a connection of its own, and what it reads are not our messages.
"""

from functools import partial
from typing import Any

import structlog
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge.counters.source import Hear, Heard, Lost
from wire.mqtt import Broker

KEEPALIVE_S = 30
RECONNECT_MAX_S = 30

log = structlog.get_logger()


class TopicSource:
    """One subscription. Without a connection it tries again for ever."""

    def __init__(self, broker: Broker, client_id: str, topic: str) -> None:
        self._broker = broker
        self._client_id = client_id
        self._topic = topic
        # mosquitto grants a subscription whose messages it then holds back.
        self.look_at = f"its power and network, and whether {broker} lets us read {topic!r}"
        self._client: paho.Client | None = None

    def listen(self, hear: Hear, lost: Lost) -> None:
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=self._client_id, clean_session=True)
        client.reconnect_delay_set(1, RECONNECT_MAX_S)
        if self._broker.username is not None:
            client.username_pw_set(self._broker.username, self._broker.password)
        client.on_connect = partial(self._connected, lost)
        client.on_connect_fail = partial(self._failed, lost)
        client.on_disconnect = partial(self._disconnected, lost)
        client.on_subscribe = partial(self._subscribed, lost)
        client.on_message = partial(_received, hear)
        self._client = client
        lost(f"no connection to the broker of its messages, {self._broker}, yet")
        try:
            if self._broker.tls:
                client.tls_set(None if self._broker.ca_file is None else str(self._broker.ca_file))
            client.connect_async(self._broker.host, self._broker.port, KEEPALIVE_S)
            client.loop_start()
        except (OSError, ValueError) as error:
            lost(f"the broker of its messages, {self._broker}, cannot be asked ({error}); mend it and start again")

    def close(self) -> None:
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    # --- called where the connection runs --------------------------------------------------------------------

    def _connected(self, lost: Lost, client: paho.Client, data: Any, flags: Any, code: ReasonCode, more: Any) -> None:
        if code.is_failure:
            lost(f"the broker of its messages, {self._broker}, refuses us ({code}); look at user and password")
            return
        client.subscribe(self._topic, qos=1)

    def _subscribed(self, lost: Lost, client: paho.Client, data: Any, mid: int, codes: Any, more: Any) -> None:
        if any(code.is_failure for code in codes):
            lost(f"the broker of its messages does not let us read {self._topic!r}; allow it there")
            return
        lost(None)

    def _failed(self, lost: Lost, client: paho.Client, data: Any) -> None:
        lost(f"the broker of its messages, {self._broker}, is not there; look at its network")

    def _disconnected(
        self, lost: Lost, client: paho.Client, data: Any, flags: Any, code: ReasonCode, more: Any
    ) -> None:
        if code.is_failure:
            lost(f"the broker of its messages, {self._broker}, is lost ({code}); look at its network")


def _received(hear: Hear, client: paho.Client, data: Any, message: paho.MQTTMessage) -> None:
    try:
        topic = message.topic
    except UnicodeDecodeError:
        topic = ""
    hear(Heard(message=bytes(message.payload), topic=topic, was_kept=message.retain))
