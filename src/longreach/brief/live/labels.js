// Labels that stay legible where many points crowd: each is set beside its point at the place of least cost,
// never over another, with a thin line where it must stand off. What finds no place is left to hover and panel.

const SIDES = [[1, 0], [-1, 0], [0.7, -0.8], [0.7, 0.8], [-0.7, -0.8], [-0.7, 0.8], [0, -1], [0, 1]];
const RINGS = [11, 26, 44, 64, 88];

function overlaps(box, taken) {
  return taken.some((t) => box[0] < t[2] && t[0] < box[2] && box[1] < t[3] && t[1] < box[3]);
}

// marks: {x, y, width, rank, size} in pixels; the answer has for each {left, base, leader} or null.
export function placed(marks, width, height, lines) {
  const taken = marks.map((m) => [m.x - m.size, m.y - m.size, m.x + m.size, m.y + m.size]);
  const out = marks.map(() => null);
  const order = marks.map((_, i) => i).sort((a, b) => marks[a].rank - marks[b].rank || a - b);
  for (const index of order) {
    const mark = marks[index];
    if (!mark.width) continue;
    let best = null;
    (mark.size ? RINGS : [0, ...RINGS]).forEach((away, ring) => {
      (away ? SIDES : [[0, 0]]).forEach(([dx, dy], turn) => {
        const base = mark.y + dy * away + 4;
        const at = mark.x + dx * away;
        const left = dx > 0 ? at : dx < 0 ? at - mark.width : at - mark.width / 2;
        const box = [left - 2, base - 12, left + mark.width + 2, base + 4];
        if (box[0] < 2 || box[1] < 2 || box[2] > width - 2 || box[3] > height - 2 || overlaps(box, taken)) return;
        const covered = lines.filter(([x, y]) => x > box[0] && x < box[2] && y > box[1] && y < box[3]).length;
        const cost = 22 * ring + 1.5 * turn + 6 * covered;
        if (!best || cost < best.cost) best = { cost, left, base, box };
      });
    });
    if (!best) continue;
    taken.push(best.box);
    const near = [Math.min(Math.max(mark.x, best.left), best.left + mark.width), Math.min(Math.max(mark.y, best.base - 11), best.base + 4)];
    const leader = mark.size && Math.hypot(near[0] - mark.x, near[1] - mark.y) > 15 ? near : null;
    out[index] = { left: best.left, base: best.base, leader };
  }
  return out;
}
