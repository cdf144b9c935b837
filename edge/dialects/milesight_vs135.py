"""Milesight VS135, over LoRaWAN: says what a VS133 says."""

from edge.counters.milesight import PORT
from edge.dialects import FrameDialect
from edge.dialects.milesight_vs133 import read

DIALECT = FrameDialect(
    family="milesight-vs135",
    names=("vs135",),
    what="Milesight VS135 over LoRaWAN: totals of up to four lines, people in regions",
    ports=(PORT,),
    read=read,
)
