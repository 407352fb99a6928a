import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalog } from '../../lib/catalog/catalog.ts';
import { parseToolInput } from '../../lib/catalog/tool-input.ts';
import { parseUsage } from '../../lib/catalog/tool-usage.ts';
import type { Pricing, Tool } from '../../lib/domain/catalog.ts';
import { costOf, highestOf, MAX_QUANTITY, mostOf } from '../../lib/domain/price.ts';
import { isRefusal } from '../../lib/domain/refusal.ts';

const toolOf = (pricing: Pricing): Tool => ({
  id: 'made',
  code: 1,
  name: 'Made',
  model: 'M',
  pricing,
  exampleInput: {},
});

const fixed = toolOf({ kind: 'fixed', creditsPerCall: 3 });
const images = toolOf({
  kind: 'per_unit',
  unit: 'images',
  milliCreditsEach: 2500,
  maxUnits: 8,
  options: { resolution: { small: 50, large: 250 } },
});
const tokens = toolOf({
  kind: 'tokens',
  inputPerMillion: 60,
  outputPerMillion: 240,
  maxInputTokens: 1000,
  maxOutputTokens: 500,
  typicalOutputTokens: 100,
});
const agent = toolOf({
  kind: 'open_ended',
  baseCredits: 2,
  ceilingCredits: 60,
  typicalCredits: 12,
  meters: { steps: { milliCreditsEach: 800, max: 50 }, toolCalls: { milliCreditsEach: 500, max: 100 } },
});

const large = { resolution: 'large' };
const unknown = 'is not known here';
const required = 'is required';
const unitsFault = 'must be a whole number from 1 to 8';
const choiceFault = 'must be one of small, large';

type Row = [name: string, tool: Tool, value: unknown, faults: [path: string, message: string][]];

const refusalOf = (faults: Row[3]) => ({
  refused: 'validation_failed',
  faults: faults.map(([path, message]) => ({ path, message })),
});

describe('an input is refused at the path of its fault', () => {
  it.each<Row>([
    ['nothing', images, undefined, [['input', required]]],
    ['null', images, null, [['input', 'must be an object']]],
    ['a list', images, [], [['input', 'must be an object']]],
    ['a text', images, '{}', [['input', 'must be an object']]],
    ['a number', images, 5, [['input', 'must be an object']]],
    [
      'all missing',
      images,
      {},
      [
        ['input.resolution', required],
        ['input.images', required],
      ],
    ],
    ['a missing option', images, { images: 1 }, [['input.resolution', required]]],
    ['an unknown choice', images, { images: 1, resolution: 'huge' }, [['input.resolution', choiceFault]]],
    ['a choice by its percent', images, { images: 1, resolution: 50 }, [['input.resolution', choiceFault]]],
    [
      'a choice all objects have',
      images,
      { images: 1, resolution: 'constructor' },
      [['input.resolution', choiceFault]],
    ],
    ['the choice __proto__', images, { images: 1, resolution: '__proto__' }, [['input.resolution', choiceFault]]],
    ['no units', images, { ...large, images: 0 }, [['input.images', unitsFault]]],
    ['one unit too many', images, { ...large, images: 9 }, [['input.images', unitsFault]]],
    ['a negative', images, { ...large, images: -1 }, [['input.images', unitsFault]]],
    ['a fraction', images, { ...large, images: 1.5 }, [['input.images', unitsFault]]],
    ['a huge number', images, { ...large, images: 1e300 }, [['input.images', unitsFault]]],
    ['not a number', images, { ...large, images: Number.NaN }, [['input.images', unitsFault]]],
    ['an infinity', images, { ...large, images: JSON.parse('1e999') }, [['input.images', unitsFault]]],
    ['a number as text', images, { ...large, images: '1' }, [['input.images', unitsFault]]],
    ['a boolean', images, { ...large, images: true }, [['input.images', unitsFault]]],
    ['null for a number', images, { ...large, images: null }, [['input.images', unitsFault]]],
    ['a list of one number', images, { ...large, images: [1] }, [['input.images', unitsFault]]],
    ['a prompt', images, { ...large, images: 1, prompt: 'a cat' }, [['input.prompt', unknown]]],
    [
      '__proto__ from JSON',
      images,
      JSON.parse('{"images":1,"resolution":"large","__proto__":{"images":8}}'),
      [['input.__proto__', unknown]],
    ],
    [
      'units only by __proto__',
      images,
      JSON.parse('{"resolution":"large","__proto__":{"images":8}}'),
      [
        ['input.images', required],
        ['input.__proto__', unknown],
      ],
    ],
    ['constructor', images, { ...large, images: 1, constructor: 1 }, [['input.constructor', unknown]]],
    ['a key that is no name', images, { ...large, images: 1, 'a.b"]': 1 }, [['input["a.b\\"]"]', unknown]]],
    ['the empty key', images, { ...large, images: 1, '': 1 }, [['input[""]', unknown]]],
    [
      'several faults',
      images,
      { images: 0, resolution: 1, x: 1, y: 2 },
      [
        ['input.resolution', choiceFault],
        ['input.images', unitsFault],
        ['input.x', unknown],
        ['input.y', unknown],
      ],
    ],
    ['anything for a fixed price', fixed, { calls: 1 }, [['input.calls', unknown]]],
    ['__proto__ for a fixed price', fixed, JSON.parse('{"__proto__":null}'), [['input.__proto__', unknown]]],
    ['no tokens at all', tokens, {}, [['input.inputTokens', required]]],
    [
      'too long an input',
      tokens,
      { inputTokens: 1001 },
      [['input.inputTokens', 'must be a whole number from 0 to 1000']],
    ],
    [
      'no output allowed',
      tokens,
      { inputTokens: 1, outputTokens: 0 },
      [['input.outputTokens', 'must be a whole number from 1 to 500']],
    ],
    [
      'too much output',
      tokens,
      { inputTokens: 1, outputTokens: 501 },
      [['input.outputTokens', 'must be a whole number from 1 to 500']],
    ],
    [
      'a ceiling above the tool’s',
      agent,
      { maxCredits: 61 },
      [['input.maxCredits', 'must be a whole number from 2 to 60']],
    ],
    [
      'a ceiling below the base',
      agent,
      { maxCredits: 1 },
      [['input.maxCredits', 'must be a whole number from 2 to 60']],
    ],
    ['too many steps foreseen', agent, { steps: 51 }, [['input.steps', 'must be a whole number from 0 to 50']]],
    ['an unknown meter', agent, { seconds: 5 }, [['input.seconds', unknown]]],
  ])('%s', (_, tool, value, faults) => {
    expect(parseToolInput(tool, value)).toEqual(refusalOf(faults));
  });

  it('names no more than ten unknown keys, and none at full length', () => {
    const hostile = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`${index}${'x'.repeat(5000)}`, 1]));
    expect(JSON.stringify(parseToolInput(images, hostile)).length).toBeLessThan(3000);
    expect(parseToolInput(images, hostile)).toMatchObject({ faults: expect.objectContaining({ length: 10 }) });
  });

  it('begins its paths as it is told', () => {
    expect(parseToolInput(fixed, [], 'tools[2].exampleInput')).toEqual(
      refusalOf([['tools[2].exampleInput', 'must be an object']]),
    );
  });
});

describe('a usage is refused at the path of its fault', () => {
  const anyFault = `must be a whole number from 0 to ${MAX_QUANTITY}`;
  it.each<Row>([
    ['null', images, null, [['usage', 'must be an object']]],
    ['anything for a fixed price', fixed, { calls: 1 }, [['usage.calls', unknown]]],
    ['units missing', images, large, [['usage.images', required]]],
    ['negative units', images, { ...large, images: -1 }, [['usage.images', anyFault]]],
    ['more than can be', images, { ...large, images: MAX_QUANTITY + 1 }, [['usage.images', anyFault]]],
    ['a fraction', images, { ...large, images: 0.1 }, [['usage.images', anyFault]]],
    ['an option missing', images, { images: 1 }, [['usage.resolution', required]]],
    [
      '__proto__',
      tokens,
      JSON.parse('{"inputTokens":1,"outputTokens":1,"__proto__":1}'),
      [['usage.__proto__', unknown]],
    ],
    ['the output missing', tokens, { inputTokens: 1 }, [['usage.outputTokens', required]]],
    ['no meter', agent, {}, [['usage', 'must name at least one of steps, toolCalls']]],
    ['only the ceiling', agent, { maxCredits: 20 }, [['usage', 'must name at least one of steps, toolCalls']]],
    [
      'no ceiling that can be',
      agent,
      { maxCredits: 0, steps: 1 },
      [['usage.maxCredits', `must be a whole number from 1 to ${MAX_QUANTITY}`]],
    ],
    ['a text for a meter', agent, { steps: '3' }, [['usage.steps', anyFault]]],
  ])('%s', (_, tool, value, faults) => {
    expect(parseUsage(tool, value)).toEqual(refusalOf(faults));
  });
});

describe('what is right comes back as it was', () => {
  it.each<[string, typeof parseUsage, Tool, object]>([
    ['an input of a fixed price', parseToolInput, fixed, {}],
    ['a usage of a fixed price', parseUsage, fixed, {}],
    ['the most units', parseToolInput, images, { images: 8, resolution: 'small' }],
    ['no units used', parseUsage, images, { images: 0, resolution: 'small' }],
    ['more units used than allowed', parseUsage, images, { images: MAX_QUANTITY, resolution: 'large' }],
    ['an output left to the model', parseToolInput, tokens, { inputTokens: 0 }],
    ['the most tokens', parseToolInput, tokens, { inputTokens: 1000, outputTokens: 500 }],
    ['more tokens than allowed', parseUsage, tokens, { inputTokens: 1001, outputTokens: 0 }],
    ['an open end', parseToolInput, agent, {}],
    ['the lowest ceiling', parseToolInput, agent, { maxCredits: 2 }],
    ['the highest ceiling, work foreseen', parseToolInput, agent, { maxCredits: 60, steps: 50, toolCalls: 0 }],
    ['one meter', parseUsage, agent, { toolCalls: 101 }],
    ['a ceiling in a usage', parseUsage, agent, { maxCredits: 1, steps: 3 }],
  ])('%s', (_, parse, tool, value) => {
    expect(parse(tool, value)).toEqual(value);
  });
});

describe.each(catalog.tools.map((tool) => ({ ...tool })))('the catalog’s $id', (tool) => {
  it('takes its example as an input and as a usage, which costs no more than the estimate', () => {
    const input = parseToolInput(tool, tool.exampleInput);
    const usage = parseUsage(tool, tool.exampleInput);
    if (isRefusal(input) || isRefusal(usage)) expect.fail(JSON.stringify([input, usage]));
    expect([input, usage]).toEqual([tool.exampleInput, tool.exampleInput]);
    expect(costOf(tool.pricing, usage)).toBeLessThanOrEqual(mostOf(tool.pricing, input).credits);
  });

  it('refuses or prices whatever JSON it is sent, and throws at none', () => {
    const names = [...Object.keys(tool.exampleInput), 'maxCredits', '__proto__', 'constructor', 'prompt'];
    const value = fc.oneof(
      fc.nat({ max: 20 }),
      fc.jsonValue(),
      fc.constantFrom('1', ...Object.values(tool.exampleInput)),
    );
    const hostile = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...names), value));
    const almost = hostile.map((each) =>
      typeof each === 'object' && each !== null ? { ...tool.exampleInput, ...each } : each,
    );
    fc.assert(
      fc.property(fc.oneof(hostile, almost), (sent) => {
        const input = parseToolInput(tool, sent);
        if (!isRefusal(input)) expect(mostOf(tool.pricing, input).credits).toBeLessThanOrEqual(highestOf(tool.pricing));
        const usage = parseUsage(tool, sent);
        if (!isRefusal(usage)) expect(Number.isSafeInteger(costOf(tool.pricing, usage))).toBe(true);
      }),
    );
  });
});
