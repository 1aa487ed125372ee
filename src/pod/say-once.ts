// What each new try would say again is said once: a bounded memory of what was said, one a Pod's thread.
import type { LogFields } from '../telemetry/log.ts';

type Say = (message: string, fields: LogFields) => void;

/** A Pod has a few of them; its next version, told by its UID, may say the same again. */
const rememberedMax = 64;

export function sayOnce(say: Say): Say {
  const said = new Set<string>();
  return (message, fields) => {
    const what = `${fields.uid} ${message}`;
    if (said.has(what)) return;
    if (said.size >= rememberedMax) said.clear();
    said.add(what);
    say(message, fields);
  };
}
