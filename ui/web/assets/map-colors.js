// What the map is coloured by, and what it can be.
export class MapColors {
  constructor(page) {
    this.page = page;
    this.turn = 0;
    // A probe may have been made since, of which the map's edition does not tell.
    page.legend.select.addEventListener("focus", () => this.offer());
  }

  async offer() {
    const { data, legend } = this.page;
    try {
      const offered = await data?.offered();
      if (!offered || this.page.data !== data) return;
      // A list that is open stays as it is.
      const known = [...legend.select.options].map((each) => each.value);
      if (String(known) === String(offered.map((each) => each.by))) return;
      legend.offer(offered);
      legend.fill();
    } catch (error) {
      this.page.failed(error, data);
    }
  }

  async color(by) {
    const { data, map, legend, fault, address } = this.page;
    const turn = ++this.turn;
    const isHere = () => this.page.data === data && turn === this.turn;
    try {
      const coloring = by === "cluster" ? data.byCluster() : await data.coloring(by);
      if (!isHere()) return;
      fault.textContent = "";
      map.setColoring(coloring);
      legend.fill();
      address.keep();
    } catch (error) {
      if (!isHere()) return;
      // It is as it was before.
      legend.fill();
      this.page.failed(error);
    }
  }
}
