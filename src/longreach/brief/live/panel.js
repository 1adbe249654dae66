// The panel beside the map: every aircraft at the moment of the clock, and what was pointed at.

import { between, course } from "./sphere.js";

// Where a flight is at a time, or null while it is on the ground.
export function stateOf(flight, time) {
  const { t } = flight;
  if (time < t[0] || time > t[t.length - 1]) return null;
  let [low, high] = [0, t.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (t[middle] <= time) low = middle;
    else high = middle;
  }
  const share = t[high] > t[low] ? (time - t[low]) / (t[high] - t[low]) : 0;
  const mix = (column) => column[low] + (column[high] - column[low]) * share;
  const [lat, lon] = between(flight.lat[low], flight.lon[low], flight.lat[high], flight.lon[high], share);
  return {
    lat, lon, row: low,
    course: course(flight.lat[low], flight.lon[low], flight.lat[high], flight.lon[high]),
    altitude: mix(flight.alt), speed: flight.gs[low], fuel: mix(flight.fuel),
    phase: [...flight.phase].reverse().find(([row]) => row <= low)[1],
    over: flight.over.filter(([from, to]) => from <= time && time <= to).map(([, , name]) => name),
    light: (flight.light.find(([from, to]) => from <= time && time <= to) || [0, 0, ""])[2],
  };
}

export function positionText(lat, lon) {
  const part = (value, width, names) => {
    const minutes = Math.round(Math.abs(value) * 60);
    return `${String(Math.floor(minutes / 60)).padStart(width, "0")}°${String(minutes % 60).padStart(2, "0")}'${names[value < 0 ? 1 : 0]}`;
  };
  return `${part(lat, 2, "NS")} ${part(((((lon + 180) % 360) + 360) % 360) - 180, 3, "EW")}`;
}

export function levelText(feet) {
  return feet >= 5000 ? `FL${String(Math.round(feet / 100)).padStart(3, "0")}` : `${Math.round(feet / 10) * 10} ft`;
}

function cell(tag, text, style) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (style) made.className = style;
  return made;
}

export class Panel {
  constructor(root, data, choose) {
    this.data = data;
    this.rows = root.querySelector(".aircraft tbody");
    this.card = root.querySelector(".pointed");
    this.shown = data.flights.map((flight) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      const button = cell("button", flight.name, `name ${flight.role}`);
      button.type = "button";
      button.title = `Go to ${flight.what}`;
      button.addEventListener("click", () => choose(flight));
      head.append(button);
      const cells = [cell("td", ""), cell("td", "", "num"), cell("td", "", "num"), cell("td", "", "num")];
      row.append(head, ...cells);
      this.rows.append(row);
      return { row, cells };
    });
  }

  update(time, states) {
    this.data.flights.forEach((flight, index) => {
      const { row, cells } = this.shown[index];
      const state = states[index];
      const texts = state
        ? [[state.phase, state.over.length ? `over ${state.over.join(", ")}` : "high seas"].join(", "),
          levelText(state.altitude), `${Math.round(state.speed)} kt`, `${(state.fuel / 1000).toFixed(1)} t`]
        : [time < flight.t[0] ? "not yet up" : "landed", "", "", ""];
      row.className = state ? "" : "ground";
      texts.forEach((text, i) => {
        if (cells[i].textContent !== text) cells[i].textContent = text;
      });
    });
  }

  // Show a title and rows of figures for what was pointed at.
  point(title, rows) {
    this.card.replaceChildren(cell("b", title), ...rows.map(([name, value]) => {
      const line = document.createElement("span");
      line.append(cell("i", name), ` ${value}`);
      return line;
    }));
  }
}
