// What the page says and asks: dialogs, short messages, and words for screen readers.

import { button, el, fill, newId } from "./dom.js";

const SHOWN_FOR = 6000;

/** Has a screen reader say this when it has a moment. */
export function announce(text) {
  document.getElementById("said").textContent = text;
}

/** A message at the edge of the page that goes by itself; one of the kind `wrong` stays until it is closed. Returns it. */
export function toast(text, kind = "") {
  const close = () => box.remove();
  const box = el(
    "div",
    { class: `toast ${kind}`, role: kind === "wrong" ? "alert" : "status" },
    el("p", {}, text),
    button("", close, { class: "quiet", icon: "close", "aria-label": "Close this message" }),
  );
  const all = document.getElementById("toasts");
  all.append(box);
  while (all.children.length > 4) all.firstChild.remove();
  if (kind !== "wrong") setTimeout(close, SHOWN_FOR);
  return box;
}

/** Does something that may fail, and tells it where it does. Returns what it returned, or undefined. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (error.name !== "AbortError") toast(error.message, "wrong");
    return undefined;
  }
}

/**
 * A dialog. `body` are its contents; `actions` are `{ label, kind, run }`: `run` returns what the dialog returns, or
 * `undefined` to leave it open, and may throw, which is shown in the dialog. Returns undefined where it was closed.
 */
export function dialog({ title, body, actions = [], wide = false, closing = "Cancel" }) {
  return new Promise((resolve) => {
    const heading = newId("dialog");
    const wrong = el("p", { class: "wrong", role: "alert" });
    let result;
    const box = el("dialog", { "aria-labelledby": heading, class: wide ? "wide" : null });
    const run = async (action) => {
      fill(wrong);
      const buttons = [...box.querySelectorAll("footer button")];
      buttons.forEach((one) => (one.disabled = true));
      try {
        result = await action.run();
        if (result !== undefined) box.close();
      } catch (error) {
        wrong.textContent = error.message;
      } finally {
        buttons.forEach((one) => (one.disabled = false));
      }
    };
    const main = actions.find((action) => action.kind === "primary" || action.kind === "danger") ?? actions.at(-1);
    const form = el(
      "form",
      {
        novalidate: true,
        on: {
          submit: (event) => {
            event.preventDefault();
            if (main) run(main);
          },
        },
      },
      el(
        "header",
        {},
        el("h2", { id: heading }, title),
        button("", () => box.close(), { class: "quiet", icon: "close", "aria-label": "Close" }),
      ),
      el("div", { class: "body" }, body),
      wrong,
      el(
        "footer",
        {},
        button(closing, () => box.close()),
        actions.map((action) =>
          action === main
            ? el("button", { type: "submit", class: action.kind }, action.label)
            : button(action.label, () => run(action), { class: action.kind }),
        ),
      ),
    );
    box.append(form);
    box.addEventListener("close", () => {
      box.remove();
      resolve(result);
    });
    document.body.append(box);
    box.showModal();
    (box.querySelector(".body :is(input, select, textarea):not([readonly])") ?? box.querySelector("footer button")).focus();
  });
}

/** Whether the user says yes to what is about to be done. */
export async function confirmed(title, text, label) {
  const run = async () => true;
  return (await dialog({ title, body: el("p", {}, text), actions: [{ label, kind: "danger", run }] })) === true;
}

/** One line of text that the user enters; undefined where they do not. */
export function asked({ title, label, hint, value = "", action, type = "text", run = async (text) => text }) {
  const id = newId("asked");
  const input = el("input", {
    id,
    type,
    value,
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": `${id}-hint`,
  });
  const body = [el("label", { for: id }, label), input, el("p", { class: "hint", id: `${id}-hint` }, hint ?? "")];
  return dialog({ title, body, actions: [{ label: action, kind: "primary", run: () => run(input.value.trim()) }] });
}

/** Puts the text on the clipboard; where the browser does not let the page, shows it to be copied by hand. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} is on the clipboard.`);
  } catch {
    await dialog({ title: what, body: codeBox(text, what), closing: "Close", wide: true });
  }
}

/** Code to read or to edit: a text area in the font of code, with a label. */
export function codeBox(text, label, { readonly = true } = {}) {
  const rows = Math.min(Math.max(text.split("\n").length, 3), 22);
  return el("textarea", { class: "code", readonly, rows, "aria-label": label, spellcheck: "false", value: text });
}
