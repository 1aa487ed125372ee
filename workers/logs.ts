// The logs thread: reads the log files of containers for whoever asks main for them. Lives while somebody does.
import { enter } from '../src/actors/thread.ts';
import { type LogsThread, serveLogs } from '../src/host/log-service.ts';

enter<Record<string, never>, LogsThread, undefined>(() => serveLogs());
