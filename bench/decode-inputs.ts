// Manifests of a given size, one a kind of text that a decoder may be slow at. All deterministic.

const head = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: big\n';
const one = 'spec:\n  containers:\n  - name: a\n    image: b\n';

/** Pieces until the size is reached. */
function fill(length: number, piece: (index: number) => string, between = ''): string {
  const pieces: string[] = [];
  for (let have = 0, index = 0; have < length; index++) {
    const next = piece(index);
    pieces.push(next);
    have += next.length + between.length;
  }
  return pieces.join(between);
}

const jsonPod = (length: number, indent?: number) =>
  JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'big' },
      spec: {
        containers: Array.from({ length: Math.floor(length / (indent ? 290 : 150)) }, (_, index) => ({
          name: `c${index}`,
          image: 'registry.example/team/app:1.0',
          env: [
            { name: 'A', value: String(index) },
            { name: 'B', value: 'x y' },
          ],
          ports: [{ containerPort: 80 }],
        })),
      },
    },
    undefined,
    indent,
  );

/** By kind: a manifest of about so many bytes. */
export const inputs: Record<string, (length: number) => string> = {
  containers: (length) =>
    `${head}spec:\n  containers:\n${fill(length, (i) => `  - name: c${i}\n    image: b:${i}\n    ports:\n    - containerPort: 80\n`)}`,
  'minimal containers': (length) =>
    `${head}spec:\n  containers:\n${fill(length, (i) => `  - {name: c${i}, image: b}\n`)}`,
  env: (length) =>
    `${head}${one}    env:\n${fill(length, (i) => `    - name: VAR_${i}\n      value: "value ${i}"\n`)}`,
  'env with references': (length) =>
    `${head}${one}    env:\n${fill(length, (i) => `    - name: VAR_${i}\n      value: $(VAR_${i - 1})$(X)\n`)}`,
  'env from fields': (length) =>
    `${head}${one}    env:\n${fill(length, (i) => `    - name: V${i}\n      valueFrom: {fieldRef: {fieldPath: metadata.name}}\n`)}`,
  mounts: (length) =>
    `${head}${one}    volumeMounts:\n${fill(length / 2, (i) => `    - {name: v${i}, mountPath: /m/${i}}\n`)}  volumes:\n${fill(length / 2, (i) => `  - {name: v${i}, emptyDir: {}}\n`)}`,
  ports: (length) =>
    `${head}${one}    ports:\n${fill(length, (i) => `    - {containerPort: ${1 + (i % 65535)}, name: p${i}}\n`)}`,
  'same ports': (length) =>
    `${head}${one}    ports:\n${fill(length, () => '    - {containerPort: 80, hostPort: 80}\n')}`,
  args: (length) => `${head}${one}    args:\n${fill(length, (i) => `    - --flag-${i}=on\n`)}`,
  'short args': (length) => `${head}${one}    args:\n${fill(length, () => '    - a\n')}`,
  'one long string': (length) => `${head}${one}    args: ["${'x'.repeat(length)}"]\n`,
  'long plain over lines': (length) =>
    `${head}${one}    args:\n    - word\n${fill(length, () => '      some more words\n')}`,
  'escaped string': (length) => `${head}${one}    args: ["${fill(length, () => 'a\\n')}"]\n`,
  'single quoted over lines': (length) =>
    `${head}${one}    args: ['${fill(length, () => "it''s a\n      ")}']\n`,
  'block scalar': (length) => `${head}${one}    args:\n    - |\n${fill(length, () => '      echo this\n')}`,
  'folded scalar': (length) => `${head}${one}    args:\n    - >\n${fill(length, () => '      echo this\n')}`,
  'empty lines in a block': (length) => `${head}${one}    args:\n    - |+\n      a\n${'\n'.repeat(length)}`,
  comments: (length) => `${head}${fill(length, (i) => `  # comment ${i}\n`)}${one}`,
  'short comments': (length) => `${head}${'#\n'.repeat(length / 2)}${one}`,
  'blank lines': (length) => `${head}${'\n'.repeat(length)}${one}`,
  spaces: (length) => `${head}${' '.repeat(length)}\n${one}`,
  'line ends of Windows': (length) => inputs.env?.(length).replaceAll('\n', '\r\n') ?? '',
  flow: (length) => `${head}${one}    env: [${fill(length, (i) => `{name: V${i}, value: "${i}"}`, ', ')}]\n`,
  'dense flow': (length) => `${head}${one}    args: [${fill(length, () => 'a', ',')}]\n`,
  JSON: (length) => jsonPod(length),
  'JSON, indented': (length) => jsonPod(length, 2),
  'dense JSON': (length) =>
    `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"a","image":"b","args":[${fill(length, () => '"a"', ',')}]}]}}`,
  annotations: (length) =>
    `${head}  annotations:\n${fill(Math.min(length, 250_000), (i) => `    example.com/key-${i}: some text ${i}\n`)}${fill(length - 250_000, (i) => `  # ${i}\n`)}${one}`,
  labels: (length) => `${head}  labels:\n${fill(length, (i) => `    key-${i}: v${i}\n`)}${one}`,
  'long annotation': (length) => `${head}  annotations:\n    a: ${'x y '.repeat(length / 4)}\n${one}`,
  'unknown fields': (length) => `${head}${one}${fill(length, (i) => `    nonsense${i}: ${i}\n`)}`,
  'unknown numbers': (length) => `${head}${one}    x: [${fill(length, (i) => String(i % 10), ',')}]\n`,
  'unknown booleans': (length) => `${head}${one}    x: [${fill(length, () => 'y', ',')}]\n`,
  'deep flow': (length) =>
    `${head}${one}    x:\n${fill(length, () => `    - ${'['.repeat(990)}${']'.repeat(990)}\n`)}`,
  'deep block': (length) => `${head}${one}    x:\n${fill(length, () => `    - ${'- '.repeat(900)}a\n`)}`,
  'deep indentation': (length) => {
    const depth = Math.min(900, Math.floor(Math.sqrt(length)));
    return `${head}x:\n${fill(length, () => Array.from({ length: depth }, (_, i) => `${' '.repeat(i)}a:\n`).join(''))}${one}`;
  },
  'wrong types': (length) => `${head}${one}    args:\n${fill(length, () => '    - 1\n')}`,
  'broken rules': (length) =>
    `${head}spec:\n  containers:\n${fill(length, (i) => `  - {name: C_${i}, image: ""}\n`)}`,
  'broken names': (length) =>
    `${head}${one}    env:\n${fill(length, () => '    - {name: "a=b", value: x}\n')}`,
  'duplicate keys': (length) => `${head}${fill(length, () => 'a: b\n')}${one}`,
  'same names': (length) => `${head}spec:\n  containers:\n${fill(length, () => '  - {name: a, image: b}\n')}`,
  'aliases of a text': (length) =>
    `${head}x: &a b\n${one}    args: [${fill(length / 20, () => '*a', ',')}]\n`,
  'aliases of a map': (length) =>
    `${head}x: &a {name: A, value: b}\n${one}    env:\n${fill(length / 4, () => '    - *a\n')}`,
  anchors: (length) => `${head}x:\n${fill(length, (i) => `- &a${i} b\n`)}${one}`,
  merges: (length) =>
    `${head}x: &a {image: b}\nspec:\n  containers:\n${fill(length, (i) => `  - <<: *a\n    name: c${i}\n`)}`,
  tags: (length) => `${head}${one}    args:\n${fill(length, (i) => `    - !!str ${i}\n`)}`,
  'not ASCII': (length) =>
    `${head}${one}    env:\n${fill(length / 2, (i) => `    - name: V${i}\n      value: größer als 世界\n`)}`,
  'not Latin text': (length) => `${head}${one}    args: ["${'世界'.repeat(length / 6)}"]\n`,
  quantities: (length) =>
    `${head}${one}    resources:\n      limits:\n${fill(length, (i) => `        example.com/r${i}: ${i}\n`)}`,
  'host aliases': (length) =>
    `${head}${one}  hostAliases:\n${fill(length, (i) => `  - {ip: 10.0.0.${i % 256}, hostnames: [h${i}]}\n`)}`,
  tolerations: (length) =>
    `${head}${one}  tolerations:\n${fill(length, (i) => `  - {key: k${i}, operator: Exists, effect: NoExecute}\n`)}`,
  'further documents': (length) => `${head}${one}${fill(length, () => '---\na: b\n')}`,
  'many markers': (length) => `${fill(length, () => '---\n')}`,
  'open brackets': (length) => `${head}x: ${'{'.repeat(length)}`,
  'never closed': (length) => `${head}x: [${fill(length, () => '"a", ')}`,
  'control at the end': (length) => `${head}${fill(length, () => '# x\n')}${one}    args: ["\u0007"]\n`,
  'mounts of no volume': (length) =>
    `${head}${one}    volumeMounts:\n${fill(length / 2, (i) => `    - {name: w${i}, mountPath: /m/${i}}\n`)}  volumes:\n${fill(length / 2, (i) => `  - {name: v${i}}\n`)}`,
  'env from files': (length) =>
    `${head}${one}    env:\n${fill(length / 2, (i) => `    - {name: A, valueFrom: {fileKeyRef: {volumeName: w${i}, path: a, key: b}}}\n`)}  volumes:\n${fill(length / 2, (i) => `  - {name: v${i}, emptyDir: {}}\n`)}`,
  'init containers with needs': (length) =>
    `${head}${one}  resources: {limits: {cpu: 1}}\n  initContainers:\n${fill(length, (i) => `  - {name: i${i}, image: b, restartPolicy: Always, resources: {requests: {example.com/r${i}: 1}}}\n`)}`,
  'large exponents': (length) =>
    `${head}${one}    resources:\n      limits:\n${fill(length, (i) => `        a.b/r${i}: 1e9999\n`)}`,
  'requests and limits': (length) =>
    `${head}${one}    resources:\n      limits:\n${fill(length / 2, (i) => `        a.b/r${i}: 1e9999\n`)}      requests:\n${fill(length / 2, (i) => `        a.b/r${i}: 1e-9\n`)}`,
  'many digits': (length) =>
    `${head}${one}    resources:\n      limits:\n${fill(length, (i) => `        a.b/r${i}: 1${'0'.repeat(9900)}\n`)}`,
  'long integers': (length) => `${head}${one}    x: [${fill(length, () => `1${'0'.repeat(4000)}`, ',')}]\n`,
  'one integer': (length) => `${head}${one}    x: ${'7'.repeat(length)}\n`,
  'one hexadecimal integer': (length) => `${head}${one}    x: 0x${'7'.repeat(length)}\n`,
  'digits and underscores': (length) => `${head}${one}    x: ${'1_'.repeat(length / 2)}\n`,
  'spread constraints': (length) =>
    `${head}${one}  topologySpreadConstraints:\n${fill(length, (i) => `  - {topologyKey: k${i}, maxSkew: 1, whenUnsatisfiable: DoNotSchedule}\n`)}`,
  sysctls: (length) =>
    `${head}${one}  securityContext:\n    sysctls:\n${fill(length, (i) => `    - {name: net.a${i}, value: "1"}\n`)}`,
  projections: (length) =>
    `${head}${one}  volumes:\n  - name: v\n    projected:\n      sources:\n      - downwardAPI:\n          items:\n${fill(length, (i) => `          - {path: p${i}, fieldRef: {fieldPath: metadata.name}}\n`)}`,
  'resize policies': (length) =>
    `${head}${one}    resizePolicy:\n${fill(length, () => `    - {resourceName: cpu, restartPolicy: NotRequired}\n`)}`,
  'restart rules': (length) =>
    `${head}${one}    restartPolicyRules:\n${fill(length, (i) => `    - {action: Restart, exitCodes: {operator: In, values: [${i}]}}\n`)}`,
  claims: (length) =>
    `${head}${one}  resourceClaims:\n${fill(length, (i) => `  - {name: c${i}, resourceClaimName: x}\n`)}`,
  'search domains': (length) =>
    `${head}${one}  dnsConfig:\n    searches:\n${fill(length, (i) => `    - d${i}.example\n`)}`,
  expressions: (length) =>
    `${head}${one}  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [${fill(length, (i) => `{matchExpressions: [{key: k${i}, operator: Exists}]}`, ', ')}]}}}\n`,
  'one long name': (length) => `${head}${one}    args:\n    - a\n  hostname: ${'a'.repeat(length)}\n`,
  'one long label': (length) => `${head}  labels:\n    a: ${'a-'.repeat(length / 2)}\n${one}`,
  'one long image': (length) => `${head}${one.replace('image: b', `image: ${'a-'.repeat(length / 2)}`)}`,
  'one long path': (length) =>
    `${head}${one}    volumeMounts: [{name: v, mountPath: ${'/..a'.repeat(length / 4)}, subPath: ${'a/'.repeat(10)}}]\n`,
  'one long unknown key': (length) => `${head}? ${'k'.repeat(length)}\n: 1\n${one}`,
  'one long time': (length) =>
    `${head}  creationTimestamp: "2024-01-01T00:00:00.${'0'.repeat(length)}Z"\n${one}`,
};
