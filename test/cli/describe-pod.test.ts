// `monopod describe pod`: which Pod is meant, and all that is told of it, to the letter.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeSteps } from '../../src/cli/describe-change.ts';
import { podDescription } from '../../src/cli/describe-pod.ts';
import { podsToDescribe } from '../../src/cli/pods-to-describe.ts';
import type { Pod } from '../../src/kubernetes/pod.ts';
import type { ManifestRecord, PodMade } from '../../src/server/node-view.ts';
import type { SpanRecord } from '../../src/telemetry/span-record.ts';
import { at, nowMs, RICH, rich } from './rich-pod.ts';

// Times are told in the zone of who reads.
process.env.TZ = 'UTC';

const record = (pod: Pod, more: Partial<ManifestRecord> = {}): ManifestRecord => ({
  sourceId: 'file:/m',
  origin: '/m/web.yaml',
  state: 'running',
  staticPod: {
    key: `${pod.metadata?.namespace}/${pod.metadata?.name}`,
    uid: 'u1',
    source: 'file',
    origin: '/m/web.yaml',
    pod,
  },
  errors: [],
  warnings: [],
  reason: '',
  sinceMs: nowMs - 90_000,
  ...more,
});
const span = (name: string, startMs: number, endMs: number, more: Partial<SpanRecord> = {}): SpanRecord => ({
  traceId: 't',
  spanId: `${name}${startMs}`,
  name,
  startMs,
  endMs,
  thread: 'pod',
  attributes: {},
  ...more,
});

const minimal: Pod = {
  metadata: { name: 'web-n1', namespace: 'default' },
  spec: { nodeName: 'n1', containers: [{ name: 'a', image: 'busybox' }] },
};

test('a minimal Pod that is stopped: as its manifest says, and what became of that', () => {
  const reason = 'stopped by order, until monopod start default/web-n1';
  const manifests = [record(minimal, { state: 'stopped', reason })];
  assert.equal(podDescription({ pod: minimal, isThere: false, manifests, spans: [] }, nowMs), MINIMAL);
});

test('a Pod of everything: init container, sidecar, probes, volumes of each kind, each state', () => {
  const manifests = [
    record(rich, {
      state: 'kept',
      reason: 'line 3, column 5: spec.containers: Required value',
      runs: { uid: 'u1', origin: '/m/web.yaml', startTime: at(0) },
      errors: [
        {
          stage: 'validate',
          field: 'spec.containers',
          type: 'Required value',
          message: '',
          line: 3,
          column: 5,
        },
      ],
      warnings: [
        {
          stage: 'support',
          field: 'spec.nodeSelector',
          type: 'No meaning on one node',
          message: 'nothing else to choose',
          line: 4,
          column: 7,
        },
      ],
    }),
  ];
  const spans = [
    span('source.event', 0, 0.4),
    span('manifest.decode', 1, 4.2, { attributes: { pod: 'shop/rich-n1', bytes: 120 } }),
    span('engine.pull', 5, 1405, { attributes: { image: 'nowhere/late' }, error: 'no\u001bsuch image' }),
  ];
  assert.equal(podDescription({ pod: rich, isThere: true, manifests, spans }, nowMs), RICH);
});

test('one that is ending, within its time: no word of how long', () => {
  const metadata = { ...minimal.metadata, deletionTimestamp: at(90) };
  const told = (phase: string) =>
    /^Status: +(.*)$/m.exec(
      podDescription(
        { pod: { ...minimal, metadata, status: { phase } }, isThere: true, manifests: [], spans: [] },
        nowMs,
      ),
    )?.[1];
  assert.equal(told('Running'), 'Terminating');
  assert.equal(told('Failed'), 'Failed');
});

test('of a long change: what failed and what took longest, in its order, and where the rest is', () => {
  const spans = Array.from({ length: 20 }, (_, at) => span(`step${at}`, at * 10, at * 10 + at));
  const failed = span('failed', 5, 5, { error: 'why' });
  const steps = changeSteps([...spans, failed], 'a/b');
  assert.equal(steps.length, 12);
  assert.equal(steps[0], '+5ms     0ms      failed  ! why');
  assert.deepEqual(
    steps.slice(1, -1).map((step) => /step\d+/.exec(step)?.[0]),
    Array.from({ length: 10 }, (_, at) => `step${at + 10}`),
  );
  assert.equal(steps.at(-1), 'and 10 lesser steps: monopod trace a/b');
});

const failing: Pod = {
  ...minimal,
  metadata: { ...minimal.metadata, uid: 'u2' },
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'a',
        image: 'busybox',
        imageID: '',
        ready: false,
        restartCount: 1,
        containerID: 'docker://c1',
        state: {
          waiting: {
            reason: 'CrashLoopBackOff',
            message: 'back-off 1m20s restarting failed container=a pod=web-n1_default(u2)',
          },
        },
        lastState: { terminated: { exitCode: 1, startedAt: at(0), finishedAt: at(10) } },
      },
    ],
  },
};
const told = (made: PodMade, afterMs: number) =>
  podDescription(
    { pod: failing, isThere: true, manifests: [], spans: [], made },
    Date.parse(at(10)) + afterMs,
  );

test('what the engine has: the sandbox, the process, logs, attempts before, what is left of other versions', () => {
  const of = { kind: 'container', name: 'a', uid: 'u2', state: 'exited', exitCode: 1 } as const;
  const text = told(
    {
      logDirectory: '/var/log/pods/default_web-n1_u2',
      containers: [
        { id: 's0', kind: 'sandbox', name: 'POD', uid: 'u1', state: 'exited' },
        { id: 's1', kind: 'sandbox', name: 'POD', uid: 'u2', state: 'running', pid: 41 },
        { ...of, id: 'c0', log: '/l/a/0.log' },
        { ...of, id: 'c1', log: '/l/a/1.log', state: 'running', pid: 42 },
      ],
    },
    30_000,
  );
  const lines = [
    'Log Directory:  /var/log/pods/default_web-n1_u2',
    'Sandbox:        s1 (running, PID 41)',
    'Of Other Versions: POD s0 (exited)',
    'Container ID:   docker://c1',
    'PID:            42',
    'Log:            /l/a/1.log',
    'Other Attempts: c0 (exited 1) /l/a/0.log',
  ];
  const flat = text.replace(/ +/g, ' ');
  for (const line of lines) assert.ok(flat.includes(line.replace(/ +/g, ' ')), `${line} in\n${text}`);
});

test('an engine that does not answer: said, and the rest is told', () => {
  const text = told(
    { logDirectory: '/l', containers: [], trouble: 'the container engine does not answer' },
    0,
  );
  assert.match(text, /^Sandbox: +<unknown>: the container engine does not answer$/m);
  assert.match(text, /^Log Directory: +\/l$/m);
});

test('back-off: when the next try is, counted from the end of the attempt before', () => {
  const nextTry = (afterMs: number) =>
    /Next Try: +(.*)/.exec(told({ logDirectory: '', containers: [] }, afterMs))?.[1];
  assert.equal(nextTry(30_000)?.slice(-8), '(in 50s)');
  assert.match(nextTry(81_000) ?? '', /\(now\)$/);
});

test('names: short, full, with a namespace; one that is stopped; one that several have; one near', () => {
  const named = (name: string, namespace: string): Pod => ({
    metadata: { name: `${name}-n1`, namespace },
    spec: { nodeName: 'n1', containers: [] },
  });
  const pods = [named('web', 'default'), named('web', 'shop'), named('api', 'shop')];
  const manifests = [...pods, named('db', 'shop')].map((pod) => record(pod));
  manifests.push(record(named('api', 'shop'), { state: 'conflict', origin: '/m/other.yaml' }));
  const meant = (names: string[], namespace?: string) =>
    podsToDescribe(names, namespace, pods, manifests).map(
      ({ pod, isThere, manifests: of }) =>
        `${pod.metadata?.namespace}/${pod.metadata?.name} ${isThere} ${of.map(({ state }) => state)}`,
    );
  assert.deepEqual(meant(['shop/web', 'pod/api', 'api-n1']), [
    'shop/web-n1 true running',
    'shop/api-n1 true running,conflict',
  ]);
  assert.deepEqual(meant(['web'], 'default'), ['default/web-n1 true running']);
  assert.deepEqual(meant(['db']), ['shop/db-n1 false running']);
  assert.throws(() => meant(['web']), /"web" could be default\/web-n1 or shop\/web-n1/);
  assert.throws(() => meant(['ap']), /pod "ap" not found: did you mean "api"\?/);
  assert.throws(() => meant(['api'], 'default'), /not found: there is one in namespace shop/);
});

const MINIMAL = `Name:            web-n1
Namespace:       default
Priority:        0
Node:            n1
Labels:          <none>
Annotations:     <none>
Manifest:        /m/web.yaml
  Source:        file:/m
  State:         stopped since Thu, 01 Jan 2026 00:58:30 +0000 (90s)
  Reason:        stopped by order, until monopod start default/web-n1
  Runs instead:  nothing
Status:          <none>
IP:
IPs:             <none>
Containers:
  a:
    Container ID:
    Image:          busybox
    Image ID:
    Port:           <none>
    Host Port:      <none>
    Ready:          False
    Restart Count:  0
    Environment:    <none>
    Mounts:         <none>
Volumes:         <none>
QoS Class:       BestEffort
Node-Selectors:  <none>
Tolerations:     <none>
Last change:     <none>
`;
