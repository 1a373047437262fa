"""Loan-level reports in XML as tapes: what stands in them, and what hostile ones try."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from abssim.errors import TapeError
from abssim.tape import read_tape
from abssim.tape.element import MOST_CELLS, MOST_DEEP, MOST_LETTERS

INVALID = Path(__file__).resolve().parents[2] / "cases" / "invalid"
SPACE = "http://www.sec.gov/edgar/document/absee/autoloan/assetdata"
LOAN = {
    "assetNumber": "7",
    "originationDate": "03/2025",
    "originalLoanAmount": "120.00",
    "originalLoanTerm": "48",
    "obligorCreditScore": "0",
    "remainingTermToMaturityNumber": "36",
    "reportingPeriodInterestRatePercentage": "0.0814",
    "reportingPeriodActualEndBalanceAmount": "100.50",
    "currentDelinquencyStatus": "31",
    "recoveredAmount": "-12.5",
}


def exhibit(*loans: dict[str, str], more: str = "", space: str = SPACE) -> str:
    def one(loan: dict[str, str]) -> str:
        return "".join(f"<{name}>{text}</{name}>" for name, text in loan.items())

    assets = "".join(f"<assets>{one(loan)}{more}</assets>" for loan in loans)
    return f'<?xml version="1.0" encoding="UTF-8"?><assetData xmlns="{space}">{assets}</assetData>'


def written(folder: Path, text: str, name: str = "loans.xml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_exhibit_102(tmp_path: Path) -> None:
    reading = read_tape(written(tmp_path, exhibit(LOAN)), keep=["recoveredAmount"])
    tape = reading.tape
    assert (tape.balance[0], tape.original_balance[0], tape.rate[0]) == (10_050, 12_000, 0.0814)
    assert (tape.remaining_term[0], tape.original_term[0], tape.days_past_due[0]) == (36, 48, 31)
    assert tape.extra["recoveredAmount"][0] == -12.5
    assert reading.format == "Schedule AL"


def test_packed(tmp_path: Path) -> None:
    file = tmp_path / "loans.xml.gz"
    file.write_bytes(gzip.compress(exhibit(LOAN, {**LOAN, "assetNumber": "8"}).encode()))
    assert read_tape(file).tape.loan_id.tolist() == [b"7", b"8"]


def test_elements_that_repeat_are_columns_of_their_own(tmp_path: Path) -> None:
    file = written(
        tmp_path, exhibit(LOAN, more="<subvented>0</subvented><subvented>2</subvented><subvented>98</subvented>")
    )
    tape = read_tape(file, keep=["subvented"]).tape
    assert [tape.extra[name][0] for name in ("subvented", "subvented.1", "subvented.2")] == [0, 2, 98]


def test_elements_are_read_in_any_case(tmp_path: Path) -> None:
    file = written(tmp_path, exhibit(LOAN, more="<DemandResolutionDate>01-31-2026</DemandResolutionDate>"))
    tape = read_tape(file, keep=["demandResolutionDate"]).tape
    assert tape.column("demandResolutionDate")[0] == "01-31-2026"


def test_unknown_elements_and_namespaces_are_told(tmp_path: Path) -> None:
    notes = read_tape(written(tmp_path, exhibit(LOAN, more="<colour>red</colour>", space="urn:other"))).notes
    assert any("elements of no field of us-ex102, not read: colour" in note for note in notes)
    assert any('"urn:other" and not that of us-ex102' in note for note in notes)


def test_the_same_value_twice_is_no_contradiction(tmp_path: Path) -> None:
    file = written(tmp_path, exhibit(LOAN, more="<currentDelinquencyStatus>31</currentDelinquencyStatus>"))
    assert read_tape(file).tape.days_past_due[0] == 31


def test_a_contradiction_costs_its_loan_only() -> None:
    reading = read_tape(INVALID / "E842.xml", on_bad_row="drop")
    assert (len(reading.tape), reading.rows_dropped) == (1, 1)


def attacks() -> Iterator[tuple[str, str]]:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    yield "billion laughs", f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{lol}]><assetData>&l8;</assetData>'
    yield "external entity", '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><assetData>&f;</assetData>'
    yield "remote type", '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><assetData/>'
    yield "undefined entity", exhibit({**LOAN, "assetNumber": "&who;"})
    yield "too deep", f"<assetData>{'<a>' * (MOST_DEEP + 2)}{'</a>' * (MOST_DEEP + 2)}</assetData>"
    yield "too many elements", exhibit(LOAN, more="<a>1</a>" * (MOST_CELLS + 1))
    yield "too long a text", exhibit({**LOAN, "assetNumber": "x" * (MOST_LETTERS + 1)})
    yield "too many names", f"<assetData>{''.join(f'<a{n}/>' for n in range(6_000))}</assetData>"
    yield "cut off", exhibit(LOAN)[:-30]
    yield "no XML", "balance,rate\n1,2\n"
    yield "binary", "\x00\x01\x02"


@pytest.mark.parametrize(("name", "text"), [*attacks()], ids=[name for name, _ in attacks()])
def test_hostile(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(TapeError) as caught:
        read_tape(written(tmp_path, text))
    assert caught.value.code == "E840"


def test_a_report_of_no_loan(tmp_path: Path) -> None:
    with pytest.raises(TapeError) as caught:
        read_tape(written(tmp_path, exhibit()))
    assert caught.value.code == "E241"


def test_many_loans_are_read_in_pieces(tmp_path: Path) -> None:
    """More than one piece of the reader, and a column that only a late loan has."""
    loans = [{**LOAN, "assetNumber": str(number)} for number in range(20_500)]
    loans[-1]["vehicleModelName"] = "300"
    tape = read_tape(written(tmp_path, exhibit(*loans)), keep=["vehicleModelName"]).tape
    assert (len(tape), tape.total_balance) == (20_500, 20_500 * 10_050)
    assert np.isnan(tape.extra["vehicleModelName"][:-1]).all() and tape.extra["vehicleModelName"][-1] == 300


def test_percent_or_fraction_is_told(tmp_path: Path) -> None:
    """Some filers write rates in percent."""
    reading = read_tape(written(tmp_path, exhibit({**LOAN, "reportingPeriodInterestRatePercentage": "8.14"})))
    assert reading.tape.rate[0] == pytest.approx(0.0814)
    assert any("is read as percent" in note for note in reading.notes)


@pytest.mark.parametrize(("written_as", "told"), [("0.1056", False), ("5.61", True)])
def test_payment_to_income_is_a_fraction_in_one_shelf_and_percent_in_another(
    written_as: str, told: bool, tmp_path: Path
) -> None:
    loan = {**LOAN, "paymentToIncomePercentage": written_as}
    reading = read_tape(written(tmp_path, exhibit(loan)), keep=["paymentToIncomePercentage"])
    assert reading.tape.extra["payment_to_income"][0] == pytest.approx(0.0561 if told else 0.1056)
    assert reading.tape.extra["paymentToIncomePercentage"][0] == float(written_as)
    assert any("paymentToIncomePercentage is read as percent" in note for note in reading.notes) is told


def test_scores_of_zero_are_told(tmp_path: Path) -> None:
    loans = [{**LOAN, "assetNumber": str(n), "obligorCreditScore": "0" if n % 6 == 0 else "700"} for n in range(12)]
    notes = read_tape(written(tmp_path, exhibit(*loans))).notes
    assert any("score of 2 loans is 0 and taken as it stands" in note for note in notes)


def esma(more: str = "<AcctSts>PERF</AcctSts>", cut_off: str = "2026-01-31") -> str:
    def money(name: str, amount: str) -> str:
        return f'<{name}><Val><Amt Ccy="EUR">{amount}</Amt></Val></{name}>'

    none = "<NoDataOptn><NoData>ND5</NoData></NoDataOptn>"
    dates = f"<OrgtnDt><Dt>2025-01-15</Dt></OrgtnDt><MtrtyDt><Dt>2028-01-15</Dt></MtrtyDt><OrgnlTerm>{none}</OrgnlTerm>"
    late = "<NoDataOptn><NoData4><Dt>2026-12-31</Dt><NoData>ND4</NoData></NoData4></NoDataOptn>"
    return f"""<Document xmlns="urn:esma:xsd:DRAFT1auth.099.001.04"><ScrtstnNonAsstBckdComrclPprUndrlygXpsrRpt>
<NewCrrctn><ScrtstnRpt><ScrtstnIdr>0000ABSSIMDEMO000032N202601</ScrtstnIdr><CutOffDt>{cut_off}</CutOffDt>
<UndrlygXpsrRcrd><UndrlygXpsrId><NewUndrlygXpsrIdr>N1</NewUndrlygXpsrIdr><OrgnlUndrlygXpsrIdr>O1</OrgnlUndrlygXpsrIdr>
<NewOblgrIdr>P</NewOblgrIdr><OrgnlOblgrIdr>P</OrgnlOblgrIdr></UndrlygXpsrId><UndrlygXpsrData><CsmrLn><PrfrmgLn>
<UndrlygXpsrCmonData><OblgrDtls><TrtrlUnit><Clssfctn>{late}</Clssfctn></TrtrlUnit></OblgrDtls><UndrlygXpsrDtls>
<IssncAndMtrtyDtls>{dates}</IssncAndMtrtyDtls><BalDtls><CmonData>{money("CurPrncplBal", "1000.5")}</CmonData>
{money("OrgnlPrncplBal", "1500")}</BalDtls><RpmtDtls><AmtstnTp><Cd>FRXX</Cd></AmtstnTp></RpmtDtls>
<IntrstRateDtls><CmonData><CurRate><Rate>6.5</Rate></CurRate></CmonData></IntrstRateDtls></UndrlygXpsrDtls>
<PrfrmncDtls><GnlAttrbts>{more}</GnlAttrbts><ArrearsDtls><NbOfDaysInArrears>0</NbOfDaysInArrears></ArrearsDtls>
<DfltDtls><RcvrsData><AllctdLoss><Val><Amt Ccy="EUR">7.5</Amt><Sgn>false</Sgn></Val></AllctdLoss></RcvrsData></DfltDtls>
</PrfrmncDtls></UndrlygXpsrCmonData></PrfrmgLn></CsmrLn></UndrlygXpsrData></UndrlygXpsrRcrd></ScrtstnRpt></NewCrrctn>
</ScrtstnNonAsstBckdComrclPprUndrlygXpsrRpt></Document>"""


def test_esma_consumer(tmp_path: Path) -> None:
    """Terms from dates and the report's own cut-off, percent, currency from the amount, codes for what is not known."""
    reading = read_tape(written(tmp_path, esma()), keep=["CMRL10", "CMRL59"])
    tape = reading.tape
    assert (tape.currency, tape.balance[0], tape.original_balance[0]) == ("EUR", 100_050, 150_000)
    assert tape.rate[0] == pytest.approx(0.065)
    assert (tape.remaining_term[0], tape.age[0], tape.original_term[0]) == (24, 12, 36)
    assert tape.column("loan_id")[0] == "O1" and tape.column("amortization")[0] == "level_pay"
    assert tape.column("CMRL10")[0] == "ND4-2026-12-31" and tape.column("region")[0] == ""
    assert tape.extra["CMRL59"][0] == -7.5
    assert any("the cut-off is 2026-01-31" in note for note in reading.notes)


def test_esma_cut_off_of_the_deal_goes_first(tmp_path: Path) -> None:
    reading = read_tape(written(tmp_path, esma()), cut_off=date(2026, 7, 1))
    assert reading.tape.remaining_term[0] == 18
    assert any("2026-01-31; 2026-07-01 is taken" in note for note in reading.notes)


@pytest.mark.parametrize("status", ["RDMD", "REDF"])
def test_esma_loans_that_are_gone_have_no_balance(status: str, tmp_path: Path) -> None:
    with pytest.raises(TapeError) as caught:
        read_tape(written(tmp_path, esma(f"<AcctSts>{status}</AcctSts>")))
    assert caught.value.code == "E273"


def test_esma_ndft_is_a_default(tmp_path: Path) -> None:
    """It reads like "not defaulted", and means a default by another definition."""
    tape = read_tape(written(tmp_path, esma("<AcctSts>NDFT</AcctSts>"))).tape
    assert tape.column("status")[0] == "default"
