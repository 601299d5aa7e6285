import { decodeModel, encodeModel } from "@llm-learning/onnx";
import { describe, expect, test } from "vitest";
import { asJson, fixtureBytes, fixtureJson } from "./fixture.ts";

describe.each(["control_flow", "typed_fields", "external_data"])("a file of Python's onnx: %s", (name) => {
  test("is read as its own API reads it", () => {
    expect(asJson(decodeModel(fixtureBytes(name)))).toEqual(fixtureJson(name).model);
  });

  test("has the same content after being written again", () => {
    const model = decodeModel(fixtureBytes(name));
    expect(decodeModel(encodeModel(model))).toEqual(model);
  });
});
