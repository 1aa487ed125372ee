import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpanRecord } from '../../src/telemetry/span-record.ts';
import { TraceStore } from '../../src/telemetry/store.ts';

let spanNumber = 0;
function span(traceId: string, startMs = 0, name = 'span'): SpanRecord {
  spanNumber += 1;
  return {
    traceId,
    spanId: String(spanNumber),
    name,
    startMs,
    endMs: startMs + 1,
    thread: 'pod',
    attributes: {},
  };
}
const names = (spans: SpanRecord[] | undefined) => spans?.map(({ name }) => name);

test('a Pod never bound has no trace', () => {
  const store = new TraceStore();
  store.add([span('t1')]);
  assert.equal(store.trace('default/web'), undefined);
});

test("a Pod's trace has the spans that came before and after it was bound, by start", () => {
  const store = new TraceStore();
  store.add([span('t1', 5, 'b')]);
  store.bind('default/web', 't1');
  store.add([span('t1', 2, 'a'), span('t2', 0, 'other')]);
  assert.deepEqual(names(store.trace('default/web')), ['a', 'b']);
});

test('the next change replaces the last', () => {
  const store = new TraceStore();
  store.bind('default/web', 't1');
  store.add([span('t1')]);
  store.bind('default/web', 't2');
  assert.deepEqual(store.trace('default/web'), []);
  store.add([span('t1', 0, 'late span of the change before'), span('t2', 0, 'new')]);
  assert.deepEqual(names(store.trace('default/web')), ['new']);
});

test('one change may be that of two Pods, and goes when both have moved on', () => {
  const store = new TraceStore();
  store.bind('default/a', 't1');
  store.bind('default/b', 't1');
  store.add([span('t1', 0, 'shared')]);
  store.bind('default/a', 't2');
  assert.deepEqual(names(store.trace('default/b')), ['shared']);
});

test('binding again to the same trace keeps it', () => {
  const store = new TraceStore();
  store.add([span('t1', 0, 'kept')]);
  store.bind('default/a', 't1');
  store.bind('default/a', 't1');
  assert.deepEqual(names(store.trace('default/a')), ['kept']);
});

test('the Pod longest untouched is forgotten first', () => {
  const store = new TraceStore({ podsMax: 2 });
  store.bind('default/a', 't1');
  store.bind('default/b', 't2');
  store.bind('default/c', 't3');
  assert.deepEqual(
    ['a', 'b', 'c'].map((name) => store.trace(`default/${name}`)),
    [undefined, [], []],
  );
});

test('traces of no Pod are bounded, and cannot push out those of Pods', () => {
  const store = new TraceStore({ looseMax: 2, spansMax: 4 });
  store.bind('default/a', 't1');
  store.add([span('t1', 0, 'kept')]);
  for (let i = 0; i < 100; i += 1) store.add([span(`loose${i}`)]);
  assert.deepEqual(names(store.trace('default/a')), ['kept']);
  store.bind('default/old', 'loose1');
  store.bind('default/new', 'loose99');
  assert.equal(store.trace('default/old')?.length, 0);
  assert.equal(store.trace('default/new')?.length, 1);
});

test('a long trace keeps its beginning and its end', () => {
  const store = new TraceStore({ spansPerPodMax: 4 });
  store.bind('default/a', 't1');
  for (let i = 0; i < 10; i += 1) store.add([span('t1', i, String(i))]);
  const kept = names(store.trace('default/a'));
  assert.equal(kept?.length, 4);
  assert.deepEqual([kept?.[0], kept?.at(-1)], ['0', '9']);
});

test('all spans together are bounded', () => {
  const store = new TraceStore({ spansMax: 10 });
  for (let i = 0; i < 5; i += 1) {
    store.bind(`default/${i}`, `t${i}`);
    store.add([span(`t${i}`), span(`t${i}`), span(`t${i}`)]);
  }
  const kept = [0, 1, 2, 3, 4].map((i) => store.trace(`default/${i}`)?.length);
  assert.deepEqual(kept, [undefined, undefined, 3, 3, 3]);
});
