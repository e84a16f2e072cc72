"""The README's table of settings is the settings, field by field."""

from pathlib import Path

from warehouse.settings import Settings

README = Path(__file__).parents[2] / "README.md"


def test_every_setting_stands_in_the_readme_with_its_default_and_meaning() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    documented = [line for line in lines if line.startswith("| `CORBI_")]
    assert documented == [
        f"| `CORBI_{name.upper()}` | {_shown(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]


def _shown(default: object) -> str:
    return "unset" if default is None else f"`{default}`" if default != "" else "empty"
