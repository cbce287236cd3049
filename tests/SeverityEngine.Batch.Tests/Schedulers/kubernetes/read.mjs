// Reads a file of Kubernetes objects, checks each by Kubernetes' published schema, and writes {"objects": [...], "faults": [...]}.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join, dirname } from "node:path";
import { parseAllDocuments } from "yaml";

const require = createRequire(import.meta.url);
const schemas = join(dirname(require.resolve("kubernetes-models")), "_schemas");
const validators = {
  "batch/v1 Job": "IoK8sApiBatchV1Job",
  "v1 PersistentVolumeClaim": "IoK8sApiCoreV1PersistentVolumeClaim",
};

// The schema lets fields be that it does not know, as an old server does. What no validator ever looks at is such a field: a typing error.
function watched(value, seen) {
  if (value === null || typeof value !== "object")
    return value;
  return new Proxy(value, {
    get(target, name) {
      const inner = target[name];
      if (typeof name !== "string" || !Object.hasOwn(target, name))
        return inner;
      let fields = seen.get(target);
      if (!fields)
        seen.set(target, fields = new Set());
      fields.add(name);
      return watched(inner, seen);
    },
  });
}

function unknown(value, seen, path, faults) {
  if (value === null || typeof value !== "object")
    return;
  for (const name of Object.keys(value)) {
    if (seen.get(value)?.has(name))
      unknown(value[name], seen, `${path}/${name}`, faults);
    else
      faults.push(`${path}/${name}: no such field`);
  }
}

const objects = [];
const faults = [];
for (const document of parseAllDocuments(readFileSync(process.argv[2], "utf8"), { version: "1.1" })) {
  faults.push(...document.errors.map(error => error.message), ...document.warnings.map(warning => warning.message));
  const object = document.toJS();
  objects.push(object);
  const kind = `${object?.apiVersion} ${object?.kind}`;
  if (!Object.hasOwn(validators, kind)) {
    faults.push(`${kind}: no schema is kept for it`);
    continue;
  }
  const { validate } = require(join(schemas, `${validators[kind]}.js`));
  const seen = new Map();
  if (!validate(watched(object, seen)))
    faults.push(...validate.errors.map(error => `${error.instancePath}: ${error.keyword} ${JSON.stringify(error.params)}`));
  unknown(object, seen, "", faults);
}
process.stdout.write(JSON.stringify({ objects, faults }));
