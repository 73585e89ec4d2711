/** Connect VS Code with the language server `ecs5lint --lsp`. */

import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";

import { checkedVersion, findExecutable } from "./executable";
import { type Host, Lifecycle, type Server } from "./lifecycle";

const LANGUAGES = ["json", "jsonc", "yaml", "terraform", "terraform-vars", "opentofu", "opentofu-vars", "hcl"];
const PATTERNS = ["**/*.{tf,tofu,hcl,tfvars,template}", "**/{ecs5lint,.ecs5lint,pyproject}.toml"];

let lifecycle: Lifecycle | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("ecs5lint", { log: true });
  const current = new Lifecycle(new Editor(log));
  lifecycle = current;
  context.subscriptions.push(
    log,
    vscode.commands.registerCommand("ecs5lint.restart", () => current.restart()),
    vscode.commands.registerCommand("ecs5lint.showLog", () => log.show()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => current.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("ecs5lint.enable") || event.affectsConfiguration("ecs5lint.executablePath")) {
        void current.restart();
      }
    }),
  );
  await current.restart();
}

export async function deactivate(): Promise<void> {
  await lifecycle?.stop();
}

class Editor implements Host {
  constructor(private readonly channel: vscode.LogOutputChannel) {}

  isEnabled(): boolean {
    return settings().get("enable", true);
  }

  async start(): Promise<Server> {
    // A folder that the user does not trust must not bring the program that runs.
    const folders = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : [];
    const paths = folders.filter((folder) => folder.uri.scheme === "file").map((folder) => folder.uri.fsPath);
    const executable = findExecutable(settings().get("executablePath", ""), paths);
    const version = await checkedVersion(executable);
    this.log(`Starting ${executable}, version ${version}`);
    const server: ServerOptions = { command: executable, args: ["--lsp"] };
    const options: LanguageClientOptions = {
      documentSelector: [
        ...LANGUAGES.map((language) => ({ scheme: "file", language })),
        ...PATTERNS.map((pattern) => ({ scheme: "file", pattern })),
      ],
      outputChannel: this.channel,
    };
    const client = new LanguageClient("ecs5lint", "ecs5lint", server, options);
    await client.start();
    return { stop: () => client.dispose() };
  }

  showError(message: string): void {
    void vscode.window.showErrorMessage(message, "Show the log").then((choice) => {
      if (choice !== undefined) {
        this.channel.show();
      }
    });
  }

  log(message: string): void {
    this.channel.info(message);
  }
}

function settings(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("ecs5lint");
}
