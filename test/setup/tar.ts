// A tar archive (ustar) in memory: what an image is imported from.

export type TarEntry = { path: string; mode?: number } & (
  | { type: 'directory' }
  | { type: 'file'; content: Buffer }
  | { type: 'link'; to: string }
);

const blockBytes = 512;
const typeFlag = { file: '0', link: '2', directory: '5' };
const defaultMode = { file: 0o644, link: 0o777, directory: 0o755 };

const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;

function header(entry: TarEntry): Buffer {
  const block = Buffer.alloc(blockBytes);
  const content = entry.type === 'file' ? entry.content.length : 0;
  block.write(entry.path, 0, 100);
  block.write(octal(entry.mode ?? defaultMode[entry.type], 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(content, 12), 124);
  block.write(octal(0, 12), 136);
  block.write('        ', 148);
  block.write(typeFlag[entry.type], 156);
  if (entry.type === 'link') block.write(entry.to, 157, 100);
  block.write('ustar\u000000', 257);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** Paths are relative and at most 100 bytes long; owned by root, dated 1970, so that equal entries make equal images. */
export function tar(entries: TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    if (entry.type !== 'file') return [header(entry)];
    const padding = Buffer.alloc((blockBytes - (entry.content.length % blockBytes)) % blockBytes);
    return [header(entry), entry.content, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)]);
}
