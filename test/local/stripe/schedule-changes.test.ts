import { describe, expect, test } from 'vitest';
import { type Phase, scheduled } from './scheduled.ts';
import { key, START_MS } from './shop.ts';

const FIRST_END_S = Date.parse('2027-02-28T12:00:00Z') / 1000;

describe('a change of a schedule', () => {
  test.each([
    {
      it: 'no phase that says when it started',
      phases: (first: Phase) => [{ items: first.items }],
      says: /at least one phase with a `start_date`/,
    },
    {
      it: 'another start of the current phase',
      phases: (first: Phase) => [{ ...first, start_date: START_MS / 1000 + 1 }],
      says: /You can not modify the start date of the current phase/,
    },
    {
      it: 'another price in the current phase',
      phases: (first: Phase) => [{ ...first, items: [{ price: 'price_starter' }] }],
      says: /changes no phase that has begun/,
    },
    {
      it: 'an end of the current phase within the period',
      phases: (first: Phase) => [{ ...first, end_date: FIRST_END_S - 1 }, { items: [{ price: 'price_starter' }] }],
      says: /at the end of a period only/,
    },
    {
      it: 'a gap',
      phases: (first: Phase) => [first, { items: [{ price: 'price_starter' }], start_date: FIRST_END_S + 1 }],
      says: /at the end of the one before/,
    },
    {
      it: 'an end before its start',
      phases: (first: Phase) => [first, { items: [{ price: 'price_starter' }], end_date: FIRST_END_S }],
      says: /must be after its start date/,
    },
    {
      it: 'an end and a duration',
      phases: (first: Phase) => [
        first,
        { items: [{ price: 'price_starter' }], end_date: FIRST_END_S + 1, duration: { interval: 'month' as const } },
      ],
      says: /only specify one of these parameters/,
    },
    {
      it: 'a price that is not there',
      phases: (first: Phase) => [first, { items: [{ price: 'price_x' }] }],
      says: /No such price/,
    },
    {
      it: 'a price paid once',
      phases: (first: Phase) => [first, { items: [{ price: 'price_pack' }] }],
      says: /type=recurring/,
    },
    {
      it: 'two changes',
      phases: (first: Phase) => [first, { items: first.items }, { items: first.items }],
      says: /one after it/,
    },
  ])('with $it is refused whole', async ({ phases, says }) => {
    const { shop, schedules, schedule, first } = await scheduled();
    await shop.news();
    await expect(schedules.update(schedule.id, { phases: phases(first), metadata: { a: 'b' } }, key())).rejects.toThrow(
      says,
    );
    expect(await schedules.retrieve(schedule.id)).toEqual(schedule);
    expect(await shop.news()).toEqual([]);
  });

  test('after its release is refused', async () => {
    const { schedules, schedule, downTo } = await scheduled();
    await schedules.release(schedule.id, {}, key());
    await expect(downTo('price_starter')).rejects.toMatchObject({ statusCode: 400 });
  });

  test('of one that is not there is 404', async () => {
    const { schedules } = await scheduled();
    await expect(schedules.retrieve('sub_sched_x')).rejects.toMatchObject({ statusCode: 404 });
    await expect(schedules.create({ from_subscription: 'sub_x' }, key())).rejects.toMatchObject({
      param: 'from_subscription',
    });
  });
});
