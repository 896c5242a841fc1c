// What the scripts share: the browser, and a few ways to look at a page.
import { chromium } from "playwright-core";
import { readFileSync } from "node:fs";

export const plan = JSON.parse(process.argv[2]);
export const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8");

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 390, height: 844 };

export const open = () =>
  chromium.launch({ executablePath: plan.chromium, args: ["--no-sandbox", "--disable-gpu"] });

/** Fails with what was found. */
export const must = (condition, what) => {
  if (!condition) throw new Error(what);
};

/** A page that notes everything which ought not to happen on it. */
export const watched = async (context, allowed = []) => {
  const page = await context.newPage();
  const faults = [];
  const note = (fault) => {
    if (!allowed.some((word) => fault.includes(word))) faults.push(`${page.url()}: ${fault}`);
  };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) note(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => note(`error: ${error}`));
  page.on("dialog", (dialog) => { note(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    // A page that is left ends its stream.
    if (!why.includes("ERR_ABORTED")) note(`request: ${request.url()} ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) note(`answer: ${response.status()} ${response.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
    globalThis.provostHurt = () => console.error("a hostile value acted");
  });
  return { page, faults };
};

/** The addresses that the links of a page lead to on the same server. */
export const links = async (page) => {
  const origin = new URL(page.url()).origin;
  const found = await page.$$eval("a[href]", (anchors) => anchors.map((anchor) => anchor.href));
  return [...new Set(found.filter((href) => href.startsWith(`${origin}/`)).map((href) => href.split("#")[0]))];
};
