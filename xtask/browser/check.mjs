// The dashboard as people use it. Every check throws when it fails; the last line counts them.
import { DESKTOP, PHONE, axe, links, must, open, plan, watched } from "./common.mjs";

const LARGEST = 60_000;
const counts = { pages: 0, axe: 0, links: 0, forms: 0, hostile: 0 };
const browser = await open();

const releaseOf = async (page) => {
  await page.goto(`${plan.demo}/releases?status=failure`);
  return page.locator("tbody a.tag").first().getAttribute("href");
};

const PAGES = ["/", "/?repository=example-org%2Fartifact", "/releases", "/releases?search=v1.&order=tag",
  "/incidents", "/incidents?state=all", "/pipeline", "/health", "/checks/source-ref"];

/** Every page, in both schemes and on both screens: no error, no violation, nothing beside the screen. */
const looksRight = async () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of [DESKTOP, PHONE]) {
      const context = await browser.newContext({ colorScheme, viewport, bypassCSP: false });
      const { page, faults } = await watched(context);
      const release = await releaseOf(page);
      for (const path of [...PAGES, release]) {
        const answer = await page.goto(plan.demo + path);
        must(answer.status() === 200, `${path}: ${answer.status()}`);
        const policy = answer.headers()["content-security-policy"] ?? "";
        must(policy.includes("default-src 'none'") && !policy.includes("unsafe"), `${path}: ${policy}`);
        const { length } = await answer.body();
        must(length < LARGEST, `${path} has ${length} bytes`);
        await page.locator("#live").filter({ hasText: /^live$/ }).waitFor();
        // Evaluated through the debugger, which the page's policy does not concern.
        await page.evaluate(axe);
        const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
        const serious = found.violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
        must(serious.length === 0, `${path} ${colorScheme} ${viewport.width}: ${JSON.stringify(
          serious.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html, failureSummary }) => [html, failureSummary])]), null, 1)}`);
        const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
        must(width <= viewport.width, `${path} is ${width} wide on ${viewport.width}`);
        counts.pages += 1;
        counts.axe += found.passes.length;
      }
      must(faults.length === 0, faults.join("\n"));
      await context.close();
    }
  }
};

/** Without a script: every link leads somewhere, every form answers. */
const worksWithoutScripts = async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: DESKTOP, acceptDownloads: true });
  const { page, faults } = await watched(context);
  const seen = new Set();
  const waiting = [`${plan.demo}/`, `${plan.demo}/releases?status=failure`];
  // Releases look alike: the first of them stand for all.
  let releases = 0;
  while (waiting.length > 0) {
    const next = waiting.shift();
    const kind = new URL(next).pathname;
    if (seen.has(next) || seen.size > 150) continue;
    if (kind === "/release" && (releases += 1) > 12) continue;
    seen.add(next);
    if (kind.endsWith(".csv")) {
      const answer = await context.request.get(next);
      must(answer.ok() && (await answer.text()).startsWith("repository,tag,"), `${next}: ${answer.status()}`);
      counts.links += 1;
      continue;
    }
    const answer = await page.goto(next);
    must(answer.status() === 200, `${next}: ${answer.status()}`);
    counts.links += 1;
    waiting.push(...(await links(page)));
  }
  await page.goto(`${plan.demo}/`);
  await page.selectOption("#repository", "example-org/webhook");
  await page.click(".switch button");
  must(new URL(page.url()).searchParams.get("repository") === "example-org/webhook", page.url());
  must((await page.locator(".kpi th[scope=col]").allTextContents()).every((name) => name !== "repository"), "repository shown twice");
  await page.goto(`${plan.demo}/releases`);
  await page.fill("#search", "V1.");
  await page.selectOption("#status", "success");
  await page.selectOption("#order", "tag");
  await page.click(".filter button");
  const tags = await page.locator("tbody a.tag").allTextContents();
  must(tags.length > 0 && tags.every((tag) => tag.includes("v1.")), `found ${tags.slice(0, 5)}`);
  must([...tags].sort().join() === tags.join(), "not in the order of tags");
  counts.forms += 2;
  const times = await page.locator("tbody time").first().textContent();
  must(/ UTC$/.test(times), `a time without a script: ${times}`);
  must(faults.length === 0, faults.join("\n"));
  await context.close();
};

/** Times in the reader's zone, with UTC to be had. */
const showsTheReadersZone = async () => {
  const context = await browser.newContext({ timezoneId: "Asia/Kathmandu", viewport: DESKTOP });
  const { page, faults } = await watched(context);
  await page.goto(`${plan.demo}/`);
  const time = page.locator(".kpi time").first();
  const [iso, title, text] = [await time.getAttribute("datetime"), await time.getAttribute("title"), await time.textContent()];
  const there = new Date(Date.parse(iso) + (5 * 60 + 45) * 60_000).toISOString();
  must(text === `${there.slice(0, 10)} ${there.slice(11, 16)}`, `${iso} is shown as ${text}`);
  must(title === `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`, `the title is ${title}`);
  must(faults.length === 0, faults.join("\n"));
  await context.close();
};

/** By keyboard alone: past the navigation, to the first link of the content. */
const worksByKeyboard = async () => {
  const context = await browser.newContext({ viewport: DESKTOP });
  const { page } = await watched(context);
  await page.goto(`${plan.demo}/`);
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement.className);
  must(first === "skip", `the first stop is ${first}`);
  const box = await page.locator(".skip").boundingBox();
  must(box.x >= 0 && box.y >= 0, "the way past the navigation is not seen");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  const inside = await page.evaluate(() => document.getElementById("main").contains(document.activeElement));
  must(inside, "the way past the navigation does not lead into the content");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  must(outline === "solid", "what has the focus is not seen");
  await context.close();
};

/** What comes in is seen without a reload, and what was opened stays open. */
const followsTheLog = async () => {
  const context = await browser.newContext({ viewport: DESKTOP });
  const { page, faults } = await watched(context);
  await page.goto(`${plan.empty}/`);
  must(await page.getByText("The event log is empty").isVisible(), "an empty log says nothing");
  await page.locator("#live").filter({ hasText: /^live$/ }).waitFor();
  let loads = 0;
  page.on("load", () => { loads += 1; });
  const tell = async (tag, status, more = {}) => {
    const answer = await context.request.post(`${plan.empty}/functions/v1/provenance-validate`, {
      headers: { authorization: `Bearer ${plan.token}` },
      data: { tag, run_id: 7, status, verified_at: new Date().toISOString(), repository: "acme/app", ...more },
    });
    must(answer.ok(), `${answer.status()} ${await answer.text()}`);
  };
  await tell("v9.9.9", "success");
  await page.locator(".kpi a.tag", { hasText: "v9.9.9" }).waitFor();
  await page.locator("#table-coverage summary").click();
  await tell("v9.9.10", "failure", { failure_reason: "refused: source-ref" });
  await page.locator(".attention a.tag", { hasText: "v9.9.10" }).waitFor();
  must(await page.locator("#table-coverage").evaluate((details) => details.open), "what was open is shut");
  must(loads === 0, "the page was loaded again");
  // Somebody who types is not interrupted.
  await page.goto(`${plan.empty}/releases`);
  await page.locator("#live").filter({ hasText: /^live$/ }).waitFor();
  await page.fill("#search", "v9");
  await tell("v9.9.11", "success");
  await page.locator("#live").filter({ hasText: "reload" }).waitFor();
  must((await page.inputValue("#search")) === "v9", "what was typed is gone");
  must(faults.length === 0, faults.join("\n"));
  await context.close();
};

/** A token opens it, a wrong one does not, and leaving closes it; without a script too. */
const asksForAToken = async () => {
  for (const javaScriptEnabled of [true, false]) {
    const context = await browser.newContext({ javaScriptEnabled, viewport: DESKTOP });
    const { page, faults } = await watched(context, ["401"]);
    await page.goto(`${plan.guarded}/incidents?state=all`);
    must(new URL(page.url()).pathname === "/login", page.url());
    await page.fill("#token", "wrong");
    await page.click(".entrance button");
    must(await page.getByRole("alert").isVisible(), "a wrong token is not refused");
    must((await context.cookies()).length === 0, "a wrong token left a cookie");
    await page.fill("#token", plan.token);
    await page.click(".entrance button");
    must(page.url() === `${plan.guarded}/incidents?state=all`, `led to ${page.url()}`);
    const [cookie, ...others] = await context.cookies();
    must(others.length === 0 && cookie.name === "__Host-provost-read", JSON.stringify(cookie));
    must(cookie.secure && cookie.httpOnly && cookie.sameSite === "Strict" && cookie.path === "/", JSON.stringify(cookie));
    const api = await page.goto(`${plan.guarded}/releases.csv`).catch(() => null);
    must(api === null || api.ok(), "the file needs the cookie too");
    await page.goto(`${plan.guarded}/`);
    await page.click("text=Sign out");
    must(new URL(page.url()).pathname === "/login", page.url());
    await page.goto(`${plan.guarded}/`);
    must(new URL(page.url()).pathname === "/login", "it is still open");
    must(faults.length === 0, faults.join("\n"));
    counts.forms += 2;
    await context.close();
  }
};

/** Hostile values in every field of every row are text, on every page, and lead nowhere. */
const showsHostileValuesAsText = async () => {
  const context = await browser.newContext({ viewport: DESKTOP });
  const { page, faults } = await watched(context);
  const origin = new URL(plan.hostile).origin;
  page.on("request", (request) => {
    if (!request.url().startsWith(`${origin}/`)) faults.push(`request to ${request.url()}`);
  });
  const look = async (address) => {
    const answer = await page.goto(address);
    must(answer.status() === 200, `${address}: ${answer.status()}`);
    const bad = await page.evaluate(() => {
      const found = [];
      for (const element of document.querySelectorAll("*")) {
        for (const { name, value } of element.attributes) {
          if (name.startsWith("on") || name === "style") found.push(`${element.tagName} ${name}=${value}`);
          if (["href", "src", "action"].includes(name) && !/^(https:\/\/|\/(?!\/)|#)/.test(value)) found.push(`${element.tagName} ${name}=${value}`);
        }
      }
      const odd = "script:not([src]), iframe, object, embed, base, meta[http-equiv], img:not(.diagram), form:not([action^='/'])";
      found.push(...[...document.querySelectorAll(odd)].map((element) => element.outerHTML.slice(0, 200)));
      // Nothing hidden, nothing that turns the writing around.
      const hidden = document.body.innerText.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u);
      if (hidden) found.push(`U+${hidden[0].codePointAt(0).toString(16)} is in the text`);
      return found;
    });
    must(bad.length === 0, `${address}: ${bad.slice(0, 5).join("\n")}`);
    const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
    must(width <= DESKTOP.width, `${address} is ${width} wide`);
    counts.hostile += 1;
  };
  const seen = new Set();
  const releases = new Set();
  const waiting = ["/", "/releases", "/incidents", "/incidents?state=all", "/health", "/pipeline"].map((path) => plan.hostile + path);
  while (waiting.length > 0 && seen.size < 400) {
    const next = waiting.shift();
    if (seen.has(next) || new URL(next).pathname.endsWith(".csv")) continue;
    seen.add(next);
    await look(next);
    for (const link of await links(page)) {
      const { pathname, searchParams } = new URL(link);
      if (pathname === "/release") releases.add(link);
      if (pathname === "/releases" && searchParams.get("order")) continue;
      if (["/release", "/releases", "/incidents"].includes(pathname)) waiting.push(link);
    }
  }
  must(releases.size >= 50, `only ${releases.size} releases were found`);
  for (const marker of plan.markers) {
    await page.goto(`${plan.hostile}/releases?search=${encodeURIComponent(marker)}`);
    const tags = await page.locator("tbody a.tag").allTextContents();
    must(tags.includes(marker), `${marker} is shown as ${tags}`);
  }
  const csv = await (await context.request.get(`${plan.hostile}/releases.csv`)).text();
  for (const line of csv.split("\r\n")) {
    must(!/(^|,)"?[=+@\t]/.test(line) , `a formula: ${line.slice(0, 200)}`);
  }
  must(faults.length === 0, faults.slice(0, 10).join("\n"));
  await context.close();
};

for (const check of [looksRight, worksWithoutScripts, showsTheReadersZone, worksByKeyboard, followsTheLog, asksForAToken, showsHostileValuesAsText]) {
  try {
    await check();
  } catch (error) {
    console.error(`${check.name}: ${error.message}`);
    await browser.close();
    process.exit(1);
  }
}
await browser.close();
console.log(`done: ${counts.pages} pages in 4 forms with ${counts.axe} rules of axe, ${counts.links} links and ${counts.forms} forms without scripts, ${counts.hostile} pages of hostile rows`);
