// The text of the point that is pointed at: fetched then, and remembered.
import { make } from "./dom.js";

const PAUSE_MS = 50;

export class Tip {
  constructor(host, map, data, onError) {
    Object.assign(this, { host, map, data, onError });
    this.box = make("div", "nh-map-tip");
    this.box.hidden = true;
    this.spoken = make("div", "nh-unseen");
    this.spoken.setAttribute("aria-live", "polite");
    host.append(this.box, this.spoken);
    this.index = -1;
  }

  show(index, isByKey) {
    if (index === this.index) return;
    this.index = index;
    this.box.hidden = true;
    clearTimeout(this.waiting);
    if (index >= 0) this.waiting = setTimeout(() => this.#fetch(index, isByKey), this.data.texts.has(index) ? 0 : PAUSE_MS);
  }

  async #fetch(index, isByKey) {
    try {
      const { text, source, cluster } = await this.data.text(index);
      if (this.index !== index || text === undefined) return;
      const trust = this.data.trust[index];
      const about = [source, cluster, trust <= 10 && `${trust} of its 10 true neighbours among the 10 nearest here`].filter(Boolean).join(" · ");
      this.box.replaceChildren(make("span", "", text), make("i", "", about));
      this.box.hidden = false;
      this.#place(index);
      if (isByKey) this.spoken.textContent = `${text}. ${about}`;
    } catch (error) {
      this.data.texts.delete(index);
      this.onError(error);
    }
  }

  #place(index) {
    const { box, host } = this;
    const [left, top] = this.map.positionOf(index);
    const isLeft = left + box.offsetWidth + 24 > host.clientWidth;
    box.style.left = `${Math.max(8, isLeft ? left - box.offsetWidth - 14 : left + 14)}px`;
    box.style.top = `${Math.max(8, Math.min(host.clientHeight - box.offsetHeight - 8, top + 10))}px`;
  }
}
