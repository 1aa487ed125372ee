// A value as YAML that readers of YAML 1.1 (kubectl's among them) read the same. Loaded only where it is asked for: the
// process that runs Pods has this code too.
import { stringify } from 'yaml';

export const yamlText = (value: unknown): string =>
  stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
