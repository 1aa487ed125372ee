// What orders make of a manifest: which version is to run, and what ends an order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StaticPod } from '../../src/manifest/static-pod.ts';
import {
  becameReady,
  edited,
  givenUp,
  handedOver,
  isStanding,
  type Order,
  orderText,
  readOrder,
  restart,
  start,
  stop,
  tookOver,
  wantedOf,
} from '../../src/supervisor/order.ts';
import { hasProved, whyNotReady } from '../../src/supervisor/readiness.ts';
import { podOf } from './entries.ts';

const v1 = podOf('web', 1);
const withRollback = (version: number, after = '30s'): StaticPod => {
  const made = podOf('web', version);
  const annotations = { 'monopod.dev/rollback-after': after };
  return { ...made, pod: { ...made.pod, metadata: { ...made.pod.metadata, annotations } } };
};
const v2 = withRollback(2);
const wanted = (order: Order, manifest = order.manifest) => wantedOf(order, manifest)?.uid;

test('without an order the manifest is what runs', () => {
  assert.equal(wantedOf(undefined, v1), v1);
  assert.equal(wantedOf({ manifest: v1 }, v1), v1);
  assert.equal(isStanding({ manifest: v1, ready: v1 }), false);
});

test('a restart is the same manifest as another Pod, the same one however often it is asked for', () => {
  const order = restart({ manifest: v1 }, Date.UTC(2026, 0, 2, 3, 4, 5));
  const version = wantedOf(order, v1);
  assert.match(version?.uid ?? '', /^[0-9a-f]{32}$/);
  assert.deepEqual(wantedOf(order, v1), version);
  assert.deepEqual(version?.pod.spec, v1.pod.spec);
  assert.equal(version?.pod.metadata?.uid, version?.uid);
  assert.equal(version?.restarted?.manifestUid, v1.uid);
  assert.deepEqual(version?.pod.metadata?.annotations, {
    'kubernetes.io/config.hash': version?.uid,
    'kubectl.kubernetes.io/restartedAt': '2026-01-02T03:04:05Z',
  });
  assert.equal(v1.pod.metadata?.uid, 'web-1', 'the manifest is left as it is');
});

test('two restarts are two, even within a millisecond', () => {
  const once = restart({ manifest: v1 }, 5);
  assert.notEqual(wanted(once), wanted(restart(once, 5)));
});

test('an edit ends a restart; of what is stopped it changes the manifest only', () => {
  const restarted = restart({ manifest: v1 }, 5);
  assert.equal(edited(restarted, v1), restarted);
  assert.equal(wanted(restarted, v2), 'web-2');
  assert.deepEqual(edited(restarted, v2), { manifest: v2 });
  const stopped = edited(stop({ manifest: v1 }, 7), v2);
  assert.deepEqual(stopped, { manifest: v2, stopped: { sinceMs: 7 } });
  assert.equal(wanted(stopped), undefined);
  assert.equal(wanted(start(stopped)), 'web-2');
});

test('stopped twice is stopped since the first time; a restart starts it', () => {
  const stopped = stop(stop({ manifest: v1 }, 7), 9);
  assert.equal(stopped.stopped?.sinceMs, 7);
  assert.equal(restart(stopped, 10).stopped, undefined);
});

test('what was restarted and then stopped starts as what it was', () => {
  const restarted = restart({ manifest: v1 }, 5);
  assert.equal(wanted(start(stop(restarted, 7))), wanted(restarted));
});

test('back to the version that was Ready after a restart is back to that restart of it: it may well run', () => {
  const order = restart({ manifest: v1 }, 5);
  const version = wantedOf(order, v1);
  assert.ok(version);
  const away = edited(becameReady(order, version), v2);
  assert.equal(wanted(away), 'web-2');
  assert.deepEqual(wantedOf(edited(away, v1), v1), version);
});

test('on trial is a version that asks for it, in place of another that was Ready', () => {
  const before: Order = { manifest: v2, ready: v1 };
  assert.deepEqual(handedOver(before, v2).trial, { uid: 'web-2' });
  assert.equal(handedOver({ manifest: v2 }, v2).trial, undefined, 'nothing to go back to');
  assert.equal(handedOver({ manifest: v1, ready: v2 }, v1).trial, undefined, 'not asked for');
  for (const bad of ['soon', '0s', '-5s', ''])
    assert.equal(handedOver({ ...before }, withRollback(2, bad)).trial, undefined, bad);
});

test('the restart of a version that was Ready is no trial', () => {
  const order = restart({ manifest: v2, ready: v2 }, 5);
  assert.equal(handedOver(order, wantedOf(order, v2) ?? v1).trial, undefined);
});

test('its time begins when the version before has gone, and once', () => {
  const order = handedOver({ manifest: v2, ready: v1 }, v2);
  assert.equal(tookOver(order, v1, 5), order);
  const began = tookOver(order, v2, 5);
  assert.deepEqual(began.trial, { uid: 'web-2', sinceMs: 5 });
  assert.equal(tookOver(began, v2, 9), began);
  assert.equal(handedOver(began, v2), began);
});

test('a version that becomes Ready is through', () => {
  const order = tookOver(handedOver({ manifest: v2, ready: v1 }, v2), v2, 5);
  assert.deepEqual(becameReady(order, v2), { manifest: v2, ready: v2 });
});

test('rolled back: the last one that was Ready runs, until an edit or a restart', () => {
  const order = givenUp(handedOver({ manifest: v2, ready: v1 }, v2), 9, 'ErrImagePull');
  assert.equal(wanted(order), 'web-1');
  assert.deepEqual(order.rolledBack, { sinceMs: 9, reason: 'ErrImagePull' });
  assert.equal(wanted(becameReady(order, v1)), 'web-1');
  assert.equal(wanted(edited(order, withRollback(3))), 'web-3');
  assert.deepEqual(handedOver(edited(order, withRollback(3)), withRollback(3)).trial, { uid: 'web-3' });
  const again = restart(order, 10);
  const version = wantedOf(again, v2);
  assert.equal(version?.restarted?.manifestUid, 'web-2');
  assert.ok(version && handedOver(again, version).trial, 'tried anew, and judged anew');
});

test('an order is the same after it was written and read; what is damaged is none', () => {
  const order = givenUp(restart({ manifest: v2, ready: v1 }, 5), 9, 'x');
  assert.deepEqual(readOrder('default/web', orderText(order)), order);
  assert.equal(readOrder('default/other', orderText(order)), undefined);
  for (const bad of [
    '',
    'null',
    '{}',
    '[]',
    '{"version":1}',
    orderText(order).replace('"version":1', '"version":9'),
  ])
    assert.equal(readOrder('default/web', bad), undefined, bad);
  assert.equal(
    readOrder('default/web', orderText({ ...order, ready: { key: 'default/web' } as StaticPod })),
    undefined,
  );
});

test('Ready, or ended well, is proof', () => {
  const ready = (status: string) => ({ status: { conditions: [{ type: 'Ready', status }] } });
  assert.deepEqual([ready('True'), ready('False'), {}].map(hasProved), [true, false, false]);
  assert.equal(hasProved({ status: { phase: 'Succeeded' } }), true);
  assert.equal(hasProved({ status: { phase: 'Failed' } }), false);
});

test('why a version is not Ready: what its containers wait for, how they ended, which condition is not met', () => {
  const container = (state: object) => ({ status: { containerStatuses: [{ name: 'main', state }] } });
  assert.equal(
    whyNotReady(container({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling' } }) as never),
    'container main: ImagePullBackOff: Back-off pulling',
  );
  assert.equal(
    whyNotReady(container({ waiting: { reason: 'ContainerCreating' } }) as never),
    'container main: ContainerCreating',
  );
  assert.equal(
    whyNotReady(container({ terminated: { reason: 'Error', exitCode: 3 } }) as never),
    'container main: Error: exit code 3',
  );
  const unready = {
    type: 'Ready',
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [main]',
  };
  assert.equal(
    whyNotReady({ status: { conditions: [{ type: 'Initialized', status: 'True' }, unready] } }),
    'ContainersNotReady: containers with unready status: [main]',
  );
  assert.equal(whyNotReady({ status: { phase: 'Pending' } }), 'it is not Ready');
});
