// Everything that main publishes, word for word: from the stream behind `get pods -w`, which a test follows through
// restarts of monopod as well, and from /pods, asked again and again. And a judge of it all.
import assert from 'node:assert/strict';
import { type ClientRequest, request } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pod } from '../../../src/kubernetes/pod.ts';
import type { WatchLine } from '../../../src/server/watch.ts';
import type { TestNode } from './node.ts';
import { until } from './until.ts';

const againMs = 2;
const pollEveryMs = 10;

export class Published {
  /** In the order in which they came. A list is what there is when the stream begins. */
  readonly words: WatchLine[] = [];
  /** Of each answer of /pods that differed from the one before. */
  readonly polled: Pod[][] = [];
  readonly #node: TestNode;
  #asked: ClientRequest | undefined;
  #over = false;

  constructor(node: TestNode) {
    this.#node = node;
  }

  /** Every state of a Pod that was to be seen, one after the other; `removed` is no state. */
  statesOf(name: string): Pod[] {
    const fullName = `${name}-${this.#node.name}`;
    return this.words
      .flatMap((line) => (line.type === 'list' ? line.pods : line.type === 'pod' ? [line.pod] : []))
      .filter(({ metadata }) => metadata?.name === fullName);
  }

  /** How often the stream has begun. */
  get begun(): number {
    return this.words.filter(({ type }) => type === 'list').length;
  }

  async follow(): Promise<void> {
    while (!this.#over) {
      await this.#stream();
      await delay(againMs);
    }
  }

  async poll(): Promise<void> {
    let last = '';
    while (!this.#over) {
      const text = await this.#node.get('/pods').then(
        (response) => response.text(),
        () => last,
      );
      if (text !== last) this.polled.push((JSON.parse(text) as { items: Pod[] }).items);
      last = text;
      await delay(pollEveryMs);
    }
  }

  end(): void {
    this.#over = true;
    this.#asked?.destroy();
  }

  #stream(): Promise<void> {
    const socketPath = `${this.#node.root}/monopod.sock`;
    return new Promise((resolve) => {
      this.#asked = request({ socketPath, path: '/pods?watch=1', agent: false }, (response) => {
        let rest = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          const lines = `${rest}${chunk}`.split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) this.words.push(JSON.parse(line));
        });
        // Whoever kills monopod breaks it off.
        response.on('error', () => {}).once('close', resolve);
      });
      this.#asked.once('error', () => resolve()).end();
    });
  }
}

/** The stream, from now until the test ends. */
export async function published(t: TestContext, node: TestNode): Promise<Published> {
  const all = new Published(node);
  t.after(() => all.end());
  void all.follow();
  await until('the stream has begun', () => all.begun > 0);
  return all;
}

/**
 * What holds between any two states of a Pod, one after the other: a condition's time changes when its status does and
 * only then, and never goes back; what was accepted or started does not move; restarts are only added to.
 */
export function judge(states: Pod[]): void {
  for (const [index, after] of states.entries()) {
    const before = states[index - 1];
    if (!before || before.metadata?.uid !== after.metadata?.uid) continue;
    assert.equal(after.status?.startTime, before.status?.startTime);
    assert.equal(after.metadata?.creationTimestamp, before.metadata?.creationTimestamp);
    judgeConditions(before, after);
    judgeContainers(before, after);
  }
}

function judgeConditions(before: Pod, after: Pod): void {
  for (const was of before.status?.conditions ?? []) {
    const is = after.status?.conditions?.find(({ type }) => type === was.type);
    assert.ok(is, `${was.type} is gone`);
    const [wasAt, isAt] = [was, is].map((one) => Date.parse(`${one.lastTransitionTime}`));
    if (was.status === is.status) assert.equal(isAt, wasAt, `${was.type} has not turned`);
    else assert.ok((isAt ?? 0) >= (wasAt ?? 0), `${was.type} turned before it had`);
  }
}

const allOf = ({ status }: Pod) => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

function judgeContainers(before: Pod, after: Pod): void {
  for (const was of allOf(before)) {
    const is = allOf(after).find(({ name }) => name === was.name);
    assert.ok(is, `${was.name} is gone`);
    assert.ok(is.restartCount >= was.restartCount, `${was.name} has ${is.restartCount} restarts`);
    const same = is.containerID !== undefined && is.containerID === was.containerID;
    if (same && was.state?.running && is.state?.running) assert.deepEqual(is.state, was.state);
    if (is.ready && !(is.state?.running || is.state?.terminated?.exitCode === 0))
      assert.fail(`${is.name} is ready and does not run`);
  }
}
