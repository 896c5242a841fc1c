// The pictures of the documents, of made events.
import { DESKTOP, PHONE, open, plan } from "./common.mjs";
import { writeFileSync } from "node:fs";

const browser = await open();

const shoot = async (name, path, { viewport = DESKTOP, colorScheme = "light", prepare = async () => {}, height } = {}) => {
  const context = await browser.newContext({ viewport, colorScheme, timezoneId: "UTC" });
  const page = await context.newPage();
  await page.goto(plan.demo + path);
  await page.locator("#live").filter({ hasText: /^live$/ }).waitFor();
  await prepare(page);
  const whole = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: viewport.width, height: Math.min(whole, height ?? 1000) });
  // Playwright takes no WebP; the browser does.
  const browserItself = await context.newCDPSession(page);
  const { data } = await browserItself.send("Page.captureScreenshot", { format: "webp", quality: 82 });
  const picture = Buffer.from(data, "base64");
  writeFileSync(`${plan.folder}/${name}.webp`, picture);
  console.log(`${name}.webp ${Math.round(picture.length / 1024)} kB`);
  await context.close();
};

const context = await browser.newContext();
const page = await context.newPage();
await page.goto(`${plan.demo}/incidents`);
const refused = await page.locator(".incident", { hasText: "source-ref" }).first().locator("a.tag").getAttribute("href");
await context.close();

await shoot("overview", "/", { height: 1150 });
await shoot("overview-dark", "/?repository=example-org%2Fartifact", { colorScheme: "dark", height: 800 });
await shoot("overview-phone", "/", { viewport: PHONE });
await shoot("releases", "/releases", { height: 800 });
await shoot("release", refused, { height: 1100 });
await shoot("incidents", "/incidents?state=all", {
  height: 800, prepare: (page) => page.locator(".incident summary").first().click(),
});
await shoot("pipeline", "/pipeline", { height: 900 });
await shoot("health", "/health", { height: 700 });
await browser.close();
