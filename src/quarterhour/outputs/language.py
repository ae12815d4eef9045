"""The language of whatever is drawn or written, where none is asked for: one rule for all of it."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping

from quarterhour.outputs.words import Lang
from quarterhour.standards.items import Lines

OF_COUNTRY: dict[str, Lang] = {"CN": "zh"}
"""The language of a checklist's country, by its code; of any other country English."""


def chosen_lang(lang: Lang | None, checklist: Lines | None = None) -> Lang:
    """Give the language that is asked for, else that of the checklist's country, else one's own.

    Examples
    --------
    >>> from quarterhour import Checklist
    >>> chosen_lang(None, Checklist.load("beijing-2011")), chosen_lang("en")
    ('zh', 'en')
    """
    if lang is not None:
        return lang
    country = "" if checklist is None else checklist.country
    return OF_COUNTRY.get(country, "en") if country else own_lang(os.environ)


def own_lang(environment: Mapping[str, str]) -> Lang:
    """Give the language of an environment: Chinese where its locale is Chinese, else English.

    Examples
    --------
    >>> own_lang({"LANG": "zh_CN.UTF-8"}), own_lang({"LANG": "fr_FR.UTF-8"})
    ('zh', 'en')
    >>> own_lang({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"})
    'en'
    """
    given = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    told = next((one for one in given if one), None)
    if told is None:  # as on Windows, which has no such variables
        told = locale.getlocale()[0] or ""
    return "zh" if told.lower().startswith(("zh", "chinese")) else "en"
