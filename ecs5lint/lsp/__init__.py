"""Serve an editor by the Language Server Protocol: `ecs5lint --lsp`.

`server` speaks the protocol. `folder` checks the texts that the editor holds, and `positions` converts positions.
The other modules turn a check into diagnostics, code actions and hovers.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""
