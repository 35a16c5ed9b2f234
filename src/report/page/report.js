// What the page does beyond what it says: choosing cells by their axes, filtering and sorting the table, and drawing
// what a cell measured. Text from a config enters the page as text alone, never as markup.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const SVG = "http://www.w3.org/2000/svg";
  const byId = (id) => document.getElementById(id);

  // An element with attributes and children; children that are strings become text.
  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const draw = (name, attributes = {}, ...children) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  // Numbers as people read them. A number that is none is null in the data.
  const signed = (x) => (x === null ? "none" : (x < 0 ? "−" : "+") + Math.abs(x).toFixed(2));
  const plain = (x) => (x === null ? "not finite" : String(Number(x.toPrecision(4))));
  const power = (x) => {
    if (x === null) return "not finite";
    let exponent = Math.floor(x);
    let mantissa = (10 ** (x - exponent)).toFixed(2);
    if (mantissa === "10.00") [mantissa, exponent] = ["1.00", exponent + 1];
    return `${mantissa}e${exponent}`;
  };
  const raised = (exponent) => "10" + [...String(exponent)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("");
  const nameOf = (cell) => data.axes.map((axis, i) => `${axis.name} = ${axis.values[cell.at[i]]}`).join(", ");

  // ---------------------------------------------------------------- figures

  const WIDTH = 560;
  const HEIGHT = 330;
  const BOX = { left: 64, right: 548, top: 14, bottom: 286 };
  const across = (i, n) => BOX.left + ((i + 0.5) * (BOX.right - BOX.left)) / n;

  // Ticks at round numbers, about `most` of them.
  const ticks = (low, high, most) => {
    const raw = (high - low) / most;
    const unit = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((k) => k * unit).find((k) => k >= raw);
    const all = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) all.push(k * step);
    return all;
  };
  // A scale that holds all numbers, with a margin; logarithms get whole powers of ten.
  const scale = (numbers, isLog) => {
    let low = Infinity;
    let high = -Infinity;
    for (const x of numbers) {
      if (x === null) continue;
      low = Math.min(low, x);
      high = Math.max(high, x);
    }
    if (low > high) [low, high] = [0, 1];
    const margin = high > low ? (high - low) * 0.05 : 0.5;
    [low, high] = [low - margin, high + margin];
    const marks = ticks(low, high, 6).filter((x) => !isLog || Number.isInteger(x));
    const at = (x) => BOX.bottom - ((x - low) / (high - low)) * (BOX.bottom - BOX.top);
    return { at, marks };
  };

  // An empty figure whose reading is said below it, by pointer and by the arrow keys.
  const figure = (title, description, columns, rows, say) => {
    const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plot", tabindex: "0", role: "img" });
    svg.setAttribute("aria-label", `${title}. ${description}`);
    const reading = make("output", { class: "reading" }, "Point at the figure, or focus it and press the arrow keys, to read its values.");
    const cursor = draw("rect", { class: "cursor", visibility: "hidden" });
    const at = { column: 0, row: 0 };
    const show = () => {
      const left = across(at.column, columns) - (BOX.right - BOX.left) / columns / 2;
      const height = (BOX.bottom - BOX.top) / rows;
      cursor.setAttribute("x", left);
      cursor.setAttribute("y", BOX.top + at.row * height);
      cursor.setAttribute("width", (BOX.right - BOX.left) / columns);
      cursor.setAttribute("height", height);
      cursor.setAttribute("visibility", "visible");
      reading.textContent = say(at.column, at.row);
    };
    const within = (x, n) => Math.max(0, Math.min(n - 1, x));
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * WIDTH;
      const y = ((event.clientY - box.top) / box.height) * HEIGHT;
      at.column = within(Math.floor(((x - BOX.left) / (BOX.right - BOX.left)) * columns), columns);
      at.row = within(Math.floor(((y - BOX.top) / (BOX.bottom - BOX.top)) * rows), rows);
      show();
    });
    svg.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!move) return;
      event.preventDefault();
      if (cursor.getAttribute("visibility") === "visible") {
        at.column = within(at.column + move[0], columns);
        at.row = within(at.row + move[1], rows);
      }
      show();
    });
    return { svg, cursor, node: make("figure", {}, make("figcaption", {}, title), svg, reading) };
  };

  const label = (svg, x, y, text, extra = {}) => svg.append(draw("text", { x, y, class: "label", ...extra }, text));

  const frame = (svg, xs, xLabel, yLabel) => {
    svg.append(draw("rect", { class: "frame", x: BOX.left, y: BOX.top, width: BOX.right - BOX.left, height: BOX.bottom - BOX.top }));
    const every = Math.ceil(xs.length / 10);
    xs.forEach((x, i) => {
      if (i % every === 0) label(svg, across(i, xs.length), BOX.bottom + 17, String(x), { "text-anchor": "middle" });
    });
    label(svg, (BOX.left + BOX.right) / 2, HEIGHT - 8, xLabel, { "text-anchor": "middle" });
    label(svg, 14, (BOX.top + BOX.bottom) / 2, yLabel, { "text-anchor": "middle", transform: `rotate(-90 14 ${(BOX.top + BOX.bottom) / 2})` });
  };

  // Lines with bands over `xs`; where a mean is null the line has a gap, and a mark at the lower edge says why.
  const lines = ({ title, description, xs, xLabel, yLabel, isLog, series, marks = [] }) => {
    const write = isLog ? power : plain;
    const say = (i) => {
      const parts = series.map((s) => {
        const range = s.low && s.low[i] !== null && s.high[i] !== null ? ` (${write(s.low[i])} to ${write(s.high[i])})` : "";
        return `${s.name} ${write(s.mean[i])}${range}`;
      });
      return `${xLabel} ${xs[i]}: ${parts.join("; ")}${marks[i] ? `; ${marks[i]}` : ""}`;
    };
    const { svg, cursor, node } = figure(title, description, xs.length, 1, say);
    const y = scale(series.flatMap((s) => [...s.mean, ...(s.low ?? []), ...(s.high ?? [])]), isLog);
    for (const mark of y.marks) {
      svg.append(draw("line", { class: "grid", x1: BOX.left, x2: BOX.right, y1: y.at(mark), y2: y.at(mark) }));
      label(svg, BOX.left - 6, y.at(mark) + 4, isLog ? raised(mark) : plain(mark), { "text-anchor": "end" });
    }
    frame(svg, xs, xLabel, yLabel);
    const point = (i, v) => `${across(i, xs.length).toFixed(1)},${y.at(v).toFixed(1)}`;
    series.forEach((s, k) => {
      let [path, isOpen] = ["", false];
      s.mean.forEach((v, i) => {
        if (v !== null) path += `${isOpen ? "L" : "M"}${point(i, v)}`;
        isOpen = v !== null;
        const [low, high] = s.low ? [s.low[i], s.high[i]] : [null, null];
        if (low !== null && high !== null) {
          const x = across(i, xs.length).toFixed(1);
          svg.append(draw("line", { class: `band series-${k}`, x1: x, x2: x, y1: y.at(low), y2: y.at(high) }));
        }
        if (v !== null && !s.isDashed && xs.length <= 60) {
          const [cx, cy] = point(i, v).split(",");
          svg.append(draw("circle", { class: `dot series-${k}`, cx, cy, r: 2.6 }));
        }
      });
      svg.append(draw("path", { class: `line series-${k}${s.isDashed ? " dashed" : ""}`, d: path }));
      const left = BOX.left + 10 + (k * (BOX.right - BOX.left)) / series.length;
      svg.append(draw("line", { class: `line series-${k}${s.isDashed ? " dashed" : ""}`, x1: left, x2: left + 24, y1: BOX.top + 12, y2: BOX.top + 12 }));
      label(svg, left + 30, BOX.top + 16, s.name);
    });
    marks.forEach((mark, i) => {
      if (!mark) return;
      const x = across(i, xs.length);
      svg.append(draw("path", { class: "mark", d: `M${x - 4},${BOX.bottom - 10}l8,8m0,-8l-8,8` }));
    });
    svg.append(cursor);
    return node;
  };

  // log10 of a norm over layers and steps; what is no number is hatched. The last of the layers is the head.
  const heatMap = ({ title, description, steps, layers, values, marks }) => {
    const markAt = new Map(marks.map(([l, s, mark]) => [`${l},${s}`, mark]));
    let [low, high] = [Infinity, -Infinity];
    for (const v of values.flat()) if (v !== null) [low, high] = [Math.min(low, v), Math.max(high, v)];
    const of = (v) => data.colours[Math.round(high > low ? ((v - low) / (high - low)) * (data.colours.length - 1) : 0)];
    // The first layer is at the bottom, as in the net.
    const row = (i) => layers.length - 1 - i;
    const isHead = (l) => l === layers.length - 1;
    const say = (step, i) => {
      const l = row(i);
      const mark = markAt.get(`${l},${step}`);
      const what = values[l][step] === null ? (mark ?? "no run came here") : power(values[l][step]) + (mark ? `, ${mark} in some runs` : "");
      return `${isHead(l) ? "head" : `layer ${layers[l]}`}, step ${steps[step]}: ${what}`;
    };
    const { svg, cursor, node } = figure(title, `${description} Colours from ${power(low)} to ${power(high)}.`, steps.length, layers.length, say);
    const [w, h] = [(BOX.right - BOX.left) / steps.length, (BOX.bottom - BOX.top) / layers.length];
    values.forEach((at, l) => at.forEach((v, s) => {
      const place = { x: (BOX.left + s * w).toFixed(2), y: (BOX.top + row(l) * h).toFixed(2), width: (w + 0.3).toFixed(2), height: (h + 0.3).toFixed(2) };
      svg.append(v === null ? draw("rect", { ...place, class: "none" }) : draw("rect", { ...place, fill: of(v) }));
    }));
    frame(svg, steps, "step", "layer");
    const every = Math.ceil(layers.length / 10);
    layers.forEach((layer, l) => {
      // The head has its name, and a layer whose number would stand on it has none.
      const isShown = isHead(l) || (l % every === 0 && layers.length - 1 - l >= every / 2);
      const name = isHead(l) ? "head" : String(layer);
      if (isShown) label(svg, BOX.left - 6, BOX.top + (row(l) + 0.5) * h + 4, name, { "text-anchor": "end" });
    });
    svg.append(cursor);
    const bar = make("span", { class: "bar", "aria-hidden": "true" });
    bar.style.background = `linear-gradient(to right, ${data.colours.join(",")})`;
    node.append(make("p", { class: "key" }, power(low), " ", bar, " ", power(high), "; hatched: no number"));
    return node;
  };

  // ---------------------------------------------------------------- the chosen cell

  const pick = byId("pick");
  const detail = byId("detail");
  let chosen = data.first;

  const figuresOf = (cell) => {
    const d = cell.detail;
    if (!d) return [make("p", {}, data.without_detail)];
    const all = [];
    const of = (name, s, isDashed = false) => ({ name, ...s, isDashed });
    const over = (curves) => {
      const series = [of("first step", curves.init), of("last step", curves.last)];
      if (curves.theory.length) series.push(of("theory, first step", { mean: curves.theory }, true));
      return series;
    };
    if (d.profile) {
      const series = over(d.profile);
      all.push(lines({
        title: "RMS backpropagated error (delta) by layer", description: `Of ${nameOf(cell)}.`,
        xs: d.profile.at, xLabel: "layer", yLabel: "RMS error", isLog: true, series, marks: d.profile.marks,
      }));
    }
    if (d.speed) {
      all.push(lines({
        title: "How fast each layer learns: norm of a step's update over that of the weights", description: `Of ${nameOf(cell)}.`,
        xs: d.speed.at, xLabel: "layer", yLabel: "update norm / weight norm", isLog: true,
        series: [of("mean over the traced steps", d.speed.mean)], marks: d.speed.marks,
      }));
    }
    if (d.lag) {
      all.push(lines({
        title: "RMS error of the state (dLoss/dh) by lag", description: `Of ${nameOf(cell)}.`,
        xs: d.lag.at, xLabel: "lag", yLabel: "RMS error", isLog: true, series: over(d.lag), marks: d.lag.marks,
      }));
    }
    if (d.heat) {
      all.push(heatMap({
        title: "Norm of the weights' gradient (dLoss/dW) by layer and step", description: `Of ${nameOf(cell)}.`, ...d.heat,
      }));
    }
    if (d.loss) {
      all.push(lines({
        title: "Loss while training", description: `Of ${nameOf(cell)}.`,
        xs: d.loss.steps, xLabel: "step", yLabel: "loss", isLog: false, series: [of("loss", d.loss.loss)], marks: [],
      }));
      if (d.loss.accuracy) {
        all.push(lines({
          title: "Accuracy while training", description: `Of ${nameOf(cell)}.`,
          xs: d.loss.steps, xLabel: "step", yLabel: "accuracy", isLog: false, series: [of("accuracy", d.loss.accuracy)], marks: [],
        }));
      }
    }
    return all;
  };

  const choose = (index, isMoved = false) => {
    chosen = index;
    const cell = data.cells[index];
    pick.querySelectorAll("select").forEach((select, i) => { select.value = String(cell.at[i]); });
    const facts = make("dl", {});
    for (const [term, text] of cell.facts) facts.append(make("dt", {}, term), make("dd", {}, text));
    const cures = cell.cures.length ? [make("h4", {}, "What cures it"), make("ul", {}, ...cell.cures.map((cure) => make("li", {}, cure)))] : [];
    if (cell.add) cures.push(make("h4", {}, "What to try"), make("p", {}, cell.add));
    detail.replaceChildren(
      make("h3", { id: "chosen", tabindex: "-1" }, nameOf(cell) || "the only cell"),
      facts, ...cures, make("div", { class: "figures" }, ...figuresOf(cell)),
    );
    byId("cells").querySelectorAll("tbody tr").forEach((row) => {
      row.classList.toggle("chosen", row.dataset.cell === String(index));
    });
    if (isMoved) byId("chosen").focus();
  };

  // The cell at these values; where there is none, that which shares the most of them, the changed axis before all.
  const nearest = (at, changed) => {
    let [best, most] = [chosen, -1];
    data.cells.forEach((cell, i) => {
      const shared = cell.at.reduce((n, v, k) => n + (v === at[k] ? (k === changed ? data.axes.length + 1 : 1) : 0), 0);
      if (shared > most) [best, most] = [i, shared];
    });
    return best;
  };

  data.axes.forEach((axis, i) => {
    const select = make("select", { id: `pick-${i}` }, ...axis.values.map((value, k) => make("option", { value: String(k) }, value)));
    select.addEventListener("change", () => {
      const at = data.cells[chosen].at.slice();
      at[i] = Number(select.value);
      choose(nearest(at, i));
    });
    pick.append(make("span", {}, make("label", { for: `pick-${i}` }, axis.name), " ", select));
  });

  // ---------------------------------------------------------------- the table

  const body = byId("cells").querySelector("tbody");
  const heads = [...byId("cells").querySelectorAll("thead th")];
  const filters = byId("filters");
  const count = byId("count");
  const more = byId("more");
  const PAGE = data.page;
  let [shown, sort] = [PAGE, { column: -1, sign: 1 }];
  const wanted = data.axes.map(() => -1);

  const rowOf = (cell, index) => {
    const row = make("tr", { "data-cell": String(index) });
    const open = make("button", { type: "button", class: "open" }, "show");
    open.setAttribute("aria-label", `show ${nameOf(cell)}`);
    row.append(make("td", {}, open));
    cell.at.forEach((value, i) => row.append(make("td", { class: "axis", title: data.axes[i].values[value] }, data.axes[i].values[value])));
    cell.row.forEach((text, i) => row.append(make("td", { class: i === 0 ? `verdict ${cell.verdict}` : "number" }, text)));
    if (index === chosen) row.classList.add("chosen");
    return row;
  };

  const keyOf = (cell, column) => {
    const i = column - 1;
    return i < data.axes.length ? cell.at[i] : cell.sort[i - data.axes.length];
  };

  const fill = () => {
    const kept = data.cells.map((_, i) => i).filter((i) => wanted.every((w, k) => w < 0 || data.cells[i].at[k] === w));
    if (sort.column > 0) {
      // What is no number comes last, whichever way is up.
      kept.sort((a, b) => {
        const [x, y] = [keyOf(data.cells[a], sort.column), keyOf(data.cells[b], sort.column)];
        if (x === null || y === null) return (x === null) - (y === null) || a - b;
        return sort.sign * (x - y) || a - b;
      });
    }
    body.replaceChildren(...kept.slice(0, shown).map((i) => rowOf(data.cells[i], i)));
    count.textContent = `${Math.min(shown, kept.length)} of ${kept.length} cells shown` + (kept.length < data.cells.length ? `, of ${data.cells.length} in all` : "");
    more.hidden = kept.length <= shown;
  };

  heads.forEach((head, column) => {
    if (column === 0) return;
    const button = make("button", { type: "button" }, ...head.childNodes);
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      sort = { column, sign: sort.column === column ? -sort.sign : 1 };
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", sort.sign > 0 ? "ascending" : "descending");
      fill();
    });
  });
  data.axes.forEach((axis, i) => {
    const options = axis.values.map((value, k) => make("option", { value: String(k) }, value));
    const select = make("select", { id: `filter-${i}` }, make("option", { value: "-1" }, "all"), ...options);
    select.addEventListener("change", () => {
      wanted[i] = Number(select.value);
      shown = PAGE;
      fill();
    });
    filters.append(make("span", {}, make("label", { for: `filter-${i}` }, axis.name), " ", select));
  });
  more.addEventListener("click", () => {
    shown += PAGE;
    fill();
  });
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (row) choose(Number(row.dataset.cell), event.target.closest("button") !== null);
  });

  // A cell of the matrix opens what it stands for, by click and by key.
  document.querySelectorAll("svg [data-cell]").forEach((mark) => {
    const open = () => choose(data.row_of[Number(mark.dataset.cell)], true);
    // What can be pressed is not part of an image.
    mark.ownerSVGElement.setAttribute("role", "group");
    mark.setAttribute("tabindex", "0");
    mark.setAttribute("role", "button");
    mark.addEventListener("click", open);
    mark.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open();
    });
  });

  document.documentElement.classList.add("scripted");
  fill();
  choose(chosen);
})();
