// Builds world.topo.json beside this file from Natural Earth's 1:50m countries.
//   npm install world-atlas@2.0.2 topojson-client@3.1.0 topojson-simplify@3.0.3 i18n-iso-countries@7.14.0 d3-geo@3.1.1
//   node build.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { geoArea } from "d3-geo";
import isoCountries from "i18n-iso-countries";
import { feature, quantize } from "topojson-client";
import { filter, presimplify, simplify } from "topojson-simplify";

const LEFT_OUT = new Set(["Antarctica", "Fr. S. Antarctic Lands", "Heard I. and McDonald Is.", "Ashmore and Cartier Is."]);
const WITHOUT_ISO_CODE = { Kosovo: "XKX" }; // user-assigned, as the World Bank and the European Union write it
const SMALL = 4e-5; // steradians, about 1,600 km²: shapes below keep every point
const ISLET = 5e-6; // steradians, about 200 km²: islets below are dropped where the country has larger land
const DETAIL = 0.02; // square degrees: a point whose triangle is smaller is dropped
const GRID = 3e4; // steps of the quantised grid on each axis

const require = createRequire(import.meta.url);
const world = JSON.parse(readFileSync(require.resolve("world-atlas/countries-50m.json"), "utf8"));
const countries = world.objects.countries;
delete world.objects.land;
countries.geometries = countries.geometries.filter((g) => !LEFT_OUT.has(g.properties.name));

const polygons = (g) => (g.type === "Polygon" ? [g.arcs] : g.arcs);
const areaOf = (arcs) => geoArea(feature(world, { type: "Polygon", arcs }));
const arcIndex = (i) => (i < 0 ? ~i : i);
const untouched = new Set();

for (const g of countries.geometries) {
  const sized = polygons(g).map((arcs) => ({ arcs, area: areaOf(arcs) })).sort((a, b) => b.area - a.area);
  const kept = sized.filter((p, rank) => rank === 0 || p.area >= ISLET);
  for (const { arcs, area } of kept) if (area < SMALL) arcs.flat().forEach((i) => untouched.add(arcIndex(i)));
  g.type = "MultiPolygon";
  g.arcs = kept.map((p) => p.arcs);
  g.id = g.id ? isoCountries.numericToAlpha3(g.id) : WITHOUT_ISO_CODE[g.properties.name];
  if (!g.id) delete g.id;
  delete g.properties;
}

const weighted = presimplify(world);
for (const i of untouched) weighted.arcs[i].forEach((point) => (point[2] = Infinity));
const trimmed = filter(simplify(weighted, DETAIL));
delete trimmed.bbox;
const light = quantize(trimmed, GRID);

const seen = new Set();
for (const f of feature(light, light.objects.countries).features) {
  if (geoArea(f) > 1) throw new Error(`${f.id}: a ring is wound the wrong way`);
  if (f.id && seen.has(f.id)) throw new Error(`${f.id}: two shapes carry this code`);
  if (f.id) seen.add(f.id);
}
const text = JSON.stringify(light);
writeFileSync(new URL("world.topo.json", import.meta.url), text + "\n");
console.log(`${seen.size} codes, ${light.objects.countries.geometries.length} shapes, ${light.arcs.length} arcs, ${text.length} bytes`);
