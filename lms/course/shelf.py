"""A shelf of things that never change: the ones used last stay in memory, the others are fetched again."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")


class Shelf(Generic[Key, Thing]):
    """Holds things of a process up to `size` together, each of the weight given with it; safe for its threads."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._things: OrderedDict[Key, tuple[Thing, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def find(self, key: Key) -> Thing | None:
        """The thing, if it stands here."""
        with self._lock:
            if key not in self._things:
                return None
            self._things.move_to_end(key)
            return self._things[key][0]

    def put(self, key: Key, thing: Thing, weight: int = 1) -> Thing:
        """Keep the thing; what was not used for longest goes, and a thing that is heavier than the shelf at once."""
        with self._lock:
            _, before = self._things.pop(key, (None, 0))
            self._things[key] = (thing, weight)
            self._weight += weight - before
            while self._weight > self.size:
                _, (_, gone) = self._things.popitem(last=False)
                self._weight -= gone
        return thing
