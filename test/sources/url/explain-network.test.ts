// What OpenSSL says, as Node hands it on, and what a person reads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainNetwork } from '../../../src/sources/url/explain-network.ts';

const said = (reason: string) =>
  `4033A4178B7F0000:error:0A000418:SSL routines:ssl3_read_bytes:${reason}:../deps/openssl/rec_layer_s3.c:918:SSL alert number 48\n`;

for (const [reason, shows] of [
  ['tlsv1 alert unknown ca', /does not trust the authority of the client certificate/],
  ['ssl/tls alert certificate expired', /says that the client certificate has expired/],
  ['sslv3 alert certificate revoked', /refuses the client certificate/],
  ['ssl/tls alert bad certificate', /refuses the client certificate/],
  ['ssl/tls alert handshake failure', /--manifest-url-client-cert-file/],
  ['wrong version number', /does not speak TLS/],
  ['tlsv1 alert protocol version', /version of TLS/],
  ['tlsv1 alert internal error', /^TLS fails: tlsv1 alert internal error$/],
] as const)
  test(reason, () => {
    const asCode = { code: `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`, message: said(reason) };
    assert.match(explainNetwork(asCode), shows);
    assert.equal(
      explainNetwork({ code: 'EPROTO', message: `write EPROTO ${said(reason)}` }),
      explainNetwork(asCode),
    );
    assert.doesNotMatch(explainNetwork(asCode), /4033A417|error:|deps/);
  });
