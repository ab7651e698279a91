// The buttons on the map.
import { icon, make } from "./dom.js";

const ICONS = {
  in: "M12 5v14M5 12h14",
  out: "M5 12h14",
  fit: "M8 3H3v5M16 3h5v5M8 21H3v-5M16 21h5v-5",
  lasso: "M7 22a5 5 0 0 1-2-4|M3.3 14A6.8 6.8 0 0 1 2 10c0-4.4 4.5-8 10-8s10 3.6 10 8-4.5 8-10 8a12 12 0 0 1-5-1|M5 14a2 2 0 1 0 0 4a2 2 0 1 0 0-4",
  view: "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3|M8.5 12.5l2.5 2.5 4.5-5.5",
};

export function toolbar(map) {
  const bar = make("div", "nh-map-bar");
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Map");
  const button = (name, label, run) => {
    const made = make("button", "");
    made.type = "button";
    made.title = label;
    made.setAttribute("aria-label", label);
    made.append(icon(ICONS[name]));
    made.addEventListener("click", run);
    bar.append(made);
    return made;
  };
  button("in", "Zoom in (+)", () => map.zoomBy(1.5));
  button("out", "Zoom out (−)", () => map.zoomBy(1 / 1.5));
  button("fit", "Show all (0)", () => map.fit());
  const lasso = button("lasso", "Select with a lasso (L, or Shift and drag)", () => map.setLassoing(!map.isLassoing));
  lasso.setAttribute("aria-pressed", "false");
  button("view", "Select what is in view (V)", () => map.selectView());
  return { bar, setLassoing: (isOn) => lasso.setAttribute("aria-pressed", String(isOn)) };
}
