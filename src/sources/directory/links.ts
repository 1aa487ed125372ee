// Where a path leads: each symbolic link on the way, and the end of it, so that their directories can be watched.
import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf } from './explain.ts';

/** The kernel's own bound (MAXSYMLINKS). */
const linksMax = 40;

export type LinkPath = {
  /** Every symbolic link that is crossed, by its physical path. */
  crossed: string[];
  /** The physical path it leads to; with `missing`, the first on the way that is not there. */
  end: string;
  missing: boolean;
};

/** Where `name` under `from` leads. `from` must hold no links itself. A loop ends where the kernel gives up. */
export function linkPath(from: string, name: string): LinkPath {
  const crossed: string[] = [];
  const rest = pieces(name);
  let at = from;
  for (let piece = rest.shift(); piece !== undefined; piece = rest.shift()) {
    if (piece === '..') {
      at = dirname(at);
      continue;
    }
    const next = join(at, piece);
    const target = readLink(next);
    if (target === 'missing') return { crossed, end: next, missing: true };
    if (target === 'not a link') {
      at = next;
      continue;
    }
    crossed.push(next);
    if (crossed.length > linksMax) return { crossed, end: next, missing: true };
    if (target.to.startsWith('/')) at = '/';
    rest.unshift(...pieces(target.to));
  }
  return { crossed, end: at, missing: false };
}

const pieces = (path: string): string[] => path.split('/').filter((piece) => piece !== '' && piece !== '.');

function readLink(path: string): { to: string } | 'missing' | 'not a link' {
  try {
    return lstatSync(path).isSymbolicLink() ? { to: readlinkSync(path) } : 'not a link';
  } catch (error) {
    return codeOf(error) === 'EACCES' ? 'not a link' : 'missing';
  }
}
