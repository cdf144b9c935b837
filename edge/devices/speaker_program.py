"""A speaker whose voice is a program."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from edge.by_hour import ByHour
from edge.role import Role
from edge.roles.speaker import Speaker
from edge.settings import Clock, DeviceSettings, Language, between
from edge.toolbox import Toolbox

Volume = Annotated[int, between(0, 100, "a volume in per cent")]


def _with(*files: str) -> AfterValidator:
    """Refuses a command in which one of `files` does not stand."""

    def check(command: list[str]) -> list[str]:
        for file in files:
            if not any(file in part for part in command):
                raise PydanticCustomError("command", "{file} is missing in it", {"file": f"'{file}'"})
        return command

    return AfterValidator(check)


@dataclass(frozen=True, kw_only=True)
class SpeakerProgram(DeviceSettings):
    """A speaker that says the calls of a board: one program makes speech of them, another plays it."""

    tunable = ("volume", "chime")

    kind: Literal["speaker"]
    driver: Literal["program"] = "program"
    languages: list[Language] = field(default_factory=list)
    volume: Volume = 80
    volume_at: dict[Clock, Volume] = field(default_factory=dict)
    chime: bool = True
    engine: Annotated[list[str], _with("{text}", "{wav}")] | None = None
    player: Annotated[list[str], _with("{wav}")] | None = None

    def build(self, toolbox: Toolbox) -> Role:
        from edge.drivers.speech import ENGINE, PLAYER, Processes, Speech

        hands = toolbox.hands_on(self)
        voice = Speech(
            Processes() if hands is None else hands.speaker(self.id),
            engine=self.engine or ENGINE,
            player=self.player or PLAYER,
        )

        def tune(settings: SpeakerProgram) -> None:
            voice.chimes = settings.chime
            speaker.volume = ByHour(settings.volume, settings.volume_at)

        speaker = Speaker(
            toolbox.node,
            toolbox.info(self),
            voice,
            languages=self.languages,
            zone=toolbox.zone,
        )
        tune(self)
        toolbox.when_tuned(self, tune)
        return speaker
