/** Find the executable of ecs5lint, and check its version. */

import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** The first version with a language server for this extension. */
export const MINIMUM_VERSION = "0.1.0";

/** The milliseconds to wait for an executable that only tells its version. */
const PATIENCE = 30_000;

const IS_WINDOWS = process.platform === "win32";
const NAME = IS_WINDOWS ? "ecs5lint.exe" : "ecs5lint";
const VERSION = /^ecs5lint (\d+)\.(\d+)\.(\d+)/;

/** An executable that can't be used. The message is for the user. */
export class Unusable extends Error {}

/**
 * Return the path of the executable: the configured one, or else the one in a virtual environment of a trusted folder,
 * or in the PATH.
 *
 * @throws Unusable if there is none.
 */
export function findExecutable(configured: string, folders: readonly string[], path = process.env["PATH"] ?? ""): string {
  if (configured.trim() !== "") {
    const expanded = expand(configured.trim(), folders);
    if (!isExecutable(expanded)) {
      throw new Unusable(`The setting ecs5lint.executablePath names ${expanded}, which is no executable.`);
    }
    return expanded;
  }
  const own = folders.flatMap((folder) => [".venv", "venv"].map((name) => join(folder, name, IS_WINDOWS ? "Scripts" : "bin")));
  const directories = [...own, ...path.split(delimiter).filter((directory) => directory !== "")];
  const found = directories.map((directory) => join(directory, NAME)).find(isExecutable);
  if (found === undefined) {
    throw new Unusable(
      "ecs5lint is not installed. Install it with pipx install 'ecs5lint[lsp]', or set ecs5lint.executablePath.",
    );
  }
  return found;
}

/**
 * Return the version of an executable.
 *
 * @throws Unusable if it does not run, is another program, or is too old.
 */
export async function checkedVersion(executable: string, minimum = MINIMUM_VERSION): Promise<string> {
  const output = await run(executable, ["--version"]);
  const found = VERSION.exec(output);
  if (found === null) {
    throw new Unusable(`${executable} is not ecs5lint: its --version is ${JSON.stringify(output.slice(0, 100))}.`);
  }
  const version = found.slice(1).join(".");
  if (isOlder(version, minimum)) {
    throw new Unusable(`${executable} is version ${version}. The extension needs ${minimum} or newer.`);
  }
  return version;
}

/** Tell whether a version is older than another one. */
export function isOlder(version: string, other: string): boolean {
  const [own, theirs] = [version, other].map((text) => text.split(".").map(Number));
  const index = own!.findIndex((number, at) => number !== theirs![at]);
  return index !== -1 && own![index]! < theirs![index]!;
}

function expand(path: string, folders: readonly string[]): string {
  const inFolder = path.replaceAll("${workspaceFolder}", folders[0] ?? ".");
  return inFolder.replace(/^~(?=$|[\\/])/, homedir());
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function run(executable: string, options: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(executable, options, { timeout: PATIENCE }, (error, stdout) => {
      if (error) {
        reject(new Unusable(`${executable} does not run: ${error.message}`));
      } else {
        resolve(stdout.trim());
      }
    });
  });
}
