// A report in a real browser: nothing is asked of the network or said on the console, clicks and keys do what they
// should, a hostile config runs nothing, and axe finds no serious problem, on light pages and on dark ones.
//   node report.mjs MODULES PLAIN.html HOSTILE.html THREE.html FORTY.html [SCREENSHOTS]
// MODULES is the node_modules with playwright-core and axe-core; SCREENSHOTS a folder for pictures.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, plain, hostile, three, forty, screenshots] = process.argv.slice(2);
const require = createRequire(join(modules, "report.mjs"));
const { chromium } = require("playwright-core");
const axe = require("axe-core").source;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: process.getuid() === 0 ? ["--no-sandbox"] : [],
});

// Opens a file as a person without a network would; `check` gets the page, and nothing may have gone wrong after it.
async function open(file, options, check) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, offline: true, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => wrong.push(`failed: ${request.url()}`));
  page.on("request", (request) => { if (!request.url().startsWith("file:")) wrong.push(`asked: ${request.url()}`); });
  page.on("dialog", (dialog) => { wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  await page.goto(pathToFileURL(file).href);
  await check(page);
  assert.deepEqual(wrong, []);
  await context.close();
}

async function isAccessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter((violation) => ["serious", "critical"].includes(violation.impact));
  const said = serious.map((violation) => `${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  assert.deepEqual(said, []);
}

async function picture(page, name) {
  if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

// No two words of a figure lie on each other, and none sticks out of it.
async function areWordsApart(page) {
  const faults = await page.locator("svg.vgrun-figure").evaluateAll((all) => all.flatMap((svg) => {
    const frame = svg.getBoundingClientRect();
    const words = [...svg.querySelectorAll("text")].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    const name = svg.querySelector("title").textContent;
    const out = words.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1);
    const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1.5 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
    const pairs = words.flatMap((a, i) => words.slice(i + 1).filter((b) => overlap(a.box, b.box)).map((b) => `"${a.text}" on "${b.text}"`));
    return [...out.map(({ text }) => `${name}: "${text}" sticks out`), ...pairs.map((pair) => `${name}: ${pair}`)];
  }));
  assert.deepEqual(faults.slice(0, 10), []);
}

// The legend of the verdicts: R is among them, and no two share a letter, a colour or a grey.
async function areVerdictsApart(page) {
  const legend = await page.locator(".verdicts .verdict").evaluateAll((all) => all.map((element) => {
    const style = getComputedStyle(element, "::before");
    const rgb = style.backgroundColor.match(/\d+/g).slice(0, 3).map(Number);
    return { name: element.textContent, letter: /"(.)"/.exec(style.content)[1], rgb, ink: style.color };
  }));
  assert.deepEqual(legend.map(({ letter }) => letter), [..."XDSEVRH"]);
  assert.equal(legend[5].name, "recovered");
  const grey = legend.map(({ rgb: [r, g, b] }) => 0.299 * r + 0.587 * g + 0.114 * b);
  for (let i = 1; i < legend.length; i++) {
    assert.ok(grey[i] - grey[i - 1] > 20, `in grey ${legend[i].name} is lighter than ${legend[i - 1].name}: ${grey}`);
    for (const other of legend.slice(0, i)) {
      const apart = Math.hypot(...legend[i].rgb.map((x, k) => x - other.rgb[k]));
      assert.ok(apart > 45, `${legend[i].name} and ${other.name} are ${apart} apart`);
    }
  }
}

const rows = (page) => page.locator("#cells tbody tr");
const column = async (page, title) => {
  const titles = await page.locator("#cells thead th").allTextContents();
  const at = titles.findIndex((text) => text.trim() === title);
  assert.ok(at >= 0, `a column ${title} among ${titles}`);
  return page.locator(`#cells tbody tr td:nth-child(${at + 1})`);
};
const numbers = async (page, title) => (await (await column(page, title)).allTextContents()).map(Number);

try {
  await open(plain, {}, async (page) => {
    const all = await rows(page).count();
    assert.equal(all, 8, "two depths, two activations, with and without residual connections");

    // Filters.
    await page.locator("#filters").getByLabel("activation", { exact: true }).selectOption({ label: "sigmoid" });
    assert.equal(await rows(page).count(), all / 2);
    assert.ok((await (await column(page, "activation")).allTextContents()).every((text) => text === "sigmoid"));
    assert.match(await page.locator("#count").textContent(), /^4 of 4 cells shown, of 8/);
    await page.locator("#filters").getByLabel("activation", { exact: true }).selectOption({ label: "all" });

    // Sorting, by a click and by the keyboard.
    const decades = page.getByRole("button", { name: "decades", exact: true });
    await decades.click();
    const ascending = await numbers(page, "decades");
    assert.deepEqual(ascending, ascending.toSorted((a, b) => a - b));
    assert.equal(await page.locator('th[aria-sort="ascending"]').count(), 1);
    await decades.focus();
    await page.keyboard.press("Enter");
    assert.deepEqual(await numbers(page, "decades"), ascending.toReversed());
    assert.equal(await page.locator('th[aria-sort="descending"]').count(), 1);

    // The worst cell is chosen at first; its axes choose another.
    const chosen = page.locator("#chosen");
    const first = await chosen.textContent();
    assert.match(first, /activation = sigmoid/);
    assert.match(first, /depth = 6/);
    const profile = page.locator("#detail svg").first();
    const before = await profile.innerHTML();
    await page.locator("#pick").getByLabel("depth", { exact: true }).selectOption({ label: "3" });
    assert.match(await chosen.textContent(), /depth = 3/);
    assert.notEqual(await page.locator("#detail svg").first().innerHTML(), before, "the profile is that of the other cell");
    assert.equal(await page.locator("#cells tr.chosen").count(), 1);

    // A row by its button.
    await rows(page).first().getByRole("button").click();
    assert.equal(await page.locator("#cells tbody tr").first().getAttribute("class"), "chosen");

    // A cell of the matrix, by a click and by a key; the focus goes where there is something to read.
    const field = page.locator("svg [data-cell]");
    assert.equal(await field.count(), all);
    await field.nth(0).click();
    const [one] = [await chosen.textContent()];
    assert.equal(await page.evaluate(() => document.activeElement.id), "chosen");
    await field.nth(all - 1).focus();
    await page.keyboard.press("Enter");
    assert.notEqual(await chosen.textContent(), one);

    // Values under the pointer, and by arrow keys.
    const figure = page.locator("#detail figure").first();
    const box = await figure.locator("svg").boundingBox();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.5);
    const reading = figure.locator("output");
    const hovered = await reading.textContent();
    assert.match(hovered, /^layer \d+: first step \d\.\d\de-?\d+/);
    await figure.locator("svg").focus();
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await reading.textContent(), hovered);
    const heat = page.locator("#detail figure", { hasText: "by layer and step" });
    await heat.locator("svg").focus();
    await page.keyboard.press("ArrowUp");
    assert.match(await heat.locator("output").textContent(), /^head, step \d+: /);
    await page.keyboard.press("ArrowDown");
    assert.match(await heat.locator("output").textContent(), /^layer \d+, step \d+: /);

    // How fast each layer learns: of the chosen cell, in a figure of its own and in a sentence; and of all cells that fit.
    await page.locator("#pick").getByLabel("depth", { exact: true }).selectOption({ label: "6" });
    await page.locator("#pick").getByLabel("activation", { exact: true }).selectOption({ label: "sigmoid" });
    await page.locator("#pick").getByLabel("residual", { exact: true }).selectOption({ label: "false" });
    assert.match(await page.locator("#detail dl").textContent(), /layer 1 learns \S+ times more slowly than layer 6/);
    const speed = page.locator("#detail figure", { hasText: "How fast each layer learns" });
    assert.equal(await speed.locator("path.line[d*='M']").count(), 1, "one line, without a prediction");
    await speed.locator("svg").focus();
    await page.keyboard.press("ArrowRight");
    const slow = await speed.locator("output").textContent();
    assert.match(slow, /^layer 1: mean over the traced steps \d\.\d\de-\d+/);
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
    const fast = await speed.locator("output").textContent();
    assert.match(fast, /^layer 6: /);
    const number = (text) => Number(/steps (\S+?)(;| |$)/.exec(text)[1]);
    assert.ok(number(fast) > 30 * number(slow), `${slow} | ${fast}`);
    const drawn = page.locator("figure > svg", { hasText: "How fast each layer learns" });
    assert.ok(await drawn.first().isVisible() && (await drawn.locator(".series").count()) > 1);

    // The verdicts: each has a letter in a box, whose colours are apart, also in grey.
    await areVerdictsApart(page);
    const shown = await page.locator("svg .cell text").allTextContents();
    assert.ok(shown.some((text) => /^[XDSEVRH]$/.test(text)), `letters in the matrix: ${shown}`);

    // What a reader needs to make it again, and the claims.
    assert.match(await page.locator("body").textContent(), /vgrun sweep plain\.toml/);
    assert.ok((await page.locator("section", { hasText: "Claims" }).last().locator("tbody tr").count()) > 0);
    for (const link of await page.locator("a[href$='.csv']").all()) assert.match(await link.getAttribute("href"), /^[a-z]+\.csv$/);
    await isAccessible(page);
    await picture(page, "light");
  });

  await open(plain, { colorScheme: "dark" }, async (page) => {
    await areVerdictsApart(page);
    await isAccessible(page);
    await picture(page, "dark");
  });

  await open(plain, { viewport: { width: 390, height: 800 } }, async (page) => {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `nothing sticks out of a small screen: ${width}`);
    await picture(page, "small");
  });

  await open(plain, { javaScriptEnabled: false }, async (page) => {
    assert.equal(await rows(page).count(), 8);
    assert.ok(await page.locator("svg[role=img]").first().isVisible());
    assert.equal(await page.locator("#pick").isVisible(), false, "what needs the script is not there");
    await picture(page, "without-script");
  });

  await open(hostile, {}, async (page) => {
    assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
    assert.equal(await rows(page).count(), 8, "four files by two activations");
    assert.equal(await page.locator("script").count(), 2, "the data and the page's own");
    assert.equal(await page.locator("img, iframe, object, embed, link, base").count(), 0);
    assert.equal(await page.evaluate(() => [...document.querySelectorAll("*")].flatMap((e) => [...e.attributes]).filter((a) => a.name.startsWith("on")).length), 0);
    for (const select of await page.locator("#pick select").all()) {
      const options = await select.locator("option").count();
      await select.selectOption({ index: options - 1 });
    }
    await page.locator("svg [data-cell]").last().click();
    assert.match(await page.locator("header").textContent(), /<script>/, "the text is there, as text");
    assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 1280, `long words are broken: ${width}`);
    await picture(page, "hostile");
  });
  for (const [name, file] of [["three", three], ["forty", forty]]) {
    await open(file, {}, async (page) => {
      const names = await page.locator("svg.vgrun-figure > title").allTextContents();
      for (const wanted of ["across the layers", "How fast", "by layer and step", "Loss", "Decades", "Which nets learned", "Which knob"]) {
        assert.ok(names.some((title) => title.includes(wanted)), `${wanted} is not among ${names}`);
      }
      await areWordsApart(page);
      await picture(page, name);
    });
  }
  console.log(`the report works in Chromium ${browser.version()}`);
} finally {
  await browser.close();
}
