/** How a balance lies in a bar: what is spent, what is held, what is free. Whole credits. */
export interface Balance {
  readonly total: number;
  readonly available: number;
  readonly held: number;
}

const WIDTH = 40;

/** `█` spent, `▒` held, `░` free. What is there at all takes at least one place, so that a small hold is seen. */
export const balanceBar = ({ total, available, held }: Balance, width = WIDTH): string => {
  const whole = Math.max(total, available + held, 1);
  const places = (credits: number) => (credits > 0 ? Math.max(1, Math.round((credits / whole) * width)) : 0);
  const heldPlaces = places(held);
  const spentPlaces = Math.min(places(whole - available - held), width - heldPlaces);
  return '█'.repeat(spentPlaces) + '▒'.repeat(heldPlaces) + '░'.repeat(width - spentPlaces - heldPlaces);
};
