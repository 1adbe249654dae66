// Points on the sphere: between two rows of a track, round a centre, and rings unrolled for a flat map.
// Pictures only; the figures of the brief come from the plan.

const RAD = Math.PI / 180;

export function vector(lat, lon) {
  const c = Math.cos(lat * RAD);
  return [c * Math.cos(lon * RAD), c * Math.sin(lon * RAD), Math.sin(lat * RAD)];
}

export function place(v) {
  return [Math.atan2(v[2], Math.hypot(v[0], v[1])) / RAD, Math.atan2(v[1], v[0]) / RAD];
}

export function apart(a, b) {
  const [u, v] = [vector(...a), vector(...b)];
  const dot = u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
  return Math.acos(Math.max(-1, Math.min(1, dot))) / RAD;
}

// The longitude that is `lon` turned to lie within half a turn of `near`.
export function beside(lon, near) {
  return lon + 360 * Math.round((near - lon) / 360);
}

// A share of the way along the great circle between two points; the longitude stays beside the first.
export function between(latA, lonA, latB, lonB, share) {
  const [a, b] = [vector(latA, lonA), vector(latB, lonB)];
  const mixed = a.map((x, i) => x + (b[i] - x) * share); // rows are near each other: the chord will do
  const [lat, lon] = place(mixed);
  return [lat, beside(lon, lonA)];
}

export function course(latA, lonA, latB, lonB) {
  const d = (lonB - lonA) * RAD;
  const y = Math.sin(d) * Math.cos(latB * RAD);
  const x = Math.cos(latA * RAD) * Math.sin(latB * RAD) - Math.sin(latA * RAD) * Math.cos(latB * RAD) * Math.cos(d);
  return Math.atan2(y, x) / RAD;
}

// The small circle of `radius` degrees round a centre, as [lon, lat] points.
export function circle(lat, lon, radius, count = 180) {
  const [phi, r] = [lat * RAD, radius * RAD];
  const points = [];
  for (let i = 0; i <= count; i += 1) {
    const turn = (2 * Math.PI * i) / count;
    const sine = Math.sin(phi) * Math.cos(r) + Math.cos(phi) * Math.sin(r) * Math.cos(turn);
    const y = Math.sin(turn) * Math.sin(r) * Math.cos(phi);
    const x = Math.cos(r) - Math.sin(phi) * sine;
    points.push([lon + Math.atan2(y, x) / RAD, Math.asin(Math.max(-1, Math.min(1, sine))) / RAD]);
  }
  return points;
}

// The parallel at `edge` degrees round a pole (1 north, -1 south), as [lon, lat] points.
export function parallel(pole, edge) {
  return Array.from({ length: 72 }, (_, k) => [5 * k, pole * edge]);
}

// The part of a polar cap that lies within `radius` degrees of a point: [lon, lat] points round its edge.
export function capWithin(pole, edge, lat, lon, radius) {
  const near = ([, y]) => y * pole > edge;
  const rim = parallel(pole, edge).filter(([x, y]) => apart([y, x], [lat, lon]) <= radius);
  const points = [...circle(lat, lon, radius, 720).filter(near), ...rim];
  const flat = points.map(([x, y]) => [(90 - Math.abs(y)) * Math.cos(x * RAD), (90 - Math.abs(y)) * Math.sin(x * RAD), [x, y]]);
  const middle = [0, 1].map((k) => flat.reduce((sum, p) => sum + p[k], 0) / Math.max(flat.length, 1));
  return flat.sort((p, q) => Math.atan2(p[1] - middle[1], p[0] - middle[0]) - Math.atan2(q[1] - middle[1], q[0] - middle[0])).map((p) => p[2]);
}

// A ring of [lon, lat] with longitudes that run on past 180; one that goes round a pole is closed over it.
export function unrolled(ring) {
  const out = [ring[0].slice()];
  for (let i = 1; i < ring.length; i += 1) out.push([beside(ring[i][0], out[i - 1][0]), ring[i][1]]);
  const turn = out[out.length - 1][0] - out[0][0];
  if (Math.abs(turn) > 180) {
    const mean = out.reduce((sum, p) => sum + p[1], 0) / out.length;
    const pole = mean > 0 ? 90 : -90;
    out.push([out[out.length - 1][0], pole], [out[0][0], pole], out[0].slice());
  }
  return out;
}
