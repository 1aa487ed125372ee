// What containers have written, as a person asks for it, and where it lies on the host.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Pod } from '../../src/kubernetes/pod.ts';
import { pod, shell } from './harness/manifest.ts';
import { startNode } from './harness/node.ts';
import { until } from './harness/until.ts';

const linesMax = 400;
const numbered = Array.from({ length: linesMax }, (_, at) => `line ${at}\n`).join('');
/** About twelve files of 4 Ki, of which all are kept. */
const flags = ['--container-log-max-size=4Ki', '--container-log-max-files=40'];

const manifests: Record<string, Pod> = {
  'web.yaml': pod('web', {
    initContainers: [shell('echo prepared', { name: 'prep' })],
    containers: [
      shell('echo to out; echo to err >&2; exec sleep 3600'),
      shell("head -c 40000 /dev/zero | tr '\\000' x; echo; echo 'é\"\\'; exec sleep 3600", { name: 'long' }),
      shell('echo screen; exec sleep 3600', { name: 'screen', tty: true }),
    ],
    terminationGracePeriodSeconds: 1,
  }),
  'chat.yaml': pod('chat', {
    restartPolicy: 'Never',
    containers: [
      shell(
        `i=0; while [ $i -lt ${linesMax} ]; do echo line $i; i=$((i + 1)); [ $((i % 20)) = 0 ] && sleep 0.1; done; printf end`,
      ),
    ],
  }),
  'crash.yaml': pod('crash', { containers: [shell('echo "attempt of $(date +%s)"; exit 1')] }),
  'absent.yaml': pod('absent', {
    containers: [shell('', { image: 'monopod.test/absent:1', imagePullPolicy: 'Never' })],
  }),
};

test('logs: read, followed, rotated, linked, and gone with the Pod', async (t) => {
  const node = await startNode(t, { flags, manifests });
  const logs = async (...args: string[]) => {
    const { code, stdout, stderr } = await node.cli('logs', ...args);
    assert.deepEqual([code, stderr], [0, ''], args.join(' '));
    return stdout;
  };
  const refused = async (...args: string[]) => {
    const { code, stdout, stderr } = await node.cli('logs', ...args);
    assert.deepEqual([code, stdout], [1, ''], args.join(' '));
    return stderr;
  };
  const begun = ({ status }: Pod) => {
    const { running, terminated } = status?.containerStatuses?.[0]?.state ?? {};
    return Boolean(running ?? terminated);
  };
  const followed = node.shows('chat', 'has begun', begun).then(() => logs('chat', '-f'));
  followed.catch(() => {});
  const web = await node.running('web');
  const identity = `default_web-${node.name}_${web.metadata?.uid}`;
  const byContainer = join(node.scratch, 'containers');

  await t.test('the bytes, whatever they are, and what is chosen of them', async () => {
    const both = await until('both lines are there', async () => {
      const text = await logs('web', '-c', 'main');
      return text.length >= 14 ? text : undefined;
    });
    assert.deepEqual(both.split('\n').toSorted(), ['', 'to err', 'to out']);
    const long = `${'x'.repeat(40_000)}\n`;
    const whole = await until('the long line is there', async () => {
      const text = await logs(`web-${node.name}`, 'long');
      return text.endsWith('\\\n') ? text : undefined;
    });
    assert.equal(whole, `${long}é"\\\n`);
    assert.equal(await logs('web', 'long', '--tail=2', '--limit-bytes=3'), 'xxx');
    assert.equal(await logs('web', 'long', '--tail=1'), 'é"\\\n');
    assert.match(await logs('web', 'long', '--tail=1', '--timestamps'), /^20[-\d]+T[:\d]+\.\d{9}Z é"\\\n$/);
    assert.equal(await logs('web', 'long', '--since-time=2100-01-01T00:00:00Z'), '');
    assert.equal(await logs('web', 'screen'), 'screen\r\n');
    const all = await logs('default/web', '--all-containers', '--prefix', '--tail=1');
    const begins = all
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    const of = (name: string) => `[pod/web-${node.name}/${name}]`;
    assert.deepEqual(begins, ['prep', 'main', 'long', 'screen'].map(of));
  });

  await t.test('what cannot be had', async () => {
    const { stderr } = await node.cli('logs', 'web');
    assert.equal(stderr, 'Defaulted container "main" out of: main, long, screen, prep (init)\n');
    assert.match(await refused('web', '-c', 'no'), /^error: container no is not valid for pod web-/);
    assert.match(
      await refused('web', 'main', '-p'),
      /^error: previous terminated container "main" in pod "web-/,
    );
    await node.shows('absent', 'waits', ({ status }) =>
      Boolean(status?.containerStatuses?.[0]?.state?.waiting?.reason?.startsWith('ErrImageNever')),
    );
    assert.match(
      await refused('absent'),
      /container "main" in pod "absent-.*" is waiting to start: ErrImageNeverPull/,
    );
  });

  await t.test(
    'a follower misses nothing while the log is rotated, and ends with the container',
    async () => {
      assert.equal(await followed, `${numbered}end`);
      assert.equal(await logs('chat', '--tail=2'), `line ${linesMax - 1}\nend`);
      const [seen] = (await node.containers('chat')).filter(({ name }) => name === 'main');
      assert.ok(seen);
      const { LogPath } = (await node.docker.inspect(seen.id)) as { LogPath: string };
      assert.ok(existsSync(`${LogPath}.1`), 'it was rotated');
    },
  );

  await t.test('the attempt before is there; older ones go, and their links with them', async () => {
    await node.shows('crash', 'was restarted twice', ({ status }) => {
      const [{ restartCount = 0, state } = {}] = status?.containerStatuses ?? [];
      return restartCount >= 2 && state?.waiting?.reason === 'CrashLoopBackOff';
    });
    assert.match(await logs('crash', '--previous'), /^attempt of \d+\n$/);
    const uid = (await node.pod('crash'))?.metadata?.uid;
    const links = join(node.logsDirectory, `default_crash-${node.name}_${uid}`, 'main');
    await until('the first attempt has gone', async () => !existsSync(join(links, '0.log')));
    await until('no link leads nowhere', async () =>
      readdirSync(byContainer).every((link) => existsSync(join(byContainer, link))),
    );
  });

  await t.test("the kubelet's layout, for log collectors; nothing is left of it after the Pod", async () => {
    const { Id } = await node.container('web');
    const link = join(byContainer, `web-${node.name}_default_main-${Id}.log`);
    assert.equal(readlinkSync(link), join(node.logsDirectory, identity, 'main/0.log'));
    assert.match(readFileSync(link, 'utf8'), /"log":"to out\\n"/);
    await node.remove('web.yaml');
    await node.gone('web');
    const left = () => [
      ...readdirSync(node.logsDirectory).filter((name) => name === identity),
      ...readdirSync(byContainer).filter((name) => name.startsWith('web-')),
    ];
    await until('the links are gone', async () => left().length === 0, { seen: left });
    assert.match(await refused('web'), /^error: pod "web" not found/);
  });
});
