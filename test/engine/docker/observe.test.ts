// Docker's JSON of a container becomes an observation, or nothing where it is not ours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelFilter } from '../../../src/engine/docker/container-name.ts';
import { imageStatus, observe, summarise } from '../../../src/engine/docker/observe.ts';
import { owner, podLabels } from './watching.ts';

type Raw = Parameters<typeof observe>[0];

const raw = (over: { State?: object; Config?: object; Networks?: object; Labels?: object } = {}) =>
  ({
    Id: 'abc',
    Created: '2026-01-02T03:04:05.678901234Z',
    Image: 'sha256:1',
    LogPath: '/log',
    State: {
      Status: 'running',
      StartedAt: '2026-01-02T03:04:06.5Z',
      FinishedAt: '0001-01-01T00:00:00Z',
      ExitCode: 0,
      OOMKilled: false,
      Error: '',
      Pid: 42,
      ...over.State,
    },
    Config: { Image: 'nginx:1', Labels: { ...podLabels, ...over.Labels }, ...over.Config },
    NetworkSettings: { Networks: over.Networks ?? {} },
  }) as unknown as Raw;

test('what carries a former name of this node is ours; another root directory, or another name, is not', () => {
  const named = (node: string, rootDir = owner.rootDir) =>
    observe(raw({ Labels: { 'monopod.dev/node': node, 'monopod.dev/root-dir': rootDir } }), {
      ...owner,
      formerNames: ['old', 'older'],
    });
  assert.ok(named(owner.nodeName) && named('old') && named('older'));
  assert.deepEqual([named('stranger'), named('old', '/elsewhere')], [undefined, undefined]);
  assert.deepEqual(labelFilter(owner), [
    `monopod.dev/node=${owner.nodeName}`,
    `monopod.dev/root-dir=${owner.rootDir}`,
  ]);
  assert.deepEqual(labelFilter({ ...owner, formerNames: ['old'] }), [
    `monopod.dev/root-dir=${owner.rootDir}`,
  ]);
});

test('times are milliseconds; one that was never set is absent', () => {
  const seen = observe(raw(), owner);
  assert.equal(seen?.createdAtMs, Date.UTC(2026, 0, 2, 3, 4, 5, 678));
  assert.equal(seen?.startedAtMs, Date.UTC(2026, 0, 2, 3, 4, 6, 500));
  assert.equal(seen?.finishedAtMs, undefined);
  assert.equal(seen?.exitCode, undefined);
});

test("each of Docker's states is one of created, running, exited", () => {
  const state = (Status: string) => observe(raw({ State: { Status } }), owner)?.state;
  assert.equal(state('created'), 'created');
  assert.deepEqual(['running', 'paused', 'restarting'].map(state), Array(3).fill('running'));
  assert.deepEqual(['exited', 'dead', 'removing'].map(state), Array(3).fill('exited'));
});

test('an exited container tells how it ended; one that somebody started again does not tell of its first end', () => {
  const ended = { ExitCode: 137, OOMKilled: true, FinishedAt: '2026-01-02T03:05:00Z', Pid: 0 };
  const exited = observe(raw({ State: { ...ended, Status: 'exited' } }), owner);
  assert.deepEqual([exited?.exitCode, exited?.oomKilled, exited?.pid], [137, true, undefined]);
  assert.equal(exited?.finishedAtMs, Date.UTC(2026, 0, 2, 3, 5));
  const again = observe(raw({ State: { ...ended, Status: 'running' } }), owner);
  assert.deepEqual([again?.exitCode, again?.finishedAtMs], [undefined, undefined]);
});

test('what ended at once has not ended before it began', () => {
  const State = {
    Status: 'exited',
    StartedAt: '2026-01-02T03:04:06.6Z',
    FinishedAt: '2026-01-02T03:04:06.5Z',
  };
  const seen = observe(raw({ State }), owner);
  assert.equal(seen?.startedAtMs, Date.UTC(2026, 0, 2, 3, 4, 6, 600));
  assert.equal(seen?.finishedAtMs, seen?.startedAtMs);
});

test('what could not be started keeps the exit code that says why; what was only created has none', () => {
  const never = { Status: 'created', StartedAt: '0001-01-01T00:00:00Z', Pid: 0 };
  const said = 'exec: "/no/such": stat /no/such: no such file or directory';
  for (const ExitCode of [126, 127, 128]) {
    const seen = observe(raw({ State: { ...never, ExitCode, Error: said } }), owner);
    assert.deepEqual([seen?.state, seen?.exitCode, seen?.error], ['created', ExitCode, said]);
    assert.deepEqual([seen?.startedAtMs, seen?.finishedAtMs], [undefined, undefined]);
  }
  const created = observe(raw({ State: never }), owner);
  assert.deepEqual([created?.exitCode, created?.error], [undefined, '']);
});

test('what lacks one of our labels, or has others, is not ours', () => {
  for (const label of Object.keys(podLabels)) {
    if (label === 'io.kubernetes.container.name') continue;
    assert.equal(observe(raw({ Labels: { [label]: undefined } }), owner), undefined, label);
  }
  assert.equal(observe(raw(), { ...owner, nodeName: 'another' }), undefined);
  assert.equal(observe(raw(), { ...owner, rootDir: '/another' }), undefined);
  const bare = { ...raw(), Config: { Labels: null, Image: '' } } as unknown as Raw;
  assert.equal(observe(bare, owner), undefined);
});

test('only a running sandbox has addresses: of every network, IPv4 before IPv6, none that is empty', () => {
  const Networks = {
    bridge: { IPAddress: '172.17.0.2', GlobalIPv6Address: 'fd00::2' },
    other: { IPAddress: '10.0.0.2', GlobalIPv6Address: '' },
  };
  const Labels = { 'io.kubernetes.docker.type': 'podsandbox' };
  assert.deepEqual(observe(raw({ Networks, Labels }), owner)?.ips, ['172.17.0.2', 'fd00::2', '10.0.0.2']);
  assert.deepEqual(observe(raw({ Networks }), owner)?.ips, []);
  assert.deepEqual(observe(raw({ Networks, Labels, State: { Status: 'exited' } }), owner)?.ips, []);
});

test('a stop signal that Linux does not know is SIGTERM, as the engine itself has it', () => {
  const signal = (StopSignal?: string) =>
    observe(raw({ Config: { Image: '', Labels: podLabels, StopSignal } }), owner)?.stopSignal;
  assert.equal(signal(), 'SIGTERM');
  assert.equal(signal(''), 'SIGTERM');
  assert.equal(signal('SIGQUIT'), 'SIGQUIT');
  assert.equal(signal('quit'), 'SIGQUIT');
  assert.equal(signal('3'), '3');
  assert.equal(signal('SIGRTMIN+3'), 'SIGRTMIN+3');
  assert.equal(signal('SIGNONSENSE'), 'SIGTERM');
  assert.equal(signal('99'), 'SIGTERM');
});

test('labels that are no numbers count as 0', () => {
  const Labels = { 'monopod.dev/attempt': 'x', 'annotation.io.kubernetes.container.restartCount': '7' };
  const seen = observe(raw({ Labels }), owner);
  assert.deepEqual([seen?.attempt, seen?.restartCount], [0, 7]);
});

test('a line of the list becomes id, Pod and state', () => {
  const line = { Id: 'abc', State: 'exited', Labels: podLabels } as unknown as Parameters<
    typeof summarise
  >[0];
  assert.deepEqual(summarise(line, owner), { id: 'abc', key: 'ns/pod', state: 'exited' });
  assert.equal(summarise({ ...line, Labels: {} }, owner), undefined);
});

test('an image that says nothing of user and signal has neither', () => {
  const bare = { Id: 'sha256:1', RepoDigests: null, Config: null } as unknown as Parameters<
    typeof imageStatus
  >[0];
  const expected = { id: 'sha256:1', ref: 'sha256:1', user: '', stopSignal: 'SIGTERM' };
  assert.deepEqual(imageStatus(bare, 'app'), expected);
});

test('an image is named by the digest in the repository that it was asked for from', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const RepoDigests = [`r.example/copy@${digest}`, `busybox@${digest}`];
  const raw = { Id: 'sha256:1', RepoDigests, Config: {} } as unknown as Parameters<typeof imageStatus>[0];
  assert.equal(imageStatus(raw, 'busybox:1.36').ref, `docker.io/library/busybox@${digest}`);
  assert.equal(imageStatus(raw, 'r.example/copy').ref, `r.example/copy@${digest}`);
  assert.equal(imageStatus(raw, 'sha256:1').ref, `r.example/copy@${digest}`);
});

test('mounts that are read-only with all that is below are told of, and no others', () => {
  const mounts = [
    { Type: 'bind', Target: '/ro', ReadOnly: true, BindOptions: { ReadOnlyNonRecursive: true } },
    { Type: 'bind', Target: '/rro', ReadOnly: true, BindOptions: { ReadOnlyForceRecursive: true } },
    { Type: 'bind', Target: '/plain', ReadOnly: true },
  ];
  const of = (HostConfig: object) => observe({ ...raw(), HostConfig } as Raw, owner)?.readOnlyRecursively;
  assert.deepEqual(of({ Mounts: mounts }), ['/rro']);
  for (const none of [{ Mounts: [mounts[0]] }, {}]) assert.equal(of(none), undefined);
});
