"""What philtrum promises as a whole, checked on the source, the documents and the installed command."""

import ast
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for path in (ROOT / "src/philtrum").rglob("*.py") if path.parent.name != "migrations")
LOCKS = sorted(ROOT.glob("requirements*.txt"))
MODULES = {str(path.relative_to(ROOT / "src")): ast.parse(path.read_text("utf-8")) for path in SOURCES}
ID_IN_ERRORS_MD = re.compile(r"^\| `([a-z0-9-]+)` \|", re.MULTILINE)


def test_import_philtrum_takes_less_than_a_tenth_of_a_second():
    code = "import time; start = time.perf_counter(); import philtrum; print(time.perf_counter() - start)"
    assert min(float(_python("-c", code)) for _ in range(3)) < 0.1


def test_import_philtrum_loads_no_heavy_library():
    code = "import sys, philtrum; print(*sys.modules)"
    loaded = {name.partition(".")[0] for name in _python("-c", code).split()}
    assert loaded.isdisjoint({"numpy", "scipy", "cv2", "av", "django", "click"})


def test_help_appears_within_half_a_second():
    assert min(_seconds_for("-m", "philtrum", "--help") for _ in range(5)) < 0.5


def test_every_error_id_of_the_source_is_in_the_documents_and_no_other():
    documented = ID_IN_ERRORS_MD.findall((ROOT / "docs/errors.md").read_text("utf-8"))
    raised = set().union(*(ids_in(module) for module in MODULES.values()))
    assert len(documented) == len(set(documented)), "an id stands twice in docs/errors.md"
    assert sorted(raised - set(documented)) == [], "ids that docs/errors.md does not explain"
    assert sorted(set(documented) - raised) == [], "ids in docs/errors.md that nothing raises"


def test_error_ids_are_found_in_every_way_they_are_written():
    source = """
class Reader:
    def _refuse(self, id: str, what: str): return ClipError(id, what, "")
    def read(self):
        raise self._refuse("by-a-method", "")
def refusal(name: str, id: str): return ClipError(id, name, "")
raise refusal("clip", "by-a-function")
raise ClipError("by-an-error", "", "")
Reason(id="by-a-reason", text="", advice="")
"""
    assert ids_in(ast.parse(source)) == {"by-a-method", "by-a-function", "by-an-error", "by-a-reason"}


@pytest.mark.parametrize("module", MODULES)
def test_every_module_and_public_function_and_class_is_documented(module):
    missing = [name for name, node in _public(MODULES[module]) if ast.get_docstring(node) is None]
    assert missing == []


@pytest.mark.parametrize("module", MODULES)
def test_modules_functions_and_parameter_lists_stay_short(module):
    assert len((ROOT / "src" / module).read_text("utf-8").splitlines()) <= 400
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert _n_code_lines(node) <= 40, f"{node.name} is too long"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_has_hashes_and_no_address_and_no_path(lock):
    lines = lock.read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pins, "no package is pinned"
    for line in pins:
        assert re.fullmatch(r"[a-z0-9-]+==[\w.+!]+ \\", line), line
    for line in lines:
        assert "://" not in line and "--index" not in line and "--find-links" not in line, line
        assert "/" not in line, line


def test_the_development_lock_agrees_with_the_one_that_people_run():
    run, development = (_pins(ROOT / name) for name in ("requirements.txt", "requirements-dev.txt"))
    assert {name: development.get(name) for name in run} == run


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/dependencies.md", "docs/glossary.md"]
)
def test_links_between_documents_lead_somewhere(name):
    document = ROOT / name
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8")):
        assert (document.parent / target).exists(), target


def test_every_runtime_dependency_has_its_decision_record():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["plot"]]
    names = [re.split(r"[<>=]", requirement)[0] for requirement in wanted]
    headings = re.findall(r"^## (.+)$", (ROOT / "docs/dependencies.md").read_text("utf-8"), re.MULTILINE)
    described = {name.strip() for heading in headings for name in heading.lower().split(",")}
    assert set(names) - described == set()


def ids_in(module: ast.Module) -> set[str]:
    """Return the ids of all errors and reasons that a module makes, also through its own functions with an `id`."""
    places = {"Reason": {0}}
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args if argument.arg != "self"]
            places.setdefault(node.name, set()).update({names.index("id")} if "id" in names else ())
    ids = set()
    for call in ast.walk(module):
        if isinstance(call, ast.Call):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            for place in places.get(name, {0} if name.endswith("Error") else ()):
                ids |= _texts(call, place)
    return ids


def _texts(call: ast.Call, place: int) -> set[str]:
    values = [keyword.value for keyword in call.keywords if keyword.arg == "id"] + call.args[place : place + 1]
    found = {node.value for value in values for node in ast.walk(value) if isinstance(node, ast.Constant)}
    return {text for text in found if isinstance(text, str) and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", text)}


def _public(node: ast.AST, prefix: str = ""):
    if isinstance(node, ast.Module):
        yield "module", node
    for child in getattr(node, "body", []):
        is_definition = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if is_definition and not child.name.startswith("_"):
            yield prefix + child.name, child
            if isinstance(child, ast.ClassDef) and child.name != "Meta":
                yield from _public(child, f"{child.name}.")


def _n_code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    has_docstring = ast.get_docstring(node) is not None
    n_docstring = node.body[0].end_lineno - node.body[0].lineno + 1 if has_docstring else 0
    return node.end_lineno - node.lineno + 1 - n_docstring


def _pins(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", path.read_text("utf-8"), re.MULTILINE))


def _python(*arguments: str) -> str:
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True).stdout


def _seconds_for(*arguments: str) -> float:
    start = time.perf_counter()
    _python(*arguments)
    return time.perf_counter() - start
