"""The Things Stack 3, a network server of LoRaWAN: what it publishes for each uplink, over MQTT or as a webhook.

What is empty, 0 or false is left out, so no `f_port` is port 0. Uplinks that somebody has simulated are marked, and
never count. Source: lorawan-stack-docs, `reference/data-formats`.
"""

from typing import Any

from edge.counters.readings import Refuse
from edge.counters.sent import Uplink, from_base64, port_in
from edge.counters.table import Table
from edge.dialects import Wrapper

_OTHERS = {
    "join_accept": "the device has joined the network",
    "downlink_ack": "an acknowledgement",
    "downlink_nack": "a missing acknowledgement",
    "downlink_sent": "something was sent to the device",
    "downlink_failed": "something could not be sent to the device",
    "downlink_queued": "something waits to be sent to the device",
    "downlink_queue_invalidated": "something waits to be sent to the device",
    "location_solved": "where the device is",
    "service_data": "a message of a service",
    "uplink_normalized": "an uplink in other words; the uplink itself comes too",
}


def unwrap(value: Any) -> Uplink | None:
    """
    Raises:
        Refuse: it is The Things Stack's, and no count.
    """
    for around in ("data", "result"):  # as the events of its console hold it, and its storage
        if isinstance(value, dict) and isinstance(value.get(around), dict) and "uplink_message" in value[around]:
            value = value[around]
    if not isinstance(value, dict) or not isinstance(value.get("end_device_ids"), dict):
        return None
    told = Table(value)
    if "uplink_message" not in told:
        what = next((what for key, what in _OTHERS.items() if key in told), "an event without an uplink")
        raise Refuse("not-a-count", f"{what}; no count comes with that")
    ids, uplink = told.table("end_device_ids"), told.table("uplink_message")
    if value.get("simulated") or uplink.content.get("simulated"):
        raise Refuse("simulated", "somebody has simulated this uplink; nobody has passed")
    packed = uplink.maybe_packed("frm_payload")
    if not packed:
        raise Refuse("not-a-count", "the uplink carries no data, only word of the network")
    port = port_in(uplink.content) or 0
    count = uplink.maybe_natural("f_cnt") or 0
    device = (ids.maybe_text("dev_eui") or ids.text("device_id")).lower()
    received_at = uplink.content.get("received_at", value.get("received_at"))
    return Uplink(
        frame=from_base64(packed, "frm_payload"),
        port=port,
        device=device,
        message=f"{device}/{uplink.maybe_text('session_key_id')}/{count}",
        at=received_at,
        names=_model(uplink),
    )


def _model(uplink: Table) -> tuple[str, ...]:
    """The make and the model, if the device was registered with them."""
    if "version_ids" not in uplink:
        return ()
    ids = uplink.table("version_ids")
    make, model = ids.maybe_text("brand_id").removesuffix("-iot"), ids.maybe_text("model_id")
    return (f"{make}-{model}",) if make and model else ()


DIALECT = Wrapper(
    family="tts-v3",
    names=("tts", "ttn-v3", "the-things-stack", "the-things-stack-v3", "the-things-network", "tts-v3-uplink"),
    what="The Things Stack 3: uplinks of any of the families over LoRaWAN",
    unwrap=unwrap,
)
