"""ChirpStack 4, a network server of LoRaWAN: what it publishes for each uplink, over MQTT or HTTP.

What is 0 or empty it names, or leaves out, so no `fPort` is port 0, and an uplink with nothing but commands of the
network has empty `data`. The same uplink may come twice; its `deduplicationId` tells. Source: chirpstack-docs,
`integrations/events.md`; chirpstack, `api/proto/integration`.
"""

from typing import Any, NoReturn

from edge.counters.readings import Refuse
from edge.counters.sent import Uplink, from_base64, port_in
from edge.counters.table import TEXT_LETTERS_MAX, Table
from edge.dialects import Wrapper

_OTHER_EVENTS = {
    "margin": "the state of a battery",
    "acknowledged": "an acknowledgement",
    "gatewayId": "that something was sent to the device",
    "location": "where the device is",
    "level": "a line of the log",
    "integrationName": "an event of an integration",
}


def unwrap(value: Any) -> Uplink | None:
    """
    Raises:
        Refuse: it is ChirpStack's, and no count.
    """
    if not isinstance(value, dict) or not isinstance(value.get("deviceInfo"), dict):
        if isinstance(value, dict) and "applicationID" in value and "devEUI" in value:
            raise Refuse("unknown-shape", "this is ChirpStack 3; use its version 4")
        return None
    told = Table(value)
    about = told.table("deviceInfo")
    data = told.maybe_packed("data")
    if not data:
        _no_uplink(value)
    device, profile = about.text("devEui"), about.content.get("deviceProfileName")
    return Uplink(
        frame=from_base64(data, "data"),
        port=port_in(value) or 0,
        device=device.lower(),
        message=told.maybe_text("deduplicationId"),
        at=value.get("time"),
        names=(profile[:TEXT_LETTERS_MAX],) if isinstance(profile, str) and profile else (),
    )


def _no_uplink(value: dict[str, Any]) -> NoReturn:
    """
    Raises:
        Refuse: always.
    """
    if "fPort" in value or "rxInfo" in value or "fCnt" in value:
        raise Refuse("not-a-count", "the uplink carries no data, only word of the network")
    if set(value) <= {"deduplicationId", "time", "deviceInfo", "devAddr", "relayRxInfo", "joinServerContext"}:
        raise Refuse("not-a-count", "the device has joined the network; no count comes with that")
    what = next((what for key, what in _OTHER_EVENTS.items() if key in value), "an event without data")
    raise Refuse("not-a-count", f"{what}; no count comes with that")


DIALECT = Wrapper(
    family="chirpstack-v4",
    names=("chirpstack", "chirpstack4"),
    what="ChirpStack 4: uplinks of any of the families over LoRaWAN",
    unwrap=unwrap,
)
