"""The whole running program, put together from its settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from edge.analytics.rules import Rules
from edge.app import devices
from edge.app.cameras import seeing
from edge.app.heard import Heard
from edge.app.outside import Outside
from edge.app.settings import CHANGING, calendar, day_habits, habits, health_limits, waiting
from edge.core.clock import read_clock
from edge.core.events import OccupancyChanged
from edge.core.model import Mount
from edge.core.notices import CROSSING
from edge.host.control import open_control
from edge.host.health import HealthWatch, read_health
from edge.services.actuator import Actuator
from edge.services.aiming import AimWatch
from edge.services.analysis import Analysis, Outlet
from edge.services.board import Board, CameraPost
from edge.services.capture import CameraState, CameraWatch, Capture
from edge.services.control import Control
from edge.services.days import Days
from edge.services.desk import Desk
from edge.services.happening import Happening
from edge.services.housekeeping import Housekeeping
from edge.services.lamp import Lamp
from edge.services.ledger import Ledger
from edge.services.machine import MachineCare
from edge.services.news import News
from edge.services.overflow import Overflow
from edge.services.persist import Persist
from edge.services.reload import Reloader, counting_plan
from edge.services.screen import Screen
from edge.services.snapshots import Snapshot
from edge.services.supervisor import Supervisor
from edge.services.trails import Trails
from edge.services.upkeep import Chore, Upkeep
from edge.storage.errors import StorageNewerError, StorageWaitError
from edge.storage.store import Store
from edge.vision.daynight import DayNight

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from edge.analytics.actions import SetLight
    from edge.app.cameras import Seeing
    from edge.app.run import RunAsk
    from edge.config.schema import CameraTable, Config
    from edge.core.clock import Clock
    from edge.core.events import LineCrossed
    from edge.host.journal import Journal
    from edge.host.machine import Machine
    from edge.host.notify import Notifier
    from edge.services.analysis import Watcher
    from edge.services.board import Section
    from edge.services.happening import Sink
    from edge.services.service import Service
    from edge.services.telling import Telling
    from edge.storage.records import Crossing

HANGS_FOR_S = 300.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the program finds around it. ``synced`` says whether the system believes its own clock.

    ``where``: by what children of it go; without it no report is made.
    """

    clock: Clock
    journal: Journal
    notifier: Notifier
    machine: Machine
    control: Path
    synced: Callable[[], bool | None]
    where: RunAsk | None = None


class Box:
    """Everything that runs, in the order it is started. Records lie at ``records``; ``load`` reads the settings again.

    ``watchers`` are shown every picture of every camera that was looked at. Raises ``AcmError``
    where the settings cannot be used or the records must not be.
    """

    def __init__(
        self,
        config: Config,
        load: Callable[[], Config],
        records: Path,
        around: Surroundings,
        watchers: Sequence[Watcher] = (),
    ) -> None:
        self.config, self._records, self._around = config, records, around
        self._clock = around.clock
        self.news = News(around.journal, around.clock)
        self._watchers: list[tuple[str, Watcher]] = [(table.name, w) for table in config.camera for w in watchers]
        self._sections: dict[str, Section] = {}
        self._anew = Event()
        self._control: Control | None = None
        self._telling: Telling | None = None
        views = [seeing(table, config.detector, around.clock) for table in config.camera]
        self.persist = self._opened_books()
        self.ledger = Ledger(self.persist.keep)
        self._outside = Outside(config, records, self.persist, around.clock, self._at, around.where, self.news.tell)
        self.heard = Heard(config, records.parent, self.ledger, around.clock, self._at, self.news.tell)
        self._actuator = self._made_actuator()
        self._lamp = self._made_lamp(views)
        self._screen = self._made_screen()
        self._snapshots = [Snapshot(table.name, around.clock, self._privacy) for table in config.camera]
        self._aims = [AimWatch(table.name, Mount(table.mount)) for table in config.camera]
        self._posts, self._captures = self._made_cameras(views)
        self.board = Board(self._posts, self.ledger, around.clock, self._sections)
        self._telling = self._made_telling()
        analyses = {post.analysis.camera: post.analysis for post in self._posts}
        appliers = dict.fromkeys(CHANGING, self._apply)
        self.reloader = Reloader(config, load, analyses, appliers, waiting=waiting(config), tell=self.news.tell)
        self._control = self._made_control()
        self.supervisor = self._supervised()
        self._connect()

    def over(self) -> str | None:
        """Why the program should be started anew: somebody asked for it, or every camera hangs in its driver."""
        if self._anew.is_set():
            return "a fresh start was asked for"
        now_s = self._clock.monotonic_s()
        hung = [c for c in self._captures if c.watch.stuck and c.watch.lost_since_s is not None]
        if not hung or len(hung) < len(self._captures):
            return None
        longest_s = min(now_s - (capture.watch.lost_since_s or now_s) for capture in hung)
        return "every camera hangs in its driver" if longest_s > HANGS_FOR_S else None

    @property
    def ended(self) -> bool:
        """Whether all cameras are recordings that are over, to the last picture."""
        return all(post.watch.state is CameraState.ENDED and post.analysis.ended for post in self._posts)

    def close(self) -> None:
        """Say the rest, after everything was stopped."""
        self.news.close()

    def _at(self, now_s: float) -> datetime | None:
        store = self.persist.store
        return None if store is None else store.at(now_s)

    def _privacy(self) -> str | None:
        """How people in pictures are covered; None if there are to be no pictures."""
        return None if self.config.panel.privacy_lock else self.config.panel.privacy

    def _opened_books(self) -> Persist:
        """The writer. What is wrong with the records for good is raised here; what passes is waited for."""
        boot = self._around.machine.boot_id() or "unnamed"

        def open_store() -> Store:
            synced = self.config.site.clock_trusted or self._around.synced() is True
            reading = read_clock(self._clock, synced=synced)
            return Store.open(self._records, boot=boot, reading=reading, calendar=calendar(self.config))

        store = trouble = None
        try:
            store = open_store()
        except (StorageWaitError, StorageNewerError) as error:
            trouble = error.fact
            self.news.tell(trouble)
        else:
            for fact in store.facts:
                self.news.tell(fact)
        return Persist(
            self._records, open_store, self._clock, self.news.tell, self._recorded, store=store, trouble=trouble
        )

    def _recorded(self, record: Crossing, event: LineCrossed, seq: int) -> None:
        """A crossing is on the disk."""
        latency_ms = self.heard.latency_ms(record.camera, event)
        told = {"camera": record.camera, "line": record.line, "direction": record.direction.value, "seq": seq}
        known = {} if latency_ms is None else {"latency_ms": round(latency_ms, 1)}
        self.news.tell(CROSSING.fact(**told, **known))
        self._outside.written()
        if self._control is not None:
            self._control.tell({"event": "recorded", **told, "at_s": record.uptime_s, **known})

    def _made_actuator(self) -> Actuator:
        config, now_s = self.config, self._clock.monotonic_s()
        self._pins = devices.pins(config.gpio, self._clock)
        switches = devices.switches(config, self._pins, now_s, self.news.tell)
        buttons = {table.name: partial(self._pins.button, table) for table in config.button}
        actuator = Actuator(
            Rules(config), switches, buttons, self._clock, at=self._at, tell=self.news.tell, sound=self.heard.do,
            light=self._force_light, others=(_Later(lambda: self._control),),
        )  # fmt: skip
        self._sections["relays"] = actuator.told
        return actuator

    def _force_light(self, action: SetLight) -> None:
        if self._lamp is not None:
            self._lamp.force(action)

    def _made_lamp(self, views: list[Seeing]) -> Lamp | None:
        table = self.config.infrared
        if not table.enabled:
            return None
        name = table.camera or self.config.camera[0].name
        view = next(view for view in views if view.plan.name == name)
        daynight = DayNight(night_lux=table.night_lux, lamp=table.lamp_pin >= 0)
        open_infrared = partial(self._pins.infrared, table, view.set_mono)
        sinks: tuple[Sink, ...] = (self._actuator, _Later(lambda: self._control), _Later(lambda: self._telling))
        lamp = Lamp(name, daynight, open_infrared, sinks, self.news.tell)
        self._watchers.append((name, lamp))
        self._sections["light"] = lamp.told
        return lamp

    def _made_screen(self) -> Screen | None:
        table = self.config.display
        if not table.enabled:
            return None
        return Screen(partial(devices.open_display, self._clock), self.ledger, table.limit, self.news.tell)

    def _made_cameras(self, views: list[Seeing]) -> tuple[list[CameraPost], list[Capture]]:
        posts, captures = [], []
        self._watchers += [*((one.camera, one) for one in self._snapshots), *((one.camera, one) for one in self._aims)]
        for table, view in zip(self.config.camera, views, strict=True):
            analysis = self._made_analysis(table, view)
            watch = CameraWatch(table.name, self._clock, self.news.camera_changed)
            posts.append(CameraPost(watch, analysis, table.fps))
            captures.append(Capture(view.plan, analysis.latest, watch, self._clock))
        return posts, captures

    def _made_analysis(self, table: CameraTable, view: Seeing) -> Analysis:
        watchers = [watcher for name, watcher in self._watchers if name == table.name]
        at_end: tuple[Callable[[], None], ...] = ()
        if self.config.records.walks:
            trails = Trails(table.name, self.persist.note, self._clock)
            watchers.append(trails)
            at_end = (trails.end,)
        outlet = Outlet(self.ledger, self._sinks(), tuple(watchers), at_end)
        plan = counting_plan(table)
        return Analysis(table.name, plan, view.open_eye, outlet, self._clock, speed=view.plan.speed)

    def _sinks(self) -> tuple[Sink, ...]:
        """Who is told of events, the one in the greatest hurry first."""
        sinks: list[Sink] = [self.heard, self._actuator, self.persist]
        sinks += [self._screen] if self._screen is not None else []
        return (*sinks, _Later(lambda: self._control), _Later(lambda: self._telling))

    def _made_telling(self) -> Telling | None:
        if not self.config.mqtt.enabled:
            return None
        from edge.app.telling import Parts, made_telling  # noqa: PLC0415 - its library takes memory, and few want it

        parts = Parts(
            self._records.parent, self._around.machine, self.ledger, self._posts, self._sections, self._actuator,
            self.heard.sound, self._at,
        )  # fmt: skip
        return made_telling(lambda: self.config, parts, self._clock, self.news.tell)

    def _made_control(self) -> Control | None:
        desk = Desk(
            self.board, self.reloader, self._actuator, self._clock, light=self._lamp,
            sound=self.heard.sound, snapshots=self._snapshots, aims=self._aims, **self._outside.handlers,
            restart=self._anew.set if self._around.notifier.heard else None,
        )  # fmt: skip
        server = open_control(self._around.control, desk.handlers, self.news.tell)
        return None if server is None else Control(server)

    def _supervised(self) -> Supervisor:
        supervisor = Supervisor(self._clock, self.news.tell, self._around.notifier)
        services: list[Service | None] = [
            self.persist, *self._outside.services, *self.heard.services, self._actuator, self._screen, self._control,
            self._telling, self._upkeep(), self._lamp,
            *(post.analysis for post in self._posts), *self._captures,
        ]  # fmt: skip
        for service in services:
            if service is not None:
                supervisor.add(service)
        self._sections["services"] = supervisor.told
        return supervisor

    def _upkeep(self) -> Upkeep:
        config, tell, folder = self.config, self.news.tell, self._records.parent
        self._days = Days(
            self.persist, self.ledger, day_habits(config), self._clock, synced=self._around.synced, tell=tell
        )
        self._house = Housekeeping(self.persist, self._records, habits(config), tell)
        watch = HealthWatch(health_limits(config), folder)
        read = partial(read_health, self._around.machine, folder, self._around.synced)
        care = MachineCare(read, watch, self._posts, tell)
        self._sections["machine"] = care.told
        sound = self.heard.sound
        inboxes = {"relays": lambda: self._actuator.dropped, "sound": lambda: 0 if sound is None else sound.dropped}
        overflow = Overflow(inboxes, tell)
        return Upkeep([
            Chore("clock", self._days.look, 2.0),
            Chore("machine", care.look, 10.0),
            Chore("inboxes", overflow.look, 60.0),
            Chore("news", self.news.step, 60.0, 60.0),
            Chore("log", self._house.rest, 300.0, 120.0),
            Chore("old records", self._house.tidy, 3600.0, 600.0),
            Chore("copy", self._house.copy_nightly, 60.0),
        ])  # fmt: skip

    def _connect(self) -> None:
        """What can only be told once everything is there."""
        self._sections["records"] = self.persist.told
        self._sections["sound"] = self.heard.told
        self._sections |= self._outside.sections
        self.news.listeners += [self.persist.heard, self._actuator.heard]
        if self._telling is not None:
            self._sections["broker"] = self._telling.told
            self.news.listeners.append(self._telling.heard)
        self.ledger.set_right = self._set_right
        self.persist.take_over_books(self.ledger, empty_carried=self.config.site.empty_at_day_start)

    def _set_right(self, inside: int) -> None:
        """How many are inside was changed by no crossing: rules want to know."""
        now_s = self._clock.monotonic_s()
        for sink in self._sinks():
            sink.take([Happening("", OccupancyChanged(now_s, inside), now_s, now_s)])

    def _apply(self, config: Config) -> None:
        """Take into use what can change at run time."""
        self.config = config
        self.heard.change(config)
        self._days.habits = day_habits(config)
        self._house.habits = habits(config)
        self._outside.change(config)
        if self._screen is not None:
            self._screen.limit = config.display.limit
        store = self.persist.store
        if store is not None:
            store.set_calendar(calendar(config))
        self._actuator.change(config)


class _Later:
    """Passes events on to a sink that is made later, or never."""

    def __init__(self, sink: Callable[[], Sink | None]) -> None:
        self._sink = sink

    def take(self, happenings: Sequence[Happening]) -> None:
        """Pass them on."""
        sink = self._sink()
        if sink is not None:
            sink.take(happenings)
