// The configuration files that a start goes by: read with the flags over them, now and again later, to see whether a start
// would go by something else.
import { printable } from '../../telemetry/printable.ts';
import type { RunOptions } from '../options.ts';
import { type Layers, type Settled, type Surroundings, settle } from '../settle.ts';
import type { ConfigReader } from './document.ts';
import { configKeys } from './keys.ts';
import { type ConfigValues, loadConfig } from './load.ts';
import type { Watched } from './read-files.ts';

export type ConfigInUse = {
  values: ConfigValues;
  /** Where these files can change. */
  places: Watched[];
  /** What a start would run with now. */
  reread(): Promise<Settled & { places: Watched[] }>;
  /** The message, and of each flag in it that a file gave, where. */
  withPlaces(message: string): string;
};

type Means = {
  surroundings: Surroundings;
  reader: ConfigReader;
  /** `--max-pods` */
  flagOf: (option: keyof RunOptions) => string;
};

export async function settleWithFiles(
  flags: Omit<Layers, 'config'>,
  means: Means,
): Promise<Settled & { places: Watched[]; inUse?: ConfigInUse }> {
  const { evictionHard = {} } = flags.defaults;
  const { config: file, configDir: directory } = flags.given;
  const loaded = await loadConfig({ file, directory }, means.reader, { evictionHard });
  const { places } = loaded;
  if (!loaded.ok) return { ok: false, message: loaded.errors.map(printable).join('\n'), places };
  const { values } = loaded;
  const withPlaces = (message: string) =>
    [message, ...placesOfFlags(message, values, flags.given, means)].join('\n');
  const settled = settle({ ...flags, config: values }, means.surroundings);
  if (!settled.ok) return { ok: false, message: withPlaces(settled.message), places };
  const reread = () => settleWithFiles(flags, means);
  return { ...settled, places, inUse: { values, places, reread, withPlaces } };
}

/** A line for each flag that the message names and a file has given. */
function placesOfFlags(
  message: string,
  { places }: ConfigValues,
  given: Partial<RunOptions>,
  { flagOf }: Means,
): string[] {
  const named = new Set(message.match(/--[\w-]+/g));
  return (Object.entries(places) as [keyof RunOptions, string][])
    .filter(([option]) => given[option] === undefined && named.has(flagOf(option)))
    .map(([option, place]) => `${place}: ${flagOf(option)} is ${configKeys[option]?.path} of this file`);
}
