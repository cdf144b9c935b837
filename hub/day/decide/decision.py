"""What a rule answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hub.day.events import AnyEvent
from hub.day.model import Day
from hub.day.refusal import Refusal

Decision = list[AnyEvent] | Refusal

Rule = Callable[[Day, Any, datetime], Decision]
"""From the day, an input of the rule's own kind and the time."""
