"""Makes src/moonlock/analytics/prices.json from two public price tables; see docs/decisions/0005-prices.md.

genai-prices gives rates, dates and long-context rates; litellm's table (fetch_litellm.py takes it out of its wheel)
fills the models that are missing there, the regional Bedrock names, US geography, batch and fast factors. Run it with
``uv run --group prices python scripts/update_prices.py``, read what it prints, and run the tests.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from moonlock.analytics.prices import PriceTable, spelling

TARGET = Path(__file__).parents[1] / "src" / "moonlock" / "analytics" / "prices.json"
NOTE = (
    "USD per million tokens, list prices. Rates hold from the beginning; `periods` replace them from a day (UTC) on. "
    "longContext replaces all rates of a request whose input + cache writes + cache reads are above the threshold; "
    "fast, geoUs and batch multiply. Made by scripts/update_prices.py: do not edit."
)
RATES = {
    "input": ("input_mtok", "input_cost_per_token"),
    "output": ("output_mtok", "output_cost_per_token"),
    "cacheWrite5m": ("cache_write_mtok", "cache_creation_input_token_cost"),
    "cacheWrite1h": ("cache_write_1h_mtok", "cache_creation_input_token_cost_above_1hr"),
    "cacheRead": ("cache_read_mtok", "cache_read_input_token_cost"),
}
WANTED = {  # genai-prices' provider: litellm's provider, the models that coding agents use
    "anthropic": ("anthropic", r"claude-(?!2|v1|instant)"),
    "openai": ("openai", r"(gpt-(4\.1|4o|5|6)|o[134]|codex-)"),
    "google": ("gemini", r"gemini-(2\.[05]|3|4)"),
    "zai": ("zai", r"glm-[4-9]"),
    "moonshotai": ("moonshot", r"kimi-k"),
    "deepseek": ("deepseek", r"deepseek-"),
    "x-ai": ("xai", r"grok-(4|build|code)"),
    "minimax": ("minimax", r"minimax-m[2-9]"),
    "mistral": ("mistral", r"(codestral|devstral|magistral)"),
}
NOT_CODING = re.compile(
    r"audio|image|realtime|tts|transcri|embed|live|search|vision|robotics|computer|omni|native|nano-banana|ocr|voice"
    r"|rosalind|lyria|veo|guard|cyber|oss|customtools|exp|beta|multi-agent|gv2|gemini.*-\d\d-\d{4}|\.ft|:"
)
REGION = re.compile(r"^(?:us|eu|apac|au|jp|us-gov)\.anthropic\.claude-")
NEW_REGIONS = ("us", "eu", "apac", "au", "jp")
"""Regions for a model that only genai-prices knows on Bedrock: it has one price for all of them."""
Shape = dict[str, object]
"""An entry of prices.json on its way there."""
KNOWN_BETTER: list[tuple[str, Shape]] = [  # what neither table says; reasons in docs/decisions/0005-prices.md
    (r"claude-(3|opus-4(-[01])?$|sonnet-4(-0)?$)", {"batch": 0.5}),
    (r"claude-(fable|mythos)-5-2$", {"geoUs": 1.1}),
    (r"claude-opus-4-[67]$", {"fast": 6}),
    (
        r"claude-sonnet-4(-0)?$",
        {
            "longContext": {
                "above": 200000, "input": 6, "output": 22.5, "cacheWrite5m": 7.5, "cacheWrite1h": 12, "cacheRead": 0.6,
            }
        },
    ),
]  # fmt: skip


def number(value: object) -> int | float:
    """A decimal as JSON writes it shortest."""
    exact = Decimal(str(value))
    return int(exact) if exact == exact.to_integral_value() else float(exact)


class Genai:
    """genai-prices as it is installed. Its classes are reached by name: it is not a dependency of the product."""

    def __init__(self) -> None:
        data = importlib.import_module("genai_prices.data")
        self.providers = {provider.id: provider for provider in data.providers}
        self.version = importlib.metadata.version("genai-prices")
        self.hash = hashlib.sha256(Path(str(data.__file__)).read_bytes()).hexdigest()

    def ids(self, provider: str) -> list[str]:
        """Its names for models, and the shorter ones that stand for ``-latest`` and ``-4-0``."""
        ids = [model.id for model in self.providers[provider].models]
        return [*ids, *(re.sub(r"(?:-latest|(?<=-4)-0)$", "", name) for name in ids)]

    def entry(self, provider: str, name: str) -> Shape | None:
        """What genai-prices says of a model, or None."""
        listed = {model.id: model for model in self.providers[provider].models}
        model = listed.get(name) or self.providers[provider].find_model(name)
        if model is None:
            return None
        found = model.prices if isinstance(model.prices, list) else None
        dated = [(one.constraint, one.prices) for one in found] if found else [(None, model.prices)]
        since = [getattr(constraint, "start_date", None) for constraint, _ in dated[1:]]
        rates = [self.rates(prices) for _, prices in dated]
        if None in since or not all(rates):
            return None  # also what is dearer by day than by night (DeepSeek): more than the format holds
        factors = self.factors(model, dated[-1][1])
        periods = [{"from": str(day), **later, **factors} for day, later in zip(since, rates[1:], strict=True)]
        return {**rates[0], **factors, **({"periods": periods} if periods else {})}

    @staticmethod
    def rates(prices: object) -> Shape:
        """All rates of one price, with those above the threshold if it has one."""
        known: Mapping[str, Any] = {key: getattr(prices, names[0], None) for key, names in RATES.items()}
        if known["input"] is None or known["output"] is None:
            return {}
        tiers = {key: rate for key, rate in known.items() if hasattr(rate, "tiers")}
        assert all(len(rate.tiers) == 1 for rate in tiers.values()), "one threshold is all that the format holds"
        shape = complete({key: getattr(rate, "base", rate) for key, rate in known.items()})
        if tiers:
            above = {rate.tiers[0].start for rate in tiers.values()}
            high = complete({key: rate.tiers[0].price if key in tiers else rate for key, rate in known.items()})
            shape["longContext"] = {"above": int(min(above)), **high}
        return shape

    @staticmethod
    def factors(model: object, prices: object) -> Shape:
        """How many times dearer batch and fast are; the day on which a table first listed them is left out."""
        shape: Shape = {}
        for variant in getattr(model, "price_variants", None) or []:
            for key, when in (("batch", {"processing": "batch"}), ("fast", {"speed": "fast"})):
                if variant.when == when:
                    pairs = [(base(variant.prices, name), base(prices, name)) for name in ("input_mtok", "output_mtok")]
                    times = {theirs / plain for theirs, plain in pairs if theirs and plain}
                    shape |= {key: number(times.pop())} if len(times) == 1 else {}
        return shape


def base(prices: object, name: str) -> Decimal:
    rate = getattr(prices, name, None) or 0
    return Decimal(getattr(rate, "base", rate))


def complete(rates: Mapping[str, object]) -> Shape:
    """All five rates. Reading without a price costs as input does, writing without a price is free."""
    write = rates["cacheWrite5m"] or 0
    whole = {
        **rates,
        "cacheWrite5m": write,
        "cacheWrite1h": rates["cacheWrite1h"] or write,
        "cacheRead": rates["input"] if rates["cacheRead"] is None else rates["cacheRead"],
    }
    return {key: number(value) for key, value in whole.items()}


class Litellm:
    """litellm's newest table, taken out of its wheel by fetch_litellm.py."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            table = Path(folder) / "litellm.json"
            command = [sys.executable, str(Path(__file__).with_name("fetch_litellm.py")), str(table)]
            wheel = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
            data = table.read_bytes()
        self.version = wheel.split("-")[1]
        self.hash = hashlib.sha256(data).hexdigest()
        self.models: dict[str, dict[str, object]] = msgspec.json.decode(data, type=dict[str, dict[str, object]])

    def names(self, provider: str) -> list[str]:
        return [
            name
            for name, found in self.models.items()
            if found.get("litellm_provider") == provider and found.get("mode") in ("chat", "responses")
        ]

    def entry(self, name: str) -> Shape | None:
        """What litellm says of a model, or None."""
        found = self.models[name]
        if not found.get("input_cost_per_token") or not found.get("output_cost_per_token"):
            return None
        shape = complete({key: per_million(found.get(names[1])) for key, names in RATES.items()})
        above = re.search(r"input_cost_per_token_above_(\d+)k_tokens\b(?!_)", " ".join(found))
        if above is not None:
            suffix = f"_above_{above[1]}k_tokens"
            high = {key: per_million(found.get(names[1] + suffix)) for key, names in RATES.items()}
            high["output"] = high["output"] or Decimal(str(shape["output"]))
            shape["longContext"] = {"above": int(above[1]) * 1000, **complete(high)}
        return {**shape, **self.factors(name)}

    def factors(self, name: str) -> Shape:
        found = self.models[name]
        shape: Shape = {}
        special = found.get("provider_specific_entry")
        for key, theirs in (("geoUs", "us"), ("fast", "fast")):
            if isinstance(special, dict) and theirs in special:
                shape[key] = number(special[theirs])
        batch, plain = found.get("input_cost_per_token_batches"), found.get("input_cost_per_token")
        if batch and plain:
            shape["batch"] = number(Decimal(str(batch)) / Decimal(str(plain)))
        return shape


def per_million(rate: object) -> Decimal | None:
    return None if rate is None else Decimal(str(rate)) * 10**6


def first_party(genai: Genai, litellm: Litellm) -> Iterator[tuple[str, Shape]]:
    """Every wanted model under its shortest name; a dated name of its own only where its price is another."""
    for provider, (theirs, wanted) in WANTED.items():
        spelled = {name.rpartition("/")[2]: name for name in litellm.names(theirs)}
        names = {name.lower(): name for name in (*spelled, *genai.ids(provider))}
        chosen: dict[str, Shape] = {}
        for plain in sorted(names, key=lambda name: (len(name), name)):
            if not re.match(wanted, plain) or NOT_CODING.search(plain):
                continue
            known = names[plain]
            filling = litellm.entry(spelled[known]) if known in spelled else None
            entry = genai.entry(provider, known) or filling
            if entry is None:
                continue
            factors = litellm.factors(spelled[known]) if known in spelled else {}
            better = {key: value for key, value in factors.items() if key not in entry or key == "batch"}
            entry = with_factors(better, entry)  # litellm's batch prices are of the same day as its plain ones
            undated = re.sub(r"-(\d{8}|\d{4}-\d\d-\d\d)$", "", plain)
            if chosen.get(undated) is None:
                chosen[undated] = entry
            elif plain != undated and rates_of(chosen[undated]) != rates_of(entry):
                chosen[plain] = entry
        yield from chosen.items()


def rates_of(entry: Shape) -> Shape:
    return {key: value for key, value in entry.items() if key not in ("geoUs", "fast", "batch")}


def with_factors(factors: Shape, entry: Shape) -> Shape:
    """The entry with more factors, in its later periods too."""
    periods = entry.get("periods")
    later = [{**period, **factors} for period in periods] if isinstance(periods, list) else []
    return {**entry, **factors, **({"periods": later} if later else {})}


def regional(genai: Genai, litellm: Litellm) -> Iterator[tuple[str, Shape]]:
    """Bedrock's regional names: litellm tells the regions apart, genai-prices fills models it lacks."""
    seen: set[str] = set()
    for name in sorted(name for name in litellm.models if REGION.match(name)):
        entry = litellm.entry(name)
        if entry is not None:
            region, _, model = name.partition(".anthropic.")
            seen.add(spelling(f"anthropic.{model}"))
            yield f"{region}.anthropic.{spelling(f'anthropic.{model}')}", entry
    for name in genai.ids("aws"):
        model = spelling(name.removeprefix("regional."))
        entry = genai.entry("aws", name) if name.startswith("regional.anthropic.claude-") else None
        if entry is not None and model not in seen:
            yield from ((f"{region}.anthropic.{model}", entry) for region in NEW_REGIONS)


def differences(genai: Genai, litellm: Litellm, today: date) -> Iterator[str]:
    """Where the two tables disagree about a first-party model's plain rates today."""
    for provider, (theirs, wanted) in WANTED.items():
        for name in litellm.names(theirs):
            plain = name.rpartition("/")[2]
            ours, other = genai.entry(provider, plain), litellm.entry(name)
            if ours is None or other is None or not re.match(wanted, plain.lower()) or NOT_CODING.search(plain.lower()):
                continue
            found = PriceTable.parse(msgspec.json.encode({"models": {plain: ours}})).models[plain]
            now = msgspec.to_builtins(found.on((today - date(1970, 1, 1)).days))
            unequal = [key for key in RATES if now[key] != other[key] and not (now[key] == 0 or other[key] == 0)]
            if unequal or ("longContext" in now) != ("longContext" in other):
                shown = ", ".join(f"{key} {now[key]} / {other[key]}" for key in unequal) or "long context in one only"
                yield f"{plain}: {shown} (genai-prices / litellm)"


def document(genai: Genai, litellm: Litellm, today: date) -> bytes:
    """The file: one line a model, so that a change of price is one line of a diff."""
    models = dict([*first_party(genai, litellm), *regional(genai, litellm)])
    for pattern, better in KNOWN_BETTER:
        models.update({name: with_factors(better, models[name]) for name in models if re.match(pattern, name)})
    lines = ",\n".join(
        f"    {msgspec.json.encode(name).decode()}: {msgspec.json.encode(entry).decode()}"
        for name, entry in sorted(models.items())
    )
    head = {
        "note": NOTE,
        "made": str(today),
        "sources": {
            "genai-prices": f"{genai.version} sha256:{genai.hash} (MIT)",
            "litellm": f"{litellm.version} sha256:{litellm.hash} (MIT)",
        },
        "webSearchPer1000": 10,
    }
    start = msgspec.json.format(msgspec.json.encode(head), indent=2).decode().rstrip("}\n")
    return f'{start},\n  "models": {{\n{lines}\n  }}\n}}\n'.encode()


def main() -> None:
    litellm, genai = Litellm(), Genai()
    today = datetime.now(UTC).date()  # noqa: TID251 (a tool, not the product)
    data = document(genai, litellm, today)
    table = PriceTable.parse(data)
    TARGET.write_bytes(data)
    for line in differences(genai, litellm, today):
        print(line)
    print(f"{len(table.models)} models, {len(data):,} bytes, digest {table.digest}")


if __name__ == "__main__":
    main()
