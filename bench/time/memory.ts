import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Memory {
  /** Bytes that are still needed after a collection: the most that was ever seen. */
  readonly liveHeap: number;
  /** The most the process had of the machine. */
  readonly resident: number;
}

const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('gc');
  if (typeof found !== 'function') throw new Error('this Node has no collector to call');
  return () => void found();
};

const SAMPLE_MS = 200;

/** Watches this process from now on. `look` collects what is garbage and counts the rest. */
export const watchMemory = () => {
  const collect = collector();
  let liveHeap = 0;
  let resident = 0;
  const glance = () => {
    resident = Math.max(resident, process.memoryUsage.rss());
  };
  const timer = setInterval(glance, SAMPLE_MS);
  timer.unref();
  return {
    look: (): void => {
      glance();
      collect();
      liveHeap = Math.max(liveHeap, process.memoryUsage().heapUsed);
    },
    /** What was seen since the last time. */
    take: (): Memory => {
      glance();
      const seen = { liveHeap, resident };
      liveHeap = 0;
      resident = 0;
      return seen;
    },
    close: () => clearInterval(timer),
  };
};
