// Reads manifests (YAML, several documents) from the standard input and holds each against the schema of its kind, as
// Kubernetes and the Prometheus operator publish them. The schemas let unknown fields pass, and a mistyped name is one:
// so what no schema has looked at is an error too.
import { readFileSync } from "node:fs";
import { loadAll } from "js-yaml";

const topLevel = ["apiVersion", "kind", "metadata", "spec"];
const errors = [];
let count = 0;

// A view of a value that notes which of its fields are looked at. Where a schema goes through all, as in a table of
// labels, all are.
function watch(value, path, fields) {
  if (value === null || typeof value !== "object") return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, field]) => [key, watch(field, `${path}/${key}`, fields)]));
  if (Array.isArray(value)) return Object.values(inner);
  const seen = new Set();
  fields.push({ path, names: Object.keys(value), seen });
  return new Proxy(inner, {
    get: (target, key) => (seen.add(key), target[key]),
    ownKeys: (target) => (Object.keys(target).forEach((key) => seen.add(key)), Reflect.ownKeys(target)),
  });
}

for (const manifest of loadAll(readFileSync(0, "utf8"))) {
  if (!manifest) continue;
  const { apiVersion, kind, metadata } = manifest;
  const operator = apiVersion.startsWith("monitoring.coreos.com/");
  const models = await import(`${operator ? "@kubernetes-models/prometheus-operator" : "kubernetes-models"}/${apiVersion}/${kind}`);
  const fields = [];
  const watched = Object.fromEntries(Object.entries(manifest).map(([key, value]) => [key, watch(value, key, fields)]));
  try {
    models[kind].prototype.validate.call(watched);
    count++;
  } catch (error) {
    errors.push(`${kind} ${metadata?.name}: ${error.message}`);
  }
  fields.push({ path: "", names: Object.keys(manifest), seen: new Set(topLevel) });
  for (const { path, names, seen } of fields) {
    for (const name of names.filter((name) => !seen.has(name))) {
      errors.push(`${kind} ${metadata?.name}: ${path}/${name} is not in the schema`);
    }
  }
}
if (errors.length > 0 || count === 0) {
  console.error(errors.join("\n") || "there was no manifest");
  process.exit(1);
}
console.log(`${count} manifests are valid`);
