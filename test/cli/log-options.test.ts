// What `monopod logs` asks for, and which container it takes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logContainers } from '../../src/cli/log-containers.ts';
import { type LogsOptions, logQuery, streamsMax } from '../../src/cli/log-options.ts';

const options = (more: Partial<LogsOptions>): LogsOptions => ({
  rootDir: '/r',
  tail: '-1',
  maxLogRequests: '5',
  ...more,
});
const query = (more: Partial<LogsOptions>) => logQuery(options(more));

test('options become the query of /containerLogs', () => {
  assert.equal(query({}), '');
  assert.equal(
    query({ follow: true, previous: true, timestamps: true }),
    'follow=true&previous=true&timestamps=true',
  );
  assert.equal(query({ tail: '0' }), 'tailLines=0');
  assert.equal(query({ since: '1m30s', limitBytes: '9' }), 'sinceSeconds=90&limitBytes=9');
  assert.equal(query({ since: '100ms' }), 'sinceSeconds=1');
  assert.equal(query({ since: '0' }), '');
  assert.equal(
    query({ sinceTime: '2026-01-02T03:04:05+02:00' }),
    'sinceTime=2026-01-02T03%3A04%3A05%2B02%3A00',
  );
});

test('what kubectl refuses', () => {
  assert.throws(() => query({ tail: '-2' }), /--tail must be greater than or equal to -1/);
  assert.throws(() => query({ tail: 'x' }), /no whole number/);
  assert.throws(() => query({ since: '-1s' }), /--since must be greater than 0/);
  assert.throws(() => query({ since: '5' }), /no duration/);
  assert.throws(() => query({ since: '5s', sinceTime: '2026-01-02T03:04:05Z' }), /at most one of/);
  assert.throws(() => query({ sinceTime: 'yesterday' }), /no time as in/);
  assert.throws(() => query({ limitBytes: '-1' }), /--limit-bytes must be greater than 0/);
  assert.throws(() => streamsMax(options({ maxLogRequests: '0' })), /must be greater than 0/);
});

const pod = (main: string[], init: string[] = [], annotation?: string) => ({
  metadata: {
    name: 'web',
    ...(annotation && { annotations: { 'kubectl.kubernetes.io/default-container': annotation } }),
  },
  spec: { containers: main.map((name) => ({ name })), initContainers: init.map((name) => ({ name })) },
});

test('the container: the one named, the annotated one, or the first, which is said', () => {
  assert.deepEqual(logContainers(pod(['a']), {}), { containers: ['a'], says: [] });
  assert.deepEqual(logContainers(pod(['a', 'b'], ['i']), {}), {
    containers: ['a'],
    says: ['Defaulted container "a" out of: a, b, i (init)'],
  });
  assert.deepEqual(logContainers(pod(['a', 'b'], [], 'b'), {}), { containers: ['b'], says: [] });
  assert.deepEqual(logContainers(pod(['a'], [], 'x'), {}), {
    containers: ['a'],
    says: ['Default container name "x" not found in pod web'],
  });
  assert.deepEqual(logContainers(pod(['a'], ['i']), { container: 'i' }).containers, ['i']);
  assert.deepEqual(logContainers(pod(['a', 'b'], ['i']), { allContainers: true }).containers, [
    'i',
    'a',
    'b',
  ]);
  assert.throws(() => logContainers(pod(['a']), { container: 'x' }), /container x is not valid for pod web/);
});
