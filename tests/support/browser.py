"""A real Chromium without a window, for the pages that we make: Debian's packages chromium and chromium-driver."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
MISSING = "" if CHROMIUM and DRIVER else "needs a browser: apt-get install chromium chromium-driver"
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)
_WITNESS = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", function (event) {
  window.__violations.push(event.violatedDirective + " " + event.blockedURI + " " + event.sample);
});
window.__ran = [];
["alert", "confirm", "prompt"].forEach(function (name) {
  window[name] = function () { window.__ran.push(name); };
});
"""


class Browser:
    """A browser and the page that it shows."""

    def __init__(self, driver: Any, folder: Path) -> None:
        self.driver = driver
        self._folder = folder
        self._opened = 0
        self.command("Page.enable")
        self.command("Page.addScriptToEvaluateOnNewDocument", source=_WITNESS)

    def command(self, name: str, **arguments: Any) -> Any:
        """Send a command of Chromium's own protocol."""
        return self.driver.execute_cdp_cmd(name, arguments)

    def show(self, page: str | bytes | Path, *, width: int = 1200, dark: bool = False, script: bool = True) -> None:
        """Open a page from a file, as wide as that, and forget what was before it."""
        if not isinstance(page, Path):
            self._opened += 1
            path = self._folder / f"{self._opened}.html"
            path.write_bytes(page.encode() if isinstance(page, str) else page)
            page = path
        self.size(width)
        self.wish(**{"prefers-color-scheme": "dark" if dark else "light", "prefers-reduced-motion": "reduce"})
        self.command("Emulation.setScriptExecutionDisabled", value=not script)
        self.driver.get("about:blank")
        self.complaints()
        self.requests()
        self.driver.get(page.as_uri())

    def wish(self, **features: str) -> None:
        """Wish for these media features; a page that scrolls smoothly is one on which a click can miss."""
        wished = [{"name": name, "value": value} for name, value in features.items()]
        self.command("Emulation.setEmulatedMedia", media="", features=wished)

    def size(self, width: int, height: int = 900, scale: float = 1) -> None:
        """Make the window as large as that, and the page know of it."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )

    def run(self, script: str, *arguments: Any) -> Any:
        """Return what a script returns that runs in the page, whatever the page allows."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, script: str, value: Any) -> None:
        """Wait until a script returns a value: what a key does may come a moment after it; raises AssertionError."""
        for _ in range(100):
            seen = self.run(script)
            if seen == value:
                return
            time.sleep(0.05)
        raise AssertionError(f"{script} is {seen!r} and not {value!r}")

    def complaints(self) -> list[str]:
        """Return what the console was told since the page was opened."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def violations(self) -> list[str]:
        """Return how the page broke its own Content-Security-Policy."""
        return self.run("return window.__violations")

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since this was called last, the page's own included."""
        messages = (json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance"))
        return [
            message["params"]["request"]["url"]
            for message in messages
            if message["method"] == "Network.requestWillBeSent"
        ]

    def text(self) -> str:
        """Return the text of the page, whether it is folded away or not."""
        return self.run("return document.body.textContent")

    def picture(self, path: Path, top: str = "html", height: int | None = None) -> None:
        """Write what the page looks like to a PNG: from the top of an element as far down, or to the end."""
        width, start, end = self.run(
            "var box = document.querySelector(arguments[0]).getBoundingClientRect(), page = document.documentElement;"
            "return [page.clientWidth, Math.max(0, box.top + scrollY - 14), page.scrollHeight]",
            top,
        )
        clip = {"x": 0, "y": start, "width": width, "height": min(height or end, end - start), "scale": 1}
        taken = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(taken["data"]))

    def printed(self) -> bytes:
        """Return the page as it is printed, a PDF."""
        return base64.b64decode(self.command("Page.printToPDF", printBackground=True)["data"])


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser with a profile of its own, and end it."""
    from selenium import webdriver  # noqa: PLC0415 - slow to import

    with tempfile.TemporaryDirectory(prefix="browser-") as folder:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM or ""
        for flag in (*_FLAGS, f"--user-data-dir={folder}/profile"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
        try:
            yield Browser(driver, Path(folder))
        finally:
            driver.quit()
