/** Start and stop the server. Operations wait for each other, so that overlapping restarts leave no server behind. */

import { Unusable } from "./executable";

/** A running server. */
export interface Server {
  stop(): Promise<void>;
}

/** What the editor provides. */
export interface Host {
  /** Tell whether the user wants the server. */
  isEnabled(): boolean;
  /** Find the executable, check it, and start it. */
  start(): Promise<Server>;
  /** Show an error to the user. */
  showError(message: string): void;
  log(message: string): void;
}

export class Lifecycle {
  private server: Server | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly host: Host) {}

  /** Start the server, or start it anew, if the user wants it. */
  restart(): Promise<void> {
    return this.then(async () => {
      await this.stopNow();
      if (this.host.isEnabled()) {
        this.server = await this.host.start();
      }
    });
  }

  stop(): Promise<void> {
    return this.then(() => this.stopNow());
  }

  /** Run an operation after all earlier ones, and show its error. */
  private then(operation: () => Promise<void>): Promise<void> {
    this.last = this.last.then(operation).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      this.host.log(message);
      this.host.showError(error instanceof Unusable ? message : `ecs5lint could not be started: ${message}`);
    });
    return this.last;
  }

  private async stopNow(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    await server?.stop();
  }
}
