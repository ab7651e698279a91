// What is said in the map's place, and below it.
import { make } from "./dom.js";

// {isBusy, part, action: [label, run]}
export function message(text, { isBusy = false, part, action } = {}) {
  const box = make("div", `nh-map-message${isBusy ? " nh-busy" : ""}`);
  const said = make("p", "", text);
  said.setAttribute("role", "status");
  box.append(said);
  if (part !== undefined) box.append(Object.assign(make("progress", ""), { value: part, ariaLabel: text }));
  if (action) box.append(Object.assign(make("button", "nh-chip", action[0]), { type: "button", onclick: action[1] }));
  return box;
}

// The same message told anew keeps its button, with the focus, and a press that has begun. Returns whether it did.
export function retold(box, text, { part, action } = {}) {
  const [bar, button] = [box?.querySelector("progress"), box?.querySelector("button")];
  if (!bar || part === undefined || !action || button?.textContent !== action[0]) return false;
  box.querySelector("p").textContent = text;
  Object.assign(bar, { value: part, ariaLabel: text });
  button.onclick = action[1];
  return true;
}

// What came of something that was made, of the list that says so.
export function outcome(html) {
  const list = new DOMParser().parseFromString(html, "text/html");
  return list.querySelector(".nh-done")?.textContent ?? list.body.textContent;
}
