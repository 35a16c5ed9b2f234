// Asks the language server of Even Better TOML, as an editor does, about a starter whose first line names its schema.
//   node editor.mjs MODULES CONFIG
// CONFIG is a fresh depth.toml of vgrun init with vgrun.schema.json beside it; its text is changed here alone.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [modules, config] = process.argv.slice(2);
const { TaploLsp } = createRequire(path.join(modules, "here.js"))("@taplo/lsp");

let asked = 0;
const waiting = new Map();
let found = () => {};
const offline = () => Promise.reject(new Error("no test asks the network"));
const server = await TaploLsp.initialize(
    {
        now: () => new Date(),
        envVar: () => undefined,
        envVars: () => [],
        stdErrAtty: () => false,
        stdin: process.stdin,
        stdout: process.stdout,
        // It is told of handlers, and that there is no network.
        stderr: (bytes) => Promise.resolve(bytes.length),
        glob: () => [],
        readFile: (file) => fs.promises.readFile(file),
        writeFile: offline,
        urlToFilePath: (url) => fileURLToPath(url),
        isAbsolute: (file) => path.isAbsolute(file),
        cwd: () => process.cwd(),
        findConfigFile: () => undefined,
        fetch: { fetch: offline, Headers, Request, Response },
    },
    {
        onMessage(message) {
            if (message.method && message.id !== undefined) {
                const items = message.params?.items;
                server.send({ jsonrpc: "2.0", id: message.id, result: items ? items.map(() => null) : null });
            } else if (message.id !== undefined) {
                waiting.get(message.id)(message.result);
            } else if (message.method === "textDocument/publishDiagnostics") {
                found(message.params.diagnostics.map((diagnostic) => diagnostic.message));
            }
        },
    },
);
const tell = (method, params) => server.send({ jsonrpc: "2.0", method, params });
const ask = (method, params) =>
    new Promise((answer) => {
        waiting.set(++asked, answer);
        server.send({ jsonrpc: "2.0", id: asked, method, params });
    });

const root = pathToFileURL(path.dirname(path.resolve(config))).href;
const uri = pathToFileURL(path.resolve(config)).href;
await ask("initialize", { processId: null, rootUri: root, capabilities: {}, workspaceFolders: [{ uri: root, name: "test" }] });
tell("initialized", {});

const original = fs.readFileSync(config, "utf8");
let version = 0;
let text;
// Shows the server the config with `from` in it as `to`.
function open(from = "", to = "") {
    assert(original.includes(from), `there is no ${from}`);
    text = original.replace(from, to);
    const textDocument = { uri, languageId: "toml", version: ++version };
    if (version === 1) tell("textDocument/didOpen", { textDocument: { ...textDocument, text } });
    else tell("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
}
// The place behind the first `after` letters of `words`.
function at(words, after) {
    const before = text.slice(0, text.indexOf(words) + after).split("\n");
    return { textDocument: { uri }, position: { line: before.length - 1, character: before.at(-1).length } };
}
const hover = async (words, after) => (await ask("textDocument/hover", at(words, after)))?.contents.value ?? "";
const offered = async (words, after) => {
    const items = (await ask("textDocument/completion", at(words, after))) ?? [];
    return new Map(items.map((item) => [item.label, item.documentation?.value ?? ""]));
};
// The next diagnostics that are what is waited for; the server may say that nothing is wrong before it has the schema.
const diagnosed = (is) => new Promise((resolve) => (found = (messages) => is(messages) && resolve(messages)));

let expected = diagnosed((messages) => messages.some((message) => message.includes('"sigmod" is not one of')));
open('"sigmoid", "relu"', '"sigmod", "relu"');
assert.match((await expected).join(), /"linear","sigmoid","tanh"/);

expected = diagnosed((messages) => messages.some((message) => message.includes("widht")));
open("width = 64", "widht = 64");
await expected;

expected = diagnosed((messages) => messages.length === 0);
open();
await expected;
assert.match(await hover("width = 64", 2), /^Units per hidden layer\..* Default: 64\.$/);
assert.match(await hover("model.activation = [", 8), /^The activation phi/);
assert.match(await hover("learning_rate", 3), /Default: 0\.02\.$/);
assert.deepEqual([...(await offered('"sgd"', 3)).keys()], ['"sgd"', '"momentum"', '"rmsprop"', '"adam"', '"adamw"']);

open('"sigmoid", "relu"', '"sigmoid", ');
const names = await offered('"sigmoid", ', 11);
assert.equal(names.get('"relu"'), "max(u, 0)");
// Eleven activations, of which silu has another name.
assert.equal(names.get('"swish"'), "the same as silu");
assert.equal(names.size, 12);

open("[run.model]\n", "[run.model]\nbatch\n");
const keys = await offered("[run.model]\nbatch", 17);
assert.match(keys.get("batch_norm"), /^Batch norm before every activation/);
assert(!keys.has("width"), "it is there already");
console.log("an editor explains, offers and checks keys and names of a starter");
process.exit(0);
