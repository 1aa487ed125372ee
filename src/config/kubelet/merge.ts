// Drop-ins over the configuration file, as the kubelet merges them (mergeKubeletConfigurations): each is a JSON merge
// patch (RFC 7396), so maps are merged key by key, lists are replaced, and null takes a key away. Pure.
import { type ConfigFile, type ConfigMap, type ConfigValue, placeIn, valueAt } from './document.ts';

/** Under how many maps a patch is looked into; no key of a KubeletConfiguration is nearly so deep. */
const depthMax = 16;

export function mergePatch(base: ConfigMap, patch: ConfigMap, depth = 0): ConfigMap {
  const merged = new Map(base);
  for (const [name, value] of patch) {
    if (value === null) merged.delete(name);
    else if (value instanceof Map && depth < depthMax) {
      const before = merged.get(name);
      merged.set(name, mergePatch(before instanceof Map ? before : new Map(), value, depth + 1));
    } else merged.set(name, value);
  }
  return merged;
}

/** The last of the files that says something at these steps. */
export function writerOf(files: readonly ConfigFile[], steps: readonly string[]): ConfigFile | undefined {
  return files.findLast(({ root }) => valueAt(root, steps) !== undefined);
}

export function placeOf(files: readonly ConfigFile[], steps: readonly string[]): string {
  const writer = writerOf(files, steps);
  return writer ? placeIn(writer, steps) : '';
}

/**
 * Hard eviction as it is before drop-ins are merged (loadConfigFile): the file's own thresholds, with those of
 * `defaults` that it lacks if it says so, or else `defaults`.
 */
export function withDefaultEviction(base: ConfigMap, defaults: Record<string, string>): ConfigMap {
  const written = base.get('evictionHard');
  const own: [string, ConfigValue][] = written instanceof Map ? [...written] : [];
  if (written instanceof Map && base.get('mergeDefaultEvictionSettings') !== true) return base;
  return new Map(base).set('evictionHard', new Map([...Object.entries(defaults), ...own]));
}
