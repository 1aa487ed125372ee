// How far a pull is, as the message of a waiting container says it and as STATUS of `get pods` shows it. Kubernetes has
// no field for it: the reason stays ContainerCreating or PodInitializing. Pure.
import type { PullProgress } from '../engine/engine.ts';

const opening = 'Pulling image ';

/** `image`: undefined is that of the sandbox. */
export function pullMessage(image: string | undefined, progress: PullProgress): string {
  const how = howFar(progress);
  const what = image === undefined ? 'of the sandbox' : JSON.stringify(image);
  return `${opening}${what}${how ? `: ${how}` : ''}`;
}

function howFar({ at, bytes, totalBytes, sized }: PullProgress): string | undefined {
  if (at === 'queued') return 'waits for other pulls';
  if (at === 'asking') return undefined;
  if (at === 'extracting') return bytes > 0 ? `${sizeOf(bytes)} here, extracting` : 'extracting';
  if (!sized) return bytes > 0 ? `${sizeOf(bytes)} so far` : undefined;
  const percent = Math.floor((100 * bytes) / totalBytes);
  return `${sizeOf(bytes)} of ${sizeOf(totalBytes)} (${percent}%)`;
}

/** `Pulling 43%` for the message of a container that waits for its image; undefined for any other. */
export function pullStatus(message: string | undefined): string | undefined {
  if (!message?.startsWith(opening)) return undefined;
  const [, percent] = /\((\d+%)\)$/.exec(message) ?? [];
  return percent === undefined ? 'Pulling' : `Pulling ${percent}`;
}

/** As Docker prints them: powers of 1000. */
function sizeOf(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const amount = bytes / 1000 ** power;
  return `${power === 0 ? amount : amount.toFixed(amount < 100 ? 1 : 0)} ${units[power]}`;
}
