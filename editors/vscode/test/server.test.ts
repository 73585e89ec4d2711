/** Start the real server, as the extension does. The variable ECS5LINT names the executable. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import {
  type CodeAction,
  CodeActionRequest,
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";

import { checkedVersion, findExecutable } from "../src/executable";

const TASK = '{"family": "web", "containerDefinitions": [{"name": "😀", "readonlyRootFilesystem": false}]}';

test("the server finds a finding and its fix", { timeout: 120_000 }, async () => {
  const executable = findExecutable(process.env["ECS5LINT"] ?? "", []);
  await checkedVersion(executable);
  const folder = mkdtempSync(join(tmpdir(), "ecs5lint-"));
  const uri = pathToFileURL(join(folder, "task.json")).toString();
  writeFileSync(join(folder, "task.json"), TASK);

  const server = spawn(executable, ["--lsp"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => server.on("exit", resolve));
  const connection = createProtocolConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  let arrived: (params: PublishDiagnosticsParams) => void = () => undefined;
  const next = () => new Promise<PublishDiagnosticsParams>((resolve) => (arrived = resolve));
  connection.onNotification(PublishDiagnosticsNotification.type, (params) => arrived(params));
  connection.listen();

  const { serverInfo } = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: null,
    capabilities: { workspace: { workspaceEdit: { documentChanges: true } } },
    workspaceFolders: [{ uri: pathToFileURL(folder).toString(), name: "folder" }],
  });
  assert.equal(serverInfo?.name, "ecs5lint");
  await connection.sendNotification(InitializedNotification.type, {});

  let published = next();
  await connection.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId: "json", version: 1, text: TASK },
  });
  const [finding] = (await published).diagnostics;
  assert.equal(finding?.code, "ECS5");
  // VS Code counts UTF-16 code units, as JavaScript does.
  assert.equal(finding?.range.start.character, TASK.indexOf("false"));

  const actions = await connection.sendRequest(CodeActionRequest.type, {
    textDocument: { uri },
    range: finding!.range,
    context: { diagnostics: [finding!], only: ["quickfix"] },
  });
  const fix = (actions as CodeAction[]).find((action) => action.isPreferred);
  const [change] = fix?.edit?.documentChanges ?? [];
  assert.ok(change && "edits" in change);
  assert.deepEqual(change.textDocument, { uri, version: 1 });

  published = next();
  await connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version: 2 },
    contentChanges: [{ text: TASK.replace("false", "true") }],
  });
  assert.deepEqual((await published).diagnostics, []);

  await connection.sendRequest(ShutdownRequest.type);
  await connection.sendNotification(ExitNotification.type);
  assert.equal(await ended, 0);
  connection.dispose();
});
