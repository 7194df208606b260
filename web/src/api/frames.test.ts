// @vitest-environment node
import { compile } from "json-schema-to-typescript";
import { expect, test } from "vitest";
import schema from "../../frames.schema.json";
import written from "./frames.gen.ts?raw";

test("frames.gen.ts is what `npm run types` makes of the schema", async () => {
  const made = await compile(structuredClone(schema) as object, "", {
    additionalProperties: false,
    unreachableDefinitions: true,
  });
  expect(written.trim()).toBe(made.trim());
});
