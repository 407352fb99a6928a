import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { eventCatalog, FIELDS } from '../../lib/http/contract/events/event-catalog.ts';
import { eventExamples } from '../../lib/http/contract/events/event-examples.ts';
import { eventSchemas } from '../../lib/http/contract/events/event-schemas.ts';
import {
  describedEvents,
  eventsDocument,
  fieldsOf,
  jsonSchemaOf,
  rulePatternOf,
} from '../../lib/http/contract/events/events-document.ts';

const committed = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');

test('the committed docs/events.md is what the schemas say; where it is not: npm run events:doc', () => {
  expect(committed).toBe(eventsDocument());
});

test('every type has a schema, a description, and a section in the document', () => {
  expect(describedEvents().map(([type]) => type)).toEqual(Object.keys(eventSchemas));
  expect(Object.keys(eventCatalog)).toEqual(Object.keys(eventSchemas));
  for (const type of Object.keys(eventSchemas)) expect(committed).toContain(`\n## ${type}\n`);
});

describe.each(describedEvents())('%s', (type) => {
  const ajv = formats.default(new Ajv2020({ strict: true, allowUnionTypes: true }));
  const schema = jsonSchemaOf(type);
  const examples = eventExamples().filter((event) => event.type === type);

  test('has an example that its JSON schema takes, and takes with a field more: listeners must bear one', () => {
    const validate = ajv.compile(schema);
    expect(examples.length).toBeGreaterThan(0);
    for (const { detail } of examples) {
      expect(validate(JSON.parse(JSON.stringify(detail))), JSON.stringify(validate.errors)).toBe(true);
      expect(validate({ ...JSON.parse(JSON.stringify(detail)), later: 1 })).toBe(true);
      expect(validate({ ...JSON.parse(JSON.stringify(detail)), at: 'yesterday' })).toBe(false);
    }
  });

  test('has a rule that names its source and this type alone', () => {
    expect(rulePatternOf(type)).toEqual({ source: ['credits'], 'detail-type': [type] });
  });
});

test('no field is explained that is not there', () => {
  const forms = Object.keys(eventSchemas).flatMap((type) =>
    describedEvents().flatMap(([known]) => {
      const schema = jsonSchemaOf(known);
      const { anyOf } = schema;
      return known === type ? (Array.isArray(anyOf) ? anyOf : [schema]) : [];
    }),
  );
  const paths = new Set(forms.flatMap((form) => fieldsOf(form).map(({ path }) => path)));
  expect(Object.keys(FIELDS).filter((path) => !paths.has(path))).toEqual([]);
});
