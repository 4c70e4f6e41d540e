"""What the bench of cleaning compares with: the same work in pandas, Polars and DuckDB, as one would write it.

Frozen: a faster way of writing one of them goes here only together with a new run of all.

Each reads the deliveries as texts, reads the days, matches each distinct place by the rules of `obs`, maps
the codes, sets aside hostile texts and impossible days, merges versions, and writes what is left as Apache
Parquet. With screening, each also searches the distinct texts of every column for what looks like personal
data and has Python judge these, as `obs` does. None of them gives a reason for a row, an account of a
file or its coverage.
"""

from pathlib import Path

import duckdb
import pandas as pd
import polars as pl

from obs.clean import load_profile
from obs.clean.read.personal_data import SUSPECT, WHEN, personal_kind
from obs.reference import match_territory

__all__ = ["PEERS"]

PROFILE = load_profile("obs_sample")
CODES = {entry.conditions["offence"]: entry.outcome["phenomenon"] for entry in PROFILE.offences}
NAMES = {
    "FEITNUMMER": "event_id",
    "DATUM_FEIT": "event_date",
    "DATUM_PV": "report_date",
    "GEMEENTE": "territory",
    "FEITCODE": "offence",
    "VERSIE": "version",
    "DATUM_EXTRACTIE": "extracted",
}
HOSTILE = r"<[A-Za-z/!?]|^[=@]"
TEXTS = ["OMSCHRIJVING", "PLAATS"]
CONTENT = [
    *("DATUM_FEIT", "UUR_FEIT", "DATUM_PV", "GEMEENTE", "FEITCODE", "OMSCHRIJVING", "POGING"),
    *("VORM_IFG", "RELATIE_IFG", "PLAATS", "GESLACHT_SLACHTOFFER", "LEEFTIJD_SLACHTOFFER"),
    *("GESLACHT_VERDACHTE", "LEEFTIJD_VERDACHTE"),
]


def places_of(texts: pd.Series) -> dict[str, str | None]:
    """Match each distinct place once, by the rules of `obs`."""
    distinct = texts.dropna().drop_duplicates()
    codes = match_territory(distinct)
    return {
        text: None if pd.isna(code) else code for text, code in zip(distinct, codes, strict=True)
    }


def screened(texts: list[str]) -> int:
    """Count the texts that hold personal data, of those that look as if."""
    return sum(personal_kind(text) is not None for text in texts)


def by_pandas(paths: list[Path], out: Path, *, screen: bool) -> int:
    """Clean with pandas and its pyarrow reader."""
    table = pd.concat([pd.read_csv(p, sep=";", dtype="str", engine="pyarrow") for p in paths])
    if screen:
        for name in table:
            distinct = table[name].dropna().drop_duplicates()
            distinct = distinct.astype("str")
            suspect = distinct[distinct.str.contains(SUSPECT, regex=True)]
            screened(suspect[~suspect.str.contains(WHEN, regex=True)].tolist())
    hostile = table[TEXTS[0]].str.contains(HOSTILE, na=False)
    hostile |= table[TEXTS[1]].str.contains(HOSTILE, na=False)
    content = table[CONTENT].fillna("").sum(axis=1)
    table = table.rename(columns=NAMES)[[*NAMES.values()]].assign(content=content)[~hostile]
    for name in ("event_date", "report_date", "extracted"):
        table[name] = pd.to_datetime(table[name], format="%d/%m/%Y", errors="coerce").fillna(
            pd.to_datetime(table[name], format="%Y-%m-%d", errors="coerce")
        )
    table["territory"] = table["territory"].map(places_of(table["territory"]))
    table["phenomenon"] = table["offence"].map(CODES)
    good = table[["event_id", "event_date", "territory", "phenomenon"]].notna().all(axis=1)
    good &= ~(table["event_date"] > table["extracted"])
    good &= ~(table["report_date"] < table["event_date"])
    table = table[good & ~(table["report_date"] > table["extracted"])]
    last = table["version"] == table.groupby("event_id")["version"].transform("max")
    tops = table[last].drop_duplicates(["event_id", "content"])
    kept = tops[~tops["event_id"].duplicated(keep=False)]
    kept.drop(columns="content").to_parquet(out / "pandas.parquet", compression="zstd", index=False)
    return len(kept)


def by_polars(paths: list[Path], out: Path, *, screen: bool) -> int:
    """Clean with Polars, on one thread as all of them."""
    table = pl.concat([pl.read_csv(p, separator=";", infer_schema=False) for p in paths])
    if screen:
        for name in table.columns:
            distinct = table.get_column(name).drop_nulls().unique()
            suspect = distinct.filter(distinct.str.contains(SUSPECT))
            screened(suspect.filter(~suspect.str.contains(WHEN)).to_list())
    places = places_of(table.get_column("GEMEENTE").unique().to_pandas())

    def day(name: str) -> pl.Expr:
        slashed = pl.col(name).str.to_date("%d/%m/%Y", strict=False)
        return pl.coalesce(slashed, pl.col(name).str.to_date("%Y-%m-%d", strict=False))

    hostile = pl.any_horizontal(pl.col(n).fill_null("").str.contains(HOSTILE) for n in TEXTS)
    kept = (
        table.lazy()
        .filter(~hostile)
        .with_columns(content=pl.concat_str(CONTENT, separator="\x1f", ignore_nulls=True))
        .with_columns(day(n) for n in ("DATUM_FEIT", "DATUM_PV", "DATUM_EXTRACTIE"))
        .rename(NAMES)
        .select([*NAMES.values(), "content"])
        .with_columns(
            pl.col("territory").replace_strict(places, default=None),
            pl.col("offence").replace_strict(CODES, default=None).alias("phenomenon"),
        )
        .drop_nulls(["event_id", "event_date", "territory", "phenomenon"])
        .filter(
            (pl.col("event_date") <= pl.col("extracted"))
            & (pl.col("report_date") >= pl.col("event_date")).fill_null(value=True)
            & (pl.col("report_date") <= pl.col("extracted")).fill_null(value=True)
        )
        .filter(pl.col("version") == pl.col("version").max().over("event_id"))
        .unique(["event_id", "content"], keep="first")
        .filter(pl.len().over("event_id") == 1)
        .drop("content")
        .collect()
    )
    kept.write_parquet(out / "polars.parquet", compression="zstd")
    return len(kept)


def by_duckdb(paths: list[Path], out: Path, *, screen: bool) -> int:
    """Clean with DuckDB, on one thread as all of them."""
    base = duckdb.connect(config={"threads": 1})
    files = ", ".join(f"'{path}'" for path in paths)
    base.sql(
        f"create table delivered as select * from read_csv([{files}], delim=';', all_varchar=true)"
    )
    if screen:
        for name in base.table("delivered").columns:
            found = base.execute(
                f"select text from (select distinct {name} as text from delivered) "
                "where regexp_matches(text, ?) and not regexp_matches(text, ?)",
                [SUSPECT, WHEN],
            )
            screened([text for (text,) in found.fetchall()])
    texts = base.sql("select distinct GEMEENTE from delivered where GEMEENTE is not null").df()
    known = pd.DataFrame(places_of(texts["GEMEENTE"]).items(), columns=["text", "territory"])
    codes = pd.DataFrame(CODES.items(), columns=["offence", "phenomenon"])
    base.register("known", known)
    base.register("codes", codes)
    days = ", ".join(
        f"coalesce(try_strptime({n}, '%d/%m/%Y'), try_strptime({n}, '%Y-%m-%d')) as {NAMES[n]}"
        for n in ("DATUM_FEIT", "DATUM_PV", "DATUM_EXTRACTIE")
    )
    hostile = " or ".join(f"regexp_matches(coalesce({n}, ''), '{HOSTILE}')" for n in TEXTS)
    base.sql(f"""
        create table kept as
        with read as (
            select FEITNUMMER as event_id, {days}, known.territory, codes.offence,
                codes.phenomenon, VERSIE as version, concat_ws('\x1f', {", ".join(CONTENT)}) as content
            from delivered
            join known on known.text = GEMEENTE and known.territory is not null
            join codes on codes.offence = FEITCODE
            where not ({hostile}) and FEITNUMMER is not null
        ), good as (
            select *, max(version) over (partition by event_id) as latest from read
            where event_date <= extracted and coalesce(report_date >= event_date, true)
                and coalesce(report_date <= extracted, true)
        ), tops as (select distinct on (event_id, content) * from good where version = latest)
        select * exclude (content, latest) from tops
        qualify count(*) over (partition by event_id) = 1
    """)
    base.sql(f"copy kept to '{out / 'duckdb.parquet'}' (format parquet, compression zstd)")
    return int(base.sql("select count(*) from kept").fetchall()[0][0])


PEERS = {"pandas": by_pandas, "polars": by_polars, "duckdb": by_duckdb}
