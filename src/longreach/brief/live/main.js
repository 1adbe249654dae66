// Start the live view, or leave the page as it is where it cannot run.

import { Globe } from "./globe.js";
import { Clock, clockText } from "./timeline.js";
import { levelText, Panel, positionText, stateOf } from "./panel.js";
import { landOf } from "./layers.js";
import * as address from "./address.js";

async function unpacked(id) {
  const text = document.getElementById(id).textContent;
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

function fileOf(text) {
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}

function canRun() {
  return typeof DecompressionStream === "function" && Boolean(document.createElement("canvas").getContext("webgl2"));
}

async function start() {
  const root = document.getElementById("live");
  if (!root) return;
  if (!canRun()) {
    document.getElementById("live-not").hidden = false;
    return;
  }
  const data = JSON.parse(document.getElementById("live-data").textContent);
  const [code, worker, sheet] = await Promise.all(["maplibre-code", "maplibre-worker", "maplibre-sheet"].map(unpacked));
  const css = document.createElement("style");
  css.textContent = sheet;
  document.head.prepend(css);
  const maplibre = await import(fileOf(code));
  maplibre.setWorkerUrl(fileOf(worker));
  maplibre.setWorkerCount(1);

  const given = address.read();
  const off = (given.off || "").split(",").filter(Boolean);
  const shape = given.map === "flat" ? "flat" : "globe";
  const at = given.at?.split(",").map(Number);
  document.documentElement.classList.add("is-live");
  root.hidden = false;

  let clock = null;
  let panel = null;
  const told = {
    point: (title, rows) => panel.point(title, rows),
    time: (t) => clock.set(t),
    row: (flight, row) => panel.point(flight.what, [
      ["", clockText(flight.t[row])], ["position", positionText(flight.lat[row], flight.lon[row])], ["level", levelText(flight.alt[row])],
      ["ground speed", `${Math.round(flight.gs[row])} kt`], ["fuel, each", `${(flight.fuel[row] / 1000).toFixed(1)} t`],
    ]),
  };
  const coarse = landOf(JSON.parse(document.getElementById("live-land").textContent), true);
  const wanted = Date.parse(given.t || "") / 1000;
  const begin = Math.min(Math.max(Number.isFinite(wanted) ? wanted : data.first, data.begin), data.end);
  const good = at?.length === 2 && at.every(Number.isFinite);
  const globe = new Globe(root, data, coarse, maplibre, {
    shape, off, time: begin, choose: told, at: good ? [at[1], at[0]] : undefined, zoom: good && given.zoom ? Number(given.zoom) : undefined,
  });
  panel = new Panel(root, data, (flight) => {
    const state = stateOf(flight, clock.time);
    if (!state) clock.set(clock.time < flight.t[0] ? flight.t[0] : flight.t[flight.t.length - 1]);
    const now = stateOf(flight, clock.time);
    globe.tell(flight, now);
    globe.map.easeTo({ center: [now.lon, now.lat], duration: 400 });
  });
  clock = new Clock(document, data);
  clock.onChange((time) => {
    const states = data.flights.map((flight) => stateOf(flight, time));
    globe.update(time, states);
    panel.update(time, states);
    address.write({ t: new Date(time * 1000).toISOString().slice(0, 19) + "Z" });
  });
  wire(root, data, globe, shape, off);
  clock.set(begin);

  let fine = false;
  globe.map.on("moveend", async () => {
    const { lat, lng } = globe.map.getCenter();
    address.write({ at: `${lat.toFixed(3)},${lng.toFixed(3)}`, zoom: globe.map.getZoom().toFixed(2) });
    if (!fine && globe.map.getZoom() > 2.6) {
      fine = true;
      globe.refine(landOf(JSON.parse(await unpacked("fine-land")), false));
    }
  });
  globe.map.on("idle", () => {
    if (globe.opened && globe.map.areTilesLoaded()) root.dataset.settled ||= Math.round(performance.now());
  });
  window.longreach = { data, globe, clock, panel };
}

function wire(root, data, globe, shape, off) {
  for (const button of root.querySelectorAll("[data-shape]")) {
    button.setAttribute("aria-pressed", String(button.dataset.shape === shape));
    button.addEventListener("click", () => {
      globe.setShape(button.dataset.shape);
      for (const other of root.querySelectorAll("[data-shape]")) other.setAttribute("aria-pressed", String(other === button));
      address.write({ map: button.dataset.shape === "flat" ? "flat" : "" });
    });
  }
  for (const button of root.querySelectorAll("[data-view]")) {
    button.hidden = !data.views[button.dataset.view];
    button.addEventListener("click", () => globe.view(button.dataset.view));
  }
  for (const button of root.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => globe.map.zoomTo(globe.map.getZoom() + Number(button.dataset.zoom)));
  }
  for (const box of root.querySelectorAll("[data-layer]")) {
    box.checked = !off.includes(box.dataset.layer);
    box.addEventListener("change", () => {
      globe.show(box.dataset.layer, box.checked);
      address.write({ off: [...globe.off].join(",") });
    });
  }
  address.write({ map: shape === "flat" ? "flat" : "", off: off.join(",") });
}

start().catch((error) => {
  document.documentElement.classList.remove("is-live");
  document.getElementById("live").hidden = true;
  document.getElementById("live-not").hidden = false;
  window.longreachError = String(error?.stack || error);
});
