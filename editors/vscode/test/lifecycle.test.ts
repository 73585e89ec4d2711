import assert from "node:assert/strict";
import { test } from "node:test";

import { Unusable } from "../src/executable";
import { type Host, Lifecycle } from "../src/lifecycle";

class FakeHost implements Host {
  enabled = true;
  problem: Error | undefined;
  running = 0;
  most = 0;
  errors: string[] = [];
  logged: string[] = [];

  isEnabled(): boolean {
    return this.enabled;
  }

  async start() {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (this.problem) {
      throw this.problem;
    }
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    return {
      stop: async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        this.running -= 1;
      },
    };
  }

  showError(message: string): void {
    this.errors.push(message);
  }

  log(message: string): void {
    this.logged.push(message);
  }
}

test("overlapping restarts leave one server, and a stop none", async () => {
  const host = new FakeHost();
  const lifecycle = new Lifecycle(host);
  await Promise.all([lifecycle.restart(), lifecycle.restart(), lifecycle.restart()]);
  assert.deepEqual([host.running, host.most], [1, 1]);
  await Promise.all([lifecycle.restart(), lifecycle.stop()]);
  assert.deepEqual([host.running, host.most], [0, 1]);
});

test("a disabled server is stopped", async () => {
  const host = new FakeHost();
  const lifecycle = new Lifecycle(host);
  await lifecycle.restart();
  host.enabled = false;
  await lifecycle.restart();
  assert.equal(host.running, 0);
});

test("an error is shown, and the next restart is tried", async () => {
  const host = new FakeHost();
  const lifecycle = new Lifecycle(host);
  host.problem = new Unusable("ecs5lint is not installed.");
  await lifecycle.restart();
  host.problem = new Error("broken pipe");
  await lifecycle.restart();
  assert.deepEqual(host.errors, ["ecs5lint is not installed.", "ecs5lint could not be started: broken pipe"]);
  assert.deepEqual(host.logged, ["ecs5lint is not installed.", "broken pipe"]);
  host.problem = undefined;
  await lifecycle.restart();
  assert.equal(host.running, 1);
});
