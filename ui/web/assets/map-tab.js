// The map's tab: its parts are modules, which fetch what they show from `/page/maps`.
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
import("/page/map-page.js").then(({ MapPage }) => {
  // For tests, and for who looks with the browser's own tools.
  element.mapPage = new MapPage(element);
});
