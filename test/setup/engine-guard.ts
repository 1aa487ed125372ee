// Waits, in a process of its own, until whoever started the private engine is done or dead (its pipe closes), then
// removes the engine. Usage: engine-guard.ts DIRECTORY
import { removeEngineDirectory } from './remove-engine.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.stdin.resume();
process.stdin.once('close', () => {
  void removeEngineDirectory(process.argv[2] ?? '');
});
