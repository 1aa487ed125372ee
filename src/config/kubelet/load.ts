// The configuration that --config and --config-dir amount to: files in, values of options with their places out, or all
// that is wrong with them. A key that nobody knows is a warning, as the kubelet decodes v1beta1.
import { dirname } from 'node:path';
import { messageOf } from '../../errors.ts';
import type { RunOptions } from '../options.ts';
import { checkTypes, type Steps } from './check-types.ts';
import { type ConfigFile, type ConfigMap, type ConfigReader, placeIn, valueAt } from './document.ts';
import { type ConfigKey, configKeys, meaningless } from './keys.ts';
import { mergePatch, placeOf, withDefaultEviction, writerOf } from './merge.ts';
import { type ConfigPaths, type FilesRead, readConfigFiles, type Watched } from './read-files.ts';
import { kubeletConfiguration } from './schema.ts';

type Option = keyof RunOptions;

export type ConfigValues = {
  /** Only of keys that are written. */
  options: Partial<RunOptions>;
  /** Where an option's key is: `/etc/kubelet.yaml:3:1`. */
  places: Partial<Record<Option, string>>;
  /** Keys with no meaning here, once each. */
  meaningless: string[];
  warnings: string[];
};

export type LoadedConfig = {
  /** Where these files can change. */
  places: Watched[];
} & ({ ok: true; values: ConfigValues } | { ok: false; errors: string[] });

export async function loadConfig(
  paths: ConfigPaths,
  reader: ConfigReader,
  defaults: Pick<RunOptions, 'evictionHard'>,
): Promise<LoadedConfig> {
  const read = await readConfigFiles(paths, reader);
  const { places } = read;
  if (read.errors.length > 0) return { ok: false, errors: read.errors, places };
  const outcome = valuesOf(read, reader, defaults);
  return 'options' in outcome
    ? { ok: true, values: outcome, places }
    : { ok: false, errors: outcome, places };
}

/** Or the errors. */
export function valuesOf(
  { base, dropIns }: Pick<FilesRead, 'base' | 'dropIns'>,
  reader: ConfigReader,
  defaults: Pick<RunOptions, 'evictionHard'>,
): ConfigValues | string[] {
  const files = base ? [base, ...dropIns] : dropIns;
  const own = mergePatch(new Map(), base?.root ?? new Map());
  const merged = dropIns.reduce(
    (before, { root }) => mergePatch(before, root),
    withDefaultEviction(own, defaults.evictionHard),
  );
  const errors = [
    ...dropIns.flatMap(repeatedKeys),
    // The file is decoded before anything is merged over it; drop-ins only with all the others.
    ...(base ? wrongTypes(own, [base]) : []),
  ];
  if (errors.length === 0) errors.push(...wrongTypes(merged, files));
  if (errors.length > 0) return errors;

  const values: ConfigValues = {
    options: {},
    places: {},
    meaningless: meaningless(merged),
    warnings: files.flatMap((file) => [...notes(file), ...unknownKeys(file, reader)]),
  };
  for (const [option, key] of Object.entries(configKeys) as [Option, ConfigKey | undefined][]) {
    const error = key && takeValue(option, key, files, merged, values);
    if (error !== undefined) errors.push(error);
  }
  if (errors.length > 0) return errors;
  // Once there is a configuration file, the read-only port is off by default, unlike with flags alone
  // (SetDefaults_KubeletConfiguration against applyLegacyDefaults).
  if (base) values.options.readOnlyPort ??= 0;
  return values;
}

function takeValue(
  option: Option,
  key: ConfigKey,
  files: ConfigFile[],
  merged: ConfigMap,
  values: ConfigValues,
): string | undefined {
  const steps = key.path.split('.');
  const writer = writerOf(files, steps);
  const written = valueAt(merged, steps);
  if (!writer || written === undefined) return undefined;
  const place = placeIn(writer, steps);
  try {
    const value = key.take(written, dirname(writer.file));
    if (value === undefined) return undefined;
    Object.assign(values.options, { [option]: value });
    values.places[option] = place;
    return undefined;
  } catch (error) {
    return `${place}: ${key.path}: ${messageOf(error)}`;
  }
}

const wrongTypes = (map: ConfigMap, files: ConfigFile[]): string[] =>
  checkTypes(map, kubeletConfiguration).types.map(
    ({ steps, message }) => `${placeOf(files, steps)}: ${nameOf(steps)}: ${message}`,
  );

function unknownKeys(file: ConfigFile, { nearName }: ConfigReader): string[] {
  return checkTypes(file.root, kubeletConfiguration).unknown.map(({ steps, known }) => {
    const near = nearName(steps.at(-1) ?? '', known);
    const hint = near === undefined ? '' : `; ${nameOf([...steps.slice(0, -1), near])} is one`;
    return `${placeIn(file, steps)}: ${nameOf(steps)}: a KubeletConfiguration has no such key${hint}`;
  });
}

/** Strict decoding refuses drop-ins for them; with the file, the kubelet goes on to lenient decoding. */
const repeatedKeys = ({ file, document }: ConfigFile): string[] =>
  document.notes
    .filter(({ kind }) => kind === 'duplicate')
    .map(({ line, column, message }) => `${file}:${line}:${column}: ${message.replace(/: the last.*/, '')}`);

const notes = ({ file, document }: ConfigFile): string[] =>
  document.notes.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);

/** A key may be anything a person wrote: no more of it than a line has room for. */
const nameOf = (steps: Steps): string => steps.map((step) => step.slice(0, 80)).join('.');
