// What a directory holds, for main as it starts: nothing where there is no such directory.
import { readdirSync } from 'node:fs';

export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
