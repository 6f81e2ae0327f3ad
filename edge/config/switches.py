"""``[gpio]``, ``[[relay]]``, ``[[button]]`` and ``[infrared]``: what is wired to the board's pins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from edge.config.table import Fraction, Name, Switch, Table, telling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Self

NO_PIN = -1
# A pulse longer than this is no pulse for the coil of a filter: it gets hot.
LONGEST_COIL_PULSE_S = 2.0

Pin = Annotated[int, Field(strict=True, ge=0, le=511)]
PinOrNone = Annotated[int, Field(strict=True, ge=NO_PIN, le=511)]
Level = Literal["high", "low"]
Resistor = Literal["none", "up", "down"]
Seconds = Annotated[float, Field(strict=True, ge=0, le=86400, allow_inf_nan=False)]


class GpioTable(Table):
    """``[gpio]``: how the pins are reached."""

    driver: Literal["lgpio", "sim"] = Field(default="lgpio", description='"lgpio" or "sim"')
    chip: Annotated[int, Field(strict=True, ge=-1, le=31)] = Field(
        default=-1, description="the number of a /dev/gpiochip, or -1 for the board's own"
    )


class RelayTable(Table):
    """``[[relay]]``: a switch for a lamp, a lock, a fan."""

    name: Name = Field(description="what the relay is called, up to 40 characters")
    pin: Pin = Field(description="a pin by its GPIO number, 0 to 511 (on a Jetson the line of its chip)")
    active: Level = Field(default="high", description='"high" or "low"')
    safe: Literal["off", "on"] = Field(default="off", description='"off" or "on"')
    resistor: Resistor = Field(default="none", description='"none", "up" or "down"')
    max_on_s: Seconds = Field(default=0.0, description="seconds from 0 (no limit) to 86400")
    min_toggle_s: Seconds = Field(default=0.0, description="seconds from 0 to 86400")
    pulse_s: Annotated[float, Field(strict=True, gt=0, le=86400, allow_inf_nan=False)] = Field(
        default=1.0, description="seconds, more than 0 and up to 86400"
    )

    @model_validator(mode="after")
    def _can_be_kept(self) -> Self:
        if self.safe == "on" and self.max_on_s:
            raise telling('safe = "on" and max_on_s contradict each other; a relay that is safe when on may stay on')
        if self.max_on_s and self.pulse_s > self.max_on_s:
            raise telling(f"pulse_s is longer than max_on_s; give at most {self.max_on_s:g}")
        return self

    @property
    def remark(self) -> str | None:
        """What the wiring does with the relay while the program does not run, if that is not its safe state.

        Nobody drives the line from power-on to the program's start, and after its stop or a crash. What holds it then
        is a resistor, on the relay's board or beside it; the processor's own ones are switched off when a program
        lets go of the pin, and differ from pin to pin before.
        """
        needed = "down" if (self.active == "high") == (self.safe == "off") else "up"
        if self.resistor == needed:
            return None
        level = "low" if needed == "down" else "high"
        if self.resistor == "none":
            return (
                f"relay {self.name}: nothing keeps it {self.safe} while the program does not run (after power-on, "
                f"stop or crash), as nothing holds pin {self.pin} {level}; fit a pull-{needed} resistor (10 kilo-ohms) "
                f'or a relay board that has one, and set resistor = "{needed}"'
            )
        wrong = "on" if self.safe == "off" else "off"
        return (
            f"relay {self.name}: its pull-{self.resistor} resistor switches it {wrong} whenever the program does not "
            f"run (after power-on, stop or crash); replace it by a pull-{needed} resistor"
        )


class ButtonTable(Table):
    """``[[button]]``: a push-button or a contact."""

    name: Name = Field(description="what the button is called, up to 40 characters")
    pin: Pin = Field(description="a pin by its GPIO number, 0 to 511 (on a Jetson the line of its chip)")
    pull: Resistor = Field(default="up", description='"up", "down" or "none"')
    active: Literal["closed", "open"] = Field(default="closed", description='"closed" or "open"')
    debounce_s: Annotated[float, Field(strict=True, ge=0, le=2, allow_inf_nan=False)] = Field(
        default=0.05, description="seconds from 0 to 2"
    )


class InfraredTable(Table):
    """``[infrared]``: telling day from night, and what is switched by it."""

    enabled: Switch = Field(default=False, description="true or false")
    camera: str = Field(default="", max_length=40, description='the name of a camera, or "" for the first')
    night_lux: Annotated[float, Field(strict=True, gt=0, le=1000, allow_inf_nan=False)] = Field(
        default=3.0, description="more than 0 and up to 1000 lux"
    )
    mono: Switch = Field(default=True, description="true or false")
    lamp_pin: PinOrNone = Field(default=NO_PIN, description="a pin by its GPIO number, or -1 for none")
    lamp_active: Level = Field(default="high", description='"high" or "low"')
    brightness: Fraction = Field(default=1.0, gt=0, description="more than 0 and up to 1")
    filter: Literal["none", "pulse", "level"] = Field(default="none", description='"none", "pulse" or "level"')
    filter_night_pin: PinOrNone = Field(default=NO_PIN, description="a pin by its GPIO number, or -1 for none")
    filter_day_pin: PinOrNone = Field(default=NO_PIN, description="a pin by its GPIO number, or -1 for none")
    filter_active: Level = Field(default="high", description='"high" or "low"')
    filter_pulse_s: Annotated[float, Field(strict=True, gt=0, le=LONGEST_COIL_PULSE_S, allow_inf_nan=False)] = Field(
        default=0.2, description=f"seconds, more than 0 and up to {LONGEST_COIL_PULSE_S:g}"
    )

    @model_validator(mode="after")
    def _wired(self) -> Self:
        if self.filter != "none" and self.filter_night_pin == NO_PIN:
            raise telling(f'filter = "{self.filter}" needs filter_night_pin')
        if self.filter == "pulse" and self.filter_day_pin == NO_PIN:
            raise telling('filter = "pulse" needs filter_day_pin, the wire that is pulsed when day breaks')
        return self

    def pins(self) -> Iterator[tuple[str, int]]:
        """The pins in use, each with what it is for."""
        if self.lamp_pin != NO_PIN:
            yield "the lamp", self.lamp_pin
        if self.filter != "none":
            yield "the filter", self.filter_night_pin
        if self.filter == "pulse":
            yield "the filter by day", self.filter_day_pin
