// One clock for everything: the slider, play, the events to jump to, and the cursors in the two charts.

const SVG = "http://www.w3.org/2000/svg";

export function clockText(seconds, zone) {
  let shift = 0;
  let name = "UTC";
  if (zone) {
    for (const [from, minutes, words] of zone.offsets) if (seconds >= from) [shift, name] = [minutes, words];
  }
  const at = new Date((seconds + shift * 60) * 1000);
  const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const two = (n) => String(n).padStart(2, "0");
  return `${days[at.getUTCDay()]} ${at.getUTCDate()} ${months[at.getUTCMonth()]} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} ${name}`;
}

export class Clock {
  constructor(root, data) {
    this.data = data;
    this.listeners = [];
    this.slider = root.querySelector(".clock-slider");
    this.button = root.querySelector(".clock-play");
    this.speed = root.querySelector(".clock-speed");
    this.words = root.querySelector(".clock-time");
    this.local = root.querySelector(".clock-local");
    this.time = data.begin;
    this.slider.min = data.begin;
    this.slider.max = data.end;
    this.slider.addEventListener("input", () => this.set(Number(this.slider.value)));
    this.slider.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault();
        this.toggle();
      }
    });
    this.button.addEventListener("click", () => this.toggle());
    root.querySelector(".clock-before").addEventListener("click", () => this.jump(-1));
    root.querySelector(".clock-after").addEventListener("click", () => this.jump(1));
    this.cursors = [...document.querySelectorAll("svg[data-begin]")].map((svg) => cursor(svg, (t) => this.set(t)));
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  set(time) {
    this.time = Math.round(Math.min(this.data.end, Math.max(this.data.begin, time)));
    this.slider.value = this.time;
    const utc = clockText(this.time);
    this.slider.setAttribute("aria-valuetext", utc);
    this.words.textContent = utc;
    this.local.textContent = this.data.zones.map((zone) => `${clockText(this.time, zone)} ${zone.name}`).join(" · ");
    for (const move of this.cursors) move(this.time);
    for (const listener of this.listeners) listener(this.time);
  }

  jump(way) {
    const times = this.data.events.map((event) => event.t);
    const next = way > 0 ? times.find((t) => t > this.time) : times.filter((t) => t < this.time).pop();
    if (next !== undefined) this.set(next);
  }

  toggle() {
    this.playing = !this.playing;
    this.button.textContent = this.playing ? "Pause" : "Play";
    this.button.setAttribute("aria-pressed", String(this.playing));
    if (!this.playing) return;
    if (this.time >= this.data.end) this.set(this.data.begin);
    let last = null;
    const step = (now) => {
      if (!this.playing) return;
      if (last !== null) this.set(this.time + Math.max(1, ((now - last) / 1000) * Number(this.speed.value) * 60));
      last = now;
      if (this.time >= this.data.end) this.toggle();
      else window.requestAnimationFrame(step);
    };
    window.requestAnimationFrame(step);
  }
}

// A cursor in one chart; a click in the chart sets the clock.
function cursor(svg, choose) {
  const { begin, end, left, right, top, bottom } = Object.fromEntries(Object.entries(svg.dataset).map(([k, v]) => [k, Number(v)]));
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("class", "cursor");
  line.setAttribute("d", `M0 ${top}V${bottom}`);
  svg.append(line);
  svg.style.cursor = "crosshair";
  svg.addEventListener("click", (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const share = (point.x - left) / (right - left);
    if (share > -0.01 && share < 1.01) choose(begin + share * (end - begin));
  });
  return (time) => line.setAttribute("transform", `translate(${(left + ((time - begin) / (end - begin)) * (right - left)).toFixed(2)} 0)`);
}
