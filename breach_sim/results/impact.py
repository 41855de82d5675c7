"""Impact: victims and money of a breach, replicate by replicate, and how sure that is.

:func:`~breach_sim.results.simulation.simulate` draws one value of every parameter per replicate, computes the
law of each segment, draws whole numbers of accounts and the money they lose, and returns an :class:`Impact`:
the frozen arrays of :class:`~breach_sim.results.replicates.Replicates`, with one method a table.

Not here: how a table is computed. Each method calls a function of ``funnel``, ``by_part``, ``money``,
``uncertainty``, ``by_month``, ``observed`` or ``sources``. Data for other programs are in ``data.face``.
What-ifs are in ``whatif``, attributions in ``analysis``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

from breach_sim.formatting import html
from breach_sim.formatting.arrays import Array
from breach_sim.formatting.messages import shown
from breach_sim.formatting.tables import spread
from breach_sim.inputs.numbers.estimates import Estimate, Source
from breach_sim.results.data.face import AsData
from breach_sim.results.expectations import expected
from breach_sim.results.tables import by_month, by_part, funnel, money, observed, sources, uncertainty

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, repr=False)
class Impact(AsData):
    """What a breach does: the arrays of a run, and one method for each table made from them.

    The fields are those of :class:`~breach_sim.results.replicates.Replicates`. An impact never changes; every
    table is a fresh data frame. Impacts, and their arrays ``people`` and ``loss``, are not to be added: runs
    of one seed share their luck. :func:`~breach_sim.api.several.portfolio` gives each breach its own.
    """

    @cached_property
    def firm_lines(self) -> Mapping[str, Array]:
        """Cost of the firm by line [USD]. Shape (R,) each; empty without rates."""
        return money.firm_lines(self)

    @property
    def firm_cost(self) -> Array | None:
        """Cost of the firm, all lines [USD]. Shape (R,); None without rates."""
        return money.firm_cost(self.firm_lines)

    def __add__(self, other: object) -> NoReturn:
        raise TypeError(
            "impacts are not added: those of one seed share the luck of their draws, so that a sum would be "
            "too wide. Run the breaches side by side: bs.portfolio([a, b], seed=1).loss"
        )

    __radd__ = __add__

    # ------------------------------------------------------------------------------------ counts

    def funnel(self, *, numbers: bool = False) -> pd.DataFrame:
        """The funnel by attack: exposed, attackable, attempted, victims, loss.

        Parameters
        ----------
        numbers
            Numbers in place of text: columns (word, "p5" | "p50" | "p95" | "mean"), nothing rounded.

        Returns
        -------
        One row an attack, and one for people and the total loss. As text: the median, and the 90 % interval
        in brackets where there is one, to the digits earned, with the notes below. If anything can
        be looked up, ``parts`` gives the shares of :meth:`parts`: by the leak alone / together / replaceable.
        """
        return funnel.by_attack(self, numbers=numbers)

    def quantiles(self) -> pd.DataFrame:
        """Quantiles and mean of victims, people and loss, each with its standard error.

        Returns
        -------
        One row a measure; columns p5, p50, p95, mean, se_p5, se_p50, se_p95, se_mean. [accounts] or [USD]
        """
        return funnel.quantiles(self)

    def by_segment(self) -> pd.DataFrame:
        """Expected numbers by segment; each column sums exactly to its last row.

        Returns
        -------
        One row a segment and the total: accounts, exposed, people, loss_usd, and victims by attack. If
        anything can be looked up, people by part after people. Means over replicates of the expectations;
        medians would not add up. [accounts], [USD]
        """
        return funnel.by_segment(self)

    def parts(self) -> pd.DataFrame:
        """Parts of the harm: by the leak alone, together with what is looked up, replaceable.

        Returns
        -------
        One row an attack (victims), one for people, and one for the loss. For each part p5, p50, p95, mean,
        and its share of the mean; at the end the share of attackable accounts that are so by the leak alone.
        The parts sum to the whole in every replicate. [accounts], [USD], [share]

        Notes
        -----
        *Replaceable* victims could have been attacked without this breach; *together* needs a leaked field
        and one that is looked up. Without look-ups everything is by the leak alone.
        """
        return by_part.parts(self)

    def lorenz(self) -> pd.DataFrame:
        """Where the harm falls: Lorenz curve of the expected loss over segments.

        Returns
        -------
        One row a segment, the least loss per account first: accounts, mean loss [USD], loss per account
        [USD], and the cumulated shares of both, from which ``attrs["gini"]`` is computed (0: every account
        bears the same; 1: one segment bears all).
        """
        return funnel.lorenz(self)

    def capacity(self) -> pd.DataFrame:
        """Which capacities bind: the share of attempts that crews and markets can make.

        Returns
        -------
        One row an attack with a capacity: the scale (p5, p50, p95, mean) and the share of replicates in
        which it binds.
        """
        return funnel.capacity(self)

    # ------------------------------------------------------------------------------------ money

    def bearers(self) -> pd.DataFrame:
        """Who bears the loss: expectation by attack and bearer; rows sum to the loss of the attack.

        Returns
        -------
        One row an attack and the total; one column a bearer. Means over replicates. [USD]
        """
        return money.bearers(self)

    def loss_by_bearer(self) -> dict[str, Array]:
        """Drawn loss by bearer, over all attacks [USD]. Shape (R,) each; they sum to the loss.

        Returns
        -------
        By bearer, in alphabetical order.
        """
        return money.loss_by_bearer(self)

    def notified(self) -> tuple[int, int]:
        """People whom the firm notifies: accounts of all segments in which anything leaked.

        Returns
        -------
        How many, and how many of them are customers now. [accounts]
        """
        return money.notified(self.scenario)

    def ledgers(self) -> pd.DataFrame:
        """Two ledgers, never added: what victims and third parties lose, and what the firm pays.

        Returns
        -------
        One row a line, index (ledger, line): ``victims`` by bearer and in all [USD], ``hours`` of the
        victims [hours], ``firm`` by line and in all [USD], where there are rates for it; p5, p50, p95,
        mean, and the unit. Means add up; quantiles do not.

        Notes
        -----
        A settlement pays back some of what victims lost, and a carrier that bears a fraud stands among the
        bearers: that is why the two are kept apart.
        """
        return money.ledgers(self)

    def hours(self) -> pd.DataFrame:
        """Time that the victims lose.

        Returns
        -------
        One row an attack and the total: hours lost, p5, p50, p95 and mean. Victims times the mean hours of
        a victim. [hours]
        """
        return money.hours(self)

    # ------------------------------------------------------------------------------------ uncertainty

    def exceedance(self, probabilities: Iterable[float] | None = None) -> pd.DataFrame:
        """Exceedance curve of the total loss: the loss exceeded with each probability.

        Parameters
        ----------
        probabilities
            Chances of exceeding. (0, 1). A useful set by default.

        Returns
        -------
        One row a probability, falling: ``var_usd`` (value at risk, the loss exceeded with that
        probability), ``tvar_usd`` (mean loss beyond it), and the 90 % Monte Carlo band of the value at
        risk; and ``ignorance_usd``, the same quantile of the expected loss given the parameters: what is
        left when luck is averaged out. One sample; the curve is monotone. [USD]

        Raises
        ------
        ValueError
            If a probability is not strictly between 0 and 1.
        """
        return uncertainty.exceedance(self, probabilities)

    def appetite(self, appetite: Mapping[float, float]) -> pd.DataFrame:
        """Hold the total loss against a risk appetite; ``cost_to_firm`` does it for the cost of the firm.

        Parameters
        ----------
        appetite
            Largest acceptable amount by the chance of exceeding it, such as {0.05: 100e6}. [USD]

        Returns
        -------
        One row a chance, falling: appetite_usd, model_usd, chance_of_exceeding, inside. [USD], [share]
        """
        return uncertainty.appetite(self, appetite)

    def firm_exceedance(self, probabilities: Iterable[float] | None = None) -> pd.DataFrame:
        """Exceedance curve of the cost of the firm, all lines.

        Parameters
        ----------
        probabilities
            Chances of exceeding. (0, 1). A useful set by default.

        Returns
        -------
        One row a probability, falling: ``var_usd`` (value at risk), ``tvar_usd`` (mean cost beyond it), and
        the 90 % Monte Carlo band of the value at risk. [USD of 2024]

        Raises
        ------
        ValueError
            If there is no ledger of a firm, or a probability is not strictly between 0 and 1.
        """
        return money.firm_exceedance(self, probabilities)

    def error_budget(self) -> pd.DataFrame:
        """How sure: what we do not know, what is chance, and what is sampling, kept apart.

        Returns
        -------
        One row a measure (people, victims by attack, total loss): the mean; the standard deviation that
        ignorance of the parameters makes; the one that structure (soft ends and common drivers) adds; the
        one that luck makes given the parameters; the share of variance that is luck; the standard error of
        the mean, in which luck has no part. From conditional moments, not from draws. [accounts] or [USD]
        """
        return uncertainty.error_budget(self)

    def expected_loss(self) -> Array:
        """Expected total loss given the parameters, E[L | theta] [USD]. Shape (R,)."""
        return self.loss_moments[0]

    def expected(self, word: str, attack: str | None = None, segment: str | None = None) -> Array:
        """Expectation given the parameters of each replicate, E[X | theta]; printed means are its means.

        Parameters
        ----------
        word
            "exposed", "people", or by attack "attackable", "attempted", "victims", "loss_usd", "hours",
            "never_otherwise".
        attack, segment
            Names. None sums over all; attack "any" counts accounts once.

        Returns
        -------
        Shape (R,). [accounts], [USD] or [hours]

        Raises
        ------
        ValueError
            If a name is unknown, or the word has no value for that attack.
        """
        return expected(self, word, attack, segment)

    def convergence(self) -> pd.DataFrame:
        """Do the figures still move: the answer from fewer and fewer of the replicates.

        Returns
        -------
        One row a number of replicates (all of them, a half, a quarter, ..., at least 100): median and mean
        of people and loss, their standard errors, and the relative error of the mean loss.
        """
        return uncertainty.convergence(self)

    # ------------------------------------------------------------------------------------ time

    def timeline(self, attack: str | None = None) -> pd.DataFrame:
        """Victims and losses by month, with the events of each.

        Parameters
        ----------
        attack
            One attack; all together if None (an account harmed by two attacks counts twice).

        Returns
        -------
        One row a month, numbered from 1: the day and date on which it ends, victims and loss (p5, p50, p95,
        mean each), and the events in it. The victims of every replicate are split by the expected share of
        each month given its parameters, so that months sum to the horizon. [accounts], [USD]

        Raises
        ------
        ValueError
            If the attack is unknown.
        """
        return by_month.timeline(self, attack)

    def dated_events(self) -> list[tuple[float, str]]:
        """Events of the scenario and ends of regimes, by day after the sale.

        Returns
        -------
        Days and labels, in order. [days]
        """
        return by_month.dated_events(self.scenario, self.attacks)

    # ------------------------------------------------------------------------------------ observation

    def excess(self) -> pd.DataFrame:
        """Gross victims, and those of them whom the background had not struck as well.

        Returns
        -------
        One row an attack and one for people (p5, p50, p95, mean each): ``gross`` victims over the horizon;
        ``excess``, of them those whom the background of the same kind of harm had not struck by the time of
        the harm; ``never_otherwise``, those it would not have struck within the whole horizon (for people,
        any identity theft); and ``background``, the victims it makes among the exposed anyway. [accounts]
        """
        return self._excess.copy()

    @cached_property
    def _excess(self) -> pd.DataFrame:
        """Table of the excess, which needs the whole timeline, so it is computed once."""
        return observed.excess(self)

    def reported(self, attack: str, *, complaints: float, loss_usd: float) -> pd.DataFrame:
        """Complaints filed in the first year after the sale, against figures one has seen.

        Parameters
        ----------
        attack
            An attack with a reporting rate.
        complaints, loss_usd
            Published figures to compare with; the chance of exceeding them is given. [complaints/year],
            [USD/year]

        Returns
        -------
        Rows ``complaints`` and ``loss_usd`` (of those who complain, what they lose in
        follow-ons included): p5, p50, p95, mean, the figure compared with and the chance of exceeding it.

        Raises
        ------
        ValueError
            If the attack has no reporting rate.

        Notes
        -----
        The first year is the fullest one, so the comparison is the hard one. Expected values given the
        parameters, without the luck of single cases; a complaint is as likely from a small loss as from
        a large one.
        """
        return observed.reported(self, attack, complaints=complaints, loss_usd=loss_usd)

    # ------------------------------------------------------------------------------------ provenance

    def parameters(self) -> tuple[Estimate, ...]:
        """Every number behind the tables: uncertain and certain ones, backgrounds, hours, and bearers."""
        return sources.estimates(self)

    def sources(self, catalog: Mapping[str, Source] | None = None) -> pd.DataFrame:
        """Every number used and where it stands, assumptions first.

        Parameters
        ----------
        catalog
            Sources by id, to add grade, verified and title; ids alone if None.

        Returns
        -------
        One row a parameter: status, numbers, unit, note, source ids; with a catalog the worst grade and
        whether all sources were seen.
        """
        return sources.by_status(self, catalog)

    def _made_by(self) -> str:
        runs = "1 replicate" if self.replicates == 1 else f"{self.replicates:,} replicates"
        plain = ", plain draws" if self.sampling == "plain" else ""
        plain += "" if self.posterior is None else ", calibrated"
        return f"{self.horizon_years:g} years, {runs}, seed {self.seed}{plain}"

    def _rests_on(self) -> str:
        counts = sources.counted(self.parameters())
        own = f", and {counts['user']} from the user" if counts["user"] else ""
        rest = f"{counts['assumed']} assumed, {counts['derived']} derived and {counts['cited']} cited numbers"
        return rest + own

    def __repr__(self) -> str:
        lines = [
            f"Impact of {self.scenario.title}: {self.scenario.accounts:,} accounts",
            f"  people harmed  {spread(self.people, self.scramble)}",
            f"  loss [USD]     {spread(self.loss, self.scramble)}",
            f"  median (90 % interval), {self._made_by()}",
            f"  rests on {self._rests_on()}",
        ]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        lines = [
            ("accounts", f"{self.scenario.accounts:,}"),
            ("people harmed, median (90 % interval)", spread(self.people, self.scramble)),
            ("loss, median (90 % interval) [USD]", spread(self.loss, self.scramble)),
            ("made from", self._made_by()),
            ("rests on", self._rests_on()),
        ]
        return html.card(f"Impact of {self.scenario.title}", lines, notes=self.notes)


def check_impact(impact: object) -> None:
    """Refuse what is no result of a run, such as the name of a scenario.

    Parameters
    ----------
    impact
        What was given.

    Raises
    ------
    ValueError
        With the remedy.
    """
    if not isinstance(impact, Impact):
        raise ValueError(  # noqa: TRY004 - every refusal of an input is a ValueError
            f"impact is {shown(impact)}; give what simulate returned, such as simulate('tmobile-2021-stated')"
        )
