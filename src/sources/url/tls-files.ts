// The files of certificates and key, read anew each time: who replaces them need not restart anything.
import { readFile } from 'node:fs/promises';
import { codeOf, explainFile } from '../directory/explain.ts';
import type { TlsFiles } from '../service.ts';
import type { Tls } from './request.ts';

const flags = {
  ca: '--manifest-url-ca-file',
  cert: '--manifest-url-client-cert-file',
  key: '--manifest-url-client-key-file',
} as const;

/** Answers with what is wrong, if anything is. */
export async function readTlsFiles(files: TlsFiles): Promise<Tls | string> {
  const tls: Tls = {};
  for (const kind of Object.keys(flags) as (keyof TlsFiles)[]) {
    const path = files[kind];
    if (path === undefined) continue;
    try {
      tls[kind] = await readFile(path, 'utf8');
    } catch (error) {
      const code = codeOf(error);
      return `${flags[kind]} ${path} ${code === 'ENOENT' ? 'does not exist' : explainFile(code)}`;
    }
    const wanted = kind === 'key' ? 'PRIVATE KEY' : 'CERTIFICATE';
    // Node takes a file without any certificate for a list of none.
    if (!tls[kind].includes(`${wanted}-----`))
      return `${flags[kind]} ${path} has no ${wanted.toLowerCase()} (PEM)`;
  }
  return tls;
}
