// Every rule that is watched while a life goes on.
import { asking } from './asking.ts';
import { backOff } from './back-off.ts';
import { publishing } from './publishing.ts';
import { readiness } from './readiness.ts';
import type { MakeRule } from './rule.ts';
import { starting } from './starting.ts';
import { stopping } from './stopping.ts';

export const RULES: MakeRule[] = [starting, stopping, asking, backOff, publishing, readiness];
