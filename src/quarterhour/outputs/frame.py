"""The electronic map in a frame of a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from quarterhour.atomic import whole_file


@dataclass(frozen=True)
class MapFrame:
    """The electronic map in a frame; a notebook shows it when it is last in a cell.

    Attributes
    ----------
    html
        The whole page, as :func:`quarterhour.write_map` writes it.
    height_px
        Height of the frame.
    """

    html: str = field(repr=False)
    height_px: int = 640

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, whole or not at all, and give its path.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        with whole_file(path) as part:
            part.write_text(self.html, encoding="utf-8")
        return Path(path)

    def _repr_html_(self) -> str:
        # A frame of its own: neither the notebook's styles nor its scripts meet the page's.
        return (
            f'<iframe srcdoc="{escape(self.html)}" title="electronic map 电子地图" '
            'sandbox="allow-scripts allow-downloads" '
            f'style="width:100%;height:{self.height_px:d}px;border:1px solid #999"></iframe>'
        )
