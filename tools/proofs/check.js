// Checks a certificate of the logic of attacks: `node check.js CERTIFICATE.json`. Exit status 0: every claim
// holds. 1: a claim fails, and the first line names it, with the leak and the look-ups that refute it.
// Written from docs/model.md (sections 1, 2, and 6) and from README.md of this folder, and from nothing else.
"use strict";

class Refuted extends Error {}
const fail = (text) => { throw new Refuted(text); };

// The model as definite Horn clauses: a head holds if all atoms of the body hold. Each rule only asks for more.
function rulesOf(rules, fields) {
  const all = [];
  const add = (head, body) => all.push({ head, body: [...new Set(body)] });
  for (const field of fields) add("K:" + field, ["L:" + field]);                             // L is in K: (23)
  for (const own of rules.look_ups) {
    for (const given of own.given) {
      for (const set of ["K:", "E:"]) add(set + own.field, ["F:" + own.field, ...given.map((f) => set + f)]);
    }
    if (own.directory) add("E:" + own.field, ["F:" + own.field]);                            // (24)
    add("open:known " + own.field, ["K:" + own.field]);
    add("open:had " + own.field, ["E:" + own.field]);
  }
  for (const attack of rules.attacks) {
    for (const route of attack.routes) {
      const name = attack.name + "/" + route.name;
      // Known: at least one field leaked, and all are in K or all in E. Without fields there is no condition.
      if (!route.fields.length) add("known:" + name, []);
      for (const one of route.fields) {
        for (const set of ["K:", "E:"]) add("known:" + name, ["L:" + one, ...route.fields.map((f) => set + f)]);
      }
      add("open:" + name, ["known:" + name, ...route.capabilities.map((c) => "has:" + c)]);
      add("open:" + attack.name, ["open:" + name]);
    }
    for (const capability of attack.grants) add("has:" + capability, ["open:" + attack.name]);
    add("open:any", ["open:" + attack.name]);
  }
  return all;
}

const shown = (names) => names.join(", ") || "nothing";
const place = (point) => `leaked ${shown(point.leaked)}; found ${shown(point.found)}`;
const inputs = (point) => [...point.leaked.map((f) => "L:" + f), ...point.found.map((f) => "F:" + f)];

// A point: its atoms, in the order of the certificate, are the least set closed under the rules, and the harms
// among them are those that the package says are open.
function checkPoint(point, atoms, rules, byHead, harms) {
  const known = new Set(inputs(point));
  for (const number of point.least) {
    const atom = atoms[number];
    if (!(byHead.get(atom) || []).some((rule) => rule.body.every((one) => known.has(one)))) {
      fail(`${atom} follows from nothing before it (${place(point)})`);
    }
    known.add(atom);
  }
  const missed = rules.find((rule) => !known.has(rule.head) && rule.body.every((one) => known.has(one)));
  if (missed) fail(`${missed.head} follows and is left out (${place(point)})`);
  const open = new Set(point.open.map((number) => "open:" + harms[number]));
  for (const harm of harms) {
    if (open.has("open:" + harm) !== known.has("open:" + harm)) {
      fail(`${harm} is ${known.has("open:" + harm) ? "open" : "closed"}, the package says otherwise (${place(point)})`);
    }
  }
  return known;
}

// Whether clauses and the negation of one more lead to a contradiction by unit propagation.
function propagates(clauses, clause) {
  const value = new Map();
  for (const literal of clause) value.set(-literal, true);
  for (let changed = true; changed; ) {
    changed = false;
    for (const own of clauses) {
      let free = 0, count = 0, done = false;
      for (const literal of own) {
        if (value.get(literal)) done = true;
        else if (!value.get(-literal)) { free = literal; count += 1; }
        if (done || count > 1) break;
      }
      if (done || count > 1) continue;
      if (count === 0) return true;
      value.set(free, true);
      changed = true;
    }
  }
  return false;
}
const inside = (small, large) => small.every((one) => large.has(one));

function checkAntichain(sets, what, claim) {
  sets.map((own) => new Set(own)).forEach((other, j) => sets.forEach((one, i) => {
    if (i !== j && inside(one, other)) fail(`${claim}: ${what} set ${shown(one)} lies in ${shown(sets[j])}`);
  }));
}

// A claim: enabling sets open the harm, the complements of protection sets do not, and the two are dual. Then,
// as the rules are monotone, they are the prime implicants and the minimal hitting sets, and no set is missing.
function checkClaim(claim, points, knownAt, variables) {
  const name = `${claim.harm}, ${claim.with_look_ups ? "with" : "without"} look-ups`;
  const number = new Map(variables.map((own, i) => [own, i + 1]));
  for (const i of [...claim.enabling, ...claim.protecting]) {
    if (!inside(inputs(points[i]), number)) fail(`${name}: ${place(points[i])} is no set of its variables`);
  }
  for (const i of claim.enabling) {
    if (!knownAt[i].has("open:" + claim.harm)) fail(`${name}: not open, and said to be (${place(points[i])})`);
  }
  for (const i of claim.protecting) {
    if (knownAt[i].has("open:" + claim.harm)) fail(`${name}: open, and said not to be (${place(points[i])})`);
  }
  const enabling = claim.enabling.map((i) => inputs(points[i]));
  const rests = claim.protecting.map((i) => new Set(inputs(points[i])));
  const protecting = rests.map((rest) => variables.filter((own) => !rest.has(own)));
  checkAntichain(enabling, "enabling", name);
  checkAntichain(protecting, "protection", name);
  // A set that holds no enabling set and whose complement holds no protection set would satisfy all clauses.
  const clauses = [...enabling.map((own) => own.map((v) => -number.get(v))),
    ...protecting.map((own) => own.map((v) => number.get(v)))];
  for (const step of [...claim.proof, []]) {
    if (!propagates(clauses, step)) fail(`${name}: the proof of duality breaks at [${step}]`);
    clauses.push(step);
  }
  return claim.proof.length;
}

function check(certificate) {
  if (certificate.format !== "breach-sim certificate 1") fail(`unknown format ${certificate.format}`);
  const { rules: given, fields, points, claims, atoms, harms } = certificate;
  const rules = rulesOf(given, fields);
  const byHead = new Map();
  for (const rule of rules) byHead.set(rule.head, [...(byHead.get(rule.head) || []), rule]);
  const wanted = ["any", ...given.attacks.flatMap((a) => [a.name, ...a.routes.map((r) => a.name + "/" + r.name)]),
    ...given.look_ups.flatMap((own) => ["known " + own.field, "had " + own.field])];
  if (String([...wanted].sort()) !== String([...harms].sort())) fail("the harms are not those of the rules");
  const knownAt = points.map((point) => checkPoint(point, atoms, rules, byHead, harms));
  const leaks = fields.map((field) => "L:" + field);
  const both = [...leaks, ...given.look_ups.map((own) => "F:" + own.field)];
  let steps = 0;
  for (const [harm, looked] of wanted.flatMap((name) => [[name, false], [name, true]])) {
    const own = claims.filter((claim) => claim.harm === harm && claim.with_look_ups === looked);
    if (own.length !== 1) fail(`${own.length} claims on ${harm}, look-ups ${looked}; there must be one`);
    steps += checkClaim(own[0], points, knownAt, looked ? both : leaks);
  }
  return `${claims.length} claims, ${points.length} least fixpoints, ${steps} steps of proof: all hold`;
}

try {
  console.log(check(JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"))));
} catch (error) {
  if (!(error instanceof Refuted)) throw error;
  console.log("REFUTED: " + error.message);
  process.exitCode = 1;
}
