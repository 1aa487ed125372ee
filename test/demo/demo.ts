// `npm run demo`: the main job before a newcomer's eyes. A Pod's manifest appears in a directory, is edited, gets a
// typo, is removed; each step is printed when it is seen to have happened, and a step that is not seen ends the demo.
import type { Pod } from '../../src/kubernetes/pod.ts';
import { freePort, makeNode, type TestNode } from '../e2e/harness/node.ts';
import type { Output } from '../e2e/harness/process.ts';
import { until } from '../e2e/harness/until.ts';
import { ensureEngine, NoEngineError } from '../setup/engine.ts';
import { ensureImages, image } from '../setup/images.ts';
import { scratchDirectory, sweep } from '../setup/scratch.ts';

const secondsMax = 100;
const startedMs = performance.now();

function say(line: string): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1).padStart(5);
  console.log(`${seconds} s  ${line}`);
}

const indented = (text: string) => text.trimEnd().replaceAll(/^(?=.)/gm, '           ');

/** A web server that serves what an init container wrote, and says goodbye when it is told to stop. */
const manifest = (version: number, port: number) => `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  initContainers:
    - name: write-page
      image: ${image.busybox}
      command: ["sh", "-c", "echo 'Hello from version ${version}' > /www/index.html"]
      volumeMounts: [{ name: www, mountPath: /www }]
  containers:
    - name: server
      image: ${image.busybox}
      command: ["sh", "-c", "httpd -f -p 8080 -h /www & trap 'sleep 1; exit 0' TERM; wait"]
      ports:
        - containerPort: 8080
          hostPort: ${port}
          hostIP: 127.0.0.1
      volumeMounts: [{ name: www, mountPath: /www }]
  volumes:
    - name: www
      emptyDir: {}
`;

async function page(port: number): Promise<string> {
  const answer = await until('the web server answers', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(2_000) });
    return response.ok && (await response.text());
  });
  return answer.trim();
}

async function answersWith(port: number, version: number): Promise<void> {
  const answer = await page(port);
  expect(answer === `Hello from version ${version}`, `the page of version ${version}, not '${answer}'`);
  say(`GET http://127.0.0.1:${port}/ answers '${answer}'`);
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not seen: ${what}`);
}

async function appears(node: TestNode, port: number): Promise<Pod> {
  say('web.yaml is written: an init container that makes a page, and a web server');
  await node.write('web.yaml', manifest(1, port));
  const pod = await node.running('web');
  say(`Pod ${pod.metadata?.name} is Running, its init container has ended well`);
  const [init] = pod.status?.initContainerStatuses ?? [];
  expect(init?.state?.terminated?.exitCode === 0, 'the init container, ended with 0');
  await answersWith(port, 1);
  return pod;
}

async function isReplaced(node: TestNode, port: number, first: Pod): Promise<Pod> {
  say('web.yaml is edited: the page is to say version 2');
  await node.write('web.yaml', manifest(2, port));
  const pod = await node.running('web', first);
  await until('nothing is left of the old Pod', async () =>
    (await node.containers('web')).every(({ uid }) => uid === pod.metadata?.uid),
  );
  say(`the old Pod has stopped, a new one is Running (uid ${short(first)} -> ${short(pod)})`);
  await answersWith(port, 2);
  return pod;
}

const short = (pod: Pod) => `${pod.metadata?.uid?.slice(0, 8)}`;

async function survivesTypo(node: TestNode, port: number): Promise<void> {
  const before = await node.container('web', 'server');
  const typo = manifest(3, port).replace('containerPort: 8080', 'containerPort: 8O8O');
  const line = typo.split('\n').findIndex((text) => text.includes('8O8O')) + 1;
  const column = (typo.split('\n')[line - 1] ?? '').indexOf('8O8O') + 1;
  say(`a typo is written into web.yaml: containerPort: 8O8O (line ${line})`);
  await node.write('web.yaml', typo);
  let last: Output | undefined;
  const shown = await until(
    'monopod get manifests shows the typo',
    async () => {
      last = await node.cli('get', 'manifests');
      return last.stdout.includes('containerPort') && last.stdout;
    },
    { seen: () => last },
  );
  say('`monopod get manifests` says:');
  console.log(indented(shown));
  expect(new RegExp(`\\b${line}\\D{1,12}${column}\\b`).test(shown), `line ${line} and column ${column}`);
  const now = await node.container('web', 'server');
  expect(now.Id === before.Id && now.State.StartedAt === before.State.StartedAt, 'the same container');
  say('the Pod keeps running as it was');
  await answersWith(port, 2);
}

async function stopsGracefully(node: TestNode): Promise<void> {
  const { Id } = await node.container('web', 'server');
  say('web.yaml is removed');
  await node.remove('web.yaml');
  await node.gone('web');
  const events = (await node.events()).filter(({ id }) => id === Id);
  const told = events.find(({ action }) => action === 'kill');
  const died = events.find(({ action }) => action === 'die');
  expect(told?.attributes.signal === '15', 'SIGTERM before any other signal');
  expect(died?.attributes.exitCode === '0', 'the web server, ended by itself with 0');
  const tookMs = Math.round((died?.timeMs ?? 0) - (told?.timeMs ?? 0));
  say(`the web server got SIGTERM and ended by itself after ${tookMs} ms; the Pod is gone`);
}

async function show(node: TestNode): Promise<void> {
  const port = await freePort();
  await node.start();
  say(`monopod run --pod-manifest-path=${node.manifestDirectory} is up; the directory is empty`);
  const first = await appears(node, port);
  await isReplaced(node, port, first);
  await survivesTypo(node, port);
  await stopsGracefully(node);
  const { code } = await node.stop();
  expect(code === 0, 'monopod ended by SIGTERM with 0');
  expect((await node.containers()).length === 0, 'no container left');
}

async function main(): Promise<void> {
  const engine = await ensureEngine(say);
  const scratch = scratchDirectory();
  const images = await ensureImages(engine.endpoint);
  say(`engine and images are ready (${engine.private ? 'a private engine' : engine.endpoint})`);
  const node = await makeNode({ name: 'demo' });
  try {
    const interrupted = new Promise<never>((_, reject) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.once(signal, () => reject(new Error(`interrupted by ${signal}`)));
      setTimeout(() => reject(new Error(`not done after ${secondsMax} s`)), secondsMax * 1000).unref();
    });
    await Promise.race([show(node), interrupted]);
  } catch (error) {
    console.error(`monopod's log:\n${indented(node.logTail())}`);
    throw error;
  } finally {
    await node.dispose();
    await sweep(engine.endpoint, scratch);
    if (!engine.private) await images.remove();
    await engine.close();
  }
  say('all of it seen; nothing is left behind');
}

await main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(
      error instanceof NoEngineError ? error.message : `demo failed: ${(error as Error).message}`,
    );
    process.exit(1);
  },
);
