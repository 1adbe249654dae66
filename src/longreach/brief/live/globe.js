// The map: MapLibre for the earth, and over it an SVG for what must stay sharp, named and reachable by keyboard.

import { apart, beside, capWithin, parallel } from "./sphere.js";
import { decoded, DEPTHS, nightOf, style, SWITCHES } from "./layers.js";
import { placed } from "./labels.js";
import { levelText, positionText } from "./panel.js";

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  square: "M-4.5 -4.5H4.5V4.5H-4.5Z",
  triangle: "M0 -6L5.6 4.4H-5.6Z",
  diamond: "M0 -6.4L6.4 0L0 6.4L-6.4 0Z",
  dot: "M-4 0A4 4 0 1 1 4 0A4 4 0 1 1 -4 0Z",
  ring: "M-4.4 0A4.4 4.4 0 1 1 4.4 0A4.4 4.4 0 1 1 -4.4 0Z",
  none: "",
  number: "M-8.5 0A8.5 8.5 0 1 1 8.5 0A8.5 8.5 0 1 1 -8.5 0Z",
  aircraft: "M0 -11L2 -4L10 3L2 1.5L1.5 7L4 10H-4L-1.5 7L-2 1.5L-10 3L-2 -4Z",
};

const SUN_STEP = 180; // s of the clock after which the night is drawn again

function element(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function colours(root) {
  const found = window.getComputedStyle(root);
  const names = ["sea", "land", "border", "grat", "closed", "out", "back", "tanker", "partner", "station", "paper", "nightfall"];
  return Object.fromEntries(names.map((name) => [name, found.getPropertyValue(`--${name}`).trim()]));
}

export class Globe {
  constructor(root, data, land, maplibre, { shape, at, zoom, off, time, choose }) {
    Object.assign(this, { root, data, land, shape, choose, off: new Set(off) });
    this.holder = root.querySelector(".map-holder");
    this.overlay = root.querySelector(".map-overlay");
    this.states = [];
    this.time = time;
    this.sunAt = Math.round(time / SUN_STEP);
    this.map = new maplibre.Map({
      container: this.holder,
      style: style(data, land, colours(this.overlay), shape, this.overhead(time)),
      center: [data.views.whole.lon, 0],
      zoom: 1,
      attributionControl: false,
      fadeDuration: 0,
      cooperativeGestures: true,
      maxPitch: 0,
      maxZoom: 11,
      locale: { "Map.Title": "Map of the flight; arrow keys move it, plus and minus zoom" },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.on("style.load", () => { // a flat map would not let its centre near a pole, so not before
      if (this.opened) return;
      this.opened = true;
      if (at) this.map.jumpTo({ center: at, zoom: zoom ?? 3 });
      else this.view("whole", false);
    });
    this.map.on("load", () => {
      for (const name of this.off) this.show(name, false);
      this.sun();
    });
    this.map.on("move", () => this.project());
    this.map.on("resize", () => this.project());
    this.map.on("moveend", () => this.project(true));
    this.map.on("idle", () => this.project(true));
    this.map.on("mousemove", (event) => this.hover(event));
    this.map.on("click", (event) => this.hover(event, true));
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint());
    this.build();
  }

  // ---- the view ------------------------------------------------------------------------------------------

  // The zoom at which `radius` degrees round a latitude fill the smaller side of the map; from 60 on, the whole
  // disc does. The camera stands `far` pixels off, so that the disc is seen smaller than the globe is.
  zoomFor(lat, radius) {
    const half = 0.46 * (Math.min(this.holder.clientWidth, this.holder.clientHeight) || 400);
    const far = this.far();
    const px = this.shape === "globe" && radius >= 60
      ? (half * half + half * Math.hypot(half, far)) / far
      : half / Math.sin((Math.max(1, Math.min(radius, 85)) * Math.PI) / 180);
    return Math.log2((px * 2 * Math.PI * Math.max(Math.cos((lat * Math.PI) / 180), 0.09)) / 512);
  }

  view(name, animated = true) {
    const view = this.data.views[name] || this.data.views.whole;
    const flatWhole = this.shape === "flat" && name === "whole";
    const calm = !animated || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (flatWhole) {
      this.map.fitBounds(view.bounds, { padding: 36, animate: !calm, maxZoom: 9 });
      return;
    }
    const target = { center: [view.lon, view.lat], zoom: this.zoomFor(view.lat, view.radius > 40 ? 90 : view.radius) };
    if (calm) this.map.jumpTo(target);
    else this.map.easeTo({ ...target, duration: 600 });
  }

  setShape(shape) {
    this.shape = shape;
    this.map.setProjection({ type: shape === "flat" ? "mercator" : "globe" });
    this.view("whole", false);
    this.project(true);
  }

  // The finer coast, once somebody looks closely.
  refine(land) {
    this.land = land;
    this.map.getSource("land")?.setData(land.land);
    this.map.getSource("borders")?.setData(land.borders);
  }

  show(name, on) {
    if (on) this.off.delete(name);
    else this.off.add(name);
    for (const layer of SWITCHES[name] || []) {
      if (this.map.getLayer(layer)) this.map.setLayoutProperty(layer, "visibility", on ? "visible" : "none");
    }
    this.project(true);
  }

  repaint() {
    this.map.setStyle(style(this.data, this.land, colours(this.overlay), this.shape, this.overhead(this.time)));
    this.map.once("styledata", () => {
      for (const name of this.off) this.show(name, false);
    });
  }

  // ---- the overlay: marks, labels, aircraft, and tracks over a pole ----------------------------------------

  build() {
    this.polar = element("g");
    this.leaders = element("g");
    this.spots = element("g");
    this.texts = element("g");
    this.planes = element("g");
    this.overlay.append(this.polar, this.leaders, this.spots, this.texts, this.planes);
    // Tiles end at 85 degrees. Beyond, the overlay draws the sea and the night, unless something closed lies there.
    const reach = this.data.closed.flatMap((area) => [...area.rings, ...area.limit]).flatMap((ring) => decoded(ring).map(([, lat]) => lat));
    this.caps = [1, -1].filter((pole) => !reach.some((lat) => lat * pole > 85)).map((pole) => ({
      pole, paths: [pole > 0 ? "sea" : "land", ...DEPTHS.map(() => "night")].map((kind) => this.polar.appendChild(element("path", { class: `cap ${kind}` }))),
    }));
    this.polarLines = this.data.tracks
      .map((track) => ({ kind: track.kind, points: decoded(track.line) }))
      .filter((line) => line.points.some(([, lat]) => Math.abs(lat) > 84.8))
      .map((line) => ({ ...line, path: this.polar.appendChild(element("path", { class: `track ${line.kind}` })) }));
    this.marks = this.data.marks.map((mark) => {
      const shape = element("path", { class: `mark ${mark.style}`, d: SHAPES[mark.shape] });
      const name = element("title");
      name.textContent = mark.title;
      const spot = element("g", { tabindex: mark.shape === "none" ? "-1" : "0", role: mark.t ? "button" : "img", "aria-label": mark.title }, name, shape);
      if (mark.inner) {
        const inner = element("text", { class: "in", y: "4" });
        inner.textContent = mark.inner;
        spot.append(inner);
      }
      const label = element("text", { class: mark.shape === "none" ? "halo areaname" : "halo" });
      label.textContent = mark.label;
      this.spots.append(spot);
      if (mark.label) this.texts.append(label);
      const tell = () => this.choose.point(mark.title, mark.rows);
      spot.addEventListener("mouseenter", tell);
      spot.addEventListener("focus", tell);
      const go = () => mark.t && this.choose.time(mark.t);
      spot.addEventListener("click", go);
      spot.addEventListener("keydown", (event) => event.key === "Enter" && go());
      return { ...mark, spot, text: label, width: 0 };
    });
    this.aircraft = this.data.flights.map((flight) => {
      const name = element("title");
      name.textContent = flight.what;
      const body = element("path", { class: `plane ${flight.role}`, d: SHAPES.aircraft });
      const spot = element("g", { tabindex: "0", role: "img", "aria-label": flight.what }, name, body);
      const index = this.planes.childElementCount;
      const tell = () => this.tell(flight, this.states[index]);
      spot.addEventListener("mouseenter", tell);
      spot.addEventListener("focus", tell);
      this.planes.append(spot);
      return { flight, spot, body };
    });
  }

  tell(flight, state) {
    if (!state) return;
    this.choose.point(flight.what, [
      ["position", positionText(state.lat, state.lon)], ["level", levelText(state.altitude)], ["ground speed", `${Math.round(state.speed)} kt`],
      ["fuel, each", `${(state.fuel / 1000).toFixed(1)} t`], ["phase", state.phase], ["over", state.over.join(", ") || "the high seas"],
      ...(state.light ? [["light", state.light]] : []),
    ]);
  }

  // Pixels of a point, or null behind the horizon or out of the picture.
  pixel(lat, lon) {
    const { width, height } = this.size;
    const flat = this.shape === "flat";
    if (flat && Math.abs(lat) > 85) return null;
    const turned = flat ? beside(lon, this.map.getCenter().lng) : lon;
    if (!flat && this.hidden(lat, lon)) return null;
    const at = this.map.project([turned, lat]);
    return at.x > -20 && at.x < width + 20 && at.y > -20 && at.y < height + 20 ? at : null;
  }

  // Whether a point lies beyond the horizon of the camera, which stands straight over the middle of the map.
  hidden(lat, lon) {
    const middle = this.map.getCenter();
    const globe = (512 * 2 ** this.map.getZoom()) / (2 * Math.PI) / Math.cos((middle.lat * Math.PI) / 180);
    const away = (apart([middle.lat, middle.lng], [lat, lon]) * Math.PI) / 180;
    return Math.cos(away) < globe / (globe + this.far());
  }

  // Pixels from the camera to the ground under it.
  far() {
    return this.holder.clientHeight / 2 / Math.tan((this.map.getVerticalFieldOfView() * Math.PI) / 360);
  }

  project(settled = false) {
    this.size = { width: this.holder.clientWidth, height: this.holder.clientHeight };
    this.overlay.setAttribute("viewBox", `0 0 ${this.size.width} ${this.size.height}`);
    this.projectPolar();
    this.projectMarks(settled);
    this.projectAircraft();
  }

  projectCaps() {
    for (const { pole, paths } of this.caps) {
      const shown = this.shape === "globe" && !this.hidden(90 * pole, 0);
      const rings = shown ? [parallel(pole, 85)] : [];
      if (shown && !this.off.has("night")) {
        const [lat, lon] = this.overhead(this.time);
        rings.push(...DEPTHS.map((depth) => capWithin(pole, 85, -lat, lon + 180, 90 - depth)));
      }
      paths.forEach((path, index) => {
        const points = (rings[index] || []).map(([lon, lat]) => (this.hidden(lat, lon) ? null : this.map.project([lon, lat]))).filter(Boolean);
        path.setAttribute("d", points.length > 2 ? `M${points.map((p) => `${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join("L")}Z` : "");
      });
    }
  }

  projectPolar() {
    this.projectCaps();
    for (const { points, path } of this.polarLines) {
      let d = "";
      let pen = "M";
      for (const [lon, lat] of this.shape === "flat" ? [] : points) {
        const at = Math.abs(lat) > 84.8 ? this.pixel(lat, lon) : null;
        if (at) d += `${pen}${at.x.toFixed(1)} ${at.y.toFixed(1)}`;
        pen = at ? "L" : "M";
      }
      path.setAttribute("d", d);
    }
  }

  projectMarks(settled) {
    const named = !this.off.has("labels");
    const close = this.map.getZoom() > this.data.views.labelZoom;
    const seen = [];
    for (const mark of this.marks) {
      const hidden = this.off.has(mark.layer) || (mark.local && !close);
      const at = hidden ? null : this.pixel(mark.lat, mark.lon);
      mark.spot.setAttribute("display", at ? "inline" : "none");
      if (at) {
        mark.spot.setAttribute("transform", `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`);
        if (!mark.width && mark.label) mark.width = mark.text.getComputedTextLength?.() || 7 * mark.label.length;
        seen.push({ mark, x: at.x, y: at.y, width: named ? mark.width : 0, rank: mark.rank, size: { number: 9.5, none: 0 }[mark.shape] ?? 6.5 });
      } else if (mark.label) mark.text.setAttribute("display", "none");
    }
    if (!settled) { // while it moves, labels wait
      this.texts.setAttribute("visibility", "hidden");
      this.leaders.setAttribute("visibility", "hidden");
      return;
    }
    const spots = placed(seen, this.size.width, this.size.height, this.drawnPoints());
    this.leaders.replaceChildren();
    seen.forEach(({ mark, x, y }, index) => {
      const spot = spots[index];
      if (!mark.label) return;
      mark.text.setAttribute("display", spot ? "inline" : "none");
      if (!spot) return;
      mark.text.setAttribute("x", spot.left.toFixed(1));
      mark.text.setAttribute("y", spot.base.toFixed(1));
      if (spot.leader) this.leaders.append(element("path", { class: "leader", d: `M${x.toFixed(1)} ${y.toFixed(1)}L${spot.leader.map((v) => v.toFixed(1)).join(" ")}` }));
    });
    this.texts.setAttribute("visibility", "visible");
    this.leaders.setAttribute("visibility", "visible");
  }

  // Points of the lead's tracks in the picture: what a label should rather not cover.
  drawnPoints() {
    const out = [];
    for (const track of this.data.tracks) {
      if (track.kind !== "out" && track.kind !== "back") continue;
      track.points ||= decoded(track.line);
      const step = Math.max(1, Math.floor(track.points.length / 400));
      for (let i = 0; i < track.points.length; i += step) {
        const at = this.pixel(track.points[i][1], track.points[i][0]);
        if (at) out.push([at.x, at.y]);
      }
    }
    return out;
  }

  projectAircraft() {
    this.aircraft.forEach(({ flight, spot, body }, index) => {
      const state = this.states[index];
      const at = state && !this.off.has(flight.layer) ? this.pixel(state.lat, state.lon) : null;
      spot.setAttribute("display", at ? "inline" : "none");
      if (!at) return;
      const ahead = this.ahead(state);
      spot.setAttribute("transform", `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`);
      body.setAttribute("transform", `rotate(${ahead.toFixed(0)})`);
    });
  }

  // The way an aircraft points in the picture: its course is from north, and north is not up everywhere on a globe.
  ahead(state) {
    const here = this.map.project([state.lon, state.lat]);
    const r = Math.PI / 180;
    const lat = state.lat + 0.05 * Math.cos(state.course * r);
    const lon = state.lon + (0.05 * Math.sin(state.course * r)) / Math.max(Math.cos(state.lat * r), 0.01);
    const there = this.map.project([lon, lat]);
    return Math.atan2(there.x - here.x, here.y - there.y) / r;
  }

  // ---- the clock -------------------------------------------------------------------------------------------

  update(time, states) {
    this.time = time;
    this.states = states;
    this.size ||= { width: this.holder.clientWidth, height: this.holder.clientHeight };
    this.projectAircraft();
    this.sun();
  }

  // Night and twilight, drawn again for every three minutes of the clock.
  sun() {
    if (!this.map.getSource("night")) return;
    const step = Math.round(this.time / SUN_STEP);
    if (step === this.sunAt) return;
    this.sunAt = step;
    this.map.getSource("night").setData(nightOf(this.overhead(this.time)));
    this.projectCaps();
  }

  // Where the Sun is overhead, between the two instants the plan's page gives.
  overhead(time) {
    const { begin, step, lat, lon } = this.data.sun;
    const place = Math.min(Math.max((time - begin) / step, 0), lat.length - 1);
    const [low, share] = [Math.min(Math.floor(place), lat.length - 2), place - Math.min(Math.floor(place), lat.length - 2)];
    return [lat[low] + (lat[low + 1] - lat[low]) * share, lon[low] + (lon[low + 1] - lon[low]) * share];
  }

  hover(event, chosen = false) {
    const { x, y } = event.point;
    const layers = ["out", "back", "tanker", "partner", "refuelling", "station", "closed", "limit"].filter((id) => this.map.getLayer(id));
    const [found] = this.map.queryRenderedFeatures([[x - 5, y - 5], [x + 5, y + 5]], { layers });
    this.map.getCanvas().style.cursor = found ? "pointer" : "";
    if (!found) return;
    const flight = this.data.flights.find((each) => each.id === found.properties.flight);
    if (!flight) {
      this.choose.point(found.properties.text, []);
      return;
    }
    const row = this.nearestRow(flight, event.lngLat);
    this.choose.row(flight, row);
    if (chosen) this.choose.time(flight.t[row]);
  }

  nearestRow(flight, { lat, lng }) {
    let [best, least] = [0, Infinity];
    for (let i = 0; i < flight.t.length; i += 1) {
      const away = (flight.lat[i] - lat) ** 2 + ((beside(flight.lon[i], lng) - lng) * Math.cos((lat * Math.PI) / 180)) ** 2;
      if (away < least) [best, least] = [i, away];
    }
    return best;
  }
}
