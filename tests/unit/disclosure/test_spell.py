"""Values as templates write them: formats, lengths, digits, check digits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from abssim.disclosure.identifier import is_isin, is_lei
from abssim.disclosure.spell import UnfitError, spelled
from abssim.template.load import load_template

FIELD = load_template("eu-annex6").fields[0]


def of(kind: str, text: str, limit: int = 0, choices: tuple[str, ...] = ()) -> str:
    return spelled(text, replace(FIELD, format=kind, limit=limit, choices=choices))


@pytest.mark.parametrize(
    ("kind", "text", "limit", "expected"),
    [
        ("ALPHANUM", "Example Ltd", 100, "EXAMPLE LTD"),
        ("STRING", "Müller", 10, "Müller"),
        ("DATEFORMAT", "2026-01-31", 0, "2026-01-31"),
        ("DATE-MDY", "2026-01-31", 0, "01-31-2026"),
        ("DATE-MDY", "01-31-2026", 0, "01-31-2026"),
        ("DATE-MY", "2026-01-01", 0, "01/2026"),
        ("DATE-MY", "12/2026", 0, "12/2026"),
        ("MONETARY", "12", 0, "12.00"),
        ("MONETARY", "12.3", 0, "12.30"),
        ("MONETARY", "-12.345", 0, "-12.345"),
        ("MONETARY", "-0.000001", 0, "0.00"),
        ("PERCENTAGE", "105.123456789", 0, "105.12345679"),
        ("PERCENTAGE", "6.50", 0, "6.5"),
        ("PERCENTAGE", "-0.25", 0, "-0.25"),
        ("PERCENTAGE", "1234.56789012", 0, "1234.5678901"),
        ("NUMERIC", "0.123456", 0, "0.12346"),
        ("INTEGER", "48.0", 9999, "48"),
        ("DECIMAL", "0.0814", 8, "0.0814"),
        ("Y/N", "Y", 0, "true"),
        ("Y/N", "0", 0, "false"),
        ("YEAR", "2021", 0, "2021"),
        ("是/否", "true", 0, "是"),
        ("是/否", "0", 0, "否"),
        ("NUTS", "USZZZ", 0, "USZZZ"),
        ("NUTS", "EL301", 0, "EL301"),
        ("LEI", "0000ABSSIMDEMO000032", 0, "0000ABSSIMDEMO000032"),
        ("IDENTIFIER", "0000ABSSIMDEMO000032N202601", 0, "0000ABSSIMDEMO000032N202601"),
        ("TELEPHONE", "+1-2125550100", 0, "+1-2125550100"),
        ("COUNTRYCODE_2", "IE", 0, "IE"),
        ("CURRENCYCODE_3", "EUR", 0, "EUR"),
    ],
)
def test_is_written(kind: str, text: str, limit: int, expected: str) -> None:
    assert of(kind, text, limit) == expected


@pytest.mark.parametrize(
    ("kind", "text", "limit"),
    [
        ("ALPHANUM", "Société", 100),
        ("ALPHANUM", "京东", 100),
        ("ALPHANUM", "A\nB", 100),
        ("STRING", "ABCDEF", 5),
        ("STRING", "a\x00b", 5),
        ("DATEFORMAT", "2026-02-30", 0),
        ("DATEFORMAT", "2020-01-01Z", 0),
        ("DATEFORMAT", "2026-01-31T00:00", 0),
        ("DATE-MY", "13/2026", 0),
        ("MONETARY", "1E2", 0),
        ("MONETARY", "1234567890123456789", 0),
        ("MONETARY", "nan", 0),
        ("PERCENTAGE", "123456789012", 0),
        ("INTEGER", "-1", 9999),
        ("INTEGER", "1.5", 9999),
        ("INTEGER", "10000", 9999),
        ("DECIMAL", "0.123456789", 8),
        ("Y/N", "maybe", 0),
        ("LIST", "XXXX", 0),
        ("YEAR", "12020", 0),
        ("YEAR", "-2020", 0),
        ("NUTS", "ZZZZZ", 0),
        ("NUTS", "VT", 0),
        ("LEI", "0000ABSSIMDEMO000033", 0),
        ("ISIN", "US0378331006", 0),
        ("IDENTIFIER", "0000ABSSIMDEMO000032N2026011", 0),
        ("IDENTIFIER", "0000ABSSIMDEMO000033N202601", 0),
        ("TELEPHONE", "0123", 0),
        ("COUNTRYCODE_2", "ZZ", 0),
        ("CURRENCYCODE_3", "EURO", 0),
    ],
)
def test_is_refused(kind: str, text: str, limit: int) -> None:
    with pytest.raises(UnfitError, match="must"):
        of(kind, text, limit, ("AAAA", "BBBB"))


def test_texts_end_where_the_schema_ends_them() -> None:
    """The regulation allows 100,000 letters where the schema takes 10,000."""
    assert len(of("STRING", "x" * 10_000, 100_000)) == 10_000
    with pytest.raises(UnfitError, match="10,000"):
        of("STRING", "x" * 10_001, 100_000)


def test_check_digits() -> None:
    """Of entities and securities that exist, and with a figure changed."""
    assert is_lei("529900T8BM49AURSDO55") and not is_lei("529900T8BM49AURSDO56")
    assert is_isin("US0378331005") and is_isin("IE00B4L5Y983") and not is_isin("US0378331015")
