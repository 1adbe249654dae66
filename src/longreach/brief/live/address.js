// The state of the view in the address, after "#": copied with the link, kept on reload.

const KEYS = ["t", "map", "at", "zoom", "off"];

export function read() {
  const text = window.location.hash.slice(1);
  if (!text.includes("=")) return {};
  const found = new URLSearchParams(text);
  return Object.fromEntries(KEYS.filter((key) => found.has(key)).map((key) => [key, found.get(key)]));
}

let pending = null;
const state = {};

// Merge a change into the address, at most five times a second.
export function write(change) {
  Object.assign(state, change);
  if (pending) return;
  pending = setTimeout(() => {
    pending = null;
    const parts = KEYS.filter((key) => state[key]).map((key) => `${key}=${encodeURIComponent(state[key]).replaceAll("%3A", ":").replaceAll("%2C", ",")}`);
    window.history.replaceState(null, "", `#${parts.join("&")}`);
  }, 200);
}
