"""Nothing in `obs` is imported by tests alone: it is in reach, listed with its use, or in the lab."""

import re

from tests.reachability import ROOT, reached, read_modules, resolve, unreached


def listed() -> dict[str, set[str]]:
    text = (ROOT / "docs" / "lab.md").read_text(encoding="utf-8").split("## Kernels")[0]
    rows = re.findall(r"^\| `(obs\.[\w.]+)` \| (.*?) \|", text, flags=re.M)
    return {module: set(re.findall(r"`(\w+)`", names)) for module, names in rows}


def test_what_nothing_reaches_is_listed_with_the_publication_that_will_use_it():
    public = {
        module: {name for name in names if not name.startswith("_")}
        for module, names in unreached().items()
    }
    assert {module: names for module, names in public.items() if names} == listed()


def test_a_name_passed_on_by_an_init_is_followed_to_its_definition():
    modules = read_modules()
    assert resolve("obs.compute", modules) == [("obs.indicators.compute", "compute")]
    assert resolve("obs.render", modules) == [("obs.report.edition.publish", "render")]
    seen = reached(modules, {("obs.indicators.compute", "compute")})
    assert ("obs.indicators.count.from_events", "count_from_events") in seen
    assert ("obs.report.edition.publish", "render") not in seen
