// The page is whole without this. It adds three things: times in the reader's zone, buttons that
// copy digests and commands, and new rows without a reload.
"use strict";
(() => {
  const zone = new Intl.DateTimeFormat(undefined, {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });

  /** "2026-11-23 10:12", in the reader's zone. */
  const local = (date) => {
    const parts = Object.fromEntries(zone.formatToParts(date).map(({ type, value }) => [type, value]));
    return `${parts.year}-${parts.month}-${parts.day} ${parts.hour}:${parts.minute}`;
  };

  const showTimes = (within) => {
    for (const time of within.querySelectorAll("time[datetime]")) {
      const date = new Date(time.dateTime);
      if (!Number.isNaN(date.getTime())) time.textContent = local(date);
    }
  };

  const addCopyButtons = (within) => {
    if (!navigator.clipboard) return;
    for (const code of within.querySelectorAll("[data-copy]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "copy";
      button.setAttribute("aria-label", `copy ${code.dataset.copyName ?? code.dataset.copy.slice(0, 12)}`);
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(code.dataset.copy);
          button.textContent = "copied";
        } catch {
          button.textContent = "not allowed";
        }
        setTimeout(() => { button.textContent = "copy"; }, 2000);
      });
      code.after(button);
    }
  };

  const prepare = (within) => {
    showTimes(within);
    addCopyButtons(within);
  };

  const live = document.getElementById("live");
  const say = (text) => {
    if (live && live.textContent !== text) live.textContent = text;
  };

  /** Puts the page's main part as the server now has it in place of the old one. */
  let renewing = false;
  let again = false;
  const renew = async () => {
    if (renewing) { again = true; return; }
    renewing = true;
    try {
      const main = document.getElementById("main");
      // Whoever is typing there is not interrupted.
      if (main.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) {
        say("new rows: reload to see them");
        return;
      }
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
      if (!fresh) return;
      for (const open of main.querySelectorAll("details[open][id]")) {
        fresh.querySelector(`details[id="${CSS.escape(open.id)}"]`)?.setAttribute("open", "");
      }
      const focused = main.contains(document.activeElement) ? document.activeElement.id : "";
      prepare(fresh);
      main.replaceChildren(...fresh.childNodes);
      if (focused) document.getElementById(focused)?.focus();
      main.dataset.renewed = String(Number(main.dataset.renewed ?? 0) + 1);
    } catch {
      // The stream says whether the server is there.
    } finally {
      renewing = false;
      if (again) { again = false; renew(); }
    }
  };

  const follow = () => {
    if (!live) return;
    const updates = new EventSource(live.dataset.updates);
    updates.addEventListener("open", () => say("live"));
    updates.addEventListener("change", renew);
    updates.addEventListener("error", () => say("not live: reload to see new rows"));
    // A page that is left or hidden in the history keeps no connection.
    addEventListener("pagehide", () => updates.close());
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  };

  prepare(document);
  for (const select of document.querySelectorAll("select[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
  follow();
})();
