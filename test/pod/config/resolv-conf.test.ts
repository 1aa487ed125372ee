// The node's resolv.conf is read as the kubelet reads it, and a Pod's written as containerd writes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResolvConf, resolvConfText } from '../../../src/pod/config/resolv-conf.ts';

const read = (text: string) => {
  const parsed = parseResolvConf(text);
  return 'config' in parsed ? parsed.config : assert.fail(parsed.problem);
};

test('servers add up; of search and options the last line holds; the rest is passed over', () => {
  const text = `# comment
; another
  nameserver\t192.0.2.1 # words
nameserver 2001:db8::1
domain example.org
search a.example b.example.
options timeout:1
  search c.example. . d.example
options ndots:2 rotate
sortlist 192.0.2.0
#nameserver 192.0.2.9`;
  assert.deepEqual(read(text), {
    servers: ['192.0.2.1', '2001:db8::1'],
    searches: ['c.example', '.', 'd.example'],
    options: ['ndots:2', 'rotate'],
  });
});

test('an empty file says nothing, an empty search takes the one before away', () => {
  assert.deepEqual(read(''), { servers: [], searches: [], options: [] });
  assert.deepEqual(read('search a\nsearch\n').searches, []);
  assert.deepEqual(read('nameserver 192.0.2.1\r\nsearch a\r\n'), {
    servers: ['192.0.2.1'],
    searches: ['a'],
    options: [],
  });
});

test('a nameserver line without one is refused', () => {
  assert.deepEqual(parseResolvConf('search a\nnameserver\n'), { problem: 'nameserver list is empty ' });
});

test('what is written has only the lines that say something', () => {
  assert.equal(
    resolvConfText({ servers: ['192.0.2.1', '::1'], searches: ['a', 'b'], options: ['ndots:5', 'rotate'] }),
    'search a b\nnameserver 192.0.2.1\nnameserver ::1\noptions ndots:5 rotate\n',
  );
  assert.equal(resolvConfText({ servers: ['::1'], searches: [], options: [] }), 'nameserver ::1\n');
  assert.equal(resolvConfText({ servers: [], searches: [], options: [] }), '');
});
