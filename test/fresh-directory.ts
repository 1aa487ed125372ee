// A directory of its own for each test of a file, gone after it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'node:test';

/** Tells of the directory before each test. A blank in its path, as people have them. */
export function freshDirectory(use: (path: string) => void): void {
  let path = '';
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'monopod test-'));
    use(path);
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));
}
