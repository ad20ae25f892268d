"""Phones that officers on duty carry: which numbers are taken."""

import re

from services.directory.errors import NumberRefused

# The mobile networks of Viet Nam (E.164), after the change of 2018. What begins with +8431 is none
# of them: it is a landline of Hai Phong from before 2017, and would ring at a stranger's.
_MOBILE = re.compile(r"\+84(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])[0-9]{7}", re.ASCII)


def check_number(number: str) -> None:
    """Raise ``NumberRefused`` for what is no mobile number of Viet Nam in E.164."""
    if _MOBILE.fullmatch(number) is None:
        raise NumberRefused
