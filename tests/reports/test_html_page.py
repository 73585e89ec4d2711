"""Test the page of the HTML report in headless Chromium, if it is installed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from results import CONTAINER, HOSTILE, MAIN, TEXT, hostile, report, result, span, task_definition

from ecs5lint.location import Edit, Failure, Source
from ecs5lint.model.result import PASS, SUPPRESSED, UNKNOWN, Fix, Report, Suppression
from ecs5lint.notices import Notice, Skipped
from ecs5lint.reports import Options
from ecs5lint.reports.findings import printable
from ecs5lint.reports.html import render

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="there is no chromium with its chromedriver")

_ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars"
)

#: Returns the lowest contrast of a text with its background, and that text:
#: https://www.w3.org/TR/WCAG22/#contrast-minimum.
_LEAST_CONTRAST = """
const channels = (color) => color.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => [r, g, b]
  .map((value) => value / 255)
  .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
  .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const color = channels(getComputedStyle(at).backgroundColor);
    if (color[3] !== 0) return color;
  }
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let least = [21, ""];
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
  const color = channels(getComputedStyle(element).color);
  const [dark, light] = [color, behind(element)].map(luminance).sort((a, b) => a - b);
  const contrast = (light + 0.05) / (dark + 0.05);
  if (contrast < least[0]) least = [contrast, walker.currentNode.data];
}
return least;
"""

Open = Callable[[Report], "Chrome"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in [*_ARGUMENTS.split(), f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser: Chrome, tmp_path: Path) -> Iterator[Open]:
    """Open the page of a report. At the end, check that it loaded nothing and logged no errors."""
    path = tmp_path / "report.html"

    def open_page(of: Report) -> Chrome:
        path.write_text(render(of, Options()), encoding="ascii")
        browser.get(path.as_uri())
        return browser

    width(browser, 1400)
    log(browser, "performance")
    yield open_page
    messages = [json.loads(entry["message"])["message"] for entry in log(browser, "performance")]
    asked = [message["params"] for message in messages if message["method"] == "Network.requestWillBeSent"]
    assert {request["request"]["url"].partition("#")[0] for request in asked} <= {path.as_uri(), "data:,"}
    assert log(browser, "browser") == []


def log(browser: Chrome, kind: str) -> list[dict[str, Any]]:
    """Return the messages that the browser logged since the last call."""
    entries: list[dict[str, Any]] = browser.execute("getLog", {"type": kind})["value"]
    return entries


def width(browser: Chrome, pixels: int) -> None:
    metrics = {"width": pixels, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def color_scheme(browser: Chrome, name: str, media: str = "") -> None:
    features = [{"name": "prefers-color-scheme", "value": name}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})


def find(within: Chrome | WebElement, selector: str) -> WebElement:
    return within.find_element("css selector", selector)


def find_all(within: Chrome | WebElement, selector: str) -> list[WebElement]:
    return list(within.find_elements("css selector", selector))


def cards(browser: Chrome) -> list[WebElement]:
    return find_all(browser, "#list .finding")


def messages(browser: Chrome) -> list[str]:
    """Return the first line of the text of each finding."""
    return [element.text.splitlines()[0] for element in find_all(browser, ".message")]


def status(browser: Chrome) -> str:
    return str(find(browser, "#status").text)


def choose(browser: Chrome, facet: str, value: str) -> None:
    find(browser, f'select[data-facet="{facet}"] option[value="{value}"]').click()


def several() -> Report:
    """Return three findings of two rules in two files, and entries in all other lists."""
    other = Source("infra/other.tf", TEXT, "hcl")
    return report(
        result(
            message="one",
            remedy=("set it",),
            afterwards=("mount a volume",),
            fix=Fix("change it", (Edit(span(MAIN, "var.ro"), "true"),)),
        ),
        result(
            UNKNOWN,
            reason="unresolved",
            message="two",
            value_location=span(other, "var.ro"),
            location=span(other, "cpu"),
        ),
        result(message="three", rule="ECS4", resource=task_definition("module.api.x"), location=span(other, "name")),
        result(PASS),
        result(SUPPRESSED, suppression=Suppression("comment", "it is legacy")),
        failures=(Failure("a value is expected", other.path, span(other, "cpu")),),
        notices=(Notice("it covers nothing", "ecs5lint.toml"),),
        skipped=(Skipped("build", "ignored by Git"),),
    )


def many(count: int) -> Report:
    sources = [Source(f"services/{number:03}/main.tf", TEXT, "hcl") for number in range(count // 20)]
    return report(
        *(
            result(
                UNKNOWN if number % 2 else "fail",
                message=f"container {number} does not set it",
                resource=task_definition(f"module.service[{number}].x"),
                location=CONTAINER._replace(source=sources[number % len(sources)]),
                remedy=("set it",),
            )
            for number in range(count)
        )
    )


def test_a_finding(opened: Open) -> None:
    page = opened(several())
    assert page.title == "ecs5lint: Found 4 problems in 2 files"
    assert status(page) == "3 findings"
    assert messages(page) == ["one", "three", "two"]
    files = find_all(page, ".file")
    assert [file.text for file in files] == ["infra/main.tf 1 finding", "infra/other.tf 2 findings"]
    last = cards(page)[2]
    assert last.get_attribute("open")
    assert find(last, "mark").text == "var.ro"
    assert "unknown" in last.text and "ECS5" in last.text and "6:7" in last.text
    first = cards(page)[0]
    assert "set it" in first.text and "change it" in first.text
    assert [find(first, tag).text.strip() for tag in ("del", "ins")] == [
        f"readonlyRootFilesystem = {value}" for value in ("var.ro", "true")
    ]


def test_hostile_text(opened: Open) -> None:
    page = opened(hostile())
    said = printable(HOSTILE)
    for element in find_all(page, ".message"):
        assert element.get_property("textContent") == said + said
    assert find_all(page, "img, iframe, a[href*=evil]") == []
    assert page.execute_script("return document.querySelectorAll('script').length") == 2
    choose_file = find(page, '.chart button[value^="a b"]')
    choose_file.click()
    assert choose_file.get_attribute("aria-pressed") == "true"
    assert status(page) == "2 findings"
    assert page.title == "ecs5lint: Found 4 problems in 2 files (1 container)"


@pytest.mark.parametrize("statement", ["document.body.innerHTML = '<b>x</b>'", "document.write('x')"])
def test_markup_cannot_be_put_in(statement: str, opened: Open) -> None:
    page = opened(report(result()))
    caught = f"try {{ {statement}; }} catch (error) {{ return error.name; }}"
    assert page.execute_script(caught) == "TypeError"
    assert find_all(page, "b") == []
    assert all("TrustedHTML" in entry["message"] for entry in log(page, "browser"))


def test_filters(opened: Open) -> None:
    page = opened(several())
    choose(page, "verdict", "fail")
    assert (messages(page), status(page)) == (["one", "three"], "2 of 3 findings")
    choose(page, "rule", "ECS4")
    assert messages(page) == ["three"]
    choose(page, "cause", "unresolved")
    assert (messages(page), status(page)) == ([], "0 of 3 findings")
    find(page, "#reset-filters").click()
    assert messages(page) == ["one", "three", "two"]
    choose(page, "path", "infra/other.tf")
    assert messages(page) == ["three", "two"]


def test_search(opened: Open) -> None:
    page = opened(several())
    search = find(page, "#search")
    for text, found in (("OTHER.TF", ["three", "two"]), ("module.api", ["three"]), ("set it", ["one"]), ("<", [])):
        search.clear()
        search.send_keys(text)
        assert messages(page) == found
    search.submit()
    assert status(page) == "0 of 3 findings"


def test_a_chart_filters(opened: Open) -> None:
    page = opened(several())
    button = find(page, '.chart button[value="unresolved"]')
    button.click()
    assert (messages(page), button.get_attribute("aria-pressed")) == (["two"], "true")
    button.click()
    assert (len(cards(page)), button.get_attribute("aria-pressed")) == (3, "false")


def test_by_keyboard(opened: Open) -> None:
    from selenium.webdriver.common.keys import Keys

    page = opened(many(100))

    def press(*keys: str) -> WebElement:
        page.switch_to.active_element.send_keys(*keys)
        return page.switch_to.active_element

    assert press(Keys.TAB).text == "Skip to the findings"
    press(Keys.ENTER)
    focused = [press(Keys.TAB) for _ in range(9)]
    names = [element.accessible_name for element in focused[:8]]
    assert names == "Search,Verdict,Rule,Cause,File,Reset filters,Open all,Close all".split(",")
    assert focused[8].tag_name == "summary"
    press(Keys.ENTER)
    assert cards(page)[0].get_attribute("open")
    assert "task definition" in cards(page)[0].text
    more = find(page, "#more")
    assert (more.text, len(cards(page))) == ("Show 50 more", 50)
    more.send_keys(Keys.ENTER)
    assert len(cards(page)) == 100
    assert page.switch_to.active_element == find(cards(page)[50], "summary")
    assert not more.is_displayed()


def test_all_has_a_name_and_a_heading(opened: Open) -> None:
    page = opened(several())
    controls = find_all(page, "a, button, input, select, section, nav, summary")
    assert [
        control.get_property("outerHTML")
        for control in controls
        if control.is_displayed() and not control.accessible_name
    ] == []
    levels = [int(heading.tag_name[1]) for heading in find_all(page, "h1, h2, h3, h4")]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [element.aria_role for element in find_all(page, "body > header, main, body > footer")] == [
        "banner",
        "main",
        "contentinfo",
    ]


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(scheme: str, media: str, opened: Open) -> None:
    page = opened(several())
    color_scheme(page, scheme, media)
    try:
        background = page.execute_script("return getComputedStyle(document.body).backgroundColor")
        contrast, text = page.execute_script(_LEAST_CONTRAST)
    finally:
        color_scheme(page, "")
    assert (background == "rgb(13, 17, 23)") is (scheme == "dark" and media == "screen")
    assert contrast >= 4.5, text


@pytest.mark.parametrize("pixels", [320, 400, 1400])
@pytest.mark.parametrize("of", [several(), hostile()], ids=["several", "hostile"])
def test_it_fits_the_width(pixels: int, of: Report, opened: Open) -> None:
    page = opened(of)
    width(page, pixels)
    assert page.execute_script("return document.documentElement.scrollWidth") <= pixels


def test_printed(opened: Open) -> None:
    page = opened(many(100))
    choose(page, "verdict", "fail")
    opens = "return [...document.querySelectorAll('#list .finding')].filter((finding) => finding.open).length"
    page.execute_script(
        "addEventListener('beforeprint', () => (document.title = document.querySelectorAll('.body').length))"
    )
    assert page.execute_script(opens) == 0
    assert len(page.print_page()) > 10_000
    assert page.title == "50"
    assert page.execute_script(opens) == 0


def test_ten_thousand_findings(opened: Open) -> None:
    page = opened(many(10_000))
    assert status(page) == "10,000 findings"
    assert len(cards(page)) == 50
    find(page, "#search").send_keys("module.service[7777]")
    assert (status(page), messages(page)) == ("1 of 10,000 findings", ["container 7777 does not set it"])
    find(page, "#reset-filters").click()
    choose(page, "verdict", "unknown")
    assert status(page) == "5,000 of 10,000 findings"
    find(page, "#everything").click()
    assert page.execute_script("return document.querySelectorAll('#list .finding').length") == 5_000


def test_without_a_script(opened: Open, browser: Chrome) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page = opened(several())
        rows = find_all(page, "noscript tbody tr")
        assert ["one" in rows[0].text, "three" in rows[1].text, "two" in rows[2].text] == [True] * 3
        assert all(row.is_displayed() for row in rows)
        assert not find(page, "#filters").is_displayed()
        find(page, "#skipped summary").click()
        assert "ignored by Git" in find(page, "#skipped").text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
