// A configuration file once it was read: plain values, and where each of them stands. Types, and steps through values.

/** As the reader of manifests gives them: a Map, so that no key means anything to JavaScript. */
export type ConfigValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | WrittenNumber
  | ConfigValue[]
  | ConfigMap;
export type ConfigMap = Map<string, ConfigValue>;
/** A number of a JSON text with a fraction or an exponent, which is no integer to Go. */
type WrittenNumber = { readonly text: string; toString(): string };

type Position = { line: number; column: number };

export type ConfigDocument = {
  value: ConfigValue;
  /** Where the value at these steps stands, or its nearest parent; with `key` the key that leads to it. */
  locate(steps: readonly (string | number)[], key?: 'key'): Position | undefined;
  notes: (Position & { kind: 'duplicate' | 'rest'; message: string })[];
};

/** What configuration files need of the stages that read manifests; whoever starts monopod hands it in. */
export type ConfigReader = {
  read(
    bytes: Uint8Array,
  ): { ok: true; document: ConfigDocument } | ({ ok: false; message: string } & Partial<Position>);
  /** The one of `known` that was meant, if any is near. */
  nearName(name: string, known: Iterable<string>): string | undefined;
};

/** `root`: the document is a map. */
export type ConfigFile = { file: string; document: ConfigDocument; root: ConfigMap };

/** `/etc/kubelet.yaml:3:1`, of the key at these steps. */
export function placeIn({ file, document }: ConfigFile, steps: readonly string[]): string {
  const at = document.locate(steps, 'key');
  return at ? `${file}:${at.line}:${at.column}` : file;
}

/** What stands at these steps; undefined where nothing is written, null where null is. */
export function valueAt(root: ConfigValue | undefined, steps: readonly string[]): ConfigValue | undefined {
  let value = root;
  for (const step of steps) value = value instanceof Map ? value.get(step) : undefined;
  return value;
}
