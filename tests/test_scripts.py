"""Scripts joined into one: each module once and after those it imports, no name of one meets another's."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from bmu.assets import OTHERS, Assets
from bmu.scripts import Unjoinable, joined
from tests.conftest import Colleague

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = {path.stem: path.read_text() for path in (ROOT / "static/js").glob("*.js")}
PAGES = {"/tax-status": "desk", "/assignments": "assignments", "/account": "frame", "/clients": "lists"}


def said(modules: dict[str, str], entry: str = "main") -> str:
    """What a joined script says to the console, in Node."""
    node = shutil.which("node")
    assert node, "run deploy/test-needs first"
    text = joined(entry, modules.__getitem__, {"path": "node:path"})
    words = [node, "--input-type=module", "-e", text]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=20).stdout.strip()


def test_a_module_takes_what_others_export() -> None:
    modules = {
        "main": 'import { one, two as zwei } from "bmu/a"\nimport * as b from "bmu/b"\n'
        "console.log(one, zwei(), b.three)\n",
        "a": "export const one = 1\nexport function two() {\n  return 2\n}\n",
        "b": 'import { one } from "bmu/a"\nexport const three = one + 2\n',
    }
    assert said(modules) == "1 2 3"


def test_names_of_modules_do_not_meet() -> None:
    modules = {
        "main": 'import { name } from "bmu/a"\nconst here = "main"\nconsole.log(here, name())\n',
        "a": 'const here = "a"\nexport const name = () => here\n',
    }
    assert said(modules) == "main a"


def test_a_module_runs_once_and_after_those_it_imports() -> None:
    modules = {
        "main": 'import "bmu/a"\nimport "bmu/b"\nconsole.log("main")\n',
        "a": 'import "bmu/b"\nconsole.log("a")\n',
        "b": 'console.log("b")\n',
    }
    assert said(modules).split() == ["b", "a", "main"]


def test_modules_of_others_are_fetched_once() -> None:
    imported = 'import { basename } from "path"\n'
    modules = {"main": f'{imported}import "bmu/a"\nconsole.log(basename("/x/y"))\n', "a": imported}
    assert said(modules) == "y"


def test_remarks_stay_at_home() -> None:
    text = joined("a", {"a": '// one\n/** Two.\n * lines */\nexport const a = "// b" // c\n'}.__getitem__, {})
    assert '"// b"' in text and "one" not in text and "lines" not in text


@pytest.mark.parametrize(
    "text",
    ["export default 1", "export { a }", "export let a = 1", 'const a = await import("bmu/b")', "import a from 'b'"],
)
def test_what_cannot_be_joined_is_refused(text: str) -> None:
    with pytest.raises(Unjoinable, match=r"main\.js"):
        joined("main", {"main": text}.__getitem__, {})


def test_a_circle_is_refused() -> None:
    modules = {"main": 'import "bmu/a"\n', "a": 'import "bmu/main"\n'}
    with pytest.raises(Unjoinable, match="main → a → main"):
        joined("main", modules.__getitem__, {})


def test_every_script_of_ours_can_be_joined() -> None:
    assert SCRIPTS
    for name in SCRIPTS:
        text = joined(name, SCRIPTS.__getitem__, dict.fromkeys(OTHERS, "/x"))
        assert set(re.findall(r"^const \$(\w+) = \(\(\) => \{$", text, re.M)) >= {name}


def test_no_script_has_a_text_over_several_lines() -> None:
    """Lines lose what stands before and after them."""
    for name, text in SCRIPTS.items():
        assert not [line for line in text.splitlines() if line.count("`") % 2], name


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_script_and_names_what_it_imports_of_others(reading: Flask, path: str) -> None:
    page = Colleague(reading, "admin").get(path).text
    assert re.findall(r'<script type="module" src="/static/js/(\w+)\.js\?', page) == [PAGES[path]]
    assert re.findall(r'<link rel="modulepreload" href="/static/vendor/([\w.]+)\?', page) == ["socket.io.esm.min.js"]
    assert "importmap" not in page


def test_no_template_loads_a_script_beside_the_pages_one() -> None:
    """Two joined scripts would each have a bell and a line of their own: a page's script imports what it needs."""
    found = [path.name for path in (ROOT / "templates").rglob("*.html") if "asset('js/" in path.read_text()]
    assert not found, f"{', '.join(found)}: {{% block script %}}{{{{ script(…) }}}}{{% endblock %}} instead"


def test_the_address_of_a_script_changes_with_what_it_imports(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "static/js", tmp_path / "js")
    shutil.copytree(ROOT / "static/vendor", tmp_path / "vendor")
    before = Assets(tmp_path, fresh=False).url("js/desk.js")
    with (tmp_path / "js/story.js").open("a") as script:
        script.write("\nconsole.info(1)\n")
    assert Assets(tmp_path, fresh=False).url("js/desk.js") != before
    assert json.dumps("console.info(1)")[1:-1] in Assets(tmp_path, fresh=False).get("js/desk.js").content.decode()
