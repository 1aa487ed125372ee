// What is tried on the decoder, of Kubernetes and ours: every field of a Pod with every kind of value, and whole
// manifests in which more than one thing is odd. decode-verdicts.jsonl has what became of it.
import { type FieldType, type Model, modelNamed } from '../../src/kubernetes/schema.ts';

export type Steps = (string | number)[];
export type Place = { field: string; steps: Steps; type: FieldType };

/** Overwritten or kept raw by the recorder's kubectl; or told apart elsewhere (kind.ts). */
const leftOut = new Set([
  'V1PodSpec.serviceAccountName',
  'V1ManagedFieldsEntry.fieldsV1',
  'V1Pod.apiVersion',
  'V1Pod.kind',
]);

/** Each field of each model at the one place where it is reached first, and `…[]` for the items of a list or a map. */
export function places(): Place[] {
  const found: Place[] = [];
  const seen = new Set<string>();
  const queue: { model: Model; at: Steps }[] = [{ model: modelNamed('V1Pod'), at: [] }];
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (seen.has(next.model.name)) continue;
    seen.add(next.model.name);
    for (const { name, type } of next.model.fields.values()) {
      const field = `${next.model.name}.${name}`;
      const steps = [...next.at, name];
      if (!leftOut.has(field)) found.push({ field, steps, type });
      const { items, itemSteps } = itemsOf(type, steps);
      if (itemSteps.length > steps.length) found.push({ field: `${field}[]`, steps: itemSteps, type: items });
      if (items.kind === 'model') queue.push({ model: items.model, at: itemSteps });
    }
  }
  return found;
}

function itemsOf(type: FieldType, steps: Steps): { items: FieldType; itemSteps: Steps } {
  if (type.kind === 'list') return itemsOf(type.of, [...steps, 0]);
  if (type.kind === 'map') return itemsOf(type.of, [...steps, 'k']);
  return { items: type, itemSteps: steps };
}

/** Items of a list need what kubectl tells them apart by, else it prints none of them. */
const keys: Record<string, [name: string, value: string]> = {
  V1ContainerPort: ['containerPort', '1'],
  V1HostAlias: ['ip', '"c"'],
  V1HostIP: ['ip', '"c"'],
  V1OwnerReference: ['uid', '"c"'],
  V1PodCondition: ['type', '"c"'],
  V1PodIP: ['ip', '"c"'],
  V1TopologySpreadConstraint: ['topologyKey', '"c"'],
  V1VolumeDevice: ['devicePath', '"c"'],
  V1VolumeMount: ['mountPath', '"c"'],
  V1VolumeMountStatus: ['mountPath', '"c"'],
};
for (const model of [
  'V1Container V1EnvVar V1EphemeralContainer V1LocalObjectReference V1PodResourceClaim V1PodResourceClaimStatus',
  'V1PodSchedulingGate V1Volume',
].flatMap((names) => names.split(' ')))
  keys[model] = ['name', '"c"'];

/** A Pod with nothing but `value`, the text of a JSON value, at `steps`. */
export function manifestWith(value: string, steps: Steps, podName: string): string {
  const own = inside(modelNamed('V1Pod'), steps, value);
  const isMeta = steps[0] === 'metadata';
  const head = `{"apiVersion":"v1","kind":"Pod"`;
  const named = `{"name":"${podName}"`;
  if (!isMeta) return `${head},"metadata":${named}},${own.slice(1)}`;
  const isWithin = steps.length > 1 && steps[1] !== 'name';
  return `${head},${isWithin ? own.slice(1).replace('{', `${named},`) : own.slice(1)}`;
}

function inside(model: Model, [name, ...rest]: Steps, value: string, inList = false): string {
  const [key, keyValue] = (inList && keys[model.name]) || [];
  const before = key === undefined || key === name ? '' : `"${key}":${keyValue},`;
  const type = model.fields.get(String(name))?.type;
  if (!type) throw new Error(`${model.name} has no ${name}`);
  return `{${before}"${name}":${within(type, rest, value)}}`;
}

function within(type: FieldType, steps: Steps, value: string, inList = false): string {
  if (steps.length === 0) return value;
  if (type.kind === 'list') return `[${within(type.of, steps.slice(1), value, true)}]`;
  if (type.kind === 'map') return `{"k":${within(type.of, steps.slice(1), value)}}`;
  if (type.kind !== 'model') throw new Error(`nothing is within a ${type.kind}`);
  return inside(type.model, steps, value, inList);
}

const words = (text: string): string[] => text.trim().split(/\s+/);
const quoted = (text: string): string[] => words(text).map((word) => `"${word}"`);

const anywhere = [
  ...words('null true false "true" 0 -1 -0 7 2147483647 2147483648 -2147483649 9223372036854775808'),
  ...words('-9223372036854775809 1.0 1.5 -1.0 1e3 1E3 1e400 "1" "" "x" "2024-01-02T03:04:05Z"'),
  ...words('[] {} [null] ["x"] [1] [{}] [[]] {"a":null} {"k":null} {"k":"v"} {"k":1} {"k":true} {"k":{}}'),
  ...words('{"k":[]} {"name":null} {"name":"x"} {"name":1} {"name":{"a":{"b":[]}}}'),
  '" "',
];

/**
 * Not here: what Kubernetes 1.33 prints as another amount than was meant ("1000E" as "1"), exponents that it computes
 * for minutes, and JSON escapes within the text of a quantity, which are gone once our decoder sees it.
 */
const amounts = [
  ...quoted(
    '1 1.5 .5 5. . 1k 1K 1Ki 1ki 1KI 1e3 1E3 1E 1e 1e+ 1e+3 1e-3 1E-3 1e-9 1e-10 +1 -1 +-1 -0 +0 0 00 01',
  ),
  ...quoted('1m 1n 1u 0.1n 0.1u 0.1m 1. 1_0 0x1 0b1 1M 1Mi 1G 1Gi 1T 1Ti 1P 1Pi 1Ei 7Ei 8Ei 9E 10E 100E 1Zi'),
  ...quoted(
    '1024 1024Ki 1000 1000k 1000Ki 1000m 1500m 1.5Gi 0.5Gi 0.5Ki 0.1Ki 0.001Ki 0.0001Ki 1.500 1.50 0.5 0.50',
  ),
  ...quoted('00.5 010 0010Mi 8Ki 16Mi 1023Ki 2048Ki 12345678901234567890 123456789012345678901234567890'),
  ...quoted(
    '999999999999999999 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809',
  ),
  ...quoted('9223372036854775807k 0.12345678901234567890 1.000000001 1.0000000001 -1.0000000001 0.000000001'),
  ...quoted('0.0000000001 1e18 1e19 1e21 1e400 1e-400 1e9223372036854775808 123456789Ki 12345678901Mi'),
  ...quoted(
    '99999999999999Ki 1e3Ki 1Kim 1mKi 1ee3 --1 1-1 1.1.1 1,5 ¹ １ inf NaN Infinity 1e1.5 5e6 5E6 5e5 5e-1',
  ),
  ...quoted('5000e3 0e3 0Ki 0m -0m 0.0 -1Ki -1.5Ki -0.5Ki 100000000000000000000m 1234567890123456789'),
  ...quoted(
    '123456789012345678.9 12345678901234567.89 1234567890123456789n 0.001 0.002k 0.5k 1000000k 1e03 1e+03',
  ),
  ...quoted(
    '1e-03 1e00 1e0 1e1 1e2 10e2 1.1e1 1.23e1 1024e0 1E1 +1Ki +1m +.5 -.5 -.5Ki .5Ki 5.Ki 1.Ki 1.m .m m',
  ),
  ...quoted('Ki e3 + - +m'),
  ...words(
    '1e21 1e20 1e-7 1e-9 1e-10 0.1 0.10 -1.5 0e0 1E+3 12345678901234567890 123456789012345678901234567890',
  ),
  ...words('0.000000001 0.0000000001'),
  ...[
    '"1 "',
    '" 1"',
    '"  1Gi  "',
    '"1 k"',
    '"1e 3"',
    '"\\t1"',
    '"1\\n"',
    '"1\\u0000"',
    '"\u00a01"',
    '"1\u2003"',
    '"\ufeff1"',
  ],
];

const times = [
  ...quoted(
    '2024-01-02T03:04:05.123456789Z 2024-01-02T03:04:05.5Z 2024-01-02T03:04:05+02:00 2024-01-02t03:04:05z',
  ),
  ...quoted('2024-01-02T03:04:05.123456+02:00 2024-01-02T03:04:05 2024-01-02 2024-02-30T00:00:00Z'),
  ...quoted(
    '2024-02-29T00:00:00Z 2023-02-29T00:00:00Z 1900-02-29T00:00:00Z 2000-02-29T00:00:00Z 2024-04-31T00:00:00Z',
  ),
  ...quoted(
    '2024-13-01T00:00:00Z 2024-00-01T00:00:00Z 2024-01-00T00:00:00Z 2024-01-02T24:00:00Z 2024-01-02T23:59:60Z',
  ),
  ...quoted(
    '2024-01-02T03:60:05Z 2024-01-02T3:04:05Z 2024-01-02T003:04:05Z 2024-1-2T03:04:05Z 2024-01-02T03:04:5Z',
  ),
  ...quoted(
    '2024-01-02T03:04:05+23:59 2024-01-02T03:04:05+24:00 2024-01-02T03:04:05+24:60 2024-01-02T03:04:05-24:60',
  ),
  ...quoted(
    '2024-01-02T03:04:05+24:61 2024-01-02T03:04:05+25:00 2024-01-02T03:04:05+2:00 2024-01-02T03:04:05+0200',
  ),
  ...quoted(
    '2024-01-02T03:04:05-00:00 2024-01-02T03:04:05,5Z 2024-01-02T03:04:05.Z 2024-01-02T03:04:05.5,5Z',
  ),
  ...quoted('0000-01-01T00:00:00Z 0000-01-01T00:00:00+01:00 0001-01-01T00:00:00Z 0001-01-01T00:00:00.0Z'),
  ...quoted(
    '0001-01-01T01:00:00+01:00 0001-01-01T00:00:00.5Z 0050-01-01T00:00:00Z 9999-12-31T23:59:59-01:00',
  ),
  ...quoted(
    '10000-01-01T00:00:00Z -2024-01-02T03:04:05Z +2024-01-02T03:04:05Z 2024-01-02T03:04Z 2024-01-02T03:04:05ZZ',
  ),
  ...quoted('now null 1704164645 1969-12-31T23:59:59.9Z 2024-01-02T03:04:05.12345678912345678Z'),
  ...['1704164645', '"2024-01-02 03:04:05Z"', '" 2024-01-02T03:04:05Z"', '"2024-01-02T03:04:05Z "'],
];

const ports = words(
  '8080 "8080" "http" 80.5 80.0 8e1 -2147483648 "2147483648" "80.5" "-1" 99999999999999999999',
);

export function valuesFor(type: FieldType): string[] {
  switch (type.kind) {
    case 'quantity':
      return [...new Set([...anywhere, ...amounts])];
    case 'time':
      return [...anywhere, ...times];
    case 'int-or-string':
      return [...anywhere, ...ports];
    default:
      return anywhere;
  }
}

/** `@` is apiVersion, kind and metadata. */
export const oddManifests: string[] = [
  '{@,"Spec":{"hostNetwork":true}}',
  '{@,"spec":{"hostNetwork":true},"Spec":{"hostNetwork":3},"SPEC":[]}',
  '{@,"spec":{"CONTAINERS":[{"name":"a"}],"hostnetwork":"x"}}',
  '{@,"spec":{"containers":[{"name":"a","Image":3,"image":"x"}]}}',
  '{@,"spec":{"containers":[{"name":"a","image":"x","image":"y"}]}}',
  '{@,"spec":{"nodeSelector":{"a":"1"},"nodeSelector":null}}',
  '{@,"spec":{"nodeSelector":{"a":"1","a":null}}}',
  '{@,"spec":{"shareProcessNamespace":true,"shareProcessNamespace":null}}',
  '{@,"spec":{"unknown":{"containers":3},"dnsPolicy":3}}',
  '{@,"spec":{"unknown":{"containers":3}}}',
  '{@,"spec":{"dnsPolicy":"x","unknown":[1,{"a":[]}],"hostNetwork":"x","hostPID":3}}',
  '{@,"unknown":3,"items":[],"spec":{}}',
  '{@,"spec":{"containers":[{"name":"a","image":3,"args":[1,2]}]}}',
  '{@,"spec":{"containers":[{"name":"a","args":[1,2],"image":3}]}}',
  '{@,"spec":{"containers":[{"name":"a"},{"name":"b","ports":[{"containerPort":1},{"containerPort":"2"}]}]}}',
  '{@,"spec":{"containers":[{"name":"a","env":[{"name":"A","value":1}]}]}}',
  '{@,"spec":{"containers":[{"name":"a","env":[{"name":"A","value":null}],"resources":null,"ports":null}]}}',
  '{@,"spec":{"containers":[{"name":"a","livenessProbe":{"httpGet":{"port":[]}},"image":3}]}}',
  '{@,"spec":{"containers":{"name":"a"}}}',
  '{@,"spec":{"containers":["a"]}}',
  '{@,"status":{"containerStatuses":[{"name":"a","restartCount":"x"}]}}',
  '{@,"spec":{"__proto__":{"hostNetwork":true},"constructor":1,"toString":[]}}',
  '{@,"spec":{"containers":[{"name":"a","image":3,"image":"y"}]}}',
  '{@,"spec":{"containers":[{"name":"a","image":"x","image":null}]}}',
  '{@,"spec":{"containers":[{"name":"a","securityContext":{"privileged":true},"securityContext":{"runAsUser":1}}]}}',
  '{@,"spec":{"containers":[{"name":"a","image":"x","command":["p","q"]}],"containers":[{"name":"b"}]}}',
  '{@,"spec":{"containers":[{"name":"a","image":"x"},{"name":"c","image":"z"}],"containers":[{"name":"b"}]}}',
  '{@,"spec":{"nodeSelector":{"a":"1"},"nodeSelector":{"b":"2"}}}',
  '{@,"spec":{"hostNetwork":true},"spec":{"hostPID":true}}',
  '{@,"spec":{"hostNetwork":true},"spec":null}',
  '{@,"spec":{"hostNetwork":true,"hostNetwork":null}}',
  '{@,"spec":{"overhead":{"cpu":"1"},"overhead":{"memory":"2"}}}',
  '{@,"spec":{"volumes":[{"name":"v","emptyDir":{}}],"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}}',
  '{@,"spec":{"volumes":[{"name":"v","emptyDir":{"sizeLimit":"1Gi"}}],"volumes":[{"name":"v","emptyDir":null}]}}',
  '{@,"spec":{"terminationGracePeriodSeconds":5,"terminationGracePeriodSeconds":null}}',
  '{@,"spec":{"containers":[{"name":"a","ports":[{"containerPort":1,"name":"x"},{"containerPort":2,"protocol":"UDP"}],"ports":[{"containerPort":3},null]}]}}',
  '{@,"spec":{"containers":[{"name":"a","command":["a","b"],"command":[null,"c"]}]}}',
  '{@,"spec":{"containers":[{"name":"a","command":["a","b"],"command":[]}]}}',
  '{@,"spec":{"containers":[{"name":"a","command":["a","b"],"command":null}]}}',
  '{@,"spec":{"hostNetwork":true,"hostNetwork":false}}',
  '{@,"spec":{"hostNetwork":true,"hostPID":true},"spec":{"hostNetwork":false}}',
  '{@,"spec":{"securityContext":{"runAsUser":1,"runAsNonRoot":true},"securityContext":{"runAsUser":null}}}',
  '{@,"spec":{"securityContext":{"runAsUser":1},"securityContext":null}}',
  '{@,"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"1"}},"resources":{"requests":{"cpu":"1"}}}]}}',
  '{@,"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"1"}},"resources":null}]}}',
  '{@,"spec":{"containers":[{"name":"a","livenessProbe":{"httpGet":{"port":80,"port":"http"}}}]}}',
  '{@,"spec":{"containers":[{"name":"a","livenessProbe":{"httpGet":{"port":80,"port":null}}}]}}',
  '{@,"spec":{"nodeSelector":{"a":"1","a":3,"a":"2"}}}',
  '{@,"spec":{"nodeSelector":{"a":"1"},"nodeSelector":{}}}',
  '{@,"spec":{"unknown":3,"unknown":[]}}',
  '{@,"status":{"startTime":"2024-01-01T00:00:00Z","startTime":null}}',
  '{@,"spec":{"volumes":[{"name":"a","projected":{}},{"name":"b","projected":{"sources":[]}}],"volumes":[{"name":"a","projected":{"defaultMode":3}}]}}',
  '{@,"spec":{"containers":[{"name":"a","env":[{"name":"A","value":"x"}],"env":[{"name":"B"}]}]}}',
  '{@,"kinD":null,"APIVERSION":null}',
  '{"ApiVersion":"v1","Kind":"Pod"}',
  '{"apiVersion":"v1","Kind":"Pod"}',
  '{"apiVersion":"v1","KIND":"Pod","kind":null}',
  '{"apiVersion":"v1","\u212aind":"Pod"}',
  '{"apiVersion":"v1","kind":"Pod","Kind":7}',
  '{"apiVersion":"/v1","kind":"Pod"}',
  ...words('v1/ / core/v1 a/b/c V1 v1beta1 apps/v1 __internal v2').map(
    (version) => `{"apiVersion":"${version}","kind":"Pod"}`,
  ),
  ...words('1 null ["v1"] {} true ""').map((version) => `{"apiVersion":${version},"kind":"Pod"}`),
  ...words('1 null ["Pod"] {} true "" "pod" "Pods" "POD"').map(
    (kind) => `{"apiVersion":"v1","kind":${kind}}`,
  ),
  '{"kind":"Pod"}',
  '{"apiVersion":"v1"}',
  '{}',
].map((text) => text.replace('@', '"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}'));

/** As both sides are compared: without what Go writes for nothing (null, an empty list). */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([name, item]): [string, unknown] => [name, comparable(item)])
    .filter(([, item]) => item !== null && !(Array.isArray(item) && item.length === 0));
  return Object.fromEntries(entries);
}

/** null: nothing stands there. */
export function valueAt(value: unknown, steps: Steps): unknown {
  let at = value;
  for (const step of steps) at = (at as Record<string, unknown> | undefined)?.[step];
  return at ?? null;
}
