// The figures of this very host.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeCapacity } from '../../src/host/node-resources.ts';

test('CPUs, memory and file system of the machine, its huge pages, and the number of Pods', (t) => {
  const scratch = mkdtempSync(join(tmpdir(), 'kt-node-'));
  t.after(() => rmSync(scratch, { recursive: true }));
  for (const [size, pages] of [
    ['hugepages-2048kB', '3\n'],
    ['hugepages-1048576kB', '0\n'],
  ] as const) {
    mkdirSync(join(scratch, size));
    writeFileSync(join(scratch, size, 'nr_hugepages'), pages);
  }
  const capacity = nodeCapacity(scratch, 42, scratch);
  const memory = /^MemTotal: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  const processors = readFileSync('/proc/cpuinfo', 'utf8').match(/^processor/gm)?.length;
  assert.equal(capacity.cpu, String(processors));
  assert.ok([`${memory}Ki`, `${Number(memory) / 1024}Mi`].includes(capacity.memory ?? ''));
  assert.match(capacity['ephemeral-storage'] ?? '', /^[1-9]\d*([KMGT]i)?$/);
  assert.deepEqual([capacity['hugepages-2Mi'], capacity['hugepages-1Gi']], ['6Mi', '0']);
  assert.equal(capacity.pods, '42');
  assert.equal(nodeCapacity(scratch, 1, join(scratch, 'missing'))['hugepages-2Mi'], undefined);
});
