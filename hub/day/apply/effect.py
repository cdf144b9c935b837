"""What an event of one kind does."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hub.day.model import Day

Effect = Callable[[Day, Any, datetime], None]
"""Changes the day by an event of the effect's own kind and its instant."""
