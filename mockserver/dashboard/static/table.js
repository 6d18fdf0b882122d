// Tables of bounded size: rows by pages, columns that a view describes.

import { button, el, fill } from "./dom.js";

/**
 * A table. `columns` are `{ title, cell(row), class }`: a cell is a node, a text, or several; `key(row)` is a text that no other
 * row has. Rows that stay are the same elements, so that the focus stays too. Where a row `opens`, a click anywhere in it is
 * one on its first link or button.
 */
export class Table {
  constructor({ caption, columns, key, empty = "Nothing here yet.", rowClass = () => null, opens = false }) {
    this.columns = columns;
    this.key = key;
    this.rowClass = rowClass;
    this.opens = opens;
    this.rows = new Map();
    this.body = el("tbody");
    this.empty = el("p", { class: "empty", hidden: true }, empty);
    this.table = el(
      "table",
      {},
      el("caption", { class: "unseen" }, caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          columns.map((column) =>
            el(
              "th",
              { scope: "col", class: column.class },
              column.hidden ? el("span", { class: "unseen" }, column.title) : column.title,
            ),
          ),
        ),
      ),
      this.body,
    );
    this.node = el(
      "div",
      { class: "table", tabindex: "0", role: "region", "aria-label": caption },
      this.table,
      this.empty,
    );
    this.body.addEventListener("keydown", (event) => this.move(event));
    if (opens) this.body.addEventListener("click", open);
  }

  /** Shows these rows, in this order. */
  show(rows) {
    const focused = [...this.body.children].indexOf(document.activeElement?.closest("tr"));
    const shown = new Map();
    rows.forEach((row, at) => {
      const key = this.key(row);
      const line = this.rows.get(key) ?? this.line(row);
      shown.set(key, line);
      if (this.body.children[at] !== line) this.body.insertBefore(line, this.body.children[at] ?? null);
    });
    while (this.body.children.length > rows.length) this.body.lastChild.remove();
    this.rows = shown;
    this.empty.hidden = rows.length > 0;
    this.table.hidden = rows.length === 0;
    if (focused >= 0 && !this.body.contains(document.activeElement)) this.focusNear(focused);
  }

  /** Where the row with the focus went, its neighbour gets it, else the table. */
  focusNear(number) {
    const row = this.body.children[Math.min(number, this.body.children.length - 1)];
    (row?.querySelector("a, button") ?? this.node).focus();
  }

  /** Makes every row anew at the next `show`. */
  forget() {
    this.rows = new Map();
  }

  line(row) {
    return el(
      "tr",
      { class: [this.rowClass(row), this.opens ? "opens" : null].filter(Boolean).join(" ") || null },
      this.columns.map((column) => el("td", { class: column.class }, column.cell(row))),
    );
  }

  /** The arrows up and down go from the link or button of one row to that of the next. */
  move(event) {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    const next = step && event.target.closest("tr")?.[step]?.querySelector("a, button");
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }
}

function open(event) {
  if (event.target.closest("a, button, input, label") || String(getSelection())) return;
  event.target.closest("tr")?.querySelector("a, button")?.click();
}

/** Goes through pages of `size` rows: `onTurn(page)` is called with the page, from 0, that is to be shown. */
export class Pager {
  constructor({ size, what, onTurn }) {
    this.size = size;
    this.what = what;
    this.page = 0;
    const turn = (to) => {
      this.page = to;
      onTurn(to);
    };
    this.before = button("Previous", () => turn(this.page - 1), { class: "small" });
    this.after = button("Next", () => turn(this.page + 1), { class: "small" });
    this.told = el("span", {});
    this.node = el("nav", { class: "pager", "aria-label": `Pages of ${what}` }, this.told, this.before, this.after);
    this.count(0);
  }

  /** Tells of so many rows in all, with a note; stays on the last page where there are fewer than before. */
  count(total, note = "") {
    this.page = Math.min(this.page, Math.max(Math.ceil(total / this.size) - 1, 0));
    const [from, to] = [this.page * this.size, Math.min((this.page + 1) * this.size, total)];
    fill(this.told, total ? `${format(from + 1)} to ${format(to)} of ${format(total)} ${this.what}${note}` : "");
    this.before.disabled = this.page === 0;
    this.after.disabled = to >= total;
    this.before.hidden = this.after.hidden = total <= this.size;
  }
}

function format(number) {
  return number.toLocaleString("en");
}
