"""A shelf of things that never change: the ones used last stay in memory, the others are fetched again."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")


class Shelf(Generic[Key, Thing]):
    """Holds up to `size` things of a process; safe for its threads."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._things: OrderedDict[Key, Thing] = OrderedDict()
        self._lock = Lock()

    def find(self, key: Key) -> Thing | None:
        """The thing, if it stands here."""
        with self._lock:
            if key not in self._things:
                return None
            self._things.move_to_end(key)
            return self._things[key]

    def put(self, key: Key, thing: Thing) -> Thing:
        """Keep the thing; what was not used for longest goes."""
        with self._lock:
            self._things[key] = thing
            self._things.move_to_end(key)
            while len(self._things) > self.size:
                self._things.popitem(last=False)
        return thing
