"""Ends of routes that are asked about often: the way from each to every corner, found once.

The first questions about an end are searched lazily (`_kernels.search`). An end met in several routes that bend (the
other end moves under a hand on the map, a batch between a few dozen airports) gets its tree of shortest ways to all
corners, and from then on a route to or from it costs only a look at the corners in sight of the other end. The
answers are the same.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from longreach.geodesy import Floats

OFTEN = 6  # routes that bend, after which an end gets its tree
LARGEST = 64 * 2**20  # bytes of trees kept for a set of closures
MOST_COUNTED = 20_000  # ends
Ray = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Tree:
    """The shortest ways from an end to all corners (see `_tree_kernels`)."""

    end: Ray
    reach: Floats
    came: Any
    low: Floats

    @property
    def size(self) -> int:
        return int(self.reach.nbytes + self.came.nbytes + self.low.nbytes)


@dataclass(slots=True)
class Often:
    """How often each end was met over one set of rings, and the trees of those met often; safe between threads."""

    relaxed: bool
    met: Counter[Ray] = field(default_factory=Counter)
    trees: OrderedDict[Ray, Tree] = field(default_factory=OrderedDict)
    held: int = 0
    lock: Any = field(default_factory=threading.Lock)

    def search(self, net: Any, a: Ray, b: Ray, limit: float) -> tuple[float, Any]:
        """What `_kernels.search` answers: (metres, corners from a to b)."""
        from longreach.route import _kernels as kernels
        from longreach.route import _tree_kernels as trees

        tree = self._known(a, b)
        if tree is None and (end := self._due(a, b)) is not None:
            tree = self._grown(net, end)
        if tree is None:
            length, nodes = kernels.search(net, *a, *b, limit, self.relaxed)
            if nodes.size:
                self._count(a, b)
            return length, nodes
        other = b if tree.end == a else a
        length, nodes = trees.search_from(
            net, tree.reach, tree.came, tree.low, *tree.end, *other, limit, self.relaxed
        )
        return length, nodes if tree.end == a else nodes[::-1]

    def _known(self, a: Ray, b: Ray) -> Tree | None:
        with self.lock:
            for end in (a, b):
                tree = self.trees.get(end)
                if tree is not None:
                    self.trees.move_to_end(end)
                    return tree
        return None

    def _due(self, a: Ray, b: Ray) -> Ray | None:
        """The end that was met often enough, if either was; only one thread is told so."""
        with self.lock:
            for end in (a, b):
                if self.met[end] >= OFTEN:
                    self.met[end] = 0
                    return end
        return None

    def _count(self, a: Ray, b: Ray) -> None:
        with self.lock:
            if len(self.met) > MOST_COUNTED:
                self.met.clear()
            self.met[a] += 1
            self.met[b] += 1

    def _grown(self, net: Any, end: Ray) -> Tree:
        from longreach.route import _tree_kernels as trees

        nodes, metres = trees.fan(net, *end, np.inf, self.relaxed)
        reach, came = trees.tree(net, nodes, metres)
        tree = Tree(end, reach, came, trees.least_of_balls(reach, net.ball_begin))
        with self.lock:
            self.trees[end] = tree
            self.held += tree.size
            while self.held > LARGEST and len(self.trees) > 1:
                self.held -= self.trees.popitem(last=False)[1].size
        return tree
