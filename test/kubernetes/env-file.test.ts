// One variable of an env file.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { envFileValue } from '../../src/kubernetes/env-file.ts';

const invalid = (line: number, why: string) => `invalid environment variable format at line ${line}: ${why}`;

for (const [what, text, expected] of [
  ['a value', "KEY='value'\n", 'value'],
  ['without an end of line', "KEY='value'", 'value'],
  ['blanks before it, other keys around it', "A='1'\n \t KEY='value'\nB='2'", 'value'],
  ['blank lines and comments', "\n  \n# KEY='no'\n  # more\nKEY='value'\n", 'value'],
  ['the first of two', "KEY='one'\nKEY='two'\n", 'one'],
  ['a comment behind it', "KEY='value' # KEY='no'", 'value'],
  ['a # right behind it', "KEY='value'#x", 'value'],
  ['a # in it', "KEY='a#b'", 'a#b'],
  ['an = in it', "KEY='a=b=c'", 'a=b=c'],
  ['nothing in it is expanded', 'KEY=\'$HOME $(X) \\n \\\\ "x"\'', '$HOME $(X) \\n \\\\ "x"'],
  ['blanks in it stay', "KEY='  a  '", '  a  '],
  [
    'several lines, comments and keys in it',
    "KEY='one\n\n # two\nA=3\n  four '\nA='x'",
    'one\n\n # two\nA=3\n  four ',
  ],
  ['several lines of another key', "A='\nKEY=no\n'\nKEY='value'", 'value'],
  ['beyond ASCII', "KEY='é 中 🌍'", 'é 中 🌍'],
] as const) {
  test(`${what}, as a shell that sources it`, () => {
    assert.deepEqual(envFileValue(text, 'KEY'), { value: expected });
    const shell = 'eval "$1"; printf %s "$KEY"';
    if (what !== 'the first of two' && what !== 'a # right behind it')
      assert.equal(execFileSync('sh', ['-c', shell, 'sh', text], { encoding: 'utf8' }), expected);
  });
}

test('lines may end in CRLF', () =>
  assert.deepEqual(envFileValue("# c\r\nKEY='one\r\ntwo'\r\n", 'KEY'), { value: 'one\ntwo' }));

for (const [what, text] of [
  ['no such key', "A='1'\n"],
  ['an empty file', ''],
  ['an empty value', "KEY=''"],
  ['a blank behind the =, which is an empty value to a shell', "KEY= 'value'"],
  ['part of another key', "MY_KEY='1'\nKEYS='2'"],
] as const) {
  test(`${what}: nothing`, () => assert.deepEqual(envFileValue(text, 'KEY'), { value: '' }));
}

for (const [text, problem] of [
  ['A\n', invalid(1, "missing '='")],
  ["\nKEY ='x'", invalid(2, "whitespace before '=' is not allowed")],
  ["='x'", invalid(1, 'empty variable name')],
  ["  ='x'", invalid(1, 'empty variable name')],
  ['A=x', invalid(1, 'value must be enclosed in single quotes')],
  ['A="x"', invalid(1, 'value must be enclosed in single quotes')],
  ['A=', invalid(1, 'value must be enclosed in single quotes')],
  ["A='x'y", invalid(1, 'unexpected content after closing quote')],
  ["A='x''y'", invalid(1, 'unexpected content after closing quote')],
  ["A='x\ny'z\n", invalid(2, 'unexpected content after closing quote')],
  ["A='1'\nB='x\ny", 'invalid environment variable format starting at line 2: unclosed single quote'],
  [`#${'x'.repeat(65_535)}\nKEY='value'`, 'line 1 is longer than 65535 bytes'],
] as const) {
  test(`${JSON.stringify(text.slice(0, 20))} is refused, by its line alone`, () =>
    assert.deepEqual(envFileValue(text, 'KEY'), { problem }));
}

test('what stands behind the key is not looked at', () =>
  assert.deepEqual(envFileValue("KEY='value'\nnonsense", 'KEY'), { value: 'value' }));

test('a line as long as a scanner takes', () => {
  const text = `A='1'\n#${'x'.repeat(65_534)}\nKEY='value'`;
  assert.deepEqual(envFileValue(text, 'KEY'), { value: 'value' });
});
