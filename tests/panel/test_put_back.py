"""A copy of the records put back from the panel: by owners only, looked over, taken by a real counter."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from daemon_kit import Daemon
from panel.box import Box, Browser, box
from panel.kit import shop_settings
from storage_kit import Box as Recorder
from storage_kit import visit

from edge.core.errors import InputError
from edge.panel.actions import NotAllowedError
from edge.panel.actions_restore import PART, Restoring
from edge.panel.auth.rights import Role
from edge.panel.auth.visitor import Visitor
from edge.storage.restoring import REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

PATH = "/manage/files/restore"


def recorded(path: Path, people: int) -> None:
    recorder = Recorder(path)
    store = recorder.start()
    recorder.wait(86_400.0)
    store.append([row for n in range(people) for row in visit(100.0 + 1000.0 * n, 600.0)])
    recorder.stop()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Box]:
    """A box whose copy has two visits and whose records have three."""
    recorded(tmp_path / "records.db", 2)
    shutil.copyfile(tmp_path / "records.db", tmp_path / "records.db.copy")
    with closing(sqlite3.connect(tmp_path / "records.db")) as link, link:
        link.execute("INSERT INTO crossing SELECT seq + 100, at_ms + 9000000, line, direction FROM crossing LIMIT 2")
    with box(tmp_path) as shop:
        yield shop


def owner(shop: Box, name: str = "Ada", role: Role = Role.OWNER) -> Visitor:
    shop.user(name, role)
    return Visitor(name, role.rights, "here", shop.panel.store.users.named(name))


def sent(shop: Box, browser: Browser, data: bytes, csrf: str | None = None) -> httpx.Response:
    headers = {"X-CSRF-Token": shop.csrf(browser) if csrf is None else csrf}
    return browser.post(PATH, content=data, headers=headers)


def test_the_nightly_copy_is_looked_over_and_left_for_the_counter(shop: Box, tmp_path: Path) -> None:
    ada, restoring = owner(shop), Restoring(shop.panel)
    assert restoring.offered is None
    told = asyncio.run(restoring.offer_nightly(ada))
    assert (told.copy.crossings, told.crossings, told.same) == (4, 2, True)
    assert restoring.offered == (told, "nightly")
    assert not asyncio.run(restoring.restore(ada)), "the counter is not there: it takes it when it is started"
    assert (tmp_path / REQUEST).read_bytes() == (tmp_path / "records.db.copy").read_bytes()
    assert restoring.offered is None
    (change,) = shop.panel.store.audit.latest(1)
    assert (change.what, change.who, change.detail["source"], change.detail["lost"]) == (
        "records-restored", "Ada", "nightly", 2,
    )  # fmt: skip
    with pytest.raises(InputError, match="No copy was chosen"):
        asyncio.run(restoring.restore(ada))


def test_only_an_owner_may_and_only_from_a_page_of_ours(shop: Box, tmp_path: Path) -> None:
    tim, data = owner(shop, "Tim", Role.TECHNICIAN), (tmp_path / "records.db.copy").read_bytes()
    restoring = Restoring(shop.panel)
    for work in (restoring.offer_nightly(tim), restoring.restore(tim), restoring.drop(tim)):
        with pytest.raises(NotAllowedError):
            asyncio.run(work)  # type: ignore[arg-type]
    technician, ada = shop.signed_in("Tom", Role.TECHNICIAN), shop.signed_in("Ada")
    assert sent(shop, technician, data).status_code == 403
    assert sent(shop, ada, data, csrf="guessed").status_code == 403
    assert shop.token("read", "settings").post(PATH, content=data).status_code == 401
    assert not (tmp_path / PART).exists()
    assert sent(shop, ada, data).status_code == 200
    assert Restoring(shop.panel).offered is not None


def test_what_is_uploaded_is_looked_over_and_nothing_bad_stays(shop: Box, tmp_path: Path) -> None:
    ada = shop.signed_in("Ada")
    for bad, why in ((b"", "at most"), (b"SQLite format 3\0" + b"x" * 5000, "damaged"), (b"[site]\n" * 99, "database")):
        answer = sent(shop, ada, bad)
        assert answer.status_code == 400
        assert why in answer.text
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("restore")] == []
    assert sent(shop, ada, (tmp_path / "records.db.copy").read_bytes()).status_code == 200
    visitor = owner(shop, "Bea")
    asyncio.run(Restoring(shop.panel).drop(visitor))
    assert not (tmp_path / PART).exists()

    async def short() -> None:
        async def parts() -> object:
            yield b"half"

        await Restoring(shop.panel).offer(visitor, parts(), 8)  # type: ignore[arg-type]

    with pytest.raises(InputError, match="whole"):
        asyncio.run(short())
    (tmp_path / "records.db.copy").unlink()
    with pytest.raises(InputError, match="no nightly copy"):
        asyncio.run(Restoring(shop.panel).offer_nightly(visitor))
    recorded(tmp_path / "records.db.copy", 1)
    (tmp_path / "records.db").write_bytes(b"broken")
    told = asyncio.run(Restoring(shop.panel).offer_nightly(visitor))
    assert told.now is None, "records that cannot be read can be replaced"


def test_a_real_counter_starts_anew_with_the_copy(tmp_path: Path) -> None:
    with Daemon(tmp_path, shop_settings(people=1.0)) as daemon:
        daemon.state.mkdir(exist_ok=True)
        recorded(daemon.state / "records.db", 3)
        recorded(tmp_path / "copy.db", 5)
        daemon.start()
        shutil.copyfile(tmp_path / "copy.db", daemon.state / REQUEST)
        assert daemon.ask("restart")["ok"]
        assert daemon.process is not None
        assert daemon.process.wait(20.0) == 1, "which the service manager starts again"
        daemon.start()
        assert not (daemon.state / REQUEST).exists()
        with closing(sqlite3.connect(daemon.state / "records.db.before")) as link:
            assert link.execute("SELECT count(*) FROM crossing").fetchone()[0] >= 6
        daemon.stop()
        with closing(sqlite3.connect(daemon.state / "records.db")) as link:
            assert link.execute("SELECT count(*) FROM crossing").fetchone()[0] >= 10
            told = link.execute("SELECT count(*) FROM notice WHERE event = 'records-restored'").fetchone()[0]
        assert told == 1
