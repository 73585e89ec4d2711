import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { checkedVersion, findExecutable, isOlder, Unusable } from "../src/executable";

const directory = mkdtempSync(join(tmpdir(), "ecs5lint-"));

function program(path: string, output: string): string {
  const full = join(directory, path);
  mkdirSync(join(full, ".."), { recursive: true });
  writeFileSync(full, `#!/bin/sh\necho '${output}'\n`);
  chmodSync(full, 0o755);
  return full;
}

test("the executable is the configured one, that of the folder, or that in the PATH", () => {
  const configured = program("own/lint", "");
  const inFolder = program("folder/.venv/bin/ecs5lint", "");
  const inPath = program("bin/ecs5lint", "");
  const folder = join(directory, "folder");
  const path = `:${join(directory, "none")}:${join(directory, "bin")}`;
  assert.equal(findExecutable(configured, [folder], path), configured);
  assert.equal(findExecutable("${workspaceFolder}/../own/lint", [folder], path), `${folder}/../own/lint`);
  assert.equal(findExecutable("", [folder], path), inFolder);
  assert.equal(findExecutable(" ", [], path), inPath);
  assert.throws(() => findExecutable("", [], ""), /pipx install/);
  assert.throws(() => findExecutable("~/none/ecs5lint", [], path), Unusable);
  assert.throws(() => findExecutable(directory, [], path), /is no executable/);
});

test("a version is compared by its numbers", () => {
  assert.equal(isOlder("0.9.0", "0.10.0"), true);
  assert.equal(isOlder("1.0.0", "0.10.5"), false);
  assert.equal(isOlder("0.1.0", "0.1.0"), false);
});

test("another program, an old one and a broken one are refused", async () => {
  assert.equal(await checkedVersion(program("good", "ecs5lint 0.2.0")), "0.2.0");
  await assert.rejects(checkedVersion(program("old", "ecs5lint 0.0.9")), /version 0.0.9. The extension needs/);
  await assert.rejects(checkedVersion(program("other", "lint 9")), /is not ecs5lint/);
  await assert.rejects(checkedVersion(join(directory, "none")), /does not run/);
});
