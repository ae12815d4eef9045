"""What can go wrong, each with a sentence that says how to mend it.

::

    QuarterhourError (also a ValueError)
    ├── InputError            a table, a file or an argument is not what it has to be
    │   ├── DatumError        a table's datum is undeclared, unknown or mixed with another
    │   └── ChecklistError    a checklist is unknown or its file has a mistake
    ├── NetworkError          a street network that cannot be walked or does not fit the places
    ├── OutputError           a result cannot be written where it was asked to go
    └── MissingExtraError     an optional package is needed (also an ImportError)

    QuarterhourWarning        a result stands, but the reader has to know something about it
"""

from __future__ import annotations


class QuarterhourError(ValueError):
    """Base of every error that quarterhour raises on purpose."""


class InputError(QuarterhourError):
    """A table, a file or an argument is not what it has to be."""


class DatumError(InputError):
    """A table's datum is undeclared, unknown, or mixed with another one."""


class ChecklistError(InputError):
    """A checklist is unknown, or its file has a mistake."""


class NetworkError(QuarterhourError):
    """A street network cannot be walked, or does not fit the places."""


class OutputError(QuarterhourError):
    """A result cannot be written where it was asked to go."""


class MissingExtraError(QuarterhourError, ImportError):
    """An optional package is needed; the message says how to install it."""


class QuarterhourWarning(UserWarning):
    """A result stands, but its reader has to know something about it."""
