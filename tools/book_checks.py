"""What a finished folder of pages must keep: no request to another machine, and no link that leads nowhere.

Only the standard library is used, and the network never: an address of another site is checked for its form.

Not here: making the pages (tools/book.py).
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ASKING = {"src", "srcset", "data", "poster", "background", "xlink:href"}
"""Attributes that make a browser ask for something; of `href` only those of `<link>` do."""
FROM_OUTSIDE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
IN_STYLE = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])((?:[a-z]+:)?//[^'\")\s]+)", re.IGNORECASE)
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d+)?", re.IGNORECASE)


class Reader(HTMLParser):
    """Reads what a page asks for, where it leads, which places it has, and its pictures."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.pictures: list[tuple[str, str]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the attributes of one tag."""
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            if value and (name in ASKING or (tag in {"link", "image", "use"} and name == "href")):
                self.asked += [part.strip() for part in (value.split(",") if name == "srcset" else [value])]
            if name == "style":
                self.asked += IN_STYLE.findall(value)
        self.places |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag in {"a", "link"} and "href" in given:
            self.links.append(given["href"])
        if tag in {"script", "img"} and "src" in given:
            self.links.append(given["src"])
        if tag == "img":
            self.pictures.append((given.get("src", ""), given.get("alt", "")))


def outside(folder: Path) -> Iterator[str]:
    """Yield the page and address of everything that a browser would ask another machine for.

    Parameters
    ----------
    folder
        A folder of pages. Looked at are tags of HTML and SVG, and addresses in style sheets; what a script
        might do only a browser shows.
    """
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".html", ".css", ".svg"}:
            continue
        found = IN_STYLE.findall(path.read_text(encoding="utf-8"))
        if path.suffix != ".css":
            found += [address for address in Reader(path).asked if FROM_OUTSIDE.match(address)]
        yield from (f"{path.relative_to(folder).as_posix()}: {address}" for address in dict.fromkeys(found))


def dead_links(folder: Path) -> Iterator[str]:
    """Yield the page and address of every link that leads nowhere, or would not work on another host.

    A link inside the folder must be relative, and be a file of the folder; a place that it names must exist.
    A link to another site must have a scheme and a host that could exist.

    Parameters
    ----------
    folder
        A folder of pages.
    """
    root = folder.resolve()
    pages = {path.resolve(): Reader(path) for path in sorted(folder.rglob("*.html"))}
    for path, page in pages.items():
        for link in page.links:
            if not leads_on(link, path, pages, root):
                yield f"{path.relative_to(root).as_posix()}: {link}"


def leads_on(link: str, path: Path, pages: dict[Path, Reader], root: Path) -> bool:
    """Whether a link of a page leads somewhere."""
    parts = urlsplit(link)
    if parts.scheme in {"data", "mailto"} or link == "#":
        return True
    if parts.scheme or parts.netloc:
        return parts.scheme in {"http", "https"} and HOST.fullmatch(parts.netloc) is not None
    if parts.path.startswith("/"):
        return False
    aim = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not aim.is_relative_to(root) or not aim.is_file():
        return False
    return not parts.fragment or aim not in pages or unquote(parts.fragment) in pages[aim].places
