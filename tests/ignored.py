"""Contexts with a `.dockerignore`, and what the docker command line sends of each.

`ROWS` are 200 for the classic builder, `BUILDKIT_ROWS` 75 for BuildKit.

What is sent was seen of the classic build of docker 20.10.24 (Debian 12) and 28.2.2; seen again by
tests/live/test_contexts.py with the one that is installed. Where `slip` names one of them, that one
sends something else, for a reason that dockerapi/protocol/ignore.py gives; the row then has what
the manual says. `Dockerfile` and `.dockerignore` are in every context, and no row lists them: the
classic builder is always sent both, BuildKit those of `own`. What BuildKit takes was seen of buildx
0.29.1 with Engine 28.5.2, as what `COPY . /` makes; seen again by tests/live/test_contexts.py, too.
"""

from __future__ import annotations

from pathlib import Path

import attrs

TREE = (
    ".env .git/ .git/config A.txt README.md a.txt b.txt docs/ docs/api/ docs/api/index.md "
    "docs/api/v1/ docs/api/v1/index.md docs/guide.md empty/ src/ src/lib/ src/lib/a.go "
    "src/lib/a_test.go src/lib/deep/ src/lib/deep/a.go src/main.go src/main_test.go"
)


DOCKERFILE = "FROM scratch\nCOPY . /\n"


@attrs.frozen
class Row:
    """Names are apart by spaces; those of directories end with a slash, `d/**` is all of d."""

    ignore: str
    only: str | None = None
    without: str = ""
    tree: str = TREE
    slip: str = ""
    own: str = ".dockerignore Dockerfile"

    @property
    def sent(self) -> list[str]:
        """All names that are sent, in order."""
        if self.only is not None:
            names = self._named(self.only)
        else:
            names = set(self.tree.split()) - self._named(self.without)
        return sorted([*names, *self.own.split()])

    def _named(self, names: str) -> set[str]:
        """The names with `d/**` spelled out."""
        found = set()
        for name in names.split():
            start = name.removesuffix("**")
            below = (other for other in self.tree.split() if other.startswith(start))
            found.update({name} if start == name else below)
        return found

    def make(self, directory: Path) -> None:
        """Writes the context into an empty directory."""
        for name in [*self.tree.split(), "Dockerfile"]:
            path = directory / name
            if name.endswith("/"):
                path.mkdir(parents=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(DOCKERFILE)
        (directory / ".dockerignore").write_bytes(self.ignore.encode())

    def __str__(self) -> str:
        return " ; ".join(self.ignore.splitlines())


ROWS = [
    # Names.
    Row("", without=""),
    Row("a.txt", without="a.txt"),
    Row("docs", without="docs/**"),
    Row("docs/guide.md", without="docs/guide.md"),
    Row("docs/api", without="docs/api/**"),
    Row("guide.md", without=""),
    Row("index.md", without=""),
    Row("empty", without="empty/"),
    Row("nothing", without=""),
    Row(".env", without=".env"),
    Row(".git", without=".git/**"),
    Row("a.txt\nb.txt", without="a.txt b.txt"),
    Row("docs\nsrc", only=".env .git/** A.txt README.md a.txt b.txt empty/"),
    Row("docs/api/v1\nsrc/lib", without="docs/api/v1/** src/lib/**"),
    Row("src/lib/a.go\nsrc/lib/deep", without="src/lib/a.go src/lib/deep/**"),
    # Slashes and cleaning.
    Row("/a.txt", without="a.txt"),
    Row("//a.txt", without="a.txt"),
    Row("a.txt/", without="a.txt"),
    Row("/docs/", without="docs/**"),
    Row("docs//api", without="docs/api/**"),
    Row("docs/./api", without="docs/api/**"),
    Row("./docs", without="docs/**"),
    Row("docs/../src", without="src/**"),
    Row("docs/..", without=""),
    Row("src/../../docs", without=""),
    Row("../docs", without=""),
    Row("..", without=""),
    Row(".", without=""),
    Row("/", without=""),
    Row("./", without=""),
    Row("./.", without=""),
    Row("/.", without=""),
    Row("docs/.", without="docs/**"),
    Row("/../docs", without="docs/**"),
    # Case.
    Row("A.txt", without="A.txt"),
    Row("DOCS", without=""),
    Row("readme.md", without=""),
    Row("[Aa].txt", without="A.txt a.txt"),
    Row("Src/lib", without=""),
    # White space, comments and line ends.
    Row("  a.txt  ", without="a.txt"),
    Row("\ta.txt\t", without="a.txt"),
    Row("a.txt\r\nb.txt\r\n", without="a.txt b.txt"),
    Row("# a.txt", without=""),
    Row("#a.txt\nb.txt", without="b.txt"),
    Row(" #a.txt", without=""),
    Row("a.txt # not a comment", without=""),
    Row("\n\n  \n\na.txt\n\n\n", without="a.txt"),
    Row("\ufeffa.txt", without="a.txt"),
    Row("\ufeff# comment\nb.txt", without="b.txt"),
    Row("a.txt\n\ufeffb.txt", without="a.txt", slip="20.10"),
    # Stars.
    Row("*", only=""),
    Row("*.txt", without="A.txt a.txt b.txt"),
    Row("*.md", without="README.md"),
    Row("*/*.md", without="docs/guide.md"),
    Row("*/*/*.md", without="docs/api/index.md"),
    Row("docs/*", without="docs/api/** docs/guide.md"),
    Row("docs/*.md", without="docs/guide.md"),
    Row("docs/*/*", without="docs/api/index.md docs/api/v1/**"),
    Row("src/*/a*", without="src/lib/a.go src/lib/a_test.go"),
    Row("*/lib", without="src/lib/**"),
    Row("*s", without="docs/**"),
    Row("d*s", without="docs/**"),
    Row("*o*", without="docs/**"),
    Row("src/main*.go", without="src/main.go src/main_test.go"),
    Row("s*/m*", without="src/main.go src/main_test.go"),
    Row(".*", without=".env .git/**"),
    Row("*.*", without=".env .git/** A.txt README.md a.txt b.txt"),
    Row("*/", only=""),
    Row("/*", only=""),
    Row("*/*", only=".env .git/ A.txt README.md a.txt b.txt docs/ empty/ src/"),
    Row("*_test.go", without=""),
    Row("src/*_test.go", without="src/main_test.go"),
    Row("src/lib/*_test.go", without="src/lib/a_test.go"),
    # Question marks.
    Row("?.txt", without="A.txt a.txt b.txt"),
    Row("??.txt", without=""),
    Row("????", without=".env .git/** docs/**"),
    Row("s?c", without="src/**"),
    Row("docs?guide.md", without=""),
    Row("docs/???", without="docs/api/**"),
    Row("?env", without=".env"),
    Row("src/lib/?.go", without="src/lib/a.go"),
    # Classes.
    Row("[ab].txt", without="a.txt b.txt"),
    Row("[a-b].txt", without="a.txt b.txt"),
    Row("[^a].txt", without="A.txt b.txt"),
    Row("[^A-Z].txt", without="a.txt b.txt"),
    Row("[a-zA-Z].txt", without="A.txt a.txt b.txt"),
    Row("[!a].txt", without="a.txt"),
    Row("[ab]*", without="a.txt b.txt"),
    Row("[d-e]*", without="docs/** empty/"),
    Row("*.[mt]*", without="A.txt README.md a.txt b.txt"),
    Row("src/[lm]*", without="src/lib/** src/main.go src/main_test.go"),
    Row("[.]env", without=".env"),
    Row("[^.]*", only=".env .git/**"),
    Row("docs[/]guide.md", without="docs/guide.md"),
    Row("docs[^x]guide.md", without="docs/guide.md"),
    Row("[A-z].txt", without="A.txt a.txt b.txt"),
    Row("[\\a].txt", without="a.txt", slip="20.10 28.2"),
    Row("[\\]a].txt", without="a.txt"),
    Row("[a\\-b].txt", without="a.txt b.txt"),
    # Double stars.
    Row("**", only=""),
    Row("**/", only=""),
    Row("**/*", only=""),
    Row("/**", only=""),
    Row("**/a.go", without="src/lib/a.go src/lib/deep/a.go"),
    Row(
        "**/*.go",
        without="src/lib/a.go src/lib/a_test.go src/lib/deep/a.go src/main.go src/main_test.go",
    ),
    Row("**/*_test.go", without="src/lib/a_test.go src/main_test.go"),
    Row("**/index.md", without="docs/api/index.md docs/api/v1/index.md"),
    Row("**/api", without="docs/api/**"),
    Row("**/v1/**", without="docs/api/v1/index.md"),
    Row("docs/**", without="docs/api/** docs/guide.md"),
    Row("docs/**/index.md", without="docs/api/index.md docs/api/v1/index.md"),
    Row("docs/**/*.md", without="docs/api/index.md docs/api/v1/index.md docs/guide.md"),
    Row("docs/api/**/index.md", without="docs/api/index.md docs/api/v1/index.md"),
    Row("src/**/a*", without="src/lib/a.go src/lib/a_test.go src/lib/deep/a.go"),
    Row("**/lib/a.go", without="src/lib/a.go"),
    Row("**/lib/**/a.go", without="src/lib/a.go src/lib/deep/a.go"),
    Row("*/**", only=".env .git/ A.txt README.md a.txt b.txt docs/ empty/ src/"),
    Row("**/**/a.go", without="src/lib/a.go src/lib/deep/a.go"),
    Row("**/**", only=""),
    Row("src/**/**/a.go", without="src/lib/a.go src/lib/deep/a.go"),
    Row("**/docs", without="docs/**"),
    Row("**/deep/..", only=""),
    Row("docs**", without="docs/**"),
    Row("d**", without="docs/**"),
    Row("src/**.go", without=""),
    Row("**.md", without="", slip="28.2"),
    Row("***", only=""),
    Row("***.txt", without="A.txt a.txt b.txt"),
    Row("*/**/index.md", without="docs/api/index.md docs/api/v1/index.md"),
    Row("**/[ai]*.md", without="docs/api/index.md docs/api/v1/index.md"),
    Row("**/?.go", without="src/lib/a.go src/lib/deep/a.go"),
    # Escapes.
    Row("\\a.txt", without="a.txt", slip="20.10 28.2"),
    Row("a\\.txt", without="a.txt"),
    Row("\\*.txt", without=""),
    Row("a.t\\xt", without="a.txt", slip="20.10 28.2"),
    Row("\\\\a.txt", without=""),
    Row("\\[ab].txt", without=""),
    Row("\\.env", without=".env"),
    Row("docs\\/guide.md", without="docs/guide.md"),
    # Exceptions.
    Row("*\n!a.txt", only="a.txt"),
    Row("*\n!docs", only="docs/**"),
    Row("*\n!docs/guide.md", only="docs/guide.md"),
    Row("*\n!src/lib/a.go", only="src/lib/a.go"),
    Row("*.txt\n!a.txt", without="A.txt b.txt"),
    Row("!a.txt\n*.txt", without="A.txt a.txt b.txt"),
    Row("*.txt\n!a.txt\na.txt", without="A.txt a.txt b.txt"),
    Row("*.txt\n!*.txt", without=""),
    Row("docs\n!docs/api", without="docs/ docs/guide.md"),
    Row(
        "docs\n!docs/api/v1/index.md",
        without="docs/ docs/api/ docs/api/index.md docs/api/v1/ docs/guide.md",
    ),
    Row("docs\n!docs/api\ndocs/api/v1", without="docs/ docs/api/v1/** docs/guide.md"),
    Row("docs/*\n!docs/guide.md", without="docs/api/**"),
    Row("docs/**\n!docs/guide.md", without="docs/api/**"),
    Row("docs\n!**/guide.md", without="docs/**"),
    Row("docs\n!docs/*.md", without="docs/ docs/api/**"),
    Row("docs\n!docs/**", without="docs/"),
    Row("docs\n!docs/**/*.md", without="docs/ docs/api/**"),
    Row("docs\n!*.md", without="docs/**"),
    Row("**\n!src", only="src/**"),
    Row("**\n!src/**", only="src/lib/** src/main.go src/main_test.go"),
    Row("**\n!**/*.go", only=""),
    Row(
        "**/*.go\n!src/main.go",
        without="src/lib/a.go src/lib/a_test.go src/lib/deep/a.go src/main_test.go",
    ),
    Row(
        "**/*.go\n!**/main.go",
        without="src/lib/a.go src/lib/a_test.go src/lib/deep/a.go src/main_test.go",
    ),
    Row(
        "src\n!src/lib\nsrc/lib/*_test.go",
        without="src/ src/lib/a_test.go src/main.go src/main_test.go",
    ),
    Row(
        "src\n!src/lib\nsrc/lib/*_test.go\n!src/lib/a_test.go",
        without="src/ src/main.go src/main_test.go",
    ),
    Row(
        "src/lib\n!src/lib/deep/a.go",
        without="src/lib/ src/lib/a.go src/lib/a_test.go src/lib/deep/",
    ),
    Row(
        "src/*\n!src/lib/deep",
        without="src/lib/ src/lib/a.go src/lib/a_test.go src/main.go src/main_test.go",
    ),
    Row("! a.txt", without=""),
    Row("*.txt\n!  a.txt", without="A.txt b.txt"),
    Row("*.txt\n!/a.txt", without="A.txt b.txt"),
    Row("*.txt\n!./a.txt", without="A.txt b.txt"),
    Row("docs\n!docs/", without=""),
    Row("docs\n!/docs/api/", without="docs/ docs/guide.md"),
    Row("docs\n!docs/../docs/guide.md", without="docs/ docs/api/**"),
    Row("*.txt\n!\\a.txt", without="A.txt b.txt", slip="20.10 28.2"),
    Row("*\n![ab].txt", only="a.txt b.txt"),
    Row("!docs", without=""),
    Row("*\n!*", without=""),
    Row("*\n!*/*", only=""),
    Row("*\n!*/*/*.md", only=""),
    Row("*\n!empty", only="empty/"),
    Row("*\n!.git", only=".git/**"),
    Row("*\n!doc", only=""),
    Row("docs\n!docs*", without=""),
    Row("src\n!src/[l]ib/a.go", without="src/**"),
    # The Dockerfile and the file itself are always sent.
    Row("Dockerfile", without=""),
    Row(".dockerignore", without=""),
    Row("Docker*", without=""),
    Row(".docker*", without=""),
    Row("**/Dockerfile", without=""),
    Row("*\n!docs\nDockerfile", only="docs/**"),
    Row("Dockerfile\n!Dockerfile", without=""),
    Row("/Dockerfile\n/.dockerignore", without=""),
    # Names of their own.
    Row("doc\n!docs/a", without="doc/**", tree="doc/ doc/a docs/ docs/a document"),
    Row("a*\n!ab/c", only="ab/c", tree="a/ a/c ab/ ab/c abc"),
    Row("a[*]b", without="a*b", tree="a*b aab a/ a/b", slip="20.10 28.2"),
    Row("a\\*b", without="a*b", tree="a*b aab"),
    Row("a\\?b", without="a?b", tree="a?b aab"),
    Row("\\!a", without="!a", tree="!a a"),
    Row("\\#a", without="#a", tree="#a a"),
    Row("!!a", without="", tree="!a a"),
    Row("*\n!!a", without="a", tree="!a a"),
    Row("a b", without="", tree="a_b a b"),
    Row("x.y", without="x.y", tree="x.y xay"),
    Row("*.y", without="x.y", tree="x.y xay"),
    Row("x$", without="x$", tree="x$ x"),
    Row("?$*", only="xy", tree="x$ x$y xy"),
    Row("caf\u00e9*", only="cafe", tree="caf\u00e9 caf\u00e9s cafe"),
    Row("caf?", only="caf\u00e9s", tree="caf\u00e9 cafe caf\u00e9s"),
    Row("\u65e5*", only="x", tree="\u65e5\u672c\u8a9e \u65e5/ \u65e5/\u672c x"),
    Row("[\u00e0-\u00ef]", without="\u00e9", tree="\u00e9 \u00f0 e"),
    Row(
        "**/deps\n!deps/keep",
        only="deps/keep x/ y",
        tree="deps/ deps/a deps/keep x/ x/deps/ x/deps/a x/deps/keep y",
        slip="20.10",
    ),
    Row(
        "a/b\n!a/b/c/d\na/b/c/d/e",
        without="a/b/ a/b/c/ a/b/c/d/e a/b/g",
        tree="a/ a/b/ a/b/c/ a/b/c/d/ a/b/c/d/e a/b/c/d/f a/b/g a/h",
    ),
    Row(
        "a\n!a/b\na/b/c\n!a/b/c/d",
        only="a/b/ a/b/c/d a/b/f",
        tree="a/ a/b/ a/b/c/ a/b/c/d a/b/c/e a/b/f a/g",
    ),
    Row("**/b\n!a/b", without="c/b/**", tree="a/ a/b/ a/b/c c/ c/b/ c/b/c"),
    Row(
        "**/tmp/*\n!**/tmp/.keep",
        without="tmp/a x/tmp/a",
        tree="tmp/ tmp/.keep tmp/a x/ x/tmp/ x/tmp/.keep x/tmp/a",
    ),
    Row("x/**/y", without="x/y x/a/y x/a/b/y", tree="x/ x/y x/a/ x/a/y x/a/b/ x/a/b/y x/ay"),
    Row("x/**y", without="x/y x/a/y", tree="x/ x/y x/a/ x/a/y x/ay"),
    Row("x**y", without="xy x/y xa/y", tree="xy xay x/ x/y xa/ xa/y"),
    Row("**x", without="x a/x", tree="x ax a/ a/x a/bx", slip="28.2"),
    Row("x**", only="y/**", tree="x xa y/ y/x xb/ xb/c"),
    Row(
        "**/x/**/y",
        without="x/y x/a/y b/x/y b/x/c/y",
        tree="x/ x/y x/a/ x/a/y b/ b/x/ b/x/y b/x/c/ b/x/c/y y",
    ),
    Row("*a|b", without="a|b xa|b", tree="a|b xa|b xa b", slip="20.10 28.2"),
    Row("*a+b", without="a+b", tree="a+b xaab", slip="20.10"),
    Row("*(a)", without="x(a)", tree="x(a) xa", slip="20.10"),
    Row("*{a}", without="x{a}", tree="x{a} xa"),
    Row("*{2}", without="x{2}", tree="x{2} xx", slip="20.10 28.2"),
    Row("*^a", without="x^a", tree="x^a xa", slip="20.10 28.2"),
    Row("x\\d*", without="xd", tree="xd x1", slip="20.10 28.2"),
    Row("x[*]*", without="x*", tree="x* xa", slip="20.10 28.2"),
    Row("*\n!a/x\na", only="", tree="a/ a/x a/y b", slip="28.2"),
    Row(
        "**/foo\n!a/b/foo/c/e",
        without="a/b/foo/ a/b/foo/c/ a/b/foo/c/d",
        tree="a/ a/b/ a/b/foo/ a/b/foo/c/ a/b/foo/c/d a/b/foo/c/e",
        slip="20.10",
    ),
    Row("[a]]", without=""),
]

# What BuildKit takes. The last line that matches decides for every path.

# A repository of several packages, a program in Python, one in Rust and Java, and letters.
MONO = (
    "packages/ packages/a/ packages/a/package.json packages/a/src/ packages/a/src/index.js "
    "packages/b/ packages/b/node_modules/ packages/b/node_modules/x/ "
    "packages/b/node_modules/x/package.json packages/b/package.json package.json README.md"
)
PY = (
    "app/ app/__init__.py app/data/ app/data/big.bin app/data/load.py app/web/ "
    "app/web/static/ app/web/static/a.css app/web/view.py setup.py tests/ tests/test_app.py "
    ".git/ .git/config"
)
RUST = (
    "target/ target/debug/ target/debug/app target/release/ target/release/app.jar "
    "target/app.jar sub/ sub/target/ sub/target/app.jar sub/target/lib/ sub/target/lib/x.o "
    "sub/src/ sub/src/main.rs src/ src/main.rs"
)
DEEP = "a/ a/b/ a/b/c/ a/b/c/d/ a/b/c/d/e a/b/c/f a/b/g a/h x/ x/b/ x/b/c/ x/b/c/d z"

BUILDKIT_ROWS = [
    Row(
        "packages\n!packages/*/package.json",
        without="packages/a/src/** packages/b/node_modules/**",
        tree=MONO,
    ),
    Row("packages\n!packages/*/src", without="packages/a/package.json packages/b/**", tree=MONO),
    Row("packages\n!packages/**/package.json", without="packages/a/src/**", tree=MONO),
    Row("packages\n!**/package.json", without="packages/a/src/**", tree=MONO),
    Row("packages\n!**/src", without="packages/a/package.json packages/b/**", tree=MONO),
    Row(
        "packages\n!packages/?/package.json",
        without="packages/a/src/** packages/b/node_modules/**",
        tree=MONO,
    ),
    Row(
        "packages\n!packages/[a]/package.json", without="packages/a/src/** packages/b/**", tree=MONO
    ),
    Row("packages\n!*/b", without="packages/a/**", tree=MONO),
    Row("packages\n!*/*/src", without="packages/a/package.json packages/b/**", tree=MONO),
    Row(
        "packages/*\n!packages/*/package.json",
        without="packages/a/src/** packages/b/node_modules/**",
        tree=MONO,
    ),
    Row(
        "packages/*/*\n!packages/*/package.json",
        without="packages/a/src/** packages/b/node_modules/**",
        tree=MONO,
    ),
    Row("*\n!**/package.json", without="README.md packages/a/src/**", tree=MONO, own=""),
    Row(
        "*\n!*/*/package.json",
        without="README.md package.json packages/a/src/** packages/b/node_modules/**",
        tree=MONO,
        own="",
    ),
    Row(
        "*\n!packages/*/package.json\n**/node_modules",
        without="README.md package.json packages/a/src/** packages/b/node_modules/**",
        tree=MONO,
        own="",
    ),
    Row(
        "**\n!**/package.json\n**/node_modules",
        without="README.md packages/a/src/** packages/b/node_modules/**",
        tree=MONO,
        own="",
        slip="buildx",
    ),
    Row("**/node_modules\n!**/node_modules/x/package.json", without="", tree=MONO),
    Row("packages\n!packages/b/*/x", without="packages/a/** packages/b/package.json", tree=MONO),
    Row(
        "packages\n!packages/b/node_modules/**",
        without="packages/a/** packages/b/package.json",
        tree=MONO,
    ),
    Row("packages\n!package.json", without="packages/**", tree=MONO),
    Row("packages\n!p*/a", without="packages/b/**", tree=MONO),
    Row("*\n!**/*.py", without=".git/** app/data/big.bin app/web/static/**", tree=PY, own=""),
    Row(
        "*\n!**/*.py\ntests",
        without=".git/** app/data/big.bin app/web/static/** tests/**",
        tree=PY,
        own="",
        slip="buildx",
    ),
    Row(
        "*\n!**/*.py\n**/test_*",
        without=".git/** app/data/big.bin app/web/static/** tests/**",
        tree=PY,
        own="",
    ),
    Row("*\n!*.py", only="setup.py", tree=PY, own=""),
    Row("*\n!*/*.py", only="app/ app/__init__.py tests/**", tree=PY, own=""),
    Row(
        "*\n!app/**/*.py",
        without=".git/** app/data/big.bin app/web/static/** setup.py tests/**",
        tree=PY,
        own="",
    ),
    Row(
        "*\n!app/*/*.py",
        only="app/ app/data/ app/data/load.py app/web/ app/web/view.py",
        tree=PY,
        own="",
    ),
    Row("**\n!**/*.py", without=".git/** app/data/big.bin app/web/static/**", tree=PY, own=""),
    Row("**/*\n!**/*.py", without=".git/** app/data/big.bin app/web/static/**", tree=PY, own=""),
    Row("app\n!**/view.py", without="app/__init__.py app/data/** app/web/static/**", tree=PY),
    Row("app\n!**/static", without="app/__init__.py app/data/** app/web/view.py", tree=PY),
    Row("app\n!app/**/*.css", without="app/__init__.py app/data/** app/web/view.py", tree=PY),
    Row("app\n!*/web", without="app/__init__.py app/data/**", tree=PY),
    Row(
        "app\n!*/web\napp/web/static",
        without="app/__init__.py app/data/** app/web/static/**",
        tree=PY,
    ),
    Row("app\n!app/w*", without="app/__init__.py app/data/**", tree=PY),
    Row("app/data\n!**/load.py", without="app/data/big.bin", tree=PY),
    Row("app/data\n!app/data/*.py", without="app/data/big.bin", tree=PY),
    Row("app/data\n!app/*/load.py", without="app/data/big.bin", tree=PY),
    Row(".git\n!**/config", without="", tree=PY),
    Row("*\n!.[g]it/config", only=".git/**", tree=PY, own=""),
    Row("*\n!*/src", only="sub/ sub/src/**", tree=RUST, own=""),
    Row("*\n!**/src", only="src/** sub/ sub/src/**", tree=RUST, own=""),
    Row("*\n!*/src\n!src", only="src/** sub/ sub/src/**", tree=RUST, own=""),
    Row(
        "**/target\n!**/target/app.jar",
        without="sub/target/lib/** target/debug/** target/release/**",
        tree=RUST,
    ),
    Row("**/target\n!**/app.jar", without="sub/target/lib/** target/debug/**", tree=RUST),
    Row(
        "**/target\n!target/app.jar",
        only="src/** sub/ sub/src/** target/ target/app.jar",
        tree=RUST,
    ),
    Row("**/target\n!sub/target/*", without="target/**", tree=RUST),
    Row("**/target\n!*/target/lib", without="sub/target/app.jar target/**", tree=RUST),
    Row("**/target\n!**/lib/*.o", without="sub/target/app.jar target/**", tree=RUST),
    Row("target\n!target/*/app.jar", without="target/app.jar target/debug/**", tree=RUST),
    Row("target\n!*/release", without="target/app.jar target/debug/**", tree=RUST),
    Row("target/*\n!target/*.jar", without="target/debug/** target/release/**", tree=RUST),
    Row("sub\n!**/main.rs", without="sub/target/**", tree=RUST),
    Row("sub\n!**/main.rs\n**/src", only="target/**", tree=RUST, slip="buildx"),
    Row("*\n!sub/*/main.rs", only="sub/ sub/src/**", tree=RUST, own=""),
    Row("a\n!**/e", without="a/b/c/f a/b/g a/h", tree=DEEP),
    Row("a\n!**/d", without="a/b/c/f a/b/g a/h", tree=DEEP),
    Row("a\n!*/b/*/d/e", without="a/b/c/f a/b/g a/h", tree=DEEP),
    Row("a\n!a/*/c", without="a/b/g a/h", tree=DEEP),
    Row("a\n!a/**/f", without="a/b/c/d/** a/b/g a/h", tree=DEEP),
    Row("a/b\n!**/c", without="a/b/g", tree=DEEP),
    Row("a/b\n!a/*/g", without="a/b/c/**", tree=DEEP),
    Row("**/b\n!**/c/d", without="a/b/c/f a/b/g", tree=DEEP),
    Row("**/c\n!x/**", without="a/b/c/**", tree=DEEP),
    Row("*\n!?/b", without="a/h z", tree=DEEP, own=""),
    Row("*\n!?/b/c/d", without="a/b/c/f a/b/g a/h z", tree=DEEP, own=""),
    Row("*\n![x]/b/c/d", only="x/**", tree=DEEP, own=""),
    Row("*\n!*/*/*/d", without="a/b/c/f a/b/g a/h z", tree=DEEP, own=""),
    Row("a\n!a/b/c/d/e", without="a/b/c/f a/b/g a/h", tree=DEEP),
    Row("a\n!a/b\na/b/c\n!**/e", without="a/b/c/f a/h", tree=DEEP),
    Row("a\n!**/b\n**/c/*\n!**/f", without="a/b/c/d/** a/h x/b/c/d", tree=DEEP),
    Row("a\nx\n!**/c\n!z", without="a/b/g a/h", tree=DEEP),
    Row("*\n!**/c\nDockerfile", without="a/b/g a/h z", tree=DEEP, own=""),
    Row("*\n!**/Dockerfile", only="", tree=DEEP, own="Dockerfile"),
    Row("*\n!.docker*\n!**/d", without="a/b/c/f a/b/g a/h z", tree=DEEP, own=".dockerignore"),
]
