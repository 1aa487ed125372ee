// The trace of a change: one tree from the word that came to the state that was wanted, and nothing between changes.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { context, trace } from '@opentelemetry/api';
import { systemClock } from '../../src/clock.ts';
import { type Recording, startRecording } from '../../src/telemetry/recorder.ts';
import type { SpanRecord } from '../../src/telemetry/span-record.ts';
import { gone, run, stage } from './acting.ts';
import { container, staticPod } from './pods.ts';

let recording: Recording;
let spans: SpanRecord[] = [];
beforeEach(() => {
  spans = [];
  recording = startRecording({ thread: 'test', sink: (more) => spans.push(...more), clock: systemClock });
});
afterEach(() => recording.stop());

const named = (name: string) => {
  recording.flush();
  return spans.filter((span) => span.name === name);
};
const attribute = (name: string, key: string) => named(name).map(({ attributes }) => attributes[key]);

test('a start: the change in its caller’s trace, a span for the sandbox and for each container below it', async () => {
  const on = stage();
  const actor = on.actor();
  const caller = trace.getTracer('t').startSpan('caller');
  const containers = [container('a'), container('b')];
  context.with(trace.setSpan(context.active(), caller), () =>
    actor.desire(run(staticPod('v1', { containers })), 1),
  );
  await on.run(1_000);
  const [change] = named('pod.change');
  assert.equal(change?.parentSpanId, caller.spanContext().spanId);
  assert.deepEqual([change?.attributes.uid, change?.attributes.want], ['v1', 'run']);
  assert.equal(change?.attributes.outcome, undefined);
  assert.deepEqual(attribute('pod.container', 'container').toSorted(), ['a', 'b']);
  for (const span of named('pod.container')) {
    assert.equal(span.parentSpanId, change?.spanId);
    assert.ok(span.endMs <= (change?.endMs ?? 0));
    assert.equal(span.error, undefined);
  }
});

test('effects run inside: a call to the engine for a container is below its span', async () => {
  const on = stage();
  const parents: (string | undefined)[] = [];
  const create = on.engine.createContainer.bind(on.engine);
  on.engine.createContainer = (config) => {
    parents.push(trace.getSpanContext(context.active())?.spanId);
    return create(config);
  };
  on.actor().desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  assert.deepEqual(
    parents,
    named('pod.container').map(({ spanId }) => spanId),
  );
});

test('a missing pause image is pulled under a span of its own', async () => {
  const on = stage();
  on.engine.images.set('pause', { present: false });
  on.actor().desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  recording.flush();
  assert.ok(named('pod.change').length === 1);
  assert.ok(attribute('pod.container', 'container').includes('POD'));
});

test('a pull that fails stands in the span of its container', async () => {
  const on = stage();
  on.engine.images.set('busybox:1', { present: false, pullError: 'manifest unknown' });
  const actor = on.actor();
  actor.desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  assert.deepEqual(named('pod.change'), [], 'it goes on');
  actor.desire(gone, 2);
  await on.run(1_000);
  assert.match(named('pod.container')[0]?.error ?? '', /manifest unknown/);
});

test('an update: the termination of the old one is a span within', async () => {
  const on = stage(() => ({ stopsAfterMs: 700 }));
  const actor = on.actor();
  actor.desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  assert.deepEqual(named('pod.termination'), []);
  actor.desire(run(staticPod('v2')), 2);
  await on.run(5_000);
  const [, change] = named('pod.change');
  assert.equal(change?.attributes.uid, 'v2');
  assert.deepEqual(attribute('pod.termination', 'uid'), ['v1']);
  assert.equal(named('pod.termination')[0]?.parentSpanId, change?.spanId);
});

test('a word that comes before the last one is done ends that as superseded', async () => {
  const on = stage();
  on.engine.images.set('busybox:1', { present: false, pullMs: 60_000 });
  const actor = on.actor();
  actor.desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  actor.desire(gone, 2);
  await on.run(120_000);
  assert.deepEqual(attribute('pod.change', 'outcome'), ['superseded', undefined]);
  assert.deepEqual(attribute('pod.change', 'want'), ['run', 'gone']);
});

test('init containers belong to the change: it ends when the main ones run', async () => {
  const on = stage((name) => (name === 'init' ? { exitAfterMs: 3_000 } : {}));
  on.actor().desire(run(staticPod('v1', { initContainers: [container('init')] })), 1);
  await on.run(2_000);
  assert.deepEqual(named('pod.change'), []);
  await on.run(2_000);
  assert.equal(named('pod.change').length, 1);
});

test('a restart between changes is not traced', async () => {
  const on = stage();
  on.actor().desire(run(staticPod('v1')), 1);
  await on.run(1_000);
  recording.flush();
  const before = spans.length;
  on.engine.killByHand(on.engine.now().find(({ name }) => name === 'main')?.id ?? '');
  await on.run(60_000);
  recording.flush();
  assert.equal(
    on.engine.now().some(({ restartCount }) => restartCount === 1),
    true,
  );
  assert.equal(spans.length, before);
});
