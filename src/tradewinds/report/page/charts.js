(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const themes = read("chart-themes");
  const shared = read("chart-data");
  const refuse = () => Promise.reject(new Error("this page loads nothing"));
  const loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };

  const embed = (box, into, theme, width) => {
    const spec = read(box.dataset.spec);
    spec.datasets = { ...spec.datasets };
    for (const name of box.dataset.shared.split(" ").filter(Boolean)) spec.datasets[name] = shared[name];
    spec.width = width;
    if (spec.usermeta?.aspect) spec.height = Math.round(width / spec.usermeta.aspect);
    const limit = Math.min(220, Math.round(width * 0.34));
    const config = { ...themes[theme], axisY: { ...themes[theme].axisY, labelLimit: limit } };
    const patch = (vega) => ({ ...vega, autosize: { type: "fit-x", contains: "padding" } });
    return vegaEmbed(into, spec, {
      mode: "vega-lite", renderer: "svg", actions: false, ast: true, defaultStyle: false, config, loader, patch,
      tooltip: { disableDefaultStyle: true },
    });
  };

  const drawn = new Map();
  const draw = async () => {
    for (const box of document.querySelectorAll(".chart")) {
      drawn.get(box)?.finalize();
      drawn.set(box, await embed(box, box, dark.matches ? "dark" : "light", Math.max(280, Math.floor(box.clientWidth))));
    }
  };
  const forPaper = async () => {
    for (const figure of document.querySelectorAll("figure")) {
      const box = figure.querySelector(".chart");
      const paper = figure.querySelector(".paper-only");
      if (!box || paper.firstChild) continue;
      await embed(box, paper, "light", 660);
      figure.classList.add("has-paper");
    }
  };

  let pending = 0;
  let seen = innerWidth;
  const again = () => { clearTimeout(pending); pending = setTimeout(draw, 150); };
  addEventListener("resize", () => { if (innerWidth !== seen) { seen = innerWidth; again(); } });
  dark.addEventListener("change", again);
  draw().then(forPaper);
})();
