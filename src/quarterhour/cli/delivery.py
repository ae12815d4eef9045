"""What the commands write: seen beforehand, put in place together, told at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from quarterhour.cli.spoken import spoken, tell, words, written_lines
from quarterhour.cli.streams import echo, echo_json
from quarterhour.errors import InputError, OutputError

INSTEAD = {
    ".pdf": "Write {stem}{ending}, open it in a browser and print it to a PDF file.",
    ".csv": "Tables are written by `score --out FOLDER` and `gaps --out FILE.csv`.",
    ".png": "A picture of the areas is map.png of `score --out FOLDER`.",
    ".xlsx": "A workbook is written by `report --out FILE.html --workbook {stem}.xlsx`.",
    ".gpkg": "A GeoPackage is written by `report --out FILE.html --geopackage {stem}.gpkg`.",
}
"""Where to find what somebody expected under another name."""

FILES = (".html", ".htm", ".json", ".geojson", ".parquet", ".fgb", ".shp", ".svg", *INSTEAD)
"""Endings of files: no folder is called so."""


def require_page(option: str, path: Path) -> None:
    """See that a page is to be HTML, or a PDF where there is something that prints it.

    Raises
    ------
    InputError
        If it is to be something else, or the environment names no program.
    MissingExtraError
        If nothing is there that prints.
    """
    if path.suffix.lower() != ".pdf":
        require_ending(option, path, ".html")
        return
    from quarterhour.outputs.report.printed import chromium

    chromium()


def require_ending(option: str, path: Path, ending: str) -> None:
    """See that the name of a file says what will be in it.

    Raises
    ------
    InputError
        If it says something else.
    """
    if path.suffix.lower() != ending:
        hint = INSTEAD.get(path.suffix.lower(), "").format(stem=path.stem, ending=ending)
        msg = f"{option} {path}: the name of this file has to end in {ending}. {hint}"
        raise InputError(msg.strip())


def require_folder(option: str, folder: Path) -> None:
    """See that a folder is not called like a file, and that it can be written.

    Raises
    ------
    InputError
        If its name has the ending of a file.
    OutputError
        If it is a file, or cannot be made or written to.
    """
    if (ending := folder.suffix.lower()) in FILES and not folder.is_dir():
        hint = "" if ending == ".pdf" else INSTEAD.get(ending, "").format(stem=folder.stem)
        msg = f"{option} {folder}: several files are written to this folder, but {ending} is the "
        msg += f"ending of one file: name the folder {folder.stem}. {hint}"
        raise InputError(msg.strip())
    require_writable(folder)


def require_files_writable(files: Sequence[Path]) -> None:
    """See before the long work that files can be written; leave no trace.

    Raises
    ------
    OutputError
        If one is no file, or its folder cannot be written to.
    """
    from quarterhour.atomic import target_of

    for path in files:
        require_writable(target_of(path).parent)


def require_writable(folder: Path) -> None:
    """See before the long work that its results can be written; leave no trace.

    Raises
    ------
    OutputError
        If the folder is a file, or cannot be made or written to.
    """
    import tempfile

    parent = folder
    while not parent.exists() and parent != parent.parent:
        parent = parent.parent
    if not parent.is_dir():
        msg = f"Cannot write to the folder {folder}: {parent} is a file."
        raise OutputError(msg)
    try:
        with tempfile.NamedTemporaryFile(prefix=".quarterhour-", dir=parent):
            pass
    except OSError as error:
        msg = f"Cannot write to the folder {folder}: {error.strerror or error}."
        raise OutputError(msg) from error


@contextmanager
def delivered(files: Sequence[Path]) -> Iterator[dict[Path, Path]]:
    """Give a temporary path for each file; they are all put in place if all went well."""
    from quarterhour.atomic import whole_files

    tell("writing", {"path": ", ".join(map(str, files))})
    with whole_files(files) as parts:
        yield parts


@contextmanager
def delivered_folder(folder: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Give a temporary folder, and a list that has its files once all of them are in place."""
    from quarterhour.atomic import whole_folder

    files: list[Path] = []
    tell("writing", {"path": folder})
    with whole_folder(folder) as scratch:
        yield scratch, files
        files += [folder / name for name in sorted(path.name for path in scratch.iterdir())]


def tell_written(files: Sequence[Path], *, as_json: bool) -> None:
    """Say what was written."""
    from quarterhour.cli.json_lines import text

    if as_json:
        echo_json(text({"files": [str(path) for path in files]}))
    else:
        echo("\n".join(written_lines(spoken(), files)))


def files_lines(files: Sequence[Path]) -> list[str]:
    """List files with what is in them, in a few words each."""
    lang = spoken()
    room = max(len(str(path)) for path in files)
    known = words()[lang]
    return [f"  {path!s:<{room}}  {known.get(path.name, '')}".rstrip() for path in files]
