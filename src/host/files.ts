// The file calls of a Pod thread, as promises over Node's callbacks: `node:fs/promises` brings file watchers and readline
// along, 0.4 MB in each of them.
import fs from 'node:fs';
import { promisify } from 'node:util';

export const { constants } = fs;

/** Not among Node's constants: names what is there, a link as well, without opening it, so that no device or fifo notices. */
export const O_PATH = 0o10_000_000;

/** By which this process reaches what a descriptor names: from an open directory on, as Node has no openat. */
export const descriptorPath = (descriptor: number): string => `/proc/self/fd/${descriptor}`;

export const chmod = promisify(fs.chmod);
export const chown = promisify(fs.chown);
export const close = promisify(fs.close);
export const fchmod = promisify(fs.fchmod);
export const fstat = promisify(fs.fstat);
export const ftruncate = promisify(fs.ftruncate);
export const lchown = promisify(fs.lchown);
export const lstat = promisify(fs.lstat);
export const mkdir = promisify(fs.mkdir);
export const mkdtemp = promisify(fs.mkdtemp);
export const open = promisify(fs.open);
export const read = promisify(fs.read);
export const readdir = promisify(fs.readdir);
export const readFile = promisify(fs.readFile);
export const readlink = promisify(fs.readlink);
export const realpath = promisify(fs.realpath);
export const rename = promisify(fs.rename);
export const rm = promisify(fs.rm);
export const rmdir = promisify(fs.rmdir);
export const stat = promisify(fs.stat);
export const symlink = promisify(fs.symlink);
export const unlink = promisify(fs.unlink);
export const write = promisify(fs.write);
export const writeFile = promisify(fs.writeFile);
