"""``python -m tests.golden``: write the golden files and docs/answers.md anew."""

from fastkontakt.logs import configure
from fastkontakt.settings import LogSettings
from tests.golden.answers import FILES, answers
from tests.golden.page import PAGE, page
from tests.golden.situations import situations

if __name__ == "__main__":
    configure(LogSettings(level="error"))
    for old in FILES.glob("*.xml"):
        old.unlink()
    texts = answers(situations())
    for name, text in texts.items():
        (FILES / f"{name}.xml").write_text(text, encoding="utf-8")
    PAGE.write_text(page(situations(), texts), encoding="utf-8")
    print(f"{len(texts)} files and {PAGE.name}")
