"""Amounts published about breaches: what each was for, whom it concerns, in which money, and its use.

A published amount is a payment, a cost, a loss of victims or a count. No amount is an input of a simulation:
models of payments and costs are fitted to those whose ``use`` is "fit", and predictions are checked against
the others. The words of the files are read here: kinds, sectors, and fields under other names.

Not here: files and the identity of a breach (``catalog.amounts.outcomes``), rates of exchange and prices
(``catalog.amounts.exchange``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from breach_sim.formatting.display import Displayable
from breach_sim.formatting.messages import shown, unknown
from breach_sim.inputs.fields import FIELD_NAMES
from breach_sim.inputs.published import READ, check_countries

_PAYMENTS = {
    "settlement": "fund agreed with the class of people concerned",
    "settlement_cap": "most that a settlement can cost, where claims decide what is paid",
    "settlement_floor": "least that a settlement cost, where the amount was not published",
    "settlement_total": "settlements, penalties and promised spending in one figure",
    "settlement_banks": "settlement with banks and credit unions that issued the cards",
    "settlement_investors": "settlement with investors about the price of shares",
    "settlement_derivative": "settlement with shareholders on behalf of the firm",
    "restitution": "fund for the restitution of consumers, which may hold the settlement",
    "state_ag": "paid to attorneys general of US states",
    "fine": "civil penalty of a regulator, none of those below",
    "fine_gdpr": "penalty under the General Data Protection Regulation, in the EU or the United Kingdom",
    "fine_ocr": "resolution amount or penalty of the US Office for Civil Rights, for health data",
    "fine_sec": "penalty of the US Securities and Exchange Commission, for what investors learned",
    "fine_proposed": "penalty that a regulator proposed; what was paid may differ",
    "card_networks": "paid to card networks and the banks behind them",
    "customer_redress": "rebates and gifts to all customers",
    "damages_awarded": "damages awarded by a court",
    "paid_to_victims": "part of a settlement that reached people",
    "ransom": "paid to criminals",
}
_COSTS = {
    "cost": "what the firm says that the breach, or the response to it, cost",
    "cost_gross": "cost booked for the breach before insurance, legal and technical cost included",
    "charge": "charge booked in the accounts, which may hold the settlement",
    "cost_contract": "contract for notice and protection services",
    "cost_notice": "letters and other notice",
    "cost_call_centre": "support of consumers by telephone",
    "cost_monitoring": "credit monitoring offered to people",
    "cost_security": "technology and security bought after the breach",
    "security": "spending on security that was promised or ordered",
    "admin_cost": "administration of a settlement",
    "fees": "fees of the lawyers of the class",
    "insurance_recovery": "received from insurers",
}
_LOSSES = {
    "fraud_loss": "money that fraud took from the people concerned",
    "complaint_loss": "rise of the money lost in complaints of a country",
}
_COUNTS = {
    "claim_rate": "share of the class who filed a claim",
    "claims": "claims filed",
    "complaints": "complaints to an authority",
    "churn": "customers lost",
    "redress_takeup": "customers who took what was offered",
}
PAYMENTS: tuple[str, ...] = tuple(_PAYMENTS)
"""Kinds of amounts that were paid, or are to be paid, to others."""
COSTS: tuple[str, ...] = tuple(_COSTS)
"""Kinds of amounts that a firm spent or booked; insurance_recovery reduces them."""
LOSSES: tuple[str, ...] = tuple(_LOSSES)
"""Kinds of amounts that victims lost: money, but not the firm's."""
COUNTS: tuple[str, ...] = tuple(_COUNTS)
"""Kinds of counts of people or cases, and one share (claim_rate). They have no currency."""
KINDS: Mapping[str, str] = {**_PAYMENTS, **_COSTS, **_LOSSES, **_COUNTS}
"""Every kind of published amount, and what it is."""

SECTORS: Mapping[str, str] = {
    "health": "health care and health insurance",
    "finance": "banks, credit bureaus, brokers and other insurance",
    "retail": "shops, also on the internet",
    "telecom": "telephone and internet access",
    "technology": "software, platforms, media and games",
    "government": "authorities and public bodies",
    "education": "schools and universities",
    "hospitality": "hotels, restaurants and travel",
    "utility": "water, power and gas",
    "services": "other services to firms and people",
    "other": "everything else",
    "": "not published, or more than one",
}
"""Trades of firms, and what each holds."""
_SECTOR_WORDS = {
    "bank": "finance", "credit": "finance", "insurance": "finance", "hotel": "hospitality", "any": "",
    "internet": "technology", "software": "technology", "games": "technology",
}  # fmt: skip
_NAICS = {
    "22": "utility", "44": "retail", "446": "health", "45": "retail", "48": "other", "51": "technology",
    "517": "telecom", "52": "finance", "52411": "health", "524113": "finance", "54": "services",
    "55": "services", "56": "services", "56145": "finance", "61": "education", "62": "health",
    "72": "hospitality", "81": "services", "92": "government",
}  # fmt: skip
"""Sector by the first digits of a NAICS code; the longest match decides. 446 is pharmacies, 52411 carriers of
health and life insurance together (524113: life alone), 56145 credit bureaus."""

_FIELD_WORDS = {
    "home_address": "postal_address", "address": "postal_address", "bank_account": "bank_account_number",
    "iban": "bank_account_number", "call_records": "call_detail_records", "cpni": "service_plan",
    "drivers_license": "drivers_license_number", "passport": "passport_number", "partial_ssn": "ssn_last4",
    "fingerprint": "biometric_fingerprint", "health": "medical_record", "health_claims": "medical_record",
    "test_results": "medical_record", "health_insurance": "health_insurance_id",
    "religion": "religion_or_politics", "security_question_answer": "security_qa",
    "payment_card": "payment_card_number",
}  # fmt: skip
"""Fields under other names, as files of outcomes have them."""

DATA_KINDS: Mapping[str, str] = {
    "national_id": "number that identifies a person for life: SSN, tax number, national number",
    "financial": "bank account, transactions, credit standing, income, wallet",
    "card": "full card number or verification value",
    "medical": "diagnosis, treatment, health insurance number",
    "credential": "what opens an account: password, PIN, security answers, token, SIM key, fingerprint",
    "document": "driver's license, passport, security-clearance file",
    "communication": "calls, messages, position, line and device",
    "personal_unknown": "VCDB says Personal: identity data, perhaps with the SSN",
    "contact": "everything else: name, birth date, address, e-mail, telephone, employer",
}
"""Kinds of data that tell breaches apart, and what each holds."""
_FLAGS = {
    "national_id": ("ssn", "tax_id", "national_id_number"),
    "financial": (
        "bank_account_number", "transaction_history", "credit_score", "income", "crypto_wallet", "Bank",
    ),
    "card": ("payment_card_number", "card_cvv", "Payment"),
    "medical": ("medical_record", "health_insurance_id", "Medical"),
    "credential": (
        "password_plain", "password_hash", "password_hash_slow", "password_hash_weak", "password_vault",
        "security_qa", "account_pin", "card_pin", "auth_token", "sim_ki", "biometric_fingerprint",
        "Credentials",
    ),
    "document": ("drivers_license_number", "passport_number", "background_investigation"),
    "communication": (
        "call_detail_records", "sms_content", "private_messages", "cell_location", "service_plan", "imsi",
        "imei", "imei_history", "iccid",
    ),
    "personal_unknown": ("Personal",),
}  # fmt: skip
_FLAG_OF = {word.lower(): flag for flag, words in _FLAGS.items() for word in words}

BOUNDS = ("exact", "ceiling", "floor")
"""Whether the amount is what was paid, the most ("up to"), or the least."""
USES = ("fit", "check", "left out")
"""Whether models are fitted to the amount, only checked against it, or neither."""
GRADES = ("", "A", "B", "C")
WORLD_PRODUCT_USD = 1.1e14
"""Yearly product of the world. [USD]"""
WORLD_POPULATION = 8.3e9
"""Number of people. [people]"""

_NOT_FITTED: Mapping[str, tuple[str, str]] = {
    "settlement_floor": ("left out", "a floor that was derived from fees"),
    "settlement_total": ("check", "holds settlements and penalties together"),
    "settlement_investors": ("check", "about the price of shares, not about people"),
    "settlement_derivative": ("check", "about the duties of directors, not about people"),
    "restitution": ("check", "may hold the settlement"),
    "fine_sec": ("check", "about what investors learned, not about people"),
    "fine_proposed": ("left out", "proposed; what was paid may differ"),
    "paid_to_victims": ("check", "part of a settlement"),
    "charge": ("check", "may hold the settlement"),
    "fees": ("check", "paid from a settlement or on top of it"),
    "insurance_recovery": ("check", "received, not paid; to be held against the cost"),
    "fraud_loss": ("check", "lost by victims, not by the firm; to be held against the harm"),
    "complaint_loss": ("check", "national; a ceiling for the harm of one breach"),
    "claim_rate": ("check", "a share; to be held against the rate of claims"),
    "claims": ("check", "a count; to be held against the rate of claims"),
    "complaints": ("check", "a count; to be held against the number of victims"),
    "churn": ("check", "a count; to be held against the customers lost"),
    "redress_takeup": ("check", "a count; to be held against the uptake of an offer"),
}
"""Use and reason of the kinds that no model is fitted to unless a row says so."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PublishedAmount(Displayable):
    """One amount published about a breach: money, a count or a share.

    Parameters
    ----------
    name
        The breach, as published.
    breach
        Identity, the same for every spelling of the name: lower case, hyphens, year. It is the name of the
        scenarios up to the year where the library holds the breach.
    kind
        One of :data:`KINDS`.
    amount, currency
        As published; currency "" for a count or share. (0, inf)
    year
        Year of the breach; None if not published. [years]
    country
        Two capital letters as in ISO 3166, or "".
    sector
        One of :data:`SECTORS`.
    people
        People whom the amount is about; None if not published. (0, 8.3e9] [people]
    fields
        Leaked fields, known to ``inputs.fields``.
    unread
        Words for leaked data that are no known field.
    usd
        Amount at the rate of its month; None for a count. (0, 1.1e14] [USD]
    usd_constant
        The same in prices of 2024; None for a count. (0, inf) [USD]
    set_on
        Date of the amount: "", "2020", "2020-10" or "2020-10-30".
    bound
        One of :data:`BOUNDS`.
    use
        One of :data:`USES`.
    reason
        Why it is left out, or what is checked against it; "" for a fit.
    what_it_is, note
        In words; the note says what one must know to read it.
    grade
        Grade of the source: "A", "B", "C", or "" if not given.
    status
        How the amount is known: one of ``published.READ``.
    source, publisher, url
        Title, publisher and address of the source.

    Raises
    ------
    ValueError
        If a word is unknown, a number is out of range, or the parts contradict each other.
    """

    name: str
    breach: str
    kind: str
    amount: float
    currency: str
    year: int | None = None
    country: str = ""
    sector: str = ""
    people: float | None = None
    fields: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    usd: float | None = None
    usd_constant: float | None = None
    set_on: str = ""
    bound: str = "exact"
    use: str = "fit"
    reason: str = ""
    what_it_is: str = ""
    note: str = ""
    grade: str = ""
    status: str = "seen"
    source: str = ""
    publisher: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("the breach has no name; give the name under which it was published")
        if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", self.breach):
            raise ValueError(
                f"identity is {shown(self.breach)}; write lower case and hyphens, as in anthem-2015, "
                "or leave it empty"
            )
        known = {"kind": KINDS, "sector": SECTORS, "bound": BOUNDS, "use": USES}
        known |= {"grade": GRADES, "status": READ}
        for word, names in known.items():
            if getattr(self, word) not in names:
                described = names if isinstance(names, Mapping) else None
                raise ValueError(unknown(word, getattr(self, word), names, f"column {word!r}", described))
        if self.country:
            check_countries((self.country,), "column 'country'")
        check_date(self.set_on)
        self._check_numbers()
        self._check_use()

    def _check_numbers(self) -> None:
        """Reject numbers out of range, and money without currency or the reverse."""
        if not (math.isfinite(self.amount) and self.amount > 0):
            raise ValueError(f"amount is {self.amount:g}; it must be above 0, or the row left out")
        if self.people is not None and not 0 < self.people <= WORLD_POPULATION:
            raise ValueError(
                f"people is {self.people:g}; it must be above 0 and at most {WORLD_POPULATION:g}, the people "
                "of the world; leave it empty where it was not published"
            )
        if self.kind == "claim_rate" and self.amount > 1:
            raise ValueError(f"amount of claim_rate is {self.amount:g}; a share is at most 1")
        if self.is_money and (not self.currency or self.usd is None or self.usd_constant is None):
            raise ValueError(
                f"currency of {self.kind} is {self.currency!r}; money has one, such as USD or EUR, and USD"
            )
        if not self.is_money and self.currency:
            raise ValueError(
                f"currency of {self.kind} is {self.currency!r}; a count has none: leave it empty"
            )
        if self.usd is not None and self.usd > WORLD_PRODUCT_USD:
            in_usd = "" if self.currency == "USD" else f", {self.usd:g} USD"
            raise ValueError(
                f"amount is {self.amount:g} {self.currency}{in_usd}; it must be at most "
                f"{WORLD_PRODUCT_USD:g} USD, the world's product of a year: check the unit"
            )

    def _check_use(self) -> None:
        """Reject a use without a reason, and a fit to what has no people or is no money of the firm."""
        if (self.use == "fit") == bool(self.reason):
            rule = "a fit has none" if self.reason else "give one for every amount that is not fitted"
            raise ValueError(f"reason of use {self.use!r} is {shown(self.reason)}; {rule}")
        if self.use == "fit" and (self.people is None or not self.is_money):
            missing = "people" if self.people is None else "currency"
            raise ValueError(f"use is 'fit' without {missing}; write 'check', with the reason")

    @property
    def is_money(self) -> bool:
        """Whether the amount is money; otherwise it is a count or a share."""
        return self.kind not in COUNTS

    @property
    def data_kinds(self) -> frozenset[str]:
        """Kinds of leaked data, of :data:`DATA_KINDS`."""
        return data_kinds((*self.fields, *self.unread))

    def summary(self) -> str:
        """Identity, kind, amount and use, with the status."""
        money = f" {self.currency}" if self.currency else ""
        return f"{self.breach}: {self.kind} {self.amount:,.6g}{money} ({self.use}, {self.status})"


def check_date(text: str) -> None:
    """Reject what is no date of a day, a month or a year.

    Parameters
    ----------
    text
        "", "2020", "2020-10" or "2020-10-30".

    Raises
    ------
    ValueError
        With the value, the rule and the remedy.
    """
    if not text:
        return
    parts = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text)
    try:
        if parts:
            date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
            return
    except ValueError:
        pass
    raise ValueError(
        f"set_on is {shown(text)}; write a date as 2020-10-30, 2020-10 or 2020, or leave it empty"
    )


def use_of(kind: str, people: float | None, status: str) -> tuple[str, str]:
    """Return the use of an amount for which none was given, with the reason.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    people
        People whom it is about, or None. [people]
    status
        How it is known.

    Returns
    -------
    One of :data:`USES`, and the reason; "" for a fit.

    Examples
    --------
    >>> use_of("fine", 1000, "seen"), use_of("fine", None, "seen")[0]
    (('fit', ''), 'check')
    """
    if kind in _NOT_FITTED:
        return _NOT_FITTED[kind]
    if people is None:
        return "check", "people not published, so that no amount can be predicted"
    if status == "recalled":
        return "check", "the amount is recalled and was not found again"
    return "fit", ""


def sector_of(word: str) -> str:
    """Return the sector for a word of a file or a NAICS code.

    Parameters
    ----------
    word
        One of :data:`SECTORS`, a word such as "bank", or digits.

    Returns
    -------
    One of :data:`SECTORS`; "other" for a code of another trade.

    Raises
    ------
    ValueError
        If it is neither.

    Examples
    --------
    >>> sector_of("hotel"), sector_of("517210"), sector_of("524114")
    ('hospitality', 'telecom', 'health')
    """
    plain = word.strip().lower()
    if plain.isdigit():
        return next((_NAICS[plain[:n]] for n in range(len(plain), 1, -1) if plain[:n] in _NAICS), "other")
    if plain not in SECTORS and plain not in _SECTOR_WORDS:
        raise ValueError(unknown("sector", word, [s for s in SECTORS if s], "column 'sector'", SECTORS))
    return _SECTOR_WORDS.get(plain, plain)


def fields_of(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read the words for leaked data in a cell.

    Parameters
    ----------
    text
        Words separated by semicolons.

    Returns
    -------
    Names of known fields in the order of ``inputs.fields``, and the other words in theirs.

    Examples
    --------
    >>> fields_of("SSN; home_address; Personal; full_name")
    (('full_name', 'ssn', 'postal_address'), ('Personal',))
    """
    known, unread = set(), []
    for word in filter(None, (part.strip() for part in text.split(";"))):
        plain = re.sub(r"[\s-]+", "_", word.lower())
        name = _FIELD_WORDS.get(plain, plain)
        if name in FIELD_NAMES:
            known.add(name)
        elif word not in unread:
            unread.append(word)
    return tuple(name for name in FIELD_NAMES if name in known), tuple(unread)


def data_kinds(words: Iterable[str]) -> frozenset[str]:
    """Return the kinds of data among leaked fields.

    The words of the VERIS Community Database (VCDB) are read too: Payment is "card", Medical "medical",
    Credentials "credential", Bank "financial". Its Personal means identity data of which it does not say
    whether the SSN is among them: "personal_unknown". The last four digits of an SSN and a truncated card
    number open nothing by themselves and are "contact". A word of no meaning here, such as "any", is skipped.

    Parameters
    ----------
    words
        Names of fields, or words of VCDB.

    Returns
    -------
    Names of :data:`DATA_KINDS`; empty if no word is known.

    Examples
    --------
    >>> sorted(data_kinds(["full_name", "ssn"])), sorted(data_kinds(["Personal", "Medical"]))
    (['contact', 'national_id'], ['medical', 'personal_unknown'])
    """
    plain = [word.lower() for word in words]
    found = {_FLAG_OF[word] for word in plain if word in _FLAG_OF}
    return frozenset(found | {"contact" for word in plain if word in FIELD_NAMES and word not in _FLAG_OF})


def kinds_by_breach(amounts: Iterable[PublishedAmount]) -> dict[str, frozenset[str]]:
    """Return the kinds of data of each breach: those of all its amounts, whose sources list few fields each.

    Parameters
    ----------
    amounts
        Any.

    Returns
    -------
    Names of :data:`DATA_KINDS` by identity; "personal_unknown" only where none of its amounts lists fields.
    """
    found: dict[str, frozenset[str]] = {}
    listed = set()
    for one in amounts:
        found[one.breach] = found.get(one.breach, frozenset()) | one.data_kinds
        listed |= {one.breach} if one.fields else set()
    unsettled = frozenset({"personal_unknown"})
    return {breach: kinds - unsettled if breach in listed else kinds for breach, kinds in found.items()}
