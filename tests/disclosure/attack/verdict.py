"""Count what an attacker makes of a release: figures recovered, and intervals too narrow."""

from dataclasses import dataclass

from tests.disclosure.attack.linear_reader import ALMOST, Knowledge


@dataclass
class Found:
    """How many figures are withheld, recovered, and narrower than their rule allows."""

    withheld: int = 0
    recovered: tuple = ()
    narrow: tuple = ()

    def __add__(self, other):
        return Found(
            self.withheld + other.withheld,
            self.recovered + other.recovered,
            self.narrow + other.narrow,
        )

    def __str__(self):
        return (
            f"{self.withheld} withheld, {len(self.recovered)} recovered, "
            f"{len(self.narrow)} too narrow"
        )


def knowledge_of(figures):
    """Give what every reader has: what is shown, and that a withheld count is no zero shown."""
    least = {
        c: float(figures.rule[c].floor) for c, s in figures.status.items() if "source" not in s
    }
    return Knowledge(dict(figures.shown), least)


def judge(knowledge, figures):
    """Bound each withheld figure that some table asks to show."""
    recovered, narrow = [], []
    for cell in figures.status:
        low = high = knowledge.known.get(cell)  # one table withholds what another shows
        if low is None:
            low, high = knowledge.bounds(cell)
        if high - low < 1 - ALMOST:
            recovered.append((cell, figures.truth[cell]))
        elif _sensitive(figures, cell) and not _wide_enough(knowledge, figures, cell, low, high):
            narrow.append((cell, figures.truth[cell], low, high))
    return Found(len(figures.status), tuple(recovered), tuple(narrow))


def _sensitive(figures, cell):
    return figures.status[cell] == "suppressed_primary" and figures.rule[cell].margin == 0


def _wide_enough(knowledge, figures, cell, low, high):
    rule = figures.rule[cell]
    if high < rule.cover - ALMOST:
        return False
    if low <= rule.floor + ALMOST:
        return True
    zero = {c for c, v in knowledge.known.items() if v == 0}
    others = knowledge.forget(set(knowledge.known) - zero)
    return low <= others.bounds(cell)[0] + ALMOST  # what other counts impose, if none is shown
