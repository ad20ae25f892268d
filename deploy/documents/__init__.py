"""Documents made from classes and rows, so that they cannot say anything else than the code."""

from pathlib import Path

from deploy.documents import access, asyncapi, law, messages, retention


def render_all(folder: Path) -> dict[Path, str]:
    """Every generated document: where it belongs and what it must contain."""
    return {
        folder / "access.md": access.render(),
        folder / "messages.md": messages.render(),
        folder / "asyncapi.yaml": asyncapi.render(),
        folder / "law.md": law.render(),
        folder / "retention.md": retention.render(),
    }
