// The frame of the page: theme, the tab in the address, one shortcut. Runs before the first paint.
"use strict";

const THEMES = ["system", "light", "dark"];
const STORED_THEME = "nearhood-theme";
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function chosenTheme() {
  const stored = localStorage.getItem(STORED_THEME);
  return THEMES.includes(stored) ? stored : "system";
}

function applyTheme() {
  const chosen = chosenTheme();
  const isDark = chosen === "system" ? systemIsDark.matches : chosen === "dark";
  const root = document.documentElement;
  root.dataset.theme = isDark ? "dark" : "light";
  root.dataset.themeChoice = chosen;
  // Gradio's own components look for this class, and Gradio sets it by the system alone.
  if (document.body && document.body.classList.contains("dark") !== isDark) {
    document.body.classList.toggle("dark", isDark);
  }
}

function nextTheme() {
  const next = THEMES[(THEMES.indexOf(chosenTheme()) + 1) % THEMES.length];
  localStorage.setItem(STORED_THEME, next);
  applyTheme();
}

const tabs = () => [...document.querySelectorAll('#nh-tabs [role="tab"]')];
const slug = (tab) => tab.textContent.trim().toLowerCase().replaceAll(" ", "-");

function openTab(name) {
  const tab = tabs().find((each) => slug(each) === name);
  if (tab && tab.getAttribute("aria-selected") !== "true") tab.click();
  return tab;
}

function openTabOfAddress() {
  const name = window.nearhoodAddress.tab();
  if (!name || openTab(name)) return;
  const seen = new MutationObserver(() => openTab(name) && seen.disconnect());
  seen.observe(document.body, { childList: true, subtree: true });
}

// The session is over, as when the server was started anew, whoever asked: Gradio itself would try for ever.
const plainFetch = window.fetch;
window.fetch = async (...asked) => {
  const reply = await plainFetch(...asked);
  if (reply.status === 401) location.assign(`/login${location.hash}`);
  return reply;
};

applyTheme();
systemIsDark.addEventListener("change", applyTheme);

document.addEventListener("DOMContentLoaded", () => {
  applyTheme();
  new MutationObserver(applyTheme).observe(document.body, { attributeFilter: ["class"] });
  openTabOfAddress();
});
window.addEventListener("popstate", openTabOfAddress);

// Any button with data-show-on-map, {text, passages, title} as JSON, leads to the map, which takes it from here.
function showOnMap(button) {
  window.nearhoodShown = JSON.parse(button.dataset.showOnMap);
  openTab("map");
  document.dispatchEvent(new Event("nh-show-on-map"));
}

document.addEventListener("click", (event) => {
  const shown = event.target.closest("[data-show-on-map]");
  if (shown) showOnMap(shown);
  if (event.target.closest("[data-theme-toggle]")) nextTheme();
  const tab = event.target.closest('#nh-tabs [role="tab"]');
  if (tab) window.nearhoodAddress.go(slug(tab));
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  openTab("look-up");
  const field = document.querySelector("#nh-query input");
  field?.focus();
  field?.select();
});
