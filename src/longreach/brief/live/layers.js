// What MapLibre draws: land, closed areas, stand-off, tracks, station and the night, in the page's own colours.

import { circle, unrolled } from "./sphere.js";

// Rings and lines come as whole thousandths of a degree: lat, lon, then differences.
export function decoded(flat, unit = 1000) {
  const out = [];
  let [lat, lon] = [0, 0];
  for (let i = 0; i < flat.length; i += 2) {
    lat += flat[i];
    lon += flat[i + 1];
    out.push([lon / unit, lat / unit]);
  }
  return out;
}

function feature(type, coordinates, properties = {}) {
  return { type: "Feature", geometry: { type, coordinates }, properties };
}

export function collection(features) {
  return { type: "FeatureCollection", features };
}

export function landOf(document, coarse) {
  const read = coarse ? (flat) => pairs(flat) : (flat) => decoded(flat, 100);
  return {
    land: collection(document.land.map((ring) => feature("Polygon", [unrolled(read(ring))]))),
    borders: collection(document.borders.map((line) => feature("LineString", unrolled(read(line))))),
  };
}

function pairs(flat) {
  const out = [];
  for (let i = 0; i < flat.length; i += 2) out.push([flat[i + 1] / 100, flat[i] / 100]);
  return out;
}

function graticule() {
  const lines = [];
  for (let lon = -180; lon < 180; lon += 15) {
    const reach = lon % 90 === 0 ? 85 : 75;
    const line = [];
    for (let lat = -reach; lat <= reach; lat += 5) line.push([lon, lat]);
    lines.push(feature("LineString", line));
  }
  for (let lat = -75; lat <= 75; lat += 15) {
    const line = [];
    for (let lon = -180; lon <= 180; lon += 5) line.push([lon, lat]);
    lines.push(feature("LineString", line));
  }
  return collection(lines);
}

// A line without its parts nearer to a pole than the map can draw; those the overlay draws on the globe.
function drawable(points, limit = 85) {
  const runs = [[]];
  for (const point of points) {
    if (Math.abs(point[1]) < limit) runs[runs.length - 1].push(point);
    else if (runs[runs.length - 1].length) runs.push([]);
  }
  return runs.filter((run) => run.length > 1);
}

function lines(tracks) {
  return collection(tracks.map((track) => feature("MultiLineString", drawable(decoded(track.line)), track)));
}

// How far the Sun is below the horizon where twilight begins, and where it deepens [deg].
export const DEPTHS = [0.8333, 6, 12];

// Night and twilight from where the Sun stands overhead: below -0.83 degrees, below -6, below -12.
export function nightOf(sun) {
  const [lat, lon] = [-sun[0], sun[1] + 180];
  return collection(DEPTHS.map((depth) => feature("Polygon", [unrolled(circle(lat, lon, 90 - depth))])));
}

export function sources(data, land, sun) {
  const areas = data.closed.map((area) => feature("MultiPolygon", area.rings.map((ring) => [decoded(ring)]), { text: area.text }));
  const limits = data.closed.map((area) => feature("MultiLineString", area.limit.map((ring) => decoded(ring)), { text: area.text }));
  const station = data.station ? [feature("MultiPolygon", data.station.rings.map((ring) => [decoded(ring)]), { text: data.station.text })] : [];
  const made = {
    land: land.land,
    borders: land.borders,
    graticule: graticule(),
    closed: collection(areas),
    limit: collection(limits),
    station: collection(station),
    tracks: lines(data.tracks),
    refuelling: lines(data.contacts.map((contact) => ({ line: contact.line, text: contact.title }))),
    night: nightOf(sun),
  };
  return Object.fromEntries(Object.entries(made).map(([name, content]) => [name, { type: "geojson", data: content, tolerance: 0.2 }]));
}

// Which layers one switch of the panel turns on and off.
export const SWITCHES = {
  closed: ["closed", "closed-edge"],
  standoff: ["limit"],
  lead: ["case", "out", "back"],
  tankers: ["tanker"],
  partners: ["partner"],
  refuelling: ["refuelling"],
  station: ["station", "station-edge"],
  night: ["night"],
  borders: ["borders"],
};

export function style(data, land, ink, shape, sun) {
  const line = (id, source, colour, width, more = {}, layout = {}) => ({
    id, source, type: "line", paint: { "line-color": colour, "line-width": width, ...more }, layout: { "line-join": "round", ...layout },
  });
  const of = (kind) => ({ filter: ["==", ["get", "kind"], kind] });
  return {
    version: 8,
    projection: { type: shape === "flat" ? "mercator" : "globe" },
    sky: { "atmosphere-blend": 0 },
    sources: sources(data, land, sun),
    layers: [
      { id: "sea", type: "background", paint: { "background-color": ink.sea } },
      { id: "land", source: "land", type: "fill", paint: { "fill-color": ink.land, "fill-outline-color": ink.border } },
      line("graticule", "graticule", ink.grat, 0.7),
      line("borders", "borders", ink.border, 0.8),
      { id: "night", source: "night", type: "fill", paint: { "fill-color": ink.nightfall, "fill-opacity": 0.13, "fill-antialias": false } },
      { id: "closed", source: "closed", type: "fill", paint: { "fill-color": ink.closed, "fill-opacity": 0.26 } },
      line("closed-edge", "closed", ink.closed, 1),
      line("limit", "limit", ink.closed, 1.3, { "line-dasharray": [4, 3] }),
      { id: "station", source: "station", type: "fill", paint: { "fill-color": ink.station, "fill-opacity": 0.3 } },
      line("station-edge", "station", ink.station, 1.6),
      { ...line("tanker", "tracks", ink.tanker, 1.5), ...of("tanker") },
      { ...line("partner", "tracks", ink.partner, 1.5), ...of("partner") },
      { ...line("refuelling", "refuelling", ink.tanker, 6, { "line-opacity": 0.55 }) },
      { ...line("case", "tracks", ink.paper, 5.5, { "line-opacity": 0.7 }), ...of("out") },
      { ...line("out", "tracks", ink.out, 3), ...of("out") },
      { ...line("back", "tracks", ink.back, 2, { "line-dasharray": [4, 1.5] }), ...of("back") },
    ],
  };
}
