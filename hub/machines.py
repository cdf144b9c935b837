"""What the machines under the nodes need, judged from what they say of themselves. Pages have the words."""

from datetime import datetime

from wire.messages import Health

HOT_C = 80.0
"""From here on a Raspberry Pi slows itself down."""
DISK_LOW_MB = 100
"""Logs live in memory, so nothing grows; but an update needs room for a second version."""
CLOCK_OFF_S = 60.0
"""Nothing of the lobby is timed by a node's own clock, but its certificates are."""


def machine_faults(health: Health, heard_at: datetime) -> dict[str, str]:
    """Kind of fault to its figure, which may be empty, for a node whose `health` was heard at `heard_at`."""
    found: dict[str, str] = {}
    if health.temperature_c is not None and health.temperature_c >= HOT_C:
        found["machine-hot"] = f"{health.temperature_c:.0f} °C"
    if health.disk_free_mb is not None and health.disk_free_mb < DISK_LOW_MB:
        found["machine-disk-full"] = f"{health.disk_free_mb} MB"
    off_s = 0.0 if health.clock_at is None else (health.clock_at - heard_at).total_seconds()
    if abs(off_s) > CLOCK_OFF_S:
        found["machine-clock"] = f"{off_s:+.0f} s"
    if health.machine is not None:
        if health.machine.undervoltage:
            found["machine-undervoltage"] = ""
        if health.machine.disk_errors:
            found["machine-disk-errors"] = str(health.machine.disk_errors)
        if health.machine.disk_keeps is False:
            found["machine-disk-lost"] = ""
    return found
