// A simulated world in the reader's browser: incidents, flights ordered after a rise, and three ways of comparing.
"use strict";
const DAYS = 1826, WINDOW = 28, SPAN = 14, FIRST = 365, LOOK = [7, 28, 112], WEIGHT = [0.2, 0.35, 0.35];
const $ = (id) => document.getElementById(id);
let seed = 11;

function random() { // mulberry32
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const exponential = () => -Math.log(1 - random());
function poisson(mean) {
  let count = 0;
  for (let sum = exponential(); sum < mean; sum += exponential()) count += 1;
  return count;
}
function gamma(shape) { // Marsaglia and Tsang 2000
  if (shape < 1) return gamma(shape + 1) * Math.pow(1 - random(), 1 / shape);
  const d = shape - 1 / 3, c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(), v = Math.pow(1 + c * x, 3);
    if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

function world() {
  const value = (id) => Number($(id).value);
  return { kind: $("kind").value, mean: value("rate") / 365.25, spread: value("spread") / 10, memory: value("memory"),
    percentile: value("percentile") / 100, fall: value("fall") / 100 };
}

function simulate(w) {
  const counts = new Int32Array(DAYS);
  if (w.kind === "hawkes") {
    const branching = Math.min(w.spread * 0.75, 0.9), early = 400;
    const breed = (at) => {
      const waiting = [at];
      while (waiting.length) {
        const now = waiting.pop(), day = Math.floor(now) - early;
        if (day >= 0 && day < DAYS) counts[day] += 1;
        for (let n = poisson(branching); n > 0; n -= 1) {
          const next = now + (exponential() * w.memory) / 4;
          if (next < DAYS + early) waiting.push(next);
        }
      }
    };
    for (let day = 0; day < DAYS + early; day += 1)
      for (let n = poisson(w.mean * (1 - branching)); n > 0; n -= 1) breed(day + random());
    return counts;
  }
  const step = Math.exp(-1 / w.memory);
  let level = normal();
  for (let day = 0; day < DAYS; day += 1) {
    let mean = w.mean;
    if (w.kind === "cox") {
      level = step * level + Math.sqrt(1 - step * step) * normal();
      mean *= Math.exp(w.spread * level - (w.spread * w.spread) / 2);
    } else if (w.kind === "nb" && w.spread > 0) {
      const extra = 2.5 * w.spread; // variance over mean, less one
      mean = gamma(w.mean / extra) * extra;
    }
    counts[day] = poisson(mean);
  }
  return counts;
}

function order(counts, w) { // days of order; what flights do is taken off their follow-ups
  const orders = [], tally = [];
  let total = 0, seen = 0, above = true, pending = -1, free = 0;
  for (let day = 0; day < DAYS; day += 1) {
    total += counts[day] - (day >= SPAN ? counts[day - SPAN] : 0);
    if (day === pending && day + WINDOW < DAYS) {
      orders.push(day);
      free = day + WINDOW;
      if (w.fall > 0) for (let d = day + 1; d <= day + WINDOW; d += 1) {
        let left = 0;
        for (let n = counts[d]; n > 0; n -= 1) left += random() >= w.fall;
        counts[d] = left;
      }
    }
    if (seen && day >= FIRST) {
      const rank = Math.ceil(w.percentile * seen);
      let below = 0, threshold = 0;
      for (; threshold < tally.length; threshold += 1) { below += tally[threshold] || 0; if (below >= rank) break; }
      const now = total > threshold;
      if (now && !above && pending <= day && random() < 0.6) {
        const when = day + 1 + Math.floor(random() * 5);
        if (when >= free) pending = when;
      }
      above = now;
    }
    if (day + 1 >= SPAN) { tally[total] = (tally[total] || 0) + 1; seen += 1; }
  }
  return orders;
}

function solve(matrix, vector) { // Gauss with pivoting
  const n = vector.length, a = matrix.map((row, i) => [...row, vector[i]]);
  for (let i = 0; i < n; i += 1) {
    let best = i;
    for (let r = i + 1; r < n; r += 1) if (Math.abs(a[r][i]) > Math.abs(a[best][i])) best = r;
    [a[i], a[best]] = [a[best], a[i]];
    for (let r = i + 1; r < n; r += 1) {
      const f = a[r][i] / a[i][i];
      for (let c = i; c <= n; c += 1) a[r][c] -= f * a[i][c];
    }
  }
  const out = new Array(n).fill(0);
  for (let i = n - 1; i >= 0; i -= 1) {
    out[i] = a[i][n];
    for (let c = i + 1; c < n; c += 1) out[i] -= a[i][c] * out[c];
    out[i] /= a[i][i];
  }
  return out;
}

function compare(counts, orders) { // one flight of the history, by each way
  const sum = new Int32Array(DAYS + 1);
  for (let day = 0; day < DAYS; day += 1) sum[day + 1] = sum[day] + counts[day];
  const after = (t) => sum[t + 1 + WINDOW] - sum[t + 1], last = DAYS - WINDOW - 1;
  const row = (t) => [1, ...LOOK.map((span) => Math.log((sum[t + 1] - sum[Math.max(t + 1 - span, 0)] + 1) / Math.min(span, t + 1)))];
  const flight = orders[Math.floor(random() * orders.length)];
  const before = sum[flight + 1] - sum[flight + 1 - WINDOW], came = after(flight);
  const x = [], y = [], days = [];
  for (let t = 112; t <= last; t += 1) if (t < flight || t >= flight + WINDOW || t === flight) { x.push(row(t)); y.push(after(t)); days.push(t); }
  let beta = [Math.log(WINDOW), ...WEIGHT], dispersion = 0.1;
  for (let round = 0; round < 8; round += 1) {
    const m = [0, 1, 2, 3].map(() => [0, 0, 0, 0]), v = [0, 0, 0, 0];
    let top = 0, bottom = 0;
    for (let r = 0; r < x.length; r += 1) {
      if (days[r] === flight) continue;
      let eta = 0;
      for (let i = 0; i < 4; i += 1) eta += beta[i] * x[r][i];
      const mu = Math.exp(Math.max(-20, Math.min(20, eta))), weight = mu / (1 + dispersion * mu);
      const work = eta + Math.min((y[r] - mu) / mu, 4);
      for (let i = 0; i < 4; i += 1) { v[i] += weight * x[r][i] * work; for (let j = 0; j < 4; j += 1) m[i][j] += weight * x[r][i] * x[r][j]; }
      top += (y[r] - mu) ** 2 - mu; bottom += mu * mu;
    }
    m[0][0] += 1e-9;
    for (let i = 1; i < 4; i += 1) { m[i][i] += 30; v[i] += 30 * WEIGHT[i - 1]; }
    beta = solve(m, v);
    dispersion = Math.min(Math.max(top / bottom, 1e-3), 10);
  }
  const level = (features) => Math.exp(WEIGHT.reduce((all, w, i) => all + w * features[i + 1], 0));
  const miss = (features, count) => {
    const mu = Math.exp(beta.reduce((all, b, i) => all + b * features[i], 0));
    return Math.sqrt(count + 0.375) - Math.sqrt(mu + 0.375);
  };
  const own = row(flight), floor = 0.6 * level(own), mine = miss(own, came);
  const open = [0, 0, 0, 0], screened = [0, 0, 0, 0]; // dates, at or below, at or above, separate follow-ups
  let edge = -1e9, edgeScreened = -1e9;
  for (let r = 0; r < x.length; r += 1) {
    const t = days[r];
    if (t < FIRST || t === flight || level(x[r]) < floor) continue;
    const z = miss(x[r], y[r]);
    const count = (held) => { held[0] += 1; held[1] += z <= mine + 1e-9; held[2] += z >= mine - 1e-9; };
    count(open);
    if (t - edge >= WINDOW) { open[3] += 1; edge = t; }
    if (!orders.some((o) => o > t && o <= t + WINDOW)) {
      count(screened);
      if (t - edgeScreened >= WINDOW) { screened[3] += 1; edgeScreened = t; }
    }
  }
  const p = (held, side) => (held[0] && held[3] >= 10 ? (held[3] * held[side] / held[0] + 0.5) / (held[3] + 0.5) : 1);
  return { flight, before, came, testable: open[3] >= 10, naive: binomial(came, before + came), rank: p(open, 1), up: p(open, 2), trap: p(screened, 2) };
}

function binomial(k, n) { // P(X <= k), X ~ binomial(n, 1/2)
  if (!n) return 1;
  let log = -n * Math.LN2, all = 0;
  for (let i = 0; i <= k; i += 1) { all += Math.exp(log); log += Math.log((n - i) / (i + 1)); }
  return Math.min(all, 1);
}

function labels() {
  const w = world();
  $("rate-out").textContent = $("rate").value;
  $("spread-out").textContent = w.kind === "poisson" ? "none" : (w.spread).toFixed(1);
  $("memory-out").textContent = $("memory").value;
  $("percentile-out").textContent = `${$("percentile").value} %`;
  $("fall-out").textContent = `${$("fall").value} %`;
  $("reading").textContent = w.fall > 0 ? "Here flights do work: the longer the bars, the more often that is seen. Before/after sees it often because it sees it everywhere." : "Bars past it are findings of nothing.";
  $("spread").disabled = w.kind === "poisson";
  $("memory").disabled = w.kind === "poisson" || w.kind === "nb";
}

function one() {
  labels();
  const w = world(), counts = simulate(w), orders = order(counts, w), weeks = Math.floor(DAYS / 7), totals = [];
  for (let n = 0; n < weeks; n += 1) { let all = 0; for (let d = 0; d < 7; d += 1) all += counts[7 * n + d]; totals.push(all); }
  const most = Math.max(...totals, 1), x = (day) => 46 + (day / DAYS) * 938, y = (count) => 214 - (count / most) * 180;
  let svg = '<path class="axis" d="M46 214H984"/>';
  totals.forEach((count, n) => { if (count) svg += `<rect class="bars s1" x="${x(7 * n).toFixed(1)}" y="${y(count).toFixed(1)}" width="3" height="${(214 - y(count)).toFixed(1)}"/>`; });
  orders.forEach((day) => { svg += `<path class="curve s2" d="M${x(day).toFixed(1)} 26V214"/>`; });
  for (let year = 0; year < 5; year += 1) svg += `<text class="small" x="${x(year * 365.25).toFixed(1)}" y="232">year ${year + 1}</text>`;
  svg += `<text class="small end" x="40" y="38">${most}</text><text class="small end" x="40" y="216">0</text>`;
  $("history").innerHTML = svg;
  if (!orders.length) { $("story").textContent = "No flight was ordered in this history."; return; }
  const found = compare(counts, orders);
  const ratio = found.before ? (found.came / found.before).toFixed(2) : "–";
  $("story").textContent = `Incidents by week; orange: ${orders.length} flights ordered. Take the one of day ${found.flight}: ${found.before} incidents in the four weeks before, ${found.came} after, a factor of ${ratio}. ` +
    (found.naive <= 0.05 ? "Before/after calls that a significant decline. " : "Before/after calls nothing this time. ") +
    (found.rank <= 0.05 ? "So does the rank among other dates as high." : "The rank among other dates as high calls nothing.");
}

let running = 0;
function many() {
  labels();
  const mine = (running += 1), w = world(), hits = { naive: 0, rank: 0, up: 0, trap: 0 };
  let tested = 0, done = 0, before = 0, came = 0;
  const show = () => {
    for (const name of Object.keys(hits)) {
      const share = tested ? hits[name] / tested : 0;
      $(`bar-${name}`).style.width = `${Math.min(share * 200, 100)}%`;
      $(`n-${name}`).textContent = tested ? `${(100 * share).toFixed(1)} %` : "";
    }
    $("ratio").textContent = tested ? `${before.toLocaleString("en")} incidents before the flights, ${came.toLocaleString("en")} after: a factor of ${(came / Math.max(before, 1)).toFixed(2)}, ${w.fall ? `where the flights really leave ${(1 - w.fall).toFixed(1)}.` : "where nothing was done."}` : "";
    $("state").textContent = done < 400 ? `${done} of 400` : `${tested} of 400 histories had a flight to test`;
  };
  const part = () => {
    if (mine !== running) return;
    const until = performance.now() + 40;
    while (done < 400 && performance.now() < until) {
      done += 1;
      const counts = simulate(w), orders = order(counts, w);
      if (!orders.length) continue;
      const found = compare(counts, orders);
      if (!found.testable) continue;
      tested += 1; before += found.before; came += found.came;
      for (const name of Object.keys(hits)) hits[name] += found[name] <= 0.05;
    }
    show();
    if (done < 400) setTimeout(part, 0);
  };
  part();
}

for (const id of ["kind", "rate", "spread", "memory", "percentile", "fall"]) {
  $(id).addEventListener("input", () => { labels(); one(); });
  $(id).addEventListener("change", many);
}
$("again").addEventListener("click", one);
$("many").addEventListener("click", many);
one();
many();
