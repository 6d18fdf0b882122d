// The views of the page, in the order of the navigation. A view is a module that exports `show(context)`.

export const VIEWS = [
  { id: "requests", title: "Requests", load: () => import("./views/requests.js") },
  { id: "state", title: "State", load: () => import("./views/state.js") },
  { id: "faults", title: "Make it fail", load: () => import("./views/faults.js") },
  { id: "clock", title: "Clock", load: () => import("./views/clock.js") },
  { id: "outbox", title: "Outbox", load: () => import("./views/outbox.js") },
  { id: "apis", title: "APIs", load: () => import("./views/apis.js") },
];
