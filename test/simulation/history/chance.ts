import { createRandom } from '../random.ts';

/** A source of chance for one purpose within one history: what another draws does not change it. */
export const chanceOf = (seed: number, purpose: number): (() => number) =>
  createRandom(Math.imul(seed ^ (purpose * 0x9e3779b1), 0x85ebca6b) + Math.floor(seed / 2 ** 32) + purpose);

/**
 * What the process draws of the operating system's chance, from now on, comes from a seed: an estimate's run id is made of it. A global of
 * the process like its clock, not a module of ours.
 */
export const seedProcess = (random: () => number): void => {
  const fill = <T extends ArrayBufferView | null>(view: T): T => {
    if (view instanceof Uint8Array) for (let at = 0; at < view.length; at++) view[at] = Math.floor(random() * 256);
    return view;
  };
  Object.defineProperty(globalThis.crypto, 'getRandomValues', { value: fill, configurable: true, writable: true });
};
