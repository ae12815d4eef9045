"""What a scorecard shows and tells of itself: its map, its methods, how to cite it."""

from __future__ import annotations

from typing import Any, Literal

from quarterhour.shown import Shown, view_of
from quarterhour.walking.pace import Pace


class Views(Shown):
    """Views of a scorecard, which is asked for them and does not know what draws or words them."""

    def explore(
        self,
        *,
        lang: Literal["zh", "en"] | None = None,
        isochrones: bool = True,
        minutes: tuple[float, ...] = (5, 10, 15),
        pace: Pace | None = None,
        title: str | None = None,
        height_px: int = 640,
    ) -> Any:
        """Show the electronic map in a notebook: the page of :func:`quarterhour.write_map`.

        The page works without a network. It is kept with the notebook, one to two megabytes
        for some dozen areas: write it to a file where the notebook is to stay small.

        Parameters
        ----------
        lang, isochrones, minutes, pace, title
            As in :func:`quarterhour.write_map`. There is no online base map.
        height_px
            Height of the frame.

        Returns
        -------
        MapView or MapFrame
            A notebook shows it when it is the last thing in a cell; ``save(path)`` writes it. With
            the extra ``notebook`` it is a widget: what is changed on the map is its ``scenario``.

        Raises
        ------
        InputError
            If a word is not known, or the pace is not that of the scorecard.
        MissingExtraError
            If the package that ships the map library is not installed.
        """
        return view_of(self, "explore")(
            self,
            lang=lang,
            isochrones=isochrones,
            minutes=minutes,
            pace=pace,
            title=title,
            height_px=height_px,
        )

    def methods(self, *, lang: Literal["zh", "en"] | None = None) -> str:
        """Tell how the numbers were made, as a paragraph that can stand in a paper.

        It is made of the manifest and tells every parameter: data with their datum, dates and
        digests, walker, limits, quota, what is declared complete, versions.

        Parameters
        ----------
        lang
            Language.
            None: the language of the checklist's country, else of the environment, else
            English.

        Returns
        -------
        str

        Raises
        ------
        InputError
            If the language is not known.

        Examples
        --------
        >>> print(card.methods(lang="en"))  # doctest: +SKIP
        """
        return str(view_of(self, "methods")(self, lang))

    def cite(
        self, *, style: Literal["text", "bibtex"] = "text", lang: Literal["zh", "en"] | None = None
    ) -> str:
        """Say how to cite the result: the software with its version, the checklist, the data.

        Parameters
        ----------
        style
            "text", a line for each; or "bibtex", an entry for each.
        lang
            Language of the text.
            None: the language of the checklist's country, else of the environment, else
            English.

        Returns
        -------
        str

        Raises
        ------
        InputError
            If the style or the language is not known.

        Examples
        --------
        >>> print(card.cite(style="bibtex"))  # doctest: +SKIP
        """
        return str(view_of(self, "cite")(self, style, lang))
