// The lines in which Docker reports a pull -> how far it is. One report, one tally.
import type { PullProgress } from '../engine.ts';

type Layer = { bytes: number; totalBytes: number; at: 'waiting' | 'downloading' | 'downloaded' | 'done' };

type Line = {
  id?: string;
  status?: string;
  progressDetail?: { current?: number; total?: number };
};

const ended: Record<string, Layer['at']> = {
  'Download complete': 'downloaded',
  'Verifying Checksum': 'downloaded',
  'Pull complete': 'done',
};

export class PullTally {
  readonly #layers = new Map<string, Layer>();
  /** It brought something that was not here before. */
  isNew = false;

  /** Whether that changed how far the pull is. */
  take(value: unknown): boolean {
    const { id, status = '', progressDetail = {} } = (value ?? {}) as Line;
    if (status.startsWith('Status: Downloaded newer image')) this.isNew = true;
    if (id === undefined) return false;
    if (status === 'Pulling fs layer' || status === 'Waiting') {
      if (!this.#layers.has(id)) this.#layers.set(id, { bytes: 0, totalBytes: 0, at: 'waiting' });
      return true;
    }
    const layer = this.#layers.get(id);
    if (!layer) return false;
    const { current = 0, total = 0 } = progressDetail;
    if (status === 'Downloading') {
      // Its size is -1 or absent where the registry does not say it.
      Object.assign(layer, { at: 'downloading', bytes: current, totalBytes: Math.max(total, 0) });
      return true;
    }
    if (status === 'Extracting') {
      Object.assign(layer, { at: 'downloaded', totalBytes: Math.max(layer.totalBytes, total, 0) });
      layer.bytes = layer.totalBytes;
      return true;
    }
    const at = ended[status];
    if (!at) return false;
    Object.assign(layer, { at, bytes: Math.max(layer.bytes, layer.totalBytes) });
    layer.totalBytes = layer.bytes;
    return true;
  }

  get progress(): PullProgress {
    const layers = [...this.#layers.values()];
    const sum = (field: 'bytes' | 'totalBytes') => layers.reduce((total, layer) => total + layer[field], 0);
    const isHere = ({ at }: Layer) => at === 'downloaded' || at === 'done';
    return {
      at: layers.length === 0 ? 'asking' : layers.every(isHere) ? 'extracting' : 'downloading',
      bytes: sum('bytes'),
      totalBytes: sum('totalBytes'),
      sized: layers.length > 0 && layers.every((layer) => layer.totalBytes > 0 || isHere(layer)),
    };
  }
}
