// Typed calls over a port: answers, errors, the end of the other side, trace context, ports handed over.
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { context, trace } from '@opentelemetry/api';
import { type Connection, connect, serve, ThreadGoneError, transfer } from '../../src/actors/call.ts';
import { systemClock } from '../../src/clock.ts';
import { startRecording } from '../../src/telemetry/recorder.ts';

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

function linked<Api extends object>(api: Api): Connection<Api> {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  serve(port1, api);
  return connect<Api>(port2);
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Gauge {
  #level = 1;
  add(by: number) {
    this.#level += by;
    return this.#level;
  }
}

test('a call answers, with `this` as its own side knows it; data goes as it is', async () => {
  const { remote } = linked({
    echo: (value: unknown) => value,
    later: async (value: number) => {
      await settled();
      return value + 1;
    },
    nothing: () => undefined,
  });
  const value = { a: [1, undefined, new Map([['k', new Set([1n])]])], b: null };
  assert.deepEqual(await remote.echo(value), value);
  assert.equal(await remote.later(1), 2);
  assert.equal(await remote.nothing(), undefined);
  assert.equal(await linked(new Gauge()).remote.add(2), 3);
});

test('answers find their calls, in whatever order they come', async () => {
  const waiting: ((value: string) => void)[] = [];
  const { remote } = linked({ ask: (_: number) => new Promise<string>((resolve) => waiting.push(resolve)) });
  const [first, second] = [remote.ask(1), remote.ask(2)];
  while (waiting.length < 2) await settled();
  waiting[1]?.('two');
  assert.equal(await second, 'two');
  waiting[0]?.('one');
  assert.equal(await first, 'one');
});

test('what the other side throws arrives as an error, and the next call is answered', async () => {
  const { remote } = linked({
    now: () => {
      throw new RangeError('too far');
    },
    later: async () => {
      throw new TypeError('wrong');
    },
    fine: () => 1,
  });
  await assert.rejects(remote.now(), { name: 'RangeError', message: 'too far' });
  await assert.rejects(remote.later(), { name: 'TypeError', message: 'wrong' });
  assert.equal(await remote.fine(), 1);
});

test('a call that the other side does not know is refused', async () => {
  const { remote } = linked({ known: () => {} });
  await assert.rejects(
    (remote as unknown as { unknown(): Promise<void> }).unknown(),
    /no such call: unknown/,
  );
});

test('arguments that cannot be sent reject the call, and leave nothing pending', async () => {
  const { remote } = linked({ take: (_: unknown) => 'taken' });
  await assert.rejects(
    remote.take(() => {}),
    /could not be cloned/,
  );
  assert.equal(await remote.take(1), 'taken');
});

test('close rejects all pending and later calls with the reason', async () => {
  const connection = linked({ never: () => new Promise<void>(() => {}) });
  const pending = [connection.remote.never(), connection.remote.never()];
  await settled();
  connection.close('the pod thread has ended: boom');
  connection.close('again');
  for (const call of [...pending, connection.remote.never()])
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof ThreadGoneError);
      assert.equal(error.message, 'the pod thread has ended: boom');
      return true;
    });
});

test('calls that were answered before the close stay answered', async () => {
  const connection = linked({ quick: () => 7 });
  const answer = connection.remote.quick();
  assert.equal(await answer, 7);
  connection.close('gone');
  assert.equal(await answer, 7);
});

test('a remote may be awaited or returned from an async function without being called', async () => {
  const { remote } = linked({ real: () => 1 });
  const same = await (async () => remote)();
  assert.equal(await same.real(), 1);
});

test('the trace context travels with the call, each call its own', async () => {
  const recording = startRecording({ thread: 'test', sink: () => {}, clock: systemClock });
  try {
    const seen = async () => {
      await settled();
      return trace.getSpanContext(context.active())?.spanId;
    };
    const { remote } = linked({ seen });
    const spans = ['a', 'b'].map((name) => trace.getTracer('t').startSpan(name));
    const answers = spans.map((span) =>
      context.with(trace.setSpan(context.active(), span), () => remote.seen()),
    );
    assert.deepEqual(
      await Promise.all(answers),
      spans.map((span) => span.spanContext().spanId),
    );
    assert.equal(await remote.seen(), undefined, 'none where there is none');
  } finally {
    recording.stop();
  }
});

test('ports are handed over, and work from the other side', async () => {
  const { remote } = linked({
    take: (port: MessagePort, word: string) => {
      ports.push(port);
      port.postMessage(`${word} from there`);
    },
  });
  const { port1, port2 } = new MessageChannel();
  ports.push(port1);
  const heard = new Promise((resolve) => port1.once('message', resolve));
  await remote.take(transfer(port2, [port2]), 'hello');
  assert.equal(await heard, 'hello from there');
});
