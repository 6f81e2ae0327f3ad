"""The notice at the door: what it says is true by the settings, readable, and in every language."""

from __future__ import annotations

import io
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from pypdf import PdfReader

from edge.cli import main
from edge.config.load import config_of
from edge.config.schema import Config
from edge.core.errors import InputError
from edge.reports.door.facts import OF_NO_MATTER, TOLD, operator, told
from edge.reports.door.sheet import LEAST_PT, PAPERS_MM, languages, notice

if TYPE_CHECKING:
    from pathlib import Path

    from edge.config.words import Words

WHO = {
    "operator": "Corner Shop GmbH, Hauptstra\u00dfe 12, 10115 Berlin",
    "contact": "datenschutz@corner-shop.example, 030 1234567",
    "privacy_url": "https://corner-shop.example/datenschutz",
}  # fmt: skip
NOON = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
ALL = [words.language for words in languages().all]


def shop(site: dict[str, Any] | None = None, **tables: Any) -> Config:  # noqa: ANN401 - whatever settings hold
    return config_of({"site": WHO if site is None else site, **tables})


def words(language: str = "en") -> Words:
    return languages().get(language)


def said(config: Config, language: str = "en") -> str:
    one = told(config, words(language))
    return " ".join((one.title, one.lead, *one.points))


def page(config: Config, *codes: str, paper: str = "a4") -> PdfReader:
    made = notice([told(config, words(code)) for code in codes], operator(config), paper, NOON)
    return PdfReader(io.BytesIO(made))


def flat(reader: PdfReader) -> str:
    return " ".join(reader.pages[0].extract_text().split())


def test_each_table_of_settings_was_looked_at() -> None:
    assert set(Config.model_fields) == TOLD | OF_NO_MATTER, "does the new one tell of people? then say it"
    assert not TOLD & OF_NO_MATTER


def test_it_says_what_is_switched_on() -> None:
    assert "No pictures are stored" in said(shop())
    assert "about 5 years" in said(shop())
    assert "for two days where people walked" in said(shop())
    assert "everything stays in this device" in said(shop())
    assert "unrecognisable" in said(shop())
    assert "where people walked" not in said(shop(records={"walks": False}))
    assert "after 30 days" in said(shop(records={"keep_days": 30}))
    assert "after 1 day." in said(shop(records={"keep_days": 1}))
    assert "about 3 months" in said(shop(records={"keep_days": 90}))
    assert "need for it" in said(shop(records={"keep_days": 0}))
    assert "Nobody can look through" in said(shop(panel={"privacy_lock": True, "privacy": "clear"}))
    clear = said(shop(panel={"privacy": "clear"}))
    assert "not stored" in clear
    assert "unrecognisable" not in clear


def test_what_leaves_the_box_is_said() -> None:
    hub = {"enabled": True, "url": "https://hub.example.org"}
    mail = {"host": "smtp.example.org", "sender": "box@example.org"}
    report = {"name": "week", "mail_to": ["owner@example.org"]}
    assert "to a server of the operator" in said(shop(upstream=hub, mail=mail, report=[report]))
    assert "Only figures are passed on" in said(shop(mail=mail, report=[report]))
    assert "Only figures are passed on" in said(shop(mqtt={"enabled": True, "host": "broker"}))
    assert "everything stays" in said(shop(mail=mail, report=[{**report, "enabled": False}]))
    assert "everything stays" in said(shop(report=[{"name": "week", "folder": "/srv/acm"}]))


def test_every_language_says_all_of_it() -> None:
    texts = {one.language: one._texts for one in languages().all}  # noqa: SLF001 - every key there is
    assert {"en", "de", "tr"} <= set(texts)
    assert len({frozenset(key for key in text if key.startswith("door.")) for text in texts.values()}) == 1
    for code in ALL:
        assert "door." not in said(shop(upstream={"enabled": True, "url": "https://hub.example.org"}), code)


@pytest.mark.parametrize("paper", list(PAPERS_MM))
@pytest.mark.parametrize("language", ALL)
def test_one_page_with_every_word_on_it(language: str, paper: str) -> None:
    reader = page(shop(), language, paper=paper)
    text, one = flat(reader), told(shop(), words(language))
    assert len(reader.pages) == 1
    for part in (one.title, one.lead, *one.points, one.who, one.how, one.scan):
        assert part in text
    assert WHO["operator"] in text
    assert reader.trailer["/Root"]["/Lang"] == language
    size = reader.pages[0].mediabox
    assert (float(size.width), float(size.height)) == pytest.approx([mm / 25.4 * 72 for mm in PAPERS_MM[paper]], abs=1)


@pytest.mark.parametrize("codes", [("de", "tr"), ("en", "de"), ("tr", "en")])
def test_two_languages_share_a_page(codes: tuple[str, str]) -> None:
    reader = page(shop(upstream={"enabled": True, "url": "https://hub.example.org"}), *codes)
    text = flat(reader)
    assert len(reader.pages) == 1
    for code in codes:
        assert told(shop(), words(code)).title in text
    assert text.count(WHO["operator"]) == 1


def test_no_letter_of_what_it_says_is_too_small() -> None:
    sizes: list[float] = []

    def visit(text: str, _: object, __: object, ___: object, size: float) -> None:
        if any(point[:20] in text for point in told(shop(), words("de")).points):
            sizes.append(size)

    page(shop(), "de", "tr").pages[0].extract_text(visitor_text=visit)
    assert sizes
    assert min(sizes) >= LEAST_PT


def test_what_is_too_much_for_the_paper_is_said() -> None:
    with pytest.raises(InputError, match="take a4, or one language"):
        page(shop(), "de", "en", paper="a5")


def test_the_longest_names_still_fit() -> None:
    site = {"operator": "W" * 120, "contact": "M" * 120, "privacy_url": f"https://example.org/{'x' * 280}"}
    assert len(page(shop(site), "de", "tr").pages) == 1


@pytest.mark.parametrize(
    ("site", "code"),
    [
        (WHO, WHO["privacy_url"]),
        ({**WHO, "privacy_url": "", "contact": "owner@example.org"}, "mailto:owner@example.org"),
        ({**WHO, "privacy_url": "", "contact": "+49 (30) 123 45-67"}, "tel:+49301234567"),
    ],
)
def test_the_code_leads_where_it_says(site: dict[str, str], code: str) -> None:
    (image,) = page(shop(site), "en").pages[0].images
    picture = cv2.imdecode(np.frombuffer(image.data, np.uint8), cv2.IMREAD_GRAYSCALE)
    found, _, _ = cv2.QRCodeDetector().detectAndDecode(cv2.copyMakeBorder(picture, 40, 40, 40, 40, 0, value=255))
    assert found == code


def test_where_nothing_can_be_scanned_there_is_no_code() -> None:
    site = {**WHO, "privacy_url": "", "contact": "at the till"}
    assert list(page(shop(site), "en").pages[0].images) == []


def test_without_an_operator_there_is_no_notice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "acm.toml"
    settings.write_text('[site]\nname = "x"\n[[camera]]\nsource = "sim"\n')
    words = ["notice", "-o", str(tmp_path / "door.pdf"), "--config", str(settings), "--state", str(tmp_path)]
    assert main(words) == 2
    assert "give operator and contact in [site]" in capsys.readouterr().err
    assert not (tmp_path / "door.pdf").exists()
    settings.write_text('[site]\noperator = "Shop"\ncontact = "a@b.example"\n[[camera]]\nsource = "sim"\n')
    assert main([*words, "--language", "de,tr"]) == 0
    assert (tmp_path / "door.pdf").read_bytes().startswith(b"%PDF")
    assert main([*words, "--language", "de,tr,en"]) == 2
    assert main([*words, "--language", "xx"]) == 2
    assert "there are de, en, tr" in capsys.readouterr().err
