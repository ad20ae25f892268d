"""What people read: every code and every title in Vietnamese and in English, looked up by its key.

A text lives in a gettext catalogue (``vi.po``, ``en.po``): its context is the vocabulary it
belongs to (``problem``, ``rule``, ``referral_status``), its id the code. Those that all services
have lie in this folder, those of one service in its folder ``texts``. Which language a reader gets,
this room decides as well: by ``Accept-Language`` over HTTP, by the locale at a terminal.
"""

from shared.texts.catalogue import SHARED, Texts, of_service, placeholders, shared_texts
from shared.texts.choice import TextLanguage, accepted, of_locale

__all__ = [
    "SHARED",
    "TextLanguage",
    "Texts",
    "accepted",
    "of_locale",
    "of_service",
    "placeholders",
    "shared_texts",
]
