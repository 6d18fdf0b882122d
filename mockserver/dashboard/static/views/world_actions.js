// What is done to a world as a whole: fork, snapshot, restore, reset, delete.

import { path } from "../client.js";
import { button, el, newId } from "../dom.js";
import { asked, attempt, confirmed, dialog, toast } from "../talk.js";

const NAMES = "Letters, digits, dots and dashes.";

/** The buttons for the world of the view; each shows the view anew afterwards. */
export function worldActions(context) {
  const { client, world, addressOf, refreshWorlds, go } = context;
  const here = addressOf(world, "state", ...context.rest);
  const again = async (said) => {
    toast(said);
    await refreshWorlds();
    go(here);
  };

  async function fork() {
    const made = await asked({
      title: `Fork ${world}`,
      label: "Name of the fork",
      action: "Fork",
      hint: `${NAMES} Without a name it gets one.`,
      run: (name) => client.post(path("worlds", world, "fork"), name ? { name } : {}),
    });
    if (!made) return;
    toast(`${made.name} has all that is in ${world}, and goes its own way.`);
    go(addressOf(made.name, "state", ...context.rest));
  }

  async function snapshot() {
    const kept = await asked({
      title: `Snapshot of ${world}`,
      label: "Name of the snapshot",
      action: "Keep it",
      hint: `${NAMES} One of this name is replaced.`,
      run: (name) => client.post(path("worlds", world, "snapshots"), { name }),
    });
    if (kept) toast(`The snapshot ${kept.name} is kept.`);
  }

  async function restore() {
    const { snapshots } = await client.get("/snapshots");
    if (!snapshots.length) {
      toast("No snapshot was taken yet.");
      return;
    }
    const choice = el(
      "select",
      { id: newId("snapshot") },
      snapshots.map(({ name }) => el("option", { value: name }, name)),
    );
    const run = async () => {
      await client.post(path("worlds", world, "restore"), { snapshot: choice.value });
      return choice.value;
    };
    const body = [
      el("label", { for: choice.id }, "Snapshot"),
      choice,
      el("p", { class: "hint" }, "The world has its records then; time and journal go on."),
    ];
    const name = await dialog({
      title: `Restore ${world}`,
      body,
      actions: [{ label: "Restore", kind: "primary", run }],
    });
    if (name) await again(`The world has the records of ${name}.`);
  }

  async function reset() {
    if (
      !(await confirmed(
        `Reset ${world}?`,
        "It is as new: the records of the fixtures, an empty journal, running time, no faults and no stubs.",
        "Reset",
      ))
    )
      return;
    await client.post("/reset");
    await again("The world is as new.");
  }

  async function remove() {
    if (!(await confirmed(`Delete ${world}?`, "The world is gone with all that it remembers.", "Delete"))) return;
    await client.delete(path("worlds", world));
    toast(`${world} is gone.`);
    go(addressOf("default", "state"));
  }

  const actions = [
    ["Fork", fork],
    ["Snapshot", snapshot],
    ["Restore", restore],
    ["Reset", reset],
    ...(world === "default" ? [] : [["Delete", remove]]),
  ];
  return el(
    "div",
    { class: "buttons", role: "group", "aria-label": `The world ${world}` },
    actions.map(([label, run]) => button(label, () => attempt(run), { class: "small" })),
  );
}
