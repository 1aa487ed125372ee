// Observed containers -> PodStatus (kubelet generateAPIPodStatus): what is beside the phase, the conditions and the
// containers' statuses, and that these are all made from one view.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodStatus } from '../../src/kubernetes/pod.ts';
import { generateStatus } from '../../src/status/generate.ts';
import type { PodView } from '../../src/status/view.ts';
import { ends, init, podView, runs, waits } from './views.ts';

const nowMs = Date.parse('2026-01-02T03:04:05Z');
const status = (view: PodView, previous?: PodStatus, atMs = nowMs) => generateStatus(view, previous, atMs);
const conditionOf = ({ conditions = [] }: PodStatus, type: string) =>
  conditions.find((condition) => condition.type === type);

test('init containers have a list of their own; without any there is none', () => {
  const names = (those: PodStatus['containerStatuses']) => those?.map(({ name }) => name);
  assert.equal(status(podView([runs()])).initContainerStatuses, undefined);
  const both = status(podView([init(ends(0)), runs()]));
  assert.deepEqual(names(both.initContainerStatuses), ['init-main']);
  assert.deepEqual(names(both.containerStatuses), ['main']);
});

test('an init container that was removed by hand holds up nothing', () => {
  const made = status(podView([init(waits()), runs()], 'Always', { initialized: true }));
  assert.equal(made.phase, 'Running');
  assert.equal(made.initContainerStatuses?.[0]?.state?.terminated?.reason, 'Completed');
  assert.equal(conditionOf(made, 'Initialized')?.status, 'True');
  assert.equal(conditionOf(made, 'Ready')?.status, 'True');
});

test('of a status from a checkpoint the conditions are enough', () => {
  const { conditions } = status(podView([runs()]));
  const after = status(podView([runs()]), { conditions }, nowMs + 60_000);
  assert.deepEqual(after.conditions, conditions);
});

test('addresses: of the sandbox, or of the host for a Pod in its network', () => {
  const own = status(podView([runs()]));
  assert.equal(own.podIP, '172.17.0.2');
  assert.deepEqual(own.podIPs, [{ ip: '172.17.0.2' }]);
  assert.equal(own.hostIP, '192.0.2.1');
  assert.deepEqual(own.hostIPs, [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }]);
  const without = status(podView([runs()], 'Always', { ips: [] }));
  assert.deepEqual([without.podIP, without.podIPs], [undefined, undefined]);
});

test('in the network of the host: its first address, and the second if it is of the other family', () => {
  const onHost = (...hostIps: string[]) =>
    status(podView([runs()], 'Always', { ips: [], hostIps }, { hostNetwork: true })).podIPs?.map(
      ({ ip }) => ip,
    );
  assert.deepEqual(onHost('192.0.2.1'), ['192.0.2.1']);
  assert.deepEqual(onHost('192.0.2.1', '2001:db8::1'), ['192.0.2.1', '2001:db8::1']);
  assert.deepEqual(onHost('192.0.2.1', '192.0.2.2'), ['192.0.2.1']);
});

const engineAway = { sinceMs: nowMs - 60_000, message: 'ECONNREFUSED' };

test('an engine that does not answer is said, and everything else stays as last seen', () => {
  const view = podView([runs()]);
  const before = status(view);
  const away = status({ ...view, engineAway }, before);
  assert.equal(away.reason, 'EngineUnavailable');
  assert.match(away.message ?? '', /since 2026-01-02T03:03:05Z .*ECONNREFUSED/);
  const { reason: _, message: __, ...rest } = away;
  assert.deepEqual(rest, before);
});

test('a Pod that was ended says why, whatever its containers do, and the engine', () => {
  const failed = {
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
  };
  for (const more of [{ failed }, { failed, engineAway }]) {
    const made = status(podView([runs({}, true)], 'Always', more));
    assert.deepEqual([made.phase, made.reason, made.message], ['Failed', failed.reason, failed.message]);
    assert.equal(conditionOf(made, 'Ready')?.reason, 'PodFailed');
  }
});

test('observedGeneration is there for a Pod that has a generation', () => {
  const of = (generation?: number) => {
    const view = podView([runs()]);
    return status({ ...view, pod: { ...view.pod, metadata: { ...view.pod.metadata, generation } } });
  };
  assert.equal(of(7).observedGeneration, 7);
  assert.equal(conditionOf(of(7), 'Ready')?.observedGeneration, 7);
  for (const none of [undefined, 0]) assert.ok(!('observedGeneration' in of(none)));
});

test('startTime and QoS class are there', () => {
  const made = status(podView([runs()], 'Always', { startedAtMs: nowMs - 1_000 }));
  assert.equal(made.startTime, '2026-01-02T03:04:04Z');
  assert.equal(made.qosClass, 'BestEffort');
});
