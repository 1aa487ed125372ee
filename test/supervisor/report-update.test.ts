// What the log says of a source's documents: a line each for what wants a person, one for all that does not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldError } from '../../src/manifest/static-pod.ts';
import type { ManifestEntry } from '../../src/sources/update.ts';
import { reportUpdate } from '../../src/supervisor/report-update.ts';
import { createLog } from '../../src/telemetry/log.ts';

const vain = (field: string, type: FieldError['type'], line: number): FieldError => ({
  stage: 'support',
  field,
  type,
  message: 'because',
  line,
  column: 3,
});

test('a warning is a line with its place; all notes of a document are one', () => {
  const lines: string[] = [];
  const log = createLog({ format: 'text', verbosity: 0, now: () => 0, write: (line) => lines.push(line) });
  const warnings = [
    vain('spec.nodeName', 'No meaning on one node', 5),
    vain('spec.hostUsers', 'Not supported', 6),
    vain('spec.tolerations', 'No meaning on one node', 7),
  ];
  const entry: ManifestEntry = {
    origin: '/m/a.yaml',
    state: 'accepted',
    errors: [],
    warnings,
    reason: '',
    sinceMs: 0,
  };
  reportUpdate({ sourceId: 'file:/m', full: true, changed: [entry], removed: [] }, log);
  assert.deepEqual(
    lines.map((line) => line.slice(line.indexOf('Z ') + 2).trimEnd()),
    [
      'WARN  manifest warning manifest=/m/a.yaml:6:3 field=spec.hostUsers type="Not supported" cause=because',
      'INFO  the manifest sets what has no meaning on one node manifest=/m/a.yaml fields="spec.nodeName spec.tolerations"',
    ],
  );
});
