"""Browsers that want to be told: who asked, of what; and telling them."""

from __future__ import annotations

import json
from threading import Lock
from typing import TYPE_CHECKING

from edge.core.errors import AcmError, InputError
from edge.core.timekeeping import to_ms
from edge.host.whole_file import write_private
from edge.integrations.web_push import PUBLIC, Subscriber, fresh_key, public_key, refuse_unfit, send
from edge.panel.telling.kinds import Kind
from edge.panel.telling.posts import Post, Posts
from edge.storage.panel.written import Push

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from edge.core.clock import Clock
    from edge.integrations.web_push import Answer, Reach
    from edge.panel.telling.kinds import News
    from edge.panel.words import Languages, Words
    from edge.storage.panel.store import PanelStore

# Phones and computers of one person, and of a whole shop.
MOST_OF_ONE, MOST_OF_ALL = 10, 200
LONGEST_DEVICE = 120
KEY = "push.pem"
TRIED = "test"
TRIED_S = 300.0
LONGEST_SAID = 300


class Pushing:
    """Keeps who wants to be told, and tells them. Every method may be called from any thread; sending takes a while.

    ``site`` is what messages are headed by; ``contact`` whom a push service may ask. ``reach``: which push services may
    be spoken to.
    """

    def __init__(  # noqa: PLR0913 - who is told, in what words, and by whom
        self, store: PanelStore, languages: Languages, clock: Clock, *, site: Callable[[], str],
        contact: Callable[[], str], reach: Reach = PUBLIC,
    ) -> None:  # fmt: skip
        self._store, self._languages, self._clock = store, languages, clock
        self._site, self._contact, self._reach = site, contact, reach
        self._lock = Lock()
        self._posts = Posts()

    @property
    def public_key(self) -> str:
        """What a browser has to be told before it asks."""
        return public_key(self._key())

    def of(self, user: int) -> list[Push]:
        """The browsers of a user."""
        return [push for push in self._store.pushes.all() if push.user == user]

    def ask(
        self, user: int, asked: Mapping[str, object], wants: Collection[Kind], language: str, device: str
    ) -> Push:
        """A browser asks to be told, or of other things than before. ``asked`` is what browsers call a subscription.

        Raises ``InputError`` for what is none.
        """
        subscriber = _subscriber(asked)
        refuse_unfit(subscriber, self._reach)
        every = [push for push in self._store.pushes.all() if push.endpoint != subscriber.endpoint]
        if len(every) >= MOST_OF_ALL:
            raise InputError(f"{MOST_OF_ALL} browsers are told already; end it in some of them first.")
        for oldest in [push for push in every if push.user == user][: -(MOST_OF_ONE - 1)]:
            self.end(oldest.endpoint)
        keys = {"p256dh": subscriber.p256dh, "auth": subscriber.auth}
        push = Push(subscriber.endpoint, user, keys, frozenset(kind.value for kind in wants), language,
                    device[:LONGEST_DEVICE], to_ms(self._clock.utc_now()))  # fmt: skip
        self._store.pushes.add(push)
        return push

    def end(self, endpoint: str) -> None:
        """A browser wants to be told no more."""
        self._posts.forget(endpoint)
        self._store.pushes.remove(endpoint)

    def tell(self, news: News) -> int:
        """Have everybody told who wants to know of that; return how many that are."""
        wanted = [push for push in self._known() if news.kind.value in push.wants]
        ends_s = self._clock.monotonic_s() + news.lasts_s
        for push in wanted:
            payload = self._written(push, news.kind.value, news.says, news.page)
            self._posts.add(Post(push.endpoint, news.kind.value, payload, ends_s, news.urgent))
        return len(wanted)

    def try_it(self, push: Push, says: Callable[[Words], str]) -> Answer:
        """Send a message at once. ``PushError`` if the service cannot be reached."""
        payload = self._written(push, TRIED, says, "/notices")
        answer = self._sent(push, payload, TRIED_S, urgent=True)
        if answer.gone:
            self.end(push.endpoint)
        return answer

    def step(self) -> None:
        """Send what is due."""
        known = {push.endpoint: push for push in self._known()}
        now_s = self._clock.monotonic_s()
        for post in self._posts.due(now_s):
            push = known.get(post.endpoint)
            if push is None:
                self._posts.forget(post.endpoint)
                continue
            try:
                answer = self._sent(push, post.payload, post.ends_s - now_s, urgent=post.urgent)
            except AcmError:
                # Not reached, or not to be reached: later, until it is not worth telling any more.
                self._posts.answered(post, None, now_s)
                continue
            self._posts.answered(post, answer, now_s)
            if answer.gone:
                self.end(post.endpoint)

    def _known(self) -> list[Push]:
        """Browsers of those who may still sign in; the others are forgotten."""
        users = {user.id for user in self._store.users.all()}
        every = self._store.pushes.all()
        for push in every:
            if push.user not in users:
                self.end(push.endpoint)
        return [push for push in every if push.user in users]

    def _sent(self, push: Push, payload: bytes, lasts_s: float, *, urgent: bool) -> Answer:
        subscriber = Subscriber(push.endpoint, push.keys["p256dh"], push.keys["auth"])
        return send(subscriber, payload, self._key(), clock=self._clock, contact=self._contact(),
                    ttl_s=max(1, int(lasts_s)), urgent=urgent, reach=self._reach)  # fmt: skip

    def _written(self, push: Push, kind: str, says: Callable[[Words], str], page: str) -> bytes:
        said = says(self._languages.get(push.language))
        return json.dumps(
            {"title": self._site(), "body": said[:LONGEST_SAID], "page": page, "kind": kind}, ensure_ascii=False
        ).encode()

    def _key(self) -> bytes:
        """The box's own key, made when it is first needed; nobody else may read it."""
        path: Path = self._store.file.path.parent / KEY
        with self._lock:
            if not path.exists():
                write_private(path, fresh_key())
            return path.read_bytes()


def wishes(told: Iterable[object]) -> frozenset[Kind]:
    """Of what somebody wants to be told. ``InputError`` for what there is not."""
    known = {kind.value: kind for kind in Kind}
    try:
        return frozenset(known[str(word)] for word in told)
    except KeyError as error:
        raise InputError(f"Nobody can be told of {error}; there are {', '.join(known)}.") from None


def _subscriber(asked: Mapping[str, object]) -> Subscriber:
    keys = asked.get("keys")
    if not isinstance(keys, dict):
        raise InputError("This browser did not say how it can be told.")
    told = (asked.get("endpoint"), keys.get("p256dh"), keys.get("auth"))
    if not all(isinstance(one, str) for one in told):
        raise InputError("This browser did not say how it can be told.")
    return Subscriber(*(str(one) for one in told))
