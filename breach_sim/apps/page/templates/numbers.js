// Numbers of a page: luck, quantiles, and numbers as words. docs/page.md, "Luck", says what is approximated.
"use strict";
(function (root) {
  const { ndtr } = root.breachSim;

  // Count with a mean and a variance at a normal score: binomial below a mean of 50, else by its skewness.
  function count(mean, variance, score) {
    if (mean <= 0) return 0;
    const p = Math.min(Math.max(1 - variance / mean, 0), 1 - 1e-9);
    if (mean >= 50) {
      const sd = Math.sqrt(variance), skew = sd > 0 ? (1 - 2 * p) / sd : 0;
      return Math.max(0, Math.round(mean + sd * (score + skew * (score * score - 1) / 6)));
    }
    const trials = p > 1e-6 ? mean / p : Infinity, level = ndtr(score);
    let k = 0, term = nobody(mean, variance), below = term;
    while (below < level && k < 1000) {
      k++;
      term *= trials === Infinity ? mean / k : Math.max(trials - k + 1, 0) / k * p / (1 - p);
      if (term === 0) break;
      below += term;
    }
    return k;
  }

  // Probability that a count with this mean and variance is zero.
  function nobody(mean, variance) {
    const p = Math.min(Math.max(1 - variance / mean, 0), 1 - 1e-9);
    return p > 1e-6 ? Math.exp(mean / p * Math.log1p(-p)) : Math.exp(-mean);
  }

  // Sum of losses with a mean and a variance at a normal score, given that somebody is harmed: lognormal.
  function lost(mean, variance, none, score) {
    if (mean <= 0 || none >= 1) return 0;
    const given = mean / (1 - none);
    const spread = Math.max((variance + mean * mean) / (1 - none) - given * given, 0);
    const shape = Math.log1p(spread / (given * given));
    return Math.exp(Math.log(given) - shape / 2 + Math.sqrt(shape) * score);
  }

  /** Runs with luck, replicate by replicate: people and loss of `total`, from two normal scores each. */
  function drawn(total, scores) {
    const size = total.people.length, people = new Float64Array(size), loss = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      people[i] = count(total.people[i], total.peopleLuck[i], scores[0][i]);
      const none = total.people[i] > 0 ? nobody(total.people[i], total.peopleLuck[i]) : 1;
      loss[i] = people[i] === 0 ? 0 : lost(total.loss[i], Math.max(total.lossLuck[i], 0), none, scores[1][i]);
    }
    return { people, loss };
  }

  /** Quantiles of values, interpolated as NumPy does. */
  function quantiles(values, levels) {
    const sorted = Float64Array.from(values).sort(), last = sorted.length - 1;
    return levels.map((p) => {
      const at = p * last, low = Math.floor(at), high = Math.min(low + 1, last);
      return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
    });
  }

  const mean = (values) => root.breachSim.sum(values) / values.length;

  /** A number with so many digits, as words: 47.8 million. */
  function human(value, digits = 2) {
    const v = Number(Number(value).toPrecision(digits));
    const plain = (x) => String(Number(x.toPrecision(4)));
    if (v >= 1e9) return `${plain(v / 1e9)} billion`;
    if (v >= 1e6) return `${plain(v / 1e6)} million`;
    if (v >= 100 || Number.isInteger(v)) return v.toLocaleString("en-US", { maximumFractionDigits: 0 });
    return String(v);
  }

  /** A probability as odds: "1 in 2,000". */
  function odds(p) {
    if (!(p > 0)) return "nobody";
    if (p > 0.4) return `${Math.round(p * 100)} in 100`;
    return `1 in ${human(1 / p)}`;
  }

  Object.assign(root.breachSim, { count, nobody, lost, drawn, quantiles, mean, human, odds });
})(typeof globalThis !== "undefined" ? globalThis : this);
