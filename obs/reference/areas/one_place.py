"""Define a territory that is one place: a city or a county whose data name no part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from obs.errors import CodeError
from obs.locale import languages
from obs.reference.areas.unit_files import level_names
from obs.reference.territory import Territory, make_territory

__all__ = ["OnePlace"]


@dataclass(frozen=True, eq=False)
class OnePlace:
    """The one place of a territory without units.

    Attributes
    ----------
    level, code : str
        Its level ("city") and its code.
    name : dict of str
        Its name by language.
    level_words : dict of dict
        For a level that is not in the codelist "levels": name_fr, name_fr_plural, ...
    names : dict of str
        Further names of it = its code.
    """

    level: str
    code: str
    name: dict[str, str]
    level_words: dict[str, dict[str, str]]
    names: Mapping[str, str] = field(default_factory=dict)

    def territory(self, name: str) -> Territory:
        """Make the territory: one unit, at one level.

        Raises `CodeError` if a further name is of another code.

        Examples
        --------
        >>> OnePlace("city", "09", {"en": "Mexico City"}, {}).territory("mexico_city")
        Territory('mexico_city': 1 city)
        """
        strange = sorted({code for code in self.names.values() if code != self.code})
        if strange:
            raise CodeError(
                f"[territory.names] of the observatory has codes of no unit: "
                f"{', '.join(strange[:5])}. Its one place is '{self.code}' ([territory.top])."
            )
        first = next(iter(self.name.values()))
        unit = {"code": self.code, "level": self.level, "parent": None}
        unit |= {f"name_{lang}": self.name.get(lang, first) for lang in languages()}
        names = {"alias": [*self.names], "code": [*self.names.values()]}
        return make_territory(
            pd.DataFrame([unit]).astype("str"),
            name=name,
            levels=(self.level,),
            aliases=pd.DataFrame(names, dtype="str"),
            level_names=level_names((self.level,), self.level_words),
        )
